// What ops on series share: how a channel is spread, noise along it, smooth curves, and the channel's own random stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "core/key.hpp"
#include "core/op.hpp"
#include "core/series.hpp"

namespace leaven::ops {

/// Of the values that are there.
struct ChannelSpread {
  std::size_t count{};
  double mean{}, std{}, lowest{}, highest{};
  double range() const { return highest - lowest; }
};
ChannelSpread spread_of(std::span<const double> values);

/// The same deviation and range alone.
double deviation_of(std::span<const double> values);
double range_of(std::span<const double> values);
/// The largest |value|; 0 of none.
double farthest_of(std::span<const double> values);

/// A list in braces would copy what a node holds.
inline Nodes only(Node node) {
  Nodes nodes;
  nodes.push_back(std::move(node));
  return nodes;
}

/// The stream of one channel, apart from those of others.
Key channel_key(Key key, std::size_t channel);

/// Standard normals, one a sample; any number of them.
std::vector<float> normals(Key key, std::size_t channel, std::size_t count);

/// Adds `size` times those.
void add_normals(Key key, std::size_t channel, double size, std::span<double> values);

/// Random words, uniform over 32 bits, one a sample, some at a time: take(first sample, words).
void each_word(Key key, std::size_t channel, std::size_t count, const std::function<void(std::size_t, std::span<const std::uint32_t>)>& take);

/// Room for an op to work in, kept by the thread: for short series asking the system would cost more than the work. What it
/// holds is good until the thread asks again.
std::span<double> scratch(std::size_t count);

/// A natural cubic spline through points that stand evenly from the first sample to the last, in scratch().
std::span<const double> smooth_curve(std::span<const double> points, std::size_t length);

/// Time pieces from input times, one a sample: straight between samples.
std::vector<TimePiece> pieces_through(std::span<const double> times);

/// Values of gaps in a straight line between their neighbours (the ends repeated); empty when nothing is there.
std::vector<double> without_gaps(std::span<const double> values);
/// Puts `filled` where `values` has a value: gaps stay gaps.
void put_where_present(std::span<double> values, std::span<const double> filled);

}  // namespace leaven::ops

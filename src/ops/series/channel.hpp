// What ops on series share: how a channel is spread, noise along it, smooth curves, and the channel's own random stream.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// The same mean and deviation alone.
double deviation_of(std::span<const double> values);
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

/// Random words, uniform over 32 bits, one a sample.
std::vector<std::uint32_t> random_words(Key key, std::size_t channel, std::size_t count);

/// A natural cubic spline through points that stand evenly from the first sample to the last.
std::vector<double> smooth_curve(const std::vector<double>& points, std::size_t length);

/// Time pieces from input times, one a sample: straight between samples.
std::vector<TimePiece> pieces_through(std::span<const double> times);

/// Values of gaps in a straight line between their neighbours (the ends repeated); empty when nothing is there.
std::vector<double> without_gaps(std::span<const double> values);
/// Puts `filled` where `values` has a value: gaps stay gaps.
void put_where_present(std::span<double> values, std::span<const double> filled);

}  // namespace leaven::ops

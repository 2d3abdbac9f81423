// Where the samples of a chain of time maps come from, and what goes along with them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/series.hpp"

namespace leaven::plan {

/// Input time, in samples, of a time of the map's output.
double input_time(const TimeMap& map, double out);

/// Stamps after a map; empty where there are none. `stamps` are those before.
std::vector<double> stamps_after(const TimeMap& map, const std::vector<double>& stamps);

/// The time in samples at which a series with these stamps is at `stamp`, and back; the identity where there are none.
double sample_time_of(const std::vector<double>& stamps, double stamp);
double stamp_at(const std::vector<double>& stamps, double time);

/// 1 where time jumps between a sample and the one before it, so that what lies between is not shown.
using Jumps = std::vector<std::uint8_t>;
/// Adds those that the map makes; `out` are the times of the samples in its output.
void add_jumps(const TimeMap& map, std::span<const double> out, Jumps& jumps);
/// Those of a move of which no more is known: where time runs back, or faster than two series can be warped.
Jumps jumps_in(std::span<const double> from);

/// Marks after a move: sample i shows what stands nearest to `from[i]`; an event goes to the nearest sample wherever
/// time passes it, which is once unless blocks repeat, and is lost where time jumps over it.
std::vector<SeriesMarks> moved_marks(const std::vector<SeriesMarks>& marks, std::span<const double> from, const Jumps& jumps);

}  // namespace leaven::plan

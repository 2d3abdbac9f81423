// Where the samples of a chain of time maps come from, and what goes along with them.
#pragma once

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

/// Marks after a move: sample i shows what stands nearest to `from[i]`; an event goes to the one sample nearest to it, and is
/// lost where none is within one sample of what the output shows.
std::vector<SeriesMarks> moved_marks(const std::vector<SeriesMarks>& marks, std::span<const double> from);

}  // namespace leaven::plan

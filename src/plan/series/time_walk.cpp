#include "plan/series/time_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace leaven::plan {

namespace {

std::size_t nearest(double time, std::size_t length) {
  return static_cast<std::size_t>(std::clamp(std::floor(time + 0.5), 0.0, static_cast<double>(length) - 1));
}

void move_event(const SeriesMarks& marks, std::size_t at, std::span<const double> from, SeriesMarks& moved) {
  double least = std::numeric_limits<double>::infinity();
  std::size_t best = 0;
  for (std::size_t i = 0; i < from.size(); ++i)
    if (const double away = std::fabs(from[i] - static_cast<double>(at)); away < least) {
      least = away;
      best = i;
    }
  // A faster stretch steps over samples: what lies between two that are shown went by between them.
  double step = 1;
  if (best > 0) step = std::max(step, std::fabs(from[best] - from[best - 1]));
  if (best + 1 < from.size()) step = std::max(step, std::fabs(from[best + 1] - from[best]));
  const bool at_an_end = best == 0 || best + 1 == from.size();
  if (least <= (at_an_end ? 0.5 : step / 2) && moved.words[best].empty()) moved.words[best] = marks.words[at];
}

}  // namespace

double input_time(const TimeMap& map, double out) {
  const auto after = std::upper_bound(map.pieces.begin(), map.pieces.end(), out,
                                      [](double time, const TimePiece& piece) { return time < piece.out; });
  const TimePiece& piece = after == map.pieces.begin() ? map.pieces.front() : *std::prev(after);
  return piece.in + piece.slope * (out - piece.out);
}

double stamp_at(const std::vector<double>& stamps, double time) { return stamps.empty() ? time : value_at(stamps, time); }

double sample_time_of(const std::vector<double>& stamps, double stamp) {
  if (stamps.empty()) return stamp;
  const auto after = std::upper_bound(stamps.begin(), stamps.end(), stamp);
  if (after == stamps.begin()) return 0;
  if (after == stamps.end()) return static_cast<double>(stamps.size()) - 1;
  const double below = *std::prev(after);
  return static_cast<double>(after - stamps.begin()) - 1 + (stamp - below) / (*after - below);
}

std::vector<double> stamps_after(const TimeMap& map, const std::vector<double>& stamps) {
  if (stamps.empty() || map.stamps == TimeMap::Stamps::stay) return stamps;
  std::vector<double> after(map.length);
  if (stamps.size() == 1) {  // no distance is known: one each, so that stamps ascend
    for (std::size_t i = 0; i < map.length; ++i) after[i] = stamps[0] + static_cast<double>(i);
    return after;
  }
  for (std::size_t i = 0; i < map.length; ++i) after[i] = value_at(stamps, input_time(map, static_cast<double>(i)));
  if (map.stamps == TimeMap::Stamps::mirror) {
    const double sum = stamps.front() + stamps.back();
    for (double& stamp : after) stamp = sum - stamp;
  }
  return after;
}

std::vector<SeriesMarks> moved_marks(const std::vector<SeriesMarks>& marks, std::span<const double> from) {
  std::vector<SeriesMarks> moved;
  for (const SeriesMarks& column : marks) {
    SeriesMarks& to = moved.emplace_back(SeriesMarks{column.events, std::vector<std::string>(from.size())});
    for (std::size_t i = 0; i < from.size() && !column.events; ++i) to.words[i] = column.words[nearest(from[i], column.words.size())];
    for (std::size_t at = 0; at < column.words.size() && column.events; ++at)
      if (!column.words[at].empty()) move_event(column, at, from, to);
  }
  return moved;
}

}  // namespace leaven::plan

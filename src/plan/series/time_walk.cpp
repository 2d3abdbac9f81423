#include "plan/series/time_walk.hpp"

#include <algorithm>
#include <cmath>

namespace leaven::plan {

namespace {

std::size_t nearest(double time, std::size_t length) {
  return static_cast<std::size_t>(std::clamp(std::floor(time + 0.5), 0.0, static_cast<double>(length) - 1));
}

/// Single moments, each put on the sample nearest to it wherever time passes it: once where it is stretched, as often as it is
/// shown where blocks repeat, not at all where time jumps over it.
class EventMover {
 public:
  EventMover(const SeriesMarks& marks, std::span<const double> from, const Jumps& jumps, SeriesMarks& moved)
      : marks_(marks), from_(from), jumps_(jumps), moved_(moved) {
    for (std::size_t at = 0; at < marks.words.size(); ++at)
      if (!marks.words[at].empty()) events_.push_back({static_cast<double>(at)});
  }

  void run() {
    for (std::size_t i = 0; i < from_.size(); ++i) {
      double begin = from_[i] - 0.5, end = from_[i] + 0.5;
      if (i > 0 && !jumps_[i]) begin = std::min(begin, from_[i - 1]), end = std::max(end, from_[i - 1]);
      if (i + 1 < from_.size() && !jumps_[i + 1]) begin = std::min(begin, from_[i + 1]), end = std::max(end, from_[i + 1]);
      const auto first = std::ranges::lower_bound(events_, begin, {}, &Event::at);
      for (auto event = first; event != events_.end() && event->at <= end; ++event) pass(*event, i);
    }
    for (Event& event : events_) put(event);
  }

 private:
  struct Event {
    double at{};
    bool passing{};
    std::size_t last{}, best{};  ///< samples that time passes it at
  };

  void pass(Event& event, std::size_t i) {
    if (event.passing && (i > event.last + 1 || jumps_[i])) put(event);
    if (!event.passing || std::fabs(from_[i] - event.at) < std::fabs(from_[event.best] - event.at)) event.best = i;
    event.passing = true;
    event.last = i;
  }

  void put(Event& event) {
    if (event.passing && moved_.words[event.best].empty()) moved_.words[event.best] = marks_.words[static_cast<std::size_t>(event.at)];
    event.passing = false;
  }

  const SeriesMarks& marks_;
  std::span<const double> from_;
  const Jumps& jumps_;
  SeriesMarks& moved_;
  std::vector<Event> events_{};
};

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

void add_jumps(const TimeMap& map, std::span<const double> out, Jumps& jumps) {
  constexpr double kSame = 1e-6;  // of a sample: what rounding leaves between pieces that meet
  std::vector<double> places;
  for (std::size_t p = 1; p < map.pieces.size(); ++p) {
    const TimePiece& before = map.pieces[p - 1];
    if (std::fabs(before.in + before.slope * (map.pieces[p].out - before.out) - map.pieces[p].in) > kSame) places.push_back(map.pieces[p].out);
  }
  if (places.empty()) return;
  for (std::size_t i = 1; i < out.size(); ++i) {
    const double low = std::min(out[i - 1], out[i]), high = std::max(out[i - 1], out[i]);
    const auto place = std::ranges::upper_bound(places, low);
    if (place != places.end() && *place <= high) jumps[i] = 1;
  }
}

Jumps jumps_in(std::span<const double> from) {
  constexpr double kFastest = 2;  // a warping path of two series passes no more samples at a time
  Jumps jumps(from.size());
  for (std::size_t i = 1; i < from.size(); ++i) jumps[i] = from[i] < from[i - 1] || from[i] - from[i - 1] > kFastest + 1e-9;
  return jumps;
}

std::vector<SeriesMarks> moved_marks(const std::vector<SeriesMarks>& marks, std::span<const double> from, const Jumps& jumps) {
  std::vector<SeriesMarks> moved;
  for (const SeriesMarks& column : marks) {
    SeriesMarks& to = moved.emplace_back(SeriesMarks{column.events, std::vector<std::string>(from.size())});
    for (std::size_t i = 0; i < from.size() && !column.events; ++i) to.words[i] = column.words[nearest(from[i], column.words.size())];
    if (column.events) EventMover(column, from, jumps, to).run();
  }
  return moved;
}

}  // namespace leaven::plan

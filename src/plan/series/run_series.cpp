// The fast executor: one walk back through a chain of maps, one interpolation for all channels, channels in cache.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "kernels/channel_runs.hpp"
#include "plan/series/series_plan.hpp"
#include "plan/series/time_walk.hpp"

namespace leaven::plan {

namespace {

/// A map with a piece a sample is mostly asked for just these samples.
bool asked_at_its_pieces(const TimeMap& map, std::span<const double> times) {
  if (map.pieces.size() != times.size()) return false;
  for (std::size_t i = 0; i < times.size(); ++i)
    if (times[i] != map.pieces[i].out) return false;
  return true;
}

/// Output times, ascending or not, through one map: a run of times that lie in one piece at a time. They mostly ascend, so the
/// next piece is looked for from the last one on.
void walk_back(const TimeMap& map, std::span<double> times) {
  if (asked_at_its_pieces(map, times)) {
    for (std::size_t i = 0; i < times.size(); ++i) times[i] = map.pieces[i].in;
    return;
  }
  if (map.pieces.size() == 1) {
    const TimePiece piece = map.pieces.front();
    for (double& time : times) time = piece.in + piece.slope * (time - piece.out);
    return;
  }
  constexpr double kEver = std::numeric_limits<double>::infinity();
  double* const time = times.data();
  const std::size_t count = times.size(), pieces = map.pieces.size();
  for (std::size_t i = 0, p = 0; i < count;) {
    if (time[i] < map.pieces[p].out) p = 0;
    while (p + 1 < pieces && map.pieces[p + 1].out <= time[i]) ++p;
    const TimePiece piece = map.pieces[p];
    const double begin = p == 0 ? -kEver : piece.out, end = p + 1 < pieces ? map.pieces[p + 1].out : kEver;
    do {
      time[i] = piece.in + piece.slope * (time[i] - piece.out);
      ++i;
    } while (i < count && time[i] >= begin && time[i] < end);
  }
}

/// A map that moves values against stamps is measured in the mean distance of stamps, so that its times are those of a
/// series of the same span that is evenly sampled.
class StampScale {
 public:
  explicit StampScale(const std::vector<double>& stamps) : stamps_(stamps) {
    if (stamps.size() > 1) step_ = (stamps.back() - stamps.front()) / (static_cast<double>(stamps.size()) - 1);
  }
  void to_even(std::span<double> times) const {
    for (double& time : times) time = (value_at(stamps_, time) - stamps_.front()) / step_;
  }
  void from_even(std::span<double> times) const {
    for (double& time : times) time = sample_time_of(stamps_, stamps_.front() + time * step_);
  }

 private:
  const std::vector<double>& stamps_;
  double step_{1};
};

bool by_stamps(const TimeMap& map, const std::vector<double>& stamps) {
  return map.stamps == TimeMap::Stamps::stay && map.length == stamps.size() && stamps.size() > 1;
}

void bring_inside(const Series& series, std::span<double> times) {
  const double last = static_cast<double>(series.length) - 1;
  for (double& time : times) time = std::min(std::max(time, 0.0), last);
}

/// What came out missing between two samples of which one is there. `time_of`: of sample i, in samples.
void close_gaps(std::span<const double> values, std::span<double> made, const auto& time_of) {
  if (kernels::sums_of(made).count == static_cast<double>(made.size())) return;
  for (std::size_t i = 0; i < made.size(); ++i)
    if (std::isnan(made[i])) made[i] = value_at(values, time_of(i));
}

/// Values of the series at `times`, in samples.
void sample(const Series& series, std::span<const double> times, std::vector<double>& values) {
  values.resize(series.channels * times.size());
  for (std::size_t c = 0; c < series.channels; ++c) {
    const std::span<double> made = std::span(values).subspan(c * times.size(), times.size());
    kernels::sample_times(series.channel(c), times, made);
    close_gaps(series.channel(c), made, [&](std::size_t i) { return times[i]; });
  }
}

/// One straight piece: where there is nothing beside values no times need be kept.
bool is_straight(const TimePass& pass) {
  return pass.maps.size() == 1 && pass.maps.front()->pieces.size() == 1 && pass.maps.front()->pieces.front().out == 0;
}

bool is_plain(const Series& series) { return series.stamps.empty() && series.marks.empty(); }

void make_straight(const TimeMap& map, const PlainSeries& series, Series& made) {
  made.length = map.length;
  made.channels = series.channels;
  made.values.resize(series.channels * map.length);
  made.stamps.clear();
  made.marks.clear();
  const TimePiece piece = map.pieces.front();
  for (std::size_t c = 0; c < series.channels; ++c) {
    const std::span<const double> values(series.values + c * series.length, series.length);
    kernels::sample_line(values, piece.in, piece.slope, made.channel(c));
    close_gaps(values, made.channel(c), [&](std::size_t i) { return piece.in + piece.slope * static_cast<double>(i); });
  }
}

/// `made` is another series, whose memory is used again.
void make(const TimePass& pass, const Series& series, Series& made) {
  if (is_straight(pass) && is_plain(series)) return make_straight(*pass.maps.front(), {series.length, series.channels, series.values.data()}, made);
  std::vector<std::vector<double>> stamps(pass.maps.size() + 1);  // before each map, and after the last
  stamps.front() = series.stamps;
  for (std::size_t m = 0; m < pass.maps.size(); ++m) stamps[m + 1] = stamps_after(*pass.maps[m], stamps[m]);
  thread_local std::vector<double> times;  // kept: for short series asking the system would cost more than the walk
  times.resize(pass.maps.back()->length);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = static_cast<double>(i);
  Jumps jumps(series.marks.empty() ? 0 : times.size());
  for (std::size_t m = pass.maps.size(); m-- > 0;) {
    const TimeMap& map = *pass.maps[m];
    const double last_out = static_cast<double>(map.length) - 1;
    for (double& time : times) time = std::min(std::max(time, 0.0), last_out);
    if (!by_stamps(map, stamps[m])) {
      if (!jumps.empty()) add_jumps(map, times, jumps);
      walk_back(map, times);
      continue;
    }
    const StampScale scale(stamps[m]);
    scale.to_even(times);
    if (!jumps.empty()) add_jumps(map, times, jumps);
    walk_back(map, times);
    scale.from_even(times);
  }
  bring_inside(series, times);
  made.length = times.size();
  made.channels = series.channels;
  sample(series, times, made.values);
  made.stamps = std::move(stamps.back());
  made.marks = moved_marks(series.marks, times, jumps);
}

void run(const TimePass& pass, Series& series) {
  Series made;
  make(pass, series, made);
  series = std::move(made);
}

void run(const ValuesPass& pass, Series& series) {
  for (std::size_t c = 0; c < series.channels; ++c)
    for (const ValuesPass::Item& item : pass.items)
      if (item.touches(c)) item.node->apply(series.channel(c), c, series.stamps);
}

void run(const WholePass& pass, Series& series) {
  std::vector<const Series*> partners;
  for (const auto& partner : pass.step->partners) partners.push_back(partner ? partner.get() : &series);
  SeriesWhole::Result result = pass.node->apply(series, partners);
  if (result.values.empty()) {
    bring_inside(series, result.from);
    sample(series, result.from, result.values);
  } else if (result.values.size() != series.values.size()) {
    throw bug("an op of series changed the shape");
  }
  if (!result.from.empty() && !series.marks.empty()) series.marks = moved_marks(series.marks, result.from, jumps_in(result.from));
  series.values = std::move(result.values);
}

void run_from(const SeriesPlan& plan, std::size_t pass, Series& made) {
  for (; pass < plan.passes.size(); ++pass) std::visit([&](const auto& one) { run(one, made); }, plan.passes[pass]);
}

}  // namespace

void run_fast(const SeriesPlan& plan, const Series& source, Series& made) {
  const bool moves_first = !plan.passes.empty() && std::holds_alternative<TimePass>(plan.passes.front());
  if (moves_first) make(std::get<TimePass>(plan.passes.front()), source, made);
  else made = source;
  run_from(plan, moves_first ? 1 : 0, made);
}

void run_fast(const SeriesPlan& plan, const PlainSeries& source, Series& made) {
  const auto* first = plan.passes.empty() ? nullptr : std::get_if<TimePass>(&plan.passes.front());
  // Backwards memory is read slowly: what goes that way is copied first.
  if (first && is_straight(*first) && first->maps.front()->pieces.front().slope > 0) {
    make_straight(*first->maps.front(), source, made);
  } else {
    thread_local Series own;  // kept, as times are
    Series& taken = first ? own : made;
    taken.length = source.length;
    taken.channels = source.channels;
    taken.values.assign(source.values, source.values + source.length * source.channels);
    taken.stamps.clear();
    taken.marks.clear();
    if (first) make(*first, own, made);
  }
  run_from(plan, first ? 1 : 0, made);
}

Series run_fast(const SeriesPlan& plan, const Series& source) {
  Series made;
  run_fast(plan, source, made);
  return made;
}

}  // namespace leaven::plan

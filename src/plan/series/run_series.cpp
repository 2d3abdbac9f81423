// The fast executor: one walk back through a chain of maps, one interpolation for all channels, channels in cache.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "plan/series/series_plan.hpp"
#include "plan/series/time_walk.hpp"

namespace leaven::plan {

namespace {

/// Output times, ascending or not, through one map. Times mostly ascend, so the piece is looked for from the last one on.
void walk_back(const TimeMap& map, std::span<double> times) {
  std::size_t p = 0;
  for (double& time : times) {
    if (time < map.pieces[p].out) p = 0;
    while (p + 1 < map.pieces.size() && map.pieces[p + 1].out <= time) ++p;
    time = map.pieces[p].in + map.pieces[p].slope * (time - map.pieces[p].out);
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

void sample(std::span<const double> values, std::span<const std::size_t> below, std::span<const double> part, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t at = below[i];
    const double weight = part[i];
    out[i] = weight == 0 ? values[at] : values[at] * (1 - weight) + values[at + 1] * weight;
  }
}

/// Values of the series at `times`, in samples; `times` are brought inside.
std::vector<double> sampled(const Series& series, std::span<double> times) {
  const double last = static_cast<double>(series.length) - 1;
  std::vector<std::size_t> below(times.size());
  std::vector<double> part(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    times[i] = std::min(std::max(times[i], 0.0), last);
    below[i] = static_cast<std::size_t>(times[i]);
    part[i] = times[i] - static_cast<double>(below[i]);
  }
  std::vector<double> values(series.channels * times.size());
  for (std::size_t c = 0; c < series.channels; ++c)
    sample(series.channel(c), below, part, std::span(values).subspan(c * times.size(), times.size()));
  return values;
}

void run(const TimePass& pass, Series& series) {
  std::vector<std::vector<double>> stamps{series.stamps};  // before each map, and after the last
  for (const TimeMap& map : pass.maps) stamps.push_back(stamps_after(map, stamps.back()));
  std::vector<double> times(pass.maps.back().length);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = static_cast<double>(i);
  for (std::size_t m = pass.maps.size(); m-- > 0;) {
    const TimeMap& map = pass.maps[m];
    const double last_out = static_cast<double>(map.length) - 1;
    for (double& time : times) time = std::min(std::max(time, 0.0), last_out);
    if (!by_stamps(map, stamps[m])) {
      walk_back(map, times);
      continue;
    }
    const StampScale scale(stamps[m]);
    scale.to_even(times);
    walk_back(map, times);
    scale.from_even(times);
  }
  series.values = sampled(series, times);
  if (!series.marks.empty()) series.marks = moved_marks(series.marks, times);
  series.length = times.size();
  series.stamps = std::move(stamps.back());
}

void run(const ValuesPass& pass, Series& series) {
  for (std::size_t c = 0; c < series.channels; ++c)
    for (const ValuesPass::Item& item : pass.items)
      if (item.channels.empty() || std::ranges::binary_search(item.channels, c)) item.node.apply(series.channel(c), c, series.stamps);
}

void run(const WholePass& pass, Series& series) {
  std::vector<const Series*> partners;
  for (const auto& partner : pass.partners) partners.push_back(partner ? partner.get() : &series);
  SeriesWhole::Result result = pass.node.apply(series, partners);
  if (result.values.empty()) {
    result.values = sampled(series, result.from);
  } else if (result.values.size() != series.values.size()) {
    throw bug("an op of series changed the shape");
  }
  if (!result.from.empty() && !series.marks.empty()) series.marks = moved_marks(series.marks, result.from);
  series.values = std::move(result.values);
}

}  // namespace

Series run_fast(const SeriesPlan& plan, Series source) {
  for (const auto& pass : plan.passes) std::visit([&](const auto& one) { run(one, source); }, pass);
  return source;
}

}  // namespace leaven::plan

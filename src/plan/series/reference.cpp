// The oracle of the series domain: one sample at a time, everything looked up anew.
#include <algorithm>
#include <cmath>

#include "plan/series/series_plan.hpp"
#include "plan/series/time_walk.hpp"

namespace leaven::plan {

namespace {

/// The time before map `m` of what is shown at `time` after the last map of the pass.
double time_before(const TimePass& pass, std::size_t m, const std::vector<std::vector<double>>& stamps, double time) {
  for (std::size_t k = pass.maps.size(); k-- > m;) {
    const TimeMap& map = *pass.maps[k];
    const std::vector<double>& at = stamps[k];
    time = std::clamp(time, 0.0, static_cast<double>(map.length) - 1);
    if (map.stamps != TimeMap::Stamps::stay || at.size() < 2 || map.length != at.size()) {
      time = input_time(map, time);
      continue;
    }
    const double step = (at.back() - at.front()) / (static_cast<double>(at.size()) - 1);
    const double even = input_time(map, (stamp_at(at, time) - at.front()) / step);
    time = sample_time_of(at, at.front() + even * step);
  }
  return time;
}

Series moved(const Series& series, std::vector<double> from, std::vector<double> stamps) {
  Series out{from.size(), series.channels, {}, std::move(stamps), {}};
  for (double& time : from) time = std::clamp(time, 0.0, static_cast<double>(series.length) - 1);
  for (std::size_t c = 0; c < series.channels; ++c)
    for (const double time : from) out.values.push_back(value_at(series.channel(c), time));
  out.marks = moved_marks(series.marks, from);
  return out;
}

Series run(const TimePass& pass, const Series& series) {
  std::vector<std::vector<double>> stamps{series.stamps};
  for (const TimeMap* map : pass.maps) stamps.push_back(stamps_after(*map, stamps.back()));
  std::vector<double> from;
  for (std::size_t i = 0; i < pass.maps.back()->length; ++i) from.push_back(time_before(pass, 0, stamps, static_cast<double>(i)));
  return moved(series, std::move(from), stamps.back());
}

Series run(const ValuesPass& pass, Series series) {
  for (const ValuesPass::Item& item : pass.items)
    for (std::size_t c = 0; c < series.channels; ++c)
      if (item.touches(c)) item.node->apply(series.channel(c), c, series.stamps);
  return series;
}

Series run(const WholePass& pass, const Series& series) {
  std::vector<const Series*> partners;
  for (const auto& partner : pass.step->partners) partners.push_back(partner ? partner.get() : &series);
  const SeriesWhole::Result result = pass.node->apply(series, partners);
  Series out = result.from.empty() ? series : moved(series, result.from, series.stamps);
  if (!result.values.empty()) out.values = result.values;
  return out;
}

}  // namespace

Series run_reference(const SeriesPlan& plan, Series source) {
  for (const auto& pass : plan.passes) source = std::visit([&](const auto& one) { return run(one, source); }, pass);
  return source;
}

}  // namespace leaven::plan

// The oracle of the series domain: one sample at a time, everything looked up anew.
#include <algorithm>
#include <cmath>

#include "plan/series/series_plan.hpp"
#include "plan/series/time_walk.hpp"

namespace leaven::plan {

namespace {

/// The time that map `k` of the pass is asked for; `time` is one of its output.
double asked_time(const TimePass& pass, std::size_t k, const std::vector<std::vector<double>>& stamps, double time) {
  const TimeMap& map = *pass.maps[k];
  const std::vector<double>& at = stamps[k];
  time = std::clamp(time, 0.0, static_cast<double>(map.length) - 1);
  if (map.stamps != TimeMap::Stamps::stay || at.size() < 2 || map.length != at.size()) return time;
  return (stamp_at(at, time) - at.front()) / ((at.back() - at.front()) / (static_cast<double>(at.size()) - 1));
}

/// The time before map `m` of what is shown at `time` after the last map of the pass.
double time_before(const TimePass& pass, std::size_t m, const std::vector<std::vector<double>>& stamps, double time) {
  for (std::size_t k = pass.maps.size(); k-- > m;) {
    const TimeMap& map = *pass.maps[k];
    const std::vector<double>& at = stamps[k];
    time = input_time(map, asked_time(pass, k, stamps, time));
    if (map.stamps == TimeMap::Stamps::stay && at.size() > 1 && map.length == at.size())
      time = sample_time_of(at, at.front() + time * ((at.back() - at.front()) / (static_cast<double>(at.size()) - 1)));
  }
  return time;
}

Series moved(const Series& series, std::vector<double> from, const Jumps& jumps, std::vector<double> stamps) {
  Series out{from.size(), series.channels, {}, std::move(stamps), {}};
  for (double& time : from) time = std::clamp(time, 0.0, static_cast<double>(series.length) - 1);
  for (std::size_t c = 0; c < series.channels; ++c)
    for (const double time : from) out.values.push_back(value_at(series.channel(c), time));
  out.marks = moved_marks(series.marks, from, jumps);
  return out;
}

Series run(const TimePass& pass, const Series& series) {
  std::vector<std::vector<double>> stamps{series.stamps};
  for (const TimeMap* map : pass.maps) stamps.push_back(stamps_after(*map, stamps.back()));
  std::vector<double> from;
  for (std::size_t i = 0; i < pass.maps.back()->length; ++i) from.push_back(time_before(pass, 0, stamps, static_cast<double>(i)));
  Jumps jumps(from.size());
  for (std::size_t m = 0; m < pass.maps.size(); ++m) {
    std::vector<double> asked;
    for (std::size_t i = 0; i < from.size(); ++i) asked.push_back(asked_time(pass, m, stamps, time_before(pass, m + 1, stamps, static_cast<double>(i))));
    add_jumps(*pass.maps[m], asked, jumps);
  }
  return moved(series, std::move(from), jumps, stamps.back());
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
  Series out = result.from.empty() ? series : moved(series, result.from, jumps_in(result.from), series.stamps);
  if (!result.values.empty()) out.values = result.values;
  return out;
}

}  // namespace

Series run_reference(const SeriesPlan& plan, Series source) {
  for (const auto& pass : plan.passes) source = std::visit([&](const auto& one) { return run(one, source); }, pass);
  return source;
}

}  // namespace leaven::plan

#include "leaven/series.hpp"

#include <cmath>
#include <optional>

#include "api/bodies.hpp"
#include "api/side_by_side.hpp"
#include "api/time_series.hpp"
#include "core/error.hpp"
#include "core/series.hpp"
#include "plan/series/draw_series.hpp"

namespace leaven {

struct SeriesBatch::Body {
  recipe::Recipe recipe;
  std::vector<std::shared_ptr<const Series>> series{};
  std::vector<DrawKey> keys{};
  std::vector<std::string> names{};
  std::optional<api::SideBySide> samples{};
};

namespace {

Series taken(TimeSeries given, const std::vector<std::string>& names) {
  const std::string size = std::to_string(given.length) + " samples of " + std::to_string(given.channels) + " channels";
  if (given.length == 0 || given.channels == 0) throw usage_error("a series must have samples and channels, got " + size);
  if (given.values.size() != given.length * given.channels)
    throw usage_error("a series of " + size + " needs as many values, got " + std::to_string(given.values.size()));
  if (!names.empty() && names.size() != given.channels)
    throw usage_error("a series of " + size + " needs as many names of channels, got " + std::to_string(names.size()));
  if (!given.stamps.empty() && given.stamps.size() != given.length)
    throw usage_error("a series of " + size + " needs a stamp a sample, got " + std::to_string(given.stamps.size()));
  for (std::size_t t = 0; t < given.stamps.size(); ++t)
    if (!std::isfinite(given.stamps[t]) || (t > 0 && given.stamps[t] <= given.stamps[t - 1]))
      throw usage_error("stamps must ascend, and that of sample " + std::to_string(t) + " does not");
  Series series{given.length, given.channels, std::move(given.values), std::move(given.stamps), {}};
  for (TimeSeries::Words& marks : given.marks) {
    if (marks.words.size() != given.length)
      throw usage_error("a series of " + size + " needs a word a sample, got " + std::to_string(marks.words.size()));
    series.marks.push_back({marks.events, std::move(marks.words)});
  }
  return series;
}

}  // namespace

TimeSeries api::time_series_of(Series made) {
  TimeSeries series{made.length, made.channels, std::move(made.values), std::move(made.stamps), {}};
  for (SeriesMarks& marks : made.marks) series.marks.push_back({marks.events, std::move(marks.words)});
  return series;
}

SeriesBatch::SeriesBatch(const Recipe& recipe, std::vector<TimeSeries> series, std::vector<DrawKey> keys, std::vector<std::string> names) {
  if (series.size() != keys.size())
    throw usage_error("a batch needs as many keys as series, got " + std::to_string(keys.size()) + " and " + std::to_string(series.size()));
  auto body = std::make_shared<Body>();
  body->recipe = recipe.body().recipe;
  for (std::size_t i = 0; i < series.size(); ++i) {
    try {
      body->series.push_back(std::make_shared<const Series>(taken(std::move(series[i]), names)));
    } catch (Error& error) {
      throw error.with_sample(std::string(keys[i].key));
    }
  }
  body->keys = std::move(keys);
  body->names = std::move(names);
  body->samples.emplace(body->keys, body->recipe);
  body_ = std::move(body);
}

AppliedSeries SeriesBatch::apply(std::size_t item) const {
  const Body& body = *body_;
  const recipe::Recipe& recipe = body.recipe;
  const DrawKey& key = body.keys.at(item);
  const Series& source = *body.series[item];
  plan::ChooseSeries choose;
  if (body.samples->mixes())
    choose = [&](std::string_view rule, Key draw) {
      const std::size_t partner = body.samples->partner(item, rule, draw);
      return plan::SeriesPartner{std::string(body.keys[partner].key), {}, std::string(body.keys[partner].label), body.series[partner]};
    };
  const DrawContext context{.seed = recipe.seed, .epoch = key.epoch ? key.epoch : recipe.epoch, .sample = key.key, .copy = key.copy};
  plan::DrawnSeries drawn = plan::draw_series(recipe, context, shape_of(source, body.names), key.label, choose);
  AppliedSeries made;
  made.series = api::time_series_of(plan::run_fast(plan::plan_series(drawn.lowered, recipe.fuse), source));
  made.steps = api::steps_text(drawn.program);
  made.shares = std::move(drawn.shares);
  if (made.shares.empty()) made.shares.emplace_back(key.label, 1.0);
  return made;
}

}  // namespace leaven

#include "leaven/series.hpp"

#include <cmath>
#include <optional>

#include "api/bodies.hpp"
#include "api/side_by_side.hpp"
#include "api/time_series.hpp"
#include "core/error.hpp"
#include "core/series.hpp"
#include "plan/series/draw_series.hpp"
#include "recipe/mixing.hpp"

namespace leaven {

struct SeriesBatch::Body {
  recipe::Recipe recipe;
  std::vector<DrawKey> keys{};
  std::vector<std::string> names{};
  SeriesBlock block{};                                   ///< without values where series came one by one
  std::vector<std::shared_ptr<const Series>> series{};   ///< empty: those of the block, which nobody takes for a partner
  std::optional<api::SideBySide> samples{};              ///< where the recipe mixes

  Body(const Recipe& given, std::vector<DrawKey> draws, std::vector<std::string> channels, std::size_t count)
      : recipe(given.body().recipe), keys(std::move(draws)), names(std::move(channels)) {
    if (count != keys.size())
      throw usage_error("a batch needs as many keys as series, got " + std::to_string(keys.size()) + " and " + std::to_string(count));
    if (!recipe::mixing_steps(recipe).empty()) samples.emplace(keys, recipe);
  }

  /// A series of the block.
  plan::PlainSeries of_block(std::size_t item) const {
    if (item >= block.count) throw usage_error("a batch of " + std::to_string(block.count) + " series has none of number " + std::to_string(item));
    return {block.length, block.channels, block.values + item * block.channels * block.length};
  }
  Series read(std::size_t item) const {
    const plan::PlainSeries one = of_block(item);
    return {one.length, one.channels, std::vector<double>(one.values, one.values + one.length * one.channels), {}, {}};
  }

  template <class Source>
  void make(std::size_t item, const Source& source, const SeriesShape& shape, plan::SeriesCopy& copy) const {
    const DrawKey& key = keys.at(item);
    plan::ChooseSeries choose;
    if (samples)
      choose = [&](std::string_view rule, Key draw) {
        const std::size_t partner = samples->partner(item, rule, draw);
        return plan::SeriesPartner{std::string(keys[partner].key), {}, std::string(keys[partner].label), series[partner]};
      };
    const DrawContext context{.seed = recipe.seed, .epoch = key.epoch ? key.epoch : recipe.epoch, .sample = key.key, .copy = key.copy};
    plan::make_copy(recipe, context, source, shape, key.label, choose, copy);
  }
};

namespace {

std::string size_text(std::size_t length, std::size_t channels) {
  return std::to_string(length) + " samples of " + std::to_string(channels) + " channels";
}

void require_sized(std::size_t length, std::size_t channels, const std::vector<std::string>& names) {
  if (length == 0 || channels == 0) throw usage_error("a series must have samples and channels, got " + size_text(length, channels));
  if (!names.empty() && names.size() != channels)
    throw usage_error("a series of " + size_text(length, channels) + " needs as many names of channels, got " + std::to_string(names.size()));
}

Series taken(TimeSeries given, const std::vector<std::string>& names) {
  require_sized(given.length, given.channels, names);
  const std::string size = size_text(given.length, given.channels);
  if (given.values.size() != given.length * given.channels)
    throw usage_error("a series of " + size + " needs as many values, got " + std::to_string(given.values.size()));
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
  auto body = std::make_shared<Body>(recipe, std::move(keys), std::move(names), series.size());
  for (std::size_t i = 0; i < series.size(); ++i) {
    try {
      body->series.push_back(std::make_shared<const Series>(taken(std::move(series[i]), body->names)));
    } catch (Error& error) {
      throw error.with_sample(std::string(body->keys[i].key));
    }
  }
  body_ = std::move(body);
}

SeriesBatch::SeriesBatch(const Recipe& recipe, const SeriesBlock& block, std::vector<DrawKey> keys, std::vector<std::string> names) {
  auto body = std::make_shared<Body>(recipe, std::move(keys), std::move(names), block.count);
  require_sized(block.length, block.channels, body->names);
  body->block = block;
  if (body->samples)
    for (std::size_t i = 0; i < block.count; ++i) body->series.push_back(std::make_shared<const Series>(body->read(i)));
  body_ = std::move(body);
}

std::size_t SeriesBatch::size() const { return body_->keys.size(); }

AppliedSeries SeriesBatch::apply(std::size_t item) const {
  const Body& body = *body_;
  const std::string_view label = body.keys.at(item).label;
  const std::shared_ptr<const Series> source = body.series.empty() ? std::make_shared<const Series>(body.read(item)) : body.series[item];
  plan::SeriesCopy copy;
  body.make(item, *source, shape_of(*source, body.names), copy);
  AppliedSeries made;
  made.series = api::time_series_of(std::move(copy.made));
  made.steps = api::steps_text(copy.drawn.program);
  made.shares = std::move(copy.drawn.shares);
  if (made.shares.empty()) made.shares.emplace_back(label, 1.0);
  return made;
}

struct SeriesRun::Body {
  SeriesBatch batch;
  SeriesShape shape{};
  plan::SeriesCopy copy{};
};

SeriesRun::SeriesRun(const SeriesBatch& batch) : body_(std::make_unique<Body>(Body{batch})) {}
SeriesRun::~SeriesRun() = default;
SeriesRun::SeriesRun(SeriesRun&&) noexcept = default;
SeriesRun& SeriesRun::operator=(SeriesRun&&) noexcept = default;

SeriesRun::Made SeriesRun::apply(std::size_t item) {
  Body& run = *body_;
  const SeriesBatch::Body& batch = run.batch.body();
  if (batch.series.empty()) {
    if (run.shape.length == 0) run.shape = shape_of(batch.read(item), batch.names);
    batch.make(item, batch.of_block(item), run.shape, run.copy);
  } else {
    const Series& source = *batch.series.at(item);
    if (run.shape.length == 0 || batch.block.values == nullptr) run.shape = shape_of(source, batch.names);
    batch.make(item, source, run.shape, run.copy);
  }
  return {run.copy.made.length, run.copy.made.channels, run.copy.made.values, run.copy.drawn.shares};
}

}  // namespace leaven

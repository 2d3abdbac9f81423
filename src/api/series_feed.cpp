#include "leaven/series_feed.hpp"

#include <algorithm>

#include "api/bodies.hpp"
#include "api/time_series.hpp"
#include "core/error.hpp"
#include "flow/partners.hpp"
#include "flow/series_task.hpp"
#include "io/file.hpp"
#include "io/packed_labels.hpp"
#include "recipe/mixing.hpp"

namespace leaven {

struct SeriesFeed::Body {
  Dataset dataset;
  recipe::Recipe recipe;
  flow::PartnerPool partners;
  std::vector<std::string> classes{};
};

bool SeriesFeed::takes(const Dataset& dataset) { return dataset.body().reader->index().series != nullptr; }

SeriesFeed::SeriesFeed(const Dataset& dataset, const Recipe& recipe, const std::vector<std::uint32_t>& samples) {
  if (!takes(dataset)) throw usage_error("this dataset holds no time series");
  const io::DatasetIndex& index = dataset.body().reader->index();
  std::vector<std::uint32_t> entries = samples;
  std::ranges::sort(entries);
  const recipe::Recipe& plain = recipe.body().recipe;
  body_ = std::make_shared<Body>(Body{dataset, plain, flow::PartnerPool(index, std::move(entries), plain),
                                      api::classes_of(index)});
}

FedSeries SeriesFeed::draw(std::size_t index, const FeedDraw& draw) const {
  const Body& body = *body_;
  const io::DatasetReader& reader = *body.dataset.body().reader;
  const io::Entry& entry = reader.index().entries.at(index);
  const std::string& label = reader.index().labels[entry.label];
  const flow::LoadedSeries source = flow::load_series(reader, entry);
  const std::uint64_t epoch = draw.epoch ? draw.epoch : body.recipe.epoch;
  plan::SeriesCopy copy;
  plan::make_copy(body.recipe, {body.recipe.seed, epoch, entry.id, draw.copy, 0, 0}, *source.series, source.shape, label,
                  flow::series_chooser(reader, body.partners, static_cast<std::uint32_t>(index)), copy);
  const plan::DrawnSeries& drawn = copy.drawn;
  FedSeries fed;
  fed.series = api::time_series_of(std::move(copy.made));
  const bool is_mixed = drawn.shares.size() > 1 && reader.index().label_kind != io::LabelKind::none;
  const flow::MixedLabel mixed =
      is_mixed ? flow::label_of_shares(drawn.shares, label, reader.index().label_kind) : flow::MixedLabel{label, {}};
  io::OutputItem item;
  item.label = mixed.label;
  fed.number = io::PackedLabels::value_of(item);
  const auto add = [&](const std::string& name, double share) {
    const auto at = std::ranges::find(body.classes, name);
    if (at != body.classes.end() && share > 0) fed.shares.emplace_back(static_cast<std::uint32_t>(at - body.classes.begin()), share);
  };
  for (const auto& [name, share] : mixed.weights) add(name, share);
  if (mixed.weights.empty()) add(mixed.label, 1.0);
  std::ranges::sort(fed.shares);
  return fed;
}

const std::vector<std::string>& SeriesFeed::classes() const { return body_->classes; }
bool SeriesFeed::soft() const {
  return body_->dataset.label_kind() == LabelKind::category && recipe::makes_soft_labels(body_->recipe);
}

}  // namespace leaven

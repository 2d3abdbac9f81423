#include <algorithm>
#include <numeric>
#include <optional>

#include "api/bodies.hpp"
#include "core/error.hpp"
#include "flow/partners.hpp"
#include "flow/recipe_files.hpp"
#include "leaven/feed.hpp"
#include "recipe/mixing.hpp"

namespace leaven {

struct Batch::Body {
  recipe::Recipe recipe;
  std::vector<ImageView> images{};
  std::vector<DrawKey> keys{};
  /// As of a dataset of these pictures: so partners are chosen by keys, not by the order of the batch.
  io::DatasetIndex index{};
  std::vector<std::size_t> item_of{};      ///< by entry
  std::vector<std::uint32_t> entry_of{};   ///< by item
  std::optional<flow::PartnerPool> partners{};
};

namespace {

void fill_index(Batch::Body& body) {
  std::vector<std::string> labels;
  for (const DrawKey& key : body.keys) labels.emplace_back(key.label);
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  body.item_of.resize(body.keys.size());
  std::iota(body.item_of.begin(), body.item_of.end(), std::size_t{0});
  std::ranges::stable_sort(body.item_of, {}, [&](std::size_t item) { return body.keys[item].key; });
  body.entry_of.resize(body.keys.size());
  for (const std::size_t item : body.item_of) {
    body.entry_of[item] = static_cast<std::uint32_t>(body.index.entries.size());
    io::Entry& entry = body.index.entries.emplace_back();
    entry.id = body.keys[item].key;
    entry.label = static_cast<std::uint32_t>(std::ranges::lower_bound(labels, body.keys[item].label) - labels.begin());
  }
  const bool labelled = std::ranges::any_of(labels, [](const std::string& label) { return !label.empty(); });
  body.index.label_kind = labelled ? io::LabelKind::category : io::LabelKind::none;
  body.index.labels = std::move(labels);
}

plan::Partner partner_of(const Batch::Body& body, std::uint32_t entry) {
  const std::size_t item = body.item_of[entry];
  const RasterView view = api::checked(body.images[item], true);
  auto pixels = std::make_shared<Raster>(view.shape);
  for (int y = 0; y < view.shape.height; ++y)
    std::copy_n(view.row<std::byte>(y), view.shape.row_bytes(), pixels->row<std::byte>(y));
  return {body.index.entries[entry].id, {}, std::string(body.keys[item].label), view.shape, std::move(pixels), {}};
}

}  // namespace

Batch::Batch(const Recipe& recipe, std::vector<ImageView> images, std::vector<DrawKey> keys) {
  if (images.size() != keys.size())
    throw usage_error("a batch needs as many keys as images, got " + std::to_string(keys.size()) + " and " + std::to_string(images.size()));
  auto body = std::make_shared<Body>();
  body->recipe = recipe.body().recipe;
  body->images = std::move(images);
  body->keys = std::move(keys);
  if (!recipe::mixing_steps(body->recipe).empty()) {
    fill_index(*body);
    std::vector<std::uint32_t> entries(body->index.entries.size());
    std::iota(entries.begin(), entries.end(), 0U);
    body->partners.emplace(body->index, std::move(entries), body->recipe);
  }
  body_ = std::move(body);
}

Prepared Batch::prepare(std::size_t item) const {
  const recipe::Recipe& recipe = body_->recipe;
  const RasterShape shape = api::checked(body_->images.at(item), false).shape;
  const DrawKey& key = body_->keys[item];
  plan::ChoosePartner choose;
  if (body_->partners)
    choose = [this, item](const OpValue& op, Key draw) {
      return partner_of(*body_, body_->partners->choose(body_->entry_of[item], to_text(op.get("partners")), draw, 0));
    };
  const DrawContext context{.seed = recipe.seed, .epoch = key.epoch ? key.epoch : recipe.epoch, .sample = key.key, .copy = key.copy};
  return api::prepared(plan::draw_program(recipe, context, shape, key.label, choose, {&flow::recipe_files(), nullptr}), shape,
                       recipe.fuse, recipe.labels);
}

std::vector<std::pair<std::string, double>> Batch::shares(std::size_t item, const Prepared& prepared) const {
  const std::string own(body_->keys.at(item).label);
  const flow::MixedLabel label =
      flow::mixed_label(prepared.body().drawn, prepared.body().source, own, body_->index.label_kind);
  if (!label.weights.empty()) return label.weights;
  return {{own, 1.0}};
}

}  // namespace leaven

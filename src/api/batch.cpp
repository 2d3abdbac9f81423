#include <algorithm>
#include <optional>

#include "api/bodies.hpp"
#include "api/side_by_side.hpp"
#include "core/error.hpp"
#include "flow/partners.hpp"
#include "flow/recipe_files.hpp"
#include "leaven/feed.hpp"

namespace leaven {

struct Batch::Body {
  recipe::Recipe recipe;
  std::vector<ImageView> images{};
  std::vector<DrawKey> keys{};
  std::optional<api::SideBySide> samples{};
};

namespace {

plan::Partner partner_of(const Batch::Body& body, std::size_t item) {
  const RasterView view = api::checked(body.images[item], true);
  auto pixels = std::make_shared<Raster>(view.shape);
  for (int y = 0; y < view.shape.height; ++y)
    std::copy_n(view.row<std::byte>(y), view.shape.row_bytes(), pixels->row<std::byte>(y));
  return {std::string(body.keys[item].key), {}, std::string(body.keys[item].label), view.shape, std::move(pixels), {}};
}

}  // namespace

Batch::Batch(const Recipe& recipe, std::vector<ImageView> images, std::vector<DrawKey> keys) {
  if (images.size() != keys.size())
    throw usage_error("a batch needs as many keys as images, got " + std::to_string(keys.size()) + " and " + std::to_string(images.size()));
  auto body = std::make_shared<Body>();
  body->recipe = recipe.body().recipe;
  body->images = std::move(images);
  body->keys = std::move(keys);
  body->samples.emplace(body->keys, body->recipe);
  body_ = std::move(body);
}

Prepared Batch::prepare(std::size_t item) const {
  const recipe::Recipe& recipe = body_->recipe;
  const RasterShape shape = api::checked(body_->images.at(item), false).shape;
  const DrawKey& key = body_->keys[item];
  plan::ChoosePartner choose;
  if (body_->samples->mixes())
    choose = [this, item](const OpValue& op, Key draw) {
      return partner_of(*body_, body_->samples->partner(item, to_text(op.get("partners")), draw));
    };
  const DrawContext context{.seed = recipe.seed, .epoch = key.epoch ? key.epoch : recipe.epoch, .sample = key.key, .copy = key.copy};
  return api::prepared(plan::draw_program(recipe, context, shape, key.label, choose, {&flow::recipe_files(), nullptr}), shape,
                       recipe.fuse, recipe.labels);
}

std::vector<std::pair<std::string, double>> Batch::shares(std::size_t item, const Prepared& prepared) const {
  const std::string own(body_->keys.at(item).label);
  const flow::MixedLabel label =
      flow::mixed_label(prepared.body().drawn, prepared.body().source, own, body_->samples->label_kind());
  if (!label.weights.empty()) return label.weights;
  return {{own, 1.0}};
}

}  // namespace leaven

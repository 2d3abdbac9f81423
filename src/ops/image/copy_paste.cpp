// Instances of another picture pasted in.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "ops/image/marked.hpp"
#include "ops/image/mix.hpp"

namespace leaven::ops {
namespace {

enum class Place : std::uint8_t { same, anywhere };
constexpr std::array<std::string_view, 2> kPlaceNames{"same", "anywhere"};
struct Op {
  Partners partners = Partners::any;
  double chance = 0.5, scale = 1;
  Place place = Place::same;
  std::vector<double> instances{}, lefts{}, tops{};
};
// clang-format off
constexpr auto fields = std::array{
    partners_field<Op>(),
    field<&Op::chance>("chance", {.doc = "Chance of each instance of the partner to be pasted", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1}),
    field<&Op::scale>("scale", {.doc = "Factor on the partner, once it is scaled to cover the picture", .lo = 0.05, .hi = 10,
        .unit = "factor"}),
    field<&Op::place>("place", {.doc = "Where instances go: as they lie in the partner (same), or drawn (anywhere)", .choices = kPlaceNames}),
    field<&Op::instances>("instances", {.doc = "Which are pasted: places in the partner's list; −1: none", .lo = -1, .hi = 1e6,
        .unit = "1", .min_count = 1, .max_count = 10000, .resolved = true}),
    field<&Op::lefts>("lefts", {.doc = "Left edges of the pasted boxes", .lo = -1e6, .hi = 1e6, .unit = "px", .min_count = 1,
        .max_count = 10000, .resolved = true}),
    field<&Op::tops>("tops", {.doc = "Top edges of the pasted boxes", .lo = -1e6, .hi = 1e6, .unit = "px", .min_count = 1,
        .max_count = 10000, .resolved = true})};
// clang-format on

// Partner → canvas, but for where an instance is put.
double scale_of(const Op& op, const Site& at) {
  const Size from = picture_size(at, 1), to = at.image.size();
  return op.scale * std::max(static_cast<double>(to.width) / from.width, static_cast<double>(to.height) / from.height);
}

bool can_be_pasted(const Instance& instance) { return !instance.crowd && !instance.open && extent_of(instance).has_value(); }

void resolve(Op& op, const Site& at) {
  if (!op.instances.empty()) return;
  if (!at.partners.empty() && !at.partners[0].annotated)
    throw usage_error("pastes what is marked on another picture, and in this dataset nothing is marked")
        .with_hint("it works with COCO, YOLO, VOC, LabelMe and boxes in a CSV");
  const double scale = scale_of(op, at);
  const Size from = picture_size(at, 1);
  std::uint64_t element = 0;
  for (std::size_t i = 0; !at.partners.empty() && i < at.partners[0].marks.size(); ++i, element += 3) {
    const auto& [number, instance] = at.partners[0].marks[i];
    if (!can_be_pasted(instance) || draw_unit(at.key, element) >= op.chance) continue;
    const Box box = *extent_of(instance);
    op.instances.push_back(number);
    if (op.place == Place::same) {
      op.lefts.push_back((box.left - from.width / 2.0) * scale + at.image.width / 2.0);
      op.tops.push_back((box.top - from.height / 2.0) * scale + at.image.height / 2.0);
    } else {
      // Inside where it fits, else so that no strip of the picture that it could cover stays free.
      op.lefts.push_back(draw_unit(at.key, element + 1) * (at.image.width - box.width() * scale));
      op.tops.push_back(draw_unit(at.key, element + 2) * (at.image.height - box.height() * scale));
    }
  }
  if (!op.instances.empty()) return;
  op.instances = {-1};
  op.lefts = op.tops = {0};
}

/// What of the pixels of `part` of the canvas belongs to the instance; null: all.
std::shared_ptr<const Raster> cut_out(const Instance& instance, const Matrix3& to_partner, const Region& part) {
  std::shared_ptr<Raster> mask = std::make_shared<Raster>(RasterShape{part.width, part.height, 1, Dtype::u8});
  const Raster own = instance.outlines.empty() && instance.mask ? instance.mask->to_raster() : Raster();
  const auto shown = [&](Point p) {
    if (!instance.outlines.empty()) return std::ranges::any_of(instance.outlines, [&](const Outline& o) { return inside(o, p); });
    if (!own.empty()) {
      const int x = static_cast<int>(std::floor(p.x)), y = static_cast<int>(std::floor(p.y));
      return x >= 0 && y >= 0 && x < own.shape().width && y < own.shape().height && own.row<std::uint8_t>(y)[x] != 0;
    }
    const Box& box = *instance.box;
    return p.x >= box.left && p.x < box.right && p.y >= box.top && p.y < box.bottom;
  };
  for (int y = 0; y < part.height; ++y)
    for (int x = 0; x < part.width; ++x)
      mask->row<std::uint8_t>(y)[x] = shown(to_partner.map({x + 0.5, y + 0.5})) ? 255 : 0;
  return mask;
}

std::optional<MixLayer> pasted(const Op& op, const Site& at, const Instance& instance, std::uint32_t number, Point corner) {
  const double scale = scale_of(op, at);
  const Box box = *extent_of(instance);
  Region part{static_cast<int>(std::floor(corner.x)), static_cast<int>(std::floor(corner.y)), 0, 0};
  const int right = std::min(at.image.width, static_cast<int>(std::ceil(corner.x + box.width() * scale)));
  const int bottom = std::min(at.image.height, static_cast<int>(std::ceil(corner.y + box.height() * scale)));
  part.x = std::max(0, part.x);
  part.y = std::max(0, part.y);
  part.width = right - part.x;
  part.height = bottom - part.y;
  if (part.empty()) return std::nullopt;
  MixLayer layer;
  layer.picture = 1;
  layer.x = part.x;
  layer.y = part.y;
  layer.instances = {number};
  const Matrix3 to_partner = Matrix3::translation(box.left, box.top) * Matrix3::scaling(1 / scale, 1 / scale) *
                             Matrix3::translation(part.x - corner.x, part.y - corner.y);
  layer.nodes = {Geometry{to_partner, {part.width, part.height}, {.kind = BorderKind::edge}, Filter::bilinear, true}};
  layer.mask = cut_out(instance, to_partner, part);
  return layer;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.lefts.size() != op.instances.size() || op.tops.size() != op.instances.size())
    throw usage_error("instances, lefts and tops must be lists of one length");
  std::vector<MixLayer> layers{MixLayer{}};
  for (std::size_t i = 0; i < op.instances.size() && !at.partners.empty(); ++i)
    for (const auto& [number, instance] : at.partners[0].marks)
      if (number == op.instances[i] && can_be_pasted(instance))
        if (auto layer = pasted(op, at, instance, number, {op.lefts[i], op.tops[i]})) layers.push_back(std::move(*layer));
  if (layers.size() == 1) return {};
  return {mix_of(at.image.size(), std::move(layers))};
}

}  // namespace

void add_copy_paste(OpTable& t) {
  t.add(op<Op, lower, resolve>(
      {.name = "copy_paste",
       .summary = "Paste marked instances of another picture",
       .detail = "Each instance of the partner is pasted with some chance, cut out along its outline or mask, or as its box "
                 "where it has no more (Ghiasi et al., \"Simple Copy-Paste\", 2021, who take a random subset and jitter the "
                 "scale of both pictures: put scale_jitter before this step). The partner is scaled to cover the picture, then "
                 "by scale. Pasted instances come with their marks; what they cover is less visible, and dropped below "
                 "min_visibility. Crowds and lines are not pasted.",
       .family = "mix",
       .example = "copy_paste: {chance: 0.5}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .reads = Reads::marks,
       .fields = fields,
       .partners = 1,
       .tints = true}));
}

}  // namespace leaven::ops

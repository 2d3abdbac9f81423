// Two pictures in one: all of both faintly, or a part of one in the other.
#include <algorithm>
#include <cmath>

#include "ops/image/mix.hpp"

namespace leaven::ops {
namespace {

template <class Op>
consteval FieldInfo alpha_field() {
  return field<&Op::alpha>("alpha", {.doc = "Both parameters of the beta law of which the share is drawn", .lo = 0.01,
                                     .hi = 100, .unit = "1"});
}

template <class Op>
consteval FieldInfo share_field(std::string_view doc) {
  return field<&Op::share>("share", {.doc = doc, .lo = 0, .hi = 1, .unit = "fraction", .neutral = 1, .strong = 0.5,
                                     .resolved = true});
}

// The whole of the partner over the whole picture.
Nodes faintly(const Site& at, double share) {
  if (share >= 1) return {};
  const Region all = Region::whole(at.image.size());
  std::vector<MixLayer> layers{{}, covering_layer(at, 1, all)};
  layers.back().opacity = 1 - share;
  return {mix_of(at.image.size(), std::move(layers))};
}

namespace mixup {
struct Op {
  Partners partners = Partners::any;
  double alpha = 0.2, share = kUnset;
  bool keep_own = false;
};
constexpr auto fields = std::array{
    partners_field<Op>(), alpha_field<Op>(), share_field<Op>("Share λ of the picture itself; the partner has the rest"),
    field<&Op::keep_own>("keep_own", {.doc = "Whether the picture itself has the larger share: λ becomes max(λ, 1 − λ)"})};

void resolve(Op& op, const Site& at) {
  if (!std::isnan(op.share)) return;
  op.share = draw_share(op.alpha, at.key);
  if (op.keep_own) op.share = std::max(op.share, 1 - op.share);
}
Nodes lower(const Op& op, const Site& at) { return faintly(at, op.share); }
}  // namespace mixup

namespace smote_pixels {
struct Op {
  Partners partners = Partners::same_class;
  double share = kUnset;
};
constexpr auto fields =
    std::array{partners_field<Op>(), share_field<Op>("Share of the picture itself: 1 − u with u uniform in [0, 1)")};

void resolve(Op& op, const Site& at) {
  if (std::isnan(op.share)) op.share = 1 - draw_unit(at.key);
}
Nodes lower(const Op& op, const Site& at) { return faintly(at, op.share); }
}  // namespace smote_pixels

namespace cutmix {
struct Op {
  Partners partners = Partners::any;
  double alpha = 1, share = kUnset, at_x = kUnset, at_y = kUnset;
};
// clang-format off
constexpr auto fields = std::array{
    partners_field<Op>(), alpha_field<Op>(),
    share_field<Op>("Share of the picture itself, before the box is cut off at the edges"),
    field<&Op::at_x>("at_x", {.doc = "Middle of the box, as a share of the width", .lo = 0, .hi = 1,
        .unit = "fraction", .resolved = true}),
    field<&Op::at_y>("at_y", {.doc = "Middle of the box, as a share of the height", .lo = 0, .hi = 1,
        .unit = "fraction", .resolved = true})};
// clang-format on

void resolve(Op& op, const Site& at) {
  if (std::isnan(op.share)) op.share = draw_share(op.alpha, at.key);
  if (std::isnan(op.at_x)) op.at_x = draw_unit(at.key, 1);
  if (std::isnan(op.at_y)) op.at_y = draw_unit(at.key, 2);
}

struct Stretch {
  int from{}, size{};
};
// A side of the box about a place on an axis, cut off at its ends.
Stretch along(double middle, double share, int length) {
  const double half = length * share / 2, centre = middle * length;
  const int from = std::clamp(static_cast<int>(std::nearbyint(centre - half)), 0, length);
  const int to = std::clamp(static_cast<int>(std::nearbyint(centre + half)), 0, length);
  return {from, to - from};
}

Nodes lower(const Op& op, const Site& at) {
  const double side = std::sqrt(1 - op.share);
  const Stretch x = along(op.at_x, side, at.image.width), y = along(op.at_y, side, at.image.height);
  const Region box{x.from, y.from, x.size, y.size};
  if (box.empty()) return {};
  return {mix_of(at.image.size(), {MixLayer{}, covering_layer(at, 1, box)})};
}
}  // namespace cutmix

}  // namespace

void add_mix(OpTable& t) {
  t.add(op<mixup::Op, mixup::lower, mixup::resolve>(
      {.name = "mixup",
       .summary = "Blend with another picture, and labels with it",
       .detail = "λ·x + (1 − λ)·y with λ drawn of Beta(α, α), and labels by the same shares (Zhang et al., \"mixup: "
                 "Beyond Empirical Risk Minimization\", 2018; α = 0.2 as for ImageNet there, 1 for CIFAR-10). The partner "
                 "is scaled to cover the picture, its middle shown. Boxes of both pictures are kept.",
       .family = "mix",
       .example = "mixup: {alpha: 0.2}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = mixup::fields,
       .partners = 1,
       .tints = true}));
  t.add(op<cutmix::Op, cutmix::lower, cutmix::resolve>(
      {.name = "cutmix",
       .summary = "Put a box of another picture in, and labels by what is seen of each",
       .detail = "A box of width W·√(1 − λ) and height H·√(1 − λ), λ drawn of Beta(α, α), its middle anywhere, cut off at "
                 "the edges, shows the same place of the partner, which is scaled to cover the picture. Classes count by "
                 "the pixels that are really seen (Yun et al., \"CutMix\", 2019; α = 1 there). Boxes of both pictures are "
                 "kept as far as they are seen.",
       .family = "mix",
       .example = "cutmix: {alpha: 1}",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = cutmix::fields,
       .partners = 1,
       .tints = true}));
  t.add(op<smote_pixels::Op, smote_pixels::lower, smote_pixels::resolve>(
      {.name = "smote_pixels",
       .summary = "A picture between this one and another of its class",
       .detail = "x + u·(y − x) for each pixel, y another picture of the same class and u uniform in [0, 1): SMOTE's rule "
                 "(Chawla et al. 2002) on pixels, with any sample of the class in place of the nearest ones. The class "
                 "stays, so that any layout can hold it.",
       .family = "mix",
       .example = "smote_pixels",
       .labels = LabelRule::mixes,
       .node = NodeKind::mix,
       .fields = smote_pixels::fields,
       .partners = 1,
       .tints = true}));
}

}  // namespace leaven::ops

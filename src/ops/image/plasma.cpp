// Uneven light and noise in patches, from fractal clouds and coarse grids.
#include <algorithm>
#include <array>
#include <cmath>

#include "ops/image/channels.hpp"
#include "ops/image/random_plane.hpp"

namespace leaven::ops {
namespace {

constexpr std::string_view kFalloffDoc = "How much smaller each finer layer is: 1.2 is rugged, 3 is smooth";

template <class Op>
consteval FieldInfo falloff_field() {
  return field<&Op::falloff>("falloff",
                             {.doc = kFalloffDoc, .lo = 1, .hi = 8, .unit = "factor", .draw = uniform(1.4, 2.5)});
}

// v' = change(v, cloud) on all colour channels.
template <class Change>
Nodes with_plasma(double falloff, const Site& at, Change change) {
  return on_planes([=, key = at.key](Planes& planes) {
    const Plane cloud = plasma(planes.width(), planes.height(), falloff, key);
    for (int c = 0; c < planes.colours(); ++c)
      for (int y = 0; y < planes.height(); ++y) {
        float* v = planes[c].row(y);
        const float* p = cloud.row(y);
        for (int x = 0; x < planes.width(); ++x) v[x] = change(v[x], p[x]);
      }
  });
}

namespace plasma_brightness {
struct Op {
  double amount = 0.2, falloff = 1.8;
};
constexpr auto fields = std::array{field<&Op::amount>("amount", {.doc = "Largest change of the brightness",
                                                                 .lo = 0,
                                                                 .hi = 1,
                                                                 .unit = "fraction",
                                                                 .neutral = 0,
                                                                 .strong = 0.6,
                                                                 .draw = uniform(0.05, 0.3)}),
                                   falloff_field<Op>()};
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  return with_plasma(op.falloff, at,
                     [by = static_cast<float>(op.amount)](float v, float p) { return v + by * (2 * p - 1); });
}
}  // namespace plasma_brightness

namespace plasma_contrast {
struct Op {
  double amount = 0.4, falloff = 1.8;
};
constexpr auto fields = std::array{field<&Op::amount>("amount", {.doc = "Largest change of the factor on the contrast",
                                                                 .lo = 0,
                                                                 .hi = 1,
                                                                 .unit = "factor",
                                                                 .neutral = 0,
                                                                 .strong = 1,
                                                                 .draw = uniform(0.1, 0.5)}),
                                   falloff_field<Op>()};
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  return with_plasma(op.falloff, at, [by = static_cast<float>(op.amount)](float v, float p) {
    return v + (v - 0.5f) * (by * (2 * p - 1));
  });
}
}  // namespace plasma_contrast

namespace plasma_shadow {
struct Op {
  double amount = 0.4, level = 0.45, softness = 0.1, falloff = 1.8;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the light that is lost in the shadows", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.8, .draw = uniform(0.1, 0.5)}),
    field<&Op::level>("level", {.doc = "Height of the cloud below which it is dark: 1 is all", .lo = 0, .hi = 1,
        .unit = "fraction", .draw = uniform(0.3, 0.6)}),
    field<&Op::softness>("softness", {.doc = "Height over which the edge of a shadow fades", .lo = 0, .hi = 1,
        .unit = "fraction"}),
    falloff_field<Op>()};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  if (op.amount == 0) return {};
  const auto by = static_cast<float>(op.amount), level = static_cast<float>(op.level),
             slope = static_cast<float>(1 / std::max(op.softness, 1e-6));
  return with_plasma(op.falloff, at, [=](float v, float p) {
    return v * (1 - by * std::min(std::max(0.5f + (level - p) * slope, 0.0f), 1.0f));
  });
}
}  // namespace plasma_shadow

namespace coarse_salt_pepper {
struct Op {
  double amount = 0.03, salt = 0.5;
  int size = 8;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the squares that become white or black", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 0.2, .draw = uniform(0.005, 0.05)}),
    field<&Op::salt>("salt", {.doc = "Share of those that become white", .lo = 0, .hi = 1, .unit = "fraction"}),
    field<&Op::size>("size", {.doc = "Side of a square", .lo = 1, .hi = 1024, .unit = "px",
        .draw = integer(2, 16)})};
// clang-format on
Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (op.amount == 0) return {};
  return on_planes([op, key = at.key](Planes& planes) {
    const int across = (planes.width() + op.size - 1) / op.size, down = (planes.height() + op.size - 1) / op.size;
    const Plane chance = uniform_plane(across, down, key);
    const auto amount = static_cast<float>(op.amount), salt = static_cast<float>(op.amount * op.salt);
    for (int y = 0; y < planes.height(); ++y)
      for (int i = 0; i < across; ++i) {
        const float u = chance.at(i, y / op.size);
        if (u >= amount) continue;
        const int from = i * op.size, to = std::min(from + op.size, planes.width());
        for (int c = 0; c < planes.colours(); ++c)
          std::fill(planes[c].row(y) + from, planes[c].row(y) + to, u < salt ? 1.0f : 0.0f);
      }
  });
}
}  // namespace coarse_salt_pepper

}  // namespace

void add_plasma(OpTable& t) {
  t.add(op<plasma_brightness::Op, plasma_brightness::lower>(
      {.name = "plasma_brightness",
       .summary = "Lighten and darken in clouds",
       .detail = "v' = v + amount·(2p − 1), p a fractal cloud from 0 to 1 by the diamond-square algorithm (Fournier et "
                 "al. 1982; as an augmentation: Nicolaou et al., TorMentor, 2022); alpha stays.",
       .family = "light",
       .example = "plasma_brightness: {amount: 0.3}",
       .node = NodeKind::opaque,
       .fields = plasma_brightness::fields}));
  t.add(op<plasma_contrast::Op, plasma_contrast::lower>(
      {.name = "plasma_contrast",
       .summary = "Raise and lower the contrast in clouds",
       .detail = "v' = 1/2 + (v − 1/2)·(1 + amount·(2p − 1)), p as in plasma_brightness; alpha stays.",
       .family = "light",
       .example = "plasma_contrast: {amount: 0.5}",
       .node = NodeKind::opaque,
       .fields = plasma_contrast::fields}));
  t.add(op<plasma_shadow::Op, plasma_shadow::lower>(
      {.name = "plasma_shadow",
       .summary = "Cast cloudy shadows",
       .detail = "v' = v·(1 − amount·s), s = 1 where the cloud p of plasma_brightness lies below level, falling to 0 "
                 "over a height of softness about it; alpha stays.",
       .family = "light",
       .example = "plasma_shadow: {amount: 0.5}",
       .node = NodeKind::opaque,
       .fields = plasma_shadow::fields}));
  t.add(op<coarse_salt_pepper::Op, coarse_salt_pepper::lower>(
      {.name = "coarse_salt_pepper",
       .summary = "Turn squares of a grid white or black",
       .detail = "Each square by itself, with probability amount·salt for white and amount·(1 − salt) for black; alpha "
                 "stays.",
       .family = "noise",
       .example = "coarse_salt_pepper: {amount: 0.05, size: 6}",
       .node = NodeKind::opaque,
       .fields = coarse_salt_pepper::fields}));
}

}  // namespace leaven::ops

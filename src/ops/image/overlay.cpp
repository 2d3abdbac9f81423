// Overlays: a picture from a file, and stripes.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "core/shown_regions.hpp"
#include "ops/image/canvas.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/composite.hpp"
#include "ops/image/named_file.hpp"

namespace leaven::ops {
namespace {

template <class Op>
consteval FieldInfo opacity_field(double strong) {
  return field<&Op::opacity>("opacity", {.doc = "0 shows nothing of it, 1 nothing of the picture under it",
                                         .lo = 0,
                                         .hi = 1,
                                         .unit = "fraction",
                                         .neutral = 0,
                                         .strong = strong,
                                         .draw = uniform(0.3, 1)});
}

namespace overlay_image {
// From here on what lies under a pixel of the overlay counts as hidden.
constexpr float kHides = 0.5F;
struct Op {
  std::string path{};
  double width = 0.3, at_x = 0.5, at_y = 0.5, opacity = 1;
  std::string digest{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::path>("path", {.doc = "Image file, its alpha included, or a folder of which each copy draws one; beside the recipe",
        .file = true}),
    field<&Op::width>("width", {.doc = "Width of the overlay, as a share of the picture's", .lo = 0.001, .hi = 4,
        .unit = "fraction", .draw = uniform(0.15, 0.4)}),
    at_x_field<Op>(uniform(0, 1)),
    at_y_field<Op>(uniform(0, 1)),
    opacity_field<Op>(1),
    digest_field<Op>()};
// clang-format on

void resolve(Op& op, const Site& at) { resolve_image(op, at); }

Nodes lower(const Op& op, const Site& at) {
  if (op.opacity == 0) return {};
  require_bounded(at);
  const int colours = has_colour(at) ? 3 : 1;
  const auto image = named_image(at, op.path, op.digest);
  const Size in = at.image.size(), own = image->pixels.shape().size();
  const int width = std::max(1, static_cast<int>(std::nearbyint(op.width * in.width)));
  const Size size{width, in_proportion(width, own.height, own.width)};
  const int x = place_within(in.width - size.width, op.at_x), y = place_within(in.height - size.height, op.at_y);
  const auto opacity = static_cast<float>(op.opacity);
  const auto layer = std::make_shared<const Layer>(resized(layer_of(image->pixels.view(), colours), size));
  Nodes nodes = on_planes([=](Planes& planes) { lay_over(planes, *layer, x, y, opacity); });
  std::vector<Region> hidden = shown_regions(size, [&](int i, int j) { return opacity * layer->alpha.at(i, j) >= kHides; });
  for (Region& region : hidden) region.x += x, region.y += y;
  std::get<Opaque>(nodes.front()).hides = std::move(hidden);
  return nodes;
}
}  // namespace overlay_image

namespace overlay_stripes {
struct Op {
  double width = 0.03, gap = 0.05, degrees = 45, phase = 0, opacity = 0.5;
  std::vector<double> color{1.0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::width>("width", {.doc = "Width of a stripe, as a share of the picture's shorter side", .lo = 0.001,
        .hi = 1, .unit = "fraction", .draw = log_uniform(0.01, 0.06)}),
    field<&Op::gap>("gap", {.doc = "Space between stripes, as a share of the picture's shorter side", .lo = 0, .hi = 1,
        .unit = "fraction", .draw = log_uniform(0.02, 0.15)}),
    field<&Op::degrees>("degrees", {.doc = "Direction along the stripes, counter-clockwise from the right", .lo = -180,
        .hi = 180, .unit = "degrees", .draw = uniform(-90, 90)}),
    field<&Op::phase>("phase", {.doc = "Shift across the stripes, as a share of their distance", .lo = 0, .hi = 1,
        .unit = "turns", .draw = uniform(0, 1)}),
    opacity_field<Op>(0.8),
    field<&Op::color>("color", {.doc = "Colour of the stripes: one number for all channels, or one a channel", .lo = 0,
        .hi = 1, .unit = "fraction", .min_count = 1, .max_count = kMostChannels})};
// clang-format on

// How much of the unit interval about `at` lies in [0, width) of a pattern with this period; stripes wider than a pixel
// so have soft edges of one pixel.
double covered(double at, double width, double period) {
  const auto below = [&](double v) {  // measure of the stripes in (−∞, v), but for a constant
    const double turn = std::floor(v / period);
    return turn * width + std::min(v - turn * period, width);
  };
  return below(at + 0.5) - below(at - 0.5);
}

Nodes lower(const Op& op, const Site& at) {
  if (op.opacity == 0) return {};
  require_bounded(at);
  const double side = std::min(at.image.width, at.image.height), width = std::max(op.width * side, 0.5),
               period = width + op.gap * side;
  const Matrix3 turn = Matrix3::rotation(op.degrees);
  const auto fill = fill_for(op.color, at);
  return on_planes([=, opacity = op.opacity, phase = op.phase](Planes& planes) {
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) {
        // Across a stripe whose direction is (cos, −sin): y is down.
        const double across = (x + 0.5) * turn.m[1] + (y + 0.5) * turn.m[0];
        const auto a = static_cast<float>(opacity * covered(across - phase * period, width, period));
        for (int c = 0; c < planes.colours(); ++c) {
          float& v = planes[c].at(x, y);
          v = v + a * (fill[static_cast<std::size_t>(c)] - v);
        }
      }
  });
}
}  // namespace overlay_stripes

}  // namespace

void add_overlay(OpTable& t) {
  t.add(op<overlay_image::Op, overlay_image::lower, overlay_image::resolve>(
      {.name = "overlay_image",
       .summary = "Lay a picture from a file over part of this one",
       .detail = "Resized to width of the picture's width with its own aspect, placed so that at_x and at_y share out "
                 "what is left over, and composited over it: Porter and Duff (1984). A sticker, an emoji, a logo or the "
                 "frame of a screenshot. What lies under it where opacity times its alpha is at least 0.5 counts as hidden.",
       .family = "overlay",
       .example = "overlay_image: {path: sticker.png, width: 0.25, opacity: 0.9}",
       .labels = LabelRule::hides,
       .node = NodeKind::opaque,
       .fields = overlay_image::fields,
       .tints = true}));
  t.add(op<overlay_stripes::Op, overlay_stripes::lower>(
      {.name = "overlay_stripes",
       .summary = "Lay parallel stripes over the picture",
       .detail = "Stripes of one colour with edges one pixel soft; alpha stays.",
       .family = "overlay",
       .example = "overlay_stripes: {degrees: 30, opacity: 0.4}",
       .node = NodeKind::opaque,
       .fields = overlay_stripes::fields}));
}

}  // namespace leaven::ops

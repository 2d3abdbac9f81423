// Displacements that the user drew.
#include <algorithm>
#include <cmath>

#include "ops/image/displacement_field.hpp"
#include "ops/image/named_file.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace remap {

struct Op {
  std::string path{};
  double strength = 1;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
  std::string digest{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::path>("path", {.doc = "The map (.npy): rows × columns × 2 floats; or a folder of which each copy draws one", .file = true}),
    field<&Op::strength>("strength", {.doc = "Factor on all displacements", .lo = -16, .hi = 16, .unit = "factor",
        .neutral = 0, .strong = 1, .draw = uniform(0.5, 1)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>(),
    digest_field<Op>()};
// clang-format on

void resolve(Op& op, const Site& at) { resolve_image(op, at, NamedKind::map); }

Nodes lower(const Op& op, const Site& at) {
  if (op.strength == 0) return {};
  const auto opened = named_image(at, op.path, op.digest);
  const RasterShape& shape = opened->pixels.shape();
  if (shape.channels != 2 || shape.dtype != Dtype::f32)
    throw usage_error("needs a map of two float channels (to the right, down), got " + describe(shape)).with_field("path");
  const Planes map(opened->pixels.view());
  const Size in = at.image.size();
  // The map's entries lie at the middles of equal cells; beyond the outermost they are repeated.
  const double cell_x = static_cast<double>(in.width) / shape.width, cell_y = static_cast<double>(in.height) / shape.height;
  const auto entry = [&](double x, double y, int channel) {
    const double fx = std::floor(x), fy = std::floor(y);
    const auto value = [&](double i, double j) {
      return static_cast<double>(map[channel].at(static_cast<int>(std::clamp(i, 0.0, shape.width - 1.0)),
                                                 static_cast<int>(std::clamp(j, 0.0, shape.height - 1.0))));
    };
    const double above = value(fx, fy) + (x - fx) * (value(fx + 1, fy) - value(fx, fy));
    const double below = value(fx, fy + 1) + (x - fx) * (value(fx + 1, fy + 1) - value(fx, fy + 1));
    return above + (y - fy) * (below - above);
  };
  const auto displaced = [&](Point p) -> Point {
    const double x = p.x / cell_x - 0.5, y = p.y / cell_y - 0.5;
    return {op.strength * entry(x, y, 0) * in.width, op.strength * entry(x, y, 1) * in.height};
  };
  // Nodes at the middles of cells and between them; what is finer than pixels is of no use.
  constexpr double kFinest = 2;
  return displace(op, at, grid_of(displaced, in, std::max(kFinest, cell_x / 2), std::max(kFinest, cell_y / 2), Fit::follow));
}

}  // namespace remap

}  // namespace

void add_remap(OpTable& t) {
  t.add(op<remap::Op, remap::lower, remap::resolve>(
      {.name = "remap",
       .summary = "Move pixels by a map from a file",
       .detail = "The picture at (x, y) shows what lay at (x + dx·W, y + dy·H): dx and dy are the map's two channels, shares of "
                 "the picture's sides, stretched over it and made smooth by a cubic B-spline through their cells. Labels "
                 "follow, as long as the map does not fold the picture.",
       .family = "geometry",
       .example = "remap: {path: warp.npy}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = remap::fields}));
}

}  // namespace leaven::ops

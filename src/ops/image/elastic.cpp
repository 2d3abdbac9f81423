// Elastic deformation: a smooth random displacement of every point.
#include <algorithm>
#include <cmath>

#include "ops/image/canvas.hpp"

namespace leaven::ops {
namespace {

namespace elastic {
struct Op {
  double alpha = 3, sigma = 12;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::alpha>("alpha", {.doc = "Largest displacement along each axis", .lo = 0, .hi = 200, .unit = "px",
        .neutral = 0, .strong = 12, .draw = uniform(1, 4)}),
    field<&Op::sigma>("sigma", {.doc = "Smoothness: standard deviation of the bump around each control point", .lo = 2,
        .hi = 500, .unit = "px", .draw = uniform(8, 20)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

// A cubic B-spline bump has variance spacing²/3. Its slope is at most 2·alpha/spacing along each axis, so a spacing
// above 4·alpha keeps the displacement a contraction: no point folds over, and labels find their way by iteration.
DisplacementGrid grid_for(const Op& op, Size size, Key key) {
  const double spacing = std::max(std::sqrt(3.0) * op.sigma, 4.5 * op.alpha);
  DisplacementGrid grid{.spacing_x = spacing, .spacing_y = spacing};
  grid.columns = static_cast<int>(size.width / spacing) + 4;
  grid.rows = static_cast<int>(size.height / spacing) + 4;
  grid.vectors.resize(static_cast<std::size_t>(grid.columns) * static_cast<std::size_t>(grid.rows) * 2);
  for (std::size_t i = 0; i < grid.vectors.size(); ++i)
    grid.vectors[i] = static_cast<float>(draw(uniform(-op.alpha, op.alpha), key, i));
  for (const float v : grid.vectors) grid.reach = std::max(grid.reach, std::fabs(static_cast<double>(v)));
  return grid;
}

Nodes lower(const Op& op, const Site& at) {
  if (op.alpha == 0) return {};
  return {Displacement{.grid = std::make_shared<const DisplacementGrid>(grid_for(op, at.image.size(), at.key)),
                       .border = {op.border, fill_for(op.fill, at)},
                       .filter = op.filter}};
}
}  // namespace elastic

}  // namespace

void add_elastic(OpTable& t) {
  t.add(op<elastic::Op, elastic::lower>(
      {.name = "elastic",
       .summary = "Bend the picture smoothly, as on a rubber sheet",
       .detail = "Output point p shows input point p + d(p), d a uniform cubic B-spline through control vectors "
                 "uniform in [−alpha, alpha]², one every s = max(√3·sigma, 4.5·alpha) px: the bump around a control "
                 "point has standard deviation sigma, widened where alpha is so large that the picture would fold "
                 "over. After Simard et al. (2003), with a spline in place of blurred noise.",
       .family = "geometry",
       .example = "elastic: {alpha: 4, sigma: 12}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = elastic::fields}));
}

}  // namespace leaven::ops

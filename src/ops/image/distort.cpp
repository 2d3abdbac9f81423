// Distortions by a coarse grid whose lines or points move at random.
#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "ops/image/displacement_field.hpp"

namespace leaven::ops {
namespace {

// Uniform in [−1, 1].
double signed_unit(Key key, std::uint64_t element) { return 2 * draw_unit(key, element) - 1; }

template <class Op>
consteval FieldInfo columns_field() {
  return field<&Op::columns>("columns", {.doc = "Cells from left to right", .lo = 1, .hi = 64, .unit = "1"});
}
template <class Op>
consteval FieldInfo rows_field() {
  return field<&Op::rows>("rows", {.doc = "Cells from top to bottom", .lo = 1, .hi = 64, .unit = "1"});
}

namespace grid_distortion {
struct Op {
  int columns = 5, rows = 5;
  double distortion = 0.2;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    columns_field<Op>(),
    rows_field<Op>(),
    field<&Op::distortion>("distortion", {.doc = "How far a line may move, as a share of a cell", .lo = 0, .hi = 0.45,
        .unit = "fraction", .neutral = 0, .strong = 0.4, .draw = uniform(0.05, 0.25)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

// The lines are the knots of the spline, so that the grid is no approximation of anything.
Nodes lower(const Op& op, const Site& at) {
  if (op.distortion == 0) return {};
  const Size size = at.image.size();
  DisplacementGrid grid{.spacing_x = size.width / static_cast<double>(op.columns),
                        .spacing_y = size.height / static_cast<double>(op.rows)};
  grid.columns = op.columns + 4;
  grid.rows = op.rows + 4;
  for (int j = 0; j < grid.rows; ++j)
    for (int i = 0; i < grid.columns; ++i) {
      const double x = signed_unit(at.key, static_cast<std::uint64_t>(2 * i)),
                   y = signed_unit(at.key, static_cast<std::uint64_t>(2 * j + 1));
      grid.vectors.push_back(static_cast<float>(x * op.distortion * grid.spacing_x));
      grid.vectors.push_back(static_cast<float>(y * op.distortion * grid.spacing_y));
    }
  for (const float v : grid.vectors) grid.reach = std::max(grid.reach, std::fabs(static_cast<double>(v)));
  return displace(op, at, std::move(grid));
}
}  // namespace grid_distortion

namespace piecewise_affine {
constexpr double kSpacings = 16;  // of the spline in a cell
struct Op {
  int columns = 4, rows = 4;
  double scale = 0.1;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    columns_field<Op>(),
    rows_field<Op>(),
    field<&Op::scale>("scale", {.doc = "How far a corner may move along each axis, as a share of a cell", .lo = 0,
        .hi = 0.24, .unit = "fraction", .neutral = 0, .strong = 0.24, .draw = uniform(0.03, 0.15)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

// The plane through three corners of a cell: those of its upper left triangle or of its lower right one. Outside the
// picture the outermost cells go on.
Point moved(const Op& op, Size size, const std::vector<Point>& corners, Point p) {
  const double u = p.x / size.width * op.columns, v = p.y / size.height * op.rows;
  const int i = std::clamp(static_cast<int>(std::floor(u)), 0, op.columns - 1),
            j = std::clamp(static_cast<int>(std::floor(v)), 0, op.rows - 1);
  const double s = u - i, t = v - j;
  const auto corner = [&](int di, int dj) {
    return corners[static_cast<std::size_t>((j + dj) * (op.columns + 1) + i + di)];
  };
  const Point right = corner(1, 0), below = corner(0, 1);
  const bool upper = s + t <= 1;
  const Point third = upper ? corner(0, 0) : corner(1, 1);
  const double a = upper ? s : 1 - t, b = upper ? t : 1 - s, c = 1 - a - b;
  return {a * right.x + b * below.x + c * third.x, a * right.y + b * below.y + c * third.y};
}

Nodes lower(const Op& op, const Site& at) {
  if (op.scale == 0) return {};
  const Size size = at.image.size();
  const double width = size.width / static_cast<double>(op.columns),
               height = size.height / static_cast<double>(op.rows);
  std::vector<Point> corners(static_cast<std::size_t>((op.columns + 1) * (op.rows + 1)));
  for (std::size_t k = 0; k < corners.size(); ++k)
    corners[k] = {signed_unit(at.key, 2 * k) * op.scale * width, signed_unit(at.key, 2 * k + 1) * op.scale * height};
  return displace(op, at,
                  grid_of([&](Point p) { return moved(op, size, corners, p); }, size, std::max(1.0, width / kSpacings),
                          std::max(1.0, height / kSpacings), Fit::round));
}
}  // namespace piecewise_affine

}  // namespace

void add_distort(OpTable& t) {
  t.add(op<grid_distortion::Op, grid_distortion::lower>(
      {.name = "grid_distortion",
       .summary = "Press and stretch columns and rows",
       .detail =
           "The lines of a grid move by up to distortion cells, uniform and each by itself, columns along x and rows "
           "along y; between them a cubic B-spline through the lines' shifts: p + (dx(x), dy(y)) is shown at p. "
           "Below half a cell no line passes another.",
       .family = "geometry",
       .example = "grid_distortion: {columns: 6, rows: 6, distortion: 0.2}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = grid_distortion::fields}));
  t.add(op<piecewise_affine::Op, piecewise_affine::lower>(
      {.name = "piecewise_affine",
       .summary = "Move the corners of a grid; each triangle between them is mapped straight",
       .detail =
           "Each corner shows the point up to scale cells away along each axis, uniform; the two triangles of a cell "
           "are affine in between. Below a quarter of a cell no triangle turns over. The creases are rounded within "
           "an eighth of a cell, where the map differs from the plain one by at most scale/12 cells.",
       .family = "geometry",
       .example = "piecewise_affine: {columns: 4, rows: 4, scale: 0.1}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = piecewise_affine::fields}));
}

}  // namespace leaven::ops

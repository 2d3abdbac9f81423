// The thin plate spline: the smoothest map through points that move at random.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/image/displacement_field.hpp"

namespace leaven::ops {
namespace {

namespace thin_plate_spline {
constexpr double kSpacings = 8;  // of the engine's spline between two points
struct Op {
  int points = 4;
  double scale = 0.1;
  BorderKind border = BorderKind::reflect;
  std::vector<double> fill{0.0};
  Filter filter = Filter::bilinear;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::points>("points", {.doc = "Control points a side; the outermost lie on the edges", .lo = 2, .hi = 8,
        .unit = "1"}),
    field<&Op::scale>("scale", {.doc = "How far a point may move along each axis, as a share of their distance",
        .lo = 0, .hi = 0.25, .unit = "fraction", .neutral = 0, .strong = 0.2, .draw = uniform(0.03, 0.15)}),
    border_field<Op>(),
    fill_field<Op>(),
    filter_field<Op>()};
// clang-format on

// U(r) = r² log r², of the squared distance.
double bending(double squared) { return squared == 0 ? 0 : squared * exact::log(squared); }

double squared_distance(Point a, Point b) { return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y); }

// Gaussian elimination with partial pivoting; each row of the square matrix is followed by its two right-hand sides.
// A system of distinct points that are not all on a line is never singular.
std::vector<Point> solved(std::vector<std::vector<double>> rows) {
  const std::size_t n = rows.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (std::fabs(rows[i][k]) > std::fabs(rows[pivot][k])) pivot = i;
    std::swap(rows[k], rows[pivot]);
    if (rows[k][k] == 0) throw bug("control points on a line");
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = rows[i][k] / rows[k][k];
      for (std::size_t j = k; j < n + 2; ++j) rows[i][j] -= factor * rows[k][j];
    }
  }
  std::vector<Point> x(n);
  for (std::size_t k = n; k-- > 0;) {
    Point sum{rows[k][n], rows[k][n + 1]};
    for (std::size_t j = k + 1; j < n; ++j) sum = {sum.x - rows[k][j] * x[j].x, sum.y - rows[k][j] * x[j].y};
    x[k] = {sum.x / rows[k][k], sum.y / rows[k][k]};
  }
  return x;
}

// Bookstein, "Principal warps: thin-plate splines and the decomposition of deformations" (1989). Weights of the points,
// then of 1, x and y.
std::vector<Point> weights(const std::vector<Point>& at, const std::vector<Point>& shifts) {
  const std::size_t count = at.size(), n = count + 3;
  std::vector<std::vector<double>> rows(n, std::vector<double>(n + 2));
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) rows[i][j] = bending(squared_distance(at[i], at[j]));
    rows[i][count] = rows[count][i] = 1;
    rows[i][count + 1] = rows[count + 1][i] = at[i].x;
    rows[i][count + 2] = rows[count + 2][i] = at[i].y;
    rows[i][n] = shifts[i].x;
    rows[i][n + 1] = shifts[i].y;
  }
  return solved(std::move(rows));
}

Nodes lower(const Op& op, const Site& at) {
  if (op.scale == 0) return {};
  const Size size = at.image.size();
  const double apart = op.points - 1, unit = std::max(size.width, size.height);  // the system is solved in units of it
  const double width = size.width / apart, height = size.height / apart;
  std::vector<Point> points, shifts;
  for (int j = 0; j < op.points; ++j)
    for (int i = 0; i < op.points; ++i) {
      const auto element = 2 * static_cast<std::uint64_t>(points.size());
      points.push_back({i * width / unit, j * height / unit});
      shifts.push_back({(2 * draw_unit(at.key, element) - 1) * op.scale * width,
                        (2 * draw_unit(at.key, element + 1) - 1) * op.scale * height});
    }
  const std::vector<Point> w = weights(points, shifts);
  const auto shift = [&](Point p) {
    p = {p.x / unit, p.y / unit};
    const std::size_t n = points.size();
    Point d{w[n].x + w[n + 1].x * p.x + w[n + 2].x * p.y, w[n].y + w[n + 1].y * p.x + w[n + 2].y * p.y};
    for (std::size_t k = 0; k < n; ++k) {
      const double u = bending(squared_distance(p, points[k]));
      d.x += w[k].x * u;
      d.y += w[k].y * u;
    }
    return d;
  };
  return displace(
      op, at, grid_of(shift, size, std::max(2.0, width / kSpacings), std::max(2.0, height / kSpacings), Fit::follow));
}
}  // namespace thin_plate_spline

}  // namespace

void add_thin_plate(OpTable& t) {
  t.add(op<thin_plate_spline::Op, thin_plate_spline::lower>(
      {.name = "thin_plate_spline",
       .summary = "Bend the picture like a thin plate through points that move at random",
       .detail =
           "A grid of points × points; each shows the point up to scale of their distance away along each axis, "
           "uniform, and the thin plate spline with U(r) = r² log r carries the rest: Bookstein (1989). It is run as "
           "a cubic spline with eight knots between two points, which it meets within scale/40 of their distance.",
       .family = "geometry",
       .example = "thin_plate_spline: {points: 4, scale: 0.1}",
       .labels = LabelRule::moves,
       .node = NodeKind::displacement,
       .fields = thin_plate_spline::fields}));
}

}  // namespace leaven::ops

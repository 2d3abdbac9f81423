#include "kernels/coordinates.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/coordinates.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Double = hn::CappedTag<double, 8>;
using DoubleVec = hn::Vec<Double>;

void project(const Matrix3& map, int x, int y, int count, const Points& points) {
  const Double d;
  const auto& m = map.m;
  const double py = y + 0.5;
  const auto ux = hn::Set(d, m[0]), u0 = hn::Set(d, m[1] * py + m[2]);
  const auto vx = hn::Set(d, m[3]), v0 = hn::Set(d, m[4] * py + m[5]);
  const bool flat = m[6] == 0 && m[7] == 0;
  const auto wx = hn::Set(d, m[6]), w0 = hn::Set(d, m[7] * py + m[8]);
  const auto one = hn::Set(d, 1.0);
  auto px = hn::Add(hn::Iota(d, 0.0), hn::Set(d, x + 0.5));
  const auto step = hn::Set(d, static_cast<double>(hn::Lanes(d)));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d), px = hn::Add(px, step)) {
    auto u = hn::Add(hn::Mul(px, ux), u0), v = hn::Add(hn::Mul(px, vx), v0);
    if (!flat) {
      const auto scale = hn::Div(one, hn::Add(hn::Mul(px, wx), w0));
      u = hn::Mul(u, scale);
      v = hn::Mul(v, scale);
    } else if (m[8] != 1) {
      u = hn::Div(u, w0);
      v = hn::Div(v, w0);
    }
    hn::Store(u, d, points.x + i);
    hn::Store(v, d, points.y + i);
  }
}

template <class M>
HWY_INLINE bool mark(Double d, M where, std::size_t i, int count, int answer, std::int32_t* answers) {
  if (hn::AllFalse(d, where)) return false;
  HWY_ALIGN double flags[8];
  hn::Store(hn::IfThenElseZero(where, hn::Set(d, 1.0)), d, flags);
  for (std::size_t lane = 0; lane < hn::Lanes(d) && i + lane < static_cast<std::size_t>(count); ++lane)
    if (flags[lane] != 0 && answers[i + lane] < 0) answers[i + lane] = answer;
  return true;
}

bool through_map(const Matrix3& map, int count, const Points& points, int answer, std::int32_t* answers) {
  const Double d;
  const auto& m = map.m;
  const auto row = [&](std::size_t at, DoubleVec x, DoubleVec y) HWY_ATTR {
    return hn::Add(hn::Add(hn::Mul(x, hn::Set(d, m[at])), hn::Mul(y, hn::Set(d, m[at + 1]))), hn::Set(d, m[at + 2]));
  };
  bool any = false;
  const bool flat = m[6] == 0 && m[7] == 0 && m[8] == 1;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d)) {
    const auto x = hn::Load(d, points.x + i), y = hn::Load(d, points.y + i);
    if (flat) {  // the denominator is 1; a NaN is left to the border
      hn::Store(row(0, x, y), d, points.x + i);
      hn::Store(row(3, x, y), d, points.y + i);
      continue;
    }
    const auto w = row(6, x, y);
    const auto somewhere = hn::Gt(w, hn::Zero(d));
    any |= mark(d, hn::Not(somewhere), i, count, answer, answers);
    const auto safe = hn::IfThenElse(somewhere, w, hn::Set(d, 1.0));
    hn::Store(hn::Div(row(0, x, y), safe), d, points.x + i);
    hn::Store(hn::Div(row(3, x, y), safe), d, points.y + i);
  }
  return any;
}

HWY_INLINE DoubleVec wrapped(Double d, DoubleVec v, double period) {
  const auto p = hn::Set(d, period);
  return hn::Sub(v, hn::Mul(p, hn::Floor(hn::Div(v, p))));
}

/// Where coordinates go on that lie outside [0, size).
HWY_INLINE DoubleVec folded(Double d, DoubleVec v, double size, BorderKind kind) {
  switch (kind) {
    case BorderKind::constant: return v;
    case BorderKind::edge: return hn::Min(hn::Max(v, hn::Set(d, 0.5)), hn::Set(d, size - 0.5));
    case BorderKind::reflect: {
      if (size == 1) return hn::Set(d, 0.5);
      const auto last = hn::Set(d, size - 1);
      const auto t = wrapped(d, hn::Sub(v, hn::Set(d, 0.5)), 2 * (size - 1));
      return hn::Add(hn::Set(d, 0.5), hn::IfThenElse(hn::Gt(t, last), hn::Sub(hn::Set(d, 2 * (size - 1)), t), t));
    }
    case BorderKind::symmetric: {
      const auto t = wrapped(d, v, 2 * size);
      return hn::IfThenElse(hn::Gt(t, hn::Set(d, size)), hn::Sub(hn::Set(d, 2 * size), t), t);
    }
    case BorderKind::wrap: return wrapped(d, v, size);
  }
  return v;
}

bool border(Size canvas, BorderKind kind, int count, const Points& points, int answer, std::int32_t* answers) {
  const Double d;
  const double width = canvas.width, height = canvas.height;
  const auto huge = hn::Set(d, 1e15);
  const auto inside = [&](DoubleVec v, double size) HWY_ATTR {
    return hn::And(hn::Ge(v, hn::Zero(d)), hn::Lt(v, hn::Set(d, size)));
  };
  bool any = false;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d)) {
    auto x = hn::Load(d, points.x + i), y = hn::Load(d, points.y + i);
    const auto in_x = inside(x, width), in_y = inside(y, height);
    const auto in_both = hn::And(in_x, in_y);
    if (hn::AllTrue(d, in_both)) continue;
    const auto goes_on = kind == BorderKind::constant
                             ? in_both
                             : hn::And(hn::Lt(hn::Abs(x), huge), hn::Lt(hn::Abs(y), huge));  // false for NaN
    any |= mark(d, hn::Not(goes_on), i, count, answer, answers);
    const auto half = hn::Set(d, 0.5);
    x = hn::IfThenElse(goes_on, hn::IfThenElse(in_x, x, folded(d, x, width, kind)), half);
    y = hn::IfThenElse(goes_on, hn::IfThenElse(in_y, y, folded(d, y, height, kind)), half);
    hn::Store(x, d, points.x + i);
    hn::Store(y, d, points.y + i);
  }
  return any;
}

/// Weights of the four nodes around a point at `t` in [0, 1) behind the second (de Boor, "A practical guide to splines").
HWY_INLINE void spline_weights(Double d, DoubleVec t, DoubleVec (&w)[4]) {
  const auto sixth = hn::Set(d, 1.0 / 6), three = hn::Set(d, 3.0), four = hn::Set(d, 4.0), six = hn::Set(d, 6.0);
  const auto u = hn::Sub(hn::Set(d, 1.0), t);
  const auto outer = [&](DoubleVec v) HWY_ATTR { return hn::Mul(hn::Mul(hn::Mul(v, v), v), sixth); };
  const auto inner = [&](DoubleVec v) HWY_ATTR {
    const auto vv = hn::Mul(v, v);
    return hn::Mul(hn::Add(hn::Sub(hn::Mul(three, hn::Mul(vv, v)), hn::Mul(six, vv)), four), sixth);
  };
  w[0] = outer(u);
  w[1] = inner(t);
  w[2] = inner(u);
  w[3] = outer(t);
}

/// Grid coordinate of a point: whole node and rest. Node 0 lies at −spacing.
HWY_INLINE void grid_place(Double d, DoubleVec v, double spacing, int nodes, DoubleVec& node, DoubleVec& rest) {
  auto u = hn::Add(hn::Div(v, hn::Set(d, spacing)), hn::Set(d, 1.0));
  u = hn::Min(hn::Max(u, hn::Set(d, -4.0)), hn::Set(d, nodes + 4.0));
  node = hn::Floor(u);
  rest = hn::Sub(u, node);
}

void displace(const DisplacementGrid& grid, int count, const Points& points) {
  const Double d;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN double weights_x[4][8], weights_y[4][8], columns[8], rows[8], moved_x[8], moved_y[8];
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += lanes) {
    const auto x = hn::Load(d, points.x + i), y = hn::Load(d, points.y + i);
    DoubleVec column, row, tx, ty, wx[4], wy[4];
    grid_place(d, x, grid.spacing_x, grid.columns, column, tx);
    grid_place(d, y, grid.spacing_y, grid.rows, row, ty);
    spline_weights(d, tx, wx);
    spline_weights(d, ty, wy);
    for (std::size_t k = 0; k < 4; ++k) {
      hn::Store(wx[k], d, weights_x[k]);
      hn::Store(wy[k], d, weights_y[k]);
    }
    hn::Store(column, d, columns);
    hn::Store(row, d, rows);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      double sum_x = 0, sum_y = 0;
      for (int j = 0; j < 4; ++j) {
        const int at_row = HWY_MIN(HWY_MAX(static_cast<int>(rows[lane]) + j - 1, 0), grid.rows - 1);
        const float* vectors = grid.vectors.data() + std::size_t{2} * static_cast<std::size_t>(at_row) *
                                                         static_cast<std::size_t>(grid.columns);
        double row_x = 0, row_y = 0;
        for (int k = 0; k < 4; ++k) {
          const int at = HWY_MIN(HWY_MAX(static_cast<int>(columns[lane]) + k - 1, 0), grid.columns - 1);
          row_x += weights_x[k][lane] * static_cast<double>(vectors[2 * at]);
          row_y += weights_x[k][lane] * static_cast<double>(vectors[2 * at + 1]);
        }
        sum_x += weights_y[j][lane] * row_x;
        sum_y += weights_y[j][lane] * row_y;
      }
      moved_x[lane] = sum_x;
      moved_y[lane] = sum_y;
    }
    hn::Store(hn::Add(x, hn::Load(d, moved_x)), d, points.x + i);
    hn::Store(hn::Add(y, hn::Load(d, moved_y)), d, points.y + i);
  }
}

/// Pixels [x, x + count) of row y on one cell of a row's splines. Writes whole vectors.
void place_run(const GridRow::Cubic& dx, const GridRow::Cubic& dy, double spacing, int cell, int x, int y, int count,
               double* out_x, double* out_y) {
  const Double d;
  const auto width = hn::Set(d, spacing), behind = hn::Set(d, cell - 1.0), row = hn::Set(d, y + 0.5);
  auto px = hn::Add(hn::Iota(d, 0.0), hn::Set(d, x + 0.5));
  const auto step = hn::Set(d, static_cast<double>(hn::Lanes(d)));
  const auto value = [&](const GridRow::Cubic& cubic, DoubleVec t) HWY_ATTR {
    auto sum = hn::Add(hn::Mul(hn::Set(d, cubic.c[3]), t), hn::Set(d, cubic.c[2]));
    sum = hn::Add(hn::Mul(sum, t), hn::Set(d, cubic.c[1]));
    return hn::Add(hn::Mul(sum, t), hn::Set(d, cubic.c[0]));
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d), px = hn::Add(px, step)) {
    const auto t = hn::Sub(hn::Div(px, width), behind);
    hn::StoreU(hn::Add(px, value(dx, t)), d, out_x + i);
    hn::StoreU(hn::Add(row, value(dy, t)), d, out_y + i);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(project);
HWY_EXPORT(through_map);
HWY_EXPORT(displace);
HWY_EXPORT(border);
HWY_EXPORT(place_run);

void project_row(const Matrix3& map, int x, int y, int count, const Points& points) {
  HWY_DYNAMIC_DISPATCH(project)(map, x, y, count, points);
}

bool map_points(const Matrix3& map, int count, const Points& points, int answer, std::int32_t* answers) {
  return HWY_DYNAMIC_DISPATCH(through_map)(map, count, points, answer, answers);
}

void displace_points(const DisplacementGrid& grid, int count, const Points& points) {
  HWY_DYNAMIC_DISPATCH(displace)(grid, count, points);
}

bool meet_border(Size canvas, BorderKind kind, int count, const Points& points, int answer, std::int32_t* answers) {
  return HWY_DYNAMIC_DISPATCH(border)(canvas, kind, count, points, answer, answers);
}

void GridRow::start(int y) {
  row_ = y;
  const double v = std::clamp((y + 0.5) / grid_.spacing_y + 1, -4.0, grid_.rows + 4.0);
  const double row = std::floor(v), t = v - row, u = 1 - t;
  const double weights[4] = {u * u * u / 6, (3 * t * t * t - 6 * t * t + 4) / 6, (3 * u * u * u - 6 * u * u + 4) / 6,
                             t * t * t / 6};
  // Control values of this row; beyond the grid its outermost nodes go on.
  const int columns = grid_.columns;
  std::vector<double> dx(static_cast<std::size_t>(columns) + 5), dy(dx.size());
  for (int i = -2; i <= columns + 2; ++i) {
    const auto column = static_cast<std::size_t>(std::clamp(i, 0, columns - 1)), at = static_cast<std::size_t>(i + 2);
    for (int j = 0; j < 4; ++j) {
      const auto line = static_cast<std::size_t>(std::clamp(static_cast<int>(row) + j - 1, 0, grid_.rows - 1));
      const float* vector = grid_.vectors.data() + 2 * (line * static_cast<std::size_t>(columns) + column);
      dx[at] += weights[j] * static_cast<double>(vector[0]);
      dy[at] += weights[j] * static_cast<double>(vector[1]);
    }
  }
  const auto cubic = [](const double* p) {  // p: nodes −1, 0, 1, 2 about the cell
    return Cubic{{(p[0] + 4 * p[1] + p[2]) / 6, (p[2] - p[0]) / 2, (p[0] - 2 * p[1] + p[2]) / 2,
                  (3 * (p[1] - p[2]) + p[3] - p[0]) / 6}};
  };
  along_x_.clear();
  along_y_.clear();
  for (int cell = -1; cell <= columns; ++cell) {
    along_x_.push_back(cubic(dx.data() + cell + 1));
    along_y_.push_back(cubic(dy.data() + cell + 1));
  }
}

void GridRow::place(int x, int y, int count, const Points& points) {
  if (y != row_) start(y);
  const auto cell_of = [&](int at) {
    const double u = (at + 0.5) / grid_.spacing_x + 1;
    return static_cast<int>(std::min(u, static_cast<double>(grid_.columns)));  // the last one is level
  };
  for (int i = 0; i < count;) {
    const int cell = cell_of(x + i);
    int end = count;
    if (cell < grid_.columns) {
      // The cell ends at cell·spacing; rounding may put a pixel there on either side.
      end = std::clamp(static_cast<int>(std::min(cell * grid_.spacing_x - x, static_cast<double>(count))), i + 1, count);
      while (end < count && cell_of(x + end) == cell) ++end;
      while (end > i + 1 && cell_of(x + end - 1) != cell) --end;
    }
    const auto at = static_cast<std::size_t>(cell + 1);
    HWY_DYNAMIC_DISPATCH(place_run)
    (along_x_[at], along_y_[at], grid_.spacing_x, cell, x + i, y, end - i, points.x + i, points.y + i);
    i = end;
  }
}

}  // namespace leaven::kernels
#endif

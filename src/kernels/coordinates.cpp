#include "kernels/coordinates.hpp"

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
HWY_INLINE void mark(Double d, M where, std::size_t i, int count, int answer, std::int32_t* answers) {
  if (hn::AllFalse(d, where)) return;
  HWY_ALIGN double flags[8];
  hn::Store(hn::IfThenElseZero(where, hn::Set(d, 1.0)), d, flags);
  for (std::size_t lane = 0; lane < hn::Lanes(d) && i + lane < static_cast<std::size_t>(count); ++lane)
    if (flags[lane] != 0 && answers[i + lane] < 0) answers[i + lane] = answer;
}

void through_map(const Matrix3& map, int count, const Points& points, int answer, std::int32_t* answers) {
  const Double d;
  const auto& m = map.m;
  const auto row = [&](std::size_t at, DoubleVec x, DoubleVec y) HWY_ATTR {
    return hn::Add(hn::Add(hn::Mul(x, hn::Set(d, m[at])), hn::Mul(y, hn::Set(d, m[at + 1]))), hn::Set(d, m[at + 2]));
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d)) {
    const auto x = hn::Load(d, points.x + i), y = hn::Load(d, points.y + i);
    const auto w = row(6, x, y);
    const auto somewhere = hn::Gt(w, hn::Zero(d));
    mark(d, hn::Not(somewhere), i, count, answer, answers);
    const auto safe = hn::IfThenElse(somewhere, w, hn::Set(d, 1.0));
    hn::Store(hn::Div(row(0, x, y), safe), d, points.x + i);
    hn::Store(hn::Div(row(3, x, y), safe), d, points.y + i);
  }
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

void border(Size canvas, BorderKind kind, int count, const Points& points, int answer, std::int32_t* answers) {
  const Double d;
  const double width = canvas.width, height = canvas.height;
  const auto huge = hn::Set(d, 1e15);
  const auto inside = [&](DoubleVec v, double size) HWY_ATTR {
    return hn::And(hn::Ge(v, hn::Zero(d)), hn::Lt(v, hn::Set(d, size)));
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); i += hn::Lanes(d)) {
    auto x = hn::Load(d, points.x + i), y = hn::Load(d, points.y + i);
    const auto in_x = inside(x, width), in_y = inside(y, height);
    const auto in_both = hn::And(in_x, in_y);
    if (hn::AllTrue(d, in_both)) continue;
    const auto goes_on = kind == BorderKind::constant
                             ? in_both
                             : hn::And(hn::Lt(hn::Abs(x), huge), hn::Lt(hn::Abs(y), huge));  // false for NaN
    mark(d, hn::Not(goes_on), i, count, answer, answers);
    const auto half = hn::Set(d, 0.5);
    x = hn::IfThenElse(goes_on, hn::IfThenElse(in_x, x, folded(d, x, width, kind)), half);
    y = hn::IfThenElse(goes_on, hn::IfThenElse(in_y, y, folded(d, y, height, kind)), half);
    hn::Store(x, d, points.x + i);
    hn::Store(y, d, points.y + i);
  }
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

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(project);
HWY_EXPORT(through_map);
HWY_EXPORT(displace);
HWY_EXPORT(border);

void project_row(const Matrix3& map, int x, int y, int count, const Points& points) {
  HWY_DYNAMIC_DISPATCH(project)(map, x, y, count, points);
}

void map_points(const Matrix3& map, int count, const Points& points, int answer, std::int32_t* answers) {
  HWY_DYNAMIC_DISPATCH(through_map)(map, count, points, answer, answers);
}

void displace_points(const DisplacementGrid& grid, int count, const Points& points) {
  HWY_DYNAMIC_DISPATCH(displace)(grid, count, points);
}

void meet_border(Size canvas, BorderKind kind, int count, const Points& points, int answer, std::int32_t* answers) {
  HWY_DYNAMIC_DISPATCH(border)(canvas, kind, count, points, answer, answers);
}

}  // namespace leaven::kernels
#endif

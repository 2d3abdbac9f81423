#include "plan/raster/extent.hpp"

#include <algorithm>
#include <limits>

namespace leaven::plan {

namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

Extent mapped(const Matrix3& map, const Extent& from) {
  Extent to{kInfinite, kInfinite, -kInfinite, -kInfinite};
  const auto& m = map.m;
  for (const double x : {from.left, from.right})
    for (const double y : {from.top, from.bottom}) {
      // A projective map keeps a rectangle convex as long as no part of it lies behind the horizon.
      if (!(m[6] * x + m[7] * y + m[8] > 0)) return {-kInfinite, -kInfinite, kInfinite, kInfinite};
      const Point p = map.map({x, y});
      to = {std::min(to.left, p.x), std::min(to.top, p.y), std::max(to.right, p.x), std::max(to.bottom, p.y)};
    }
  return to;
}

/// Bounds of one axis [0, size) after its border; lo <= hi before.
void fold_axis(double& lo, double& hi, double size, BorderKind kind) {
  if (lo >= 0 && hi <= size) return;
  switch (kind) {
    case BorderKind::constant:  // what lies outside stops
      lo = std::max(lo, 0.0), hi = std::min(hi, size);
      return;
    case BorderKind::edge: {  // what lies outside goes to the outermost centre
      const double first = 0.5, last = size - 0.5;
      const double from = lo < 0 ? std::min(first, hi < 0 ? first : 0.0) : std::min(lo, last);
      const double to = hi > size ? std::max(last, lo > size ? last : size) : std::max(hi, first);
      lo = from, hi = to;
      return;
    }
    case BorderKind::reflect:
    case BorderKind::symmetric:
    case BorderKind::wrap: lo = 0, hi = size; return;
  }
}

}  // namespace

Extent mapped(const WarpStep& step, const Extent& from) {
  if (from.empty()) return from;
  if (const auto* map = std::get_if<Matrix3>(&step.to_input)) return mapped(*map, from);
  const double reach = std::get<std::shared_ptr<const DisplacementGrid>>(step.to_input)->reach;
  return {from.left - reach, from.top - reach, from.right + reach, from.bottom + reach};
}

Extent folded(const WarpStep& step, const Extent& points) {
  Extent inside = points;
  if (inside.empty()) return inside;
  fold_axis(inside.left, inside.right, step.input.width, step.border.kind);
  fold_axis(inside.top, inside.bottom, step.input.height, step.border.kind);
  return inside;
}

}  // namespace leaven::plan

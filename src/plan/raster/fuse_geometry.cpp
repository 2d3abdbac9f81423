#include <algorithm>
#include <cmath>

#include "plan/raster/extent.hpp"
#include "plan/raster/passes.hpp"

namespace leaven::plan {

namespace {

/// Place of a filter in the order nearest < area < bilinear < bicubic < lanczos.
int rank(Filter filter) {
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return 1;
    case Filter::bilinear: return 2;
    case Filter::bicubic: return 3;
    case Filter::lanczos: return 4;
  }
  return 0;
}

bool is_whole(double v) { return v == std::floor(v); }

struct Footprint {
  double x{1}, y{1};
};

/// 1 where the map grows, shrinks no more than `ignored`, or has no measure.
double counted(double f, double ignored) { return std::isfinite(f) && f > ignored ? f : 1; }

/// Whether rows stay rows or become columns, as in resize: then a footprint counts from 1 on, give or take rounding.
bool is_straight(const WarpStage& stage) {
  return std::all_of(stage.steps.begin(), stage.steps.end(), [](const WarpStep& step) {
    const auto* map = std::get_if<Matrix3>(&step.to_input);
    return map && map->is_affine() && ((map->m[1] == 0 && map->m[3] == 0) || (map->m[0] == 0 && map->m[4] == 0));
  });
}

/// Row norms of the Jacobian of the whole map at the canvas centre. Displacements are left out: they shift, and what
/// they stretch in one place they press in another.
Footprint footprint_at_centre(const WarpStage& stage, Size canvas) {
  Point p{canvas.width / 2.0, canvas.height / 2.0};
  double xx = 1, xy = 0, yx = 0, yy = 1;  // d(source) / d(output)
  for (std::size_t i = stage.steps.size(); i-- > 0;) {
    const auto* map = std::get_if<Matrix3>(&stage.steps[i].to_input);
    if (!map) continue;
    const auto& m = map->m;
    const double w = m[6] * p.x + m[7] * p.y + m[8];
    const Point q = map->map(p);
    const double a = (m[0] - q.x * m[6]) / w, b = (m[1] - q.x * m[7]) / w;
    const double c = (m[3] - q.y * m[6]) / w, d = (m[4] - q.y * m[7]) / w;
    const double old_xx = xx, old_xy = xy;
    xx = a * old_xx + b * yx, xy = a * old_xy + b * yy;
    yx = c * old_xx + d * yx, yy = c * old_xy + d * yy;
    p = q;
  }
  const double ignored = is_straight(stage) ? 1 + 1e-9 : kIgnoredFootprint;
  return {counted(std::sqrt(xx * xx + xy * xy), ignored), counted(std::sqrt(yx * yx + yy * yy), ignored)};
}

/// Projective maps may cancel to an affine one; executors expect w = 1 of those.
Matrix3 product(const Matrix3& left, const Matrix3& right) {
  Matrix3 map = left * right;
  if (map.is_affine() && map.m[8] != 1)
    for (const double w = map.m[8]; double& v : map.m) v /= w;
  return map;
}

/// Multiplies maps between which no canvas can answer. From the output back, because what a step is asked for depends
/// on the steps after it. `steps` are in program order before and after.
void multiply_maps(std::vector<WarpStep>& steps, Size canvas) {
  std::vector<WarpStep> kept;
  kept.reserve(steps.size());
  Extent asked = Extent::of_centres(canvas);  // points in the output canvas of `current`
  Size asked_in = canvas;
  WarpStep current = std::move(steps.back());
  const auto keep = [&](const Extent& points) {
    const auto* map = std::get_if<Matrix3>(&current.to_input);
    const bool identity = map && *map == Matrix3::identity() && current.input == asked_in;
    const bool nothing = identity && points.inside(current.input);
    asked = folded(current, points);
    asked_in = current.input;
    if (!nothing) kept.push_back(std::move(current));
  };
  for (std::size_t i = steps.size() - 1; i-- > 0;) {
    const Extent points = mapped(current, asked);
    auto* later = std::get_if<Matrix3>(&current.to_input);
    const auto* earlier = std::get_if<Matrix3>(&steps[i].to_input);
    if (later && earlier && points.inside(current.input)) {
      current = {product(*earlier, *later), steps[i].input, steps[i].border};
    } else {
      keep(points);
      current = std::move(steps[i]);
    }
  }
  keep(mapped(current, asked));
  std::reverse(kept.begin(), kept.end());
  steps = std::move(kept);
}

bool is_identity(const Pass& pass) {
  const auto& steps = std::get<WarpStage>(pass.stage).steps;
  const auto* map = steps.size() == 1 ? std::get_if<Matrix3>(&steps.front().to_input) : nullptr;
  return map && *map == Matrix3::identity() && pass.in.size() == pass.out.size();
}

/// Appends the warp `next` to `pass`. A step that does nothing has no say in the filter.
void append(Pass& pass, WarpWish& wish, Pass& next, WarpWish next_wish) {
  auto& steps = std::get<WarpStage>(pass.stage).steps;
  auto& more = std::get<WarpStage>(next.stage).steps;
  if (!is_identity(next)) {
    const bool both = wish.filter != Filter::nearest && next_wish.filter != Filter::nearest;
    wish.antialias =
        both ? wish.antialias && next_wish.antialias : (wish.filter != Filter::nearest ? wish : next_wish).antialias;
    if (rank(next_wish.filter) > rank(wish.filter)) wish.filter = next_wish.filter;
    std::move(more.begin(), more.end(), std::back_inserter(steps));
  }
  pass.steps.insert(pass.steps.end(), next.steps.begin(), next.steps.end());
  pass.out = next.out;
}

}  // namespace

bool moves_whole_pixels(const WarpStep& step) {
  const auto* map = std::get_if<Matrix3>(&step.to_input);
  if (!map || !map->is_affine()) return false;
  const auto& m = map->m;
  const bool straight = std::abs(m[0]) == 1 && m[1] == 0 && m[3] == 0 && std::abs(m[4]) == 1;
  const bool turned = m[0] == 0 && std::abs(m[1]) == 1 && std::abs(m[3]) == 1 && m[4] == 0;
  return (straight || turned) && is_whole(m[2]) && is_whole(m[5]);
}

void settle(Pass& pass, WarpWish wish) {
  auto& stage = std::get<WarpStage>(pass.stage);
  multiply_maps(stage.steps, pass.out.size());
  if (stage.steps.empty())
    pass.stage = CopyStage{};
  else
    settle_sampling(stage, wish, pass.out.size());
}

void settle_sampling(WarpStage& stage, WarpWish wish, Size canvas) {
  const bool moves = std::all_of(stage.steps.begin(), stage.steps.end(), moves_whole_pixels);
  stage.filter = moves ? Filter::nearest : wish.filter;
  Footprint footprint;
  if (stage.filter != Filter::nearest && wish.antialias) footprint = footprint_at_centre(stage, canvas);
  stage.footprint_x = footprint.x;
  stage.footprint_y = footprint.y;
}

void fuse_geometry(Draft& draft) {
  auto& passes = draft.plan.passes;
  auto& wishes = draft.wishes;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < passes.size();) {
    if (kept != i) passes[kept] = std::move(passes[i]);
    Pass& pass = passes[kept];
    WarpWish wish = wishes[i];
    ++i;
    if (std::holds_alternative<WarpStage>(pass.stage)) {
      if (is_identity(pass)) wish = {};
      for (; i < passes.size() && std::holds_alternative<WarpStage>(passes[i].stage); ++i)
        append(pass, wish, passes[i], wishes[i]);
      settle(pass, wish);
    }
    ++kept;
  }
  passes.resize(kept);
  wishes.clear();
}

}  // namespace leaven::plan

// grid_distortion, piecewise_affine, thin_plate_spline, optical_distortion, sphere, water, ripple: the grids that carry
// them against their formulas, in double by themselves.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "plan/raster/displacement.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct Warp {
  OpValue op;
  Size size;
  Key key = kKey;

  std::shared_ptr<const DisplacementGrid> grid() const {
    const Chain chain = lower_chain({size.width, size.height, 1}, op, key);
    return std::get<Displacement>(chain.steps[0].nodes[0]).grid;
  }
};

// The largest distance, px, between what the grid shows at the pixels' centres and what the formula says, where
// `counts` does.
double worst(const Warp& warp, const std::function<Point(Point)>& shift) {
  const auto grid = warp.grid();
  double most = 0;
  for (int y = 0; y < warp.size.height; ++y)
    for (int x = 0; x < warp.size.width; ++x) {
      const Point p{x + 0.5, y + 0.5}, d = plan::displacement_at(*grid, p), wanted = shift(p);
      most = std::max(most, std::hypot(d.x - wanted.x, d.y - wanted.y));
      EXPECT_LE(std::max(std::fabs(d.x), std::fabs(d.y)), grid->reach);
    }
  return most;
}

TEST(OpticalDistortion, IsBrownConrady) {
  for (const Size size : {Size{400, 300}, Size{61, 90}, Size{7, 5}})
    for (const auto& [k1, k2] : {std::pair{0.5, 0.0}, {-0.15, 0.1}, {0.2, 0.2}, {0.0, -0.1}}) {
      const double w = size.width / 2.0, h = size.height / 2.0;
      const auto shift = [&, k1 = k1, k2 = k2](Point p) {
        const double r = std::hypot(p.x - w, p.y - h) / std::hypot(w, h),
                     by = k1 * std::pow(r, 2) + k2 * std::pow(r, 4);
        return Point{(p.x - w) * by, (p.y - h) * by};
      };
      EXPECT_LE(worst({make_op("optical_distortion", {{"k1", k1}, {"k2", k2}}), size}, shift), 1e-3 + 1e-4 * size.width)
          << k1 << ", " << k2;
    }
}

TEST(OpticalDistortion, LabelsFindTheirWayAtFullStrength) {
  const Warp warp{make_op("optical_distortion", {{"k1", 1.0}, {"k2", 1.0}}), {400, 300}};
  const Chain chain = lower_chain({400, 300, 1}, warp.op);
  const auto grid = warp.grid();
  for (const Point p : {Point{1, 1}, Point{20, 290}, Point{200, 150}, Point{380, 40}, Point{399, 299}}) {
    const Point d = plan::displacement_at(*grid, p);
    const Point back = chain.map({{p.x + d.x, p.y + d.y}})[0];
    EXPECT_NEAR(back.x, p.x, 1e-6);
    EXPECT_NEAR(back.y, p.y, 1e-6);
  }
}

TEST(Sphere, FollowsItsFormula) {
  const Size size{320, 240};
  for (const double strength : {0.8, -0.5}) {
    const auto shift = [&](Point p) {
      const double x = p.x - 160, y = p.y - 120, r = std::hypot(x, y) / 96;
      const double by = r < 1 ? -strength * std::pow(1 - r * r, 2) : 0;
      return Point{x * by, y * by};
    };
    EXPECT_LE(worst({make_op("sphere", {{"strength", strength}, {"radius", 0.8}}), size}, shift), 96 / 2000.0)
        << strength;
  }
}

TEST(Sphere, OutsideTheBallNothingMoves) {
  const Raster image = noise_picture({200, 200, 3});
  const Raster out = run("sphere", {{"strength", 0.7}, {"radius", 0.5}}, image);
  int inside = 0;
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x) {
      const bool same = level_at(out, x, y, 0) == level_at(image, x, y, 0);
      if (std::hypot(x - 99.5, y - 99.5) > 60) {
        EXPECT_TRUE(same) << x << ", " << y;
      } else {
        inside += !same;
      }
    }
  EXPECT_GT(inside, 5000);
}

TEST(Water, IsTwoCrossingSines) {
  const auto shift = [](Point p) {
    return Point{4 * std::sin(2 * kPi * (p.y / 64 + 0.25)), 4 * std::sin(2 * kPi * (p.x / 64 + 0.6))};
  };
  const OpValue op = make_op("water", {{"amplitude", 4}, {"wavelength", 64}, {"phase_x", 0.25}, {"phase_y", 0.6}});
  EXPECT_LE(worst({op, {200, 150}}, shift), 0.005);
}

TEST(Water, LengthensWavesThatWouldFold) {
  const OpValue steep = make_op("water", {{"amplitude", 20}, {"wavelength", 20}, {"phase_x", 0}, {"phase_y", 0}}),
                longer =
                    make_op("water", {{"amplitude", 20}, {"wavelength", 3 * kPi * 20}, {"phase_x", 0}, {"phase_y", 0}});
  EXPECT_EQ(Warp({steep, {200, 150}}).grid()->vectors, Warp({longer, {200, 150}}).grid()->vectors);
}

TEST(Ripple, IsRingsOfSines) {
  const auto shift = [](Point p) {
    const double x = p.x - 60, y = p.y - 75, r = std::hypot(x, y), by = 4 * std::sin(2 * kPi * r / 64) / r;
    return Point{x * by, y * by};
  };
  const OpValue op = make_op("ripple", {{"amplitude", 4}, {"wavelength", 64}, {"center_x", 0.3}});
  EXPECT_LE(worst({op, {200, 150}}, shift), 0.01);
}

TEST(GridDistortion, ShiftsColumnsAlongXAndRowsAlongY) {
  const auto grid =
      Warp{make_op("grid_distortion", {{"columns", 4}, {"rows", 3}, {"distortion", 0.4}}), {80, 60}}.grid();
  double most = 0;
  for (int y = 0; y < 60; ++y)
    for (int x = 0; x < 80; ++x) {
      const Point d = plan::displacement_at(*grid, {x + 0.5, y + 0.5});
      EXPECT_NEAR(d.x, plan::displacement_at(*grid, {x + 0.5, 7.5}).x, 1e-9);
      EXPECT_NEAR(d.y, plan::displacement_at(*grid, {3.5, y + 0.5}).y, 1e-9);
      const double next_x = x + 1.5 + plan::displacement_at(*grid, {x + 1.5, y + 0.5}).x;
      EXPECT_GT(next_x, x + 0.5 + d.x) << "columns keep their order";
      most = std::max({most, std::fabs(d.x), std::fabs(d.y)});
    }
  EXPECT_LE(most, 0.4 * 20);
  EXPECT_GT(most, 1);
}

// The shifts of the corners are drawn here as there, and the triangles are found by solving for each pixel.
TEST(PiecewiseAffine, IsStraightInEachTriangle) {
  const Size size{320, 240};
  const double scale = 0.2, width = 80, height = 60;
  const auto corner = [&](int i, int j) {
    const auto k = static_cast<std::uint64_t>(j * 5 + i);
    return Point{(2 * draw_unit(kKey, 2 * k) - 1) * scale * width,
                 (2 * draw_unit(kKey, 2 * k + 1) - 1) * scale * height};
  };
  const auto shift = [&](Point p) {
    const int i = static_cast<int>(p.x / width), j = static_cast<int>(p.y / height);
    const double s = p.x / width - i, t = p.y / height - j;
    const Point a = corner(i, j), b = corner(i + 1, j), c = corner(i, j + 1), e = corner(i + 1, j + 1);
    if (s + t <= 1) return Point{a.x + s * (b.x - a.x) + t * (c.x - a.x), a.y + s * (b.y - a.y) + t * (c.y - a.y)};
    return Point{e.x + (1 - s) * (c.x - e.x) + (1 - t) * (b.x - e.x),
                 e.y + (1 - s) * (c.y - e.y) + (1 - t) * (b.y - e.y)};
  };
  const Warp warp{make_op("piecewise_affine", {{"scale", scale}}), size};
  EXPECT_LE(worst(warp, shift), scale / 12 * std::hypot(width, height)) << "creases are rounded";
  // Two spacings, an eighth of a cell, away from every crease the map is met.
  const auto grid = warp.grid();
  int checked = 0;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const double s = std::fmod((x + 0.5) / width, 1), t = std::fmod((y + 0.5) / height, 1);
      const bool near = std::min({s, 1 - s, t, 1 - t}) < 0.126 || std::fabs(s + t - 1) < 0.26;
      if (near) continue;
      const Point d = plan::displacement_at(*grid, {x + 0.5, y + 0.5}), wanted = shift({x + 0.5, y + 0.5});
      EXPECT_NEAR(d.x, wanted.x, 1e-4);
      EXPECT_NEAR(d.y, wanted.y, 1e-4);
      ++checked;
    }
  EXPECT_GT(checked, 10000);
}

TEST(ThinPlateSpline, GoesThroughItsPoints) {
  const Size size{320, 240};
  const double scale = 0.2;
  for (const int points : {2, 4, 8}) {
    const auto grid = Warp{make_op("thin_plate_spline", {{"points", points}, {"scale", scale}}), size}.grid();
    const double width = 320.0 / (points - 1), height = 240.0 / (points - 1);
    std::uint64_t element = 0;
    for (int j = 0; j < points; ++j)
      for (int i = 0; i < points; ++i, element += 2) {
        const Point d = plan::displacement_at(*grid, {i * width, j * height});
        const double x = (2 * draw_unit(kKey, element) - 1) * scale * width,
                     y = (2 * draw_unit(kKey, element + 1) - 1) * scale * height;
        EXPECT_NEAR(d.x, x, scale / 40 * width) << points;
        EXPECT_NEAR(d.y, y, scale / 40 * height) << points;
      }
  }
}

// Away from its points the spline solves the biharmonic equation.
TEST(ThinPlateSpline, IsBiharmonicBetweenItsPoints) {
  const auto grid = Warp{make_op("thin_plate_spline", {{"points", 3}, {"scale", 0.2}}), {400, 400}}.grid();
  const auto laplacian = [&](double x, double y) {
    const double h = 25;
    const auto d = [&](double px, double py) { return plan::displacement_at(*grid, {px, py}).x; };
    return (d(x + h, y) + d(x - h, y) + d(x, y + h) + d(x, y - h) - 4 * d(x, y)) / (h * h);
  };
  const double h = 25, x = 100, y = 100;
  const double twice =
      (laplacian(x + h, y) + laplacian(x - h, y) + laplacian(x, y + h) + laplacian(x, y - h) - 4 * laplacian(x, y)) /
      (h * h);
  EXPECT_LT(std::fabs(twice) * h * h, 0.05 * std::fabs(laplacian(x, y)) + 1e-5);
}

TEST(Distortions, WorkOnPicturesOfOnePixel) {
  for (const char* name : {"grid_distortion", "piecewise_affine", "thin_plate_spline", "optical_distortion", "sphere",
                           "water", "ripple"}) {
    const Raster out = run(name, {{"border", "edge"}}, picture(1, 1, 1, {77}));
    EXPECT_EQ(level_at(out, 0, 0), 77) << name;
  }
}

}  // namespace
}  // namespace leaven::ops

// Labels: points go forward through the steps, in double, unclipped, and land where the pixels do.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "plan/raster/displacement.hpp"
#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

void expect_point(Point seen, double x, double y) {
  EXPECT_NEAR(seen.x, x, 1e-12);
  EXPECT_NEAR(seen.y, y, 1e-12);
}

TEST(RasterLabels, StepsMapAsWorkedByHand) {
  const Point p{24.5, 3};
  expect_point(Chain(25, 11).horizontal_flip().map({p})[0], 0.5, 3);
  expect_point(Chain(25, 11).vertical_flip().map({p})[0], 24.5, 8);
  expect_point(Chain(25, 11).transpose().map({p})[0], 3, 24.5);
  expect_point(Chain(25, 11).rotate90().map({p})[0], 3, 0.5);
  expect_point(Chain(25, 11).crop(4, 5, 6, 6).map({p})[0], 20.5, -2);
  expect_point(Chain(25, 11).pad(7, 1, 0, 0).map({p})[0], 31.5, 4);
  expect_point(Chain(25, 11).resize(50, 22).map({p})[0], 49, 6);
  expect_point(Chain(20, 20).rotate(90).map({{15, 10}})[0], 10, 5);  // right of the centre goes above it
}

TEST(RasterLabels, PointsOutsideStayAndComeBack) {
  Chain chain(30, 30);
  chain.crop(10, 10, 10, 10).pad(10, 10, 10, 10);
  const auto seen = chain.map({{1, 2}, {29, 15}, {-50, 400}});
  expect_point(seen[0], 1, 2);
  expect_point(seen[1], 29, 15);
  expect_point(seen[2], -50, 400);
}

TEST(RasterLabels, WhatMovesNothingLeavesPointsAlone) {
  Chain chain(30, 30);
  chain.linear(2, 0).add("matrix", ColorMatrix{}).add("blur", Stencil{Separable{{1}, {1}}});
  chain.add("jpeg", Opaque{[](const RasterView& view) { return Raster(view.shape); }, true});
  expect_point(chain.map({{3, 4}})[0], 3, 4);
}

TEST(RasterLabels, AreEqualBitForBitHoweverPixelsAreFused) {
  // Fusion is free to multiply maps; labels go through every step as if it stood alone.
  Draws draw(99);
  for (int trial = 0; trial < 300; ++trial) {
    Chain chain(draw.integer(5, 60), draw.integer(5, 60));
    for (int steps = draw.integer(1, 6); steps > 0; --steps) add_random_warp(chain, draw);
    std::vector<Point> points;
    for (int i = 0; i < 5; ++i) points.push_back({draw.real(-10, 70), draw.real(-10, 70)});
    const std::vector<Point> at_once = chain.map(points);
    RasterShape shape = chain.source();
    for (const LoweredStep& step : chain.steps()) {
      points = map_points({&step, 1}, shape, points);
      shape = shape_after(step.nodes[0], shape);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      EXPECT_EQ(std::memcmp(&points[i], &at_once[i], sizeof(Point)), 0) << trial;
    }
  }
}

TEST(RasterLabels, LandWhereThePixelsDo) {
  // Every source pixel holds its own coordinates, so that every output pixel says where it comes from.
  const RasterShape shape{60, 50, 2, Dtype::f32, false, false};
  const Raster where = image_of(shape, [](int x, int y, int c) { return c == 0 ? x + 0.5 : y + 0.5; });
  const Border far{BorderKind::constant, {-1000, -1000}};
  Draws draw(7);
  int compared = 0;
  for (int trial = 0; trial < 40; ++trial) {
    Chain chain(shape);
    chain.affine(draw.real(-30, 30), draw.real(1, 1.3), Filter::bilinear, far);
    if (draw.coin()) chain.horizontal_flip();
    chain.elastic(20, 2, draw.seed(), far);
    if (draw.coin()) chain.rotate90();
    const double w = chain.w(), h = chain.h();
    chain.perspective({Point{1, 2}, Point{w - 3, 1}, Point{w - 1, h - 2}, Point{2, h - 1}}, Filter::bilinear, far);
    chain.crop(5, 4, 30, 30).resize(70, 80);
    const Raster out = chain.run(where);
    for (int y = 0; y < out.shape().height; y += 3)
      for (int x = 0; x < out.shape().width; x += 3) {
        const Point from{value_at(out, x, y, 0), value_at(out, x, y, 1)};
        if (from.x < 1 || from.y < 1 || from.x > 59 || from.y > 49) continue;  // fill, or the rim without neighbours
        const Point seen = chain.map({from})[0];
        EXPECT_NEAR(seen.x, x + 0.5, 1e-4);
        EXPECT_NEAR(seen.y, y + 0.5, 1e-4);
        ++compared;
      }
  }
  EXPECT_GT(compared, 5000);
}

TEST(RasterLabels, DisplacementIsInvertedToANanopixel) {
  Chain chain(80, 60);
  chain.elastic(18, 4, 31);
  const auto& grid = *std::get<Displacement>(chain.steps()[0].nodes[0]).grid;
  Draws draw(3);
  for (int i = 0; i < 200; ++i) {
    const Point p{draw.real(-20, 100), draw.real(-20, 80)};
    const Point q = chain.map({p})[0], d = displacement_at(grid, q);
    EXPECT_NEAR(q.x + d.x, p.x, 2e-9);
    EXPECT_NEAR(q.y + d.y, p.y, 2e-9);
  }
}

// A perspective before it may have sent a point to its horizon.
TEST(RasterLabels, DisplacementLeavesWhatLiesNowhere) {
  Chain chain(40, 40);
  chain.elastic(9, 3, 12);
  const auto& grid = *std::get<Displacement>(chain.steps()[0].nodes[0]).grid;
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(undisplaced(grid, {inf, 3}).x, inf);
  EXPECT_EQ(undisplaced(grid, {4, -inf}).y, -inf);
  EXPECT_TRUE(std::isnan(undisplaced(grid, {nan, 3}).x));
  EXPECT_EQ(displacement_at(grid, {nan, 3}).x, 0);
}

TEST(RasterLabels, DisplacementStaysWithinItsControlVectors) {
  Chain chain(40, 40);
  chain.elastic(9, 3, 12);
  const auto& grid = *std::get<Displacement>(chain.steps()[0].nodes[0]).grid;
  Draws draw(5);
  for (int i = 0; i < 500; ++i) {
    const Point d = displacement_at(grid, {draw.real(-1e4, 1e4), draw.real(-60, 100)});
    EXPECT_LE(std::max(std::abs(d.x), std::abs(d.y)), grid.reach);
  }
}

TEST(RasterLabels, BehindTheHorizonIsNowhere) {
  Chain chain(20, 20);
  chain.warp("tilt", {{1, 0, 0, 0, 1, 0, 0, -0.04, 1}}, {20, 20});
  // y' = y / (1 − 0.04 y), so y = y' / (1 + 0.04 y'): y' = −25 is the horizon's image.
  expect_point(chain.map({{0, 10}})[0], 0, 10 / 1.4);
  EXPECT_TRUE(std::isnan(chain.map({{0, -30}})[0].y));
}

std::string refusal(const Chain& chain) {
  try {
    chain.map({{1, 1}});
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.step() + "|" + error.message();
  }
  return "accepted";
}

TEST(RasterLabels, RefusesWhatLabelsCannotFollow) {
  EXPECT_EQ(refusal(Chain(9, 9).warp("flat", {{1, 0, 0, 1, 0, 0, 0, 0, 1}}, {9, 9})),
            "flat|a map that cannot be turned round has no labels");
  const Opaque shuffle{[](const RasterView& view) { return Raster(view.shape); }, false};
  EXPECT_EQ(refusal(Chain(9, 9).add("shuffle", shuffle)), "shuffle|moves pixels in a way that labels cannot follow");
}

}  // namespace
}  // namespace leaven::plan

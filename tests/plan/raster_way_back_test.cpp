// From the result back onto the source: pixels and points return to where they came from, for every kind of map.
#include "plan/raster/way_back.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

std::vector<LoweredStep> back_of(const Chain& chain) { return steps_back(chain.steps(), chain.source(), Filter::bilinear); }

Raster run_back(const Chain& chain, const Raster& result) { return run_fast(plan_raster(back_of(chain), result.shape()), result.view()); }

TEST(RasterWayBack, WholePixelMovesComeBackExactly) {
  Draws draw(31);
  int with_something = 0;
  for (int trial = 0; trial < 200; ++trial) {
    Chain chain(draw.integer(5, 40), draw.integer(5, 40));
    for (int steps = draw.integer(1, 5); steps > 0; --steps) add_random_move(chain, draw);
    const Raster image = random_image(chain.source(), draw.seed());
    RasterShape one = chain.shape();
    one.channels = 1;
    const Raster ones = image_of(one, [](int, int, int) { return 1.0; });
    const Raster seen = run_back(chain, ones);
    ASSERT_EQ(seen.shape().size(), chain.source().size());
    const Raster made = run_fast(chain.plan(), image.view());
    const Raster again = run_back(chain, made);
    int shown = 0;
    for (int y = 0; y < image.shape().height; ++y)
      for (int x = 0; x < image.shape().width; ++x) {
        const bool is_seen = value_at(seen, x, y) > 0.5;
        shown += is_seen;
        // A pixel is on the result unless a canvas cut it off.
        const Point at = chain.map({{x + 0.5, y + 0.5}}).front();
        if (is_seen) {
          ASSERT_TRUE(at.x > 0 && at.y > 0 && at.x < chain.w() && at.y < chain.h());
        }
        for (int c = 0; c < 3; ++c) ASSERT_EQ(value_at(again, x, y, c), is_seen ? value_at(image, x, y, c) : 0) << trial;
      }
    with_something += shown > 0;  // a crop may keep nothing but what a pad added
  }
  EXPECT_GT(with_something, 150);
}

TEST(RasterWayBack, PointsOfEveryMapComeBack) {
  Draws draw(32);
  for (int trial = 0; trial < 150; ++trial) {
    Chain chain(draw.integer(60, 90), draw.integer(60, 90));
    chain.affine(draw.real(-180, 180), draw.real(0.7, 1.4)).horizontal_flip().rotate90();
    if (draw.coin()) chain.perspective({Point{4, 3}, Point{chain.w() - 2, 5}, Point{chain.w() - 6, chain.h()}, Point{2, chain.h() - 3}});
    const double slack = draw.coin() ? 1e-6 : 0.05;
    if (slack > 1e-3) chain.elastic(draw.real(12, 25), draw.real(0.5, 2), draw.seed());
    std::vector<Point> points;
    for (int i = 0; i < 20; ++i) points.push_back({draw.real(15, 45), draw.real(15, 45)});
    const std::vector<Point> there = chain.map(points), back = map_points(back_of(chain), chain.shape(), there);
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (there[i].x < 0 || there[i].y < 0 || there[i].x > chain.w() || there[i].y > chain.h()) continue;  // not on the result
      EXPECT_NEAR(back[i].x, points[i].x, slack) << trial;
      EXPECT_NEAR(back[i].y, points[i].y, slack) << trial;
    }
  }
}

TEST(RasterWayBack, SmoothPicturesComeBackAlmostAsTheyWere) {
  Draws draw(33);
  for (int trial = 0; trial < 60; ++trial) {
    Chain chain(90, 80);
    for (int steps = draw.integer(1, 3); steps > 0; --steps) add_random_warp(chain, draw);
    if (std::min(chain.w(), chain.h()) < 20) continue;  // too little is left to compare
    const Raster image = smooth_image(chain.source()), again = run_back(chain, run_fast(chain.plan(), image.view()));
    RasterShape one = chain.shape();
    one.channels = 1;
    const Raster seen = run_back(chain, image_of(one, [](int, int, int) { return 1.0; }));
    int compared = 0;
    double sum = 0;
    for (int y = 0; y < 80; ++y)
      for (int x = 0; x < 90; ++x) {
        // What a border folded, and what lies at an edge where a neighbour is cut off, is not the picture's own.
        const Point at = chain.map({{x + 0.5, y + 0.5}}).front();
        const bool inner = at.x > 3 && at.y > 3 && at.x < chain.w() - 3 && at.y < chain.h() - 3;
        if (value_at(seen, x, y) < 0.999 || !inner) continue;
        ++compared;
        sum += std::abs(value_at(again, x, y) - value_at(image, x, y));
      }
    if (compared > 100) {
      EXPECT_LT(sum / compared, 0.012) << trial;
    }
  }
}

TEST(RasterWayBack, WhatOnlyRecoloursHasNothingToComeBackFrom) {
  EXPECT_TRUE(back_of(Chain(20, 20).linear(0.5, 0.1).add("blur", Stencil{Separable{{1}, {1}}})).empty());
}

TEST(RasterWayBack, WhatCannotBeTurnedRoundIsRefusedWithItsStep) {
  Chain flat(20, 20);
  flat.warp("steps/0", {{0, 0, 5, 0, 1, 0, 0, 0, 1}}, {20, 20});
  const Opaque elsewhere{[](const RasterView& view) { return Raster(view.shape); }, false};
  for (const Chain& chain : {flat, Chain(20, 20).add("steps/0", elsewhere)}) {
    try {
      back_of(chain);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.step(), "steps/0");
      EXPECT_NE(std::string(error.what()).find("no way back"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace leaven::plan

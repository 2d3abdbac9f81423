// perspective and elastic.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr std::array<Point, 4> kCorners{Point{0, 0}, Point{60, 0}, Point{60, 40}, Point{0, 40}};
const RasterShape kShape{60, 40, 1};

std::vector<Point> mapped_corners(const OpValue& op) {
  return lower_chain(kShape, op).map({kCorners.begin(), kCorners.end()});
}

// Twice the signed area of a triangle.
double cross(Point a, Point b, Point c) { return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x); }

TEST(Perspective, CornersGoWhereTheFieldSays) {
  const std::vector<double> share{1, 0.5, 0, 0, 0.25, 1, 0.5, 0};
  // distortion 0.5 of half the sides: 15 px and 10 px at most.
  const auto corners = mapped_corners(make_op("perspective", {{"distortion", 0.5}, {"corners", share}}));
  const std::array<Point, 4> wanted{Point{15, 5}, Point{60, 0}, Point{60 - 3.75, 30}, Point{7.5, 40}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(corners[i].x, wanted[i].x, 1e-9) << i;
    EXPECT_NEAR(corners[i].y, wanted[i].y, 1e-9) << i;
  }
}

TEST(Perspective, StrongestDistortionStaysConvexAtEveryCorner) {
  for (unsigned bits = 0; bits < 256; ++bits) {
    std::vector<double> share(8);
    for (std::size_t i = 0; i < 8; ++i) share[i] = (bits >> i) & 1;
    const auto q = mapped_corners(make_op("perspective", {{"distortion", 0.6}, {"corners", share}}));
    for (std::size_t i = 0; i < 4; ++i)
      ASSERT_GT(cross(q[i], q[(i + 1) % 4], q[(i + 2) % 4]), 0) << bits << " at corner " << i;
    // No point of the picture lies behind the horizon.
    for (const Point p : lower_chain(kShape, make_op("perspective", {{"distortion", 0.6}, {"corners", share}}))
                             .map({{30, 20}, {1, 39}, {59, 1}})) {
      ASSERT_TRUE(p.x >= -1e-9 && p.x <= 60 + 1e-9 && p.y >= -1e-9 && p.y <= 40 + 1e-9) << bits;
    }
  }
}

TEST(Perspective, CornersAreDrawnEvenly) {
  std::vector<double> sums(8);
  constexpr int kDraws = 4000;
  for (int i = 0; i < kDraws; ++i) {
    const Chain chain = lower_chain(kShape, make_op("perspective"), key_number(static_cast<std::uint64_t>(i)));
    const auto share = std::get<std::vector<double>>(chain.ops[0].get("corners"));
    for (std::size_t c = 0; c < 8; ++c) sums[c] += share[c] / kDraws;
  }
  for (const double mean : sums) EXPECT_NEAR(mean, 0.5, 4.5 * std::sqrt(1.0 / 12 / kDraws));
}

const DisplacementGrid& grid_of(const Chain& chain) { return *std::get<Displacement>(chain.steps[0].nodes[0]).grid; }

TEST(Elastic, ControlVectorsStayWithinAlpha) {
  const Chain chain = lower_chain({300, 200, 1}, make_op("elastic", {{"alpha", 5.0}, {"sigma", 20.0}}));
  const DisplacementGrid& grid = grid_of(chain);
  EXPECT_NEAR(grid.spacing_x, std::sqrt(3.0) * 20, 1e-12);  // the bump has standard deviation spacing/√3
  EXPECT_GE((grid.columns - 4) * grid.spacing_x + grid.spacing_x, 300);
  EXPECT_GE((grid.rows - 4) * grid.spacing_y + grid.spacing_y, 200);
  ASSERT_EQ(grid.vectors.size(), static_cast<std::size_t>(2 * grid.columns * grid.rows));
  double largest = 0, sum = 0;
  for (const float v : grid.vectors)
    largest = std::max(largest, std::fabs(static_cast<double>(v))), sum += static_cast<double>(v);
  EXPECT_LE(largest, 5);
  EXPECT_GT(largest, 4);
  EXPECT_EQ(grid.reach, largest);
  const auto n = static_cast<double>(grid.vectors.size());
  EXPECT_NEAR(sum / n, 0, 4.5 * 5 / std::sqrt(3 * n));
}

TEST(Elastic, PointsMoveAtMostAlphaAndComeBack) {
  const Chain chain = lower_chain({100, 80, 1}, make_op("elastic", {{"alpha", 6.0}, {"sigma", 10.0}}));
  double moved = 0;
  for (double y = 0; y <= 80; y += 8)
    for (double x = 0; x <= 100; x += 10) {
      const Point p = chain.map({{x, y}})[0];
      EXPECT_LE(std::max(std::fabs(p.x - x), std::fabs(p.y - y)), 6 + 1e-9);
      moved = std::max(moved, std::fabs(p.x - x));
    }
  EXPECT_GT(moved, 1);
}

TEST(Elastic, NothingFoldsOverEvenWhenAlphaIsLargeForSigma) {
  for (std::uint64_t k = 0; k < 20; ++k) {
    const Chain chain = lower_chain({60, 60, 1}, make_op("elastic", {{"alpha", 12.0}, {"sigma", 2.0}}), key_number(k));
    for (double y = 0; y < 60; y += 1.5)
      for (double x = 0; x < 60; x += 1.5) {
        const auto p = chain.map({{x, y}, {x + 0.5, y}, {x, y + 0.5}});
        ASSERT_GT(cross(p[0], p[1], p[2]), 0) << "key " << k << " at " << x << ", " << y;
      }
  }
}

TEST(Elastic, OneKeyOneField) {
  const OpValue op = make_op("elastic");
  const Chain one = lower_chain(kShape, op, key_number(1)), same = lower_chain(kShape, op, key_number(1)),
              other = lower_chain(kShape, op, key_number(2));
  EXPECT_EQ(grid_of(one).vectors, grid_of(same).vectors);
  EXPECT_NE(grid_of(one).vectors, grid_of(other).vectors);
}

}  // namespace
}  // namespace leaven::ops

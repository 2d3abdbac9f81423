// What is seen of outlines, by the short ways for what lies well inside, against the sweep over all edges.
#include "plan/raster/sight.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace leaven::plan {
namespace {

Outline turned_rectangle(Point centre, double width, double height, double angle) {
  Outline outline;
  for (const auto& [x, y] : {std::pair{-0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5}, {-0.5, 0.5}}) {
    const double dx = x * width, dy = y * height;
    outline.push_back({centre.x + dx * std::cos(angle) - dy * std::sin(angle), centre.y + dx * std::sin(angle) + dy * std::cos(angle)});
  }
  return outline;
}

TEST(Sight, RectanglesAreSeenAsTheirTrianglesAre) {
  std::mt19937 random(3);
  const auto draw = [&](double from, double to) { return std::uniform_real_distribution(from, to)(random); };
  int inside = 0, outside = 0, partly = 0;
  for (int round = 0; round < 60; ++round) {
    Sight sight;
    for (int w = 0; w < 3; ++w) sight.add_window(turned_rectangle({50 + draw(-10, 10), 50 + draw(-10, 10)}, draw(60, 130), draw(60, 130), draw(0, 3)));
    for (int c = 0; c < round % 3; ++c) sight.add_cover(turned_rectangle({draw(0, 100), draw(0, 100)}, draw(5, 20), draw(5, 20), draw(0, 3)));
    for (int i = 0; i < 40; ++i) {
      const double width = draw(1, 30), height = draw(1, 30);
      const Outline whole = turned_rectangle({draw(-20, 120), draw(-20, 120)}, width, height, draw(0, 3));
      // A line across keeps triangles from the short way, and has no area.
      const std::vector<Outline> parts{{whole[0], whole[1], whole[2]}, {whole[0], whole[2], whole[3]}, {{-50, -50}, {150, 150}, {-50, -50}}};
      const double seen = sight.area(std::span(&whole, 1)), by_parts = sight.area(parts);
      ASSERT_NEAR(seen, by_parts, 1e-7 * width * height + 1e-9);
      if (sight.shows_all(std::span(&whole, 1))) {
        ASSERT_NEAR(seen, width * height, 1e-9 * width * height);
      }
      (seen == 0 ? outside : seen > width * height * (1 - 1e-9) ? inside : partly) += 1;
    }
  }
  EXPECT_GT(inside, 300);
  EXPECT_GT(outside, 300);
  EXPECT_GT(partly, 300);
}

TEST(Sight, StarsAndBowsAreNotTakenForRectangles) {
  Sight sight;
  sight.add_window(turned_rectangle({50, 50}, 100, 100, 0));
  const Outline bow{{10, 10}, {20, 20}, {20, 10}, {10, 20}}, dart{{10, 10}, {20, 20}, {30, 10}, {20, 40}};
  EXPECT_NEAR(sight.area(std::span(&bow, 1)), 50, 1e-9);    // two triangles of 10 by 5
  EXPECT_NEAR(sight.area(std::span(&dart, 1)), 200, 1e-9);  // 20 by 30 by ½, less 20 by 10 by ½
}

TEST(Sight, APixelIsHiddenWhereCoversLieOnMoreThanHalfOfIt) {
  std::mt19937 random(4);
  const auto draw = [&](double from, double to) { return std::uniform_real_distribution(from, to)(random); };
  Sight sight, framed;
  framed.add_window(turned_rectangle({50, 50}, 300, 300, 0));
  for (int c = 0; c < 200; ++c) {
    const Outline cover = turned_rectangle({draw(0, 100), draw(0, 100)}, draw(1, 8), draw(1, 8), draw(0, 3));
    sight.add_cover(cover);
    framed.add_cover(cover);
  }
  int hidden = 0;
  for (int i = 0; i < 2000; ++i) {
    const Point p{draw(0, 100), draw(0, 100)};
    const Outline pixel = turned_rectangle(p, 1, 1, 0);
    const double seen = framed.area(std::span(&pixel, 1));
    if (std::fabs(seen - 0.5) > 1e-9) {
      ASSERT_EQ(sight.hides(p), seen < 0.5) << p.x << ", " << p.y;
    }
    hidden += sight.hides(p);
  }
  EXPECT_GT(hidden, 300);
  EXPECT_LT(hidden, 1700);
}

}  // namespace
}  // namespace leaven::plan

#include "ops/image/scattered.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace leaven::ops {
namespace {

TEST(Scattered, EqualsTheTwoFiltersOnAPlaneOfSpots) {
  for (const auto& [width, height] : {std::pair{40, 30}, {5, 60}, {3, 2}, {1, 9}, {1, 1}, {2, 2}})
    for (const double angle : {0.0, 80.0, 133.0}) {
      const std::vector<Tap> line = streak(7, angle, 0.4);  // not the same both ways
      std::vector<Tap> blur;
      for (int y = -2; y <= 2; ++y)
        for (int x = -1; x <= 1; ++x)
          blur.push_back({x, y, 0.1f * static_cast<float>(3 - x * x) / static_cast<float>(5 + y * y)});
      std::vector<Spot> spots = uniform_spots(width, height, 0.15f, {1, 2});
      spots.push_back({0, 0, 0.5f});
      if (width > 1) spots.push_back({width - 1, height - 1, 0.7f});
      Plane in(width, height, 0);
      std::erase_if(spots, [&](const Spot& s) { return std::exchange(in.at(s.x, s.y), s.value) != 0; });
      for (const Spot& s : spots) in.at(s.x, s.y) = s.value;
      const Plane expected = weighted_sum(weighted_sum(in, blur), line), made = scattered(width, height, spots, blur, line);
      for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) ASSERT_NEAR(made.at(x, y), expected.at(x, y), 1e-5) << width << "×" << height << " at " << x << ", " << y << ", " << angle;
    }
}

}  // namespace
}  // namespace leaven::ops

// overlay_stripes.
#include <gtest/gtest.h>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

TEST(OverlayStripes, ByHand) {
  // Upright stripes of 2 px with gaps of 3; degrees 90 runs along y, and across is x.
  const Raster out =
      run("overlay_stripes", {{"width", 0.2}, {"gap", 0.3}, {"degrees", 90}, {"phase", 0}, {"opacity", 1}},
          filled_picture({10, 10, 1}, 0));
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 10; ++x) EXPECT_EQ(level_at(out, x, y), x % 5 < 2 ? 255 : 0) << x << ", " << y;
}

TEST(OverlayStripes, CoverTheirShareInEveryDirection) {
  for (const double degrees : {0.0, 17.0, -63.0, 90.0}) {
    const Raster out = run("overlay_stripes", {{"width", 0.03}, {"gap", 0.07}, {"degrees", degrees}, {"opacity", 0.5}},
                           filled_picture({300, 300, 1, Dtype::f32}, 0));
    double sum = 0;
    for (int y = 0; y < 300; ++y)
      for (int x = 0; x < 300; ++x) sum += value_at(out, x, y);
    EXPECT_NEAR(sum / 90000, 0.3 * 0.5, 0.005) << degrees;
  }
}

}  // namespace
}  // namespace leaven::ops

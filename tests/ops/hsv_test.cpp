// hsv, against conversions to HSV and back as the textbook has them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Triple = std::array<double, 3>;

Triple to_hsv(const Triple& rgb) {
  const double high = *std::max_element(rgb.begin(), rgb.end()), low = *std::min_element(rgb.begin(), rgb.end());
  if (high == low) return {0, 0, high};
  const double range = high - low;
  const double hue = high == rgb[0]   ? (rgb[1] - rgb[2]) / range
                     : high == rgb[1] ? 2 + (rgb[2] - rgb[0]) / range
                                      : 4 + (rgb[0] - rgb[1]) / range;
  return {hue / 6 - std::floor(hue / 6), range / high, high};
}

Triple to_rgb(const Triple& hsv) {
  Triple rgb{};
  for (std::size_t c = 0; c < 3; ++c) {
    const double k = std::fmod(std::array{5.0, 3.0, 1.0}[c] + hsv[0] * 6, 6);
    rgb[c] = hsv[2] - hsv[2] * hsv[1] * std::max(0.0, std::min({k, 4 - k, 1.0}));
  }
  return rgb;
}

TEST(Hsv, EqualsConvertingThereAndBack) {
  const RasterShape shape{40, 30, 3, Dtype::f32};
  const Raster image = noise_picture(shape);
  const struct {
    double hue, saturation, saturation_shift, value, value_shift;
  } cases[] = {
      {0, 1, 0.2, 1, 0}, {0, 1, -0.3, 1, 0.1}, {0.2, 1, 0, 1, 0}, {-0.4, 1.5, 0.05, 0.8, -0.05}, {0, 0, 0, 1, 0}};
  for (const auto& c : cases) {
    const Raster out = run("hsv",
                           {{"hue", c.hue},
                            {"saturation", c.saturation},
                            {"saturation_shift", c.saturation_shift},
                            {"value", c.value},
                            {"value_shift", c.value_shift}},
                           image);
    for (int y = 0; y < 30; ++y)
      for (int x = 0; x < 40; ++x) {
        Triple hsv = to_hsv({value_at(image, x, y, 0), value_at(image, x, y, 1), value_at(image, x, y, 2)});
        hsv[0] += c.hue - std::floor(hsv[0] + c.hue);
        hsv[1] = std::clamp(hsv[1] * c.saturation + c.saturation_shift, 0.0, 1.0);
        hsv[2] = std::clamp(hsv[2] * c.value + c.value_shift, 0.0, 1.0);
        const Triple wanted = to_rgb(hsv);
        for (int k = 0; k < 3; ++k) ASSERT_NEAR(value_at(out, x, y, k), wanted[static_cast<std::size_t>(k)], 2e-5);
      }
  }
}

TEST(Hsv, GreysStayGreyAndBlackStaysBlack) {
  const OpValue op = make_op("hsv", {{"saturation_shift", 0.5}});
  EXPECT_EQ(levels_of(run(op, picture(2, 1, 3, {90, 90, 90, 0, 0, 0}))), (std::vector<int>{90, 90, 90, 0, 0, 0}));
  EXPECT_EQ(levels_of(run("hsv", {{"value", 0.5}, {"value_shift", 0.2}}, picture(2, 1, 1, {100, 255}))),
            (std::vector<int>{101, 178}));
}

}  // namespace
}  // namespace leaven::ops

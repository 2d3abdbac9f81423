// median_blur, mode_filter, bilateral_blur, glass_blur, zoom_blur.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

// Mirror without repeated edge, step by step.
int reflected(int i, int size) {
  while (size > 1 && (i < 0 || i >= size)) i = i < 0 ? -i : 2 * size - 2 - i;
  return size > 1 ? i : 0;
}

std::vector<double> window_of(const Raster& image, int x, int y, int c, int radius) {
  std::vector<double> values;
  for (int j = -radius; j <= radius; ++j)
    for (int k = -radius; k <= radius; ++k)
      values.push_back(
          level_at(image, reflected(x + k, image.shape().width), reflected(y + j, image.shape().height), c));
  return values;
}

TEST(MedianBlur, IsTheMiddleOfTheSortedWindow) {
  for (const int radius : {1, 2, 3, 7, 9})
    for (const RasterShape& shape :
         {RasterShape{21, 13, 3}, RasterShape{21, 13, 1, Dtype::u16}, RasterShape{9, 13, 3, Dtype::f32},
          RasterShape{3, 2, 4, Dtype::u8, true}, RasterShape{1, 1, 1}}) {
      const Raster image = noise_picture(shape), out = run("median_blur", {{"radius", radius}}, image);
      for (int y = 0; y < shape.height; ++y)
        for (int x = 0; x < shape.width; ++x)
          for (int c = 0; c < shape.channels; ++c) {
            auto values = window_of(image, x, y, c, radius);
            std::sort(values.begin(), values.end());
            const bool alpha = shape.alpha && c == shape.channels - 1;
            ASSERT_EQ(level_at(out, x, y, c), alpha ? level_at(image, x, y, c) : values[values.size() / 2])
                << describe(shape) << " " << radius;
          }
    }
}

TEST(ModeFilter, IsTheMostFrequentLevel) {
  Raster image({17, 11, 1});
  for (int y = 0; y < 11; ++y)
    for (int x = 0; x < 17; ++x) set_value(image, x, y, 0, ((x * x + 3 * y * x + y) % 7) * 30 / 255.0);
  for (const int radius : {1, 3}) {
    const Raster out = run("mode_filter", {{"radius", radius}}, image);
    for (int y = 0; y < 11; ++y)
      for (int x = 0; x < 17; ++x) {
        std::array<int, 256> counts{};
        for (const double v : window_of(image, x, y, 0, radius)) ++counts[static_cast<std::size_t>(v)];
        ASSERT_EQ(level_at(out, x, y), std::max_element(counts.begin(), counts.end()) - counts.begin());
      }
  }
}

TEST(BilateralBlur, FollowsTheFormula) {
  for (const int channels : {1, 3}) {
    const RasterShape shape{19, 12, channels, Dtype::f32};
    const Raster image = noise_picture(shape);
    const double sigma_color = 0.4, sigma_space = 1.6;
    const Raster out = run("bilateral_blur", {{"sigma_color", sigma_color}, {"sigma_space", sigma_space}}, image);
    const int radius = 3;  // ceil(2.4)
    for (int y = 0; y < shape.height; ++y)
      for (int x = 0; x < shape.width; ++x) {
        std::array<double, 3> sum{};
        double total = 0;
        for (int j = -radius; j <= radius; ++j)
          for (int k = -radius; k <= radius; ++k) {
            if (j * j + k * k > radius * radius) continue;
            const int from_x = reflected(x + k, shape.width), from_y = reflected(y + j, shape.height);
            double apart = 0;
            for (int c = 0; c < channels; ++c)
              apart += std::fabs(value_at(image, from_x, from_y, c) - value_at(image, x, y, c));
            const double w = std::exp(-(j * j + k * k) / (2 * sigma_space * sigma_space)) *
                             std::exp(-apart * apart / (2 * sigma_color * sigma_color));
            for (int c = 0; c < channels; ++c)
              sum[static_cast<std::size_t>(c)] += w * value_at(image, from_x, from_y, c);
            total += w;
          }
        for (int c = 0; c < channels; ++c)
          ASSERT_NEAR(value_at(out, x, y, c), sum[static_cast<std::size_t>(c)] / total, 2e-6) << x << ", " << y;
      }
  }
}

TEST(GlassBlur, WithoutBlurPixelsOnlyChangePlaces) {
  const Raster image = noise_picture({40, 30, 3});
  const Raster out = run("glass_blur", {{"sigma", 0.0}, {"reach", 3}, {"iterations", 1}}, image);
  const auto sorted = [](const Raster& picture) {
    std::vector<std::array<double, 3>> pixels;
    for (int y = 0; y < 30; ++y)
      for (int x = 0; x < 40; ++x)
        pixels.push_back({level_at(picture, x, y, 0), level_at(picture, x, y, 1), level_at(picture, x, y, 2)});
    std::sort(pixels.begin(), pixels.end());
    return pixels;
  };
  EXPECT_EQ(sorted(out), sorted(image));
  EXPECT_FALSE(same_pixels(out.view(), image.view()));
}

TEST(GlassBlur, FlatPicturesStay) {
  const Raster flat = filled_picture({20, 20, 3}, 0.4);
  EXPECT_TRUE(same_pixels(run("glass_blur", {{"sigma", 1.0}}, flat).view(), flat.view()));
}

TEST(ZoomBlur, IsTheMeanOfZoomsAboutTheMiddle) {
  const RasterShape shape{17, 12, 1, Dtype::f32};
  const Raster image = noise_picture(shape);
  const Raster out = run("zoom_blur", {{"zoom", 1.2}, {"step", 0.05}}, image);
  const auto sampled = [&](double x, double y) {
    x = std::clamp(x, 0.0, 16.0), y = std::clamp(y, 0.0, 11.0);
    const int left = std::min(static_cast<int>(x), 15), top = std::min(static_cast<int>(y), 10);
    const double u = x - left, v = y - top;
    return (1 - v) * ((1 - u) * value_at(image, left, top) + u * value_at(image, left + 1, top)) +
           v * ((1 - u) * value_at(image, left, top + 1) + u * value_at(image, left + 1, top + 1));
  };
  for (int y = 0; y < 12; ++y)
    for (int x = 0; x < 17; ++x) {
      double sum = 0;
      for (int i = 0; i <= 4; ++i) {
        const double zoom = 1 + 0.05 * i;
        sum += sampled((x + 0.5 - 8.5) / zoom + 8.0, (y + 0.5 - 6) / zoom + 5.5);
      }
      ASSERT_NEAR(value_at(out, x, y), sum / 5, 1e-6) << x << ", " << y;
    }
}

}  // namespace
}  // namespace leaven::ops

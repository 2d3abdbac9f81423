#include "kernels/jpeg_round_trip.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"

namespace leaven::kernels {
namespace {

/// Slow waves of colour, with alpha of its own.
template <class T>
Raster waves(const RasterShape& shape) {
  Raster image(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        const double v = 0.5 + 0.25 * std::sin(0.11 * x + c) + 0.2 * std::cos(0.07 * y - 2 * c);
        image.row<T>(y)[x * shape.channels + c] = static_cast<T>(v * full_scale(shape.dtype));
      }
  return image;
}

template <class T>
double mean_error(const Raster& a, const Raster& b, int channel) {
  const RasterShape& shape = a.shape();
  double sum = 0;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const int i = x * shape.channels + channel;
      sum += std::abs(static_cast<double>(a.row<T>(y)[i]) - static_cast<double>(b.row<T>(y)[i]));
    }
  return sum / full_scale(shape.dtype) / (static_cast<double>(shape.width) * shape.height);
}

TEST(JpegRoundTrip, LosesMoreAtLowerQuality) {
  const Raster image = waves<std::uint8_t>({.width = 67, .height = 45, .channels = 3});
  double before = 0;
  for (const int quality : {100, 80, 40, 10, 1}) {
    const double error = mean_error<std::uint8_t>(image, jpeg_round_trip(image.view(), quality, 1, 1), 0);
    EXPECT_GT(error, before) << quality;
    before = error;
  }
  EXPECT_LT(mean_error<std::uint8_t>(image, jpeg_round_trip(image.view(), 100, 1, 1), 1), 0.004);
  EXPECT_GT(before, 0.03);
}

TEST(JpegRoundTrip, BlocksOfEightStand) {
  // At quality 1 a block keeps hardly more than its mean: neighbours differ at block borders, not within blocks.
  const Raster image = waves<std::uint8_t>({.width = 64, .height = 8, .channels = 1});
  const Raster out = jpeg_round_trip(image.view(), 1, 1, 1);
  int across = 0, within = 0;
  for (int x = 1; x < 64; ++x) {
    const int step = std::abs(out.row<std::uint8_t>(3)[x] - out.row<std::uint8_t>(3)[x - 1]);
    (x % 8 == 0 ? across : within) += step;
  }
  EXPECT_GT(across, within);
}

TEST(JpegRoundTrip, SubsamplingBlursChromaOnly) {
  RasterShape shape{.width = 64, .height = 32, .channels = 3};
  Raster image(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const bool odd = x % 2 == 1;  // red and cyan of about one luma, pixel by pixel
      const std::uint8_t colour[3] = {static_cast<std::uint8_t>(odd ? 200 : 56), static_cast<std::uint8_t>(odd ? 70 : 144),
                                      static_cast<std::uint8_t>(odd ? 70 : 144)};
      for (int c = 0; c < 3; ++c) image.row<std::uint8_t>(y)[3 * x + c] = colour[c];
    }
  const double full = mean_error<std::uint8_t>(image, jpeg_round_trip(image.view(), 98, 1, 1), 0);
  const double halved = mean_error<std::uint8_t>(image, jpeg_round_trip(image.view(), 98, 2, 2), 0);
  EXPECT_LT(full, 0.02);
  EXPECT_GT(halved, 0.15);
}

TEST(JpegRoundTrip, AlphaStays) {
  for (const int channels : {2, 4}) {
    const Raster image = waves<std::uint8_t>({.width = 33, .height = 17, .channels = channels, .dtype = Dtype::u8, .alpha = true});
    const Raster out = jpeg_round_trip(image.view(), 5, 2, 2);
    EXPECT_EQ(mean_error<std::uint8_t>(image, out, channels - 1), 0);
    EXPECT_GT(mean_error<std::uint8_t>(image, out, 0), 0.01);
  }
}

TEST(JpegRoundTrip, WiderTypesGoThroughEightBits) {
  const RasterShape shape{.width = 21, .height = 19, .channels = 3};
  RasterShape wide = shape, real = shape;
  wide.dtype = Dtype::u16;
  real.dtype = Dtype::f32;
  const Raster bytes = waves<std::uint8_t>(shape);
  Raster words(wide), floats(real);
  for (int y = 0; y < shape.height; ++y)
    for (int i = 0; i < shape.width * 3; ++i) {
      words.row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(bytes.row<std::uint8_t>(y)[i] * 257 + 100);
      floats.row<float>(y)[i] = static_cast<float>(bytes.row<std::uint8_t>(y)[i]) / 255 + 0.001f;
    }
  const Raster out8 = jpeg_round_trip(bytes.view(), 60, 2, 1), out16 = jpeg_round_trip(words.view(), 60, 2, 1),
               out32 = jpeg_round_trip(floats.view(), 60, 2, 1);
  for (int y = 0; y < shape.height; ++y)
    for (int i = 0; i < shape.width * 3; ++i) {
      const int level = out8.row<std::uint8_t>(y)[i];
      ASSERT_EQ(out16.row<std::uint16_t>(y)[i], level * 257);
      ASSERT_EQ(out32.row<float>(y)[i], static_cast<float>(level / 255.0));
    }
}

TEST(JpegRoundTrip, TinyImagesAndViewsWithStrides) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 40}, {40, 1}, {9, 7}}) {
    const Raster image = waves<std::uint8_t>({.width = width + 3, .height = height, .channels = 3});
    RasterView view = image.view();
    view.shape.width = width;
    view.origin_x = 5;
    const Raster out = jpeg_round_trip(view, 95, 2, 2);
    EXPECT_EQ(out.shape().width, width);
    EXPECT_EQ(out.origin_x, 5);
    EXPECT_NEAR(out.row<std::uint8_t>(0)[0], image.row<std::uint8_t>(0)[0], 40);
  }
}

TEST(JpegRoundTrip, SidesThatJpegCannotHoldAreRefused) {
  const Raster image(RasterShape{.width = 65501, .height = 1, .channels = 1});
  try {
    jpeg_round_trip(image.view(), 90, 1, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("65500"), std::string::npos);
  }
}

}  // namespace
}  // namespace leaven::kernels

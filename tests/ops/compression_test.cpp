// jpeg_compression.
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

double mean_difference(const Raster& a, const Raster& b) {
  const RasterShape& s = a.shape();
  double sum = 0;
  for (int y = 0; y < s.height; ++y)
    for (int x = 0; x < s.width; ++x)
      for (int c = 0; c < s.colour_channels(); ++c) sum += std::fabs(value_at(a, x, y, c) - value_at(b, x, y, c));
  return sum / (static_cast<double>(s.width) * s.height * s.colour_channels());
}

TEST(JpegCompression, LessQualityLosesMore) {
  for (const int channels : {1, 3})
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const Raster image = smooth_picture({64, 48, channels, dtype});
      double before = 0;
      for (const int quality : {100, 80, 30, 5}) {
        const double lost = mean_difference(run("jpeg_compression", {{"quality", quality}}, image), image);
        EXPECT_GT(lost, before) << describe(image.shape()) << " " << quality;
        if (quality == 100) {
          EXPECT_LT(lost, 0.01) << describe(image.shape());
        }
        before = lost;
      }
    }
}

TEST(JpegCompression, FlatBlocksComeBackWhole) {
  // A flat grey block has one coefficient, and 128 is its zero.
  const Raster image = filled_picture({16, 16, 3}, 128 / 255.0);
  for (const int quality : {1, 50, 100})
    EXPECT_TRUE(same_pixels(run("jpeg_compression", {{"quality", quality}}, image).view(), image.view())) << quality;
}

TEST(JpegCompression, SubsamplingBlursColourButNotLight) {
  // Columns of red and green alternate: their colour averages out over two columns, unless every column has its own.
  Raster image({32, 32, 3});
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x) {
      set_value(image, x, y, 0, x % 2), set_value(image, x, y, 1, 1 - x % 2), set_value(image, x, y, 2, 0);
    }
  const double whole =
      mean_difference(run("jpeg_compression", {{"quality", 95}, {"subsampling", "4:4:4"}}, image), image);
  for (const char* coarse : {"4:2:2", "4:2:0"})
    EXPECT_GT(mean_difference(run("jpeg_compression", {{"quality", 95}, {"subsampling", coarse}}, image), image),
              5 * whole)
        << coarse;
}

TEST(JpegCompression, UnboundedNumbersAreRefused) {
  EXPECT_THROW(lower_chain({9, 5, 3, Dtype::f32}, {make_op("normalize"), make_op("jpeg_compression")}), Error);
}

}  // namespace
}  // namespace leaven::ops

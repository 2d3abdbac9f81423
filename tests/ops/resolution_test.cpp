// pixelate, downscale, chromatic_aberration, webp_compression.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Raster pattern() {
  Raster image({24, 16, 1});
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 24; ++x) set_value(image, x, y, 0, (x * 7 + y * 11 + (x * y) % 13 * 5) % 256 / 255.0);
  return image;
}

TEST(Pixelate, BlocksByHand) {
  const Raster image = picture(5, 2, 1, {10, 20, 30, 70, 9, 40, 50, 60, 80, 13});
  const auto by = [&](const char* what) {
    return levels_of(run("pixelate", {{"size", 2}, {"by", std::string(what)}}, image));
  };
  // Blocks {10, 20, 40, 50}, {30, 70, 60, 80}, {9, 13}.
  EXPECT_EQ(by("mean"), (Levels{30, 30, 60, 60, 11, 30, 30, 60, 60, 11}));
  EXPECT_EQ(by("min"), (Levels{10, 10, 30, 30, 9, 10, 10, 30, 30, 9}));
  EXPECT_EQ(by("max"), (Levels{50, 50, 80, 80, 13, 50, 50, 80, 80, 13}));
  EXPECT_EQ(by("median"), (Levels{40, 40, 70, 70, 13, 40, 40, 70, 70, 13}));
}

TEST(Downscale, FollowsPillowsFilters) {
  // Row 6 of Pillow's resize (mode F) to 8×5 and back to 24×16 with the same filter.
  const struct {
    const char* filter;
    Levels row;
  } cases[] = {{"bilinear", {98,  98,  108, 118, 127, 134, 141, 147, 154, 161, 168, 171,
                             174, 177, 186, 195, 204, 197, 190, 184, 164, 145, 125, 125}},
               {"bicubic", {93,  96,  104, 117, 129, 136, 142, 148, 155, 162, 168, 172,
                            176, 183, 197, 213, 223, 223, 216, 202, 174, 142, 120, 111}},
               {"lanczos", {93,  98,  107, 119, 133, 143, 147, 150, 154, 161, 164, 167,
                            172, 183, 202, 222, 238, 248, 244, 219, 179, 142, 116, 100}},
               {"nearest", {135, 135, 135, 146, 146, 146, 157, 157, 157, 168, 168, 168,
                            179, 179, 179, 255, 255, 255, 10,  10,  10,  21,  21,  21}}};
  for (const auto& [filter, row] : cases) {
    const Raster out =
        run("downscale", {{"scale", 0.33}, {"down", std::string(filter)}, {"up", std::string(filter)}}, pattern());
    ASSERT_EQ(out.shape(), pattern().shape());
    for (int x = 0; x < 24; ++x)
      EXPECT_NEAR(level_at(out, x, 6), row[static_cast<std::size_t>(x)], 1) << filter << " " << x;
  }
}

TEST(Downscale, AreaIsTheExactMean) {
  // Five pixels to two: (10 + 20 + 30/2)/2.5 and (30/2 + 40 + 90)/2.5.
  const OpValue op = make_op("downscale", {{"scale", 0.4}, {"up", std::string("nearest")}});
  EXPECT_EQ(levels_of(run(op, picture(5, 1, 1, {10, 20, 30, 40, 90}))), (Levels{18, 18, 58, 58, 58}));
}

TEST(ChromaticAberration, RedAndBlueAreScaledAboutTheMiddle) {
  // Ramps from the middle: enlarged by 1 + s they are flatter by that factor; green stays.
  const RasterShape shape{61, 41, 3, Dtype::f32};
  Raster image(shape);
  for (int y = 0; y < 41; ++y)
    for (int x = 0; x < 61; ++x)
      for (int c = 0; c < 3; ++c) set_value(image, x, y, c, 0.5 + (x + 0.5 - 30.5) / 200 + (y + 0.5 - 20.5) / 300);
  const Raster out = run("chromatic_aberration", {{"red", 0.1}, {"blue", -0.05}}, image);
  for (int y = 5; y < 36; ++y)
    for (int x = 5; x < 56; ++x) {
      const double away = (x + 0.5 - 30.5) / 200 + (y + 0.5 - 20.5) / 300;
      ASSERT_NEAR(value_at(out, x, y, 0), 0.5 + away / 1.1, 1e-5);
      ASSERT_NEAR(value_at(out, x, y, 1), 0.5 + away, 1e-6);
      ASSERT_NEAR(value_at(out, x, y, 2), 0.5 + away / 0.95, 1e-5);
    }
}

double mean_difference(const Raster& a, const Raster& b) {
  double sum = 0;
  for (int y = 0; y < a.shape().height; ++y)
    for (int x = 0; x < a.shape().width; ++x)
      for (int c = 0; c < a.shape().channels; ++c) sum += std::fabs(value_at(a, x, y, c) - value_at(b, x, y, c));
  return sum / (static_cast<double>(a.shape().width) * a.shape().height * a.shape().channels);
}

TEST(WebpCompression, LessQualityLosesMore) {
  for (const int channels : {1, 3})
    for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
      const Raster image = noise_picture({64, 48, channels, dtype});
      double before = 0;
      for (const int quality : {95, 50, 5}) {
        const double lost = mean_difference(run("webp_compression", {{"quality", quality}}, image), image);
        EXPECT_GT(lost, before) << describe(image.shape()) << " " << quality;
        before = lost;
      }
      const Raster smooth = smooth_picture({64, 48, channels, dtype});
      EXPECT_LT(mean_difference(run("webp_compression", {{"quality", 95}}, smooth), smooth), 0.02);
    }
}

TEST(WebpCompression, TooLargePicturesAndUnboundedNumbersAreRefused) {
  EXPECT_THROW(run("webp_compression", {}, filled_picture({16384, 1, 1}, 0.5)), Error);
  EXPECT_THROW(lower_chain({9, 5, 3, Dtype::f32}, {make_op("normalize"), make_op("webp_compression")}), Error);
}

}  // namespace
}  // namespace leaven::ops

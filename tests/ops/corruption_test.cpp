// corruption: the constants of ImageNet-C show in what comes out.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "ops/image/random_plane.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr int kSide = 128;

OpValue corruption(std::string_view name, int severity) {
  return make_op("corruption", {{"name", std::string(name)}, {"severity", severity}});
}

std::vector<double> values_of(const Raster& image, int channel = 0) {
  std::vector<double> values;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) values.push_back(value_at(image, x, y, channel));
  return values;
}
double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}
double deviation_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

Raster grey(double value, int channels = 1) { return filled_picture({kSide, kSide, channels, Dtype::f32}, value); }

TEST(Corruption, AllNamesAtAllSeveritiesOnAllKindsOfPictures) {
  const auto names = op_table().at("corruption").at("name").facts.choices;
  ASSERT_EQ(names.size(), 19U);
  for (const std::string_view name : names)
    for (int severity = 1; severity <= 5; ++severity)
      for (const RasterShape& shape : law_shapes()) {
        const Raster image = noise_picture(shape);
        const Raster out = run(corruption(name, severity), image);
        ASSERT_EQ(out.shape(), shape) << name;
        for (const double v : values_of(out)) ASSERT_TRUE(v >= 0 && v <= 1) << name << " " << severity;
        if (shape.alpha && name != "gaussian_blur") {
          ASSERT_EQ(values_of(out, shape.channels - 1), values_of(image, shape.channels - 1)) << name;
        }
        // A small lens may stay dry.
        const bool may_be_the_same =
            shape.width < 33 || name == "spatter" || (name == "saturate" && shape.channels < 3);
        if (!may_be_the_same) {
          EXPECT_FALSE(same_pixels(out.view(), image.view())) << name << " " << severity << " " << describe(shape);
        }
      }
}

TEST(Corruption, NoisesHaveThePublishedStrengths) {
  const double n = kSide * kSide;
  const double gaussian[] = {.08, .12, .18, .26, .38}, photons[] = {60, 25, 12, 5, 3},
               impulse[] = {.03, .06, .09, .17, .27}, speckle[] = {.15, .2, .35, .45, .6};
  for (int s = 1; s <= 5; ++s) {
    if (s <= 2) {  // above, clamping shows
      const auto values = values_of(run(corruption("gaussian_noise", s), grey(0.5)));
      EXPECT_NEAR(deviation_of(values), gaussian[s - 1], gaussian[s - 1] * 5 / std::sqrt(2 * n));
    }
    const auto shot = values_of(run(corruption("shot_noise", s), grey(0.2)));
    for (const double v : shot)
      ASSERT_NEAR(v * photons[s - 1], std::min(photons[s - 1], std::nearbyint(v * photons[s - 1])), 1e-4);
    EXPECT_NEAR(mean_of(shot), 0.2, 0.01);
    const auto hit = values_of(run(corruption("impulse_noise", s), grey(0.5)));
    EXPECT_NEAR(static_cast<double>(std::count(hit.begin(), hit.end(), 1.0)) / n, impulse[s - 1] / 2, 0.01);
    EXPECT_NEAR(static_cast<double>(std::count(hit.begin(), hit.end(), 0.0)) / n, impulse[s - 1] / 2, 0.01);
    const auto multiplied = values_of(run(corruption("speckle_noise", s), grey(0.1)));
    if (s <= 2) {
      EXPECT_NEAR(deviation_of(multiplied), 0.1 * speckle[s - 1], 0.1 * speckle[s - 1] * 5 / std::sqrt(2 * n));
    }
  }
}

TEST(Corruption, ThoseThatAreOpsAreTheOps) {
  const Raster image = noise_picture({64, 48, 3});
  const int quality[] = {25, 18, 15, 10, 7};
  const double sigma[] = {1, 2, 3, 4, 6};
  for (int s = 1; s <= 5; ++s) {
    EXPECT_TRUE(same_pixels(run(corruption("jpeg_compression", s), image).view(),
                            run("jpeg_compression", {{"quality", quality[s - 1]}}, image).view()));
    EXPECT_TRUE(same_pixels(run(corruption("gaussian_blur", s), image).view(),
                            run("gaussian_blur", {{"sigma", sigma[s - 1]}}, image).view()));
  }
}

TEST(Corruption, ColoursByHand) {
  const auto levels = [](std::string_view name, int severity, std::initializer_list<int> rgb) {
    return levels_of(run(corruption(name, severity), picture(1, 1, 3, rgb)));
  };
  // V 200 → 251 (0.2 more): all times 1.255; V 240 → 255, the most.
  EXPECT_EQ(levels("brightness", 2, {200, 100, 40}), (std::vector<int>{251, 126, 50}));
  EXPECT_EQ(levels("brightness", 3, {240, 100, 0}), (std::vector<int>{255, 106, 0}));
  EXPECT_EQ(levels("brightness", 1, {0, 0, 0}), (std::vector<int>{26, 26, 26}));
  // S 0.6: times 0.3 is 0.18; times 2 is 1.
  EXPECT_EQ(levels("saturate", 1, {200, 140, 80}), (std::vector<int>{200, 182, 164}));
  EXPECT_EQ(levels("saturate", 3, {200, 140, 80}), (std::vector<int>{200, 100, 0}));
  // A grey of S 0 gets 0.1, in the direction of red.
  EXPECT_EQ(levels("saturate", 4, {100, 100, 100}), (std::vector<int>{100, 90, 90}));
  // Means 150 and 50: 0.2 of the distances.
  EXPECT_EQ(levels_of(run(corruption("contrast", 3), picture(2, 1, 3, {100, 0, 7, 200, 100, 7}))),
            (std::vector<int>{140, 40, 7, 160, 60, 7}));
}

TEST(Corruption, FogIsPublishedPlasma) {
  const double amount[] = {1.5, 2, 2.5, 2.5, 3}, decay[] = {2, 2, 1.7, 1.5, 1.4};
  for (int s = 1; s <= 5; ++s) {
    const Raster out = run(corruption("fog", s), grey(0.4));
    const Plane cloud = plasma(kSide, kSide, decay[s - 1] * decay[s - 1], kKey);
    for (int i = 0; i < kSide; ++i)
      ASSERT_NEAR(value_at(out, i, 77),
                  (0.4 + amount[s - 1] * static_cast<double>(cloud.at(i, 77))) * 0.4 / (0.4 + amount[s - 1]), 1e-5);
  }
}

// What becomes of one white point.
Raster point_response(const OpValue& op) {
  Raster image = filled_picture({61, 61, 1, Dtype::f32}, 0);
  set_value(image, 30, 30, 0, 1);
  return run(op, image);
}

TEST(Corruption, DefocusIsTheAliasedDisc) {
  // cv2.GaussianBlur(disc of radius 4 over its sum, (3, 3), sigmaX=0.5): to the right of the middle, and two rows
  // below.
  const double middle[] = {0.0204082, 0.0204082, 0.0204082, 0.0199452, 0.0148133, 0.0017106},
               below[] = {0.0204082, 0.0204082, 0.0201767, 0.0165239, 0.0019421, 0.0};
  const Raster out = point_response(corruption("defocus_blur", 2));
  for (int x = 0; x < 6; ++x) {
    EXPECT_NEAR(value_at(out, 30 + x, 30), middle[x], 2e-6);
    EXPECT_NEAR(value_at(out, 30 + x, 32), below[x], 2e-6);
  }
}

TEST(Corruption, MotionBlurIsHalfAGaussianOfWholePixels) {
  const int radius[] = {10, 15, 15, 15, 20};
  const double sigma[] = {3, 5, 8, 12, 15};
  for (int s = 1; s <= 5; ++s) {
    std::vector<double> found;
    for (const double v : values_of(point_response(corruption("motion_blur", s))))
      if (v > 0) found.push_back(v);
    std::vector<double> wanted;
    double sum = 0;
    for (int i = 0; i <= 2 * radius[s - 1]; ++i) wanted.push_back(std::exp(-i * i / (2 * sigma[s - 1] * sigma[s - 1])));
    for (const double w : wanted) sum += w;
    std::sort(found.rbegin(), found.rend());
    for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 8); ++i)
      EXPECT_NEAR(found[i], wanted[i] / sum, 1e-6) << s << " " << i;
  }
}

TEST(Corruption, SeverePixelatingLeavesFewBlocks) {
  const double scale[] = {0.6, 0.5, 0.4, 0.3, 0.25};
  for (int s = 1; s <= 5; ++s) {
    const Raster out = run(corruption("pixelate", s), noise_picture({100, 1, 1, Dtype::f32}));
    auto values = values_of(out);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    EXPECT_EQ(values.size(), static_cast<std::size_t>(100 * scale[s - 1])) << s;
  }
}

TEST(Corruption, ElasticTransformIsRefusedForLabelsWithPositions) {
  const Chain chain = lower_chain({50, 40, 3}, corruption("elastic_transform", 2));
  EXPECT_THROW(chain.map({{10, 10}}), Error);
  EXPECT_NO_THROW(lower_chain({50, 40, 3}, corruption("snow", 2)).map({{10, 10}}));
}

TEST(Corruption, BlursAndDistortionsKeepFlatPictures) {
  const Raster flat = filled_picture({40, 30, 3}, 0.4);
  for (const char* name : {"defocus_blur", "glass_blur", "motion_blur", "zoom_blur", "gaussian_blur", "pixelate",
                           "elastic_transform", "contrast"})
    for (int s = 1; s <= 5; ++s)
      EXPECT_TRUE(same_pixels(run(corruption(name, s), flat).view(), flat.view())) << name << " " << s;
}

}  // namespace
}  // namespace leaven::ops

// shot_noise, iso_noise, additive_noise, speckle_noise, film_grain.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr int kSide = 160;
constexpr double kCount = kSide * kSide;

std::vector<double> values_of(const Raster& out, int channel) {
  std::vector<double> values;
  for (int y = 0; y < out.shape().height; ++y)
    for (int x = 0; x < out.shape().width; ++x) values.push_back(value_at(out, x, y, channel));
  return values;
}

double moment(const std::vector<double>& values, double about, int power) {
  double sum = 0;
  for (const double v : values) sum += std::pow(v - about, power);
  return sum / static_cast<double>(values.size());
}
double mean(const std::vector<double>& values) { return moment(values, 0, 1); }
double deviation(const std::vector<double>& values) { return std::sqrt(moment(values, mean(values), 2)); }

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean(a)) * (b[i] - mean(b));
  return sum / static_cast<double>(a.size()) / (deviation(a) * deviation(b));
}

TEST(ShotNoise, CountsFollowPoissonsLaw) {
  // Values that are whole levels, values that are not, and means beyond the exact table.
  for (const auto& [value, gain] :
       {std::pair{0.4, 0.1}, {0.8, 1.0 / 12}, {51 / 255.0, 0.0166}, {0.3456, 0.0166}, {0.123, 0.3}}) {
    const Raster out = run("shot_noise", {{"gain", gain}}, filled_picture({kSide, kSide, 1, Dtype::f32}, value));
    const double expected = value / gain;
    std::map<int, int> counts;
    for (const double v : values_of(out, 0)) {
      const double photons = v / gain;
      ASSERT_TRUE(std::fabs(photons - std::nearbyint(photons)) < 1e-3 || v == 1) << v;
      ++counts[static_cast<int>(std::nearbyint(photons))];
    }
    // Each count's share lies within five deviations of the law's; 1 is where values saturate.
    for (int k = 0; k * gain < 1; ++k) {
      const double p = std::exp(k * std::log(expected) - expected - std::lgamma(k + 1.0));
      EXPECT_NEAR(counts[k] / kCount, p, 5 * std::sqrt(p * (1 - p) / kCount) + 1e-6)
          << value << " " << gain << " " << k;
    }
  }
}

TEST(ShotNoise, ManyPhotonsHaveTheRightMeanAndDeviation) {
  const double value = 0.5, gain = 0.0004;  // 1250 photons
  const auto values =
      values_of(run("shot_noise", {{"gain", gain}}, filled_picture({kSide, kSide, 1, Dtype::f32}, value)), 0);
  const double sigma = std::sqrt(value * gain);
  EXPECT_NEAR(mean(values), value, 5 * sigma / std::sqrt(kCount));
  EXPECT_NEAR(deviation(values), sigma, 5 * sigma / std::sqrt(2 * kCount));
}

TEST(ShotNoise, BlackStaysAndChannelsAreIndependent) {
  const Raster black = filled_picture({9, 9, 3}, 0);
  EXPECT_TRUE(same_pixels(run("shot_noise", {{"gain", 0.2}}, black).view(), black.view()));
  const Raster out = run("shot_noise", {{"gain", 0.01}}, filled_picture({kSide, kSide, 3, Dtype::f32}, 0.5));
  EXPECT_NEAR(correlation(values_of(out, 0), values_of(out, 1)), 0, 4.5 / kSide);
}

TEST(IsoNoise, GreyNoiseGrowsWithTheRootOfLightAndColourNoiseHasNoLuma) {
  for (const double value : {0.25, 0.64}) {
    const Raster grey =
        run("iso_noise", {{"luminance", 0.05}, {"color", 0.0}}, filled_picture({kSide, kSide, 3, Dtype::f32}, value));
    EXPECT_NEAR(deviation(values_of(grey, 0)), 0.05 * std::sqrt(value), 0.05 * 4.5 / std::sqrt(2 * kCount));
    EXPECT_NEAR(correlation(values_of(grey, 0), values_of(grey, 2)), 1, 1e-6);
  }
  const Raster colour =
      run("iso_noise", {{"luminance", 0.0}, {"color", 0.05}}, filled_picture({kSide, kSide, 3, Dtype::f32}, 0.5));
  EXPECT_GT(deviation(values_of(colour, 0)), 0.03);
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      ASSERT_NEAR(
          0.299 * value_at(colour, x, y, 0) + 0.587 * value_at(colour, x, y, 1) + 0.114 * value_at(colour, x, y, 2),
          0.5, 1e-6);
}

TEST(AdditiveNoise, UniformAndLaplace) {
  const Raster image = filled_picture({kSide, kSide, 3, Dtype::f32}, 0.5);
  const auto uniform = values_of(run("additive_noise", {{"sigma", 0.05}, {"law", std::string("uniform")}}, image), 1);
  EXPECT_NEAR(mean(uniform), 0.5, 5 * 0.05 / kSide);
  EXPECT_NEAR(deviation(uniform), 0.05, 0.05 * 3 / kSide);
  EXPECT_LE(*std::max_element(uniform.begin(), uniform.end()), 0.5 + 0.05 * std::sqrt(3.0) + 1e-6);
  EXPECT_NEAR(moment(uniform, 0.5, 4) / std::pow(0.05, 4), 1.8, 0.1) << "kurtosis of the uniform law";
  const auto laplace = values_of(run("additive_noise", {{"sigma", 0.05}, {"law", std::string("laplace")}}, image), 1);
  EXPECT_NEAR(mean(laplace), 0.5, 5 * 0.05 / kSide);
  EXPECT_NEAR(deviation(laplace), 0.05, 0.05 * 6 / kSide);
  EXPECT_NEAR(moment(laplace, 0.5, 4) / std::pow(0.05, 4), 6, 0.8) << "kurtosis of Laplace's law";
  const double beyond =
      static_cast<double>(std::count_if(laplace.begin(), laplace.end(), [](double v) { return v > 0.6; }));
  EXPECT_NEAR(beyond / kCount, 0.5 * std::exp(-2 * std::sqrt(2.0)), 0.003) << "share above two deviations";
}

TEST(SpeckleNoise, GrowsWithTheValue) {
  for (const char* law : {"gaussian", "uniform"})
    for (const double value : {0.2, 0.6}) {
      const auto values = values_of(run("speckle_noise", {{"sigma", 0.1}, {"law", std::string(law)}},
                                        filled_picture({kSide, kSide, 1, Dtype::f32}, value)),
                                    0);
      EXPECT_NEAR(mean(values), value, 5 * 0.1 * value / kSide);
      EXPECT_NEAR(deviation(values), 0.1 * value, 0.1 * value * 4 / kSide) << law;
    }
}

TEST(FilmGrain, IsStrongestInTheMiddleAndAsLargeAsAsked) {
  for (const double size : {0.0, 1.5}) {
    for (const double value : {0.5, 0.1}) {
      const auto values = values_of(
          run("film_grain", {{"amount", 0.05}, {"size", size}}, filled_picture({kSide, kSide, 3, Dtype::f32}, value)),
          0);
      EXPECT_NEAR(deviation(values), 0.05 * 2 * std::sqrt(value * (1 - value)), 0.05 * (size > 0 ? 0.06 : 0.02))
          << size;
      auto beside = values;
      std::rotate(beside.begin(), beside.begin() + 1, beside.end());
      // Neighbours of noise that was blurred twice-over by sigma correlate by exp(−1/(4·sigma²)).
      EXPECT_NEAR(correlation(values, beside), size > 0 ? std::exp(-1 / (4 * size * size)) : 0, 0.04);
    }
  }
}

}  // namespace
}  // namespace leaven::ops

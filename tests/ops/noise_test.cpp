// gaussian_noise, salt_pepper, cutout.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;
constexpr int kSide = 160;

// Differences from mid grey of one channel, row by row.
std::vector<double> noise_of(const Raster& out, int channel) {
  std::vector<double> values;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) values.push_back(value_at(out, x, y, channel) - 0.5);
  return values;
}

double mean_product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum / static_cast<double>(a.size());
}

TEST(GaussianNoise, HasTheGivenDeviationInEveryChannel) {
  const Raster out = run("gaussian_noise", {{"sigma", 0.05}}, filled_picture({kSide, kSide, 3, Dtype::f32}, 0.5));
  const double n = kSide * kSide;
  for (int c = 0; c < 3; ++c) {
    const auto noise = noise_of(out, c);
    EXPECT_NEAR(mean_product(noise, std::vector<double>(noise.size(), 1)), 0, 4.5 * 0.05 / std::sqrt(n));
    EXPECT_NEAR(std::sqrt(mean_product(noise, noise)), 0.05, 4.5 * 0.05 / std::sqrt(2 * n));
    EXPECT_NEAR(mean_product(noise, noise_of(out, (c + 1) % 3)) / (0.05 * 0.05), 0, 4.5 / std::sqrt(n))
        << "channels are independent";
    auto shifted = noise;
    std::rotate(shifted.begin(), shifted.begin() + 1, shifted.end());
    EXPECT_NEAR(mean_product(noise, shifted) / (0.05 * 0.05), 0, 4.5 / std::sqrt(n)) << "neighbours are independent";
  }
}

TEST(GaussianNoise, OneDrawAPixelMakesGreyNoise) {
  const Raster out =
      run("gaussian_noise", {{"sigma", 0.1}, {"per_channel", false}}, filled_picture({kSide, kSide, 3}, 0.5));
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      ASSERT_TRUE(level_at(out, x, y, 0) == level_at(out, x, y, 1) && level_at(out, x, y, 1) == level_at(out, x, y, 2));
}

TEST(GaussianNoise, OtherKeyOtherNoise) {
  const Raster image = filled_picture({kSide, kSide, 1, Dtype::f32}, 0.5);
  const OpValue op = make_op("gaussian_noise", {{"sigma", 0.05}});
  const auto one = noise_of(run(op, image, key_number(1)), 0), two = noise_of(run(op, image, key_number(2)), 0);
  EXPECT_NEAR(mean_product(one, two) / (0.05 * 0.05), 0, 4.5 / kSide);
}

TEST(SaltPepper, SharesAreAsGiven) {
  const Raster out = run("salt_pepper", {{"amount", 0.1}, {"salt", 0.25}}, filled_picture({kSide, kSide, 3}, 0.5));
  double white = 0, black = 0;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const double level = level_at(out, x, y, 0);
      for (int c = 1; c < 3; ++c) ASSERT_EQ(level_at(out, x, y, c), level) << "all channels together";
      ASSERT_TRUE(level == 0 || level == 128 || level == 255) << level;
      white += level == 255, black += level == 0;
    }
  const double n = kSide * kSide;
  EXPECT_NEAR(white / n, 0.025, 4.5 * std::sqrt(0.025 * 0.975 / n));
  EXPECT_NEAR(black / n, 0.075, 4.5 * std::sqrt(0.075 * 0.925 / n));
}

TEST(SaltPepper, AllOfThePixelsMayGo) {
  for (const int level : levels_of(run("salt_pepper", {{"amount", 1.0}, {"salt", 1.0}}, noise_picture({20, 20, 3}))))
    ASSERT_EQ(level, 255);
}

TEST(Cutout, GivenHolesAreCut) {
  const OpValue op =
      make_op("cutout", {{"fill", std::vector<double>{1}}, {"regions", std::vector<double>{1, 0, 2, 1, -1, 1, 2, 5}}});
  EXPECT_EQ(levels_of(run(op, filled_picture({4, 2, 1}, 0))), (Levels{0, 255, 255, 0, 255, 0, 0, 0}));
}

TEST(Cutout, HolesAreOpaqueUnlessAlphaIsGiven) {
  const Raster image = filled_picture({2, 1, 4, Dtype::u8, true}, 0.4);
  const std::vector<double> half{0, 0, 1, 1};
  EXPECT_EQ(levels_of(run("cutout", {{"regions", half}, {"fill", std::vector<double>{1}}}, image)),
            (Levels{255, 255, 255, 255, 102, 102, 102, 102}));
  EXPECT_EQ(level_at(run("cutout", {{"regions", half}, {"fill", std::vector<double>{1, 1, 1, 0}}}, image), 0, 0, 3), 0);
}

TEST(Cutout, DrawnHolesAreSquaresAllOverThePicture) {
  double sum_x = 0, sum_y = 0;
  // x with y, and the x and y of one hole with those of the other, in units of their standard deviations.
  double x_with_y = 0, x_with_x = 0, y_with_y = 0;
  constexpr int kDraws = 3000;
  const double deviation_x = 60 / std::sqrt(12.0), deviation_y = 40 / std::sqrt(12.0);
  for (int i = 0; i < kDraws; ++i) {
    const Chain chain = lower_chain({60, 40, 3}, make_op("cutout", {{"holes", 2}, {"size", 0.26}}),
                                    key_number(static_cast<std::uint64_t>(i)));
    const auto r = std::get<std::vector<double>>(chain.ops[0].get("regions"));
    ASSERT_EQ(r.size(), 8U);
    ASSERT_TRUE(r[2] == 10 && r[3] == 10 && r[6] == 10 && r[7] == 10) << "round(0.26·40) = 10";
    const double middle_x = r[0] + 5, middle_y = r[1] + 5;
    ASSERT_TRUE(middle_x >= 0 && middle_x < 60 && middle_y >= 0 && middle_y < 40);
    sum_x += middle_x, sum_y += middle_y;
    const double x = (middle_x - 29.5) / deviation_x, y = (middle_y - 19.5) / deviation_y;
    x_with_y += x * y, x_with_x += x * (r[4] + 5 - 29.5) / deviation_x, y_with_y += y * (r[5] + 5 - 19.5) / deviation_y;
  }
  for (const double together : {x_with_y, x_with_x, y_with_y})
    EXPECT_NEAR(together / kDraws, 0, 4.5 / std::sqrt(kDraws));
  EXPECT_NEAR(sum_x / kDraws, 29.5, 4.5 * deviation_x / std::sqrt(kDraws));
  EXPECT_NEAR(sum_y / kDraws, 19.5, 4.5 * deviation_y / std::sqrt(kDraws));
}

TEST(Cutout, RefusesHalfARegion) {
  try {
    lower_chain({4, 4, 1}, make_op("cutout", {{"regions", std::vector<double>{1, 1, 2, 2, 3}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "cutout: regions must have four numbers a hole, got 5");
  }
}

}  // namespace
}  // namespace leaven::ops

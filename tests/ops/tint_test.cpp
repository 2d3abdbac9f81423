// rgb_shift, rgb_gain, sepia, colorize, color_temperature, channel_shuffle, channel_dropout.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

TEST(RgbShift, AddsToEachColourAndSaturates) {
  const OpValue op = make_op("rgb_shift", {{"red", 0.2}, {"green", -0.4}, {"blue", 1.0}});
  EXPECT_EQ(levels_of(run(op, picture(2, 1, 3, {10, 200, 0, 250, 50, 7}))), (Levels{61, 98, 255, 255, 0, 255}));
}

TEST(RgbShift, GreyTakesTheLuma) {
  // 0.299·0.2 − 0.587·0.4 + 0.114 = −0.061: 15.555 levels less.
  const OpValue op = make_op("rgb_shift", {{"red", 0.2}, {"green", -0.4}, {"blue", 1.0}});
  EXPECT_EQ(levels_of(run(op, picture(2, 1, 1, {100, 3}))), (Levels{84, 0}));
}

TEST(RgbGain, MultipliesEachColour) {
  const OpValue op = make_op("rgb_gain", {{"red", 0.5}, {"green", 2.0}});
  EXPECT_EQ(levels_of(run(op, picture(2, 1, 3, {10, 100, 9, 251, 200, 7}))), (Levels{5, 200, 9, 126, 255, 7}));
}

TEST(Sepia, UsesTheUsualMatrix) {
  // 100·(0.393 + 0.769 + 0.189) = 135.1, 120.3, 93.7.
  EXPECT_EQ(levels_of(run("sepia", {}, picture(2, 1, 3, {100, 100, 100, 0, 200, 0}))),
            (Levels{135, 120, 94, 154, 137, 107}));
  EXPECT_EQ(levels_of(run("sepia", {{"amount", 0.5}}, picture(1, 1, 3, {100, 100, 100}))), (Levels{118, 110, 97}));
}

TEST(Colorize, BlackAndWhiteBecomeTheGivenColours) {
  const OpValue op =
      make_op("colorize", {{"black", std::vector<double>{0, 0.2, 0.4}}, {"white", std::vector<double>{1, 0.8, 0.6}}});
  // Mid grey 102 is 0.4 of the way: 0.4, 0.44, 0.48.
  EXPECT_EQ(levels_of(run(op, picture(3, 1, 3, {0, 0, 0, 255, 255, 255, 102, 102, 102}))),
            (Levels{0, 51, 102, 255, 204, 153, 102, 112, 122}));
}

TEST(ColorTemperature, GainsFollowThePlanckianLocus) {
  const auto gains = [](double kelvin) {
    const Raster out = run("color_temperature", {{"kelvin", kelvin}}, filled_picture({1, 1, 3, Dtype::f32}, 0.25));
    return std::array{value_at(out, 0, 0, 0) * 4, value_at(out, 0, 0, 1) * 4, value_at(out, 0, 0, 2) * 4};
  };
  // Chromaticities of black bodies by Planck's law and the CIE 1931 observer: 2856 K (0.4476, 0.4074), 4000 K
  // (0.3805, 0.3768), 6500 K (0.3135, 0.3237), 10000 K (0.2807, 0.2884); then sRGB's matrix.
  const auto rgb = [](double x, double y) {
    const double z = 1 - x - y;
    const double red = 3.2406 * x - 1.5372 * y - 0.4986 * z, green = -0.9689 * x + 1.8758 * y + 0.0415 * z,
                 blue = 0.0557 * x - 0.2040 * y + 1.0570 * z;
    return std::array{red / green, blue / green};
  };
  const auto day = rgb(0.3135, 0.3237);
  for (const auto& [kelvin, x, y] :
       {std::tuple{2856.0, 0.4476, 0.4074}, {4000.0, 0.3805, 0.3768}, {10000.0, 0.2807, 0.2884}}) {
    const auto body = rgb(x, y);
    const auto got = gains(kelvin);
    EXPECT_NEAR(got[0], std::pow(body[0] / day[0], 1 / 2.2), 0.015) << kelvin;
    EXPECT_NEAR(got[1], 1, 1e-6);
    EXPECT_NEAR(got[2], std::pow(body[1] / day[1], 1 / 2.2), 0.015) << kelvin;
  }
}

TEST(ChannelShuffle, GivenOrder) {
  const OpValue op = make_op("channel_shuffle", {{"order", std::vector<double>{2, 0, 1}}});
  EXPECT_EQ(levels_of(run(op, picture(2, 1, 3, {1, 2, 3, 40, 50, 60}))), (Levels{3, 1, 2, 60, 40, 50}));
}

TEST(ChannelShuffle, AllSixOrdersAreDrawnAlike) {
  std::map<Levels, int> seen;
  for (std::uint64_t i = 0; i < 600; ++i)
    ++seen[levels_of(run(make_op("channel_shuffle"), picture(1, 1, 3, {1, 2, 3}), key_number(i)))];
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [levels, count] : seen) EXPECT_NEAR(count, 100, 45);
}

TEST(ChannelDropout, DropsAsManyAsAsked) {
  EXPECT_EQ(levels_of(run("channel_dropout", {{"dropped", std::vector<double>{0, 2}}, {"fill", 0.2}},
                          picture(1, 1, 3, {9, 8, 7}))),
            (Levels{51, 8, 51}));
  std::set<Levels> seen;
  for (std::uint64_t i = 0; i < 60; ++i)
    seen.insert(
        levels_of(run(make_op("channel_dropout", {{"channels", 2}}), picture(1, 1, 3, {1, 2, 3}), key_number(i))));
  EXPECT_EQ(seen, (std::set<Levels>{{1, 0, 0}, {0, 2, 0}, {0, 0, 3}}));
  EXPECT_EQ(levels_of(run("channel_dropout", {}, picture(1, 1, 1, {9}))), (Levels{9})) << "grey stays";
}

}  // namespace
}  // namespace leaven::ops

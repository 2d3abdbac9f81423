#include "kernels/color_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

using Colour = std::array<double, 3>;

/// HSV there and back (Smith 1978), in double.
Colour turned(const Colour& rgb, double turns) {
  const double most = std::max({rgb[0], rgb[1], rgb[2]}), least = std::min({rgb[0], rgb[1], rgb[2]}), chroma = most - least;
  if (chroma == 0) return rgb;
  double hue = most == rgb[0] ? (rgb[1] - rgb[2]) / chroma : most == rgb[1] ? 2 + (rgb[2] - rgb[0]) / chroma : 4 + (rgb[0] - rgb[1]) / chroma;
  hue += 6 * turns;
  Colour out;
  for (std::size_t c = 0; c < 3; ++c) {
    double k = std::fmod(std::array{5.0, 3.0, 1.0}[c] + hue, 6);
    if (k < 0) k += 6;
    out[c] = most - chroma * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
  }
  return out;
}

struct Case {
  std::vector<ColorStep> steps;
  std::vector<double> powers;  ///< of the ColorPower among them
};

Colour expected(Colour v, const Case& run) {
  for (const ColorStep& step : run.steps) {
    Colour next = v;
    if (const auto* line = std::get_if<ClampedAffine>(&step))
      for (std::size_t c = 0; c < 3; ++c) {
        next[c] = static_cast<double>(line->gain[c]) * v[c] + static_cast<double>(line->offset[c]);
        if (line->clamp) next[c] = std::clamp(next[c], static_cast<double>(line->low[c]), static_cast<double>(line->high[c]));
      }
    if (const auto* mix = std::get_if<ColorMix>(&step))
      for (std::size_t c = 0; c < 3; ++c) {
        next[c] = static_cast<double>(mix->m[4 * c + 3]);
        for (std::size_t i = 0; i < 3; ++i) next[c] += static_cast<double>(mix->m[4 * c + i]) * v[i];
        if (mix->clamp) next[c] = std::clamp(next[c], 0.0, 255.0);
      }
    if (const auto* blend = std::get_if<GreyBlend>(&step))
      for (std::size_t c = 0; c < 3; ++c) {
        next[c] = static_cast<double>(blend->own) * v[c];
        for (std::size_t i = 0; i < 3; ++i) next[c] += static_cast<double>(blend->weights[i]) * v[i];
        if (blend->clamp) next[c] = std::clamp(next[c], 0.0, 255.0);
      }
    if (const auto* hue = std::get_if<HueTurn>(&step)) next = turned(v, static_cast<double>(hue->sixths) / 6);
    if (std::holds_alternative<ColorPower>(step))
      for (std::size_t c = 0; c < 3; ++c) next[c] = 255 * std::pow(std::clamp(v[c] / 255, 0.0, 1.0), run.powers[c]);
    v = next;
  }
  return v;
}

constexpr std::array<float, 3> kLuma{0.299f, 0.587f, 0.114f};
constexpr std::array<float, 12> kMixed{1.2f, -0.3f, 0.05f, 25, 0, 0.7f, 0.4f, -50, 0.33f, 0.33f, 0.34f, 0};

TEST(ColorRun, FollowsTheFormulasOnEveryTarget) {
  const PowerCubics dark = *power_cubics(1.7), light = *power_cubics(0.6);
  const ClampedAffine line{{1.3f, 0.8f, -0.5f}, {-25, 25, 230}, {0, 50, 0}, {255, 200, 255}, true};
  const std::vector<Case> cases{{{GreyBlend{kLuma, 0, false}}, {}},
                                {{GreyBlend{{-0.1f, -0.2f, -0.05f}, 1.35f, true}}, {}},
                                {{ColorMix{kMixed, true}}, {}},
                                {{line, ColorMix{kMixed, true}, hue_turn(0.07), ColorPower{{&dark, &light, &dark}}}, {1.7, 0.6, 1.7}},
                                {{ColorPower{{&light, &light, &light}}, hue_turn(-0.4)}, {0.6, 0.6, 0.6}},
                                {{hue_turn(0.5)}, {}},
                                {{hue_turn(-0.01)}, {}}};
  for (const Case& run : cases) {
    std::vector<std::uint8_t> first;
    on_every_target([&] {
      for (const int count : {1, 5, 16, 17, 100, 4096}) {
        TestNumbers numbers;
        const auto bytes = static_cast<std::size_t>(count) * 3;
        Guarded<std::uint8_t> in(bytes), out(bytes);
        for (std::size_t i = 0; i < bytes; ++i) in.data()[i] = static_cast<std::uint8_t>(numbers.next());
        for (std::size_t i = 0; i < std::min<std::size_t>(bytes, 30); ++i) in.data()[i] = static_cast<std::uint8_t>(i < 15 ? 255 * (i % 2) : i / 3);  // corners, greys
        color_run_bytes(in.data(), static_cast<std::size_t>(count), run.steps, out.data());
        ASSERT_TRUE(out.intact());
        for (std::size_t i = 0; i < bytes; i += 3) {
          const Colour v = expected({in.data()[i] * 1.0, in.data()[i + 1] * 1.0, in.data()[i + 2] * 1.0}, run);
          for (std::size_t c = 0; c < 3; ++c)
            ASSERT_NEAR(out.data()[i + c], std::clamp(v[c], 0.0, 255.0), 0.61) << i << ", " << c << ", a step of kind " << run.steps.front().index();
        }
        if (count != 4096) continue;
        if (first.empty()) first.assign(out.data(), out.data() + bytes);
        ASSERT_TRUE(std::equal(first.begin(), first.end(), out.data())) << "all targets alike";
      }
    });
  }
}

TEST(ColorRun, GreysStayWhateverTheTurn) {
  on_every_target([] {
    for (const double turns : {-0.5, -0.31, -0.01, 0.02, 0.25, 0.5}) {
      std::vector<std::uint8_t> greys(256 * 3), out(256 * 3);
      for (std::size_t i = 0; i < greys.size(); ++i) greys[i] = static_cast<std::uint8_t>(i / 3);
      const std::vector<ColorStep> steps{hue_turn(turns)};
      color_run_bytes(greys.data(), 256, steps, out.data());
      EXPECT_EQ(out, greys) << turns;
    }
  });
}

TEST(ColorRun, PowersAreWithinASeventhOfALevel) {
  for (const double a : {0.5, 0.55, 0.7, 0.8, 0.99, 1.0, 1.01, 1.2, 1.5, 2.0, 2.2, 2.5, 3.0, 3.5, 4.0}) {
    const auto power = power_cubics(a);
    ASSERT_TRUE(power) << a;
    double worst = 0;
    for (int i = 0; i <= 400'000; ++i) {
      const float x = static_cast<float>(i < 200'000 ? i / 1e5 : (i - 200'000) / 2e5 * 255);  // closely near black
      std::uint32_t bits = 0;
      const float above = std::max(x, power->lowest);
      std::memcpy(&bits, &above, sizeof bits);
      const std::size_t s = (bits >> power->shift) % 16;
      const float value = ((power->terms[3][s] * x + power->terms[2][s]) * x + power->terms[1][s]) * x + power->terms[0][s];
      worst = std::max(worst, std::fabs(static_cast<double>(value) - 255 * std::pow(static_cast<double>(x) / 255, a)));
    }
    EXPECT_LT(worst, 0.15) << a;
  }
  for (const double a : {0.0, 0.3, 0.49, 4.1, 10.0}) EXPECT_FALSE(power_cubics(a)) << a;
}

}  // namespace
}  // namespace leaven::kernels

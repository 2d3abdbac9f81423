#include "kernels/pointwise.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

using Kernel = std::function<void(float*, int)>;
using Definition = std::function<double(double)>;

double clamped(double v) { return std::clamp(v, 0.0, 1.0); }

/// Values over [lo, hi]; compares with the definition within `relative` of max(|expected|, floor).
void check(const Kernel& kernel, const Definition& definition, double relative, double lo = 0, double hi = 1,
           double floor = 1e-6) {
  std::vector<std::vector<float>> by_target;
  on_every_target([&] {
    std::vector<float> all;
    for (const int count : {1, 5, 64, 200, 256}) {
      SegmentBuffer buffer{};
      for (int i = 0; i < count; ++i)
        buffer.values[0][static_cast<std::size_t>(i)] = static_cast<float>(lo + (hi - lo) * i / std::max(1, count - 1));
      const SegmentBuffer before = buffer;
      kernel(buffer.values[0].data(), count);
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        const double expected = definition(static_cast<double>(before.values[0][i]));
        ASSERT_NEAR(buffer.values[0][i], expected, relative * std::max(floor, std::abs(expected)))
            << "at " << before.values[0][i];
        all.push_back(buffer.values[0][i]);
      }
      if (count == 256) continue;
      EXPECT_EQ(buffer.values[1], before.values[1]);  // nothing behind the plane
    }
    by_target.push_back(all);
  });
  for (const auto& values : by_target) EXPECT_EQ(values, by_target.front());
}

TEST(Pointwise, Affine) {
  check([](float* v, int n) { affine(v, n, 1.7, -0.2, true); }, [](double x) { return clamped(1.7 * x - 0.2); }, 1e-6, -1,
        2, 1);
  check([](float* v, int n) { affine(v, n, 4.3, -2.1, false); }, [](double x) { return 4.3 * x - 2.1; }, 1e-6, -1, 2, 1);
}

TEST(Pointwise, PowerIsAccurateFromDarkToLight) {
  for (const double a : {0.1, 0.45, 0.8, 1.0, 1.5, 2.2, 5.0})
    for (const double hi : {1.0, 0.01, 1e-4})
      check([&](float* v, int n) { power(v, n, a, true); },
            [&](double x) { return clamped(std::pow(x, static_cast<double>(static_cast<float>(a)))); }, 1e-5, 0, hi, 1e-12);
  check([](float* v, int n) { power(v, n, 2.5, false); },
        [](double x) { return std::pow(std::max(x, 0.0), 2.5); }, 1e-5, -3, 40);
  check([](float* v, int n) { power(v, n, 0, true); }, [](double) { return 1.0; }, 1e-7);
  check([](float* v, int n) { power(v, n, -1, true); }, [](double) { return 1.0; }, 1e-7);
}

TEST(Pointwise, PowerOfOneIsNearlyNothing) {
  check([](float* v, int n) { power(v, n, 1, true); }, [](double x) { return x; }, 1e-6, 0, 1, 1e-3);
}

TEST(Pointwise, Solarize) {
  check([](float* v, int n) { solarize(v, n, 0.5, true); }, [](double x) { return x >= 0.5 ? 1 - x : x; }, 1e-6);
}

TEST(Pointwise, QuantizeKeepsTheHighBits) {
  for (const int bits : {1, 3, 8}) {
    const int mask = (0xff << (8 - bits)) & 0xff;
    check([&](float* v, int n) { quantize(v, n, bits, Dtype::u8); },
          [&](double x) { return (static_cast<int>(std::nearbyint(static_cast<double>(static_cast<float>(x) * 255.0f))) & mask) / 255.0; },
          1e-6);
    check([&](float* v, int n) { quantize(v, n, bits, Dtype::u16); },
          [&](double x) {
            const float level = std::nearbyint(static_cast<float>(x) * 65535.0f);
            return (static_cast<int>(level) & (mask << 8)) / 65535.0;
          },
          1e-6);
  }
}

TEST(Pointwise, RoundToLevels) {
  check([](float* v, int n) { round_to_levels(v, n, Dtype::u8); },
        [](double x) { return std::nearbyint(static_cast<double>(static_cast<float>(x) * 255.0f)) / 255.0; }, 1e-7, 0, 1, 1);
  check([](float* v, int n) { round_to_levels(v, n, Dtype::f32); }, [](double x) { return x; }, 0);
}

TEST(Pointwise, LookUpTakesTheNearestEntry) {
  std::vector<float> table(256);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<float>((i * 37) % 256) / 255.0f;
  check([&](float* v, int n) { look_up(v, n, table.data(), 256, true); },
        [&](double x) {
          const double at = std::nearbyint(static_cast<double>(static_cast<float>(clamped(x)) * 255.0f));
          return static_cast<double>(table[static_cast<std::size_t>(at)]);
        },
        0, -0.5, 1.5);
}

TEST(Pointwise, ClampMakesNumbersOfWhatIsNone) {
  on_every_target([] {
    SegmentBuffer buffer{};
    buffer.values[0] = {-1.0f, 0.5f, 2.0f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                        -std::numeric_limits<float>::infinity()};
    clamp_values(buffer.values[0].data(), 6);
    const std::vector<float> expected = {0.0f, 0.5f, 1.0f, 0.0f, 1.0f, 0.0f};
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(buffer.values[0][i], expected[i]) << i;
  });
}

void fill_colours(SegmentBuffer& buffer, int count) {
  TestNumbers numbers;
  for (int i = 0; i < count; ++i)
    for (std::size_t c = 0; c < 3; ++c) buffer.values[c][static_cast<std::size_t>(i)] = static_cast<float>(numbers.unit());
  for (std::size_t c = 0; c < 3; ++c) {
    buffer.values[c][0] = 0.25f;                      // grey
    buffer.values[c][1] = c == 1 ? 1.0f : 0.0f;       // pure green
    buffer.values[c][2] = c == 2 ? 0.0f : 0.75f;      // red and green lead together
  }
}

TEST(Pointwise, ColorMatrix) {
  const std::array<float, 12> m = {0.9f, 0.2f, -0.1f, 0.05f, 0.1f, 0.8f, 0.3f, -0.2f, 0.0f, 0.5f, 0.7f, 0.1f};
  on_every_target([&] {
    for (const int count : {3, 100, 256}) {
      SegmentBuffer buffer{};
      fill_colours(buffer, count);
      const SegmentBuffer before = buffer;
      color_matrix(buffer.planes(), count, m, true);
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        for (std::size_t row = 0; row < 3; ++row) {
          double sum = static_cast<double>(m[4 * row + 3]);
          for (std::size_t c = 0; c < 3; ++c)
            sum += static_cast<double>(m[4 * row + c]) * static_cast<double>(before.values[c][i]);
          ASSERT_NEAR(buffer.values[row][i], clamped(sum), 1e-6);
        }
    }
  });
}

/// HSV by the textbook, as Python's colorsys does it.
std::array<double, 3> turned_by_textbook(double r, double g, double b, double turns) {
  const double high = std::max({r, g, b}), low = std::min({r, g, b}), range = high - low;
  if (range == 0) return {r, g, b};
  const double saturation = range / high;
  const double rc = (high - r) / range, gc = (high - g) / range, bc = (high - b) / range;
  double h = r == high ? bc - gc : g == high ? 2 + rc - bc : 4 + gc - rc;
  h = h / 6 + turns;
  h -= std::floor(h);
  const double sector = std::floor(h * 6), f = h * 6 - sector;
  const double p = high * (1 - saturation), q = high * (1 - saturation * f), t = high * (1 - saturation * (1 - f));
  switch (static_cast<int>(sector) % 6) {
    case 0: return {high, t, p};
    case 1: return {q, high, p};
    case 2: return {p, high, t};
    case 3: return {p, q, high};
    case 4: return {t, p, high};
    default: return {high, p, q};
  }
}

TEST(Pointwise, HueShiftAgreesWithTheTextbook) {
  for (const double turns : {-0.9, -0.5, -0.1, 0.0, 0.03, 1.0 / 3, 0.5, 2.75})
    on_every_target([&] {
      SegmentBuffer buffer{};
      fill_colours(buffer, 200);
      const SegmentBuffer before = buffer;
      hue_shift(buffer.planes(), 200, turns);
      for (std::size_t i = 0; i < 200; ++i) {
        const auto expected =
            turned_by_textbook(static_cast<double>(before.values[0][i]), static_cast<double>(before.values[1][i]),
                               static_cast<double>(before.values[2][i]), turns);
        for (std::size_t c = 0; c < 3; ++c) ASSERT_NEAR(buffer.values[c][i], expected[c], 2e-6) << i << " by " << turns;
      }
      EXPECT_EQ(buffer.values[0][0], 0.25f);  // greys stay as they are
    });
}

TEST(Pointwise, AddNoise) {
  on_every_target([] {
    SegmentBuffer buffer{};
    for (std::size_t i = 0; i < 70; ++i) {
      buffer.values[0][i] = 0.5f;
      buffer.values[1][i] = static_cast<float>(i) / 10 - 3;
    }
    add_noise(buffer.values[0].data(), buffer.values[1].data(), 70, 0.1, 0.2, true);
    for (std::size_t i = 0; i < 70; ++i)
      EXPECT_NEAR(buffer.values[0][i], clamped(0.6 + 0.2 * static_cast<double>(buffer.values[1][i])), 1e-6);
  });
}

TEST(Pointwise, LightensWhereTheFloorIsAbove) {
  on_every_target([] {
    SegmentBuffer buffer{};
    for (std::size_t i = 0; i < 70; ++i) {
      buffer.values[0][i] = static_cast<float>(i) / 70;
      buffer.values[1][i] = 0.5f;
      buffer.values[2][i] = static_cast<float>(i % 3) / 10;
    }
    lighten(buffer.values[0].data(), buffer.values[1].data(), buffer.values[2].data(), 70, 0.7f);
    for (std::size_t i = 0; i < 70; ++i) {
      const double x = static_cast<double>(i) / 70;
      EXPECT_NEAR(buffer.values[0][i], 0.7 * x + 0.3 * std::max(x, 0.5) + static_cast<double>(i % 3) / 10, 1e-6);
    }
  });
}

TEST(Pointwise, LayersOverDimmedLight) {
  on_every_target([] {
    SegmentBuffer buffer{};
    auto &values = buffer.values[0], &cover = buffer.values[1], &shares = buffer.values[2];
    for (std::size_t i = 0; i < 70; ++i) cover[i] = static_cast<float>(i) / 30 - 0.3f;
    shares_of(cover.data(), 70, 1.7f, 0.7f, shares.data());
    for (std::size_t i = 0; i < 70; ++i) {
      EXPECT_EQ(shares[i], 0.7f * std::min(std::max(cover[i] / 1.7f, 0.0f), 1.0f));
      values[i] = static_cast<float>(i) / 69;
    }
    lay_over(values.data(), shares.data(), 70, 0.9f, 0.25f);
    for (std::size_t i = 0; i < 70; ++i) {
      const float dim = static_cast<float>(i) / 69 * 0.9f;
      EXPECT_EQ(values[i], dim + shares[i] * (0.25f - dim));
    }
  });
}

}  // namespace
}  // namespace leaven::kernels

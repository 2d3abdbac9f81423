// What runs of pointwise steps mean: where they clamp, where they round, which channels and pixels they touch.
#include <gtest/gtest.h>

#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

/// All 256 levels in one row.
Raster levels_of_bytes() {
  return image_of({256, 1, 1}, [](int x, int, int) { return x / 255.0; });
}

std::vector<int> after(const Chain& chain, bool fuse = true) {
  return bytes_of_row(chain.run(levels_of_bytes(), fuse));
}

TEST(RasterPointwise, EveryByteSaturatesAndRoundsHalfToEven) {
  for (const double a : {-1.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 7.0})
    for (const double b : {-128.0, -1.0, 0.0, 3.0, 64.0, 255.0}) {
      const std::vector<int> seen = after(Chain(256, 1, 1).linear(a, b / 255));
      for (int v = 0; v < 256; ++v) {
        const double exact = std::clamp(a * v + b, 0.0, 255.0);  // halves and quarters: exact in double
        const double seen_v = seen[static_cast<std::size_t>(v)];
        // v/255 and b/255 are no binary fractions: unless only halved, a tie may fall to either side.
        if (b == 0 && a <= 1) {
          EXPECT_EQ(seen_v, std::nearbyint(exact)) << a << ' ' << v;
        }
        EXPECT_LE(std::abs(seen_v - exact), 0.5) << a << ' ' << b << ' ' << v;
      }
    }
}

TEST(RasterPointwise, ARunRoundsOnceAtItsEnd) {
  Chain chain(256, 1, 1);
  chain.linear(0.125, 0).linear(8, 0);
  const std::vector<int> fused = after(chain), apart = after(chain, false);
  for (int v = 0; v < 256; ++v) {
    EXPECT_EQ(fused[static_cast<std::size_t>(v)], v);
    EXPECT_EQ(apart[static_cast<std::size_t>(v)], std::min(255.0, 8 * std::nearbyint(v / 8.0)));
  }
}

TEST(RasterPointwise, ARunClampsAfterEveryStep) {
  const std::vector<int> seen = after(Chain(256, 1, 1).linear(2, 0).linear(0.5, 0));
  EXPECT_EQ(seen[100], 100);
  EXPECT_EQ(seen[200], 128);  // saturated at 1, halved to 127.5, to even
}

TEST(RasterPointwise, FillsAreStoredColours) {
  Chain chain(2, 1, 1);
  chain.pad(1, 0, 0, 0, {BorderKind::constant, {0.15f}}).linear(4, 0);  // 38.25 is stored as 38
  const Raster image = image_of(chain.source(), [](int, int, int) { return 0.2; });
  for (const bool fuse : {true, false}) EXPECT_EQ(bytes_of_row(chain.run(image, fuse)), (std::vector{152, 204, 204}));
}

TEST(RasterPointwise, WholeLevelsAreTheSameInARunAndApart) {
  for (const int bits : {1, 2, 4, 7, 8}) {
    Chain chain(256, 1, 1);
    chain.linear(0.77, 0.03).curve({Curve::Form::quantize, static_cast<double>(bits), 0, nullptr}, true);
    EXPECT_EQ(after(chain), after(chain, false));
  }
}

TEST(RasterPointwise, CurvesAreTheirFormulas) {
  const std::vector<int> power = after(Chain(256, 1, 1).curve({Curve::Form::power, 2.2, 0, nullptr}));
  const std::vector<int> solarize = after(Chain(256, 1, 1).curve({Curve::Form::solarize, 128 / 255.0, 0, nullptr}));
  const std::vector<int> quantize = after(Chain(256, 1, 1).curve({Curve::Form::quantize, 3, 0, nullptr}));
  auto table = std::make_shared<std::vector<float>>(256);
  for (std::size_t v = 0; v < 256; ++v) (*table)[v] = static_cast<float>((v * 7 + 3) % 256) / 255;
  const std::vector<int> levels = after(Chain(256, 1, 1).curve({Curve::Form::levels, 0, 0, table}));
  for (int v = 0; v < 256; ++v) {
    const auto at = static_cast<std::size_t>(v);
    EXPECT_EQ(power[at], std::lround(255 * std::pow(v / 255.0, 2.2)));
    EXPECT_EQ(solarize[at], v >= 128 ? 255 - v : v);
    EXPECT_EQ(quantize[at], v & 0xe0);
    EXPECT_EQ(levels[at], (v * 7 + 3) % 256);
  }
}

TEST(RasterPointwise, SixteenBitsKeepBitsOfTheTopByte) {
  const RasterShape shape{3, 1, 1, Dtype::u16};
  Raster image(shape);
  image.row<std::uint16_t>(0)[0] = 0x1234;
  image.row<std::uint16_t>(0)[1] = 0xffff;
  image.row<std::uint16_t>(0)[2] = 0x80ff;
  const Raster out = Chain(shape).curve({Curve::Form::quantize, 4, 0, nullptr}, true).run(image);
  EXPECT_EQ(out.row<std::uint16_t>(0)[0], 0x1000);
  EXPECT_EQ(out.row<std::uint16_t>(0)[1], 0xf000);
  EXPECT_EQ(out.row<std::uint16_t>(0)[2], 0x8000);
}

TEST(RasterPointwise, NothingIsClampedAfterAnUnboundedTable) {
  const RasterShape shape{2, 1, 3};
  Table normalize = Table::all({Curve::Form::affine, 10, -5, nullptr});
  normalize.unbounded = true;
  ColorMatrix twice;
  twice.m = {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0};
  const Raster image = image_of(shape, [](int x, int, int) { return x; });
  for (const bool fuse : {true, false}) {
    const Raster out = Chain(shape).linear(3, 0).add("normalize", normalize).add("twice", twice).run(image, fuse);
    EXPECT_EQ(value_at(out, 0, 0), -10);
    EXPECT_EQ(value_at(out, 1, 0), 10);
  }
}

TEST(RasterPointwise, ColourStepsLeaveAlphaAlone) {
  const RasterShape shape{3, 3, 4, Dtype::u8, true};
  const Raster image = random_image(shape, 4);
  ColorMatrix swap;
  swap.m = {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0.2f};
  Chain chain(shape);
  chain.linear(0.5, 0).add("swap", swap).add("hue", ColorFunction{{}, 0.3});
  chain.add("noise", Positional{GaussianNoise{0.1, 0.1, true, {1, 2}}})
      .add("salt", Positional{SaltPepper{0.5, 0.5, {3}}});
  const Raster out = chain.run(image), swapped = Chain(shape).add("swap", swap).run(image);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 3; ++x) {
      EXPECT_EQ(value_at(out, x, y, 3), value_at(image, x, y, 3));
      EXPECT_EQ(value_at(swapped, x, y, 0), value_at(image, x, y, 2));
      EXPECT_NEAR(value_at(swapped, x, y, 2), std::min(1.0, value_at(image, x, y, 0) + 0.2), 0.5 / 255);
    }
}

/// Hue as colorsys has it: h in turns, then i = floor(6h) picks the order of v, p, q, t.
std::array<double, 3> turned(std::array<double, 3> rgb, double turns) {
  const double v = std::max({rgb[0], rgb[1], rgb[2]}), least = std::min({rgb[0], rgb[1], rgb[2]});
  if (v == least) return rgb;
  const double s = (v - least) / v, rc = (v - rgb[0]) / (v - least), gc = (v - rgb[1]) / (v - least),
               bc = (v - rgb[2]) / (v - least);
  double h = (rgb[0] == v ? bc - gc : rgb[1] == v ? 2 + rc - bc : 4 + gc - rc) / 6 + turns;
  h -= std::floor(h);
  const double f = h * 6 - std::floor(h * 6), p = v * (1 - s), q = v * (1 - s * f), t = v * (1 - s * (1 - f));
  switch (static_cast<int>(h * 6) % 6) {
    case 0: return {v, t, p};
    case 1: return {q, v, p};
    case 2: return {p, v, t};
    case 3: return {p, q, v};
    case 4: return {t, p, v};
    default: return {v, p, q};
  }
}

TEST(RasterPointwise, HueTurnsAsInColorsysAndIsPeriodic) {
  const RasterShape shape{64, 16, 3, Dtype::f32};
  const Raster image = random_image(shape, 6);
  const auto turn = [&](double turns) { return Chain(shape).add("hue", ColorFunction{{}, turns}).run(image); };
  for (const double turns : {0.0, 0.1, 0.5, -0.25, 0.9, 3.3}) {
    const Raster out = turn(turns);
    for (int y = 0; y < 16; ++y)
      for (int x = 0; x < 64; ++x) {
        const auto wanted =
            turned({value_at(image, x, y, 0), value_at(image, x, y, 1), value_at(image, x, y, 2)}, turns);
        for (int c = 0; c < 3; ++c) EXPECT_NEAR(value_at(out, x, y, c), wanted[static_cast<std::size_t>(c)], 1e-6);
      }
  }
  EXPECT_LT(largest_difference(turn(0.5), turn(-0.5)), 1e-6);
  EXPECT_LT(largest_difference(turn(1), image), 1e-6);
}

TEST(RasterPointwise, HueThereAndBackIsAtMostALevelOffAndGreysStay) {
  const RasterShape shape{40, 40, 3};
  const Raster image = random_image(shape, 9), grey = image_of({256, 1, 3}, [](int x, int, int) { return x / 255.0; });
  Chain there_and_back(shape), grey_turned(256, 1);
  there_and_back.add("hue", ColorFunction{{}, 0.17}).add("hue", ColorFunction{{}, -0.17});
  EXPECT_LE(largest_difference(there_and_back.run(image, false), image), 1.01 / 255);
  EXPECT_EQ(largest_difference(there_and_back.run(image, true), image), 0);
  EXPECT_EQ(largest_difference(grey_turned.add("hue", ColorFunction{{}, 0.4}).run(grey), grey), 0);
}

TEST(RasterPointwise, NoiseHasItsMeanAndSpreadAndItsPlace) {
  const RasterShape shape{200, 200, 3, Dtype::f32};
  const Raster grey = image_of(shape, [](int, int, int) { return 0.5; });
  const auto noisy = [&](bool per_channel, Key key) {
    return Chain(shape).add("noise", Positional{GaussianNoise{0.02, 0.05, per_channel, key}}).run(grey);
  };
  const Raster own = noisy(true, {5, 6}), shared = noisy(false, {5, 6});
  double sum = 0, squares = 0;
  int equal = 0;
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x) {
      const double d = value_at(own, x, y, 1) - 0.5;
      sum += d, squares += d * d;
      equal += value_at(own, x, y, 0) == value_at(own, x, y, 1);
      EXPECT_EQ(value_at(shared, x, y, 0), value_at(shared, x, y, 2));
    }
  const double mean = sum / 40000;
  EXPECT_NEAR(mean, 0.02, 0.001);  // four standard errors
  EXPECT_NEAR(std::sqrt(squares / 40000 - mean * mean), 0.05, 0.001);
  EXPECT_LT(equal, 10);
  EXPECT_GT(largest_difference(own, noisy(true, {5, 7})), 0.1);
  // Noise belongs to the pixel of its own canvas, whatever geometry came before.
  const Raster flipped =
      Chain(shape).horizontal_flip().add("noise", Positional{GaussianNoise{0.02, 0.05, true, {5, 6}}}).run(grey);
  EXPECT_EQ(largest_difference(flipped, own), 0);
}

TEST(RasterPointwise, SaltAndPepperComeInTheirShares) {
  const RasterShape shape{200, 200, 3};
  const Raster grey = image_of(shape, [](int, int, int) { return 0.4; });
  const Raster out = Chain(shape).add("salt", Positional{SaltPepper{0.2, 0.75, {8, 9}}}).run(grey);
  int salt = 0, pepper = 0;
  for (int y = 0; y < 200; ++y)
    for (int x = 0; x < 200; ++x) {
      salt += value_at(out, x, y, 0) == 1;
      pepper += value_at(out, x, y, 0) == 0;
      EXPECT_EQ(value_at(out, x, y, 0), value_at(out, x, y, 2));
    }
  EXPECT_NEAR(salt, 6000, 300);
  EXPECT_NEAR(pepper, 2000, 180);
}

TEST(RasterPointwise, HolesMayReachOverTheEdge) {
  const RasterShape shape{5, 3, 2, Dtype::u8, true};
  const Raster image = image_of(shape, [](int, int, int) { return 0.4; });
  const Holes holes{{{-2, -1, 4, 2}, {4, 2, 100, 100}}, {0.2f, 1, 0, 0}};
  const Raster out = Chain(shape).add("holes", Positional{holes}).run(image);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 5; ++x) {
      const bool hole = (x < 2 && y < 1) || (x == 4 && y == 2);
      EXPECT_EQ(value_at(out, x, y, 0), hole ? 0.2 : 0.4);
      EXPECT_EQ(value_at(out, x, y, 1), hole ? 1 : 0.4);
    }
}

}  // namespace
}  // namespace leaven::plan

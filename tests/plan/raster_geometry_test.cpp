// What warps mean: pixel centres, borders, filters, footprints, alpha. The oracle here is hand work or a formula
// written out again in the test.
#include <gtest/gtest.h>

#include "tests/plan/raster_chain.hpp"

namespace leaven::plan {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// An antialiased disc: the share of each pixel that it covers, from 32×32 points.
Raster disc(const RasterShape& shape, Point centre, double radius) {
  constexpr int kPoints = 32;
  return image_of(shape, [&](int x, int y, int) {
    int inside = 0;
    for (int j = 0; j < kPoints; ++j)
      for (int i = 0; i < kPoints; ++i)
        inside += std::hypot(x + (i + 0.5) / kPoints - centre.x, y + (j + 0.5) / kPoints - centre.y) <= radius;
    return static_cast<double>(inside) / (kPoints * kPoints);
  });
}

Point centroid(const Raster& image) {
  double sum = 0, x_sum = 0, y_sum = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) {
      const double v = value_at(image, x, y);
      sum += v, x_sum += v * (x + 0.5), y_sum += v * (y + 0.5);
    }
  return {x_sum / sum, y_sum / sum};
}

/// Where a disc lands must be where its centre is mapped to, to a twentieth of a pixel of the source.
void expect_disc_lands_on_its_point(const Chain& chain, Point at, double radius) {
  const Point wanted = chain.map({at}).front();
  const Point seen = centroid(chain.run(disc(chain.source(), at, radius)));
  const double scale = std::max({1.0, chain.w() / chain.source().width, chain.h() / chain.source().height});
  EXPECT_NEAR(seen.x, wanted.x, 0.05 * scale) << chain.steps().back().path << " of " << chain.source().width;
  EXPECT_NEAR(seen.y, wanted.y, 0.05 * scale) << chain.steps().back().path << " of " << chain.source().width;
}

TEST(RasterGeometry, DiscsLandWhereTheirPointsAreMapped) {
  for (const Size size : {Size{7, 7}, Size{8, 7}, Size{12, 9}, Size{25, 25}, Size{32, 45}, Size{45, 31}}) {
    const RasterShape shape{size.width, size.height, 1, Dtype::f32};
    // Off centre, but so that the whole disc stays in the canvas under every map below.
    const Point at{size.width / 2.0 + 0.08 * size.width, size.height / 2.0 - 0.05 * size.height};
    const double radius = std::min(size.width, size.height) / 5.0, w = size.width, h = size.height;
    expect_disc_lands_on_its_point(Chain(shape).horizontal_flip(), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).vertical_flip(), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).transpose(), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).rotate90(), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).crop(1, 1, size.width - 1, size.height - 1), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).pad(2, 3, 4, 5), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).rotate(17), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).rotate(-50, Filter::bicubic), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).affine(10, 1.2), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).resize(3 * size.width, 2 * size.height), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).resize(size.width - 2, size.height - 1, Filter::lanczos), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).horizontal_flip().rotate(20).rotate90().resize(29, 33), at, radius);
    expect_disc_lands_on_its_point(Chain(shape).elastic(2 * w, 0.5, 7), at, radius);
    // A large disc under perspective has its centroid elsewhere than its centre.
    const std::array<Point, 4> seen{Point{0, 0}, Point{w, 0.03 * h}, Point{0.97 * w, h}, Point{0.02 * w, h}};
    expect_disc_lands_on_its_point(Chain(shape).perspective(seen), at, std::min(radius, 3.0));
  }
}

TEST(RasterGeometry, RotationTurnsCounterClockwise) {
  const RasterShape shape{3, 3, 1};
  const Raster image = image_of(shape, [](int x, int y, int) { return (10 * y + x) / 255.0; });
  const std::vector<std::vector<int>> turned{{2, 12, 22}, {1, 11, 21}, {0, 10, 20}};  // right column on top
  for (const Raster& out : {Chain(shape).rotate90().run(image), Chain(shape).rotate(90).run(image)})
    for (int y = 0; y < 3; ++y) EXPECT_EQ(bytes_of_row(out, y), turned[static_cast<std::size_t>(y)]);
}

TEST(RasterGeometry, BordersAnswerAsDrawn) {
  const RasterShape shape{4, 1, 1};
  const Raster image = image_of(shape, [](int x, int, int) { return 10 * (x + 1) / 255.0; });
  const auto padded = [&](BorderKind kind) {
    return bytes_of_row(Chain(shape).pad(5, 0, 5, 0, {kind, {0.2f, 0, 0, 0}}).run(image));
  };
  EXPECT_EQ(padded(BorderKind::constant), (std::vector{51, 51, 51, 51, 51, 10, 20, 30, 40, 51, 51, 51, 51, 51}));
  EXPECT_EQ(padded(BorderKind::edge), (std::vector{10, 10, 10, 10, 10, 10, 20, 30, 40, 40, 40, 40, 40, 40}));
  EXPECT_EQ(padded(BorderKind::reflect), (std::vector{20, 30, 40, 30, 20, 10, 20, 30, 40, 30, 20, 10, 20, 30}));
  EXPECT_EQ(padded(BorderKind::symmetric), (std::vector{40, 40, 30, 20, 10, 10, 20, 30, 40, 40, 30, 20, 10, 10}));
  EXPECT_EQ(padded(BorderKind::wrap), (std::vector{40, 10, 20, 30, 40, 10, 20, 30, 40, 10, 20, 30, 40, 10}));
}

TEST(RasterGeometry, OnePixelFillsAnyFoldingBorder) {
  const RasterShape shape{1, 1, 3};
  const Raster image = random_image(shape, 5);
  for (const BorderKind kind : {BorderKind::edge, BorderKind::reflect, BorderKind::symmetric, BorderKind::wrap}) {
    const Raster out = Chain(shape).pad(3, 2, 2, 3, {kind, {}}).run(image);
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 6; ++x)
        for (int c = 0; c < 3; ++c) EXPECT_EQ(value_at(out, x, y, c), value_at(image, 0, 0, c));
  }
}

TEST(RasterGeometry, BordersAnswerBetweenCentresToo) {
  // A shift by a quarter pixel: at x = −0.25 edge stands at the first centre, reflect at 1.25, wrap at 3.75.
  const RasterShape shape{4, 1, 1, Dtype::f32};
  const Raster image = image_of(shape, [](int x, int, int) { return 0.1 * (x + 1); });
  const auto first = [&](BorderKind kind) {
    Chain shift(shape);
    shift.warp("shift", Matrix3::translation(-0.75, 0), {4, 1}, Filter::bilinear, {kind, {}});
    return value_at(shift.run(image), 0, 0);
  };
  EXPECT_NEAR(first(BorderKind::edge), 0.1, 1e-6);
  EXPECT_NEAR(first(BorderKind::reflect), 0.175, 1e-6);
  EXPECT_NEAR(first(BorderKind::symmetric), 0.1, 1e-6);
  EXPECT_NEAR(first(BorderKind::wrap), 0.4, 1e-6);
}

TEST(RasterGeometry, CropThenPadShowsBorderNotWhatWasCropped) {
  const RasterShape shape{9, 7, 3};
  const Raster image = random_image(shape, 8);
  const Raster out = Chain(shape).crop(2, 1, 5, 5).pad(2, 1, 2, 1).run(image);
  for (int y = 0; y < 7; ++y)
    for (int x = 0; x < 9; ++x) {
      const bool inside = x >= 2 && x < 7 && y >= 1 && y < 6;
      for (int c = 0; c < 3; ++c) EXPECT_EQ(value_at(out, x, y, c), inside ? value_at(image, x, y, c) : 0);
    }
}

TEST(RasterGeometry, NearestTakesThePixelThatHoldsTheCentre) {
  for (const auto& [from, to] : {std::pair{7, 3}, {7, 20}, {10, 5}, {5, 10}, {100, 33}, {33, 100}, {1, 4}}) {
    const RasterShape shape{from, 1, 1, Dtype::f32};
    const Raster image = image_of(shape, [](int x, int, int) { return x / 128.0; });
    const Raster out = Chain(shape).resize(to, 1, Filter::nearest).run(image);
    for (int i = 0; i < to; ++i) EXPECT_EQ(std::lround(value_at(out, i, 0) * 128), (2 * i + 1) * from / (2 * to));
  }
}

/// Resizing one line as Pillow defines it: weights of a kernel stretched by the ratio, cut at the ends, made to sum 1.
std::vector<double> resized_line(const std::vector<double>& line, int to, const std::function<double(double)>& kernel,
                                 double radius) {
  const int from = static_cast<int>(line.size());
  const double ratio = static_cast<double>(from) / to, stretch = std::max(ratio, 1.0);
  std::vector<double> out;
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * ratio;
    const int first = std::max(0, static_cast<int>(centre - radius * stretch + 0.5));
    const int last = std::min(from, static_cast<int>(centre + radius * stretch + 0.5));
    double sum = 0, weights = 0;
    for (int k = first; k < last; ++k) {
      const double weight = kernel((k + 0.5 - centre) / stretch);
      sum += weight * line[static_cast<std::size_t>(k)], weights += weight;
    }
    out.push_back(sum / weights);
  }
  return out;
}

double sinc(double t) { return t == 0 ? 1 : std::sin(kPi * t) / (kPi * t); }

struct PillowFilter {
  Filter filter;
  double radius;
  std::function<double(double)> kernel;
};
const std::vector<PillowFilter>& pillow_filters() {
  static const std::vector<PillowFilter> filters{
      {Filter::area, 0.5, [](double t) { return t > -0.5 && t <= 0.5 ? 1.0 : 0.0; }},
      {Filter::bilinear, 1, [](double t) { return std::max(0.0, 1 - std::abs(t)); }},
      {Filter::bicubic, 2,
       [](double t) {
         const double d = std::abs(t), a = -0.5;
         if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
         return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
       }},
      {Filter::lanczos, 3, [](double t) { return std::abs(t) < 3 ? sinc(t) * sinc(t / 3) : 0; }}};
  return filters;
}

constexpr std::array<std::pair<int, int>, 8> kRatios{
    {{64, 32}, {64, 31}, {50, 7}, {300, 3}, {200, 2}, {20, 33}, {9, 36}, {5, 1}}};

TEST(RasterGeometry, ResizeIsPillowsRuleFromAHalfToAHundredth) {
  for (const PillowFilter& f : pillow_filters())
    for (const auto& [from, to] : kRatios) {
      const RasterShape shape{from, 1, 1, Dtype::f32};
      const Raster image = random_image(shape, 11);
      std::vector<double> line;
      for (int x = 0; x < from; ++x) line.push_back(value_at(image, x, 0));
      const std::vector<double> wanted = resized_line(line, to, f.kernel, f.radius);
      const Raster across = Chain(shape).resize(to, 1, f.filter).run(image);
      const Raster down = Chain(shape).transpose().resize(1, to, f.filter).run(image);
      for (int i = 0; i < to; ++i) {
        const double v = std::clamp(wanted[static_cast<std::size_t>(i)], 0.0, 1.0);
        EXPECT_NEAR(value_at(across, i, 0), v, 1e-6) << from << " to " << to;
        EXPECT_NEAR(value_at(down, 0, i), v, 1e-6) << from << " to " << to;
      }
    }
}

TEST(RasterGeometry, BilinearWarpIsTheFourPixelFormula) {
  const RasterShape shape{23, 19, 1, Dtype::f32};
  const Raster image = random_image(shape, 21);
  const auto pixel = [&](int x, int y) { return value_at(image, std::clamp(x, 0, 22), std::clamp(y, 0, 18)); };
  std::mt19937 random(4);
  std::uniform_real_distribution<double> entry(-1, 1);
  for (int trial = 0; trial < 50; ++trial) {
    // Grows everywhere, so that the footprint is 1.
    const Matrix3 map{{0.5 * entry(random), 0.5 * entry(random), 10 + entry(random), 0.5 * entry(random),
                       0.5 * entry(random), 8 + entry(random), 0.001 * entry(random), 0.001 * entry(random), 1}};
    Chain chain(shape);
    const Raster out = chain.warp("random", map, {17, 15}, Filter::bilinear, {BorderKind::constant, {0.3f}}).run(image);
    for (int y = 0; y < 15; ++y)
      for (int x = 0; x < 17; ++x) {
        const Point p = map.map({x + 0.5, y + 0.5});
        double wanted = 0.3;
        if (p.x >= 0 && p.y >= 0 && p.x < 23 && p.y < 19) {
          const double u = p.x - 0.5, v = p.y - 0.5;
          const int i = static_cast<int>(std::floor(u)), j = static_cast<int>(std::floor(v));
          const double a = u - i, b = v - j;
          wanted = (1 - b) * ((1 - a) * pixel(i, j) + a * pixel(i + 1, j)) +
                   b * ((1 - a) * pixel(i, j + 1) + a * pixel(i + 1, j + 1));
        }
        EXPECT_NEAR(value_at(out, x, y), wanted, 1e-6);
      }
  }
}

/// Mean square of what is left of a zone plate where its waves are shorter than two output pixels.
double energy_above_nyquist(const Raster& image, double shrink) {
  const double half = image.shape().width / 2.0;
  double sum = 0;
  int count = 0;
  for (int y = 0; y < image.shape().height; ++y)
    for (int x = 0; x < image.shape().width; ++x) {
      const double r = std::hypot(x + 0.5 - half, y + 0.5 - half) / shrink;  // in source px
      const double cycles = r / 256 / shrink;                                // a pixel of the output
      if (cycles < 0.5 || r > 125) continue;
      sum += (value_at(image, x, y) - 0.5) * (value_at(image, x, y) - 0.5);
      ++count;
    }
  return sum / count;
}

TEST(RasterGeometry, ShrinkingWarpsDoNotAlias) {
  // Phase πr²/256: a quarter of a wave a pixel at r = 64, half a wave at the edge.
  const RasterShape shape{256, 256, 1, Dtype::f32};
  const Raster plate = image_of(shape, [](int x, int y, int) {
    const double dx = x + 0.5 - 128, dy = y + 0.5 - 128;
    return 0.5 + 0.5 * std::cos(kPi * (dx * dx + dy * dy) / 256);
  });
  const double shrink = 0.4;
  const Matrix3 map = Matrix3::translation(128, 128) * Matrix3::rotation(20) *
                      Matrix3::scaling(1 / shrink, 1 / shrink) * Matrix3::translation(-51, -51);
  Chain sharp(shape), warp(shape), chain(shape);
  sharp.warp("warp", map, {102, 102}, Filter::bilinear, {BorderKind::edge, {}}, false);
  warp.warp("warp", map, {102, 102}, Filter::bilinear, {BorderKind::edge, {}});
  chain.resize(204, 204).affine(20, 0.8).resize(128, 128);
  const double aliased = energy_above_nyquist(sharp.run(plate), shrink);
  EXPECT_GT(aliased, 0.05);
  EXPECT_LT(energy_above_nyquist(warp.run(plate), shrink), 0.08 * aliased);
  EXPECT_LT(energy_above_nyquist(chain.run(plate), shrink), 0.08 * aliased);
}

TEST(RasterGeometry, ColourUnderClearPixelsDoesNotBleed) {
  for (const Filter filter : {Filter::area, Filter::bilinear, Filter::bicubic, Filter::lanczos}) {
    const RasterShape shape{20, 20, 4, Dtype::u8, true};
    // Opaque red on the left, clear green on the right.
    const Raster image = image_of(
        shape, [](int x, int, int c) { return x < 10 ? (c == 0 || c == 3 ? 1.0 : 0.0) : (c == 1 ? 1.0 : 0.0); });
    const Raster out = Chain(shape).resize(11, 11, filter).rotate(33, filter).run(image);
    int mixed = 0;
    for (int y = 0; y < out.shape().height; ++y)
      for (int x = 0; x < out.shape().width; ++x) {
        if (value_at(out, x, y, 3) == 0) continue;
        mixed += value_at(out, x, y, 3) < 1;
        EXPECT_EQ(value_at(out, x, y, 0), 1);
        EXPECT_EQ(value_at(out, x, y, 1), 0);
      }
    EXPECT_GT(mixed, 0);
  }
}

TEST(RasterGeometry, MovesKeepColourUnderClearPixels) {
  const RasterShape shape{5, 4, 2, Dtype::u8, true};
  const Raster image = image_of(shape, [](int x, int y, int c) { return c == 0 ? (x + 5 * y) / 20.0 : 0; });
  const Raster out = Chain(shape).horizontal_flip().rotate90().run(image);
  EXPECT_EQ(value_at(out, 0, 0, 0), value_at(image, 0, 0, 0));
}

TEST(RasterGeometry, FillHasOneEntryAChannel) {
  const RasterShape shape{2, 1, 2, Dtype::u8, true};
  const Border border{BorderKind::constant, {0.2f, 0.4f}};
  const Raster out = Chain(shape).pad(1, 0, 0, 0, border).run(random_image(shape, 1));
  EXPECT_EQ(value_at(out, 0, 0, 0), 0.2);
  EXPECT_EQ(value_at(out, 0, 0, 1), 0.4);
}

TEST(RasterGeometry, BehindTheHorizonIsFillWhateverTheBorder) {
  // w = 1 − y/10: the horizon lies at y = 10.
  const RasterShape shape{20, 20, 1, Dtype::f32};
  Chain chain(shape);
  chain.warp("tilt", {{1, 0, 0, 0, 1, 0, 0, -0.1, 1}}, {20, 20}, Filter::bilinear, {BorderKind::wrap, {0.25f}});
  const Raster out = chain.run(image_of(shape, [](int, int, int) { return 0.75; }));
  // The canvas centre lies on the horizon itself, so the sign of w stands as given.
  EXPECT_NEAR(value_at(out, 3, 9), 0.75, 1e-6);
  EXPECT_NEAR(value_at(out, 3, 10), 0.25, 1e-6);
  EXPECT_NEAR(value_at(out, 3, 19), 0.25, 1e-6);
}

TEST(RasterGeometry, EqualControlVectorsShiftLinearOnesStretch) {
  const RasterShape shape{30, 20, 1, Dtype::f32};
  const Raster image = smooth_image(shape);
  auto grid = std::make_shared<DisplacementGrid>();
  grid->spacing_x = 8, grid->spacing_y = 5, grid->columns = 8, grid->rows = 8, grid->reach = 4;
  for (int j = 0; j < 8; ++j)
    for (int i = 0; i < 8; ++i) {
      grid->vectors.push_back(2.0f);
      grid->vectors.push_back(0.125f * 5 * static_cast<float>(j - 1));  // y / 8 at node (j − 1)·5
    }
  Chain bent(shape), straight(shape);
  bent.add("elastic", Displacement{grid, {BorderKind::edge, {}}, Filter::bilinear});
  straight.warp("affine", {{1, 0, 2, 0, 1.125, 0, 0, 0, 1}}, {30, 20}, Filter::bilinear, {BorderKind::edge, {}}, false);
  EXPECT_LT(largest_difference(bent.run(image), straight.run(image)), 1e-6);
}

}  // namespace
}  // namespace leaven::plan

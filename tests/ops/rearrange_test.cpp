// grid_shuffle, pixel_spread, morphology.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;
using Numbers = std::vector<double>;

TEST(GridShuffle, MovesCellsByHand) {
  // Four cells of 2×1; the last column is left over.
  const Raster image = picture(5, 2, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const OpValue op = make_op("grid_shuffle", {{"columns", 2}, {"rows", 2}, {"order", Numbers{3, 0, 1, 2}}});
  EXPECT_EQ(levels_of(run(op, image)), (Levels{8, 9, 1, 2, 5, 3, 4, 6, 7, 10}));
}

TEST(GridShuffle, EveryOrderIsEquallyLikely) {
  std::map<Numbers, int> counts;
  for (std::uint64_t i = 0; i < 6000; ++i)
    ++counts[std::get<Numbers>(
        lower_chain({9, 9, 1}, make_op("grid_shuffle", {{"columns", 3}, {"rows", 1}}), key_number(i))
            .ops[0]
            .get("order"))];
  ASSERT_EQ(counts.size(), 6U);
  double chi_square = 0;  // 5 degrees of freedom: above 20.5 with probability 0.001
  for (const auto& [order, n] : counts) chi_square += (n - 1000.0) * (n - 1000.0) / 1000;
  EXPECT_LT(chi_square, 20.5);
}

TEST(GridShuffle, PicturesSmallerThanTheGridStay) {
  const Raster image = noise_picture({2, 7, 3});
  EXPECT_TRUE(same_pixels(run("grid_shuffle", {}, image).view(), image.view()));
}

TEST(GridShuffle, RefusesWhatIsNoOrder) {
  for (const Numbers& order : {Numbers{0, 0, 1, 2}, Numbers{0, 1, 2}, Numbers{0, 1, 2, 9}})
    EXPECT_THROW(lower_chain({8, 8, 1}, make_op("grid_shuffle", {{"columns", 2}, {"rows", 2}, {"order", order}})),
                 Error);
  EXPECT_THROW(lower_chain({9, 9, 1}, make_op("grid_shuffle")).map({{1, 1}}), Error);
}

TEST(PixelSpread, PixelsComeFromTheSquareAroundAllAlike) {
  // The value tells where a pixel came from.
  const RasterShape shape{120, 120, 2, Dtype::f32};
  Raster image(shape);
  for (int y = 0; y < 120; ++y)
    for (int x = 0; x < 120; ++x) set_value(image, x, y, 0, x / 128.0), set_value(image, x, y, 1, y / 128.0);
  const Raster out = run("pixel_spread", {{"radius", 2}}, image);
  std::vector<int> counts(25);
  for (int y = 2; y < 118; ++y)
    for (int x = 2; x < 118; ++x) {
      const int dx = static_cast<int>(std::lround(value_at(out, x, y, 0) * 128)) - x,
                dy = static_cast<int>(std::lround(value_at(out, x, y, 1) * 128)) - y;
      ASSERT_TRUE(std::abs(dx) <= 2 && std::abs(dy) <= 2);
      ++counts[static_cast<std::size_t>(5 * (dy + 2) + dx + 2)];
    }
  double chi_square = 0;  // 24 degrees of freedom: above 51.2 with probability 0.001
  const double wanted = 116 * 116 / 25.0;
  for (const int n : counts) chi_square += (n - wanted) * (n - wanted) / wanted;
  EXPECT_LT(chi_square, 51.2);
}

TEST(PixelSpread, TransparentPixelsGiveNoColour) {
  Raster image = filled_picture({40, 40, 4, Dtype::u8, true}, 1);
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 20; ++x)
      for (int c = 0; c < 4; ++c) set_value(image, x, y, c, 0);
  const Raster out = run("pixel_spread", {{"radius", 5}}, image);
  for (int y = 0; y < 40; ++y)
    for (int x = 20; x < 40; ++x) ASSERT_EQ(level_at(out, x, y), 255);
}

Levels morphed(const char* operation, int radius, const Raster& image, const char* element = "square") {
  return levels_of(run("morphology", {{"operation", operation}, {"radius", radius}, {"element", element}}, image));
}

TEST(Morphology, ByHand) {
  const Raster row = picture(7, 1, 1, {5, 1, 9, 2, 8, 8, 3});
  EXPECT_EQ(morphed("erode", 1, row), (Levels{1, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(morphed("dilate", 1, row), (Levels{5, 9, 9, 9, 8, 8, 8}));
  EXPECT_EQ(morphed("open", 1, row), (Levels{1, 1, 2, 2, 3, 3, 3}));
  EXPECT_EQ(morphed("close", 1, row), (Levels{5, 5, 9, 8, 8, 8, 8}));
  const Raster dot = picture(3, 3, 1, {0, 0, 0, 0, 7, 0, 0, 0, 0});
  EXPECT_EQ(morphed("dilate", 1, dot), (Levels{7, 7, 7, 7, 7, 7, 7, 7, 7}));
  EXPECT_EQ(morphed("dilate", 1, dot, "ellipse"), (Levels{0, 7, 0, 7, 7, 7, 0, 7, 0}));
}

// The definition, pixel by pixel.
int nearby(const Raster& image, int x, int y, int radius, bool ellipse, bool brightest) {
  int best = brightest ? -1 : 256;
  for (int dy = -radius; dy <= radius; ++dy) {
    const int half = ellipse ? static_cast<int>(std::lround(std::sqrt(radius * radius - dy * dy))) : radius;
    for (int dx = -half; dx <= half; ++dx) {
      if (x + dx < 0 || y + dy < 0 || x + dx >= image.shape().width || y + dy >= image.shape().height) continue;
      const int level = static_cast<int>(level_at(image, x + dx, y + dy));
      best = brightest ? std::max(best, level) : std::min(best, level);
    }
  }
  return best;
}

TEST(Morphology, EqualsItsDefinition) {
  for (const Size size : {Size{33, 17}, Size{5, 3}, Size{1, 9}}) {
    const Raster image = noise_picture({size.width, size.height, 1});
    for (const int radius : {1, 2, 3, 4, 7, 20})
      for (const bool ellipse : {false, true})
        for (const bool brightest : {false, true}) {
          Levels wanted;
          for (int y = 0; y < size.height; ++y)
            for (int x = 0; x < size.width; ++x) wanted.push_back(nearby(image, x, y, radius, ellipse, brightest));
          EXPECT_EQ(morphed(brightest ? "dilate" : "erode", radius, image, ellipse ? "ellipse" : "square"), wanted)
              << radius << (ellipse ? " ellipse" : " square");
        }
  }
}

TEST(Morphology, OpeningAndClosingTwiceIsOnce) {
  const Raster image = noise_picture({33, 17, 3});
  for (const char* operation : {"open", "close"}) {
    const Settings settings{{"operation", operation}, {"radius", 2}};
    const Raster once = run("morphology", settings, image), twice = run("morphology", settings, once);
    EXPECT_TRUE(same_pixels(once.view(), twice.view())) << operation;
  }
}

TEST(Morphology, TransparentColourTakesNoPart) {
  const RasterShape shape{3, 1, 2, Dtype::u8, true};
  Raster image(shape);
  const int levels[]{255, 0, 10, 255, 20, 255};
  for (int i = 0; i < 6; ++i) set_value(image, i / 2, 0, i % 2, levels[i] / 255.0);
  EXPECT_EQ(morphed("dilate", 1, image), (Levels{255, 0, 20, 255, 20, 255}));
  EXPECT_EQ(morphed("erode", 1, image), (Levels{255, 0, 10, 255, 10, 255}));
}

}  // namespace
}  // namespace leaven::ops

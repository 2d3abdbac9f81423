// resize and scale.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Levels resized_row(Levels row, int width, const char* filter, bool antialias = true) {
  Raster image({static_cast<int>(row.size()), 1, 1});
  for (std::size_t i = 0; i < row.size(); ++i) set_value(image, static_cast<int>(i), 0, 0, row[i] / 255.0);
  return levels_of(
      run("resize", {{"width", width}, {"height", 1}, {"filter", filter}, {"antialias", antialias}}, image));
}

TEST(Resize, BilinearByHand) {
  EXPECT_EQ(resized_row({0, 100}, 4, "bilinear"), (Levels{0, 25, 75, 100}));
  // Weights 3/4, 3/4, 1/4 over their sum 7/4: 50/1.75 = 28.6 and 160/1.75 = 91.4.
  EXPECT_EQ(resized_row({0, 40, 80, 120}, 2, "bilinear"), (Levels{29, 91}));
  EXPECT_EQ(resized_row({0, 40, 80, 120}, 2, "bilinear", false), (Levels{20, 100}));
}

TEST(Resize, AreaIsTheMeanOfWhatIsCovered) {
  EXPECT_EQ(resized_row({0, 40, 80, 120}, 2, "area"), (Levels{20, 100}));
  EXPECT_EQ(resized_row({30, 60, 90, 120, 150, 180}, 2, "area"), (Levels{60, 150}));
}

TEST(Resize, Case10NearestTakesThePixelUnderTheCentre) {
  EXPECT_EQ(resized_row({0, 40, 80, 120}, 2, "nearest"), (Levels{40, 120}));
  EXPECT_EQ(resized_row({10, 20, 30, 40, 50}, 3, "nearest"), (Levels{10, 30, 50}));
  EXPECT_EQ(resized_row({10, 20}, 4, "nearest"), (Levels{10, 10, 20, 20}));
}

double sinc(double x) { return x == 0 ? 1 : std::sin(3.14159265358979 * x) / (3.14159265358979 * x); }
double triangle(double x) { return std::max(0.0, 1 - std::fabs(x)); }
double keys(double x) {
  x = std::fabs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
double lanczos(double x) { return std::fabs(x) < 3 ? sinc(x) * sinc(x / 3) : 0; }

// Pillow's rule in one dimension: the kernel widened by the shrink factor and normalised over the pixels that exist.
int shrunk(const Levels& row, int width, int x, const std::function<double(double)>& kernel) {
  const double factor = static_cast<double>(row.size()) / width, widen = std::max(1.0, factor),
               centre = (x + 0.5) * factor;
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double w = kernel((static_cast<double>(i) + 0.5 - centre) / widen);
    sum += w * row[i], weights += w;
  }
  return static_cast<int>(std::clamp(std::nearbyint(sum / weights), 0.0, 255.0));
}

TEST(Resize, Case13AntialiasedFiltersFollowPillowsRule) {
  Levels row;
  for (int i = 0; i < 200; ++i) row.push_back((i * i * 7 + 31 * i) % 256);
  const std::vector<std::pair<const char*, std::function<double(double)>>> filters{
      {"bilinear", triangle}, {"bicubic", keys}, {"lanczos", lanczos}};
  for (const auto& [name, kernel] : filters)
    for (const int width : {400, 301, 200, 150, 100, 67, 20, 9, 2}) {
      const Levels got = resized_row(row, width, name);
      for (int x = 0; x < width; ++x)
        ASSERT_NEAR(got[static_cast<std::size_t>(x)], shrunk(row, width, x, kernel), 1)
            << name << " to " << width << " at " << x;
    }
}

TEST(Resize, ZeroKeepsTheAspect) {
  const auto size = [](int w, int h, Size in) {
    return lower_chain({in.width, in.height, 1}, make_op("resize", {{"width", w}, {"height", h}})).out.size();
  };
  EXPECT_EQ(size(256, 0, {500, 375}), (Size{256, 192}));
  EXPECT_EQ(size(0, 256, {500, 375}), (Size{341, 256}));
  EXPECT_EQ(size(0, 251, {500, 375}), (Size{335, 251}));  // 334.7
  EXPECT_EQ(size(0, 10, {1, 1000}), (Size{1, 10}));
  EXPECT_EQ(size(32, 16, {500, 375}), (Size{32, 16}));
  EXPECT_THROW(size(0, 0, {500, 375}), Error);
}

TEST(Resize, SameSizeChangesNothing) {
  const Raster image = noise_picture({9, 7, 3});
  for (const char* filter : {"nearest", "bilinear", "bicubic", "lanczos", "area"})
    EXPECT_TRUE(
        same_pixels(run("resize", {{"width", 9}, {"height", 7}, {"filter", filter}}, image).view(), image.view()))
        << filter;
}

TEST(Resize, ConstantStaysConstant) {
  const Raster image = filled_picture({37, 23, 3}, 0.4);
  for (const char* filter : {"nearest", "bilinear", "bicubic", "lanczos", "area"})
    for (const int width : {3, 20, 90}) {
      const Raster out = run("resize", {{"width", width}, {"height", 0}, {"filter", filter}}, image);
      for (const int level : levels_of(out)) ASSERT_EQ(level, 102) << filter << " " << width;
    }
}

TEST(Scale, FitChangesTheSizeAndKeepZooms) {
  EXPECT_EQ(lower_chain({10, 7, 1}, make_op("scale", {{"factor", 1.5}})).out.size(), (Size{15, 10}));  // 10.5 to even
  EXPECT_EQ(lower_chain({10, 7, 1}, make_op("scale", {{"factor", 0.01}})).out.size(), (Size{1, 1}));
  const Chain keep = lower_chain({10, 8, 1}, make_op("scale", {{"factor", 2.0}, {"canvas", "keep"}}));
  EXPECT_EQ(keep.out.size(), (Size{10, 8}));
  const Point p = keep.map({{6, 3}})[0];
  EXPECT_NEAR(p.x, 7, 1e-12);
  EXPECT_NEAR(p.y, 2, 1e-12);
}

TEST(Scale, KeepShowsTheBorderWhenItShrinks) {
  const Raster out = run("scale", {{"factor", 0.5}, {"canvas", "keep"}, {"fill", std::vector<double>{0.2}}},
                         filled_picture({20, 20, 1}, 1));
  EXPECT_EQ(level_at(out, 0, 0), 51);
  EXPECT_EQ(level_at(out, 10, 10), 255);
}

}  // namespace
}  // namespace leaven::ops

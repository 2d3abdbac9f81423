// longest_max_size, smallest_max_size, scale_jitter, letterbox, change_aspect_ratio.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Size size_after(std::string_view name, Settings settings, Size in) {
  return lower_chain({in.width, in.height, 3}, make_op(name, settings)).out.size();
}

TEST(LongestMaxSize, SetsTheLongerSide) {
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}}, {400, 300}), (Size{100, 75}));
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}}, {300, 400}), (Size{75, 100}));
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}}, {50, 50}), (Size{100, 100}));
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}}, {1000, 3}), (Size{100, 1})) << "0.3 is at least a pixel";
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}}, {7, 3}), (Size{100, 43})) << "42.86";
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}, {"enlarge", false}}, {50, 20}), (Size{50, 20}));
  EXPECT_EQ(size_after("longest_max_size", {{"size", 100}, {"enlarge", false}}, {200, 20}), (Size{100, 10}));
}

TEST(SmallestMaxSize, SetsTheShorterSideUpToTheLimit) {
  EXPECT_EQ(size_after("smallest_max_size", {{"size", 100}}, {400, 300}), (Size{133, 100}));
  EXPECT_EQ(size_after("smallest_max_size", {{"size", 100}}, {300, 450}), (Size{100, 150}));
  EXPECT_EQ(size_after("smallest_max_size", {{"size", 100}, {"longest", 120}}, {300, 450}), (Size{80, 120}));
  EXPECT_EQ(size_after("smallest_max_size", {{"size", 100}, {"longest", 150}}, {300, 450}), (Size{100, 150}));
  EXPECT_EQ(size_after("smallest_max_size", {{"size", 100}, {"enlarge", false}}, {90, 450}), (Size{90, 450}));
}

TEST(SmallestMaxSize, ResizesAsResizeDoes) {
  const Raster image = noise_picture({33, 17, 3});
  EXPECT_TRUE(same_pixels(run("smallest_max_size", {{"size", 9}}, image).view(),
                          run("resize", {{"width", 0}, {"height", 9}}, image).view()));
}

TEST(ScaleJitter, ScalesTheBoxThatIsFilled) {
  const auto jittered = [](double factor, Size in) {
    return size_after("scale_jitter", {{"width", 100}, {"height", 100}, {"factor", factor}}, in);
  };
  EXPECT_EQ(jittered(1, {400, 200}), (Size{100, 50}));
  EXPECT_EQ(jittered(0.5, {200, 400}), (Size{25, 50}));
  EXPECT_EQ(jittered(2, {50, 50}), (Size{200, 200}));
  EXPECT_EQ(jittered(0.01, {400, 3}), (Size{1, 1}));
}

TEST(Letterbox, PutsTheWholePictureInTheMiddle) {
  // 2×1 into 4×4: enlarged to 4×2 (nearest), one row above and below.
  const Raster image = picture(2, 1, 1, {10, 20});
  const Levels box = levels_of(run("letterbox", {{"width", 4}, {"height", 4}, {"filter", "nearest"}}, image));
  EXPECT_EQ(box, (Levels{114, 114, 114, 114, 10, 10, 20, 20, 10, 10, 20, 20, 114, 114, 114, 114}));
  EXPECT_EQ(levels_of(run("letterbox", {{"width", 4}, {"height", 3}, {"filter", "nearest"}, {"at_y", 0}}, image)),
            (Levels{10, 10, 20, 20, 10, 10, 20, 20, 114, 114, 114, 114}));
  EXPECT_EQ(levels_of(run("letterbox", {{"width", 2}, {"height", 3}, {"at_y", 1}}, image)),
            (Levels{114, 114, 114, 114, 10, 20}));
}

TEST(Letterbox, DoesNotEnlargeWhenToldNotTo) {
  const Raster image = picture(2, 1, 1, {10, 20});
  EXPECT_EQ(levels_of(run("letterbox", {{"width", 4}, {"height", 1}, {"enlarge", false}}, image)),
            (Levels{114, 10, 20, 114}));
  EXPECT_EQ(levels_of(run("letterbox", {{"width", 1}, {"height", 1}, {"enlarge", false}, {"filter", "area"}}, image)),
            (Levels{15}));
}

TEST(Letterbox, PointsMoveWithThePicture) {
  const Chain chain = lower_chain({400, 200, 3}, make_op("letterbox", {{"width", 100}, {"height", 100}}));
  const Point p = chain.map({{200, 100}})[0], corner = chain.map({{0, 0}})[0];
  EXPECT_NEAR(p.x, 50, 1e-9);
  EXPECT_NEAR(p.y, 50, 1e-9);
  EXPECT_NEAR(corner.x, 0, 1e-9);
  EXPECT_NEAR(corner.y, 25, 1e-9);
}

TEST(ChangeAspectRatio, KeepsTheArea) {
  EXPECT_EQ(size_after("change_aspect_ratio", {{"factor", 4}}, {100, 100}), (Size{200, 50}));
  EXPECT_EQ(size_after("change_aspect_ratio", {{"factor", 0.25}}, {100, 100}), (Size{50, 200}));
  EXPECT_EQ(size_after("change_aspect_ratio", {{"ratio", 1}}, {400, 100}), (Size{200, 200}));
  EXPECT_EQ(size_after("change_aspect_ratio", {{"factor", 2}}, {1, 1}), (Size{1, 1}));
}

}  // namespace
}  // namespace leaven::ops

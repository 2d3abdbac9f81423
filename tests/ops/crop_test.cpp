// crop, center_crop, random_crop, pad.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Raster numbered() { return picture(3, 2, 1, {1, 2, 3, 4, 5, 6}); }

std::string refusal(const OpValue& op, const RasterShape& shape) {
  try {
    lower_chain(shape, op);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Crop, CutsTheWindow) {
  EXPECT_EQ(levels_of(run("crop", {{"x", 1}, {"y", 0}, {"width", 2}, {"height", 2}}, numbered())),
            (Levels{2, 3, 5, 6}));
  EXPECT_EQ(levels_of(run("crop", {{"x", 1}, {"y", 1}}, numbered())), (Levels{5, 6})) << "0 reaches to the edge";
  EXPECT_EQ(levels_of(run("crop", {}, numbered())), (Levels{1, 2, 3, 4, 5, 6}));
}

TEST(Crop, ShowsTheBorderOutside) {
  EXPECT_EQ(levels_of(run("crop", {{"x", -1}, {"width", 3}, {"height", 2}}, numbered())), (Levels{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(levels_of(run("crop", {{"x", 2}, {"width", 3}, {"height", 1}, {"border", "edge"}}, numbered())),
            (Levels{3, 3, 3}));
}

TEST(Crop, RefusesAWindowThatStartsOutside) {
  EXPECT_EQ(refusal(make_op("crop", {{"x", 3}}), {3, 2, 1}),
            "crop: the window starts at (3, 0), outside an image of 3×2×1 u8");
}

TEST(CenterCrop, CutsTheMiddle) {
  Raster image = picture(5, 4, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  EXPECT_EQ(levels_of(run("center_crop", {{"width", 3}, {"height", 2}}, image)), (Levels{7, 8, 9, 12, 13, 14}));
  EXPECT_EQ(levels_of(run("center_crop", {{"width", 2}, {"height", 1}}, image)), (Levels{7, 8}));
}

TEST(CenterCrop, BeginsWhereTorchvisionsDoes) {
  // round((size - window) / 2), halves to even: 0.5 → 0, 1.5 → 2, 2.5 → 2.
  const std::vector<std::pair<int, int>> first_by_size{{4, 0}, {5, 1}, {6, 2}, {7, 2}, {8, 2}, {9, 3}};
  for (const auto& [size, first] : first_by_size) {
    Raster row = picture(size, 1, 1, {0, 1, 2, 3, 4, 5, 6, 7, 8});
    const Levels made = levels_of(run("center_crop", {{"width", 3}, {"height", 1}, {"compat", "torchvision"}}, row));
    EXPECT_EQ(made, (Levels{first, first + 1, first + 2})) << size;
  }
  EXPECT_EQ(levels_of(run("center_crop", {{"width", 4}, {"height", 1}, {"compat", "torchvision"}}, picture(1, 1, 1, {9}))),
            (Levels{0, 9, 0, 0})) << "padded as without";
}

TEST(CenterCrop, PutsASmallerImageIntoTheMiddle) {
  EXPECT_EQ(levels_of(run("center_crop", {{"width", 3}, {"height", 3}}, picture(1, 1, 1, {9}))),
            (Levels{0, 0, 0, 0, 9, 0, 0, 0, 0}));
  EXPECT_EQ(levels_of(run("center_crop", {{"width", 4}, {"height", 1}}, picture(1, 1, 1, {9}))), (Levels{0, 9, 0, 0}));
}

double field_of(const Chain& chain, const char* name) { return as_number(chain.ops[0].get(name)); }

TEST(RandomCrop, EveryPlaceIsEquallyLikely) {
  // 7×5 image, 4×3 window: 4·3 places. Chi-square, 11 degrees of freedom: above 31.3 with probability 0.001.
  constexpr int kDraws = 12000;
  std::vector<int> counts(12);
  for (int i = 0; i < kDraws; ++i) {
    const Chain chain = lower_chain({7, 5, 1}, make_op("random_crop", {{"width", 4}, {"height", 3}}),
                                    key_number(static_cast<std::uint64_t>(i)));
    const double x = field_of(chain, "x"), y = field_of(chain, "y");
    ASSERT_TRUE(x >= 0 && x <= 3 && y >= 0 && y <= 2);
    ++counts[static_cast<std::size_t>(y * 4 + x)];
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - kDraws / 12.0) * (count - kDraws / 12.0) / (kDraws / 12.0);
  EXPECT_LT(chi_square, 31.3);
}

TEST(RandomCrop, GivenPlaceIsUsed) {
  const OpValue op = make_op("random_crop", {{"width", 2}, {"height", 1}, {"x", 1.0}, {"y", 1.0}});
  EXPECT_EQ(levels_of(run(op, numbered())), (Levels{5, 6}));
}

TEST(RandomCrop, SmallerImageIsPaddedClippedOrRefused) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Chain padded = lower_chain({3, 2, 1}, make_op("random_crop", {{"width", 5}, {"height", 2}}), key_number(i));
    EXPECT_EQ(padded.out.size(), (Size{5, 2}));
    const double x = field_of(padded, "x");
    EXPECT_TRUE(x >= -2 && x <= 0) << x;  // the whole image is in the window
  }
  const OpValue clip = make_op("random_crop", {{"width", 5}, {"height", 1}, {"when_smaller", "clip"}});
  EXPECT_EQ(lower_chain({3, 2, 1}, clip).out.size(), (Size{3, 1}));
  EXPECT_EQ(
      refusal(make_op("random_crop", {{"width", 5}, {"height", 1}, {"when_smaller", "refuse"}}), {3, 2, 1}),
      "random_crop: needs an image of at least 5×1, got 3×2×1 u8 (when_smaller: pad or clip, or a resize before it)");
}

Levels padded_row(const char* border) {
  return levels_of(run("pad", {{"left", 4}, {"right", 4}, {"border", border}}, picture(3, 1, 1, {1, 2, 3})));
}

TEST(Pad, BordersByHand) {
  EXPECT_EQ(padded_row("constant"), (Levels{0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0}));
  EXPECT_EQ(padded_row("edge"), (Levels{1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3}));
  EXPECT_EQ(padded_row("reflect"), (Levels{1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3}));
  EXPECT_EQ(padded_row("symmetric"), (Levels{3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1}));
  EXPECT_EQ(padded_row("wrap"), (Levels{3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1}));
}

TEST(Pad, SidesAreIndependent) {
  const Raster out =
      run("pad", {{"left", 1}, {"top", 2}, {"bottom", 1}, {"fill", std::vector<double>{1.0}}}, picture(1, 1, 1, {9}));
  EXPECT_EQ(out.shape().size(), (Size{2, 4}));
  EXPECT_EQ(levels_of(out), (Levels{255, 255, 255, 255, 255, 9, 255, 255}));
}

TEST(Pad, NothingToAddChangesNothing) {
  const Raster image = noise_picture({5, 3, 3});
  EXPECT_TRUE(same_pixels(run("pad", {}, image).view(), image.view()));
}

TEST(Pad, CropThenPadShowsTheBorderAsOpByOp) {
  const Raster image = picture(4, 1, 1, {1, 2, 3, 4});
  const OpValue crop = make_op("crop", {{"x", 1}, {"width", 2}, {"height", 1}}),
                pad = make_op("pad", {{"left", 1}, {"right", 1}});
  EXPECT_EQ(levels_of(run(lower_chain(image.shape(), {crop, pad}), image)), (Levels{0, 2, 3, 0}));
  EXPECT_EQ(levels_of(run(lower_chain(image.shape(), {pad, make_op("crop", {{"x", 1}, {"width", 4}, {"height", 1}})}),
                          image)),
            (Levels{1, 2, 3, 4}));
}

}  // namespace
}  // namespace leaven::ops

// The public door for what a model says of a result: it comes back onto the image (test-time augmentation).
#include <gtest/gtest.h>

#include <cstring>

#include "leaven/leaven.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

Recipe recipe(const std::string& steps) { return Recipe::from_text("leaven: 1\nsteps:\n" + steps); }

constexpr ImageView kShape{.width = 10, .height = 6, .channels = 3};

ImageView floats(const std::vector<float>& values, int width, int height) {
  return {.data = values.data(), .width = width, .height = height, .channels = 1, .type = PixelType::f32, .bounded = false};
}

std::vector<float> brought_back(const Prepared& prepared, const ImageView& prediction) {
  const Prepared back = prepared.back(prediction);
  std::vector<float> made(static_cast<std::size_t>(back.out().width * back.out().height));
  EXPECT_EQ(back.out().type, PixelType::f32);
  back.run(prediction, made.data());
  return made;
}

TEST(ApiWayBack, ScoresOfAnyRangeReturnToTheirPixels) {
  const Prepared prepared = recipe("  - horizontal_flip\n  - crop: {x: 2, y: 1, width: 6, height: 4}\n").prepare(kShape);
  std::vector<float> scores(24);
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = static_cast<float>(i) * 3 - 20;
  const std::vector<float> made = brought_back(prepared, floats(scores, 6, 4));
  ASSERT_EQ(made.size(), 60U);
  // Column x of the crop is column 2 + x of the mirror, 7 − x of the image; row y is 1 + y.
  for (std::size_t y = 0; y < 6; ++y)
    for (std::size_t x = 0; x < 10; ++x) {
      const bool shown = x >= 2 && x <= 7 && y >= 1 && y <= 4;
      EXPECT_EQ(made[y * 10 + x], shown ? scores[(y - 1) * 6 + (7 - x)] : 0) << x << "," << y;
    }
}

TEST(ApiWayBack, ACoarserPredictionIsStretchedToTheResult) {
  const Prepared prepared = recipe("  - vertical_flip\n").prepare({.width = 8, .height = 8, .channels = 3});
  const std::vector<float> quarter{1, 1, 5, 5};  // the upper half says 1, the lower 5
  const std::vector<float> made = brought_back(prepared, floats(quarter, 2, 2));
  EXPECT_EQ(made[0], 5) << "the result's lower half is the image's upper";
  EXPECT_EQ(made[63], 1);
}

TEST(ApiWayBack, BoxesAndKeypointsReturnWithTheirSides) {
  const Prepared prepared = recipe("  - horizontal_flip\n  - resize: {width: 20, height: 12}\n").prepare(kShape);
  Marks marks;
  marks.mirrored = mirrored_keypoints({"left_eye", "right_eye"});
  marks.things.push_back({.box = MarkedBox{2, 2, 6, 8}, .polygons = {}, .keypoints = {{3, 3}, {5, 3}}});
  marks.things.push_back({.box = MarkedBox{10, 2, 10.5, 2.5}, .polygons = {}, .keypoints = {{10, 2}, {11, 2}}});
  const MovedMarks moved = prepared.back().move(marks);
  ASSERT_EQ(moved.things.size(), 2U) << "however small, none is dropped";
  EXPECT_DOUBLE_EQ(moved.things[0].box->left, 7);
  EXPECT_DOUBLE_EQ(moved.things[0].box->right, 9);
  EXPECT_DOUBLE_EQ(moved.things[0].box->top, 1);
  EXPECT_DOUBLE_EQ(moved.things[0].box->bottom, 4);
  EXPECT_DOUBLE_EQ(moved.things[0].keypoints[1].x, 8.5) << "the left eye of the mirror is the right one";
  EXPECT_DOUBLE_EQ(moved.things[0].keypoints[0].x, 7.5);
}

TEST(ApiWayBack, MasksReturnByNearestPixels) {
  const Prepared prepared = recipe("  - rotate90: {times: 1}\n").prepare(kShape);
  ASSERT_EQ(prepared.out().width, 6);
  std::vector<std::uint8_t> mask(60);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<std::uint8_t>(i);
  Marks marks;
  marks.masks.push_back({.data = mask.data(), .width = 6, .height = 10, .channels = 1});
  const MovedMarks moved = prepared.back().move(marks);
  ASSERT_EQ(moved.masks[0].width, 10);
  // And there again.
  Marks again;
  again.masks.push_back(moved.masks[0].view());
  const MovedMarks there = prepared.move(again);
  EXPECT_EQ(std::memcmp(there.masks[0].data.data(), mask.data(), mask.size()), 0);
}

TEST(ApiWayBack, AStepWithoutAWayBackIsNamed) {
  const Prepared prepared = recipe("  - grid_shuffle\n").prepare(kShape);
  EXPECT_NE(refusal([&] { prepared.back(); }).find("grid_shuffle"), std::string::npos) << refusal([&] { prepared.back(); });
}

}  // namespace
}  // namespace leaven

// The public door for what is marked on images: it goes where the pixels go.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "leaven/leaven.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

Recipe recipe(const std::string& steps, const std::string& stages = "") { return Recipe::from_text("leaven: 1\n" + stages + "steps:\n" + steps); }

constexpr ImageView kShape{.width = 10, .height = 6, .channels = 3};

TEST(ApiMarks, FollowAFlipAndACropInOneFrame) {
  const Prepared prepared = recipe("  - horizontal_flip\n  - crop: {x: 2, y: 1, width: 6, height: 4}\n").prepare(kShape);
  Marks marks;
  // x becomes 10 − x − 2, y becomes y − 1.
  marks.things.push_back({.box = MarkedBox{3, 2, 5, 4}, .polygons = {{{3, 2}, {5, 2}, {5, 4}}}, .keypoints = {{3.5, 2.5, 2}, {9.5, 0.5, 2}, {0, 0, 0}}});
  const MovedMarks moved = prepared.move(marks);
  ASSERT_EQ(moved.things.size(), 1U);
  EXPECT_EQ(moved.kept, std::vector<std::size_t>{0});
  const MarkedThing& thing = moved.things[0];
  EXPECT_DOUBLE_EQ(thing.box->left, 3);
  EXPECT_DOUBLE_EQ(thing.box->right, 5);
  EXPECT_DOUBLE_EQ(thing.box->top, 1);
  EXPECT_DOUBLE_EQ(thing.box->bottom, 3);
  ASSERT_EQ(thing.polygons.size(), 1U);
  EXPECT_EQ(thing.polygons[0].size(), 3U);
  EXPECT_DOUBLE_EQ(thing.keypoints[0].x, 4.5);
  EXPECT_DOUBLE_EQ(thing.keypoints[0].y, 1.5);
  EXPECT_EQ(thing.keypoints[0].visibility, 2);
  EXPECT_EQ(thing.keypoints[1].visibility, 0) << "outside the crop";
  EXPECT_EQ(thing.keypoints[2].visibility, 0) << "was never marked";
}

TEST(ApiMarks, WhatIsHardlySeenIsLeftOutAndTheOthersSayWhichTheyWere) {
  const Prepared half = recipe("  - crop: {x: 5, y: 0, width: 5, height: 6}\n", "labels: {min_visibility: 0.5}\n").prepare(kShape);
  Marks marks;
  for (const double left : {0.0, 3.5, 6.0}) marks.things.push_back({.box = MarkedBox{left, 1, left + 2, 3}, .polygons = {}, .keypoints = {}});
  const MovedMarks moved = half.move(marks);
  EXPECT_EQ(moved.kept, std::vector<std::size_t>{2}) << "of the second a quarter is seen";
  EXPECT_DOUBLE_EQ(moved.things[0].box->left, 1);
}

/// How many bright things a dark picture shows: pixels that hang together.
int bright_things(const Image& image) {
  std::vector<std::byte> left = image.data;
  int things = 0;
  for (std::size_t first = 0; first < left.size(); ++first) {
    std::vector<std::size_t> open{first};
    if (left[first] <= std::byte{128}) continue;
    for (++things; !open.empty();) {
      const std::size_t at = open.back(), width = static_cast<std::size_t>(image.width);
      open.pop_back();
      if (at >= left.size() || left[at] <= std::byte{128}) continue;
      left[at] = std::byte{0};
      if (at % width + 1 < width) open.push_back(at + 1);
      if (at % width > 0) open.push_back(at - 1);
      open.push_back(at + width);
      if (at >= width) open.push_back(at - width);
    }
  }
  return things;
}

TEST(ApiMarks, Case15NoBorderShowsThingsWithoutMarks) {
  std::vector<std::uint8_t> pixels(40 * 40);
  for (std::size_t y = 17; y < 23; ++y)
    for (std::size_t x = 4; x < 10; ++x) pixels[y * 40 + x] = 255;
  const ImageView image{.data = pixels.data(), .width = 40, .height = 40, .channels = 1};
  Marks marks;
  marks.things.push_back({.box = MarkedBox{4, 17, 10, 23}, .polygons = {}, .keypoints = {}});
  const std::string turn = "  - affine: {degrees: 20, scale: 0.5, border: ";
  const auto seen = [&](const std::string& drawn, const std::string& labels) {
    const Prepared prepared = recipe(turn + drawn + "}\n", labels).prepare(image, {}, marks);
    EXPECT_EQ(prepared.move(marks).things.size(), 1U);
    Image out{.data = std::vector<std::byte>(40 * 40), .width = 40, .height = 40, .channels = 1, .type = PixelType::u8};
    prepared.run(image, out.data.data());
    return bright_things(out);
  };
  for (const std::string drawn : {"reflect", "symmetric", "wrap"}) {
    EXPECT_GT(seen(drawn, ""), 1) << drawn << " shows it again";
    EXPECT_EQ(seen(drawn, "labels: {border: edge}\n"), 1) << drawn;
    EXPECT_EQ(seen(drawn, "labels: {border: constant}\n"), 1) << drawn;
    const std::string error = refusal([&] { seen(drawn, "labels: {border: refuse}\n"); });
    EXPECT_NE(error.find("border: " + drawn + " shows marked things again"), std::string::npos) << error;
  }
  EXPECT_EQ(seen("edge", "labels: {border: refuse}\n"), 1);
}

TEST(ApiMarks, KeypointsChangePlacesInAMirror) {
  const Prepared flip = recipe("  - horizontal_flip\n").prepare(kShape);
  Marks marks;
  marks.mirrored = mirrored_keypoints({"nose", "left_eye", "right_eye"});
  EXPECT_EQ(marks.mirrored, (std::vector<std::uint32_t>{0, 2, 1}));
  marks.things.push_back({.box = {}, .polygons = {}, .keypoints = {{5.5, 1.5}, {2.5, 1.5}, {7.5, 2.5, 1}}});
  const std::vector<MarkedKeypoint> moved = flip.move(marks).things[0].keypoints;
  EXPECT_DOUBLE_EQ(moved[0].x, 4.5);
  EXPECT_DOUBLE_EQ(moved[1].x, 2.5);
  EXPECT_EQ(moved[1].visibility, 1);
  EXPECT_DOUBLE_EQ(moved[2].x, 7.5);
  EXPECT_EQ(moved[2].visibility, 2);
  EXPECT_TRUE(mirrored_keypoints({"nose", "tail"}).empty());
}

TEST(ApiMarks, MasksMoveByWholePixelsWhateverTheirType) {
  const Prepared prepared = recipe("  - horizontal_flip\n  - brightness: {by: 0.5}\n").prepare(kShape);
  std::vector<std::uint16_t> mask(10 * 6);
  for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<std::uint16_t>(i * 1000);
  Marks marks;
  marks.masks.push_back({.data = mask.data(), .width = 10, .height = 6, .channels = 1, .type = PixelType::u16});
  const MovedMarks moved = prepared.move(marks);
  ASSERT_EQ(moved.masks.size(), 1U);
  const auto* out = reinterpret_cast<const std::uint16_t*>(moved.masks[0].data.data());
  for (std::size_t y = 0; y < 6; ++y)
    for (std::size_t x = 0; x < 10; ++x) EXPECT_EQ(out[y * 10 + x], mask[y * 10 + 9 - x]);
}

TEST(ApiMarks, HeatMapsAreInterpolatedAndOfAnyRange) {
  // Half a pixel to the right: each value is the mean of two neighbours, and outside is 0.
  const Prepared shift = recipe("  - translate: {x: 0.125, y: 0, whole: false}\n  - invert\n").prepare({.width = 4, .height = 1, .channels = 3});
  const std::vector<float> heat{-8, 4, 100, 2};
  Marks marks;
  marks.masks.push_back({.data = heat.data(), .width = 4, .height = 1, .channels = 1, .type = PixelType::f32, .bounded = false});
  const MovedMarks moved = shift.move(marks);
  ASSERT_EQ(moved.masks.at(0).type, PixelType::f32);
  std::vector<float> values(4);
  std::memcpy(values.data(), moved.masks[0].data.data(), 16);
  EXPECT_FLOAT_EQ(values[1], -2);
  EXPECT_FLOAT_EQ(values[2], 52);
  EXPECT_FLOAT_EQ(values[3], 51);
}

TEST(ApiMarks, ACopyThatLosesWhatIsRequiredIsDrawnAgain) {
  const std::string crop = "  - random_crop: {width: 3, height: 3}\n";
  const Recipe keeps = recipe(crop, "labels: {require: all}\naugment: {attempts: 200}\n"), any = recipe(crop);
  Marks marks;
  marks.things.push_back({.box = MarkedBox{0, 0, 1, 1}, .polygons = {}, .keypoints = {}});
  int lost = 0;
  for (int i = 0; i < 8; ++i) {
    const std::string name = std::to_string(i);
    const DrawKey key{.key = name};
    lost += any.prepare(kShape, key, marks).move(marks).things.empty();
    EXPECT_EQ(keeps.prepare(kShape, key, marks).move(marks).things.size(), 1U);
    EXPECT_EQ(any.prepare(kShape, key, marks).steps(), any.prepare(kShape, key).steps());
  }
  EXPECT_GT(lost, 0);
  const Recipe never = recipe("  - crop: {x: 5, y: 3, width: 3, height: 3}\n", "labels: {require: any}\naugment: {attempts: 3}\n");
  EXPECT_EQ(refusal([&] { never.prepare(kShape, {}, marks); }, Fault::data), "drawn 3 times, and a required label was lost each time");
}

TEST(ApiMarks, WhatCannotBeIsRefused) {
  const Prepared prepared = recipe("  - horizontal_flip\n").prepare(kShape);
  const auto moved = [&](Marks marks) { return refusal([&] { prepared.move(marks); }); };
  EXPECT_NE(moved({.things = {{.box = MarkedBox{0, 0, std::numeric_limits<double>::quiet_NaN(), 1}, .polygons = {}, .keypoints = {}}}, .masks = {}, .mirrored = {}}).find("finite"),
            std::string::npos);
  EXPECT_EQ(moved({.things = {{.box = {}, .polygons = {{{0, 0}, {1, 1}}}, .keypoints = {}}}, .masks = {}, .mirrored = {}}), "a polygon must have at least 3 points, got 2");
  EXPECT_EQ(moved({.things = {{.box = {}, .polygons = {}, .keypoints = {{0, 0, 3}}}}, .masks = {}, .mirrored = {}}), "the visibility of a keypoint must be 0, 1 or 2, got 3");
  const std::vector<std::uint8_t> pixels(5 * 6);
  EXPECT_EQ(moved({.things = {}, .masks = {{.data = pixels.data(), .width = 5, .height = 6, .channels = 1}}, .mirrored = {}}),
            "a mask must be of the image's size, 10×6 px, got 5×6×1 u8");
  const Prepared shuffled = recipe("  - polar\n").prepare(kShape);
  Marks marks;
  marks.things.push_back({.box = MarkedBox{0, 0, 2, 2}, .polygons = {}, .keypoints = {}});
  EXPECT_EQ(refusal([&] { shuffled.move(marks); }), "polar: moves pixels in a way that labels cannot follow");
}

}  // namespace
}  // namespace leaven

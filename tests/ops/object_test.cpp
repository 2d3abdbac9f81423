// box_safe_crop, iou_crop, crop_around_object, object_dropout: ops that read marks.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

constexpr RasterShape kShape{100, 80, 1};

Annotations with_boxes(std::initializer_list<Box> boxes) {
  Annotations marks;
  for (const Box& box : boxes) marks.instances.emplace_back().box = box;
  return marks;
}

std::vector<double> numbers(const Chain& chain, std::string_view field) {
  return std::get<std::vector<double>>(chain.ops[0].get(field));
}

Chain drawn(OpValue op, const Annotations& marks, std::uint64_t key, const RasterShape& shape = kShape) {
  return lower_chain(shape, {std::move(op)}, key_number(key), &marks);
}

TEST(BoxSafeCrop, ShowsEveryBoxWholeAndReachesTheEdges) {
  const Annotations marks = with_boxes({{20.5, 30, 40, 50}, {60, 10.2, 70, 20}});
  double least_left = 100, most_left = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const auto r = numbers(drawn(make_op("box_safe_crop"), marks, i), "region");
    EXPECT_LE(r[0], 20) << i;
    EXPECT_LE(r[1], 10) << i;
    EXPECT_GE(r[0] + r[2], 70) << i;
    EXPECT_GE(r[1] + r[3], 50) << i;
    least_left = std::min(least_left, r[0]), most_left = std::max(most_left, r[0]);
  }
  EXPECT_EQ(least_left, 0);
  EXPECT_EQ(most_left, 20);
}

TEST(BoxSafeCrop, ErosionAndOneLetMoreGo) {
  const Annotations marks = with_boxes({{0, 0, 100, 80}});
  bool cut = false;
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto whole = numbers(drawn(make_op("box_safe_crop"), marks, i), "region");
    EXPECT_EQ(whole, (std::vector<double>{0, 0, 100, 80}));
    const auto r = numbers(drawn(make_op("box_safe_crop", {{"erosion", 0.2}}), marks, i), "region");
    EXPECT_LE(r[0], 10);
    EXPECT_GE(r[0] + r[2], 90);
    cut = cut || r[0] > 0;
  }
  EXPECT_TRUE(cut);
  const Annotations two = with_boxes({{0, 0, 10, 10}, {90, 70, 100, 80}});
  int first = 0, second = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto r = numbers(drawn(make_op("box_safe_crop", {{"keep", std::string("one")}}), two, i), "region");
    const bool left = r[0] == 0 && r[1] == 0 && r[2] >= 10 && r[3] >= 10;
    const bool right = r[0] + r[2] == 100 && r[1] + r[3] == 80 && r[0] <= 90 && r[1] <= 70;
    EXPECT_TRUE(left || right) << i;
    first += left, second += right;
  }
  EXPECT_GT(first, 10);
  EXPECT_GT(second, 10);
}

TEST(BoxSafeCrop, IsResizedWhereASizeIsGiven) {
  const Annotations marks = with_boxes({{20, 30, 40, 50}});
  const Chain chain =
      drawn(make_op("box_safe_crop", {{"width", std::int64_t{32}}, {"height", std::int64_t{24}}}), marks, 1);
  EXPECT_EQ(chain.out.size(), (Size{32, 24}));
  for (const Point p : chain.map({{20, 30}, {40, 50}})) {
    EXPECT_TRUE(p.x >= 0 && p.x <= 32 && p.y >= 0 && p.y <= 24);
  }
}

TEST(BoxSafeCrop, TakesAnyPartWhereNothingIsMarked) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto r = numbers(drawn(make_op("box_safe_crop"), Annotations{}, i), "region");
    EXPECT_TRUE(r[0] >= 0 && r[1] >= 0 && r[2] >= 1 && r[3] >= 1 && r[0] + r[2] <= 100 && r[1] + r[3] <= 80) << i;
  }
}

TEST(IouCrop, ReachesTheOverlapWithABoxWhoseCentreItShows) {
  const Box box{30, 20, 70, 60};
  for (std::uint64_t i = 0; i < 100; ++i) {
    const auto r =
        numbers(drawn(make_op("iou_crop", {{"overlaps", std::vector<double>{0.5}}}), with_boxes({box}), i), "region");
    EXPECT_TRUE(r[0] < 50 && r[0] + r[2] > 50 && r[1] < 40 && r[1] + r[3] > 40) << i;
    const double w = std::min(70.0, r[0] + r[2]) - std::max(30.0, r[0]), h = std::min(60.0, r[1] + r[3]) - std::max(20.0, r[1]);
    EXPECT_GE(w * h / (1600 + r[2] * r[3] - w * h), 0.5) << i;
    if (r[2] != 100) {
      EXPECT_TRUE(r[2] / r[3] >= 0.5 && r[2] / r[3] <= 2) << i;
    }
  }
}

TEST(IouCrop, OneIsTheWholePicture) {
  const Chain chain = drawn(make_op("iou_crop", {{"overlaps", std::vector<double>{1}}}), with_boxes({{30, 20, 70, 60}}), 3);
  EXPECT_EQ(numbers(chain, "region"), (std::vector<double>{0, 0, 100, 80}));
  EXPECT_TRUE(chain.steps[0].nodes.empty());
}

TEST(CropAroundObject, ShowsAPointOfTheThingAndStaysInThePicture) {
  const Annotations marks = with_boxes({{90, 70, 98, 78}});
  const OpValue op = make_op("crop_around_object", {{"width", std::int64_t{30}}, {"height", std::int64_t{20}}});
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Chain chain = drawn(op, marks, i);
    const double x = as_number(chain.ops[0].get("x")), y = as_number(chain.ops[0].get("y"));
    EXPECT_TRUE(x >= 0 && x <= 70 && y >= 0 && y <= 60) << i;
    EXPECT_TRUE(x + 30 > 90 && y + 20 > 70) << i;
  }
}

TEST(CropAroundObject, GoesByTheValuesOfMasks) {
  Annotations marks;
  Raster mask = filled_picture(kShape, 0);
  set_value(mask, 5, 6, 0, 1 / 255.0), set_value(mask, 80, 70, 0, 2 / 255.0);
  marks.masks.push_back({"mask", std::move(mask)});
  const OpValue op = make_op("crop_around_object", {{"width", std::int64_t{10}},
                                                    {"height", std::int64_t{10}},
                                                    {"mask_values", std::vector<double>{2}}});
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Chain chain = drawn(op, marks, i);
    const double x = as_number(chain.ops[0].get("x")), y = as_number(chain.ops[0].get("y"));
    EXPECT_TRUE(x <= 80 && x + 10 > 80 && y <= 70 && y + 10 > 70) << x << ", " << y;
  }
}

TEST(ObjectDropout, CoversWholeThingsOrPartsWithTheirMiddleInside) {
  const Annotations marks = with_boxes({{10.4, 20, 30, 40.6}});
  const Chain whole = drawn(make_op("object_dropout", {{"chance", 1.0}, {"cover", std::string("whole")}}), marks, 1);
  EXPECT_EQ(numbers(whole, "regions"), (std::vector<double>{10, 20, 20, 21}));
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto r = numbers(drawn(make_op("object_dropout", {{"chance", 1.0}, {"holes", std::int64_t{2}}}), marks, i), "regions");
    ASSERT_EQ(r.size(), 8U);
    for (std::size_t k = 0; k < 8; k += 4) {
      EXPECT_TRUE(r[k] + r[k + 2] / 2 >= 9.4 && r[k] + r[k + 2] / 2 <= 31 && r[k + 1] + r[k + 3] / 2 >= 19) << i;
      EXPECT_TRUE(r[k + 2] >= 3 && r[k + 2] <= 9 && r[k + 3] >= 3 && r[k + 3] <= 9) << i;
    }
  }
}

TEST(ObjectDropout, ChanceIsThatOfEachThing) {
  const Annotations marks = with_boxes({{10, 20, 30, 40}});
  int covered = 0;
  for (std::uint64_t i = 0; i < 400; ++i)
    covered += numbers(drawn(make_op("object_dropout", {{"chance", 0.25}}), marks, i), "regions")[2] > 0;
  EXPECT_NEAR(covered, 100, 35);
}

TEST(RestoreSize, IsTheSourcesWhateverStandsBetween) {
  const Chain chain = lower_chain({40, 30, 3}, {make_op("crop", {{"width", std::int64_t{7}}, {"height", std::int64_t{9}}}),
                                                make_op("rotate90", {{"times", std::int64_t{1}}}), make_op("restore_size")});
  EXPECT_EQ(chain.out.size(), (Size{40, 30}));
  EXPECT_TRUE(lower_chain({40, 30, 3}, make_op("restore_size")).steps[0].nodes.empty());
}

}  // namespace
}  // namespace leaven::ops

// Mixed pictures, shares and marks against hand work and against what the pixels show.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "plan/mixed_labels.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

/// One step with the partners given, and what may come after it.
struct Scene {
  std::vector<Raster> partners{};
  std::vector<Annotations> marks{};  ///< of the partners; none: nothing is marked
  Key key{kKey};
  std::vector<OpValue> after{};

  plan::DrawnProgram draw(const OpValue& op, const RasterShape& shape) const {
    Program program;
    ProgramStep step{std::string(op.info().name), op, key, {}, {}};
    for (std::size_t i = 0; i < partners.size(); ++i) step.partners.push_back({std::to_string(i), {}, {}, {}});
    program.steps.push_back(std::move(step));
    for (const OpValue& next : after) program.steps.push_back({std::string(next.info().name), next, key, {}, {}});
    return plan::lower_program(program, shape, [this](const ProgramPartner& named) {
      const std::size_t i = std::stoul(named.source);
      auto annotations = i < marks.size() ? std::make_shared<const Annotations>(marks[i].clone()) : nullptr;
      return plan::Partner{named.source, {}, {}, partners[i].shape(), std::make_shared<const Raster>(partners[i].clone()), std::move(annotations)};
    });
  }
  Raster run(const OpValue& op, const Raster& image) const {
    return plan::run_reference(plan::plan_drawn(draw(op, image.shape()), image.shape()), image.view());
  }
};

Scene with(Raster partner) {
  Scene scene;
  scene.partners.push_back(std::move(partner));
  return scene;
}

Instance boxed(Box box) {
  Instance instance;
  instance.box = box;
  return instance;
}

Annotations one(Instance instance) {
  Annotations annotations;
  annotations.instances.push_back(std::move(instance));
  return annotations;
}

void expect_box(const Instance& instance, const Box& wanted) {
  ASSERT_TRUE(instance.box);
  EXPECT_NEAR(instance.box->left, wanted.left, 1e-9);
  EXPECT_NEAR(instance.box->top, wanted.top, 1e-9);
  EXPECT_NEAR(instance.box->right, wanted.right, 1e-9);
  EXPECT_NEAR(instance.box->bottom, wanted.bottom, 1e-9);
}

TEST(Mixed, MixupBlendsByTheShare) {
  const Scene scene = with(picture(2, 1, 1, {0, 50}));
  EXPECT_EQ(levels_of(scene.run(make_op("mixup", {{"share", 0.6}}), picture(2, 1, 1, {100, 200}))), (std::vector<int>{60, 140}));
  EXPECT_EQ(levels_of(scene.run(make_op("smote_pixels", {{"share", 0.0}}), picture(2, 1, 1, {100, 200}))), (std::vector<int>{0, 50}));
}

TEST(Mixed, SeeThroughPixelsWeighLess) {
  // Opaque 200 and a quarter of 100 at equal shares: alpha (255 + 51)/2 = 153, colour (200·255 + 100·51)/(255 + 51) = 183.3.
  const RasterShape shape{1, 1, 2, Dtype::u8, true};
  Raster own(shape), partner(shape);
  set_value(own, 0, 0, 0, 200 / 255.0), set_value(own, 0, 0, 1, 1);
  set_value(partner, 0, 0, 0, 100 / 255.0), set_value(partner, 0, 0, 1, 51 / 255.0);
  EXPECT_EQ(levels_of(with(std::move(partner)).run(make_op("mixup", {{"share", 0.5}}), own)), (std::vector<int>{183, 153}));
}

TEST(Mixed, CutmixPutsTheBoxWhereItSays) {
  // Half of each side about the middle: columns 2…5, rows 1 and 2.
  const Raster out = with(filled_picture({8, 4, 1}, 1)).run(make_op("cutmix", {{"share", 0.75}, {"at_x", 0.5}, {"at_y", 0.5}}), filled_picture({8, 4, 1}, 0));
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 8; ++x) EXPECT_EQ(level_at(out, x, y), x >= 2 && x < 6 && y >= 1 && y < 3 ? 255 : 0) << x << ", " << y;
}

TEST(Mixed, PartnersCoverThePictureAndTakeOnItsKind) {
  // 4×2 over 2×2: as high already, so that the middle two columns show.
  const OpValue all = make_op("mixup", {{"share", 0.0}});
  EXPECT_EQ(levels_of(with(picture(4, 2, 1, {1, 2, 3, 4, 5, 6, 7, 8})).run(all, filled_picture({2, 2, 1}, 0))), (std::vector<int>{2, 3, 6, 7}));
  // 0.299·200 + 0.587·100 + 0.114·50 = 124.2; grey in colour is equal colours; 16 bits keep their share.
  EXPECT_EQ(levels_of(with(picture(1, 1, 3, {200, 100, 50})).run(all, filled_picture({1, 1, 1}, 0))), (std::vector<int>{124}));
  EXPECT_EQ(levels_of(with(picture(1, 1, 1, {9})).run(all, filled_picture({1, 1, 4, Dtype::u8, true}, 0))), (std::vector<int>{9, 9, 9, 255}));
  EXPECT_EQ(levels_of(with(filled_picture({1, 1, 1, Dtype::u16}, 0.5)).run(all, filled_picture({1, 1, 1}, 0))), (std::vector<int>{128}));
}

// A black picture and a white partner: the mean is the partner's share.
TEST(Mixed, SharesAreWhatThePixelsShow) {
  const RasterShape shape{37, 23, 1, Dtype::f32};
  for (const char* name : {"mixup", "cutmix", "gridmix", "fmix", "smote_pixels"})
    for (const bool cropped : {false, true})
      for (std::uint64_t i = 0; i < 20; ++i) {
        Scene scene = with(filled_picture({50, 50, 1, Dtype::f32}, 1));
        scene.key = key_number(i);
        if (cropped) scene.after.push_back(make_op("crop", {{"x", std::int64_t{5}}, {"y", std::int64_t{3}}, {"width", std::int64_t{20}}, {"height", std::int64_t{11}}}));
        const plan::DrawnProgram drawn = scene.draw(make_op(name), shape);
        const Raster out = plan::run_reference(plan::plan_drawn(drawn, shape), filled_picture(shape, 0).view());
        double mean = 0;
        for (int y = 0; y < out.shape().height; ++y)
          for (int x = 0; x < out.shape().width; ++x) mean += value_at(out, x, y) / (out.shape().width * out.shape().height);
        const std::vector<double> shares = plan::picture_shares(drawn, shape);
        ASSERT_EQ(shares.size(), 2U);
        EXPECT_NEAR(shares[1], mean, cropped ? 2e-5 : 1e-6) << name << " " << i;
      }
}

TEST(Mixed, SharesAddUpToOne) {
  const RasterShape shape{50, 31, 3};
  Scene scene = with(filled_picture({20, 20, 3}, 0.5));
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    scene.key = key_number(i);
    const std::vector<double> shares = plan::picture_shares(scene.draw(make_op("cutmix"), shape), shape);
    ASSERT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-12);
    for (const double share : shares) ASSERT_GE(share, 0);
  }
}

TEST(Mixed, MosaicMapsBoxesIntoTheirQuarters) {
  Scene scene;
  scene.partners.push_back(filled_picture({200, 100, 1}, 0.5));  // twice as wide as its quarter: half of each side is cut
  scene.partners.push_back(filled_picture({100, 100, 1}, 0.5));
  scene.partners.push_back(filled_picture({100, 100, 1}, 0.5));
  scene.marks.push_back(one(boxed({100, 20, 150, 60})));
  scene.marks.push_back(one(boxed({0, 0, 100, 100})));
  const RasterShape shape{100, 100, 1};
  const plan::DrawnProgram drawn = scene.draw(make_op("mosaic", {{"at_x", 0.5}, {"at_y", 0.5}}), shape);
  EXPECT_EQ(plan::picture_shares(drawn, shape), (std::vector<double>{0.25, 0.25, 0.25, 0.25}));
  const auto mapped = plan::map_annotations(drawn, shape, one(boxed({10, 10, 50, 50})), {}, {});
  ASSERT_EQ(mapped.annotations.instances.size(), 3U);
  expect_box(mapped.annotations.instances[0], {5, 5, 25, 25});
  expect_box(mapped.annotations.instances[1], {75, 10, 100, 30});
  expect_box(mapped.annotations.instances[2], {0, 50, 50, 100});
}

TEST(Mixed, CornersOfAMosaicMeetAndTheRestIsFilled) {
  Scene scene;
  for (int i = 1; i < 4; ++i) scene.partners.push_back(filled_picture({20, 10, 1}, 0.2 * i));
  const Raster out = scene.run(make_op("mosaic", {{"at_x", 0.5}, {"at_y", 0.5}, {"fit", std::string("corner")}, {"width", std::int64_t{40}}, {"height", std::int64_t{40}},
                                                  {"fill", std::vector<double>{1}}}), filled_picture({10, 20, 1}, 0));
  // The picture is 10×20, its corner at (20, 20); partners are 20×10.
  EXPECT_EQ(level_at(out, 10, 0), 0);
  EXPECT_EQ(level_at(out, 9, 0), 255);
  EXPECT_EQ(level_at(out, 39, 10), 51);
  EXPECT_EQ(level_at(out, 20, 9), 255);
  EXPECT_EQ(level_at(out, 0, 20), 102);
  EXPECT_EQ(level_at(out, 39, 29), 153);
  EXPECT_EQ(level_at(out, 39, 30), 255);
}

TEST(Mixed, WhatLiesUnderABoxIsHidden) {
  Scene scene = with(filled_picture({100, 100, 1}, 1));
  scene.marks.push_back(one(boxed({40, 40, 80, 80})));
  const RasterShape shape{100, 100, 1};
  // A box of 50 px about (25, 25).
  const plan::DrawnProgram drawn = scene.draw(make_op("cutmix", {{"share", 0.75}, {"at_x", 0.25}, {"at_y", 0.25}}), shape);
  Instance own = boxed({10, 10, 60, 60});
  own.keypoints = {{.at = {20, 20}}, {.at = {55, 55}}};
  const auto with_least = [&](double visibility) {
    AnnotationRules rules;
    rules.min_visibility = visibility;
    return plan::map_annotations(drawn, shape, one(own), {}, rules);
  };
  // 1600 of 2500 px² are covered; of the partner's 1600 100 are seen.
  const auto some = with_least(0.35);
  ASSERT_EQ(some.annotations.instances.size(), 1U);
  EXPECT_EQ(some.annotations.instances[0].keypoints[0].visibility, 1);
  EXPECT_EQ(some.annotations.instances[0].keypoints[1].visibility, 2);
  const auto none = with_least(0.37);
  EXPECT_EQ(none.annotations.instances.size(), 0U);
  EXPECT_EQ(none.dropped, 1U);
  const auto all = with_least(0.06);
  ASSERT_EQ(all.annotations.instances.size(), 2U);
  expect_box(all.annotations.instances[1], {40, 40, 50, 50});
}

TEST(Mixed, MixupKeepsTheBoxesOfBoth) {
  Scene scene = with(filled_picture({100, 100, 1}, 1));
  scene.marks.push_back(one(boxed({10, 10, 60, 60})));
  scene.after.push_back(make_op("horizontal_flip"));
  const RasterShape shape{100, 100, 1};
  const auto mapped = plan::map_annotations(scene.draw(make_op("mixup", {{"share", 0.1}}), shape), shape, one(boxed({0, 0, 30, 30})), {}, {});
  ASSERT_EQ(mapped.annotations.instances.size(), 2U);
  expect_box(mapped.annotations.instances[0], {70, 0, 100, 30});
  expect_box(mapped.annotations.instances[1], {40, 10, 90, 60});
}

TEST(Mixed, PastedInstancesComeWithTheirMarksAndCoverOthers) {
  Scene scene = with(filled_picture({20, 20, 1}, 1));
  Instance square;
  square.outlines = {{{5, 5}, {10, 5}, {10, 10}, {5, 10}}};
  square.category = 3;
  scene.marks.push_back(one(square));
  scene.marks[0].instances.push_back(boxed({15, 15, 18, 18}));
  const OpValue paste = make_op("copy_paste", {{"instances", std::vector<double>{0}}, {"lefts", std::vector<double>{5}}, {"tops", std::vector<double>{7}}});
  const Raster out = scene.run(paste, filled_picture({20, 20, 1}, 0));
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 20; ++x) ASSERT_EQ(level_at(out, x, y), x >= 5 && x < 10 && y >= 7 && y < 12 ? 255 : 0) << x << ", " << y;

  Instance under = boxed({5, 7, 10, 12}), masked;
  Raster mask = filled_picture({20, 20, 1}, 0);
  for (int x = 0; x < 20; ++x) set_value(mask, x, 8, 0, 1);
  masked.mask = RunLengths::of(mask.view());
  Annotations own = one(under);
  own.instances.push_back(masked);
  const auto mapped = plan::map_annotations(scene.draw(paste, out.shape()), out.shape(), own, {}, {});
  EXPECT_EQ(mapped.dropped, 1U);
  ASSERT_EQ(mapped.annotations.instances.size(), 2U);
  EXPECT_EQ(mapped.annotations.instances[0].mask->area(), 15U) << "a row of 20 less 5 that are covered";
  EXPECT_EQ(mapped.annotations.instances[1].category, 3U);
  const Outline& outline = mapped.annotations.instances[1].outlines.at(0);
  ASSERT_EQ(outline.size(), 4U);
  EXPECT_NEAR(outline[0].x, 5, 1e-9);
  EXPECT_NEAR(outline[2].y, 12, 1e-9);
}

TEST(Mixed, WhatAPastedOutlineCoversIsCountedByItsPixels) {
  Scene scene = with(filled_picture({64, 64, 1}, 1));
  Instance triangle;
  triangle.outlines = {{{10, 10}, {41, 13}, {22, 53}}};
  scene.marks.push_back(one(triangle));
  const OpValue paste = make_op("copy_paste", {{"instances", std::vector<double>{0}}, {"lefts", std::vector<double>{10}}, {"tops", std::vector<double>{10}}});
  const RasterShape shape{64, 64, 1};
  const Raster out = scene.run(paste, filled_picture(shape, 0));
  int free = 0;
  for (int y = 8; y < 60; ++y)
    for (int x = 5; x < 50; ++x) free += level_at(out, x, y) == 0;
  const double seen = free / (45.0 * 52);
  const auto stays = [&](double least) {
    AnnotationRules rules;
    rules.min_visibility = least;
    return plan::map_annotations(scene.draw(paste, shape), shape, one(boxed({5, 8, 50, 60})), {}, rules).dropped == 0;
  };
  EXPECT_TRUE(stays(seen));
  EXPECT_FALSE(stays(seen + 1e-6));
}

TEST(Mixed, CopyPasteRefusesWhereNothingIsMarked) {
  try {
    with(filled_picture({4, 4, 1}, 1)).draw(make_op("copy_paste"), {4, 4, 1});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("nothing is marked"), std::string::npos) << error.what();
  }
}

TEST(Mixed, MasksOfTheWholeImageShowTheTopmostLayer) {
  Scene scene = with(filled_picture({8, 4, 1}, 1));
  Annotations marks, own;
  marks.masks.push_back({"mask", filled_picture({8, 4, 1}, 7 / 255.0)});
  own.masks.push_back({"mask", filled_picture({8, 4, 1}, 3 / 255.0)});
  scene.marks.push_back(std::move(marks));
  const RasterShape shape{8, 4, 1};
  const auto mask_after = [&](const OpValue& op) { return plan::map_annotations(scene.draw(op, shape), shape, own, {}, {}).annotations.masks.at(0).pixels.clone(); };
  const Raster cut = mask_after(make_op("cutmix", {{"share", 0.75}, {"at_x", 0.5}, {"at_y", 0.5}}));
  EXPECT_EQ(level_at(cut, 1, 1), 3);
  EXPECT_EQ(level_at(cut, 2, 1), 7);
  EXPECT_EQ(level_at(mask_after(make_op("mixup", {{"share", 0.6}})), 0, 0), 3);
  EXPECT_EQ(level_at(mask_after(make_op("mixup", {{"share", 0.4}})), 0, 0), 7);
}

TEST(Mixed, FmixShowsAsManyPixelsAsItSaysInOnePiece) {
  const Raster out = with(filled_picture({40, 30, 1}, 1)).run(make_op("fmix", {{"share", 0.7}}), filled_picture({40, 30, 1}, 0));
  int white = 0, edges = 0;
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x) {
      white += level_at(out, x, y) > 0;
      edges += x > 0 && level_at(out, x, y) != level_at(out, x - 1, y);
    }
  EXPECT_EQ(white, 360);
  EXPECT_LT(edges, 4 * 30) << "few runs a row: shapes, no noise";
}

TEST(Mixed, GridmixFollowsItsCells) {
  const Raster out = with(filled_picture({5, 4, 1}, 1)).run(make_op("gridmix", {{"grid", std::int64_t{2}}, {"share", 0.5}, {"cells", std::vector<double>{0, 1, 1, 0}}}), filled_picture({5, 4, 1}, 0));
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 5; ++x) EXPECT_EQ(level_at(out, x, y) > 0, (x >= 2) != (y >= 2)) << x << ", " << y;
}

TEST(Mixed, AugmixMixesChainsByTheirWeights) {
  // Solarize at level 5 turns 200 into 55; translate by 0 leaves it: 0.5·200 + 0.5·(0.4·55 + 0.6·200) = 171.
  const OpValue op = make_op("augmix", {{"share", 0.5}, {"weights", std::vector<double>{0.4, 0.6}}, {"chains", std::vector<double>{4, 5, -1, 7, 0, -1}}});
  EXPECT_EQ(levels_of(run(op, picture(1, 1, 1, {200}))), (std::vector<int>{171}));
  const Chain chain = lower_chain({40, 30, 3}, make_op("augmix"));
  EXPECT_EQ(chain.map({{3, 4}})[0].x, 3) << "marks are those of the picture as it is";
}

}  // namespace
}  // namespace leaven::ops

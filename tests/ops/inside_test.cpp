// Ops that hold steps: blend, in_tiles, in_channels; pictures, labels and draws against hand work.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "ops/image/blend_mask.hpp"
#include "plan/mixed_labels.hpp"
#include "recipe/recipe.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

recipe::Recipe steps(const std::string& text) { return recipe::parse("leaven: 1\nsteps:\n" + text, op_table()); }

plan::DrawnProgram drawn(const recipe::Recipe& recipe, const RasterShape& shape, const Annotations* marks = nullptr, std::uint32_t copy = 1) {
  const DrawContext context{.seed = 5, .epoch = 0, .sample = "a", .copy = copy};
  return plan::draw_program(recipe, context, shape, {}, {}, {nullptr, marks});
}

Raster made(const plan::DrawnProgram& program, const Raster& image) {
  return plan::run_reference(plan::plan_drawn(program, image.shape()), image.view());
}
Raster made(const std::string& text, const Raster& image) { return made(drawn(steps(text), image.shape()), image); }

Annotations boxed(Box box) {
  Annotations marks;
  marks.instances.emplace_back().box = box;
  return marks;
}

TEST(Inside, BlendTakesAnEvenShare) {
  const Raster image = picture(2, 1, 1, {0, 100});
  EXPECT_EQ(levels_of(made("  - blend: {mask: even, amount: 0.25, steps: [invert]}\n", image)), (std::vector<int>{64, 114}));
  EXPECT_EQ(levels_of(made("  - blend: {mask: even, amount: 1, steps: [invert]}\n", image)), (std::vector<int>{255, 155}));
}

TEST(Inside, BlendMasksByHand) {
  BlendMaskOptions options{BlendMask::gradient, 0.5, 0, 0.5, 0, 0.5, 0.5};
  const auto row = [&](Size size) {
    const auto mask = blend_mask(size, options, kKey);
    std::vector<int> levels;
    for (int x = 0; x < size.width; ++x) levels.push_back(mask->row<std::uint8_t>(0)[x]);
    return levels;
  };
  EXPECT_EQ(row({4, 1}), (std::vector<int>{32, 96, 159, 223})) << "1/8, 3/8, 5/8, 7/8";
  options.degrees = 180;
  EXPECT_EQ(row({4, 1}), (std::vector<int>{223, 159, 96, 32}));
  options.sharpness = 1;
  EXPECT_EQ(row({4, 1}), (std::vector<int>{255, 255, 0, 0}));
  options = {BlendMask::checkerboard, 0.5, 0, 0.5, 0, 0.5, 0.5};
  EXPECT_EQ(row({8, 4}), (std::vector<int>{0, 0, 255, 255, 0, 0, 255, 255})) << "squares of half the shorter side";
  options = {BlendMask::circle, 0.5, 0, 0.5, 0, 0.125, 0.5};
  EXPECT_EQ(row({4, 1}), (std::vector<int>{255, 128, 0, 0})) << "radius 1 px about the first pixel's centre: a half at d = r";
  options = {BlendMask::stripes, 1, 0, 0.5, 0, 0.5, 0.5};
  EXPECT_EQ(row({2, 2}), (std::vector<int>{191, 191})) << "a wave of 4 px whose top lies in the middle";
}

TEST(Inside, BlendNoiseIsSmoothOrRough) {
  const auto steepest = [](double roughness) {
    const auto mask = blend_mask({64, 64}, {BlendMask::noise, 0.5, 0, roughness, 0, 0, 0}, kKey);
    int low = 255, high = 0, step = 0;
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) {
        const int v = mask->row<std::uint8_t>(y)[x];
        low = std::min(low, v), high = std::max(high, v);
        if (x > 0) step = std::max(step, std::abs(v - mask->row<std::uint8_t>(y)[x - 1]));
      }
    EXPECT_EQ(low, 0);
    EXPECT_EQ(high, 255);
    return step;
  };
  EXPECT_LT(steepest(0), 24) << "waves of 32 px: the eased line between two nodes climbs by 1.5/32 a px";
  EXPECT_GT(steepest(1), 60);
}

TEST(Inside, ChannelsThatAreNotNamedStay) {
  const Raster image = picture(1, 1, 3, {10, 20, 30});
  EXPECT_EQ(levels_of(made("  - in_channels: {channels: [0, 2], steps: [invert]}\n", image)), (std::vector<int>{245, 20, 225}));
  EXPECT_THROW(made("  - in_channels: {channels: [1], steps: [invert]}\n", picture(1, 1, 1, {10})), Error);
  EXPECT_THROW(made("  - in_channels: {channels: [0.5], steps: [invert]}\n", image), Error);
}

TEST(Inside, ChannelsUnderAlphaKeepTheirAlpha) {
  Raster image({1, 1, 4, Dtype::u8, true});
  for (int c = 0; c < 4; ++c) set_value(image, 0, 0, c, 100 / 255.0);
  const Raster out = made("  - in_channels: {channels: [1], steps: [invert]}\n", image);
  EXPECT_EQ(levels_of(out), (std::vector<int>{100, 155, 100, 100}));
}

TEST(Inside, TilesCoverThePictureAndDrawByThemselves) {
  const Raster image = filled_picture({10, 7, 1}, 0.5);
  EXPECT_TRUE(same_pixels(made("  - in_tiles: {columns: 3, rows: 2, share: 1, steps: [invert]}\n", image).view(), made("  - invert\n", image).view()));
  const Raster out = made("  - in_tiles: {columns: 2, rows: 2, share: 1, steps: [{brightness: {by: {uniform: [0.2, 1.8]}}}]}\n", image);
  std::set<double> values;
  for (int y = 0; y < 7; ++y)
    for (int x = 0; x < 10; ++x) {
      EXPECT_EQ(level_at(out, x, y), level_at(out, x < 5 ? 0 : 9, y < 3 ? 0 : 6));
      values.insert(level_at(out, x, y));
    }
  EXPECT_EQ(values.size(), 4U) << "each tile has a draw of its own";
}

TEST(Inside, AboutTheShareOfTheTilesIsChosen) {
  const recipe::Recipe recipe = steps("  - in_tiles: {columns: 4, rows: 4, share: 0.25, steps: [invert]}\n");
  double chosen = 0;
  for (std::uint32_t copy = 1; copy <= 200; ++copy) {
    const auto values = std::get<std::vector<double>>(drawn(recipe, {16, 16, 1}, nullptr, copy).program.steps[0].op.get("chosen"));
    for (const double one : values) chosen += one;
  }
  EXPECT_NEAR(chosen / 3200, 0.25, 4 * std::sqrt(0.25 * 0.75 / 3200));
}

TEST(Inside, LabelsStayWhereNothingMoves) {
  const Annotations marks = boxed({1, 2, 9, 6});
  for (const char* text : {"  - blend: {steps: [invert]}\n", "  - in_tiles: {columns: 3, rows: 2, steps: [invert]}\n", "  - in_channels: {steps: [invert]}\n"}) {
    const plan::DrawnProgram program = drawn(steps(text), {10, 8, 3}, &marks);
    const auto mapped = plan::map_annotations(program, {10, 8, 3}, marks, {}, {});
    ASSERT_EQ(mapped.annotations.instances.size(), 1U) << text;
    EXPECT_EQ(*mapped.annotations.instances[0].box, (Box{1, 2, 9, 6})) << text;
  }
}

TEST(Inside, StepsThatMovePixelsAreRefusedWhereLabelsWouldStay) {
  const Annotations marks = boxed({1, 2, 9, 6});
  for (const char* text : {"  - blend: {amount: 1, steps: [horizontal_flip]}\n", "  - in_channels: {steps: [horizontal_flip]}\n"}) {
    EXPECT_NO_THROW(drawn(steps(text), {10, 8, 3})) << "nothing is marked there";
    EXPECT_THROW(drawn(steps(text), {10, 8, 3}, &marks), Error) << text;
  }
}

TEST(Inside, MarksGoWithTheTilesThatMove) {
  // Each half of the picture is mirrored by itself: columns 3…6 become 1 and 2 of the left, 7 and 8 of the right half.
  const Annotations marks = boxed({3, 2, 7, 6});
  const std::string text = "  - in_tiles: {columns: 2, rows: 1, share: 1, steps: [horizontal_flip]}\n";
  const plan::DrawnProgram program = drawn(steps(text), {10, 8, 1}, &marks);
  const auto mapped = plan::map_annotations(program, {10, 8, 1}, marks, {}, {});
  ASSERT_EQ(mapped.annotations.instances.size(), 2U);
  EXPECT_EQ(*mapped.annotations.instances[0].box, (Box{0, 2, 2, 6}));
  EXPECT_EQ(*mapped.annotations.instances[1].box, (Box{8, 2, 10, 6}));
  EXPECT_EQ(mapped.kept, (std::vector<std::size_t>{0, 0}));
  Raster image = filled_picture({10, 8, 1}, 0);
  for (int y = 2; y < 6; ++y)
    for (int x = 3; x < 7; ++x) set_value(image, x, y, 0, 1);
  const Raster out = made(program, image);
  for (int y = 0; y < 8; ++y)
    for (int x = 0; x < 10; ++x) EXPECT_EQ(level_at(out, x, y), y >= 2 && y < 6 && (x < 2 || x >= 8) ? 255 : 0) << x << ", " << y;
}

TEST(Inside, TheStepsMustLeaveTheSize) {
  EXPECT_THROW(made("  - in_tiles: {share: 1, steps: [{resize: {width: 3, height: 3}}]}\n", filled_picture({10, 8, 1}, 0)), Error);
}

TEST(Inside, RecipesAreReadWrittenAndRefused) {
  const std::string text = "  - blend: {mask: cells, steps: [invert, {one_of: [hue, gamma]}]}\n";
  const recipe::Recipe recipe = steps(text);
  EXPECT_EQ(recipe::to_yaml(recipe::parse(recipe::to_yaml(recipe), op_table())), recipe::to_yaml(recipe));
  EXPECT_EQ(recipe.steps[0].steps.size(), 2U);
  EXPECT_THROW(steps("  - blend\n"), Error);
  EXPECT_THROW(steps("  - blend: {steps: []}\n"), Error);
  EXPECT_THROW(steps("  - blend: {steps: [mixup]}\n"), Error) << "takes other samples";
  EXPECT_THROW(steps("  - blend: {steps: [object_dropout]}\n"), Error) << "asks for marks";
}

TEST(Inside, LineageMakesTheSameBytes) {
  const Raster image = noise_picture({33, 17, 3});
  const recipe::Recipe recipe = steps(
      "  - in_tiles: {columns: 3, rows: 2, share: 0.5, steps: [{one_of: [gaussian_noise, gaussian_blur]}, {blend: {steps: [hue]}}]}\n");
  const plan::DrawnProgram program = drawn(recipe, image.shape());
  LineageRecord record;
  record.id = "a_aug1.png", record.source = "a.png", record.copy = 1;
  record.program = program.program;
  const LineageRecord read = lineage_from_json(to_json_line(record), op_table());
  EXPECT_EQ(to_json_line(read), to_json_line(record));
  EXPECT_TRUE(same_pixels(made(plan::lower_program(read.program, image.shape()), image).view(), made(program, image).view()));
}

TEST(GridShuffle, ThingsGoWithTheirCellsAndAreCutApart) {
  // Two halves change places: a box across the middle becomes one at each side.
  const OpValue op = make_op("grid_shuffle", {{"columns", 2}, {"rows", 1}, {"order", std::vector<double>{1, 0}}});
  const Chain chain = lower_chain({10, 8, 1}, op);
  Annotations marks = boxed({3, 2, 9, 6});
  marks.instances[0].keypoints = {{{3.5, 3}, 2, {}, {}}, {{8, 5}, 2, {}, {}}};
  Raster labels = noise_picture({10, 8, 1});
  const Raster moved = run(chain, labels);
  marks.masks.push_back({"mask", std::move(labels)});
  const auto mapped = plan::map_annotations(chain.steps, chain.source, marks, {}, {});
  ASSERT_EQ(mapped.annotations.instances.size(), 2U);
  const Instance &left = mapped.annotations.instances[0], &right = mapped.annotations.instances[1];
  EXPECT_EQ(*left.box, (Box{0, 2, 4, 6})) << "the right half's part, now in front";
  EXPECT_EQ(*right.box, (Box{8, 2, 10, 6}));
  EXPECT_EQ(left.keypoints[0].visibility, 0);
  EXPECT_EQ(left.keypoints[1].at.x, 3);
  EXPECT_EQ(right.keypoints[0].at.x, 8.5);
  EXPECT_EQ(right.keypoints[1].visibility, 0);
  EXPECT_TRUE(same_pixels(mapped.annotations.masks[0].pixels.view(), moved.view())) << "masks move as the pixels do";
  const auto strict = plan::map_annotations(chain.steps, chain.source, marks, {}, {.min_visibility = 0.4});
  ASSERT_EQ(strict.annotations.instances.size(), 1U) << "a third of the thing is too little";
  EXPECT_EQ(strict.dropped, 0U);
}

TEST(GridShuffle, MasksOfInstancesMoveExactly) {
  const Chain chain = lower_chain({11, 9, 1}, make_op("grid_shuffle", {{"columns", 3}, {"rows", 2}}));
  Raster mask = filled_picture({11, 9, 1}, 0);
  for (int y = 1; y < 8; ++y)
    for (int x = 2; x < 10; ++x) set_value(mask, x, y, 0, 1 / 255.0);
  const Raster moved = run(chain, mask);
  Annotations marks;
  marks.instances.emplace_back().mask = RunLengths::of(mask.view());
  const auto mapped = plan::map_annotations(chain.steps, chain.source, marks, {}, {.min_visibility = 0, .min_area = 0, .min_side = 0});
  Raster joined = filled_picture({11, 9, 1}, 0);
  for (const Instance& instance : mapped.annotations.instances) {
    const Raster piece = instance.mask->to_raster();
    for (int y = 0; y < 9; ++y)
      for (int x = 0; x < 11; ++x)
        if (level_at(piece, x, y) > 0) {
          EXPECT_EQ(level_at(joined, x, y), 0) << "pieces lie apart";
          set_value(joined, x, y, 0, 1 / 255.0);
        }
  }
  EXPECT_TRUE(same_pixels(joined.view(), moved.view()));
}

TEST(BandGain, WavesGrowByTheGainOfTheirBand) {
  // A wave of 2 px (± 10 levels, along x): the highest band alone; its mean stays.
  const Raster image = picture(8, 1, 1, {110, 90, 110, 90, 110, 90, 110, 90});
  EXPECT_EQ(levels_of(run("band_gain", {{"low", 1.0}, {"middle", 1.0}, {"high", 3.0}}, image)), (std::vector<int>{130, 70, 130, 70, 130, 70, 130, 70}));
  EXPECT_EQ(levels_of(run("band_gain", {{"low", 3.0}, {"middle", 0.5}, {"high", 1.0}}, image)), levels_of(image));
  EXPECT_EQ(levels_of(run("band_gain", {{"low", 4.0}, {"middle", 4.0}, {"high", 4.0}}, filled_picture({9, 5, 1}, 0.4))),
            levels_of(filled_picture({9, 5, 1}, 0.4)));
}

}  // namespace
}  // namespace leaven::ops

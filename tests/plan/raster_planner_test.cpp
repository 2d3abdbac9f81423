// The planner's passes: what joins, what dissolves, what is refused, and what a person reads.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/plan/raster_chain.hpp"

namespace leaven::plan {
namespace {

const WarpStage& warp_of(const Pass& pass) { return std::get<WarpStage>(pass.stage); }
bool is_copy(const Pass& pass) { return std::holds_alternative<CopyStage>(pass.stage); }

Reduce darken_by_mean() {
  return {false, true, [](const Statistics& s, const RasterShape&) {
            return Table::all({Curve::Form::affine, s.mean_grey, 0, nullptr});
          }};
}

TEST(RasterPlanner, EmptyProgramIsOneCopy) {
  const RasterPlan plan = Chain(7, 5).plan();
  ASSERT_EQ(plan.passes.size(), 1u);
  EXPECT_TRUE(is_copy(plan.passes[0]));
  EXPECT_TRUE(plan.passes[0].run.empty());
  EXPECT_EQ(plan.read, (Region{0, 0, 7, 5}));
  EXPECT_EQ(plan.out, plan.source);
  const Raster image = random_image(plan.source, 1);
  EXPECT_TRUE(same_pixels(run_reference(plan, image.view()).view(), image.view()));
}

TEST(RasterPlanner, FlipsAndTurnsCancelExactly) {
  Chain flips(31, 17), turns(31, 17);
  flips.horizontal_flip().horizontal_flip();
  turns.rotate90().rotate90().rotate90().rotate90();
  for (const Chain* chain : {&flips, &turns}) {
    const RasterPlan plan = chain->plan();
    ASSERT_EQ(plan.passes.size(), 1u);
    EXPECT_TRUE(is_copy(plan.passes[0]));
    EXPECT_EQ(plan.passes[0].steps.size(), chain->steps().size());
  }
}

TEST(RasterPlanner, WarpsBecomeOneMapWhereNoCanvasCanAnswer) {
  Chain chain(500, 375);
  chain.horizontal_flip().crop(100, 50, 300, 300).resize(224, 224);
  const RasterPlan plan = chain.plan();
  ASSERT_EQ(plan.passes.size(), 1u);
  const WarpStage& warp = warp_of(plan.passes[0]);
  ASSERT_EQ(warp.steps.size(), 1u);
  EXPECT_EQ(warp.filter, Filter::bilinear);
  EXPECT_DOUBLE_EQ(warp.footprint_x, 300.0 / 224);
  EXPECT_DOUBLE_EQ(warp.footprint_y, 300.0 / 224);
  EXPECT_EQ(warp.steps[0].input, (Size{500, 375}));
  const Matrix3 map = std::get<Matrix3>(warp.steps[0].to_input);
  EXPECT_NEAR(map.map({0, 0}).x, 400, 1e-9);
  EXPECT_NEAR(map.map({224, 224}).x, 100, 1e-9);
  EXPECT_NEAR(map.map({224, 224}).y, 350, 1e-9);
}

TEST(RasterPlanner, CanvasesThatCanAnswerStay) {
  Chain pads(20, 20), turn(40, 30);
  pads.crop(5, 5, 10, 10).pad(5, 5, 5, 5);
  turn.horizontal_flip().rotate(30).vertical_flip();
  EXPECT_EQ(warp_of(pads.plan().passes[0]).steps.size(), 2u);
  // The turn reaches outside the flipped canvas, which is the source's turned over: two maps are left of three.
  EXPECT_EQ(warp_of(turn.plan().passes[0]).steps.size(), 2u);
}

TEST(RasterPlanner, PaddingBackToTheFullCanvasIsNoIdentity) {
  Chain chain(20, 20);
  chain.crop(0, 0, 10, 20).pad(0, 0, 10, 0);
  const Raster image = random_image(chain.source(), 3);
  const Raster out = chain.run(image);
  EXPECT_EQ(value_at(out, 9, 4), value_at(image, 9, 4));
  EXPECT_EQ(value_at(out, 10, 4), 0);
}

TEST(RasterPlanner, TheBestFilterOfTheRunIsTaken) {
  Chain chain(64, 64);
  chain.resize(50, 50, Filter::bicubic).rotate(10, Filter::bilinear).horizontal_flip();
  EXPECT_EQ(warp_of(chain.plan().passes[0]).filter, Filter::bicubic);
  Chain area(64, 64);
  area.resize(16, 16, Filter::area).resize(12, 12, Filter::nearest);
  EXPECT_EQ(warp_of(area.plan().passes[0]).filter, Filter::area);
  Chain steps_that_do_nothing(64, 64);
  steps_that_do_nothing.rotate(0, Filter::lanczos).resize(20, 20, Filter::nearest);
  EXPECT_EQ(warp_of(steps_that_do_nothing.plan().passes[0]).filter, Filter::nearest);
}

TEST(RasterPlanner, WholePixelMovesNeedNoFilter) {
  Chain chain(30, 20);
  chain.warp("affine", Matrix3::translation(3, -2), {30, 20}, Filter::bicubic).transpose();
  const RasterPlan plan = chain.plan();
  const WarpStage& warp = warp_of(plan.passes[0]);
  EXPECT_EQ(warp.filter, Filter::nearest);
  EXPECT_EQ(warp.footprint_x, 1);
}

TEST(RasterPlanner, FootprintFollowsTheWholeMapAndTheWishForAntialias) {
  Chain turned(400, 200);
  turned.resize(200, 200).rotate90();
  const RasterPlan plan = turned.plan();
  const WarpStage& warp = warp_of(plan.passes[0]);
  EXPECT_DOUBLE_EQ(warp.footprint_x, 2);  // along the source's axes, whichever way the output lies
  EXPECT_DOUBLE_EQ(warp.footprint_y, 1);
  Chain plain(400, 200);
  plain.resize(100, 50, Filter::bilinear, false).horizontal_flip();
  EXPECT_EQ(warp_of(plain.plan().passes[0]).footprint_x, 1);
  Chain grown(100, 100);
  grown.resize(300, 300).rotate(45);
  EXPECT_EQ(warp_of(grown.plan().passes[0]).footprint_x, 1);
  Chain shrunk_a_little(100, 100);
  shrunk_a_little.resize(85, 75).rotate(90.5);
  const RasterPlan little = shrunk_a_little.plan();
  EXPECT_EQ(warp_of(little.passes[0]).footprint_x, 1);  // 1.18
  EXPECT_NEAR(warp_of(little.passes[0]).footprint_y, 1.33, 0.01);
  Chain waves(90, 90);
  waves.elastic(16, 3, 5);
  EXPECT_EQ(warp_of(waves.plan().passes[0]).footprint_x, 1);
}

TEST(RasterPlanner, PointwiseStepsAreTheTailOfThePassBefore) {
  Chain chain(50, 40);
  chain.horizontal_flip().linear(1.2, 0).add("matrix", ColorMatrix{}).add("hue", ColorFunction{{}, 0.1});
  chain.add("noise", Positional{GaussianNoise{0, 0.1, true, {1, 2}}});
  const RasterPlan plan = chain.plan();
  ASSERT_EQ(plan.passes.size(), 1u);
  EXPECT_EQ(plan.passes[0].run.size(), 4u);
  EXPECT_EQ(plan.passes[0].steps, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(RasterPlanner, GeometryDoesNotMovePastPointwise) {
  Chain chain(50, 40);
  chain.linear(2, 0).horizontal_flip().linear(0.5, 0).horizontal_flip();
  const RasterPlan plan = chain.plan();
  ASSERT_EQ(plan.passes.size(), 3u);
  EXPECT_TRUE(is_copy(plan.passes[0]));
  EXPECT_EQ(plan.passes[1].run.size(), 1u);
  EXPECT_TRUE(plan.passes[2].run.empty());
}

TEST(RasterPlanner, WhatDissolvesCostsNoPass) {
  Chain chain(50, 40);
  chain.horizontal_flip().horizontal_flip().add("blur", Stencil{Separable{{0.25f, 0.5f, 0.25f}, {1}}});
  chain.rotate(0).linear(1.1, 0);
  const RasterPlan plan = chain.plan();
  ASSERT_EQ(plan.passes.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<StencilStage>(plan.passes[0].stage));
  EXPECT_EQ(plan.passes[0].steps, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(RasterPlanner, WholeLevelsAreRoundedToOnlyInsideARun) {
  const Curve posterize{Curve::Form::quantize, 3, 0, nullptr};
  Chain first(8, 8), later(8, 8), warped(8, 8), floats(RasterShape{8, 8, 3, Dtype::f32});
  first.curve(posterize, true);
  later.linear(1.3, 0).curve(posterize, true);
  warped.horizontal_flip().curve(posterize, true);
  floats.linear(1.3, 0).curve(posterize, true);
  EXPECT_FALSE(first.plan().passes[0].run[0].round_first);
  EXPECT_FALSE(later.plan().passes[0].run[0].round_first);
  EXPECT_TRUE(later.plan().passes[0].run[1].round_first);
  EXPECT_TRUE(warped.plan().passes[0].run[0].round_first);
  EXPECT_FALSE(floats.plan().passes[0].run[1].round_first);
}

TEST(RasterPlanner, ReduceStartsAPassAndTheRunGoesOn) {
  Chain chain(50, 40);
  chain.linear(1.5, 0).add("contrast", darken_by_mean()).linear(0.5, 0).add("again", darken_by_mean());
  const RasterPlan plan = chain.plan();
  ASSERT_EQ(plan.passes.size(), 3u);
  EXPECT_FALSE(plan.passes[0].reduce);
  EXPECT_TRUE(plan.passes[1].reduce);
  EXPECT_TRUE(is_copy(plan.passes[1]));
  EXPECT_EQ(plan.passes[1].run.size(), 1u);
  EXPECT_TRUE(plan.passes[2].reduce);
  EXPECT_EQ(plan.passes[2].run.size(), 0u);
}

TEST(RasterPlanner, UnboundedTableMakesFloats) {
  Chain chain(50, 40);
  Table normalize = Table::all({Curve::Form::affine, 4, -2, nullptr});
  normalize.unbounded = true;
  chain.resize(10, 10).add("normalize", normalize);
  const RasterPlan plan = chain.plan();
  EXPECT_EQ(plan.out.dtype, Dtype::f32);
  EXPECT_FALSE(plan.out.bounded);
  EXPECT_EQ(plan.passes[0].out, plan.out);
  EXPECT_EQ(plan.passes[0].in.dtype, Dtype::u8);
}

TEST(RasterPlanner, WithoutFusionEveryNodeIsAPass) {
  Chain chain(50, 40);
  chain.horizontal_flip().horizontal_flip().linear(1.2, 0).linear(0.8, 0).add("mean", darken_by_mean());
  const RasterPlan plan = chain.plan(false);
  ASSERT_EQ(plan.passes.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(plan.passes[i].steps, std::vector<int>{static_cast<int>(i)});
}

TEST(RasterPlanner, TilesFitTheCacheAndHalosCount) {
  Chain small(64, 64), large(4000, 3000), blurred(4000, 3000);
  EXPECT_EQ(small.linear(1, 0).plan().tile_rows, 0);
  const int rows = large.linear(1, 0).plan().tile_rows;
  EXPECT_GT(rows, 8);
  EXPECT_LE(rows * 4000 * 3 * 2, 512 * 1024);
  std::vector<float> taps(31, 1.0f / 31);
  blurred.linear(1, 0).add("blur", Stencil{Separable{taps, taps}}).add("blur", Stencil{Separable{taps, taps}});
  EXPECT_GE(blurred.plan().tile_rows, 60);  // no lower than the two halos of 15 above and below
}

TEST(RasterPlanner, WatcherSeesEveryPassOfThePlanner) {
  Chain chain(50, 40);
  chain.horizontal_flip().crop(5, 5, 20, 20).linear(1.2, 0);
  std::vector<std::pair<std::string, std::size_t>> seen;
  plan_raster(chain.steps(), chain.source(), {},
              [&](std::string_view pass, const RasterPlan& plan) { seen.emplace_back(pass, plan.passes.size()); });
  const std::vector<std::pair<std::string, std::size_t>> expected{
      {"lower", 3}, {"fuse geometry", 2}, {"fuse pointwise", 1}, {"fold into decode", 1}, {"tile", 1}};
  EXPECT_EQ(seen, expected);
}

TEST(RasterPlanner, DescriptionSaysStageRunStepsAndBytes) {
  Chain chain(500, 375);
  chain.horizontal_flip().resize(250, 250).linear(1.2, 0).add("sequence/saturation", ColorMatrix{});
  EXPECT_EQ(describe(chain.plan(), chain.steps()),
            "source  500×375×3 u8\n"
            "pass 1  warp 1 map → bilinear ×2.00,×1.50  250×250×3 u8   run: table, color_matrix"
            "   of: horizontal_flip, resize, curve, saturation   reads 562 kB, writes 188 kB\n"
            "moves   562 kB read, 188 kB written\n");
}

TEST(RasterPlanner, BytesCountTheRegionThatIsRead) {
  Chain chain(500, 375);
  chain.crop(10, 20, 100, 50).linear(1.2, 0).add("mean", darken_by_mean());
  const BytesMoved moved = bytes_moved(chain.plan());
  EXPECT_EQ(moved.read, 100u * 50 * 3 * 3);  // the crop, then twice for the statistics
  EXPECT_EQ(moved.written, 100u * 50 * 3 * 2);
}

std::string refusal(const Chain& chain) {
  try {
    chain.plan();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.step() + "|" + error.message();
  }
  return "accepted";
}

TEST(RasterPlanner, RefusesCanvasesAndMapsThatCannotBe) {
  EXPECT_EQ(refusal(Chain(9, 9).crop(0, 0, 0, 5)), "crop|a canvas must have 1 to 65536 px a side, got 0×5");
  EXPECT_EQ(refusal(Chain(9, 9).resize(5, 70000)), "resize|a canvas must have 1 to 65536 px a side, got 5×70000");
  EXPECT_EQ(refusal(Chain(9, 9).warp("bent", {{NAN, 0, 0, 0, 1, 0, 0, 0, 1}}, {9, 9})),
            "bent|a map must have finite entries");
  EXPECT_EQ(refusal(Chain(9, 9).warp("gone", {{1, 0, 0, 0, 1, 0, 0, 0, 0}}, {9, 9})),
            "gone|a map must not send every point to infinity");
  EXPECT_EQ(refusal(Chain(9, 9, 1).add("hue", ColorFunction{})),
            "hue|a colour function needs 3 colour channels, got 1");
  EXPECT_EQ(refusal(Chain(9, 9, 513)), "|an image must have 1 to 512 channels, got 513");
  EXPECT_EQ(refusal(Chain(9, 9, 12)), "accepted");
}

TEST(RasterPlanner, ToleranceIsZeroWherePixelsOnlyMoveOrAreLookedUp) {
  EXPECT_EQ(tolerance(Chain(9, 9).plan()), 0);
  EXPECT_EQ(tolerance(Chain(9, 9).horizontal_flip().crop(1, 1, 5, 5).plan()), 0);
  EXPECT_EQ(tolerance(Chain(9, 9).curve({Curve::Form::quantize, 3, 0, nullptr}, true).plan()), 0);
  EXPECT_EQ(tolerance(Chain(9, 9).linear(1.5, 0).linear(0.3, 0).plan()), 1);
  EXPECT_EQ(tolerance(Chain(9, 9).rotate(10).plan()), 1);
  EXPECT_EQ(tolerance(Chain(9, 9, 3, Dtype::u16).rotate(10).plan()), 16);
  EXPECT_EQ(tolerance(Chain(9, 9, 3, Dtype::f32).rotate(10).plan()), 1e-4);
}

TEST(RasterPlanner, ToleranceGrowsWithTheSlopesOfLaterPasses) {
  EXPECT_DOUBLE_EQ(tolerance(Chain(9, 9).rotate(10).linear(3, 0).plan()), 1);       // one pass
  EXPECT_DOUBLE_EQ(tolerance(Chain(9, 9).rotate(10).linear(3, 0).plan(false)), 4);  // 1 · 3, and rounded
  EXPECT_DOUBLE_EQ(tolerance(Chain(9, 9).linear(3, 0).rotate(10).plan()), 1);       // a table of bytes is exact
  EXPECT_DOUBLE_EQ(tolerance(Chain(9, 9).rotate(10).horizontal_flip().plan(false)), 1);
}

}  // namespace
}  // namespace leaven::plan

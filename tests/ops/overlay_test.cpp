// overlay_image, overlay_stripes.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

TEST(OverlayImage, LiesWhereItIsPut) {
  keep_test_image("two.png", picture(2, 1, 1, {100, 200}));
  const Raster image = filled_picture({4, 3, 1}, 0);
  const auto laid = [&](double at_x, double at_y) {
    return levels_of(run("overlay_image", {{"path", "two.png"}, {"width", 0.5}, {"at_x", at_x}, {"at_y", at_y}}, image));
  };
  EXPECT_EQ(laid(0, 0), (Levels{100, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(laid(1, 1), (Levels{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200}));
  EXPECT_EQ(laid(0.5, 0.5), (Levels{0, 0, 0, 0, 0, 100, 200, 0, 0, 0, 0, 0}));
}

TEST(OverlayImage, IsMixedByItsAlphaAndTheOpacity) {
  Raster layer({2, 1, 2, Dtype::u8, true});
  set_value(layer, 0, 0, 0, 200 / 255.0), set_value(layer, 0, 0, 1, 51 / 255.0);  // a fifth
  set_value(layer, 1, 0, 0, 200 / 255.0), set_value(layer, 1, 0, 1, 0);
  keep_test_image("fifth.png", std::move(layer));
  const auto laid = [&](double opacity) {
    return levels_of(run("overlay_image", {{"path", "fifth.png"}, {"width", 1}, {"opacity", opacity}},
                         picture(2, 1, 1, {100, 100})));
  };
  EXPECT_EQ(laid(1), (Levels{120, 100}));
  EXPECT_EQ(laid(0.5), (Levels{110, 100}));
}

TEST(OverlayImage, MakesTransparentPicturesMoreOpaque) {
  // Over: alpha = ½ + ½·½ = ¾, colour = (½·1 + ¼·0)/¾ = ⅔.
  Raster layer = filled_picture({1, 1, 1, Dtype::f32}, 1);
  keep_test_image("white.tif", std::move(layer));
  Raster image({1, 1, 2, Dtype::f32, true});
  set_value(image, 0, 0, 0, 0), set_value(image, 0, 0, 1, 0.5);
  const Raster out = run("overlay_image", {{"path", "white.tif"}, {"width", 1}, {"opacity", 0.5}}, image);
  EXPECT_NEAR(value_at(out, 0, 0, 0), 2.0 / 3, 1e-6);
  EXPECT_NEAR(value_at(out, 0, 0, 1), 0.75, 1e-6);
}

TEST(OverlayImage, HidesWhereItIsMostlyOpaque) {
  // One of its four pixels is opaque, one half, one a fifth, one nothing.
  Raster layer({2, 2, 2, Dtype::u8, true});
  const std::array<int, 4> alphas{255, 128, 51, 0};
  for (int i = 0; i < 4; ++i) set_value(layer, i % 2, i / 2, 0, 1), set_value(layer, i % 2, i / 2, 1, alphas.at(static_cast<std::size_t>(i)) / 255.0);
  keep_test_image("quarters.png", std::move(layer));
  const auto hidden = [&](double opacity) {
    const OpValue op = make_op("overlay_image", {{"path", "quarters.png"}, {"width", 1}, {"opacity", opacity}});
    Site site;
    site.image = {2, 2, 3};
    site.files = &test_files();
    const Nodes nodes = op.lower(site);
    return std::get<Opaque>(nodes.at(0)).hides;
  };
  EXPECT_EQ(hidden(1), (std::vector<Region>{{0, 0, 2, 1}}));
  EXPECT_EQ(hidden(0.75), (std::vector<Region>{{0, 0, 1, 1}}));
  EXPECT_EQ(hidden(0.4), std::vector<Region>{});
}

TEST(OverlayImage, ChangesItsChannelsToThoseOfThePicture) {
  keep_test_image("red.png", picture(1, 1, 3, {255, 0, 0}));
  keep_test_image("grey.png", picture(1, 1, 1, {80}));
  EXPECT_EQ(levels_of(run("overlay_image", {{"path", "red.png"}, {"width", 1}}, picture(1, 1, 1, {9}))), (Levels{76}));
  EXPECT_EQ(levels_of(run("overlay_image", {{"path", "grey.png"}, {"width", 1}}, picture(1, 1, 3, {1, 2, 3}))),
            (Levels{80, 80, 80}));
}

TEST(OverlayImage, ShrinksWithoutLettingTransparentColourIn) {
  // Half of the layer is opaque white, half transparent black: shrunk to one pixel it is white at half alpha.
  Raster layer({8, 4, 2, Dtype::u8, true});
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 8; ++x)
      for (int c = 0; c < 2; ++c) set_value(layer, x, y, c, x < 4 ? 1 : 0);
  keep_test_image("half.png", std::move(layer));
  const Raster out = run("overlay_image", {{"path", "half.png"}, {"width", 0.5}}, picture(2, 1, 1, {100, 100}));
  EXPECT_NEAR(level_at(out, 0, 0), 177.5, 1);
}

TEST(OverlayImage, KeepsTheDigestAndRefusesAnotherFile) {
  keep_test_image("one.png", picture(1, 1, 1, {80}));
  const Chain chain = lower_chain({4, 4, 1}, make_op("overlay_image", {{"path", "one.png"}}));
  const Value digest = chain.ops[0].get("digest");
  EXPECT_FALSE(std::get<std::string>(digest).empty());
  EXPECT_NO_THROW(lower_chain({4, 4, 1}, make_op("overlay_image", {{"path", "one.png"}, {"digest", digest}})));
  keep_test_image("one.png", picture(1, 1, 1, {81}));
  EXPECT_THROW(lower_chain({4, 4, 1}, make_op("overlay_image", {{"path", "one.png"}, {"digest", digest}})), Error);
}

TEST(OverlayImage, HidesLabelsWhenItIsOpaqueEnough) {
  keep_test_image("two.png", picture(2, 1, 1, {100, 200}));
  const auto hidden = [](double opacity) {
    const Chain chain = lower_chain(
        {10, 10, 1}, make_op("overlay_image", {{"path", "two.png"}, {"width", 0.4}, {"at_x", 1}, {"opacity", opacity}}));
    return std::get<Opaque>(chain.steps[0].nodes[0]).hides;
  };
  EXPECT_EQ(hidden(0.8), (std::vector<Region>{{6, 4, 4, 2}}));
  EXPECT_TRUE(hidden(0.4).empty());
}

TEST(OverlayStripes, ByHand) {
  // Upright stripes of 2 px with gaps of 3; degrees 90 runs along y, and across is x.
  const Raster out = run("overlay_stripes",
                         {{"width", 0.2}, {"gap", 0.3}, {"degrees", 90}, {"phase", 0}, {"opacity", 1}},
                         filled_picture({10, 10, 1}, 0));
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 10; ++x) EXPECT_EQ(level_at(out, x, y), x % 5 < 2 ? 255 : 0) << x << ", " << y;
}

TEST(OverlayStripes, CoverTheirShareInEveryDirection) {
  for (const double degrees : {0.0, 17.0, -63.0, 90.0}) {
    const Raster out = run("overlay_stripes",
                           {{"width", 0.03}, {"gap", 0.07}, {"degrees", degrees}, {"opacity", 0.5}},
                           filled_picture({300, 300, 1, Dtype::f32}, 0));
    double sum = 0;
    for (int y = 0; y < 300; ++y)
      for (int x = 0; x < 300; ++x) sum += value_at(out, x, y);
    EXPECT_NEAR(sum / 90000, 0.3 * 0.5, 0.005) << degrees;
  }
}

}  // namespace
}  // namespace leaven::ops

// How much of a thing is seen: by hand, and against thousands of points of it that go through the chain one by one.
#include <gtest/gtest.h>

#include <cmath>

#include "plan/raster/map_annotations.hpp"
#include "tests/plan/raster_chain.hpp"

namespace leaven::plan {
namespace {

Outline rectangle(double left, double top, double right, double bottom) { return {{left, top}, {right, top}, {right, bottom}, {left, bottom}}; }

Instance boxed(Box box) {
  Instance instance;
  instance.box = box;
  return instance;
}
Instance outlined(std::vector<Outline> outlines, bool open = false) {
  Instance instance;
  instance.outlines = std::move(outlines);
  instance.open = open;
  return instance;
}
/// The pixels of `shape` whose centres fulfil it.
template <class Inside>
Instance masked(const RasterShape& shape, const Inside& inside) {
  Raster mask({shape.width, shape.height, 1, Dtype::u8});
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) mask.row<std::uint8_t>(y)[x] = inside(Point{x + 0.5, y + 0.5});
  Instance instance;
  instance.mask = RunLengths::of(mask.view());
  return instance;
}

/// The largest min_visibility at which it stays; −1 where it never does.
double visibility(const Chain& chain, const Instance& instance) {
  Annotations annotations;
  annotations.instances.push_back(instance);
  const auto stays = [&](double least) {
    const AnnotationRules rules{.tight = TightBox::corners, .min_visibility = least, .min_area = 0, .min_side = 0};
    return map_annotations(chain.steps(), chain.source(), annotations, {}, rules).annotations.instances.size() == 1;
  };
  if (!stays(0)) return -1;
  double low = 0, high = 1;
  if (stays(1)) return 1;
  for (int i = 0; i < 40; ++i) (stays((low + high) / 2) ? low : high) = (low + high) / 2;
  return low;
}

/// The same by points of a fine grid in the source: seen where they stay on every canvas and out of every hole.
template <class Inside>
double sampled(const Chain& chain, const Inside& inside, double step = 0.125) {
  int all = 0, seen = 0;
  for (double y = step / 2; y < chain.source().height; y += step)
    for (double x = step / 2; x < chain.source().width; x += step) {
      if (!inside(Point{x, y})) continue;
      ++all;
      Point p{x, y};
      RasterShape shape = chain.source();
      bool here = true;
      for (const LoweredStep& lowered : chain.steps()) {
        const Node& node = lowered.nodes[0];
        p = map_points({&lowered, 1}, shape, {p})[0];
        shape = shape_after(node, shape);
        here = here && p.x >= 0 && p.y >= 0 && p.x < shape.width && p.y < shape.height;
        const auto* positional = std::get_if<Positional>(&node);
        for (const Region& r : positional ? std::get<Holes>(positional->what).regions : std::vector<Region>{})
          here = here && !(p.x >= r.x && p.y >= r.y && p.x < r.x + r.width && p.y < r.y + r.height);
      }
      seen += here;
    }
  return static_cast<double>(seen) / all;
}

Chain& hole(Chain& chain, std::vector<Region> regions) { return chain.add("cutout", Positional{Holes{std::move(regions), {}}}); }
std::vector<Region> grid(int cell, int side, int count) {
  std::vector<Region> regions;
  for (int y = 0; y < count; ++y)
    for (int x = 0; x < count; ++x) regions.push_back({x * cell + 3, y * cell + 5, side, side});
  return regions;
}

/// Chains on 64 × 48 that turn, bend, cut and cover.
std::vector<Chain> chains() {
  std::vector<Chain> all;
  const RasterShape shape{64, 48, 1, Dtype::u8};
  all.emplace_back(shape);
  hole(all.back(), grid(9, 4, 8)).affine(20, 1.4).crop(5, 5, 40, 30);
  all.emplace_back(shape);
  hole(all.back().perspective({Point{6, 4}, {60, 0}, {50, 47}, {2, 36}}), {{10, 10, 30, 8}, {20, 4, 9, 40}}).rotate(-35);
  all.emplace_back(shape);
  hole(hole(all.back(), grid(11, 6, 6)).elastic(16, 3, 5).horizontal_flip(), {{0, 0, 30, 12}, {12, 4, 30, 14}}).pad(4, 4, 4, 4);
  all.emplace_back(shape);
  hole(all.back().affine(10, 2).resize(37, 61), {{5, 5, 9, 40}}).perspective({Point{0, 8}, {37, 0}, {37, 61}, {0, 50}}).crop(3, 9, 30, 40);
  return all;
}

TEST(Visibility, BoxesPolygonsAndMasksAgreeWithTheirPoints) {
  const Outline star{{32, 4}, {38, 20}, {56, 20}, {41, 29}, {47, 44}, {32, 35}, {17, 44}, {23, 29}, {8, 20}, {26, 20}};
  const auto in_star = [&](Point p) {
    bool in = false;
    for (std::size_t i = 0, j = star.size() - 1; i < star.size(); j = i++)
      if ((star[i].y > p.y) != (star[j].y > p.y) &&
          p.x < (star[j].x - star[i].x) * (p.y - star[i].y) / (star[j].y - star[i].y) + star[i].x)
        in = !in;
    return in;
  };
  const auto in_box = [](Point p) { return p.x >= 12 && p.x < 51 && p.y >= 7 && p.y < 40; };
  const auto in_pixel = [&](Point p) { return in_star({std::floor(p.x) + 0.5, std::floor(p.y) + 0.5}); };
  for (const Chain& chain : chains()) {
    EXPECT_NEAR(visibility(chain, boxed({12, 7, 51, 40})), sampled(chain, in_box), 4e-3);
    EXPECT_NEAR(visibility(chain, outlined({star})), sampled(chain, in_star), 4e-3);
    EXPECT_NEAR(visibility(chain, masked(chain.source(), in_star)), sampled(chain, in_pixel), 4e-3);
  }
}

TEST(Visibility, IsAShareOfTheOriginalUnderPerspective) {
  // The left half of the source takes more than half of the output: the share is that of the source all the same.
  Chain chain(100, 100);
  chain.perspective({Point{0, 0}, {100, 30}, {100, 70}, {0, 100}});
  const double seen = 1 - 2 * (100.0 * 30 / 2) / (100 * 100);
  EXPECT_NEAR(visibility(chain, boxed({0, 0, 100, 100})), seen, 1e-6);
  Chain cut(100, 100);  // the output's left part shows x < 50, whatever its width
  cut.perspective({Point{0, 0}, {100, 30}, {100, 70}, {0, 100}});
  const double edge = cut.map({{50, 50}})[0].x;
  EXPECT_GT(edge, 20);
  EXPECT_LT(edge, 40);
}

TEST(Visibility, WhatLiesBehindTheHorizonIsNotSeen) {
  // w = 1 − y/50 of the source: rows from 50 on are behind the viewer.
  const Matrix3 forward{{1, 0, 0, 0, 1, 0, 0, -1.0 / 50, 1}};
  Chain chain(100, 100);
  chain.warp("perspective", *forward.inverse(), {4000, 4000});
  // y' = y / (1 − y/50) < 4000 ends at y = 4000/81; x' = x / (1 − y/50) < 4000 is true for all x ≤ 40 there.
  EXPECT_NEAR(visibility(chain, boxed({0, 0, 40, 100})), 4000.0 / 81 / 100, 1e-6);
}

TEST(Visibility, OverlappingPartsAndCoversCountOnce) {
  Chain chain(100, 100);
  hole(chain, {{0, 0, 50, 100}, {0, 0, 50, 100}, {10, 10, 40, 20}});
  EXPECT_NEAR(visibility(chain, outlined({rectangle(20, 20, 60, 60), rectangle(40, 20, 80, 60)})), 0.5, 1e-9);
  const Outline backwards{{40, 60}, {80, 60}, {80, 20}, {40, 20}};
  EXPECT_NEAR(visibility(chain, outlined({rectangle(20, 20, 60, 60), backwards})), 0.5, 1e-9);
  // A ring as one outline over a cut without width: its hole is none of it.
  const Outline ring{{20, 20}, {80, 20}, {80, 80}, {20, 80}, {20, 20}, {40, 40}, {40, 60}, {60, 60}, {60, 40}, {40, 40}};
  Chain middle(100, 100);
  hole(middle, {{40, 40, 20, 20}});
  EXPECT_EQ(visibility(middle, outlined({ring})), 1);
}

TEST(Visibility, LinesGoUnderCovers) {
  Chain chain(100, 100);
  hole(chain.rotate90(), {{0, 0, 100, 30}, {0, 20, 100, 20}});  // rows of the turned picture: x ≥ 60 of the source
  EXPECT_NEAR(visibility(chain, outlined({{{10, 50}, {90, 50}, {90, 55}}}, true)), 50.0 / 85, 1e-9);
}

TEST(Visibility, OfMasksCutByACrop) {
  Chain chain(40, 30);
  chain.crop(10, 0, 30, 30).pad(10, 0, 0, 0);
  const auto in = [](Point p) { return p.x >= 4 && p.x < 20 && p.y >= 3 && p.y < 9; };
  EXPECT_NEAR(visibility(chain, masked(chain.source(), in)), 10.0 / 16, 1e-9);
  Instance with_box = masked(chain.source(), in);
  with_box.box = Box{0, 0, 20, 9};
  EXPECT_NEAR(visibility(chain, with_box), 10.0 / 16, 1e-9) << "the mask says what the thing is, not its box";
}

TEST(Visibility, WhatIsSeenWholeStaysAtOne) {
  Chain chain(90, 70);
  chain.resize(30, 23).rotate90().resize(71, 33).horizontal_flip().transpose();
  EXPECT_EQ(visibility(chain, boxed({0, 0, 90, 70})), 1);
  EXPECT_EQ(visibility(chain, outlined({{{0, 0}, {90, 3}, {81, 70}, {1, 69}}})), 1);
}

TEST(Visibility, KeypointsUnderSeveralCoversAreHiddenByTheirUnion) {
  Instance instance = boxed({0, 0, 40, 40});
  instance.keypoints = {{.at = {10.5, 10.5}}, {.at = {20.5, 10.5}}};
  Chain chain(40, 40);
  hole(chain, {{0, 10, 40, 1}}).resize(120, 120, Filter::bilinear);
  hole(chain, {{60, 28, 2, 40}, {61, 28, 1, 40}});  // a third of the second one's pixel
  Annotations annotations;
  annotations.instances.push_back(instance);
  const auto mapped = map_annotations(chain.steps(), chain.source(), annotations, {}, {.min_visibility = 0});
  ASSERT_EQ(mapped.annotations.instances.size(), 1U);
  EXPECT_EQ(mapped.annotations.instances[0].keypoints[0].visibility, 1);
  Chain bare(40, 40);
  hole(bare, {{10, 10, 1, 1}, {20, 10, 1, 1}}).resize(20, 20);
  const auto quarter = map_annotations(bare.steps(), bare.source(), annotations, {}, {.min_visibility = 0});
  EXPECT_EQ(quarter.annotations.instances.at(0).keypoints[0].visibility, 2) << "a quarter of the last frame's pixel";
}

TEST(Visibility, HoldsForThousandsOfCovers) {
  Chain chain(256, 256);
  hole(chain, std::vector<Region>(60, {16, 16, 64, 64}));  // each over all others
  hole(chain, grid(8, 4, 32)).affine(13, 0.5);
  // Under the first 64 × 64; of the rest 16 px² in 64, but for the cells that the first ones cover.
  const double covered = 64 * 64 + 16 * (32 * 32 - 8 * 8);
  EXPECT_NEAR(visibility(chain, boxed({0, 0, 256, 256})), 1 - covered / (256 * 256), 2e-3);
}

}  // namespace
}  // namespace leaven::plan

// Annotations under geometry: boxes, polygons, keypoints and masks against hand work, sampling and the pixels themselves.
#include "plan/raster/map_annotations.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/plan/raster_chain.hpp"

namespace leaven::plan {
namespace {

constexpr double kPi = 3.14159265358979323846;

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

MappedAnnotations mapped(const Chain& chain, const Annotations& annotations, const AnnotationRules& rules = {},
                         const std::vector<Category>& categories = {}) {
  return map_annotations(chain.steps(), chain.source(), annotations, categories, rules);
}

/// The box that is left, or nothing.
std::optional<Box> box_after(const Chain& chain, Box box, const AnnotationRules& rules = {}) {
  const MappedAnnotations result = mapped(chain, one(boxed(box)), rules);
  return result.annotations.instances.empty() ? std::nullopt : result.annotations.instances[0].box;
}

void expect_box(const std::optional<Box>& box, const Box& wanted, double bound = 1e-9) {
  ASSERT_TRUE(box);
  EXPECT_NEAR(box->left, wanted.left, bound);
  EXPECT_NEAR(box->top, wanted.top, bound);
  EXPECT_NEAR(box->right, wanted.right, bound);
  EXPECT_NEAR(box->bottom, wanted.bottom, bound);
}

TEST(Annotations, FlipsTurnsAndCropsByHand) {
  const Box box{10, 20, 30, 25};
  expect_box(box_after(Chain(100, 60).horizontal_flip(), box), {70, 20, 90, 25});
  expect_box(box_after(Chain(100, 60).transpose(), box), {20, 10, 25, 30});
  expect_box(box_after(Chain(100, 60).crop(5, 5, 50, 50), box), {5, 15, 25, 20});
  expect_box(box_after(Chain(100, 60).resize(50, 120), box), {5, 40, 15, 50});
  expect_box(box_after(Chain(25, 7).horizontal_flip().horizontal_flip(), {1.5, 1, 24.5, 3}), {1.5, 1, 24.5, 3});
}

// What leaves at a crop must come back at a pad, and what was cut away must not.
TEST(Annotations, CropThenPadKeepsWhatIsSeen) {
  const Chain chain = Chain(100, 100).crop(20, 20, 60, 60).pad(20, 20, 20, 20);
  expect_box(box_after(chain, {30, 30, 50, 50}), {30, 30, 50, 50});
  expect_box(box_after(chain, {0, 30, 40, 50}), {20, 30, 40, 50});
  EXPECT_FALSE(box_after(chain, {0, 0, 15, 15})) << "the pad shows border there";
}

TEST(Annotations, VisibilityIsOfTheOriginalOverTheWholeChain) {
  // 40 px wide, of which the first crop leaves 20, the second 10: a quarter.
  const Chain chain = Chain(100, 100).crop(30, 0, 60, 100).pad(10, 10, 10, 10).crop(20, 0, 60, 100);
  const Box box{10, 20, 50, 60};
  AnnotationRules rules;
  rules.min_visibility = 0.25;
  expect_box(box_after(chain, box, rules), {0, 30, 10, 70});
  rules.min_visibility = 0.2501;
  EXPECT_FALSE(box_after(chain, box, rules));
  EXPECT_EQ(mapped(chain, one(boxed(box)), rules).dropped, 1U);
}

TEST(Annotations, AnObjectIsWhatItsSourceShows) {
  AnnotationRules rules;
  rules.min_visibility = 1;
  expect_box(box_after(Chain(50, 50).horizontal_flip(), {-30, 10, 10, 20}, rules), {40, 10, 50, 20});
}

TEST(Annotations, TightBoxesOfATurnedEllipseAgainstSampling) {
  const Chain chain = Chain(400, 400).rotate(33);
  const Box box{140, 170, 260, 230};
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  for (int i = 0; i < 100'000; ++i) {
    const double a = 2 * kPi * i / 100'000;
    const Point p = chain.map({{200 + 60 * std::cos(a), 200 + 30 * std::sin(a)}})[0];
    left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  }
  AnnotationRules rules;
  rules.tight = TightBox::ellipse;
  const auto ellipse = box_after(chain, box, rules);
  expect_box(ellipse, {left, top, right, bottom}, 0.1);  // 64 points of it
  const auto corners = box_after(chain, box);
  EXPECT_LT(corners->left, ellipse->left);
  EXPECT_GT(corners->bottom, ellipse->bottom);
}

TEST(Annotations, CutCornersMakeABoxTighterThanTheClippedOne) {
  // A square turned by 45° is a rhombus; the crop cuts its left corner, and what is left is less high there.
  const Chain chain = Chain(200, 200).rotate(45).crop(100, 0, 100, 200);
  const auto box = box_after(chain, {80, 80, 120, 120});
  expect_box(box, {0, 100 - 20 * std::sqrt(2.0), 20 * std::sqrt(2.0), 100 + 20 * std::sqrt(2.0)}, 1e-6);
  const Chain narrow = Chain(200, 200).rotate(45).crop(120, 0, 80, 200);
  const double left = 20 * std::sqrt(2.0) - 20;  // px that are seen of the right corner
  expect_box(box_after(narrow, {80, 80, 120, 120}, {.min_visibility = 0.01}), {0, 100 - left, left, 100 + left}, 1e-6);
}

TEST(Annotations, PolygonsAreCutAtTheCanvas) {
  Instance instance;
  instance.outlines = {{{10, 10}, {50, 10}, {10, 50}}};
  const MappedAnnotations result = mapped(Chain(100, 100).crop(0, 0, 30, 30), one(instance));
  ASSERT_EQ(result.annotations.instances.size(), 1U);
  const Instance& left = result.annotations.instances[0];
  ASSERT_EQ(left.outlines.size(), 1U);
  EXPECT_NEAR(std::abs(signed_area(left.outlines[0])), 20 * 20, 1e-9);
  EXPECT_FALSE(left.box) << "none was given";
}

TEST(Annotations, HolesCountAndOverlappingOnesOnce) {
  const auto covered = [](std::vector<Region> regions, double min_visibility) {
    Chain chain(100, 100);
    chain.add("cutout", Positional{Holes{std::move(regions), {}}});
    chain.horizontal_flip();
    return !box_after(chain, {10, 10, 30, 30}, {.min_visibility = min_visibility}).has_value();
  };
  EXPECT_FALSE(covered({{10, 10, 20, 10}}, 0.5));
  EXPECT_TRUE(covered({{10, 10, 20, 10}}, 0.51));
  EXPECT_FALSE(covered({{10, 10, 20, 10}, {10, 5, 20, 15}}, 0.5)) << "the same half twice";
  EXPECT_TRUE(covered({{10, 10, 20, 10}, {10, 15, 10, 15}}, 0.26));
  EXPECT_FALSE(covered({{10, 10, 20, 10}, {10, 15, 10, 15}}, 0.25));
}

TEST(Annotations, RotatedBoxesStayRectangles) {
  Instance instance;
  instance.rotated = true;
  instance.outlines = {{{40, 40}, {80, 40}, {80, 60}, {40, 60}}};
  const MappedAnnotations turned = mapped(Chain(200, 200).rotate(30), one(instance));
  const Outline& quad = turned.annotations.instances.at(0).outlines.at(0);
  const std::vector<Point> wanted = Chain(200, 200).rotate(30).map(instance.outlines[0]);
  ASSERT_EQ(quad.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(quad[i].x, wanted[i].x, 1e-9) << i;
    EXPECT_NEAR(quad[i].y, wanted[i].y, 1e-9) << i;
  }
  // Cut at an edge: the smallest rectangle around what is seen, by hand.
  const MappedAnnotations cut = mapped(Chain(200, 200).crop(0, 0, 60, 200), one(instance));
  const Outline& rest = cut.annotations.instances.at(0).outlines.at(0);
  EXPECT_NEAR(std::abs(signed_area(rest)), 20 * 20, 1e-9);
}

TEST(Annotations, KeypointsFollowAndChangeSides) {
  Instance instance = boxed({0, 0, 100, 60});
  instance.keypoints = {{{24.5, 10}, 2, 90.0, 3.0}, {{70, 10}, 1, {}, {}}, {{}, 0, {}, {}}};
  const std::vector<Category> categories{{"cat", {"left_eye", "right_eye", "nose"}, mirrored_by_name({"left_eye", "right_eye", "nose"}), ""}};
  const MappedAnnotations flipped = mapped(Chain(100, 60).horizontal_flip(), one(instance), {}, categories);
  const auto& k = flipped.annotations.instances.at(0).keypoints;
  ASSERT_EQ(k.size(), 3U);
  EXPECT_NEAR(k[1].at.x, 75.5, 1e-12) << "the left eye is now the right one";
  EXPECT_EQ(k[1].visibility, 2);
  EXPECT_NEAR(k[0].at.x, 30, 1e-12);
  EXPECT_EQ(k[0].visibility, 1);
  EXPECT_EQ(k[2].visibility, 0);
  EXPECT_NEAR(*k[1].angle, 90, 1e-9) << "up stays up";
  const MappedAnnotations both = mapped(Chain(100, 60).horizontal_flip().vertical_flip(), one(instance), {}, categories);
  EXPECT_NEAR(both.annotations.instances.at(0).keypoints[0].at.x, 75.5, 1e-12) << "turned by 180°, not mirrored";
  EXPECT_NEAR(*both.annotations.instances.at(0).keypoints[0].angle, -90, 1e-9);
  const MappedAnnotations cropped = mapped(Chain(100, 60).crop(0, 0, 50, 60), one(instance), {}, categories);
  EXPECT_EQ(cropped.annotations.instances.at(0).keypoints[0].visibility, 2);
  EXPECT_EQ(cropped.annotations.instances.at(0).keypoints[1].visibility, 0) << "outside";
}

TEST(Annotations, AngleAndSizeGoThroughTheJacobian) {
  // Two points an instant apart are an arrow; shear and unequal scales turn it.
  const Chain chain = Chain(200, 200).warp("shear", Matrix3::shear(20, 0) * Matrix3::scaling(0.5, 1.4), {260, 260}, Filter::bilinear);
  for (const double angle : {0.0, 30.0, 90.0, 135.0, -70.0}) {
    Instance instance = boxed({0, 0, 200, 200});
    const Point at{90, 80};
    const double a = angle * kPi / 180;
    instance.keypoints = {{at, 2, angle, 10.0}};
    const auto result = mapped(chain, one(instance));
    const Keypoint& k = result.annotations.instances.at(0).keypoints.at(0);
    const auto ends = chain.map({at, {at.x + 1e-5 * std::cos(a), at.y - 1e-5 * std::sin(a)}});
    const double wanted = std::atan2(-(ends[1].y - ends[0].y), ends[1].x - ends[0].x) * 180 / kPi;
    EXPECT_NEAR(*k.angle, wanted, 1e-3);
    EXPECT_NEAR(*k.size, 10 / std::sqrt(0.5 * 1.4), 1e-6);
  }
}

TEST(Annotations, MasksTakeTheNearestPixelAndNoNewValues) {
  Annotations annotations;
  MaskField mask{"mask", Raster({30, 20, 1, Dtype::u16})};
  for (int y = 0; y < 20; ++y)
    for (int x = 0; x < 30; ++x) mask.pixels.row<std::uint16_t>(y)[x] = static_cast<std::uint16_t>(x < 15 ? 7 : 40'000);
  annotations.masks.push_back(std::move(mask));
  const Chain chain = Chain(30, 20).rotate(25).resize(41, 37);
  const auto result = mapped(chain, annotations);
  const Raster& moved = result.annotations.masks.at(0).pixels;
  ASSERT_EQ(moved.shape().width, 41);
  int seen[3]{};
  for (int y = 0; y < 37; ++y)
    for (int x = 0; x < 41; ++x) {
      const int v = moved.row<std::uint16_t>(y)[x];
      ASSERT_TRUE(v == 0 || v == 7 || v == 40'000) << v;
      ++seen[v == 0 ? 0 : v == 7 ? 1 : 2];
    }
  for (const int count : seen) EXPECT_GT(count, 50);
}

TEST(Annotations, ABoxHoldsItsWarpedMask) {
  Instance instance = boxed({8, 6, 22, 15});
  Raster mask({40, 30, 1, Dtype::u8});
  for (int y = 0; y < 30; ++y)
    for (int x = 0; x < 40; ++x) mask.row<std::uint8_t>(y)[x] = x >= 8 && x < 22 && y >= 6 && y < 15;
  instance.mask = RunLengths::of(mask.view());
  for (const double degrees : {5.0, 40.0, 77.0}) {
    const Chain chain = Chain(40, 30).rotate(degrees);
    const auto corners = mapped(chain, one(instance)).annotations.instances.at(0);
    AnnotationRules rules;
    rules.tight = TightBox::outline;
    const auto tight = mapped(chain, one(instance), rules).annotations.instances.at(0);
    EXPECT_LE(corners.box->left, tight.box->left + 0.5);  // pixels count by their centres
    EXPECT_LE(corners.box->top, tight.box->top + 0.5);
    EXPECT_GE(corners.box->right, tight.box->right - 0.5);
    EXPECT_GE(corners.box->bottom, tight.box->bottom - 0.5);
    EXPECT_NEAR(static_cast<double>(tight.mask->area()), 14 * 9, 12);
  }
}

TEST(Annotations, LinesAreCutIntoPieces) {
  Instance instance;
  instance.open = true;
  instance.outlines = {{{10, 10}, {90, 10}, {90, 90}, {10, 90}}};  // leaves a crop on the left and comes back
  const auto result = mapped(Chain(100, 100).crop(0, 0, 50, 100), one(instance));
  const Instance& left = result.annotations.instances.at(0);
  ASSERT_EQ(left.outlines.size(), 2U);
  EXPECT_NEAR(left.outlines[0].back().x, 50, 1e-12);
  EXPECT_NEAR(left.outlines[1].front().x, 50, 1e-12);
}

TEST(Annotations, NothingToMapAndThingsOfNoSize) {
  EXPECT_TRUE(mapped(Chain(10, 10).horizontal_flip(), {}).annotations.empty());
  EXPECT_FALSE(box_after(Chain(10, 10).horizontal_flip(), {3, 3, 3, 8})) << "no width";
  EXPECT_FALSE(box_after(Chain(10, 10).horizontal_flip(), {8, 3, 2, 8})) << "inside out";
}

}  // namespace
}  // namespace leaven::plan

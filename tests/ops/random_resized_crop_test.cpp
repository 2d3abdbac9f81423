// random_resized_crop against torchvision's algorithm, written down here from its documentation.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

struct Sampled {
  double x, y, width, height;
};

// RandomResizedCrop.get_params with a generator of its own.
Sampled torchvision_region(int width, int height, std::mt19937_64& random) {
  const double area = static_cast<double>(width) * height;
  std::uniform_real_distribution<double> share(0.08, 1.0), log_ratio(std::log(3.0 / 4), std::log(4.0 / 3));
  for (int i = 0; i < 10; ++i) {
    const double target = area * share(random), ratio = std::exp(log_ratio(random));
    const double w = std::nearbyint(std::sqrt(target * ratio)), h = std::nearbyint(std::sqrt(target / ratio));
    if (w <= 0 || w > width || h <= 0 || h > height) continue;
    const auto top = std::uniform_int_distribution<int>(0, height - static_cast<int>(h))(random);
    const auto left = std::uniform_int_distribution<int>(0, width - static_cast<int>(w))(random);
    return {static_cast<double>(left), static_cast<double>(top), w, h};
  }
  const double in = static_cast<double>(width) / height;
  double w = width, h = height;
  if (in < 3.0 / 4)
    h = std::nearbyint(w / (3.0 / 4));
  else if (in > 4.0 / 3)
    w = std::nearbyint(h * (4.0 / 3));
  return {std::floor((width - w) / 2), std::floor((height - h) / 2), w, h};
}

Sampled region_of(const Chain& chain) {
  const auto r = std::get<std::vector<double>>(chain.ops[0].get("region"));
  return {r[0], r[1], r[2], r[3]};
}

// Two-sample Kolmogorov-Smirnov statistic.
double distance(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double widest = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= at) ++i;
    while (j < b.size() && b[j] <= at) ++j;
    widest = std::max(widest, std::fabs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                        static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return widest;
}

TEST(RandomResizedCrop, Case29SameLawAsTorchvision) {
  constexpr std::size_t kDraws = 20000;
  const double critical = 1.95 * std::sqrt(2.0 / kDraws);  // exceeded with probability 0.001
  // The last two hold a crop of an allowed ratio only now and then, so the fallback is tried too.
  for (const Size size : {Size{500, 375}, Size{333, 500}, Size{64, 640}, Size{1000, 90}}) {
    std::mt19937_64 random(29);
    std::vector<double> area, ratio, left, top, wanted_area, wanted_ratio, wanted_left, wanted_top;
    for (std::size_t i = 0; i < kDraws; ++i) {
      const Sampled s =
          region_of(lower_chain({size.width, size.height, 1}, make_op("random_resized_crop"), key_number(i)));
      const Sampled w = torchvision_region(size.width, size.height, random);
      ASSERT_TRUE(s.x >= 0 && s.y >= 0 && s.width >= 1 && s.height >= 1 && s.x + s.width <= size.width &&
                  s.y + s.height <= size.height);
      area.push_back(s.width * s.height), ratio.push_back(s.width / s.height), left.push_back(s.x), top.push_back(s.y);
      wanted_area.push_back(w.width * w.height), wanted_ratio.push_back(w.width / w.height), wanted_left.push_back(w.x),
          wanted_top.push_back(w.y);
    }
    const std::string where = std::to_string(size.width) + "×" + std::to_string(size.height);
    EXPECT_LT(distance(area, wanted_area), critical) << where;
    EXPECT_LT(distance(ratio, wanted_ratio), critical) << where;
    EXPECT_LT(distance(left, wanted_left), critical) << where;
    EXPECT_LT(distance(top, wanted_top), critical) << where;
  }
}

TEST(RandomResizedCrop, Case29FallsBackToTheCentreAtTheNearestRatio) {
  // At most 40·30 px of 4000·30 fit the ratio, below the smallest area: every try fails.
  const Sampled wide = region_of(lower_chain({4000, 30, 1}, make_op("random_resized_crop")));
  EXPECT_EQ(wide.width, 40);
  EXPECT_EQ(wide.height, 30);
  EXPECT_EQ(wide.x, 1980);
  EXPECT_EQ(wide.y, 0);
  const Sampled tall = region_of(lower_chain({30, 4000, 1}, make_op("random_resized_crop")));
  EXPECT_EQ(tall.height, 40);
  EXPECT_EQ(tall.y, 1980);
}

TEST(RandomResizedCrop, ShowsExactlyTheRegion) {
  const Raster image = noise_picture({9, 8, 3});
  const OpValue op =
      make_op("random_resized_crop", {{"width", 4}, {"height", 3}, {"region", std::vector<double>{2, 1, 4, 3}}});
  const Raster cut = run("crop", {{"x", 2}, {"y", 1}, {"width", 4}, {"height", 3}}, image);
  EXPECT_TRUE(same_pixels(run(op, image).view(), cut.view()));
  const Chain chain = lower_chain(
      {9, 8, 3},
      make_op("random_resized_crop", {{"width", 40}, {"height", 30}, {"region", std::vector<double>{2, 1, 4, 3}}}));
  const Point p = chain.map({{4, 2.5}})[0];
  EXPECT_NEAR(p.x, 20, 1e-12);
  EXPECT_NEAR(p.y, 15, 1e-12);
}

TEST(RandomResizedCrop, RefusesRangesTheWrongWayRound) {
  const OpValue op = make_op("random_resized_crop", {{"scale", std::vector<double>{0.9, 0.2}}});
  try {
    lower_chain({9, 8, 3}, op);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("[0.9, 0.2]"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace leaven::ops

// random_sized_crop, five_crop.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

std::vector<double> region_of(const Chain& chain) { return std::get<std::vector<double>>(chain.ops[0].get("region")); }

TEST(RandomSizedCrop, EveryHeightIsEquallyLikelyAndFits) {
  // Heights 10 to 14; chi-square, 4 degrees of freedom: above 18.5 with probability 0.001.
  constexpr int kDraws = 5000;
  std::vector<int> counts(5);
  for (int i = 0; i < kDraws; ++i) {
    const Chain chain =
        lower_chain({40, 20, 1},
                    make_op("random_sized_crop",
                            {{"width", 8}, {"height", 4}, {"heights", std::vector<double>{10, 14}}, {"ratio", 2}}),
                    key_number(static_cast<std::uint64_t>(i)));
    const auto r = region_of(chain);
    ASSERT_TRUE(r[3] >= 10 && r[3] <= 14) << r[3];
    ASSERT_EQ(r[2], 2 * r[3]);
    ASSERT_TRUE(r[0] >= 0 && r[1] >= 0 && r[0] + r[2] <= 40 && r[1] + r[3] <= 20);
    ++counts[static_cast<std::size_t>(r[3] - 10)];
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - kDraws / 5.0) * (count - kDraws / 5.0) / (kDraws / 5.0);
  EXPECT_LT(chi_square, 18.5);
}

TEST(RandomSizedCrop, IsClippedToSmallPictures) {
  for (const Size in : {Size{1, 1}, Size{1, 7}, Size{5, 3}}) {
    const Chain chain =
        lower_chain({in.width, in.height, 1}, make_op("random_sized_crop", {{"width", 6}, {"height", 6}}));
    const auto r = region_of(chain);
    const double side = std::min(in.width, in.height);
    EXPECT_EQ(r[2], side);
    EXPECT_EQ(r[3], side);
    EXPECT_EQ(chain.out.size(), (Size{6, 6}));
  }
}

TEST(RandomSizedCrop, RefusesHeightsInTheWrongOrder) {
  try {
    lower_chain({40, 20, 1}, make_op("random_sized_crop", {{"heights", std::vector<double>{9, 4}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "random_sized_crop: heights must be [smallest, largest], got [9, 4]");
  }
}

TEST(FiveCrop, CornersAndCentreByHand) {
  const Raster image = picture(3, 3, 1, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const std::vector<Levels> wanted{{1, 2, 4, 5}, {2, 3, 5, 6}, {4, 5, 7, 8}, {5, 6, 8, 9}, {1, 2, 4, 5}};
  for (int which = 0; which < 5; ++which)
    EXPECT_EQ(levels_of(run("five_crop", {{"width", 2}, {"height", 2}, {"which", which}}, image)),
              wanted[static_cast<std::size_t>(which)])
        << which;
  EXPECT_EQ(levels_of(run("five_crop", {{"width", 1}, {"height", 1}}, image)), (Levels{5}));
}

TEST(FiveCrop, MirroredIsTheCropOfTheFlippedPicture) {
  const Raster image = noise_picture({33, 17, 3});
  const Raster flipped = run("horizontal_flip", {}, image);
  for (int which = 0; which < 5; ++which) {
    const Raster one = run("five_crop", {{"width", 20}, {"height", 30}, {"which", which}, {"mirrored", true}}, image),
                 other = run("five_crop", {{"width", 20}, {"height", 30}, {"which", which}}, flipped);
    EXPECT_TRUE(same_pixels(one.view(), other.view())) << which;
  }
}

}  // namespace
}  // namespace leaven::ops

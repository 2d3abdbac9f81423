// normalize.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

TEST(Normalize, SubtractsAndDividesEachChannel) {
  const Raster out = run("normalize", {}, picture(1, 1, 3, {0, 128, 255}));
  EXPECT_EQ(out.shape().dtype, Dtype::f32);
  EXPECT_FALSE(out.shape().bounded);
  EXPECT_NEAR(value_at(out, 0, 0, 0), (0 - 0.485) / 0.229, 1e-6);
  EXPECT_NEAR(value_at(out, 0, 0, 1), (128 / 255.0 - 0.456) / 0.224, 1e-6);
  EXPECT_NEAR(value_at(out, 0, 0, 2), (1 - 0.406) / 0.225, 1e-6);
}

TEST(Normalize, OneNumberServesAllAndGreyTakesTheMean) {
  const Raster half = run("normalize", {{"mean", std::vector<double>{0.5}}, {"std", std::vector<double>{0.25}}},
                          picture(1, 1, 3, {0, 255, 51}));
  EXPECT_NEAR(value_at(half, 0, 0, 0), -2, 1e-6);
  EXPECT_NEAR(value_at(half, 0, 0, 1), 2, 1e-6);
  EXPECT_NEAR(value_at(half, 0, 0, 2), -1.2, 1e-6);
  EXPECT_NEAR(value_at(run("normalize", {}, picture(1, 1, 1, {255})), 0, 0), (1 - 0.449) / 0.226, 1e-6);
}

TEST(Normalize, WorksOn16BitAndFloat) {
  for (const Dtype dtype : {Dtype::u16, Dtype::f32}) {
    const Raster out = run("normalize", {{"mean", std::vector<double>{0}}, {"std", std::vector<double>{0.01}}},
                           filled_picture({2, 2, 1, dtype}, 0.2));
    EXPECT_NEAR(value_at(out, 1, 1), 20, 1e-4);
  }
}

TEST(Normalize, RefusesAnotherNumberOfEntries) {
  try {
    lower_chain({4, 4, 3}, make_op("normalize", {{"mean", std::vector<double>{0.4, 0.5}}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "normalize: mean and std must have 1 or 3 numbers for an image of 4×4×3 u8, got 2");
  }
}

}  // namespace
}  // namespace leaven::ops

// tone_curve, sigmoid_contrast, log_contrast.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

using Levels = std::vector<int>;

Raster all_levels(Dtype dtype = Dtype::u8) {
  Raster image({256, 1, 1, dtype});
  for (int v = 0; v < 256; ++v) set_value(image, v, 0, 0, v / 255.0);
  return image;
}

template <class Formula>
void expect_formula(const OpValue& op, const Formula& formula) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
    const Raster out = run(op, all_levels(dtype));
    const double bound = dtype == Dtype::u8 ? 0.501 / 255 : 1.0 / 65535;
    for (int v = 0; v < 256; ++v)
      ASSERT_NEAR(value_at(out, v, 0), std::clamp(formula(v / 255.0), 0.0, 1.0), bound) << name_of(dtype) << " " << v;
  }
}

TEST(ToneCurve, IsTheBezierCurveThroughItsHandles) {
  for (const auto& [low, high] : {std::pair{0.0, 1.0}, {0.5, 0.5}, {0.2, 0.9}})
    expect_formula(make_op("tone_curve", {{"low", low}, {"high", high}}), [low = low, high = high](double x) {
      return 3 * (1 - x) * (1 - x) * x * low + 3 * (1 - x) * x * x * high + x * x * x;
    });
  // Smoothstep, 3x² − 2x³, at 0, 1/5, 2/5 and 1: 0, 0.104, 0.352, 1.
  EXPECT_EQ(levels_of(run("tone_curve", {{"low", 0.0}, {"high", 1.0}}, picture(4, 1, 1, {0, 51, 102, 255}))),
            (Levels{0, 27, 90, 255}));
}

TEST(SigmoidContrast, IsScikitImagesAdjustSigmoid) {
  for (const double gain : {1.0, 6.0, 10.0})
    for (const double midpoint : {0.3, 0.5})
      expect_formula(make_op("sigmoid_contrast", {{"gain", gain}, {"midpoint", midpoint}}),
                     [=](double x) { return 1 / (1 + std::exp(gain * (midpoint - x))); });
  // round(255·adjust_sigmoid(v/255, cutoff=0.5, gain=10)) for 0, 64, 128, 192, 255.
  EXPECT_EQ(levels_of(run("sigmoid_contrast", {{"gain", 10.0}}, picture(5, 1, 1, {0, 64, 128, 192, 255}))),
            (Levels{2, 20, 129, 236, 253}));
}

TEST(LogContrast, IsScikitImagesAdjustLog) {
  for (const double gain : {0.5, 1.0, 1.3})
    expect_formula(make_op("log_contrast", {{"gain", gain}}), [=](double x) { return gain * std::log2(1 + x); });
}

}  // namespace
}  // namespace leaven::ops

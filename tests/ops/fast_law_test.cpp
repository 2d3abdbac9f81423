// The fast executor against the reference, and every SIMD target against plain scalar code, for every op by itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/targets.hpp"
#include "tests/ops/op_run.hpp"

namespace leaven::ops {
namespace {

class FastLaw : public testing::TestWithParam<const OpInfo*> {
 protected:
  const OpInfo& info() const { return *GetParam(); }
};

std::vector<const OpInfo*> raster_ops() {
  std::vector<const OpInfo*> ops;
  for (const auto& info : op_table().all())
    if (info->domain == Domain::raster) ops.push_back(info.get());
  return ops;
}

// Mild, other mild and strong settings.
std::vector<OpValue> settings_of(const OpInfo& info) {
  return {drawn_op(info, key_number(1)), drawn_op(info, key_number(2)), strong_op(info, key_number(3))};
}

bool jumps(const Table& table) {
  return std::any_of(table.curves.begin(), table.curves.end(), [](const Curve& curve) {
    return curve.form == Curve::Form::solarize || curve.form == Curve::Form::quantize ||
           curve.form == Curve::Form::levels;
  });
}

// Where a step jumps, a rounding error on the way decides on which side a value or a point lies: there two executors
// may differ by any amount, but only in few pixels. Stored whole levels carry no error, so tables jump on floats alone.
bool may_jump(const plan::RasterPlan& plan) {
  for (const plan::Pass& pass : plan.passes) {
    if (std::holds_alternative<plan::WarpStage>(pass.stage) || std::holds_alternative<plan::MixStage>(pass.stage)) return true;
    if (pass.in.dtype != Dtype::f32) continue;
    if (pass.reduce && pass.reduce->histogram) return true;
    for (const plan::PointStep& step : pass.run)
      if (const auto* table = std::get_if<Table>(&step.what); table && jumps(*table)) return true;
  }
  return false;
}
constexpr double kMostJumps = 0.002;

struct Distance {
  double worst{}, beyond{};  ///< largest difference in levels; how many values lie beyond the bound
};

// Colour under alpha counts as far as it shows, with twice the bound; floats above 1 relative to themselves.
Distance distance(const Raster& a, const Raster& b, double bound) {
  Distance d;
  const RasterShape& shape = a.shape();
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        const double v = level_at(b, x, y, c);
        const bool under_alpha = shape.alpha && c < shape.colour_channels();
        const double shows = under_alpha ? value_at(b, x, y, shape.channels - 1) : 1;
        const double apart = std::fabs(level_at(a, x, y, c) - v) * shows;
        const double allowed =
            bound * (under_alpha ? 2 : 1) * (shape.dtype == Dtype::f32 ? std::max(1.0, std::fabs(v)) : 1);
        d.worst = std::max(d.worst, apart);
        d.beyond += apart > allowed;
      }
  return d;
}

TEST_P(FastLaw, EqualsTheReferenceWithinTheBound) {
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    for (const OpValue& op : settings_of(info())) {
      const Chain chain = lower_chain(shape, op);
      const plan::RasterPlan plan = chain.plan();
      const Raster fast = plan::run_fast(plan, image.view()), reference = plan::run_reference(plan, image.view());
      ASSERT_EQ(fast.shape(), reference.shape());
      const double bound = plan::tolerance(plan);
      const Distance d = distance(fast, reference, bound);
      const double values = static_cast<double>(fast.shape().channels) * fast.shape().width * fast.shape().height;
      EXPECT_LE(d.beyond, may_jump(plan) ? std::floor(kMostJumps * values) : 0)
          << info().name << " on " << describe(shape) << ": " << d.beyond << " of " << values
          << " values differ by more than " << bound << ", the worst by " << d.worst;
    }
  }
}

TEST_P(FastLaw, EverySimdTargetEqualsScalar) {
  const auto targets = kernels::available_targets();
  ASSERT_GE(targets.size(), 2U);
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    for (const OpValue& op : settings_of(info())) {
      const plan::RasterPlan plan = lower_chain(shape, op).plan();
      const auto run_on = [&](const kernels::Target& target) {
        const kernels::ForcedTarget forced(target);
        EXPECT_EQ(kernels::current_target(), target.name);
        return plan::run_fast(plan, image.view());
      };
      const Raster scalar = run_on(targets.back());
      for (const auto& target : targets) {
        const Raster simd = run_on(target);
        if (scalar.shape().dtype != Dtype::f32) {
          EXPECT_TRUE(same_pixels(simd.view(), scalar.view()))
              << info().name << " on " << describe(shape) << ", " << target.name;
        } else {
          const Distance d = distance(simd, scalar, 1e-4);
          EXPECT_EQ(d.beyond, 0) << info().name << " on " << describe(shape) << ", " << target.name << ": " << d.worst;
        }
      }
    }
  }
}

TEST_P(FastLaw, NeutralChangesNothing) {
  if (!has_strength(info())) return;
  for (const RasterShape& shape : law_shapes()) {
    const Raster image = noise_picture(shape);
    const Raster out = plan::run_fast(lower_chain(shape, neutral_op(info(), kKey)).plan(), image.view());
    EXPECT_TRUE(same_pixels(image.view(), out.view())) << info().name << " on " << describe(shape);
  }
}

TEST_P(FastLaw, LeavesTheInputAlone) {
  const RasterShape shape{33, 17, 4, Dtype::u8, true};
  const Raster image = noise_picture(shape), before = image.clone();
  plan::run_fast(lower_chain(shape, strong_op(info(), kKey)).plan(), image.view());
  EXPECT_TRUE(same_pixels(image.view(), before.view())) << info().name;
}

INSTANTIATE_TEST_SUITE_P(EveryOp, FastLaw, testing::ValuesIn(raster_ops()),
                         [](const auto& p) { return std::string(p.param->name); });

}  // namespace
}  // namespace leaven::ops

// Fast and reference executor agree on whole plans: random chains, every kind of image, whole sources and parts of
// them.
#include <gtest/gtest.h>

#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

/// A chain without steps that jump: what makes small errors large must be absent for the declared bound to hold.
void add_random_smooth_point(Chain& chain, Draws& draw) {
  const bool colour = chain.shape().colour_channels() == 3;
  const Key key{draw.seed(), draw.seed()};
  switch (draw.integer(0, colour ? 6 : 4)) {
    case 0: chain.linear(draw.real(-1.5, 1.5), draw.real(-0.3, 0.8)); return;
    case 1: chain.curve({Curve::Form::power, draw.real(0.6, 2.5), 0, nullptr}); return;
    case 2:
      chain.add("noise", Positional{GaussianNoise{draw.real(-0.1, 0.1), draw.real(0, 0.2), draw.coin(), key}});
      return;
    case 3: chain.add("salt", Positional{SaltPepper{draw.real(0, 0.3), draw.real(0, 1), key}}); return;
    case 4: {
      Holes holes{{}, {0.1f, 0.7f, 0.3f, 0.6f}};
      for (int i = draw.integer(1, 3); i > 0; --i)
        holes.regions.push_back({draw.integer(-5, 40), draw.integer(-5, 40), draw.integer(1, 30), draw.integer(1, 30)});
      chain.add("holes", Positional{holes});
      return;
    }
    case 5: {
      ColorMatrix matrix;
      for (float& m : matrix.m) m = static_cast<float>(draw.real(-0.5, 0.7));
      chain.add("matrix", matrix);
      return;
    }
    default: chain.add("hue", ColorFunction{{}, draw.real(-1, 1)});
  }
}

RasterShape random_shape(Draws& draw) {
  RasterShape shape{draw.integer(1, 90), draw.integer(1, 50), draw.integer(1, 4)};
  shape.dtype = static_cast<Dtype>(draw.integer(0, 2));
  shape.alpha = shape.channels % 2 == 0 && draw.coin();
  return shape;
}

/// The plan with every warp looking a little beside its points. Where that changes a pixel much, the pixel stands on a
/// seam (a constant border, a wrap, two pixels of nearest), and rounding alone may put it on either side.
RasterPlan beside(RasterPlan plan, double dx, double dy) {
  for (Pass& pass : plan.passes)
    if (auto* warp = std::get_if<WarpStage>(&pass.stage))
      warp->steps.push_back({Matrix3::translation(dx, dy), pass.out.size(), {BorderKind::edge, {}}});
  plan.read = Region::whole(plan.source.size());
  return plan;
}

struct Disagreement {
  double most{};  ///< outside of what the reference gives on and beside the points, in units of 1.0
  int x{}, y{}, c{};
};

/// With alpha, colour counts as far as it shows.
double shown(const Raster& image, int x, int y, int c) {
  const RasterShape& shape = image.shape();
  const bool colour = shape.alpha && c + 1 < shape.channels;
  return value_at(image, x, y, c) * (colour ? value_at(image, x, y, shape.channels - 1) : 1);
}

Disagreement disagreement(const RasterPlan& plan, const Raster& source, const Raster& fast) {
  constexpr double kBeside = 1e-6;  // px
  std::vector<Raster> wanted;
  wanted.push_back(run_reference(plan, source.view()));
  for (const double d : {-kBeside, kBeside}) {
    wanted.push_back(run_reference(beside(plan, d, 0.7 * d), source.view()));
    wanted.push_back(run_reference(beside(plan, d, -0.7 * d), source.view()));
  }
  Disagreement found;
  for (int y = 0; y < plan.out.height; ++y)
    for (int x = 0; x < plan.out.width; ++x)
      for (int c = 0; c < plan.out.channels; ++c) {
        double lo = 1e9, hi = -1e9;
        for (const Raster& image : wanted) {
          lo = std::min(lo, shown(image, x, y, c));
          hi = std::max(hi, shown(image, x, y, c));
        }
        const double v = shown(fast, x, y, c), off = std::max(lo - v, v - hi);
        if (!(off <= found.most)) found = {off, x, y, c};
      }
  return found;
}

void expect_agreement(const Chain& chain, const RasterPlan& plan, const Raster& source) {
  const Raster fast = run_fast(plan, source.view());
  ASSERT_EQ(fast.shape(), plan.out);
  const Disagreement found = disagreement(plan, source, fast);
  const double bound = tolerance(plan) / full_scale(plan.out.dtype) * (plan.out.alpha ? 2 : 1);
  EXPECT_LE(found.most, bound + 1e-12) << "at " << found.x << ", " << found.y << ", channel " << found.c << " of "
                                       << describe(plan, chain.steps());
}

TEST(RasterAgreement, WarpsAgreeWithTheReference) {
  Draws draw(31);
  for (int round = 0; round < 400 && !testing::Test::HasFailure(); ++round) {
    Chain chain(random_shape(draw));
    for (int steps = draw.integer(1, 4); steps > 0; --steps) add_random_warp(chain, draw);
    expect_agreement(chain, chain.plan(draw.integer(0, 4) > 0), random_image(chain.source(), draw.seed()));
  }
}

TEST(RasterAgreement, RunsAgreeWithTheReference) {
  Draws draw(32);
  for (int round = 0; round < 400 && !testing::Test::HasFailure(); ++round) {
    Chain chain(random_shape(draw));
    if (draw.coin()) add_random_warp(chain, draw);
    for (int steps = draw.integer(1, 4); steps > 0; --steps) add_random_smooth_point(chain, draw);
    expect_agreement(chain, chain.plan(), random_image(chain.source(), draw.seed()));
  }
}

TEST(RasterAgreement, MovesAndWholeLevelsAreExact) {
  Draws draw(33);
  for (int round = 0; round < 600; ++round) {
    Chain chain(random_shape(draw));
    for (int steps = draw.integer(1, 5); steps > 0; --steps) {
      if (draw.integer(0, 3) > 0)
        add_random_move(chain, draw);
      else
        chain.curve({Curve::Form::quantize, static_cast<double>(draw.integer(1, 8)), 0, nullptr}, true);
    }
    const RasterPlan plan = chain.plan();
    if (tolerance(plan) > 0) continue;
    const Raster image = random_image(chain.source(), draw.seed());
    EXPECT_TRUE(same_pixels(run_fast(plan, image.view()).view(), run_reference(plan, image.view()).view()))
        << describe(plan, chain.steps());
  }
}

TEST(RasterAgreement, TheRegionReadIsEnoughAndGivesTheSameBytes) {
  Draws draw(34);
  for (int round = 0; round < 1000; ++round) {
    Chain chain(random_shape(draw));
    for (int steps = draw.integer(1, 4); steps > 0; --steps) add_random_warp(chain, draw);
    const RasterPlan plan = chain.plan();
    const Raster image = random_image(chain.source(), draw.seed()), part = decoded(image, plan.read);
    EXPECT_TRUE(same_pixels(run_fast(plan, part.view()).view(), run_fast(plan, image.view()).view()))
        << describe(plan, chain.steps());
  }
}

TEST(RasterAgreement, TilesDoNotShow) {
  Draws draw(35);
  for (int round = 0; round < 300; ++round) {
    Chain chain(random_shape(draw));
    if (draw.coin()) add_random_warp(chain, draw);
    for (int steps = draw.integer(1, 4); steps > 0; --steps) {
      if (draw.coin()) {
        add_random_smooth_point(chain, draw);
        continue;
      }
      std::vector<float> taps(static_cast<std::size_t>(2 * draw.integer(0, 9) + 1));
      for (float& t : taps) t = 1.0f / static_cast<float>(taps.size());
      Kernel3 sharpen{{0, -0.5f, 0, -0.5f, 3, -0.5f, 0, -0.5f, 0}, draw.coin()};
      chain.add("stencil", draw.coin() ? Stencil{Separable{taps, taps}} : Stencil{sharpen});
    }
    RasterPlan plan = chain.plan();
    const Raster image = random_image(chain.source(), draw.seed());
    plan.tile_rows = 0;
    const Raster whole = run_fast(plan, image.view());
    for (const int rows : {1, 2, 7, 16}) {
      plan.tile_rows = rows;
      EXPECT_TRUE(same_pixels(run_fast(plan, image.view()).view(), whole.view())) << describe(plan, chain.steps());
    }
  }
}

TEST(RasterAgreement, BarriersAgreeWithTheReference) {
  Draws draw(36);
  for (int round = 0; round < 400 && !testing::Test::HasFailure(); ++round) {
    Chain chain(random_shape(draw));
    switch (draw.integer(0, 3)) {
      case 0: {
        std::vector<float> x(static_cast<std::size_t>(2 * draw.integer(0, 12) + 1));
        std::vector<float> y(static_cast<std::size_t>(2 * draw.integer(0, 12) + 1));
        for (std::vector<float>* taps : {&x, &y}) {
          float sum = 0;
          for (float& t : *taps) sum += t = static_cast<float>(draw.real(0.1, 1));
          for (float& t : *taps) t /= sum;
        }
        chain.add("blur", Stencil{Separable{x, y}});
        break;
      }
      case 1:
        chain.add("sharpen", Stencil{Kernel3{{-0.1f, -0.2f, 0.05f, 0, 1.4f, 0, -0.2f, 0, 0.05f}, draw.coin()}});
        break;
      case 2:
        chain.add("stretch",
                  Reduce{true, false, [](const Statistics& s, const RasterShape& shape) {
                           Table table{};
                           for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
                             const auto& bins = s.histogram[c];
                             const double last = static_cast<double>(bins.size() - 1);
                             std::size_t lo = 0;
                             while (bins[lo] == 0) ++lo;
                             table.curves[c] = {Curve::Form::affine, 1, -static_cast<double>(lo) / last, nullptr};
                           }
                           return table;
                         }});
        break;
      default:
        chain.add("mean", Reduce{false, true, [](const Statistics& s, const RasterShape&) {
                                   return Table::all({Curve::Form::affine, 0.5, s.mean_grey / 2, nullptr});
                                 }});
    }
    if (draw.coin()) add_random_smooth_point(chain, draw);
    expect_agreement(chain, chain.plan(), random_image(chain.source(), draw.seed()));
  }
}

}  // namespace
}  // namespace leaven::plan

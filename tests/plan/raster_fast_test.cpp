// The fast executor against the reference, on every SIMD target.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "kernels/targets.hpp"
#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

/// In units of 1.0: a level of the output dtype, or its share that tolerance() names.
double allowed(const RasterPlan& plan) {
  return tolerance(plan) / full_scale(plan.out.dtype) + (plan.out.dtype == Dtype::f32 ? 0 : 1e-9);
}

/// Share of samples that differ by more than `allowed`.
double share_beyond(const Raster& a, const Raster& b, double allowed_difference) {
  const RasterShape& shape = a.shape();
  int beyond = 0;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        const double difference = std::abs(value_at(a, x, y, c) - value_at(b, x, y, c));
        beyond += !(difference <= allowed_difference * std::max(1.0, std::abs(value_at(b, x, y, c))));
      }
  return beyond / (static_cast<double>(shape.width) * shape.height * shape.channels);
}

/// One pass as a plan of its own.
RasterPlan single(const RasterPlan& plan, std::size_t index) {
  RasterPlan one;
  one.passes.push_back(plan.passes[index]);
  one.source = one.passes.front().in;
  one.out = one.passes.front().out;
  one.read = index == 0 ? plan.read : Region::whole(one.source.size());
  return one;
}

/// The strips put together; each must follow the one before.
Raster from_strips(const RasterPlan& plan, const RasterView& source) {
  Raster image(plan.out);
  int rows = 0;
  run_fast(plan, source, [&](const RasterView& strip) {
    EXPECT_EQ(strip.origin_y, rows);
    EXPECT_EQ(strip.shape.width, plan.out.width);
    for (int y = 0; y < strip.shape.height; ++y)
      std::memcpy(image.row<std::byte>(rows + y), strip.row<std::byte>(y), plan.out.row_bytes());
    rows += strip.shape.height;
  });
  EXPECT_EQ(rows, plan.out.height);
  return image;
}

/// Every pass alone is within its bound of the reference, from the same input; all together are the passes one by one,
/// bit for bit, whole and in strips. `share_allowed`: of samples where an edge or a jump may fall to the other side.
void expect_as_reference(const Chain& chain, const Raster& image, bool fuse, double share_allowed) {
  const RasterPlan plan = chain.plan(fuse);
  Raster first;
  for (const kernels::Target& target : kernels::available_targets()) {
    const kernels::ForcedTarget forced(target);
    ASSERT_EQ(kernels::current_target(), target.name);
    SCOPED_TRACE(std::string(target.name) + (fuse ? "\n" : " unfused\n") + describe(plan, chain.steps()));
    Raster stepwise = decoded(image, plan.read);
    for (std::size_t i = 0; i < plan.passes.size(); ++i) {
      const RasterPlan one = single(plan, i);
      const Raster expected = run_reference(one, stepwise.view());
      Raster fast = run_fast(one, stepwise.view());
      ASSERT_EQ(fast.shape(), expected.shape());
      ASSERT_LE(share_beyond(fast, expected, allowed(one)), share_allowed) << "pass " << i + 1;
      stepwise = std::move(fast);
    }
    const Raster whole = run_fast(plan, decoded(image, plan.read).view());
    ASSERT_TRUE(same_pixels(whole.view(), stepwise.view()));
    ASSERT_TRUE(same_pixels(from_strips(plan, decoded(image, plan.read).view()).view(), whole.view()));
    if (first.empty()) first = whole.clone();
    else if (plan.out.dtype != Dtype::f32) ASSERT_TRUE(same_pixels(first.view(), whole.view()));
    else ASSERT_LE(largest_difference(first, whole), 1e-5);
  }
}

RasterShape random_shape(Draws& draw) {
  RasterShape shape{draw.integer(1, 60), draw.integer(1, 50), draw.integer(1, 4), static_cast<Dtype>(draw.integer(0, 2))};
  shape.alpha = shape.channels % 2 == 0 && draw.coin();
  return shape;
}

void add_random_point(Chain& chain, Draws& draw) {
  const bool colour = chain.shape().colour_channels() == 3;
  const Key key{draw.seed(), draw.seed()};
  switch (draw.integer(0, colour ? 9 : 7)) {
    case 0: chain.linear(draw.real(0.5, 1.5), draw.real(-0.2, 0.2)); return;
    case 1: chain.curve({Curve::Form::power, draw.real(0.5, 2), 0, nullptr}); return;
    case 2: chain.add("gaussian_noise", Positional{GaussianNoise{0.01, 0.1, draw.coin(), key}}); return;
    case 3: chain.add("salt_pepper", Positional{SaltPepper{0.1, 0.3, key}}); return;
    case 4:
      chain.add("holes", Positional{Holes{{{-2, 3, 9, 5}, {4, 4, 3, 60}}, {0.3f, 0.7f, 0.1f, 0.9f}}});
      return;
    case 5: chain.add("blur", Stencil{Separable{{0.25f, 0.5f, 0.25f}, {0.1f, 0.2f, 0.4f, 0.2f, 0.1f}}}); return;
    case 6:
      chain.add("sharpen", Stencil{Kernel3{{-0.1f, -0.1f, -0.1f, -0.1f, 1.8f, -0.1f, -0.1f, -0.1f, -0.1f}, draw.coin()}});
      return;
    case 7: chain.linear(1, 0); return;
    case 8:
      chain.add("matrix", ColorMatrix{{0.8f, 0.1f, 0.1f, 0.02f, 0.2f, 0.7f, 0.1f, -0.05f, 0, 0.3f, 0.6f, 0.1f}});
      return;
    default: chain.add("hue", ColorFunction{ColorFunction::Form::hue_shift, draw.real(-1, 1)}); return;
  }
}

TEST(RasterFast, MovesAreExact) {
  Draws draw(11);
  for (int trial = 0; trial < 150; ++trial) {
    SCOPED_TRACE(trial);
    Chain chain(random_shape(draw));
    const Raster image = random_image(chain.source(), draw.seed());
    for (int i = draw.integer(1, 4); i > 0; --i) add_random_move(chain, draw);
    ASSERT_EQ(tolerance(chain.plan()), 0);
    expect_as_reference(chain, image, true, 0);
    expect_as_reference(chain, image, false, 0);
  }
}

TEST(RasterFast, PointwiseChainsAgree) {
  Draws draw(12);
  for (int trial = 0; trial < 150; ++trial) {
    SCOPED_TRACE(trial);
    Chain chain(random_shape(draw));
    const Raster image = random_image(chain.source(), draw.seed());
    for (int i = draw.integer(1, 5); i > 0; --i) add_random_point(chain, draw);
    // Sharpening may leave next to no alpha, and colour is divided by it.
    expect_as_reference(chain, image, draw.coin(), chain.shape().alpha ? 0.002 : 0);
  }
}

TEST(RasterFast, WarpsAgree) {
  Draws draw(13);
  for (int trial = 0; trial < 250; ++trial) {
    SCOPED_TRACE(trial);
    Chain chain(random_shape(draw));
    const Raster image = random_image(chain.source(), draw.seed());
    for (int i = draw.integer(1, 4); i > 0; --i) add_random_warp(chain, draw);
    const auto pixels = static_cast<double>(chain.shape().width) * chain.shape().height;
    // A point within rounding of a canvas edge, or of the edge of a box filter, may fall to the other side.
    expect_as_reference(chain, image, draw.coin(), 0.004 + 1.5 / pixels);
  }
}

/// A chain with something of everything.
Chain mixed_chain(const RasterShape& shape) {
  Chain chain(shape);
  chain.affine(7, 1.1, Filter::bilinear, {BorderKind::reflect, {}});
  chain.add("blur", Stencil{Separable{{0.25f, 0.5f, 0.25f}, {0.1f, 0.2f, 0.4f, 0.2f, 0.1f}}}).linear(1.1, -0.05);
  chain.add("sharpen", Stencil{Kernel3{{0, -0.2f, 0, -0.2f, 1.8f, -0.2f, 0, -0.2f, 0}, true}});
  chain.add("gaussian_noise", Positional{GaussianNoise{0, 0.05, true, {1, 2}}});
  chain.add("blur", Stencil{Separable{{0.25f, 0.5f, 0.25f}, {0.25f, 0.5f, 0.25f}}});
  return chain;
}

TEST(RasterFast, TilesChangeNothing) {
  for (const RasterShape& shape : {RasterShape{300, 170, 3}, RasterShape{1, 90, 1, Dtype::u16}, RasterShape{700, 3, 4}}) {
    const Chain chain = mixed_chain(shape);
    const Raster image = random_image(shape, 5);
    RasterPlan plan = chain.plan();
    plan.tile_rows = 0;
    const Raster whole = run_fast(plan, image.view());
    for (const int rows : {1, 2, 7, 64, 1000}) {
      plan.tile_rows = rows;
      EXPECT_TRUE(same_pixels(whole.view(), run_fast(plan, image.view()).view())) << rows;
    }
  }
}

TEST(RasterFast, ViewsMayHaveAnyStrideAndOrigin) {
  Chain chain(90, 70, 3);
  chain.affine(20, 1.3).crop(30, 20, 40, 30);
  const Raster image = random_image(chain.source(), 6);
  const RasterPlan plan = chain.plan();
  const Raster expected = run_fast(plan, image.view());
  const Raster part = decoded(image, plan.read);
  // The region inside a larger frame whose other bytes must not matter.
  const RasterShape& shape = part.shape();
  for (const int frame : {0, 255}) {
    std::vector<std::byte> memory((shape.row_bytes() + 37) * static_cast<std::size_t>(shape.height) + 5, std::byte(frame));
    RasterView view{memory.data() + 5, static_cast<std::ptrdiff_t>(shape.row_bytes() + 37), shape, part.origin_x, part.origin_y};
    for (int y = 0; y < shape.height; ++y)
      std::memcpy(memory.data() + 5 + view.stride * y, part.row<std::byte>(y), shape.row_bytes());
    // Exactly as much memory as the view needs: reading behind it would be seen by sanitizers.
    memory.resize(5 + static_cast<std::size_t>(view.stride) * static_cast<std::size_t>(shape.height - 1) + shape.row_bytes());
    memory.shrink_to_fit();
    view.data = memory.data() + 5;
    EXPECT_TRUE(same_pixels(expected.view(), run_fast(plan, view).view()));
  }
}

TEST(RasterFast, PlanarOutputIsTheSamePixelsInPlanes) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32})
    for (int channels = 1; channels <= 4; ++channels)
      for (const bool normalized : {false, true}) {
        Chain chain(RasterShape{37, 29, channels, dtype});
        chain.horizontal_flip();
        if (normalized) {
          Table table = Table::all({Curve::Form::affine, 4.4, -2.1, nullptr});
          table.unbounded = true;
          chain.add("normalize", table);
        }
        const Raster image = random_image(chain.source(), 7);
        const RasterPlan plan = chain.plan();
        const Raster rows = run_fast(plan, image.view());
        const std::size_t bytes = plan.out.bytes(), guard = 64;
        std::vector<std::byte> planes(bytes + 2 * guard, std::byte{0x5A});
        run_fast(plan, image.view(), {planes.data() + guard, Layout::chw});
        const std::size_t size = bytes_of(plan.out.dtype);
        for (int y = 0; y < 29; ++y)
          for (int x = 0; x < 37; ++x)
            for (int c = 0; c < channels; ++c) {
              const std::byte* planar = planes.data() + guard + static_cast<std::size_t>((c * 29 + y) * 37 + x) * size;
              ASSERT_EQ(std::memcmp(planar, rows.row<std::byte>(y) + static_cast<std::size_t>(x * channels + c) * size, size), 0);
            }
        for (std::size_t i = 0; i < guard; ++i) {
          ASSERT_EQ(planes[i], std::byte{0x5A});
          ASSERT_EQ(planes[guard + bytes + i], std::byte{0x5A});
        }
      }
}

TEST(RasterFast, StatisticsAreTheReferences) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32})
    for (const int channels : {1, 2, 3, 4}) {
      RasterShape shape{131, 47, channels, dtype};
      shape.alpha = channels % 2 == 0;
      Statistics seen[2];
      const Raster image = random_image(shape, 8);
      for (const kernels::Target& target : kernels::available_targets()) {
        const kernels::ForcedTarget forced(target);
        int call = 0;
        Chain chain(shape);
        chain.add("statistics", Reduce{true, true, [&](const Statistics& s, const RasterShape&) {
                    seen[call++] = s;
                    return Table::all({Curve::Form::affine, 1, 0, nullptr});
                  }});
        const RasterPlan plan = chain.plan();
        run_fast(plan, image.view());
        run_reference(plan, image.view());
        ASSERT_EQ(call, 2);
        EXPECT_NEAR(seen[0].mean_grey, seen[1].mean_grey, 1e-12);
        for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
          EXPECT_EQ(seen[0].histogram[c], seen[1].histogram[c]) << c;
      }
    }
}

TEST(RasterFast, OpaqueFunctionsMayRunPlansThemselves) {
  Chain inner(50, 40, 3);
  inner.affine(30, 1.2);
  const RasterPlan inner_plan = inner.plan();
  Chain chain(50, 40, 3);
  chain.horizontal_flip();
  chain.add("opaque", Opaque{[&](const RasterView& view) { return run_fast(inner_plan, view); }, false});
  chain.add("blur", Stencil{Separable{{0.25f, 0.5f, 0.25f}, {0.25f, 0.5f, 0.25f}}}).vertical_flip().linear(0.9, 0);
  const Raster image = random_image(chain.source(), 9);
  const RasterPlan plan = chain.plan();
  EXPECT_LE(largest_difference(run_fast(plan, image.view()), run_reference(plan, image.view())), 1.01 / 255);
}

TEST(RasterFast, NoiseIsTheSameInWholeAndInTiles) {
  Chain chain(600, 40, 3);
  chain.add("blur", Stencil{Separable{{1}, {1}}});
  chain.add("gaussian_noise", Positional{GaussianNoise{0.02, 0.1, true, {3, 4}}});
  chain.add("salt_pepper", Positional{SaltPepper{0.05, 0.5, {5, 6}}});
  expect_as_reference(chain, random_image(chain.source(), 10), true, 0);
}

}  // namespace
}  // namespace leaven::plan

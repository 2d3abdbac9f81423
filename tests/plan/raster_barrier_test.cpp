// Stages that need the stored pixels before them: stencils, reductions, opaque functions.
#include <gtest/gtest.h>

#include "tests/plan/raster_draws.hpp"

namespace leaven::plan {
namespace {

Stencil separable(std::vector<float> x, std::vector<float> y) { return {Separable{std::move(x), std::move(y)}}; }

TEST(RasterStencil, TapsWeighNeighboursAndBordersReflect) {
  const RasterShape shape{4, 1, 1, Dtype::f32};
  const Raster image = image_of(shape, [](int x, int, int) { return 0.1 * (1 << x); });  // 0.1 0.2 0.4 0.8
  const Raster out = Chain(shape).add("blur", separable({0.5f, 0.25f, 0.25f}, {1})).run(image);
  EXPECT_NEAR(value_at(out, 0, 0), 0.5 * 0.2 + 0.25 * 0.1 + 0.25 * 0.2, 1e-6);
  EXPECT_NEAR(value_at(out, 1, 0), 0.5 * 0.1 + 0.25 * 0.2 + 0.25 * 0.4, 1e-6);
  EXPECT_NEAR(value_at(out, 3, 0), 0.5 * 0.4 + 0.25 * 0.8 + 0.25 * 0.4, 1e-6);
}

TEST(RasterStencil, ReachesFartherThanTheImage) {
  const RasterShape shape{2, 3, 1, Dtype::f32};
  const Raster image = image_of(shape, [](int x, int y, int) { return 0.2 * x + 0.3 * y; });
  std::vector<float> seven(7, 0);
  seven[0] = 1;  // the pixel three to the left: x − 3 folds onto 1 − x of two, y − 3 onto 1 of three
  const Raster across = Chain(shape).add("shift", separable(seven, {1})).run(image);
  const Raster down = Chain(shape).add("shift", separable({1}, seven)).run(image);
  EXPECT_EQ(value_at(across, 0, 1), value_at(image, 1, 1));
  EXPECT_EQ(value_at(across, 1, 1), value_at(image, 0, 1));
  EXPECT_EQ(value_at(down, 1, 0), value_at(image, 1, 1));  // −3 → 3 → 1
  EXPECT_EQ(value_at(down, 1, 1), value_at(image, 1, 2));  // −2 → 2
}

TEST(RasterStencil, BothAxesTogetherAreTheOuterProduct) {
  const RasterShape shape{9, 9, 3};
  const Raster dot = image_of(shape, [](int x, int y, int) { return x == 4 && y == 4; });
  const Raster out = Chain(shape).add("blur", separable({0.2f, 0.6f, 0.2f}, {0.1f, 0.8f, 0.1f})).run(dot);
  EXPECT_EQ(value_at(out, 4, 4, 1), std::nearbyint(255 * 0.48) / 255);
  EXPECT_EQ(value_at(out, 3, 4, 1), std::nearbyint(255 * 0.16) / 255);
  EXPECT_EQ(value_at(out, 3, 3, 1), std::nearbyint(255 * 0.02) / 255);
  EXPECT_EQ(value_at(out, 2, 4, 1), 0);
}

TEST(RasterStencil, KernelMayKeepTheOutermostRing) {
  Kernel3 sharpen;
  sharpen.taps = {0, -1, 0, -1, 5, -1, 0, -1, 0};
  for (const bool keep : {true, false}) {
    sharpen.keep_edge = keep;
    const RasterShape shape{5, 4, 1, Dtype::f32};
    const Raster image = image_of(shape, [](int x, int y, int) { return 0.3 + 0.02 * x * x + 0.01 * y; });
    const Raster out = Chain(shape).add("sharpen", Stencil{sharpen}).run(image);
    EXPECT_NEAR(value_at(out, 2, 1), value_at(image, 2, 1) - 0.04, 1e-6);  // minus the second difference
    // At the corner both neighbours are reflected: 5c − 2 right − 2 below.
    const double corner = 5 * 0.3 - 2 * 0.32 - 2 * 0.31;
    EXPECT_NEAR(value_at(out, 0, 0), keep ? 0.3 : corner, 1e-6);
  }
}

TEST(RasterStencil, ColourUnderClearPixelsDoesNotBleed) {
  const RasterShape shape{12, 5, 4, Dtype::u8, true};
  const Raster image = image_of(shape, [](int x, int, int c) { return x < 6 ? c == 0 || c == 3 : c == 1; });
  const Raster out = Chain(shape).add("blur", separable({0.25f, 0.5f, 0.25f}, {0.25f, 0.5f, 0.25f})).run(image);
  EXPECT_EQ(value_at(out, 6, 2, 0), 1);
  EXPECT_EQ(value_at(out, 6, 2, 1), 0);
  EXPECT_EQ(value_at(out, 6, 2, 3), std::nearbyint(255 * 0.25) / 255);
  EXPECT_EQ(value_at(out, 9, 2, 1), 0);
}

TEST(RasterReduce, SeesTheStoredPixelsOfTheWholeImage) {
  const RasterShape shape{7, 5, 3};
  const Raster image = random_image(shape, 2);
  Statistics seen;
  Chain chain(shape);
  chain.linear(0.1, 0);  // few levels are left
  chain.add("reduce", Reduce{true, true, [&seen](const Statistics& s, const RasterShape&) {
                               seen = s;
                               return Table::all({});
                             }});
  const Raster out = chain.run(image);
  double grey = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<std::uint64_t> counted(256);
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 7; ++x) {
        ++counted[static_cast<std::size_t>(std::lround(255 * value_at(out, x, y, static_cast<int>(c))))];
        grey += std::array{0.299, 0.587, 0.114}[c] * value_at(out, x, y, static_cast<int>(c)) / 35;
      }
    EXPECT_EQ(seen.histogram[c], counted);
  }
  EXPECT_NEAR(seen.mean_grey, grey, 1e-12);
}

TEST(RasterReduce, CountsDeepAndFloatImagesIn65536Bins) {
  for (const Dtype dtype : {Dtype::u16, Dtype::f32}) {
    const RasterShape shape{3, 1, 1, dtype};
    const Raster image = image_of(shape, [](int x, int, int) { return x / 2.0; });
    Statistics seen;
    Chain(shape)
        .add("reduce", Reduce{true, true,
                              [&seen](const Statistics& s, const RasterShape&) {
                                seen = s;
                                return Table::all({});
                              }})
        .run(image);
    ASSERT_EQ(seen.histogram[0].size(), 65536u);
    EXPECT_EQ(seen.histogram[0][0] + seen.histogram[0][32768] + seen.histogram[0][65535], 3u);
    EXPECT_NEAR(seen.mean_grey, 0.5, 1e-5);
  }
}

TEST(RasterReduce, ItsTableComesFirstAndTheRunFollows) {
  const RasterShape shape{4, 4, 1};
  const Raster image = image_of(shape, [](int x, int, int) { return x < 2 ? 51 / 255.0 : 153 / 255.0; });  // mean 0.4
  Chain chain(shape);
  chain.add("reduce", Reduce{false, true, [](const Statistics& s, const RasterShape&) {
                               return Table::all({Curve::Form::affine, 1, -s.mean_grey, nullptr});
                             }});
  chain.linear(1, 0.2);
  const Raster out = chain.run(image);
  EXPECT_EQ(bytes_of_row(out), (std::vector{51, 51, 102, 102}));  // 0.2 − 0.4 is clamped before 0.2 is added
}

TEST(RasterOpaque, GetsStoredPixelsAndIsABarrier) {
  const RasterShape shape{6, 6, 3};
  const Raster image = random_image(shape, 3);
  std::vector<int> seen;
  const Opaque negative{[&seen](const RasterView& view) {
                          Raster out(view.shape);
                          for (int y = 0; y < view.shape.height; ++y)
                            for (int i = 0; i < view.shape.width * 3; ++i) {
                              const auto v = view.row<std::uint8_t>(y)[i];
                              if (y == 0) seen.push_back(v);
                              out.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(255 - v);
                            }
                          return out;
                        },
                        true};
  const Raster before = Chain(shape).horizontal_flip().linear(0.6, 0).run(image);
  const Raster out = Chain(shape).horizontal_flip().linear(0.6, 0).add("negative", negative).linear(0.5, 0).run(image);
  EXPECT_EQ(seen, bytes_of_row(before));
  EXPECT_EQ(value_at(out, 2, 3, 1), std::nearbyint((255 - 255 * value_at(before, 2, 3, 1)) / 2) / 255);
}

}  // namespace
}  // namespace leaven::plan

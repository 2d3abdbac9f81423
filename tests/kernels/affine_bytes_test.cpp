#include "kernels/affine_bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/bilinear.hpp"
#include "kernels/coordinates.hpp"
#include "kernels/pixels.hpp"
#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

struct Picture {
  RasterShape shape{};
  std::vector<std::vector<std::byte>> memory{};
  std::vector<const std::byte*> pointers{};

  Picture(int width, int height, int channels, TestNumbers& numbers) : shape{width, height, channels, Dtype::u8, false} {
    for (int y = 0; y < height; ++y) {
      auto& row = memory.emplace_back(shape.row_bytes() + kRowSlack);
      for (std::byte& sample : row) sample = static_cast<std::byte>(numbers.next());  // the slack must not matter
    }
    for (const auto& row : memory) pointers.push_back(row.data());
  }
  PixelRows rows() const { return {pointers.data(), 0, 0, shape.width, shape.height, shape.channels, Dtype::u8, false}; }
};

/// One row, as stages make it one after another: positions, samples or the fill, rounding.
std::vector<std::byte> row_by_stages(const Picture& picture, const AffineWalk& walk, int width, int y) {
  const auto channels = static_cast<std::size_t>(picture.shape.channels);
  std::vector<std::byte> row(static_cast<std::size_t>(width) * channels);
  alignas(64) static double px[kPoints + 8], py[kPoints + 8];
  static SegmentBuffer segment;
  for (int x = 0; x < width; x += kPoints) {
    const int count = std::min(kPoints, width - x);
    const Points points{px, py};
    project_row(walk.map, x, y, count, points);
    const Planes planes = segment.planes();
    std::vector<bool> outside(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < outside.size(); ++i)
      outside[i] = walk.canvas && !(px[i] >= 0 && py[i] >= 0 && px[i] < walk.canvas->width && py[i] < walk.canvas->height);
    sample_bilinear(picture.rows(), points, count, planes);
    for (std::size_t i = 0; i < outside.size(); ++i)
      for (std::size_t c = 0; outside[i] && c < channels; ++c) planes.channel[c][i] = walk.fill[c];
    store_pixels(planes, Dtype::u8, picture.shape.channels, count, row.data() + static_cast<std::size_t>(x) * channels);
  }
  return row;
}

AffineWalk random_walk(const Picture& picture, TestNumbers& numbers) {
  const auto about = [&](double middle, double reach) { return middle + reach * (2 * numbers.unit() - 1); };
  AffineWalk walk;
  walk.map.m = {about(1, 0.7), about(0, 0.7), about(0, picture.shape.width / 3.0), about(0, 0.7), about(1, 0.7), about(0, picture.shape.height / 3.0), 0, 0, 1};
  if (numbers.unit() < 0.7) walk.canvas = picture.shape.size();
  for (float& fill : walk.fill) fill = static_cast<float>(numbers.unit());
  return walk;
}

void expect_as_by_stages(const Picture& picture, const AffineWalk& walk, Size out) {
  ASSERT_TRUE(fits_quads(picture.rows()));
  std::vector<std::uint32_t> memory(quad_words(picture.rows()) + 32);
  std::uint32_t* aligned = memory.data();
  while (reinterpret_cast<std::uintptr_t>(aligned) % 64 != 0) ++aligned;
  const Quads quads = quads_of(picture.rows(), aligned);
  const std::size_t row_bytes = static_cast<std::size_t>(out.width * picture.shape.channels), stride = row_bytes + 3;
  Guarded<std::byte> made(stride * static_cast<std::size_t>(out.height - 1) + row_bytes);
  affine_bytes(quads, walk, out.width, 0, 1, made.raw(), stride);
  affine_bytes(quads, walk, out.width, 1, out.height, made.raw() + stride, stride);
  ASSERT_TRUE(made.intact());
  for (int y = 0; y < out.height; ++y) {
    const std::byte* row = made.raw() + static_cast<std::size_t>(y) * stride;
    ASSERT_EQ(std::vector(row, row + row_bytes), row_by_stages(picture, walk, out.width, y)) << "row " << y;
  }
}

TEST(AffineBytes, AreWhatTheStagesGiveOneAfterAnother) {
  on_every_target([] {
    TestNumbers numbers(5);
    for (const Size size : {Size{2, 2}, Size{3, 7}, Size{16, 16}, Size{17, 5}, Size{28, 28}, Size{40, 33}})
      for (const int channels : {1, 2, 3, 4}) {
        const Picture picture(size.width, size.height, channels, numbers);
        for (const Size out : {size, Size{1, 3}, Size{15, 4}, Size{70, 9}}) {
          SCOPED_TRACE(testing::Message() << size.width << "×" << size.height << "×" << channels << " → " << out.width << "×" << out.height);
          expect_as_by_stages(picture, random_walk(picture, numbers), out);
        }
      }
  });
}

TEST(AffineBytes, EdgesOfTheCanvasBelongToItOnTheLeftAndNotOnTheRight) {
  on_every_target([] {
    TestNumbers numbers(6);
    const Picture picture(20, 20, 1, numbers);
    for (const double shift : {-0.5, 0.5, -20.5, 19.5, 1e9, -1e9}) {
      AffineWalk walk{.canvas = picture.shape.size(), .fill = {1, 1, 1, 1}};
      walk.map.m[2] = shift;  // centres land on whole numbers
      expect_as_by_stages(picture, walk, {20, 20});
    }
  });
}

TEST(AffineBytes, NeedTwoPixelsASideBytesAndNoAlpha) {
  TestNumbers numbers(7);
  EXPECT_FALSE(fits_quads(Picture(1, 5, 1, numbers).rows()));
  EXPECT_FALSE(fits_quads(Picture(5, 1, 1, numbers).rows()));
  const Picture picture(5, 5, 2, numbers);
  PixelRows rows = picture.rows();
  EXPECT_TRUE(fits_quads(rows));
  rows.alpha = true;
  EXPECT_FALSE(fits_quads(rows));
  rows.alpha = false, rows.dtype = Dtype::u16;
  EXPECT_FALSE(fits_quads(rows));
}

}  // namespace
}  // namespace leaven::kernels

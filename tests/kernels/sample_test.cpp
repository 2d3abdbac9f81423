#include "kernels/sample.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/bilinear.hpp"
#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

double slow_kernel(Filter filter, double t) {
  const double d = std::abs(t), pi = 3.14159265358979323846;
  const auto sinc = [&](double v) { return v == 0 ? 1 : std::sin(pi * v) / (pi * v); };
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return t > -0.5 && t <= 0.5 ? 1 : 0;
    case Filter::bilinear: return std::max(0.0, 1 - d);
    case Filter::bicubic:
      return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
    case Filter::lanczos: return d < 3 ? sinc(t) * sinc(t / 3) : 0;
  }
  return 0;
}

/// An image whose rows have slack that must not matter.
struct Source {
  RasterShape shape;
  int padded;  ///< pixels that rows hold, zeros behind the image's own
  std::vector<std::vector<std::byte>> memory{};
  std::vector<const std::byte*> pointers{};

  template <class T>
  static Source random(const RasterShape& shape, int columns) {
    Source source{shape, std::max(shape.width, columns)};
    TestNumbers numbers(static_cast<std::uint32_t>(shape.width * 7 + shape.height));
    const std::size_t bytes = static_cast<std::size_t>(source.padded) * shape.pixel_bytes();
    for (int y = 0; y < shape.height; ++y) {
      auto& row = source.memory.emplace_back(bytes + kRowSlack, std::byte{0xFF});  // as floats: NaN
      std::fill(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(bytes), std::byte{0});
      for (int i = 0; i < shape.width * shape.channels; ++i)
        reinterpret_cast<T*>(row.data())[i] = static_cast<T>(numbers.unit() * full_scale(shape.dtype));
    }
    for (const auto& row : source.memory) source.pointers.push_back(row.data());
    return source;
  }
  PixelRows rows() const {
    return {pointers.data(), 0, 0, shape.width, shape.height, shape.channels, shape.dtype, shape.alpha};
  }
  double at(int x, int y, int c) const {
    const std::byte* row = pointers[static_cast<std::size_t>(y)];
    const int i = x * shape.channels + c;
    if (shape.dtype == Dtype::u8) return std::to_integer<int>(row[i]) / 255.0;
    if (shape.dtype == Dtype::u16) return reinterpret_cast<const std::uint16_t*>(row)[i] / 65535.0;
    return static_cast<double>(reinterpret_cast<const float*>(row)[i]);
  }
};

Source any_source(const RasterShape& shape, int columns) {
  if (shape.dtype == Dtype::u8) return Source::random<std::uint8_t>(shape, columns);
  if (shape.dtype == Dtype::u16) return Source::random<std::uint16_t>(shape, columns);
  return Source::random<float>(shape, columns);
}

std::array<double, 4> sampled_slowly(const Source& source, const SampleFilter& filter, double px, double py) {
  const RasterShape& shape = source.shape;
  std::array<double, 4> sum{};
  double weight = 0;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const double w = slow_kernel(filter.filter, (x + 0.5 - px) / filter.footprint_x) *
                       slow_kernel(filter.filter, (y + 0.5 - py) / filter.footprint_y);
      const double alpha = shape.alpha ? source.at(x, y, shape.channels - 1) : 1;
      for (int c = 0; c < shape.channels; ++c)
        sum[static_cast<std::size_t>(c)] += w * (shape.alpha && c == shape.channels - 1 ? alpha : alpha * source.at(x, y, c));
      weight += w;
    }
  for (double& v : sum) v /= weight;
  if (shape.alpha)
    for (int c = 0; c + 1 < shape.channels; ++c) {
      const double alpha = sum[static_cast<std::size_t>(shape.channels - 1)];
      sum[static_cast<std::size_t>(c)] = alpha > 0 ? sum[static_cast<std::size_t>(c)] / alpha : 0;
    }
  return sum;
}

struct Scattered {
  alignas(64) double x[kPoints + 8]{}, y[kPoints + 8]{};
  explicit Scattered(const RasterShape& shape) {
    TestNumbers numbers;
    for (int i = 0; i < kPoints; ++i) {
      x[i] = numbers.unit() * shape.width;
      y[i] = numbers.unit() * shape.height;
    }
    x[0] = y[0] = 0;  // corners, centres
    x[1] = shape.width * (1 - 1e-15);
    y[1] = shape.height * (1 - 1e-15);
    x[2] = 0.5;
    y[2] = shape.height - 0.5;
  }
  Points points() { return {x, y}; }
};

const RasterShape kShapes[] = {{1, 1}, {1, 9}, {12, 1}, {3, 5}, {17, 33}};

std::vector<RasterShape> all_shapes() {
  std::vector<RasterShape> all;
  for (RasterShape shape : kShapes)
    for (shape.channels = 1; shape.channels <= 4; ++shape.channels)
      for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32})
        for (const bool alpha : {false, true}) {
          if (alpha && shape.channels % 2 == 1) continue;
          shape.dtype = dtype;
          shape.alpha = alpha;
          all.push_back(shape);
        }
  return all;
}

TEST(Sample, EveryFilterEqualsTheDefinition) {
  const SampleFilter filters[] = {{Filter::bilinear, 1, 1}, {Filter::bilinear, 1.5, 2.2}, {Filter::bicubic, 1, 1},
                                  {Filter::bicubic, 2.6, 1}, {Filter::lanczos, 1, 1}, {Filter::lanczos, 1.3, 3.7},
                                  {Filter::area, 1, 1}, {Filter::area, 3.3, 2.1}};
  for (const RasterShape& shape : all_shapes())
    for (const SampleFilter& filter : filters) {
      const Source source = any_source(shape, filter.columns());
      std::vector<std::array<float, kPoints>> by_target;
      on_every_target([&] {
        Scattered at(shape);
        std::vector<float> scratch(filter.scratch() + 64);
        float* aligned = scratch.data() + (64 - reinterpret_cast<std::uintptr_t>(scratch.data()) % 64) % 64 / sizeof(float);
        SegmentBuffer out{};
        sample_points(source.rows(), filter, at.points(), kPoints, aligned, out.planes());
        for (int i = 0; i < kPoints; ++i) {
          const auto expected = sampled_slowly(source, filter, at.x[i], at.y[i]);
          for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c) {
            // Lanczos may leave little alpha to divide by.
            const double alpha = shape.alpha ? std::abs(expected[static_cast<std::size_t>(shape.channels - 1)]) : 1;
            ASSERT_NEAR(out.values[c][static_cast<std::size_t>(i)], expected[c], 3e-5 / std::max(alpha, 1e-3))
                << kFilterNames[static_cast<std::size_t>(filter.filter)] << " on " << describe(shape) << " at " << at.x[i]
                << ", " << at.y[i];
          }
        }
        std::array<float, kPoints> first{};
        std::copy_n(out.values[0].begin(), kPoints, first.begin());
        by_target.push_back(first);
      });
      for (const auto& values : by_target) ASSERT_EQ(values, by_target.front());
    }
}

TEST(Sample, TwoByTwoIsTheSameFaster) {
  const SampleFilter filter{Filter::bilinear, 1, 1};
  for (const RasterShape& shape : all_shapes()) {
    const Source source = any_source(shape, 1);
    if (!fits_bilinear(source.rows())) {
      EXPECT_TRUE(shape.width < 2 || shape.height < 2);
      continue;
    }
    std::vector<std::array<float, kPoints>> by_target;
    on_every_target([&] {
      for (const int count : {1, 5, kPoints}) {
        Scattered at(shape);
        SegmentBuffer out{};
        sample_bilinear(source.rows(), at.points(), count, out.planes());
        for (int i = 0; i < count; ++i) {
          const auto expected = sampled_slowly(source, filter, at.x[i], at.y[i]);
          const double alpha = shape.alpha ? expected[static_cast<std::size_t>(shape.channels - 1)] : 1;
          for (std::size_t c = 0; c < static_cast<std::size_t>(shape.channels); ++c)
            ASSERT_NEAR(out.values[c][static_cast<std::size_t>(i)], expected[c], 1e-4 / std::max(alpha, 1e-3))
                << describe(shape);
        }
        if (count < kPoints) continue;
        std::array<float, kPoints> last{};
        std::copy_n(out.values[static_cast<std::size_t>(shape.channels - 1)].begin(), kPoints, last.begin());
        by_target.push_back(last);
      }
    });
    for (const auto& values : by_target) ASSERT_EQ(values, by_target.front());
  }
}

TEST(Sample, AMixtureOfWholeLevelsStaysInRange) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16}) {
    RasterShape shape{17, 33, 3};
    shape.dtype = dtype;
    Source source = any_source(shape, 1);
    TestNumbers numbers;
    for (auto& row : source.memory)  // the lowest and the highest level, side by side
      for (std::size_t at = 0; at < row.size() - kRowSlack; at += bytes_of(dtype))
        std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(at), bytes_of(dtype), std::byte(numbers.unit() < 0.5 ? 0 : 255));
    ASSERT_TRUE(bilinear_stays_in_range(source.rows()));
    on_every_target([&] {
      bool lowest = false, highest = false;
      for (int round = 0; round < 200; ++round) {
        Scattered at(shape);
        for (int i = 3; i < kPoints; ++i) {
          at.x[i] = numbers.unit() * shape.width;
          at.y[i] = i % 2 == 0 ? numbers.unit() * shape.height : std::floor(at.y[i]) + 0.5 - 1.0 / 65536;  // the largest share
        }
        SegmentBuffer out{};
        sample_bilinear(source.rows(), at.points(), kPoints, out.planes());
        for (std::size_t c = 0; c < 3; ++c)
          for (std::size_t i = 0; i < kPoints; ++i) {
            ASSERT_TRUE(out.values[c][i] >= 0 && out.values[c][i] <= 1) << out.values[c][i];
            lowest = lowest || out.values[c][i] == 0;
            highest = highest || out.values[c][i] == 1;
          }
      }
      EXPECT_TRUE(lowest && highest);
    });
  }
  EXPECT_FALSE(bilinear_stays_in_range(any_source({3, 5, 3, Dtype::f32}, 1).rows()));
}

TEST(Sample, PickedPixelsHoldTheirPoints) {
  for (const RasterShape& shape : all_shapes()) {
    const Source source = any_source(shape, 1);
    on_every_target([&] {
      Scattered at(shape);
      at.x[3] = -2;  // beyond by rounding or more: the nearest pixel
      at.y[3] = shape.height + 5.0;
      std::vector<std::byte> out(kPoints * shape.pixel_bytes() + 1, std::byte{7});
      pick_points(source.rows(), at.points(), kPoints, out.data());
      for (int i = 0; i < kPoints; ++i) {
        const int x = std::clamp(static_cast<int>(std::floor(at.x[i])), 0, shape.width - 1);
        const int y = std::clamp(static_cast<int>(std::floor(at.y[i])), 0, shape.height - 1);
        const std::byte* pixel = source.pointers[static_cast<std::size_t>(y)] + static_cast<std::size_t>(x) * shape.pixel_bytes();
        ASSERT_TRUE(std::equal(pixel, pixel + shape.pixel_bytes(), out.data() + static_cast<std::size_t>(i) * shape.pixel_bytes()));
      }
      EXPECT_EQ(out.back(), std::byte{7});
    });
  }
}

TEST(Sample, APartOfAnImageIsReadAtItsPlace) {
  const RasterShape shape{17, 33, 3};
  const SampleFilter filter{Filter::bicubic, 1, 1};
  const Source whole = any_source(shape, 4);
  // Columns 5…12 and rows 9…20 alone, for points whose taps lie in there.
  std::vector<const std::byte*> pointers;
  for (int y = 9; y < 21; ++y) pointers.push_back(whole.pointers[static_cast<std::size_t>(y)] + 5 * shape.pixel_bytes());
  const PixelRows part{pointers.data(), 5, 9, 13, 21, 3, Dtype::u8, false};
  on_every_target([&] {
    Scattered at({4, 7});
    for (int i = 0; i < kPoints; ++i) {
      at.x[i] += 7;
      at.y[i] += 11.5;
    }
    std::vector<float> scratch(filter.scratch() + 64);
    float* aligned = scratch.data() + (64 - reinterpret_cast<std::uintptr_t>(scratch.data()) % 64) % 64 / sizeof(float);
    SegmentBuffer a{}, b{};
    sample_points(whole.rows(), filter, at.points(), kPoints, aligned, a.planes());
    sample_points(part, filter, at.points(), kPoints, aligned, b.planes());
    for (int i = 0; i < kPoints; ++i) ASSERT_NEAR(a.values[1][static_cast<std::size_t>(i)], b.values[1][static_cast<std::size_t>(i)], 1e-6);
    Scattered near({5, 8});
    for (int i = 0; i < kPoints; ++i) {
      near.x[i] += 6;
      near.y[i] += 11;
    }
    sample_bilinear(whole.rows(), near.points(), kPoints, a.planes());
    sample_bilinear(part, near.points(), kPoints, b.planes());
    for (int i = 0; i < kPoints; ++i) ASSERT_EQ(a.values[2][static_cast<std::size_t>(i)], b.values[2][static_cast<std::size_t>(i)]);
  });
}

}  // namespace
}  // namespace leaven::kernels

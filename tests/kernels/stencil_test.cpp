#include <cmath>
#include <vector>

#include "kernels/fixed_blur.hpp"
#include "kernels/resize.hpp"
#include "kernels/stencil.hpp"
#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

constexpr std::size_t kSpare = 64;

std::vector<float> floats(std::size_t count, std::uint32_t seed) {
  TestNumbers numbers(seed);
  std::vector<float> values(count + kSpare);
  for (float& v : values) v = static_cast<float>(numbers.unit());
  return values;
}

TEST(Stencil, ConvolvingRows) {
  on_every_target([] {
    for (const int height : {1, 3})
      for (const int width : {1, 3, 7})
        for (const int step : {1, 3, 4})
          for (const std::size_t count : {1, 15, 16, 100}) {
            const auto weights = floats(static_cast<std::size_t>(height * width), 7);
            std::vector<std::vector<float>> rows;
            std::vector<const float*> pointers;
            for (int j = 0; j < height; ++j)
              rows.push_back(floats(count + static_cast<std::size_t>(width * step), static_cast<std::uint32_t>(j + 1)));
            for (const auto& row : rows) pointers.push_back(row.data());
            std::vector<float> out(count + kSpare);
            convolve_rows(pointers.data(), height, width, weights.data(), step, count, out.data());
            for (std::size_t i = 0; i < count; ++i) {
              double sum = 0;
              for (int j = 0; j < height; ++j)
                for (int k = 0; k < width; ++k)
                  sum += static_cast<double>(weights[static_cast<std::size_t>(j * width + k)]) *
                         static_cast<double>(rows[static_cast<std::size_t>(j)][i + static_cast<std::size_t>(k * step)]);
              ASSERT_NEAR(out[i], sum, 1e-5);
            }
          }
  });
}

TEST(Stencil, PremultiplyingInterleavedPixels) {
  std::vector<float> pixels = {0.5f, 0.25f, 1.0f, 0.5f, 0.5f, 0.25f, 1.0f, 0.0f};
  premultiply_interleaved(pixels.data(), 4, 2);
  EXPECT_EQ(pixels, (std::vector<float>{0.25f, 0.125f, 0.5f, 0.5f, 0.0f, 0.0f, 0.0f, 0.0f}));
}

TEST(FixedBlur, TakesWhatItCanBound) {
  EXPECT_TRUE(HalfTaps::of(std::vector<float>{0.25f, 0.5f, 0.25f}));
  EXPECT_FALSE(HalfTaps::of(std::vector<float>{1.0f}));                        // 1 is no 16-bit weight
  EXPECT_FALSE(HalfTaps::of(std::vector<float>{0.2f, 0.5f, 0.3f}));            // uneven
  EXPECT_FALSE(HalfTaps::of(std::vector<float>{-0.1f, 1.2f, -0.1f}));          // negative
  EXPECT_FALSE(HalfTaps::of(std::vector<float>{0.25f, 0.25f, 0.25f}));         // sum
  EXPECT_FALSE(HalfTaps::of(std::vector<float>(27, 1.0f / 27)));               // long
}

TEST(FixedBlur, StaysWithinATenthOfALevel) {
  on_every_target([] {
    for (const int radius : {1, 5, 12}) {
      std::vector<float> taps;
      double total = 0;
      for (int k = -radius; k <= radius; ++k) total += std::exp(-2.0 * k * k / (radius * radius));
      for (int k = -radius; k <= radius; ++k) taps.push_back(static_cast<float>(std::exp(-2.0 * k * k / (radius * radius)) / total));
      const auto half = HalfTaps::of(taps);
      ASSERT_TRUE(half);
      constexpr std::size_t kCount = 131;
      const auto size = static_cast<std::size_t>(2 * radius + 1);
      TestNumbers numbers;
      std::vector<std::vector<std::uint8_t>> bytes(size, std::vector<std::uint8_t>(kCount + 128));
      std::vector<std::vector<std::uint16_t>> rows(size, std::vector<std::uint16_t>(kCount + 128));
      std::vector<const std::uint16_t*> pointers;
      for (std::size_t j = 0; j < size; ++j) {
        for (auto& b : bytes[j]) b = static_cast<std::uint8_t>(numbers.next() % 3 == 0 ? 255 : numbers.next());
        widen_bytes(bytes[j].data(), kCount, rows[j].data());
        pointers.push_back(rows[j].data());
      }
      std::vector<std::uint16_t> out(kCount + 128);
      blur_across(pointers.data(), *half, kCount, out.data());
      for (std::size_t i = 0; i < kCount; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < size; ++j) sum += static_cast<double>(taps[j]) * bytes[j][i];
        ASSERT_NEAR(out[i] / 128.0, sum, 0.1);
      }
      const int step = 3;
      std::vector<std::uint8_t> line(kCount + size * step + 128);
      for (auto& b : line) b = static_cast<std::uint8_t>(numbers.next());
      std::vector<std::uint16_t> wide(line.size() + 128);
      widen_bytes(line.data(), line.size() - 64, wide.data());
      blur_along(wide.data(), *half, step, kCount, out.data());
      for (std::size_t i = 0; i < kCount; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < size; ++k) sum += static_cast<double>(taps[k]) * line[i + k * step];
        ASSERT_NEAR(out[i] / 128.0, sum, 0.1);
      }
    }
  });
}

TEST(FixedBlur, RoundsToWholeLevelsAndNoFurther) {
  on_every_target([] {
    std::vector<std::uint16_t> in(77);
    std::vector<std::uint8_t> out(78, 0xEE);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint16_t>(i * 424 + 3);
    round_to_bytes(in.data(), in.size(), out.data());
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], (in[i] + 64) / 128);
    EXPECT_EQ(out[77], 0xEE);
  });
}

TEST(Resize, RowsAreFilteredWithTheirOwnWeights) {
  on_every_target([] {
    for (int channels = 1; channels <= 4; ++channels)
      for (const int taps : {4, 12}) {
        AxisTaps axis;
        axis.taps = taps;
        constexpr int kOut = 37, kIn = 60;
        TestNumbers numbers;
        for (int x = 0; x < kOut; ++x) {
          axis.first.push_back(static_cast<int>(numbers.next() % static_cast<std::uint32_t>(kIn - taps + 1)));
          for (int t = 0; t < taps; ++t) axis.weights.push_back(static_cast<float>(numbers.unit() - 0.3));
        }
        const auto samples = static_cast<std::size_t>(kIn * channels);
        std::vector<std::uint8_t> bytes(samples + 64);
        std::vector<std::uint16_t> words(samples + 32);
        std::vector<float> reals(samples + 16);
        for (std::size_t i = 0; i < samples; ++i) {
          bytes[i] = static_cast<std::uint8_t>(numbers.next());
          words[i] = static_cast<std::uint16_t>(bytes[i]);
          reals[i] = static_cast<float>(bytes[i]);
        }
        for (std::size_t i = samples; i < reals.size(); ++i) reals[i] = std::nanf("");  // slack has no say
        const std::byte* sources[] = {reinterpret_cast<const std::byte*>(bytes.data()),
                                      reinterpret_cast<const std::byte*>(words.data()),
                                      reinterpret_cast<const std::byte*>(reals.data())};
        for (int d = 0; d < 3; ++d) {
          std::vector<float> out(static_cast<std::size_t>(kOut * channels) + 8, 99.0f);
          filter_row(sources[d], static_cast<Dtype>(d), channels, axis, 2, kOut, out.data());
          EXPECT_EQ(out[0], 99.0f);
          for (int x = 2; x < kOut; ++x)
            for (int c = 0; c < channels; ++c) {
              double sum = 0;
              for (int t = 0; t < taps; ++t)
                sum += static_cast<double>(axis.weights[static_cast<std::size_t>(x * taps + t)]) *
                       bytes[static_cast<std::size_t>((axis.first[static_cast<std::size_t>(x)] + t) * channels + c)];
              ASSERT_NEAR(out[static_cast<std::size_t>(x * channels + c)], sum, 2e-4);
            }
        }
      }
  });
}

TEST(Resize, RowsAreCombined) {
  on_every_target([] {
    for (const int taps : {1, 2, 9}) {
      constexpr std::size_t kCount = 53;
      std::vector<std::vector<std::uint16_t>> words(static_cast<std::size_t>(taps), std::vector<std::uint16_t>(kCount + 32));
      std::vector<std::vector<float>> reals(static_cast<std::size_t>(taps), std::vector<float>(kCount + 16));
      std::vector<const std::byte*> stored;
      std::vector<const float*> rows;
      TestNumbers numbers;
      for (std::size_t t = 0; t < words.size(); ++t) {
        for (std::size_t i = 0; i < kCount; ++i) reals[t][i] = words[t][i] = static_cast<std::uint16_t>(numbers.next() >> 20);
        stored.push_back(reinterpret_cast<const std::byte*>(words[t].data()));
        rows.push_back(reals[t].data());
      }
      const auto weights = floats(static_cast<std::size_t>(taps), 3);
      std::vector<float> a(kCount + 16), b(kCount + 16);
      combine_rows(rows.data(), weights.data(), taps, kCount, a.data());
      combine_stored_rows(stored.data(), Dtype::u16, weights.data(), taps, kCount, b.data());
      for (std::size_t i = 0; i < kCount; ++i) {
        double sum = 0;
        for (std::size_t t = 0; t < words.size(); ++t) sum += static_cast<double>(weights[t]) * words[t][i];
        ASSERT_NEAR(a[i], sum, 1e-6 * sum + 1e-3);
        ASSERT_EQ(a[i], b[i]);
      }
    }
  });
}

}  // namespace
}  // namespace leaven::kernels

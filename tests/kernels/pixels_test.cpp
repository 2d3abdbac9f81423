#include "kernels/pixels.hpp"

#include <cmath>
#include <cstring>
#include <vector>

#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

constexpr int kCounts[] = {1, 3, 17, 63, 64, 65, 129, 256};
template <class T>
T sample(TestNumbers& numbers) {
  if constexpr (sizeof(T) == 4) return static_cast<T>(numbers.unit() * 4 - 1);
  else return static_cast<T>(numbers.next());
}

template <class T>
void check_round_trip(Dtype dtype) {
  const double scale = full_scale(dtype);
  for (int channels = 1; channels <= 4; ++channels)
    for (const int count : kCounts) {
      TestNumbers numbers(static_cast<std::uint32_t>(count + channels));
      const auto samples = static_cast<std::size_t>(count * channels);
      Guarded<T> in(samples), out(samples);
      for (std::size_t i = 0; i < samples; ++i) in.data()[i] = sample<T>(numbers);
      SegmentBuffer buffer{};
      load_pixels(in.raw(), dtype, channels, count, buffer.planes());
      for (int i = 0; i < count; ++i)
        for (int c = 0; c < channels; ++c)
          ASSERT_FLOAT_EQ(buffer.values[static_cast<std::size_t>(c)][static_cast<std::size_t>(i)],
                          static_cast<float>(static_cast<double>(in.data()[i * channels + c]) / scale));
      store_pixels(buffer.planes(), dtype, channels, count, out.raw());
      ASSERT_EQ(std::memcmp(in.raw(), out.raw(), samples * sizeof(T)), 0) << channels << " × " << count;
      ASSERT_TRUE(out.intact());

      std::array<std::byte*, 4> runs{};
      std::vector<Guarded<T>> planes(static_cast<std::size_t>(channels), Guarded<T>(static_cast<std::size_t>(count)));
      for (std::size_t c = 0; c < planes.size(); ++c) runs[c] = planes[c].raw();
      store_planar(buffer.planes(), dtype, channels, count, runs);
      for (std::size_t c = 0; c < planes.size(); ++c) {
        ASSERT_TRUE(planes[c].intact());
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
          ASSERT_EQ(planes[c].data()[i], in.data()[i * planes.size() + c]);
      }
    }
}

TEST(Pixels, LoadingAndStoringIsExactForEveryDtypeChannelsAndLength) {
  on_every_target([] {
    check_round_trip<std::uint8_t>(Dtype::u8);
    check_round_trip<std::uint16_t>(Dtype::u16);
    check_round_trip<float>(Dtype::f32);
  });
}

TEST(Pixels, StoringRoundsHalfToEvenAndSaturates) {
  on_every_target([] {
    SegmentBuffer buffer{};
    std::array<std::uint8_t, 64> out{};
    // 0.5/255 and 2.5/255 lie just above or below the half in float; the expectation uses the float's own value.
    const std::vector<float> values = {-1.0f, 0.0f, 0.5f / 255, 1.5f / 255, 2.5f / 255, 0.25f, 0.5f, 0.75f, 1.0f, 7.0f};
    std::copy(values.begin(), values.end(), buffer.values[0].begin());
    store_pixels(buffer.planes(), Dtype::u8, 1, static_cast<int>(values.size()),
                 reinterpret_cast<std::byte*>(out.data()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float clamped = std::min(std::max(values[i], 0.0f), 1.0f);
      EXPECT_EQ(out[i], static_cast<int>(std::nearbyint(clamped * 255.0f))) << values[i];
    }
    EXPECT_EQ(out[6], 128);  // 127.5 exactly
  });
}

TEST(Pixels, EveryHalfLevelOf16BitRoundsToEven) {
  on_every_target([] {
    SegmentBuffer buffer{};
    std::array<std::uint16_t, 256> out{};
    for (int first = 0; first < 65536; first += 256) {
      for (std::size_t i = 0; i < 256; ++i)
        buffer.values[0][i] = (static_cast<float>(first) + static_cast<float>(i)) / 65535.0f;
      store_pixels(buffer.planes(), Dtype::u16, 1, 256, reinterpret_cast<std::byte*>(out.data()));
      for (std::size_t i = 0; i < 256; ++i) ASSERT_EQ(out[i], first + static_cast<int>(i));
    }
  });
}

TEST(Pixels, SampleRunsMayBeOfAnyLength) {
  on_every_target([] {
    for (const std::size_t count : {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{1000}}) {
      TestNumbers numbers;
      Guarded<std::uint16_t> in(count);
      Guarded<float> out(count);
      for (std::size_t i = 0; i < count; ++i) in.data()[i] = static_cast<std::uint16_t>(numbers.next());
      load_samples(in.raw(), Dtype::u16, count, out.data());
      for (std::size_t i = 0; i < count; ++i) ASSERT_FLOAT_EQ(out.data()[i], static_cast<float>(in.data()[i] / 65535.0));
      ASSERT_TRUE(out.intact());
    }
  });
}

TEST(Pixels, PremultiplyingAndBack) {
  on_every_target([] {
    SegmentBuffer buffer{};
    const std::array<float, 3> alpha = {0.0f, 0.25f, 1.0f};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t c = 0; c < 3; ++c) buffer.values[c][i] = 0.5f;
      buffer.values[3][i] = alpha[i];
    }
    premultiply(buffer.planes(), 4, 3);
    EXPECT_EQ(buffer.values[1][0], 0.0f);
    EXPECT_EQ(buffer.values[1][1], 0.125f);
    EXPECT_EQ(buffer.values[1][2], 0.5f);
    unpremultiply(buffer.planes(), 4, 3);
    EXPECT_EQ(buffer.values[2][0], 0.0f);  // transparent has no colour
    EXPECT_EQ(buffer.values[2][1], 0.5f);
    EXPECT_EQ(buffer.values[3][1], 0.25f);
  });
}

}  // namespace
}  // namespace leaven::kernels

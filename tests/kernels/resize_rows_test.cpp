// Sums of rows that end in bytes, and rows that are stretched.
#include <vector>

#include "kernels/pixels.hpp"
#include "kernels/pointwise.hpp"
#include "kernels/resize.hpp"
#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

constexpr std::size_t kSlack = 64;

TEST(CombineByteRows, EqualsSumClampAndStoreBitForBit) {
  on_every_target([] {
    for (const std::size_t count : {1, 15, 16, 63, 64, 200})
      for (const float bias : {0.0f, 0.3f, -0.2f}) {
        TestNumbers numbers(7);
        constexpr int kTaps = 5;
        // Weights over 1 and below 0: sums leave [0, 1] on both sides.
        const std::vector<float> weights{0.9f / 255, -0.7f / 255, 0.8f / 255, 0.31f / 255, -0.2f / 255};
        std::vector<std::vector<std::uint8_t>> rows(kTaps, std::vector<std::uint8_t>(count + kSlack));
        std::vector<const std::uint8_t*> bytes;
        std::vector<const std::byte*> stored;
        for (auto& row : rows) {
          for (auto& value : row) value = static_cast<std::uint8_t>(numbers.next());
          bytes.push_back(row.data());
          stored.push_back(reinterpret_cast<const std::byte*>(row.data()));
        }
        SegmentBuffer segment;
        float* const sums = segment.values[0].data();
        combine_stored_rows(stored.data(), Dtype::u8, weights.data(), kTaps, count, sums);
        for (std::size_t i = 0; i < count; ++i) sums[i] += bias;
        clamp_values(sums, static_cast<int>(count));
        std::vector<std::byte> wanted(count);
        store_pixels(segment.planes(), Dtype::u8, 1, static_cast<int>(count), wanted.data());
        Guarded<std::uint8_t> out(count);
        combine_byte_rows(bytes.data(), weights.data(), kTaps, bias, count, out.data());
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out.data()[i], std::to_integer<std::uint8_t>(wanted[i])) << i;
        ASSERT_TRUE(out.intact());
      }
  });
}

TEST(StretchedRow, IsTheLineBetweenNeighbours) {
  on_every_target([] {
    for (const double scale : {1.0, 0.93, 0.5, 0.07}) {
      constexpr std::size_t kCount = 96;
      TestNumbers numbers(3);
      std::vector<float> in(kCount + 32), share(kCount), before(kCount), out(kCount);
      std::vector<std::int32_t> low(kCount);
      for (float& v : in) v = static_cast<float>(numbers.unit());
      for (std::size_t i = 0; i < kCount; ++i) {
        const double at = 2.25 + scale * static_cast<double>(i);
        low[i] = static_cast<std::int32_t>(at);
        share[i] = static_cast<float>(at - low[i]);
        out[i] = before[i] = static_cast<float>(numbers.unit());
      }
      add_stretched_row(in.data(), low.data(), share.data(), kCount, out.data());
      for (std::size_t i = 0; i < kCount; ++i) {
        const float left = in[static_cast<std::size_t>(low[i])], right = in[static_cast<std::size_t>(low[i]) + 1];
        ASSERT_EQ(out[i], before[i] + (left + share[i] * (right - left))) << scale << ", " << i;
      }
    }
  });
}

}  // namespace
}  // namespace leaven::kernels

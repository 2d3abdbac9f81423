#include "kernels/statistics.hpp"

#include <algorithm>
#include <cmath>

#include "tests/kernels/every_target.hpp"
#include "tests/kernels/guarded.hpp"

namespace leaven::kernels {
namespace {

template <class T>
T number(TestNumbers& numbers) {
  if constexpr (sizeof(T) == 4) return static_cast<T>(numbers.unit() * 1.2 - 0.1);
  else return static_cast<T>(numbers.next() >> 3);
}

template <class T>
void check(Dtype dtype) {
  for (int channels = 1; channels <= 4; ++channels) {
    const auto used = static_cast<std::size_t>(channels);
    TestNumbers numbers(static_cast<std::uint32_t>(channels));
    LevelCounter counter(dtype, channels);
    ChannelSums sums(dtype, channels);
    const double scale = dtype == Dtype::u8 ? 255 : 65535;
    std::vector<std::vector<std::uint64_t>> bins(used, std::vector<std::uint64_t>(dtype == Dtype::u8 ? 256 : 65536));
    std::vector<double> totals(used);
    for (const int width : {1, 3, 47, 64, 65, 257}) {
      Guarded<T> row(static_cast<std::size_t>(width) * used);
      for (std::size_t i = 0; i < static_cast<std::size_t>(width) * used; ++i) {
        const T v = row.data()[i] = number<T>(numbers);
        const double unit = sizeof(T) == 4 ? static_cast<double>(v) : static_cast<double>(v) / scale;
        ++bins[i % used][static_cast<std::size_t>(std::nearbyint(std::clamp(unit, 0.0, 1.0) * scale))];
        totals[i % used] += unit;
      }
      counter.add_row(row.raw(), width);
      sums.add_row(row.raw(), width);
      ASSERT_TRUE(row.intact());
    }
    for (std::size_t c = 0; c < used; ++c) {
      EXPECT_EQ(counter.histogram(static_cast<int>(c)), bins[c]);
      EXPECT_NEAR(sums.sum(static_cast<int>(c)), totals[c], 1e-10);
    }
  }
}

TEST(Statistics, HistogramsAndSumsOfEveryDtypeAndChannels) {
  on_every_target([] {
    check<std::uint8_t>(Dtype::u8);
    check<std::uint16_t>(Dtype::u16);
    check<float>(Dtype::f32);
  });
}

TEST(Statistics, OneColourFillsOneBin) {
  LevelCounter counter(Dtype::u8, 3);
  const std::vector<std::byte> row(300, std::byte{17});
  for (int y = 0; y < 1000; ++y) counter.add_row(row.data(), 100);
  EXPECT_EQ(counter.histogram(2)[17], 100000u);
  EXPECT_EQ(counter.histogram(2)[16], 0u);
}

}  // namespace
}  // namespace leaven::kernels

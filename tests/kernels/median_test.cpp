// Medians of windows against sorting, on every target.
#include "kernels/median.hpp"

#include <algorithm>
#include <vector>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

template <class T>
void check(int side, int step, std::size_t count, std::uint32_t range) {
  TestNumbers numbers(static_cast<std::uint32_t>(side * 31 + step));
  const std::size_t needed = count + static_cast<std::size_t>((side - 1) * step);
  std::vector<std::vector<T>> rows(static_cast<std::size_t>(side), std::vector<T>(needed + kMedianSlack));
  std::vector<const T*> pointers;
  for (auto& row : rows) {
    for (T& v : row) v = static_cast<T>(numbers.next() % range);
    pointers.push_back(row.data());
  }
  std::vector<T> out(count + kMedianSlack);
  median_row(pointers.data(), side, step, count, out.data());
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<T> window;
    for (const auto& row : rows)
      for (int k = 0; k < side; ++k) window.push_back(row[i + static_cast<std::size_t>(k * step)]);
    std::sort(window.begin(), window.end());
    ASSERT_EQ(out[i], window[window.size() / 2]) << side << " " << step << " " << i;
  }
}

TEST(Median, SmallWindowsOfAllTypes) {
  on_every_target([] {
    for (const int side : {3, 5})
      for (const int step : {1, 3, 4})
        for (const std::size_t count : {1, 63, 64, 200}) {
          check<std::uint8_t>(side, step, count, 256);
          check<std::uint8_t>(side, step, count, 3);
          check<std::uint16_t>(side, step, count, 65536);
          check<float>(side, step, count, 1000000);
        }
  });
}

TEST(Median, LargeWindowsOfBytes) {
  on_every_target([] {
    for (int side = 7; side <= kLargestMedianSide; side += 2) {
      check<std::uint8_t>(side, 3, 100, 256);
      check<std::uint8_t>(side, 1, 70, 2);
    }
  });
}

}  // namespace
}  // namespace leaven::kernels

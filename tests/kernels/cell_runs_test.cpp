// Cells on a line against one at a time, on every target with the same bits.
#include "kernels/cell_runs.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN(), kEndless = std::numeric_limits<double>::infinity();

TEST(CellRuns, EachCellIsShiftedStretchedAndRounded) {
  const CellLine line{3.25, 1.75, 2.5, -0.125};
  on_every_target([&] {
    for (const std::size_t count : {0U, 1U, 63U, 64U, 65U, 200U})
      for (const bool odd : {false, true}) {
        TestNumbers random(7);
        std::vector<double> numbers(count);
        for (double& x : numbers) x = random.unit() * 2000 - 1000;
        std::vector<std::uint8_t> missing(count), changed(count);
        for (std::size_t i = 0; odd && i < count; i += 9) missing[i] = 1, numbers[i] = kNoNumber;
        if (odd && count > 64) numbers[2] = kEndless, numbers[3] = kNoNumber, numbers[4] = 1e300;
        const std::vector<double> before = numbers;
        map_cells(line, 1000, numbers, missing, changed);
        for (std::size_t i = 0; i < count; ++i) {
          const bool counts = missing[i] == 0 && std::isfinite(before[i]);
          ASSERT_EQ(changed[i], counts ? 1 : 0) << i;
          if (!counts) continue;
          const double value = (before[i] - 3.25) / 1.75 * 2.5 + -0.125, wanted = std::fabs(value * 1000) < 0x1p53 ? std::nearbyint(value * 1000) / 1000 : value;
          ASSERT_EQ(numbers[i], wanted) << i;
        }
        if (odd && count > 64) {
          EXPECT_EQ(numbers[2], kEndless);
          EXPECT_TRUE(std::isnan(numbers[3]));
        }
      }
  });
}

}  // namespace
}  // namespace leaven::kernels

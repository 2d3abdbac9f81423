// Powers and logarithms of runs against libm, on every target with the same bits.
#include "kernels/elementary.hpp"

#include <cmath>
#include <vector>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

std::vector<float> spread(double low, double high) {
  std::vector<float> values;
  for (int i = 0; i < 4096; ++i) values.push_back(static_cast<float>(low + (high - low) * i / 4095));
  return values;
}

TEST(Elementary, PowersOfTwo) {
  std::vector<float> first;
  on_every_target([&] {
    std::vector<float> values = spread(-126, 127);
    const std::vector<float> x = values;
    exp2_run(values.data(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double wanted = std::exp2(static_cast<double>(x[i]));
      ASSERT_NEAR(static_cast<double>(values[i]), wanted, 3e-7 * wanted) << x[i];
    }
    if (first.empty()) first = values;
    EXPECT_EQ(values, first);
    std::vector<float> far(kRunStep, -1e9f);
    exp2_run(far.data(), 1);
    EXPECT_NEAR(static_cast<double>(far[0]), std::exp2(-126.0), 1e-44);
  });
}

TEST(Elementary, LogarithmsToBaseTwo) {
  std::vector<float> first;
  on_every_target([&] {
    std::vector<float> values = spread(1e-6, 3);
    const std::vector<float> x = values;
    log2_run(values.data(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double wanted = std::log2(static_cast<double>(x[i]));
      ASSERT_NEAR(static_cast<double>(values[i]), wanted, 1e-7 * std::max(1.0, std::fabs(wanted))) << x[i];
    }
    if (first.empty()) first = values;
    EXPECT_EQ(values, first);
    std::vector<float> nothing(kRunStep, 0.0f);
    log2_run(nothing.data(), 1);
    EXPECT_EQ(nothing[0], -126.0f);
  });
}

}  // namespace
}  // namespace leaven::kernels

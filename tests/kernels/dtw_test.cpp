// Alignment of long series can be given up half done.
#include "kernels/dtw.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.hpp"
#include "core/interruption.hpp"

namespace leaven::kernels {
namespace {

TEST(Dtw, IsGivenUpWhenNobodyWantsItAnyMore) {
  const Track first{4000, 1, std::vector<float>(4000, 1)}, second{4000, 1, std::vector<float>(4000, 2)};
  int asked = 0;
  const std::function<bool()> soon_no = [&] { return ++asked < 10; };
  const Interruption interruption(soon_no);
  try {
    align(first, second, 4000);
    FAIL() << "went on to the end";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::interrupted);
  }
  EXPECT_EQ(asked, 10);
}

}  // namespace
}  // namespace leaven::kernels

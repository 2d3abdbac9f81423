#include "kernels/targets.hpp"

#include <gtest/gtest.h>

namespace leaven::kernels {
namespace {

TEST(Targets, AtLeastTwoAndEachCanBeForced) {
  const std::vector<Target> targets = available_targets();
  ASSERT_GE(targets.size(), 2u);
  const std::string_view best = current_target();
  EXPECT_EQ(best, targets.front().name);
  for (const Target& target : targets) {
    const ForcedTarget forced(target);
    EXPECT_EQ(current_target(), target.name);
  }
  EXPECT_EQ(current_target(), best);
  EXPECT_EQ(available_targets().size(), targets.size());
}

}  // namespace
}  // namespace leaven::kernels

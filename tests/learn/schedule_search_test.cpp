#include "learn/schedule_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

TEST(Exchange, TheWorseQuarterGoesOnWithTheBetterOne) {
  const std::vector<double> scores{-4, -1, -8, -2, -7, -3, -5, -6}, strengths{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7};
  std::set<double> explored;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Exchange made = exchange(scores, strengths, KeyMaker({.seed = seed}).key("test", {}));
    EXPECT_EQ(made.from, (std::vector<std::size_t>{0, 1, 1, 3, 3, 5, 6, 7}));
    for (const std::size_t same : {0U, 1U, 3U, 5U, 6U, 7U}) EXPECT_EQ(made.strengths[same], strengths[same]);
    for (const std::size_t other : {2U, 4U}) {
      EXPECT_GE(made.strengths[other], 0);
      EXPECT_LE(made.strengths[other], 1);
    }
    explored.insert(made.strengths[4]);
  }
  // 0.3 ± 0.2, and now and then anything.
  EXPECT_TRUE(explored.contains(0.3 + 0.2));
  EXPECT_TRUE(explored.contains(0.3 - 0.2));
  EXPECT_GT(explored.size(), 4U);
}

TEST(Exchange, TwoMembersAreTheLeast) {
  EXPECT_EQ(exchange({-2, -1}, {0, 1}, {}).from, (std::vector<std::size_t>{1, 1}));
  EXPECT_EQ(exchange({-2}, {0.5}, {}).from, (std::vector<std::size_t>{0}));
}

class Population : public testing::Test {
 protected:
  void SetUp() override { write_bars(scratch_ / "in", 40); }
  std::vector<double> search(const std::string& recipe, int threads) {
    const auto material = open_material({.data = scratch_ / "in"});
    const Partition partition = divide(material->index(), {.test = 0.2, .seeds = 1});
    material->take(partition.used());
    Arm arm{"arm", kTimes, arm_recipe("arm", recipe::parse(recipe, ops::op_table()), Domain::raster)};
    arm.schedule = {1};
    const std::vector<Arm> arms{arm};
    const LearnerKind learner = softmax_learner();
    Experiment x{*material, partition, arms, learner};
    x.steps = 80;
    x.batch = 8;
    return search_schedule(x, 0, {.members = 8, .parts = 4, .threads = threads}, [](std::size_t, std::size_t, const std::string&) {}, stop_);
  }
  ScratchFolder scratch_{};
  std::atomic<bool> stop_{false};
};

// Mirrored, a bar on the left is one on the right.
TEST_F(Population, FindsThatAHarmfulRecipeIsBestWeak) {
  const std::vector<double> found = search("leaven: 1\nsteps: [{horizontal_flip: {p: 0.5}}]", 2);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_LT(found[3], 0.5);
  EXPECT_TRUE(std::ranges::all_of(found, [](double strength) { return strength >= 0 && strength <= 1; }));
}

TEST_F(Population, IsTheSameForAnyThreadsAndStopsWhenAsked) {
  const std::string recipe = "leaven: 1\nsteps: [{brightness: {by: {uniform: [0.5, 1.5]}}}]";
  EXPECT_EQ(search(recipe, 1), search(recipe, 4));
  stop_ = true;
  EXPECT_THROW(search(recipe, 2), Error);
}

}  // namespace
}  // namespace leaven::learn

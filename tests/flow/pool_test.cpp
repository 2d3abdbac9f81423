#include "flow/pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/error.hpp"

namespace leaven::flow {
namespace {

std::shared_ptr<void> boxed(std::size_t i) { return std::make_shared<std::size_t>(i); }

class PoolOf : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Threads, PoolOf, testing::Values(1, 2, 8));

TEST_P(PoolOf, CommitsEveryResultInOrderOneAtATime) {
  Pool pool(GetParam());
  std::vector<std::size_t> seen;
  std::atomic<int> inside{};
  const std::size_t done = pool.run_ordered(
      500,
      [](std::size_t i) {
        // Later ones are quicker, so that they overtake.
        std::this_thread::sleep_for(std::chrono::microseconds(i % 7 == 0 ? 300 : 1));
        return boxed(i * i);
      },
      [&](std::size_t i, std::shared_ptr<void> result) {
        EXPECT_EQ(++inside, 1);
        EXPECT_EQ(*std::static_pointer_cast<std::size_t>(result), i * i);
        seen.push_back(i);
        --inside;
      });
  EXPECT_EQ(done, 500U);
  ASSERT_EQ(seen.size(), 500U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST_P(PoolOf, StopsWithoutGaps) {
  Pool pool(GetParam());
  std::atomic<bool> go{true};
  std::atomic<std::size_t> produced{};
  std::size_t next = 0;
  const std::size_t done = pool.run_ordered(
      100'000, [&](std::size_t i) { return ++produced, boxed(i); },
      [&](std::size_t i, const std::shared_ptr<void>&) {
        EXPECT_EQ(i, next++);
        if (i == 40) go = false;
      },
      [&] { return go.load(); });
  EXPECT_EQ(done, next);
  EXPECT_EQ(done, produced);  // what was made is not thrown away
  EXPECT_GE(done, 41U);
  EXPECT_LT(done, 41U + 8U * 8U);
}

TEST_P(PoolOf, AFailedTaskStopsTheRunWhenItsTurnComes) {
  Pool pool(GetParam());
  std::size_t committed = 0;
  const auto run = [&] {
    pool.run_ordered(
        1000,
        [](std::size_t i) -> std::shared_ptr<void> {
          if (i == 17 || i == 19) throw data_error("broken " + std::to_string(i));
          return boxed(i);
        },
        [&](std::size_t, const std::shared_ptr<void>&) { ++committed; });
  };
  try {
    run();
    FAIL() << "nothing was thrown";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "broken 17");
  }
  EXPECT_EQ(committed, 17U);
}

TEST_P(PoolOf, AFailedCommitStopsTheRun) {
  Pool pool(GetParam());
  std::size_t last = 0;
  EXPECT_THROW(pool.run_ordered(1000, boxed,
                                [&](std::size_t i, const std::shared_ptr<void>&) {
                                  last = i;
                                  if (i == 5) throw environment_error("full");
                                }),
               Error);
  EXPECT_EQ(last, 5U);
}

TEST_P(PoolOf, FewResultsWait) {
  Pool pool(GetParam());
  std::atomic<int> waiting{}, most{};
  pool.run_ordered(
      400,
      [&](std::size_t i) {
        const int now = ++waiting;
        for (int before = most; now > before && !most.compare_exchange_weak(before, now);) {
        }
        return boxed(i);
      },
      [&](std::size_t, const std::shared_ptr<void>&) {
        std::this_thread::sleep_for(std::chrono::microseconds(50));
        --waiting;
      });
  EXPECT_LE(most, 4 * GetParam() + 1);
}

TEST(Pool, UsesAsManyThreadsAsAsked) {
  Pool pool(4);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  std::atomic<int> arrived{};
  pool.run_ordered(
      16,
      [&](std::size_t i) {
        // Four tasks meet here, which takes four threads, whatever the number of cores. Later ones pass.
        ++arrived;
        for (int waited = 0; arrived < 4 && waited < 5000; ++waited) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        const std::lock_guard lock(mutex);
        ids.insert(std::this_thread::get_id());
        return boxed(i);
      },
      [](std::size_t, const std::shared_ptr<void>&) {});
  EXPECT_GE(ids.size(), 4U);
}

TEST(Pool, NothingToDoIsDone) {
  Pool pool(2);
  EXPECT_EQ(pool.run_ordered(0, boxed, [](std::size_t, const std::shared_ptr<void>&) { FAIL(); }), 0U);
}

TEST(Pool, RefusesNoThreads) {
  EXPECT_THROW(Pool(0), Error);
  EXPECT_GE(available_threads(), 1);
}

}  // namespace
}  // namespace leaven::flow

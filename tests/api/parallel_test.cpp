// Work that is given up half done.
#include "leaven/parallel.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "leaven/leaven.hpp"

namespace leaven {
namespace {

constexpr int kSide = 3000;

ImageView large(const std::vector<std::byte>& pixels) { return {pixels.data(), kSide, kSide, 3, PixelType::u8, 0, false, true}; }

/// Many passes over nine megapixels: some seconds in all.
Recipe slow() {
  std::string text = "leaven: 1\nsteps:\n";
  for (int i = 0; i < 40; ++i) text += "  - gaussian_blur: {sigma: 8}\n";
  return Recipe::from_text(text);
}

TEST(Interruptible, EndsInsideOnePictureWithinAMoment) {
  const std::vector<std::byte> pixels(std::size_t{kSide} * kSide * 3);
  std::vector<std::byte> out(pixels.size());
  const Prepared prepared = slow().prepare(large(pixels));
  int asked = 0;
  std::chrono::steady_clock::time_point said_no;
  EXPECT_FALSE(interruptible([&] { prepared.run(large(pixels), out.data()); }, [&] {
    if (++asked < 20) return true;
    said_no = std::chrono::steady_clock::now();
    return false;
  }));
  EXPECT_EQ(asked, 20) << "nobody is asked again after a no";
  EXPECT_LT(std::chrono::steady_clock::now() - said_no, std::chrono::seconds(5));
}

TEST(Interruptible, IsDoneWhereNobodyObjectsAndPassesErrorsOn) {
  bool done = false;
  EXPECT_TRUE(interruptible([&] { done = true; }, [] { return true; }));
  EXPECT_TRUE(done);
  EXPECT_THROW(interruptible([] { throw usage_error("no"); }, [] { return true; }), Error);
}

TEST(ForEachItem, GivesUpItemsThatHaveBegunOnEveryThread) {
  const std::vector<std::byte> pixels(std::size_t{kSide} * kSide * 3);
  const Prepared prepared = slow().prepare(large(pixels));
  std::atomic<int> begun{}, ended{};
  int asked = 0;
  EXPECT_FALSE(for_each_item(8, 2, [&](std::size_t) {
    std::vector<std::byte> out(pixels.size());
    ++begun;
    prepared.run(large(pixels), out.data());
    ++ended;
  }, [&] { return ++asked < 20 || begun < 2; }));
  EXPECT_EQ(begun, 2);
  EXPECT_EQ(ended, 0);
}

TEST(ForEachItem, DoesAllOfThemOtherwise) {
  std::vector<int> seen(100);
  EXPECT_TRUE(for_each_item(seen.size(), 3, [&](std::size_t i) { ++seen[i]; }, [] { return true; }));
  EXPECT_EQ(seen, std::vector<int>(100, 1));
}

int number_of_this_thread() {
  static std::atomic<int> known{};
  thread_local const int own = ++known;
  return own;
}

/// Numbers of the threads that do one item each, all at the same time.
std::set<int> hands(int threads) {
  std::latch all(threads);
  std::mutex mutex;
  std::set<int> seen;
  for_each_item(static_cast<std::size_t>(threads), threads, [&](std::size_t) {
    all.arrive_and_wait();
    const std::lock_guard lock(mutex);
    seen.insert(number_of_this_thread());
  });
  return seen;
}

TEST(ForEachItem, NestsAndComesFromAnyThread) {
  std::atomic<int> done{};
  const auto all = [&] {
    for (int round = 0; round < 50; ++round)
      for_each_item(4, 4, [&](std::size_t) { for_each_item(5, 3, [&](std::size_t) { ++done; }); });
  };
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i) callers.emplace_back(all);
  }
  EXPECT_EQ(done, 4 * 50 * 4 * 5);
}

TEST(ForEachItem, WaitsForTheOthersWhenTheCallerThrows) {
  std::atomic<int> inside{};
  const auto asked = []() -> bool { throw usage_error("no more"); };
  EXPECT_THROW(for_each_item(3, 3, [&](std::size_t) {
    ++inside;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    --inside;
  }, asked), Error);
  EXPECT_EQ(inside, 0);
}

TEST(ForEachItem, TakesThreadsThatAreThereAlreadyAndHasItsOwnInAForkedProcess) {
  EXPECT_EQ(hands(2).size(), 2U);
  const pid_t child = fork();
  if (child == 0) {
    const std::set<int> first = hands(3);
    _exit(first.size() == 3 && hands(3) == first && hands(2).size() == 2 ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace leaven

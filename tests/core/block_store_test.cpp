// The memory of pictures: whose it is, and how much of it waits.
#include "core/block_store.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace leaven {
namespace {

PixelBlock block(std::size_t bytes) { return PixelBlock(take_block(bytes)); }

/// What this process holds, in bytes.
std::size_t held() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * 4096;
}

TEST(BlockStore, BlocksAreAlignedAndTheirOwn) {
  std::vector<PixelBlock> blocks;
  const std::size_t sizes[]{0, 1, 63, 4096, 262'079, 262'080, 262'144, 1'000'000, 5'000'001};
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : sizes) {
      blocks.push_back(block(size));
      ASSERT_TRUE(blocks.back());
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blocks.back().get()) % 64, 0U) << size;
      std::memset(blocks.back().get(), static_cast<int>(blocks.size()), size);
    }
    for (std::size_t b = 0; b < blocks.size(); ++b)
      for (std::size_t i = 0; i < sizes[b]; ++i) ASSERT_EQ(std::to_integer<std::size_t>(blocks[b][i]), b + 1);
    blocks.clear();
  }
}

TEST(BlockStore, TheNextPictureTakesWhatTheLastOneLeft) {
  const std::byte* const first = block(3'000'000).get();  // given back at once
  EXPECT_EQ(block(2'900'000).get(), first);
  const std::byte* seen = nullptr;
  std::jthread([&] { seen = block(3'000'000).get(); }).join();
  EXPECT_EQ(seen, first) << "on any thread";
}

/// So many are given that none of those before waits any longer.
void give_many() {
  for (int i = 0; i < 100; ++i) std::memset(block(300'000).get(), 1, 300'000);
}

TEST(BlockStore, WhatNobodyTakesGoesBack) {
  give_many();
  const std::size_t before = held();
  {
    std::vector<PixelBlock> many;
    for (int i = 0; i < 12; ++i) {
      many.push_back(block(2'000'000));
      std::memset(many.back().get(), 1, 2'000'000);
    }
    EXPECT_GT(held(), before + 23'000'000);
  }
  give_many();
  EXPECT_LT(held(), before + 6'000'000);
}

TEST(BlockStore, NoMoreThanSomeWait) {
  const std::size_t most = (std::size_t{16} << 20) * std::max(2U, std::thread::hardware_concurrency());
  const std::size_t each = most / 4;
  {
    std::vector<PixelBlock> many;
    for (int i = 0; i < 8; ++i) many.push_back(block(each));
    EXPECT_LE(bytes_waiting(), most);
  }
  EXPECT_LE(bytes_waiting(), most);
  EXPECT_GE(bytes_waiting(), most / 2) << "three of them fit";
  const PixelBlock too_large = block(most + 1);
  const std::size_t before = bytes_waiting();
  block(most + 1);
  EXPECT_EQ(bytes_waiting(), before) << "what does not fit is not waited with, and drives out nothing";
}

TEST(BlockStore, WhatCannotBeIsNull) { EXPECT_FALSE(block(SIZE_MAX / 2)); }

TEST(BlockStore, AForkedProcessHasBlocksToo) {
  std::atomic<bool> stop{};
  std::jthread busy([&] {
    while (!stop) block(300'000);
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(block(300'000) ? 0 : 1);
    int status = -1;
    int waited = 0;
    for (; waited < 10'000 && ::waitpid(child, &status, WNOHANG) == 0; ++waited) ::usleep(1'000);
    if (waited == 10'000) ::kill(child, SIGKILL);
    ASSERT_LT(waited, 10'000) << "the child waits for a lock that nobody holds";
    ASSERT_EQ(status, 0);
  }
  stop = true;
}

TEST(BlockStore, ManyThreadsAtOnce) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (std::size_t i = 0; i < 300; ++i) {
        const std::size_t size = 300'000 + i * 7'919 % 900'000;
        const PixelBlock mine = block(size);
        std::memset(mine.get(), t, size);
        for (std::size_t k = 0; k < size; k += 4'096) ASSERT_EQ(std::to_integer<int>(mine[k]), t);
      }
    });
}

}  // namespace
}  // namespace leaven

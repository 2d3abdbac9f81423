// What the public door says when it refuses, and a folder that goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "leaven/error.hpp"

namespace leaven {

template <class Call>
std::string refusal(const Call& call, Fault fault = Fault::usage) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "was not refused";
  return {};
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> counter{};
    path_ = std::filesystem::path(testing::TempDir()) /
            ("leaven_api_" + std::to_string(::getpid()) + "_" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace leaven

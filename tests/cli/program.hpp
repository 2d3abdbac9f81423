// The program itself, run as a person or a script runs it.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace leaven::cli {

struct Outcome {
  int code{};  ///< exit code, or −signal
  std::string out{}, err{};
};

struct Surroundings {
  std::string folder{};  ///< to run in; empty: here
  std::string output{};  ///< a file for standard output; empty: it is caught
  /// Called whenever something more came on standard error, with all that came so far.
  std::function<void(pid_t, const std::string&)> seen{};
};

/// Runs a program with these arguments, as run_leaven() does.
Outcome run_program(const std::string& program, const std::vector<std::string>& arguments, const Surroundings& around = {});
/// Runs `leaven` with these arguments, in an environment that holds nothing but PATH, and waits.
Outcome run_leaven(const std::vector<std::string>& arguments, const Surroundings& around = {});

/// `EXPECT_TRUE(has(text, part))`: fails with what was not found where.
testing::AssertionResult has(const std::string& text, const std::string& part);

}  // namespace leaven::cli

// Flags of `leaven generate`, which leaven reads before it starts the program that trains.
#include <gtest/gtest.h>

#include "tests/cli/program.hpp"

namespace leaven::cli {
namespace {

TEST(GenerateFlags, ThoseOfOtherActionsAreRefused) {
  const auto refusal = [](std::vector<std::string> words) {
    words.insert(words.begin(), "generate");
    const Outcome outcome = run_leaven(words);
    EXPECT_EQ(outcome.code, 2);
    return outcome.err;
  };
  EXPECT_TRUE(has(refusal({"fit", "--data", "x", "-o", "y", "--where", "a=b"}), "--where is for generate sample"));
  EXPECT_TRUE(has(refusal({"fit", "--data", "x", "-o", "y", "--rows", "5"}), "--rows is for generate sample"));
  EXPECT_TRUE(has(refusal({"sample", "gen", "-o", "y", "--kind", "gan"}), "--kind is for generate fit"));
  EXPECT_TRUE(has(refusal({"sample", "gen", "-o", "y", "--resume"}), "--resume is for generate fit"));
  EXPECT_TRUE(has(refusal({"check", "gen", "--data", "x", "--per-class", "5"}), "--per-class is for generate fit or sample"));
  EXPECT_TRUE(has(refusal({"check", "gen", "--data", "x", "-o", "y"}), "--output is for generate fit or sample"));
}

}  // namespace
}  // namespace leaven::cli

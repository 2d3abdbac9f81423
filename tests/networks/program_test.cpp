// `leaven prove` from the command line to the exit code, on drawn pictures.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/program.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

using cli::has;
using cli::Outcome;
using cli::run_leaven;

class Program : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 30);
    write_text(scratch_ / "mirror.yaml", "leaven: 1\nsteps: [{horizontal_flip: {p: 0.5}}]");
  }
  Outcome prove(std::vector<std::string> more) {
    std::vector<std::string> all{"prove", (scratch_ / "mirror.yaml").string(), "--data", (scratch_ / "in").string(), "--steps", "60", "--batch", "16", "--test", "50%",
                                 "--no-converged", "--no-robustness", "--budget", "none", "-o", (scratch_ / "out").string()};
    all.insert(all.end(), more.begin(), more.end());
    return run_leaven(all);
  }
  ScratchFolder scratch_{};
};

TEST_F(Program, AHarmfulRecipeEndsWithTen) {
  const Outcome outcome = prove({});
  EXPECT_EQ(outcome.code, 10) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "mirror is harmful on this data"));
  EXPECT_TRUE(has(outcome.out, "warning: horizontal_flip"));
  EXPECT_TRUE(has(outcome.err, "[18/18]"));
  const auto json = nlohmann::json::parse(read_text(scratch_ / "out/leaven.proof.json"));
  EXPECT_EQ(json.at("verdict"), "harmful");
  EXPECT_TRUE(has(json.at("facts").at("machinery"), "libtorch"));
  EXPECT_TRUE(has(json.at("facts").at("command"), "leaven prove"));
}

TEST_F(Program, TheSameTwiceIsTheSameBits) {
  ASSERT_EQ(prove({"--seeds", "2", "--threads", "1"}).code, prove({"--seeds", "2", "--threads", "2", "-o", (scratch_ / "again").string()}).code);
  const auto a = nlohmann::json::parse(read_text(scratch_ / "out/leaven.proof.json")), b = nlohmann::json::parse(read_text(scratch_ / "again/leaven.proof.json"));
  ASSERT_EQ(a.at("trials").size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(a.at("trials").at(i).at("weights"), b.at("trials").at(i).at("weights")) << i;
}

TEST_F(Program, ATableIsProvedWithTrees) {
  std::string text = "x,z,y\n";
  for (int i = 0; i < 200; ++i) text += std::to_string(i % 20) + ".5," + std::to_string(i * 7 % 11) + ".25," + (i % 20 < 14 ? "no" : "yes") + "\n";
  write_text(scratch_ / "t.csv", text);
  const Outcome outcome = run_leaven({"prove", "smote", "--data", (scratch_ / "t.csv").string(), "--target", "y", "--steps", "40", "--seeds", "2", "--no-converged",
                                      "--margin", "50", "-o", (scratch_ / "table").string()});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "smote is harmless on this data") || has(outcome.out, "smote helps on this data")) << outcome.out;
  const auto json = nlohmann::json::parse(read_text(scratch_ / "table/leaven.proof.json"));
  EXPECT_TRUE(has(json.at("facts").at("machinery"), "XGBoost"));
  EXPECT_EQ(json.at("facts").at("items"), "rows");
}

TEST_F(Program, QuietPrintsNothing) {
  const Outcome outcome = prove({"--seeds", "2", "--quiet"});
  EXPECT_EQ(outcome.out + outcome.err, "");
}

TEST_F(Program, ErrorsHaveTheirExitCodes) {
  EXPECT_EQ(run_leaven({"prove", "light", "--data", (scratch_ / "nowhere").string(), "-o", (scratch_ / "o").string()}).code, 2);
  const Outcome learner = prove({"--learner", "transformer"});
  EXPECT_EQ(learner.code, 2);
  EXPECT_TRUE(has(learner.err, "there is no learner transformer"));
}

}  // namespace
}  // namespace leaven::learn

// `leaven prove` from the command line to the exit code, on drawn pictures.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <map>

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

TEST_F(Program, TooLittleMemoryToStartIsSaid) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit small = before;
  small.rlim_cur = rlim_t{500} << 20;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &small), 0);
  const Outcome outcome = prove({});
  setrlimit(RLIMIT_AS, &before);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_TRUE(has(outcome.err, "leaven-learn needs 650 MiB to start, and the limit is 500 MiB")) << outcome.err;
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

TEST_F(Program, TreesLearnTheSameFromRowsThatComeSeveralTimes) {
  std::string text = "x,z,w,y\n";
  for (int i = 0; i < 90; ++i) text += std::to_string(i * 37 % 90) + ".5," + std::to_string(i * 53 % 71) + ".25," + std::to_string(i * 29 % 83) + ".75," + std::to_string((i * 37 % 90) * 3 + (i * 53 % 71) + i % 4) + ".5\n";
  write_text(scratch_ / "t.csv", text);
  write_text(scratch_ / "noise.yaml", "leaven: 1\nsteps: [{table_jitter: {sigma: 0.05}}]\naugment: {times: 4}");
  const Outcome outcome = run_leaven({"prove", (scratch_ / "noise.yaml").string(), "--data", (scratch_ / "t.csv").string(), "--target", "y", "--seeds", "3", "--no-converged",
                                      "--no-robustness", "--steps", "50", "-o", (scratch_ / "table").string()});
  ASSERT_TRUE(outcome.code == 0 || outcome.code >= 10) << outcome.err;
  const auto json = nlohmann::json::parse(read_text(scratch_ / "table/leaven.proof.json"));
  std::map<int, std::map<std::string, double>> r2;
  for (const auto& trial : json.at("trials")) r2[trial.at("seed")][trial.at("arm")] = trial.at("metrics").at("r2");
  ASSERT_EQ(r2.size(), 3U);
  for (const auto& [seed, arms] : r2) EXPECT_NEAR(arms.at("none"), arms.at("dup"), 0.05) << seed;
  EXPECT_TRUE(json.at("warnings").empty());
}

TEST_F(Program, AnotherLearnerKeepsToTheSteps) {
  std::string text = "x,z,y\n";
  for (int i = 0; i < 120; ++i) text += std::to_string(i % 20) + ".5," + std::to_string(i * 7 % 11) + ".25," + (i % 20 < 10 ? "no" : "yes") + "\n";
  write_text(scratch_ / "t.csv", text);
  const Outcome outcome = run_leaven({"prove", "smote", "--data", (scratch_ / "t.csv").string(), "--target", "y", "--steps", "30", "--seeds", "2", "--no-converged", "--no-robustness",
                                      "--against", "none,smote@mlp", "-o", (scratch_ / "table").string()});
  ASSERT_TRUE(outcome.code == 0 || outcome.code >= 10) << outcome.err;
  const auto json = nlohmann::json::parse(read_text(scratch_ / "table/leaven.proof.json"));
  ASSERT_EQ(json.at("trials").size(), 10U);
  for (const auto& trial : json.at("trials")) EXPECT_EQ(trial.at("steps"), 30) << trial.at("arm");
}

TEST_F(Program, ABudgetIsKeptByWhatLearnsInOneRound) {
  const auto proved = [&](const std::string& budget) {
    return run_leaven({"prove", (scratch_ / "mirror.yaml").string(), "--data", (scratch_ / "in").string(), "--learner", "scattering", "--test", "50%", "--budget", budget, "-o", (scratch_ / ("out" + budget)).string()});
  };
  const Outcome refused = proved("0.01s");
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(has(refused.err, "is too small: 3 seeds take about")) << refused.err;
}

TEST_F(Program, AugmentFillsARareClassWithGeneratedRows) {
  std::string text = "x,z,y\n";
  for (int i = 0; i < 400; ++i) text += std::string(i % 5 ? "-" : "") + std::to_string(i * 31 % 97) + "." + std::to_string(i % 10) + "," + std::to_string(i * 7 % 11) + ".25," + (i % 5 ? "common" : "rare") + "\n";
  write_text(scratch_ / "t.csv", text);
  write_text(scratch_ / "g.yaml", "leaven: 1\nschema: {target: y}\ngenerate: {kind: copula, force: true}\n");
  const std::vector<std::string> words{"augment", (scratch_ / "t.csv").string(), "-o", (scratch_ / "made").string(), "--recipe", (scratch_ / "g.yaml").string()};
  const Outcome outcome = run_leaven(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "generated 240 samples: rare 240"));
  EXPECT_TRUE(has(outcome.out, "240 of the originals are generated by a learned model"));
  const std::string made = read_text(scratch_ / "made/t.csv"), lineage = read_text(scratch_ / "made/leaven.lineage.jsonl");
  EXPECT_EQ(std::ranges::count(made, '\n'), 641);
  std::size_t synthetic = 0;
  for (std::size_t at = 0; (at = lineage.find("\"synthetic\":true", at)) != std::string::npos; ++at) ++synthetic;
  EXPECT_EQ(synthetic, 240U);
  std::vector<std::string> again = words;
  again.emplace_back("--overwrite");
  const Outcome twice = run_leaven(again);
  EXPECT_TRUE(has(twice.out, "(drawn before)")) << twice.err;
  EXPECT_TRUE(read_text(scratch_ / "made/t.csv") == made);
  for (const char* shard : {"1/2", "2/2"}) {
    std::vector<std::string> part = words;
    part[3] = (scratch_ / "parts").string();
    part.insert(part.end(), {"--shard", shard});
    ASSERT_EQ(run_leaven(part).code, 0);
  }
  ASSERT_EQ(run_leaven({"merge", (scratch_ / "parts").string()}).code, 0);
  EXPECT_TRUE(read_text(scratch_ / "parts/t.csv") == made);
  EXPECT_TRUE(read_text(scratch_ / "parts/leaven.lineage.jsonl") == lineage);
  std::vector<std::string> dry = words;
  dry[3] = (scratch_ / "dry").string();
  dry.emplace_back("--dry-run");
  EXPECT_TRUE(has(run_leaven(dry).err, "not counted in a dry run"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "dry.generator"));
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

// `leaven prove` as a person runs it. Whether leaven-learn is there depends on the build; what is refused does not.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

TEST(Prove, SaysWhatIsMissing) {
  EXPECT_TRUE(has(run_leaven({"prove", "--data", "x"}).err, "prove needs a RECIPE, or --preset"));
  EXPECT_TRUE(has(run_leaven({"prove", "light"}).err, "prove needs the dataset: --data DIR"));
  EXPECT_TRUE(has(run_leaven({"prove", "light", "--data", "x", "--preset", "light"}).err, "exclude each other"));
  EXPECT_EQ(run_leaven({"prove", "light"}).code, 2);
}

TEST(Prove, RefusesValuesOutOfRange) {
  const auto refused = [](const std::string& flag, const std::string& value) { return run_leaven({"prove", "light", "--data", "x", flag, value}).err; };
  EXPECT_TRUE(has(refused("--seeds", "1"), "--seeds must be a whole number in [2, 200], got 1"));
  EXPECT_TRUE(has(refused("--budget", "10"), "--budget must be a time such as 90s, 10m or 1h, or none, got 10"));
  EXPECT_TRUE(has(refused("--margin", "-1"), "--margin must be points from 0 to 100, got -1"));
  EXPECT_TRUE(has(refused("--test", "2"), "--test must be a share"));
  for (const char* all_or_none : {"100%", "1", "0"}) EXPECT_TRUE(has(refused("--test", all_or_none), "--test must be a share above 0% and below 100%, got ")) << all_or_none;
  EXPECT_TRUE(has(refused("--sedes", "3"), "did you mean --seed"));
  EXPECT_TRUE(has(refused("--external", "python train.py"), "--external must name {data}"));
  EXPECT_TRUE(has(run_leaven({"prove", "light", "--data", "x", "--steps", "5", "--epochs", "2"}).err, "--steps and --epochs exclude each other"));
  EXPECT_TRUE(has(run_leaven({"tune", "--data", "x", "--steps", "5", "--epochs", "2"}).err, "--steps and --epochs exclude each other"));
  for (const auto& [flag, value] : {std::pair{"--steps", "5"}, {"--epochs", "2"}, {"--batch", "8"}, {"--learner", "linear"}, {"--backbone", "net.pt"}})
    EXPECT_TRUE(has(run_leaven({"prove", "light", "--data", "x", "--external", "train {data}", flag, value}).err, std::string(flag) + " says how learners of Leaven train")) << flag;
}

TEST(Prove, WithoutLeavenLearnItSaysWhatToInstall) {
  namespace fs = std::filesystem;
  const ScratchFolder scratch;
  fs::copy_file(LEAVEN_BINARY_DIR "/leaven", scratch / "leaven");
  const Outcome alone = run_program(scratch / "leaven", {"prove", "light", "--data", "x"});
  EXPECT_EQ(alone.code, 3);
  EXPECT_TRUE(has(alone.err, "leaven prove is the work of leaven-learn, which needs libtorch and was not built: there is no " + (scratch / "leaven-learn"))) << alone.err;
  EXPECT_TRUE(has(alone.err, "make learn")) << alone.err;
  EXPECT_TRUE(has(alone.err, "apt-get install libtorch-dev libopenblas0 libxgboost-dev")) << alone.err;
  EXPECT_TRUE(has(run_program(scratch / "leaven", {"prove", "light", "--data", "x", "--external", "true {data}"}).err, "leaven prove --external is the work of leaven-learn"));
}

TEST(Prove, ItsHelpNamesTheExitCodes) {
  const std::string page = run_leaven({"help", "prove"}).out;
  for (const char* part : {"--against", "--budget", "0 helps or harmless, 10 harmful, 11 inconclusive"}) EXPECT_TRUE(has(page, part));
}

}  // namespace
}  // namespace leaven::cli

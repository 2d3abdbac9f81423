// The same bytes from a lineage line and the source, for every op of the presets, every input and every layout.
#include "flow/replay.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "ops/families.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

namespace fs = std::filesystem;

/// Replays every line of the dataset; returns the ops that were seen.
std::set<std::string, std::less<>> replay_all(const std::string& out, bool files) {
  const recipe::Source source = recipe::load(out + "/leaven.recipe.yaml", ops::op_table()).source;
  std::set<std::string, std::less<>> seen;
  for (const std::string& line : lines_of_file(out + "/leaven.lineage.jsonl")) {
    const LineageRecord record = lineage_from_json(line, ops::op_table());
    const flow::Replayed again = flow::replay(record, source);
    EXPECT_TRUE(again.same_digest) << record.id;
    if (files) {
      const std::string bytes(reinterpret_cast<const char*>(again.file.data()), again.file.size());
      EXPECT_EQ(bytes, read_text_file(out + "/" + record.id)) << record.id;
    }
    for (const ProgramStep& step : record.program.steps) seen.emplace(step.op.info().name);
  }
  return seen;
}

void augment(const std::string& in, const std::string& out, std::vector<std::string> more) {
  more.insert(more.begin(), {"augment", in, "-o", out, "--quiet"});
  const Outcome outcome = run_leaven(more);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
}

void collect_ops(const std::vector<recipe::Step>& steps, std::set<std::string, std::less<>>& names) {
  for (const recipe::Step& step : steps) {
    if (step.op) names.emplace(step.op->name);
    collect_ops(step.steps, names);
  }
}

class ReplayPreset : public testing::TestWithParam<const char*> {};

TEST_P(ReplayPreset, EveryOpGivesTheSameBytes) {
  const ScratchFolder scratch;
  write_class_folders(scratch / "in", {"a", "b"}, 3);
  write_picture_file(scratch / "in/a/grey.png", drawn_picture(40, 31, 21, 1));
  write_picture_file(scratch / "in/b/alpha.png", drawn_picture(41, 21, 31, 4));
  augment(scratch / "in", scratch / "out", {"--preset", GetParam(), "--times", "14"});
  std::set<std::string, std::less<>> expected;
  collect_ops(recipe::preset(GetParam(), ops::op_table()).steps, expected);
  EXPECT_EQ(replay_all(scratch / "out", /*files=*/true), expected);
}

INSTANTIATE_TEST_SUITE_P(All, ReplayPreset, testing::Values("light", "medium", "strong"));

TEST(Replay, WorksForPackedLayoutsAndInputs) {
  const ScratchFolder scratch;
  write_class_folders(scratch / "in", {"a", "b"}, 3, "png");
  for (const char* layout : {"npz", "webdataset"}) {
    const std::string packed = scratch / layout;
    augment(scratch / "in", packed, {"--layout", layout, "--times", "2"});
    EXPECT_FALSE(replay_all(packed, /*files=*/false).empty());
    augment(packed, scratch / (std::string("from_") + layout), {"--times", "2"});
    EXPECT_FALSE(replay_all(scratch / (std::string("from_") + layout), /*files=*/false).empty());
  }
}

TEST(Replay, WorksForManifestsAndSplits) {
  const ScratchFolder scratch;
  for (int i = 0; i < 6; ++i)
    write_picture_file(scratch / ("in/images/" + std::to_string(i) + ".png"), drawn_picture(i));
  std::string manifest = "path,label\n";
  for (int i = 0; i < 6; ++i)
    manifest += "images/" + std::to_string(i) + ".png," + (i % 2 == 0 ? "even" : "odd") + "\n";
  write_text_file(scratch / "in/list.csv", manifest);
  augment(scratch / "in/list.csv", scratch / "out", {"--times", "2"});
  EXPECT_FALSE(replay_all(scratch / "out", /*files=*/false).empty());
  write_text_file(scratch / "r.yaml",
                  "leaven: 1\nsplit: {val: 0.3}\nsteps: [invert, {gaussian_noise: {sigma: 0.1}}]\n");
  augment(scratch / "in/list.csv", scratch / "split", {"--times", "2", "--recipe", scratch / "r.yaml"});
  EXPECT_FALSE(replay_all(scratch / "split", /*files=*/false).empty());
}

class ReplayCommand : public testing::Test {
 protected:
  void SetUp() override {
    write_class_folders(in_, {"a"}, 2);
    augment(in_, out_, {"--times", "2"});
  }
  ScratchFolder scratch_{};
  std::string in_{scratch_ / "in"}, out_{scratch_ / "out"}, copy_{out_ + "/a/1_aug2.jpg"};
};

TEST_F(ReplayCommand, WritesTheSameFile) {
  const Outcome outcome = run_leaven({"replay", copy_, "-o", scratch_ / "again.jpg"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(read_text_file(scratch_ / "again.jpg"), read_text_file(copy_));
  // From the folder itself, without the file, and from the line alone.
  fs::remove(copy_);
  EXPECT_EQ(run_leaven({"replay", "a/1_aug2.jpg", "--check"}, {.folder = out_}).code, 0);
  const std::string line = lines_of_file(out_ + "/leaven.lineage.jsonl").back();
  EXPECT_EQ(run_leaven({"replay", "--line", line, "--source", in_}).code, 0);
}

TEST_F(ReplayCommand, NamesTheNearestOutput) {
  const Outcome outcome = run_leaven({"replay", out_ + "/a/1_aug3.jpg"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("names a/1_aug3.jpg (did you mean a/1_aug"), std::string::npos) << outcome.err;
  const Outcome stranger = run_leaven({"replay", in_ + "/a/1.jpg"});
  EXPECT_EQ(stranger.code, 2);
  EXPECT_NE(stranger.err.find("lies in no dataset that Leaven made"), std::string::npos) << stranger.err;
}

TEST_F(ReplayCommand, SaysThatTheSourceChangedOrMoved) {
  fs::rename(in_, scratch_ / "moved");
  const Outcome moved = run_leaven({"replay", copy_});
  EXPECT_EQ(moved.code, 2);
  EXPECT_NE(moved.err.find("--source says where"), std::string::npos) << moved.err;
  EXPECT_EQ(run_leaven({"replay", copy_, "--source", scratch_ / "moved"}).code, 0);
  write_picture_file(scratch_ / "moved/a/1.jpg", drawn_picture(77));
  const Outcome changed = run_leaven({"replay", copy_, "--source", scratch_ / "moved"});
  EXPECT_EQ(changed.code, 1);
  EXPECT_NE(changed.err.find("a/1.jpg: the source has changed"), std::string::npos) << changed.err;
}

TEST(Replay, ChecksTheFileThatIsThere) {
  const ScratchFolder scratch;
  write_class_folders(scratch / "in", {"a"}, 1, "png");
  augment(scratch / "in", scratch / "out", {"--times", "1"});
  std::string copy;
  for (const auto& entry : std::filesystem::directory_iterator(scratch / "out/a"))
    if (entry.path().string().find("_aug1") != std::string::npos) copy = entry.path();
  EXPECT_EQ(run_leaven({"replay", copy, "--check"}).code, 0);
  std::ofstream(copy, std::ios::app) << "x";
  const Outcome changed = run_leaven({"replay", copy, "--check"});
  EXPECT_EQ(changed.code, 1);
  EXPECT_TRUE(has(changed.err, "has changed"));
}

}  // namespace
}  // namespace leaven::cli

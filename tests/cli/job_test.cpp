// `augment`, `run`, `merge` and `verify` as processes: what they make, say and exit with.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "tests/cli/program.hpp"
#include "tests/cli/samples.hpp"

namespace leaven::cli {
namespace {

namespace fs = std::filesystem;

class Augment : public testing::Test {
 protected:
  void SetUp() override { write_class_folders(in_, {"cat", "dog"}, 5); }
  Outcome augment(std::vector<std::string> more, const Surroundings& around = {}) const {
    more.insert(more.begin(), {"augment", in_, "-o", out_});
    return run_leaven(more, around);
  }
  std::size_t images() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(out_)) count += entry.path().extension() == ".jpg";
    return count;
  }

  ScratchFolder scratch_{};
  std::string in_{scratch_ / "in"}, out_{scratch_ / "out"};
};

TEST_F(Augment, MakesALargerDatasetAndSaysSo) {
  write_text_file(in_ + "/notes.txt", "hello");
  write_text_file(in_ + "/cat/broken.jpg", "this is no JPEG");
  const Outcome outcome = augment({"--times", "2", "--threads", "2"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(images(), 30U);
  for (const std::string& part :
       {std::string("class folders"), std::string("preset light (the default: mild, and safe for labels), seed 0"),
        std::string("30 samples: 10 originals and 20 copies"), std::string("1 broken"),
        std::string("1 file that is no sample"), out_ + "/leaven.report.html",
        "leaven explain " + out_ + "/cat/0_aug1.jpg"})
    EXPECT_TRUE(has(outcome.out, part));
  for (const char* file : {"leaven.recipe.yaml", "leaven.lineage.jsonl", "leaven.set_aside.jsonl", "leaven.job.json",
                           "leaven.report.html", "cat/4_aug2.jpg"})
    EXPECT_TRUE(fs::exists(out_ + "/" + file)) << file;
}

TEST_F(Augment, FlagsOverrideTheRecipe) {
  write_text_file(scratch_ / "r.yaml", "leaven: 1\nseed: 3\naugment: {times: 7}\nsteps: [invert]\n");
  EXPECT_EQ(augment({"--recipe", scratch_ / "r.yaml", "--total", "16", "--image-format", "png", "--quiet"}).code, 0);
  EXPECT_EQ(images(), 10U) << "originals";
  EXPECT_EQ(lines_of_file(out_ + "/leaven.lineage.jsonl").size(), 16U);
  const std::string recipe = read_text_file(out_ + "/leaven.recipe.yaml");
  EXPECT_TRUE(has(recipe, "seed: 3"));
  EXPECT_TRUE(has(recipe, "total: 16"));
  EXPECT_EQ(recipe.find("times"), std::string::npos) << recipe;
}

TEST_F(Augment, QuietIsQuiet) {
  const Outcome outcome = augment({"--times", "1", "--quiet"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out + outcome.err, "");
}

TEST_F(Augment, JsonProgressIsOneObjectALine) {
  const Outcome outcome = augment({"--times", "3", "--progress", "json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "");
  std::size_t begin = 0, lines = 0;
  nlohmann::json line;
  for (std::size_t end; (end = outcome.out.find('\n', begin)) != std::string::npos; begin = end + 1, ++lines) {
    line = nlohmann::json::parse(outcome.out.substr(begin, end - begin));
    EXPECT_TRUE(line.at("event") == "progress" || line.at("event") == "done");
  }
  EXPECT_EQ(begin, outcome.out.size()) << "the last line ends";
  EXPECT_GE(lines, 2U);
  EXPECT_EQ(line.at("event"), "done");
  EXPECT_EQ(line.at("outputs"), 40);
  EXPECT_EQ(line.at("copies"), 30);
  EXPECT_EQ(line.at("classes").at("cat"), (nlohmann::json{5, 20}));
  EXPECT_EQ(line.at("too_many_broken"), false);
}

TEST_F(Augment, PlainProgressIsALineAStage) {
  const std::string said = augment({"--times", "1", "--progress", "plain"}).err;
  EXPECT_FALSE(said.empty());
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(std::regex_match(line, std::regex("(index|clean|augment|report): .*"))) << line;
}

TEST_F(Augment, ADryRunWritesNothing) {
  const Outcome outcome = augment({"--per-class", "12", "--dry-run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(has(outcome.out, "24"));
  EXPECT_FALSE(fs::exists(out_));
}

TEST_F(Augment, TooManyBrokenSamplesAreAFailedJob) {
  for (int i = 0; i < 3; ++i) write_text_file(in_ + "/cat/bad" + std::to_string(i) + ".jpg", "");
  const Outcome outcome = augment({"--times", "1"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_TRUE(has(outcome.err, "leaven: 3 of 13 samples could not be used, more than the 10 % that are allowed"));
  EXPECT_EQ(images(), 20U) << "the rest is done";
  EXPECT_EQ(augment({"--times", "1", "--overwrite", "--max-bad", "50%", "--quiet"}).code, 0);
  EXPECT_EQ(augment({"--times", "1", "--overwrite", "--on-error", "stop", "--quiet"}).code, 1);
}

TEST_F(Augment, RefusesWhatCannotWork) {
  EXPECT_EQ(run_leaven({"augment", in_, "-o", in_ + "/out"}).code, 2);
  EXPECT_EQ(run_leaven({"augment", scratch_ / "nothing", "-o", out_}).code, 2);
  EXPECT_FALSE(fs::exists(out_));
  write_text_file(out_ + "/mine.txt", "keep me");
  EXPECT_EQ(augment({"--times", "1"}).code, 2);
  EXPECT_EQ(read_text_file(out_ + "/mine.txt"), "keep me");
}

TEST_F(Augment, RefusesWhatWouldHaveNoEffect) {
  for (const std::vector<std::string>& more : std::vector<std::vector<std::string>>{
           {"--layout", "npz", "--image-format", "jpeg"}, {"--layout", "npz", "--quality", "30"}, {"--layout", "npz", "--originals", "link"},
           {"--layout", "webdataset", "--originals", "link"}, {"--image-format", "png", "--quality", "30"}}) {
    EXPECT_EQ(augment(more).code, 2) << more[1];
    EXPECT_FALSE(fs::exists(out_));
  }
}

TEST_F(Augment, CtrlCStopsCleanlyAndSaysHowToGoOn) {
  write_class_folders(in_, {"cat", "dog"}, 150);
  int asked = 0;
  const auto stop_once_it_augments = [&](pid_t process, const std::string& said) {
    if (asked == 0 && said.find("augment: ") != std::string::npos) {
      ++asked;
      kill(process, SIGINT);
    }
  };
  const Outcome outcome =
      augment({"--times", "20", "--threads", "1", "--progress", "plain"}, {.seen = stop_once_it_augments});
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(outcome.code, 130);
  EXPECT_TRUE(has(outcome.err, "stopping after the samples in hand"));
  const std::string command = "leaven augment " + in_ + " -o " + out_ + " --times 20 --threads 1 --resume";
  EXPECT_TRUE(has(outcome.err, command));
  EXPECT_EQ(augment({"--times", "20", "--resume", "--quiet"}).code, 0);
  EXPECT_EQ(lines_of_file(out_ + "/leaven.lineage.jsonl").size(), 300U * 21U);
  EXPECT_EQ(run_leaven({"verify", out_}).code, 0);
}

TEST_F(Augment, VerifyFindsWhatChanged) {
  ASSERT_EQ(augment({"--times", "1", "--quiet"}).code, 0);
  const Outcome good = run_leaven({"verify", out_});
  EXPECT_EQ(good.code, 0);
  EXPECT_TRUE(has(good.out, "20 outputs checked: 0 missing, 0 changed, 0 that no line names"));
  write_picture_file(out_ + "/cat/1_aug1.jpg", drawn_picture(99));
  fs::remove(out_ + "/dog/2_aug1.jpg");
  write_picture_file(out_ + "/dog/stranger.jpg", drawn_picture(98));
  const Outcome bad = run_leaven({"verify", out_});
  EXPECT_EQ(bad.code, 1);
  EXPECT_TRUE(has(bad.out, "1 missing, 1 changed, 1 that no line names"));
  EXPECT_TRUE(has(bad.out, "cat/1_aug1.jpg"));
}

TEST_F(Augment, ShardsMergeIntoOneDataset) {
  for (const char* shard : {"2/2", "1/2"}) EXPECT_EQ(augment({"--times", "2", "--shard", shard, "--quiet"}).code, 0);
  const Outcome merged = run_leaven({"merge", out_});
  EXPECT_EQ(merged.code, 0) << merged.err;
  EXPECT_TRUE(has(merged.out, "30 samples"));
  EXPECT_EQ(run_leaven({"verify", out_}).code, 0);
}

TEST_F(Augment, RunTakesEverythingFromTheRecipe) {
  write_text_file(scratch_ / "r.yaml", "leaven: 1\nsource: {path: " + in_ + "}\nsink: {path: " + out_ +
                                           "}\naugment: {times: 1}\nsteps: [vertical_flip]\n");
  const Outcome outcome = run_leaven({"run", scratch_ / "r.yaml"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(images(), 20U);
  // The recipe that lies in OUT makes the same again elsewhere.
  EXPECT_EQ(run_leaven({"run", out_ + "/leaven.recipe.yaml", "-o", scratch_ / "again", "--quiet"}).code, 0);
  EXPECT_EQ(read_text_file(scratch_ / "again/leaven.lineage.jsonl"), read_text_file(out_ + "/leaven.lineage.jsonl"));
  write_text_file(scratch_ / "no_sink.yaml", "leaven: 1\nsource: {path: " + in_ + "}\n");
  const Outcome refused = run_leaven({"run", scratch_ / "no_sink.yaml"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(has(refused.err, "no_sink.yaml: the recipe names no sink to write to"));
}

}  // namespace
}  // namespace leaven::cli

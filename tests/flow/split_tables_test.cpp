// A folder of train.csv and test.csv: only train grows, nothing is learnt from test, and each file stays what it is.
#include "io/split_tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "ops/families.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

class SplitTables : public testing::Test {
 protected:
  /// Numbers of test lie far from those of train; test.csv has no y, as where it is to be predicted.
  SplitTables() {
    std::string train = "a,b,y\n", test = "a,b\n";
    for (int i = 0; i < 40; ++i) train += std::to_string(i % 10) + ".5," + std::to_string(i) + (i % 4 == 0 ? ",p\n" : ",q\n");
    for (int i = 0; i < 9; ++i) test += "9000.50," + std::to_string(i) + "\n";
    write_text(folder_ / "in" / "train.csv", train);
    write_text(folder_ / "in" / "test.csv", test);
  }
  JobSummary make(const std::string& out, const std::string& recipe, const std::string& in = "in") {
    JobOptions options;
    options.recipe = recipe::parse("leaven: 1\n" + recipe, ops::op_table());
    options.recipe.source.path = folder_ / in;
    options.recipe.sink.path = folder_ / out;
    options.threads = 2;
    const std::atomic<bool> stop{false};
    return run_job(options, [](const Progress&) {}, stop);
  }
  std::vector<std::string> lines(const fs::path& file) const {
    std::istringstream in(read_text(folder_ / file));
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  std::string refusal(const std::string& recipe) {
    try {
      make("refused", recipe);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }
  void expect_again(const std::string& id, const std::string& line) const {
    const FoundLineage found = find_lineage(folder_ / "out" / id, ops::op_table());
    const Replayed again = replay(found.record, found.recipe.source, folder_ / "out");
    EXPECT_TRUE(again.same_digest) << id;
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(again.file.data()), again.file.size()), line + "\n");
  }
  TestFolder folder_;
};

constexpr const char* kJitter = "augment: {times: 2}\nschema: {target: y}\nsteps: [table_jitter: {sigma: 0.1}]\n";

TEST_F(SplitTables, CellsMissingInWhatIsAppendedToJsonLinesAreNullAndVerified) {
  write_text(folder_ / "a.jsonl", "{\"x\":1.5,\"s\":\"u\"}\n{\"x\":2.5,\"s\":null}\n{\"x\":null,\"s\":\"v\"}\n");
  write_text(folder_ / "more.csv", "x,s\n3.5,\n,v\n");
  make("out", "source: {append: ['" + (folder_ / "more.csv").string() + "']}\nsteps: []\naugment: {times: 1}\n", "a.jsonl");
  const std::string made = read_text(folder_ / "out/a.jsonl");
  EXPECT_NE(made.find("{\"x\":3.5,\"s\":null}"), std::string::npos) << made;
  EXPECT_EQ(made.find("\"null\""), std::string::npos) << made;
  const Verification found = verify(folder_ / "out", 1);
  EXPECT_EQ(found.checked, 10U);
  EXPECT_TRUE(found.problems.empty());
}

TEST_F(SplitTables, OnlyTrainGrowsAndTheOthersStayByteForByte) {
  const JobSummary made = make("out", kJitter);
  EXPECT_EQ(made.sources, 49U);
  EXPECT_EQ(made.copies, 80U);
  EXPECT_EQ(made.classes.at("p"), (std::pair<std::uint64_t, std::uint64_t>{10, 30}));
  EXPECT_EQ(lines("out/train.csv").size(), 1U + 120U);
  EXPECT_EQ(read_text(folder_ / "out" / "test.csv"), read_text(folder_ / "in" / "test.csv"));
  EXPECT_TRUE(verify(folder_ / "out", 2).problems.empty());
  // What was made is such a folder again.
  EXPECT_EQ(make("again", kJitter, "out").copies, 240U);
}

TEST_F(SplitTables, EveryLineIsMadeAgain) {
  make("out", kJitter);
  const auto train = lines("out/train.csv"), test = lines("out/test.csv");
  for (const int row : {0, 1, 2, 77, 119}) expect_again("train.csv#" + std::to_string(row), train[static_cast<std::size_t>(row) + 1]);
  expect_again("test.csv#3", test[4]);
  EXPECT_NE(explain(find_lineage(folder_ / "out/test.csv#3", ops::op_table())).text.find("in#43"), std::string::npos);
}

TEST_F(SplitTables, FitsSeeTrainAlone) {
  make("out", "augment: {times: 0}\nschema: {target: y}\nprepare: [table_scale: {method: min_max}]\nsteps: []\n");
  const auto train = lines("out/train.csv"), test = lines("out/test.csv");
  EXPECT_EQ(train[1].substr(0, 2), "0.");
  EXPECT_EQ(train[10].substr(0, 2), "1.") << "the largest of train";
  EXPECT_GT(std::stod(test[1]), 900) << "far outside of what train has";
  EXPECT_EQ(test[0], "a,b") << "no column that the file never had";
}

TEST_F(SplitTables, NewRowsHaveParentsInTrain) {
  make("out", "schema: {target: y}\nbalance: {method: smote}\nsteps: []\n");
  const auto train = lines("out/train.csv");
  EXPECT_EQ(train.size(), 1U + 60U);
  for (std::size_t i = 1; i < train.size(); ++i) EXPECT_LT(std::stod(train[i]), 10);
  EXPECT_EQ(lines("out/test.csv").size(), 10U);
}

TEST_F(SplitTables, FoldersOfOneFileEachAreTheSame) {
  for (const char* split : {"train", "test"}) {
    fs::create_directories(folder_ / "deep" / split);
    fs::rename(folder_ / "in" / (std::string(split) + ".csv"), folder_ / "deep" / split / "rows.csv");
  }
  make("out", kJitter, "deep");
  EXPECT_EQ(lines("out/train/rows.csv").size(), 121U);
  EXPECT_EQ(lines("out/test/rows.csv").size(), 10U);
}

TEST_F(SplitTables, AnotherTableBesideThemIsSaid) {
  write_text(folder_ / "in" / "sample_submission.csv", "id,y\n1,p\n");
  const auto notes = make("out", kJitter).notes;
  EXPECT_NE(std::ranges::find(notes, "sample_submission.csv is neither train, val nor test, and stays where it is"), notes.end());
}

TEST_F(SplitTables, WhatTrainLacksCannotBeLearnt) {
  write_text(folder_ / "in" / "test.csv", "a,b,z\n1.5,2,3\n");
  EXPECT_NE(refusal(kJitter).find("train.csv: lacks the column z, which other parts have"), std::string::npos) << refusal(kJitter);
}

TEST_F(SplitTables, OtherFoldersAreNone) {
  const auto parts = [&](const std::string& folder) { return io::split_tables(folder_ / folder).parts.size(); };
  EXPECT_EQ(parts("in"), 2U);
  write_text(folder_ / "alone" / "train.csv", "a,b\n1,2\n");
  EXPECT_EQ(parts("alone"), 0U) << "train alone is a file";
  write_text(folder_ / "two" / "train.csv", "a,b\n1,2\n");
  write_text(folder_ / "two" / "test.csv", "a,b\n1,2\n");
  EXPECT_EQ(parts("two"), 2U);
  write_text(folder_ / "two" / "training.csv", "a,b\n1,2\n");
  EXPECT_EQ(parts("two"), 0U) << "which of both is it?";
  write_text(folder_ / "mixed" / "train.csv", "a,b\n1,2\n");
  write_text(folder_ / "mixed" / "test.jsonl", "{\"a\":1,\"b\":2}\n");
  EXPECT_EQ(parts("mixed"), 0U);
  write_classes(folder_ / "pictures", {"train", "test"}, 2);
  EXPECT_EQ(parts("pictures"), 0U);
}

}  // namespace
}  // namespace leaven::flow

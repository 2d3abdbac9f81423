// What `generate sample` writes is there whole or not at all, and takes the place of nothing but what it wrote before.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "core/error.hpp"
#include "flow/replay.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/sampled_folder.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

namespace fs = std::filesystem;

class SampledFolderTest : public testing::Test {
 protected:
  SampledFolderTest() {
    write_bars(scratch_ / "bars", 12);
    const std::atomic<bool> stop{false};
    fit_images({.data = scratch_ / "bars", .out = scratch_ / "gen"}, kinds_, {}, stop);
  }
  Sampled sample(std::uint64_t per_class, bool overwrite, bool stop = false) {
    const std::atomic<bool> stopped{stop};
    return sample_images({.generator = scratch_ / "gen", .out = scratch_ / "out", .per_class = per_class, .overwrite = overwrite}, kinds_, stopped);
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    if (fs::exists(scratch_ / "out"))
      for (const auto& entry : fs::recursive_directory_iterator(scratch_ / "out"))
        if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(scratch_ / "out").string());
    std::ranges::sort(names);
    return names;
  }
  std::string refusal(bool overwrite) {
    try {
      sample(1, overwrite);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
  std::vector<ImageKind> kinds_{pca_kind()};
  ScratchFolder scratch_{};
  const std::vector<std::string> kOne{"leaven.generated.json", "leaven.lineage.jsonl", "left/generated_000001.png", "right/generated_000001.png"};
};

TEST_F(SampledFolderTest, AnEarlierSampleGivesWayWhole) {
  sample(3, false);
  EXPECT_EQ(files().size(), 8U);
  EXPECT_NE(refusal(false).find("holds generated samples already"), std::string::npos);
  sample(1, true);
  EXPECT_EQ(files(), kOne) << "no picture of the sample before is left";
}

TEST_F(SampledFolderTest, NothingElseIsTouched) {
  write_text(scratch_ / "out/left/generated_000001.png", "mine");
  for (const bool overwrite : {false, true}) EXPECT_NE(refusal(overwrite).find("holds left/generated_000001.png, which no generate sample wrote"), std::string::npos);
  EXPECT_EQ(read_text(scratch_ / "out/left/generated_000001.png"), "mine");
  fs::remove_all(scratch_ / "out");
  sample(1, false);
  write_text(scratch_ / "out/notes.txt", "mine");
  EXPECT_NE(refusal(true).find("holds notes.txt"), std::string::npos);
  EXPECT_EQ(files().size(), kOne.size() + 1);
  fs::remove(scratch_ / "out/notes.txt");
  // A lineage that names what lies elsewhere takes nothing from there.
  write_text(scratch_ / "out/leaven.lineage.jsonl", R"({"id": "../bars/left/0.png"})" "\n");
  const std::string named = refusal(true);
  EXPECT_NE(named.find("which no generate sample wrote"), std::string::npos) << named;
  EXPECT_FALSE(fs::is_empty(scratch_ / "bars/left"));
}

TEST_F(SampledFolderTest, WhatIsStoppedLeavesNothing) {
  EXPECT_THROW(sample(5, false, true), Error);
  EXPECT_FALSE(fs::exists(scratch_ / "out"));
  sample(1, false);
  EXPECT_THROW(sample(5, true, true), Error);
  EXPECT_EQ(files(), kOne) << "the sample before is whole";
}

TEST_F(SampledFolderTest, WhatAKilledRunLeftGoes) {
  write_text(scratch_ / "out/.leaven-part/left/generated_000009.png", "half");
  sample(1, false);
  EXPECT_EQ(files(), kOne);
}

TEST_F(SampledFolderTest, APictureIsExplained) {
  sample(1, false);
  const flow::FoundLineage found = flow::find_lineage(scratch_ / "out/right/generated_000001.png", ops::op_table());
  const std::string told = flow::explain(found).text;
  for (const char* said : {"right/generated_000001.png", "a learned model of kind pca", "class right", "its gate: unchecked"}) EXPECT_NE(told.find(said), std::string::npos) << told;
  EXPECT_THROW(flow::replay(found.record, found.recipe.source), Error);
}

}  // namespace
}  // namespace leaven::learn

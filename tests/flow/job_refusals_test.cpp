// What a job refuses without touching what was there, what it doubts, and what verify finds afterwards.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "flow/job_file.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipe = "leaven: 1\nsteps: [horizontal_flip]\n";

std::string refusal_of(const JobOptions& options) {
  try {
    run(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "made";
}

TEST(JobRefusals, WhatALayoutCannotHoldLeavesTheEarlierRunAsItIs) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 2);
  run(options_for(folder / "in", folder / "out", kRecipe));
  const auto before = names_in(folder / "out");
  for (const char* layout : {"coco", "yolo", "voc", "labelme", "masks"}) {
    JobOptions options = options_for(folder / "in", folder / "out", kRecipe);
    options.overwrite = true;
    options.recipe.sink.layout = layout;
    EXPECT_NE(refusal_of(options).find("holds marked images"), std::string::npos) << layout;
    EXPECT_EQ(names_in(folder / "out"), before) << layout;
    options.recipe.sink.path = folder / "fresh";
    EXPECT_NE(refusal_of(options), "made");
    EXPECT_FALSE(fs::exists(folder / "fresh")) << layout;
  }
}

TEST(JobRefusals, ResumesOnlyWithTheFilesThatTheRecipeNamedThen) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 2);
  write_image(folder / "sticker.png", picture(5, 8, 8));
  const std::string recipe = "leaven: 1\nsteps: [{overlay_image: {path: '" + (folder / "sticker.png").string() + "'}}]\n";
  JobOptions options = options_for(folder / "in", folder / "out", recipe);
  run(options);
  const auto record = read_job_file(folder / "out" / kJobFile);
  ASSERT_TRUE(record && !record->files_digest.empty());
  JobRecord other = *record;
  other.files_digest = "0";
  EXPECT_EQ(differences(*record, other, false), "a file that the recipe names has changed");
  options.resume = true;
  options.recipe.augment.times = 2;
  EXPECT_EQ(run(options).copies, 4U);
}

TEST(JobRefusals, StagesOfTablesAreRefused) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 2);
  EXPECT_NE(refusal_of(options_for(folder / "in", folder / "out", "leaven: 1\nbalance: smote\n")).find("balance makes rows of tables"), std::string::npos);
  EXPECT_NE(refusal_of(options_for(folder / "in", folder / "out", "leaven: 1\nschema: {target: y}\n")).find("target names a column of a table"), std::string::npos);
}

TEST(JobRefusals, SaysWhatMayNotHaveBeenMeant) {
  TestFolder folder;
  write_classes(folder / "single", {"a", "b", "c"}, 1);
  const JobSummary single = run(options_for(folder / "single", folder / "out1", "leaven: 1\nsplit: {val: 20%}\nsteps: [{invert: {when: {class: d}}}]\n"));
  ASSERT_EQ(single.notes.size(), 2U);
  EXPECT_TRUE(single.notes[0].starts_with("val gets no sample")) << single.notes[0];
  EXPECT_EQ(single.notes[1], "when: names no class of this dataset: d");
  write_classes(folder / "uneven/train", {"a", "b", "c"}, 2);
  write_classes(folder / "uneven/test", {"b"}, 2);
  const JobSummary uneven = run(options_for(folder / "uneven", folder / "out2", kRecipe));
  ASSERT_EQ(uneven.notes.size(), 1U);
  EXPECT_TRUE(uneven.notes[0].starts_with("test has no sample of 2 classes of train: a, c;")) << uneven.notes[0];
  fs::remove_all(folder / "uneven/train");
  fs::rename(folder / "uneven/test", folder / "uneven/val");
  write_classes(folder / "uneven/test", {"b"}, 2);
  const JobSummary none = run(options_for(folder / "uneven", folder / "out3", kRecipe));
  ASSERT_EQ(none.notes.size(), 1U);
  EXPECT_TRUE(none.notes[0].starts_with("no sample is for training")) << none.notes[0];
  JobOptions dry = options_for(folder / "single", folder / "out4", kRecipe);
  dry.dry_run = true;
  EXPECT_EQ(run(dry).notes, std::vector<std::string>{"no sample was decoded: those that turn out to be broken will be set aside"});
}

TEST(JobRefusals, VerifySeesLabelsThatChanged) {
  TestFolder folder;
  for (const char* label : {"cat", "dog"}) write_image(folder / "in" / label / "1.png", picture(label[0], 24, 24));
  for (const char* layout : {"webdataset", "npz"}) {
    const fs::path out = folder / layout;
    JobOptions options = options_for(folder / "in", out, "leaven: 1\nsink: {layout: " + std::string(layout) + "}\nsteps: []\n");
    run(options);
    EXPECT_TRUE(verify(out, 1).problems.empty()) << layout;
  }
  std::string classes = read_text(folder / "webdataset/classes.json");
  classes.replace(classes.find("cat"), 3, "owl");
  write_text(folder / "webdataset/classes.json", classes);
  EXPECT_EQ(verify(folder / "webdataset", 1).problems, std::vector<std::string>{"classes.json: has changed"});
  std::string array = read_text(folder / "npz/data.npz");
  array[array.find("classes.npy") + 11 + 128] ^= 1;
  write_text(folder / "npz/data.npz", array);
  EXPECT_THROW(verify(folder / "npz", 1), Error) << "its checksum is another";
}

}  // namespace
}  // namespace leaven::flow

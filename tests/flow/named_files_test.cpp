// Files that steps name: beside the recipe, one of a folder, the same ones on another machine.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/names.hpp"
#include "flow/recipe_files.hpp"
#include "flow/replay.hpp"
#include "io/npy.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

/// A dataset, a recipe and its files in folders of their own.
class NamedFiles : public ::testing::Test {
 protected:
  NamedFiles() {
    write_classes(folder_ / "in", {"cat"}, 3);
    write_image(folder_ / "project" / "sticker.png", picture(5, 8, 8));
    for (int i = 0; i < 4; ++i) write_image(folder_ / "project" / "stickers" / (i < 2 ? "small" : "large") / (std::to_string(i) + ".png"), picture(20 + i, 9, 7));
    write_text(folder_ / "project" / "stickers" / "notes.txt", "no picture");
  }

  JobOptions options(const std::string& steps, const std::string& out) {
    const fs::path file = folder_ / "project" / "train.yaml";
    write_text(file, "leaven: 1\naugment: {times: 4}\nsteps: " + steps + "\n");
    JobOptions options;
    options.recipe = recipe::load(file, ops::op_table());
    options.recipe.source.path = folder_ / "in";
    options.recipe.sink.path = folder_ / out;
    options.threads = 2;
    options.report = false;
    return options;
  }

  std::vector<LineageRecord> copies(const std::string& out) const {
    std::vector<LineageRecord> made;
    for (const std::string& line : lines_of(folder_ / out / kLineageFile))
      if (LineageRecord record = lineage_from_json(line, ops::op_table()); !record.program.steps.empty()) made.push_back(std::move(record));
    return made;
  }

  static std::string path_in(const LineageRecord& record) { return std::get<std::string>(record.program.steps.at(0).op.get("path")); }

  TestFolder folder_;
};

TEST_F(NamedFiles, AMissingOneIsRefusedAtItsPlaceBeforeAnythingIsWritten) {
  try {
    run(options("\n  - invert\n  - overlay_image: {path: nope.png}", "out"));
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("train.yaml:5:5: "), std::string::npos) << error.what();
  }
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(NamedFiles, AStepThatNeedsOneAndNamesNoneIsRefusedAtItsPlace) {
  for (const char* step : {"overlay_image", "overlay_image: {path: \"\"}", "one_of: [invert, {histogram_matching: {}}]"}) {
    try {
      require_named_files(options(std::string("[") + (std::string(step).find(':') == std::string::npos ? step : std::string("{") + step + "}") + "]", "out").recipe);
      ADD_FAILURE() << "went on: " << step;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_NE(std::string(error.what()).find("needs a path: an image file"), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find("train.yaml:3:"), std::string::npos) << error.what();
    }
  }
}

TEST_F(NamedFiles, OneThatIsNoPictureIsRefusedAtItsPlace) {
  write_text(folder_ / "project" / "torn.png", "\x89PNG\r\n\x1a\n and no more");
  try {
    require_named_files(options("[{with_probability: {p: 0.01, steps: [{overlay_image: {path: torn.png}}]}}]", "out").recipe);
    ADD_FAILURE() << "went on";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("torn.png: "), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("train.yaml:3:"), std::string::npos) << error.what();
  }
}

TEST_F(NamedFiles, OneOfAFolderThatCannotBeReadGivesWayToAnotherAndIsTold) {
  write_text(folder_ / "project" / "stickers" / "large" / "torn.png", "\x89PNG\r\n\x1a\n and no more");
  const JobSummary made = run(options("[{overlay_image: {path: stickers}}]", "out"));
  EXPECT_EQ(made.copies, 12U);
  EXPECT_TRUE(made.set_aside.empty());
  for (const LineageRecord& record : copies("out")) EXPECT_EQ(path_in(record).find("torn.png"), std::string::npos);
  const recipe::Recipe named = options("[{overlay_image: {path: stickers}}]", "out").recipe;
  const std::vector<std::string> unreadable = unreadable_pictures(named, /*look=*/true);
  ASSERT_EQ(unreadable.size(), 1U);
  EXPECT_NE(unreadable[0].find("stickers/large/torn.png: "), std::string::npos) << unreadable[0];
  const JobSummary again = run(options("[{overlay_image: {path: stickers}}]", "again"));
  const auto tells = [](const std::string& note) { return note.starts_with("1 picture of folders that steps draw from could not be read, and another was drawn: "); };
  EXPECT_TRUE(std::ranges::any_of(again.notes, tells)) << ::testing::PrintToString(again.notes);
  EXPECT_EQ(tree_of(folder_ / "out"), tree_of(folder_ / "again"));
}

TEST_F(NamedFiles, LineageNamesThemFromBesideTheRecipe) {
  run(options("[{overlay_image: {path: sticker.png}}]", "out"));
  const auto made = copies("out");
  ASSERT_EQ(made.size(), 12U);
  const OpenedFile sticker = *recipe_files().file((folder_ / "project" / "sticker.png").string());
  for (const LineageRecord& record : made) {
    EXPECT_EQ(path_in(record), "sticker.png");
    EXPECT_EQ(std::get<std::string>(record.program.steps[0].op.get("digest")), sticker.digest);
  }
  // The recipe that lies in OUT says where that is, and makes the same again.
  const recipe::Recipe again = recipe::load(folder_ / "out" / kRecipeFile, ops::op_table());
  EXPECT_EQ(again.file, (folder_ / "project" / "train.yaml").string());
  JobOptions repeated = options("[]", "again");
  repeated.recipe = again;
  repeated.recipe.sink.path = folder_ / "again";
  run(repeated);
  EXPECT_EQ(tree_of(folder_ / "out"), tree_of(folder_ / "again"));
}

TEST_F(NamedFiles, LinesHoldNothingOfTheMachine) {
  TestFolder elsewhere;
  run(options("[{overlay_image: {path: ./sticker.png}}, {histogram_matching: {path: ../project/sticker.png}}]", "out"));
  fs::copy(folder_ / "project", elsewhere / "project", fs::copy_options::recursive);
  JobOptions moved = options("[]", "moved");
  moved.recipe = recipe::parse("leaven: 1\naugment: {times: 4}\nsteps: [{overlay_image: {path: ./sticker.png}}, {histogram_matching: {path: ../project/sticker.png}}]", ops::op_table(),
                               (elsewhere / "project" / "train.yaml").string());
  moved.recipe.source.path = folder_ / "in";
  moved.recipe.sink.path = folder_ / "moved";
  run(moved);
  EXPECT_EQ(tree_of(folder_ / "out"), tree_of(folder_ / "moved"));
}

TEST_F(NamedFiles, ReplayFindsThemWhereTheyAreToldToLie) {
  run(options("[{overlay_image: {path: sticker.png}}]", "out"));
  const LineageRecord record = copies("out").at(0);
  const recipe::Source source{.path = (folder_ / "in").string()};
  EXPECT_TRUE(replay(record, source, {}, (folder_ / "project" / "train.yaml").string()).same_digest);
  fs::rename(folder_ / "project", folder_ / "moved");
  EXPECT_TRUE(replay(record, source, {}, (folder_ / "moved" / "recipe").string()).same_digest);
  try {
    replay(record, source, {}, (folder_ / "elsewhere" / "recipe").string());
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("--files"), std::string::npos) << error.what();
  }
  write_image(folder_ / "changed" / "sticker.png", picture(6, 8, 8));
  try {
    replay(record, source, {}, (folder_ / "changed" / "recipe").string());
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("sticker.png has changed"), std::string::npos) << error.what();
  }
}

TEST_F(NamedFiles, OneOfAFolderIsDrawnForEachCopy) {
  JobOptions job = options("[{overlay_image: {path: stickers, opacity: 1}}]", "out");
  job.recipe.augment.times = 12;
  run(job);
  std::map<std::string, int> seen;
  for (const LineageRecord& record : copies("out")) {
    ++seen[path_in(record)];
    EXPECT_TRUE(replay(record, job.recipe.source, {}, job.recipe.file).same_digest) << path_in(record);
  }
  const std::set<std::string> wanted{"stickers/large/2.png", "stickers/large/3.png", "stickers/small/0.png", "stickers/small/1.png"};
  std::set<std::string> names;
  for (const auto& [name, count] : seen) {
    names.insert(name);
    EXPECT_GE(count, 2) << name << " of 36 draws";
  }
  EXPECT_EQ(names, wanted);
  // What was drawn stands in the line: other files beside them change nothing.
  const LineageRecord record = copies("out").at(5);
  write_image(folder_ / "project" / "stickers" / "aaa.png", picture(40, 9, 7));
  EXPECT_TRUE(replay(record, job.recipe.source, {}, job.recipe.file).same_digest);
}

TEST_F(NamedFiles, FoldersServeEveryOpThatShowsAnImage) {
  for (const char* op : {"histogram_matching", "fourier_adaptation"}) {
    run(options("[{" + std::string(op) + ": {path: stickers/}}]", op));
    std::set<std::string> names;
    for (const LineageRecord& record : copies(op)) names.insert(path_in(record));
    EXPECT_GT(names.size(), 1U) << op;
  }
}

TEST_F(NamedFiles, OfAFolderEachOpTakesWhatItCan) {
  const fs::path mixed = folder_ / "project" / "mixed";
  write_image(mixed / "a.png", picture(30, 8, 8));
  for (const char* name : {"one.npy", "two.npy"}) {
    const std::vector<float> values(2 * 3 * 2, name[0] == 'o' ? 0.05f : -0.05f);
    const std::string head = io::npy_header("<f4", 2, {3, 2});
    write_text(mixed / name, head + std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
  }
  const auto names = [&](const std::string& op, const std::string& field, const std::string& out, const std::string& from = "mixed") {
    run(options("[{" + op + ": {" + field + ": " + from + "}}]", out));
    std::set<std::string> found;
    for (const LineageRecord& record : copies(out)) found.insert(std::get<std::string>(record.program.steps.at(0).op.get(field)));
    return found;
  };
  EXPECT_EQ(names("remap", "path", "maps"), (std::set<std::string>{"mixed/one.npy", "mixed/two.npy"}));
  EXPECT_EQ(names("overlay_image", "path", "stickers"), (std::set<std::string>{"mixed/a.png"}));
  try {
    names("text", "font", "texts");
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the folder mixed/ holds no fonts"), std::string::npos) << error.what();
  }
  const fs::path dejavu = "/usr/share/fonts/truetype/dejavu";
  const fs::path letters = folder_ / "project" / "letters";
  write_image(letters / "a.png", picture(31, 8, 8));
  fs::copy(dejavu / "DejaVuSans.ttf", letters / "Plain.TTF");
  fs::copy(dejavu / "DejaVuSans.ttf", letters / "same.ttf");
  EXPECT_EQ(names("text", "font", "lettered", "letters"), (std::set<std::string>{"letters/Plain.TTF", "letters/same.ttf"}));
  EXPECT_TRUE(replay(copies("lettered").at(1), recipe::Source{.path = (folder_ / "in").string()}, {}, (folder_ / "project" / "train.yaml").string()).same_digest);
}

TEST_F(NamedFiles, AFolderWithoutImagesIsRefused) {
  fs::create_directory(folder_ / "project" / "empty");
  try {
    run(options("[{overlay_image: {path: empty}}]", "out"));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("the folder empty/ holds no images"), std::string::npos) << error.what();
  }
}

TEST_F(NamedFiles, ARecipeBelowTakesItsBasesFiles) {
  write_text(folder_ / "project" / "base.yaml", "leaven: 1\nsteps: [{overlay_image: {path: {choice: [sticker.png, stickers/small/0.png]}}}]\n");
  write_text(folder_ / "project" / "below" / "own.yaml", "leaven: 1\nextends: ../base.yaml\nseed: 3\n");
  const recipe::Recipe own = recipe::load(folder_ / "project" / "below" / "own.yaml", ops::op_table());
  const Setting& path = own.steps.at(0).settings.at(0).second;
  EXPECT_EQ(std::get<std::string>(path.choices.at(0)), "../sticker.png");
  EXPECT_EQ(std::get<std::string>(path.choices.at(1)), "../stickers/small/0.png");
  EXPECT_EQ(own.file, (folder_ / "project" / "below" / "own.yaml").string());
  const std::string text = recipe::to_yaml(own);
  EXPECT_EQ(recipe::to_yaml(recipe::parse(text, ops::op_table())), text);
  recipe::Recipe elsewhere = own;
  elsewhere.file = "/elsewhere/own.yaml";
  EXPECT_EQ(recipe::digest(elsewhere), recipe::digest(own)) << "where they lie changes no bytes";
}

TEST_F(NamedFiles, AbsolutePathsStay) {
  const std::string sticker = (folder_ / "project" / "sticker.png").string();
  run(options("[{overlay_image: {path: '" + sticker + "'}}]", "out"));
  EXPECT_EQ(path_in(copies("out").at(0)), sticker);
}

}  // namespace
}  // namespace leaven::flow

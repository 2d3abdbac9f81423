// What a job makes of a small dataset.
#include "flow/job.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/replay.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRecipe = R"(leaven: 1
steps:
  - horizontal_flip: {p: 0.5}
  - random_crop: {width: 30, height: 28}
  - brightness: {by: {uniform: [0.7, 1.3]}}
  - gaussian_noise: {sigma: {uniform: [0.01, 0.05]}}
)";

using flow::options_for;
JobOptions options_for(const fs::path& in, const fs::path& out) { return options_for(in, out, kRecipe); }

LineageRecord record_at(const fs::path& out, std::size_t line) {
  return lineage_from_json(lines_of(out / kLineageFile).at(line), ops::op_table());
}

TEST(Job, MakesTheSameTreeLarger) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 3);
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 2;
  const JobSummary summary = run(options);
  EXPECT_EQ(summary.sources, 6U);
  EXPECT_EQ(summary.outputs, 18U);
  EXPECT_EQ(summary.originals, 6U);
  EXPECT_EQ(summary.classes.at("cat"), (std::pair<std::uint64_t, std::uint64_t>{3, 9}));
  const std::vector<std::string> names = names_in(folder / "out");
  const std::set<std::string> all(names.begin(), names.end());
  EXPECT_EQ(all.size(), 18U + 4U);
  for (const char* own : {kRecipeFile, kLineageFile, kSetAsideFile, kJobFile}) EXPECT_TRUE(all.contains(own)) << own;
  EXPECT_TRUE(all.contains("dog/002_aug2.jpg"));
  EXPECT_EQ(read_text(folder / "out" / "cat" / "001.jpg"), read_text(folder / "in" / "cat" / "001.jpg"));
  EXPECT_EQ(read_text(folder / "out" / kSetAsideFile), "");
}

TEST(Job, EveryOutputHasALineThatHolds) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 4);
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 2;
  run(options);
  const std::vector<std::string> lines = lines_of(folder / "out" / kLineageFile);
  ASSERT_EQ(lines.size(), 24U);
  std::string before;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const LineageRecord record = lineage_from_json(lines[i], ops::op_table());
    EXPECT_EQ(record.copy, i % 3);
    EXPECT_LE(before, record.source);
    before = record.source;
    EXPECT_EQ(record.label, record.source.substr(0, 3));
    const std::string bytes = read_text(folder / "out" / record.id);
    EXPECT_EQ(digest_of(bytes.data(), bytes.size()), record.digest) << record.id;
    EXPECT_EQ(record.encoding.format.empty(), record.copy == 0);
    const Replayed again = replay(record, options.recipe.source);
    EXPECT_TRUE(again.same_digest) << record.id;
  }
  const Verification verified = verify(folder / "out", 2);
  EXPECT_EQ(verified.checked, 24U);
  EXPECT_EQ(verified.missing + verified.changed + verified.unlisted, 0U);
}

TEST(Job, NoOutputTellsWhereAPhotoWasTaken) {
  constexpr std::string_view kPlace = "N 48 51 29.6 E 2 17 40.2";
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 2);
  std::string photo = read_text(folder / "in" / "cat" / "000.jpg");
  photo.insert(2, std::string("\xFF\xFE\0\x1A", 4) + std::string(kPlace));  // a comment
  write_text(folder / "in" / "cat" / "000.jpg", photo);
  const auto told = [&](const std::string& out) {
    int files = 0;
    for (const std::string& name : names_in(folder / out))
      files += read_text(folder / out / name).find(kPlace) != std::string::npos;
    return files;
  };
  JobOptions options = options_for(folder / "in", folder / "files");
  options.recipe.augment.times = 1;
  run(options);
  EXPECT_EQ(told("files"), 0);
  const LineageRecord line = record_at(folder / "files", 0), untouched = record_at(folder / "files", 2);
  EXPECT_TRUE(line.encoding.without_metadata);
  EXPECT_NE(line.digest, line.source_digest);
  EXPECT_TRUE(replay(line, options.recipe.source).same_digest);
  EXPECT_FALSE(untouched.encoding.without_metadata);
  EXPECT_EQ(untouched.digest, untouched.source_digest);
  EXPECT_EQ(verify(folder / "files", 2).changed, 0U);

  options.recipe.sink.path = folder / "packed";
  options.recipe.sink.layout = "webdataset";
  run(options);
  EXPECT_EQ(told("packed"), 0);

  options = options_for(folder / "in", folder / "kept", std::string(kRecipe) + "sink: {metadata: keep}\n");
  options.recipe.augment.times = 1;
  run(options);
  EXPECT_EQ(told("kept"), 1);
  EXPECT_EQ(read_text(folder / "kept" / "cat" / "000.jpg"), photo);
}

TEST(Job, CopiesFollowTheirSourcesFormatAndQuality) {
  TestFolder folder;
  write_image(folder / "in" / "a" / "fine.jpg", picture(1), 97);
  write_image(folder / "in" / "a" / "coarse.jpg", picture(2), 40);
  write_image(folder / "in" / "a" / "drawn.png", picture(3));
  write_image(folder / "in" / "a" / "web.webp", picture(4));
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 1;
  run(options);
  EXPECT_EQ(record_at(folder / "out", 1).encoding.quality, 40);  // coarse, drawn, fine, web
  EXPECT_EQ(record_at(folder / "out", 3).encoding.format, "png");
  EXPECT_EQ(record_at(folder / "out", 5).encoding.quality, 97);
  EXPECT_EQ(record_at(folder / "out", 7).encoding.format, "webp");
  EXPECT_TRUE(fs::exists(folder / "out" / "a" / "web_aug1.webp"));
}

TEST(Job, OfSeveralFramesTheFirstIsTakenAndThatIsSaid) {
  TestFolder folder;
  write_image(folder / "in" / "still.png", picture(1));
  std::string frames = read_text(folder / "in" / "still.png");
  constexpr std::size_t kBehindHeader = 33;
  frames.insert(kBehindHeader, std::string("\0\0\0\x08" "acTL\0\0\0\x02\0\0\0\0\xf3\x8d\x93\x70", 20));  // an APNG of two
  write_text(folder / "in" / "moving.png", frames);
  JobOptions options = options_for(folder / "in", folder / "out");
  const JobSummary summary = run(options);
  ASSERT_EQ(summary.notes.size(), 1U);
  EXPECT_EQ(summary.notes[0], "1 file holds several frames or pages, of which the first was taken");
}

TEST(Job, OneFormatForAllCopies) {
  TestFolder folder;
  write_image(folder / "in" / "a" / "x.png", picture(3));
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 1;
  options.recipe.sink.image_format = "jpeg";
  options.recipe.sink.quality = 61;
  run(options);
  EXPECT_TRUE(fs::exists(folder / "out" / "a" / "x.png")) << "originals stay as they are";
  EXPECT_EQ(record_at(folder / "out", 1).encoding.quality, 61);
  EXPECT_EQ(record_at(folder / "out", 1).id, "a/x_aug1.jpg");
}

TEST(Job, OriginalsCanBeLinksOrNone) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 2);
  JobOptions options = options_for(folder / "in", folder / "linked");
  options.recipe.augment.originals = recipe::Originals::link;
  run(options);
  EXPECT_TRUE(fs::equivalent(folder / "in" / "cat" / "000.jpg", folder / "linked" / "cat" / "000.jpg"));
  options.recipe.sink.path = folder / "bare";
  options.recipe.augment.originals = recipe::Originals::none;
  EXPECT_EQ(run(options).outputs, 2U);
  EXPECT_FALSE(fs::exists(folder / "bare" / "cat" / "000.jpg"));
  EXPECT_TRUE(fs::exists(folder / "bare" / "cat" / "000_aug1.jpg"));
  EXPECT_EQ(verify(folder / "bare", 1).missing, 0U);
}

TEST(Job, OwnSplitsStayAndOnlyTrainGrows) {
  TestFolder folder;
  write_classes(folder / "in" / "train", {"cat"}, 3);
  write_classes(folder / "in" / "test", {"cat"}, 2);
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 2;
  options.recipe.augment.originals = recipe::Originals::none;
  EXPECT_EQ(run(options).outputs, 8U);
  EXPECT_TRUE(fs::exists(folder / "out" / "train" / "cat" / "000_aug2.jpg"));
  EXPECT_TRUE(fs::exists(folder / "out" / "test" / "cat" / "001.jpg"));
  EXPECT_FALSE(fs::exists(folder / "out" / "test" / "cat" / "000_aug1.jpg"));
}

TEST(Job, SplitComesBeforeCopies) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 10);
  JobOptions options =
      options_for(folder / "in", folder / "out", "leaven: 1\nsplit: {val: 0.2, test: 0.1}\nsteps: [horizontal_flip]\n");
  options.recipe.augment.times = 1;
  const JobSummary summary = run(options);
  EXPECT_EQ(summary.outputs, 20U + 14U);
  EXPECT_EQ(names_in(folder / "out" / "val").size(), 4U);
  EXPECT_EQ(names_in(folder / "out" / "test").size(), 2U);
  EXPECT_EQ(names_in(folder / "out" / "train").size(), 28U);
  for (const std::string& line : lines_of(folder / "out" / kLineageFile)) {
    const LineageRecord record = lineage_from_json(line, ops::op_table());
    EXPECT_TRUE(record.id.starts_with(record.split + "/")) << record.id;
    EXPECT_TRUE(record.copy == 0 || record.split == "train") << record.id;
  }
}

TEST(Job, PerClassCountsAreMetThoughImagesAreBroken) {
  TestFolder folder;
  write_classes(folder / "in", {"common"}, 9);
  write_classes(folder / "in", {"rare"}, 4);
  const std::string whole = read_text(folder / "in" / "rare" / "002.jpg");
  write_text(folder / "in" / "rare" / "002.jpg", whole.substr(0, whole.size() / 2));
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.per_class = 20;
  options.recipe.max_bad = 0.5;
  options.report = true;
  const JobSummary summary = run(options);
  const std::string page = read_text(folder / "out" / kReportFile);
  EXPECT_NE(page.find("<i class=\"was\" style=\"width:15.00%\"></i><i class=\"new\" style=\"width:85.00%\"></i>"), std::string::npos)
      << "3 originals and 17 copies: the broken one is neither";
  EXPECT_EQ(names_in(folder / "out" / "common").size(), 20U);
  EXPECT_EQ(names_in(folder / "out" / "rare").size(), 20U);
  EXPECT_EQ(summary.classes.at("rare"), (std::pair<std::uint64_t, std::uint64_t>{4, 20}));
  EXPECT_EQ(summary.broken, 1U);
}

TEST(Job, UnlabelledAndGreyAndAlpha) {
  TestFolder folder;
  write_image(folder / "in" / "grey.jpg", picture(1, 40, 40, 1));
  write_image(folder / "in" / "clear.png", picture(2, 40, 40, 4));
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 1;
  EXPECT_EQ(run(options).outputs, 4U);
  EXPECT_TRUE(fs::exists(folder / "out" / "clear_aug1.png"));
}

TEST(Job, DryRunWritesNothing) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 3);
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 5;
  options.dry_run = true;
  const JobSummary summary = run(options);
  EXPECT_EQ(summary.outputs, 18U);
  EXPECT_FALSE(fs::exists(folder / "out"));
  const std::string text = describe_dry_run(summary);
  EXPECT_NE(text.find("18 outputs: 3 originals and 15 copies"), std::string::npos) << text;
  EXPECT_NE(text.find("cat: 3 → 18"), std::string::npos) << text;
}

TEST(Job, TellsHowFarItIs) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 3);
  std::vector<Progress> seen;
  const std::atomic<bool> stop{};
  run_job(
      options_for(folder / "in", folder / "out"), [&](const Progress& p) { seen.push_back(p); }, stop);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().done, 6U);
  EXPECT_EQ(seen.back().total, 6U);
  EXPECT_EQ(seen.back().sources, 3U);
  EXPECT_GT(seen.back().bytes_written, 0);
}

TEST(Job, ResultsDependOnSeedNotOnThreads) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 8);
  std::map<std::string, std::string> first;
  for (const int threads : {1, 2, 8}) {
    JobOptions options = options_for(folder / "in", folder / ("out" + std::to_string(threads)));
    options.threads = threads;
    options.recipe.augment.times = 2;
    run(options);
    const auto tree = tree_of(options.recipe.sink.path);
    if (first.empty()) first = tree;
    EXPECT_EQ(tree, first) << threads;
  }
  JobOptions options = options_for(folder / "in", folder / "other");
  options.recipe.seed = 5;
  options.recipe.augment.times = 2;
  run(options);
  EXPECT_NE(tree_of(options.recipe.sink.path), first);
}

TEST(Job, TheOrderOfFilesOnDiskDoesNotMatter) {
  TestFolder folder;
  for (int i = 0; i < 12; ++i) write_image(folder / "up" / "c" / (std::to_string(100 + i) + ".jpg"), picture(i));
  for (int i = 11; i >= 0; --i) write_image(folder / "down" / "c" / (std::to_string(100 + i) + ".jpg"), picture(i));
  run(options_for(folder / "up", folder / "out_up"));
  run(options_for(folder / "down", folder / "out_down"));
  EXPECT_EQ(tree_of(folder / "out_up"), tree_of(folder / "out_down"));
}

TEST(Job, NamesThatCollideAllStay) {
  TestFolder folder;
  write_image(folder / "in" / "c" / "a.jpg", picture(1));
  write_image(folder / "in" / "c" / "a.png", picture(2));
  write_image(folder / "in" / "c" / "a_aug1.jpg", picture(3));
  write_image(folder / "in" / "c" / "a_jpg.jpg", picture(4));
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 3;
  run(options);
  EXPECT_EQ(names_in(folder / "out" / "c").size(), 16U);
  for (const char* name : {"a.jpg", "a.png", "a_aug1.jpg", "a_jpg.jpg"})
    EXPECT_EQ(read_text(folder / "out" / "c" / name), read_text(folder / "in" / "c" / name));
}

}  // namespace
}  // namespace leaven::flow

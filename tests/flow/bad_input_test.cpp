// What can go wrong: bad images, bad folders, full disks. Nothing is lost and no half file stays.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>

#include "core/error.hpp"
#include "flow/job.hpp"
#include "flow/roster.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

using flow::options_for;
JobOptions options_for(const fs::path& in, const fs::path& out) { return options_for(in, out, "leaven: 1\nsteps: [horizontal_flip]\n"); }

/// The error that `options` end in.
Error error_of(const JobOptions& options) {
  try {
    run(options);
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return bug("none");
}

bool contains(const Error& error, const std::string& text) { return std::string(error.what()).find(text) != std::string::npos; }

std::map<std::string, SetAside> set_aside(const fs::path& out) {
  std::map<std::string, SetAside> lines;
  for (const std::string& line : lines_of(out / kSetAsideFile)) {
    const SetAside s = set_aside_from_json(line);
    lines[s.id] = s;
  }
  return lines;
}

/// A PNG header that claims 60,000 × 60,000 pixels.
std::string bomb() {
  TestFolder folder;
  write_image(folder / "x.png", picture(1, 8, 8));
  std::string png = read_text(folder / "x.png");
  const std::string side{'\0', '\0', char(0xEA), '\x60'};
  png.replace(16, 8, side + side);
  const auto crc = static_cast<std::uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(png.data() + 12), 17));
  for (std::size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(crc >> (24 - 8 * i));
  return png;
}

void write_bad_images(const fs::path& in) {
  write_classes(in, {"good"}, 20);
  const std::string jpeg = read_text(in / "good" / "000.jpg");
  write_text(in / "bad" / "truncated.jpg", jpeg.substr(0, jpeg.size() * 3 / 4));
  write_text(in / "bad" / "text.jpg", "this is no image\n");
  write_text(in / "bad" / "empty.jpg", "");
  write_text(in / "bad" / "bomb.png", bomb());
  write_image(in / "bad" / "fine_though_misnamed.png", picture(5));
  fs::rename(in / "bad" / "fine_though_misnamed.png", in / "bad" / "fine_though_misnamed.jpg");
  fs::create_directories(in / "bad" / "folder.jpg");
  fs::create_symlink("gone.jpg", in / "bad" / "dangling.jpg");
  write_text(in / "good" / "notes.txt", "hello");
  write_text(in / ".DS_Store", "x");
}

TEST(BadImages, AreSetAsideWithTheirReason) {
  TestFolder folder;
  write_bad_images(folder / "in");
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 1;
  options.recipe.max_bad = 0.3;
  const JobSummary summary = run(options);
  EXPECT_EQ(summary.sources, 27U);
  EXPECT_EQ(summary.broken, 6U);
  EXPECT_FALSE(summary.too_many_broken);
  EXPECT_EQ(summary.outputs, 42U);
  const auto aside = set_aside(folder / "out");
  EXPECT_EQ(aside.size(), 6U);
  const auto expect = [&](const std::string& id, const std::string& reason) {
    ASSERT_TRUE(aside.contains(id)) << id;
    EXPECT_EQ(aside.at(id).kind, kBroken);
    EXPECT_NE(aside.at(id).reason.find(reason), std::string::npos) << id << ": " << aside.at(id).reason;
    EXPECT_FALSE(fs::exists(folder / "out" / id)) << id;
  };
  expect("bad/empty.jpg", "empty file");
  expect("bad/text.jpg", "not a JPEG");
  expect("bad/bomb.png", "60000");
  expect("bad/truncated.jpg", "");
  expect("bad/folder.jpg", "folder");
  expect("bad/dangling.jpg", "");
  EXPECT_TRUE(fs::exists(folder / "out" / "bad" / "fine_though_misnamed_aug1.png")) << "what it is, not what it is called";
  const std::vector<std::string> lines = lines_of(folder / "out" / kSetAsideFile);
  EXPECT_TRUE(std::ranges::is_sorted(lines));
  std::uint64_t strays = 0;
  for (const auto& [kind, count] : summary.strays) strays += count;
  EXPECT_EQ(strays, 2U);
}

TEST(BadImages, WhatWasDrawnDoesNotDecideWhatIsBroken) {
  // The crop reads rows that are whole; the file is broken all the same, or --times would decide.
  TestFolder folder;
  write_image(folder / "in" / "a" / "x.jpg", picture(1, 64, 256));
  const std::string jpeg = read_text(folder / "in" / "a" / "x.jpg");
  write_text(folder / "in" / "a" / "x.jpg", jpeg.substr(0, jpeg.size() - jpeg.size() / 8));
  write_image(folder / "in" / "a" / "y.jpg", picture(2, 64, 256));
  JobOptions options = options_for(folder / "in", folder / "out", "leaven: 1\nsteps: [crop: {x: 0, y: 0, width: 32, height: 16}]\n");
  options.recipe.max_bad = 1;
  EXPECT_EQ(run(options).broken, 1U);
  EXPECT_EQ(names_in(folder / "out" / "a").size(), 2U);
}

TEST(BadImages, APermissionThatIsMissing) {
  TestFolder folder;
  write_classes(folder / "in", {"a"}, 2);
  fs::permissions(folder / "in" / "a" / "001.jpg", fs::perms::none);
  JobArguments arguments{"in=" + (folder / "in").string(), "out=" + (folder / "out").string(), "times=1", "nobody",
                         "recipe=leaven: 1\nmax_bad: 1\nsteps: [horizontal_flip]\n"};
  fs::permissions(folder.path(), fs::perms::all);
  ASSERT_EQ(run_job_process(arguments), 0);
  const auto aside = set_aside(folder / "out");
  ASSERT_TRUE(aside.contains("a/001.jpg"));
  EXPECT_NE(aside.at("a/001.jpg").reason.find("permission denied"), std::string::npos) << aside.at("a/001.jpg").reason;
}

TEST(BadImages, TooManyEndTheJobWithAFlagWhenAllIsDone) {
  TestFolder folder;
  write_bad_images(folder / "in");
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.augment.times = 1;
  const JobSummary summary = run(options);  // 6 of 27, 10 % are allowed
  EXPECT_TRUE(summary.too_many_broken);
  EXPECT_EQ(summary.outputs, 42U);
  EXPECT_EQ(verify(folder / "out", 1).missing, 0U);
}

TEST(BadImages, StopAtTheFirstIfAskedTo) {
  TestFolder folder;
  write_bad_images(folder / "in");
  fs::remove_all(folder / "in" / "bad" / "folder.jpg");
  fs::remove(folder / "in" / "bad" / "dangling.jpg");
  JobOptions options = options_for(folder / "in", folder / "out");
  options.recipe.stop_on_error = true;
  const Error error = error_of(options);
  EXPECT_EQ(error.fault(), Fault::data);
  EXPECT_TRUE(contains(error, "bad/bomb.png: ")) << error.what();
  options.recipe.stop_on_error = false;
  options.recipe.max_bad = 1;
  options.resume = true;
  EXPECT_EQ(run(options).broken, 4U);
}

TEST(BadImages, AllOfThem) {
  TestFolder folder;
  write_text(folder / "in" / "a" / "x.jpg", "no");
  write_text(folder / "in" / "a" / "y.jpg", "no");
  const JobSummary summary = run(options_for(folder / "in", folder / "out"));
  EXPECT_TRUE(summary.too_many_broken);
  EXPECT_EQ(summary.outputs, 0U);
  JobOptions options = options_for(folder / "in", folder / "out2");
  options.recipe.augment.times.reset();
  options.recipe.augment.per_class = 10;
  EXPECT_TRUE(run(options).too_many_broken);
}

TEST(UnfitCopies, AreSetAsideByThemselves) {
  TestFolder folder;
  write_image(folder / "in" / "a" / "large.jpg", picture(1, 90, 90));
  write_image(folder / "in" / "a" / "small.jpg", picture(2, 30, 30));
  JobOptions options = options_for(folder / "in", folder / "out", "leaven: 1\nmax_bad: 1\nsteps: [crop: {x: 40, y: 40, width: 20, height: 20}]\n");
  options.recipe.augment.times = 2;
  const JobSummary summary = run(options);
  const auto aside = set_aside(folder / "out");
  if (aside.empty()) {  // a crop beyond the image is filled, not refused: then nothing is unfit
    EXPECT_EQ(summary.outputs, 6U);
    return;
  }
  EXPECT_EQ(summary.outputs, 4U);
  EXPECT_EQ(aside.at("a/small_aug2.jpg").kind, kUnfit);
  EXPECT_EQ(aside.at("a/small_aug2.jpg").source, "a/small.jpg");
  EXPECT_TRUE(fs::exists(folder / "out" / "a" / "small.jpg"));
}

TEST(Refusals, FloatsIntoJpeg) {
  TestFolder folder;
  write_classes(folder / "in", {"a"}, 2);
  JobOptions options = options_for(folder / "in", folder / "out",
                                   "leaven: 1\nsteps:\n  - one_of:\n      p: 0.01\n      steps: [normalize, horizontal_flip]\n");
  const Error error = error_of(options);
  EXPECT_EQ(error.fault(), Fault::usage);
  EXPECT_TRUE(contains(error, "test.yaml:5:")) << error.what();
  EXPECT_TRUE(contains(error, "normalize: JPEG")) << error.what();
  EXPECT_TRUE(contains(error, "npz")) << error.what();
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST(Refusals, InputAndOutputMustLieApart) {
  TestFolder folder;
  write_classes(folder / "in", {"a"}, 1);
  const auto refused = [&](const fs::path& in, const fs::path& out, const std::string& text) {
    const auto before = names_in(folder.path());
    const Error error = error_of(options_for(in, out));
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_TRUE(contains(error, text)) << error.what();
    EXPECT_EQ(names_in(folder.path()), before);
  };
  refused(folder / "in", folder / "in", "must not be the input itself");
  refused(folder / "in", folder / "in/a/../out", "the output must lie outside the input");
  refused(folder / "in", folder / "in/a/b/c", "the output must lie outside the input");
  fs::create_directory_symlink(folder / "in", folder / "link");
  refused(folder / "in", folder / "link/out", "the output must lie outside the input");
  refused(folder / "link", folder / "in/out", "the output must lie outside the input");
  refused(folder / "link", folder / "in", "must not be the input itself");
  refused(folder / "in", folder.path(), "");
  refused(folder / "in" / "a", folder / "in", "");
  // A name that only begins alike is another folder.
  EXPECT_EQ(run(options_for(folder / "in", folder / "in_larger")).outputs, 2U);
}

TEST(Refusals, WhatIsInTheWay) {
  TestFolder folder;
  write_classes(folder / "in", {"a"}, 1);
  write_text(folder / "file", "x");
  EXPECT_TRUE(contains(error_of(options_for(folder / "in", folder / "file")), "is a file"));
  write_text(folder / "full" / "mine.txt", "x");
  const Error error = error_of(options_for(folder / "in", folder / "full"));
  EXPECT_EQ(error.fault(), Fault::usage);
  EXPECT_TRUE(contains(error, "is not empty")) << error.what();
  fs::create_directories(folder / "empty");
  EXPECT_EQ(error_of(options_for(folder / "empty", folder / "out")).fault(), Fault::usage);
  EXPECT_EQ(error_of(options_for(folder / "nothing", folder / "out")).fault(), Fault::usage);
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_EQ(error_of(options_for(folder / "in", "/proc/leaven_out")).fault(), Fault::environment);
  JobOptions wrong_shard = options_for(folder / "in", folder / "out");
  wrong_shard.shard = 4;
  wrong_shard.shards = 3;
  EXPECT_EQ(error_of(wrong_shard).fault(), Fault::usage);
}

/// A run that ends on a full disk, one that has room, and one that never had a problem.
TEST(FullDisk, EndsClearlyAndGoesOn) {
  TestFolder folder;
  write_classes(folder / "in", {"a", "b"}, 10);
  const auto arguments = [&](const std::string& out, std::initializer_list<std::string> more) {
    JobArguments list{"in=" + (folder / "in").string(), "out=" + (folder / out).string(), "times=3", "threads=2"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  };
  ASSERT_EQ(run_job_process(arguments("whole", {})), 0);
  // No file may grow beyond the limit: small ones stop the first write of all, larger ones the lineage on its way.
  for (const int limit : {1, 300, 1500, 4000, 9000}) {
    const std::string out = "limit" + std::to_string(limit);
    std::string said;
    ASSERT_EQ(run_job_process(arguments(out, {"resume", "file_limit=" + std::to_string(limit)}), &said), 3) << said;
    EXPECT_NE(said.find((folder / out).string()), std::string::npos) << said;
    EXPECT_NE(said.find("cannot be written"), std::string::npos) << said;
    const auto whole = tree_of(folder / "whole");
    for (const auto& [name, digest] : tree_of(folder / out)) {
      EXPECT_FALSE(name.ends_with(".leaven-tmp")) << name;
      EXPECT_TRUE(name.starts_with("leaven.") || whole.at(name) == digest) << name;
    }
    ASSERT_EQ(run_job_process(arguments(out, {"resume"})), 0);
    EXPECT_EQ(tree_of(folder / out), whole);
  }
}

}  // namespace
}  // namespace leaven::flow

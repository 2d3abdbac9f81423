// Class folders and flat folders: what is a sample, what is broken, what is only counted.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::string>;

std::string reason_for(const DatasetIndex& index, const std::string& path) {
  const auto found = std::ranges::find(index.broken, path, &NotASample::path);
  return found == index.broken.end() ? "(not broken)" : found->reason;
}

TEST(DatasetFolders, ClassesAreFirstFoldersAndIdsAreSortedBytewise) {
  const TempFolder in;
  for (const char* file : {"dog/b.JPG", "cat/z.png", "cat/deep/er/a.TIFF", "Zebra/1.webp", "cat/a b.jpeg",
                           "cat/\xC3\xA9.tif", "cat/new\nline.jpg", "cat/x_aug2.jpg"})
    in.write(file, file);
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "folders");
  EXPECT_EQ(index.description, "class folders, 3 classes, 8 images");
  EXPECT_EQ(index.label_kind, LabelKind::category);
  EXPECT_EQ(index.labels, (Ids{"Zebra", "cat", "dog"}));
  EXPECT_EQ(ids_of(index), (Ids{"Zebra/1.webp", "cat/a b.jpeg", "cat/deep/er/a.TIFF", "cat/new\nline.jpg",
                                "cat/x_aug2.jpg", "cat/z.png", "cat/\xC3\xA9.tif", "dog/b.JPG"}));
  EXPECT_EQ(label_of(index, "cat/deep/er/a.TIFF"), "cat");
  EXPECT_FALSE(index.has_splits);
  EXPECT_FALSE(reader->stores_pixels());
  EXPECT_EQ(content_of(*reader, "dog/b.JPG"), "dog/b.JPG");
  EXPECT_EQ(*reader->file_of(entry_of(index, "cat/z.png")), in / "cat/z.png");
}

TEST(DatasetFolders, StraysAreCountedByKindAndNotBroken) {
  const TempFolder in;
  in.write("cat/a.jpg", "a");
  for (const char* file : {"cat/notes.txt", "readme.TXT", "cat/.DS_Store", ".DS_Store", "cat/Thumbs.db",
                           "cat/.hidden.jpg", "LICENSE", "leaven.lineage.jsonl", "leaven.report.html",
                           "cat/.leaven-whole-3.leaven-tmp", "__MACOSX/cat/._a.jpg", "lonely.png"})
    in.write(file, "?");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(ids_of(index), Ids{"cat/a.jpg"});
  EXPECT_TRUE(index.broken.empty());
  const std::map<std::string, std::uint64_t> expected{{"*.txt", 2},
                                                      {".DS_Store", 2},
                                                      {"Thumbs.db", 1},
                                                      {"hidden files", 1},
                                                      {"files without extension", 1},
                                                      {"leaven.*", 3},
                                                      {"__MACOSX", 1},
                                                      {"images outside the class folders", 1}};
  EXPECT_EQ(index.strays, expected);
}

TEST(DatasetFolders, WhatShouldBeASampleButCannotBeIsBroken) {
  const TempFolder in;
  in.write("cat/a.jpg", "a");
  in.write("cat/folder.jpg/inside.jpg", "not read");
  fs::create_symlink("nowhere.jpg", in / "cat/dangling.jpg");
  fs::create_symlink("loop.png", in / "cat/loop.png");
  ASSERT_EQ(::mkfifo((in / "cat/pipe.jpg").c_str(), 0600), 0);
  in.write("cat/latin\xE9.jpg", "name");
  in.write("cat/new.JXL", "?");
  in.write("cat/scan.jp2", "?");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(ids_of(index), Ids{"cat/a.jpg"});
  EXPECT_EQ(index.broken.size(), 7U);
  EXPECT_EQ(reason_for(index, "cat/new.JXL"), "*.jxl is not read, only JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC and AVIF are");
  EXPECT_EQ(reason_for(index, "cat/scan.jp2"), "*.jp2 is not read, only JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC and AVIF are");
  EXPECT_EQ(reason_for(index, "cat/folder.jpg"), "a folder, not an image file");
  EXPECT_EQ(reason_for(index, "cat/dangling.jpg"), "a dangling link");
  EXPECT_EQ(reason_for(index, "cat/loop.png"), "a link that cannot be followed: a link leads back to itself");
  EXPECT_EQ(reason_for(index, "cat/pipe.jpg"), "a pipe, not a file");
  EXPECT_EQ(reason_for(index, "cat/latin\\xe9.jpg"), "its name is no valid UTF-8; rename it");
}

// Root may read everything, so another user looks, in a process of its own.
TEST(DatasetFoldersDeathTest, UnreadableFilesAndFoldersAreBroken) {
  const TempFolder in;
  in.write("cat/a.jpg", "a");
  in.write("cat/secret.jpg", "b");
  in.write("dog/a.jpg", "c");
  fs::permissions(in / "cat/secret.jpg", fs::perms::none);
  fs::permissions(in / "dog", fs::perms::none);
  const auto looks = [&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) std::_Exit(1);
    const auto reader = open_dataset(in.path());
    const DatasetIndex& index = reader->index();
    const bool right = ids_of(index) == Ids{"cat/a.jpg"} && index.broken.size() == 2 &&
                       reason_for(index, "cat/secret.jpg") == "permission denied" &&
                       reason_for(index, "dog") == "a folder that cannot be read: permission denied";
    std::_Exit(right ? 0 : 2);
  };
  EXPECT_EXIT(looks(), ::testing::ExitedWithCode(0), "");
  fs::permissions(in / "dog", fs::perms::owner_all);
}

TEST(DatasetFolders, LinksAreFollowedOnceAndNeverRoundInCircles) {
  const TempFolder elsewhere, in;
  elsewhere.write("one.jpg", "one");
  elsewhere.write("more/two.jpg", "two");
  fs::create_symlink(elsewhere.path(), elsewhere / "more/back");
  in.write("cat/a.jpg", "a");
  fs::create_symlink("a.jpg", in / "cat/link.jpg");
  fs::create_symlink(elsewhere.path(), in / "dog");
  fs::create_symlink(elsewhere.path(), in / "hound");
  fs::create_symlink("..", in / "cat/up");
  fs::create_symlink("/", in / "cat/everything");
  fs::create_symlink("../cat", in / "cat/self");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(ids_of(index), (Ids{"cat/a.jpg", "cat/link.jpg", "dog/more/two.jpg", "dog/one.jpg"}));
  EXPECT_EQ(index.labels, (Ids{"cat", "dog"}));
  EXPECT_TRUE(index.broken.empty());
  EXPECT_EQ(index.strays.at("links to folders of the dataset itself"), 2U);
  EXPECT_EQ(index.strays.at("links to folders around the dataset"), 1U);
  EXPECT_EQ(index.strays.at("second links to one folder"), 2U);
  EXPECT_EQ(content_of(*reader, "cat/link.jpg"), "a");
}

TEST(DatasetFolders, TheRootMayBeALink) {
  const TempFolder place;
  place.write("real/cat/a.jpg", "a");
  fs::create_symlink("real", place / "link");
  EXPECT_EQ(ids_of(open_dataset(place / "link")->index()), Ids{"cat/a.jpg"});
}

TEST(DatasetFolders, SplitFoldersInAnySpelling) {
  const TempFolder in;
  for (const char* file :
       {"Train/cat/1.jpg", "Train/dog/2.jpg", "validation/cat/3.jpg", "TEST/4.jpg", "extra/5.jpg", "6.jpg"})
    in.write(file, "x");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_TRUE(index.has_splits);
  EXPECT_EQ(index.format, "folders");
  EXPECT_EQ(index.description, "class folders, already split: train 2, val 1, test 1, 2 classes, 4 images");
  EXPECT_EQ(index.labels, (Ids{"", "cat", "dog"}));  // the test images have none
  EXPECT_EQ(entry_of(index, "Train/cat/1.jpg").split, Split::train);
  EXPECT_EQ(entry_of(index, "validation/cat/3.jpg").split, Split::val);
  EXPECT_EQ(label_of(index, "validation/cat/3.jpg"), "cat");
  EXPECT_EQ(entry_of(index, "TEST/4.jpg").split, Split::test);
  EXPECT_EQ(label_of(index, "TEST/4.jpg"), "");
  EXPECT_EQ(index.strays.at("images outside train/, val/ and test/"), 2U);
}

TEST(DatasetFolders, AClassMayBeCalledTrain) {
  const TempFolder in;
  for (const char* file : {"bus/1.jpg", "car/2.jpg", "train/3.jpg"}) in.write(file, "x");
  const auto reader = open_dataset(in.path());
  EXPECT_FALSE(reader->index().has_splits);
  EXPECT_EQ(reader->index().labels, (Ids{"bus", "car", "train"}));
}

TEST(DatasetFolders, FlatFoldersHaveNoLabels) {
  const TempFolder in;
  for (const char* file : {"b.jpg", "a.png", "c.jpg", "thumbs/a.png"}) in.write(file, "x");
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().format, "flat");
  EXPECT_EQ(reader->index().label_kind, LabelKind::none);
  EXPECT_EQ(reader->index().labels, Ids{""});
  EXPECT_EQ(reader->index().description, "flat folder, 4 images without labels");
  EXPECT_EQ(ids_of(reader->index()), (Ids{"a.png", "b.jpg", "c.jpg", "thumbs/a.png"}));

  const auto forced = open_dataset(in.path(), {.format = "folders"});
  EXPECT_EQ(ids_of(forced->index()), Ids{"thumbs/a.png"});
  EXPECT_EQ(forced->index().labels, Ids{"thumbs"});
}

TEST(DatasetFolders, FlatSplitsAndForcedFlat) {
  const TempFolder in;
  for (const char* file : {"train/a.jpg", "train/b.jpg", "test/c.jpg"}) in.write(file, "x");
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().format, "flat");
  EXPECT_EQ(entry_of(reader->index(), "test/c.jpg").split, Split::test);

  const TempFolder classes;
  classes.write("cat/a.jpg", "x");
  EXPECT_EQ(open_dataset(classes.path(), {.format = "flat"})->index().labels, Ids{""});
}

TEST(DatasetFolders, OneImageIsADataset) {
  const TempFolder in;
  in.write("a.jpg", "a");
  in.write("b.jpg", "b");
  const auto reader = open_dataset(in / "b.jpg");
  EXPECT_EQ(ids_of(reader->index()), Ids{"b.jpg"});
  EXPECT_EQ(content_of(*reader, "b.jpg"), "b");
}

TEST(DatasetFolders, LimitTakesTheFirstOfEachClassEvenly) {
  const TempFolder in;
  for (int i = 0; i < 9; ++i) in.write("a/" + std::to_string(i) + ".jpg", "x");
  for (int i = 0; i < 2; ++i) in.write("b/" + std::to_string(i) + ".jpg", "x");
  for (int i = 0; i < 9; ++i) in.write("c/" + std::to_string(i) + ".jpg", "x");
  EXPECT_EQ(ids_of(open_dataset(in.path(), {.limit = 8})->index()),
            (Ids{"a/0.jpg", "a/1.jpg", "a/2.jpg", "b/0.jpg", "b/1.jpg", "c/0.jpg", "c/1.jpg", "c/2.jpg"}));
  EXPECT_EQ(open_dataset(in.path(), {.limit = 50})->index().entries.size(), 20U);
}

TEST(DatasetFolders, AFileThatVanishesIsADataError) {
  const TempFolder in;
  in.write("cat/a.jpg", "a");
  const auto reader = open_dataset(in.path());
  fs::remove(in / "cat/a.jpg");
  try {
    reader->read(reader->index().entries[0]);
    FAIL() << "read a file that is gone";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    EXPECT_EQ(error.sample(), "cat/a.jpg");
    EXPECT_NE(error.message().find("it does not exist"), std::string::npos) << error.message();
  }
}

TEST(DatasetFolders, RefusalsSayWhatWasSeen) {
  const TempFolder in;
  const std::string name = in.path().native();
  EXPECT_EQ(refusal(in / "nowhere"), name + "/nowhere: it does not exist");
  EXPECT_EQ(refusal(in.path()), name + ": is empty");
  in.write("a.md", "");
  in.write("b/c.md", "");
  in.write("b/sound.wav", "");
  EXPECT_TRUE(
      refusal(in.path()).starts_with(name + ": holds nothing that Leaven reads; seen: 2 *.md, 1 *.wav (it reads "))
      << refusal(in.path());
  in.write("rows", "PAR1....PAR1");
  EXPECT_TRUE(refusal(in / "rows").starts_with(name + "/rows: is a file of Parquet, which the program does not read ("));
  in.write("d/rows.parquet", "");
  EXPECT_NE(refusal(in.path()).find("leaven.augment() in Python"), std::string::npos);
  fs::remove(in / "d/rows.parquet");
  EXPECT_TRUE(refusal(in.path(), {.format = "folder"})
                  .starts_with("input format must be one of folders, flat, frames, csv, cifar, idx, npz, webdataset, "));
  ASSERT_EQ(::mkfifo((in / "x.tar").c_str(), 0600), 0);
  EXPECT_EQ(refusal(in / "x.tar"), name + "/x.tar: is neither a folder nor a file");
  EXPECT_NE(refusal(in.path()).find("1 pipes, sockets and devices"), std::string::npos);  // and nobody waits for it
  fs::create_symlink("gone", in / "x.jpg");
  EXPECT_EQ(refusal(in.path()),
            name + ": holds no image that can be read: 1 broken one, the first x.jpg: a dangling link");
}

}  // namespace
}  // namespace leaven::io

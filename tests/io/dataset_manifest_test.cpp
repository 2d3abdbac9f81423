// CSV manifests: images and labels listed in a table.
#include <gtest/gtest.h>

#include <algorithm>

#include "io/table_file.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::string>;

class DatasetManifest : public testing::Test {
 protected:
  DatasetManifest() {
    for (const char* file : {"cat/a.jpg", "dog/b c.png", "e\xC3\xA9,x.jpg", "g.jpg"}) in.write(file, file);
  }
  std::unique_ptr<DatasetReader> open(const std::string& csv, OpenOptions options = {}) {
    in.write("labels.csv", csv);
    return open_dataset(in.path(), options);
  }
  std::string reason(const DatasetIndex& index, const std::string& path) {
    const auto found = std::ranges::find(index.broken, path, &NotASample::path);
    return found == index.broken.end() ? "(not broken)" : found->reason;
  }
  TempFolder in;
};

TEST_F(DatasetManifest, ColumnsOfZeroAndOneAreClasses) {
  const std::string head = "filename,fold,cat,dog,sun\n";
  const auto one_hot = open(head + "cat/a.jpg,3,1,0,0\ndog/b c.png,4,0,1,0\ng.jpg,3,0,0,1.0\n");
  EXPECT_EQ(one_hot->index().label_kind, LabelKind::category);
  EXPECT_EQ(label_of(one_hot->index(), "dog/b c.png"), "dog");
  EXPECT_EQ(label_of(one_hot->index(), "g.jpg"), "sun");
  EXPECT_EQ(one_hot->row_of(entry_of(one_hot->index(), "g.jpg")), "g.jpg,3,0,0,1.0");
  const auto several = open(head + "cat/a.jpg,3,1,0,1\ndog/b c.png,4,0,0,0\ng.jpg,3,0,1,0\n");
  EXPECT_EQ(several->index().label_kind, LabelKind::categories);
  EXPECT_EQ(label_of(several->index(), "cat/a.jpg"), "cat;sun");
  EXPECT_EQ(label_of(several->index(), "dog/b c.png"), "");
  // One such column is a property like any other; a column that says label goes first.
  EXPECT_EQ(open("filename,fold,cat\ncat/a.jpg,3,1\ng.jpg,4,0\n", {.format = "csv"})->index().label_kind, LabelKind::none);
  EXPECT_EQ(label_of(open("filename,label,x,y2\ncat/a.jpg,animal,0,1\n")->index(), "cat/a.jpg"), "animal");
}

TEST_F(DatasetManifest, ACellBehindTheHeadersLastIsNoPath) {
  EXPECT_THROW(open("l\na,g.jpg\nb\n", {.format = "csv"}), Error);
  EXPECT_NE(open("l\na,g.jpg\nb\n")->index().format, "csv");
  EXPECT_EQ(ids_of(open("x,y\n1,g.jpg,9\n2,cat/a.jpg\n", {.format = "csv"})->index()), (Ids{"cat/a.jpg"}));
}

TEST_F(DatasetManifest, WhatIsNoNumberBesideNumbersIsNoTarget) {
  for (const char* word : {"", "nan", "NaN", "NA", "n/a", "inf", "-inf", "1e400", "null", "-"}) {
    const auto reader = open("path,target\ncat/a.jpg,1.5\ng.jpg," + std::string(word) + "\ndog/b c.png,-2e-3\n");
    EXPECT_EQ(reader->index().label_kind, LabelKind::number) << word;
    EXPECT_EQ(ids_of(reader->index()), (Ids{"cat/a.jpg", "dog/b c.png"})) << word;
    EXPECT_EQ(reason(reader->index(), "g.jpg").substr(0, 19), "has no target value") << word;
  }
  EXPECT_EQ(open("path,target\ncat/a.jpg,1.5\ng.jpg,low\n")->index().label_kind, LabelKind::category);
  EXPECT_EQ(open("path,label\ncat/a.jpg,1\ng.jpg,NA\n")->index().label_kind, LabelKind::category);
}

TEST_F(DatasetManifest, WholeNumbersGoByValueBesideASampleWithoutAClassToo) {
  EXPECT_EQ(open("path,label\ncat/a.jpg,10\ng.jpg,\ndog/b c.png,9\n")->index().labels, (Ids{"", "9", "10"}));
}

TEST_F(DatasetManifest, FilesOfWhichTheNamesWouldBeOneAreBothRead) {
  in.write("in/g.jpg", "inner");
  in.write("in/labels.csv", "path,label\n../g.jpg,cat\ng.jpg,dog\n");
  const auto reader = open_dataset(in / "in");
  EXPECT_EQ(ids_of(reader->index()), (Ids{"_g.jpg", "g.jpg"}));
  EXPECT_EQ(content_of(*reader, "g.jpg"), "g.jpg");
  EXPECT_EQ(content_of(*reader, "_g.jpg"), "inner");
  EXPECT_EQ(label_of(reader->index(), "_g.jpg"), "dog");
}

// A list that is passed over is named, with what makes it count.
TEST(DatasetManifestOf, AListThatIsNotUsedIsNamed) {
  const TempFolder in;
  for (const char* file : {"cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"}) in.write(file, file);
  in.write("labels.csv", "path,label\ncat/1.jpg,x\n");
  const DatasetIndex index = open_dataset(in.path())->index();
  EXPECT_EQ(index.format, "folders");
  EXPECT_EQ(index.strays.at("labels.csv (it lists some images; --input-format csv goes by it)"), 1U);
  EXPECT_EQ(index.strays.size(), 1U) << "it is counted once";
  in.write("more.csv", "path,label\ncat/2.jpg,x\n");
  in.write("prices.csv", "a,b\n1,2\n");
  const std::map<std::string, std::uint64_t> both{{"*.csv", 1},
                                                  {"labels.csv (it lists images; given as the input, it is gone by)", 1},
                                                  {"more.csv (it lists images; given as the input, it is gone by)", 1}};
  EXPECT_EQ(open_dataset(in.path())->index().strays, both);
}

TEST_F(DatasetManifest, HeaderQuotesAndExtraColumns) {
  const auto reader = open(
      "label,width,path\nfeline,\"3,5\",cat/a.jpg\n\n\"the \"\"dog\"\"\",,dog/b c.png\nfeline,4,\"e\xC3\xA9,x.jpg\"\n");
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "csv");
  EXPECT_EQ(index.description, "CSV manifest labels.csv, 2 classes, 3 images");
  EXPECT_EQ(ids_of(index), (Ids{"cat/a.jpg", "dog/b c.png", "e\xC3\xA9,x.jpg"}));
  EXPECT_EQ(index.label_kind, LabelKind::category);
  EXPECT_EQ(label_of(index, "dog/b c.png"), "the \"dog\"");
  EXPECT_EQ(content_of(*reader, "e\xC3\xA9,x.jpg"), "e\xC3\xA9,x.jpg");
  EXPECT_EQ(reader->row_of(entry_of(index, "cat/a.jpg")), "feline,\"3,5\",cat/a.jpg");
  EXPECT_EQ(*reader->file_of(entry_of(index, "cat/a.jpg")), in / "cat/a.jpg");
  EXPECT_EQ(index.strays.at("images that the manifest does not list"), 1U);
  EXPECT_FALSE(index.strays.contains("*.csv"));
  ASSERT_TRUE(index.manifest);
  EXPECT_EQ(index.manifest->name, "labels.csv");
  EXPECT_EQ(index.manifest->header, "label,width,path");
  EXPECT_EQ(index.manifest->columns, 3U);
  EXPECT_EQ(index.manifest->path, 2U);
  EXPECT_EQ(index.manifest->label, 0U);
  EXPECT_EQ(index.manifest->split, ManifestShape::kNone);
}

TEST_F(DatasetManifest, TheCsvItselfWithoutHeaderWithSemicolonsAndCrLf) {
  in.write("list.csv",
           "\xEF\xBB\xBF"
           "cat/a.jpg;1\r\ng.jpg;0\r\n");
  const auto reader = open_dataset(in / "list.csv");
  EXPECT_EQ(reader->index().labels, (Ids{"0", "1"}));
  EXPECT_EQ(reader->index().manifest->header, "");
  EXPECT_EQ(reader->index().manifest->separator, ';');
  EXPECT_TRUE(reader->index().manifest->crlf);
  EXPECT_EQ(label_of(reader->index(), "cat/a.jpg"), "1");
  EXPECT_EQ(reader->row_of(entry_of(reader->index(), "g.jpg")), "g.jpg;0");
}

TEST_F(DatasetManifest, UnknownHeaderNamesAreFoundByContent) {
  const auto reader = open("photo,animal\ncat/a.jpg,feline\n");
  EXPECT_EQ(reader->index().manifest->header, "photo,animal");
  EXPECT_EQ(label_of(reader->index(), "cat/a.jpg"), "feline");
}

TEST_F(DatasetManifest, ColumnsByName) {
  const std::string csv = "file,other,kind,part\ng.jpg,cat/a.jpg,x,train\n";
  const auto reader = open(csv, {.path_column = "other", .label_column = "kind", .split_column = "part"});
  EXPECT_EQ(ids_of(reader->index()), Ids{"cat/a.jpg"});
  EXPECT_EQ(reader->index().labels, Ids{"x"});
  EXPECT_EQ(reader->index().entries[0].split, Split::train);
  EXPECT_EQ(refusal(in.path(), {.format = "csv", .label_column = "kin"}),
            (in / "labels.csv").native() + ": has no column kin; it has file, other, kind, part");
}

TEST_F(DatasetManifest, KindsOfLabels) {
  const auto kind_of = [&](const std::string& csv) { return open(csv)->index().label_kind; };
  EXPECT_EQ(kind_of("path,label\ng.jpg,3\n"), LabelKind::category);
  EXPECT_EQ(kind_of("path,label\ng.jpg,3\ncat/a.jpg,2.5\n"), LabelKind::number);
  EXPECT_EQ(kind_of("path,score\ng.jpg,3\n"), LabelKind::number);
  EXPECT_EQ(kind_of("path,y\ng.jpg,yes\n"), LabelKind::category);
  EXPECT_EQ(open("path\ng.jpg\n", {.format = "csv"})->index().label_kind, LabelKind::none);
  EXPECT_EQ(kind_of("path,label\ng.jpg,cat | dog\n"), LabelKind::categories);
  EXPECT_EQ(open("path,label\ng.jpg,cat | dog\ncat/a.jpg,cat;dog\ndog/b c.png,cat\n")->index().labels,
            (Ids{"cat", "cat;dog"}));
  const auto numbers = open("path,target\ng.jpg,-1.50\ncat/a.jpg,\n");
  EXPECT_EQ(label_of(numbers->index(), "g.jpg"), "-1.50");
  EXPECT_EQ(reason(numbers->index(), "cat/a.jpg"), "has no target value");
}

TEST_F(DatasetManifest, Splits) {
  const auto reader = open("path,label,split\ng.jpg,1,Train\ncat/a.jpg,1,valid\ndog/b c.png,1,holdout\n");
  EXPECT_TRUE(reader->index().has_splits);
  EXPECT_EQ(entry_of(reader->index(), "cat/a.jpg").split, Split::val);
  EXPECT_EQ(reason(reader->index(), "labels.csv:4: dog/b c.png"), "its split must be train, val or test, got holdout");
}

TEST_F(DatasetManifest, RowsThatCannotBeSamples) {
  fs::create_symlink("gone", in / "dangling.jpg");
  const auto reader = open(
      "path,label\ng.jpg,1\ngone.jpg,1\n\"multi\nline.jpg\",1\ncat,1\ndangling.jpg,1\ng.jpg,1\ng.jpg,2\na.jpg\n,1\n");
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(ids_of(index), Ids{"g.jpg"});
  EXPECT_EQ(reason(index, "labels.csv:3: gone.jpg"), "it does not exist");
  EXPECT_EQ(reason(index, "labels.csv:4: multi\nline.jpg"), "it does not exist");
  EXPECT_EQ(reason(index, "labels.csv:6: cat"), "a folder, not an image file");
  EXPECT_EQ(reason(index, "labels.csv:7: dangling.jpg"), "a dangling link");
  EXPECT_EQ(reason(index, "labels.csv:9: g.jpg"), "has another label than in line 2");
  EXPECT_EQ(reason(index, "labels.csv:10"), "has 1 cell, the first line has 2");
  EXPECT_EQ(reason(index, "labels.csv:11"), "names no file");
  EXPECT_EQ(index.broken.size(), 7U);
  EXPECT_EQ(index.strays.at("repeated rows of the manifest"), 1U);
}

TEST_F(DatasetManifest, FilesOutsideKeepTheirNamesInside) {
  TempFolder elsewhere;
  elsewhere.write("x/p.jpg", "absolute");
  fs::create_directory(in / "lists");
  in.write("lists/l.csv", "path,label\n../g.jpg,1\n" + (elsewhere / "x/p.jpg").native() + ",2\n./../cat/../g.jpg,1\n");
  const auto reader = open_dataset(in / "lists/l.csv");
  const std::string absolute = (elsewhere / "x/p.jpg").native().substr(1);
  EXPECT_EQ(ids_of(reader->index()), (Ids{"g.jpg", absolute}));
  EXPECT_EQ(content_of(*reader, absolute), "absolute");
  EXPECT_EQ(content_of(*reader, "g.jpg"), "g.jpg");
  EXPECT_EQ(reader->index().strays.at("repeated rows of the manifest"), 1U);

  in.write("lists/deeper/g.jpg", "another one");
  in.write("lists/deeper/l.csv", "path,label\ng.jpg,1\n../../g.jpg,2\n");
  const auto both = open_dataset(in / "lists/deeper/l.csv");
  EXPECT_EQ(ids_of(both->index()), (Ids{"_g.jpg", "g.jpg"}));
  EXPECT_EQ(content_of(*both, "_g.jpg"), "g.jpg");
  EXPECT_EQ(content_of(*both, "g.jpg"), "another one");
}

TEST_F(DatasetManifest, FoldersWinOverTablesThatNameNoImages) {
  EXPECT_EQ(open("id,value\n1,2\n")->index().format, "folders");
  in.write("second.csv", "path,label\ng.jpg,1\n");
  in.write("labels.csv", "path,label\ng.jpg,1\n");
  EXPECT_EQ(open_dataset(in.path())->index().format, "folders");  // which one is meant?
  EXPECT_EQ(
      refusal(in.path(), {.format = "csv"}),
      in.path().native() + ": holds more than one manifest: labels.csv, second.csv (give the CSV itself as the input)");
}

TEST_F(DatasetManifest, AListThatSaysLessThanTheClassFoldersDoesNotReplaceThem) {
  for (int i = 0; i < 9; ++i) in.write("cat/" + std::to_string(i) + ".jpg", "x");
  EXPECT_EQ(open("path,label\ncat/a.jpg,blurred\n")->index().format, "folders");  // 1 of 11
  std::string all = "file_name\n";
  for (int i = 0; i < 9; ++i) all += "cat/" + std::to_string(i) + ".jpg\n";
  EXPECT_EQ(open(all)->index().format, "folders");  // without labels
  EXPECT_EQ(open(all, {.format = "csv"})->index().entries.size(), 9U);
}

TEST_F(DatasetManifest, EmptyLinesBeforeTheHeader) {
  EXPECT_EQ(ids_of(open("\n\r\npath,label\n\ng.jpg,1\ncat/a.jpg,2\n")->index()), (Ids{"cat/a.jpg", "g.jpg"}));
}

TEST_F(DatasetManifest, TablesForTheirOwnSake) {
  in.write("manifest.csv", "path,label\ng.jpg,1\n");
  in.write("missing.csv", "path,label\nnot_there.jpg,1\n");
  in.write("table.csv", "age,income\n39,50\n");
  in.write("paths.tsv", "path\tlines\nsrc/main.cpp\t100\n");
  EXPECT_FALSE(looks_like_table(in / "manifest.csv"));
  EXPECT_FALSE(looks_like_table(in / "missing.csv"));  // a manifest whose images were moved
  EXPECT_TRUE(looks_like_table(in / "table.csv"));
  EXPECT_TRUE(looks_like_table(in / "paths.tsv"));
  EXPECT_FALSE(looks_like_table(in / "g.jpg"));
  EXPECT_FALSE(looks_like_table(in / "nowhere.csv"));
  EXPECT_FALSE(looks_like_table(in.path()));
  EXPECT_EQ(refusal(in / "table.csv"), (in / "table.csv").native() + ": is a table that names no image files");
}

}  // namespace
}  // namespace leaven::io

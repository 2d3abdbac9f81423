// Tars: of WebDataset samples, and of class folders.
#include <gtest/gtest.h>

#include <map>
#include <span>

#include "io/tar_index.hpp"
#include "tests/io/container_bytes.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

using Ids = std::vector<std::string>;

class TarIndexOf : public testing::TestWithParam<std::string> {};

// Members of many sizes and names, written by libarchive, must be where the index says.
TEST_P(TarIndexOf, FindsWhatLibarchiveWrote) {
  const bool long_names = GetParam() != "v7tar" && GetParam() != "ustar";
  Members members{
      {"empty.txt", ""}, {"one.bin", "x"}, {"block.bin", counting(512)}, {"more.bin", counting(513)}, {"dir/", ""}};
  members.emplace_back("dir/" + std::string(80, 'n') + ".bin", counting(3000));
  if (GetParam() != "v7tar") members.emplace_back(std::string(90, 'p') + "/" + std::string(60, 'q'), "prefix");
  if (long_names) members.emplace_back(std::string(300, 'l') + ".bin", "long");
  if (long_names) members.emplace_back("\xC3\xBC\xE2\x82\xAC.bin", "utf-8");
  members.emplace_back("last", "end");
  const TempFolder folder;
  // Without the option, pax names pass through the locale, which knows ASCII only.
  folder.write("a.tar", archive_of(members, GetParam(), GetParam() == "pax" ? "hdrcharset=BINARY" : ""));
  const InputFile file(folder / "a.tar");
  const TarIndex index = index_tar(file);
  EXPECT_EQ(index.damage, "");
  std::erase_if(members, [](const auto& member) { return member.first.ends_with('/'); });
  ASSERT_EQ(index.members.size(), members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    EXPECT_EQ(index.members[i].name, members[i].first);
    EXPECT_EQ(file.read_text(index.members[i].offset, index.members[i].size), members[i].second) << members[i].first;
  }
}
INSTANTIATE_TEST_SUITE_P(Formats, TarIndexOf, testing::Values("ustar", "gnutar", "pax", "v7tar"));

TEST(TarIndex, DamageKeepsWhatLiesBefore) {
  const std::string tar = archive_of({{"a", "first"}, {"b", counting(2000)}, {"c", "third"}}, "ustar");
  const TempFolder folder;
  const auto damage_of = [&](const std::string& bytes, std::size_t members) {
    folder.write("a.tar", bytes);
    const TarIndex index = index_tar(InputFile(folder / "a.tar"));
    EXPECT_EQ(index.members.size(), members);
    return index.damage;
  };
  std::string flipped = tar;
  flipped[1024] = 'B';
  EXPECT_EQ(damage_of(flipped, 1), "a header with a wrong checksum at byte 1024");
  EXPECT_EQ(damage_of(tar.substr(0, 2500), 1), "a member that the file ends in at byte 1024");
  EXPECT_EQ(damage_of(tar.substr(0, 3600), 2), "a cut-off header at byte 3584");
  EXPECT_EQ(damage_of(tar.substr(0, 4608), 3), "no end mark, it may be cut off at byte 4608");
  EXPECT_EQ(damage_of(tar.substr(0, 4400), 3), "no end mark, it may be cut off at byte 4608");
  EXPECT_EQ(damage_of("", 0), "no header at byte 0");
}

// Nothing is lost in silence: a tar beside others that holds less than it should is named.
TEST(DatasetWebDataset, TarsThatAreCutOffOrNoTarsAreNamed) {
  const std::string whole = archive_of({{"0.jpg", "image 0"}, {"0.cls", "1"}, {"1.jpg", "image 1"}, {"1.cls", "0"}}, "ustar");
  const TempFolder in;
  in.write("train-000.tar", whole);
  in.write("train-001.tar", archive_of({{"2.jpg", "image 2"}, {"2.cls", "1"}, {"3.jpg", "image 3"}}, "ustar").substr(0, 2048));
  in.write("train-002.tar", "garbage");
  in.write("train-003.tar", "");
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().entries.size(), 3U);
  std::vector<std::string> broken;
  for (const NotASample& aside : reader->index().broken) broken.push_back(aside.path + ": " + aside.reason);
  EXPECT_EQ(broken, (std::vector<std::string>{"train-001.tar: damaged tar: no end mark, it may be cut off at byte 2048",
                                              "train-002.tar: damaged tar: a cut-off header at byte 0",
                                              "train-003.tar: damaged tar: no header at byte 0"}));
}

TEST(DatasetWebDataset, ClassesFromClsFiles) {
  const TempFolder in;
  in.write("shard-000000.tar", archive_of({{"000.jpg", "image 0"},
                                           {"000.cls", "1\n"},
                                           {"000.txt", "a caption"},
                                           {"001.cls", "0"},
                                           {"001.PNG", "image 1"}},
                                          "ustar"));
  in.write("shard-000001.tar",
           archive_of({{"sub/002.webp", "image 2"}, {"sub/002.cls", "1"}, {"003.jpg", "no label"}}, "pax"));
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "webdataset");
  EXPECT_EQ(index.description, "WebDataset, 2 tars, 3 images, beside them .txt");
  EXPECT_EQ(ids_of(index), (Ids{"000.jpg", "001.PNG", "sub/002.webp"}));
  EXPECT_EQ(index.label_kind, LabelKind::category);
  EXPECT_EQ(label_of(index, "sub/002.webp"), "1");
  EXPECT_EQ(content_of(*reader, "001.PNG"), "image 1");
  EXPECT_EQ(content_of(*reader, "sub/002.webp"), "image 2");
  EXPECT_FALSE(reader->stores_pixels());
  ASSERT_EQ(index.broken.size(), 1U);
  EXPECT_EQ(index.broken[0].path, "003.jpg");
  EXPECT_TRUE(index.strays.empty());
  const auto members = reader->members_of(entry_of(index, "000.jpg"));
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].first, "txt");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(members[0].second.data()), members[0].second.size()), "a caption");
  EXPECT_TRUE(reader->members_of(entry_of(index, "001.PNG")).empty());
  EXPECT_EQ(tree_path(index, index.entries[0]), "000.jpg");
  EXPECT_EQ(tree_path(index, index.entries[0], OutputLayout::folders), "1/000.jpg");

  in.write("classes.json", R"(["cat", "dog"])");
  EXPECT_EQ(label_of(open_dataset(in.path())->index(), "sub/002.webp"), "dog");
  in.write("classes.json", R"(["wolf", "dog", "cat"])");
  EXPECT_EQ(open_dataset(in.path())->index().labels, (Ids{"wolf", "dog", "cat"})) << "numbers stay what they are";
}

TEST(DatasetWebDataset, ASampleWhoseNameComesAgainKeepsItsOwnFiles) {
  const TempFolder in;
  const auto found = [&](const Members& members) {
    in.write("x.tar", archive_of(members, "ustar"));
    const auto reader = open_dataset(in.path());
    std::vector<std::string> said;
    for (const Entry& entry : reader->index().entries)
      said.push_back(entry.id + "=" + content_of(*reader, entry.id) + ":" + reader->index().labels[entry.label]);
    for (const NotASample& broken : reader->index().broken) said.push_back(broken.path + ": " + broken.reason);
    return said;
  };
  const Ids expected{"a.png=first:0", "b.png=other:1", "x.tar/a.png: the tar holds another sample of this name"};
  EXPECT_EQ(found({{"a.png", "first"}, {"a.cls", "0"}, {"b.png", "other"}, {"b.cls", "1"}, {"a.png", "again"}, {"a.cls", "2"}}), expected);
  EXPECT_EQ(found({{"a.png", "first"}, {"a.cls", "0"}, {"a.png", "again"}, {"a.cls", "2"}, {"b.png", "other"}, {"b.cls", "1"}}), expected);
  // Files of one sample may lie apart, as long as each has a name of its own.
  EXPECT_EQ(found({{"a.png", "first"}, {"b.png", "other"}, {"a.cls", "0"}, {"b.cls", "1"}}), (Ids{"a.png=first:0", "b.png=other:1"}));
}

TEST(DatasetWebDataset, LabelsOfAnyKindFromJson) {
  const TempFolder in;
  in.write("a/x.tar", archive_of({{"0.jpg", "0"}, {"0.json", R"({"label": ["cat", "dog"]})"}}, "ustar"));
  EXPECT_EQ(open_dataset(in / "a")->index().label_kind, LabelKind::categories);
  EXPECT_EQ(open_dataset(in / "a")->index().labels, Ids{"cat;dog"});
  in.write("b/x.tar", archive_of({{"0.jpg", "0"}, {"0.json", R"({"target": 3})"}}, "ustar"));
  EXPECT_EQ(open_dataset(in / "b")->index().label_kind, LabelKind::number);
  in.write("c/x.tar", archive_of({{"0.jpg", "0"}, {"0.json", R"({"label": 3, "w": 20})"}}, "ustar"));
  EXPECT_EQ(open_dataset(in / "c")->index().label_kind, LabelKind::category);
  in.write("d/x.tar", archive_of({{"0.jpg", "0"}, {"0.json", "{broken"}}, "ustar"));
  EXPECT_EQ(open_dataset(in / "d")->index().label_kind, LabelKind::none);
}

TEST(DatasetWebDataset, SplitsByTheTarsNames) {
  const TempFolder in;
  in.write("train-000000.tar", archive_of({{"0.jpg", "train"}, {"0.cls", "1"}}, "ustar"));
  in.write("val-000000.tar", archive_of({{"0.jpg", "val"}, {"0.cls", "1"}}, "ustar"));
  const auto reader = open_dataset(in.path());
  EXPECT_TRUE(reader->index().has_splits);
  EXPECT_EQ(ids_of(reader->index()), (Ids{"train-000000.tar/0.jpg", "val-000000.tar/0.jpg"}));  // both are called 0.jpg
  EXPECT_EQ(reader->index().entries[1].split, Split::val);
  EXPECT_EQ(content_of(*reader, "val-000000.tar/0.jpg"), "val");
}

TEST(DatasetWebDataset, TarsOfClassFoldersPackedToo) {
  const TempFolder in;
  const Members members{
      {"set/", ""}, {"set/train/cat/a.v2.jpg", "a"}, {"set/train/dog/b.jpg", "b"}, {"set/test/cat/c.jpg", "c"}};
  in.write("plain.tar", archive_of(members, "ustar"));
  in.write("packed.tar.gz", gzip_of(archive_of(members, "gnutar")));
  for (const char* name : {"plain.tar", "packed.tar.gz"}) {
    const auto reader = open_dataset(in / name);
    const DatasetIndex& index = reader->index();
    EXPECT_EQ(index.description, "tar of image files, 1 tar, already split: train 2, test 1, 3 images");
    EXPECT_EQ(ids_of(index), (Ids{"test/cat/c.jpg", "train/cat/a.v2.jpg", "train/dog/b.jpg"}));
    EXPECT_EQ(label_of(index, "train/cat/a.v2.jpg"), "cat");
    EXPECT_EQ(content_of(*reader, "train/dog/b.jpg"), "b");
  }
}

TEST(DatasetWebDataset, NamesThatLeadOutAreBroken) {
  const TempFolder in;
  in.write("x.tar", archive_of({{"cat/a.jpg", "a"}, {"../evil.jpg", "e"}, {"/etc/evil.jpg", "e"}, {"./cat/b.jpg", "b"}},
                               "ustar"));
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().entries.size(), 2U);
  EXPECT_EQ(reader->index().broken.size(), 2U);
  EXPECT_EQ(reader->index().broken[0].reason, "its name leads out of the tar or is no UTF-8");
}

TEST(DatasetWebDataset, APictureBesideTarsAndATarBesidePictures) {
  const TempFolder tars, pictures;
  tars.write("a.tar", archive_of({{"0.jpg", counting(5000)}, {"0.cls", "1"}}, "ustar"));
  tars.write("preview.png", "small");
  EXPECT_EQ(open_dataset(tars.path())->index().format, "webdataset");
  pictures.write("cat/a.jpg", "a");
  pictures.write("backup.tar", archive_of({{"cat/a.jpg", "a"}}, "ustar"));
  EXPECT_EQ(open_dataset(pictures.path())->index().format, "folders");
}

// What lay beside a source's image goes along; a label in JSON joins the properties that are there.
TEST(WebDatasetMembers, GoAlong) {
  const auto bytes = [](std::string_view text) {
    const auto view = std::as_bytes(std::span(text));
    return Bytes(view.begin(), view.end());
  };
  for (const LabelKind kind : {LabelKind::category, LabelKind::categories}) {
    const TempFolder out;
    const auto writer = open_writer(out.path(), {.layout = OutputLayout::webdataset, .labels = {"cat", "cat;dog"}, .label_kind = kind});
    OutputItem item;
    item.id = "a_aug1.jpg";
    item.label = "cat";
    item.file = bytes("image");
    item.members = {{"caption.txt", bytes("a cat")}, {"json", bytes(R"({"width": 3, "label": "old"})")}};
    writer->store(item);
    writer->commit(std::move(item));
    writer->finish();
    const auto reader = open_dataset(out.path(), {.format = "webdataset"});
    const DatasetIndex& index = reader->index();
    ASSERT_EQ(index.entries.size(), 1U);
    std::map<std::string, std::string> members;
    for (const auto& [extension, content] : reader->members_of(index.entries[0]))
      members[extension] = {reinterpret_cast<const char*>(content.data()), content.size()};
    EXPECT_EQ(members["caption.txt"], "a cat");
    EXPECT_EQ(members["json"], kind == LabelKind::category ? R"({"width": 3, "label": "old"})" : R"({"label":["cat"],"width":3})");
  }
}

}  // namespace
}  // namespace leaven::io

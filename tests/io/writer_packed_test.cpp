// Manifests, .npz and WebDataset shards: what other programs read in them, interruptions, and parts of shards.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "tests/io/container_bytes.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Raster pixels_of(int width, int height, int first) {
  Raster image({.width = width, .height = height, .channels = 3});
  const std::string bytes = counting(image.shape().bytes(), first);
  std::memcpy(image.data(), bytes.data(), bytes.size());
  return image;
}

/// Item number i of a run: everything that any layout needs.
OutputItem item_of(int i) {
  OutputItem item;
  const std::string number = std::to_string(i);
  item.label = i % 3 == 0 ? "cat" : "dog";
  item.label_index = i % 3 == 0 ? 0 : 1;
  item.id = item.label + "/img.v" + number + ".jpg";
  item.file = bytes_of("file " + number + std::string(static_cast<std::size_t>(i) * 7, 'x'));
  item.pixels = pixels_of(4, 3, i);
  item.row = "old/" + number + ".jpg;" + item.label + ";\"extra; " + number + "\"";
  return item;
}

/// With what lies beside it in a tar.
OutputItem item_with_members(int i) {
  OutputItem item = item_of(i);
  item.members = {{"txt", bytes_of("caption " + std::to_string(i))}, {"json", bytes_of("{}")}};
  return item;
}

WriterOptions options_of(const std::string& format) {
  WriterOptions options{
      .input_format = format, .labels = {"cat", "dog"}, .label_kind = LabelKind::category, .shard_bytes = 6000};
  if (format == "csv")
    options.manifest = ManifestShape{
        .name = "list.csv", .separator = ';', .header = "file;label;note", .columns = 3, .path = 0, .label = 1};
  return options;
}

/// Every file of a folder with its bytes.
Members contents(const TempFolder& folder) {
  Members all;
  for (const std::string& file : folder.files()) all.emplace_back(file, folder.read(file));
  return all;
}

/// Stores and commits items first … last − 1; returns the last state.
std::string write(DatasetWriter& writer, int first, int last, OutputItem (*make)(int) = item_with_members) {
  std::string state;
  for (int i = first; i < last; ++i) {
    OutputItem item = make(i);
    writer.store(item);
    state = writer.commit(std::move(item));
  }
  return state;
}

class PackedLayout : public testing::TestWithParam<std::string> {
 protected:
  static constexpr int kItems = 20;
  void SetUp() override {
    const auto writer = open_writer(whole.path(), options_of(GetParam()));
    write(*writer, 0, kItems);
    writer->finish();
  }
  TempFolder whole;  ///< what a run that nobody interrupted writes
};

TEST_P(PackedLayout, NothingIsVisibleBeforeTheEnd) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), options_of(GetParam()));
  write(*writer, 0, kItems);
  for (const std::string& file : out.files())
    EXPECT_TRUE(file.ends_with(".leaven-part") || (GetParam() == "csv" && file.ends_with(".jpg"))) << file;
  writer->finish();
  EXPECT_EQ(contents(out), contents(whole));  // and the same items give the same bytes
}

TEST_P(PackedLayout, ResumesAfterAnyItem) {
  for (const int kept : {1, 7, 19, 20}) {
    const TempFolder out;
    std::string state;
    {
      const auto killed = open_writer(out.path(), options_of(GetParam()));
      state = write(*killed, 0, kept);
      if (kept < kItems) write(*killed, kept, kItems);  // committed, but the journal does not know
    }
    const auto writer = open_writer(out.path(), options_of(GetParam()));
    writer->resume(state);
    write(*writer, kept, kItems);
    writer->finish();
    EXPECT_EQ(contents(out), contents(whole)) << kept;
  }
}

TEST_P(PackedLayout, ResumesARunThatDiedBetweenItsEndAndSayingSo) {
  const TempFolder out;
  std::string state;
  {
    const auto writer = open_writer(out.path(), options_of(GetParam()));
    state = write(*writer, 0, kItems);
    writer->finish();
  }
  const auto writer = open_writer(out.path(), options_of(GetParam()));
  writer->resume(state);
  writer->finish();
  EXPECT_EQ(contents(out), contents(whole));
}

TEST_P(PackedLayout, PartsOfShardsMergeIntoTheWhole) {
  constexpr std::uint32_t kParts = 3;
  const TempFolder out;
  const auto part_of = [](int i) { return static_cast<std::uint32_t>(i * i % kParts) + 1; };
  for (std::uint32_t part = 1; part <= kParts; ++part) {
    WriterOptions options = options_of(GetParam());
    options.part = std::to_string(part) + "-of-3";
    std::string state;
    for (int round = 0; round < 2; ++round) {  // each shard is interrupted once
      const auto writer = open_writer(out.path(), options);
      if (!state.empty()) writer->resume(state);
      const int first = round == 0 ? 0 : 9, last = round == 0 ? 13 : kItems;
      for (int i = first; i < last; ++i) {
        if (part_of(i) != part) continue;
        OutputItem item = item_with_members(i);
        writer->store(item);
        const std::string its = writer->commit(std::move(item));
        if (i < 9) state = its;
      }
      if (round == 1) writer->finish();
    }
  }
  const auto roster = [part_of, i = 0]() mutable -> std::optional<std::uint32_t> {
    return i < kItems ? std::optional(part_of(i++)) : std::nullopt;
  };
  for (int killed = 0; killed < 2; ++killed) {  // the second time beside what the first one published
    merge_parts(out.path(), options_of(GetParam()), kParts, roster);
  }
  for (std::uint32_t part = 1; part <= kParts; ++part) remove_part(out.path(), std::to_string(part) + "-of-3");
  EXPECT_EQ(contents(out), contents(whole));
}

INSTANTIATE_TEST_SUITE_P(Layouts, PackedLayout, testing::Values("csv", "npz", "webdataset"));

template <class Call>
std::string message_of(const Call& call, Fault fault) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), fault) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(MergeParts, MissingAndContradictingParts) {
  const TempFolder out;
  WriterOptions options = options_of("webdataset");
  options.part = "1-of-2";
  const auto writer = open_writer(out.path(), options);
  write(*writer, 0, 2, item_of);
  writer->finish();
  const auto after = [](int n) {
    return [n]() mutable -> std::optional<std::uint32_t> { return n-- > 0 ? std::optional(1U) : std::nullopt; };
  };
  EXPECT_EQ(message_of([&] { merge_parts(out.path(), options, 2, after(2)); }, Fault::usage),
            out.path().native() + ": part 2-of-2 is missing (run --shard 2/2 to its end first)");
  options.part = "2-of-2";
  open_writer(out.path(), options)->finish();
  EXPECT_EQ(message_of([&] { merge_parts(out.path(), options, 2, after(3)); }, Fault::data),
            "part 1-of-2 holds fewer items than the run made");
  EXPECT_EQ(message_of([&] { merge_parts(out.path(), options, 2, after(1)); }, Fault::data),
            "part 1-of-2 holds more items than the run made");
  merge_parts(out.path(), options, 2, after(2));  // nothing was lost in the failed attempts
  for (const char* part : {"1-of-2", "2-of-2"}) remove_part(out.path(), part);
  EXPECT_EQ(out.files(), (Names{"classes.json", "shard-000000.tar"}));
}

TEST(NpzWriter, OtherProgramsReadTheArrays) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), options_of("npz"));
  write(*writer, 0, 4, item_of);
  writer->finish();
  const Members members = members_of(out.read("data.npz"));
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].first, "images.npy");
  const std::string images = members[0].second;
  EXPECT_TRUE(images.starts_with(std::string("\x93NUMPY\x01\x00", 8)));
  EXPECT_NE(images.find("{'descr': '|u1', 'fortran_order': False, 'shape': (4, 3, 4, 3), }"), std::string::npos);
  EXPECT_EQ(images.size() % 64, (4 * 36) % 64U);
  EXPECT_EQ(images.substr(images.size() - 4 * 36),
            counting(36, 0) + counting(36, 1) + counting(36, 2) + counting(36, 3));
  EXPECT_EQ(members[1].first, "labels.npy");
  EXPECT_TRUE(members[1].second.ends_with(raw<std::int64_t>({0, 1, 1, 0})));
  EXPECT_EQ(members[2].first, "classes.npy");
  EXPECT_TRUE(members[2].second.ends_with(raw<char32_t>({U'c', U'a', U't', U'd', U'o', U'g'})));

  const auto reader = open_dataset(out.path());
  EXPECT_EQ(label_of(reader->index(), "data.npz#000002"), "dog");
  EXPECT_EQ(content_of(*reader, "data.npz#000002"), counting(36, 2));
}

TEST(NpzWriter, LabelsOfEveryKindComeBack) {
  const auto round_trip = [](const Names& labels, LabelKind kind) {
    const TempFolder out;
    const auto writer = open_writer(out.path(), {.layout = OutputLayout::npz, .labels = labels, .label_kind = kind});
    for (const std::string& label : labels) {
      OutputItem item = item_of(0);
      item.label = label;
      writer->commit(std::move(item));
    }
    writer->finish();
    const auto reader = open_dataset(out.path());
    EXPECT_EQ(reader->index().label_kind, kind);
    Names back;
    for (const Entry& entry : reader->index().entries) back.push_back(reader->index().labels[entry.label]);
    return back;
  };
  for (const auto& [labels, kind] : std::vector<std::pair<Names, LabelKind>>{
           {{"7", "10", "2"}, LabelKind::category},
           {{"\xE7\x8C\xAB", "a, \"b\"", "", "\xF0\x9F\x90\x88"}, LabelKind::category},
           {{"cat;dog", "dog", ""}, LabelKind::categories},
           {{"0.25", "-3", "1e+30"}, LabelKind::number},
           {{""}, LabelKind::none}})
    EXPECT_EQ(round_trip(labels, kind), labels);
}

TEST(NpzWriter, SplitsAreFilesAndShapesMustAgree) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), options_of("npz"));
  for (const Split split : {Split::train, Split::test, Split::train}) {
    OutputItem item = item_of(1);
    item.split = split;
    writer->commit(std::move(item));
  }
  OutputItem wide = item_of(2);
  wide.split = Split::train;
  wide.pixels = pixels_of(5, 3, 0);
  EXPECT_EQ(
      message_of([&] { writer->commit(std::move(wide)); }, Fault::usage),
      "an .npz holds images of one shape: dog/img.v1.jpg is 4×3×3 u8, dog/img.v2.jpg is 5×3×3 u8 (end the recipe with "
      "a step that makes them equal, such as resize)");
  writer->finish();
  EXPECT_EQ(out.files(), (Names{"test.npz", "train.npz"}));
  const auto reader = open_dataset(out.path());
  EXPECT_EQ(reader->index().description, "NumPy arrays, already split: train 2, test 1, 3 images of 4×3×3 u8");
}

TEST(NpzWriter, GreyWideAndFloatPixels) {
  for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32}) {
    const TempFolder out;
    const auto writer = open_writer(out.path(), {.layout = OutputLayout::npz});
    OutputItem item;
    item.pixels = Raster({.width = 3, .height = 2, .channels = 1, .dtype = dtype});
    std::memset(item.pixels.data(), 0, item.pixels.shape().bytes());
    item.pixels.data()[1] = std::byte{1};
    const Raster expected = item.pixels.clone();
    writer->commit(std::move(item));
    writer->finish();
    const auto reader = open_dataset(out.path());
    EXPECT_TRUE(same_pixels(reader->read(reader->index().entries[0]).pixels.view(), expected.view())) << name_of(dtype);
  }
}

TEST(WebDatasetWriter, OtherProgramsReadTheShards) {
  const TempFolder out;
  const auto writer = open_writer(out.path(), options_of("webdataset"));
  write(*writer, 0, 5, item_of);
  writer->finish();
  EXPECT_EQ(out.files(), (Names{"classes.json", "shard-000000.tar", "shard-000001.tar", "shard-000002.tar"}));
  const Members first = members_of(out.read("shard-000000.tar"));
  const Members expected{{"cat/img%2Ev0.jpg", text_of(item_of(0).file)},
                         {"cat/img%2Ev0.cls", "0"},
                         {"dog/img%2Ev1.jpg", text_of(item_of(1).file)},
                         {"dog/img%2Ev1.cls", "1"}};
  EXPECT_EQ(first, expected);
  EXPECT_LE(fs::file_size(out / "shard-000000.tar"), 6000U + 1024U);  // the end of a tar takes 1,024
  EXPECT_EQ(out.read("classes.json"), "[\n \"cat\",\n \"dog\"\n]\n");
  const auto reader = open_dataset(out.path());
  EXPECT_EQ(reader->index().entries.size(), 5U);
  EXPECT_EQ(label_of(reader->index(), "cat/img%2Ev3.jpg"), "cat");
  EXPECT_EQ(content_of(*reader, "dog/img%2Ev4.jpg"), text_of(item_of(4).file));
}

TEST(WebDatasetWriter, LabelsOfEveryKind) {
  const auto members = [](const std::string& label, const Names& labels, LabelKind kind) {
    const TempFolder out;
    const auto writer =
        open_writer(out.path(), {.layout = OutputLayout::webdataset, .labels = labels, .label_kind = kind});
    OutputItem item = item_of(0);
    item.id = "a.png";
    item.label = label;
    item.split = Split::val;
    writer->commit(std::move(item));
    writer->finish();
    const Members all = members_of(out.read("val-000000.tar"));
    return all.size() < 2 ? std::pair<std::string, std::string>() : all[1];
  };
  using Member = std::pair<std::string, std::string>;
  EXPECT_EQ(members("7", {"3", "7"}, LabelKind::category), Member("a.cls", "7"));
  EXPECT_EQ(members("b", {"a", "b"}, LabelKind::category), Member("a.cls", "1"));
  EXPECT_EQ(members("", {"", "b"}, LabelKind::category), Member());
  EXPECT_EQ(members("cat;dog", {"cat;dog"}, LabelKind::categories), Member("a.json", R"({"label":["cat","dog"]})"));
  EXPECT_EQ(members("+2.50", {"+2.50"}, LabelKind::number), Member("a.json", R"({"target":2.5})"));
  EXPECT_EQ(members("", {""}, LabelKind::none), Member());
}

TEST(WebDatasetWriter, LongNamesAndOlderShards) {
  const TempFolder out;
  out.write("shard-000001.tar", "of an earlier run that had more");
  out.write("shard-000002.tar.leaven-part", "and was killed");
  out.write("notes.tar", "somebody else's");
  const auto writer = open_writer(out.path(), {.layout = OutputLayout::webdataset});
  OutputItem item = item_of(0);
  item.id = std::string(120, 'd') + "/\xC3\xBC" + std::string(150, 'n') + ".jpg";
  const std::string id = item.id;
  writer->commit(std::move(item));
  writer->finish();
  EXPECT_EQ(out.files(), (Names{"notes.tar", "shard-000000.tar"}));
  EXPECT_EQ(members_of(out.read("shard-000000.tar")).at(0).first, id);
}

TEST(ManifestWriter, RowsKeepTheirOtherCells) {
  const TempFolder out;
  WriterOptions options = options_of("csv");
  options.manifest->split = ManifestShape::kNone;
  const auto writer = open_writer(out.path(), options);
  OutputItem item = item_of(0);
  item.id = "a;b_aug1.jpg";
  item.split = Split::train;
  writer->store(item);
  writer->commit(std::move(item));
  OutputItem relabelled = item_of(0);
  relabelled.label = "dog";
  relabelled.split = Split::val;
  writer->store(relabelled);
  writer->commit(std::move(relabelled));
  writer->finish();
  EXPECT_EQ(out.files(), (Names{"a;b_aug1.jpg", "cat/img.v0.jpg", "list.csv"}));
  EXPECT_EQ(out.read("list.csv"),
            "file;label;note;split\n\"a;b_aug1.jpg\";cat;\"extra; 0\";train\ncat/img.v0.jpg;dog;\"extra; 0\";val\n");
}

TEST(ManifestWriter, WhatWasReadIsWrittenAlike) {
  const TempFolder in, out;
  in.write("x/a.jpg", "a");
  in.write("b.jpg", "b");
  in.write("m.csv", "tags,part,path\r\ncat | dog,Train,x/a.jpg\r\n\"cat\",valid,\"b.jpg\"\r\n");
  const auto reader = open_dataset(in.path(), {.split_column = "part"});
  const DatasetIndex& index = reader->index();
  const auto writer = open_writer(out.path(), {.input_format = index.format,
                                               .manifest = index.manifest,
                                               .labels = index.labels,
                                               .label_kind = index.label_kind});
  for (const char* id : {"x/a.jpg", "b.jpg"}) {
    const Entry& entry = entry_of(index, id);
    OutputItem item;
    item.id = entry.id;
    item.label = index.labels[entry.label];
    item.split = entry.split;
    item.row = reader->row_of(entry);
    item.link_to = *reader->file_of(entry);
    writer->store(item);
    writer->commit(std::move(item));
  }
  writer->finish();
  EXPECT_EQ(out.read("m.csv"), in.read("m.csv"));
  EXPECT_EQ(ids_of(open_dataset(out.path(), {.split_column = "part"})->index()), ids_of(index));
}

}  // namespace
}  // namespace leaven::io

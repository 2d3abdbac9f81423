// COCO in and out: where images lie, ids, polygons and run lengths, keypoints, and what real files get wrong.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "io/coco_rle.hpp"
#include "io/json_walk.hpp"
#include "tests/io/marked_fixture.hpp"

namespace leaven::io {
namespace {

using Names = std::vector<std::string>;
using Json = nlohmann::json;

constexpr Size kSize{10, 9};

std::string picture() { return png_file(kSize.width, kSize.height); }

// A square ring of 9 rows × 10 columns, in the example of COCO's own mask test; the text follows from its algorithm:
// 6, 1 and 40 as they are, then differences to the run two before: 3, -35, 0, 0, 0, 16.
const std::vector<std::uint32_t> kRuns{6, 1, 40, 4, 5, 4, 5, 4, 21};
constexpr const char* kRunsText = "61X13mN000`0";

TEST(CocoRle, TextAndCounts) {
  EXPECT_EQ(text_from_counts(kRuns), kRunsText);
  EXPECT_EQ(counts_from_text(kRunsText), kRuns);
  EXPECT_EQ(counts_from_text(""), std::vector<std::uint32_t>{});
  const std::vector<std::uint32_t> wide{0, 4294967295U, 0, 1, 4294967295U, 15, 16, 31, 32, 1000000};
  EXPECT_EQ(counts_from_text(text_from_counts(wide)), wide);
  for (const char* broken : {"X", "\x7F", " ", "6m", "oooooooooo", "nnnnnnnnn0", "5N"})
    EXPECT_THROW(counts_from_text(broken), Error) << broken;
}

TEST(JsonWalk, MembersAndElements) {
  const TempFolder folder;
  folder.write("a.json", "\xEF\xBB\xBF {\"a\\\"b\" : [ 1 , {\"x\":\"]}\"} ,\"s\"], \"c\":{\"d\":[]}, \"e\": null}");
  const InputFile file(folder / "a.json");
  JsonWalk walk(file);
  std::string key;
  std::string_view text;
  std::uint64_t offset = 0;
  ASSERT_TRUE(walk.next_member(key));
  EXPECT_EQ(key, "a\\\"b");
  std::vector<std::string> elements;
  while (walk.next_element(text, offset)) {
    elements.emplace_back(text);
    EXPECT_EQ(file.read_text(offset, text.size()), text);
  }
  EXPECT_EQ(elements, (Names{"1", "{\"x\":\"]}\"}", "\"s\""}));
  ASSERT_TRUE(walk.next_member(key));
  EXPECT_EQ(walk.next_value(), "{\"d\":[]}");
  ASSERT_TRUE(walk.next_member(key));
  EXPECT_EQ(walk.next_value(), "null");
  EXPECT_FALSE(walk.next_member(key));
}

TEST(JsonWalk, ElementsLongerThanItReadsAtOnce) {
  const TempFolder folder;
  std::string text = "{\"list\":[";
  for (int i = 0; i < 5; ++i) text += (i > 0 ? ",\"" : "\"") + std::string(700'000, static_cast<char>('a' + i)) + "\"";
  folder.write("a.json", text + "]}");
  const InputFile file(folder / "a.json");
  JsonWalk walk(file);
  std::string key;
  ASSERT_TRUE(walk.next_member(key));
  std::string_view element;
  std::uint64_t offset = 0;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(walk.next_element(element, offset));
    EXPECT_EQ(element.size(), 700'002U);
    EXPECT_EQ(element[1], 'a' + i);
    EXPECT_EQ(offset, 9U + 700'003U * static_cast<unsigned>(i));
  }
  EXPECT_FALSE(walk.next_element(element, offset));
  EXPECT_FALSE(walk.next_member(key));
}

Json category(int id, const std::string& name) { return {{"id", id}, {"name", name}, {"supercategory", "things"}}; }

Json image(int id, const std::string& name) {
  return {{"id", id}, {"file_name", name}, {"width", kSize.width}, {"height", kSize.height}, {"license", 3}};
}

Json annotation(int id, int image, int category) {
  return {{"id", id},    {"image_id", image}, {"category_id", category},      {"bbox", {1, 2, 3.25, 4}},
          {"area", 9.5}, {"iscrowd", 0},      {"segmentation", Json::array()}};
}

Json whole(Json images, Json annotations) {
  return {{"info", {{"year", 2017}}},
          {"licenses", {{{"id", 3}, {"name", "CC"}}}},
          {"images", std::move(images)},
          {"annotations", std::move(annotations)},
          {"categories", {category(18, "dog"), category(90, "toothbrush")}}};
}

Json with(Json json, const std::string& key, Json value) {
  json[key] = std::move(value);
  return json;
}

/// As the original lies: annotations/ beside train2017/ and val2017/.
void write_pair(const TempFolder& in) {
  for (const char* name : {"train2017/1.png", "train2017/2.png", "val2017/1.png", "val2017/9.png"})
    in.write(name, picture());
  const Json train =
      whole({image(7, "2.png"), image(3, "1.png")},
            {annotation(1, 3, 90), with(annotation(2, 7, 18), "segmentation", Json{{1, 2, 4.25, 2, 4.25, 6}}),
             with(annotation(5, 3, 18), "attributes", Json{{"truncated", true}})});
  Json crowd = with(annotation(8, 3, 18), "segmentation", Json{{"size", {9, 10}}, {"counts", kRuns}});
  crowd["iscrowd"] = 1;
  const Json val =
      whole({image(3, "1.png"), image(4, "9.png")},
            {crowd, with(annotation(9, 3, 90), "segmentation", Json{{"size", {9, 10}}, {"counts", kRunsText}})});
  in.write("annotations/instances_train2017.json", train.dump());
  in.write("annotations/instances_val2017.json", val.dump(2));
  in.write("annotations/captions_val2017.json", "{\"images\":[],\"annotations\":[]}");
  in.write("annotations/person_keypoints_val2017.json", val.dump());
}

TEST(Coco, TrainAndVal) {
  const TempFolder in;
  write_pair(in);
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "coco");
  EXPECT_EQ(index.description, "COCO, already split: train 2, val 2, 2 categories, 4 images, 5 instances");
  EXPECT_EQ(index.strays.at("annotation files beside those that were read"), 1U);
  EXPECT_EQ(ids_of(index), (Names{"train2017/1.png", "train2017/2.png", "val2017/1.png", "val2017/9.png"}));
  EXPECT_EQ(index.categories[1].name, "toothbrush");
  EXPECT_EQ(index.categories[1].extra, "{\"id\":90,\"supercategory\":\"things\"}");
  const Annotations first = marks_of(*reader, "train2017/1.png", kSize);
  ASSERT_EQ(first.instances.size(), 2U);
  EXPECT_EQ(first.extra, "{\"id\":3,\"license\":3}");
  EXPECT_EQ(first.instances[0].category, 1U);
  EXPECT_EQ(first.instances[0].box, (Box{1, 2, 4.25, 6}));
  EXPECT_EQ(first.instances[1].extra, "{\"area\":9.5,\"attributes\":{\"truncated\":true},\"id\":5}");
  EXPECT_EQ(marks_of(*reader, "train2017/2.png", kSize).instances.at(0).outlines.at(0).size(), 3U);
  const Annotations masks = marks_of(*reader, "val2017/1.png", kSize);
  ASSERT_EQ(masks.instances.size(), 2U);
  EXPECT_TRUE(masks.instances[0].crowd);
  EXPECT_EQ(masks.instances[0].mask->counts, kRuns);
  EXPECT_EQ(masks.instances[1].mask->counts, kRuns);
  EXPECT_EQ(index.marks, (Marks{.boxes = true, .outlines = true, .masks = true}));
}

TEST(Coco, InAndOutAgain) {
  const TempFolder in, out, parts, interrupted;
  write_pair(in);
  const auto reader = open_dataset(in.path());
  write_again(*reader, out.path(), kSize);
  EXPECT_EQ(out.files(), (Names{"annotations/instances_train2017.json", "annotations/instances_val2017.json",
                                "train2017/1.png", "train2017/2.png", "val2017/1.png", "val2017/9.png"}));
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 1e-6);
  const Json train = Json::parse(out.read("annotations/instances_train2017.json"));
  EXPECT_EQ(train["info"]["year"], 2017);
  EXPECT_EQ(train["images"][0]["file_name"], "1.png");
  EXPECT_EQ(train["images"][0]["id"], 3);
  EXPECT_EQ(train["annotations"][0]["category_id"], 90);
  EXPECT_EQ(train["annotations"][0]["bbox"], (Json{1, 2, 3.25, 4}));
  write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 3);
  EXPECT_EQ(everything_in(parts), everything_in(out));
  for (const std::size_t stop : {0U, 1U, 2U, 3U}) {
    const TempFolder again;
    write_interrupted(*reader, again.path(), kSize, OutputLayout::same, stop);
    EXPECT_EQ(everything_in(again), everything_in(out)) << stop;
  }
}

TEST(Coco, ARunThatDiedBetweenItsEndAndSayingSoGoesOn) {
  const TempFolder in, out, again;
  write_pair(in);
  const auto reader = open_dataset(in.path());
  write_again(*reader, out.path(), kSize);
  std::string state;
  for (const bool second : {false, true}) {
    const auto writer = open_writer(again.path(), options_for(reader->index()));
    if (second) writer->resume(state);
    for (const Entry& entry : reader->index().entries) {
      if (second) break;
      OutputItem item;
      item.id = entry.id;
      item.split = entry.split;
      item.file = reader->read(entry).file;
      item.annotations = reader->annotations(entry, kSize);
      item.image = kSize;
      writer->store(item);
      state = writer->commit(std::move(item));
    }
    writer->finish();
  }
  EXPECT_EQ(everything_in(again), everything_in(out));
}

TEST(Coco, CopiesGetNumbersOfTheirOwn) {
  const TempFolder in, out;
  write_pair(in);
  const auto reader = open_dataset(in.path());
  const auto writer = open_writer(out.path(), options_for(reader->index()));
  const Entry& entry = entry_of(reader->index(), "train2017/2.png");
  for (const std::uint32_t copy : {0U, 1U, 2U}) {
    OutputItem item;
    item.id = copy == 0 ? entry.id : "train2017/2_aug" + std::to_string(copy) + ".png";
    item.split = entry.split;
    item.copy = copy;
    item.file = reader->read(entry).file;
    item.annotations = reader->annotations(entry, kSize);
    item.image = kSize;
    writer->store(item);
    writer->commit(std::move(item));
  }
  writer->finish();
  const Json json = Json::parse(out.read("annotations/instances_train2017.json"));
  // The largest ids of both files are 7 and 9.
  EXPECT_EQ(json["images"][0]["id"], 7);
  EXPECT_EQ(json["images"][1]["id"], 8);
  EXPECT_EQ(json["images"][1]["license"], 3);
  EXPECT_EQ(json["images"][2]["id"], 9);
  EXPECT_EQ(json["annotations"][0]["id"], 2);
  EXPECT_EQ(json["annotations"][1]["id"], 10);
  EXPECT_EQ(json["annotations"][1]["image_id"], 8);
  EXPECT_EQ(json["annotations"][0]["area"], 9.5) << "the source's own";
  EXPECT_EQ(json["annotations"][1]["area"], 3.25 * 4 / 2);
}

TEST(Coco, KeypointsLieAtTheCentresOfTheirPixels) {
  const TempFolder in, out;
  in.write("images/a.png", picture());
  Json person = category(1, "person");
  person["keypoints"] = {"nose", "left_eye", "right_eye"};
  person["skeleton"] = {{1, 2}};
  Json json = whole({image(1, "a.png")}, {with(annotation(1, 1, 1), "keypoints", {2, 3, 2, 4, 5, 1, 0, 0, 0})});
  json["categories"] = Json::array({person});
  in.write("person_keypoints.json", json.dump());
  const auto reader = open_dataset(in.path());
  EXPECT_TRUE(reader->index().marks.keypoints);
  EXPECT_EQ(reader->index().categories[0].mirrored, (std::vector<std::uint32_t>{0, 2, 1}));
  const Annotations marks = marks_of(*reader, "images/a.png", kSize);
  ASSERT_EQ(marks.instances.at(0).keypoints.size(), 3U);
  EXPECT_EQ(marks.instances[0].keypoints[0].at.x, 2.5);
  EXPECT_EQ(marks.instances[0].keypoints[1].visibility, 1);
  EXPECT_EQ(marks.instances[0].keypoints[2].visibility, 0);
  write_again(*reader, out.path(), kSize);
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 1e-6);
  const Json again = Json::parse(out.read("person_keypoints.json"));
  EXPECT_EQ(again["annotations"][0]["keypoints"], (Json{2, 3, 2, 4, 5, 1, 0, 0, 0}));
  EXPECT_EQ(again["annotations"][0]["num_keypoints"], 2);
  EXPECT_EQ(again["categories"][0]["skeleton"], (Json{{1, 2}}));
}

TEST(Coco, SloppyFilesWork) {
  const TempFolder in;
  in.write("data/sub/a.png", picture());
  in.write("data/b.png", picture());
  in.write("data/unlisted.png", picture());
  Json json = whole(
      {image(1, "C:\\pictures\\data\\sub\\a.png"), image(2, "./b.png"), image(3, "gone.png"), image(2, "b.png")},
      {with(annotation(1, 1, 18), "bbox", {-1e-6, 0, 10.004, 9}), with(annotation(1, 1, 18), "bbox", {1, 1, 0, 5}),
       with(annotation(4, 1, 90), "segmentation", {{1, 1, 5, 5}, {1, 1, 5, 1, 5, 5, 1, 1}}), annotation(6, 77, 18),
       with(annotation(7, 2, 18), "segmentation", {1, 1, 5, 1, 5, 5})});
  json["annotations"][1]["segmentation"] = nullptr;
  json["annotations"][4]["image_id"] = "2";
  in.write("labels.json", "\xEF\xBB\xBF" + json.dump(1));
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(ids_of(index), (Names{"data/b.png", "data/sub/a.png"}));
  ASSERT_EQ(index.broken.size(), 1U);
  EXPECT_EQ(index.broken[0].path, "labels.json: gone.png");
  EXPECT_EQ(index.broken[0].reason, "it does not exist");
  EXPECT_EQ(index.strays.at("images with an id that is taken"), 1U);
  EXPECT_EQ(index.strays.at("annotations of images that are not listed"), 1U);
  EXPECT_EQ(index.strays.at("images that no annotation file lists"), 1U);
  const Annotations a = marks_of(*reader, "data/sub/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 2U);
  EXPECT_EQ(a.instances[0].box, (Box{0, 0, 10, 9}));
  EXPECT_EQ(a.instances[1].outlines.size(), 1U);
  EXPECT_EQ(a.instances[1].outlines[0].size(), 3U);
  EXPECT_EQ(mended(a, "instance without any mark dropped"), 1U);
  EXPECT_EQ(mended(a, "annotation with an id that is taken"), 1U);
  EXPECT_EQ(mended(a, "outline without area dropped"), 1U);
  EXPECT_EQ(marks_of(*reader, "data/b.png", kSize).instances.at(0).outlines.size(), 1U);
}

TEST(Coco, WhatCannotBeMendedSaysWhere) {
  const TempFolder in;
  in.write("a.png", picture());
  const auto refuse = [&](const Json& its) {
    in.write("x.json", whole({image(1, "a.png")}, Json::array({its})).dump());
    return marks_refusal(*open_dataset(in.path()), "a.png", kSize);
  };
  EXPECT_TRUE(refuse(annotation(1, 1, 5)).starts_with("x.json: byte ")) << refuse(annotation(1, 1, 5));
  EXPECT_TRUE(refuse(annotation(1, 1, 5)).ends_with("category 5 is not in categories"));
  EXPECT_TRUE(refuse(with(annotation(1, 1, 18), "bbox", {1, 2, 3})).ends_with("a box must be 4 numbers, got 3"));
  EXPECT_TRUE(refuse(with(annotation(1, 1, 18), "segmentation", Json{{"size", {10, 9}}, {"counts", kRunsText}}))
                  .ends_with("a mask is 9×10, its image 10×9"));
  EXPECT_TRUE(refuse(with(annotation(1, 1, 18), "segmentation", Json{{"size", {9, 10}}, {"counts", {1, 2}}}))
                  .ends_with("a mask's runs cover 3 pixels of 90"));
  EXPECT_TRUE(refuse(with(annotation(1, 1, 18), "keypoints", {1, 2})).ends_with("got 2 numbers"));
  in.write("x.json", "{\"images\":[{\"id\":1,\"file_name\":\"a.png\"}],\"annotations\":[{\"image_id\":1,");
  EXPECT_TRUE(refusal(in.path(), {}, Fault::data).starts_with("x.json: the JSON ends too early at byte "));
}

TEST(Coco, TheJsonItselfAsInput) {
  const TempFolder in;
  write_pair(in);
  const auto reader = open_dataset(in / "annotations/person_keypoints_val2017.json");
  EXPECT_EQ(ids_of(reader->index()), (Names{"val2017/1.png", "val2017/9.png"}));
}

TEST(Coco, ToYoloAndBack) {
  const TempFolder in, out, back;
  write_pair(in);
  const auto reader = open_dataset(in.path());
  write_again(*reader, out.path(), kSize, OutputLayout::yolo);
  const auto yolo = open_dataset(out.path());
  EXPECT_EQ(yolo->index().description, "YOLO segment, already split: train 2, val 2, 2 categories, 4 images");
  EXPECT_EQ(ids_of(yolo->index()),
            (Names{"images/train/1.png", "images/train/2.png", "images/val/1.png", "images/val/9.png"}));
  // The ring of runs: its 13 pixels as polygons have the same area.
  double area = 0;
  for (const Instance& instance : marks_of(*yolo, "images/val/1.png", kSize).instances)
    area += signed_area(instance.outlines.at(0));
  EXPECT_NEAR(area, 2 * 13, 1e-3);
  write_again(*yolo, back.path(), kSize, OutputLayout::coco);
  const auto coco = open_dataset(back.path());
  EXPECT_EQ(coco->index().description, "COCO, already split: train 2, val 2, 2 categories, 4 images, 5 instances");
  EXPECT_EQ(ids_of(coco->index()), ids_of(yolo->index()));
  EXPECT_EQ(back.files()[0], "annotations/instances_train.json");
}

}  // namespace
}  // namespace leaven::io

// YOLO in and out: rows of all four kinds, data.yaml, layouts of folders, and what real label files get wrong.
#include <gtest/gtest.h>

#include "io/yolo_config.hpp"
#include "io/yolo_label_path.hpp"
#include "tests/io/marked_fixture.hpp"

namespace leaven::io {
namespace {

using Names = std::vector<std::string>;

constexpr Size kSize{200, 100};

void write_pictures(const TempFolder& folder, const Names& names) {
  for (const std::string& name : names) folder.write(name, png_file(kSize.width, kSize.height));
}

TEST(Yolo, BoxesInTrainAndVal) {
  const TempFolder in;
  write_pictures(in, {"images/train/a.png", "images/train/empty.png", "images/val/b.png", "images/val/nothing.png"});
  in.write("labels/train/a.txt", "1 0.5 0.5 0.25 0.5\n0 0.1 0.2 0.1 0.2\n");
  in.write("labels/train/empty.txt", "");
  in.write("labels/val/b.txt", "0 0.5 0.5 1 1\n");
  in.write("data.yaml",
           "path: ../datasets/elsewhere\ntrain: images/train\nval: images/val\nnames:\n  0: cat\n  1: dog\n");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "yolo");
  EXPECT_EQ(index.description,
            "YOLO detect, already split: train 2, val 2, 2 categories, 4 images, 1 of them without labels");
  ASSERT_EQ(index.categories.size(), 2U);
  EXPECT_EQ(index.categories[1].name, "dog");
  EXPECT_TRUE(index.annotated);
  EXPECT_EQ(entry_of(index, "images/val/b.png").split, Split::val);
  // 0.5 ± 0.125 of 200 px, 0.5 ± 0.25 of 100 px.
  const Annotations a = marks_of(*reader, "images/train/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 2U);
  EXPECT_EQ(a.instances[0].category, 1U);
  EXPECT_EQ(a.instances[0].box, (Box{75, 25, 125, 75}));
  EXPECT_TRUE(a.mended.empty());
  EXPECT_TRUE(marks_of(*reader, "images/train/empty.png", kSize).empty());
  EXPECT_TRUE(marks_of(*reader, "images/val/nothing.png", kSize).empty());
}

TEST(Yolo, ABrokenLabelFileIsASampleSetAsideAndNoOtherFormat) {
  const TempFolder in;
  write_pictures(in, {"images/a.png", "images/b.png"});
  in.write("labels/a.txt", "0 0.5 0.5 0.25 0.5\n");
  in.write("labels/b.txt", "0 0.5 0.5 0.25 0.5\n0 0.1 0.2 0.1\n");
  in.write("data.yaml", "names: [cat]\ntrain: images\nval: images\n");
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().format, "yolo");
  EXPECT_EQ(marks_of(*reader, "images/a.png", kSize).instances.size(), 1U);
  try {
    marks_of(*reader, "images/b.png", kSize);
    ADD_FAILURE() << "a row of four numbers is no box";
  } catch (const Error& error) {
    EXPECT_EQ(error.place(), "labels/b.txt:2");
  }
}

TEST(Yolo, WithoutConfigurationMostFilesMustBeLabels) {
  const TempFolder labels, captions;
  write_pictures(labels, {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png"});
  for (const char* name : {"a.txt", "b.txt", "c.txt", "d.txt", "e.txt"}) labels.write(name, "0 0.5 0.5 0.25 0.5\n");
  labels.write("f.txt", "0 0.5\n");
  EXPECT_EQ(open_dataset(labels.path())->index().format, "yolo");
  write_pictures(captions, {"a.png", "b.png"});
  captions.write("a.txt", "0 0.5 0.5 0.25 0.5\n");
  captions.write("b.txt", "a cat on a mat\n");
  EXPECT_NE(open_dataset(captions.path())->index().format, "yolo");
}

TEST(Yolo, PolygonsPosesAndRotatedBoxes) {
  const TempFolder segment, pose, obb;
  write_pictures(segment, {"images/a.png"});
  segment.write("labels/a.txt", "0 0.1 0.1 0.5 0.1 0.5 0.5\n0 0.5 0.5 0.2 0.2\n");
  segment.write("data.yaml", "names: [cat]\ntrain: images\nval: images\n");
  const auto polygons = open_dataset(segment.path());
  EXPECT_FALSE(polygons->index().has_splits);
  const Annotations a = marks_of(*polygons, "images/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 2U);
  ASSERT_EQ(a.instances[0].outlines.size(), 1U);
  EXPECT_EQ(signed_area(a.instances[0].outlines[0]), 80 * 40 / 2.0);
  EXPECT_TRUE(a.instances[1].box);

  write_pictures(pose, {"images/a.png"});
  pose.write("labels/a.txt", "0 0.5 0.5 0.5 0.5 0.25 0.25 2 0.75 0.75 1 0 0 0\n");
  pose.write("data.yaml", "names: [person]\nkpt_shape: [3, 3]\nflip_idx: [1, 0, 2]\ntrain: images\n");
  const auto poses = open_dataset(pose.path());
  EXPECT_EQ(poses->index().categories[0].mirrored, (std::vector<std::uint32_t>{1, 0, 2}));
  const Annotations p = marks_of(*poses, "images/a.png", kSize);
  ASSERT_EQ(p.instances.size(), 1U);
  ASSERT_EQ(p.instances[0].keypoints.size(), 3U);
  EXPECT_EQ(p.instances[0].keypoints[0].at.x, 50);
  EXPECT_EQ(p.instances[0].keypoints[1].visibility, 1);
  EXPECT_EQ(p.instances[0].keypoints[2].visibility, 0);

  write_pictures(obb, {"images/a.png"});
  obb.write("labels/a.txt", "0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5\n");
  const auto boxes = open_dataset(obb.path());
  EXPECT_EQ(boxes->index().description, "YOLO obb, 1 category, 1 image");
  const Annotations o = marks_of(*boxes, "images/a.png", kSize);
  ASSERT_EQ(o.instances.size(), 1U);
  EXPECT_TRUE(o.instances[0].rotated);
  EXPECT_EQ(o.instances[0].outlines[0].size(), 4U);
}

TEST(Yolo, SloppyFilesWork) {
  const TempFolder in;
  write_pictures(in, {"images/a.png"});
  in.write("labels/a.txt",
           "\xEF\xBB\xBF"
           "0 0.0499995 0.5 0.1000010 0.5  \r\n"  // its left edge lies at -1e-6 of the width
           "\r\n"
           "0.0 0.95 0.5 0.1012 0.5\t\r\n"  // right edge at 1.0006
           "1 0.5 0.5 0 0.3\r\n"            // no width
           "1 0.2 0.2 0.3 0.3 0.4 0.4\r\n"  // a polygon on a line
           "1 0.2 0.2 0.8 0.2 0.8 1.0006 0.2 0.2");
  in.write("data.yaml", "\xEF\xBB\xBFnc: 2\r\nnames: ['no', \"b: c\"]\r\ntrain: images\r\n");
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().categories[0].name, "no");
  const Annotations a = marks_of(*reader, "images/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 3U);
  EXPECT_EQ(a.instances[0].box->left, 0);
  EXPECT_NEAR(a.instances[0].box->right, 20, 1e-9);
  EXPECT_EQ(a.instances[1].box->right, 200);
  EXPECT_EQ(a.instances[2].outlines[0].size(), 3U) << "the first point does not come again";
  EXPECT_EQ(a.instances[2].outlines[0][2].y, 100);
  EXPECT_EQ(mended(a, "box edge moved to the image's edge"), 2U);
  EXPECT_EQ(mended(a, "box without area dropped"), 1U);
  EXPECT_EQ(mended(a, "outline without area dropped"), 1U);
  EXPECT_EQ(mended(a, "coordinate moved to the image's edge"), 1U);
}

TEST(Yolo, WhatCannotBeMendedNamesFileAndLine) {
  const TempFolder in;
  write_pictures(in, {"images/a.png", "images/b.png", "images/c.png", "images/d.png"});
  in.write("labels/a.txt", "0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n");
  in.write("labels/b.txt", "0 120 40 30 30\n");
  in.write("labels/c.txt", "0 0.5 0.5 0.1 0.1 0.2 0.2 0.3\n");
  in.write("labels/d.txt", "-1 0.5 0.5 0.1 0.1\n");
  in.write("data.yaml", "names: [cat, dog]\ntrain: images\n");
  const auto reader = open_dataset(in.path(), {.format = "yolo"});
  EXPECT_EQ(marks_refusal(*reader, "images/a.png", kSize),
            "labels/a.txt:2: a class must be a whole number below 2, got 7");
  EXPECT_EQ(marks_refusal(*reader, "images/b.png", kSize),
            "labels/b.txt:1: coordinates are parts of the image's side, from 0 to 1, got 120");
  EXPECT_EQ(marks_refusal(*reader, "images/c.png", kSize),
            "labels/c.txt:1: a row has 5 numbers for a box, or 7 and more for a polygon, got 8");
  EXPECT_EQ(marks_refusal(*reader, "images/d.png", kSize),
            "labels/d.txt:1: a class must be a whole number below 2, got -1");
}

TEST(Yolo, FoldersAsToolsLayThem) {
  EXPECT_EQ(yolo_label_path("images/train/a.b.jpg"), "labels/train/a.b.txt");
  EXPECT_EQ(yolo_label_path("train/images/a.jpg"), "train/labels/a.txt");
  EXPECT_EQ(yolo_label_path("images/x/images/a.jpg"), "images/x/labels/a.txt");
  EXPECT_EQ(yolo_label_path("cats/a.jpg"), "cats/a.txt");

  const TempFolder roboflow;  // everything behind one folder of packaging
  write_pictures(roboflow, {"set/train/images/a.png", "set/valid/images/b.png"});
  roboflow.write("set/train/labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
  roboflow.write("set/valid/labels/b.txt", "0 0.5 0.5 0.1 0.1\n");
  roboflow.write("set/data.yaml",
                 "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 1\nnames: ['x']\n");
  const auto one = open_dataset(roboflow.path());
  EXPECT_EQ(ids_of(one->index()), (Names{"train/images/a.png", "valid/images/b.png"}));
  EXPECT_EQ(entry_of(one->index(), "valid/images/b.png").split, Split::val);

  const TempFolder beside;  // labels beside the images, names in a plain list
  write_pictures(beside, {"a.png", "b.png"});
  beside.write("a.txt", "1 0.5 0.5 0.1 0.1\n");
  beside.write("classes.txt", "cat\ndog\n");
  const auto two = open_dataset(beside.path());
  EXPECT_EQ(two->index().description, "YOLO detect, 2 categories, 2 images, 1 of them without labels");
  EXPECT_EQ(marks_of(*two, "a.png", kSize).instances.size(), 1U);

  const TempFolder lists;
  write_pictures(lists, {"images/a.png", "images/b.png", "images/c.png"});
  lists.write("labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
  lists.write("data.yaml", "train: train.txt\nval: val.txt\nnames: [x]\n");
  lists.write("train.txt", "./images/a.png\n");
  lists.write("val.txt", "/data/set/images/b.png\r\n");
  const auto three = open_dataset(lists.path());
  EXPECT_EQ(ids_of(three->index()), (Names{"images/a.png", "images/b.png"}));
  EXPECT_EQ(entry_of(three->index(), "images/b.png").split, Split::val);
  EXPECT_EQ(three->index().strays.at("images that data.yaml does not list"), 1U);
}

TEST(Yolo, CaptionsBesideImagesAreNoLabels) {
  const TempFolder in;
  write_pictures(in, {"cat/a.png", "dog/b.png"});
  in.write("cat/a.txt", "a cat on a mat\n");
  EXPECT_EQ(open_dataset(in.path())->index().format, "folders");
  in.write("cat/a.txt", "");
  EXPECT_EQ(open_dataset(in.path())->index().format, "folders") << "an empty file proves nothing";
}

TEST(Yolo, BrokenConfigurationsAreRefusedWithTheirPlace) {
  EXPECT_THROW(read_yolo_config("names: [a\nb", "data.yaml"), Error);
  EXPECT_THROW(read_yolo_config("names: {x: a}", "data.yaml"), Error);
  EXPECT_THROW(read_yolo_config("names: {99999999: a}", "data.yaml"), Error);
  EXPECT_THROW(read_yolo_config(std::string_view("names: [a]\0", 11), "data.yaml"), Error);
  EXPECT_THROW(read_yolo_config("names: [a]\nkpt_shape: [3, 3]\nflip_idx: [0, 5, 1]", "data.yaml"), Error);
  EXPECT_FALSE(read_yolo_config("version: 1", "other.yaml"));
  const auto config = read_yolo_config("names: {1: b}", "data.yaml");
  EXPECT_EQ(config->names, (Names{"0", "b"}));
}

void write_mixed(const TempFolder& in, const std::string& yaml, const Names& rows) {
  const Names names{"images/train/a", "images/train/b", "images/train/sub/c", "images/val/d", "images/val/e"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    in.write(names[i] + ".png", png_file(kSize.width, kSize.height));
    in.write(yolo_label_path(names[i] + ".png"), rows[i % rows.size()]);
  }
  in.write("data.yaml", yaml);
}

TEST(Yolo, InAndOutAgain) {
  const std::string head = "train: images/train\nval: images/val\nnames: [\"a: \\\"b\\\"\", 'on', \xC3\xA9]\n";
  const std::vector<std::pair<std::string, Names>> cases{
      {head, {"0 0.5 0.5 0.123457 0.2\n2 0.95 0.5 0.2 0.5\n", "", "1 0.25 0.75 0.1 0.3\n"}},
      {head, {"0 0.1 0.1 0.5 0.123456 0.5 0.5\n", "1 0.2 0.1 0.9 0.1 0.9 0.7 0.4 0.8 0.3 0.7\n"}},
      {head, {"0 0.5 0.1 0.9 0.5 0.5 0.9 0.1 0.5\n"}},
      {head + "kpt_shape: [2, 3]\nflip_idx: [1, 0]\nkpt_names:\n  0: [left_eye, right_eye]\n",
       {"0 0.5 0.5 0.5 0.5 0.25 0.25 2 0.75 0.75 1\n", "1 0.5 0.5 0.5 0.5 0 0 0 0.75 0.7512 2\n"}},
      {head + "kpt_shape: [2, 2]\n", {"0 0.5 0.5 0.5 0.5 0.25 0.25 0 0\n"}},
      {"train: images/train\nval: images/val\ntask: segment\nnames: [a, b]\n", {"0 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9\n"}},
  };
  for (const auto& [yaml, rows] : cases) {
    const TempFolder in, out, parts, interrupted;
    write_mixed(in, yaml, rows);
    const auto reader = open_dataset(in.path());
    ASSERT_EQ(reader->index().format, "yolo");
    write_again(*reader, out.path(), kSize);
    expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 1e-6 * 200);
    write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 3);
    EXPECT_EQ(everything_in(parts), everything_in(out));
    write_interrupted(*reader, interrupted.path(), kSize, OutputLayout::same, 2);
    EXPECT_EQ(everything_in(interrupted), everything_in(out));
    EXPECT_EQ(out.read("labels/train/a.txt"), rows[0]);
  }
}

TEST(Yolo, DataYamlSaysWhereTheSplitsLie) {
  const TempFolder in, out;
  write_mixed(in, "train: images/train\nval: images/val\nnames: [a]\n", {"0 0.5 0.5 0.1 0.1\n"});
  write_again(*open_dataset(in.path()), out.path(), kSize);
  EXPECT_EQ(out.read("data.yaml"), "train: \"images/train\"\nval: \"images/val\"\nnc: 1\nnames:\n  0: \"a\"\n");

  const TempFolder plain, again;
  plain.write("images/a.png", png_file(kSize.width, kSize.height));
  plain.write("labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
  write_again(*open_dataset(plain.path()), again.path(), kSize);
  EXPECT_EQ(again.read("data.yaml"), "train: \"images\"\nval: \"images\"\nnc: 1\nnames:\n  0: \"0\"\n");
}

TEST(Yolo, ListsAreWrittenAsLists) {
  const TempFolder in, out, parts;
  in.write("images/a.png", png_file(kSize.width, kSize.height));
  in.write("images/b.png", png_file(kSize.width, kSize.height));
  in.write("labels/a.txt", "0 0.5 0.5 0.1 0.1\n");
  in.write("data.yaml", "train: train.txt\nval: val.txt\nnames: [x]\n");
  in.write("train.txt", "./images/a.png\n");
  in.write("val.txt", "./images/b.png\n");
  const auto reader = open_dataset(in.path());
  write_again(*reader, out.path(), kSize);
  EXPECT_EQ(out.read("val.txt"), "./images/b.png\n");
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 1e-3);
  write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 2);
  EXPECT_EQ(everything_in(parts), everything_in(out));
}

}  // namespace
}  // namespace leaven::io

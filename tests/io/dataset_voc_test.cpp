// Pascal VOC and LabelMe in and out.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/io/marked_fixture.hpp"

namespace leaven::io {
namespace {

using Names = std::vector<std::string>;
using Json = nlohmann::json;

constexpr Size kSize{100, 80};

std::string picture() { return png_file(kSize.width, kSize.height); }

std::string object(const std::string& name, const std::string& box, const std::string& more = "") {
  return "<object><name>" + name + "</name>" + more + "<bndbox>" + box + "</bndbox></object>\n";
}

std::string corners(const std::string& a, const std::string& b, const std::string& c, const std::string& d) {
  return "<xmin>" + a + "</xmin><ymin>" + b + "</ymin><xmax>" + c + "</xmax><ymax>" + d + "</ymax>";
}

std::string xml(const std::string& objects) {
  return "<annotation>\n<folder>VOC2012</folder><filename>x.jpg</filename><source><database>D &amp; "
         "B</database></source>"
         "<size><width>1</width><height>1</height><depth>3</depth></size><segmented>0</segmented>" +
         objects + "</annotation>\n";
}

void write_dataset(const TempFolder& in) {
  for (const char* name : {"a", "b", "c"}) in.write("JPEGImages/" + std::string(name) + ".png", picture());
  in.write("JPEGImages/unmarked.png", picture());
  in.write("Annotations/a.xml",
           xml(object("dog", corners("1", "1", "100", "80"), "<pose>Left</pose><difficult>1</difficult>") +
               object("cat", corners("11", "21.5", "30", "40"),
                      "<part><name>head</name></part><part><name>tail</name></part>")));
  in.write("Annotations/b.xml", xml(""));
  in.write("Annotations/c.xml", xml(object("dog", corners("5", "6", "7", "8"))));
  in.write("Annotations/gone.xml", xml(""));
  in.write("ImageSets/Main/train.txt", "a\r\nb\r\n");
  in.write("ImageSets/Main/val.txt", "c\n");
  in.write("ImageSets/Main/trainval.txt", "a\nb\nc\n");
  in.write("ImageSets/Main/dog_train.txt", "a  1\nb -1\n");
}

TEST(Voc, PixelsCountFromOneAndTheLastBelongs) {
  const TempFolder in;
  write_dataset(in);
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "voc");
  EXPECT_EQ(index.description, "Pascal VOC, already split: train 2, val 1, 2 categories, 3 images, 3 objects");
  EXPECT_EQ(index.strays.at("images without an annotation file"), 1U);
  EXPECT_EQ(index.strays.at("annotation files without their image"), 1U);
  EXPECT_EQ(index.strays.at("*.txt"), 1U) << "of one class; the lists of splits are used";
  EXPECT_EQ(index.categories[0].name, "cat");
  const Annotations a = marks_of(*reader, "JPEGImages/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 2U);
  EXPECT_EQ(a.instances[0].box, (Box{0, 0, 100, 80}));
  EXPECT_TRUE(a.instances[0].crowd);
  EXPECT_EQ(a.instances[0].extra, "{\"pose\":\"Left\"}");
  EXPECT_EQ(a.instances[1].box, (Box{10, 20.5, 30, 40}));
  EXPECT_EQ(a.instances[1].extra, "{\"part\":[{\"name\":\"head\"},{\"name\":\"tail\"}]}");
  EXPECT_EQ(a.extra, "{\"folder\":\"VOC2012\",\"source\":{\"database\":\"D & B\"},\"segmented\":\"0\"}");
  EXPECT_TRUE(marks_of(*reader, "JPEGImages/b.png", kSize).empty());
}

TEST(Voc, InAndOutAgain) {
  const TempFolder in, out, parts, interrupted;
  write_dataset(in);
  const auto reader = open_dataset(in.path());
  write_again(*reader, out.path(), kSize);
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 0);
  EXPECT_EQ(out.read("ImageSets/Main/train.txt"), "a\nb\n");
  EXPECT_EQ(out.read("ImageSets/Main/trainval.txt"), "a\nb\nc\n");
  EXPECT_NE(out.read("Annotations/a.xml").find("<ymin>21.5</ymin>"), std::string::npos);
  EXPECT_NE(out.read("Annotations/a.xml").find("<database>D &amp; B</database>"), std::string::npos);
  write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 2);
  EXPECT_EQ(everything_in(parts), everything_in(out));
  write_interrupted(*reader, interrupted.path(), kSize, OutputLayout::same, 1);
  EXPECT_EQ(everything_in(interrupted), everything_in(out));
}

TEST(Voc, SloppyFilesWorkAndOthersSayWhere) {
  const TempFolder in;
  in.write("a.png", picture());
  in.write("b.png", picture());
  in.write("c.png", picture());
  in.write("a.xml", "\xEF\xBB\xBF" + xml(object(" dog ", corners("0", "0", "101", "80 ")) +
                                         object("dog", corners("30", "9", "11", "7")) +
                                         object("dog", corners("20", "20", "20", "20"))));
  in.write("b.xml", "<annotation>\n<object>\n<name>dog</nam");
  in.write("c.xml", xml(object("dog", corners("1", "x", "3", "4"))));
  const auto reader = open_dataset(in.path());
  const Annotations a = marks_of(*reader, "a.png", kSize);
  ASSERT_EQ(a.instances.size(), 3U);
  EXPECT_EQ(a.instances[0].box, (Box{0, 0, 100, 80}));
  EXPECT_EQ(a.instances[1].box, (Box{10, 6, 30, 9}));
  EXPECT_EQ(a.instances[2].box, (Box{19, 19, 20, 20})) << "one pixel";
  EXPECT_EQ(mended(a, "box with its corners turned around"), 1U);
  EXPECT_TRUE(marks_refusal(*reader, "b.png", kSize).starts_with("b.xml: line 3: is no XML: "));
  EXPECT_EQ(marks_refusal(*reader, "c.png", kSize), "c.xml: ymin must be a number, got \"x\"");
}

TEST(Voc, FromYoloInWholePixels) {
  const TempFolder in, out;
  in.write("images/train/a.png", picture());
  in.write("images/val/b.png", picture());
  in.write("labels/train/a.txt", "0 0.5 0.5 0.204 0.5\n");
  in.write("data.yaml", "names: [cat]\ntrain: images/train\nval: images/val\n");
  write_again(*open_dataset(in.path()), out.path(), kSize, OutputLayout::voc);
  // 39.8 … 60.2 px: pixels 41 to 60 counted from 1.
  EXPECT_NE(out.read("Annotations/a.xml").find("<xmin>41</xmin>"), std::string::npos) << out.read("Annotations/a.xml");
  EXPECT_NE(out.read("Annotations/a.xml").find("<xmax>60</xmax>"), std::string::npos);
  EXPECT_EQ(out.read("ImageSets/Main/val.txt"), "b\n");
  const auto voc = open_dataset(out.path());
  EXPECT_EQ(voc->index().description, "Pascal VOC, already split: train 1, val 1, 1 category, 2 images, 1 object");
}

Json shape(const std::string& label, const std::string& type, Json points) {
  return {{"label", label},
          {"shape_type", type},
          {"points", std::move(points)},
          {"group_id", nullptr},
          {"flags", {{"hard", true}}}};
}

std::string labelme(Json shapes) {
  return Json{{"version", "4.5.6"},
              {"flags", Json::object()},
              {"shapes", std::move(shapes)},
              {"imagePath", "somewhere\\a.png"},
              {"imageData", std::string(5000, 'A')},
              {"imageHeight", 1},
              {"imageWidth", 1},
              {"note", "mine"}}
      .dump(2);
}

void write_labelme_dataset(const TempFolder& in) {
  in.write("sub/a.png", picture());
  in.write("sub/a.json",
           labelme({shape("cat", "polygon", {{1, 2}, {30.25, 2}, {30.25, 40}}),
                    shape("dog", "rectangle", {{50, 60}, {10, 20}}), shape("eye", "point", {{5, 6}}),
                    shape("edge", "line", {{0, 0}, {9, 9}}), shape("edge", "linestrip", {{0, 0}, {9, 9}, {20, 0}}),
                    shape("ball", "circle", {{50, 40}, {50, 30}})}));
  in.write("b.png", picture());
  in.write("b.json", labelme(Json::array()));
  in.write("unmarked.png", picture());
}

TEST(Labelme, ShapesOfEveryKind) {
  const TempFolder in;
  write_labelme_dataset(in);
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().format, "labelme");
  EXPECT_EQ(reader->index().description, "LabelMe, 5 categories, 2 images, 6 shapes");
  EXPECT_EQ(reader->index().strays.at("images without an annotation file"), 1U);
  const Annotations a = marks_of(*reader, "sub/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 6U);
  EXPECT_EQ(a.instances[0].outlines[0].size(), 3U);
  EXPECT_EQ(a.instances[0].extra, "{\"flags\":{\"hard\":true},\"group_id\":null}");
  EXPECT_EQ(a.instances[1].box, (Box{10, 20, 50, 60}));
  EXPECT_EQ(a.instances[2].keypoints.at(0).at.x, 5);
  EXPECT_TRUE(a.instances[3].open);
  EXPECT_EQ(a.instances[4].outlines[0].size(), 3U);
  // The circle's area is π·10²; a polygon of 64 corners on it has (64/2)·sin(2π/64)·10².
  EXPECT_NEAR(signed_area(a.instances[5].outlines[0]), 313.654849, 1e-6);
  EXPECT_NE(a.extra.find("\"note\":\"mine\""), std::string::npos);
  EXPECT_EQ(a.extra.find("imageData"), std::string::npos);
}

TEST(Labelme, InAndOutAgain) {
  const TempFolder in, out, parts;
  write_labelme_dataset(in);
  const auto reader = open_dataset(in.path());
  write_again(*reader, out.path(), kSize);
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 2e-6);
  const Json json = Json::parse(out.read("sub/a.json"));
  EXPECT_EQ(json["version"], "4.5.6");
  EXPECT_EQ(json["imagePath"], "a.png");
  EXPECT_EQ(json["imageWidth"], 100);
  EXPECT_EQ(json["imageData"], nullptr);
  EXPECT_EQ(json["shapes"][5]["shape_type"], "circle");
  EXPECT_EQ(json["shapes"][5]["points"], (Json{{50, 40}, {50, 30}}));
  EXPECT_EQ(json["shapes"][3]["shape_type"], "line");
  write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 2);
  EXPECT_EQ(everything_in(parts), everything_in(out));
}

TEST(Labelme, PointsOfAGroupAreTheKeypointsOfItsShape) {
  const TempFolder in, out, coco, back;
  const auto grouped = [](Json one, int group) {
    one["group_id"] = group;
    return one;
  };
  in.write("a.png", picture());
  in.write("a.json", labelme({grouped(shape("cat", "rectangle", {{10, 20}, {50, 60}}), 7),
                              grouped(shape("left_ear", "point", {{12, 22}}), 7),
                              grouped(shape("right_ear", "point", {{40, 22}}), 7), shape("flea", "point", {{5, 6}}),
                              shape("dog", "rectangle", {{60, 20}, {90, 60}})}));
  in.write("b.png", picture());
  in.write("b.json", labelme({grouped(shape("right_ear", "point", {{33, 21}}), 1),
                              grouped(shape("cat", "polygon", {{1, 2}, {30.25, 2}, {30.25, 40}}), 1)}));
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  ASSERT_EQ(index.categories.size(), 3U) << "cat, dog, flea";
  EXPECT_EQ(index.categories[0].keypoints, (Names{"left_ear", "right_ear"}));
  EXPECT_EQ(index.categories[0].mirrored, (std::vector<std::uint32_t>{1, 0}));
  const Annotations a = marks_of(*reader, "a.png", kSize), b = marks_of(*reader, "b.png", kSize);
  ASSERT_EQ(a.instances.size(), 3U);
  ASSERT_EQ(a.instances[0].keypoints.size(), 2U);
  EXPECT_EQ(a.instances[0].keypoints[1].at.x, 40);
  EXPECT_EQ(b.instances.at(0).keypoints.at(0).visibility, 0);
  EXPECT_EQ(b.instances.at(0).keypoints.at(1).at.x, 33);
  write_again(*reader, out.path(), kSize);
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 2e-6);
  EXPECT_EQ(Json::parse(out.read("a.json"))["shapes"][0]["group_id"], 7);
  write_again(*reader, coco.path(), kSize, OutputLayout::coco);
  const auto as_coco = open_dataset(coco.path());
  EXPECT_EQ(as_coco->index().categories[0].keypoints, (Names{"left_ear", "right_ear"}));
  write_again(*as_coco, back.path(), kSize, OutputLayout::labelme);
  EXPECT_EQ(open_dataset(back.path())->index().categories[0].keypoints, (Names{"left_ear", "right_ear"}));
}

TEST(Labelme, MasksAreReadAsMasks) {
  const TempFolder in;
  // 3 × 2 px in base64, made with Pillow: 255 but for the last pixel of the first row.
  Json mask = shape("cat", "mask", {{98, 10}, {100, 11}});
  mask["mask"] =
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR4nGP4/5+BiYHhPwAOAgMA4a4t9QAAAABJRU5ErkJggg==";
  in.write("a.png", picture());
  in.write("a.json", labelme({mask}));
  const auto reader = open_dataset(in.path());
  const Annotations a = marks_of(*reader, "a.png", kSize);
  ASSERT_TRUE(a.instances.at(0).mask);
  const Raster pixels = a.instances[0].mask->to_raster();
  // The third column lies outside the picture, which ends at 100.
  EXPECT_EQ(a.instances[0].mask->area(), 4U);
  EXPECT_EQ(pixels.row<std::uint8_t>(10)[98], 1);
  EXPECT_EQ(pixels.row<std::uint8_t>(11)[99], 1);
  EXPECT_EQ(pixels.row<std::uint8_t>(12)[98], 0);
  mask["mask"] = "no base64!";
  in.write("a.json", labelme({mask}));
  EXPECT_EQ(marks_refusal(*open_dataset(in.path()), "a.png", kSize), "a.json: shape 0: a mask must be a PNG in base64");
}

TEST(Labelme, WhatCannotBeMendedNamesFileAndShape) {
  const TempFolder in;
  in.write("a.png", picture());
  in.write("a.json", labelme({shape("cat", "polygon", {{1, 2}, {3, "x"}})}));
  in.write("b.png", picture());
  in.write("b.json", labelme({shape("cat", "cube", {{1, 2}, {3, 4}})}));
  in.write("c.png", picture());
  in.write("c.json", labelme({shape("cat", "polygon", {{1, 2}, {3, 4}})}));
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(marks_refusal(*reader, "a.png", kSize),
            "a.json: shape 0: a shape's point must be two numbers, got [3,\"x\"]");
  EXPECT_EQ(
      marks_refusal(*reader, "b.png", kSize),
      "b.json: shape 0: a shape's type must be polygon, rectangle, circle, line, linestrip, point or points, got cube");
  EXPECT_EQ(mended(marks_of(*reader, "c.png", kSize), "outline without area dropped"), 1U);
}

TEST(Labelme, ToCocoAndYolo) {
  const TempFolder in, coco, yolo;
  in.write("a.png", picture());
  in.write("a.json", labelme({shape("cat", "polygon", {{1, 2}, {30.25, 2}, {30.25, 40}}),
                              shape("dog", "rectangle", {{10, 20}, {50, 60}})}));
  const auto reader = open_dataset(in.path());
  write_again(*reader, coco.path(), kSize, OutputLayout::coco);
  EXPECT_EQ(open_dataset(coco.path())->index().description, "COCO, 2 categories, 1 image, 2 instances");
  write_again(*reader, yolo.path(), kSize, OutputLayout::yolo);
  const auto back = open_dataset(yolo.path());
  const Annotations marks = marks_of(*back, "images/a.png", kSize);
  ASSERT_EQ(marks.instances.size(), 2U);
  EXPECT_EQ(marks.instances[1].outlines.at(0).size(), 4U) << "a box among polygons is one";
}

}  // namespace
}  // namespace leaven::io

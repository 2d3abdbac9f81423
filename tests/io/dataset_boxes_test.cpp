// CSV files of boxes in and out.
#include <gtest/gtest.h>

#include "tests/io/marked_fixture.hpp"

namespace leaven::io {
namespace {

using Names = std::vector<std::string>;

constexpr Size kSize{100, 50};

std::string picture() { return png_file(kSize.width, kSize.height); }

TEST(Boxes, ManyRowsAnImage) {
  const TempFolder in, out, parts, interrupted;
  in.write("images/a.png", picture());
  in.write("images/b.png", picture());
  in.write("images/empty.png", picture());
  in.write("images/unlisted.png", picture());
  in.write("train.csv",
           "\xEF\xBB\xBF"
           "filename,width,height,class,xmin,ymin,xmax,ymax,note\r\n"
           "a.png,100,50,cat,1,2,30.5,40,first\r\n"
           "b.png,100,50,\"dog, large\",0,0,100.4,50,\r\n"
           "a.png,100,50,dog,5,5,5,9,no width\r\n"
           "a.png,100,50,dog,5,5,7,9,second\r\n"
           "empty.png,100,50,,,,,,\r\n"
           "gone.png,100,50,cat,1,2,3,4,\r\n");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "boxes");
  EXPECT_EQ(index.description, "CSV of boxes train.csv, 3 categories, 3 images, 4 boxes");
  EXPECT_EQ(ids_of(index), (Names{"images/a.png", "images/b.png", "images/empty.png"}));
  EXPECT_EQ(index.broken.at(0).path, "train.csv:7: gone.png");
  EXPECT_EQ(index.strays.at("images that the CSV does not list"), 1U);
  const Annotations a = marks_of(*reader, "images/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 2U);
  EXPECT_EQ(a.instances[0].box, (Box{1, 2, 30.5, 40}));
  EXPECT_EQ(index.categories[a.instances[1].category].name, "dog");
  EXPECT_EQ(mended(a, "box without area dropped"), 1U);
  EXPECT_EQ(marks_of(*reader, "images/b.png", kSize).instances.at(0).box, (Box{0, 0, 100, 50}));
  EXPECT_TRUE(marks_of(*reader, "images/empty.png", kSize).empty());
  write_again(*reader, out.path(), kSize);
  expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 1e-6);
  EXPECT_EQ(out.read("train.csv"),
            "filename,width,height,class,xmin,ymin,xmax,ymax,note\r\n"
            "a.png,100,50,cat,1,2,30.5,40,first\r\na.png,100,50,dog,5,5,7,9,second\r\n"
            "b.png,100,50,\"dog, large\",0,0,100,50,\r\nempty.png,100,50,,,,,,\r\n");
  write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 2);
  EXPECT_EQ(everything_in(parts), everything_in(out));
  write_interrupted(*reader, interrupted.path(), kSize, OutputLayout::same, 1);
  EXPECT_EQ(everything_in(interrupted), everything_in(out));
}

TEST(Boxes, FourNumbersInOneCell) {
  const TempFolder in, out, other;
  in.write("images/a.png", picture());
  in.write("images/b.png", picture());
  in.write("images/c.png", picture());
  in.write("train.csv",
           "image_id,width,height,bbox,source\n"
           "a,100,50,\"[10.0, 20, 56.0, 16.5]\",farm\na,100,50,\"[0, 0, 10, 10]\",farm\nb,100,50,,farm\n"
           "c,100,50,\"[1, 2, 3]\",farm\n");
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().format, "boxes");
  const Annotations a = marks_of(*reader, "images/a.png", kSize);
  ASSERT_EQ(a.instances.size(), 2U);
  EXPECT_EQ(a.instances[0].box, (Box{10, 20, 66, 36.5}));
  EXPECT_TRUE(marks_of(*reader, "images/b.png", kSize).empty());
  EXPECT_THROW(marks_of(*reader, "images/c.png", kSize), Error);
  in.write("train.csv", "image_id,width,height,bbox,source\na,100,50,\"[10, 20, 56, 16.5]\",farm\nb,100,50,,\n");
  const auto good = open_dataset(in.path());
  write_again(*good, out.path(), kSize);
  EXPECT_EQ(out.read("train.csv"),
            "image_id,width,height,bbox,source\na,100,50,\"[10, 20, 56, 16.5]\",farm\nb,100,50,,\n");
  other.write("a.png", picture());
  other.write("list.csv", "image,label,box\na.png,cat,crate 7\n");
  EXPECT_EQ(open_dataset(other.path())->index().format, "csv");
}

TEST(Boxes, OtherSpellingsAndParts) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"ImageID,LabelName,XMin,XMax,YMin,YMax\na,cat,0.1,0.5,0.2,0.6\n", "parts"},
      {"image_path;label;x_center;y_center;w;h;split\n./sub/a.png;cat;0.3;0.4;0.4;0.4;train\n", "parts"},
      {"path\tclass\tx\ty\twidth\theight\nC:\\data\\sub\\a.png\tcat\t10\t10\t40\t20\n", "pixels"},
      {"image,x1,y1,x2,y2\nsub/a.png,10,10,50,30\n", "pixels"}};
  for (const auto& [csv, unit] : cases) {
    const TempFolder in, out;
    in.write("sub/a.png", picture());
    in.write("boxes.csv", csv);
    const auto reader = open_dataset(in.path());
    ASSERT_EQ(reader->index().format, "boxes") << csv;
    const Annotations a = marks_of(*reader, "sub/a.png", kSize);
    ASSERT_EQ(a.instances.size(), 1U) << csv;
    const Box box = a.instances[0].box.value();
    EXPECT_NEAR(box.left, 10, 1e-9) << csv;
    EXPECT_NEAR(box.top, 10, 1e-9) << csv;
    EXPECT_NEAR(box.right, 50, 1e-9) << csv;
    EXPECT_NEAR(box.bottom, 30, 1e-9) << csv;
    write_again(*reader, out.path(), kSize);
    expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 1e-4);
  }
}

TEST(Boxes, WhatIsNoBoxNamesItsLine) {
  const TempFolder in;
  in.write("a.png", picture());
  in.write("boxes.csv", "image,label,xmin,ymin,xmax,ymax\na.png,cat,1,2,3,4\na.png,cat,1,2,x,4\n");
  EXPECT_EQ(marks_refusal(*open_dataset(in.path()), "a.png", kSize), "boxes.csv:3: a box must be four numbers");
}

}  // namespace
}  // namespace leaven::io

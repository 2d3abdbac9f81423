// Folders of images and masks: numbers that stay numbers.
#include <gtest/gtest.h>

#include <cstring>

#include "io/png_labels.hpp"
#include "tests/io/marked_fixture.hpp"

namespace leaven::io {
namespace {

using Names = std::vector<std::string>;

constexpr Size kSize{6, 4};

std::string picture() { return png_file(kSize.width, kSize.height); }

/// The value of pixel (x, y) is first + x + 6y.
template <class T>
Raster numbered(Dtype dtype, unsigned first) {
  Raster mask({kSize.width, kSize.height, 1, dtype});
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) mask.row<T>(y)[x] = static_cast<T>(first + static_cast<unsigned>(x + 6 * y));
  return mask;
}

/// Every colour twice: only the index tells values apart.
std::string palette() {
  std::string colours;
  for (int i = 0; i < 256; ++i)
    colours += {static_cast<char>(i / 2), static_cast<char>(200), static_cast<char>(255 - i / 2)};
  return colours;
}

std::string label_png(const Raster& mask, const std::string& colours) {
  return text_of(write_label_png(mask.view(), colours));
}

TEST(LabelPng, IndicesAndLevelsAsTheyAreStored) {
  const Raster small = numbered<std::uint8_t>(Dtype::u8, 230), wide = numbered<std::uint16_t>(Dtype::u16, 65500);
  const LabelPicture indexed = read_label_png(write_label_png(small.view(), palette()));
  EXPECT_TRUE(same_pixels(indexed.pixels.view(), small.view()));
  EXPECT_EQ(indexed.palette, palette());
  const LabelPicture grey = read_label_png(write_label_png(wide.view(), ""));
  EXPECT_TRUE(same_pixels(grey.pixels.view(), wide.view()));
  EXPECT_TRUE(grey.palette.empty());
  // One bit a pixel, as many tools write two classes: 0x50 0xA0 … are 0 1 0 1 0 0, 1 0 1 0 0 0. Values are 0 and 1,
  // where a picture would be 0 and 255.
  const unsigned char bits[] = {0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48,
                                0x44, 0x52, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00,
                                0x00, 0x53, 0x26, 0x90, 0xF3, 0x00, 0x00, 0x00, 0x0C, 0x49, 0x44, 0x41, 0x54, 0x78,
                                0x9C, 0x63, 0x08, 0x60, 0x58, 0x00, 0x00, 0x01, 0x94, 0x00, 0xF1, 0x72, 0x32, 0xDD,
                                0x55, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};
  const LabelPicture two = read_label_png(bytes_of({reinterpret_cast<const char*>(bits), sizeof bits}));
  const std::uint8_t expected[2][6] = {{0, 1, 0, 1, 0, 0}, {1, 0, 1, 0, 0, 0}};
  for (int y = 0; y < 2; ++y) EXPECT_EQ(std::memcmp(two.pixels.row<std::uint8_t>(y), expected[y], 6), 0) << y;
  EXPECT_THROW(read_label_png(bytes_of(label_png(small, palette()).substr(0, 300))), Error);
}

TEST(Masks, PalettesGreyAndWideInAndOutAgain) {
  for (const bool wide : {false, true}) {
    const TempFolder in, out, parts;
    for (const char* name : {"images/train/a", "images/train/b", "images/val/c"}) {
      in.write(std::string(name) + ".png", picture());
      const std::string mask = "masks/" + std::string(name).substr(7) + ".png";
      in.write(mask, wide ? label_png(numbered<std::uint16_t>(Dtype::u16, 1000), "")
                          : label_png(numbered<std::uint8_t>(Dtype::u8, 7), palette()));
    }
    in.write("classes.txt", "background\ncat\ndog\n");
    const auto reader = open_dataset(in.path());
    EXPECT_EQ(reader->index().format, "masks");
    EXPECT_EQ(reader->index().description, "images and masks, already split: train 2, val 1, 2 categories, 3 images");
    EXPECT_EQ(ids_of(reader->index()), (Names{"images/train/a.png", "images/train/b.png", "images/val/c.png"}));
    const Annotations a = marks_of(*reader, "images/train/a.png", kSize);
    ASSERT_EQ(a.masks.size(), 1U);
    EXPECT_EQ(a.masks[0].pixels.shape().dtype, wide ? Dtype::u16 : Dtype::u8);
    EXPECT_EQ(wide ? a.masks[0].pixels.row<std::uint16_t>(1)[2] : a.masks[0].pixels.row<std::uint8_t>(1)[2],
              (wide ? 1000 : 7) + 8);
    write_again(*reader, out.path(), kSize);
    expect_same_datasets(*reader, *open_dataset(out.path()), kSize, 0);
    EXPECT_EQ(read_label_png(bytes_of(out.read("masks/val/c.png"))).palette, wide ? "" : palette());
    write_in_parts(*reader, parts.path(), kSize, OutputLayout::same, 2);
    EXPECT_EQ(everything_in(parts), everything_in(out));
    EXPECT_EQ(out.read("classes.txt"), "background\ncat\ndog\n");
  }
}

TEST(Masks, FoldersAsPeopleCallThem) {
  const std::vector<std::pair<std::string, std::string>> pairs{{"train/images/a.png", "train/labels/a.png"},
                                                               {"images/training/a.png", "annotations/training/a.png"},
                                                               {"imgs/a.png", "masks/a_mask.png"},
                                                               {"a.png", "a_mask.png"}};
  for (const auto& [image, mask] : pairs) {
    const TempFolder in;
    in.write(image, picture());
    in.write(mask, label_png(numbered<std::uint8_t>(Dtype::u8, 0), ""));
    const auto reader = open_dataset(in.path());
    EXPECT_EQ(reader->index().format, "masks") << image;
    EXPECT_EQ(ids_of(reader->index()), Names{image});
    EXPECT_EQ(marks_of(*reader, image, kSize).masks.size(), 1U);
  }
}

TEST(Masks, WhatIsWrongIsSaid) {
  const TempFolder in;
  in.write("images/a.png", picture());
  in.write("images/b.png", picture());
  in.write("images/c.png", png_file(9, 9));
  in.write("masks/a.png", label_png(numbered<std::uint8_t>(Dtype::u8, 0), ""));
  in.write("masks/c.png", label_png(numbered<std::uint8_t>(Dtype::u8, 0), ""));
  const auto reader = open_dataset(in.path());
  ASSERT_EQ(reader->index().broken.size(), 1U);
  EXPECT_EQ(reader->index().broken[0].path, "images/b.png");
  EXPECT_EQ(reader->index().broken[0].reason, "has no mask masks/b.png");
  EXPECT_EQ(marks_refusal(*reader, "images/c.png", {9, 9}), "masks/c.png: the mask is 6×4, its image 9×9");
}

TEST(Masks, FromPolygonsAndIntoThem) {
  const TempFolder in, out, back;
  in.write("images/a.png", picture());
  // A large cat (pixels 0…4 × 0…4) with a small dog on it (2…4 × 1…3), written in parts of 6 × 4 px.
  in.write(
      "labels/a.txt",
      "1 0.333333333 0.25 0.666666667 0.25 0.666666667 0.75 0.333333333 0.75\n0 0 0 0.666666667 0 0.666666667 1 0 1\n"
      "0 0.9 0.1 0.95 0.1 0.9 0.12\n");
  in.write("data.yaml", "names: [cat, dog]\ntask: segment\ntrain: images\nval: images\n");
  write_again(*open_dataset(in.path()), out.path(), kSize, OutputLayout::masks);
  EXPECT_EQ(out.read("classes.txt"), "background\ncat\ndog\n");
  const auto masks = open_dataset(out.path());
  EXPECT_EQ(masks->index().format, "masks");
  const Annotations marks = marks_of(*masks, "images/a.png", kSize);
  const std::uint8_t expected[4][6] = {{1, 1, 1, 1, 0, 0}, {1, 1, 2, 2, 0, 0}, {1, 1, 2, 2, 0, 0}, {1, 1, 1, 1, 0, 0}};
  for (int y = 0; y < 4; ++y)
    EXPECT_EQ(std::memcmp(marks.masks.at(0).pixels.row<std::uint8_t>(y), expected[y], 6), 0) << y;
  write_again(*masks, back.path(), kSize, OutputLayout::yolo);
  const Annotations again = marks_of(*open_dataset(back.path()), "images/a.png", kSize);
  ASSERT_EQ(again.instances.size(), 2U);
  EXPECT_NEAR(signed_area(again.instances[0].outlines[0]), 12, 1e-4);
  EXPECT_EQ(again.instances[1].category, 1U);
  EXPECT_NEAR(signed_area(again.instances[1].outlines[0]), 4, 1e-4);
}

TEST(LayoutFit, WhatALayoutCannotHoldIsRefusedBeforeTheRun) {
  const TempFolder in, bare, out;
  const auto refusal_of = [&](const DatasetReader& reader, OutputLayout layout) {
    try {
      open_writer(out.path(), options_for(reader.index(), layout));
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return std::string(error.what());
    }
    ADD_FAILURE() << "was not refused";
    return std::string();
  };
  in.write("images/a.png", picture());
  in.write("labels/a.txt", "0 0.5 0.5 0.5 0.5\n");
  EXPECT_EQ(refusal_of(*open_dataset(in.path()), OutputLayout::masks),
            "layout masks cannot hold boxes or points without outlines, and the dataset has them (layouts that can: "
            "coco, yolo, voc, labelme)");
  bare.write("images/a.png", picture());
  bare.write("masks/a.png", label_png(numbered<std::uint8_t>(Dtype::u8, 0), ""));
  EXPECT_EQ(refusal_of(*open_dataset(bare.path()), OutputLayout::coco),
            "layout coco needs names for the values of the masks (put a classes.txt beside them that names value 0, 1, "
            "2, … line by line)");
  const TempFolder folders;
  folders.write("cat/a.png", picture());
  EXPECT_TRUE(refusal_of(*open_dataset(folders.path()), OutputLayout::yolo)
                  .starts_with("layout yolo holds marked images, and nothing is marked in a dataset of format f"));
}

}  // namespace
}  // namespace leaven::io

// CIFAR and IDX: samples that are bare pixels.
#include <gtest/gtest.h>

#include "tests/io/container_bytes.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

using Ids = std::vector<std::string>;

/// One CIFAR record: label byte(s), then red, green and blue planes that count from `first`.
std::string record(std::string label, int first) { return label + counting(3072, first); }

TEST(DatasetCifar, PlanesBecomePixelsAndBatchesSplits) {
  const TempFolder in;
  in.write("cifar-10-batches-bin/data_batch_1.bin", record("\x03", 0) + record("\x09", 7));
  in.write("cifar-10-batches-bin/data_batch_2.bin", record(std::string(1, '\0'), 1));
  in.write("cifar-10-batches-bin/test_batch.bin", record("\x05", 2));
  in.write("cifar-10-batches-bin/readme.html", "");
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "cifar");
  EXPECT_EQ(index.description, "CIFAR-10 binary, 3 batch files, already split: train 3, test 1, 4 images");
  EXPECT_EQ(ids_of(index), (Ids{"data_batch_1.bin#000000", "data_batch_1.bin#000001", "data_batch_2.bin#000000",
                                "test_batch.bin#000000"}));
  EXPECT_EQ(label_of(index, "data_batch_1.bin#000000"), "cat");
  EXPECT_EQ(label_of(index, "data_batch_1.bin#000001"), "truck");
  EXPECT_EQ(label_of(index, "test_batch.bin#000000"), "dog");
  EXPECT_EQ(entry_of(index, "test_batch.bin#000000").split, Split::test);
  EXPECT_TRUE(reader->stores_pixels());

  const SourceImage image = reader->read(entry_of(index, "data_batch_1.bin#000001"));
  EXPECT_EQ(image.pixels.shape(), (RasterShape{.width = 32, .height = 32, .channels = 3}));
  // Pixel (5, 2) is element 2·32 + 5 = 69 of each plane of 1,024.
  const auto* pixel = image.pixels.row<std::uint8_t>(2) + 15;
  EXPECT_EQ(pixel[0], (7 + 69) % 251);
  EXPECT_EQ(pixel[1], (7 + 1024 + 69) % 251);
  EXPECT_EQ(pixel[2], (7 + 2048 + 69) % 251);
  EXPECT_EQ(tree_path(index, entry_of(index, "data_batch_1.bin#000001")), "train/truck/data_batch_1_000001.png");
}

TEST(DatasetCifar, NamesFromTheMetaFileAndFineLabelsOf100) {
  const TempFolder in;
  std::string names;
  for (int i = 0; i < 100; ++i) names += "fine " + std::to_string(i) + "\n";
  in.write("fine_label_names.txt", names);
  in.write("train.bin", record("\x01\x2A", 0));
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().description, "CIFAR-100 binary, 1 batch file, 1 image");
  EXPECT_EQ(label_of(reader->index(), "train.bin#000000"), "fine 42");
  EXPECT_FALSE(reader->index().has_splits);
}

TEST(DatasetCifar, WrongLabelsAndCutOffRecordsAreBroken) {
  const TempFolder in;
  in.write("data_batch_1.bin", record("\x02", 0) + record("\x0A", 0) + record("\x01", 0).substr(0, 1000));
  const auto reader = open_dataset(in / "data_batch_1.bin");
  EXPECT_EQ(ids_of(reader->index()), Ids{"data_batch_1.bin#000000"});
  ASSERT_EQ(reader->index().broken.size(), 2U);
  EXPECT_EQ(reader->index().broken[0].path, "data_batch_1.bin#000001");
  EXPECT_EQ(reader->index().broken[0].reason, "label 10 is none of 0 to 9");
  EXPECT_EQ(reader->index().broken[1].reason, "truncated: 1000 of 3073 bytes");
}

TEST(DatasetIdx, PairsImagesWithLabelsPackedOrNot) {
  const TempFolder in;
  in.write("MNIST/raw/train-images-idx3-ubyte", idx_of(8, {3, 2, 2}, counting(12)));
  in.write("MNIST/raw/train-labels-idx1-ubyte", idx_of(8, {3}, "\x07\x0A\x07"));
  in.write("MNIST/raw/t10k-images-idx3-ubyte.gz", gzip_of(idx_of(8, {1, 2, 2}, "abcd")));
  in.write("MNIST/raw/t10k-labels-idx1-ubyte.gz", gzip_of(idx_of(8, {1}, "\x02")));
  in.write("MNIST/raw/train-images-idx3-ubyte.gz", gzip_of(idx_of(8, {3, 2, 2}, counting(12))));
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "idx");
  EXPECT_EQ(index.description, "MNIST-like IDX, 2 files, already split: train 3, test 1, 4 images");
  EXPECT_EQ(ids_of(index), (Ids{"t10k-images-idx3-ubyte#000000", "train-images-idx3-ubyte#000000",
                                "train-images-idx3-ubyte#000001", "train-images-idx3-ubyte#000002"}));
  EXPECT_EQ(index.labels, (Ids{"2", "7", "10"}));  // by value
  EXPECT_EQ(label_of(index, "train-images-idx3-ubyte#000001"), "10");
  EXPECT_EQ(content_of(*reader, "train-images-idx3-ubyte#000001"), counting(4, 4));
  EXPECT_EQ(content_of(*reader, "t10k-images-idx3-ubyte#000000"), "abcd");
  EXPECT_EQ(tree_path(index, index.entries[0]), "test/2/t10k-images-idx3-ubyte_000000.png");
}

TEST(DatasetIdx, UnlabelledFloatsAndColours) {
  const TempFolder in;
  // 0.5 and 1 as big-endian IEEE 754.
  in.write("floats-images.idx", idx_of(0x0D, {1, 1, 2}, std::string("\x3F\x00\x00\x00\x3F\x80\x00\x00", 8)));
  in.write("colour-images.idx", idx_of(8, {1, 1, 2, 3}, "RGBrgb"));
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().label_kind, LabelKind::none);
  const SourceImage floats = reader->read(entry_of(reader->index(), "floats-images.idx#000000"));
  EXPECT_EQ(floats.pixels.shape(), (RasterShape{.width = 2, .height = 1, .channels = 1, .dtype = Dtype::f32}));
  EXPECT_EQ(floats.pixels.row<float>(0)[0], 0.5F);
  EXPECT_EQ(floats.pixels.row<float>(0)[1], 1.0F);
  EXPECT_EQ(content_of(*reader, "colour-images.idx#000000"), "RGBrgb");
}

TEST(DatasetIdx, DamageIsFoundWhenOpened) {
  const TempFolder in;
  in.write("a/train-images-idx3-ubyte", idx_of(8, {4, 2, 2}, counting(9)));
  const auto reader = open_dataset(in / "a");
  EXPECT_EQ(reader->index().entries.size(), 2U);
  ASSERT_EQ(reader->index().broken.size(), 1U);
  EXPECT_EQ(reader->index().broken[0].reason, "truncated: the file holds 2 of 4 images");

  in.write("b/train-images-idx3-ubyte", idx_of(8, {2, 2, 2}, counting(8)));
  in.write("b/train-labels-idx1-ubyte", idx_of(8, {3}, "abc"));
  EXPECT_EQ(refusal(in / "b", {}, Fault::data),
            (in / "b/train-labels-idx1-ubyte").native() + ": holds 3 labels for 2 images");

  const std::string packed = gzip_of(idx_of(8, {2, 40, 40}, counting(3200)));
  in.write("c/train-images-idx3-ubyte.gz", packed.substr(0, packed.size() / 2));
  EXPECT_EQ(refusal(in / "c", {}, Fault::data),
            (in / "c/train-images-idx3-ubyte.gz").native() + ": the packed data end too early");
  in.write("d/huge-images-idx3-ubyte", idx_of(8, {0xFFFFFFFF, 0xFFFFF, 0xFFFFF}, "x"));
  EXPECT_NE(refusal(in / "d").find("holds 0 of 4,294,967,295 images"), std::string::npos);
}

TEST(DatasetIdx, AskedForButNotThere) {
  const TempFolder in;
  in.write("cat/a.jpg", "x");
  EXPECT_EQ(refusal(in.path(), {.format = "idx"}),
            in.path().native() + ": is no dataset of format idx (leave --input-format out to have it detected)");
}

}  // namespace
}  // namespace leaven::io

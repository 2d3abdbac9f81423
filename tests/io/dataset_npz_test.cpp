// NumPy arrays of images and labels.
#include <gtest/gtest.h>

#include <cmath>

#include "io/npy.hpp"
#include "tests/io/container_bytes.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

using Ids = std::vector<std::string>;

/// numpy.savez() stores, numpy.savez_compressed() deflates.
std::string npz_of(const Members& arrays, bool packed = false) {
  return archive_of(arrays, "zip", packed ? "compression=deflate" : "compression=store");
}

class DatasetNpz : public testing::TestWithParam<bool> {};

TEST_P(DatasetNpz, ImagesLabelsAndClassNames) {
  const TempFolder in;
  in.write("data.npz",
           npz_of({{"images.npy", npy_of("|u1", "(2, 2, 1, 3)", "abcdefghijkl")},
                   {"labels.npy", npy_of("<i8", "(2,)", raw<std::int64_t>({1, 0}))},
                   {"classes.npy", npy_of("<U3", "(2,)", raw<char32_t>({U'c', U'a', U't', U'\u00FC', 0, 0}))},
                   {"extra.npy", npy_of("<f8", "(1,)", raw<double>({1}))}},
                  GetParam()));
  const auto reader = open_dataset(in.path());
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "npz");
  EXPECT_EQ(index.description, "NumPy arrays, 2 images of 1×2×3 u8");
  EXPECT_EQ(ids_of(index), (Ids{"data.npz#000000", "data.npz#000001"}));
  EXPECT_EQ(index.label_kind, LabelKind::category);
  EXPECT_EQ(label_of(index, "data.npz#000000"), "\xC3\xBC");
  EXPECT_EQ(label_of(index, "data.npz#000001"), "cat");
  EXPECT_EQ(content_of(*reader, "data.npz#000001"), "ghijkl");
  EXPECT_EQ(index.strays.at("arrays that are neither images nor labels"), 1U);
  EXPECT_EQ(tree_path(index, index.entries[0]), "\xC3\xBC/data_000000.png");
}
INSTANTIATE_TEST_SUITE_P(StoredAndPacked, DatasetNpz, testing::Bool());

TEST(DatasetNpy, SplitsByName) {
  const TempFolder in;
  in.write("all.npz", npz_of({{"x_train.npy", npy_of("|u1", "(2, 1, 2)", "abcd")},
                              {"y_train.npy", npy_of("|u1", "(2, 1)", "\x05\x06")},
                              {"x_test.npy", npy_of("|u1", "(1, 1, 2)", "ef")},
                              {"y_test.npy", npy_of("|u1", "(1, 1)", "\x05")}}));
  const auto reader = open_dataset(in / "all.npz");
  const DatasetIndex& index = reader->index();
  EXPECT_TRUE(index.has_splits);
  EXPECT_EQ(ids_of(index), (Ids{"all.npz/x_test#000000", "all.npz/x_train#000000", "all.npz/x_train#000001"}));
  EXPECT_EQ(entry_of(index, "all.npz/x_test#000000").split, Split::test);
  EXPECT_EQ(label_of(index, "all.npz/x_train#000001"), "6");
  EXPECT_EQ(content_of(*reader, "all.npz/x_train#000001"), "cd");
  EXPECT_EQ(tree_path(index, index.entries[0]), "test/5/all_x_test_000000.png");
}

TEST(DatasetNpy, FilesSideBySide) {
  const TempFolder in;
  in.write("X.npy", npy_of("<u2", "(1, 1, 2)", raw<std::uint16_t>({1, 65535})));
  in.write("y.npy", npy_of("<f4", "(1,)", raw<float>({0.25F})));
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().label_kind, LabelKind::number);
  EXPECT_EQ(label_of(reader->index(), "X.npy#000000"), "0.25");
  const SourceImage image = reader->read(reader->index().entries[0]);
  EXPECT_EQ(image.pixels.shape(), (RasterShape{.width = 2, .height = 1, .channels = 1, .dtype = Dtype::u16}));
  EXPECT_EQ(image.pixels.row<std::uint16_t>(0)[1], 65535);
}

TEST(DatasetNpy, BigEndianHalfDoubleAndPlanar) {
  const TempFolder in;
  in.write("be/x.npy", npy_of(">u2", "(1, 1, 2)", std::string("\x01\x02\xFF\x00", 4)));
  const auto big = open_dataset(in / "be")->read(open_dataset(in / "be")->index().entries[0]);
  EXPECT_EQ(big.pixels.row<std::uint16_t>(0)[0], 0x0102);
  EXPECT_EQ(big.pixels.row<std::uint16_t>(0)[1], 0xFF00);

  // Half precision: 1, -2, the smallest subnormal 2^-24, infinity.
  in.write("half/x.npy", npy_of("<f2", "(1, 2, 2)", raw<std::uint16_t>({0x3C00, 0xC000, 0x0001, 0x7C00})));
  const auto half = open_dataset(in / "half")->read(open_dataset(in / "half")->index().entries[0]);
  EXPECT_EQ(half.pixels.row<float>(0)[0], 1.0F);
  EXPECT_EQ(half.pixels.row<float>(0)[1], -2.0F);
  EXPECT_EQ(half.pixels.row<float>(1)[0], 0x1p-24F);
  EXPECT_EQ(half.pixels.row<float>(1)[1], INFINITY);
  EXPECT_FALSE(half.pixels.shape().bounded);
  const auto notes = open_dataset(in / "half")->index().notes;
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("x.npy: some values lie outside [0, 1]"), std::string::npos) << notes[0];

  in.write("double/x.npy", npy_of("<f8", "(1, 1, 2)", raw<double>({0.0, 0.75})));
  const auto wide = open_dataset(in / "double")->read(open_dataset(in / "double")->index().entries[0]);
  EXPECT_EQ(wide.pixels.row<float>(0)[1], 0.75F);
  EXPECT_TRUE(wide.pixels.shape().bounded);
  EXPECT_TRUE(open_dataset(in / "double")->index().notes.empty());

  in.write("four/x.npy", npy_of("|u1", "(1, 1, 1, 4)", "RGBA"));
  const auto four = open_dataset(in / "four")->index().notes;
  ASSERT_EQ(four.size(), 1U);
  EXPECT_NE(four[0].find("its 4 channels are taken as 4 colours"), std::string::npos) << four[0];

  // 3 × 1 × 5: PyTorch's order, as 5 is no number of channels.
  in.write("planar/x.npy", npy_of("|u1", "(1, 3, 1, 5)", "RSTUVGHIJKBCDEF"));
  const auto reader = open_dataset(in / "planar");
  EXPECT_EQ(content_of(*reader, "x.npy#000000"), "RGBSHCTIDUJEVKF");
}

TEST(DatasetNpy, ManyChannelsAreTheSmallerOuterSide) {
  const TempFolder in;
  const auto shape_of = [&](const std::string& sides, std::size_t bytes) {
    in.write("x.npy", npy_of("|u1", sides, counting(bytes)));
    const auto reader = open_dataset(in.path());
    const Raster image = reader->read(reader->index().entries.at(0)).pixels.clone();
    EXPECT_FALSE(image.shape().alpha);
    return std::pair(describe(image.shape()), image.row<std::uint8_t>(0)[1]);
  };
  using Found = std::pair<std::string, std::uint8_t>;
  EXPECT_EQ(shape_of("(1, 9, 8, 7)", 504), (Found{"8×9×7 u8", 1}));
  EXPECT_EQ(shape_of("(1, 7, 9, 8)", 504), (Found{"8×9×7 u8", 72})) << "PyTorch's order";
  EXPECT_EQ(shape_of("(1, 6, 6, 6)", 216), (Found{"6×6×6 u8", 1}));
}

TEST(DatasetNpy, Float16IsReadExactlyAndKnownAsSuch) {
  const TempFolder in;
  in.write("x.npy", npy_of("<f2", "(1, 1, 4)", raw<std::uint16_t>({0x0000, 0x3c00, 0x3800, 0x3555})));
  const auto reader = open_dataset(in.path());
  const Raster image = reader->read(reader->index().entries.at(0)).pixels.clone();
  EXPECT_EQ(describe(image.shape()), "4×1×1 f16");
  EXPECT_EQ(image.row<float>(0)[1], 1.0F);
  EXPECT_EQ(image.row<float>(0)[2], 0.5F);
  EXPECT_EQ(image.row<float>(0)[3], 0.333251953125F);
}

TEST(DatasetNpy, OneHotAndSeveralClasses) {
  const TempFolder in;
  const std::string images = npy_of("|u1", "(3, 1, 1)", "abc");
  in.write("one.npz", npz_of({{"x.npy", images}, {"y.npy", npy_of("|b1", "(3, 2)", std::string("\1\0\0\1\1\0", 6))}}));
  EXPECT_EQ(open_dataset(in / "one.npz")->index().label_kind, LabelKind::category);
  EXPECT_EQ(open_dataset(in / "one.npz")->index().labels, (Ids{"0", "1"}));
  in.write("many.npz", npz_of({{"x.npy", images}, {"y.npy", npy_of("|b1", "(3, 2)", std::string("\1\1\0\1\0\0", 6))}}));
  const auto reader = open_dataset(in / "many.npz");
  EXPECT_EQ(reader->index().label_kind, LabelKind::categories);
  EXPECT_EQ(label_of(reader->index(), "many.npz#000000"), "0;1");
  EXPECT_EQ(label_of(reader->index(), "many.npz#000002"), "");
}

TEST(DatasetNpy, NamedClassesKeepTheirNumbers) {
  const TempFolder in;
  const std::string images = npy_of("|u1", "(3, 1, 1)", "abc"), names = npy_of("|S3", "(3,)", "fixdogeel");
  in.write("a.npz", npz_of({{"images.npy", images}, {"labels.npy", npy_of("|u1", "(3,)", std::string("\2\0\2", 3))}, {"classes.npy", names}}));
  const auto reader = open_dataset(in / "a.npz");
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.labels, (Ids{"fix", "dog", "eel"}));
  EXPECT_EQ(index.entries[0].label, 2U);
  EXPECT_EQ(index.entries[1].label, 0U);
}

TEST(DatasetNpy, ALoneArrayNeedsNoName) {
  const TempFolder in;
  in.write("faces.npy", npy_of("|u1", "(2, 5, 5)", counting(50)));
  const auto reader = open_dataset(in.path());
  EXPECT_EQ(reader->index().entries.size(), 2U);
  EXPECT_EQ(reader->index().label_kind, LabelKind::none);
}

TEST(DatasetNpy, RefusalsSayWhatToDo) {
  const TempFolder in;
  const auto says = [&](const std::string& npy, const std::string& text, Fault fault = Fault::usage) {
    in.write("images.npy", npy);
    const std::string message = refusal(in.path(), {}, fault);
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  says(npy_of("<i8", "(1, 2, 5)", counting(80)), "got NumPy type i8 (save them with images.astype('uint8'))");
  says(npy_of("|u1", "(2, 5, 5)", counting(50), true), "stored column by column");
  says(npy_of("|u1", "(50, 60, 3)", counting(9000)),
       "must be N×height×width or N×height×width×channels (1 to 512), got 50×60×3");
  says(npy_of("|u1", "(9,)", counting(9)), "hold no images");
  says(npy_of("|O", "(1, 5, 5)", "x"), "Python objects", Fault::data);
  says(npy_of("|u1", "(1, 5, 5", counting(25)), "a number is missing", Fault::data);
  says(npy_of("|u1", "(4611686018427387904, 4, 5)", "x"), "impossibly large", Fault::data);
  says(npy_of("|u1", "(3, 5, 5)", counting(10)), "truncated: the file holds 0 of 3 images");
  says(npy_of("<f4", "(300, 5, 5)", counting(10)), "truncated: the file holds 0 of 300 images");
  in.write("labels.npy", npy_of("<i8", "(3,)", raw<std::int64_t>({1, 2, 3})));
  says(npy_of("|u1", "(2, 5, 5)", counting(50)), "holds 3 labels for 2 images", Fault::data);
}

TEST(DatasetNpy, DamagedZips) {
  const TempFolder in;
  const std::string npz = npz_of({{"images.npy", npy_of("|u1", "(2, 5, 5)", counting(50))}});
  in.write("data.npz", npz.substr(0, npz.size() - 10));
  EXPECT_NE(refusal(in.path(), {}, Fault::data).find("is it cut off?"), std::string::npos);
  in.write("data.npz", "no zip at all");
  EXPECT_NE(refusal(in.path(), {}, Fault::data).find("damaged zip"), std::string::npos);
}

TEST(NpyHeader, OwnHeadersAreReadBackAndKeepTheirLength) {
  const std::string none = npy_header("<f4", 0, {28, 28, 3}),
                    many = npy_header("<f4", 18'000'000'000'000'000'000U, {28, 28, 3});
  EXPECT_EQ(none.size(), many.size());
  EXPECT_EQ(none.size() % 64, 0U);
  const NpyHeader header = parse_npy_header(bytes_of(npy_header("<f4", 123, {28, 28, 3})));
  EXPECT_EQ(header.shape, (std::vector<std::uint64_t>{123, 28, 28, 3}));
  EXPECT_EQ(header.kind, 'f');
  EXPECT_EQ(header.item_bytes, 4U);
  EXPECT_FALSE(header.fortran);
  EXPECT_NE(npy_header("<i8", 5, {}).find("'shape': (5,)"), std::string::npos);
}

TEST_P(DatasetNpz, AChangedByteIsNoticed) {
  const TempFolder in;
  std::string npz = npz_of({{"images.npy", npy_of("|u1", "(2, 64, 64)", counting(8192))}, {"labels.npy", npy_of("|u1", "(2,)", "ab")}}, GetParam());
  const std::size_t at = npz.find("images.npy") + 300;
  npz[at] = static_cast<char>(npz[at] ^ 16);
  in.write("data.npz", npz);
  try {
    open_dataset(in.path());
    FAIL() << "the pixels are other ones";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data) << error.what();
  }
}

TEST(DatasetNpy, NegativeLabelsAreClassesUnlessMinusOneStandsBesideZero) {
  const auto labels = [](const std::vector<std::int64_t>& values) {
    const TempFolder in;
    in.write("data.npz", npz_of({{"x.npy", npy_of("|u1", "(" + std::to_string(values.size()) + ", 1, 1)", counting(values.size()))},
                                 {"y.npy", npy_of("<i8", "(" + std::to_string(values.size()) + ",)", raw<std::int64_t>(values))}}));
    return open_dataset(in.path())->index().labels;
  };
  EXPECT_EQ(labels({1, -1, 1}), (std::vector<std::string>{"-1", "1"}));
  EXPECT_EQ(labels({2, -10, 3, -2}), (std::vector<std::string>{"-10", "-2", "2", "3"}));
  EXPECT_EQ(labels({0, -1, 1}), (std::vector<std::string>{"", "0", "1"}));
}

}  // namespace
}  // namespace leaven::io

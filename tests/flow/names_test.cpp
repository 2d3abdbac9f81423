#include "flow/names.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"
#include "core/utf8.hpp"
#include "tests/flow/made_index.hpp"

namespace leaven::flow {
namespace {

using io::OutputLayout;
using io::Split;

std::uint32_t at(const io::DatasetIndex& index, const std::string& id) {
  for (std::uint32_t e = 0; e < index.entries.size(); ++e)
    if (index.entries[e].id == id) return e;
  ADD_FAILURE() << id;
  return 0;
}

struct Named {
  io::DatasetIndex index;
  OutputNames names;
  explicit Named(std::vector<std::string> ids, const std::string& format = "folders", OutputLayout layout = OutputLayout::same)
      : index(made_index(std::move(ids), format)), names(index, layout) {}
  std::string copy(const std::string& id, std::uint32_t k, const char* extension = "jpg", Split split = Split::none) {
    return names.copy(at(index, id), split, k, extension);
  }
  std::string original(const std::string& id, Split split = Split::none) { return names.original(at(index, id), split); }
};

TEST(Names, ACopyStandsBesideItsOriginal) {
  Named n({"cat/a.jpg", "cat/b.v2.png", "dog/a.jpg"});
  EXPECT_EQ(n.original("cat/a.jpg"), "cat/a.jpg");
  EXPECT_EQ(n.copy("cat/a.jpg", 1), "cat/a_aug1.jpg");
  EXPECT_EQ(n.copy("cat/a.jpg", 12), "cat/a_aug12.jpg");
  EXPECT_EQ(n.copy("cat/b.v2.png", 1, "png"), "cat/b.v2_aug1.png");
  EXPECT_EQ(n.copy("dog/a.jpg", 1), "dog/a_aug1.jpg");
}

TEST(Names, ExtensionIsTheEncodingsInTheSourcesSpelling) {
  Named n({"c/a.JPEG", "c/b.png", "c/c.TIFF", "c/d"});
  EXPECT_EQ(n.copy("c/a.JPEG", 1, "jpg"), "c/a_aug1.JPEG");
  EXPECT_EQ(n.copy("c/a.JPEG", 1, "png"), "c/a_aug1.png");
  EXPECT_EQ(n.copy("c/b.png", 1, "jpg"), "c/b_aug1.jpg");  // a JPEG that is called .png
  EXPECT_EQ(n.copy("c/c.TIFF", 1, "tif"), "c/c_aug1.TIFF");
  EXPECT_EQ(n.copy("c/d", 1, "jpg"), "c/d_aug1.jpg");
}

TEST(Names, SameStemsTakeTheirExtension) {
  Named n({"c/a.jpg", "c/a.png", "d/a.jpg"});
  EXPECT_EQ(n.copy("c/a.jpg", 1, "jpg"), "c/a_jpg_aug1.jpg");
  EXPECT_EQ(n.copy("c/a.png", 1, "png"), "c/a_png_aug1.png");
  EXPECT_EQ(n.copy("d/a.jpg", 1), "d/a_aug1.jpg");
}

TEST(Names, SourcesNamedLikeCopies) {
  Named n({"c/a.jpg", "c/a_aug1.jpg", "c/b.jpg", "c/b_augmented.jpg", "c/_aug3.jpg"});
  EXPECT_EQ(n.copy("c/a.jpg", 1), "c/a__aug1.jpg");
  EXPECT_EQ(n.copy("c/a.jpg", 2), "c/a__aug2.jpg");
  EXPECT_EQ(n.copy("c/a_aug1.jpg", 1), "c/a_aug1_aug1.jpg");
  EXPECT_EQ(n.copy("c/b.jpg", 1), "c/b_aug1.jpg");
  EXPECT_EQ(n.original("c/a_aug1.jpg"), "c/a_aug1.jpg");
}

TEST(Names, OriginalsKeepTheirStemInOtherLayoutsThoughACopyIsCalledAfterThem) {
  Named n({"images/a.png", "images/a_aug1.png", "images/b.jpg", "images/b.png"}, "yolo", OutputLayout::coco);
  EXPECT_EQ(n.original("images/a.png"), "images/a.png");
  EXPECT_EQ(n.original("images/a_aug1.png"), "images/a_aug1.png");
  EXPECT_EQ(n.copy("images/a.png", 1, "png"), "images/a__aug1.png");
  EXPECT_EQ(n.original("images/b.jpg"), "images/b_jpg.jpg");
}

// Names made by hand to collide with every rule at once.
TEST(Names, NeverCollide) {
  const std::vector<std::string> ids{"c/a.jpg",      "c/a.png",       "c/a_jpg.jpg",  "c/a_png.webp", "c/a_jpg_.jpg",
                                     "c/a_aug1.jpg", "c/a__aug1.png", "c/a_.jpg",     "c/a_aug1.png", "c/a_aug1_aug2.jpg",
                                     "c/a_jpg_aug1.jpg", "c/a_aug1_png.jpg", "c/a", "c/x.jpg", "c/x_aug1.jpg", "c/x_.jpg"};
  Named n(ids);
  std::set<std::string> all;
  for (const std::string& id : ids) {
    EXPECT_TRUE(all.insert(n.original(id)).second) << id;
    EXPECT_EQ(n.original(id), id);
    for (std::uint32_t k = 1; k <= 12; ++k)
      for (const char* extension : {"jpg"}) EXPECT_TRUE(all.insert(n.copy(id, k, extension)).second) << id << " " << k << " " << n.copy(id, k, extension);
  }
  EXPECT_EQ(all.size(), ids.size() * 13);
}

TEST(Names, NewSplitsStandInFront) {
  Named n({"cat/a.jpg"});
  EXPECT_EQ(n.original("cat/a.jpg", Split::val), "val/cat/a.jpg");
  EXPECT_EQ(n.copy("cat/a.jpg", 1, "jpg", Split::train), "train/cat/a_aug1.jpg");
}

TEST(Names, OwnSplitsStayWhereTheyAre) {
  Named n({"train/cat/a.jpg", "test/cat/b.jpg"});
  EXPECT_EQ(n.original("test/cat/b.jpg", Split::test), "test/cat/b.jpg");
  EXPECT_EQ(n.copy("train/cat/a.jpg", 3, "jpg", Split::train), "train/cat/a_aug3.jpg");
}

TEST(Names, BarePixelsBecomeFiles) {
  io::DatasetIndex index;
  index.format = "cifar";
  index.label_kind = io::LabelKind::category;
  index.labels = {"airplane", "truck"};
  index.has_splits = true;
  index.entries = {{.id = "data_batch_1.bin#000017", .label = 0, .split = Split::train},
                   {.id = "test_batch.bin#000017", .label = 1, .split = Split::test}};
  const OutputNames names(index, OutputLayout::same);
  EXPECT_EQ(names.original(0, Split::train), "train/airplane/data_batch_1_000017.png");
  EXPECT_EQ(names.copy(0, Split::train, 2, "png"), "train/airplane/data_batch_1_000017_aug2.png");
  EXPECT_EQ(names.original(1, Split::test), "test/truck/test_batch_000017.png");
}

TEST(Names, ClassFoldersFromAManifestTellEqualNamesApart) {
  io::DatasetIndex index = made_index({"cat/1.jpg", "2.jpg", "more/1.jpg"}, "csv");
  index.labels = {"cat"};
  index.entries.push_back({.id = "1.jpg"});  // cat/1.jpg, too, once it lies in its class's folder
  for (io::Entry& entry : index.entries) entry.label = 0;
  std::ranges::sort(index.entries, {}, &io::Entry::id);
  const OutputNames names(index, OutputLayout::folders);
  EXPECT_EQ(names.original(at(index, "2.jpg"), Split::none), "cat/2.jpg");
  EXPECT_EQ(names.original(at(index, "more/1.jpg"), Split::none), "cat/more/1.jpg");
  EXPECT_EQ(names.original(at(index, "1.jpg"), Split::none), "cat/1_jpg.jpg");
  EXPECT_EQ(names.original(at(index, "cat/1.jpg"), Split::none), "cat/1_jpg_.jpg");
  EXPECT_EQ(names.copy(at(index, "cat/1.jpg"), Split::val, 3, "jpg"), "val/cat/1_jpg__aug3.jpg");
}

TEST(Names, KeysEndAtTheFirstDot) {
  Named n({"cat/a.v1.jpg", "cat/a_v1.jpg", "cat/b.jpg", "cat/b.png"}, "folders", OutputLayout::webdataset);
  EXPECT_EQ(n.original("cat/a.v1.jpg"), "cat/a_v1_jpg.jpg");
  EXPECT_EQ(n.original("cat/a_v1.jpg"), "cat/a_v1_jpg_.jpg");
  EXPECT_EQ(n.copy("cat/b.png", 2, "png"), "cat/b_png_aug2.png");
}

TEST(Names, CopiesOfLongNamesFitIntoAFileSystem) {
  std::string umlauts;
  for (int i = 0; i < 125; ++i) umlauts += "\xC3\xBC";
  const std::string long_a = std::string(250, 'n') + "a", long_b = std::string(250, 'n') + "b";
  Named n({"cat/" + long_a + ".jpg", "cat/" + long_b + ".jpg", "cat/" + umlauts + ".jpg", "cat/" + std::string(220, 'm') + ".jpg"});
  EXPECT_EQ(n.original("cat/" + long_a + ".jpg"), "cat/" + long_a + ".jpg");
  std::set<std::string> names;
  for (const std::string& stem : {long_a, long_b, umlauts}) {
    const std::string name = n.copy("cat/" + stem + ".jpg", 4'000'000'000, "webp");
    EXPECT_LE(name.size(), 4U + 255U) << name;
    EXPECT_TRUE(name.starts_with("cat/" + stem.substr(0, 180))) << name;
    EXPECT_TRUE(name.ends_with("_aug4000000000.webp")) << name;
    EXPECT_TRUE(is_utf8(name)) << name;
    names.insert(name);
  }
  EXPECT_EQ(names.size(), 3U);
  EXPECT_EQ(n.copy("cat/" + std::string(220, 'm') + ".jpg", 1), "cat/" + std::string(220, 'm') + "_aug1.jpg");
}

TEST(Names, LayoutFoldersNeedsAClassASample) {
  const io::DatasetIndex flat = made_index({"a.jpg"}, "flat");
  EXPECT_THROW(OutputNames(flat, OutputLayout::folders), Error);
  io::DatasetIndex odd = made_index({"x/a.jpg"}, "csv");
  odd.labels = {"and/or"};
  try {
    OutputNames(odd, OutputLayout::folders);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("\"and/or\""), std::string::npos) << e.what();
    EXPECT_EQ(e.fault(), Fault::usage);
  }
}

}  // namespace
}  // namespace leaven::flow

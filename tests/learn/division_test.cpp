// That nothing is tested that was trained on under another name: copies beside their lineage, pictures that look almost alike.
#include "learn/division.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.hpp"
#include "learn/ancestry.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

/// Noise on grey that no two numbers share, so that nothing looks alike by chance.
Raster noise_picture(int number, int brighter) {
  Raster picture(RasterShape{16, 16, 1});
  std::uint32_t state = static_cast<std::uint32_t>(number) * 2654435761U + 12345;
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 16; ++x) {
      state = state * 1664525U + 1013904223U;
      picture.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(40 + (state >> 24) / 2 + static_cast<std::uint32_t>(brighter));
    }
  return picture;
}

class Divided : public testing::Test {
 protected:
  /// `sources` pictures in each of two classes, each with two copies that look like nothing else, and their lineage.
  void write_copies(const std::string& below, int sources) {
    std::string lineage;
    for (const std::string name : {"left", "right"})
      for (int i = 0; i < sources; ++i)
        for (int copy = 0; copy < 3; ++copy) {
          const std::string source = name + "/" + std::to_string(100 + i) + ".png";
          const std::string id = copy == 0 ? source : name + "/" + std::to_string(100 + i) + "_aug" + std::to_string(copy) + ".png";
          write_png(scratch_ / (below + "/" + id), noise_picture(number_++, 0));
          lineage += R"({"id":")" + id + R"(","source":")" + source + R"(","copy":)" + std::to_string(copy) + R"(,"steps":[]})" + "\n";
        }
    write_text(scratch_ / (below + "/leaven.lineage.jsonl"), lineage);
  }
  Division divided(const std::string& below, const PartitionOptions& options = {.seeds = 2}) {
    material_ = open_material({.data = scratch_ / below});
    return divide_apart(*material_, scratch_ / below, options);
  }
  std::string id(std::uint32_t e) const { return material_->index().entries[e].id; }
  /// "left/103" of all its copies.
  std::set<std::string> sources(const Entries& entries) const {
    std::set<std::string> found;
    for (const std::uint32_t e : entries) found.insert(id(e).substr(0, id(e).find('/') + 4));
    return found;
  }
  void expect_apart(const Entries& a, const Entries& b) const {
    const std::set<std::string> of_a = sources(a);
    for (const std::string& source : sources(b)) EXPECT_FALSE(of_a.contains(source)) << source;
  }
  static bool noted(const Division& division, const std::string& note) { return std::ranges::find(division.notes, note) != division.notes.end(); }

  ScratchFolder scratch_{};
  std::unique_ptr<Material> material_{};
  int number_{};
};

TEST_F(Divided, CopiesAreOnTheSideOfTheirSource) {
  write_copies("in", 20);
  const Division d = divided("in");
  EXPECT_EQ(d.partition.test.size(), 24U);  // a fifth of 40 sources, each with its copies
  EXPECT_EQ(sources(d.partition.test).size(), 8U);
  for (const Fold& fold : d.partition.folds) {
    EXPECT_EQ(fold.train.size() + fold.validation.size(), 96U);
    expect_apart(d.partition.test, fold.train);
    expect_apart(d.partition.test, fold.validation);
    expect_apart(fold.train, fold.validation);
  }
  EXPECT_TRUE(noted(d, "80 pictures are copies that Leaven made: each is on its source's side of every split")) << testing::PrintToString(d.notes);
  EXPECT_EQ(divide(material_->index(), d.options).test, d.partition.test);
}

TEST_F(Divided, AFolderBelowTheLineageHasItsCopiesToo) {
  write_copies("out", 4);
  material_ = open_material({.data = scratch_ / "out"});
  const std::size_t all = material_->index().entries.size();
  const Ancestry whole = ancestry_of(material_->index(), scratch_ / "out/", Domain::raster);
  EXPECT_EQ(whole.copies, 16U);
  EXPECT_EQ(std::set(whole.kin.begin(), whole.kin.end()).size(), all / 3);
  const auto left = open_material({.data = scratch_ / "out/left"});
  EXPECT_EQ(ancestry_of(left->index(), scratch_ / "out/left", Domain::raster).copies, 8U);
  write_bars(scratch_ / "out/other", 3);  // beside, and not of it
  const auto other = open_material({.data = scratch_ / "out/other"});
  const Ancestry none = ancestry_of(other->index(), scratch_ / "out/other", Domain::raster);
  EXPECT_TRUE(none.kin.empty() && !none.unknown);
}

TEST_F(Divided, WhatWasMixedOfSeveralIsOnNoSide) {
  write_copies("in", 10);
  write_png(scratch_ / "in/left/900.png", noise_picture(900, 0));
  write_png(scratch_ / "in/left/901.png", noise_picture(901, 0));
  write_text(scratch_ / "in/leaven.lineage.jsonl",
             read_text(scratch_ / "in/leaven.lineage.jsonl") +
                 R"({"id":"left/900.png","source":"left/100.png","copy":3,"steps":[{"op":"mixup","partners":[{"source":"left/101.png"}]}]})" + "\n" +
                 R"({"id":"left/901.png","source":"left/901.png","copy":0,"steps":[],"generated":{"kind":"cvae"}})" + "\n" +
                 R"({"id":"left/902.png","source":7,"copy":"many","steps":3})" + "\n" + "[]\n");  // nobody's lines
  const Division d = divided("in");
  for (const std::uint32_t e : d.partition.used()) EXPECT_FALSE(id(e) == "left/900.png" || id(e) == "left/901.png");
  EXPECT_TRUE(noted(d, "2 pictures were left out: Leaven made each of several others, or drew it from a model of all, so it is on no side of a split"));
}

TEST_F(Divided, CopiesThatCannotBeToldAreRefused) {
  write_copies("in", 4);
  write_text(scratch_ / "in/leaven.lineage.jsonl", R"({"id":"elsewhere.png","source":"a.png","copy":1,"steps":[]})" "\n");
  try {
    divided("in");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("which pictures are copies of one source cannot be told"), std::string::npos) << error.what();
  }
  write_text(scratch_ / "in/leaven.lineage.jsonl", R"({"id":"elsewhere.png","source":"elsewhere.png","copy":0,"steps":[]})" "\n");
  EXPECT_TRUE(divided("in").options.kin.empty());  // originals alone
}

TEST_F(Divided, ACopyOfATestItemIsNotTrainedOn) {
  write_copies("in/train", 8);
  std::filesystem::remove(scratch_ / "in/train/leaven.lineage.jsonl");
  std::string lineage;
  for (const std::string name : {"left", "right"})
    for (int i = 0; i < 3; ++i) {
      const std::string number = name + "/" + std::to_string(100 + i);
      write_png(scratch_ / ("in/test/" + number + ".png"), noise_picture(number_++, 0));
      lineage += R"({"id":"test/)" + number + R"(.png","source":")" + number + R"(","copy":0,"steps":[]})" + "\n";
      lineage += R"({"id":"train/)" + number + R"(_aug1.png","source":")" + number + R"(","copy":1,"steps":[]})" + "\n";
    }
  write_text(scratch_ / "in/leaven.lineage.jsonl", lineage);
  const Division d = divided("in");
  EXPECT_EQ(d.partition.test.size(), 6U);
  for (const Fold& fold : d.partition.folds) {
    EXPECT_EQ(fold.train.size() + fold.validation.size(), 48U - 6U);
    for (const Entries* entries : {&fold.train, &fold.validation})
      for (const std::uint32_t e : *entries)
        for (const char* copy : {"/100_aug1", "/101_aug1", "/102_aug1"}) EXPECT_EQ(id(e).find(copy), std::string::npos) << id(e);
  }
  EXPECT_TRUE(noted(d, "6 items come from the same source as a test item, or are its source, and were left out"));
}

/// Pairs of pictures that differ by one level.
class Alike : public Divided {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i)
      for (const int brighter : {0, 1}) {
        write_png(scratch_ / ("in/left/" + std::to_string(100 + i) + "_" + std::to_string(brighter) + ".png"), noise_picture(i, brighter));
        write_png(scratch_ / ("in/right/" + std::to_string(100 + i) + "_" + std::to_string(brighter) + ".png"), noise_picture(100 + i, brighter));
      }
  }
};

TEST_F(Alike, StayOnOneSide) {
  Division d = divided("in");
  EXPECT_EQ(d.partition.test.size(), 16U);
  for (const Fold& fold : d.partition.folds) {
    EXPECT_EQ(fold.train.size() + fold.validation.size(), 64U);
    expect_apart(d.partition.test, fold.train);
    expect_apart(d.partition.test, fold.validation);
    expect_apart(fold.train, fold.validation);
  }
  EXPECT_TRUE(noted(d, "pictures that look almost alike are on one side of every split"));
  leave_out_seen(*material_, d);
  EXPECT_EQ(d.look_alikes.count, 0U);
  EXPECT_TRUE(d.look_alikes.equal.empty());
}

TEST_F(Alike, AreLeftOutOfTrainingWhereItemsAreCounted) {
  Division d = divided("in", {.per_class = 5, .seeds = 3});
  for (const Fold& fold : d.partition.folds) {
    EXPECT_LE(fold.train.size(), 10U);
    expect_apart(d.partition.test, fold.train);
    expect_apart(d.partition.test, fold.validation);
  }
  EXPECT_TRUE(std::ranges::any_of(d.notes, [](const std::string& note) { return note.ends_with("training pictures look almost like a test one and were left out"); }));
}

TEST_F(Alike, AreOnlyToldWhereTheTestSplitIsTheDatasetsOwn) {
  for (const std::string name : {"left", "right"})
    for (int i = 0; i < 6; ++i) {
      write_png(scratch_ / ("own/train/" + name + "/" + std::to_string(i) + ".png"), noise_picture(i + (name == "left" ? 0 : 50), 0));
      write_png(scratch_ / ("own/test/" + name + "/" + std::to_string(i) + ".png"), noise_picture(i + (name == "left" ? 0 : 50) + (i < 2 ? 0 : 500), 1));
    }
  Division d = divided("own");
  leave_out_seen(*material_, d);
  EXPECT_EQ(d.look_alikes.count, 4U);
  EXPECT_EQ(d.partition.folds.front().train.size() + d.partition.folds.front().validation.size(), 12U);
}

}  // namespace
}  // namespace leaven::learn

// Pictures of different kinds in one array: what an .npz makes of photos among which a few are grey or see-through.
#include <gtest/gtest.h>

#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "io/dataset.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 12;

class Arrays : public testing::Test {
 protected:
  void add(const std::string& name, int number, int channels) {
    write_image(folder_ / "in" / "a" / name, picture(number, kSide, kSide, channels));
  }
  JobArguments arguments(const std::string& out, std::initializer_list<std::string> more = {}) const {
    JobArguments list{"in=" + (folder_ / "in").string(), "out=" + (folder_ / out).string(), "times=1",
                      "recipe=leaven: 1\nsink: {layout: npz}\nsteps: [invert]\n"};
    list.insert(list.end(), more.begin(), more.end());
    return list;
  }
  /// Image number i of OUT's array, as numbers.
  std::vector<int> pixel(const std::string& out, std::size_t i, int x, int y) const {
    const auto reader = io::open_dataset(folder_ / out / "data.npz");
    const io::SourceImage image = reader->read(reader->index().entries.at(i));
    const int channels = image.pixels.shape().channels;
    const auto* row = image.pixels.row<std::uint8_t>(y) + x * channels;
    return {row, row + channels};
  }
  void expect_replayed(const std::string& out) const {
    for (const std::string& line : lines_of(folder_ / out / kLineageFile)) {
      const LineageRecord record = lineage_from_json(line, ops::op_table());
      recipe::Source source;
      source.path = folder_ / "in";
      EXPECT_TRUE(replay(record, source).same_digest) << line;
    }
  }

  TestFolder folder_;
};

TEST_F(Arrays, GreyBesideColourIsColour) {
  add("0.png", 1, 3);
  add("1.png", 2, 1);
  add("2.png", 3, 3);
  ASSERT_EQ(run_job_process(arguments("out")), 0);
  const Raster grey = picture(2, kSide, kSide, 1);
  const int value = grey.row<std::uint8_t>(5)[7];
  EXPECT_EQ(pixel("out", 2, 7, 5), (std::vector<int>{value, value, value}));
  EXPECT_EQ(pixel("out", 3, 7, 5), (std::vector<int>{255 - value, 255 - value, 255 - value}));
  const Raster coloured = picture(1, kSide, kSide, 3);
  const auto* colour = coloured.row<std::uint8_t>(5) + 7 * 3;
  EXPECT_EQ(pixel("out", 0, 7, 5), (std::vector<int>{colour[0], colour[1], colour[2]}));
  EXPECT_EQ(verify(folder_ / "out", 2).changed, 0U);
  expect_replayed("out");
}

TEST_F(Arrays, WhatHasNoAlphaBesideAlphaIsOpaque) {
  add("0.png", 1, 1);
  add("1.png", 2, 4);
  add("2.png", 3, 3);
  ASSERT_EQ(run_job_process(arguments("out")), 0);
  const int value = picture(1, kSide, kSide, 1).row<std::uint8_t>(2)[3];
  EXPECT_EQ(pixel("out", 0, 3, 2), (std::vector<int>{value, value, value, 255}));
  EXPECT_EQ(pixel("out", 4, 3, 2).back(), 255);
  EXPECT_EQ(verify(folder_ / "out", 2).changed, 0U);
  expect_replayed("out");
}

// Found in the middle of a job that has looked at some samples only: the rest is made, and it is counted.
TEST_F(Arrays, OneOfAnotherShapeIsSetAside) {
  for (int i = 0; i < 20; ++i) add((i < 10 ? "0" : "") + std::to_string(i) + ".png", i, 3);
  write_image(folder_ / "in" / "a" / "05.png", picture(5, kSide, kSide + 2, 3));
  ASSERT_EQ(run_job_process(arguments("out")), 0);
  EXPECT_EQ(lines_of(folder_ / "out" / kLineageFile).size(), 38U);
  const auto aside = lines_of(folder_ / "out" / kSetAsideFile);
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_NE(aside[0].find("a/05.png"), std::string::npos);
  EXPECT_NE(aside[0].find("one is 12×12×3 u8, another would be 12×14×3 u8"), std::string::npos) << aside[0];
  EXPECT_EQ(verify(folder_ / "out", 2).changed, 0U);
  // Without originals what the recipe makes of it decides.
  ASSERT_EQ(run_job_process(arguments("crops", {"recipe=leaven: 1\nsink: {layout: npz}\naugment: {originals: none}\n"
                                                "steps: [{crop: {x: 0, y: 0, width: 12, height: 12}}]\n"})),
            0);
  EXPECT_EQ(lines_of(folder_ / "crops" / kLineageFile).size(), 20U);
}

TEST_F(Arrays, GreyAloneStaysGrey) {
  add("0.png", 1, 1);
  add("1.png", 2, 1);
  ASSERT_EQ(run_job_process(arguments("out")), 0);
  EXPECT_EQ(pixel("out", 0, 0, 0).size(), 1U);
  EXPECT_EQ(lines_of(folder_ / "out" / kLineageFile).front().find("channels"), std::string::npos);
}

// The shard that holds the grey picture alone must know of the others.
TEST_F(Arrays, ShardsAgree) {
  add("0.png", 1, 3);
  add("1.png", 2, 1);
  ASSERT_EQ(run_job_process(arguments("whole")), 0);
  for (const char* shard : {"shard=1/2", "shard=2/2"}) ASSERT_EQ(run_job_process(arguments("out", {shard})), 0);
  merge_shards(folder_ / "out", {});
  EXPECT_EQ(tree_of(folder_ / "out"), tree_of(folder_ / "whole"));
}

}  // namespace
}  // namespace leaven::flow

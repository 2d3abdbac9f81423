// Pictures of different kinds in one array: what an .npz makes of photos among which a few are grey or see-through.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/half.hpp"
#include "core/lineage.hpp"
#include "flow/job.hpp"
#include "flow/replay.hpp"
#include "io/dataset.hpp"
#include "io/npy.hpp"
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

/// What NumPy writes of N images of this shape.
std::string npy_text(const std::string& descr, const Raster& image, std::uint64_t rows, const std::string& numbers) {
  const RasterShape& s = image.shape();
  return io::npy_header(descr, rows, {static_cast<std::uint64_t>(s.height), static_cast<std::uint64_t>(s.width), static_cast<std::uint64_t>(s.channels)}) + numbers;
}

TEST_F(Arrays, OfManyChannelsComeBackAsArrays) {
  Raster image({16, 14, 12, Dtype::u16});
  auto* values = reinterpret_cast<std::uint16_t*>(image.data());
  for (int i = 0; i < 16 * 14 * 12; ++i) values[i] = static_cast<std::uint16_t>(i * 24);
  const std::string one(reinterpret_cast<const char*>(image.data()), image.shape().bytes());
  write_text(folder_ / "in" / "images.npy", npy_text("<u2", image, 2, one + one));
  ASSERT_EQ(run_job_process(arguments("out", {"recipe=leaven: 1\naugment: {originals: none}\nsteps: [horizontal_flip, {normalize: {mean: [0], std: [1]}}]\n"})), 0);
  const auto reader = io::open_dataset(folder_ / "out" / "data.npz");
  ASSERT_EQ(reader->index().entries.size(), 2U);
  const Raster made = reader->read(reader->index().entries[1]).pixels.clone();
  ASSERT_EQ(describe(made.shape()), "16×14×12 f32");
  for (int y = 0; y < 14; ++y)
    for (int x = 0; x < 16; ++x)
      for (int c = 0; c < 12; ++c)
        ASSERT_NEAR(static_cast<double>(made.row<float>(y)[x * 12 + c]), image.row<std::uint16_t>(y)[(15 - x) * 12 + c] / 65535.0, 1e-6);
  EXPECT_EQ(verify(folder_ / "out", 2).changed, 0U);
  expect_replayed("out");
  // What is for three colours says what it got.
  std::string said;
  EXPECT_NE(run_job_process(arguments("hue", {"recipe=leaven: 1\nsteps: [{hue: {by: 0.1}}]\n"}), &said), 0);
  EXPECT_NE(said.find("hue: needs an image with 1 or 3 colour channels, got 16×14×12 u16"), std::string::npos) << said;
}

TEST_F(Arrays, OfFloat16AreComputedInFloatsAndRoundedOnce) {
  Raster image({8, 6, 5, Dtype::f32});
  auto* values = reinterpret_cast<float*>(image.data());
  std::string halves;
  for (int i = 0; i < 8 * 6 * 5; ++i) {
    const std::uint16_t half = to_half(static_cast<float>(i) / 239);
    values[i] = from_half(half);
    halves.append(reinterpret_cast<const char*>(&half), sizeof half);
  }
  write_text(folder_ / "in" / "images.npy", npy_text("<f2", image, 1, halves));
  ASSERT_EQ(run_job_process(arguments("out", {"recipe=leaven: 1\naugment: {times: 1}\nsteps: [{linear: {gain: 0.9, offset: 0.01}}, {gamma: {gamma: 0.7}}]\n"})), 0);
  const auto reader = io::open_dataset(folder_ / "out" / "data.npz");
  const Raster same = reader->read(reader->index().entries[0]).pixels.clone(), made = reader->read(reader->index().entries[1]).pixels.clone();
  ASSERT_EQ(describe(made.shape()), "8×6×5 f16");
  for (int i = 0; i < 8 * 6 * 5; ++i) {
    const float before = values[i], after = reinterpret_cast<const float*>(made.data())[i];
    EXPECT_EQ(reinterpret_cast<const float*>(same.data())[i], before);
    const double exact = std::pow(std::min(1.0, 0.9 * static_cast<double>(before) + 0.01), 0.7);
    EXPECT_NEAR(static_cast<double>(after), exact, exact * 0x1p-11 + 2e-6) << i;  // half a unit in the last place
  }
  EXPECT_EQ(verify(folder_ / "out", 2).changed, 0U);
  expect_replayed("out");
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

// Ops declared at run time are ops like any other.
#include <gtest/gtest.h>

#include <cstring>
#include <mutex>
#include <set>

#include "leaven/custom_op.hpp"
#include "tests/api/refusal.hpp"

namespace leaven {
namespace {

/// Sets every byte to the value of `level`.
CustomOp level_op(const std::string& name) {
  return {.name = name,
          .summary = "Set every byte",
          .labels = CustomLabels::keep,
          .version = 3,
          .fields = {{.name = "level", .doc = "The level", .unit = "1", .usual = 7, .lo = 0, .hi = 255, .whole = true}},
          .work = [](const CustomCall& call, void* out) {
            std::memset(out, static_cast<int>(call.values[0]), static_cast<std::size_t>(call.image.width * call.image.height * call.image.channels));
          }};
}

constexpr ImageView kShape{.width = 4, .height = 2, .channels = 3};
const std::vector<std::uint8_t> kPixels(4 * 2 * 3, 100);
ImageView image() {
  ImageView view = kShape;
  view.data = kPixels.data();
  return view;
}

Applied applied(const std::string& steps, const std::string& key = "") { return Recipe::from_text("leaven: 1\nsteps:\n" + steps).apply(image(), {.key = key}); }

TEST(ApiCustomOp, ValuesAreUsualGivenOrDrawnAndStandInTheLineage) {
  add_custom_op(level_op("level"));
  EXPECT_EQ(applied("  - custom.level\n").image.data[0], std::byte{7});
  const Applied given = applied("  - custom.level: {level: 200}\n");
  EXPECT_EQ(given.image.data, std::vector<std::byte>(24, std::byte{200}));
  EXPECT_NE(given.steps.find(R"("op":"custom.level","version":3)"), std::string::npos) << given.steps;
  std::set<std::byte> seen;
  for (int i = 0; i < 20; ++i) seen.insert(applied("  - custom.level: {level: {int: [1, 9]}}\n", std::to_string(i)).image.data[0]);
  EXPECT_GT(seen.size(), 4U);
  EXPECT_TRUE(*seen.begin() >= std::byte{1} && *seen.rbegin() <= std::byte{9});

  const Prepared again = prepare_again(given.steps, kShape);
  std::vector<std::byte> out(24);
  again.run(image(), out.data());
  EXPECT_EQ(out, given.image.data);
  EXPECT_NE(ops_schema().find("op_custom.level"), std::string::npos);
  const Recipe recipe = Recipe::from_text("leaven: 1\nsteps:\n  - custom.level: {level: 5, p: 0.5}\n");
  EXPECT_EQ(Recipe::from_text(recipe.yaml()).yaml(), recipe.yaml());
}

TEST(ApiCustomOp, GetsAllChannelsOfAPictureAtOnce) {
  // Every channel becomes the sum of all: no group of four could do that.
  CustomOp op = level_op("sum");
  op.work = [](const CustomCall& call, void* out) {
    const ImageView& image = call.image;
    auto* to = static_cast<std::uint8_t*>(out);
    for (int y = 0; y < image.height; ++y) {
      const auto* in = static_cast<const std::uint8_t*>(image.data) + image.stride * y;
      for (int x = 0; x < image.width; ++x, in += image.channels)
        for (int c = 0; c < image.channels; ++c, ++to) {
          int sum = 0;
          for (int k = 0; k < image.channels; ++k) sum += in[k];
          *to = static_cast<std::uint8_t>(sum);
        }
    }
  };
  add_custom_op(std::move(op));
  constexpr int kChannels = 6;
  std::vector<std::uint8_t> pixels(4 * 2 * kChannels);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % 7 + i / kChannels);
  ImageView view{.data = pixels.data(), .width = 4, .height = 2, .channels = kChannels};
  const Applied made = Recipe::from_text("leaven: 1\nsteps: [horizontal_flip, custom.sum, vertical_flip]\n").apply(view, {});
  ASSERT_EQ(made.image.data.size(), pixels.size());
  for (std::size_t y = 0; y < 2; ++y)
    for (std::size_t x = 0; x < 4; ++x) {
      const std::uint8_t* in = &pixels[((1 - y) * 4 + 3 - x) * kChannels];
      int sum = 0;
      for (int c = 0; c < kChannels; ++c) sum += in[c];
      for (std::size_t c = 0; c < kChannels; ++c) EXPECT_EQ(std::to_integer<int>(made.image.data[(y * 4 + x) * kChannels + c]), sum);
    }
  EXPECT_EQ(refusal([&] { Recipe::from_text("leaven: 1\nsteps: [{blend: {steps: [custom.sum]}}]\n").prepare({.width = 4, .height = 2, .channels = kChannels}); }),
            "recipe:2:10: blend: a step inside needs all channels at once, which inside others is for 1 to 4 of them, got 4×2×6 u8");
}

TEST(ApiCustomOp, RandomBitsBelongToTheDraw) {
  std::mutex mutex;
  std::vector<std::uint64_t> seeds;
  CustomOp op = level_op("seeded");
  op.fields.clear();
  op.work = [&](const CustomCall& call, void* out) {
    std::memset(out, 0, 24);
    const std::lock_guard lock(mutex);
    seeds.push_back(call.seed);
  };
  add_custom_op(std::move(op));
  for (const char* key : {"a", "b", "a"}) applied("  - custom.seeded\n", key);
  ASSERT_EQ(seeds.size(), 3U);
  EXPECT_EQ(seeds[0], seeds[2]);
  EXPECT_NE(seeds[0], seeds[1]);
}

TEST(ApiCustomOp, LabelsStayOrAreRefusedAsItSays) {
  CustomOp op = level_op("loses");
  op.labels = CustomLabels::lose;
  add_custom_op(std::move(op));
  add_custom_op(level_op("keeps"));
  Marks marks;
  marks.things.push_back({.box = MarkedBox{0, 0, 2, 2}, .polygons = {}, .keypoints = {}});
  const auto prepared = [](const char* step) { return Recipe::from_text(std::string("leaven: 1\nsteps:\n  - ") + step + "\n").prepare(kShape); };
  EXPECT_EQ(prepared("custom.keeps").move(marks).things.size(), 1U);
  EXPECT_EQ(refusal([&] { prepared("custom.loses").move(marks); }), "custom.loses: moves pixels in a way that labels cannot follow");
}

TEST(ApiCustomOp, ALaterOneOfTheSameNameServesRecipesReadLater) {
  add_custom_op(level_op("twice"));
  const Recipe before = Recipe::from_text("leaven: 1\nsteps:\n  - custom.twice\n");
  CustomOp op = level_op("twice");
  op.fields[0].usual = 9;
  add_custom_op(std::move(op));
  EXPECT_EQ(before.apply(image()).image.data[0], std::byte{7});
  EXPECT_EQ(applied("  - custom.twice\n").image.data[0], std::byte{9});
}

TEST(ApiCustomOp, WhatCannotBeIsRefused) {
  const auto refused = [](auto&& change) {
    CustomOp op = level_op("wrong");
    change(op);
    return refusal([&] { add_custom_op(op); });
  };
  EXPECT_EQ(refused([](CustomOp& op) { op.name = "Not so"; }), "the name of an op must be a word of a to z, 0 to 9 and _, got \"Not so\"");
  EXPECT_EQ(refused([](CustomOp& op) { op.fields[0].name = "p"; }), "custom.wrong: no field may be called p, as every step has it");
  EXPECT_EQ(refused([](CustomOp& op) { op.fields[0].usual = 300; }), "custom.wrong: the usual value of level must lie in its range");
  EXPECT_EQ(refused([](CustomOp& op) { op.fields.push_back(op.fields[0]); }), "custom.wrong: two fields are called level");
  EXPECT_EQ(refused([](CustomOp& op) { op.work = nullptr; }), "custom.wrong: there is no work to do");
  const std::string text = refusal([] { Recipe::from_text("leaven: 1\nsteps:\n  - custom.nobody\n"); });
  EXPECT_NE(text.find("unknown op custom.nobody (an op of somebody's own"), std::string::npos) << text;
  refusal([] { prepare_again(R"([{"op": "custom.nobody", "version": 1, "path": "custom.nobody", "key": "00000000000000000000000000000000", "values": {}}])", kShape); });
}

}  // namespace
}  // namespace leaven

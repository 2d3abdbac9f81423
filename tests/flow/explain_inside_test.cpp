// What explain tells of steps that hold steps.
#include <gtest/gtest.h>

#include "core/lineage.hpp"
#include "flow/names.hpp"
#include "flow/replay.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

Explanation told_of(const TestFolder& folder, const std::string& steps) {
  write_image(folder / "in" / "a" / "photo.png", picture(1));
  run(options_for(folder / "in", folder / "out", "seed: 5\naugment: {times: 1}\nsteps: " + steps + "\n"));
  return explain(find_lineage(folder / "out" / "a" / "photo_aug1.png", ops::op_table()));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(ExplainInside, NamesTheStepsAndTheirValues) {
  TestFolder folder;
  const Explanation told = told_of(folder, "[{blend: {mask: even, amount: 0.5, steps: [grayscale, {brightness: {by: 1.2}}]}}]");
  EXPECT_TRUE(has(told.text, "1. blend")) << told.text;
  EXPECT_TRUE(has(told.text, "   Inside:\n   - grayscale")) << told.text;
  EXPECT_TRUE(has(told.text, "   - brightness  by 1.2")) << told.text;
  EXPECT_TRUE(has(told.page, "<li>grayscale. ")) << "on the page, too";
  EXPECT_TRUE(has(told.text, "the same bytes")) << told.text;
}

TEST(ExplainInside, TilesWithDrawsOfTheirOwnAreToldOneByOneAndEqualOnesTogether) {
  TestFolder drawn;
  const Explanation own = told_of(drawn, "[{in_tiles: {columns: 2, rows: 1, share: 1, steps: [{brightness: {by: {uniform: [0.5, 1.5]}}}]}}]");
  EXPECT_TRUE(has(own.text, "   Inside, on picture 1:\n   - brightness  by ")) << own.text;
  EXPECT_TRUE(has(own.text, "   Inside, on picture 2:\n   - brightness  by ")) << own.text;
  EXPECT_TRUE(has(own.text, "* drawn for this copy alone"));
  TestFolder fixed;
  const Explanation alike = told_of(fixed, "[{in_tiles: {columns: 3, rows: 2, share: 1, steps: [{brightness: {by: 1.4}}]}}]");
  EXPECT_TRUE(has(alike.text, "   Inside, on pictures 1 to 6:\n   - brightness  by 1.4")) << alike.text;
  EXPECT_FALSE(has(alike.text, "on picture 2"));
}

TEST(ExplainInside, WhatHoldsWhatHoldsSteps) {
  TestFolder folder;
  const Explanation told = told_of(folder, "[{in_channels: {channels: [1], steps: [{blend: {mask: even, amount: 1, steps: [invert]}}]}}]");
  EXPECT_TRUE(has(told.text, "   Inside:\n   - blend")) << told.text;
  EXPECT_TRUE(has(told.text, "     Inside:\n     - invert")) << told.text;
}

}  // namespace
}  // namespace leaven::flow

// `augment: together`: samples that belong together under one draw.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/drawn_as.hpp"
#include "flow/job.hpp"
#include "ops/families.hpp"
#include "tests/flow/job_process.hpp"
#include "tests/flow/job_run.hpp"
#include "tests/flow/small_dataset.hpp"

namespace leaven::flow {
namespace {

namespace fs = std::filesystem;

/// The values of the copies' first step, by the copy's number and the source.
std::map<std::uint32_t, std::map<std::string, std::string>> draws_in(const fs::path& out) {
  std::map<std::uint32_t, std::map<std::string, std::string>> draws;
  for (const std::string& line : lines_of(out / kLineageFile)) {
    const LineageRecord record = lineage_from_json(line, ops::op_table());
    if (record.copy > 0) draws[record.copy][record.source] = to_text(record.program.steps.at(0).op.get("degrees"));
  }
  return draws;
}

std::string error_of(const fs::path& in, const fs::path& out, const std::string& recipe) {
  try {
    run(options_for(in, out, recipe));
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    return error.what();
  }
  return "no error";
}

TEST(Together, SamplesOfOneGroupHaveOneDrawACopy) {
  TestFolder folder;
  write_classes(folder / "in", {"cat", "dog"}, 2);
  for (const std::string name : {"cat", "dog"}) {
    int pair = 0;
    std::set<fs::path> files;
    for (const auto& file : fs::directory_iterator(folder / "in" / name)) files.insert(file.path());
    for (const fs::path& file : files) fs::rename(file, folder / "in" / name / ("street_" + std::string(pair++ == 0 ? "left" : "right") + ".jpg"));
  }
  run(options_for(folder / "in", folder / "out",
                  "augment: {times: 3, together: '^(.*)_(?:left|right)'}\nsteps:\n  - rotate: {degrees: {uniform: [-90, 90]}}\n"));
  const auto draws = draws_in(folder / "out");
  ASSERT_EQ(draws.size(), 3U);
  std::set<std::string> seen;
  for (const auto& [copy, of] : draws) {
    ASSERT_EQ(of.size(), 4U);
    EXPECT_EQ(of.at("cat/street_left.jpg"), of.at("cat/street_right.jpg"));
    EXPECT_EQ(of.at("dog/street_left.jpg"), of.at("dog/street_right.jpg"));
    for (const auto& [source, degrees] : of) seen.insert(degrees);
  }
  EXPECT_EQ(seen.size(), 6U);  // two groups, three copies
}

TEST(Together, NamesOfFramesAndOfWhatMatchesNothing) {
  recipe::Augment augment;
  EXPECT_EQ(drawn_as(augment, "cat/walk.gif.0003.png"), "cat/walk.gif.0003.png");
  augment.together = "frames";
  EXPECT_EQ(drawn_as(augment, "cat/walk.gif.0003.png"), "cat/walk.gif");
  EXPECT_EQ(drawn_as(augment, "cat/pages.tif.0001.tif"), "cat/pages.tif");
  EXPECT_EQ(drawn_as(augment, "cat/walk.png"), "cat/walk.png");
}

TEST(Together, IsRefusedWhereItCannotHold) {
  TestFolder folder;
  write_classes(folder / "in", {"cat"}, 2);
  const std::string steps = "\nsteps: [horizontal_flip]\n";
  EXPECT_NE(error_of(folder / "in", folder / "a", "augment: {together: frames}" + steps).find("frames are samples with --input-format frames"), std::string::npos);
  EXPECT_NE(error_of(folder / "in", folder / "b", "augment: {together: '(.*)'}\nlabels: {require: any}" + steps).find("labels: require draws single ones anew"),
            std::string::npos);
  EXPECT_THROW(options_for(folder / "in", folder / "c", "augment: {together: 'left'}" + steps), Error);
  EXPECT_THROW(options_for(folder / "in", folder / "c", "augment: {together: '(left'}" + steps), Error);
}

}  // namespace
}  // namespace leaven::flow

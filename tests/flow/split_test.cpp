#include "flow/split.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/error.hpp"
#include "tests/flow/made_index.hpp"

namespace leaven::flow {
namespace {

using io::Split;
using Method = recipe::SplitStage::Method;

recipe::Recipe splitting(Method method, double val, double test, std::uint64_t seed = 0) {
  recipe::Recipe recipe;
  recipe.has_split = true;
  recipe.seed = seed;
  recipe.split.method = method;
  recipe.split.val = val;
  recipe.split.test = test;
  return recipe;
}

std::vector<Split> split(const io::DatasetIndex& index, const recipe::Recipe& recipe) {
  return assign_splits(index, recipe, std::vector<bool>(index.entries.size()));
}

std::map<std::string, std::map<Split, int>> counts(const io::DatasetIndex& index, const std::vector<Split>& splits) {
  std::map<std::string, std::map<Split, int>> table;
  for (std::size_t e = 0; e < splits.size(); ++e) ++table[index.labels[index.entries[e].label]][splits[e]];
  return table;
}

std::map<Split, int> totals(const std::vector<Split>& splits) {
  std::map<Split, int> sum;
  for (const Split s : splits) ++sum[s];
  return sum;
}

TEST(Split, NoStageNoSplit) {
  const io::DatasetIndex index = made_index(numbered("cat", 20));
  for (const Split s : split(index, {})) EXPECT_EQ(s, Split::none);
}

TEST(Split, OwnSplitsAreKept) {
  std::vector<std::string> ids = numbered("train/cat", 10);
  append(ids, numbered("test/cat", 5));
  const io::DatasetIndex index = made_index(ids);
  const std::vector<Split> splits = split(index, splitting(Method::hash, 0.5, 0.2));
  EXPECT_EQ(totals(splits), (std::map<Split, int>{{Split::train, 10}, {Split::test, 5}}));
}

TEST(SplitHash, SharesAndIndependence) {
  const io::DatasetIndex all = made_index(numbered("cat", 4000));
  const recipe::Recipe recipe = splitting(Method::hash, 0.2, 0.1, 7);
  const std::vector<Split> splits = split(all, recipe);
  // Binomial: standard deviations 25 and 19.
  EXPECT_NEAR(totals(splits)[Split::val], 800, 100);
  EXPECT_NEAR(totals(splits)[Split::test], 400, 76);
  // A sample's place does not depend on which others there are.
  const io::DatasetIndex half = made_index(numbered("cat", 2000));
  const std::vector<Split> of_half = split(half, recipe);
  for (std::size_t e = 0; e < of_half.size(); ++e) EXPECT_EQ(of_half[e], splits[e]);
  EXPECT_NE(split(all, splitting(Method::hash, 0.2, 0.1, 8)), splits) << "the seed matters";
}

TEST(SplitStratified, EveryClassGetsItsShare) {
  std::vector<std::string> ids = numbered("cat", 100);
  append(ids, numbered("dog", 50));
  append(ids, numbered("owl", 10));
  const io::DatasetIndex index = made_index(ids);
  auto table = counts(index, split(index, splitting(Method::stratified, 0.2, 0.1)));
  EXPECT_EQ(table["cat"], (std::map<Split, int>{{Split::train, 70}, {Split::val, 20}, {Split::test, 10}}));
  EXPECT_EQ(table["dog"], (std::map<Split, int>{{Split::train, 35}, {Split::val, 10}, {Split::test, 5}}));
  EXPECT_EQ(table["owl"], (std::map<Split, int>{{Split::train, 7}, {Split::val, 2}, {Split::test, 1}}));
}

// 40 classes of 5 with 10 %: half a sample a class. In all it must be 20, no class may give more than one.
TEST(SplitStratified, RemaindersAreRightInAll) {
  std::vector<std::string> ids;
  for (int c = 0; c < 40; ++c) append(ids, numbered("class" + std::to_string(c), 5));
  const io::DatasetIndex index = made_index(ids);
  const std::vector<Split> splits = split(index, splitting(Method::stratified, 0.1, 0.0));
  EXPECT_EQ(totals(splits)[Split::val], 20);
  for (auto& [label, row] : counts(index, splits)) EXPECT_LE(row[Split::val], 1) << label;
}

TEST(SplitStratified, NoClassLosesItsLastSample) {
  std::vector<std::string> ids = numbered("many", 10);
  append(ids, {"one/a.jpg", "two/a.jpg", "two/b.jpg"});
  const io::DatasetIndex index = made_index(ids);
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (auto& [label, row] : counts(index, split(index, splitting(Method::stratified, 0.45, 0.45, seed))))
      EXPECT_GE(row[Split::train], 1) << label << " seed " << seed;
}

TEST(SplitStratified, IgnoresWhatIsSetAside) {
  const io::DatasetIndex index = made_index(numbered("cat", 100));
  std::vector<bool> aside(100);
  for (std::size_t e = 0; e < 50; ++e) aside[e] = true;
  const std::vector<Split> splits = assign_splits(index, splitting(Method::stratified, 0.2, 0), aside);
  EXPECT_EQ(totals(splits)[Split::val], 10);
  for (std::size_t e = 0; e < 50; ++e) EXPECT_EQ(splits[e], Split::none);
}

TEST(SplitGroup, GroupsNeverStraddle) {
  std::vector<std::string> ids;
  for (int patient = 0; patient < 20; ++patient)
    for (int scan = 0; scan < 5 + patient % 3; ++scan)
      ids.push_back("lung/p" + std::to_string(patient) + "_" + std::to_string(scan) + ".png");
  const io::DatasetIndex index = made_index(ids);
  recipe::Recipe recipe = splitting(Method::group, 0.2, 0.2);
  recipe.split.group = "/(p[0-9]+)_";
  const std::vector<Split> splits = split(index, recipe);
  std::map<std::string, std::set<Split>> of_group;
  for (std::size_t e = 0; e < splits.size(); ++e) {
    const std::string& id = index.entries[e].id;
    of_group[id.substr(0, id.find('_'))].insert(splits[e]);
  }
  EXPECT_EQ(of_group.size(), 20U);
  for (const auto& [group, seen] : of_group) EXPECT_EQ(seen.size(), 1U) << group;
  // As near as whole groups of up to 7 allow.
  const double share = 0.2 * static_cast<double>(ids.size());
  EXPECT_NEAR(totals(splits)[Split::val], share, 3.5);
  EXPECT_NEAR(totals(splits)[Split::test], share, 3.5);
}

TEST(SplitGroup, AnExpressionThatMatchesNothingIsRefused) {
  const io::DatasetIndex index = made_index(numbered("cat", 5));
  recipe::Recipe recipe = splitting(Method::group, 0.2, 0);
  recipe.split.group = "patient([0-9]+)";
  try {
    split(index, recipe);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::usage);
    EXPECT_NE(std::string(e.what()).find("cat/0000.jpg"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace leaven::flow

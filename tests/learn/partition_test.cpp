#include "learn/partition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

std::vector<std::string> ids_of(int cats, int dogs) {
  std::vector<std::string> ids;
  for (int i = 0; i < cats; ++i) ids.push_back("cat/" + std::to_string(1000 + i));
  for (int i = 0; i < dogs; ++i) ids.push_back("dog/" + std::to_string(1000 + i));
  return ids;
}

std::map<std::string, int> counts(const Entries& entries, const io::DatasetIndex& index) {
  std::map<std::string, int> found;
  for (const std::uint32_t e : entries) ++found[index.labels[index.entries[e].label]];
  return found;
}

bool disjoint(const Entries& a, const Entries& b) {
  return std::ranges::none_of(a, [&](std::uint32_t e) { return std::ranges::find(b, e) != b.end(); });
}

TEST(Partition, TestIsStratifiedAndDisjointFromAllFolds) {
  const io::DatasetIndex index = made_index(ids_of(50, 100));
  const Partition p = divide(index, {.test = 0.2, .validation = 0.25, .seeds = 3});
  EXPECT_EQ(counts(p.test, index), (std::map<std::string, int>{{"cat", 10}, {"dog", 20}}));
  ASSERT_EQ(p.folds.size(), 3U);
  for (const Fold& fold : p.folds) {
    EXPECT_EQ(counts(fold.validation, index), (std::map<std::string, int>{{"cat", 10}, {"dog", 20}}));
    EXPECT_EQ(counts(fold.train, index), (std::map<std::string, int>{{"cat", 30}, {"dog", 60}}));
    EXPECT_TRUE(disjoint(fold.train, p.test) && disjoint(fold.validation, p.test) && disjoint(fold.train, fold.validation));
  }
  EXPECT_NE(p.folds[0].train, p.folds[1].train);
}

TEST(Partition, AFoldDependsOnItsSeedAlone) {
  const io::DatasetIndex index = made_index(ids_of(50, 50));
  const Partition few = divide(index, {.seeds = 2}), many = divide(index, {.seeds = 5});
  EXPECT_EQ(few.test, many.test);
  EXPECT_EQ(few.folds[1].train, many.folds[1].train);
}

TEST(Partition, PerClassTakesSoManyOfEach) {
  const io::DatasetIndex index = made_index(ids_of(50, 100));
  const Partition p = divide(index, {.per_class = 7, .seeds = 2});
  EXPECT_EQ(counts(p.folds[0].train, index), (std::map<std::string, int>{{"cat", 7}, {"dog", 7}}));
  EXPECT_EQ(counts(p.folds[0].validation, index), (std::map<std::string, int>{{"cat", 7}, {"dog", 7}}));
  const Partition short_of = divide(index, {.per_class = 60, .seeds = 1});
  ASSERT_EQ(short_of.notes.size(), 1U);
  EXPECT_EQ(short_of.notes[0], "class cat has 32 samples to train on, not 60");
}

TEST(Partition, TheDatasetsOwnTestSplitIsKept) {
  io::DatasetIndex index = made_index(ids_of(20, 20));
  index.has_splits = true;
  for (std::size_t i = 0; i < index.entries.size(); ++i)
    index.entries[i].split = i % 4 == 0 ? io::Split::test : i % 4 == 1 ? io::Split::val : io::Split::train;
  const Partition p = divide(index, {.seeds = 2});
  EXPECT_EQ(p.test.size(), 10U);
  for (const std::uint32_t e : p.test) EXPECT_EQ(e % 4, 0U);
  for (const Fold& fold : p.folds) {
    EXPECT_EQ(fold.validation.size(), 10U);
    for (const std::uint32_t e : fold.validation) EXPECT_EQ(e % 4, 1U);
    EXPECT_EQ(fold.train.size(), 20U);
  }
  EXPECT_EQ(p.notes.front(), "the dataset's own test split is the test split");
}

TEST(Partition, GroupsStayTogether) {
  std::vector<std::string> ids;
  for (int patient = 0; patient < 20; ++patient)
    for (int i = 0; i < 4; ++i) ids.push_back((i < 2 ? "cat/p" : "dog/p") + std::to_string(100 + patient) + "_" + std::to_string(i));
  std::ranges::sort(ids);
  const io::DatasetIndex index = made_index(ids);
  const Partition p = divide(index, {.group = "/(p\\d+)_", .seeds = 3});
  const auto group = [&](std::uint32_t e) { return index.entries[e].id.substr(4, 4); };
  for (const Fold& fold : p.folds) {
    std::map<std::string, std::set<int>> sides;
    for (const std::uint32_t e : p.test) sides[group(e)].insert(0);
    for (const std::uint32_t e : fold.train) sides[group(e)].insert(1);
    for (const std::uint32_t e : fold.validation) sides[group(e)].insert(2);
    EXPECT_EQ(sides.size(), 20U);
    for (const auto& [name, side] : sides) EXPECT_EQ(side.size(), 1U) << name;
  }
}

TEST(Partition, AClassOfOneSampleIsTrainedOnAndNamed) {
  std::vector<std::string> ids = ids_of(20, 20);
  ids.push_back("zebra/1");
  const io::DatasetIndex index = made_index(ids);
  const Partition p = divide(index, {.seeds = 1});
  EXPECT_EQ(counts(p.test, index).count("zebra"), 0U);
  EXPECT_EQ(p.notes, std::vector<std::string>{"class zebra has no sample to test with: nothing is known of it"});
}

TEST(Partition, AClassThatOnlyTheTestSplitHasIsNamed) {
  io::DatasetIndex index = made_index(ids_of(10, 10));
  for (io::Entry& entry : index.entries) entry.split = entry.label == 1 || entry.id > "cat/1005" ? io::Split::test : io::Split::train;
  const Partition p = divide(index, {.seeds = 1});
  EXPECT_NE(std::ranges::find(p.notes, "class dog has no sample to train on: its 10 test samples count as wrong"), p.notes.end());
}

TEST(Partition, RefusesWhatHasNoClasses) {
  io::DatasetIndex numbers = made_index(ids_of(5, 5));
  numbers.label_kind = io::LabelKind::number;
  EXPECT_THROW(divide(numbers, {}), Error);
  EXPECT_THROW(divide(made_index(ids_of(9, 0)), {}), Error);
}

TEST(Partition, RemovedEntriesAreGoneEverywhere) {
  const io::DatasetIndex index = made_index(ids_of(20, 20));
  Partition p = divide(index, {.seeds = 2});
  const std::uint32_t tested = p.test.front(), trained = p.folds[0].train.front();
  p.remove({tested, trained});
  EXPECT_TRUE(disjoint(p.used(), {tested}));
  for (const Fold& fold : p.folds) EXPECT_TRUE(disjoint(fold.train, {trained}) && disjoint(fold.validation, {trained}));
}

}  // namespace
}  // namespace leaven::learn

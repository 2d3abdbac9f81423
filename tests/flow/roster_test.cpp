#include "flow/roster.hpp"

#include <gtest/gtest.h>

#include <map>

#include "core/error.hpp"
#include "tests/flow/made_index.hpp"

namespace leaven::flow {
namespace {

std::vector<bool> none_aside(const io::DatasetIndex& index) { return std::vector<bool>(index.entries.size()); }

recipe::Recipe times(std::uint32_t n) {
  recipe::Recipe recipe;
  recipe.augment.times = n;
  return recipe;
}

std::map<std::string, std::uint64_t> outputs_by_class(const io::DatasetIndex& index, const Roster& roster) {
  std::map<std::string, std::uint64_t> table;
  for (const RosterSource& s : roster.sources())
    table[index.labels[index.entries[s.entry].label]] += s.copies + (s.original ? 1U : 0U);
  return table;
}

TEST(Roster, TimesGivesEachSampleAsMany) {
  const io::DatasetIndex index = made_index(numbered("cat", 5));
  const Roster roster(index, times(3), none_aside(index));
  EXPECT_EQ(roster.outputs(), 20U);
  EXPECT_EQ(roster.output_id(1, 0, "jpg"), "cat/0001.jpg");
  EXPECT_EQ(roster.output_id(1, 3, "jpg"), "cat/0001_aug3.jpg");
}

TEST(Roster, OriginalsCanStayAway) {
  const io::DatasetIndex index = made_index({"train/cat/a.jpg", "train/cat/b.jpg", "test/cat/c.jpg"});
  recipe::Recipe recipe = times(3);
  recipe.augment.originals = recipe::Originals::none;
  const Roster roster(index, recipe, none_aside(index));
  EXPECT_EQ(roster.outputs(), 7U) << "test is copied all the same, or the split would be lost";
}

TEST(Roster, OnlyTrainGrows) {
  const io::DatasetIndex index = made_index({"train/cat/a.jpg", "val/cat/b.jpg", "test/cat/c.jpg"});
  const Roster roster(index, times(4), none_aside(index));
  for (const RosterSource& s : roster.sources()) EXPECT_EQ(s.copies, s.split == io::Split::train ? 4U : 0U);
  EXPECT_EQ(roster.outputs(), 7U);
}

TEST(Roster, SetAsideSamplesAreNotInIt) {
  const io::DatasetIndex index = made_index(numbered("cat", 4));
  std::vector<bool> aside(4);
  aside[1] = aside[2] = true;
  const Roster roster(index, times(1), aside);
  ASSERT_EQ(roster.sources().size(), 2U);
  EXPECT_EQ(roster.output_id(1, 0, "jpg"), "cat/0003.jpg");
}

TEST(Roster, PerClassBalances) {
  std::vector<std::string> ids = numbered("common", 70);
  append(ids, numbered("rare", 3));
  append(ids, numbered("some", 40));
  const io::DatasetIndex index = made_index(ids);
  recipe::Recipe recipe;
  recipe.augment.per_class = 50;
  const Roster roster(index, recipe, none_aside(index));
  EXPECT_EQ(outputs_by_class(index, roster),
            (std::map<std::string, std::uint64_t>{{"common", 70}, {"rare", 50}, {"some", 50}}));
  EXPECT_EQ(roster.larger_classes(), 1U);
  std::map<std::uint32_t, int> rare;  // 47 copies of 3: 16, 16, 15
  for (const RosterSource& s : roster.sources())
    if (index.labels[index.entries[s.entry].label] == "rare") ++rare[s.copies];
  EXPECT_EQ(rare, (std::map<std::uint32_t, int>{{15, 1}, {16, 2}}));
}

TEST(Roster, TotalIsMetExactlyAndSpreadEvenly) {
  const io::DatasetIndex index = made_index(numbered("cat", 30));
  for (const bool originals : {true, false})
    for (const std::uint64_t total : {7U, 30U, 31U, 100U, 300U}) {
      if (originals && total < 30) continue;
      recipe::Recipe recipe;
      recipe.augment.total = total;
      if (!originals) recipe.augment.originals = recipe::Originals::none;
      const Roster roster(index, recipe, none_aside(index));
      EXPECT_EQ(roster.outputs(), total);
      std::uint32_t least = 1000, most = 0;
      for (const RosterSource& s : roster.sources()) least = std::min(least, s.copies), most = std::max(most, s.copies);
      EXPECT_LE(most - least, 1U);
    }
}

TEST(Roster, ATotalBelowTheOriginalsIsRefused) {
  const io::DatasetIndex index = made_index(numbered("cat", 30));
  recipe::Recipe recipe;
  recipe.augment.total = 29;
  try {
    Roster(index, recipe, none_aside(index));
    FAIL() << "was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("a total of 29 is less than the 30 originals that stay"),
              std::string::npos)
        << error.what();
  }
}

// What --resume with more copies rests on: no source ever gets fewer.
TEST(Roster, MoreAskedNeverGivesASourceFewer) {
  std::vector<std::string> ids = numbered("a", 13);
  append(ids, numbered("b", 4));
  const io::DatasetIndex index = made_index(ids);
  std::vector<std::uint32_t> total_before(17), class_before(17);
  for (std::uint64_t wanted = 1; wanted < 90; ++wanted) {
    recipe::Recipe by_total, by_class;
    by_total.augment.total = 16 + wanted;
    by_class.augment.per_class = wanted;
    const Roster total(index, by_total, none_aside(index)), classes(index, by_class, none_aside(index));
    for (std::size_t s = 0; s < 17; ++s) {
      EXPECT_GE(total.sources()[s].copies, total_before[s]);
      EXPECT_GE(classes.sources()[s].copies, class_before[s]);
      total_before[s] = total.sources()[s].copies;
      class_before[s] = classes.sources()[s].copies;
    }
  }
}

TEST(Roster, WhatIsLeftOverGoesByTheSeed) {
  const io::DatasetIndex index = made_index(numbered("cat", 40));
  const auto favoured = [&](std::uint64_t seed) {
    recipe::Recipe recipe;
    recipe.seed = seed;
    recipe.augment.total = 60;
    const Roster roster(index, recipe, none_aside(index));
    std::vector<std::uint32_t> entries;
    for (const RosterSource& s : roster.sources())
      if (s.copies == 1) entries.push_back(s.entry);
    EXPECT_EQ(entries.size(), 20U);
    return entries;
  };
  EXPECT_NE(favoured(1), favoured(2));
  EXPECT_EQ(favoured(1), favoured(1));
}

TEST(Roster, RefusesWhatCannotBe) {
  recipe::Recipe per_class;
  per_class.augment.per_class = 5;
  const io::DatasetIndex flat = made_index({"a.jpg", "b.jpg"}, "flat");
  EXPECT_THROW(Roster(flat, per_class, none_aside(flat)), Error);
  io::DatasetIndex several = made_index({"x/a.jpg"}, "csv");
  several.label_kind = io::LabelKind::categories;
  try {
    Roster(several, per_class, none_aside(several));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.fault(), Fault::usage);
    EXPECT_NE(std::string(e.what()).find("several labels a sample"), std::string::npos) << e.what();
  }
  recipe::Recipe total;
  total.augment.total = 100;
  const io::DatasetIndex test_only = made_index({"test/cat/a.jpg"});
  EXPECT_THROW(Roster(test_only, total, none_aside(test_only)), Error);
}

TEST(SetAside, LineRoundTrip) {
  const SetAside line{"cat/\"x\".jpg", "truncated JPEG: 12 of 30 rows", kBroken, ""};
  EXPECT_EQ(to_json_line(line), R"({"id":"cat/\"x\".jpg","kind":"broken","reason":"truncated JPEG: 12 of 30 rows"})");
  const SetAside back = set_aside_from_json(to_json_line({"c/a_aug2.jpg", "why", kUnfit, "c/a.jpg"}));
  EXPECT_EQ(back.source, "c/a.jpg");
  EXPECT_EQ(back.kind, kUnfit);
  EXPECT_NO_THROW(to_json_line({"\xFF.jpg", "x", kBroken, ""}));
}

}  // namespace
}  // namespace leaven::flow

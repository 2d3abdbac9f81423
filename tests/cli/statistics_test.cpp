#include "flow/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>

#include "core/error.hpp"
#include "flow/statistics_glance.hpp"
#include "ops/families.hpp"

namespace leaven::flow {
namespace {

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

TEST(Histogram, IsExactForFewValues) {
  Histogram h;
  for (const double v : {0.0, 1.0, 2.0, 3.0, 4.0, 4.0}) h.add(v);
  EXPECT_EQ(h.counts(4), (std::vector<std::uint64_t>{1, 1, 1, 3}));
  EXPECT_EQ(h.lowest(), 0);
  EXPECT_EQ(h.highest(), 4);
  EXPECT_DOUBLE_EQ(h.mean(), 14.0 / 6);
}

TEST(Histogram, CountsOneValueOften) {
  Histogram h;
  for (int i = 0; i < 10'000; ++i) h.add(-7.25);
  EXPECT_EQ(h.counts(3), (std::vector<std::uint64_t>{10'000, 0, 0}));
}

TEST(Histogram, LosesNothingWhenTheRangeGrowsBothWays) {
  // The range is learnt from [0, 1], then widened a thousandfold on both sides: an even spread must stay even.
  Histogram h;
  for (int i = 0; i < 1000; ++i) h.add(i / 1000.0);
  for (int i = -10'000; i <= 10'000; ++i) h.add(i * 0.1);
  const auto counts = h.counts(9);  // the middle one holds [0, 1]
  EXPECT_EQ(sum(counts), 21'001U);
  EXPECT_EQ(h.lowest(), -1000);
  EXPECT_EQ(h.highest(), 1000);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = 20'001 / 9.0 + (i == 4 ? 1000 : 0);
    EXPECT_NEAR(static_cast<double>(counts[i]), expected, 2 * 20'001 / 256.0) << i;
  }
}

TEST(Histogram, PassesByWhatIsNoNumber) {
  Histogram h;
  h.add(std::nan(""));
  h.add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(h.count(), 0U);
  EXPECT_EQ(sum(h.counts(5)), 0U);
}

/// A lineage line with given steps, written by the product's own writer.
std::string line_of(const std::string& source, const std::string& label, std::uint32_t copy,
                    const std::vector<std::pair<std::string, double>>& brightness_and_name,
                    const std::string& split = "") {
  LineageRecord record;
  record.id = copy == 0 ? source : source + "_aug" + std::to_string(copy);
  record.source = source;
  record.label = label;
  record.split = split;
  record.copy = copy;
  for (const auto& [name, by] : brightness_and_name) {
    ProgramStep step;
    step.op = OpValue(ops::op_table().at(name));
    step.path = name;
    if (name == "brightness") step.op.set("by", by);
    record.program.steps.push_back(step);
  }
  if (copy > 0) record.encoding.format = "png";
  return to_json_line(record) + "\n";
}

Pool pool(2);

TEST(GatherStatistics, CountsOpsValuesClassesAndSplits) {
  std::istringstream lines(line_of("cat/a.png", "cat", 0, {}) +
                           line_of("cat/a.png", "cat", 1, {{"horizontal_flip", 0}, {"brightness", 0.5}}) +
                           line_of("cat/a.png", "cat", 2, {{"brightness", 1.5}, {"brightness", 1.0}}) +
                           line_of("dog/b.png", "dog", 0, {}, "test"));
  const Statistics s = gather_statistics(lines, ops::op_table(), "lineage", pool);
  EXPECT_EQ(s.lines, 4U);
  EXPECT_EQ(s.originals, 2U);
  EXPECT_EQ(s.copies, 2U);
  EXPECT_EQ(s.classes.at("cat"), (std::array<std::uint64_t, 3>{1, 2, 0}));
  EXPECT_FALSE(s.classes.contains("dog")) << "test samples are not part of what grew";
  EXPECT_EQ(s.splits.at("test"), (std::array<std::uint64_t, 3>{1, 0, 0}));
  ASSERT_EQ(s.ops.size(), 2U);
  EXPECT_EQ(s.ops[0].op->name, "brightness");
  EXPECT_EQ(s.ops[0].times, 3U);
  EXPECT_EQ(s.ops[0].outputs, 2U) << "it ran twice in one of them";
  const FieldStatistics& by = s.ops[0].fields.front();
  EXPECT_EQ(by.field->name, "by");
  EXPECT_TRUE(by.varies());
  EXPECT_EQ(by.numbers.lowest(), 0.5);
  EXPECT_EQ(by.numbers.highest(), 1.5);
  EXPECT_EQ(s.ops[1].op->name, "horizontal_flip");
  EXPECT_EQ(s.ops[1].outputs, 1U);
}

TEST(GatherStatistics, ChoosesExamplesFromEveryClass) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    const std::string source = "img" + std::to_string(i);
    // One class holds nearly all; two are rare.
    const std::string label = i == 17 ? "rare" : i == 140 ? "odd" : "usual";
    for (std::uint32_t copy = 0; copy <= 6; ++copy) text += line_of(source, label, copy, {});
  }
  std::istringstream lines(text), again(text);
  const Statistics s = gather_statistics(lines, ops::op_table(), "lineage", pool, {.examples = 5});
  ASSERT_EQ(s.examples.size(), 5U);
  std::map<std::string, int> seen;
  for (const Example& example : s.examples) {
    ++seen[example.label];
    EXPECT_EQ(example.lines.size(), Example::kLines) << "of six copies";
    EXPECT_EQ(lineage_from_json(example.lines[0], ops::op_table()).source, example.source);
  }
  EXPECT_EQ(seen, (std::map<std::string, int>{{"odd", 1}, {"rare", 1}, {"usual", 3}}));
  const Statistics same = gather_statistics(again, ops::op_table(), "lineage", pool, {.examples = 5});
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(same.examples[i].source, s.examples[i].source);
}

TEST(GatherStatistics, LooksAtSomeValuesOfManyLinesAndCountsAll) {
  std::string text;
  for (std::uint32_t i = 0; i < 4000; ++i)
    text += line_of("s" + std::to_string(i / 4), "cat", i % 4,
                    i % 2 == 0 ? std::vector<std::pair<std::string, double>>{}
                               : std::vector<std::pair<std::string, double>>{{"brightness", 1 + i % 4 * 0.1}});
  std::istringstream lines(text), again(text);
  const StatisticsLimits limits{.expected_lines = 4000, .whole_lines = 400};
  const Statistics s = gather_statistics(lines, ops::op_table(), "lineage", pool, limits);
  Pool alone(1);
  const Statistics same = gather_statistics(again, ops::op_table(), "lineage", alone, limits);
  EXPECT_EQ(s.read_whole, same.read_whole);
  EXPECT_EQ(s.ops.at(0).fields.at(0).numbers.counts(10), same.ops.at(0).fields.at(0).numbers.counts(10));
  EXPECT_EQ(s.lines, 4000U);
  EXPECT_EQ(s.copies, 3000U);
  ASSERT_EQ(s.ops.size(), 1U);
  EXPECT_EQ(s.ops[0].times, 2000U);
  EXPECT_NEAR(static_cast<double>(s.read_whole), 400, 5 * std::sqrt(400 * 0.9));  // five standard deviations
  const Histogram& by = s.ops[0].fields.front().numbers;
  EXPECT_NEAR(static_cast<double>(by.count()), 200, 5 * std::sqrt(200 * 0.9));
  EXPECT_NEAR(by.mean(), 1.2, 0.05) << "copies 1 (1.1) and 3 (1.3) alike";
}

TEST(GlanceAt, SeesWhatTheWholeReaderSees) {
  LineageRecord record;
  record.id = record.source = "a \"copy\":7,\\ {\"op\":\"x\" é\n.png";
  record.label = "say \"hi\"";
  record.split = "train";
  record.copy = 12;
  record.attempt = 3;
  for (const char* name : {"invert", "gaussian_blur", "invert"}) {
    record.program.steps.emplace_back();
    record.program.steps.back().op = OpValue(ops::op_table().at(name));
  }
  const std::string line = to_json_line(record);
  Glance glance;
  glance_at(line, glance);
  const LineageRecord whole = lineage_from_json(line, ops::op_table());
  EXPECT_EQ(glance.source, whole.source);
  EXPECT_EQ(glance.label, whole.label);
  EXPECT_EQ(glance.split, whole.split);
  EXPECT_EQ(glance.copy, whole.copy);
  EXPECT_EQ(glance.attempt, whole.attempt);
  EXPECT_TRUE(glance.copied);
  EXPECT_EQ(glance.ops, (std::vector<std::string_view>{"invert", "gaussian_blur", "invert"}));
  record.encoding.format = "png";
  const std::string encoded = to_json_line(record);
  glance_at(encoded, glance);
  EXPECT_FALSE(glance.copied);
  for (const char* bad : {"", "{", "{\"id\":1}", "{\"copy\":1,\"steps\":["})
    EXPECT_THROW(glance_at(bad, glance), Error) << bad;
}

TEST(GatherStatistics, NamesTheMalformedLine) {
  for (const int before : {1, 5000}) {
    std::string text;
    for (int i = 0; i < before; ++i) text += line_of("a", "", 0, {});
    std::istringstream lines(text + "{\"id\": 3\n");
    try {
      gather_statistics(lines, ops::op_table(), "leaven.lineage.jsonl", pool);
      FAIL() << "a malformed line was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_EQ(error.place(), "leaven.lineage.jsonl:" + std::to_string(before + 1));
    }
  }
}

}  // namespace
}  // namespace leaven::flow

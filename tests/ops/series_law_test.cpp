// Laws that every op on series keeps.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/lineage.hpp"
#include "tests/ops/series_run.hpp"

namespace leaven::ops {
namespace {

std::vector<const OpInfo*> series_ops() {
  std::vector<const OpInfo*> ops;
  for (const auto& info : op_table().all())
    if (info->domain == Domain::series) ops.push_back(info.get());
  return ops;
}

std::vector<Series> law_series() {
  std::vector<Series> all;
  for (const std::size_t length : {1U, 2U, 3U, 7U, 64U, 127U})
    for (const std::size_t channels : {1U, 3U})
      for (const bool odd : {false, true}) all.push_back(wavy_series(length, channels, length, odd));
  Series empty = wavy_series(16, 2, 1, true);
  std::ranges::fill(empty.channel(1), kGap);
  all.push_back(std::move(empty));
  all.push_back(series_of(std::vector<double>(32, 5)));
  return all;
}

class SeriesLaw : public testing::TestWithParam<const OpInfo*> {
 protected:
  const OpInfo& info() const { return *GetParam(); }
  std::vector<OpValue> settings() const {
    return {drawn_op(info(), key_number(1)), drawn_op(info(), key_number(2)), strong_op(info(), key_number(3))};
  }
};

TEST_P(SeriesLaw, FastEqualsReference) {
  for (const Series& series : law_series())
    for (const OpValue& op : settings()) {
      const plan::DrawnSeries drawn = lowered({op}, series);
      const plan::SeriesPlan plan = plan::plan_series(drawn.lowered, true);
      const Series fast = plan::run_fast(plan, series), reference = plan::run_reference(plan, series);
      ASSERT_EQ(fast.length, reference.length);
      EXPECT_TRUE(same_values(fast.values, reference.values, 1e-9)) << series.length << "×" << series.channels;
      EXPECT_TRUE(same_values(fast.stamps, reference.stamps, 1e-9));
      EXPECT_EQ(fast.marks, reference.marks);
    }
}

TEST_P(SeriesLaw, StaysASeries) {
  for (const Series& series : law_series())
    for (const OpValue& op : settings()) {
      const plan::DrawnSeries drawn = lowered({op}, series);
      const Series out = run({op}, series);
      EXPECT_EQ(out.length, drawn.out.length);
      EXPECT_EQ(out.channels, series.channels);
      ASSERT_EQ(out.values.size(), out.length * out.channels);
      ASSERT_EQ(out.stamps.size(), series.stamps.empty() ? 0 : out.length);
      EXPECT_TRUE(std::ranges::adjacent_find(out.stamps, std::greater_equal<>()) == out.stamps.end()) << "stamps must ascend";
      ASSERT_EQ(out.marks.size(), series.marks.size());
      for (const SeriesMarks& marks : out.marks) EXPECT_EQ(marks.words.size(), out.length);
      double share = 0;
      for (const auto& [label, part] : drawn.shares) share += part;
      EXPECT_NEAR(share, 1, 1e-12);
    }
}

TEST_P(SeriesLaw, SameKeySameBytesOtherwiseNot) {
  const Series series = wavy_series(64, 3);
  const OpValue op = drawn_op(info(), key_number(1));
  EXPECT_TRUE(same_values(run({op}, series, key_number(5)).values, run({op}, series, key_number(5)).values));
}

TEST_P(SeriesLaw, NeutralChangesNothing) {
  if (!has_strength(info())) return;
  for (const Series& series : law_series()) {
    const Series out = run({neutral_op(info(), kKey)}, series);
    EXPECT_TRUE(same_values(out.values, series.values)) << series.length;
    EXPECT_EQ(out.marks, series.marks);
  }
}

TEST_P(SeriesLaw, Case16TimeAndValueOpsInventNoValueForAGap) {
  if (info().node != NodeKind::series_values || info().find("fill")) return;
  const Series series = wavy_series(64, 2, 3, true);
  for (const OpValue& op : settings()) {
    const Series out = run({op}, series);
    for (std::size_t i = 0; i < out.values.size(); ++i) EXPECT_EQ(std::isnan(out.values[i]), std::isnan(series.values[i])) << i;
  }
}

TEST_P(SeriesLaw, Case27UnitOfTheValuesDoesNotMatter) {
  // Case 27 of what goes wrong elsewhere: noise whose size is told in units of the file.
  if (info().name == "series_mixup" || info().partners > 0) return;  // partners are not scaled along
  const Series series = wavy_series(64, 2);
  Series scaled = series;
  for (double& value : scaled.values) value *= 1024;
  for (const OpValue& op : settings()) {
    Series out = run({op}, series);
    for (double& value : out.values) value *= 1024;
    EXPECT_TRUE(same_values(run({op}, scaled).values, out.values, 1e-6));
  }
}

TEST_P(SeriesLaw, LineageRoundTrip) {
  const Series series = wavy_series(32, 1);
  LineageRecord record;
  record.program = lowered({drawn_op(info(), key_number(1))}, series).program;
  const std::string line = to_json_line(record);
  const LineageRecord again = lineage_from_json(line, op_table());
  EXPECT_EQ(to_json_line(again), line);
  const auto made = plan::lower_series(again.program, shape_of(series, {"c0"}), "a", series_finder(1));
  EXPECT_TRUE(same_values(plan::run_fast(plan::plan_series(made.lowered, true), series).values, run({record.program.steps[0].op}, series).values));
}

TEST_P(SeriesLaw, Case30MarksFollowValues) {
  // The values are their own places: what stands at a sample afterwards says where it came from.
  if (info().labels != LabelRule::moves) return;
  Series series = series_of({});
  series.length = 60;
  series.marks = {{false, {}}};
  for (std::size_t i = 0; i < series.length; ++i) {
    series.values.push_back(static_cast<double>(i));
    series.marks[0].words.push_back(std::to_string(i));
  }
  for (const OpValue& op : settings()) {
    const Series out = run({op}, series);
    for (std::size_t i = 0; i < out.length; ++i) EXPECT_LE(std::fabs(std::stod(out.marks[0].words[i]) - out.values[i]), 0.5 + 1e-9) << i;
  }
}

TEST_P(SeriesLaw, ExecutorsAgreeWithoutFusion) {
  const Series series = wavy_series(50, 2, 4, true);
  const std::vector<OpValue> ops{drawn_op(info(), key_number(1)), make_op("series_jitter"), drawn_op(info(), key_number(2))};
  const Series fused = run(ops, series), apart = run(ops, series, kKey, false);
  EXPECT_EQ(fused.length, apart.length);
  EXPECT_EQ(fused.marks, apart.marks);  // nothing joins across the noise
  EXPECT_TRUE(same_values(fused.values, apart.values, 1e-12));
}

INSTANTIATE_TEST_SUITE_P(Every, SeriesLaw, testing::ValuesIn(series_ops()),
                         [](const auto& at) { return std::string(at.param->name); });

}  // namespace
}  // namespace leaven::ops

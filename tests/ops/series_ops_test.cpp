// What ops on series compute, against values worked by hand and independent formulas.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numeric>

#include "core/error.hpp"
#include "kernels/dtw.hpp"
#include "kernels/fft.hpp"
#include "tests/ops/series_run.hpp"

namespace leaven::ops {
namespace {

using Values = std::vector<double>;

double std_of(const Values& values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(SeriesTime, ReverseAndSliceByHand) {
  EXPECT_EQ(run("series_reverse", {}, series_of({1, 2, 3, 5})).values, (Values{5, 3, 2, 1}));
  const Settings short_end{{"keep", 0.5}, {"start", 1.0}, {"stretch", false}};
  EXPECT_EQ(run("series_slice", short_end, series_of({1, 2, 3, 5})).values, (Values{3, 5}));
  const Settings stretched{{"keep", 0.5}, {"start", 0.0}};
  EXPECT_TRUE(same_values(run("series_slice", stretched, series_of({1, 2, 3, 5})).values, {1, 4.0 / 3, 5.0 / 3, 2}, 1e-12));
}

TEST(SeriesTime, ResizeKeepsBothEnds) {
  EXPECT_EQ(run("series_resize", {{"size", std::int64_t{5}}}, series_of({0, 2, 4})).values, (Values{0, 1, 2, 3, 4}));
  EXPECT_EQ(run("series_resize", {{"size", std::int64_t{1}}}, series_of({7, 2, 4})).values, (Values{7}));
}

TEST(SeriesTime, WindowWarpPassesAtTheSpeed) {
  Values ramp(101);
  std::iota(ramp.begin(), ramp.end(), 0.0);
  const Series out = run("series_window_warp", {{"window", 0.2}, {"speed", 2.0}, {"start", 0.5}}, series_of(ramp));
  // 80 + 20/2 = 90 of time stretched to 100: the window takes 10·100/90 and lies behind 40·100/90.
  EXPECT_EQ(out.values.front(), 0);
  EXPECT_NEAR(out.values.back(), 100, 1e-9);
  EXPECT_NEAR(out.values[22] - out.values[21], 0.9, 1e-9);
  EXPECT_NEAR(out.values[50] - out.values[49], 1.8, 1e-9);
}

TEST(SeriesTime, MissingSamplesStayAsManyAsTheyAre) {
  // Between 2 and a gap: the nearer of the two, so that no gap grows on either side.
  EXPECT_TRUE(same_values(run("series_resize", {{"size", std::int64_t{9}}}, series_of({1, 2, kGap, 4, 8})).values, {1, 1.5, 2, kGap, kGap, 4, 4, 6, 8}));
  Series holed = wavy_series(400, 2);
  for (std::size_t i = 0; i < holed.values.size(); ++i)
    if (draw_unit(key_number(5), i) < 0.1) holed.values[i] = kGap;
  const auto share = [](const Series& series) {
    return static_cast<double>(std::ranges::count_if(series.values, [](double v) { return std::isnan(v); })) / static_cast<double>(series.values.size());
  };
  for (const char* name : {"series_time_warp", "series_window_warp", "series_slice", "series_guided_warp", "series_spawner", "series_mixup"}) {
    EXPECT_NEAR(share(run(name, {}, holed)), share(holed), 0.03) << name;
    const plan::DrawnSeries drawn = lowered({make_op(name, {})}, holed);
    const plan::SeriesPlan planned = plan::plan_series(drawn.lowered, true);
    EXPECT_TRUE(same_values(plan::run_fast(planned, holed).values, plan::run_reference(planned, holed).values, 1e-9)) << name;
  }
}

TEST(SeriesTime, TimeNeverRunsBackwards) {
  // Case 12: knots that noise moves past each other fold time.
  Values ramp(200);
  std::iota(ramp.begin(), ramp.end(), 0.0);
  for (std::uint64_t k = 0; k < 200; ++k) {
    const Values out = run({make_op("series_time_warp", {{"sigma", 2.0}, {"knots", std::int64_t{12}}})}, series_of(ramp), key_number(k)).values;
    EXPECT_TRUE(std::ranges::is_sorted(out)) << k;
    EXPECT_EQ(out.front(), 0);
    EXPECT_NEAR(out.back(), 199, 1e-9);
  }
}

TEST(SeriesTime, PermutationKeepsEverySampleAndReachesEveryOrder) {
  const Values values{1, 2, 3, 4, 5, 6};
  std::map<Values, int> seen;
  for (std::uint64_t k = 0; k < 600; ++k) {
    Values out = run({make_op("series_permutation", {{"segments", std::int64_t{3}}, {"equal", true}})}, series_of(values), key_number(k)).values;
    ++seen[out];
    std::ranges::sort(out);
    ASSERT_EQ(out, values);
  }
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [order, count] : seen) EXPECT_NEAR(count, 100, 45);
}

TEST(SeriesTime, BootstrapTakesWholeBlocks) {
  Values ramp(30);
  std::iota(ramp.begin(), ramp.end(), 0.0);
  const Values out = run("series_block_bootstrap", {{"block", std::int64_t{5}}}, series_of(ramp)).values;
  for (std::size_t i = 0; i < out.size(); ++i)
    EXPECT_TRUE(i % 5 == 0 || out[i] == out[i - 1] + 1) << i;
}

TEST(SeriesTime, ConsecutiveMapsAreOneInterpolation) {
  // Interpolated twice, a peak between two samples would be lost; walked back at once, reverse of reverse is exact.
  const Series series = wavy_series(33, 2);
  const OpValue warp = make_op("series_window_warp", {{"window", 0.3}, {"speed", 1.7}, {"start", 0.2}});
  const auto drawn = lowered({warp, make_op("series_reverse"), make_op("series_reverse")}, series);
  EXPECT_EQ(plan::plan_series(drawn.lowered, true).passes.size(), 1U);
  EXPECT_TRUE(same_values(run({warp, make_op("series_reverse"), make_op("series_reverse")}, series).values, run({warp}, series).values, 1e-9));
}

TEST(SeriesTime, IrregularStampsAreTheClock) {
  // A straight line over time stays straight, whatever the stamps: values move along the stamps, not along the samples.
  Series series = series_of({});
  series.stamps = {0, 1, 2, 10, 11, 30, 31, 40};
  series.length = series.stamps.size();
  for (const double stamp : series.stamps) series.values.push_back(3 * stamp);
  const Series out = run("series_slice", {{"keep", 0.5}, {"start", 0.0}}, series);
  EXPECT_EQ(out.stamps, series.stamps);
  for (std::size_t i = 1; i < out.length; ++i)
    EXPECT_NEAR(out.values[i] / out.stamps[i], out.values[7] / out.stamps[7], 1e-9) << i;
  const Series back = run("series_reverse", {}, series);
  EXPECT_EQ(back.stamps, (Values{0, 9, 10, 29, 30, 38, 39, 40}));
  EXPECT_EQ(back.values.front(), 120);
}

TEST(SeriesTime, PiecesOfIrregularSeriesAreWholeSamples) {
  Series series = wavy_series(40, 2, 3, true);
  for (const char* name : {"series_permutation", "series_block_bootstrap"}) {
    const Series out = run({make_op(name)}, series);
    EXPECT_EQ(out.stamps, series.stamps);
    for (std::size_t i = 0; i < out.length; ++i) {
      bool found = false;
      for (std::size_t j = 0; j < series.length; ++j)
        found = found || (same_values({out.channel(0)[i], out.channel(1)[i]}, {series.channel(0)[j], series.channel(1)[j]}) &&
                          out.marks[0].words[i] == series.marks[0].words[j]);
      EXPECT_TRUE(found) << name << " " << i;
    }
  }
}

TEST(SeriesTime, Case30EventsAreNeitherLostNorDoubledByStretching) {
  Series series = wavy_series(40, 1);
  series.marks = {{true, std::vector<std::string>(40)}};
  for (const std::size_t at : {3U, 17U, 31U}) series.marks[0].words[at] = "beat";
  for (const double speed : {0.5, 2.0}) {
    const Series out = run("series_window_warp", {{"window", 0.4}, {"speed", speed}, {"start", 0.5}}, series);
    EXPECT_EQ(std::ranges::count(out.marks[0].words, "beat"), 3) << speed;
  }
  EXPECT_EQ(std::ranges::count(run("series_resize", {{"size", std::int64_t{9}}}, series).marks[0].words, "beat"), 3);
  EXPECT_EQ(std::ranges::count(run("series_reverse", {}, series).marks[0].words, "beat"), 3);
  const Series cut = run("series_slice", {{"keep", 0.5}, {"start", 0.0}, {"stretch", false}}, series);
  EXPECT_EQ(std::ranges::count(cut.marks[0].words, "beat"), 2);
}

TEST(SeriesTime, Case30EventsOfRepeatedBlocksAreRepeated) {
  // Values name their places, so that what a block shows can be counted.
  Series series = series_of({});
  series.length = 60;
  series.marks = {{true, std::vector<std::string>(60)}};
  for (std::size_t i = 0; i < 60; ++i) series.values.push_back(static_cast<double>(i));
  for (const std::size_t at : {4U, 25U, 26U, 47U}) series.marks[0].words[at] = std::to_string(at);
  for (std::uint64_t k = 0; k < 50; ++k)
    for (const char* name : {"series_block_bootstrap", "series_permutation"}) {
      const Series out = run({make_op(name)}, series, key_number(k));
      for (std::size_t i = 0; i < out.length; ++i)
        EXPECT_EQ(out.marks[0].words[i], series.marks[0].words[static_cast<std::size_t>(out.values[i])]) << name << " " << k << " " << i;
    }
}

TEST(SeriesValues, Case27JitterIsInUnitsOfTheChannel) {
  Series series = wavy_series(20000, 2);
  for (double& value : series.channel(1)) value *= 1000;
  const Series out = run("series_jitter", {{"sigma", 0.1}}, series);
  for (std::size_t c = 0; c < 2; ++c) {
    Values noise;
    for (std::size_t i = 0; i < series.length; ++i) noise.push_back(out.channel(c)[i] - series.channel(c)[i]);
    const Values own(series.channel(c).begin(), series.channel(c).end());
    EXPECT_NEAR(std_of(noise) / std_of(own), 0.1, 0.002);
  }
}

TEST(SeriesValues, ScalingIsOneFactor) {
  const Series series = series_of({1, -2, 4});
  const Values out = run("series_scaling", {{"sigma", 0.3}}, series).values;
  EXPECT_NE(out[0], 1);
  EXPECT_NEAR(out[1] / out[0], -2, 1e-12);
  EXPECT_NEAR(out[2] / out[0], 4, 1e-12);
}

TEST(SeriesValues, DriftBeginsAtNothingAndGoesAsFarAsAsked) {
  Series series = wavy_series(500, 1);
  const Values before = series.values, out = run("series_drift", {{"amount", 0.25}}, series).values;
  double farthest = 0;
  for (std::size_t i = 0; i < out.size(); ++i) farthest = std::max(farthest, std::fabs(out[i] - before[i]));
  const auto [low, high] = std::ranges::minmax(before);
  EXPECT_NEAR(out[0], before[0], 1e-12);
  EXPECT_NEAR(farthest, 0.25 * (high - low), 1e-9);
}

TEST(SeriesValues, QuantizeAndPoolByHand) {
  const Settings two{{"levels", std::int64_t{2}}};
  EXPECT_EQ(run("series_quantize", two, series_of({0, 1, 3, 4})).values, (Values{1, 1, 3, 3}));
  const Settings by_count{{"levels", std::int64_t{2}}, {"how", std::string("quantile")}};
  EXPECT_EQ(run("series_quantize", by_count, series_of({0, 1, 2, 100, 200, 300})).values, (Values{1, 1, 1, 200, 200, 200}));
  const Settings pairs{{"size", std::int64_t{2}}, {"of", std::string("max")}};
  EXPECT_EQ(run("series_pool", pairs, series_of({1, 3, 2, 2, 9})).values, (Values{3, 3, 2, 2, 9}));
}

TEST(SeriesValues, ConvolveIsAWeightedMean) {
  const Settings flat{{"size", std::int64_t{3}}, {"window", std::string("flat")}};
  EXPECT_TRUE(same_values(run("series_convolve", flat, series_of({0, 3, 6, 3})).values, {1, 3, 4, 4}, 1e-12));
  EXPECT_TRUE(same_values(run("series_convolve", flat, series_of({0, kGap, 6, 3})).values, {0, kGap, 4.5, 4}, 1e-12));
}

TEST(SeriesValues, DropoutFills) {
  const Settings all{{"amount", 1.0}, {"fill", std::string("zero")}};
  EXPECT_EQ(run("series_dropout", all, series_of({1, 2, 3})).values, (Values{0, 0, 0}));
  Series series = wavy_series(20000, 1);
  const Series out = run("series_dropout", {{"amount", 0.1}, {"fill", std::string("missing")}}, series);
  EXPECT_NEAR(static_cast<double>(std::ranges::count_if(out.values, [](double v) { return std::isnan(v); })), 2000, 150);
}

TEST(SeriesValues, RotationMovesAndFlipsWholeChannels) {
  const Series series = wavy_series(20, 3);
  const Series out = run("series_rotation", {{"flips", 1.0}}, series);
  std::vector<bool> found(3);
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t d = 0; d < 3; ++d) found[d] = found[d] || std::ranges::equal(out.channel(c), series.channel(d), {}, [](double v) { return -v; });
  EXPECT_EQ(std::ranges::count(found, true), 3);
}

TEST(SeriesMask, ChannelsAndTime) {
  const Series series = wavy_series(20, 3);
  const Series out = run("series_channel_mask", {{"count", std::int64_t{2}}}, series);
  int hidden = 0;
  for (std::size_t c = 0; c < 3; ++c) hidden += std::ranges::count(out.channel(c), 0.0) == 20;
  EXPECT_EQ(hidden, 2);
  EXPECT_EQ(run("series_time_mask", {{"size", 0.5}, {"start", 0.0}}, series_of({1, 2, 3, 4})).values, (Values{0, 0, 3, 4}));
}

Values powers(const Values& values) {
  // By the definition, term by term.
  Values power;
  for (std::size_t k = 0; k <= values.size() / 2; ++k) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      sum += values[i] * std::polar(1.0, -2 * M_PI * static_cast<double>(k * i % values.size()) / static_cast<double>(values.size()));
    power.push_back(std::norm(sum));
  }
  return power;
}

TEST(SeriesFrequency, TransformIsTheDefinitionAndBack) {
  for (const std::size_t n : {1U, 2U, 7U, 12U, 31U}) {
    const Values values = wavy_series(n, 1).values;
    const auto spectrum = kernels::spectrum_of(values);
    const Values power = powers(values);
    ASSERT_EQ(spectrum.size(), power.size());
    for (std::size_t k = 0; k < power.size(); ++k) EXPECT_NEAR(std::norm(spectrum[k]), power[k], 1e-9 * (1 + power[k]));
    EXPECT_TRUE(same_values(kernels::series_of(spectrum, n), values, 1e-12));
  }
}

TEST(SeriesFrequency, SurrogatesKeepSpectrumAndValues) {
  const Series series = wavy_series(63, 1);
  const Values before = powers(series.values);
  const auto apart = [&](const char* method) {
    const Values out = run("series_surrogate", {{"method", std::string(method)}}, series).values, after = powers(out);
    double sum = 0, all = 0;
    for (std::size_t k = 1; k < after.size(); ++k) sum += std::fabs(std::sqrt(after[k]) - std::sqrt(before[k])), all += std::sqrt(before[k]);
    EXPECT_FALSE(same_values(out, series.values, 1e-3));
    Values sorted = out, wanted = series.values;
    std::ranges::sort(sorted);
    std::ranges::sort(wanted);
    EXPECT_EQ(sorted == wanted, std::string(method) != "phases") << method;
    return sum / all;
  };
  EXPECT_LT(apart("phases"), 1e-9);
  EXPECT_LT(apart("iaaft"), apart("aaft"));
}

TEST(SeriesFrequency, MaskTakesTheBandOut) {
  const Series series = wavy_series(64, 1);
  const Values after = powers(run("series_frequency_mask", {{"low", 0.25}, {"width", 0.25}}, series).values), before = powers(series.values);
  for (std::size_t k = 0; k < after.size(); ++k)
    EXPECT_NEAR(after[k], k >= 8 && k < 16 ? 0 : before[k], 1e-9 * (1 + before[k])) << k;
}

TEST(SeriesRecompose, TrendAndSeasonStay) {
  Series series = series_of({});
  series.length = 120;
  for (std::size_t i = 0; i < 120; ++i) series.values.push_back(0.5 * static_cast<double>(i) + 10 * std::sin(2 * M_PI * static_cast<double>(i) / 12));
  const Values out = run("series_recompose", {{"period", std::int64_t{12}}, {"season", 1.0}}, series).values;
  for (std::size_t i = 6; i < 114; ++i) EXPECT_NEAR(out[i], series.values[i], 1.0) << i;
}

// The textbook recursion, whole matrix, no band.
double plain_dtw(const Values& a, const Values& b) {
  std::vector<Values> cost(a.size() + 1, Values(b.size() + 1, std::numeric_limits<double>::infinity()));
  cost[0][0] = 0;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j)
      cost[i][j] = std::fabs(a[i - 1] - b[j - 1]) + std::min({cost[i - 1][j - 1], cost[i - 1][j], cost[i][j - 1]});
  return cost[a.size()][b.size()];
}

TEST(SeriesWarping, AlignmentIsTheCheapestPath) {
  for (std::uint64_t k = 1; k < 30; ++k) {
    const Values a = wavy_series(5 + k, 1, k).values, b = wavy_series(34 - k, 1, k + 40).values;
    const kernels::Track x{a.size(), 1, {a.begin(), a.end()}}, y{b.size(), 1, {b.begin(), b.end()}};
    const kernels::Alignment laid = kernels::align(x, y, 100);
    EXPECT_NEAR(laid.cost, plain_dtw(a, b), 1e-4);
    EXPECT_EQ(kernels::alignment_cost(x, y, 100), laid.cost);
    double along = 0;
    for (const auto& [i, j] : laid.path) along += std::fabs(a[i] - b[j]);
    EXPECT_NEAR(along, laid.cost, 1e-4);
    for (std::size_t p = 1; p < laid.path.size(); ++p) {
      const auto di = laid.path[p].first - laid.path[p - 1].first, dj = laid.path[p].second - laid.path[p - 1].second;
      EXPECT_TRUE(di <= 1 && dj <= 1 && di + dj >= 1);
    }
    for (const std::size_t band : {0U, 1U, 3U}) {
      const kernels::Alignment narrow = kernels::align(x, y, band);
      EXPECT_TRUE(std::isfinite(narrow.cost)) << band;
      EXPECT_GE(narrow.cost, laid.cost - 1e-4);
    }
  }
}

TEST(SeriesWarping, GuidedBySelfChangesNothing) {
  const Series series = wavy_series(40, 2);
  const plan::FindSeries itself = [&](const ProgramPartner&) { return plan::SeriesPartner{"", "", "", std::make_shared<const Series>(series)}; };
  for (const char* name : {"series_guided_warp", "series_barycenter", "series_mixup"}) {
    Program program{{{name, make_op(name), kKey, {}, {}}}};
    program.steps[0].partners.resize(static_cast<std::size_t>(program.steps[0].op.info().partners));
    const auto drawn = plan::lower_series(program, shape_of(series, {"x", "y"}), "", itself);
    EXPECT_TRUE(same_values(plan::run_fast(plan::plan_series(drawn.lowered, true), series).values, series.values, 1e-12)) << name;
  }
}

TEST(SeriesWarping, WhatNoMemoryHoldsIsRefused) {
  Series series = series_of(Values(200'000, 1));
  EXPECT_THROW(run({make_op("series_guided_warp", {{"band", 1.0}})}, series), Error);
  EXPECT_THROW(run({make_op("series_guided_warp", {{"shape", 0.5}})}, series), Error);
}

TEST(SeriesWarping, MixupSharesValuesAndLabels) {
  const Series series = series_of({0, 0, 0});
  Program program{{{"series_mixup", make_op("series_mixup", {{"share", 0.75}}), kKey, {}, {{"1", "", "other", {}}}}}};
  const plan::FindSeries find = [](const ProgramPartner&) {
    return plan::SeriesPartner{"1", "", "other", std::make_shared<const Series>(series_of({4, 8, 12, 16, 20}))};
  };
  const auto drawn = plan::lower_series(program, shape_of(series, {"x"}), "own", find);
  EXPECT_EQ(plan::run_fast(plan::plan_series(drawn.lowered, true), series).values, (Values{1, 3, 5}));
  EXPECT_EQ(drawn.shares, (std::vector<std::pair<std::string, double>>{{"own", 0.75}, {"other", 0.25}}));
}

TEST(SeriesOn, ChannelsAreRestrictedForValuesAlone) {
  const Series series = wavy_series(16, 2);
  const auto lower_on = [&](const char* name, const char* channel) {
    const Program program{{{name, make_op(name), kKey, {channel}, {}}}};
    return plan::lower_series(program, shape_of(series, {"x", "y"}), "");
  };
  const Series out = plan::run_fast(plan::plan_series(lower_on("series_flip", "y").lowered, true), series);
  EXPECT_TRUE(std::ranges::equal(out.channel(0), series.channel(0)));
  EXPECT_EQ(out.channel(1)[3], -series.channel(1)[3]);
  EXPECT_THROW(lower_on("series_flip", "z"), Error);
  EXPECT_THROW(lower_on("series_reverse", "y"), Error);
}

}  // namespace
}  // namespace leaven::ops

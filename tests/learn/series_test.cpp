// Time series in a proof: what learners see of them, and two learners that need no libtorch.
#include "learn/series_material.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.hpp"
#include "core/value.hpp"
#include "kernels/dtw.hpp"
#include "learn/label_check.hpp"
#include "learn/nearest_series.hpp"
#include "learn/prove.hpp"
#include "learn/random_kernels.hpp"
#include "ops/families.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

TEST(AsValues, GapsAreBridgedAndLengthsMadeEqual) {
  Series series{5, 2, {kGap, 2, kGap, kGap, 8, 1, 1, kGap, kGap, kGap}, {}, {}};
  std::vector<float> out(6);
  as_values(series, {{2, 0}, {2, 1}}, {3, 1, 2}, out);
  // 2 2 4 6 8 at places 0, 2, 4, less 2, halved; then ones.
  EXPECT_EQ(out, (std::vector<float>{0, 1, 3, 1, 1, 1}));
  Series nothing{4, 1, {kGap, kGap, kGap, kGap}, {}, {}};
  std::vector<float> none(3, 9.0f);
  as_values(nothing, {{0}, {1}}, {3, 1, 1}, none);
  EXPECT_EQ(none, (std::vector<float>{0, 0, 0}));
}

/// Noise about a ramp that rises (1) or falls (2); tab separated, the class first.
std::string ramps(int count, std::uint64_t seed) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += i % 2 ? "2" : "1";
    for (int t = 0; t < 24; ++t) {
      const double noise = draw(normal(0, 0.3), {seed, 1}, static_cast<std::uint64_t>(24 * i + t));
      text += "\t" + std::to_string((i % 2 ? -1 : 1) * (t - 11.5) / 12 + noise);
    }
    text += "\n";
  }
  return text;
}

TEST(NearestSeries, FindsWhatPlainDynamicTimeWarpingFinds) {
  constexpr std::size_t kItems = 30, kLength = 25;
  const InputShape shape{kLength, 1, 2};
  std::vector<float> values;
  std::vector<std::uint32_t> labels;
  for (std::size_t i = 0; i < 2 * kItems; ++i) {
    for (std::size_t j = 0; j < 2 * kLength; ++j) values.push_back(static_cast<float>(draw(normal(0, 1), {3, 4}, i * 2 * kLength + j)));
    labels.push_back(static_cast<std::uint32_t>(i % 3));
  }
  const auto learner = nearest_series().make(shape, 3, {});
  const std::span<const float> all(values);
  learner->train({all.first(kItems * shape.values()), std::span(labels).first(kItems), {}}, 1);
  const std::vector<float> p = learner->predict(all.subspan(kItems * shape.values()));
  const auto track = [&](std::size_t item) {
    kernels::Track t{kLength, 2, {}};
    for (std::size_t s = 0; s < kLength; ++s)
      for (std::size_t c = 0; c < 2; ++c) t.values.push_back(values[item * 2 * kLength + c * kLength + s]);
    return t;
  };
  for (std::size_t q = 0; q < kItems; ++q) {
    std::size_t best = 0;
    double cost = 1e300;
    for (std::size_t i = 0; i < kItems; ++i)
      if (const double here = kernels::alignment_cost(track(kItems + q), track(i), 3); here < cost) cost = here, best = i;
    EXPECT_EQ(std::max_element(&p[3 * q], &p[3 * q] + 3) - &p[3 * q], labels[best]) << q;
    EXPECT_NEAR(p[3 * q] + p[3 * q + 1] + p[3 * q + 2], 1, 1e-5);
  }
  const auto other = nearest_series().make(shape, 3, {});
  other->set_weights(learner->weights());
  EXPECT_EQ(other->predict(all.subspan(kItems * shape.values())), p);
}

TEST(RandomKernels, AreSharesThatAConstantDoesNotChange) {
  constexpr int kLength = 60;
  const InputShape shape{kLength, 1, 1};
  std::vector<float> item, raised;
  for (int t = 0; t < kLength; ++t) item.push_back(static_cast<float>((t * t) % 17 - 8)), raised.push_back(item.back() + 64);
  const RandomKernels kernels(shape, item, {1, 2}), again(shape, item, {1, 2});
  ASSERT_EQ(kernels.size(), 84U * 24);
  std::vector<float> a(kernels.size()), b(kernels.size()), c(kernels.size());
  kernels.features(item, a);
  kernels.features(raised, b);
  again.features(item, c);
  EXPECT_EQ(a, c);
  for (const float v : a) EXPECT_TRUE(v >= 0 && v <= 1);
  // Three twos and six minus ones add up to nothing; only at the ends, where taps hang over, does the constant show.
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) same += a[i] == b[i];
  EXPECT_GE(same, a.size() * 4 / 10);
  EXPECT_LT(same, a.size());
  // Biases are quantiles of the item itself: few features are none or all.
  EXPECT_LT(std::ranges::count_if(a, [](float v) { return v == 0 || v == 1; }), static_cast<std::ptrdiff_t>(a.size() / 4));
}

TEST(RandomKernels, TakeTheShortestSeriesAndManyChannels) {
  for (const InputShape shape : {InputShape{1, 1, 1}, InputShape{7, 1, 3}, InputShape{9, 1, 12}}) {
    const std::vector<float> values(2 * shape.values(), 0.5f);
    const RandomKernels kernels(shape, values, {5, 6});
    std::vector<float> out(kernels.size());
    kernels.features(std::span(values).first(shape.values()), out);
    EXPECT_EQ(out.size(), 84U * 24);
  }
}

class SeriesProof : public testing::Test {
 protected:
  void SetUp() override {
    write_text(scratch_ / "R/R_TRAIN.tsv", ramps(40, 1));
    write_text(scratch_ / "R/R_TEST.tsv", ramps(60, 2));
  }
  Proof run(const std::string& recipe, const std::string& external = "") {
    write_text(scratch_ / "recipe.yaml", recipe);
    ProveOptions o;
    o.recipe = (scratch_ / "recipe.yaml").string();
    o.against = {"none"};
    o.data = scratch_ / "R";
    o.out = scratch_ / "out";
    o.budget = 0;
    o.robustness = false;
    o.threads = 2;
    o.margin = 5;
    o.external = external;
    return prove(o, nearest_series(), [](const ProveProgress&) {}, stop_);
  }
  ScratchFolder scratch_{};
  std::atomic<bool> stop_{false};
};

TEST_F(SeriesProof, ALittleNoiseIsHarmless) {
  const Proof proof = run("leaven: 1\nsteps: [series_jitter: {sigma: 0.02}]");
  EXPECT_EQ(proof.verdict.word, Word::harmless) << sentence(proof);
  EXPECT_EQ(proof.facts.many, "series");
  EXPECT_EQ(proof.facts.test_items, 60U);
  EXPECT_GT(proof.arms.front().metrics.at("accuracy").mean, 95);
  // One round is all that there is to learn, so nothing converges.
  EXPECT_TRUE(std::ranges::none_of(proof.arms, [](const ArmResult& r) { return r.regime == Regime::converged; }));
}

TEST_F(SeriesProof, TimeBackwardsTurnsOneClassIntoTheOther) {
  const Proof proof = run("leaven: 1\nsteps: [{series_reverse: {p: 1}}]");
  EXPECT_LT(proof.arms.front().metrics.at("accuracy").mean, proof.arms[1].metrics.at("accuracy").mean);
  const std::vector<LabelCheck> found = suspicious(proof.labels);
  EXPECT_TRUE(std::ranges::any_of(found, [](const LabelCheck& c) { return c.op == "series_reverse"; }));
}

TEST_F(SeriesProof, PartnersOfOtherClassesAreRefused) {
  try {
    run("leaven: 1\nsteps: [series_mixup: {partners: any}]");
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
  }
}

TEST_F(SeriesProof, PartnersOfTheSameClassAreOfTheTrainingSeries) {
  const Proof proof = run("leaven: 1\nsteps: [series_mixup: {partners: same_class}]");
  EXPECT_GT(proof.arms.front().metrics.at("accuracy").mean, 95);
}

TEST_F(SeriesProof, TheUsersProgramGetsFilesOfTheSameFormat) {
  // 32 train, each five times; 60 are tested.
  const Proof proof = run("leaven: 1\nsteps: [series_jitter]",
                          "n=$(cat {data}/*TRAIN* | wc -l); t=$(cat {data}/*TEST* | wc -l); echo \"{\\\"accuracy\\\": 0.$n, \\\"auc\\\": 0.$t}\"");
  ASSERT_TRUE(proof.arms[0].failures.empty()) << proof.arms[0].failures.front();
  EXPECT_NEAR(proof.arms[0].metrics.at("accuracy").mean, 16, 1e-9);
  EXPECT_NEAR(proof.arms[2].metrics.at("accuracy").mean, 32, 1e-9);
  EXPECT_NEAR(proof.arms[0].metrics.at("auc").mean, 60, 1e-9);
}

TEST(SeriesMaterialOfNumbers, PredictsThem) {
  const ScratchFolder scratch;
  std::string text = "@problemName Slopes\n@timeStamps false\n@univariate true\n@targetlabel true\n@data\n";
  for (int i = 0; i < 30; ++i) {
    for (int t = 0; t < 10; ++t) text += (t ? "," : "") + std::to_string(i * t * 0.1);
    text += ":" + std::to_string(i * 0.5) + "\n";
  }
  write_text(scratch / "s.ts", text);
  SeriesMaterial material({.data = scratch / "s.ts"});
  EXPECT_EQ(material.classes(), 0U);
  EXPECT_EQ(material.index().labels.size(), 5U);
  Entries all(30);
  std::iota(all.begin(), all.end(), 0U);
  material.take(all);
  const Fold fold{{0, 2}, {}};
  const auto supply = material.supply({kNone, 1, {}}, nullptr, fold, 0);
  const Held held = supply->hold({0, 2});
  ASSERT_EQ(held.targets.size(), 2U);
  EXPECT_NEAR(held.targets[0], -1, 1e-5);
  EXPECT_NEAR(held.targets[1], 1, 1e-5);
  // A blend of two would need a blend of their numbers.
  recipe::Recipe blend = recipe::parse("leaven: 1\nsteps: [series_mixup: {partners: any}]", ops::op_table());
  const Arm arm{"blend", 5, arm_recipe("blend", std::move(blend), Domain::series)};
  const auto mixing = material.supply(arm, nullptr, fold, 0);
  std::vector<float> out(10);
  EXPECT_THROW(for (std::uint64_t p = 0; p < 10; ++p) mixing->put(p, out), Error);
}

}  // namespace
}  // namespace leaven::learn

// Spoilt rows and series: how much of them is spoilt, that severities grow, and what a model is asked about them.
#include "learn/corruptions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/prove.hpp"
#include "learn/series_material.hpp"
#include "learn/table_encoder.hpp"
#include "learn/table_supply.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

constexpr int kRows = 800;

/// x in steps of a half about 0, so that its deviation is known; w is one of four words, one of them a single letter.
std::string half_steps() {
  const char* const words[] = {"red", "blue", "é", "green"};
  std::string text = "x,w,k,y\n";
  for (int i = 0; i < kRows; ++i)
    text += std::to_string((i - kRows / 2) * 0.5) + "," + words[i % 4] + "," + std::to_string(i % 7) + "," + (i < kRows / 2 ? "low" : "high") + "\n";
  return text;
}

class Spoilt : public testing::Test {
 protected:
  void SetUp() override { open(half_steps()); }
  void open(const std::string& text) {
    write_text(scratch_ / "t.csv", text);
    MaterialOptions options;
    options.data = scratch_ / "t.csv";
    material_ = std::make_unique<TableMaterial>(options);
    all_.resize(material_->index().entries.size());
    std::iota(all_.begin(), all_.end(), 0U);
    material_->take(all_);
  }
  std::map<std::string, std::vector<Block>> sets() const {
    std::vector<std::string> ids;
    for (const std::uint32_t e : all_) ids.push_back(material_->index().entries[e].id);
    std::map<std::string, std::vector<Block>> made;
    for (CorruptedRows& set : corrupt_rows(material_->block(), ids)) {
      made[set.corruption].push_back(std::move(set.rows));
      EXPECT_EQ(set.severity, static_cast<int>(made[set.corruption].size()));
    }
    return made;
  }
  const Column& before(std::size_t c) const { return material_->block().columns[c]; }
  ScratchFolder scratch_{};
  std::unique_ptr<TableMaterial> material_{};
  Entries all_{};
};

TEST_F(Spoilt, CellsGoMissingInTheShareOfTheirSeverityAndThoseOfAMilderOneToo) {
  const auto made = sets();
  const std::vector<double> shares{0.05, 0.1, 0.2, 0.35, 0.5};
  const std::vector<Block>& missing = made.at("missing_cells");
  ASSERT_EQ(missing.size(), shares.size());
  for (std::size_t s = 0; s < shares.size(); ++s) {
    double count = 0;
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t r = 0; r < kRows; ++r) {
        count += missing[s].columns[c].null[r];
        const bool milder = s > 0 && missing[s - 1].columns[c].null[r] != 0;
        EXPECT_TRUE(!milder || missing[s].columns[c].null[r] != 0);
      }
    // Four standard errors of 2,400 draws.
    EXPECT_NEAR(count / (3 * kRows), shares[s], 4 * std::sqrt(shares[s] * (1 - shares[s]) / (3 * kRows)));
  }
}

TEST_F(Spoilt, NoiseIsToldInDeviations) {
  const auto made = sets();
  // Of equal steps d over n values: d²·(n² − 1)/12.
  const double deviation = 0.5 * std::sqrt((kRows * static_cast<double>(kRows) - 1) / 12);
  const std::vector<double> amounts{0.1, 0.2, 0.4, 0.7, 1};
  for (std::size_t s = 0; s < amounts.size(); ++s) {
    double squares = 0;
    for (std::size_t r = 0; r < kRows; ++r) squares += std::pow(made.at("noise")[s].columns[0].number[r] - before(0).number[r], 2);
    EXPECT_NEAR(std::sqrt(squares / kRows) / deviation / amounts[s], 1, 0.1);
    EXPECT_EQ(made.at("noise")[s].columns[1].text, before(1).text);
  }
}

TEST_F(Spoilt, SwappedCellsAreOfTheSameColumn) {
  const auto made = sets();
  const std::set<double> known(before(0).number.begin(), before(0).number.end());
  const Column& after = made.at("swapped_cells").back().columns[0];
  int changed = 0;
  for (std::size_t r = 0; r < kRows; ++r) {
    EXPECT_TRUE(known.contains(after.number[r]));
    changed += after.number[r] != before(0).number[r];
  }
  EXPECT_NEAR(changed, kRows / 2, 60);
}

TEST_F(Spoilt, TyposMakeWordsThatNoRowHas) {
  const auto made = sets();
  const Column& after = made.at("typos").back().columns[1];
  std::set<std::string> wrong;
  int changed = 0;
  for (std::size_t r = 0; r < kRows; ++r)
    if (after.text[r] != before(1).text[r]) ++changed, wrong.insert(after.text[r]);
  EXPECT_EQ(wrong, (std::set<std::string>{"redd", "bluee", "éé", "greenn"}));
  EXPECT_NEAR(changed, kRows / 2, 60);
  // A doubled letter that would be another word gets one more.
  open("x,w,y\n1.5,a,p\n2.5,aa,q\n3.5,a,p\n4.5,aa,q\n5.5,a,p\n6.5,aa,q\n7.5,a,p\n8.5,aa,q\n");
  const auto others = sets();
  for (const std::string& word : others.at("typos").back().columns[1].text) EXPECT_TRUE(word == "a" || word == "aa" || word == "aaa") << word;
}

TEST_F(Spoilt, ScalesShiftByTheFactorForAllRowsAlike) {
  const auto made = sets();
  const Column& after = made.at("scale_shift")[3].columns[0];
  const bool up = std::fabs(after.number[0]) > std::fabs(before(0).number[0]);
  for (std::size_t r = 0; r < kRows; ++r) EXPECT_NEAR(after.number[r], before(0).number[r] * (up ? 1.4 : 1 / 1.4), 1e-6);
}

TEST_F(Spoilt, TheTargetStaysAndNothingIsDrawnTwice) {
  const auto made = sets(), again = sets();
  for (const auto& [name, blocks] : made)
    for (std::size_t s = 0; s < blocks.size(); ++s) {
      EXPECT_EQ(blocks[s].columns[3].text, before(3).text) << name;
      EXPECT_EQ(blocks[s].columns[0].number.size(), again.at(name)[s].columns[0].number.size());
      for (std::size_t r = 0; r < kRows; ++r) EXPECT_EQ(blocks[s].columns[1].text[r], again.at(name)[s].columns[1].text[r]);
    }
}

TEST_F(Spoilt, WhatATableDoesNotHaveIsNotSpoilt) {
  open("x,y\n1.5,p\n2.5,q\n3.5,p\n4.5,q\n");
  const auto numbers = sets();
  EXPECT_FALSE(numbers.contains("typos"));
  EXPECT_TRUE(numbers.contains("noise"));
  open("w,y\nred,p\nblue,q\nred,p\nblue,q\nred,q\nblue,p\n");
  const auto words = sets();
  EXPECT_FALSE(words.contains("noise"));
  EXPECT_FALSE(words.contains("scale_shift"));
  EXPECT_TRUE(words.contains("typos"));
}

/// Says "low" where the first value is below 0, and so needs no training; NaN is not.
class SignLearner final : public Learner {
 public:
  explicit SignLearner(std::size_t values) : values_(values) {}
  double train(const Batch&, double) override { return 0; }
  std::vector<float> predict(std::span<const float> values) override {
    std::vector<float> p;
    for (std::size_t i = 0; i * values_ < values.size(); ++i) {
      const bool low = values[i * values_] < 0;
      p.insert(p.end(), {low ? 0.0f : 1.0f, low ? 1.0f : 0.0f});
    }
    return p;
  }
  std::vector<float> weights() const override { return {}; }
  void set_weights(std::span<const float>) override {}

 private:
  std::size_t values_;
};

TEST_F(Spoilt, AModelIsMeasuredOnThemAsTheRecipePreparesThem) {
  material_->prepare_robustness(all_, 1);
  EXPECT_EQ(material_->robustness_entries().size(), static_cast<std::size_t>(kRows));
  const Fold fold{all_, {}};
  const auto plain = material_->supply({kNone, 1, {}}, nullptr, fold, 1);
  SignLearner learner(plain->shape().values());
  const auto found = material_->robustness(learner, *plain);
  EXPECT_EQ(found.size(), 5U);
  // "high" is class 0. The mean of x is −0.25; what is missing counts as high.
  const Block worst = sets().at("missing_cells").back();
  double right = 0;
  for (std::size_t r = 0; r < kRows; ++r) {
    const bool low = !worst.columns[0].null[r] && before(0).number[r] < -0.25;
    right += low == (before(3).text[r] == "low");
  }
  EXPECT_NEAR(found.at("missing_cells").back(), 100 * right / kRows, 1e-9);
  for (const double score : found.at("typos")) EXPECT_EQ(score, found.at("typos").front());
  // Fitted on the training rows and done to the spoilt ones: standardising twice changes nothing.
  write_text(scratch_ / "z.yaml", "leaven: 1\nprepare: [table_scale: {method: z_score, on: x}]\nsteps: [table_jitter: {sigma: 0.0}]");
  const Arm arm{"z", 1, arms_for((scratch_ / "z.yaml").string(), {}, Domain::columns).front().recipe};
  const auto prepared = material_->supply(arm, nullptr, fold, 1);
  EXPECT_EQ(material_->robustness(learner, *prepared).at("noise"), found.at("noise"));
}

TEST(SpoiltSeries, StepsFollowTheLengthOfTheSeries) {
  EXPECT_EQ(series_corruption("resample", 0.35, 100), "series_resize: {size: 35}");
  EXPECT_EQ(series_corruption("resample", 0.15, 4), "series_resize: {size: 2}");
  EXPECT_EQ(series_corruption("jitter", 0.4, 100), "series_jitter: {sigma: 0.4}");
  // A gap of 4 begins with chance p at each sample outside of one: 4p / (4p + 1 − p) of the samples are in one.
  const std::string dropout = series_corruption("dropout", 0.2, 100);
  const double p = std::stod(dropout.substr(dropout.find("amount: ") + 8));
  EXPECT_NEAR(4 * p / (4 * p + 1 - p), 0.2, 1e-6);
  EXPECT_NE(dropout.find("size: 4"), std::string::npos);
}

TEST(SpoiltNumbers, CountAsNothingWhereTheMeanWouldBeBetter) {
  // Mean 2, squares about it 8.
  EXPECT_EQ(score_under_corruption({0, {9, 9, 9}, {}, {0, 2, 4}}), 0);
  EXPECT_DOUBLE_EQ(score_under_corruption({0, {0, 1, 5}, {}, {0, 2, 4}}), 75);
  EXPECT_DOUBLE_EQ(score_under_corruption({2, {0.9f, 0.1f, 0.2f, 0.8f, 0.6f, 0.4f, 0.7f, 0.3f}, {0, 1, 1, 0}, {}}), 75);
}

/// A sine of one period for the first class, of three for the second.
std::string waves(int count, std::uint64_t seed) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += i % 2 ? "2" : "1";
    for (int t = 0; t < 50; ++t) text += "\t" + std::to_string(std::sin((i % 2 ? 3 : 1) * 6.283185307 * t / 50) + draw(normal(0, 0.2), {seed, 1}, static_cast<std::uint64_t>(50 * i + t)));
    text += "\n";
  }
  return text;
}

TEST(SpoiltSeries, AreTheSameForEveryModelAndHarderWhenWorse) {
  const ScratchFolder scratch;
  write_text(scratch / "W/W_TRAIN.tsv", waves(16, 1));
  write_text(scratch / "W/W_TEST.tsv", waves(80, 2));
  const auto run = [&](int threads, const std::string& out) {
    ProveOptions o{.recipe = "series", .against = {"none"}, .data = scratch / "W", .out = scratch / out};
    o.seeds = 2, o.steps = 80, o.batch = 8, o.budget = 0, o.converged = false, o.threads = threads;
    const std::atomic<bool> stop{false};
    return prove(o, softmax_learner({}), [](const ProveProgress&) {}, stop);
  };
  const Proof proof = run(2, "a"), again = run(1, "b");
  const ArmResult& dup = proof.arms[1];
  ASSERT_EQ(dup.robustness.size(), 5U);
  for (const auto& [name, scores] : dup.robustness) {
    EXPECT_EQ(scores.size(), static_cast<std::size_t>(kSeverities)) << name;
    EXPECT_EQ(scores, again.arms[1].robustness.at(name)) << name;
  }
  double mild = 0, severe = 0;
  for (const auto& [name, scores] : dup.robustness) mild += scores.front(), severe += scores.back();
  EXPECT_LT(severe, mild);
  EXPECT_TRUE(std::ranges::any_of(proof.comparisons, [](const Comparison& c) { return c.metric == "robustness"; }));
  const std::string page = proof_page(proof);
  EXPECT_NE(page.find("When series get worse: accuracy"), std::string::npos);
  EXPECT_NE(page.find("time warp"), std::string::npos);
}

}  // namespace
}  // namespace leaven::learn

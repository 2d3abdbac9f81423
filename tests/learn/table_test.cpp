// Rows of a table in a proof: what learners are shown, what a recipe may see, how numbers are predicted.
#include "learn/table_material.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/error.hpp"
#include "learn/label_check.hpp"
#include "learn/prove.hpp"
#include "learn/table_encoder.hpp"
#include "learn/table_supply.hpp"
#include "tests/learn/opened_table.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

/// 40 rows: x is the row's number, c goes a, b, a, b …; rows 0 … 29 are "many", the others "few".
std::string skewed_table() {
  std::string text = "x,c,y\n";
  for (int i = 0; i < 40; ++i) text += std::to_string(i) + ".0," + (i % 2 ? "b" : "a") + "," + (i < 30 ? "many" : "few") + "\n";
  return text;
}

using Rows = OpenedTable;

TEST_F(Rows, AreEncodedByWhatTrainingRowsHave) {
  const auto material = opened("n,w,id,y\n1,red,u1,p\n3,blue,u2,q\n,red,u3,p\n100,green,u4,q\n");
  const Block train = rows_of(material->block(), std::vector<std::uint32_t>{0, 1, 2});
  const TableEncoder encoder(train, material->target());
  // n (mean 2, deviation 1) and whether it is missing, then red (twice) and blue (once); no id, no target.
  ASSERT_EQ(encoder.size(), 4U);
  std::vector<float> out(4);
  encoder.encode(material->block(), 0, out);
  EXPECT_EQ(out, (std::vector<float>{-1, 0, 1, 0}));
  encoder.encode(material->block(), 1, out);
  EXPECT_EQ(out, (std::vector<float>{1, 0, 0, 1}));
  encoder.encode(material->block(), 2, out);
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[1], 1);
  encoder.encode(material->block(), 3, out);  // green was never seen
  EXPECT_EQ(out, (std::vector<float>{98, 0, 0, 0}));
}

TEST_F(Rows, SayWhichColumnsNobodyIsShown) {
  const auto material = opened("n,note,y\n1,so it is,p\n3,or not,q\n5,who knows,p\n7,ask again,q\n");
  ASSERT_EQ(material->notes().size(), 1U);
  EXPECT_EQ(material->notes()[0], "columns that no learner is shown: note (text)");
}

TEST_F(Rows, TheMetricSaysWhetherANumberIsLearned) {
  std::string text = "x,y\n";
  for (int i = 0; i < 30; ++i) text += std::to_string(i) + ".5," + std::to_string(i % 3) + "\n";
  EXPECT_EQ(opened(text)->classes(), 3U);
  EXPECT_EQ(opened(text)->index().labels, (std::vector<std::string>{"0", "1", "2"}));
  MaterialOptions number;
  number.metric = "r2";
  EXPECT_EQ(opened(text, number)->classes(), 0U);
  MaterialOptions classes;
  classes.metric = "auc";
  EXPECT_EQ(opened("x,y\n1,0.5\n2,1.5\n3,0.5\n4,1.5\n", classes)->classes(), 2U);
  EXPECT_EQ(opened("x,y\n1,0.5\n2,1.5\n3,0.75\n4,1.25\n")->classes(), 0U);
}

TEST_F(Rows, AnotherTargetOrKindIsOtherData) {
  const std::string text = "x,k,y\n1.5,1,p\n2.5,2,q\n3.5,1,p\n4.5,2,q\n";
  MaterialOptions other;
  other.target = "k";
  recipe::Recipe schema;
  schema.source.schema.kinds["k"] = ColumnKind::category;
  MaterialOptions told;
  told.recipe = &schema;
  const std::string first = opened(text)->digest(0);
  EXPECT_EQ(opened(text)->digest(0), first);
  EXPECT_NE(opened(text, other)->digest(0), first);
  EXPECT_NE(opened(text, told)->digest(0), first);
  EXPECT_NE(opened(text)->digest(2), first);
}

TEST_F(Rows, WithoutATargetAreRefusedWithTheFlag) {
  try {
    opened("a,b\n1,2\n3,4\n");
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("--target COLUMN"), std::string::npos) << error.what();
  }
}

/// All rows of an epoch by their x.
std::vector<double> shown(TableSupply& supply, std::uint64_t epoch) {
  const Block rows = supply.epoch_rows(epoch);
  std::vector<double> x;
  for (std::size_t r = 0; r < rows.rows; ++r) x.push_back(number_in(rows.columns[0], r));
  std::ranges::sort(x);
  return x;
}

TEST_F(Rows, ARecipeSeesTrainingRowsAlone) {
  const auto material = opened(skewed_table());
  // Twelve of many, four of few, all of them even; odd rows, which reach further, are not for training.
  Fold fold;
  for (std::uint32_t r = 6; r < 30; r += 2) fold.train.push_back(r);
  for (std::uint32_t r = 30; r < 38; r += 2) fold.train.push_back(r);
  TableSupply supply(*material, arms_for("smote_nc", {}, Domain::columns).front(), nullptr, fold, 1);
  const std::vector<double> x = shown(supply, 0);
  EXPECT_EQ(x.size(), 24U);
  EXPECT_GE(x.front(), 6);
  EXPECT_LE(x.back(), 36);
  // Eight new ones between the few.
  EXPECT_EQ(std::ranges::count_if(x, [](double v) { return v >= 30; }), 12);
}

TEST_F(Rows, WhatIsPreparedIsFittedOnTrainingRowsAndDoneToAll) {
  const auto material = opened(skewed_table());
  write_text(scratch_ / "scale.yaml", "leaven: 1\nprepare: [table_scale: {method: min_max, on: x}]\nsteps: [table_jitter: {sigma: 0.0}]");
  Arm arm{"scale", 5, arms_for((scratch_ / "scale.yaml").string(), {}, Domain::columns).front().recipe};
  const Fold fold{{10, 20}, {}};
  TableSupply supply(*material, arm, nullptr, fold, 1);
  const Block held = supply.held_rows({0, 15});
  EXPECT_NEAR(number_in(held.columns[0], 0), -1, 1e-9);  // 0 where 10 … 20 became 0 … 1
  EXPECT_NEAR(number_in(held.columns[0], 1), 0.5, 1e-9);
}

TEST_F(Rows, ColumnsThatPrepareAddsAreShownAndTheTargetIsFoundBehindThem) {
  const auto material = opened(skewed_table());
  write_text(scratch_ / "hot.yaml", "leaven: 1\nprepare: [table_one_hot: {on: c}]\nsteps: [table_jitter: {sigma: 0.0, on: x}]");
  Arm arm{"hot", 5, arms_for((scratch_ / "hot.yaml").string(), {}, Domain::columns).front().recipe};
  const Fold fold{{10, 21, 35}, {}};
  TableSupply supply(*material, arm, nullptr, fold, 1);
  EXPECT_GE(supply.shape().values(), 3U);
  EXPECT_EQ(supply.hold({0, 39}).labels, (std::vector<std::uint32_t>{1, 0}));  // few, many
  write_text(scratch_ / "gone.yaml", "leaven: 1\nprepare: [table_one_hot: {on: y}]\nsteps: [table_jitter: {sigma: 0.0, on: x}]");
  arm.recipe = arms_for((scratch_ / "gone.yaml").string(), {}, Domain::columns).front().recipe;
  EXPECT_THROW(TableSupply(*material, arm, nullptr, fold, 1), Error);
  EXPECT_THROW(arms_for("mixup", {}, Domain::columns), Error);
}

TEST_F(Rows, DupRepeatsEvenlyUpToTheRecipesSize) {
  const auto material = opened(skewed_table());
  Fold fold;
  for (std::uint32_t r = 20; r < 35; ++r) fold.train.push_back(r);  // 10 many, 5 few: smote makes 20 of them
  const auto arms = arms_for("smote_nc", {"none"}, Domain::columns);
  TableSupply dup(*material, arms[1], &*arms[0].recipe, fold, 1), none(*material, arms[2], &*arms[0].recipe, fold, 1);
  EXPECT_EQ(dup.epoch_size(), 20U);
  EXPECT_EQ(none.epoch_size(), 15U);
  const std::vector<double> x = shown(dup, 0);
  EXPECT_EQ((std::set<double>(x.begin(), x.end()).size()), 15U);
  for (const double v : x) EXPECT_LE(std::ranges::count(x, v), 2);
  EXPECT_EQ(shown(dup, 3), x);
}

TEST_F(Rows, StepsAreDrawnAnewEachEpochAndTheOrderTellsAll) {
  const auto material = opened(skewed_table());
  write_text(scratch_ / "noise.yaml", "leaven: 1\nsteps: [table_jitter: {sigma: 0.1, on: x}]");
  const auto arms = arms_for((scratch_ / "noise.yaml").string(), {}, Domain::columns);
  Fold fold;
  for (std::uint32_t r = 20; r < 40; ++r) fold.train.push_back(r);
  TableSupply supply(*material, arms[0], nullptr, fold, 1), again(*material, arms[0], nullptr, fold, 1);
  EXPECT_EQ(supply.epoch_size(), 40U);  // each row and a copy
  EXPECT_NE(shown(supply, 0), shown(supply, 1));
  EXPECT_EQ(shown(supply, 1), shown(again, 1));
  std::vector<float> values(supply.shape().values());
  std::array<int, 2> of_class{};
  for (std::uint64_t p = 0; p < 40; ++p) ++of_class[supply.put(p, values).label];
  EXPECT_EQ(of_class, (std::array{20, 20}));
}

TEST_F(Rows, CopiesAreChangedAsStronglyAsTheirRowSays) {
  const auto material = opened(skewed_table());
  write_text(scratch_ / "noise.yaml", "leaven: 1\nsteps: [table_jitter: {sigma: 0.1, on: x}]");
  const auto arms = arms_for((scratch_ / "noise.yaml").string(), {}, Domain::columns);
  Fold fold;
  for (std::uint32_t r = 20; r < 40; ++r) fold.train.push_back(r);
  TableSupply supply(*material, arms[0], nullptr, fold, 1), as_said(*material, arms[0], nullptr, fold, 1);
  std::vector<double> strengths(40, 0), twice;
  supply.show_at(strengths);
  for (double x = 20; x < 40; ++x) twice.insert(twice.end(), 2, x);
  EXPECT_EQ(shown(supply, 0), twice);
  EXPECT_EQ(supply.shown(fold.train, 3).values, supply.hold(fold.train).values);
  // Of row 25 alone, whose copy is then what it is where all are as the recipe says.
  strengths[25] = 1;
  supply.show_at(strengths);
  std::vector<double> one = shown(supply, 0), all = shown(as_said, 0);
  std::erase_if(one, [](double x) { return x == std::floor(x); });
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(std::ranges::count(all, one[0]), 1);
  const Held asked = supply.shown(fold.train, 3), plain = supply.hold(fold.train);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(asked.values[i * supply.shape().values()] == plain.values[i * supply.shape().values()], i != 5) << i;
  EXPECT_NE(supply.shown(fold.train, 4).values, asked.values);
  strengths.assign(40, 1);
  supply.show_at(strengths);
  EXPECT_EQ(shown(supply, 0), all);
  // Strengths that change within an epoch change no item's place in it.
  std::vector<float> values(supply.shape().values()), before(values);
  for (std::uint64_t p = 0; p < 10; ++p) supply.put(p, values), as_said.put(p, before);
  EXPECT_EQ(values, before);
  strengths.assign(40, 0);
  supply.show_at(strengths);
  for (std::uint64_t p = 10; p < 40; ++p) EXPECT_EQ(supply.put(p, values).label, as_said.put(p, before).label);
}

TEST_F(Rows, NumbersAreStandardisedByTrainingRows) {
  const auto material = opened("x,y\n1,10.5\n2,20.5\n3,30.5\n4,95.5\n");
  const Fold fold{{0, 1}, {}};
  TableSupply supply(*material, {kNone, 1, {}}, nullptr, fold, 0);
  const Held held = supply.hold({0, 1, 3});
  EXPECT_EQ(held.classes, 0U);
  EXPECT_EQ(held.targets, (std::vector<float>{-1, 1, 16}));
}

TEST(Numbers, AreMeasuredByR2AndMeanError) {
  // Mean 2, squares about it 8; errors 0, 1, 1.
  const Metrics m = measure({0, {0, 1, 5}, {}, {0, 2, 4}});
  EXPECT_DOUBLE_EQ(m.r2, 75);
  EXPECT_NEAR(m.mae, 200.0 / 3, 1e-9);
  EXPECT_FALSE(is_known(m.accuracy));
}

class TableProof : public testing::Test {
 protected:
  /// Class by the sign of x + z, two clouds.
  void SetUp() override {
    std::string text = "x,z,g,y\n";
    const Key key{5, 6};
    for (std::uint64_t i = 0; i < 120; ++i) {
      const bool right = i % 2 == 0;
      const double x = draw_unit(key, 2 * i) + (right ? 0.6 : -0.6), z = draw_unit(key, 2 * i + 1) + (right ? 0.6 : -0.6);
      text += std::to_string(x) + "," + std::to_string(z) + ",g" + std::to_string(i / 4) + "," + (right ? "right" : "left") + "\n";
    }
    write_text(scratch_ / "t.csv", text);
    write_text(scratch_ / "spoil.yaml", "leaven: 1\nsteps: [table_category_flip: {amount: 1, on: y}]\naugment: {times: 3}");
    write_text(scratch_ / "noise.yaml", "leaven: 1\nsteps: [table_jitter: {sigma: 0.02}]");
  }
  ProveOptions options(const std::string& recipe) const {
    ProveOptions o;
    o.recipe = recipe.find('.') == std::string::npos ? recipe : (scratch_ / recipe).string();
    o.against = {"none", "random_over"};
    o.data = scratch_ / "t.csv";
    o.out = scratch_ / "out";
    o.steps = 60;
    o.batch = 8;
    o.test = 0.4;
    o.budget = 0;
    o.robustness = false;
    o.threads = 2;
    return o;
  }
  Proof run(const ProveOptions& o) { return prove(o, softmax_learner({&made_}), [](const ProveProgress&) {}, stop_); }
  ScratchFolder scratch_{};
  std::atomic<bool> stop_{false};
  std::atomic<int> made_{};
};

TEST_F(TableProof, ALittleNoiseIsHarmlessAndSaysSoOfRows) {
  ProveOptions o = options("noise.yaml");
  o.margin = 5;
  const Proof proof = run(o);
  EXPECT_EQ(proof.verdict.word, Word::harmless) << sentence(proof);
  EXPECT_EQ(proof.facts.many, "rows");
  EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{"noise", "dup", "none", "random_over"}));
  EXPECT_GT(proof.arms.front().metrics.at("accuracy").mean, 85);
  EXPECT_NE(proof_page(proof).find("on the same rows repeated"), std::string::npos);
}

TEST_F(TableProof, StrengthFollowsTheTraining) {
  for (const char* rule : {"ent_augment", "cuda", "ada", "0/0.5/1"}) {
    ProveOptions o = options("noise.yaml");
    o.recipe += "@" + std::string(rule);
    o.against = {};
    o.seeds = 2;
    o.out = scratch_ / ("out_" + std::string(rule).substr(0, 1) + "_" + std::string(rule).substr(1, 1));
    const Proof proof = run(o);
    const std::string arm = rule[0] == '0' ? "noise@schedule" : "noise@" + std::string(rule);
    EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{arm, "dup", arm + " static"}));
    for (const Trial& trial : proof.trials) {
      EXPECT_EQ(trial.failure, "");
      if (trial.arm != arm || trial.regime != Regime::matched) continue;
      ASSERT_GT(trial.course.strengths.size(), 2U);
      EXPECT_EQ(trial.course.strengths.front().mean, 0);
      EXPECT_GE(trial.course.mean_strength, rule[0] == 'c' ? 0.01 : 0);
      EXPECT_NEAR(trial.course.mean_strength, 0.5, rule[0] == '0' ? 0.02 : 0.5);
    }
  }
}

TEST_F(TableProof, WhatHasNoStrengthIsRefused) {
  for (const char* said : {"smote@cuda", "smote@0/1"}) EXPECT_THROW(arms_for(said, {}, Domain::columns), Error) << said;
  for (const char* how : {"@consistency", "@cluster_strength", "@views"}) EXPECT_THROW(arms_for((scratch_ / "noise.yaml").string() + how, {}, Domain::columns), Error) << how;
  ProveOptions o = options("noise.yaml");
  o.recipe += "@cuda";
  o.target = "x";  // a number has no classes
  EXPECT_THROW(run(o), Error);
}

TEST_F(TableProof, FourTestRowsMakeNothingHarmless) {
  for (const char* metric : {"macro_f1", "auc", "accuracy"}) {
    ProveOptions o = options("noise.yaml");
    o.metric = metric;
    o.test = 0.034;
    o.out = scratch_ / metric;
    const Proof proof = run(o);
    EXPECT_EQ(proof.facts.test_items, 4U);
    EXPECT_NE(proof.verdict.word, Word::harmless) << sentence(proof);
  }
}

TEST_F(TableProof, WrongClassesAreHarmful) {
  const Proof proof = run(options("spoil.yaml"));
  EXPECT_EQ(proof.verdict.word, Word::harmful) << sentence(proof);
}

TEST_F(TableProof, AStepThatMakesRowsUnrecognisableIsNamed) {
  write_text(scratch_ / "loud.yaml", "leaven: 1\nsteps: [{table_jitter: {sigma: 1, on: z, p: 0.1}}, {table_rotate: {degrees: 180, on: [x, z]}}]");
  const std::vector<LabelCheck> found = suspicious(run(options("loud.yaml")).labels);
  EXPECT_TRUE(std::ranges::any_of(found, [](const LabelCheck& c) { return c.op == "table_rotate" && c.accuracy < 20; })) << found.size();
  EXPECT_TRUE(suspicious(run(options("noise.yaml")).labels).empty());
}

TEST_F(TableProof, GroupsStayTogether) {
  MaterialOptions options{.data = scratch_ / "t.csv", .group = "g"};
  const TableMaterial material(options);
  const Partition partition = divide(material.index(), {.test = 0.3, .group = material.group_expression("g"), .seeds = 2});
  std::set<std::string> test;
  const auto group = [&](std::uint32_t e) { return material.index().entries[e].id.substr(0, material.index().entries[e].id.find('#')); };
  for (const std::uint32_t e : partition.test) test.insert(group(e));
  EXPECT_FALSE(test.empty());
  for (const Fold& fold : partition.folds)
    for (const std::uint32_t e : fold.train) EXPECT_FALSE(test.contains(group(e)));
}

TEST_F(TableProof, AStepForPicturesIsRefusedByItsName) {
  write_text(scratch_ / "flip.yaml", "leaven: 1\nsteps: [horizontal_flip]");
  try {
    run(options("flip.yaml"));
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_EQ(error.op(), "horizontal_flip");
  }
}

TEST_F(TableProof, ATargetOfPicturesIsRefused) {
  write_bars(scratch_ / "in", 2);
  ProveOptions o = options("light");
  o.data = scratch_ / "in";
  o.target = "y";
  EXPECT_THROW(run(o), Error);
}

TEST_F(TableProof, AMetricOfNumbersIsRefusedForClasses) {
  ProveOptions o = options("noise.yaml");
  o.metric = "r2";
  EXPECT_THROW(run(o), Error);
}

TEST_F(TableProof, TheUsersProgramGetsThreeTables) {
  ProveOptions o = options("auto");
  o.against = {"none"};
  o.seeds = 2;
  // The share of the training table that its lines are: 48 rows of 120 train, or so.
  o.external = "test -s {data}/val.csv && test -s {data}/test.csv && head -1 {data}/train.csv | grep -q x,z,g,y && echo \"{\\\"accuracy\\\": 0.$(wc -l < {data}/train.csv)}\"";
  const Proof proof = run(o);
  EXPECT_EQ(made_, 0);
  ASSERT_EQ(proof.arms.size(), 3U);
  EXPECT_TRUE(proof.arms[0].failures.empty()) << proof.arms[0].failures.front();
  EXPECT_EQ(proof.arms[0].metrics.at("accuracy").mean, proof.arms[1].metrics.at("accuracy").mean);
}

}  // namespace
}  // namespace leaven::learn

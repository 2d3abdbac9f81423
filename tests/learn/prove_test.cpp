// Whole proofs on drawn pictures, with a learner of a few lines.
#include "learn/prove.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "learn/label_check.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

constexpr const char* kMirror = "leaven: 1\nsteps: [{horizontal_flip: {p: 0.5}}]";
constexpr const char* kMild = "leaven: 1\nsteps: [{brightness: {by: {uniform: [0.95, 1.05]}}}]";

class Prove : public testing::Test {
 protected:
  void SetUp() override {
    write_bars(scratch_ / "in", 30);
    write_text(scratch_ / "mirror.yaml", kMirror);
    write_text(scratch_ / "mild.yaml", kMild);
  }
  ProveOptions options(const std::string& recipe, const std::string& out = "out") const {
    ProveOptions o;
    o.recipe = (scratch_ / (recipe + ".yaml")).string();
    o.against = {"none"};
    o.data = scratch_ / "in";
    o.out = scratch_ / out;
    o.steps = 40;
    o.batch = 8;
    o.test = 0.5;
    o.budget = 0;
    o.threads = 2;
    return o;
  }
  Proof run(const ProveOptions& o) { return prove(o, softmax_learner({&made_}), [](const ProveProgress&) {}, stop_); }

  ScratchFolder scratch_{};
  std::atomic<bool> stop_{false};
  std::atomic<int> made_{};
};

TEST_F(Prove, ARecipeThatTurnsOneClassIntoTheOtherIsHarmful) {
  const Proof proof = run(options("mirror"));
  EXPECT_EQ(proof.verdict.word, Word::harmful) << sentence(proof);
  EXPECT_LT(proof.verdict.mean, -10);
  EXPECT_EQ(proof.verdict.seeds, 6U);
  const std::vector<LabelCheck> found = suspicious(proof.labels);
  EXPECT_TRUE(std::ranges::any_of(found, [](const LabelCheck& c) { return c.op == "horizontal_flip"; }));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "out/leaven.proof.json"));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "out/leaven.proof.html"));
}

TEST_F(Prove, AMildRecipeIsNeitherHelpfulNorHarmful) {
  ProveOptions o = options("mild");
  o.margin = 5;
  const Proof proof = run(o);
  EXPECT_EQ(proof.verdict.word, Word::harmless) << sentence(proof);
  EXPECT_TRUE(suspicious(proof.labels).empty());
}

TEST_F(Prove, EqualTrialsForAnyNumberOfThreads) {
  ProveOptions one = options("mirror", "one"), four = options("mirror", "four");
  one.threads = 1, four.threads = 4;
  const Proof a = run(one), b = run(four);
  ASSERT_EQ(a.trials.size(), b.trials.size());
  EXPECT_EQ(a.trials.size(), 36U);  // three arms, two regimes, six seeds
  for (std::size_t i = 0; i < a.trials.size(); ++i) {
    EXPECT_EQ(a.trials[i].weights, b.trials[i].weights) << i;
    EXPECT_EQ(a.trials[i].metrics.accuracy, b.trials[i].metrics.accuracy) << i;
  }
}

TEST_F(Prove, TheSameCommandAgainTrainsNothing) {
  const Proof first = run(options("mirror"));
  made_ = 0;
  const Proof second = run(options("mirror"));
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(second.verdict.mean, first.verdict.mean);
  ProveOptions more = options("mirror");
  more.seeds = 8;
  EXPECT_EQ(run(more).verdict.seeds, 8U);
  EXPECT_EQ(made_, 12);  // two more seeds of three arms and two regimes
}

TEST_F(Prove, MoreSeedsGoOnAsTheFirstOnesDid) {
  ProveOptions o = options("mild");
  o.steps.reset();
  o.budget = 600;
  o.seeds = 2;
  o.per_class = 7;  // other pictures for each seed
  o.converged = false;
  run(o);
  // As if the budget had allowed fewer steps.
  auto plan = nlohmann::json::parse(read_text(scratch_ / "out/leaven.proof.plan.json"));
  plan["steps"] = 33, plan["cut"] = "the budget allows 2 seeds of 33 steps";
  write_text(scratch_ / "out/leaven.proof.plan.json", plan.dump());
  made_ = 0;
  EXPECT_EQ(run(o).facts.steps, 33U);
  EXPECT_EQ(made_, 6);
  made_ = 0;
  o.seeds = 4, o.budget = 1200, o.threads = 1;
  const Proof more = run(o);
  EXPECT_EQ(more.verdict.seeds, 4U);
  EXPECT_EQ(more.facts.steps, 33U);
  EXPECT_EQ(made_, 6);  // two more seeds of three arms
  EXPECT_EQ(std::ranges::count(more.facts.notes, "each training has 33 steps, as those had that are in this folder already"), 1) << testing::PrintToString(more.facts.notes);
  made_ = 0;
  EXPECT_EQ(run(o).verdict.mean, more.verdict.mean);
  EXPECT_EQ(made_, 0);
  // Another budget for the same seeds is another plan.
  o.budget = 900;
  EXPECT_EQ(run(o).facts.steps, 800U);
}

TEST_F(Prove, ARecipeThatChangesNothingIsNamed) {
  write_text(scratch_ / "still.yaml", "leaven: 1\nsteps: [{brightness: {by: 1}}]");
  ProveOptions o = options("still");
  o.seeds = 2;
  const std::string said = "still had no effect: each of its models is that of dup, to the last bit";
  const std::vector<std::string> notes = run(o).facts.notes;
  EXPECT_EQ(std::ranges::count(notes, said), 1) << testing::PrintToString(notes);
  o.recipe = (scratch_ / "mild.yaml").string();
  o.out = scratch_ / "other";
  const std::vector<std::string> others = run(o).facts.notes;
  EXPECT_FALSE(std::ranges::any_of(others, [](const std::string& note) { return note.find("no effect") != std::string::npos; })) << testing::PrintToString(others);
}

TEST_F(Prove, ALearnerThatLearnsNothingMakesNothingHarmless) {
  ProveOptions o = options("mild");
  o.margin = 5;
  o.converged = false;
  const Proof proof = prove(o, constant_learner(), [](const ProveProgress&) {}, stop_);
  EXPECT_EQ(proof.verdict.mean, 0);
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  EXPECT_NE(sentence(proof).find("no better on this data than saying the most frequent class of every picture"), std::string::npos) << sentence(proof);
  EXPECT_NE(proof_text(proof).find("whether labels stay true cannot be judged"), std::string::npos) << proof_text(proof);
}

TEST_F(Prove, AnAreaUnderACurveOfOneClassIsRefused) {
  write_bars(scratch_ / "one/train", 8);
  write_bars(scratch_ / "one/test", 4);
  std::filesystem::remove_all(scratch_ / "one/test/left");
  ProveOptions o = options("mild");
  o.data = scratch_ / "one";
  o.metric = "auc";
  try {
    run(o);
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("--metric auc needs test pictures of two classes, and all 4 are right"), std::string::npos) << error.what();
  }
}

TEST_F(Prove, AStoppedRunGoesOnWhereItWas) {
  ProveOptions o = options("mirror");
  o.threads = 1;
  try {
    prove(o, softmax_learner({&made_}), [&](const ProveProgress& p) { stop_ = p.done >= 5; }, stop_);
    FAIL() << "did not stop";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::interrupted);
    EXPECT_NE(std::string(error.what()).find("stopped after 5 of 36 trainings"), std::string::npos) << error.what();
  }
  stop_ = false;
  made_ = 0;
  const Proof resumed = run(o);
  EXPECT_EQ(made_, 31);
  const Proof whole = run(options("mirror", "whole"));
  EXPECT_EQ(resumed.comparisons.front().differences, whole.comparisons.front().differences);
}

TEST_F(Prove, ATrainingThatBreaksDownIsAFailedSeed) {
  ProveOptions o = options("mild");
  o.seeds = 2;
  o.converged = false;
  const Proof proof = prove(o, softmax_learner({&made_, std::numeric_limits<double>::quiet_NaN()}), [](const ProveProgress&) {}, stop_);
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  ASSERT_FALSE(proof.arms.empty());
  ASSERT_EQ(proof.arms.front().failures.size(), 2U);
  EXPECT_NE(proof.arms.front().failures.front().find("seed 0: the loss became"), std::string::npos);
}

TEST_F(Prove, SamplesThatBelongTogetherAreDrawnForEachAloneAndThatIsSaid) {
  write_text(scratch_ / "pairs.yaml", std::string(kMild) + "\naugment: {together: '(.*)_[0-9]+'}");
  ProveOptions o = options("pairs");
  o.seeds = 2;
  o.steps = 5;
  const std::string said = "pairs: augment: together was left aside, since a training draws for each item by itself";
  const std::vector<std::string> notes = run(o).facts.notes;
  EXPECT_EQ(std::ranges::count(notes, said), 1) << testing::PrintToString(notes);
  o.recipe = (scratch_ / "mild.yaml").string();
  o.out = scratch_ / "other";
  const std::vector<std::string> others = run(o).facts.notes;
  EXPECT_FALSE(std::ranges::any_of(others, [](const std::string& note) { return note.find("together") != std::string::npos; }));
}

TEST_F(Prove, TrainingPicturesEqualToTestPicturesAreLeftOut) {
  write_bars(scratch_ / "twice/train", 12);
  write_bars(scratch_ / "twice/test", 4);  // the same pictures as the first of train
  ProveOptions o = options("mild");
  o.data = scratch_ / "twice";
  o.seeds = 2;
  const Proof proof = run(o);
  EXPECT_EQ(proof.facts.equal_items, 8U);
  EXPECT_TRUE(std::ranges::any_of(proof.facts.notes, [](const std::string& note) { return note == "8 training pictures are equal to test pictures and were left out"; }));
}

TEST_F(Prove, StepsOfWhatLearnsInOneRoundAreSaidToChangeNothing) {
  ProveOptions o = options("mild");
  o.seeds = 2;
  LearnerKind once = softmax_learner({&made_});
  once.name = "once";
  const auto notes = [&] { return prove(o, once, [](const ProveProgress&) {}, stop_).facts.notes; };
  const std::string said = "--steps changes nothing here: once learns in one round";
  EXPECT_EQ(std::ranges::count(notes(), said), 0);
  once.rounds = 1;
  EXPECT_EQ(std::ranges::count(notes(), said), 1);
  o.steps = {};
  EXPECT_EQ(std::ranges::count(notes(), said), 0);
}

TEST_F(Prove, TrainingsThatWereStillImprovingAreCounted) {
  ProveOptions o = options("mild");
  o.seeds = 2;
  o.steps = 1;  // five steps are the most then, and nine looks in vain the least that end a training
  const std::vector<std::string> notes = run(o).facts.notes;
  EXPECT_EQ(std::ranges::count(notes, "6 trainings until no progress were ended after 5 times the planned steps"), 1) << testing::PrintToString(notes);
}

TEST_F(Prove, OtherRecipesJoinUnderTheirNames) {
  ProveOptions o = options("mild");
  o.against = {"dup", "trivial_augment", "none", (scratch_ / "mirror.yaml").string()};
  o.seeds = 2;
  o.converged = false;
  const Proof proof = run(o);
  EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{"mild", "dup", "trivial_augment", "none", "mirror"}));
}

TEST_F(Prove, ArmsThatTrainAlikeShareTheirTrainings) {
  ProveOptions o = options("mild");
  o.against = {o.recipe, o.recipe + "@cluster_weight"};
  o.seeds = 2;
  o.converged = false;
  const Proof proof = run(o);
  EXPECT_EQ(proof.facts.arms, (std::vector<std::string>{"mild", "dup", "mild (2)", "mild@cluster_weight"})) << "the recipe as it is, which is there, is what a way is compared with";
  EXPECT_EQ(made_, 6) << "two each of mild, dup and the way";
  EXPECT_EQ(proof.facts.controls.at("mild@cluster_weight"), "mild");
  double seconds = 0;
  for (const Trial& t : proof.trials) {
    if (t.arm == "mild (2)") {
      EXPECT_EQ(t.weights, std::ranges::find_if(proof.trials, [&](const Trial& other) { return other.arm == "mild" && other.seed == t.seed; })->weights);
    } else {
      seconds += t.cpu_seconds;
    }
  }
  EXPECT_DOUBLE_EQ(proof.facts.cpu_seconds, seconds) << "what is shared counts once";
}

/// Of objects in objects, but not names that the data or the user chose.
void collect_keys(const nlohmann::json& json, std::set<std::string>& keys) {
  for (const auto& item : json.items()) {
    if (json.is_object()) keys.insert(item.key());
    if (json.is_object() && std::set<std::string>{"robustness", "controls", "meanings", "recipes"}.contains(item.key())) continue;
    if (item.value().is_structured()) collect_keys(item.value(), keys);
  }
}

TEST_F(Prove, EveryFieldOfTheJsonIsInTheDocs) {
  ProveOptions o = options("mirror");
  o.against = {"none", o.recipe + "@0/1"};
  o.seeds = 2;
  o.tried = {{"light", 1, 2, 50}};
  run(o);
  std::set<std::string> keys;
  collect_keys(nlohmann::json::parse(read_text(scratch_ / "out/leaven.proof.json")), keys);
  for (const char* const known : {"strengths", "tried", "confused", "p_adjusted", "worst_class"}) EXPECT_TRUE(keys.contains(known)) << known;
  const std::string docs = read_text(LEAVEN_SOURCE_DIR "/docs/proof_file.md");
  for (const std::string& key : keys) EXPECT_NE(docs.find("`" + key + "`"), std::string::npos) << key << " is not in docs/proof_file.md";
}

TEST_F(Prove, ARecipeThatMixesSamplesIsRefusedByItsOp) {
  write_text(scratch_ / "mix.yaml", "leaven: 1\nsteps: [mixup]");
  try {
    run(options("mix"));
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_EQ(error.op(), "mixup");
    EXPECT_EQ(error.fault(), Fault::usage);
  }
}

TEST_F(Prove, AnUnknownArmOrMetricIsRefusedBeforeAnythingIsWritten) {
  ProveOptions o = options("mild");
  o.against = {"trivial_agument"};
  try {
    run(o);
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean trivial_augment?"), std::string::npos) << error.what();
  }
  ProveOptions metric = options("mild");
  metric.metric = "accurcy";
  EXPECT_THROW(run(metric), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "out"));
}

TEST_F(Prove, ARecipeThatCannotWorkOnThePicturesSaysWhichStepAndSample) {
  write_text(scratch_ / "depth.yaml", "leaven: 1\nsteps: [{invert: {on: depth}}]");
  try {
    run(options("depth"));
    FAIL() << "worked";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_FALSE(error.sample().empty());
  }
}

}  // namespace
}  // namespace leaven::learn

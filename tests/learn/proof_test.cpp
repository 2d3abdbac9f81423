// What is concluded from trials, and how it is told.
#include "learn/proof.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "learn/charts.hpp"
#include "learn/strength_notes.hpp"

namespace leaven::learn {
namespace {

Trial made_trial(const std::string& arm, std::uint32_t seed, double accuracy, Regime regime = Regime::matched) {
  Trial t;
  t.arm = arm, t.seed = seed, t.regime = regime, t.key = arm + std::to_string(seed);
  t.metrics = {accuracy, accuracy, 99, accuracy - 5, 3, {accuracy, accuracy - 5}};
  t.robustness["fog"] = {accuracy - 1, accuracy - 2, accuracy - 9};
  t.course = {100, 100, {{50, 1.5, 60}, {100, 0.7, 70}}, ""};
  t.cpu_seconds = 2;
  return t;
}

ProofFacts facts() {
  ProofFacts f;
  f.recipe = f.primary_arm = "mine";
  f.arms = {"mine", "dup", "none"};
  f.classes = {"6", "9 & <more>"};
  f.margin = 1;
  f.steps = 100, f.batch = 32, f.test_items = 10000, f.test_of_class = {5000, 5000}, f.train_items = 20, f.threads = 2, f.seeds_asked = 6;
  f.data = "photos", f.command = "leaven prove mine.yaml --data photos";
  f.notes = {"a note"};
  return f;
}

/// The recipe's accuracies less 80 of dup.
std::vector<Trial> trials_with(const std::vector<double>& gains) {
  std::vector<Trial> trials;
  for (std::uint32_t s = 0; s < gains.size(); ++s) {
    trials.push_back(made_trial("mine", s, 80 + s + gains[s]));
    trials.push_back(made_trial("dup", s, 80 + s));
    trials.push_back(made_trial("none", s, 79 + s));
  }
  return trials;
}

TEST(Proof, PairsDecide) {
  // Between seeds the accuracies lie 5 apart; within pairs they agree.
  const Proof proof = conclude(facts(), trials_with({2, 1.5, 2.5, 1.8, 2.2, 2}));
  EXPECT_EQ(proof.verdict.word, Word::helps);
  EXPECT_NEAR(proof.verdict.mean, 2, 1e-12);
  EXPECT_TRUE(proof.comparisons.front().primary);
  EXPECT_EQ(proof.comparisons.front().differences.size(), 6U);
  EXPECT_EQ(sentence(proof).find("mine helps on this data: +2.00 points of accuracy"), 0U) << sentence(proof);
}

TEST(Proof, FourSentences) {
  EXPECT_NE(sentence(conclude(facts(), trials_with({-2, -1.5, -2.5, -1.8, -2.2, -2}))).find("is harmful on this data: -2.00"), std::string::npos);
  EXPECT_NE(sentence(conclude(facts(), trials_with({.1, -.1, .2, -.2, .1, -.1}))).find("is harmless on this data"), std::string::npos);
  const std::string open = sentence(conclude(facts(), trials_with({3, -2, 4, -1, 2, -3})));
  EXPECT_EQ(open.find("Inconclusive: mine changes accuracy by +0.50"), 0U) << open;
  EXPECT_NE(open.find("seeds would settle a difference of "), std::string::npos) << open;
}

TEST(Proof, WordsOfWhatDoesNotDecideFollowTheAdjustedP) {
  for (const std::vector<double>& differences : {std::vector<double>{2, 1.5, 2.5, 1.8, 2.2, 2}, {.9, -.2, 1.4, .3, 1.1, .1}, {3, -2, 4, -1, 2, -3}}) {
    const Proof proof = conclude(facts(), trials_with(differences));
    for (const Comparison& c : proof.comparisons) {
      const bool differs = c.verdict.word == Word::helps || c.verdict.word == Word::harmful;
      EXPECT_TRUE(c.primary || !differs || c.p_adjusted < kLevel) << c.arm << " " << c.metric;
    }
    for (const ArmResult& arm : proof.arms) EXPECT_EQ(arm.mean_strength, 1) << arm.arm;
  }
}

TEST(Proof, LessThanSixSeedsAreCalledWhatTheyAre) {
  EXPECT_NE(sentence(conclude(facts(), trials_with({2, 2.1, 1.9}))).find("3 pairs of trainings, too few for more than a first impression"), std::string::npos);
}

TEST(Proof, AFailedTrainingIsNamedAndKeepsARecipeFromBeingCalledGood) {
  std::vector<Trial> trials = trials_with({2, 1.5, 2.5, 1.8, 2.2, 2});
  trials[9].failure = "the loss became NaN at step 37";  // mine, seed 3
  const Proof proof = conclude(facts(), trials);
  EXPECT_EQ(proof.comparisons.front().seeds, (std::vector<std::uint32_t>{0, 1, 2, 4, 5}));
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  EXPECT_EQ(proof.arms.front().failures, std::vector<std::string>{"seed 3: the loss became NaN at step 37"});
  EXPECT_NE(proof_text(proof).find("failed: mine (matched), seed 3: the loss became NaN at step 37"), std::string::npos);
  EXPECT_EQ(sentence(proof).find("Inconclusive: 1 of the trainings with mine broke down"), 0U) << sentence(proof);
}

TEST(Proof, OthersAreAdjustedAmongThemselves) {
  const Proof proof = conclude(facts(), trials_with({2, 1.5, 2.5, 1.8, 2.2, 2}));
  EXPECT_EQ(proof.comparisons.front().p_adjusted, proof.comparisons.front().verdict.p);
  for (std::size_t i = 1; i < proof.comparisons.size(); ++i) EXPECT_GE(proof.comparisons[i].p_adjusted, proof.comparisons[i].verdict.p);
  // Two arms, five metrics and robustness; the primary one among them.
  EXPECT_EQ(proof.comparisons.size(), 12U);
}

TEST(Proof, LessCalibrationErrorIsAGain) {
  std::vector<Trial> trials = trials_with({2, 2, 2});
  for (Trial& t : trials) t.metrics.ece = t.arm == "mine" ? 1 : 4;
  const Proof proof = conclude(facts(), trials);
  const auto found = std::ranges::find_if(proof.comparisons, [](const Comparison& c) { return c.arm == "mine" && c.metric == "ece"; });
  ASSERT_NE(found, proof.comparisons.end());
  EXPECT_NEAR(found->verdict.mean, 3, 1e-12);
}

TEST(Proof, BothRegimesAreTold) {
  std::vector<Trial> trials = trials_with({2, 1.5, 2.5});
  for (std::uint32_t s = 0; s < 3; ++s) {
    trials.push_back(made_trial("mine", s, 90, Regime::converged));
    trials.push_back(made_trial("dup", s, 91 + s, Regime::converged));
  }
  const Proof proof = conclude(facts(), trials);
  EXPECT_EQ(proof.comparisons.front().regime, Regime::matched);
  EXPECT_EQ(proof.arms.size(), 5U);
  EXPECT_NE(proof_text(proof).find("until no progress"), std::string::npos);
}

TEST(Proof, JsonHoldsAllOfIt) {
  const Proof proof = conclude(facts(), trials_with({2, 1.5, 2.5, 1.8, 2.2, 2}));
  const auto json = nlohmann::json::parse(proof_json(proof));
  EXPECT_EQ(json.at("verdict"), "helps");
  EXPECT_EQ(json.at("trials").size(), 18U);
  EXPECT_EQ(json.at("comparisons").at(0).at("differences").size(), 6U);
  EXPECT_NEAR(json.at("primary").at("interval").at(0).get<double>(), proof.verdict.interval.lo, 1e-12);
  EXPECT_EQ(json.at("facts").at("command"), "leaven prove mine.yaml --data photos");
}

TEST(Proof, ThePageIsWholeAndStandsAlone) {
  std::vector<Trial> trials = trials_with({2, 1.5, 2.5, 1.8, 2.2, 2});
  trials[1].labels = {{"", 92, "", "", 0, 300, 50}, {"recipe", 44, "6", "9 & <more>", 33, 300, 50}, {"rotate90", 22, "", "", 0, 300, 50}, {"affine", 79, "", "", 0, 300, 50}};
  const std::string page = proof_page(conclude(facts(), trials));
  for (const char* part : {"mine helps on this data", "Look at this", "rotate90: a model trained without it recognises 22 %", "It is sure that 33 % of 6 are 9 &amp; &lt;more&gt;", "<polyline", "fog", "a note"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("affine: a model"), std::string::npos);
  for (const char* outside : {"src=\"http", "href=", "url(", "<script", "<link"}) EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  const auto count = [&](const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = page.find(part); at != std::string::npos; at = page.find(part, at + 1)) ++found;
    return found;
  };
  for (const std::string tag : {"section", "div", "table", "tr", "td", "svg", "p", "h2", "text", "span"})
    EXPECT_EQ(count("<" + tag + ">") + count("<" + tag + " "), count("</" + tag + ">")) << tag;
  // A shape of SVG that is left open swallows the next one.
  for (const std::string shape : {"<line ", "<circle ", "<polyline ", "<rect "})
    for (std::size_t at = page.find(shape); at != std::string::npos; at = page.find(shape, at + 1))
      EXPECT_EQ(page[page.find('>', at) - 1], '/') << page.substr(at, 80);
}

TEST(Proof, ThePageSaysHowTheTwoTrainingsWereAlike) {
  const auto page_of = [](std::uint32_t steps_with, std::uint32_t batch, const std::string& learner) {
    std::vector<Trial> trials = trials_with({2, 1.5, 2.5, 1.8, 2.2, 2});
    for (Trial& t : trials)
      if (t.arm == "mine") t.course.steps = t.course.chosen_step = steps_with;
    ProofFacts f = facts();
    f.batch = batch, f.learner = learner;
    return proof_page(conclude(std::move(f), trials));
  };
  const auto has = [](const std::string& page, const char* part) { return page.find(part) != std::string::npos; };
  const std::string equal = page_of(100, 32, "conv_net: a small network"), fewer = page_of(34, 32, "conv_net: a small network"), trees = page_of(100, 0, "trees: XGBoost");
  EXPECT_TRUE(has(equal, "6 pairs of models (conv_net)") && has(equal, "for the same 100 steps") && has(equal, "equal steps"));
  EXPECT_TRUE(has(fewer, "34 steps with it and 100 without") && has(fewer, "planned steps"));
  EXPECT_FALSE(has(fewer, "the same 100 steps") || has(fewer, "equal steps"));
  EXPECT_TRUE(has(trees, "pairs of models (trees)") && has(trees, "for 100 rounds") && has(trees, "equal rounds"));
  EXPECT_FALSE(has(trees, "small model") || has(trees, "small network"));
}

TEST(Proof, ElevenArmsAreToldApart) {
  std::set<std::string> looks;
  std::vector<KeyEntry> arms;
  for (std::size_t a = 0; a < 11; ++a) arms.push_back({a, "arm"});
  flow::HtmlWriter page;
  write_key(page, arms);
  const std::string html = page.take();
  for (std::size_t at = html.find("<i style"); at != std::string::npos; at = html.find("<i style", at + 1)) looks.insert(html.substr(at, html.find('>', at) - at));
  EXPECT_EQ(looks.size(), 11U);
}

TEST(Proof, StrengthIsDrawnInSteps) {
  std::vector<Trial> trials = trials_with({2, 1.5});
  for (Trial& t : trials)
    if (t.arm == "mine") t.course.strengths = {{0, 0, 0, 0}, {50, 1, 1, 1}}, t.course.mean_strength = 0.5;
  const std::string page = proof_page(conclude(facts(), trials));
  const std::size_t at = page.find("<polyline", page.find("How strongly the recipe changed"));
  // Left to right in thousandths, from above: 0 until the half of it, then 1.
  EXPECT_EQ(page.substr(at, page.find(" \"", at) - at), "<polyline points=\"0.0,1000.0 500.0,1000.0 500.0,0.0 1000.0,0.0");
}

TEST(Proof, AnArmWhoseStrengthNeverMovedIsNamed) {
  std::vector<Trial> trials = trials_with({2, 1.5});
  const std::vector<Arm> arms{{.name = "mine", .rule = StrengthRule::ada}, {.name = "dup"}};
  const auto with = [&](std::vector<StrengthPoint> points) {
    for (Trial& t : trials) t.course.strengths = points;
    const std::vector<std::string> notes = strength_notes(arms, trials);
    return notes.empty() ? std::string() : notes.front();
  };
  EXPECT_EQ(with({{0, 0, 0, 0}, {5, 0, 0, 0}}).find("mine (matched): the strength stayed at 0 in all 2 trainings, so nothing was changed: 1 − training loss / validation loss"), 0U);
  EXPECT_NE(with({{0, 0, 0, 0}}).find("shorter than a pass"), std::string::npos);
  EXPECT_EQ(with({{0, 0, 0, 0}, {5, 0.1, 0.1, 0.1}}), "");
  EXPECT_EQ(with({{0, 0, 0, 0}, {5, 1, 1, 1}, {9, 1, 1, 1}}).find("mine (matched): the strength was 1 from the second pass on"), 0U);
}

TEST(Proof, WhatIsNotKnownIsNullInJson) {
  std::vector<Trial> trials = trials_with({2, 2});
  for (Trial& t : trials) {
    t.metrics.class_accuracy[1] = kUnknown;
    t.metrics.auc = kUnknown;
    if (t.arm == "mine") t.failure = "it fell over";
  }
  const auto json = nlohmann::json::parse(proof_json(conclude(facts(), trials)));
  EXPECT_EQ(json.at("primary").at("seeds"), 0);
  for (const char* name : {"mean", "deviation", "interval", "bootstrap", "p", "p_equal", "p_signs", "detectable"}) EXPECT_TRUE(json.at("primary").at(name).is_null()) << name;
  EXPECT_TRUE(json.at("comparisons").at(0).at("p_adjusted").is_null());
  const auto& mine = json.at("arms").at(0);
  EXPECT_EQ(mine.at("arm"), "mine");
  EXPECT_TRUE(mine.at("metrics").at("accuracy").at("mean").is_null());
  EXPECT_TRUE(mine.at("steps").is_null());
  const auto& dup = json.at("arms").at(1);
  EXPECT_TRUE(dup.at("metrics").at("auc").at("mean").is_null());
  EXPECT_TRUE(dup.at("class_accuracy").at(1).is_null());
  EXPECT_FALSE(dup.at("class_accuracy").at(0).is_null());
  // One pair has a mean and no deviation.
  trials = trials_with({2});
  const auto one = nlohmann::json::parse(proof_json(conclude(facts(), trials)));
  EXPECT_NEAR(one.at("primary").at("mean").get<double>(), 2, 1e-9);
  EXPECT_TRUE(one.at("primary").at("interval").is_null());
}

TEST(Proof, ATrialComesBackFromItsLine) {
  Trial t = made_trial("dup", 3, 81);
  t.metrics.class_accuracy[0] = kUnknown;
  t.constant.accuracy = 60, t.constant.class_accuracy = {100, kUnknown};
  t.labels = {{"", 92, "6", "9", 3, 300, 50}};
  const std::optional<Trial> back = trial_from_json(to_json_line(t));
  ASSERT_TRUE(back);
  EXPECT_FALSE(is_known(back->metrics.class_accuracy[0]));
  EXPECT_EQ(back->metrics.class_accuracy[1], 76);
  EXPECT_EQ(back->constant.accuracy, 60);
  EXPECT_FALSE(is_known(back->constant.class_accuracy[1]));
  EXPECT_EQ(back->labels[0].items, 300U);
  EXPECT_EQ(back->labels[0].chance, 50);
}

TEST(Proof, AFewTestItemsMakeNothingHarmlessWhateverTheMetric) {
  for (const char* metric : {"accuracy", "macro_f1", "auc", "worst_class", "ece"}) {
    ProofFacts few = facts();
    few.metric = metric, few.test_items = 4, few.test_of_class = {2, 2};
    const Proof proof = conclude(few, trials_with({0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(proof.verdict.word, Word::inconclusive) << metric;
    EXPECT_GE(proof.verdict.resolution, 25) << metric;
    EXPECT_EQ(conclude(facts(), trials_with({0, 0, 0, 0, 0, 0})).verdict.word, Word::harmless) << metric;
  }
  // Fifty items resolve two points, which is more than the margin, though all seeds agree.
  ProofFacts some = facts();
  some.margin = 1.9, some.test_items = 50, some.test_of_class = {25, 25};
  const Proof proof = conclude(some, trials_with({0, 0, 0, 0, 0, 0}));
  EXPECT_NE(sentence(proof).find("one of 50 more or less counts 2.00 points, and the margin is ±1.9"), std::string::npos) << sentence(proof);
}

TEST(Proof, WithoutAnythingLearnedNothingIsHarmless) {
  std::vector<Trial> trials = trials_with({.1, -.1, .2, -.2, .1, -.1});
  for (Trial& t : trials)
    if (t.arm == "dup") t.constant.accuracy = t.metrics.accuracy + (t.seed % 2 ? 0.5 : -0.5);
  Proof proof = conclude(facts(), trials);
  EXPECT_FALSE(proof.control_learns);
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  EXPECT_EQ(proof.comparisons.front().verdict.word, Word::inconclusive);
  EXPECT_EQ(sentence(proof).find("Inconclusive: without mine the learner does no better on this data than saying the most frequent class of every picture"), 0U) << sentence(proof);
  for (Trial& t : trials)
    if (t.arm == "dup") t.constant.accuracy = 50;
  EXPECT_EQ(conclude(facts(), trials).verdict.word, Word::harmless);
  // A recipe with which it learns at last helps all the same, and that is said.
  trials = trials_with({20, 21, 22, 20, 21, 20});
  for (Trial& t : trials)
    if (t.arm == "dup") t.constant.accuracy = t.metrics.accuracy;
  proof = conclude(facts(), trials);
  EXPECT_EQ(proof.verdict.word, Word::helps);
  ASSERT_FALSE(warnings_of(proof).empty());
  EXPECT_EQ(warnings_of(proof).front(), "without mine the learner does no better than saying the most frequent class of every picture");
}

TEST(Proof, ARepetitionThatIsNotPlainIsWarnedOf) {
  std::vector<Trial> trials = trials_with({2, 1.5, 2.5, 1.8, 2.2, 2});
  for (Trial& t : trials)
    if (t.arm == "none") t.metrics.accuracy += 3.4 + 0.1 * (t.seed % 3);  // 79 + seed; dup has 80 + seed
  const Proof proof = conclude(facts(), trials);
  ASSERT_EQ(warnings_of(proof).size(), 1U);
  EXPECT_EQ(warnings_of(proof)[0].find("plain repetition (dup) alone changes accuracy by -2.50 points against the same pictures shown once (none; 95 % interval -2.59 to -2.41)"), 0U) << warnings_of(proof)[0];
  EXPECT_NE(proof_text(proof).find("\nwarning: plain repetition"), std::string::npos);
  EXPECT_NE(proof_page(proof).find("plain repetition (dup) alone"), std::string::npos);
  for (Trial& t : trials)
    if (t.arm == "none") t.metrics.accuracy = 80 + t.seed + (t.seed % 2 ? 0.4 : -0.4);
  EXPECT_TRUE(warnings_of(conclude(facts(), trials)).empty());
}

TEST(Proof, ABudgetThatEndedBeforeThreePairsJudgesNothing) {
  ProofFacts cut = facts();
  cut.budget_ended = true;
  const Proof proof = conclude(cut, trials_with({2, 2}));
  EXPECT_EQ(proof.verdict.word, Word::inconclusive);
  EXPECT_EQ(sentence(proof), "Inconclusive: the budget ended after 2 of 6 pairs of trainings, and 3 are the least that are judged");
  EXPECT_EQ(conclude(cut, trials_with({2, 2, 2})).verdict.word, Word::helps);
  cut.seeds_asked = 2;
  EXPECT_EQ(conclude(cut, trials_with({2, 2})).verdict.word, Word::helps);
}

TEST(LabelChecks, WarnOfWhatIsBeyondChanceAndOnlyWhereTheTeacherKnows) {
  const auto checks = [](double plain, double changed, std::size_t items, double chance) {
    return std::vector<LabelCheck>{{"", plain, "", "", 0, items, chance}, {"turn", changed, "", "", 0, items, chance}};
  };
  EXPECT_EQ(suspicious(checks(90, 40, 300, 50)).size(), 1U);
  EXPECT_TRUE(suspicious(checks(90, 60, 300, 50)).empty());
  // Five of ten against nine: [24, 76] and [60, 98].
  EXPECT_TRUE(suspicious(checks(90, 50, 10, 25)).empty());
  EXPECT_EQ(suspicious(checks(90, 20, 10, 25)).size(), 1U);
  // 30 of 100 where guessing gets 25: it knows nothing that an op could spoil.
  EXPECT_FALSE(can_judge(checks(30, 5, 100, 25)));
  EXPECT_TRUE(suspicious(checks(30, 5, 100, 25)).empty());
  EXPECT_TRUE(can_judge(checks(60, 5, 100, 25)));
  EXPECT_FALSE(can_judge({}));
  std::vector<Trial> trials = trials_with({2, 1.5, 2.5});
  trials[1].labels = checks(30, 5, 100, 25);
  EXPECT_NE(proof_text(conclude(facts(), trials)).find("note: whether labels stay true cannot be judged: the model trained without the recipe recognises 30 % of 100 pictures as they are, and guessing 25 %"), std::string::npos);
}

TEST(Proof, AMetricThatIsNoneIsRefused) { EXPECT_THROW(metric_named("acuracy"), Error); }

}  // namespace
}  // namespace leaven::learn

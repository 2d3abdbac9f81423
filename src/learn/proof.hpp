// What a proof found, ready to be told: in the terminal, as JSON, as a page.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "learn/label_check.hpp"
#include "learn/material.hpp"
#include "learn/trial.hpp"
#include "learn/verdict.hpp"

namespace leaven::learn {

/// Names, in the order of the tables, and how to read them.
struct MetricInfo {
  std::string_view name{}, title{};
  double Metrics::*value{};
  bool less_is_better{};
};
const std::vector<MetricInfo>& metric_infos();
/// Whether it is one of predicted numbers, not of classes.
bool is_of_numbers(std::string_view metric);
/// Throws Error(usage) with the nearest name.
const MetricInfo& metric_named(std::string_view name);

/// One arm against dup, or one whose strength follows the training against its mean strength, in one regime and metric, over the seeds for which both went through. Differences are gains: more
/// is better whatever the metric.
struct Comparison {
  std::string arm{}, against{}, metric{};
  Regime regime{};
  bool primary{};
  std::vector<std::uint32_t> seeds{};
  std::vector<double> differences{};
  Verdict verdict{};
  double p_adjusted{1};  ///< of the t test among all that are not primary (Benjamini and Hochberg)
};

struct Summary {
  double mean{}, deviation{};
  std::size_t seeds{};
};

/// One arm in one regime.
struct ArmResult {
  std::string arm{};
  Regime regime{};
  std::map<std::string, Summary, std::less<>> metrics{};
  std::vector<double> class_accuracy{};                    ///< mean over seeds; kUnknown: nothing to test with
  std::map<std::string, std::vector<double>> robustness{}; ///< mean over seeds, by corruption and severity
  std::vector<CurvePoint> curve{};                         ///< mean over the seeds that have the point
  std::vector<StrengthPoint> strengths{};                  ///< the same; empty: the recipe as it is
  double mean_strength{1};                                 ///< over seeds
  std::size_t whole{};                                     ///< trainings that went through
  double steps{}, cpu_seconds{};                           ///< mean and sum over seeds
  std::vector<std::string> failures{};                     ///< "seed 3: the loss became NaN at step 37"
};

/// A recipe that `leaven tune` tried on held-out training data.
struct Tried {
  std::string name{};
  int round{};              ///< the last one that it was in, from 1
  std::size_t trainings{};  ///< in that round
  double score{};           ///< their mean, in points, more is better; kUnknown: one broke down
};

struct ProofFacts {
  std::string recipe{}, recipe_yaml{}, data{}, description{}, learner{}, machinery{}, command{}, version{}, metric{"accuracy"};
  std::vector<std::string> arms{}, classes{}, notes{};  ///< classes: empty where a number is learned
  std::string one{"picture"}, many{"pictures"};         ///< what an item is called
  std::uint32_t seeds_asked{}, batch{};  ///< batch 0: all items at once
  std::uint32_t steps{};  ///< 0: an external program decides
  std::size_t train_items{}, validation_items{}, test_items{};
  std::vector<std::size_t> test_of_class{};  ///< empty where a number is learned
  bool budget_ended{};                       ///< before all trainings were done
  InputShape shape{};
  double margin{};
  double seconds{}, cpu_seconds{};  ///< by the clock in the last run; of all trainings, each counted once
  std::size_t kept_trainings{};     ///< by earlier runs
  int threads{};
  std::size_t equal_items{};  ///< training and validation items left out because a test item is equal
  std::size_t look_alike_count{};
  std::vector<LookAlike> look_alikes{};  ///< the first few
  std::string primary_arm{}, control{"dup"};
  /// Of arms that are compared with another one besides `control`, by name: see Arm::control.
  std::map<std::string, std::string> controls{};
  std::map<std::string, std::string> meanings{};  ///< of each arm, for people
  std::map<std::string, std::string> recipes{};   ///< of each arm that has one, as YAML
  std::string data_digest{};                      ///< of the items, their classes and bytes
  std::vector<Tried> tried{};                     ///< by `leaven tune`, the best one first; empty: nothing was searched
};

struct Proof {
  ProofFacts facts{};
  Verdict verdict{};             ///< of the primary comparison
  std::vector<Comparison> comparisons{};  ///< the primary one first
  std::vector<ArmResult> arms{};
  std::vector<Trial> trials{};
  std::vector<LabelCheck> labels{};
  /// Whether the control does better than saying the same of every test item; where not, that no harm is seen means nothing.
  bool control_learns{true};
  /// none against dup, where they differ beyond chance: then a gain over dup may be what repeating lost.
  std::optional<Verdict> repetition{};
};

/// Those of its kind of task.
std::vector<MetricInfo> metrics_of(const ProofFacts& facts);

/// Trials in any order; those that failed are told, and the others of their seed count for nothing in comparisons with
/// them.
Proof conclude(ProofFacts facts, std::vector<Trial> trials);

/// Those that any training gave; the one that decides where none did.
std::vector<MetricInfo> metrics_seen(const Proof& proof);

/// How long trainings of a regime were: "equal steps" where they were, for instance.
std::string length_text(const Proof& proof, Regime regime);
/// What a step is called: "steps" or "rounds".
std::string_view step_text(const ProofFacts& facts);

/// "1 min 48 s of computing, 55 s by the clock on 2 threads".
std::string cost_text(const ProofFacts& facts);

/// What a row of comparisons is called: the arm, and what it is compared with where that is not `dup`.
std::string compared_text(const Comparison& comparison, const ProofFacts& facts);

/// The verdict as a manager reads it, in three parts: what was found, how sure that is, what would make it surer (or why nothing was).
struct Statement {
  std::string claim{}, evidence{}, advice{};
};
Statement statement(const Proof& proof);
/// Why nothing is said of whether labels stay true.
std::string unjudged_labels_text(const Proof& proof);
/// What keeps the verdict from being taken at its word, each a phrase.
std::vector<std::string> warnings_of(const Proof& proof);
/// All of that statement in one sentence.
std::string sentence(const Proof& proof);
/// Tables of at most 100 columns where the names of arms are short.
std::string proof_text(const Proof& proof);
std::string proof_json(const Proof& proof);
std::string proof_page(const Proof& proof);

}  // namespace leaven::learn

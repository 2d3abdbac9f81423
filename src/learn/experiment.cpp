#include "learn/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "core/lineage.hpp"
#include "learn/cluster_mix.hpp"
#include "learn/clusters.hpp"
#include "learn/dynamic_strength.hpp"
#include "learn/ensemble.hpp"
#include "learn/inner_learner.hpp"
#include "learn/label_check.hpp"
#include "learn/views.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostValidation = 500;  ///< items, so that looking costs little beside training
constexpr std::size_t kMostChecked = 300;

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

bool is_finite(const std::vector<float>& values) { return std::ranges::all_of(values, [](float v) { return std::isfinite(v); }); }

struct Trained {
  std::unique_ptr<Supply> supply{};
  std::unique_ptr<Learner> learner{};
  Course course{};
};

/// Of the fold's training items as they are, by where they stand in `train`.
Clusters clusters_of_items(Supply& supply, const Entries& train, std::uint64_t seed) {
  return clusters_of(supply.hold(train).values, supply.shape().values(), KeyMaker({.seed = seed}).key("prove/clusters", {}));
}

/// What is known of the items of `train`, by entry.
template <class T>
std::vector<T> by_entry(const std::vector<T>& of_items, const Entries& train, std::size_t entries) {
  std::vector<T> all(entries);
  for (std::size_t i = 0; i < train.size(); ++i) all[train[i]] = of_items[i];
  return all;
}

/// An arm with one recipe. `part`: of how many members it is one, each of which has its part of the steps; `member`: which.
Trained train_arm(const Experiment& x, const Arm& arm, const TrialId& id, const Entries& looked_at, std::size_t member, std::size_t part, const std::atomic<bool>& stop) {
  const Fold& fold = x.partition.folds[id.fold];
  const std::uint64_t seed = x.seed + id.fold;
  const ArmRecipe* const control = x.arms.front().recipe ? &*x.arms.front().recipe : nullptr;
  Trained made{.supply = x.material.supply(arm, control, fold, seed)};
  Supply& supply = *made.supply;
  // The first member is the learner that every arm of the pair has.
  const Key key = KeyMaker({.seed = seed}).key("prove/learner", member == 0 ? "" : "member " + std::to_string(member));
  made.learner = learner_of(x, arm).make(supply.shape(), supply.classes(), key);
  const Held validation = supply.hold(looked_at);
  const std::size_t entries = x.material.index().entries.size();
  std::optional<DynamicStrength> dynamic;
  std::optional<ClusterMix> mix;
  Schedule schedule = schedule_of(x, arm, id.regime);
  if (arm.rule) dynamic.emplace(*arm.rule, supply, x.material.index(), fold.train, validation);
  if (!arm.schedule.empty()) dynamic.emplace(arm.schedule, std::uint64_t{x.steps} * x.batch, supply, x.material.index(), fold.train);
  if (arm.way == Way::cluster_strength) dynamic.emplace(by_entry(strength_by_density(clusters_of_items(supply, fold.train, seed)), fold.train, entries), supply, fold.train);
  if (arm.way == Way::cluster_weight) supply.show_often(by_entry(weight_by_size(clusters_of_items(supply, fold.train, seed)), fold.train, entries));
  if (arm.way == Way::cluster_mix) mix.emplace(by_entry(clusters_of_items(supply, fold.train, seed).of, fold.train, entries), KeyMaker({.seed = seed}).key("prove/mix", {}));
  schedule.agrees = arm.way == Way::consistency;
  // What takes several views a step has as many fewer, so that all arms compute as much.
  const std::size_t share = schedule.agrees ? Inside::kViews : schedule.whole ? 1 : part;
  schedule.steps = std::max<std::uint32_t>(1, static_cast<std::uint32_t>((schedule.steps + share - 1) / share));
  made.course = train(*made.learner, supply, validation, schedule, stop, dynamic ? &*dynamic : nullptr, mix ? &*mix : nullptr);
  return made;
}

/// Members one after another; their mean is what is left.
Trained train_ensemble(const Experiment& x, const Arm& arm, const TrialId& id, const Entries& looked_at, const std::atomic<bool>& stop) {
  const std::size_t count = arm.members.size() + 1;
  std::vector<std::unique_ptr<Learner>> learners;
  Trained made;
  for (std::size_t m = 0; m < count; ++m) {
    const Arm alone{.name = arm.name, .times = arm.times, .recipe = m == 0 ? arm.recipe : arm.members[m - 1]};
    Trained one = train_arm(x, alone, id, looked_at, m, count, stop);
    learners.push_back(std::move(one.learner));
    if (!one.course.failure.empty() && made.course.failure.empty()) made.course.failure = fmt::format("member {}: {}", m + 1, one.course.failure);
    if (m == 0) {
      made.course.curve = std::move(one.course.curve);
      // What holds test items: members prepare them alike.
      static const Arm kPlain{.name = kNone};
      made.supply = x.material.supply(kPlain, nullptr, x.partition.folds[id.fold], x.seed + id.fold);
    }
    made.course.steps += one.course.steps;
    made.course.chosen_step += one.course.chosen_step;
  }
  made.learner = ensemble_of(std::move(learners));
  return made;
}

/// On views that are chosen among what the recipe makes of validation items.
Predictions predicted_in_views(const Experiment& x, const Arm& arm, const Fold& fold, const Entries& looked_at, std::uint64_t seed, Learner& learner) {
  Views views(x.material, *arm.recipe, fold, seed);
  views.choose(learner, looked_at);
  return views.predict(learner, x.partition.test);
}

/// Of each class among these items; empty where a number is learned.
std::vector<double> shares_of(const Entries& entries, const Material& material) {
  std::vector<double> shares(material.classes());
  if (!shares.empty())
    for (const std::uint32_t e : entries) shares[material.index().entries[e].label] += 1 / static_cast<double>(entries.size());
  return shares;
}

/// The one training whose model checks the labels: plain, matched, of the first fold.
bool is_teacher(const Experiment& x, const TrialId& id) {
  return x.checks_labels && id.fold == 0 && id.regime == Regime::matched && x.arms[id.arm].name == kDup;
}

}  // namespace

std::string digest_of_items(const Material& material, const Entries& entries) {
  std::string all;
  for (const std::uint32_t e : entries) {
    const io::Entry& entry = material.index().entries[e];
    all += entry.id + '\0' + material.index().labels[entry.label] + '\0' + material.digest(e) + '\n';
  }
  return digest_of(all.data(), all.size());
}

std::vector<std::string> digests_of_folds(const Material& material, const Partition& partition) {
  const std::string test = digest_of_items(material, partition.test);
  std::vector<std::string> digests;
  for (const Fold& fold : partition.folds) digests.push_back(test + digest_of_items(material, fold.train) + digest_of_items(material, fold.validation));
  return digests;
}

std::string key_of(const Experiment& x, const TrialId& id) {
  const Arm& arm = x.arms[id.arm];
  const Fold& fold = x.partition.folds[id.fold];
  std::string all = x.digest + (x.items.empty() ? "" : x.items[id.fold]) + '\n' + std::to_string(arm.times) + '\n' + (arm.recipe ? arm.recipe->digest : "plain") + '\n';
  if (arm.rule) all += "strength by " + std::string(name_of(*arm.rule)) + '\n';
  for (const double strength : arm.schedule) all += "strength " + std::to_string(strength) + '\n';
  if (arm.way) all += "way " + std::to_string(static_cast<int>(*arm.way)) + '\n';
  if (arm.learner) all += "learner " + arm.learner->name + ' ' + arm.learner->machinery + ' ' + std::to_string(arm.steps) + '\n';
  for (const ArmRecipe& member : arm.members) all += "member " + member.digest + '\n';
  all += std::string(name_of(id.regime)) + ' ' + std::to_string(x.steps) + ' ' + std::to_string(x.batch) + ' ' + std::to_string(x.seed + id.fold);
  // Rows are repeated as often as the recipe makes some, so what they are repeated for counts too.
  if (!arm.recipe && x.arms.front().recipe && x.material.domain() == Domain::columns && arm.times > 1) all += " beside " + x.arms.front().recipe->digest;
  if (is_teacher(x, id)) all += " teacher of " + x.arms.front().recipe->digest;
  for (const Entries* entries : {&fold.train, &fold.validation, &x.partition.test, &x.material.robustness_entries()}) {
    all += '\n';
    for (const std::uint32_t e : *entries) all += std::to_string(e) + ' ';
  }
  return digest_of(all.data(), all.size());
}

std::unique_ptr<Supply> supply_of(const Experiment& x, const TrialId& id) {
  const ArmRecipe* const control = x.arms.front().recipe ? &*x.arms.front().recipe : nullptr;
  return x.material.supply(x.arms[id.arm], control, x.partition.folds[id.fold], x.seed + id.fold);
}

const LearnerKind& learner_of(const Experiment& x, const Arm& arm) { return arm.learner ? *arm.learner : x.learner; }

Schedule schedule_of(const Experiment& x, const Arm& arm, Regime regime) {
  return {regime, arm.steps > 0 ? arm.steps : x.steps, x.batch, learner_of(x, arm).rounds > 0};
}

Trial run_trial(const Experiment& x, const TrialId& id, const std::atomic<bool>& stop) {
  const double begun = thread_seconds();
  const Fold& fold = x.partition.folds[id.fold];
  const std::uint64_t seed = x.seed + id.fold;
  Trial trial;
  trial.key = key_of(x, id);
  trial.arm = x.arms[id.arm].name;
  trial.regime = id.regime;
  trial.seed = id.fold;

  const Arm& arm = x.arms[id.arm];
  const Entries looked_at = evenly(fold.validation, x.material.index(), kMostValidation);
  Trained trained = arm.members.empty() ? train_arm(x, arm, id, looked_at, 0, 1, stop) : train_ensemble(x, arm, id, looked_at, stop);
  const std::unique_ptr<Learner>& learner = trained.learner;
  const std::unique_ptr<Supply>& supply = trained.supply;
  trial.course = std::move(trained.course);
  trial.failure = trial.course.failure;
  if (trial.failure.empty()) {
    const std::vector<float> weights = learner->weights();
    trial.weights = digest_of(weights.data(), weights.size() * sizeof(float));
    const Predictions predicted = arm.way == Way::views ? predicted_in_views(x, arm, fold, looked_at, seed, *learner) : predict(*learner, *supply, x.partition.test);
    if (is_finite(predicted.probability)) {
      trial.metrics = measure(predicted);
      if (trial.arm == kDup) trial.constant = measure_constant(predicted, shares_of(fold.train, x.material));
      trial.robustness = x.material.robustness(*learner, *supply);
    } else {
      trial.failure = "the trained model predicts NaN";
    }
  }
  if (trial.failure.empty() && is_teacher(x, id))
    trial.labels = check_labels(*learner, x.material, *x.arms.front().recipe, fold, evenly(fold.validation, x.material.index(), kMostChecked), seed);
  trial.cpu_seconds = thread_seconds() - begun;
  return trial;
}

}  // namespace leaven::learn

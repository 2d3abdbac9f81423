#include "learn/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "core/lineage.hpp"
#include "learn/dynamic_strength.hpp"
#include "learn/label_check.hpp"

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

/// The one training whose model checks the labels: plain, matched, of the first fold.
bool is_teacher(const Experiment& x, const TrialId& id) {
  return x.checks_labels && id.fold == 0 && id.regime == Regime::matched && x.arms[id.arm].name == kDup;
}

}  // namespace

std::string digest_of_items(const Material& material, const Partition& partition) {
  std::string all;
  for (const std::uint32_t e : partition.used()) {
    const io::Entry& entry = material.index().entries[e];
    all += entry.id + '\0' + material.index().labels[entry.label] + '\0' + material.digest(e) + '\n';
  }
  return digest_of(all.data(), all.size());
}

std::string key_of(const Experiment& x, const TrialId& id) {
  const Arm& arm = x.arms[id.arm];
  const Fold& fold = x.partition.folds[id.fold];
  std::string all = x.digest + '\n' + std::to_string(arm.times) + '\n' + (arm.recipe ? arm.recipe->digest : "plain") + '\n';
  if (arm.rule) all += "strength by " + std::string(name_of(*arm.rule)) + '\n';
  for (const double strength : arm.schedule) all += "strength " + std::to_string(strength) + '\n';
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

Schedule schedule_of(const Experiment& x, Regime regime) { return {regime, x.steps, x.batch, x.learner.rounds > 0}; }

Trial run_trial(const Experiment& x, const TrialId& id, const std::atomic<bool>& stop) {
  const double begun = thread_seconds();
  const Fold& fold = x.partition.folds[id.fold];
  const std::uint64_t seed = x.seed + id.fold;
  Trial trial;
  trial.key = key_of(x, id);
  trial.arm = x.arms[id.arm].name;
  trial.regime = id.regime;
  trial.seed = id.fold;

  const auto supply = supply_of(x, id);
  const Key key = KeyMaker({.seed = seed}).key("prove/learner", {});
  const auto learner = x.learner.make(supply->shape(), supply->classes(), key);
  const Held validation = supply->hold(evenly(fold.validation, x.material.index(), kMostValidation));
  std::optional<DynamicStrength> dynamic;
  if (const auto& rule = x.arms[id.arm].rule) dynamic.emplace(*rule, *supply, x.material.index(), fold.train, validation);
  if (const auto& schedule = x.arms[id.arm].schedule; !schedule.empty())
    dynamic.emplace(schedule, std::uint64_t{x.steps} * x.batch, *supply, x.material.index(), fold.train);
  trial.course = train(*learner, *supply, validation, schedule_of(x, id.regime), stop, dynamic ? &*dynamic : nullptr);
  trial.failure = trial.course.failure;
  if (trial.failure.empty()) {
    const std::vector<float> weights = learner->weights();
    trial.weights = digest_of(weights.data(), weights.size() * sizeof(float));
    const Predictions predicted = predict(*learner, *supply, x.partition.test);
    if (is_finite(predicted.probability)) {
      trial.metrics = measure(predicted);
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

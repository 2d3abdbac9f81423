#include "learn/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "core/lineage.hpp"
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

double accuracy_under(Learner& learner, const Experiment& x, const Standard& standard, const CorruptedSet& set) {
  const InputShape& shape = x.pictures.shape();
  Held held{std::vector<float>(set.pixels.size() * shape.values()), {}, static_cast<std::uint32_t>(x.pictures.index().labels.size())};
  for (std::size_t i = 0; i < set.pixels.size(); ++i) {
    standardise(set.pixels[i].view(), standard, shape, std::span(held.pixels).subspan(i * shape.values(), shape.values()));
    held.labels.push_back(x.pictures.index().entries[x.corrupted.entries[i]].label);
  }
  return measure(predict(learner, held)).accuracy;
}

bool is_finite(const std::vector<float>& values) { return std::ranges::all_of(values, [](float v) { return std::isfinite(v); }); }

/// The one training whose model checks the labels: plain, matched, of the first fold.
bool is_teacher(const Experiment& x, const TrialId& id) {
  return x.checks_labels && id.fold == 0 && id.regime == Regime::matched && x.arms[id.arm].name == kDup;
}

}  // namespace

std::string digest_of_pictures(const Pictures& pictures, const Partition& partition) {
  std::string all;
  for (const std::uint32_t e : partition.used()) {
    const io::Entry& entry = pictures.index().entries[e];
    all += entry.id + '\0' + pictures.index().labels[entry.label] + '\0' + pictures.digest(e) + '\n';
  }
  return digest_of(all.data(), all.size());
}

std::string key_of(const Experiment& x, const TrialId& id) {
  const Arm& arm = x.arms[id.arm];
  const Fold& fold = x.partition.folds[id.fold];
  std::string all = x.digest + '\n' + std::to_string(arm.times) + '\n' + (arm.recipe ? arm.recipe->digest() : "plain") + '\n';
  all += std::string(name_of(id.regime)) + ' ' + std::to_string(x.steps) + ' ' + std::to_string(x.batch) + ' ' + std::to_string(x.seed + id.fold);
  if (is_teacher(x, id)) all += " teacher of " + x.arms.front().recipe->digest();
  for (const Entries* entries : {&fold.train, &fold.validation, &x.partition.test, &x.corrupted.entries}) {
    all += '\n';
    for (const std::uint32_t e : *entries) all += std::to_string(e) + ' ';
  }
  return digest_of(all.data(), all.size());
}

Trial run_trial(const Experiment& x, const TrialId& id, const std::atomic<bool>& stop) {
  const double begun = thread_seconds();
  const Arm& arm = x.arms[id.arm];
  const Fold& fold = x.partition.folds[id.fold];
  const io::DatasetIndex& index = x.pictures.index();
  const std::uint64_t seed = x.seed + id.fold;
  Trial trial;
  trial.key = key_of(x, id);
  trial.arm = arm.name;
  trial.regime = id.regime;
  trial.seed = id.fold;

  const Standard standard = standard_of(x.pictures, fold.train);
  const Feed plain(x.pictures, standard, nullptr, seed), feed(x.pictures, standard, arm.recipe ? &*arm.recipe : nullptr, seed);
  const Entries validation = evenly(fold.validation, index, kMostValidation);
  Order order(fold.train, arm.times, seed);
  const Key key = KeyMaker({.seed = seed}).key("prove/learner", {});
  const auto learner = x.learner.make(x.pictures.shape(), static_cast<std::uint32_t>(index.labels.size()), key);
  trial.course = train(*learner, order, feed, index, hold(plain, validation, index), x.pictures.shape(),
                       {id.regime, x.steps, x.batch}, stop);
  trial.failure = trial.course.failure;
  if (trial.failure.empty()) {
    const std::vector<float> weights = learner->weights();
    trial.weights = digest_of(weights.data(), weights.size() * sizeof(float));
    const Predictions predicted = predict(*learner, plain, x.partition.test, index);
    if (is_finite(predicted.probability)) {
      trial.metrics = measure(predicted);
      for (const CorruptedSet& set : x.corrupted.sets) trial.robustness[set.corruption].push_back(accuracy_under(*learner, x, standard, set));
    } else {
      trial.failure = "the trained model predicts NaN";
    }
  }
  if (trial.failure.empty() && is_teacher(x, id))
    trial.labels = check_labels(*learner, x.pictures, standard, *x.arms.front().recipe, evenly(fold.validation, index, kMostChecked), seed);
  trial.cpu_seconds = thread_seconds() - begun;
  return trial;
}

}  // namespace leaven::learn

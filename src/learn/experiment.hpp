// Everything that the trainings of one proof share, and one training.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "learn/material.hpp"

namespace leaven::learn {

struct Experiment {
  const Material& material;
  const Partition& partition;
  const std::vector<Arm>& arms;  ///< arms[0] is the recipe
  const LearnerKind& learner;
  std::uint32_t steps{}, batch{};
  std::uint64_t seed{};  ///< added to the number of each fold
  bool checks_labels{true};
  /// Of everything else that decides: the learner and its machinery, the version.
  std::string digest{};
  /// Of what each fold trains, validates and tests with, so that more folds change nothing of those that are there; empty where
  /// `digest` says it.
  std::vector<std::string> items{};
};
/// Ids, classes and contents of these items.
std::string digest_of_items(const Material& material, const Entries& entries);
std::vector<std::string> digests_of_folds(const Material& material, const Partition& partition);

struct TrialId {
  std::size_t arm{};
  Regime regime{};
  std::uint32_t fold{};
};
std::string key_of(const Experiment& experiment, const TrialId& id);
/// What the training is given.
std::unique_ptr<Supply> supply_of(const Experiment& experiment, const TrialId& id);
/// The arm's own, or the proof's.
const LearnerKind& learner_of(const Experiment& experiment, const Arm& arm);
/// How it goes.
Schedule schedule_of(const Experiment& experiment, const Arm& arm, Regime regime);

/// Weights, order and draws come from the fold's seed alone, so the arms of a fold are a pair. A training that breaks down
/// comes back with its failure. The test split is predicted once, when training has ended.
Trial run_trial(const Experiment& experiment, const TrialId& id, const std::atomic<bool>& stop);

}  // namespace leaven::learn

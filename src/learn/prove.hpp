// `leaven prove`: is a recipe worth having on this data? Trains with and without it, pair by pair, and judges.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "learn/arms.hpp"
#include "learn/learner.hpp"
#include "learn/proof.hpp"

namespace leaven::learn {

struct ProveOptions {
  std::string recipe{};                ///< a file, preset or policy
  std::vector<std::string> against{};  ///< see arms_for()
  std::filesystem::path data{}, out{};
  std::string input_format{};
  std::optional<std::uint32_t> per_class{};
  std::uint32_t seeds{6};
  std::uint64_t seed{};
  std::optional<std::uint32_t> steps{}, epochs{};  ///< neither: as many as seem enough and the budget allows
  std::uint32_t batch{32};
  int side{};              ///< px, see Pictures
  double test{0.2};        ///< share
  std::string group{};     ///< see PartitionOptions; of a table a column
  std::string target{};    ///< of a table: the column to predict; empty: that of the schema, or label, class, target, y
  std::string metric{};                ///< empty: accuracy, or r2 where a number is predicted
  std::optional<double> margin{};  ///< points; nothing: 0.3, and 1 below 1,000 training items
  double budget{600};      ///< s; 0: none
  bool converged{true};    ///< train until it stops improving as well
  bool robustness{true};
  int threads{};
  std::string external{};  ///< a shell command that trains instead, see External; empty: the learner
  std::string command{};   ///< that makes it again
  std::vector<Tried> tried{};  ///< before, on training data alone: told with the proof
};

struct ProveProgress {
  std::size_t done{}, total{};  ///< trainings
  double seconds{}, seconds_left{};
  std::string what{};           ///< the training that just ended, for people; empty at first
};

/// `find_learner`: of those that arms may name behind @. Finished trainings are kept in OUT/leaven.trials.jsonl; the same command goes on from there. Writes
/// OUT/leaven.proof.json and OUT/leaven.proof.html. Throws Error(usage) when it cannot work, Error(interrupted) when
/// stopped.
Proof prove(const ProveOptions& options, const LearnerKind& learner, const std::function<void(const ProveProgress&)>& watch,
            const std::atomic<bool>& stop, const FindLearner& find_learner = {});

}  // namespace leaven::learn

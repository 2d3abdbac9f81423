// Level 2 of `leaven tune`: policies by density matching (Lim et al. 2019, "Fast AutoAugment"). A model that was trained on
// items as they are looks at others that a policy has changed: what it still recognises lies where the items do. No policy
// is ever trained with.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "learn/experiment.hpp"
#include "learn/policy_space.hpp"

namespace leaven::learn {

struct DensityOptions {
  std::uint32_t pairs{};       ///< of ops to look at, in each fold
  std::uint32_t steps{};       ///< of the training of each model
  int threads{};
  std::filesystem::path file{};  ///< where what was found out is kept
};

/// A pair of ops and how hard it makes held-out items, in nats (of numbers: the square error).
struct ScoredPair {
  Point point{};
  double loss{};
};

struct DensityFound {
  std::string policy{};       ///< the recipe's YAML
  std::size_t kept{};         ///< different pairs in it
  std::size_t scored{};       ///< in all folds
  std::vector<double> plain{};  ///< by fold: the loss of the held-out items as they are
};

/// `done` pairs of `total`, over all folds.
using DensityWatch = std::function<void(std::size_t done, std::size_t total, const std::string& what)>;

/// In each fold of the experiment, whose first arm shows items as they are, a model is trained on its training items, and a
/// tree-structured Parzen estimator looks for pairs of ops that keep the loss of its validation items low. The policy is one
/// of the best kBestEach pairs of each fold that differ in their ops, by chance for each item. Resumes from `options.file`. Throws Error(interrupted)
/// when stopped, Error(usage) where nothing is held out.
DensityFound match_density(const Experiment& experiment, const PolicySpace& space, const DensityOptions& options, const DensityWatch& watch,
                           const std::atomic<bool>& stop);

/// Seconds that one pair takes, by looking at a few.
double cost_of_pair(const Experiment& experiment, const PolicySpace& space);

inline constexpr std::size_t kBestEach = 5;
inline constexpr std::uint32_t kDraws = 4;        ///< of each held-out item
inline constexpr std::size_t kMostHeldOut = 300;  ///< items
inline constexpr std::uint32_t kMostPairs = 150, kLeastPairs = 30;  ///< looked at in a fold

}  // namespace leaven::learn

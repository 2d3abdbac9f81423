// How much training fits into the time that there is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/experiment.hpp"

namespace leaven::learn {

/// What one training of each kind costs, in seconds of one thread.
struct Costs {
  double plain_step{}, recipe_step{};
  double end{};  ///< making ready and testing, once a training
};
/// By training a few steps that are thrown away.
Costs measure_costs(const Experiment& experiment);

struct Plan {
  std::uint32_t steps{}, seeds{};
  bool converged{};
  double seconds{};   ///< expected
  std::string cut{};  ///< what was cut to fit, for people; empty: nothing
};

struct PlanRequest {
  std::uint32_t steps{}, seeds{};
  bool fixed_steps{};  ///< asked for by the user
  bool converged{};
  double budget{};     ///< s, 0: none
  int workers{1};
  std::size_t plain_arms{}, recipe_arms{};
};
inline constexpr std::uint32_t kLeastSteps = 200, kLeastSeeds = 3;

/// First fewer steps, then no training until it stops improving, then fewer seeds. Throws Error(usage) with the least that
/// is needed when even that is too much.
Plan plan_within(const PlanRequest& request, const Costs& costs);

}  // namespace leaven::learn

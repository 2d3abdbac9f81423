// How much training fits into the time that there is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "learn/experiment.hpp"
#include "learn/verdict.hpp"

namespace leaven::learn {

/// What one training of each kind costs, in seconds of one thread.
struct Costs {
  double plain_step{}, recipe_step{};
  double end{};  ///< making ready and testing, once a training
  /// Of all arms with a learner of their own together: a step of the proof's, and what does not go by those.
  double others_step{}, others_end{};
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
  std::size_t plain_arms{}, recipe_arms{};  ///< of the proof's learner
  double spent{};      ///< s of the budget, before anything is trained
};
inline constexpr std::uint32_t kLeastSteps = 200, kLeastSeeds = kLeastJudged;

/// First fewer steps, then no training until it stops improving, then fewer seeds. Throws Error(usage) with the least that
/// is needed when even that is too much.
Plan plan_within(const PlanRequest& request, const Costs& costs);

/// What an earlier run decided, kept in `file`, holds on, so that its trainings count: as it was for the same seeds and budget, and for
/// another number of seeds in the length of its trainings, whatever the budget then is. Else plan_within() by what `look` says of costs
/// and of the time spent so far. `asked`: everything else that decides.
Plan kept_plan(const std::filesystem::path& file, const std::string& asked, PlanRequest request, const std::function<std::pair<Costs, double>()>& look);

}  // namespace leaven::learn

#include "learn/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "core/error.hpp"
#include "flow/report_text.hpp"

namespace leaven::learn {

namespace {

/// Trained until nothing improves, a training takes about so many times the steps of a matched one.
constexpr double kConvergedSteps = 2;
/// Of the budget; the rest is for reading the data and for what was guessed wrong.
constexpr double kShare = 0.9;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double seconds_of(const PlanRequest& r, const Costs& c, double steps, double seeds, bool converged) {
  const double arms = static_cast<double>(r.plain_arms + r.recipe_arms);
  const double step = static_cast<double>(r.plain_arms) * c.plain_step + static_cast<double>(r.recipe_arms) * c.recipe_step;
  const double once = step * steps + arms * c.end;
  const double all = seeds * (converged ? once + step * steps * kConvergedSteps + arms * c.end : once);
  return all / std::min(static_cast<double>(r.workers), seeds * arms);
}

/// Seconds of a step, after a few that find memory and caches cold.
double time_steps(const Experiment& x, std::size_t arm, double& begin) {
  const LearnerKind& kind = learner_of(x, x.arms[arm]);
  const bool whole = kind.rounds > 0;
  const std::uint32_t warm = whole ? 1 : 3, timed = whole ? 2 : 10;
  const double from = now();
  const auto supply = supply_of(x, {arm, Regime::matched, 0});
  const auto learner = kind.make(supply->shape(), supply->classes(), Key{});
  const Held nothing{};
  const std::atomic<bool> never{false};
  Schedule schedule = schedule_of(x, x.arms[arm], Regime::matched);
  schedule.steps = warm;
  train(*learner, *supply, nothing, schedule, never);
  begin = now() - from;
  if (kind.rounds == 1) return 0;
  schedule.steps = timed;
  const double begun = now();
  train(*learner, *supply, nothing, schedule, never);
  return (now() - begun) / timed;
}

}  // namespace

Costs measure_costs(const Experiment& x) {
  std::size_t plain = 0;
  while (plain + 1 < x.arms.size() && (x.arms[plain].recipe || x.arms[plain].learner)) ++plain;
  const auto with = std::ranges::find_if(x.arms, [](const Arm& arm) { return arm.recipe && !arm.learner; });
  const std::size_t recipe = with == x.arms.end() ? 0 : static_cast<std::size_t>(with - x.arms.begin());
  Costs costs;
  double plain_begin = 0, recipe_begin = 0;
  costs.plain_step = time_steps(x, plain, plain_begin);
  costs.recipe_step = time_steps(x, recipe, recipe_begin);
  // A prediction is about a third of a training step, and curves look at the validation split as well.
  const double items = static_cast<double>(x.partition.test.size() + 15 * x.material.robustness_entries().size()) +
                       10 * static_cast<double>(std::min<std::size_t>(500, x.partition.folds.front().validation.size()));
  costs.end = x.learner.rounds > 0 ? std::max(plain_begin, recipe_begin) : items / x.batch * costs.plain_step / 3;
  return costs;
}

Plan plan_within(const PlanRequest& r, const Costs& costs) {
  Plan plan{r.steps, r.seeds, r.converged, seconds_of(r, costs, r.steps, r.seeds, r.converged), ""};
  const double budget = kShare * r.budget;
  if (r.budget <= 0 || plan.seconds <= budget) return plan;
  const std::string without = fmt::format("of {} seeds of {} steps, which would take about {}", r.seeds, flow::count_text(r.steps), flow::duration_text(plan.seconds));
  const auto fits = [&](double steps, double seeds, bool converged) { return seconds_of(r, costs, steps, seeds, converged) <= budget; };
  const std::uint32_t least = r.fixed_steps ? r.steps : std::min(r.steps, kLeastSteps);
  const auto most_steps = [&](std::uint32_t seeds, bool converged) {
    std::uint32_t lo = least, hi = r.steps;
    while (lo < hi) {
      const std::uint32_t middle = (lo + hi + 1) / 2;
      (fits(middle, seeds, converged) ? lo : hi) = fits(middle, seeds, converged) ? middle : middle - 1;
    }
    return lo;
  };
  // Half as many steps are worth more than the second regime; fewer than that are not.
  const std::uint32_t half = std::max(least, r.steps / 2);
  const bool both = r.converged && fits(half, r.seeds, true);
  plan.converged = both;
  plan.seeds = r.seeds;
  while (plan.seeds > std::min(kLeastSeeds, r.seeds) && !fits(least, plan.seeds, both)) --plan.seeds;
  if (!fits(least, plan.seeds, both))
    throw usage_error(fmt::format("a budget of {} is too small: {} seeds of {} steps take about {}", flow::duration_text(r.budget), plan.seeds,
                                  flow::count_text(least), flow::duration_text(seconds_of(r, costs, least, plan.seeds, both) / kShare)))
        .with_hint("give more time (--budget 30m), fewer arms or smaller pictures (--size)");
  plan.steps = most_steps(plan.seeds, both);
  plan.seconds = seconds_of(r, costs, plan.steps, plan.seeds, plan.converged);
  plan.cut = fmt::format("the budget of {} allows {} seeds of {} steps{}, instead {}", flow::duration_text(r.budget), plan.seeds, flow::count_text(plan.steps),
                         r.converged && !both ? ", without training until it stops improving" : "", without);
  return plan;
}

}  // namespace leaven::learn

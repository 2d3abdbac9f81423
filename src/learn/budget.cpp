#include "learn/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/report_text.hpp"
#include "io/atomic_file.hpp"
#include "learn/batches.hpp"

namespace leaven::learn {

namespace {

/// Trained until nothing improves, a training takes about so many times the steps of a matched one.
constexpr double kConvergedSteps = 2;
/// Of the budget; the rest is for reading the data and for what was guessed wrong.
constexpr double kShare = 0.9;

/// Steps that are timed, and s; the least of several times, since a machine may have something else to do for a moment.
constexpr std::uint32_t kFewSteps = 5, kManySteps = 400;
constexpr double kMoment = 0.15;

constexpr std::size_t kPredicted = 32;  ///< items, to see how long a prediction takes

/// What is said of a training's length; nothing where one round is all.
std::string of_steps(std::uint32_t steps) { return steps == 1 ? "" : fmt::format(" of {} steps", flow::count_text(steps)); }

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double seconds_of(const PlanRequest& r, const Costs& c, double steps, double seeds, bool converged) {
  const double arms = static_cast<double>(r.plain_arms + r.recipe_arms);
  const double step = static_cast<double>(r.plain_arms) * c.plain_step + static_cast<double>(r.recipe_arms) * c.recipe_step;
  const double end = arms * c.end + c.others_end, all_steps = (step + c.others_step) * steps;
  const double all = seeds * (converged ? all_steps * (1 + kConvergedSteps) + 2 * end : all_steps + end);
  return all / std::min(static_cast<double>(r.workers), seeds * arms);
}

/// Items that are predicted once a training: to test, to see how robust the model is, and for its curve.
double predicted_items(const Experiment& x, std::uint32_t rounds) {
  return static_cast<double>(x.partition.test.size() + 15 * x.material.robustness_entries().size()) +
         (rounds == 1 ? 1 : 10) * static_cast<double>(std::min<std::size_t>(500, x.partition.folds.front().validation.size()));
}

struct Cost {
  double step{}, end{};  ///< s
};

/// Of a step in the mean, over `least` of them or as many as take a moment. No items are made ahead beyond the `least`, whose time would be told
/// and not their steps.
double seconds_of_steps(Learner& learner, Supply& supply, Schedule schedule, std::uint32_t least) {
  schedule.regime = Regime::matched, schedule.steps = least;
  Batches batches(supply, schedule, learner, nullptr, nullptr);
  const double begun = now();
  std::uint32_t steps = 0;
  do batches.train(1), ++steps;
  while (steps < least || (!schedule.whole && now() - begun < kMoment && steps < kManySteps));
  return (now() - begun) / steps;
}

/// Of one training of an arm. A step of it, of networks after a few that find memory and caches cold: a prediction is about a third of one. What
/// learns from all items at once takes long to begin, and some of it to predict.
Cost cost_of(const Experiment& x, std::size_t arm) {
  const LearnerKind& kind = learner_of(x, x.arms[arm]);
  const bool whole = kind.rounds > 0;
  const std::uint32_t warm = whole ? 1 : 3;
  const double from = now();
  const auto supply = supply_of(x, {arm, Regime::matched, 0});
  const auto learner = kind.make(supply->shape(), supply->classes(), Key{});
  const Held nothing{};
  const std::atomic<bool> never{false};
  Schedule schedule = schedule_of(x, x.arms[arm], Regime::matched);
  schedule.steps = warm;
  train(*learner, *supply, nothing, schedule, never);
  Cost cost{.step = 0, .end = now() - from};
  if (whole) {
    const Entries some = evenly(x.partition.test, x.material.index(), kPredicted);
    const double begun = now();
    predict(*learner, *supply, some);
    cost.end += (now() - begun) / static_cast<double>(some.size()) * predicted_items(x, kind.rounds);
    if (kind.rounds == 1) return cost;
  }
  cost.step = seconds_of_steps(*learner, *supply, schedule, whole ? 2 : kFewSteps);
  for (int again = 0; again < 2 && !whole; ++again) cost.step = std::min(cost.step, seconds_of_steps(*learner, *supply, schedule, kFewSteps));
  if (!whole) cost.end = predicted_items(x, kind.rounds) / x.batch * cost.step / 3;
  return cost;
}

}  // namespace

Costs measure_costs(const Experiment& x) {
  std::size_t plain = 0;
  while (plain + 1 < x.arms.size() && (x.arms[plain].recipe || x.arms[plain].learner)) ++plain;
  const auto with = std::ranges::find_if(x.arms, [](const Arm& arm) { return arm.recipe && !arm.learner; });
  const std::size_t recipe = with == x.arms.end() ? 0 : static_cast<std::size_t>(with - x.arms.begin());
  // Where one round is all, looking is a training: one of them tells of the other.
  const Cost changed = cost_of(x, recipe), unchanged = x.learner.rounds == 1 ? changed : cost_of(x, plain);
  Costs costs{unchanged.step, changed.step, x.learner.rounds > 0 ? std::max(unchanged.end, changed.end) : unchanged.end};
  std::map<std::pair<std::string, bool>, Cost> known;
  for (std::size_t a = 0; a < x.arms.size(); ++a) {
    const Arm& arm = x.arms[a];
    if (!arm.learner) continue;
    const auto [at, added] = known.try_emplace({arm.learner->name, arm.recipe.has_value()});
    if (added) at->second = cost_of(x, a);
    (arm.steps > 0 ? costs.others_end : costs.others_step) += at->second.step * std::max(1U, arm.steps);
    costs.others_end += at->second.end;
  }
  return costs;
}

Plan plan_within(const PlanRequest& r, const Costs& costs) {
  Plan plan{r.steps, r.seeds, r.converged, seconds_of(r, costs, r.steps, r.seeds, r.converged), ""};
  const double budget = kShare * (r.budget - r.spent);
  if (r.budget <= 0 || plan.seconds <= budget) return plan;
  const std::string without = fmt::format("of {} seeds{}, which would take about {}", r.seeds, of_steps(r.steps), flow::duration_text(plan.seconds));
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
    throw usage_error(fmt::format("a budget of {} is too small: {} seeds{} take about {}", flow::duration_text(r.budget), plan.seeds, of_steps(least),
                                  flow::duration_text(r.spent + seconds_of(r, costs, least, plan.seeds, both) / kShare)))
        .with_hint("give more time (--budget 30m), fewer arms or smaller pictures (--size)");
  plan.steps = most_steps(plan.seeds, both);
  plan.seconds = seconds_of(r, costs, plan.steps, plan.seeds, plan.converged);
  plan.cut = fmt::format("the budget of {} allows {} seeds{}{}, instead {}", flow::duration_text(r.budget), plan.seeds, of_steps(plan.steps),
                         r.converged && !both ? ", without training until it stops improving" : "", without);
  return plan;
}

Plan kept_plan(const std::filesystem::path& file, const std::string& asked, PlanRequest r, const std::function<std::pair<Costs, double>()>& look) {
  using Json = nlohmann::ordered_json;
  const std::string all = fmt::format("{} {} {} {}", asked, r.steps, r.fixed_steps, r.converged), key = digest_of(all.data(), all.size());
  std::ifstream in(file);
  const Json earlier = Json::parse(in, nullptr, false);
  const bool known = earlier.is_object() && earlier.value("key", "") == key, same_seeds = known && earlier.value("asked", 0U) == r.seeds;
  Plan plan;
  if (known && (!same_seeds || earlier.value("budget", 0.0) == r.budget)) {
    plan = {earlier.value("steps", 0U), same_seeds ? earlier.value("seeds", 0U) : r.seeds, earlier.value("converged", false), earlier.value("seconds", 0.0), earlier.value("cut", "")};
    if (!same_seeds && !plan.cut.empty()) plan.cut = fmt::format("each training has {} steps, as those had that are in this folder already", flow::count_text(plan.steps));
  } else {
    const auto [costs, spent] = look();
    r.spent = spent;
    plan = plan_within(r, costs);
  }
  io::write_file_atomically(file, Json{{"key", key}, {"asked", r.seeds}, {"budget", r.budget}, {"steps", plan.steps}, {"seeds", plan.seeds}, {"converged", plan.converged}, {"seconds", plan.seconds}, {"cut", plan.cut}}.dump(1) + "\n");
  return plan;
}

}  // namespace leaven::learn

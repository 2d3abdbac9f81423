#include "learn/label_check.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/error.hpp"
#include "learn/statistics.hpp"

namespace leaven::learn {

namespace {

constexpr double kSure = 0.8;

/// Percent, with 95 % confidence.
Interval recognised(const LabelCheck& check) {
  const Interval share = share_interval(check.accuracy / 100, check.items);
  return {100 * share.lo, 100 * share.hi};
}

void collect(const std::vector<recipe::Step>& steps, std::vector<recipe::Step>& ops) {
  for (const recipe::Step& step : steps) {
    if (!step.op) {
      collect(step.steps, ops);
      continue;
    }
    recipe::Step alone = step;
    alone.p = 1;
    const auto same = [&](const recipe::Step& other) { return other.op == alone.op && other.settings == alone.settings; };
    if (std::ranges::none_of(ops, same)) ops.push_back(std::move(alone));
  }
}

LabelCheck look(const std::string& what, const Predictions& p, const std::vector<std::string>& classes) {
  LabelCheck check{.op = what, .accuracy = measure(p).accuracy, .items = p.size()};
  std::map<std::uint32_t, double> of_class;
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> taken_for;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const std::uint32_t best = p.best(i);
    ++of_class[p.truth[i]];
    if (best != p.truth[i] && p.of(i)[best] >= kSure) ++taken_for[{p.truth[i], best}];
  }
  for (const auto& [label, count] : of_class) check.chance = std::max(check.chance, 100 * count / static_cast<double>(p.size()));
  for (const auto& [pair, count] : taken_for)
    if (const double share = 100 * count / of_class[pair.first]; share > check.confused)
      check.confused = share, check.from = classes[pair.first], check.to = classes[pair.second];
  return check;
}

}  // namespace

std::vector<LabelCheck> check_labels(Learner& teacher, const Material& material, const ArmRecipe& recipe, const Fold& fold, const Entries& items,
                                     std::uint64_t seed) {
  if (material.classes() == 0 || items.empty() || recipe.recipe.steps.empty() || !recipe.recipe.prepare.empty()) return {};
  const HeldOut held_out = material.held_out(fold, items, seed);
  std::vector<LabelCheck> checks;
  const auto add = [&](const std::string& what, const ArmRecipe* change) {
    checks.push_back(look(what, predict(teacher, held_out(change, 1)), material.index().labels));
  };
  add("", nullptr);
  add("recipe", &recipe);
  for (const ArmRecipe& change : ops_alone(recipe, material.domain())) {
    try {
      add(change.name, &change);
    } catch (const Error& error) {
      // An op may need what stands before it in the recipe (a crop after a resize); then it is checked with all of it.
      if (error.fault() != Fault::usage) throw;
    }
  }
  return checks;
}

std::vector<ArmRecipe> ops_alone(const ArmRecipe& recipe, Domain domain) {
  std::vector<recipe::Step> ops;
  collect(recipe.recipe.steps, ops);
  std::vector<ArmRecipe> alone;
  for (const recipe::Step& step : ops) {
    recipe::Recipe one;
    one.steps = {step};
    alone.push_back(arm_recipe(std::string(step.op->name), std::move(one), domain));
  }
  return alone;
}

bool can_judge(const std::vector<LabelCheck>& checks) {
  if (checks.empty()) return false;
  const LabelCheck& plain = checks.front();
  return recognised(plain).lo > plain.chance && plain.accuracy > plain.chance + kLeastSkill * (100 - plain.chance);
}

std::vector<LabelCheck> suspicious(const std::vector<LabelCheck>& checks) {
  std::vector<LabelCheck> found;
  if (!can_judge(checks)) return found;
  const LabelCheck& plain = checks.front();
  for (std::size_t i = 1; i < checks.size(); ++i)
    if (checks[i].accuracy < kLeastShare * plain.accuracy && recognised(checks[i]).hi < recognised(plain).lo) found.push_back(checks[i]);
  return found;
}

}  // namespace leaven::learn

#include "learn/no_effect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "learn/proof.hpp"
#include "learn/visits.hpp"

namespace leaven::learn {

namespace {

std::vector<const Trial*> of_arm(const std::vector<Trial>& trials, const std::string& arm) {
  std::vector<const Trial*> found;
  for (const Trial& t : trials)
    if (t.arm == arm && t.failure.empty()) found.push_back(&t);
  return found;
}

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// Same model, and predictions that cannot be told apart.
bool same(const Trial& a, const Trial& b) {
  return !a.weights.empty() && a.weights == b.weights &&
         std::ranges::all_of(metric_infos(), [&](const MetricInfo& info) { return same(a.metrics.*info.value, b.metrics.*info.value); });
}

/// Whether each training has its like, of which there is one at least.
bool always_same(const std::vector<const Trial*>& trials, const std::vector<const Trial*>& others) {
  bool any = false;
  for (const Trial* t : trials) {
    const auto other = std::ranges::find_if(others, [&](const Trial* o) { return o->seed == t->seed && o->regime == t->regime; });
    if (other == others.end()) continue;
    if (!same(*t, **other)) return false;
    any = true;
  }
  return any;
}

/// Strengths are told apart in twentieths.
bool is_even(const Trial& t) {
  const auto level = [](double strength) { return std::nearbyint(strength * kLevels); };
  return std::ranges::all_of(t.course.strengths, [&](const StrengthPoint& p) { return level(p.least) == level(p.most); });
}

}  // namespace

std::vector<std::string> arms_without_effect(const std::vector<Arm>& arms, const std::vector<Trial>& trials, std::string_view one) {
  std::vector<std::string> said;
  for (const Arm& arm : arms) {
    const std::vector<const Trial*> own = of_arm(trials, arm.name);
    if (!arm.recipe || own.empty()) continue;
    const std::string control = arm.control.empty() ? kDup : arm.control;
    if (arm.way == Way::cluster_strength && std::ranges::all_of(own, [](const Trial* t) { return is_even(*t); }))
      said.push_back(fmt::format("{} had no effect: items lie equally densely in all clusters, so each {} was changed as strongly as the others ({:.2f})", arm.name, one, own.front()->course.mean_strength));
    else if (always_same(own, of_arm(trials, control)))
      said.push_back(fmt::format("{} had no effect: each of its models is that of {}, to the last bit", arm.name, control));
  }
  return said;
}

}  // namespace leaven::learn

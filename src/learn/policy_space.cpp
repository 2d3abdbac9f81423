#include "learn/policy_space.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "flow/gallery_steps.hpp"
#include "ops/families.hpp"
#include "recipe/policies.hpp"

namespace leaven::learn {

namespace {

constexpr std::array<std::string_view, 6> kOfRows{"table_jitter", "table_noise", "table_salt_pepper", "table_swap", "table_category_flip", "table_missing"};
constexpr std::array<std::string_view, 12> kOfSeries{"series_jitter",     "series_scaling",   "series_magnitude_warp", "series_drift",
                                                     "series_slice",      "series_time_warp", "series_window_warp",    "series_permutation",
                                                     "series_pool",       "series_dropout",   "series_time_mask",      "series_frequency_mask"};

recipe::Recipe parsed(const std::string& step) { return recipe::parse("leaven: 1\nsteps:\n  - " + step + "\n", ops::op_table()); }

/// Two digits, so that recipes can be read.
double rounded(double share) { return std::nearbyint(share * 100) / 100; }

}  // namespace

PolicySpace::PolicySpace(Domain domain) : domain_(domain) {
  switch (domain) {
    case Domain::raster: names_ = recipe::searched_ops(); break;
    case Domain::columns: names_.assign(kOfRows.begin(), kOfRows.end()); break;
    case Domain::series: names_.assign(kOfSeries.begin(), kOfSeries.end()); break;
  }
}

recipe::Step PolicySpace::step_of(const Pick& pick) const {
  const double strength = rounded(pick.values[1]);
  recipe::Step step;
  if (domain_ == Domain::raster) {
    step = parsed(recipe::searched_step(names_[pick.choice], strength)).steps.front();
  } else {
    step = parsed(std::string(names_[pick.choice])).steps.front();
    flow::set_strength(step, strength);
  }
  step.p = rounded(kLeastProbability + (1 - kLeastProbability) * pick.values[0]);
  return step;
}

std::vector<recipe::Step> PolicySpace::steps_of(const Point& point) const {
  std::vector<recipe::Step> steps;
  for (const Pick& pick : point) steps.push_back(step_of(pick));
  return steps;
}

recipe::Recipe PolicySpace::recipe_of(const Point& point) const {
  recipe::Recipe made;
  made.steps = steps_of(point);
  return made;
}

recipe::Recipe PolicySpace::one_of(const std::vector<Point>& points) const {
  std::set<std::string> known;
  recipe::Step choice;
  choice.container = recipe::Container::one_of;
  for (const Point& point : points) {
    if (!known.insert(recipe::digest(recipe_of(point))).second) continue;
    recipe::Step pair;
    pair.container = recipe::Container::sequence;
    pair.steps = steps_of(point);
    choice.steps.push_back(std::move(pair));
  }
  recipe::Recipe made;
  made.steps.push_back(std::move(choice));
  return made;
}

}  // namespace leaven::learn

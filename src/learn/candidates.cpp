#include "learn/candidates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "learn/arms.hpp"
#include "learn/statistics.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

namespace {

/// Of numbers in tables, in their deviations.
constexpr std::array kNoise{0.02, 0.1, 0.3};

bool suits(const recipe::Recipe& recipe, Domain domain) {
  return std::ranges::all_of(recipe.steps, [&](const recipe::Step& step) { return !step.op || step.op->domain == domain; });
}

}  // namespace

std::string rand_augment(int n, int magnitude) { return fmt::format("leaven: 1\nsteps: [rand_augment: {{n: {}, magnitude: {}}}]\n", n, magnitude); }

double Candidate::mean() const { return mean_of(scores); }

std::vector<Candidate> candidates_for(int level, const std::string& start, Domain domain, bool number) {
  std::vector<Candidate> all{{.name = kDup}};
  const auto add = [&](const std::string& name) { all.push_back({.name = name, .yaml = recipe::to_yaml(arms_for(name, {}, domain).front().recipe->recipe)}); };
  const auto add_text = [&](std::string name, std::string text) { all.push_back({.name = std::move(name), .yaml = std::move(text)}); };
  if (!start.empty()) add(start);
  for (const std::string& name : recipe::preset_names())
    if (suits(recipe::preset(name, ops::op_table()), domain)) add(name);
  switch (domain) {
    case Domain::raster:
      add("trivial_augment");
      if (level == 1 || level == 3)
        for (const int n : kRandAugmentN)
          for (const int magnitude : kRandAugmentMagnitude) add_text(fmt::format("rand_augment n {} magnitude {}", n, magnitude), rand_augment(n, magnitude));
      break;
    case Domain::columns:
      add("random_over");
      add("auto");
      if (level == 1 || level == 3) {
        if (!number)
          for (const char* const method : {"borderline_1", "adasyn", "kmeans_smote", "g_smote", "random_under"}) add(method);
        for (const double sigma : kNoise) add_text(fmt::format("table_jitter sigma {:g}", sigma), fmt::format("leaven: 1\nsteps: [table_jitter: {{sigma: {:g}}}]\n", sigma));
      }
      break;
    case Domain::series:
      for (const char* const op : {"series_jitter", "series_scaling", "series_time_warp", "series_window_warp", "series_magnitude_warp"}) {
        add_text(op, fmt::format("leaven: 1\nsteps: [{}]\n", op));
        if (level == 1 || level == 3) add_text(std::string(op) + " in half", fmt::format("leaven: 1\nsteps: [{}: {{p: 0.5}}]\n", op));
      }
      break;
  }
  return all;
}

}  // namespace leaven::learn

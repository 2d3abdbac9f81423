// Samplers that choose by geometry other than neighbours alone: polynom-fit, ProWSyn, Geometric SMOTE.
#include <algorithm>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "core/value.hpp"
#include "flow/balance/sampler.hpp"

namespace leaven::flow {

using kernels::kNoRow;

void add_polynom_fit(const ClassTask& task, SampledRows& to) {
  if (task.rows.size() < 2)
    throw data_error("balance: class " + task.name() + " has but one row, which is its own middle").with_hint("method: random_over copies it");
  const auto bases = task.shuffled();
  const std::uint64_t n = bases.size(), rounds = (task.wanted + n - 1) / n;
  for (std::uint64_t i = 0; i < task.wanted; ++i) {
    const double lambda = static_cast<double>(i / n + 1) / static_cast<double>(rounds + 1);
    to.rows.push_back({.label = task.label, .base = bases[static_cast<std::size_t>(i % n)], .lambda = lambda});
  }
}

void add_prowsyn(const ClassTask& task, SampledRows& to) {
  const std::size_t k = task.neighbours(to);
  std::vector<std::uint32_t> left = task.rows, strangers;
  for (std::uint32_t row = 0; row < task.matrix.rows(); ++row)
    if (task.matrix.label[row] != task.label) strangers.push_back(row);
  if (strangers.empty()) throw data_error("balance: prowsyn measures how near other classes are, and there is but one");
  std::vector<std::vector<std::uint32_t>> levels;
  while (levels.size() + 1 < task.rules.levels && left.size() > k) {
    const Neighbours near = task.near(left, strangers, k, to);
    std::vector<std::uint32_t> level;
    for (const kernels::Nearest& n : near.list)
      if (n.row != kNoRow) level.push_back(n.row);
    std::ranges::sort(level);
    level.erase(std::unique(level.begin(), level.end()), level.end());
    std::vector<std::uint32_t> rest;
    std::ranges::set_difference(left, level, std::back_inserter(rest));
    levels.push_back(std::move(level));
    left = std::move(rest);
  }
  if (!left.empty()) levels.push_back(std::move(left));
  std::vector<double> weights;
  for (std::size_t l = 0; l < levels.size(); ++l)
    weights.push_back(levels[l].size() < 2 ? 0 : exact::exp(-task.rules.theta * static_cast<double>(l)) * static_cast<double>(levels[l].size()));
  if (std::ranges::all_of(weights, [](double w) { return w == 0; }))
    throw data_error("balance: no level of class " + task.name() + " holds two rows").with_hint("method: smote");
  const std::vector<std::uint64_t> turns = shared_out(task.wanted, weights);
  const Key partner = task.key("partner"), lambda = task.key("lambda");
  std::uint64_t made = 0;
  for (std::size_t l = 0; l < levels.size(); ++l)
    for (std::uint64_t i = 0; i < turns[l]; ++i, ++made) {
      const std::size_t size = levels[l].size(), base = static_cast<std::size_t>(i % size);
      const std::size_t step = 1 + static_cast<std::size_t>(draw_below(partner, size - 1, made));
      to.rows.push_back({.label = task.label, .base = levels[l][base], .partner = levels[l][(base + step) % size], .lambda = draw_unit(lambda, made)});
    }
}

void add_g_smote(const ClassTask& task, SampledRows& to) {
  const std::size_t first = to.rows.size();
  add_smote(task, false, to);
  for (std::size_t i = first; i < to.rows.size(); ++i) {
    Key key = task.key("ball");
    const auto block = random_block(key, i - first);
    to.rows[i].lambda = 0;
    to.rows[i].key = {(std::uint64_t{block[0]} << 32) | block[1], (std::uint64_t{block[2]} << 32) | block[3]};
  }
}

}  // namespace leaven::flow

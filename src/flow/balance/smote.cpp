// SMOTE, and what chooses its first rows otherwise: Borderline-SMOTE and ADASYN.
#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/balance/sampler.hpp"

namespace leaven::flow {

using kernels::kNoRow;

namespace {

std::vector<std::uint32_t> everybody(const RowMatrix& matrix) {
  std::vector<std::uint32_t> rows(matrix.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

/// How many of the list are there; rows may share nothing with others where cells are missing.
std::size_t found(std::span<const kernels::Nearest> list) {
  return static_cast<std::size_t>(std::ranges::find(list, kNoRow, &kernels::Nearest::row) - list.begin());
}

std::size_t others(const ClassTask& task, std::span<const kernels::Nearest> list) {
  return static_cast<std::size_t>(std::ranges::count_if(list, [&](const kernels::Nearest& n) { return n.row != kNoRow && task.matrix.label[n.row] != task.label; }));
}

/// Rows from `bases` in turn towards their neighbours of the class, `near` one list a base.
void interpolate(const ClassTask& task, std::span<const std::uint32_t> bases, const Neighbours& near, std::uint64_t wanted,
                 const std::vector<std::uint64_t>& turns, SampledRows& to) {
  const Key partner = task.key("partner"), lambda = task.key("lambda");
  std::uint64_t made = 0;
  const auto make = [&](std::size_t b) {
    const auto list = near.of(b);
    const std::size_t some = found(list);
    Synthetic row{.label = task.label, .base = bases[b]};
    if (some > 0) row.partner = list[draw_below(partner, some, made)].row;
    row.lambda = draw_unit(lambda, made);
    to.rows.push_back(row);
    ++made;
  };
  if (turns.empty()) {
    while (made < wanted) make(static_cast<std::size_t>(made % bases.size()));
  } else {
    for (std::size_t b = 0; b < bases.size(); ++b)
      for (std::uint64_t i = 0; i < turns[b]; ++i) make(b);
  }
}

}  // namespace

void add_between(const ClassTask& task, std::span<const std::uint32_t> bases, const Neighbours& near, std::uint64_t wanted, SampledRows& to) {
  interpolate(task, bases, near, wanted, {}, to);
}

void add_copies(const ClassTask& task, SampledRows& to) {
  const auto bases = task.shuffled();
  for (std::uint64_t i = 0; i < task.wanted; ++i)
    to.rows.push_back({.label = task.label, .base = bases[static_cast<std::size_t>(i % bases.size())]});
}

void add_smote(const ClassTask& task, bool with_voters, SampledRows& to) {
  const std::size_t k = task.neighbours(to);
  auto bases = task.shuffled();
  if (task.wanted < bases.size()) bases.resize(static_cast<std::size_t>(task.wanted));  // the others are never asked
  const Neighbours near = task.near(task.rows, bases, k, to);
  const std::size_t first = to.rows.size();
  interpolate(task, bases, near, task.wanted, {}, to);
  if (!with_voters) return;
  // Every class may have its own k, so lists are as long as the longest and padded.
  if (to.voters_each == 0) to.voters_each = task.rules.k;
  const auto lists = static_cast<std::uint32_t>(to.voters.size());
  for (std::size_t b = 0; b < bases.size(); ++b)
    for (std::size_t i = 0; i < to.voters_each; ++i) to.voters.push_back(i < k ? near.of(b)[i].row : kNoRow);
  for (std::size_t i = first; i < to.rows.size(); ++i)
    to.rows[i].voters = lists + static_cast<std::uint32_t>((i - first) % bases.size() * to.voters_each);
}

void add_borderline(const ClassTask& task, bool towards_others, SampledRows& to) {
  const std::size_t k = task.neighbours(to), m = std::min<std::size_t>(task.rules.m, task.matrix.rows() - 1);
  const auto order = task.shuffled();
  const Neighbours around = task.near(everybody(task.matrix), order, m, to);
  std::vector<std::uint32_t> danger, other;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t strangers = others(task, around.of(i));
    if (2 * strangers < m || strangers == m) continue;
    danger.push_back(order[i]);
    other.push_back(std::ranges::find_if(around.of(i), [&](const auto& n) { return task.matrix.label[n.row] != task.label; })->row);
  }
  if (danger.empty())
    throw data_error("balance: no row of class " + task.name() + " stands at its border: of none of them at least half, but not all, of the " +
                     std::to_string(m) + " nearest rows are of other classes")
        .with_hint("method: smote takes all rows");
  const Neighbours near = task.near(task.rows, danger, k, to);
  const std::size_t first = to.rows.size();
  interpolate(task, danger, near, task.wanted, {}, to);
  if (!towards_others) return;
  for (std::size_t i = first + 1; i < to.rows.size(); i += 2) {
    to.rows[i].partner = other[(i - first) % danger.size()];
    to.rows[i].lambda /= 2;
  }
}

void add_adasyn(const ClassTask& task, SampledRows& to) {
  const std::size_t k = task.neighbours(to);
  const Neighbours around = task.near(everybody(task.matrix), task.rows, std::min<std::size_t>(task.rules.k, task.matrix.rows() - 1), to);
  std::vector<double> weights;
  for (std::size_t i = 0; i < task.rows.size(); ++i) weights.push_back(static_cast<double>(others(task, around.of(i))));
  if (std::ranges::all_of(weights, [](double w) { return w == 0; }))
    throw data_error("balance: no row of class " + task.name() + " has a row of another class near, so adasyn cannot weigh them")
        .with_hint("method: smote takes all rows alike");
  std::vector<std::uint64_t> turns = shared_out(task.wanted, weights);
  interpolate(task, task.rows, task.near(task.rows, task.rows, k, to), task.wanted, turns, to);
}

}  // namespace leaven::flow

#include "flow/balance/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "flow/report_text.hpp"

namespace leaven::flow {

using recipe::BalanceMethod;

namespace {

std::vector<std::uint32_t> all_rows(const RowMatrix& matrix) {
  std::vector<std::uint32_t> rows(matrix.rows());
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

void refuse_columns(const RowMatrix& matrix, BalanceMethod method) {
  const std::string name(recipe::name_of(method));
  const bool numbers = matrix.dims() > 0, words = !matrix.word_columns.empty();
  const auto refuse = [&](const std::string& why) { throw usage_error("balance: " + name + " " + why).with_hint("method: auto takes the one that fits"); };
  switch (method) {
    case BalanceMethod::random_over:
    case BalanceMethod::random_under:
    case BalanceMethod::mixup:
    case BalanceMethod::cutmix: return;
    case BalanceMethod::smote_n:
      if (numbers || !words) refuse("is for tables of categories alone, and this one has numbers");
      return;
    case BalanceMethod::smote_nc:
    case BalanceMethod::smote_regression:
      if (!numbers) refuse("needs a column of numbers, and this table has none");
      return;
    default:
      if (!numbers) refuse("needs columns of numbers, and this table has none");
      if (words && method != BalanceMethod::tomek && method != BalanceMethod::enn) refuse("works on numbers, and this table has categories too");
  }
}

/// Words as places in the space of class shares: each word of a column becomes P(class | word), so that squared
/// distances are the value difference metric with q = 2.
RowSpace value_difference_space(const RowMatrix& matrix) {
  const std::size_t columns = matrix.word_columns.size(), classes = matrix.labels.size();
  RowSpace space;
  space.dims = columns * classes;
  std::vector<std::vector<double>> counts(columns);
  for (std::size_t w = 0; w < columns; ++w) counts[w].resize(matrix.dictionaries[w].size() * (classes + 1));
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    for (std::size_t w = 0; w < columns; ++w) {
      double* const of_word = counts[w].data() + static_cast<std::size_t>(matrix.word(r, w)) * (classes + 1);
      of_word[matrix.label[r]] += 1;
      of_word[classes] += 1;
    }
  space.points.reserve(matrix.rows() * space.dims);
  for (std::size_t r = 0; r < matrix.rows(); ++r)
    for (std::size_t w = 0; w < columns; ++w) {
      const double* const of_word = counts[w].data() + static_cast<std::size_t>(matrix.word(r, w)) * (classes + 1);
      for (std::size_t c = 0; c < classes; ++c) space.points.push_back(of_word[c] / of_word[classes]);
    }
  space.mean.assign(space.dims, 0);
  space.unit.assign(space.dims, 1);
  return space;
}

void add_class(const ClassTask& task, BalanceMethod method, SampledRows& to) {
  if (task.wanted == 0) return;
  if (task.rows.empty()) throw data_error("balance: class " + task.name() + " has no row in train to begin with");
  switch (method) {
    case BalanceMethod::random_over: return add_copies(task, to);
    case BalanceMethod::smote: return add_smote(task, false, to);
    case BalanceMethod::smote_nc:
    case BalanceMethod::smote_n: return add_smote(task, true, to);
    case BalanceMethod::smote_regression: return add_smote(task, !task.matrix.word_columns.empty(), to);
    case BalanceMethod::borderline_1: return add_borderline(task, false, to);
    case BalanceMethod::borderline_2: return add_borderline(task, true, to);
    case BalanceMethod::adasyn: return add_adasyn(task, to);
    case BalanceMethod::kmeans_smote: return add_kmeans_smote(task, to);
    case BalanceMethod::polynom_fit: return add_polynom_fit(task, to);
    case BalanceMethod::prowsyn: return add_prowsyn(task, to);
    case BalanceMethod::g_smote: return add_g_smote(task, to);
    case BalanceMethod::svm_smote: return add_svm_smote(task, to);
    case BalanceMethod::mixup:
    case BalanceMethod::cutmix: return add_mixed(task, to);
    default: throw bug("a balance method that makes no rows was asked for some");
  }
}

std::vector<std::uint32_t> surplus(const RowMatrix& matrix, std::span<const std::vector<std::uint32_t>> by_class,
                                   std::span<const std::uint64_t> keep, std::uint64_t seed) {
  std::vector<std::uint32_t> removed;
  for (std::size_t label = 0; label < by_class.size(); ++label) {
    if (by_class[label].size() <= keep[label]) continue;
    const Key key = KeyMaker({.seed = seed, .epoch = 0, .sample = matrix.labels[label]}).key("balance/random_under", "order");
    std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
    for (const std::uint32_t row : by_class[label]) {
      const auto block = random_block(key, matrix.source[row]);
      ranked.emplace_back((std::uint64_t{block[0]} << 32) | block[1], row);
    }
    std::ranges::sort(ranked);
    for (std::size_t i = static_cast<std::size_t>(keep[label]); i < ranked.size(); ++i) removed.push_back(ranked[i].second);
  }
  std::ranges::sort(removed);
  return removed;
}

bool needs_space(BalanceMethod method) {
  return method != BalanceMethod::random_over && method != BalanceMethod::mixup && method != BalanceMethod::cutmix;
}

std::uint32_t smallest_class(std::span<const std::vector<std::uint32_t>> by_class) {
  const auto at = std::ranges::min_element(by_class, {}, [](const auto& rows) { return rows.size(); });
  return static_cast<std::uint32_t>(at - by_class.begin());
}

}  // namespace

Key ClassTask::key(std::string_view purpose) const {
  return KeyMaker({.seed = seed, .epoch = 0, .sample = name()}).key("balance", purpose);
}

std::vector<std::uint32_t> ClassTask::shuffled() const {
  const Key order = key("order");
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ranked;
  ranked.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const auto block = random_block(order, matrix.source[row]);
    ranked.emplace_back((std::uint64_t{block[0]} << 32) | block[1], row);
  }
  std::ranges::sort(ranked);
  std::vector<std::uint32_t> shuffled;
  shuffled.reserve(rows.size());
  for (const auto& [rank, row] : ranked) shuffled.push_back(row);
  return shuffled;
}

std::size_t ClassTask::neighbours(SampledRows& to) const {
  if (rows.size() < 2)
    throw data_error("balance: class " + name() + " has but one row, and a neighbour is needed").with_hint("method: random_over copies it");
  const std::size_t k = std::min<std::size_t>(rules.k, rows.size() - 1);
  if (k < rules.k) to.notes.push_back("class " + name() + " has " + count_text(rows.size()) + " rows: k is " + std::to_string(k) + " there");
  return k;
}

void note_search(const Neighbours& found, std::size_t points, std::vector<std::string>& notes) {
  if (!found.approximate) return;
  const std::string note = "neighbours among " + count_text(points) + " rows are approximate: a graph finds nearly all of them (hnswlib); balance: {search: exact} compares all";
  if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
}

Neighbours ClassTask::near(std::span<const std::uint32_t> points, std::span<const std::uint32_t> queries, std::size_t k, SampledRows& to) const {
  Neighbours found = nearest(space, points, queries, k, pool);
  note_search(found, points.size(), to.notes);
  return found;
}

std::vector<std::uint64_t> shared_out(std::uint64_t total, std::span<const double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<std::uint64_t> given;
  std::vector<std::pair<double, std::size_t>> remainders;  // most first: negated
  std::uint64_t left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double exact = static_cast<double>(total) * weights[i] / sum, whole = std::floor(exact);
    given.push_back(std::min(left, static_cast<std::uint64_t>(whole)));
    left -= given.back();
    if (weights[i] > 0) remainders.emplace_back(whole - exact, i);
  }
  std::ranges::sort(remainders);
  for (std::size_t i = 0; left > 0 && !remainders.empty(); ++i, --left) ++given[remainders[i % remainders.size()].second];
  return given;
}

BalanceMethod chosen_method(const RowMatrix& matrix, bool target_is_number) {
  if (target_is_number) return BalanceMethod::smote_regression;
  if (matrix.dims() == 0) return matrix.word_columns.empty() ? BalanceMethod::random_over : BalanceMethod::smote_n;
  return matrix.word_columns.empty() ? BalanceMethod::smote : BalanceMethod::smote_nc;
}

SampledRows sample_rows(const RowMatrix& matrix, BalanceMethod method, const recipe::Balance& rules,
                        std::span<const std::uint64_t> wanted, std::span<const std::uint64_t> keep, std::uint64_t seed, Pool& pool) {
  refuse_columns(matrix, method);
  std::vector<std::vector<std::uint32_t>> by_class(matrix.labels.size());
  for (const std::uint32_t row : all_rows(matrix)) by_class[matrix.label[row]].push_back(row);
  SampledRows sampled;
  if (method == BalanceMethod::random_under) {
    sampled.removed = surplus(matrix, by_class, keep, seed);
    return sampled;
  }
  RowSpace space = method == BalanceMethod::smote_n       ? value_difference_space(matrix)
                   : !needs_space(method)                 ? RowSpace{}
                                                          : space_of(matrix, rules.scale);
  space.search = rules.search;
  const std::uint32_t smallest = smallest_class(by_class);
  if (method == BalanceMethod::tomek || method == BalanceMethod::enn) {
    space.mismatch = category_weight(space, by_class[smallest]);
    if (method == BalanceMethod::tomek) remove_tomek_links(matrix, space, smallest, pool, sampled);
    else remove_contradicted_rows(matrix, space, smallest, pool, sampled);
    return sampled;
  }
  for (std::uint32_t label = 0; label < by_class.size(); ++label) {
    if (space.words > 0) space.mismatch = category_weight(space, by_class[label]);
    const ClassTask task{matrix, space, rules, pool, seed, label, by_class[label], wanted[label]};
    const std::size_t before = sampled.rows.size();
    const bool alone = task.rows.size() == 1 && rules.method == BalanceMethod::automatic && task.wanted > 0;
    if (alone) sampled.notes.push_back("class " + task.name() + " has but one row, which is copied");
    add_class(task, alone ? BalanceMethod::random_over : method, sampled);
    if (sampled.rows.size() - before != task.wanted) throw bug("a balance method made another number of rows than it was asked for");
  }
  return sampled;
}

}  // namespace leaven::flow

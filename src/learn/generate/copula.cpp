#include "learn/generate/copula.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/exact_math.hpp"
#include "learn/generate/symmetric.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeastEigenvalue = 1e-4;
constexpr float kNoScore = std::numeric_limits<float>::quiet_NaN();

/// Names the correlation of two latents whatever their order.
std::pair<std::uint32_t, std::uint32_t> pair_of(const Copula::Latent& a, const Copula::Latent& b) {
  const std::uint32_t first = 2 * a.column + (a.flag ? 1 : 0), second = 2 * b.column + (b.flag ? 1 : 0);
  return {std::min(first, second), std::max(first, second)};
}

/// Pearson's correlation of scores, over rows that have both.
double correlation_of(const std::vector<float>& a, const std::vector<float>& b) {
  double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    if (!(x == x) || !(y == y)) continue;
    n += 1, sa += x, sb += y, saa += x * x, sbb += y * y, sab += x * y;
  }
  const double va = n * saa - sa * sa, vb = n * sbb - sb * sb;
  return n < 2 || !(va > 0) || !(vb > 0) ? 0 : (n * sab - sa * sb) / (std::sqrt(va) * std::sqrt(vb));
}

/// Whether no other column but the classes tells rows apart.
bool is_alone(const TableData& data, std::uint32_t c) {
  for (std::uint32_t other = 0; other < data.columns.size(); ++other) {
    const TableColumn& column = data.columns[other];
    if (other != c && column.role != Role::left_out && !(column.target && column.role == Role::word)) return false;
  }
  return true;
}

/// Counts of words in an order; kMissing counts where the order names it.
std::vector<std::uint64_t> counts_in(const TableColumn& column, std::span<const std::uint32_t> rows, const std::vector<std::int32_t>& order) {
  std::vector<std::uint64_t> by_word(column.dictionary.size() + 1), counts;
  for (const std::uint32_t r : rows) ++by_word[static_cast<std::size_t>(column.words[r] + 1)];
  for (const std::int32_t word : order) counts.push_back(by_word[static_cast<std::size_t>(word + 1)]);
  return counts;
}

std::vector<std::size_t> places_of(const std::vector<std::int32_t>& order, std::size_t words) {
  std::vector<std::size_t> place(words + 1);
  for (std::size_t i = 0; i < order.size(); ++i) place[static_cast<std::size_t>(order[i] + 1)] = i;
  return place;
}

std::vector<float> word_scores(const TableColumn& column, std::span<const std::uint32_t> rows, const std::vector<std::int32_t>& order) {
  const Marginal marginal = marginal_of_counts(counts_in(column, rows, order));
  const Scores scores = scores_of(marginal);
  const std::vector<std::size_t> place = places_of(order, column.dictionary.size());
  std::vector<double> of_place(order.size());
  for (std::size_t i = 0; i < marginal.values.size(); ++i) of_place[static_cast<std::size_t>(marginal.values[i])] = scores.of_step[i];
  std::vector<float> made;
  made.reserve(rows.size());
  for (const std::uint32_t r : rows) made.push_back(static_cast<float>(of_place[place[static_cast<std::size_t>(column.words[r] + 1)]]));
  return made;
}

std::vector<float> number_scores(const TableColumn& column, std::span<const std::uint32_t> rows) {
  std::vector<double> numbers;
  for (const std::uint32_t r : rows)
    if (!std::isnan(column.numbers[r])) numbers.push_back(column.numbers[r]);
  std::vector<float> made(rows.size(), 0);
  if (numbers.empty()) return made;
  const Marginal marginal = marginal_of(std::move(numbers));
  const Scores scores = scores_of(marginal);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!std::isnan(column.numbers[rows[i]])) made[i] = static_cast<float>(score_of(marginal, scores, column.numbers[rows[i]]));
  return made;
}

/// Mean score of each word, and how much of the scores' variance lies between words.
double between_words(const TableColumn& column, std::span<const std::uint32_t> rows, const std::vector<float>& scores, std::vector<double>& mean) {
  std::vector<double> sum(column.dictionary.size() + 1), count(sum.size());
  double all = 0, squares = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto word = static_cast<std::size_t>(column.words[rows[i]] + 1);
    sum[word] += scores[i], count[word] += 1;
    all += scores[i], squares += static_cast<double>(scores[i]) * scores[i];
  }
  const auto n = static_cast<double>(rows.size());
  double between = -all * all / n;
  mean.assign(sum.size(), 0);
  for (std::size_t w = 0; w < sum.size(); ++w)
    if (count[w] > 0) mean[w] = sum[w] / count[w], between += sum[w] * mean[w];
  const double total = squares - all * all / n;
  return total > 0 ? between / total : 0;
}

}  // namespace

WordOrders word_orders(const TableData& data, std::span<const std::uint32_t> rows) {
  WordOrders orders(data.columns.size());
  std::vector<std::vector<float>> scores(data.columns.size());
  for (std::size_t c = 0; c < data.columns.size(); ++c) {
    const TableColumn& column = data.columns[c];
    if (column.role == Role::number) scores[c] = number_scores(column, rows);
    if (column.role != Role::word) continue;
    orders[c].resize(column.dictionary.size() + 1);
    std::iota(orders[c].begin(), orders[c].end(), TableColumn::kMissing);
    const std::vector<std::uint64_t> counts = counts_in(column, rows, orders[c]);
    std::ranges::stable_sort(orders[c], std::greater{}, [&](std::int32_t w) { return counts[static_cast<std::size_t>(w + 1)]; });
    scores[c] = word_scores(column, rows, orders[c]);
  }
  constexpr int kRounds = 2;  // the second one sees other columns of words in a better order
  for (int round = 0; round < kRounds; ++round)
    for (std::size_t c = 0; c < data.columns.size(); ++c) {
      if (data.columns[c].role != Role::word || data.columns[c].dictionary.size() < 2) continue;
      double most = 0;
      std::vector<double> mean, best;
      for (std::size_t j = 0; j < data.columns.size(); ++j) {
        if (j == c || scores[j].empty()) continue;
        const double told = between_words(data.columns[c], rows, scores[j], mean);
        if (told > most) most = told, best = mean;
      }
      if (best.empty()) continue;
      std::ranges::stable_sort(orders[c], {}, [&](std::int32_t w) { return best[static_cast<std::size_t>(w + 1)]; });
      scores[c] = word_scores(data.columns[c], rows, orders[c]);
    }
  return orders;
}

void Copula::add_column(const TableData& data, std::span<const std::uint32_t> rows, std::uint32_t c, const std::vector<std::int32_t>& order,
                        std::vector<std::vector<float>>& scores, std::vector<Scores>& laws) {
  const TableColumn& column = data.columns[c];
  const auto keep = [&](bool flag, Marginal marginal, std::vector<float> seen) {
    laws.push_back(scores_of(marginal));
    latents.push_back({c, flag, std::move(marginal)});
    scores.push_back(std::move(seen));
  };
  if (column.role == Role::word) {
    Marginal marginal = marginal_of_counts(counts_in(column, rows, order));
    for (double& place : marginal.values) place = order[static_cast<std::size_t>(place)];
    if (marginal.values.size() == 1) return constants.push_back({c, marginal.values.front()});
    return keep(false, std::move(marginal), word_scores(column, rows, order));
  }
  std::vector<double> numbers;
  for (const std::uint32_t r : rows)
    if (!std::isnan(column.numbers[r])) numbers.push_back(column.numbers[r]);
  if (numbers.empty()) return constants.push_back({c, kNone});
  const std::size_t missing = rows.size() - numbers.size();
  if (missing > 0) {
    const std::array<std::uint64_t, 2> counts{numbers.size(), missing};
    Marginal marginal = marginal_of_counts(counts);
    const Scores of_flag = scores_of(marginal);
    std::vector<float> seen;
    for (const std::uint32_t r : rows) seen.push_back(static_cast<float>(of_flag.of_step[std::isnan(column.numbers[r]) ? 1 : 0]));
    keep(true, std::move(marginal), std::move(seen));
  }
  Marginal marginal = is_alone(data, c) ? marginal_of_lone(std::move(numbers)) : marginal_of(std::move(numbers));
  if (marginal.values.size() == 1 && missing == 0) return constants.push_back({c, marginal.values.front()});
  const Scores law = scores_of(marginal);
  std::vector<float> seen;
  for (const std::uint32_t r : rows) {
    const double v = column.numbers[r];
    seen.push_back(std::isnan(v) ? kNoScore : static_cast<float>(score_of(marginal, law, v)));
  }
  keep(false, std::move(marginal), std::move(seen));
}

Copula::Copula(const TableData& data, std::span<const std::uint32_t> rows, const WordOrders& orders, const Known& wider) {
  std::vector<std::vector<float>> scores;
  std::vector<Scores> laws;
  for (std::uint32_t c = 0; c < data.columns.size(); ++c)
    if (data.columns[c].role != Role::left_out) add_column(data, rows, c, orders[c], scores, laws);
  const std::size_t n = latents.size();
  matrix_.assign(n * n, 0);
  // As if twice as many rows as latents had said what the wider rows say.
  const auto trust = static_cast<double>(rows.size()) / (static_cast<double>(rows.size()) + 2 * static_cast<double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    matrix_[i * n + i] = 1;
    for (std::size_t j = 0; j < i; ++j) {
      const auto known = wider.find(pair_of(latents[i], latents[j]));
      const double own = latent_correlation(correlation_of(scores[i], scores[j]), laws[i].hermite, laws[j].hermite);
      matrix_[i * n + j] = matrix_[j * n + i] = trust * own + (1 - trust) * (known == wider.end() ? 0 : known->second);
    }
  }
  matrix_ = as_correlation(std::move(matrix_), n, kLeastEigenvalue);
  const std::vector<double> lower = cholesky(matrix_, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) factor.push_back(lower[i * n + j]);
}

Copula::Known Copula::correlations() const {
  Known known;
  for (std::size_t i = 0; i < latents.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) known[pair_of(latents[i], latents[j])] = matrix_[i * latents.size() + j];
  return known;
}

void Copula::prepare() {
  for (Latent& latent : latents) latent.marginal.prepare();
}

void Copula::draw(Key key, std::uint64_t element, TableData& to, std::size_t at) const {
  constexpr std::size_t kUsual = 64;
  double few[kUsual];
  std::vector<double> many;
  double* const free = latents.size() <= kUsual ? few : (many.resize(latents.size()), many.data());
  for (std::size_t i = 0; i < latents.size(); i += 4) {
    const auto block = random_block(key, element + i / 4);
    for (std::size_t j = i; j < std::min(latents.size(), i + 4); ++j) free[j] = exact::normal_quantile((block[j - i] + 0.5) / 4294967296.0);
  }
  for (const Constant& constant : constants) {
    TableColumn& column = to.columns[constant.column];
    if (column.role == Role::number)
      column.numbers[at] = constant.value;
    else
      column.words[at] = static_cast<std::int32_t>(constant.value);
  }
  const double* row = factor.data();
  bool missing = false;  // the flag of a column comes right before its value
  for (std::size_t i = 0; i < latents.size(); row += ++i) {
    double z = 0;
    for (std::size_t j = 0; j <= i; ++j) z += row[j] * free[j];
    TableColumn& column = to.columns[latents[i].column];
    const double value = latents[i].marginal.at(z);
    if (latents[i].flag) {
      missing = value > 0;
    } else if (column.role == Role::word) {
      column.words[at] = static_cast<std::int32_t>(value);
    } else {
      column.numbers[at] = missing ? kNone : value;
      missing = false;
    }
  }
}

}  // namespace leaven::learn

// SMOTE of `balance:` on tables as generators see them, so that both can be held against each other.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "flow/balance/sampler.hpp"
#include "learn/generate/row_model.hpp"
#include "learn/generate/table_data.hpp"

namespace leaven::bench {

/// `wanted` new rows of each class (an index into classes_of()) by SMOTE, by SMOTE-NC where there are words. Every row has a class.
inline learn::TableData smote_rows(const learn::TableData& train, const std::vector<std::uint64_t>& wanted, std::uint64_t seed) {
  using Role = learn::TableColumn::Role;
  flow::RowMatrix matrix{.label = learn::classes_by_row(train), .labels = learn::classes_of(train)};
  for (std::size_t c = 0; c < train.columns.size(); ++c) {
    const learn::TableColumn& column = train.columns[c];
    if (column.target || column.role == Role::left_out) continue;
    (column.role == Role::number ? matrix.number_columns : matrix.word_columns).push_back(c);
  }
  for (const std::size_t c : matrix.word_columns) matrix.dictionaries.emplace_back(train.columns[c].dictionary.size() + 1);  // the last: missing
  for (std::uint32_t r = 0; r < train.rows; ++r) {
    matrix.source.push_back(r);
    for (const std::size_t c : matrix.number_columns) matrix.numbers.push_back(train.columns[c].numbers[r]);
    for (const std::size_t c : matrix.word_columns) matrix.words.push_back(train.columns[c].is_missing(r) ? static_cast<std::int32_t>(train.columns[c].dictionary.size()) : train.columns[c].words[r]);
  }
  flow::Pool pool(1);
  const flow::SampledRows sampled = flow::sample_rows(matrix, matrix.word_columns.empty() ? recipe::BalanceMethod::smote : recipe::BalanceMethod::smote_nc, {}, wanted, {}, seed, pool);
  std::vector<std::uint32_t> bases;
  for (const flow::Synthetic& one : sampled.rows) bases.push_back(one.base);
  learn::TableData made = train.picked(bases);
  for (std::size_t i = 0; i < sampled.rows.size(); ++i) {
    const flow::Synthetic& one = sampled.rows[i];
    for (std::size_t d = 0; d < matrix.dims(); ++d) {
      const double own = matrix.number(one.base, d), other = matrix.number(one.partner, d);
      if (!std::isnan(other)) made.columns[matrix.number_columns[d]].numbers[i] = own + one.lambda * (other - own);
    }
    if (one.voters == kernels::kNoRow) continue;
    for (std::size_t w = 0; w < matrix.word_columns.size(); ++w) {
      std::vector<std::size_t> votes(matrix.dictionaries[w].size());
      for (std::size_t v = 0; v < sampled.voters_each; ++v)
        if (const std::uint32_t voter = sampled.voters[one.voters + v]; voter != kernels::kNoRow) ++votes[static_cast<std::size_t>(matrix.word(voter, w))];
      const auto word = std::ranges::max_element(votes) - votes.begin();
      made.columns[matrix.word_columns[w]].words[i] = word + 1 == static_cast<std::ptrdiff_t>(votes.size()) ? learn::TableColumn::kMissing : static_cast<std::int32_t>(word);
    }
  }
  learn::round_numbers(made);
  return made;
}

}  // namespace leaven::bench

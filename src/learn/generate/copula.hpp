// A Gaussian copula of mixed columns: each cell is a step or place on a normal number, and the normal numbers correlate.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/key.hpp"
#include "learn/generate/marginal.hpp"
#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// For each column of words, the order in which they lie on their normal number: order[i] is a word (kMissing is one too).
using WordOrders = std::vector<std::vector<std::int32_t>>;
/// Words that go with alike cells lie side by side: by the mean score of the column that they tell most about (the greatest
/// correlation ratio).
WordOrders word_orders(const TableData& data, std::span<const std::uint32_t> rows);

class Copula {
 public:
  /// One normal number. `flag`: whether the cell is missing; else its value, or its word.
  struct Latent {
    std::uint32_t column{};
    bool flag{};
    Marginal marginal{};
  };
  /// A cell that is always the same: NaN for missing.
  struct Constant {
    std::uint32_t column{};
    double value{};
  };
  /// Correlations by latent, of which those of few rows are drawn towards those of more.
  using Known = std::map<std::pair<std::uint32_t, std::uint32_t>, double>;

  Copula() = default;
  /// At least one row. `wider`: of more rows of the same kind; empty: none.
  Copula(const TableData& data, std::span<const std::uint32_t> rows, const WordOrders& orders, const Known& wider);

  /// Puts the row number `at` of `to`; draws from blocks [element, element + blocks()) of the key.
  void draw(Key key, std::uint64_t element, TableData& to, std::size_t at) const;
  std::uint64_t blocks() const { return (latents.size() + 3) / 4; }
  Known correlations() const;
  void prepare();

  std::vector<Latent> latents{};
  std::vector<Constant> constants{};
  std::vector<double> factor{};  ///< the lower triangle L, row by row, of latents² / 2 + latents / 2 numbers

 private:
  void add_column(const TableData& data, std::span<const std::uint32_t> rows, std::uint32_t column, const std::vector<std::int32_t>& order,
                  std::vector<std::vector<float>>& scores, std::vector<Scores>& laws);

  std::vector<double> matrix_{};
};

}  // namespace leaven::learn

// Rows as a network sees them: of each column a token, and for numbers that are no token of their own a place, near the mean of one of
// several bells (mode-specific normalisation, Xu et al. 2019) or on one scale.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "learn/generate/number_scale.hpp"
#include "learn/generate/saved.hpp"
#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// One bell of a column's mixture.
struct Mode {
  double mean{}, deviation{}, weight{};
};

struct CodedColumn {
  std::uint32_t column{};
  // Of words: a token each, the most frequent first; what is rarer shares a last token.
  std::vector<std::int32_t> words{};
  std::vector<std::int32_t> rare{};
  std::vector<double> rare_below{};  ///< share of the rare words up to and with each; the last is 1
  // Of numbers: a token for missing cells, one for each number that is frequent, one for each mode of the others, or for all on a scale.
  bool missing{};
  std::vector<double> atoms{};
  std::vector<Mode> modes{};
  std::optional<NumberScale> scale{};
  double lo{}, hi{};                 ///< of what was seen

  std::size_t first_mode() const { return (missing ? 1U : 0U) + atoms.size(); }
  std::size_t tokens() const { return words.size() + (rare.empty() ? 0 : 1) + first_mode() + modes.size() + (scale ? 1 : 0); }
  bool has_place() const { return !modes.empty() || scale; }
};

/// Rows in that form: one entry a row and coded column; places are in [−1, 1] under bells, deviations on a scale, and 0 for tokens without one.
struct CodedRows {
  std::vector<std::int32_t> tokens{};
  std::vector<float> places{};
};

/// What stands for numbers that are not frequent.
enum class NumberCode : std::uint8_t { modes, scale };

class RowCode {
 public:
  /// Of the rows of `train` that are named; the target is left out where it is of words.
  static RowCode fit(const TableData& train, std::span<const std::uint32_t> rows, NumberCode numbers = NumberCode::modes);
  const std::vector<CodedColumn>& columns() const { return columns_; }
  /// Tokens of all columns together.
  std::size_t tokens() const;

  CodedRows coded(const TableData& data, std::span<const std::uint32_t> rows) const;
  /// One cell of `to`; `u` in [0, 1) chooses among rare words.
  void put(const CodedColumn& column, std::int32_t token, double place, double u, TableData& to, std::size_t row) const;

  void save(Tensors& to) const;
  /// Throws Error(data) for anything that does not fit the columns.
  static RowCode load(const Tensors& from, const TableData& shape, NumberCode numbers = NumberCode::modes);

  static constexpr std::size_t kMostWords = 64, kMostModes = 10;
  static constexpr double kReach = 4;  ///< deviations that a place of 1 is from the mean

 private:
  NumberCode numbers_{};
  std::vector<CodedColumn> columns_{};
};

/// At most `most` bells for numbers that are not all equal, by expectation and maximisation from quantiles on; bells that
/// hardly any number is under are left out.
std::vector<Mode> modes_of(std::vector<double> numbers, std::size_t most);

}  // namespace leaven::learn

// What must hold in every row of a table that comes out: the recipe's `constraints:` stage.
#pragma once

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace leaven::recipe {

/// Where something stands: "train.yaml:14:9"; line and column from 1, 0 when made in code.
struct Place {
  std::string file{};
  int line{}, column{};
  std::string text() const;
};

struct Constraint {
  enum class Kind : std::uint8_t { range, order, combinations, sum, match, unique, references } kind{Kind::range};
  std::vector<std::string> columns{};
  double lo{-std::numeric_limits<double>::infinity()}, hi{std::numeric_limits<double>::infinity()};  ///< range
  std::string text{};  ///< match: the expression; sum: the column that holds it, or empty; references: the file of the other table
  std::vector<std::string> key{};  ///< references: the other table's columns
  double total{};      ///< sum: where no column holds it
  Place place{};
};
inline constexpr std::array<std::string_view, 7> kConstraintNames{"range", "order", "combinations", "sum", "match", "unique", "references"};
inline std::string_view name_of(Constraint::Kind kind) { return kConstraintNames[static_cast<std::size_t>(kind)]; }

}  // namespace leaven::recipe

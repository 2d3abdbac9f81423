// Which cells of a table are numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace leaven::io {

enum class CellKind : std::uint8_t { missing, integer, decimal, text };

struct CellNumber {
  CellKind kind{CellKind::text};
  int places{};    ///< digits behind the point, those of the exponent counted
  double value{};  ///< integer, decimal
};
/// Blanks around it do not matter. Missing: empty, ?, NA, N/A, nan, null in any case. Numbers with leading zeros
/// (postcodes, telephone numbers) are text, as their zeros would be lost. `mark` stands before the decimals.
CellNumber cell_number(std::string_view text, char mark = '.');

}  // namespace leaven::io

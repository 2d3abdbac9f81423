// Which cells of a table are numbers, and what their column is therefore.
#pragma once

#include <string_view>

#include "core/columns.hpp"

namespace leaven::io {

enum class CellKind : std::uint8_t { missing, integer, decimal, text };

struct CellNumber {
  CellKind kind{CellKind::text};
  int places{};    ///< digits behind the point, those of the exponent counted
  double value{};  ///< integer, decimal
};
/// Blanks around it do not matter. Missing: empty, ?, NA, N/A, nan, null in any case. Numbers with leading zeros
/// (postcodes, telephone numbers) are text, as their zeros would be lost.
CellNumber cell_number(std::string_view text);

/// What a column is after all its cells were seen.
class ColumnType {
 public:
  void see(std::string_view text) {
    if (!is_text_) look(text);
  }
  Column::Type type() const;
  int places() const { return places_; }

 private:
  void look(std::string_view text);
  bool is_text_{}, any_number_{}, any_decimal_{};
  int places_{};
};

}  // namespace leaven::io

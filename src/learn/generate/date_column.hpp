// Columns of days and times as numbers: which part of a date comes first is asked of the whole column.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "learn/generate/table_data.hpp"

namespace leaven::learn {

/// Seconds since 1970 of a day, with or without a time, in this order; nothing where it is none, and for plain numbers.
std::optional<double> date_of(std::string_view text, DateOrder order);
/// A time in the manner of another (io::stamp_text()).
std::string date_text(double stamp, std::string_view like, DateOrder order);

/// Takes the cells of a column one by one.
class DateReader {
 public:
  void see(const std::string& text, bool missing);
  /// Numbers in the longest of some units that all of them are whole numbers of; or a column that is left out, and why: cells that
  /// fit no one order, or dates that fit two (03/04/2024).
  void finish(TableColumn& column);

 private:
  std::array<bool, 3> fits_{true, true, true};       ///< by DateOrder
  std::array<std::vector<double>, 3> numbers_{};
  std::string like_{};
};

}  // namespace leaven::learn

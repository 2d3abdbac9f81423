// Numbers, words and lines of label files, the same for any locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leaven::io {

/// The whole text as a finite number; blanks around it and a leading '+' do not matter.
std::optional<double> finite_number(std::string_view text);
/// A whole number within ±2^53, also written "3.0".
std::optional<long long> whole_number(std::string_view text);
/// Rounded to at most `places` digits behind the point, without zeros at its end and never "-0".
std::string decimal(double value, int places);
/// Cut at blanks and tabs.
std::vector<std::string_view> words_of(std::string_view line);
/// Lines without their ends (\n or \r\n) and without a byte order mark, one after the other.
class Lines {
 public:
  explicit Lines(std::string_view text);
  /// False at the end.
  bool next(std::string_view& line);
  /// Of the line that next() gave, from 1.
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_{};
};
std::string_view without_bom(std::string_view text);

}  // namespace leaven::io

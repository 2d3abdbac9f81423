#include "io/manifest_label.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "io/csv_rows.hpp"
#include "io/file.hpp"

namespace leaven::io {

std::string canonical_categories(std::string_view text) {
  std::string result;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(";|", start), text.size());
    const std::string_view part = without_blanks(text.substr(start, end - start));
    if (!part.empty()) result += (result.empty() ? "" : ";") + std::string(part);
    start = end + 1;
  }
  return result;
}

bool is_no_value(std::string_view text) {
  const std::string word = lower_case(text);
  constexpr std::array<std::string_view, 8> kWords{"", "na", "n/a", "nan", "null", "none", "?", "-"};
  if (std::ranges::find(kWords, word) != kWords.end()) return true;
  const std::string_view digits = word.starts_with('+') ? std::string_view(word).substr(1) : std::string_view(word);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size()) return false;
  return error == std::errc::result_out_of_range || (error == std::errc{} && !std::isfinite(value));
}

std::uint32_t ManifestLabels::add(std::string_view text) {
  const auto known = numbers_.find(text);
  if (known != numbers_.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  texts_.emplace_back(text);
  numbers_.emplace(text, number);
  if (text.empty()) return number;
  any_ = true;
  any_several_ = any_several_ || text.find_first_of(";|") != std::string_view::npos;
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = error == std::errc{} && end == digits.data() + digits.size() && std::isfinite(value);
  all_numbers_ = all_numbers_ && (is_number || is_no_value(text));
  any_number_ = any_number_ || is_number;
  any_decimal_ = any_decimal_ || (is_number && value != std::floor(value));
  return number;
}

LabelKind ManifestLabels::kind() const {
  if (!any_) return LabelKind::none;
  if (all_numbers_ && any_number_ && (says_number_ || any_decimal_)) return LabelKind::number;
  return any_several_ ? LabelKind::categories : LabelKind::category;
}

}  // namespace leaven::io

#include "io/manifest_label.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "io/csv_rows.hpp"

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
  all_numbers_ = all_numbers_ && is_number;
  any_decimal_ = any_decimal_ || (is_number && value != std::floor(value));
  return number;
}

LabelKind ManifestLabels::kind() const {
  if (!any_) return LabelKind::none;
  if (all_numbers_ && (says_number_ || any_decimal_)) return LabelKind::number;
  return any_several_ ? LabelKind::categories : LabelKind::category;
}

}  // namespace leaven::io

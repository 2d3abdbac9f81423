#include "io/cell_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "io/csv_rows.hpp"

namespace leaven::io {

namespace {

constexpr int kMostPlaces = 17;  // behind these a double holds nothing

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_missing(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kWords{"na", "n/a", "nan", "null"};
  if (text.empty() || text == "?") return true;
  if (text.size() > 4 || (text[0] != 'n' && text[0] != 'N')) return false;
  return std::ranges::any_of(kWords, [&](std::string_view word) {
    return std::ranges::equal(text, word,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  });
}

/// Whole numbers short enough for exact arithmetic in 64 bits: most cells of most tables.
bool small_integer(std::string_view digits, bool negative, CellNumber& cell) {
  if (digits.size() > 18 || (digits.size() > 1 && digits[0] == '0')) return false;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  cell = {CellKind::integer, 0, static_cast<double>(negative ? -value : value)};
  return true;
}

}  // namespace

namespace {

CellNumber with_comma(std::string_view text) {
  constexpr std::size_t kLongest = 400;  // more digits than the largest double has
  if (text.find('.') != std::string_view::npos || text.size() > kLongest) return {};
  std::string with_point(text);
  std::ranges::replace(with_point, ',', '.');
  return cell_number(with_point);
}

}  // namespace

CellNumber cell_number(std::string_view text, char mark) {
  text = without_blanks(text);
  if (mark != '.' && text.find_first_of(".,") != std::string_view::npos) return with_comma(text);
  if (is_missing(text)) return {CellKind::missing, 0, 0};
  if (text[0] > '9' && text[0] != 'i' && text[0] != 'I') return {};  // a word, as most cells that are no numbers
  const bool negative = text[0] == '-';
  const std::string_view digits = negative || text[0] == '+' ? text.substr(1) : text;
  CellNumber cell;
  if (digits.empty()) return cell;
  if (small_integer(digits, negative, cell)) return cell;
  const bool infinite = digits == "inf" || digits == "Inf" || digits == "INF" || digits == "Infinity";
  if (!infinite) {
    if (!is_digit(digits[0]) && !(digits[0] == '.' && digits.size() > 1 && is_digit(digits[1]))) return cell;
    if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) return cell;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // Out of range (1e999) leaves `value` untouched: that is no number we can work with.
  if (error != std::errc{} || end != digits.data() + digits.size()) return cell;
  const std::size_t point = digits.find('.'), power = digits.find_first_of("eE");
  const bool whole = point == std::string_view::npos && power == std::string_view::npos && !infinite;
  cell.kind = whole ? CellKind::integer : CellKind::decimal;
  cell.value = negative ? -value : value;
  if (whole || infinite) return cell;
  int places = point == std::string_view::npos ? 0 : static_cast<int>(std::min(power, digits.size()) - point - 1);
  if (power != std::string_view::npos) {
    const std::size_t start = power + (digits[power + 1] == '+' ? 2 : 1);
    int exponent = 0;
    std::from_chars(digits.data() + start, digits.data() + digits.size(), exponent);
    places -= exponent;
  }
  cell.places = std::clamp(places, 0, kMostPlaces);
  return cell;
}

}  // namespace leaven::io

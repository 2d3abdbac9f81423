#include "io/repaired_number.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "io/cell_number.hpp"
#include "io/csv_rows.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kLongestUnit = 12;  // bytes before or behind the number
constexpr std::size_t kGroup = 3;         // digits

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Blanks, signs and marks of typographers as ASCII has them.
std::string plain(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kSigns{
      {{"\xC2\xA0", ' '}, {"\xE2\x80\xAF", ' '}, {"\xE2\x80\x89", ' '}, {"\xE2\x88\x92", '-'}, {"\xE2\x80\x99", '\''}}};
  std::string out;
  while (!text.empty()) {
    const auto sign = std::ranges::find_if(kSigns, [&](const auto& s) { return text.starts_with(s.first); });
    out += sign == kSigns.end() ? text.front() : sign->second;
    text.remove_prefix(sign == kSigns.end() ? 1 : sign->first.size());
  }
  return out;
}

/// The digits of an integer whose groups are parted by any of `parting`; empty where they are not of three digits.
std::string joined(std::string_view text, std::string_view parting) {
  std::string digits;
  std::size_t in_group = 0, groups = 1;
  for (const char c : text) {
    if (is_digit(c)) {
      digits += c;
      ++in_group;
      continue;
    }
    if (parting.find(c) == std::string_view::npos || in_group == 0 || in_group > kGroup || (groups > 1 && in_group != kGroup)) return {};
    ++groups;
    in_group = 0;
  }
  if (groups > 1 && in_group != kGroup) return {};
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return digits.empty() ? "0" : digits;
}

/// Where the decimals begin; npos: there are none. `body` begins and ends with a digit, or begins with the mark.
std::size_t decimals_of(std::string_view body, Comma comma) {
  constexpr auto npos = std::string_view::npos;
  const auto commas = std::ranges::count(body, ','), points = std::ranges::count(body, '.');
  if (commas > 0 && points > 0) return body.find_last_of(".,");
  if (commas + points != 1) return npos;
  const std::size_t at = body.find_first_of(".,");
  const bool like_a_group = at > 0 && at <= kGroup && body.size() - at - 1 == kGroup;
  if (points == 1) return comma == Comma::decimal && like_a_group ? npos : at;
  return comma == Comma::decimal || (comma == Comma::may_be_decimal && !like_a_group) ? at : npos;
}

}  // namespace

std::string repaired_number(std::string_view text, Comma comma, char mark) {
  const std::string all = plain(text);
  std::string_view rest = without_blanks(all);
  bool negative = rest.size() > 2 && rest.front() == '(' && rest.back() == ')';
  if (negative) rest = without_blanks(rest.substr(1, rest.size() - 2));
  std::size_t begin = rest.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  if (begin > 0 && (rest[begin - 1] == '.' || rest[begin - 1] == ',')) --begin;
  const std::size_t end = rest.find_last_of("0123456789") + 1;
  const std::string_view before = rest.substr(0, begin), behind = rest.substr(end);
  if (before.size() > kLongestUnit || behind.size() > kLongestUnit || before.find_first_of(".,/:()") != std::string_view::npos ||
      behind.find_first_of("()") != std::string_view::npos)
    return {};
  const bool dash_for_cents = behind.starts_with(".-") || behind.starts_with(",-");
  const auto signs = std::ranges::count(before, '-') + (dash_for_cents ? 0 : std::ranges::count(behind, '-'));
  if (signs > 1 || (signs == 1 && negative)) return {};
  negative = negative || signs == 1;
  const std::string_view body = rest.substr(begin, end - begin);
  const std::size_t point = decimals_of(body, comma);
  const bool has_decimals = point != std::string_view::npos;
  const char other = has_decimals && body[point] == ',' ? '.' : ',';
  std::string parting = " '_";
  parting += other;
  if (!has_decimals) parting += '.';
  const std::string_view decimals = has_decimals ? body.substr(point + 1) : std::string_view();
  std::string whole = joined(body.substr(0, has_decimals ? point : body.size()), parting);
  if (whole.empty() || !std::ranges::all_of(decimals, is_digit)) return {};
  std::string number = (negative ? "-" : "") + whole;
  if (has_decimals) number.append(1, mark).append(decimals);
  const CellKind kind = cell_number(number, mark).kind;
  return kind == CellKind::integer || kind == CellKind::decimal ? number : std::string();
}

}  // namespace leaven::io

#include "learn/generate/date_column.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "io/stamp_text.hpp"

namespace leaven::learn {

namespace {

constexpr std::array<DateOrder, 3> kOrders{DateOrder::year_first, DateOrder::day_first, DateOrder::month_first};

/// 31.12.2024 14:30 as 2024-12-31 14:30; empty where the day does not come first, or the month. With the year first, as it is.
std::string year_first(std::string_view text, DateOrder order) {
  if (text.size() < 10) return "";
  const bool starts_with_year = text[4] == '-' || text[4] == '/';
  if (order == DateOrder::year_first) return starts_with_year ? std::string(text) : "";
  if (starts_with_year || std::isdigit(static_cast<unsigned char>(text[2])) || text[2] != text[5]) return "";
  const std::string_view first = text.substr(0, 2), second = text.substr(3, 2), month = order == DateOrder::day_first ? second : first, day = order == DateOrder::day_first ? first : second;
  std::string made(text.substr(6, 4));
  return made.append("-").append(month).append("-").append(day).append(text.substr(10));
}

}  // namespace

std::optional<double> date_of(std::string_view text, DateOrder order) {
  const std::string turned = year_first(text, order);
  // What is no date there might be a number.
  return turned.size() < 10 || !std::isdigit(static_cast<unsigned char>(turned.front())) || (turned[4] != '-' && turned[4] != '/') ? std::nullopt : io::stamp_of(turned);
}

std::string date_text(double stamp, std::string_view like, DateOrder order) {
  const std::string made = io::stamp_text(stamp, year_first(like, order));
  if (order == DateOrder::year_first) return made;
  const std::string year = made.substr(0, 4), month = made.substr(5, 2), day = made.substr(8, 2), mark(1, like[2]);
  return (order == DateOrder::day_first ? day + mark + month : month + mark + day) + mark + year + made.substr(10);
}

void DateReader::see(const std::string& text, bool missing) {
  if (!missing && like_.empty()) like_ = text;
  for (std::size_t o = 0; o < kOrders.size(); ++o) {
    if (!fits_[o]) continue;
    const std::optional<double> stamp = missing ? std::numeric_limits<double>::quiet_NaN() : date_of(text, kOrders[o]);
    fits_[o] = stamp.has_value();
    if (stamp) numbers_[o].push_back(*stamp);
    if (!stamp) numbers_[o] = {};
  }
}

void DateReader::finish(TableColumn& column) {
  const auto fitting = std::ranges::count(fits_, true);
  if (like_.empty() || fitting != 1) {
    column.role = TableColumn::Role::left_out;
    column.why = like_.empty() ? "it has no date" : fitting > 1 ? "whether the day or the month comes first in dates like " + like_ + " cannot be told" : "not all of its dates are spelt in one order";
    return;
  }
  const auto order = static_cast<std::size_t>(std::ranges::find(fits_, true) - fits_.begin());
  column.order = kOrders[order];
  column.like = like_;
  column.numbers = std::move(numbers_[order]);
  for (const double grain : {86400.0, 3600.0, 60.0, 1.0}) {
    column.grain = grain;
    if (std::ranges::all_of(column.numbers, [grain](double v) { return std::isnan(v) || std::fmod(v, grain) == 0; })) break;
  }
  for (double& v : column.numbers) v /= column.grain;
  column.places = std::ranges::all_of(column.numbers, [](double v) { return std::isnan(v) || v == std::floor(v); }) ? 0 : 6;
}

}  // namespace leaven::learn

#include "io/stamp_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "io/csv_rows.hpp"
#include "io/date_text.hpp"
#include "io/number_text.hpp"
#include "io/series_file.hpp"

namespace leaven::io {

namespace {

constexpr double kDay = 86400;

int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

/// Where the parts of a time lie in its text.
struct TimeText {
  bool clock{}, seconds{};
  std::size_t fraction{}, zone{};  ///< digits behind the point; where the zone begins
  double offset{};                 ///< of the zone, seconds
};

/// `text` is a date by is_date(), with the year first.
TimeText parts_of(std::string_view text) {
  TimeText parts;
  parts.zone = text.size();
  if (text.size() <= 10) return parts;
  parts.clock = true;
  std::size_t at = 16;  // behind 2024-03-31T14:30
  if (at < text.size() && text[at] == ':') {
    parts.seconds = true;
    at += 3;
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
      const std::size_t end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
      parts.fraction = end - at - 1;
      at = end;
    }
  }
  parts.zone = at;
  const std::string_view zone = without_blanks(text.substr(at));
  if (zone.size() >= 5) {
    const std::size_t minutes = zone[3] == ':' ? 4 : 3;
    parts.offset = (zone[0] == '-' ? -60 : 60) * (60.0 * digits(zone, 1, 2) + digits(zone, minutes, 2));
  }
  return parts;
}

bool is_iso(std::string_view text) { return text.size() >= 10 && (text[4] == '-' || text[4] == '/') && is_date(text); }

}  // namespace

std::optional<double> stamp_of(std::string_view text) {
  text = without_blanks(text);
  if (!is_iso(text)) return finite_number(text);
  using namespace std::chrono;
  const year_month_day day{year(digits(text, 0, 4)), month(static_cast<unsigned>(digits(text, 5, 2))), std::chrono::day(static_cast<unsigned>(digits(text, 8, 2)))};
  if (!day.ok()) return std::nullopt;
  const TimeText parts = parts_of(text);
  double seconds = kDay * static_cast<double>(sys_days(day).time_since_epoch().count()) - parts.offset;
  if (parts.clock) seconds += 3600.0 * digits(text, 11, 2) + 60.0 * digits(text, 14, 2);
  if (parts.seconds) seconds += digits(text, 17, 2);
  double unit = 1;
  for (std::size_t i = 0; i < parts.fraction && i < 9; ++i) seconds += (unit /= 10) * (text[20 + i] - '0');
  return seconds;
}

namespace {

constexpr int kMicroseconds = 8;  // the finest detail
double unit_of(int detail) { return detail == 0 ? kDay : detail == 1 ? 60 : std::pow(10, 2 - detail); }

}  // namespace

int stamp_detail(std::string_view text) {
  text = without_blanks(text);
  if (!is_iso(text)) return 0;
  const TimeText parts = parts_of(text);
  return parts.seconds ? 2 + static_cast<int>(std::min<std::size_t>(parts.fraction, kMicroseconds - 2)) : parts.clock ? 1 : 0;
}

int detail_for(std::span<const double> stamps, int detail) {
  double shortest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < stamps.size(); ++i) shortest = std::min(shortest, stamps[i] - stamps[i - 1]);
  const auto fits = [&](double stamp) { return std::fabs(stamp_to(stamp, detail) - stamp) <= shortest / 100; };
  while (detail < kMicroseconds && !std::ranges::all_of(stamps, fits)) ++detail;
  return detail;
}

double stamp_to(double stamp, int detail) {
  const double unit = unit_of(detail);
  return detail <= 2 ? std::nearbyint(stamp / unit) * unit : std::nearbyint(stamp * std::pow(10, detail - 2)) / std::pow(10, detail - 2);
}

std::string stamp_text(double stamp, std::string_view like, int detail) {
  like = without_blanks(like);
  if (!is_iso(like)) {
    std::string text;
    append_value(text, stamp, kExact, "");
    return text;
  }
  using namespace std::chrono;
  const TimeText parts = parts_of(like);
  const double local = stamp + parts.offset, whole_days = std::floor(local / kDay);
  auto micros = static_cast<std::int64_t>(std::nearbyint((local - whole_days * kDay) * 1e6));
  auto day_number = static_cast<int>(whole_days);
  if (micros >= 86'400'000'000) micros -= 86'400'000'000, ++day_number;
  const year_month_day day{sys_days(days(day_number))};
  std::string text = fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(day.year()), like[4], static_cast<unsigned>(day.month()), like[4], static_cast<unsigned>(day.day()));
  if (!parts.clock && detail == 0 && micros == 0) return text;
  const std::int64_t second = micros / 1'000'000;
  text += fmt::format("{}{:02}:{:02}", parts.clock ? like[10] : ' ', second / 3600, second / 60 % 60);
  if (parts.seconds || detail >= 2 || micros % 60'000'000 != 0) text += fmt::format(":{:02}", second % 60);
  const std::size_t decimals = std::max<std::size_t>(parts.fraction, static_cast<std::size_t>(std::max(detail - 2, 0)));
  if (std::string fraction = fmt::format("{:06}", micros % 1'000'000); decimals > 0 || micros % 1'000'000 != 0) {
    while (fraction.size() > std::max<std::size_t>(decimals, 1) && fraction.back() == '0') fraction.pop_back();
    text += "." + fraction;
  }
  return text.append(like.substr(parts.zone));
}

}  // namespace leaven::io

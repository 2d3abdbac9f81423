#include "flow/report_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace leaven::flow {

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count_text(count), count == 1 ? one : many);
}

std::string bytes_text(double bytes) {
  constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  return fmt::format("{:.{}f} {}", bytes, unit > 0 && bytes < 99.95 ? 1 : 0, kUnits[unit]);
}

std::string duration_text(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f} s", std::max(0.0, seconds));
  const auto whole = static_cast<std::uint64_t>(std::nearbyint(seconds));
  if (whole >= 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  if (whole >= 60) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} s", whole);
}

std::string rate_text(std::uint64_t count, double seconds) {
  const double rate = seconds > 0 ? static_cast<double>(count) / seconds : 0;
  return rate < 9.95 ? fmt::format("{:.1f}", rate) : count_text(static_cast<std::uint64_t>(std::nearbyint(rate)));
}

namespace {

std::string with_decimals(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

/// Decimals that leave three digits of a number of this size.
int decimals_for(double size) {
  return size >= 100 ? 0 : std::max(0, 2 - static_cast<int>(std::floor(std::log10(size))));
}

}  // namespace

std::string number_text(double value) {
  const double size = std::abs(value);
  if (size == 0) return "0";
  if (size < 1e-4 || size >= 1e7) return fmt::format("{:.2e}", value);
  return with_decimals(value, decimals_for(size));
}

std::string number_text(double value, double range) {
  if (!(range >= 1e-4 && range < 1e7) || std::abs(value) >= 1e7) return number_text(value);
  return with_decimals(value, decimals_for(range));
}

std::string unit_suffix(std::string_view unit) {
  if (unit.empty() || unit == "1" || unit == "factor" || unit == "fraction") return {};
  return unit == "degrees" ? "°" : " " + std::string(unit);
}

std::string shell_quoted(const std::string& word) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-+=:,%@";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string set_aside_text(std::string_view kind, std::uint64_t count) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kTexts{{
      {"broken", "broken"},
      {"too_small", "too small"},
      {"duplicate", "byte-identical duplicates"},
      {"perceptual_duplicate", "look-alikes"},
      {"unfit", "did not fit the recipe or the image format"},
      {"lost_label", "label lost in every draw"},
      {"missing_cell", "with a missing cell"},
      {"outlier", "far from the others"},
      {"balanced", "left out to balance the classes"},
      {"violates", "against the constraints"},
  }};
  if (kind == "duplicate" && count == 1) return "byte-identical duplicate";
  if (kind == "perceptual_duplicate" && count == 1) return "look-alike";
  const auto* found = std::ranges::find(kTexts, kind, [](const auto& pair) { return pair.first; });
  return std::string(found == kTexts.end() ? kind : found->second);
}

}  // namespace leaven::flow

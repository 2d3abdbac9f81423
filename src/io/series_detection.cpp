// Whether a file holds time series, and in which format: by its content, and for tables by what their columns are called.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "io/csv_rows.hpp"
#include "io/npy.hpp"
#include "io/number_text.hpp"
#include "io/series_formats.hpp"
#include "io/stamp_text.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLookedAt = 1 << 16;  // bytes
constexpr std::size_t kFewestValues = 8;    // of a series in one line
constexpr std::size_t kRowsLookedAt = 256, kFewestRows = 4;  // of a long table, and of one of its series
constexpr std::string_view kUnnamedColumn = "column";   // of tables without a header
constexpr std::uint64_t kLongerThanWide = 8;  // an array this much longer than wide is no picture

std::string_view first_word(std::string_view line) {
  const auto words = words_of(line);
  return words.empty() ? std::string_view() : words.front();
}

bool is_ts_head(std::string_view text) {
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    line = without_blanks(line);
    if (line.empty() || line.starts_with('#')) continue;
    const std::string word = lower_case(first_word(line));
    return word == "@problemname" || word == "@univariate" || word == "@data" || word == "@timestamps" || word == "@classlabel";
  }
  return false;
}

bool is_number_or_missing(std::string_view cell) {
  cell = without_blanks(cell);
  return cell == "NaN" || cell == "nan" || cell == "?" || finite_number(cell);
}

std::string head_text(const fs::path& path) {
  const InputFile file(path);
  return file.read_text(0, std::min<std::uint64_t>(file.size(), kLookedAt));
}

/// The first line alone: a class and some values, numbers all of them.
bool is_ucr_head(std::string_view text) {
  Lines lines(text);
  std::string_view line;
  if (!lines.next(line)) return false;
  const char separator = series_separator(line);
  auto cells = series_cells(line, separator);
  if (text.size() >= kLookedAt && text.find('\n') == std::string_view::npos && !cells.empty()) cells.pop_back();  // cut off
  return separator != ',' && cells.size() > kFewestValues && whole_number(cells.front()) &&
         std::ranges::all_of(cells, is_number_or_missing);
}

/// "12" of "t_12", "time12" and "step-12"; nothing for other names. A bare number may as well be a pixel.
std::optional<std::uint64_t> moment_of(const std::string& name) {
  constexpr std::array<std::string_view, 4> kWords{"timestep", "time", "step", "t"};
  const std::string lower = lower_case(name);
  const std::size_t letters = lower.find_first_of("_-. 0123456789"), digits = lower.find_first_of("0123456789");
  if (digits == std::string::npos || digits > letters + 1 || std::ranges::find(kWords, lower.substr(0, letters)) == kWords.end())
    return std::nullopt;
  const auto number = whole_number(std::string_view(lower).substr(digits));
  return number && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

/// Columns t0, t1, t2, … and beside them at most an id and a class.
bool is_wide_head(const std::vector<std::string>& names) {
  std::size_t moments = 0, ids = 0, labels = 0;
  std::optional<std::uint64_t> before;
  for (const std::string& name : names) {
    if (const auto moment = moment_of(name)) {
      if (before && *moment != *before + 1) return false;
      before = moment;
      ++moments;
    } else if (is_series_label(name)) {
      ++labels;
    } else if (is_series_id(name)) {
      ++ids;
    } else {
      return false;
    }
  }
  return moments >= kFewestValues && ids <= 1 && labels <= 1;
}

/// A column that says which series and one that says when; what is called id may as well be a person of a table.
struct LongColumns {
  std::size_t series{}, time{};
};
std::optional<LongColumns> long_columns(const std::vector<std::string>& names) {
  constexpr std::array<std::string_view, 3> kSure{"series", "series_id", "unique_id"};
  const auto sure = std::ranges::find_if(names, [&](const std::string& name) { return std::ranges::find(kSure, lower_case(name)) != kSure.end(); });
  const auto time = std::ranges::find_if(names, is_series_time);
  if (sure == names.end() || time == names.end()) return std::nullopt;
  return LongColumns{static_cast<std::size_t>(sure - names.begin()), static_cast<std::size_t>(time - names.begin())};
}

/// Rows of a series stand together and their times ascend, in the rows that are looked at; one series has several.
bool are_long_rows(CsvScanner& scanner, LongColumns at, std::size_t columns) {
  std::set<std::string> known;
  std::string current;
  double last = 0;
  std::size_t length = 0, longest = 0;
  CsvRow row;
  for (std::size_t r = 0; r < kRowsLookedAt && scanner.next_filled(row); ++r) {
    if (row.cells.size() != columns) return false;
    const std::string series = csv_value(row.cells[at.series]);
    const auto time = stamp_of(csv_value(row.cells[at.time]));
    if (!time) return false;
    if (length == 0 || series != current) {
      if (!known.insert(series).second) return false;
      current = series;
      length = 0;
    } else if (*time <= last) {
      return false;
    }
    last = *time;
    longest = std::max(longest, ++length);
  }
  return longest >= kFewestRows;
}

std::string_view format_of_table(const fs::path& path) {
  const InputFile file(path);
  const CsvDialect dialect = csv_dialect(file);
  CsvScanner scanner(file, dialect);
  CsvRow row;
  if (!scanner.next_filled(row)) return {};
  std::vector<std::string> names;
  for (const CsvCell& cell : row.cells) names.emplace_back(without_blanks(csv_value(cell)));
  if (is_wide_head(names)) return "series_wide";
  const auto at = long_columns(names);
  return at && are_long_rows(scanner, *at, names.size()) ? "series_long" : "";
}

/// Floats of three dimensions, much longer than wide, or an array that is called series.
bool are_series_arrays(const fs::path& path) {
  bool any = false;
  for (const NpyArray& array : npy_arrays(path)) {
    const NpyHeader& h = array.header;
    if (h.shape.size() < 2) continue;
    if (h.kind != 'f' || h.shape.size() > 3) return false;
    const bool named = series_array_name(array.name) == "series";
    if (h.shape.size() == 2 && !named) return false;
    const std::uint64_t width = std::min(h.shape[1], h.shape.back()), length = std::max(h.shape[1], h.shape.back());
    if (!named && (width == 0 || length < kLongerThanWide * width)) return false;
    any = true;
  }
  return any;
}

/// What nearly all names share before numbers that count up; pictures count pixels.
std::optional<std::string> numbered_prefix(const std::vector<std::string>& names) {
  constexpr std::size_t kMostOthers = 3, kFewest = 2 * kFewestValues;
  std::string prefix;
  std::optional<long long> before;
  std::size_t run = 0;
  for (const std::string& name : names) {
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    const auto number = whole_number(std::string_view(name).substr(digits));
    const bool goes_on = number && before && *number == *before + 1 && name.substr(0, digits) == prefix;
    if (!goes_on && run >= kFewest) break;
    run = goes_on ? run + 1 : 1;
    prefix = name.substr(0, digits);
    before = number;
  }
  while (!prefix.empty() && (prefix.back() == '_' || prefix.back() == '-' || prefix.back() == '.')) prefix.pop_back();
  if (run < kFewest || run + kMostOthers < names.size() || lower_case(prefix).starts_with("pix")) return std::nullopt;
  return prefix;
}

}  // namespace

bool is_series_format(std::string_view name) { return std::ranges::find(kSeriesFormats, name) != kSeriesFormats.end(); }

std::string_view series_format_of(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  const std::string extension = lower_case(file.extension().native());
  try {
    if (extension == ".npz" || extension == ".npy") return are_series_arrays(file) ? "series_npz" : "";
    if (extension == ".ts") return is_ts_head(head_text(file)) ? "ts" : "";
    if ((extension == ".tsv" || extension == ".txt") && is_ucr_head(head_text(file))) return "ucr";
    return extension == ".csv" || extension == ".tsv" ? format_of_table(file) : "";
  } catch (const Error&) {
    return {};
  }
}

bool looks_like_series(const fs::path& file) { return !series_format_of(file).empty(); }

bool holds_series(const fs::path& in, std::string_view format) {
  if (!format.empty()) return is_series_format(format);
  std::error_code error;
  if (!fs::is_directory(in, error)) return looks_like_series(in);
  return !series_files(candidates_in(in), {}).empty();
}

std::string series_hint(const fs::path& file, const std::vector<std::string>& names) {
  const std::string extension = lower_case(file.extension().native());
  const bool arrays = extension == ".npz" || extension == ".npy", csv = extension == ".csv" || extension == ".tsv";
  std::string format;
  if (const auto prefix = numbered_prefix(names); prefix && (arrays || csv))
    format = arrays ? "series_npz" : *prefix == kUnnamedColumn ? "ucr" : "series_wide";
  if (!format.empty()) return "taken for a table, each row by itself; where a row is a time series, say --input-format " + format;
  if (!csv || std::ranges::none_of(names, is_series_time) || std::ranges::none_of(names, is_series_id)) return {};
  return "taken for a table, each row by itself; where the rows of an id are a time series, say --input-format series_long";
}

}  // namespace leaven::io

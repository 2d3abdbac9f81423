// Series of UCR and sktime files: one a line.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.hpp"
#include "io/csv_rows.hpp"
#include "io/number_text.hpp"
#include "io/series_formats.hpp"

namespace leaven::io {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int kDigits = 9;  // what float32 can tell apart; most archives hold seven or eight

bool is_missing(std::string_view text) {
  return text.empty() || text == "?" || lower_case(text) == "nan";
}

double value_of(std::string_view cell, std::size_t place) {
  cell = without_blanks(cell);
  if (is_missing(cell)) return kMissing;
  if (const auto value = finite_number(cell)) return *value;
  throw data_error("value " + std::to_string(place) + " is no number: " + printable(cell.substr(0, 40)));
}

template <class Use>
void each_cell(std::string_view line, char separator, const Use& use) {
  if (separator == ' ') {
    for (const std::string_view word : words_of(line)) use(word);
    return;
  }
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    use(line.substr(begin, end - begin));
    if (end == line.size()) return;
    begin = end + 1;
  }
}

std::string_view without_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

void require_filled(const Series& series) {
  if (series.length == 0) throw data_error("holds no value");
}

Series parse_ucr(const SeriesLayout& layout, std::string_view text) {
  Series series{0, 1, {}, {}, {}};
  std::size_t place = 0;
  each_cell(without_end(text), layout.separator, [&](std::string_view cell) {
    if (place++ > 0) series.values.push_back(value_of(cell, place));
  });
  while (!series.values.empty() && std::isnan(series.values.back())) series.values.pop_back();  // fills short series up
  series.length = series.values.size();
  require_filled(series);
  return series;
}

/// "(12,0.5),(13,0.6)" of one channel.
void parse_stamped(std::string_view channel, std::vector<double>& stamps, std::vector<double>& values) {
  while (!without_blanks(channel).empty()) {
    const std::size_t open = channel.find('('), comma = channel.find(',', open), close = channel.find(')', open);
    if (open == std::string_view::npos || comma == std::string_view::npos || close == std::string_view::npos || comma > close)
      throw data_error("must be pairs (time,value), got " + printable(channel.substr(0, 40)));
    const auto stamp = finite_number(channel.substr(open + 1, comma - open - 1));
    if (!stamp)
      throw data_error("a time stamp must be a number, got " + printable(channel.substr(open + 1, std::min<std::size_t>(comma - open - 1, 40))));
    stamps.push_back(*stamp);
    values.push_back(value_of(channel.substr(comma + 1, close - comma - 1), values.size() + 1));
    channel.remove_prefix(close + 1);
  }
}

void require_ascending(const std::vector<double>& stamps) {
  const auto bad = std::ranges::adjacent_find(stamps, std::greater_equal<>());
  if (bad != stamps.end())
    throw data_error("time stamps must ascend, and number " + std::to_string(bad - stamps.begin() + 2) + " does not");
}

/// A test set may keep its classes to itself: "?".
void require_class(const SeriesLayout& layout, std::string_view label) {
  if (layout.classes.empty() || label == "?" || std::ranges::find(layout.classes, label) != layout.classes.end()) return;
  throw data_error("class " + printable(label.substr(0, 40)) + " is none of those that @classLabel names");
}

Series parse_ts(const SeriesLayout& layout, std::string_view text) {
  std::vector<std::string_view> parts;
  each_cell(without_end(text), ':', [&](std::string_view part) { parts.push_back(part); });
  if (layout.labelled) {
    require_class(layout, without_blanks(parts.back()));
    parts.pop_back();
  }
  if (parts.size() != layout.names.size())
    throw data_error("must have " + std::to_string(layout.names.size()) + " channels, as the first series has, got " +
                     std::to_string(parts.size()));
  Series series{0, parts.size(), {}, {}, {}};
  for (std::size_t c = 0; c < parts.size(); ++c) {
    std::vector<double> values, stamps;
    if (layout.stamped) parse_stamped(parts[c], stamps, values);
    else each_cell(parts[c], ',', [&](std::string_view cell) { values.push_back(value_of(cell, values.size() + 1)); });
    if (c == 0) series.length = values.size(), series.stamps = stamps;
    if (values.size() != series.length || stamps != series.stamps)
      throw data_error("channels must be of one length and one time, and channel " + std::to_string(c + 1) + " is not as the first");
    series.values.insert(series.values.end(), values.begin(), values.end());
  }
  if (std::ranges::all_of(series.values, [](double value) { return std::isnan(value); })) series.length = 0;
  require_filled(series);
  require_ascending(series.stamps);
  return series;
}

std::string ucr_text(const SeriesLayout& layout, std::string_view source, const Series& series) {
  std::string_view label = without_end(source);
  if (layout.separator == ' ') label = words_of(label).front();
  else label = label.substr(0, label.find(layout.separator));
  std::string text(label);
  for (const double value : series.values) {
    text += layout.separator;
    append_value(text, value, -1, "NaN");
  }
  for (std::size_t i = series.length; i < layout.length; ++i) text.append(1, layout.separator).append("NaN");
  return text;
}

std::string ts_text(const SeriesLayout& layout, std::string_view source, const Series& series) {
  std::string text;
  for (std::size_t c = 0; c < series.channels; ++c) {
    if (c > 0) text += ':';
    for (std::size_t i = 0; i < series.length; ++i) {
      if (i > 0) text += ',';
      if (layout.stamped) {
        text += '(';
        append_value(text, series.stamps[i], kExact, "?");
        text += ',';
      }
      append_value(text, series.channel(c)[i], layout.places[c], "?");
      if (layout.stamped) text += ')';
    }
  }
  if (layout.labelled) text.append(source.substr(source.rfind(':')).substr(0, without_end(source).size() - source.rfind(':')));
  return text;
}

/// What the bytes of one series in an array are: float64, in the order of the array.
Series parse_array(const SeriesLayout& layout, std::string_view bytes) {
  Series series{layout.length, layout.names.size(), std::vector<double>(bytes.size() / sizeof(double)), {}, {}};
  std::vector<double> raw(series.values.size());
  std::memcpy(raw.data(), bytes.data(), raw.size() * sizeof(double));
  if (std::ranges::any_of(raw, [](double value) { return std::isinf(value); }))
    throw data_error("a series holds finite numbers, and NaN where one is missing, and this one holds infinity");
  if (layout.channels_first || series.channels == 1) {
    series.values = std::move(raw);
    return series;
  }
  for (std::size_t i = 0; i < series.length; ++i)
    for (std::size_t c = 0; c < series.channels; ++c) series.values[c * series.length + i] = raw[i * series.channels + c];
  return series;
}

std::string array_bytes(const SeriesLayout& layout, const Series& series) {
  std::vector<double> raw(series.values.size());
  for (std::size_t i = 0; i < series.length; ++i)
    for (std::size_t c = 0; c < series.channels; ++c)
      raw[layout.channels_first ? c * series.length + i : i * series.channels + c] = series.values[c * series.length + i];
  std::string bytes(raw.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), raw.data(), bytes.size());
  return bytes;
}

}  // namespace

void append_value(std::string& to, double value, int places, std::string_view missing) {
  if (std::isnan(value)) {
    to += missing;
    return;
  }
  std::array<char, 400> text;
  const auto [end, error] = places == kExact ? std::to_chars(text.data(), text.data() + text.size(), value)
                            : places >= 0
                                ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, places)
                                : std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, kDigits);
  const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
  const bool zero = digits.starts_with('-') && digits.find_first_of("123456789") == std::string_view::npos;
  to += zero ? digits.substr(1) : digits;
}

Series parse_series(const SeriesLayout& layout, std::string_view text) {
  std::size_t line = 0;
  return parse_series(layout, text, line);
}

Series parse_series(const SeriesLayout& layout, std::string_view text, std::size_t& line) {
  line = 0;
  switch (layout.format) {
    case SeriesFormat::ucr: return parse_ucr(layout, text);
    case SeriesFormat::ts: return parse_ts(layout, text);
    case SeriesFormat::wide: return parse_wide(layout, text);
    case SeriesFormat::rows: return parse_rows(layout, text, line);
    case SeriesFormat::arrays: return parse_array(layout, text);
  }
  throw bug("a series of no format");
}

std::string place_in_file(const SeriesLayout& layout, std::uint32_t container, std::uint64_t offset, std::size_t line) {
  if (container >= layout.files.size()) return {};
  const SeriesLayout::File& file = layout.files[container];
  const auto begin = std::ranges::lower_bound(file.begins, offset, {}, &SeriesLayout::File::Begin::offset);
  if (begin == file.begins.end()) return {};
  return printable(file.name) + ":" + std::to_string(begin->line + line);
}

std::string series_text(const SeriesLayout& layout, std::string_view source, const Series& series, std::uint32_t copy) {
  switch (layout.format) {
    case SeriesFormat::ucr: return ucr_text(layout, source, series);
    case SeriesFormat::ts: return ts_text(layout, source, series);
    case SeriesFormat::wide: return wide_text(layout, source, series, copy);
    case SeriesFormat::rows: return rows_text(layout, source, series, copy);
    case SeriesFormat::arrays: return array_bytes(layout, series);
  }
  throw bug("a series of no format");
}

}  // namespace leaven::io

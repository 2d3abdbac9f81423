// Files of time series: how they are laid out, one series from its text, and back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/series.hpp"
#include "io/codec.hpp"

namespace leaven::io {

enum class SeriesFormat : std::uint8_t {
  ucr,     ///< one a line, its class first; tabs, commas or blanks between; missing: NaN, which also fills short series up
  ts,      ///< sktime's .ts: @ lines, then channels between colons, the class last; missing: ?
  wide,    ///< CSV, one a row; missing: an empty cell, which also fills short series up
  rows,    ///< CSV, one sample in time a row: an id, perhaps a time, channels, words
  arrays,  ///< NumPy: series × time, series × time × channels, or series × channels × time
};

/// How the files of one dataset are laid out, so that their like can be written.
struct SeriesLayout {
  enum class Role : std::uint8_t { other, id, time, label, value, mark };
  SeriesFormat format{SeriesFormat::ucr};
  std::string stem{}, extension{};   ///< "CBF", ".tsv": CBF_TRAIN.tsv and CBF_TEST.tsv, or CBF.tsv
  std::string head{};                ///< what stands before the series of a file, with its line ends
  char separator{'\t'};              ///< between cells; ' ': any run of blanks
  bool crlf{};
  bool labelled{}, stamped{};        ///< ts: the class stands last; values come as (time,value)
  std::vector<std::string> classes{};  ///< ts: those that the head names; empty: any
  std::vector<std::string> names{};  ///< of the channels
  std::vector<int> places{};         ///< decimals of each channel; −1: nine significant digits
  std::vector<Role> cells{};         ///< wide, rows: what each column is
  std::vector<bool> events{};        ///< rows: whether a column of marks holds single moments, in order of those columns
  std::size_t length{};              ///< values that a row is filled up to (ucr, wide); of every series (arrays)
  bool channels_first{};             ///< arrays: series × channels × time
  /// Where series of text begin, for who says what is wrong with one.
  struct File {
    struct Begin {
      std::uint64_t offset{}, line{};
    };
    std::string name{};
    std::vector<Begin> begins{};  ///< ascending
  };
  std::vector<File> files{};
};

/// A series from what DatasetReader::read() gave. Throws Error(data): no number, other channels than the first series, stamps
/// that do not ascend.
Series parse_series(const SeriesLayout& layout, std::string_view text);
/// The same; `line` becomes that of `text` which is read, from 0, and is where a broken one broke.
Series parse_series(const SeriesLayout& layout, std::string_view text, std::size_t& line);
/// "walks.csv:7": the file and the line, `line` lines behind the beginning of an entry; empty for arrays.
std::string place_in_file(const SeriesLayout& layout, std::uint32_t container, std::uint64_t offset, std::size_t line);
/// Without the last line end. As `source`, the text of the series that it was made from, but with these values; `copy` goes into ids (rows, wide).
/// Throws Error(usage) where the layout cannot hold its length.
std::string series_text(const SeriesLayout& layout, std::string_view source, const Series& series, std::uint32_t copy);

/// The format of a file that is certainly of series, as --input-format names it; empty for all others. By its content: a .ts head;
/// UCR's numbers alone, a class and at least eight values a line, with blanks or tabs between, as commas are those of any table;
/// a CSV whose columns are t0, t1, … or series and time with times that ascend; arrays of floats in three dimensions that are
/// much longer than wide, or called series.
std::string_view series_format_of(const std::filesystem::path& file);
bool looks_like_series(const std::filesystem::path& file);

/// What to say of a table of these columns that may be one of series; empty where it looks like none.
std::string series_hint(const std::filesystem::path& file, const std::vector<std::string>& columns);

/// A name for --input-format that is one of series: ucr, ts, series_wide, series_long, series_npz.
bool is_series_format(std::string_view name);

/// Whether IN, a file or folder, would be opened as series: by its format's name, or by looking where that is empty.
bool holds_series(const std::filesystem::path& in, std::string_view format);

/// For append_value(): the shortest text that is the same double again.
inline constexpr int kExact = -2;
/// With so many decimals, nine significant digits (−1) or kExact; `missing` for NaN.
void append_value(std::string& to, double value, int places, std::string_view missing);

}  // namespace leaven::io

// What the files of the series formats offer to each other and to dataset.cpp. Not for other folders.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/dataset_formats.hpp"
#include "io/series_file.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

/// Names for --input-format, in the order of SeriesFormat.
inline constexpr std::array<std::string_view, 5> kSeriesFormats{"ucr", "ts", "series_wide", "series_long", "series_npz"};

/// What columns of tables are called by their role.
bool is_series_id(const std::string& column);
bool is_series_time(const std::string& column);
bool is_series_label(const std::string& column);
/// "x" of "X_train": an array's name without its split.
std::string series_array_name(const std::string& name);

/// Between the values of a line: tab, comma or blanks.
char series_separator(std::string_view line);
std::vector<std::string_view> series_cells(std::string_view line, char separator);

/// "CBF" of "CBF_TRAIN".
std::string without_split(const std::string& stem);

/// The index of some files of one format, in order of names. Each open_…() fills entries of one file.
struct SeriesIndexer {
  DatasetIndex& index;
  SeriesLayout& layout;
  LabelTable& labels;
  const OpenOptions& options;
};
void index_ucr(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split);
void index_ts(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split);
void index_wide(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split);
void index_rows(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split);

Series parse_wide(const SeriesLayout& layout, std::string_view text);
Series parse_rows(const SeriesLayout& layout, std::string_view text, std::size_t& line);
std::string wide_text(const SeriesLayout& layout, std::string_view source, const Series& series, std::uint32_t copy);
std::string rows_text(const SeriesLayout& layout, std::string_view source, const Series& series, std::uint32_t copy);

/// Those candidates that may be of the format; without one, those that are series by their content and speak of a split in
/// their name.
std::vector<std::string> series_files(const Candidates& candidates, std::string_view format);
/// Empty format: by the content of the files.
std::unique_ptr<DatasetReader> open_series(const Candidates& files, const OpenOptions& options);
std::unique_ptr<DatasetReader> open_series_npz(const Candidates& files, const OpenOptions& options);
std::unique_ptr<DatasetWriter> open_series_writer(const std::filesystem::path& out, const WriterOptions& options);
std::unique_ptr<DatasetWriter> open_series_npz_writer(const std::filesystem::path& out, const WriterOptions& options);

/// A file's lines with their places. Throws Error(data) for lines above 64 MiB, which are no series.
class LineScanner {
 public:
  explicit LineScanner(const InputFile& file) : file_(file) {}
  struct Line {
    std::string_view text{};  ///< without its end; valid until the next call
    std::uint64_t offset{}, number{};
  };
  bool next(Line& line);

 private:
  const InputFile& file_;
  std::string buffer_{};
  std::size_t begin_{};
  std::uint64_t offset_{}, number_{};  ///< of the next line
  bool at_end_{};
};

}  // namespace leaven::io

#include "io/manifest_columns.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <system_error>

#include "core/error.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNone = ManifestShape::kNone;
using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 9> kPathNames{"path",       "file",     "filename", "file_name", "image",
                                                     "image_path", "img_path", "filepath", "file_path"};
constexpr std::array<std::string_view, 9> kLabelNames{"label",    "labels", "class", "target", "y",
                                                      "category", "value",  "score", "tags"};
constexpr std::array<std::string_view, 3> kSplitNames{"split", "subset", "partition"};
constexpr std::array<std::string_view, 4> kNumberNames{"target", "y", "value", "score"};

std::vector<std::string> texts_of(const CsvRow& row) {
  std::vector<std::string> texts;
  for (const CsvCell& cell : row.cells) texts.emplace_back(without_blanks(csv_value(cell)));
  return texts;
}

std::size_t find_name(const std::vector<std::string>& header, Names names) {
  for (const std::string_view name : names) {
    const auto found = std::ranges::find(header, name, [](const std::string& h) { return lower_case(h); });
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  }
  return kNone;
}

std::size_t column_asked_for(const std::vector<std::string>& header, const std::string& name, const InputFile& csv) {
  const auto found = std::ranges::find(header, name);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  std::string there;
  for (const std::string& column : header) there += (there.empty() ? "" : ", ") + printable(column);
  throw usage_error(printable(csv.path().native()) + ": has no column " + name + "; it has " + there);
}

/// The first cell that names a file that is there.
std::size_t path_by_content(const std::vector<std::string>& row, const ManifestPlaces& places) {
  for (std::size_t i = 0; i < row.size(); ++i)
    if (has_image_extension(row[i]) && places.find(row[i])) return i;
  return kNone;
}

/// The column with a telling name if its cells look like images in one of the first rows (the files themselves may be
/// missing), else the one that holds an image that is there.
std::size_t path_behind_header(CsvScanner& scanner, const std::vector<std::string>& header,
                               const ManifestPlaces& places) {
  constexpr int kRowsLookedAt = 20;
  const std::size_t named = find_name(header, kPathNames);
  CsvRow row;
  for (int i = 0; i < kRowsLookedAt && scanner.next(row); ++i) {
    const std::vector<std::string> cells = texts_of(row);
    if (named < cells.size() && (has_image_extension(cells[named]) || places.find(cells[named]))) return named;
    if (const std::size_t found = path_by_content(cells, places); named == kNone && found < header.size()) return found;
  }
  return kNone;
}

/// "1" and "0", also as "1.0" and "0.0".
bool is_flag(const std::string& cell) { return cell == "0" || cell == "1" || cell == "0.0" || cell == "1.0"; }

/// Columns that hold nothing but 0 and 1 in the first rows, when they are two or more.
std::vector<std::pair<std::size_t, std::string>> class_columns(const InputFile& csv, const ManifestColumns& found,
                                                               const std::vector<std::string>& header) {
  constexpr int kRowsLookedAt = 200;
  std::vector<bool> flag(header.size(), true);
  CsvScanner scanner(csv, found.dialect);
  CsvRow row;
  scanner.next_filled(row);  // the header
  for (int i = 0; i < kRowsLookedAt && scanner.next_filled(row); ++i) {
    const std::vector<std::string> cells = texts_of(row);
    for (std::size_t c = 0; cells.size() == header.size() && c < cells.size(); ++c) flag[c] = flag[c] && is_flag(cells[c]);
  }
  std::vector<std::pair<std::size_t, std::string>> classes;
  for (std::size_t c = 0; c < header.size(); ++c)
    if (flag[c] && c != found.shape.path && c != found.shape.split && !header[c].empty()) classes.emplace_back(c, header[c]);
  if (classes.size() < 2) classes.clear();
  return classes;
}

/// Without a telling name: of two columns the other one; without a header the one behind the path.
std::size_t label_by_place(const ManifestShape& shape) {
  if (shape.columns == 2) return 1 - shape.path;
  if (shape.header.empty() && shape.path + 1 < shape.columns) return shape.path + 1;
  return kNone;
}

}  // namespace

std::optional<fs::path> ManifestPlaces::find(const std::string& cell) const {
  if (cell.empty() || cell.find('\0') != std::string::npos) return std::nullopt;
  std::error_code error;
  for (const fs::path& folder : {csv_folder, in}) {
    fs::path candidate = folder / cell;  // an absolute cell stays as it is
    if (fs::exists(fs::symlink_status(candidate, error))) return candidate;
  }
  return std::nullopt;
}

std::optional<ManifestColumns> manifest_columns(const InputFile& csv, const ManifestPlaces& places,
                                                const OpenOptions& options) {
  ManifestColumns found;
  found.dialect = csv_dialect(csv);
  CsvScanner scanner(csv, found.dialect);
  CsvRow row;
  if (!scanner.next_filled(row)) return std::nullopt;
  const std::vector<std::string> first = texts_of(row);
  const std::string first_raw(row.raw);
  const bool asked = !options.path_column.empty() || !options.label_column.empty() || !options.split_column.empty();
  ManifestShape& shape = found.shape;
  shape.name = csv.path().filename().native();
  shape.separator = found.dialect.separator;
  shape.crlf = found.dialect.crlf;
  shape.columns = first.size();
  shape.path = asked ? kNone : path_by_content(first, places);
  if (shape.path == kNone) {
    shape.header = first_raw;
    shape.path = options.path_column.empty() ? path_behind_header(scanner, first, places)
                                             : column_asked_for(first, options.path_column, csv);
    if (shape.path == kNone) return std::nullopt;
    shape.label = options.label_column.empty() ? find_name(first, kLabelNames)
                                               : column_asked_for(first, options.label_column, csv);
    shape.split = options.split_column.empty() ? find_name(first, kSplitNames)
                                               : column_asked_for(first, options.split_column, csv);
  }
  if (shape.label == kNone && options.label_column.empty()) shape.label = label_by_place(shape);
  if (shape.label == shape.path || shape.label == shape.split) shape.label = kNone;
  if (!shape.header.empty() && shape.label == kNone && options.label_column.empty())
    found.classes = class_columns(csv, found, first);
  if (!shape.header.empty() && shape.label != kNone)
    found.label_says_number = std::ranges::find(kNumberNames, lower_case(first[shape.label])) != kNumberNames.end();
  return found;
}

}  // namespace leaven::io

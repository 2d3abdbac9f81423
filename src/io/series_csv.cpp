// Series in CSV: one a row (wide), or one sample in time a row (long).
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "core/error.hpp"
#include "io/cell_number.hpp"
#include "io/csv_rows.hpp"
#include "io/number_text.hpp"
#include "io/series_formats.hpp"
#include "io/stamp_text.hpp"

namespace leaven::io {

namespace {

using Role = SeriesLayout::Role;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<std::string_view, 6> kIdNames{"id", "series", "series_id", "unique_id", "case", "name"};
constexpr std::array<std::string_view, 7> kTimeNames{"time", "timestamp", "t", "stamp", "datetime", "date", "ds"};
constexpr std::array<std::string_view, 4> kLabelNames{"label", "class", "target", "y"};

bool is_one_of(const std::string& name, const auto& names) { return std::ranges::find(names, lower_case(name)) != names.end(); }

/// A column of the file while it is looked at.
struct Seen {
  std::string name{};
  Role role{Role::value};
  std::uint64_t count{}, texts{};  ///< cells that are numbers, and cells that are neither numbers nor missing
  bool decimals{};
  int places{};
  bool lonely{true};  ///< words stand alone, with nothing before and after

  /// A slip among many numbers makes no column of words of it: its series is set aside with the reason.
  bool numbers() const { return texts == 0 || count > 20 * texts; }
};

void look_at(Seen& column, const CellNumber& cell) {
  if (cell.kind == CellKind::text) ++column.texts;
  else if (cell.kind != CellKind::missing) ++column.count;
  column.decimals = column.decimals || cell.kind == CellKind::decimal;
  column.places = std::max(column.places, cell.places);
}

std::vector<Seen> columns_of(const CsvRow& header, const OpenOptions& options, bool has_time) {
  std::vector<Seen> columns;
  for (const CsvCell& cell : header.cells) {
    Seen& column = columns.emplace_back();
    column.name = std::string(without_blanks(csv_value(cell)));
    if (!options.label_column.empty() ? column.name == options.label_column : is_series_label(column.name))
      column.role = Role::label;
    else if (is_series_id(column.name)) column.role = Role::id;
    else if (has_time && is_series_time(column.name)) column.role = Role::time;
  }
  for (const Role role : {Role::id, Role::time, Role::label}) {
    bool first = true;
    for (Seen& column : columns)
      if (column.role == role && !std::exchange(first, false)) column.role = Role::value;
  }
  return columns;
}

std::size_t place_of(const std::vector<Seen>& columns, Role role) {
  return static_cast<std::size_t>(std::ranges::find(columns, role, &Seen::role) - columns.begin());
}

std::string cell_text(const CsvRow& row, std::size_t at) { return at < row.cells.size() ? csv_value(row.cells[at]) : std::string(); }

/// Rows that cannot be used would shift time: the whole file is refused at the place.
void require_width(const InputFile& file, const CsvRow& row, std::size_t columns) {
  if (row.cells.size() == columns) return;
  throw data_error(printable(file.path().native()) + ":" + std::to_string(row.line) + ": has " + std::to_string(row.cells.size()) +
                   " cells, and the header " + std::to_string(columns));
}

void settle(const SeriesIndexer& to, const std::vector<Seen>& columns) {
  SeriesLayout& layout = to.layout;
  layout.cells.clear(), layout.names.clear(), layout.places.clear(), layout.events.clear();
  for (const Seen& column : columns) {
    layout.cells.push_back(column.role);
    if (column.role == Role::mark) layout.events.push_back(column.lonely);
    if (column.role != Role::value) continue;
    layout.names.push_back(column.name);
    // More places than a person writes: the numbers were computed, and are not of a fixed grid.
    layout.places.push_back(column.places <= 6 ? column.places : -1);
  }
}

/// The files of a dataset may differ, and a quoted line end would cut a row in two.
void require_cells(const SeriesLayout& layout, const std::vector<CsvCell>& cells) {
  if (cells.size() != layout.cells.size())
    throw data_error("a row has " + std::to_string(cells.size()) + " cells, and the dataset " + std::to_string(layout.cells.size()));
}

/// `place`: says where the cell is, when it is no number.
double number_in(const CsvCell& cell, const auto& place) {
  const CellNumber number = cell_number(csv_value(cell));
  if (number.kind == CellKind::missing) return kMissing;
  if (number.kind != CellKind::text && !std::isfinite(number.value)) throw data_error(place() + " is infinite").with_hint("leave the cell empty where the value is missing");
  if (number.kind != CellKind::text) return number.value;
  throw data_error(place() + " is no number: " + printable(csv_value(cell).substr(0, 40)));
}

void add_stamp(Series& series, const std::string& text) {
  constexpr double kHour = 3600;
  const auto stamp = stamp_of(text);
  if (!stamp)
    throw data_error("row " + std::to_string(series.stamps.size() + 1) + " of the series: a time stamp must be a number or like 2024-03-31 14:30:00, got " + printable(text.substr(0, 40)));
  if (!series.stamps.empty() && !(*stamp > series.stamps.back())) {
    const bool day = text.find(':') != std::string::npos, back = series.stamps.back() - *stamp < kHour;
    throw data_error("time stamps must ascend, and row " + std::to_string(series.stamps.size() + 1) + " of the series does not: " + printable(text.substr(0, 40)) +
                     (day && back ? " (where clocks are put back, times need their zone: 2024-10-27T02:00:00+01:00)" : ""));
  }
  series.stamps.push_back(*stamp);
}

/// Stamps in the manner of the source's: one that is its own keeps its text, another has the zone in force then, and all of
/// them are told alike.
class TimeCells {
 public:
  /// `texts`: the source's, one a row.
  TimeCells(std::vector<std::string> texts, std::span<const double> stamps) : texts_(std::move(texts)) {
    for (const std::string& text : texts_) {
      own_.push_back(stamp_of(text).value_or(0));
      detail_ = std::max(detail_, stamp_detail(text));
    }
    const bool moved = std::ranges::any_of(stamps, [&](double stamp) { return !std::ranges::binary_search(own_, stamp); });
    dates_ = !finite_number(without_blanks(texts_.front()));
    if (moved && dates_) detail_ = detail_for(stamps, detail_);
  }
  std::string text(double stamp) const {
    const auto after = std::ranges::upper_bound(own_, stamp);
    const auto row = static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - own_.begin() - 1, 0));
    if (own_[row] == stamp && (!dates_ || stamp_detail(texts_[row]) >= detail_)) return texts_[row];
    return stamp_text(dates_ ? stamp_to(stamp, detail_) : stamp, texts_[row], detail_);
  }

 private:
  std::vector<std::string> texts_;
  std::vector<double> own_{};
  int detail_{};
  bool dates_{};
};

void append_row(std::string& text, const std::vector<std::string>& cells, const SeriesLayout& layout) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += layout.separator;
    append_csv_cell(text, cells[i], layout.separator, false);
  }
}

std::string named(const std::string& id, std::uint32_t copy) { return copy == 0 ? id : id + "_aug" + std::to_string(copy); }

/// Rows of one series, by the words of their columns of marks: whether any word stands beside the same.
class Groups {
 public:
  Groups(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split, std::vector<Seen>& columns)
      : to_(to), file_(file), number_(number), split_(split), columns_(columns), id_(place_of(columns, Role::id)), label_(place_of(columns, Role::label)) {}

  void add(const CsvRow& row) {
    const std::string id = cell_text(row, id_);
    if (length_ == 0 || id != current_) begin(id, row);
    end_ = row.offset + row.raw.size();
    to_.layout.length = std::max(to_.layout.length, ++length_);
    if (label_ < columns_.size() && cell_text(row, label_) != first_label_) varies_ = true;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      Seen& column = columns_[c];
      if (column.role == Role::value || column.role == Role::label) look_at(column, cell_number(csv_value(row.cells[c])));
      std::string word = cell_text(row, c);
      if (!word.empty() && !before_[c].empty()) column.lonely = false;
      before_[c] = std::move(word);
    }
  }

  void finish() {
    close();
    if (varies_ && label_ < columns_.size()) {
      // A y that changes along a series is a mark, but where nothing else has values it is the series (unique_id, ds, y).
      const bool others = std::ranges::any_of(columns_, [](const Seen& column) { return column.role == Role::value && column.numbers(); });
      columns_[label_].role = others || !columns_[label_].numbers() ? Role::mark : Role::value;
    }
    for (Seen& column : columns_)
      if (column.role == Role::value && !column.numbers()) column.role = Role::mark;
  }
  /// None where it changes along a series.
  std::string label_of(std::size_t series) const { return varies_ ? std::string() : labels_[series]; }

 private:
  void begin(const std::string& id, const CsvRow& row) {
    close();
    if (!known_.insert(id).second)
      throw data_error(printable(file_.path().native()) + ":" + std::to_string(row.line) + ": rows of series " + printable(id) +
                       " must stand together, and some stand before")
          .with_hint("sort the file by its id column");
    current_ = id;
    begin_ = row.offset;
    begin_line_ = row.line;
    length_ = 0;
    first_label_ = cell_text(row, label_);
    before_.assign(columns_.size(), {});
  }

  void close() {
    if (length_ == 0) return;
    to_.index.entries.push_back({.id = numbered_id(file_.path().filename().native(), count_++),
                                 .split = split_,
                                 .container = number_,
                                 .offset = begin_,
                                 .size = end_ - begin_});
    to_.layout.files[number_].begins.push_back({begin_, begin_line_});
    labels_.push_back(first_label_);
    length_ = 0;
  }

  const SeriesIndexer& to_;
  const InputFile& file_;
  std::uint32_t number_;
  Split split_;
  std::vector<Seen>& columns_;
  std::size_t id_, label_;
  std::string current_{}, first_label_{};
  std::vector<std::string> labels_{};  ///< of each series
  std::vector<std::string> before_{};
  std::set<std::string> known_{};
  std::uint64_t begin_{}, begin_line_{}, end_{}, count_{};
  std::size_t length_{};
  bool varies_{};
};

}  // namespace

bool is_series_id(const std::string& column) { return is_one_of(column, kIdNames); }
bool is_series_time(const std::string& column) { return is_one_of(column, kTimeNames); }
bool is_series_label(const std::string& column) { return is_one_of(column, kLabelNames); }

void index_wide(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split) {
  const CsvDialect dialect = csv_dialect(file);
  CsvScanner scanner(file, dialect);
  CsvRow row;
  if (!scanner.next_filled(row)) throw data_error(printable(file.path().native()) + ": is empty");
  to.layout.head = std::string(row.raw) + (dialect.crlf ? "\r\n" : "\n");
  to.layout.separator = dialect.separator;
  to.layout.crlf = dialect.crlf;
  std::vector<Seen> columns = columns_of(row, to.options, false);
  const std::size_t label = place_of(columns, Role::label);
  std::uint64_t count = 0;
  Seen values{"value"};
  while (scanner.next_filled(row)) {
    require_width(file, row, columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].role == Role::value) look_at(values, cell_number(csv_value(row.cells[c])));
    to.index.entries.push_back({.id = numbered_id(file.path().filename().native(), count++),
                                .label = to.labels.number_of(cell_text(row, label)),
                                .split = split,
                                .container = number,
                                .offset = row.offset,
                                .size = row.raw.size()});
    to.layout.files[number].begins.push_back({row.offset, row.line});
  }
  settle(to, columns);
  to.layout.length = static_cast<std::size_t>(std::ranges::count(columns, Role::value, &Seen::role));
  to.layout.names = {"value"};
  to.layout.places = {values.places <= 6 ? values.places : -1};
}

void index_rows(const SeriesIndexer& to, const InputFile& file, std::uint32_t number, Split split) {
  const CsvDialect dialect = csv_dialect(file);
  CsvScanner scanner(file, dialect);
  CsvRow row;
  if (!scanner.next_filled(row)) throw data_error(printable(file.path().native()) + ": is empty");
  to.layout.head = std::string(row.raw) + (dialect.crlf ? "\r\n" : "\n");
  to.layout.separator = dialect.separator;
  to.layout.crlf = dialect.crlf;
  std::vector<Seen> columns = columns_of(row, to.options, true);
  if (place_of(columns, Role::id) == columns.size()) {
    const auto like_one = [](const Seen& column) { return column.role == Role::value && lower_case(column.name).ends_with("_id"); };
    if (const auto at = std::ranges::find_if(columns, like_one); at != columns.end()) at->role = Role::id;
  }
  if (place_of(columns, Role::id) == columns.size())
    throw usage_error(printable(file.path().native()) + ": a long table of series needs a column that says which series a row is of")
        .with_hint("call it id, or by something that ends in _id");
  const std::size_t first = to.index.entries.size();
  Groups groups(to, file, number, split, columns);
  while (scanner.next_filled(row)) {
    require_width(file, row, columns.size());
    groups.add(row);
  }
  groups.finish();
  for (std::size_t e = first; e < to.index.entries.size(); ++e) to.index.entries[e].label = to.labels.number_of(groups.label_of(e - first));
  settle(to, columns);
  if (to.layout.names.empty()) throw usage_error(printable(file.path().native()) + ": has no column of numbers");
}

Series parse_wide(const SeriesLayout& layout, std::string_view text) {
  const auto cells = csv_cells(text, layout.separator);
  require_cells(layout, cells);
  Series series{0, 1, {}, {}, {}};
  for (std::size_t c = 0; c < cells.size(); ++c)
    if (layout.cells[c] == Role::value) series.values.push_back(number_in(cells[c], [c] { return "cell " + std::to_string(c + 1); }));
  while (!series.values.empty() && std::isnan(series.values.back())) series.values.pop_back();
  series.length = series.values.size();
  if (series.length == 0) throw data_error("holds no value");
  return series;
}

std::string wide_text(const SeriesLayout& layout, std::string_view source, const Series& series, std::uint32_t copy) {
  if (series.length > layout.length)
    throw usage_error("a wide table of series has " + std::to_string(layout.length) + " values a row, and one would have " +
                      std::to_string(series.length))
        .with_hint("end the recipe with series_resize");
  const auto cells = csv_cells(source, layout.separator);
  std::vector<std::string> out;
  std::size_t at = 0;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (layout.cells[c] != Role::value) {
      out.push_back(layout.cells[c] == Role::id ? named(csv_value(cells[c]), copy) : csv_value(cells[c]));
      continue;
    }
    out.emplace_back();
    if (at < series.length) append_value(out.back(), series.values[at], layout.places[0], "");
    ++at;
  }
  std::string text;
  append_row(text, out, layout);
  return text;
}

Series parse_rows(const SeriesLayout& layout, std::string_view text, std::size_t& at) {
  std::vector<std::vector<double>> channels(layout.names.size());
  Series series{0, layout.names.size(), {}, {}, {}};
  for (const bool events : layout.events) series.marks.push_back({events, {}});
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    at = lines.number() - 1;
    const auto cells = csv_cells(line, layout.separator);
    require_cells(layout, cells);
    std::size_t channel = 0, mark = 0;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (layout.cells[c] == Role::value) {
        const std::string& name = layout.names[channel];
        channels[channel++].push_back(number_in(cells[c], [&] { return name + " in row " + std::to_string(series.length + 1) + " of the series"; }));
      }
      if (layout.cells[c] == Role::mark) series.marks[mark++].words.push_back(csv_value(cells[c]));
      if (layout.cells[c] == Role::time) add_stamp(series, csv_value(cells[c]));
    }
    ++series.length;
  }
  for (const auto& channel : channels) series.values.insert(series.values.end(), channel.begin(), channel.end());
  if (series.length == 0) throw data_error("holds no value");
  return series;
}

std::string rows_text(const SeriesLayout& layout, std::string_view source, const Series& series, std::uint32_t copy) {
  std::vector<std::vector<CsvCell>> rows;
  Lines lines(source);
  for (std::string_view line; lines.next(line);)
    if (!line.empty()) rows.push_back(csv_cells(line, layout.separator));
  std::optional<TimeCells> times;
  if (const auto time = std::ranges::find(layout.cells, Role::time); time != layout.cells.end()) {
    std::vector<std::string> texts;
    for (const auto& cells : rows) texts.push_back(csv_value(cells[static_cast<std::size_t>(time - layout.cells.begin())]));
    times.emplace(std::move(texts), series.stamps);
  }
  std::string text;
  for (std::size_t i = 0; i < series.length; ++i) {
    const auto& cells = rows[std::min(i, rows.size() - 1)];
    std::vector<std::string> out;
    std::size_t channel = 0, mark = 0;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      out.emplace_back();
      switch (layout.cells[c]) {
        case Role::value: append_value(out.back(), series.channel(channel)[i], layout.places[channel], ""); ++channel; break;
        case Role::mark: out.back() = series.marks[mark++].words[i]; break;
        case Role::time: out.back() = times->text(series.stamps[i]); break;
        case Role::id: out.back() = named(csv_value(cells[c]), copy); break;
        default: out.back() = csv_value(cells[c]);
      }
    }
    if (i > 0) text += layout.crlf ? "\r\n" : "\n";
    append_row(text, out, layout);
  }
  return text;
}

}  // namespace leaven::io

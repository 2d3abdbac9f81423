// Cells of a table, whatever the format of its file.
#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "core/error.hpp"
#include "core/op.hpp"
#include "io/cell_number.hpp"
#include "io/csv_table.hpp"
#include "io/npy_table.hpp"
#include "io/table_file.hpp"
#include "io/tree_walk.hpp"

namespace leaven::io {

void require_known_columns(const std::string& table, const BlockShape& shape, const TableRules& rules) {
  std::set<std::string> names;
  std::vector<std::string_view> all;
  for (std::size_t c = 0; c < shape.columns.size(); ++c) {
    const auto& column = shape.columns[c];
    if (!names.insert(column.name).second) {
      const auto first = std::ranges::find(shape.columns, column.name, &BlockShape::ColumnShape::name) - shape.columns.begin();
      throw usage_error(table + ": columns " + std::to_string(first + 1) + " and " + std::to_string(c + 1) + " are both called " + column.name)
          .with_hint("call one of them otherwise");
    }
    all.push_back(column.name);
  }
  const auto require = [&](const std::string& wanted) {
    if (!wanted.empty() && !names.contains(wanted))
      throw usage_error(table + " has no column " + wanted).with_hint(did_you_mean(wanted, all));
  };
  for (const auto& [column, kind] : rules.kinds) require(column);
  require(rules.target);
}

namespace {
constexpr std::array<std::string_view, 4> kUsualTargets{"label", "class", "target", "y"};
}  // namespace

bool is_usual_target(std::string_view name) { return std::ranges::find(kUsualTargets, name) != kUsualTargets.end(); }

void mark_target(std::vector<ColumnProfile>& profiles, const TableRules& rules) {
  constexpr std::uint64_t kFewClasses = 20;  // a target of so few whole numbers is one of classes, unless it is told
  const auto mark = [&](std::string_view name) {
    for (ColumnProfile& profile : profiles) {
      if (profile.name != name) continue;
      if (profile.kind == ColumnKind::integer && !profile.told && !profile.more_distinct && profile.distinct <= kFewClasses)
        profile.kind = ColumnKind::category;
      return profile.target = true;
    }
    return false;
  };
  if (!rules.target.empty()) return void(mark(rules.target));
  for (const std::string_view name : kUsualTargets)
    if (mark(name)) return;
}

Column empty_column(const ColumnProfile& profile, std::size_t rows) {
  Column column = column_without_texts(profile, rows);
  column.text.resize(rows);
  return column;
}

Column column_without_texts(const ColumnProfile& profile, std::size_t rows) {
  Column column;
  column.name = profile.name;
  column.type = profile.type();
  column.kind = profile.kind;
  column.places = profile.places;
  column.mark = profile.mark;
  column.target = profile.target;
  if (column.type != Column::Type::text) column.number.resize(rows);
  column.null.resize(rows);
  column.changed.resize(rows);
  column.quoted.resize(rows);
  return column;
}

void set_cell_number(Column& column, std::size_t row, std::string_view text, const TableRules& rules) {
  if (column.type == Column::Type::text || !rules.missing.empty()) {
    column.null[row] = is_missing_word(text, rules) ? 1 : 0;
    if (column.type == Column::Type::text || column.null[row] != 0) return;
  }
  const CellNumber number = cell_number(text, column.mark);
  column.null[row] = number.kind == CellKind::missing ? 1 : 0;
  column.number[row] = number.value;
}

std::string cell_text(const Column& column, std::size_t row) {
  if (column.changed[row] == 0) return column.text[row];
  if (column.null[row] != 0) return {};
  if (column.type == Column::Type::text) return column.text[row];
  const double number = column.number[row];
  const int places = column.type == Column::Type::integer ? 0 : column.places;
  std::array<char, 512> buffer{};  // the largest double has 309 digits before the point
  const auto written =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed, places);
  std::string text(buffer.data(), written.ptr);
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);  // no minus zero
  if (column.mark != '.')
    if (const std::size_t point = text.find('.'); point != std::string::npos) text[point] = column.mark;
  return text;
}

std::unique_ptr<TableReader> open_table(const std::filesystem::path& file, const TableRules& rules) {
  const std::string extension = lower_extension(file.filename().native());
  if (extension == "npz" || extension == "npy") return open_npy_table(file, rules);
  if (extension == "parquet" || extension == "arrow" || extension == "feather" || extension == "ipc")
    throw usage_error(printable(file.native()) + ": this program reads no Parquet and no Arrow files")
        .with_hint("Python does: lv.augment(pandas.read_parquet(\"" + printable(file.filename().native()) + "\"), recipe=…) gives a frame; or save the table as CSV");
  if (extension == "json")
    throw usage_error(printable(file.native()) + ": a table as JSON has one object a line").with_hint("write it so, and call it .jsonl");
  return extension == "jsonl" || extension == "ndjson" ? open_jsonl(file, rules) : open_csv(file, rules);
}

}  // namespace leaven::io

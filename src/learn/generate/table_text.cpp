#include "learn/generate/table_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "io/csv_rows.hpp"
#include "learn/generate/date_column.hpp"

namespace leaven::learn {

using Role = TableColumn::Role;

namespace {

constexpr char kSeparator = ',';
constexpr double kMostExact = 9007199254740992.0;  // 2^53

std::string cell(const std::string& text) {
  std::string made;
  io::append_csv_cell(made, text, kSeparator, false);
  return made;
}

/// With the column's decimals; what is too large for them shortest-exact.
void append_number(std::string& to, double value, const TableColumn& column, double unit) {
  char digits[40];
  const double scaled = std::nearbyint(value * unit);
  if (!(std::fabs(scaled) < kMostExact)) {
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    to.append(digits, end);
    return;
  }
  auto whole = static_cast<std::int64_t>(scaled);
  const bool negative = whole < 0;
  if (negative) whole = -whole;
  const auto end = std::to_chars(digits, digits + sizeof digits, whole).ptr;
  const auto count = static_cast<int>(end - digits);
  const bool quoted = column.places > 0 && column.mark == kSeparator;
  if (quoted) to += '"';
  if (negative) to += '-';
  const int before = count - column.places;
  if (before > 0) to.append(digits, static_cast<std::size_t>(before));
  if (before <= 0) to += '0';
  if (column.places > 0) {
    to += column.mark;
    if (before < 0) to.append(static_cast<std::size_t>(-before), '0');
    to.append(digits + std::max(before, 0), end);
  }
  if (quoted) to += '"';
}

}  // namespace

std::string header_line(const TableData& shape) {
  std::string line;
  for (const TableColumn& column : shape.columns) {
    if (&column != &shape.columns.front()) line += kSeparator;
    line += cell(column.name);
  }
  return line + "\n";
}

Lines lines_of(const TableData& rows, const std::vector<std::uint8_t>& keep, std::uint64_t first_id, std::uint64_t id_step) {
  struct Writer {
    std::vector<std::string> words{};
    std::string missing{};
    double unit{1};
  };
  std::vector<Writer> writers;
  for (const TableColumn& column : rows.columns) {
    Writer& writer = writers.emplace_back();
    for (const std::string& word : column.dictionary) writer.words.push_back(cell(word));
    writer.missing = cell(column.missing);
    for (int i = 0; i < column.places; ++i) writer.unit *= 10;
  }
  Lines lines;
  lines.text.reserve(rows.rows * rows.columns.size() * 8);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    if (!keep.empty() && keep[r] == 0) continue;
    for (std::size_t c = 0; c < rows.columns.size(); ++c) {
      const TableColumn& column = rows.columns[c];
      if (c > 0) lines.text += kSeparator;
      if (column.role == Role::left_out) {
        if (column.kind == ColumnKind::id) lines.text += column.id_letter + std::to_string(column.next_id + first_id + r * id_step);
      } else if (column.is_missing(r)) {
        lines.text += writers[c].missing;
      } else if (!column.like.empty()) {
        lines.text += cell(date_text(column.numbers[r] * column.grain, column.like, column.order));
      } else if (column.role == Role::word) {
        lines.text += writers[c].words[static_cast<std::size_t>(column.words[r])];
      } else {
        append_number(lines.text, column.numbers[r], column, writers[c].unit);
      }
    }
    lines.text += '\n';
    lines.ends.push_back(lines.text.size());
  }
  return lines;
}

Block block_of(const TableData& rows) {
  Block block{.rows = rows.rows};
  for (const TableColumn& column : rows.columns) {
    Column made{.name = column.name};
    const bool date = !column.like.empty();
    made.type = column.role != Role::number || date ? Column::Type::text : column.kind == ColumnKind::integer ? Column::Type::integer : Column::Type::decimal;
    made.places = column.places;
    made.kind = column.kind;
    made.mark = column.mark;
    made.target = column.target;
    made.text.resize(rows.rows);
    made.null.resize(rows.rows);
    made.changed.resize(rows.rows);
    made.quoted.resize(rows.rows);
    if (column.role == Role::number) made.number = column.numbers;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      made.null[r] = column.role == Role::left_out || column.is_missing(r) ? 1 : 0;
      made.changed[r] = column.role == Role::number && !date ? 1 : 0;
      if (date && made.null[r] == 0) made.text[r] = date_text(column.numbers[r] * column.grain, column.like, column.order);
      if (column.role == Role::word && made.null[r] == 0) made.text[r] = column.dictionary[static_cast<std::size_t>(column.words[r])];
    }
    block.columns.push_back(std::move(made));
  }
  return block;
}

void take_back(const Block& block, TableData& rows) {
  for (std::size_t c = 0; c < rows.columns.size(); ++c)
    if (rows.columns[c].role == Role::number && rows.columns[c].like.empty())
      for (std::size_t r = 0; r < rows.rows; ++r)
        if (block.columns[c].null[r] == 0) rows.columns[c].numbers[r] = block.columns[c].number[r];
}

}  // namespace leaven::learn

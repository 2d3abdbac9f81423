#include "learn/table_rows.hpp"

#include <algorithm>

namespace leaven::learn {

namespace {

/// Calls `f` with each pair of lists of cells.
template <class F>
void each_list(Column& to, const Column& from, const F& f) {
  f(to.text, from.text), f(to.number, from.number), f(to.null, from.null), f(to.changed, from.changed), f(to.quoted, from.quoted);
}

}  // namespace

Block rows_of(const Block& block, std::span<const std::uint32_t> rows) {
  Block part{.rows = rows.size()};
  for (const Column& column : block.columns)
    each_list(part.columns.emplace_back(without_cells(column)), column, [&](auto& to, const auto& from) {
      if (from.empty()) return;
      to.reserve(rows.size());
      for (const std::uint32_t r : rows) to.push_back(from[r]);
    });
  return part;
}

void append_rows(Block& to, const Block& from) {
  if (to.columns.empty()) {
    to = from;
    return;
  }
  for (std::size_t c = 0; c < to.columns.size(); ++c) {
    Column& column = to.columns[c];
    column.places = std::max(column.places, from.columns[c].places);
    if (from.columns[c].type == Column::Type::decimal) column.type = Column::Type::decimal;
    // Quotes are noted only where some cell has them.
    if (column.quoted.empty() && !from.columns[c].quoted.empty()) column.quoted.resize(to.rows);
    each_list(column, from.columns[c], [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); });
    if (!column.quoted.empty()) column.quoted.resize(to.rows + from.rows);
  }
  to.rows += from.rows;
}

Block RowView::read(std::uint64_t first, std::size_t most) const {
  const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(first, rows_.size()));
  Block block = rows_of(block_, std::span(rows_).subspan(begin, std::min(most, rows_.size() - begin)));
  block.first = first;
  return block;
}

}  // namespace leaven::learn

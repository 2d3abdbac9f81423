#include "flow/along_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "io/stamp_text.hpp"
#include "io/table_file.hpp"
#include "ops/table/columns.hpp"

namespace leaven::flow {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostGroups = 4096;  // whose last cells are saved

/// A number, or seconds since 1970; NaN where it is neither.
double place_of(const Column& column, std::size_t row) {
  if (column.null[row] != 0) return kMissing;
  if (column.type != Column::Type::text) return column.number[row];
  return io::stamp_of(io::cell_text(column, row)).value_or(kMissing);
}

std::size_t find_column(const Block& block, const std::string& name) {
  const auto at = std::ranges::find(block.columns, name, &Column::name);
  return at == block.columns.end() ? ops::WholeTableStep::npos : static_cast<std::size_t>(at - block.columns.begin());
}

}  // namespace

struct CellsAlong::Cells {
  std::string name{};
  bool text{}, gaps{};
  std::vector<double> values{};  ///< NaN: missing; of words their index
};

/// The touched columns, all rows.
struct CellsAlong::Gathered {
  std::map<std::size_t, Cells> columns{};
  std::vector<double> places{};
  std::vector<std::uint32_t> group{};
  std::vector<std::string> groups{}, words{};
  std::map<std::string, double> word_numbers{};

  double number_of(const std::string& word) {
    const auto [at, added] = word_numbers.try_emplace(word, static_cast<double>(words.size()));
    if (added) words.push_back(word);
    return at->second;
  }

  void add(const Block& block, const ops::WholeTableStep& step, std::span<const std::size_t> touched, std::map<std::string, std::uint32_t>& known) {
    const std::size_t order = find_column(block, step.order), by = find_column(block, step.group);
    for (std::size_t r = 0; r < block.rows; ++r) {
      places.push_back(order == ops::WholeTableStep::npos ? static_cast<double>(places.size()) : place_of(block.columns[order], r));
      const std::string name = by == ops::WholeTableStep::npos ? "" : io::cell_text(block.columns[by], r);
      const auto [at, added] = known.try_emplace(name, static_cast<std::uint32_t>(groups.size()));
      if (added) groups.push_back(name);
      group.push_back(at->second);
    }
    for (const std::size_t c : touched) {
      const Column& column = block.columns[c];
      Cells& cells = columns[c];
      cells.name = column.name;
      cells.text = column.type == Column::Type::text;
      for (std::size_t r = 0; r < block.rows; ++r) {
        const bool there = cells.text ? column.null[r] == 0 : ops::is_number(column, r);
        cells.gaps |= column.null[r] != 0;
        cells.values.push_back(!there ? kMissing : cells.text ? number_of(column.text[r]) : column.number[r]);
      }
    }
  }
};

CellsAlong::CellsAlong(const ops::WholeTableStep& step, std::span<const std::size_t> columns, const std::function<Block(std::uint64_t first)>& read,
                       const RowMask& train, const Fitted* before) {
  Gathered table;
  std::map<std::string, std::uint32_t> known;
  for (Block block = read(0); block.rows > 0; block = read(block.first + block.rows)) table.add(block, step, columns, known);
  // Rows group by group, in each by their place; of one place as they stand. Rows without a place are in no order.
  std::vector<std::uint64_t> order(table.places.size());
  std::iota(order.begin(), order.end(), std::uint64_t{0});
  std::erase_if(order, [&](std::uint64_t r) { return std::isnan(table.places[r]); });
  if (order.empty() && !table.places.empty())
    throw usage_error("by: no cell of " + step.order + " is a number or a time such as 2024-03-31 14:30");
  std::ranges::stable_sort(order, [&](std::uint64_t a, std::uint64_t b) {
    return table.group[a] != table.group[b] ? table.group[a] < table.group[b] : table.places[a] < table.places[b];
  });
  std::vector<std::uint64_t> of_train;
  std::ranges::copy_if(order, std::back_inserter(of_train), [&](std::uint64_t r) { return train.empty() || train[r]; });
  RowMask others = train;
  others.flip();
  for (const auto& [c, cells] : table.columns) {
    if (step.carries && !before) keep_last(table, cells, of_train);
    if (!cells.gaps) continue;
    fill_rows(table, step, c, of_train, train, before);
    if (!train.empty()) fill_rows(table, step, c, order, others, before);
    std::ranges::sort(cells_[c]);
  }
  words_ = std::move(table.words);
}

/// Place and value of the last cell of train in this group, as keep_last() saved it.
std::optional<std::pair<double, double>> CellsAlong::last_of(const Fitted& before, Gathered& table, const Cells& cells, std::uint32_t group) {
  const auto saved = before.find(ops::fitted_name("last", cells.name));
  if (saved == before.end()) return std::nullopt;
  const FittedValues& of = saved->second;
  for (std::size_t g = 0; 2 * g + 1 < of.words.size(); ++g)
    if (of.words[2 * g] == table.groups[group]) return std::pair{of[2 * g], cells.text ? table.number_of(of.words[2 * g + 1]) : of[2 * g + 1]};
  return std::nullopt;
}

void CellsAlong::keep_last(const Gathered& table, const Cells& cells, const std::vector<std::uint64_t>& order) {
  std::map<std::uint32_t, std::uint64_t> rows;  // group → row
  for (const std::uint64_t row : order)
    if (!std::isnan(cells.values[row])) rows[table.group[row]] = row;
  FittedValues& to = last_[ops::fitted_name("last", cells.name)];
  for (const auto& [group, row] : rows) {
    if (to.size() >= 2 * kMostGroups) break;
    to.push_back(table.places[row]);
    to.push_back(cells.text ? 0 : cells.values[row]);
    to.words.push_back(table.groups[group]);
    to.words.push_back(cells.text ? table.words[static_cast<std::size_t>(cells.values[row])] : "");
  }
}

void CellsAlong::fill_rows(Gathered& table, const ops::WholeTableStep& step, std::size_t column, const std::vector<std::uint64_t>& order,
                           const RowMask& keeps, const Fitted* before) {
  const Cells& cells = table.columns.at(column);
  for (std::size_t first = 0; first < order.size();) {
    const std::uint32_t group = table.group[order[first]];
    std::size_t last = first;
    std::vector<double> places, values;
    bool carried = false;
    if (const auto carried_cell = before ? last_of(*before, table, cells, group) : std::nullopt) {
      // Unless these rows come before it.
      carried = step.order.empty() || carried_cell->first <= table.places[order[first]];
      if (carried) places.push_back(carried_cell->first), values.push_back(carried_cell->second);
    }
    for (; last < order.size() && table.group[order[last]] == group; ++last) {
      places.push_back(table.places[order[last]]);
      values.push_back(cells.values[order[last]]);
    }
    step.along(places, values);
    for (std::size_t i = first; i < last; ++i) {
      const std::uint64_t row = order[i];
      const double value = values[i - first + (carried ? 1 : 0)];
      if (std::isnan(cells.values[row]) && !std::isnan(value) && (keeps.empty() || keeps[row])) cells_[column].emplace_back(row, value);
    }
    first = last;
  }
}

void CellsAlong::fill(Block& block) const {
  for (const auto& [c, cells] : cells_) {
    Column& column = block.columns[c];
    auto at = std::ranges::lower_bound(cells, block.first, {}, &std::pair<std::uint64_t, double>::first);
    for (; at != cells.end() && at->first < block.first + block.rows; ++at) {
      const auto row = static_cast<std::size_t>(at->first - block.first);
      if (column.null[row] == 0) continue;
      if (column.type == Column::Type::text) ops::put_word(column, row, words_[static_cast<std::size_t>(at->second)]);
      else ops::put_number(column, row, at->second);
    }
  }
}

}  // namespace leaven::flow

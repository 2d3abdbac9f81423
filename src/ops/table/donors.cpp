#include "ops/table/donors.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace leaven::ops {

namespace {

constexpr std::size_t kMostWords = 1024, kMostDonors = 4096;

bool is_category(const Column& column) {
  return column.type == Column::Type::text && (column.kind == ColumnKind::category || column.kind == ColumnKind::boolean);
}

/// A cell that may be given away, as text or as number.
struct Cells {
  FittedValues values{};
  void add(const Column& column, std::size_t row) {
    const bool text = column.type == Column::Type::text;
    const bool there = text ? column.null[row] == 0 : is_number(column, row);
    values.push_back(there ? (text ? 0 : column.number[row]) : kUnset);
    if (text) values.words.push_back(column.text[row]);
  }
  void thin() {
    keep([](std::size_t i, double) { return i % 2 == 0; });
  }
  void drop_missing() {
    keep([](std::size_t, double value) { return !std::isnan(value); });
  }

 private:
  template <class Stays>
  void keep(Stays stays) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!stays(i, values[i])) continue;
      values[kept] = values[i];
      if (!values.words.empty() && kept != i) values.words[kept] = std::move(values.words[i]);  // onto itself it would empty
      ++kept;
    }
    values.resize(kept);
    if (!values.words.empty()) values.words.resize(kept);
  }
};

}  // namespace

void WordCounts::add(const Column& column) {
  if (!is_category(column)) return;
  auto& of_column = counts_[column.name];
  for (std::size_t row = 0; row < column.text.size(); ++row) {
    if (column.null[row] != 0) continue;
    const auto at = of_column.find(column.text[row]);
    if (at != of_column.end()) at->second += 1;
    else if (of_column.size() < kMostWords) of_column.emplace(column.text[row], 1);
  }
}

Fitted WordCounts::fitted() const {
  Fitted fitted;
  for (const auto& [name, words] : counts_) {
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [word, count] : words) order.emplace_back(-count, word);
    std::ranges::sort(order);
    FittedValues& values = fitted[fitted_name("words", name)];
    for (auto& [negated, word] : order) {
      values.push_back(-negated);
      values.words.push_back(std::move(word));
    }
  }
  return fitted;
}

Fitted fit_words(Scan& train) {
  WordCounts counts;
  scan_columns(train, [&](const Column& column) { counts.add(column); });
  return counts.fitted();
}

const FittedValues* fitted_words(const Site& at, std::size_t column) {
  if (!at.fitted) throw bug("an op that needs a fit was not fitted");
  const auto found = at.fitted->find(fitted_name("words", at.table->columns[column].name));
  return found == at.fitted->end() || found->second.empty() ? nullptr : &found->second;
}

Fitted fit_donor_cells(Scan& train) {
  std::map<std::string, Cells> columns;
  EvenRows even(kMostDonors);
  std::uint64_t row = 0;
  std::size_t kept = 0;
  while (const Block* block = train.next()) {
    for (std::size_t r = 0; r < block->rows; ++r, ++row) {
      if (!even.keeps(row)) continue;
      for (const Column& column : block->columns)
        if (column.type != Column::Type::text || is_category(column)) columns[column.name].add(column, r);
      if (!even.full(++kept)) continue;
      for (auto& [name, cells] : columns) cells.thin();
      even.thin();
      kept = (kept + 1) / 2;
    }
  }
  Fitted fitted;
  for (auto& [name, cells] : columns) {
    cells.drop_missing();
    if (!cells.values.empty()) fitted[fitted_name("cells", name)] = std::move(cells.values);
  }
  return fitted;
}

DonorCells::DonorCells(const Site& at) : cells_(at.table->columns.size()) {
  if (!at.fitted) throw bug("an op that needs a fit was not fitted");
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const auto found = at.fitted->find(fitted_name("cells", at.table->columns[i].name));
    if (found != at.fitted->end() && !found->second.empty()) cells_[i] = &found->second;
  }
}

void DonorCells::put(Column& column, std::size_t row, std::size_t index, double place) const {
  if (!cells_[index]) return;
  const FittedValues& cells = *cells_[index];
  const auto donor = static_cast<std::size_t>(place * static_cast<double>(cells.size()));
  if (column.type == Column::Type::text) put_word(column, row, cells.words[donor]);
  else put_number(column, row, cells[donor]);
}

}  // namespace leaven::ops

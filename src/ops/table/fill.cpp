// Values for missing cells.
#include <array>
#include <optional>

#include "ops/table/columns.hpp"
#include "ops/table/donors.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_fill {
enum class With : std::uint8_t { constant, mean, median, mode };
constexpr std::array<std::string_view, 4> kWithNames{"constant", "mean", "median", "mode"};
struct Op {
  With with = With::median;
  double value = 0;
  std::string word{};
};
constexpr auto fields = std::array{
    field<&Op::with>("with", {.doc = "What stands in for a missing cell", .choices = kWithNames}),
    field<&Op::value>("value", {.doc = "The number for with: constant", .lo = -1e300, .hi = 1e300, .unit = "1"}),
    field<&Op::word>("word", {.doc = "The word for categories and with: constant; empty: they stay missing"})};

// All three, because a recipe may draw which of them is used.
struct Summary {
  Spread spread{};
  Median median{};
  Mode mode{};

  void add(const Column& column) {
    spread.add(column);
    for (std::size_t i = 0; i < column.number.size(); ++i) {
      if (column.null[i]) continue;
      median.add(column.number[i]);
      mode.add(column.number[i]);
    }
  }
};

std::string name_of(With with) { return std::string(kWithNames[static_cast<std::size_t>(with)]); }

Fitted fit(const Op& op, Scan& train) {
  if (op.with == With::constant) return {};
  std::map<std::string, Summary> columns;
  WordCounts words;
  scan_columns(train, [&](const Column& column) {
    if (column.type != Column::Type::text) columns[column.name].add(column);
    else if (op.with == With::mode) words.add(column);
  });
  Fitted fitted = words.fitted();
  for (const auto& [name, summary] : columns) {
    if (summary.spread.count() == 0) continue;
    fitted[fitted_name(name_of(With::mean), name)] = {summary.spread.mean()};
    fitted[fitted_name(name_of(With::median), name)] = {summary.median.value()};
    fitted[fitted_name(name_of(With::mode), name)] = {summary.mode.value()};
  }
  return fitted;
}

Nodes lower(const Op& op, const Site& at) {
  std::vector<std::optional<RowValues>> fillers(at.table->columns.size());
  for (std::size_t i = 0; i < fillers.size(); ++i) {
    if (op.with == With::constant)
      fillers[i] = row_values(at, "value", op.value);
    else if (const auto* value = fitted_for(at, name_of(op.with), at.table->columns[i].name))
      fillers[i] = RowValues{.same = value->front()};
  }
  const auto apply = [fillers](Column& column, std::size_t index, std::span<const Key> keys) {
    if (!fillers[index]) return;  // train had no number here: nothing to fill with
    for (std::size_t row = 0; row < keys.size(); ++row) {
      if (!column.null[row]) continue;
      column.number[row] = as_written((*fillers[index])[row], column);
      column.null[row] = 0;
      column.changed[row] = 1;
    }
  };
  std::vector<std::string> words(at.table->columns.size());
  for (const std::size_t i : category_columns(*at.table)) {
    if (op.with == With::constant) words[i] = op.word;
    else if (const FittedValues* known = op.with == With::mode ? fitted_words(at, i) : nullptr) words[i] = known->words.front();
  }
  const auto apply_words = [words](Column& column, std::size_t index, std::span<const Key> keys) {
    for (std::size_t row = 0; row < keys.size() && !words[index].empty(); ++row)
      if (column.null[row] != 0) put_word(column, row, words[index]);
  };
  const auto apply_either = [apply, apply_words](Column& column, std::size_t index, std::span<const Key> keys) {
    column.type == Column::Type::text ? apply_words(column, index, keys) : apply(column, index, keys);
  };
  return {ColumnFunction{value_columns(*at.table), apply_either, {}}};
}
}  // namespace table_fill

}  // namespace

void add_table_fill(OpTable& t) {
  t.add(op<table_fill::Op, table_fill::lower, nullptr, table_fill::fit>(
      {.name = "table_fill",
       .summary = "Fill missing cells",
       .detail = "mean, median and mode are those of the column in train (of equally frequent numbers the smallest; "
                 "above 65,536 numbers a median within 0.01 %, above 65,536 different numbers a mode that is "
                 "frequent), rounded to whole numbers or to the column's places. mode also fills categories, with the most "
                 "frequent one of train, and constant fills them with `word`. A column without any value in train stays as it is, "
                 "and so do columns of text.",
       .family = "table",
       .example = "table_fill: {with: median}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_fill::fields}));
}

}  // namespace leaven::ops

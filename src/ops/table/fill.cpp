// Values for missing cells.
#include <algorithm>
#include <array>
#include <optional>

#include "ops/table/columns.hpp"

namespace leaven::ops {
namespace {

namespace table_fill {
enum class With : std::uint8_t { constant, mean, median, mode };
constexpr std::array<std::string_view, 4> kWithNames{"constant", "mean", "median", "mode"};
struct Op {
  With with = With::median;
  double value = 0;
};
constexpr auto fields = std::array{
    field<&Op::with>("with", {.doc = "What stands in for a missing number", .choices = kWithNames}),
    field<&Op::value>("value", {.doc = "The number for with: constant", .lo = -1e300, .hi = 1e300, .unit = "1"})};

// `sorted` holds at least one number. Of equally frequent numbers the smallest is the mode.
double statistic(With with, const std::vector<double>& sorted) {
  const std::size_t n = sorted.size();
  if (with == With::median) return n % 2 ? sorted[n / 2] : sorted[n / 2 - 1] / 2 + sorted[n / 2] / 2;
  if (with == With::mean) {
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += (sorted[i] - mean) / static_cast<double>(i + 1);
    return mean;
  }
  std::size_t longest = 0;
  double mode = 0;
  for (auto at = sorted.begin(); at != sorted.end();) {
    const auto end = std::upper_bound(at, sorted.end(), *at);
    if (static_cast<std::size_t>(end - at) > longest) longest = static_cast<std::size_t>(end - at), mode = *at;
    at = end;
  }
  return mode;
}

Fitted fit(const Op& op, Scan& train) {
  Fitted fitted;
  if (op.with == With::constant) return fitted;
  std::map<std::string, std::vector<double>> numbers;
  while (const Block* block = train.next())
    for (const Column& column : block->columns)
      for (std::size_t i = 0; i < column.number.size() && column.type != Column::Type::text; ++i)
        if (!column.null[i]) numbers[column.name].push_back(column.number[i]);
  for (auto& [name, values] : numbers) {
    std::sort(values.begin(), values.end());
    fitted[fitted_name(std::string(kWithNames[static_cast<std::size_t>(op.with)]), name)] = {
        statistic(op.with, values)};
  }
  return fitted;
}

Nodes lower(const Op& op, const Site& at) {
  const std::string name(kWithNames[static_cast<std::size_t>(op.with)]);
  std::vector<std::optional<RowValues>> fillers(at.table->columns.size());
  for (std::size_t i = 0; i < fillers.size(); ++i) {
    if (op.with == With::constant)
      fillers[i] = row_values(at, "value", op.value);
    else if (const auto* value = fitted_for(at, name, at.table->columns[i].name))
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
  return {ColumnFunction{numeric_columns(*at.table), apply}};
}
}  // namespace table_fill

}  // namespace

void add_table_fill(OpTable& t) {
  t.add(op<table_fill::Op, table_fill::lower, nullptr, table_fill::fit>(
      {.name = "table_fill",
       .summary = "Fill missing numbers",
       .detail = "mean, median and mode are those of the column in train (of equally frequent numbers the smallest), "
                 "rounded to whole "
                 "numbers or to the column's places. A column without any number in train stays as it is, and so do "
                 "text columns.",
       .family = "table",
       .example = "table_fill: {with: median}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_fill::fields}));
}

}  // namespace leaven::ops

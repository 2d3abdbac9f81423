// Numbers that lie far from the others of their column.
#include <algorithm>
#include <array>

#include "ops/table/columns.hpp"
#include "ops/table/summary.hpp"
#include "ops/table/whole_table.hpp"

namespace leaven::ops {
namespace {

namespace table_outliers {
enum class Method : std::uint8_t { z, modified_z, iqr, quantile };
constexpr std::array<std::string_view, 4> kMethodNames{"z", "modified_z", "iqr", "quantile"};
enum class Action : std::uint8_t { clip, missing, flag, drop };
constexpr std::array<std::string_view, 4> kActionNames{"clip", "missing", "flag", "drop"};
struct Op {
  Method method = Method::iqr;
  double far = 1.5;
  double share = 0.01;
  Action action = Action::clip;
};
constexpr auto fields = std::array{
    field<&Op::method>("method", {.doc = "How bounds are found", .choices = kMethodNames}),
    field<&Op::far>("far", {.doc = "Deviations from the middle (z, modified_z), or box lengths beyond the box (iqr)", .lo = 0, .hi = 100, .unit = "factor"}),
    field<&Op::share>("share", {.doc = "Share of the numbers cut off at either end (quantile)", .lo = 0, .hi = 0.5, .unit = "fraction"}),
    field<&Op::action>("action", {.doc = "What becomes of a number beyond the bounds", .choices = kActionNames})};

struct Summary {
  Spread spread{};
  Median order{};
};

/// The median distance from the median, from the numbers that the sketch kept.
double median_deviation(const Median& order, double median) {
  std::vector<std::pair<double, std::uint64_t>> apart;
  std::uint64_t total = 0, seen = 0;
  for (const auto& [number, weight] : order.weighted()) {
    apart.emplace_back(std::fabs(number - median), weight);
    total += weight;
  }
  std::sort(apart.begin(), apart.end());
  double low = 0;
  for (const auto& [distance, weight] : apart) {
    if (seen <= (total - 1) / 2 && seen + weight > (total - 1) / 2) low = distance;
    if ((seen += weight) > total / 2) return low / 2 + distance / 2;
  }
  return low;
}

std::pair<double, double> bounds(const Op& op, const Summary& s) {
  const double q1 = s.order.quantile(0.25), median = s.order.value(), q3 = s.order.quantile(0.75);
  switch (op.method) {
    case Method::z: return {s.spread.mean() - op.far * s.spread.std(), s.spread.mean() + op.far * s.spread.std()};
    case Method::iqr: return {q1 - op.far * (q3 - q1), q3 + op.far * (q3 - q1)};
    case Method::quantile: return {s.order.quantile(op.share), s.order.quantile(1 - op.share)};
    case Method::modified_z: break;
  }
  const double reach = op.far * median_deviation(s.order, median) / 0.6745;
  return {median - reach, median + reach};
}

Fitted fit(const Op& op, Scan& train) {
  std::map<std::string, Summary> columns;
  scan_columns(train, [&](const Column& column) {
    if (column.type == Column::Type::text) return;
    Summary& summary = columns[column.name];
    summary.spread.add(column);
    for (std::size_t row = 0; row < column.number.size(); ++row)
      if (is_number(column, row)) summary.order.add(column.number[row]);
  });
  Fitted fitted;
  for (const auto& [name, summary] : columns) {
    if (summary.order.empty()) continue;
    const auto [lo, hi] = bounds(op, summary);
    fitted[fitted_name("bounds", name)] = {lo, hi};
  }
  return fitted;
}

using Limits = std::vector<const std::vector<double>*>;  ///< of each column; null: train had no number

bool is_far(const std::vector<double>& limits, const Column& column, std::size_t row) {
  return column.null[row] == 0 && (column.number[row] < limits[0] || column.number[row] > limits[1]);
}

/// A column "price_outlier" beside price: 1 where its cell lies far.
Nodes flags(const Limits& limits, const BlockShape& table) {
  WholeTableStep step;
  for (const std::size_t c : numeric_columns(table)) step.adds.push_back({c, {.name = table.columns[c].name + kFlagEnd, .kind = ColumnKind::boolean}});
  step.rows = [limits](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys, std::span<std::string>) {
    for (const std::size_t c : touched) {
      const auto flag = std::ranges::find(block.columns, block.columns[c].name + kFlagEnd, &Column::name);
      for (std::size_t row = 0; row < keys.size() && limits[c]; ++row)
        if (is_far(*limits[c], block.columns[c], row)) put_word(*flag, row, "1");
    }
  };
  return whole_table_node(numeric_columns(table), step);
}

Nodes drops(const Limits& limits, const BlockShape& table) {
  WholeTableStep step{.leaves_out = true};
  step.rows = [limits](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys, std::span<std::string> left_out) {
    for (const std::size_t c : touched)
      for (std::size_t row = 0; row < keys.size() && limits[c]; ++row)
        if (left_out[row].empty() && is_far(*limits[c], block.columns[c], row))
          left_out[row] = block.columns[c].name + " is " + to_text(Value(block.columns[c].number[row])) + ", beyond " + to_text(Value((*limits[c])[0])) +
                          " … " + to_text(Value((*limits[c])[1]));
  };
  return whole_table_node(numeric_columns(table), step);
}

Nodes lower(const Op& op, const Site& at) {
  Limits limits(at.table->columns.size());
  for (std::size_t i = 0; i < limits.size(); ++i) limits[i] = fitted_for(at, "bounds", at.table->columns[i].name);
  if (op.action == Action::flag) return flags(limits, *at.table);
  if (op.action == Action::drop) return drops(limits, *at.table);
  const auto apply = [limits, action = op.action](Column& column, std::size_t index, std::span<const Key> keys) {
    for (std::size_t row = 0; row < keys.size() && limits[index]; ++row) {
      if (!is_far(*limits[index], column, row)) continue;
      if (action == Action::missing) make_missing(column, row);
      else put_number(column, row, (*limits[index])[column.number[row] < (*limits[index])[0] ? 0 : 1]);
    }
  };
  return {ColumnFunction{numeric_columns(*at.table), apply, {}}};
}
}  // namespace table_outliers

}  // namespace

void add_table_outliers(OpTable& t) {
  t.add(op<table_outliers::Op, table_outliers::lower, nullptr, table_outliers::fit>(
      {.name = "table_outliers",
       .summary = "Clip, mark or remove numbers that lie far from the others",
       .detail = "z: beyond mean ± far·std. modified_z: beyond median ± far·MAD/0.6745, usually far 3.5. iqr: below Q1 − far·(Q3 − Q1) "
                 "or above Q3 + far·(Q3 − Q1). quantile: beyond the quantiles share and 1 − share (winsorising). All of them of the "
                 "column in train. Infinite numbers count as far. clip and missing change the number; flag adds a column price_outlier (0, 1) for "
                 "each column, drop leaves the rows of train out, with the reason (those of val and test stay): both of them under prepare: alone.",
       .family = "table",
       .example = "table_outliers: {method: iqr, far: 3}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_outliers::fields}));
}

}  // namespace leaven::ops

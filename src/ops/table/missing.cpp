// Cells go missing: by chance, by another column, or by their own value.
#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_missing {
enum class Mechanism : std::uint8_t { mcar, mar, mnar };
constexpr std::array<std::string_view, 3> kMechanismNames{"mcar", "mar", "mnar"};
struct Op {
  double amount = 0.1;
  Mechanism mechanism = Mechanism::mcar;
  std::string by{};
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Share of the cells that go missing", .lo = 0, .hi = 1, .unit = "fraction", .neutral = 0, .strong = 0.5, .draw = uniform(0, 0.2)}),
    field<&Op::mechanism>("mechanism", {.doc = "What decides: chance, another column, or the cell's own value", .choices = kMechanismNames}),
    field<&Op::by>("by", {.doc = "The column of numbers whose rank decides (mar)"})};

/// Percentiles of every column of numbers, from which a cell's rank is read.
Fitted fit(const Op&, Scan& train) {
  constexpr int kSteps = 100;
  std::map<std::string, Median> orders;
  scan_columns(train, [&](const Column& column) {
    if (column.type == Column::Type::text) return;
    for (std::size_t row = 0; row < column.number.size(); ++row)
      if (is_number(column, row)) orders[column.name].add(column.number[row]);
  });
  Fitted fitted;
  for (const auto& [name, order] : orders)
    for (int i = 0; i <= kSteps; ++i) fitted[fitted_name("percentiles", name)].push_back(order.quantile(static_cast<double>(i) / kSteps));
  return fitted;
}

/// Share of train below the number, 0 … 1; a half where it is missing or unknown.
double rank_of(const std::vector<double>* percentiles, const Column& column, std::size_t row) {
  if (!percentiles || !is_number(column, row)) return 0.5;
  const auto low = std::ranges::lower_bound(*percentiles, column.number[row]), high = std::ranges::upper_bound(*percentiles, column.number[row]);
  const auto place = static_cast<double>((low - percentiles->begin()) + (high - percentiles->begin())) / 2;
  return std::min(1.0, place / static_cast<double>(percentiles->size()));
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues amount = row_values(at, "amount", op.amount);
  const auto& columns = at.table->columns;
  std::size_t by = columns.size();
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == op.by && columns[i].type != Column::Type::text) by = i;
  if (op.mechanism == Mechanism::mar && by == columns.size())
    throw usage_error("by must name a column of numbers for mechanism: mar, got \"" + op.by + "\"");
  if (amount.rows.empty() && amount.same == 0) return {};
  std::vector<const std::vector<double>*> percentiles(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) percentiles[i] = fitted_for(at, "percentiles", columns[i].name);
  const auto apply = [amount, percentiles, by, mechanism = op.mechanism](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys) {
    // Ranks are read before any cell goes.
    std::vector<double> ranks(keys.size(), 0.5);
    for (std::size_t row = 0; row < keys.size() && mechanism == Mechanism::mar; ++row) ranks[row] = rank_of(percentiles[by], block.columns[by], row);
    for (const std::size_t index : touched) {
      if (mechanism == Mechanism::mar && index == by) continue;
      Column& column = block.columns[index];
      for (std::size_t row = 0; row < keys.size(); ++row) {
        if (column.null[row] != 0) continue;
        const double rank = mechanism == Mechanism::mnar ? rank_of(percentiles[index], column, row) : ranks[row];
        // Twice the rank has mean 1, so that `amount` stays the share that goes.
        const double chance = mechanism == Mechanism::mcar ? amount[row] : std::min(1.0, 2 * rank * amount[row]);
        if (draw_unit(keys[row], index) < chance) make_missing(column, row);
      }
    }
  };
  return {ColumnFunction{value_columns(*at.table), {}, apply}};
}
}  // namespace table_missing

}  // namespace

void add_table_missing(OpTable& t) {
  t.add(op<table_missing::Op, table_missing::lower, nullptr, table_missing::fit>(
      {.name = "table_missing",
       .summary = "Make cells go missing",
       .detail = "mcar: each cell with chance `amount`. mar: with chance 2·amount·r, r the rank in train of the row's number in the column "
                 "`by`, so that high ones go more often. mnar: r is the rank of the cell itself; categories go by chance. Chances above 1 "
                 "count as 1 (Rubin 1976 for the names). The same op is feature dropout.",
       .family = "table",
       .example = "table_missing: {amount: 0.1, mechanism: mnar}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_missing::fields}));
}

}  // namespace leaven::ops

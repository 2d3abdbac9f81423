// Noise on the numbers of a table, in units of what the column holds.
#include <array>

#include "ops/table/cell_shift.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_noise {
enum class Noise : std::uint8_t { gaussian, laplace, uniform };
constexpr std::array<std::string_view, 3> kNoiseNames{"gaussian", "laplace", "uniform"};
enum class Unit : std::uint8_t { std, iqr, range, value };
constexpr std::array<std::string_view, 4> kUnitNames{"std", "iqr", "range", "value"};
struct Op {
  double amount = 0.05;
  Noise noise = Noise::gaussian;
  Unit unit = Unit::std;
};
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "Standard deviation of the noise, in the unit; uniform: its half width",
                                  .lo = 0,
                                  .hi = 10,
                                  .unit = "factor",
                                  .neutral = 0,
                                  .strong = 0.5,
                                  .draw = uniform(0.02, 0.1)}),
    field<&Op::noise>("noise", {.doc = "Law of the noise", .choices = kNoiseNames}),
    field<&Op::unit>("unit", {.doc = "Of the column in train, or the cell's own value: noise that multiplies", .choices = kUnitNames})};

struct Summary {
  Spread spread{};
  Median order{};
};

std::string name_of(Unit unit) { return std::string(kUnitNames[static_cast<std::size_t>(unit)]); }

Fitted fit(const Op&, Scan& train) {
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
    fitted[fitted_name(name_of(Unit::std), name)] = {summary.spread.std()};
    fitted[fitted_name(name_of(Unit::iqr), name)] = {summary.order.quantile(0.75) - summary.order.quantile(0.25)};
    fitted[fitted_name(name_of(Unit::range), name)] = {summary.order.quantile(1) - summary.order.quantile(0)};
  }
  return fitted;
}

constexpr kernels::CellLaw law_of(Noise noise) {
  return noise == Noise::gaussian ? kernels::CellLaw::normal : noise == Noise::laplace ? kernels::CellLaw::laplace : kernels::CellLaw::uniform;
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues amount = row_values(at, "amount", op.amount);
  if (amount.rows.empty() && amount.same == 0) return {};
  std::vector<double> units(at.table->columns.size(), op.unit == Unit::value ? 1 : 0);
  for (std::size_t i = 0; i < units.size() && op.unit != Unit::value; ++i)
    if (const auto* unit = fitted_for(at, name_of(op.unit), at.table->columns[i].name)) units[i] = unit->front();
  return {ColumnFunction{numeric_columns(*at.table), {}, NoiseOnCells{law_of(op.noise), amount, units, op.unit == Unit::value}}};
}
}  // namespace table_noise

}  // namespace

void add_table_noise(OpTable& t) {
  t.add(op<table_noise::Op, table_noise::lower, nullptr, table_noise::fit>(
      {.name = "table_noise",
       .summary = "Add noise of another law or unit to numbers",
       .detail = "x' = x + amount·u·n, u the column's standard deviation, interquartile range or range in train, or the cell's own "
                 "value; n Gaussian or Laplace of standard deviation 1, or uniform in [−1, 1]. Whole numbers stay whole, decimals "
                 "keep their places, missing and infinite cells stay.",
       .family = "table",
       .example = "table_noise: {amount: 0.1, noise: laplace, unit: iqr}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_noise::fields}));
}

}  // namespace leaven::ops

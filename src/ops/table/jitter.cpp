// Noise on the numbers of a table.
#include <array>
#include <cmath>

#include "ops/table/cell_shift.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_jitter {
enum class Noise : std::uint8_t { gaussian, uniform };
constexpr std::array<std::string_view, 2> kNoiseNames{"gaussian", "uniform"};
struct Op {
  double sigma = 0.05;
  Noise noise = Noise::gaussian;
};
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the noise, in standard deviations of the column",
                                .lo = 0,
                                .hi = 10,
                                .unit = "factor",
                                .neutral = 0,
                                .strong = 0.5,
                                .draw = uniform(0.02, 0.1)}),
    field<&Op::noise>("noise", {.doc = "Law of the noise", .choices = kNoiseNames})};

Fitted fit(const Op&, Scan& train) {
  std::map<std::string, Spread> spreads;
  while (const Block* block = train.next())
    for (const Column& column : block->columns)
      if (column.type != Column::Type::text) spreads[column.name].add(column);
  Fitted fitted;
  for (const auto& [name, spread] : spreads)
    if (spread.count() > 0) fitted[fitted_name("std", name)] = {spread.std()};
  return fitted;
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues sigma = row_values(at, "sigma", op.sigma);
  if (sigma.rows.empty() && sigma.same == 0) return {};
  std::vector<double> stds(at.table->columns.size());
  for (std::size_t i = 0; i < stds.size(); ++i)
    if (const auto* std = fitted_for(at, "std", at.table->columns[i].name)) stds[i] = std->front();
  if (op.noise == Noise::gaussian) return {ColumnFunction{numeric_columns(*at.table), {}, NoiseOnCells{kernels::CellLaw::normal, sigma, stds}}};
  for (double& std : stds) std *= std::sqrt(3.0);  // half the width of a uniform law of standard deviation 1
  return {ColumnFunction{numeric_columns(*at.table), {}, NoiseOnCells{kernels::CellLaw::uniform, sigma, stds}}};
}
}  // namespace table_jitter

}  // namespace

void add_table_jitter(OpTable& t) {
  t.add(op<table_jitter::Op, table_jitter::lower, nullptr, table_jitter::fit>(
      {.name = "table_jitter",
       .summary = "Add noise to numbers",
       .detail = "x' = x + sigma·s·n, s the standard deviation of the column in train, n of mean 0 and standard "
                 "deviation 1, its own for every cell. Whole numbers stay whole, decimals keep their number of "
                 "places, missing and infinite cells stay.",
       .family = "table",
       .example = "table_jitter: {sigma: 0.05}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_jitter::fields}));
}

}  // namespace leaven::ops

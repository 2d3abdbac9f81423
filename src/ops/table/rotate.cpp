// Rotation in the plane of two columns.
#include <array>

#include "core/error.hpp"
#include "core/exact_math.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_rotate {
struct Op {
  double degrees = 10;
};
constexpr auto fields = std::array{field<&Op::degrees>(
    "degrees", {.doc = "Angle, from the first column towards the second", .lo = -180, .hi = 180, .unit = "degrees", .neutral = 0, .strong = 45, .draw = uniform(-15, 15)})};

Fitted fit(const Op&, Scan& train) {
  std::map<std::string, Spread> spreads;
  scan_columns(train, [&](const Column& column) {
    if (column.type != Column::Type::text) spreads[column.name].add(column);
  });
  Fitted fitted;
  for (const auto& [name, spread] : spreads)
    if (spread.count() > 0) fitted[fitted_name("mean and std", name)] = {spread.mean(), spread.std()};
  return fitted;
}

Nodes lower(const Op& op, const Site& at) {
  const RowValues degrees = row_values(at, "degrees", op.degrees);
  if (degrees.rows.empty() && degrees.same == 0) return {};
  std::vector<const std::vector<double>*> known(at.table->columns.size());
  for (std::size_t i = 0; i < known.size(); ++i) known[i] = fitted_for(at, "mean and std", at.table->columns[i].name);
  const auto apply = [degrees, known](Block& block, std::span<const std::size_t> columns, std::span<const Key> keys) {
    if (columns.size() != 2) throw usage_error("turns two columns of numbers, on: has " + std::to_string(columns.size())).with_hint("on: [height, width]");
    Column &x = block.columns[columns[0]], &y = block.columns[columns[1]];
    const auto *kx = known[columns[0]], *ky = known[columns[1]];
    if (!kx || !ky || (*kx)[1] == 0 || (*ky)[1] == 0) return;  // a constant column has no plane
    for (std::size_t row = 0; row < keys.size(); ++row) {
      if (!is_number(x, row) || !is_number(y, row) || degrees[row] == 0) continue;
      const double angle = degrees[row] * 0.017453292519943295, c = exact::cos(angle), s = exact::sin(angle);
      const double u = (x.number[row] - (*kx)[0]) / (*kx)[1], v = (y.number[row] - (*ky)[0]) / (*ky)[1];
      put_number(x, row, (*kx)[0] + (*kx)[1] * (c * u - s * v));
      put_number(y, row, (*ky)[0] + (*ky)[1] * (s * u + c * v));
    }
  };
  return {ColumnFunction{numeric_columns(*at.table), {}, apply}};
}
}  // namespace table_rotate

}  // namespace

void add_table_rotate(OpTable& t) {
  t.add(op<table_rotate::Op, table_rotate::lower, nullptr, table_rotate::fit>(
      {.name = "table_rotate",
       .summary = "Turn two columns around their middle",
       .detail = "In deviations from the means of train, in units of the standard deviations: (u, v) becomes (u·cos − v·sin, u·sin + "
                 "v·cos). on: names the two columns. Rows where one of them is missing stay.",
       .family = "table",
       .example = "table_rotate: {degrees: 10, on: [height, width]}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_rotate::fields}));
}

}  // namespace leaven::ops

// Noise on the numbers of a table.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "ops/table/cell_shift.hpp"
#include "ops/table/donors.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_jitter {
enum class Noise : std::uint8_t { gaussian, uniform };
constexpr std::array<std::string_view, 2> kNoiseNames{"gaussian", "uniform"};
struct Op {
  double sigma = 0.05;
  Noise noise = Noise::gaussian;
  bool inside = false;
};
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the noise, in standard deviations of the column",
                                .lo = 0,
                                .hi = 10,
                                .unit = "factor",
                                .neutral = 0,
                                .strong = 0.5,
                                .draw = uniform(0.02, 0.1)}),
    field<&Op::noise>("noise", {.doc = "Law of the noise", .choices = kNoiseNames}),
    field<&Op::inside>("inside", {.doc = "Whether numbers stay inside the column's range, and one that half of its cells are stays as it is"})};

/// What a column's numbers are like: their ends, and the one that half of them are.
class Habits {
 public:
  void add(const Column& column) {
    for (std::size_t row = 0; row < column.number.size(); ++row, ++row_) {
      if (!is_number(column, row)) continue;
      low_ = std::min(low_, column.number[row]);
      high_ = std::max(high_, column.number[row]);
      if (!even_.keeps(row_)) continue;
      some_.emplace_back(row_, column.number[row]);
      if (!even_.full(some_.size())) continue;
      even_.thin();
      std::erase_if(some_, [this](const auto& one) { return !even_.keeps(one.first); });
    }
  }
  /// Low and high end, and the third where there is one; nothing of a column without numbers.
  FittedValues fitted() {
    if (some_.empty()) return {};
    std::ranges::sort(some_, {}, [](const auto& one) { return one.second; });
    FittedValues values{low_, high_};
    if (const double middle = some_[some_.size() / 2].second; 2 * std::ranges::count(some_, middle, [](const auto& one) { return one.second; }) >= std::ssize(some_))
      values.push_back(middle);
    return values;
  }

 private:
  static constexpr std::size_t kRows = 4096;  // looked at for what half of them are, evenly
  double low_{std::numeric_limits<double>::infinity()}, high_{-std::numeric_limits<double>::infinity()};
  EvenRows even_{kRows};
  std::uint64_t row_{};
  std::vector<std::pair<std::uint64_t, double>> some_{};
};

Fitted fit(const Op& op, Scan& train) {
  std::map<std::string, Spread> spreads;
  std::map<std::string, Habits> habits;
  scan_columns(train, [&](const Column& column) {
    if (column.type == Column::Type::text) return;
    spreads[column.name].add(column);
    if (op.inside) habits[column.name].add(column);
  });
  Fitted fitted;
  for (const auto& [name, spread] : spreads)
    if (spread.count() > 0) fitted[fitted_name("std", name)] = {spread.std()};
  for (auto& [name, habit] : habits)
    if (FittedValues values = habit.fitted(); !values.empty()) fitted[fitted_name("habits", name)] = std::move(values);
  return fitted;
}

/// The noise, and then what is not of the column's kind taken back.
struct NoiseInside {
  NoiseOnCells noise;
  std::vector<const std::vector<double>*> habits;

  void operator()(Block& rows, std::span<const std::size_t> columns, std::span<const Key> keys) const {
    std::vector<Cells> before;
    for (const std::size_t index : columns) before.push_back({rows.columns[index].number, rows.columns[index].changed});
    noise(rows, columns, keys);
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (const std::vector<double>* own = habits[columns[i]]) keep(*own, before[i], rows.columns[columns[i]]);
  }

 private:
  struct Cells {
    std::vector<double> number{};
    std::vector<std::uint8_t> changed{};
  };
  static void keep(const std::vector<double>& own, const Cells& before, Column& column) {
    for (std::size_t row = 0; row < column.number.size(); ++row) {
      const double was = before.number[row];
      if (column.null[row] != 0 || !std::isfinite(was)) continue;
      const bool usual = own.size() > 2 && was == own[2];
      column.number[row] = usual ? was : std::clamp(column.number[row], std::min(own[0], was), std::max(own[1], was));
      if (usual) column.changed[row] = before.changed[row];
    }
  }
};

Nodes lower(const Op& op, const Site& at) {
  const RowValues sigma = row_values(at, "sigma", op.sigma);
  if (sigma.rows.empty() && sigma.same == 0) return {};
  std::vector<double> stds(at.table->columns.size());
  for (std::size_t i = 0; i < stds.size(); ++i)
    if (const auto* std = fitted_for(at, "std", at.table->columns[i].name)) stds[i] = std->front();
  if (op.noise == Noise::uniform)
    for (double& std : stds) std *= std::sqrt(3.0);  // half the width of a uniform law of standard deviation 1
  NoiseOnCells noise{op.noise == Noise::gaussian ? kernels::CellLaw::normal : kernels::CellLaw::uniform, sigma, stds};
  if (!op.inside) return {ColumnFunction{numeric_columns(*at.table), {}, std::move(noise)}};
  NoiseInside inside{std::move(noise), std::vector<const std::vector<double>*>(stds.size())};
  for (std::size_t i = 0; i < stds.size(); ++i) {
    inside.habits[i] = fitted_for(at, "habits", at.table->columns[i].name);
    if (stds[i] > 0 && !inside.habits[i]) throw usage_error("inside must be true or false for all rows, and cannot be drawn");
  }
  return {ColumnFunction{numeric_columns(*at.table), {}, std::move(inside)}};
}
}  // namespace table_jitter

}  // namespace

void add_table_jitter(OpTable& t) {
  t.add(op<table_jitter::Op, table_jitter::lower, nullptr, table_jitter::fit>(
      {.name = "table_jitter",
       .summary = "Add noise to numbers",
       .detail = "x' = x + sigma·s·n, s the standard deviation of the column in train, n of mean 0 and standard "
                 "deviation 1, its own for every cell. Whole numbers stay whole, decimals keep their number of "
                 "places, missing and infinite cells stay. inside: numbers stop at the smallest and largest of train, and "
                 "one that half of train's cells are (of 4,096 rows or more, evenly), the zeros of most capital gains, stays.",
       .family = "table",
       .example = "table_jitter: {sigma: 0.05}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_jitter::fields}));
}

}  // namespace leaven::ops

// Missing cells from rows that are like theirs.
#include <algorithm>
#include <array>
#include <limits>

#include "core/error.hpp"
#include "kernels/neighbours.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/donors.hpp"
#include "ops/table/regressions.hpp"
#include "ops/table/summary.hpp"

namespace leaven::ops {
namespace {

namespace table_impute {
enum class With : std::uint8_t { nearest, regressions };
constexpr std::array<std::string_view, 2> kWithNames{"nearest", "regressions"};
struct Op {
  With with = With::nearest;
  int k = 5;
  bool scale = true;
  int rounds = 30;
};
constexpr auto fields = std::array{
    field<&Op::with>("with", {.doc = "Mean of the nearest rows, or regressions on the other columns (iterative imputation)", .choices = kWithNames}),
    field<&Op::k>("k", {.doc = "Rows of train that are asked (nearest)", .lo = 1, .hi = 1000, .unit = "1"}),
    field<&Op::scale>("scale", {.doc = "Distances in standard deviations of each column, else in its own units (nearest)"}),
    field<&Op::rounds>("rounds", {.doc = "Most rounds of the fit (regressions)", .lo = 1, .hi = 100, .unit = "1"})};

constexpr std::size_t kMostDonors = 16'384;

constexpr const char* kColumns = "columns";

/// From the cells kept of each column.
Fitted regressions_of(const Op& op, std::map<std::string, FittedValues>& kept) {
  Fitted fitted;
  FittedValues& names = fitted[kColumns];
  std::vector<double> cells;
  const std::size_t columns = kept.size(), rows = kept.empty() ? 0 : kept.begin()->second.size();
  cells.resize(rows * columns);
  for (const auto& [name, values] : kept) {
    const std::size_t c = names.size();
    names.push_back(static_cast<double>(c));
    names.words.push_back(name);
    for (std::size_t r = 0; r < rows; ++r) cells[r * columns + c] = values[r];
  }
  if (columns > 0) JointRegressions(cells, columns, op.rounds).save(fitted);
  return fitted;
}

Fitted fit(const Op& op, Scan& train) {
  std::map<std::string, FittedValues> columns;
  std::map<std::string, Spread> spreads;
  EvenRows even(kMostDonors);
  std::uint64_t row = 0;
  std::size_t kept = 0;
  while (const Block* block = train.next()) {
    for (const Column& column : block->columns)
      if (column.type != Column::Type::text) spreads[column.name].add(column);
    for (std::size_t r = 0; r < block->rows; ++r, ++row) {
      if (!even.keeps(row)) continue;
      for (const Column& column : block->columns)
        if (column.type != Column::Type::text && !column.target) columns[column.name].push_back(is_number(column, r) ? column.number[r] : kUnset);
      if (!even.full(++kept)) continue;
      for (auto& [name, values] : columns) {
        std::size_t half = 0;
        for (std::size_t i = 0; i < values.size(); i += 2) values[half++] = values[i];
        values.resize(half);
      }
      even.thin();
      kept = (kept + 1) / 2;
    }
  }
  Fitted fitted;
  for (auto& [name, values] : columns)
    if (std::ranges::all_of(values, [](double v) { return std::isnan(v); }))
      throw usage_error("column " + name + " holds no number in train to take from").with_hint("leave it out: on: [other columns]");
  if (op.with == With::regressions) return regressions_of(op, columns);
  for (auto& [name, values] : columns) {
    fitted[fitted_name("std", name)] = {spreads[name].std()};
    fitted[fitted_name("donors", name)] = std::move(values);
  }
  return fitted;
}

/// The donors laid out for the search, and what they hold.
struct Donors {
  std::vector<std::size_t> columns{};  ///< of the table, that distances look at
  std::vector<double> units{}, cells{}, panels{}, means{};
  std::size_t rows{};

  explicit Donors(const Op& op, const Site& at) {
    for (const std::size_t i : numeric_columns(*at.table))
      if (fitted_for(at, "donors", at.table->columns[i].name)) columns.push_back(i);
    for (const std::size_t i : columns) {
      const std::string& name = at.table->columns[i].name;
      const double std = fitted_for(at, "std", name)->front();
      units.push_back(op.scale && std > 0 ? std : 1);
      rows = fitted_for(at, "donors", name)->size();
    }
    cells.resize(rows * columns.size());
    means.resize(columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const auto& donors = *fitted_for(at, "donors", at.table->columns[columns[c]].name);
      double sum = 0, count = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        cells[r * columns.size() + c] = donors[r] / units[c];
        if (!std::isnan(donors[r])) sum += donors[r], count += 1;
      }
      means[c] = sum / count;
    }
    panels = kernels::masked_panels(cells, rows, columns.size());
  }

  /// The mean of the k nearest donors that have a number in column `c`; of equal ones the first. All of the column where
  /// no donor shares a cell with the row.
  double value(std::size_t c, std::size_t k, std::span<const double> distances) const {
    std::vector<std::pair<double, std::size_t>> near;
    double worst = std::numeric_limits<double>::infinity();
    for (std::size_t r = 0; r < rows; ++r) {
      if (!(distances[r] < worst) || std::isnan(cells[r * columns.size() + c])) continue;
      near.emplace_back(distances[r], r);
      std::push_heap(near.begin(), near.end());
      if (near.size() > k) {
        std::pop_heap(near.begin(), near.end());
        near.pop_back();
      }
      if (near.size() == k) worst = near.front().first;
    }
    if (near.empty()) return means[c];
    std::ranges::sort(near, {}, [](const auto& n) { return n.second; });
    double sum = 0;
    for (const auto& [distance, r] : near) sum += cells[r * columns.size() + c];
    return sum / static_cast<double>(near.size()) * units[c];
  }
};

Nodes lower_regressions(const Site& at) {
  if (!at.fitted) throw bug("an op that needs a fit was not fitted");
  std::vector<std::size_t> columns;
  for (const std::string& name : at.fitted->at(kColumns).words) {
    const auto found = std::ranges::find(at.table->columns, name, &BlockShape::ColumnShape::name);
    if (found == at.table->columns.end() || found->type == Column::Type::text)
      throw usage_error("was fitted on a column " + name + " of numbers, and the table has none");
    columns.push_back(static_cast<std::size_t>(found - at.table->columns.begin()));
  }
  const auto regressions = columns.empty() ? nullptr : std::make_shared<const JointRegressions>(*at.fitted);
  const auto apply = [columns, regressions](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys) {
    if (!regressions) return;
    JointRegressions::Completer completer(*regressions);
    std::vector<double> cells(columns.size());
    for (std::size_t row = 0; row < keys.size(); ++row) {
      bool missing = false;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const Column& column = block.columns[columns[c]];
        cells[c] = is_number(column, row) ? column.number[row] : kUnset;
        missing |= column.null[row] != 0;
      }
      if (!missing) continue;
      completer.complete(cells);
      for (std::size_t c = 0; c < columns.size(); ++c)
        if (Column& column = block.columns[columns[c]]; column.null[row] != 0 && std::ranges::find(touched, columns[c]) != touched.end())
          put_number(column, row, cells[c]);
    }
  };
  std::vector<std::size_t> reachable = columns;
  std::ranges::sort(reachable);
  return {ColumnFunction{reachable, {}, apply}};
}

Nodes lower(const Op& op, const Site& at) {
  if (op.with == With::regressions) return lower_regressions(at);
  const auto donors = std::make_shared<const Donors>(op, at);
  const auto k = static_cast<std::size_t>(op.k);
  const auto apply = [donors, k](Block& block, std::span<const std::size_t> touched, std::span<const Key> keys) {
    const std::size_t dims = donors->columns.size();
    std::vector<double> query(dims), distances((donors->rows + 63) / 64 * 64);
    for (std::size_t row = 0; row < keys.size(); ++row) {
      bool missing = false;
      for (std::size_t c = 0; c < dims; ++c) {
        const Column& column = block.columns[donors->columns[c]];
        query[c] = is_number(column, row) ? column.number[row] / donors->units[c] : kUnset;
        missing |= column.null[row] != 0 && std::ranges::find(touched, donors->columns[c]) != touched.end();
      }
      if (!missing) continue;
      kernels::masked_distances(donors->panels, dims, query, distances);
      for (std::size_t c = 0; c < dims; ++c) {
        Column& column = block.columns[donors->columns[c]];
        if (column.null[row] != 0 && std::ranges::find(touched, donors->columns[c]) != touched.end()) put_number(column, row, donors->value(c, k, distances));
      }
    }
  };
  return {ColumnFunction{numeric_columns(*at.table), {}, apply}};
}
}  // namespace table_impute

}  // namespace

void add_table_impute(OpTable& t) {
  t.add(op<table_impute::Op, table_impute::lower, nullptr, table_impute::fit>(
      {.name = "table_impute",
       .summary = "Fill missing numbers from the nearest rows or from the other columns",
       .detail = "nearest: the mean of the k nearest rows of train that have the cell; the squared distance is that of the cells that both rows have, "
                 "times columns ÷ how many those are (Troyanskaya et al. 2001). Above 32,768 rows of train at least 16,384 of them, evenly, "
                 "are asked. regressions: missing cells begin as means and are predicted from the other columns of their row, by a mean and covariance that are found "
                 "anew after each round, until nothing moves (expectation-maximisation, Dempster, Laird and Rubin 1977); predictions stay between the "
                 "column's ends. Each row by itself, so a row served later gets what it would have got here. Text columns stay.",
       .family = "table",
       .example = "table_impute: {k: 5}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_impute::fields}));
}

}  // namespace leaven::ops

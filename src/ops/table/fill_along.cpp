// Values for missing cells from the rows before and after.
#include <algorithm>
#include <array>
#include <optional>

#include "core/error.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/whole_table.hpp"

namespace leaven::ops {
namespace {

namespace table_fill_along {
enum class With : std::uint8_t { forward, backward, linear, time };
constexpr std::array<std::string_view, 4> kWithNames{"forward", "backward", "linear", "time"};
struct Op {
  With with = With::forward;
  std::string by{};
  std::string group{};
  int limit = 0;
};
constexpr auto fields = std::array{
    field<&Op::with>("with", {.doc = "The cell before, the one after, or a line between both: by rows (linear) or by `by` (time)", .choices = kWithNames}),
    field<&Op::by>("by", {.doc = "A column of numbers or times that orders the rows; empty: as they stand"}),
    field<&Op::group>("group", {.doc = "A column; rows with different cells there know nothing of each other"}),
    field<&Op::limit>("limit", {.doc = "Most missing cells in a row that are filled; 0: all", .lo = 0, .hi = 1e9, .unit = "1"})};

/// Runs of missing cells: [first, last) with the cells before and after, where there are any.
template <class Fill>
void for_each_gap(std::span<double> cells, Fill&& fill) {
  for (std::size_t first = 0; first < cells.size();) {
    if (!std::isnan(cells[first])) {
      ++first;
      continue;
    }
    std::size_t last = first;
    while (last < cells.size() && std::isnan(cells[last])) ++last;
    fill(first, last);
    first = last;
  }
}

void fill_gaps(const Op& op, std::span<const double> places, std::span<double> cells) {
  const std::size_t most = op.limit > 0 ? static_cast<std::size_t>(op.limit) : cells.size();
  for_each_gap(cells, [&](std::size_t first, std::size_t last) {
    const bool before = first > 0, after = last < cells.size();
    const std::size_t filled = std::min(most, last - first);
    if (op.with == With::backward) {
      for (std::size_t i = last - filled; after && i < last; ++i) cells[i] = cells[last];
      return;
    }
    if (!before || (op.with != With::forward && !after)) return;
    const double low = cells[first - 1], high = after ? cells[last] : low;
    for (std::size_t i = first; i < first + filled; ++i) {
      if (op.with == With::forward) cells[i] = low;
      else if (op.with == With::linear) cells[i] = low + (high - low) * (static_cast<double>(i + 1 - first) / static_cast<double>(last + 1 - first));
      else if (const double apart = places[last] - places[first - 1]; apart > 0) cells[i] = low + (high - low) * ((places[i] - places[first - 1]) / apart);
      else cells[i] = low;
    }
  });
}

Nodes lower(const Op& op, const Site& at) {
  std::vector<std::string_view> names;
  for (const auto& column : at.table->columns) names.push_back(column.name);
  const auto require = [&](const std::string& name, const char* field) {
    if (!name.empty() && std::ranges::find(names, name) == names.end())
      throw usage_error(std::string(field) + ": there is no column " + name).with_hint(did_you_mean(name, names));
  };
  require(op.by, "by");
  require(op.group, "group");
  if (op.with == With::time && op.by.empty()) throw usage_error("with: time needs by:, the column of times");
  WholeTableStep step;
  std::vector<std::size_t> columns;
  const bool between = op.with == With::linear || op.with == With::time;
  for (const std::size_t c : between ? numeric_columns(*at.table) : value_columns(*at.table))
    if (names[c] != op.by && names[c] != op.group) columns.push_back(c);
  step.along = [op](std::span<const double> places, std::span<double> cells) { fill_gaps(op, places, cells); };
  step.order = op.by;
  step.group = op.group;
  step.carries = op.with == With::forward;
  return whole_table_node(columns, step);
}
}  // namespace table_fill_along

}  // namespace

void add_table_fill_along(OpTable& t) {
  t.add(op<table_fill_along::Op, table_fill_along::lower>(
      {.name = "table_fill_along",
       .summary = "Fill missing cells from the rows before and after",
       .detail = "Under prepare: alone. Only forward never looks at what comes later, so only it is fit for forecasts. Rows of train see train alone, those "
                 "of val and test all rows. Gaps at an end that have nothing to begin with stay; rows without a place in `by` stay too. Categories are filled forward "
                 "and backward, lines are for numbers. leaven prepare goes along the other table; forward, its first gaps get the last cells of train "
                 "(of up to 4,096 groups).",
       .family = "table",
       .example = "table_fill_along: {with: forward}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_fill_along::fields}));
}

}  // namespace leaven::ops

#include "ops/table/whole_table.hpp"

#include <utility>

#include "core/error.hpp"

namespace leaven::ops {

void WholeTableStep::operator()(Block&, std::span<const std::size_t>, std::span<const Key>) const {
  throw usage_error("works on the whole table, so it stands under prepare:");
}

const WholeTableStep* whole_table_of(const ColumnFunction& function) { return function.apply_rows.target<WholeTableStep>(); }

Nodes whole_table_node(std::vector<std::size_t> columns, WholeTableStep step) {
  return {ColumnFunction{std::move(columns), {}, std::move(step)}};
}

}  // namespace leaven::ops

// The columns domain: a block of rows, one draw a row, every step one pass over the block's columns.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "core/program.hpp"
#include "ops/table/whole_table.hpp"
#include "recipe/recipe.hpp"

namespace leaven::plan {

/// State of the fitted ops of a recipe, by op path: one bounded pass over train.
using FittedOps = std::map<std::string, Fitted>;

/// Fits every op of the recipe that has fit(): `scan_train()` starts a new pass over train for each. Fits see the table
/// as it was read, not as earlier steps leave it. What `known` holds is not fitted again.
FittedOps fit_columns(const recipe::Recipe& recipe, const std::function<std::unique_ptr<Scan>()>& scan_train,
                      const FittedOps& known = {});

/// What steps on a whole table need, and give, of a block.
struct WholeTable {
  /// Fills the step's columns along the table.
  std::function<void(const std::string& path, const ops::WholeTableStep& step, std::span<const std::size_t> columns, Block& block)> along{};
  std::vector<std::string> left_out{};  ///< why a row goes, one a row, "" where it stays; empty: no step leaves rows out
};

/// Draws for the block's rows (one DrawContext and label each) and applies all steps in place. A row's values depend
/// only on its own context, but for steps on whole tables, which throw Error(usage) without `whole`. Returns each row's program, for lineage. Throws Error(usage) for random_order (rows would
/// need different orders), for ops of another domain, and for a column in `on:` that is not there.
std::vector<Program> run_columns(const recipe::Recipe& recipe, std::span<const DrawContext> rows,
                                 std::span<const std::string> labels, const FittedOps& fitted, Block& block,
                                 WholeTable* whole = nullptr);

/// The way back through the steps, last first, for what has one (scales); other ops are passed by. Every row alike:
/// containers and drawn values throw Error(usage).
void take_back_columns(const recipe::Recipe& recipe, const FittedOps& fitted, Block& block);

/// The oracle, and replay: one row's program on a block that holds just this row.
void run_columns_reference(const Program& program, const FittedOps& fitted, Block& row);

}  // namespace leaven::plan

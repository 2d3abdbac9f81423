// The columns domain: a block of rows, one program with values a row, executed fast or by reference.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/columns.hpp"
#include "core/program.hpp"
#include "recipe/recipe.hpp"

namespace leaven::plan {

/// State of the fitted ops of a recipe, by op path: one bounded pass over train.
using FittedOps = std::map<std::string, Fitted>;

/// Draws for `rows` rows (one DrawContext each) and applies all steps to the block in place. Every row's values depend
/// only on its own context. Throws Error(usage) for random_order (rows would need different orders) and for ops of
/// another domain, with step and place.
Program run_columns(const recipe::Recipe& recipe, std::span<const DrawContext> rows, std::span<const std::string> labels,
                    const FittedOps& fitted, Block& block);

/// Applies a program that is already concrete to a block (from lineage).
void apply_columns(const Program& program, const FittedOps& fitted, Block& block);

/// Fits every op of the recipe that has fit(), over train blocks in id order.
FittedOps fit_columns(const recipe::Recipe& recipe, std::span<const Block* const> train);

}  // namespace leaven::plan

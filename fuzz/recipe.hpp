// Recipes and lineage lines: what is accepted is written back to a text that reads as the same thing.
#pragma once

#include "fuzz/target.hpp"

namespace leaven::fuzz {

bool run_recipe(io::BytesView input);
std::vector<io::Bytes> recipe_seeds();

bool run_lineage(io::BytesView input);
std::vector<io::Bytes> lineage_seeds();

}  // namespace leaven::fuzz

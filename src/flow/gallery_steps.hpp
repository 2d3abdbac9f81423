// One op as a recipe at a strength, and the values that were drawn as words: what the galleries of all domains share.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/program.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// How far from an op's neutral values to its strong ones.
inline constexpr std::array<std::pair<const char*, double>, 3> kStrengths{{{"low", 1.0 / 3}, {"middle", 2.0 / 3}, {"strong", 1.0}}};

/// A number that goes from a value that changes nothing to a strong one.
bool is_strength(const FieldInfo& field);
bool has_strength(const OpInfo& op);

/// The op's own example as a recipe: it gives every field that has no default.
recipe::Recipe example_of(const OpInfo& op, const OpTable& ops);
void set_strength(recipe::Step& step, double share);

/// "series_jitter sigma 0.1, …": drawn values and strengths of each step.
std::string values_text(const Program& program);

/// The families of a domain's ops in the order of the table, those asked for where any are. Throws Error(usage) for a name
/// that is none of them.
std::vector<std::string_view> shown_families(const OpTable& ops, Domain domain, std::span<const std::string> asked);

}  // namespace leaven::flow

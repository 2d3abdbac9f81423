// Policies: published ways to put ops together, written out as plain steps of a recipe when it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recipe/document.hpp"

namespace leaven::recipe {

struct Policy {
  std::string_view name{}, summary{}, source{};
  /// Its fields and their defaults, for people: "n: 2, magnitude: 9 of bins: 31".
  std::string_view fields{};
  /// One step in YAML; reads the policy's own fields.
  std::string (*text)(MapReader&){};
};
/// rand_augment, trivial_augment, auto_augment, uniform_augment.
const std::vector<Policy>& policies();
/// Null when no policy has this name.
const Policy* find_policy(std::string_view name);

/// Ops that a search may put policies together from, by their names in the papers.
const std::vector<std::string_view>& searched_ops();
/// One of them as a step in YAML at `strength` in [0, 1] of RandAugment's greatest magnitude, with either sign where it has
/// one.
std::string searched_step(std::string_view op, double strength);

}  // namespace leaven::recipe

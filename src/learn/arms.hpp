// What is compared: the ways to train on the same pictures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "learn/engine.hpp"

namespace leaven::learn {

struct Arm {
  std::string name{};
  std::uint32_t times{1};  ///< how often an epoch shows each item, see Order
  std::optional<PictureRecipe> recipe{};  ///< nothing: pictures as they are
};

/// How often an epoch of `dup` and of the recipes shows each item: the original and the four copies that `leaven augment`
/// makes.
inline constexpr std::uint32_t kTimes = 5;
inline constexpr const char* kNone = "none";
inline constexpr const char* kDup = "dup";

/// The recipe first, then dup (the control of the primary test, always there), then the others in the order given: none,
/// dup, a preset, a policy (trivial_augment) or a file. Throws Error(usage) for what is none of these.
std::vector<Arm> arms_for(const std::string& recipe_or_preset, const std::vector<std::string>& against);

}  // namespace leaven::learn

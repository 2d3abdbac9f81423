// `augment: together`: samples that belong together (stereo pairs, frames of a clip, before and after) under one draw.
#pragma once

#include <string>

#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// The name by which a sample's values are drawn: its id, or what the expression's first bracket finds in it.
std::string drawn_as(const recipe::Augment& augment, const std::string& id);

/// Throws Error(usage) where the expression matches no id, or copies may be drawn anew one by one (`labels: require`).
void require_together(const recipe::Recipe& recipe, const io::DatasetIndex& index);

}  // namespace leaven::flow

// A recipe applied in memory, by the planner and executor that every other command uses.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/key.hpp"
#include "core/raster.hpp"
#include "learn/learner.hpp"
#include "plan/draw_program.hpp"
#include "recipe/recipe.hpp"

namespace leaven::learn {

/// Steps without the rest of a recipe. Steps that standardise (normalize) are left out: learners standardise by
/// themselves, all arms alike.
class PictureRecipe {
 public:
  PictureRecipe(std::string name, recipe::Recipe recipe);
  /// From YAML.
  PictureRecipe(std::string name, const std::string& text);

  const std::string& name() const { return name_; }
  const recipe::Recipe& steps() const { return recipe_; }
  /// Equal for recipes that make equal pictures.
  const std::string& digest() const { return digest_; }
  /// Ops that were left out because they standardise.
  const std::vector<std::string>& left_out() const { return left_out_; }

  /// From here on what comes out in another size is resized, in the same pass as what came before.
  void end_in(int width, int height);
  /// The picture as the recipe changes it. `label` is for steps with `when:`, `choose` for those that mix in others; without it a
  /// picture is its own partner. Throws Error(usage) when a step cannot work on it.
  Raster made(const RasterView& picture, const DrawContext& draw, std::string_view label, const plan::ChoosePartner& choose = {}) const;

 private:
  std::string name_;
  recipe::Recipe recipe_, sized_{};  ///< sized_: with a resize at its end
  int width_{}, height_{};           ///< 0: as it comes
  std::vector<std::string> left_out_{};
  std::string digest_;
};

/// Mean and deviation of each channel, of values in [0, 1].
struct Standard {
  float mean[3]{0, 0, 0}, deviation[3]{1, 1, 1};
};

/// A picture as planes of standardised floats; it must have the shape's size. Grey becomes equal red, green and blue
/// where the shape has three channels, colours their mean where it has one.
void standardise(const RasterView& picture, const Standard& standard, const InputShape& shape, std::span<float> out);

}  // namespace leaven::learn

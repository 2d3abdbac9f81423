#include "recipe/containers.hpp"

#include <array>

namespace leaven::recipe {

std::span<const ContainerDoc> containers() {
  static constexpr std::array<ContainerDoc, 6> kContainers{{
      {"sequence", "Run all steps in their order",
       "What the steps of a recipe do anyway; as one step it is an alternative of one_of, or has a `p` or `when` of its own.",
       "- sequence: [grayscale, {contrast: {by: 1.3}}]\n"},
      {"one_of", "Run one step, drawn for each copy",
       "All are as likely as each other unless `weights` says otherwise, one number ≥ 0 a step.",
       "- one_of:\n    weights: [2, 1]\n    steps: [gaussian_blur, {sharpen: {by: 0.5}}]\n"},
      {"some_of", "Run n of the steps, drawn without repetition",
       "`n` is a number or a law ({int: [1, 3]}); those drawn run in their order in the recipe. `weights` as in one_of.",
       "- some_of:\n    n: 2\n    steps: [brightness, contrast, saturation, hue]\n"},
      {"random_order", "Run all steps in an order drawn for each copy", "Each step draws its own values as ever.",
       "- random_order: [brightness, contrast, saturation]\n"},
      {"with_probability", "Run all steps or none of them",
       "One draw decides for all; `p` of a step decides for that step alone.",
       "- with_probability:\n    p: 0.3\n    steps: [grayscale, {contrast: {by: 1.3}}]\n"},
      {"repeat", "Run the steps several times over",
       "`times` is a number or a law; each time draws new values.",
       "- repeat:\n    times: {int: [1, 3]}\n    steps: [cutout]\n"},
  }};
  return kContainers;
}

}  // namespace leaven::recipe

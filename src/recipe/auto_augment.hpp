// The learned policies of AutoAugment.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace leaven::recipe {

struct AutoAugmentStep {
  std::string_view op;  ///< as in the paper
  double p;
  int magnitude;        ///< 0…9; 0 where the op has none
};
using AutoAugmentPair = std::array<AutoAugmentStep, 2>;

/// 25 pairs of which one is chosen for each picture. dataset: 0 ImageNet, 1 CIFAR-10, 2 SVHN.
std::span<const AutoAugmentPair> auto_augment_pairs(std::size_t dataset);

}  // namespace leaven::recipe

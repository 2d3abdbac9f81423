// What tells adversarial kinds of generators apart: the game that is played, and at which pace.
#pragma once

#include <cstdint>

#include "learn/generate/image_model.hpp"

namespace leaven::learn {

struct GanRules {
  enum class Game : std::uint8_t { hinge, wasserstein, logistic };
  const char* name{};
  const char* summary{};
  Game game{};
  std::uint32_t judge_steps{};           ///< for each step of the painter
  std::uint32_t steps{}, large_steps{};  ///< of the painter; of pictures above 32 px
  double painter_rate{}, judge_rate{}, beta_1{};
};

inline constexpr GanRules kHinge{"gan", "conditional GAN with hinge loss, spectral norm and DiffAugment", GanRules::Game::hinge, 1, 3000, 2000, 5e-4, 8e-4, 0.0};
inline constexpr GanRules kWasserstein{"wgan_gp", "the same two networks as Wasserstein GAN with gradient penalty", GanRules::Game::wasserstein, 3, 1000, 600, 5e-4, 5e-4, 0.0};
inline constexpr GanRules kLogistic{"gan_r1", "the same two networks with logistic loss and the R1 penalty", GanRules::Game::logistic, 1, 3000, 2000, 5e-4, 5e-4, 0.0};

ImageKind adversarial_kind(const GanRules& rules);

}  // namespace leaven::learn

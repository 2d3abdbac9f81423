// Features of pictures from fixed wavelets. Bruna and Mallat, "Invariant scattering convolution networks" (IEEE TPAMI 35(8),
// 2013), two scales and eight directions.
#pragma once

#include <memory>

#include "learn/torch/features.hpp"

namespace leaven::learn {

/// Of each channel: its mean, the modulus of Morlet wavelets of both scales, and of the coarser ones of the finer ones' modulus:
/// 81 maps, averaged over a grid of cells, as many as keep it below kMostFeatures.
std::unique_ptr<Features> scattering(const InputShape& shape);
inline constexpr std::size_t kMostFeatures = 4000;

}  // namespace leaven::learn

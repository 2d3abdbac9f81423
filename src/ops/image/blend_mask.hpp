// Masks by which one look of a picture is laid over another.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/key.hpp"
#include "core/raster.hpp"

namespace leaven::ops {

enum class BlendMask : std::uint8_t { even, noise, gradient, circle, stripes, checkerboard, cells };
inline constexpr std::array<std::string_view, 7> kBlendMaskNames{"even", "noise", "gradient", "circle", "stripes", "checkerboard", "cells"};

struct BlendMaskOptions {
  BlendMask kind{};
  double size{};       ///< of the shorter side
  double sharpness{};  ///< 0 … 1
  double roughness{};  ///< of noise, 0 … 1
  double degrees{};    ///< counter-clockwise from the right
  double x{}, y{};     ///< of the circle's middle, in shares of width and height
};

/// u8, one channel: 255 shows, 0 does not.
std::shared_ptr<const Raster> blend_mask(Size size, const BlendMaskOptions& options, Key key);

}  // namespace leaven::ops

// What colour ops ask of the image before them.
#pragma once

#include <array>

#include "core/op.hpp"

namespace leaven::ops {

/// Luma of R, G, B (ITU-R BT.601), as Pillow's and torchvision's grey.
inline constexpr std::array<double, 3> kLuma{0.299, 0.587, 0.114};

/// True for RGB, false for grey; throws Error(usage) for any other number of colour channels.
bool has_colour(const Site& at);

/// Throws Error(usage) where values may lie outside [0, 1].
void require_bounded(const Site& at);

/// a·x + b on every colour channel.
inline Table affine_curve(double a, double b) { return Table::all({.form = Curve::Form::affine, .a = a, .b = b}); }

}  // namespace leaven::ops

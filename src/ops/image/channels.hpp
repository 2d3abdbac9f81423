// What colour ops ask of the image before them.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

/// Luma of R, G, B (ITU-R BT.601), as Pillow's and torchvision's grey.
inline constexpr std::array<double, 3> kLuma{0.299, 0.587, 0.114};

/// True for RGB, false for grey; throws Error(usage) for any other number of colour channels.
bool has_colour(const Site& at);

/// The whole picture before an op, in words, of whose channels `at` may have some alone.
std::string described_picture(const Site& at);

/// Throws Error(usage) where the picture has more than four channels, and the op's settings join them.
void require_all_channels(const Site& at);

/// Throws Error(usage) where values may lie outside [0, 1].
void require_bounded(const Site& at);

/// a·x + b on every colour channel.
inline Table affine_curve(double a, double b) { return Table::all({.form = Curve::Form::affine, .a = a, .b = b}); }

/// `f` of every value, as a table: of all levels of 16-bit images, and fine enough for what other ops make of bytes.
template <class F>
Table sampled_curve(const F& f, Dtype dtype) {
  const std::size_t steps = dtype == Dtype::u8 ? std::size_t{255} * 8 : 65535;
  auto table = std::make_shared<std::vector<float>>(steps + 1);
  for (std::size_t i = 0; i <= steps; ++i)
    (*table)[i] = static_cast<float>(f(static_cast<double>(i) / static_cast<double>(steps)));
  return Table::all({.form = Curve::Form::levels, .table = std::move(table)});
}

}  // namespace leaven::ops

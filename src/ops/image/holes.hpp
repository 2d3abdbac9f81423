// What ops share that cover parts of the picture.
#pragma once

#include "ops/image/canvas.hpp"

namespace leaven::ops {

enum class FillWith : std::uint8_t { constant, noise, mean };
inline constexpr std::array<std::string_view, 3> kFillWithNames{"constant", "noise", "mean"};
inline constexpr std::size_t kMostHoles = 64;

/// Four numbers a region: x, y, width, height. Throws Error(usage) for any other count; empty regions are left out.
std::vector<Region> regions_from(const std::vector<double>& numbers);

/// Covers the regions. constant: with the colour `fill`; noise: a colour uniform in [0, 1] for each pixel and channel;
/// mean: with the mean of each channel over the picture. An alpha becomes 1 in them unless `fill` has its own.
Nodes covered(std::vector<Region> regions, FillWith with, const std::vector<double>& fill, const Site& at);

template <class Op>
consteval FieldInfo fill_with_field() {
  return field<&Op::fill_with>("fill_with", {.doc = "What holes show: one colour, a random colour a pixel, the mean",
                                             .choices = kFillWithNames});
}

template <class Op>
consteval FieldInfo hole_fill_field() {
  return field<&Op::fill>("fill", {.doc = "Colour of the holes: one number for all channels, or one a channel",
                                   .lo = 0,
                                   .hi = 1,
                                   .unit = "fraction",
                                   .min_count = 1,
                                   .max_count = kMostChannels});
}

template <class Op>
consteval FieldInfo regions_field(std::size_t most = kMostHoles) {
  return field<&Op::regions>("regions", {.doc = "The holes: x, y, width, height of each",
                                         .lo = -65535,
                                         .hi = 65535,
                                         .unit = "px",
                                         .min_count = 4,
                                         .max_count = 4 * most,
                                         .resolved = true});
}

}  // namespace leaven::ops

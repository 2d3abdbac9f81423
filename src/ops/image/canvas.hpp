// What geometric ops share: the fields that say what stands outside the picture, and maps about a centre.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

/// keep: the output is as large as the input. fit: as large as the moved picture needs.
enum class Canvas : std::uint8_t { keep, fit };
inline constexpr std::array<std::string_view, 2> kCanvasNames{"keep", "fit"};

/// `fill` as a recipe gives it (one number for all colours, or one a channel) for an image of this shape: grey images
/// take the luma of three colours; where there is an alpha, its entry is the fourth given, else `alpha`.
std::array<float, 4> fill_for(const std::vector<double>& fill, const RasterShape& shape, float alpha = 0);

/// The picture mapped forward by a linear map whose inverse is `inverse`, about the centre of `in`, which lands on the
/// centre of `out` moved by `shift` px.
Matrix3 about_centre(const Matrix3& inverse, Size in, Size out, Point shift = {});

/// The part of the image that `window` covers; where it reaches over the edge the border answers.
Geometry cut(Region window, const Border& border);

template <class Op>
consteval FieldInfo border_field() {
  return field<&Op::border>("border", {.doc = "What stands outside the picture", .choices = kBorderNames});
}

template <class Op>
consteval FieldInfo fill_field() {
  return field<&Op::fill>("fill",
                          {.doc = "Colour of the constant border: one number for all channels, or one a channel",
                           .lo = 0,
                           .hi = 1,
                           .unit = "fraction",
                           .min_count = 1,
                           .max_count = 4});
}

template <class Op>
consteval FieldInfo filter_field() {
  return field<&Op::filter>("filter", {.doc = "How pixels are sampled", .choices = kFilterNames});
}

}  // namespace leaven::ops

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

/// `fill` as a recipe gives it (one number for all colours, or one a channel) for the image before an op: grey images
/// take the luma of three colours; where there is an alpha, its entry is the fourth given, else `alpha`.
std::array<float, 4> fill_for(const std::vector<double>& fill, const Site& at, float alpha = 0);

/// The picture mapped forward by a linear map whose inverse is `inverse`, about the centre of `in`, which lands on the
/// centre of `out` moved by `shift` px.
Matrix3 about_centre(const Matrix3& inverse, Size in, Size out, Point shift = {});

/// The part of the image that `window` covers; where it reaches over the edge the border answers.
Geometry cut(Region window, const Border& border);

/// The whole of an image of size `in` stretched onto a canvas of size `out`.
Geometry stretch(Size in, Size out, Filter filter, bool antialias);

/// side · of / by, rounded half up, at least one pixel: the other side of a picture whose aspect stays.
int in_proportion(int side, int of, int by);

/// The left or top edge of something that has `slack` px to move in (below 0: that it reaches over by), `at` of the
/// way: 0 at the start, 0.5 in the middle, 1 at the end; an odd remainder leaves the larger half behind.
int place_within(int slack, double at);

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
                           .max_count = kMostChannels});
}

template <class Op>
consteval FieldInfo filter_field() {
  return field<&Op::filter>("filter", {.doc = "How pixels are sampled", .choices = kFilterNames});
}

template <class Op>
consteval FieldInfo antialias_field() {
  return field<&Op::antialias>("antialias", {.doc = "Average all pixels that an output pixel covers when it shrinks"});
}

template <class Op>
consteval FieldInfo at_x_field(Law law = {}) {
  return field<&Op::at_x>("at_x", {.doc = "Place from left to right: 0 left, 0.5 centre, 1 right",
                                   .lo = 0,
                                   .hi = 1,
                                   .unit = "fraction",
                                   .draw = law});
}

template <class Op>
consteval FieldInfo at_y_field(Law law = {}) {
  return field<&Op::at_y>("at_y", {.doc = "Place from top to bottom: 0 top, 0.5 centre, 1 bottom",
                                   .lo = 0,
                                   .hi = 1,
                                   .unit = "fraction",
                                   .draw = law});
}

}  // namespace leaven::ops

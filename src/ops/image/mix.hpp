// What ops that mix pictures share: the field that says which partners, and pictures brought to a place on a canvas.
#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

enum class Partners : std::uint8_t { any, same_class, other_class };
inline constexpr std::array<std::string_view, 3> kPartnersNames{"any", "same_class", "other_class"};

template <class Op>
consteval FieldInfo partners_field() {
  return field<&Op::partners>("partners", {.doc = "Which samples of train are mixed in", .choices = kPartnersNames});
}

/// Size of a picture of the mix: 0 the one that comes in, 1, 2, …: partners, for which that one stands in where they are
/// not given.
Size picture_size(const Site& at, int picture);

/// What brings a picture of size `from` to cover a canvas of size `to`, scaled as little as that takes and about its
/// middle, and cuts `part` of the canvas out of it. Nothing where it is the whole picture as it is.
Nodes covering(Size from, Size to, const Region& part);
/// That as a layer, laid where it was cut out.
MixLayer covering_layer(const Site& at, int picture, const Region& part);

Node mix_of(Size canvas, std::vector<MixLayer> layers, std::array<float, 4> fill = {});

/// λ of Beta(α, α).
double draw_share(double alpha, Key key);

}  // namespace leaven::ops

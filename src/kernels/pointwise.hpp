// Functions of one pixel on planes of floats, in place. Values of bounded images lie in [0, 1] and are clamped to it
// after every function; `clamp` false leaves them as they come.
//
// Plain + − × ÷ in a fixed order: the same bits on every target. Runs are processed up to the next multiple of 64.
#pragma once

#include <array>
#include <cstdint>

#include "kernels/pixels.hpp"

namespace leaven::kernels {

/// Everything into [0, 1]; what is no number becomes 0.
void clamp_values(float* values, int count);
/// a·x + b
void affine(float* values, int count, double a, double b, bool clamp);
/// x^a, negative x as 0; within 1e-5 of the exact power, relative.
void power(float* values, int count, double a, bool clamp);
/// x ≥ threshold ? 1 − x : x
void solarize(float* values, int count, double threshold, bool clamp);
/// Keeps the `bits` highest of the 8-bit level (u8), of the 16-bit level's top byte (u16, f32).
void quantize(float* values, int count, int bits, Dtype dtype);
/// To the nearest whole level of the dtype, half to even; nothing for f32.
void round_to_levels(float* values, int count, Dtype dtype);
/// table[round(clamp(x)·(size − 1))]; 2 ≤ size ≤ 65536.
void look_up(float* values, int count, const float* table, int size, bool clamp);
/// RGB' = M·(R, G, B, 1), row-major 3×4.
void color_matrix(const Planes& rgb, int count, const std::array<float, 12>& m, bool clamp);
/// Turns the hue of HSV by `turns`; value and chroma stay (Smith, "Color gamut transform pairs", 1978). Nothing leaves the
/// range of its pixel, so there is nothing to clamp.
void hue_shift(const Planes& rgb, int count, double turns);
/// A layer of one colour over dimmed light: d + cover·(colour − d), d = light·x, unclamped.
void lay_over(float* values, const float* cover, int count, float light, float colour);
/// own·x + (1 − own)·max(x, floor) + added, from the left; unclamped.
void lighten(float* values, const float* floor, const float* added, int count, float own);
/// out = scale·clamp(in / whole)
void shares_of(const float* in, int count, float whole, float scale, float* out);
/// x + (offset + scale·noise)
void add_noise(float* values, const float* noise, int count, double offset, double scale, bool clamp);

}  // namespace leaven::kernels

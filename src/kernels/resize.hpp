// Separable filtering of rows: along a row with weights of its own for every output pixel, and across rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/raster.hpp"

namespace leaven::kernels {

/// For every output pixel the weighted pixels of an input axis.
struct AxisTaps {
  int taps{};                          ///< a multiple of 4; unused ones have weight 0
  std::vector<std::int32_t> first{};   ///< first pixel, one per output
  std::vector<float> weights{};        ///< taps per output
};

/// Output pixels [from, to) of a row: out[C·x + c] = Σ weight·sample, samples in levels (0…255, 0…65535 or float).
/// `row` points at pixel 0; first + taps pixels and the row's slack must be readable. `out` needs 4 floats behind its
/// last pixel.
void filter_row(const std::byte* row, Dtype dtype, int channels, const AxisTaps& axis, int from, int to, float* out);

/// out[i] = Σ weights[t]·rows[t][i] over stored samples, in levels; reads up to the next multiple of 16 samples.
void combine_stored_rows(const std::byte* const* rows, Dtype dtype, const float* weights, int taps, std::size_t count,
                         float* out);

/// Σ weights[t]·rows[t][i] + bias of bytes in levels, weights and bias over 255: clamped and rounded half to even to bytes again,
/// bit for bit as combine_stored_rows(), the addition, a clamp and store_pixels() one after the other. Reads as
/// combine_stored_rows() does, and writes `count` bytes.
void combine_byte_rows(const std::uint8_t* const* rows, const float* weights, int taps, float bias, std::size_t count, std::uint8_t* out);

/// out[i] += in[low[i]] + share[i]·(in[low[i] + 1] − in[low[i]]) for positions that grow by 0 or 1 from one to the next; low,
/// share and out hold a multiple of 16 values, and `in` 16 floats behind the last that is named.
void add_stretched_row(const float* in, const std::int32_t* low, const float* share, std::size_t count, float* out);

/// out[i] = Σ weights[t]·rows[t][i]; counts that are no multiple of 16 are rounded up.
void combine_rows(const float* const* rows, const float* weights, int taps, std::size_t count, float* out);

}  // namespace leaven::kernels

// Standard normals of many streams at once.
#pragma once

#include <cstdint>
#include <span>

#include "core/key.hpp"

namespace leaven::kernels {

/// out[i] is draw(normal(0, 1), keys[i], element) of core/value.hpp, bit for bit, on every target. `element` below 2^32; as many
/// `out` as `keys`.
void normal_draws(std::span<const Key> keys, std::uint64_t element, std::span<double> out);

}  // namespace leaven::kernels

// The weights of a network that others saved.
#pragma once

#include <string_view>

#include "learn/generate/safetensors.hpp"

namespace leaven::learn {

/// Numbers of any precision as floats (F64 rounded). Tensors of whole numbers and truths, such as counters of steps, are left out.
/// Believes as little as from_safetensors(), and throws as it does.
Tensors weights_from_safetensors(std::string_view bytes);

}  // namespace leaven::learn

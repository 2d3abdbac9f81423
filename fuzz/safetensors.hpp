// Weights of networks as strangers save them.
#pragma once

#include "fuzz/target.hpp"

namespace leaven::fuzz {

bool run_safetensors(io::BytesView input);
std::vector<io::Bytes> safetensors_seeds();

}  // namespace leaven::fuzz

// Broken inputs from good ones, decided by a seed and a number alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/codec.hpp"

namespace leaven::fuzz {

/// Input `number` of the series: one of the seeds after one to four small accidents (bits flipped, bytes and numbers
/// of note written over, parts cut out, doubled, moved in from another seed, the end missing).
io::Bytes mutated(std::span<const io::Bytes> seeds, std::uint64_t series, std::uint64_t number);

}  // namespace leaven::fuzz

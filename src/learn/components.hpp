// The directions along which items differ most.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/key.hpp"

namespace leaven::learn {

struct Components {
  std::vector<float> directions{};  ///< one after another, each as long as an item; of length 1
  std::vector<float> deviation{};   ///< of the items along each, falling
};

/// Principal components of items whose mean was taken away, `size` numbers each: at most `most`, found by orthogonal iteration
/// (Golub and Van Loan, section 8.2.4) from what the key draws.
Components principal_components(std::span<const float> centred, std::size_t size, std::size_t most, Key key);

double dot(const float* a, const float* b, std::size_t size);
/// Number `i` of those that the key draws from the standard normal law.
double normal_at(Key key, std::uint64_t i);

}  // namespace leaven::learn

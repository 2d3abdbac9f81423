#include "learn/components.hpp"

#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"

namespace leaven::learn {

namespace {

constexpr int kRounds = 15;

/// Gram and Schmidt; a vector that is nothing but the others becomes 0.
void orthonormalise(std::vector<float>& vectors, std::size_t count, std::size_t size) {
  for (std::size_t k = 0; k < count; ++k) {
    float* const own = &vectors[k * size];
    for (std::size_t j = 0; j < k; ++j) {
      const auto along = static_cast<float>(dot(own, &vectors[j * size], size));
      for (std::size_t i = 0; i < size; ++i) own[i] -= along * vectors[j * size + i];
    }
    const double length = std::sqrt(dot(own, own, size));
    for (std::size_t i = 0; i < size; ++i) own[i] = length > 1e-6 ? static_cast<float>(own[i] / length) : 0;
  }
}

}  // namespace

double dot(const float* a, const float* b, std::size_t size) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

double normal_at(Key key, std::uint64_t i) { return exact::normal_quantile((random_block(key, i / 4)[i % 4] + 0.5) / 4294967296.0); }

Components principal_components(std::span<const float> centred, std::size_t size, std::size_t most, Key key) {
  const std::size_t items = size > 0 ? centred.size() / size : 0, count = std::min({most, items > 1 ? items - 1 : 0, size});
  Components made;
  made.directions.resize(count * size);
  for (std::size_t i = 0; i < made.directions.size(); ++i) made.directions[i] = static_cast<float>(normal_at(key, i));
  orthonormalise(made.directions, count, size);
  std::vector<double> variance(count);
  for (int round = 0; round < kRounds; ++round) {
    std::vector<float> next(count * size);
    std::ranges::fill(variance, 0.0);
    for (std::size_t i = 0; i < items; ++i)
      for (std::size_t k = 0; k < count; ++k) {
        const double along = dot(&centred[i * size], &made.directions[k * size], size);
        variance[k] += along * along / static_cast<double>(items);
        for (std::size_t v = 0; v < size; ++v) next[k * size + v] += static_cast<float>(along) * centred[i * size + v];
      }
    orthonormalise(next, count, size);
    made.directions = std::move(next);
  }
  for (const double v : variance) made.deviation.push_back(static_cast<float>(std::sqrt(v)));
  return made;
}

}  // namespace leaven::learn

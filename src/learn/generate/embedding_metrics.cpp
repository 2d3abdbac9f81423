#include "learn/generate/embedding_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "learn/generate/symmetric.hpp"

namespace leaven::learn {

namespace {

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, std::size_t n) {
  std::vector<double> made(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t j = 0; j < n; ++j) made[i * n + j] += a[i * n + k] * b[k * n + j];
  return made;
}

double squared_distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

double cubic(std::span<const double> a, std::span<const double> b) {
  double dot = 0;
  for (std::size_t i = 0; i < a.size(); ++i) dot += a[i] * b[i];
  const double base = dot / static_cast<double>(a.size()) + 1;
  return base * base * base;
}

/// Mean of the kernel over pairs of different points.
double within(const Cloud& cloud) {
  double sum = 0;
  for (std::size_t i = 0; i < cloud.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) sum += cubic(cloud.of(i), cloud.of(j));
  return 2 * sum / (static_cast<double>(cloud.size()) * static_cast<double>(cloud.size() - 1));
}

/// Squared distance of each point to its k-th nearest other one.
std::vector<double> reaches(const Cloud& cloud, std::size_t k) {
  std::vector<double> made, distances;
  for (std::size_t i = 0; i < cloud.size(); ++i) {
    distances.clear();
    for (std::size_t j = 0; j < cloud.size(); ++j)
      if (j != i) distances.push_back(squared_distance(cloud.of(i), cloud.of(j)));
    std::ranges::nth_element(distances, distances.begin() + static_cast<std::ptrdiff_t>(k - 1));
    made.push_back(distances[k - 1]);
  }
  return made;
}

}  // namespace

Moments moments_of(const Cloud& cloud) {
  const std::size_t d = cloud.dims, n = cloud.size();
  Moments m{std::vector<double>(d), std::vector<double>(d * d)};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t a = 0; a < d; ++a) m.mean[a] += cloud.of(i)[a] / static_cast<double>(n);
  for (std::size_t i = 0; i < n && n > 1; ++i)
    for (std::size_t a = 0; a < d; ++a)
      for (std::size_t b = 0; b < d; ++b) m.covariance[a * d + b] += (cloud.of(i)[a] - m.mean[a]) * (cloud.of(i)[b] - m.mean[b]) / static_cast<double>(n - 1);
  return m;
}

double frechet_distance(const Moments& a, const Moments& b) {
  const std::size_t d = a.mean.size();
  if (b.mean.size() != d) throw bug("clouds of different dimensions");
  const std::vector<double> root = root_of(a.covariance, d);
  double distance = 0;
  for (std::size_t i = 0; i < d; ++i) distance += (a.mean[i] - b.mean[i]) * (a.mean[i] - b.mean[i]) + a.covariance[i * d + i] + b.covariance[i * d + i];
  for (const double value : eigen_of(product(product(root, b.covariance, d), root, d), d).values)
    if (value > 0) distance -= 2 * std::sqrt(value);
  return std::max(0.0, distance);
}

double kernel_distance(const Cloud& a, const Cloud& b) {
  if (a.size() < 2 || b.size() < 2) throw bug("the kernel distance needs two points each");
  double between = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) between += cubic(a.of(i), b.of(j));
  return within(a) + within(b) - 2 * between / (static_cast<double>(a.size()) * static_cast<double>(b.size()));
}

Manifold manifold(const Cloud& real, const Cloud& made, std::size_t k) {
  if (k == 0 || real.size() <= k || made.size() <= k) throw bug("a manifold needs more points than neighbours");
  const std::vector<double> real_reach = reaches(real, k), made_reach = reaches(made, k);
  Manifold m;
  std::vector<bool> in_real(made.size());
  const auto n = static_cast<double>(real.size()), f = static_cast<double>(made.size());
  for (std::size_t r = 0; r < real.size(); ++r) {
    bool recalled = false, covered = false;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const double apart = squared_distance(real.of(r), made.of(i));
      recalled = recalled || apart < made_reach[i];
      if (apart >= real_reach[r]) continue;
      covered = true, in_real[i] = true;
      m.density += 1 / (static_cast<double>(k) * f);
    }
    m.recall += recalled ? 1 / n : 0;
    m.coverage += covered ? 1 / n : 0;
  }
  m.precision = static_cast<double>(std::ranges::count(in_real, true)) / f;
  return m;
}

}  // namespace leaven::learn

#include "learn/generate/symmetric.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace leaven::learn {

namespace {

/// Makes a[p][q] 0 by a turn of rows and columns p and q.
void turn(std::vector<double>& a, std::vector<double>& v, std::size_t n, std::size_t p, std::size_t q) {
  const double apq = a[p * n + q];
  if (apq == 0) return;
  const double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
  const double t = (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
  const double c = 1 / std::sqrt(t * t + 1), s = t * c;
  for (std::size_t k = 0; k < n; ++k) {
    const double akp = a[k * n + p], akq = a[k * n + q];
    a[k * n + p] = c * akp - s * akq;
    a[k * n + q] = s * akp + c * akq;
  }
  for (std::size_t k = 0; k < n; ++k) {
    const double apk = a[p * n + k], aqk = a[q * n + k];
    a[p * n + k] = c * apk - s * aqk;
    a[q * n + k] = s * apk + c * aqk;
    const double vpk = v[p * n + k], vqk = v[q * n + k];
    v[p * n + k] = c * vpk - s * vqk;
    v[q * n + k] = s * vpk + c * vqk;
  }
}

double off_diagonal(const std::vector<double>& a, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) sum += a[i * n + j] * a[i * n + j];
  return sum;
}

std::vector<double> composed(const Eigen& e, std::size_t n, const std::vector<double>& values) {
  std::vector<double> made(n * n);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = 0; i < n && values[k] != 0; ++i) {
      const double left = values[k] * e.vectors[k * n + i];
      for (std::size_t j = 0; j < n; ++j) made[i * n + j] += left * e.vectors[k * n + j];
    }
  return made;
}

}  // namespace

Eigen eigen_of(std::vector<double> a, std::size_t n) {
  constexpr int kSweeps = 60;
  std::vector<double> v(n * n);
  double scale = 0;
  for (std::size_t i = 0; i < n; ++i) v[i * n + i] = 1;
  for (const double x : a) scale += x * x;
  for (int sweep = 0; sweep < kSweeps && off_diagonal(a, n) > 1e-30 * scale; ++sweep)
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) turn(a, v, n, p, q);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return a[i * n + i]; });
  Eigen made;
  for (const std::size_t i : order) {
    made.values.push_back(a[i * n + i]);
    made.vectors.insert(made.vectors.end(), v.begin() + static_cast<std::ptrdiff_t>(i * n), v.begin() + static_cast<std::ptrdiff_t>((i + 1) * n));
  }
  return made;
}

std::vector<double> root_of(const std::vector<double>& matrix, std::size_t size) {
  const Eigen e = eigen_of(matrix, size);
  std::vector<double> roots;
  for (const double value : e.values) roots.push_back(value > 0 ? std::sqrt(value) : 0);
  return composed(e, size, roots);
}

std::vector<double> as_correlation(std::vector<double> matrix, std::size_t size, double least) {
  const Eigen e = eigen_of(matrix, size);
  if (e.values.empty() || e.values.front() >= least) return matrix;
  std::vector<double> clipped;
  for (const double value : e.values) clipped.push_back(std::max(value, least));
  matrix = composed(e, size, clipped);
  std::vector<double> unit(size);
  for (std::size_t i = 0; i < size; ++i) unit[i] = std::sqrt(matrix[i * size + i]);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) matrix[i * size + j] = i == j ? 1 : matrix[i * size + j] / (unit[i] * unit[j]);
  return matrix;
}

std::vector<double> cholesky(const std::vector<double>& matrix, std::size_t n) {
  std::vector<double> lower(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * n + k] * lower[j * n + k];
      if (i == j)
        lower[i * n + i] = sum > 0 ? std::sqrt(sum) : 0;
      else
        lower[i * n + j] = lower[j * n + j] > 0 ? sum / lower[j * n + j] : 0;
    }
  return lower;
}

}  // namespace leaven::learn

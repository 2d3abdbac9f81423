// How alike two clouds of points are: what is said of generated pictures in the space of a classifier's features.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace leaven::learn {

/// Rows of `dims` numbers.
struct Cloud {
  std::vector<double> points{};
  std::size_t dims{};
  std::size_t size() const { return dims == 0 ? 0 : points.size() / dims; }
  std::span<const double> of(std::size_t i) const { return std::span(points).subspan(i * dims, dims); }
};

struct Moments {
  std::vector<double> mean{}, covariance{};  ///< with n − 1; zeros for fewer than two points
};
Moments moments_of(const Cloud& cloud);

/// Fréchet distance of two normal laws (Heusel et al. 2017): |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr √(√Σ₁ Σ₂ √Σ₁). The symmetric
/// form has no imaginary parts, also where there are fewer points than dimensions.
double frechet_distance(const Moments& a, const Moments& b);

/// Unbiased squared maximum mean discrepancy with the kernel (x·y / dims + 1)³ (Binkowski et al. 2018). At least two points each.
double kernel_distance(const Cloud& a, const Cloud& b);

/// Naeem et al. 2020, with the k-th nearest neighbour among its own kind as a point's reach: of `made` within reach of a real
/// point; of `real` within reach of a made one; reaches of real points that a made one lies in, over k; real points that have
/// a made one within reach. Strictly within. More than k points each.
struct Manifold {
  double precision{}, recall{}, density{}, coverage{};
};
Manifold manifold(const Cloud& real, const Cloud& made, std::size_t k);

}  // namespace leaven::learn

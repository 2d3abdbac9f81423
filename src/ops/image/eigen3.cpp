#include "ops/image/eigen3.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace leaven::ops {

Eigen3 eigen3(std::array<std::array<double, 3>, 3> a) {
  constexpr int kSweeps = 12;  // each squares what is left beside the diagonal
  std::array<std::array<double, 3>, 3> v{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int sweep = 0; sweep < kSweeps; ++sweep)
    for (const auto& [p, q] : {std::pair<std::size_t, std::size_t>{0, 1}, {0, 2}, {1, 2}}) {
      if (a[p][q] == 0) continue;
      const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
      const double t = (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
      const double c = 1 / std::sqrt(t * t + 1), s = t * c;
      for (std::size_t k = 0; k < 3; ++k) {
        const double kp = a[k][p], kq = a[k][q];
        a[k][p] = c * kp - s * kq, a[k][q] = s * kp + c * kq;
      }
      for (std::size_t k = 0; k < 3; ++k) {
        const double pk = a[p][k], qk = a[q][k];
        a[p][k] = c * pk - s * qk, a[q][k] = s * pk + c * qk;
        const double vp = v[k][p], vq = v[k][q];
        v[k][p] = c * vp - s * vq, v[k][q] = s * vp + c * vq;
      }
    }
  std::array<std::size_t, 3> order{0, 1, 2};
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a[i][i] > a[j][j]; });
  Eigen3 result;
  for (std::size_t i = 0; i < 3; ++i) {
    result.values[i] = a[order[i]][order[i]];
    for (std::size_t k = 0; k < 3; ++k) result.vectors[i][k] = v[k][order[i]];
    const auto largest = *std::max_element(result.vectors[i].begin(), result.vectors[i].end(),
                                           [](double x, double y) { return std::fabs(x) < std::fabs(y); });
    if (largest < 0)
      for (double& entry : result.vectors[i]) entry = -entry;
  }
  return result;
}

}  // namespace leaven::ops

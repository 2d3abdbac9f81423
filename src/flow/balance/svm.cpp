#include "flow/balance/svm.hpp"

#include <algorithm>
#include <limits>

#include "core/exact_math.hpp"

namespace leaven::flow {

namespace {

constexpr double kTolerance = 1e-3;   // of the optimality conditions
constexpr double kLeastCurve = 1e-12;
constexpr std::size_t kRoundsARow = 100;

/// The dual: minimise ½ αᵀQα − Σα with 0 ≤ α ≤ C and Σ yα = 0.
class Dual {
 public:
  Dual(std::vector<double> labels, double c, std::vector<float> kernel)
      : y_(std::move(labels)), c_(c), kernel_(std::move(kernel)), alpha_(y_.size()), gradient_(y_.size(), -1.0) {}

  void solve() {
    for (std::size_t round = 0; round < kRoundsARow * y_.size(); ++round)
      if (!step()) break;
  }
  const std::vector<double>& alpha() const { return alpha_; }

  double offset() const {
    double sum = 0, count = 0, low = -kEnd, high = kEnd;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double value = y_[i] * gradient_[i];
      if (alpha_[i] > 0 && alpha_[i] < c_) sum += value, count += 1;
      else if ((alpha_[i] == 0) == (y_[i] > 0)) high = std::min(high, value);
      else low = std::max(low, value);
    }
    return count > 0 ? sum / count : (low + high) / 2;
  }

 private:
  static constexpr double kEnd = std::numeric_limits<double>::max() / 4;
  std::span<const float> row(std::size_t i) const { return std::span(kernel_).subspan(i * y_.size(), y_.size()); }
  bool can_grow(std::size_t i) const { return y_[i] > 0 ? alpha_[i] < c_ : alpha_[i] > 0; }
  bool can_fall(std::size_t i) const { return y_[i] > 0 ? alpha_[i] > 0 : alpha_[i] < c_; }

  bool step() {
    const std::size_t n = y_.size();
    std::size_t i = n, j = n;
    double most = -kEnd, least = kEnd, best = 0;
    for (std::size_t t = 0; t < n; ++t)
      if (can_grow(t) && -y_[t] * gradient_[t] > most) most = -y_[t] * gradient_[t], i = t;
    if (i == n) return false;
    const auto of_i = row(i);
    for (std::size_t t = 0; t < n; ++t) {
      if (!can_fall(t)) continue;
      const double value = -y_[t] * gradient_[t], gap = most - value;
      least = std::min(least, value);
      if (gap <= 0) continue;
      const double gain = gap * gap / std::max(2.0 - 2.0 * static_cast<double>(of_i[t]), kLeastCurve);
      if (gain > best) best = gain, j = t;
    }
    if (j == n || most - least < kTolerance) return false;
    move(i, j);
    return true;
  }

  void move(std::size_t i, std::size_t j) {
    const auto of_i = row(i), of_j = row(j);
    const double curve = std::max(2.0 - 2.0 * static_cast<double>(of_i[j]), kLeastCurve);
    double by = (-y_[i] * gradient_[i] + y_[j] * gradient_[j]) / curve;  // of yᵢαᵢ, and down for yⱼαⱼ
    by = std::min(by, y_[i] > 0 ? c_ - alpha_[i] : alpha_[i]);
    by = std::min(by, y_[j] > 0 ? alpha_[j] : c_ - alpha_[j]);
    alpha_[i] = std::clamp(alpha_[i] + y_[i] * by, 0.0, c_);
    alpha_[j] = std::clamp(alpha_[j] - y_[j] * by, 0.0, c_);
    for (std::size_t t = 0; t < y_.size(); ++t) gradient_[t] += y_[t] * by * (static_cast<double>(of_i[t]) - static_cast<double>(of_j[t]));
  }

  std::vector<double> y_;
  double c_;
  std::vector<float> kernel_;
  std::vector<double> alpha_, gradient_;
};

}  // namespace

double Svm::kernel(std::span<const double> a, std::span<const double> b) const {
  double squared = 0;
  for (std::size_t d = 0; d < dims_; ++d) squared += (a[d] - b[d]) * (a[d] - b[d]);
  return exact::exp(-gamma_ * squared);
}

Svm::Svm(std::span<const double> points, std::size_t dims, const std::vector<bool>& positive, double c, double gamma) : dims_(dims), gamma_(gamma) {
  const std::size_t n = positive.size();
  const auto point = [&](std::size_t i) { return points.subspan(i * dims, dims); };
  std::vector<float> values(n * n, 1.0F);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < i; ++j) values[i * n + j] = values[j * n + i] = static_cast<float>(kernel(point(i), point(j)));
  std::vector<double> labels;
  for (const bool flag : positive) labels.push_back(flag ? 1 : -1);
  Dual dual(labels, c, std::move(values));
  dual.solve();
  offset_ = dual.offset();
  for (std::size_t i = 0; i < n; ++i) {
    if (dual.alpha()[i] == 0) continue;
    weights_.push_back(labels[i] * dual.alpha()[i]);
    support_.insert(support_.end(), point(i).begin(), point(i).end());
  }
}

double Svm::decide(std::span<const double> point) const {
  double sum = -offset_;
  for (std::size_t i = 0; i < weights_.size(); ++i) sum += weights_[i] * kernel(std::span(support_).subspan(i * dims_, dims_), point);
  return sum;
}

}  // namespace leaven::flow

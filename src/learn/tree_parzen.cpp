#include "learn/tree_parzen.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/value.hpp"
#include "learn/distributions.hpp"

namespace leaven::learn {

namespace {

/// What a set of points says of a choice and of the values beside it. All picks of a point count alike, wherever they stand.
class Density {
 public:
  explicit Density(const PointShape& shape) : shape_(shape), seen_(shape.choices, std::vector<std::vector<double>>(shape.values)) {}

  void add(const Point& point) {
    for (const Pick& pick : point) {
      ++picks_;
      ++counts_[pick.choice];
      for (std::size_t v = 0; v < shape_.values; ++v) seen_[pick.choice][v].push_back(pick.values[v]);
    }
  }

  void finish() {
    for (const auto& of_choice : seen_)
      for (const std::vector<double>& values : of_choice) windows_.emplace_back(values);
  }

  /// Each choice counts as seen once more than it was, so that none is ever ruled out.
  double weight(std::size_t choice) const { return (counts_[choice] + 1) / (picks_ + static_cast<double>(shape_.choices)); }
  const Windows& windows(std::size_t choice, std::size_t value) const { return windows_[choice * shape_.values + value]; }

  double log_density(const Point& point) const {
    double sum = 0;
    for (const Pick& pick : point) {
      sum += std::log(weight(pick.choice));
      for (std::size_t v = 0; v < shape_.values; ++v) sum += std::log(windows(pick.choice, v).density(pick.values[v]));
    }
    return sum;
  }

  Point drawn(Key key, std::uint64_t& element) const {
    std::vector<double> weights;
    for (std::size_t c = 0; c < shape_.choices; ++c) weights.push_back(weight(c));
    Point point;
    for (std::size_t p = 0; p < shape_.picks; ++p) {
      Pick& pick = point.emplace_back();
      pick.choice = draw_weighted(weights, key, element++);
      for (std::size_t v = 0; v < shape_.values; ++v, element += 2) pick.values.push_back(windows(pick.choice, v).drawn(key, element));
    }
    return point;
  }

 private:
  const PointShape& shape_;
  double picks_{};
  std::vector<double> counts_ = std::vector<double>(shape_.choices);
  std::vector<std::vector<std::vector<double>>> seen_;
  std::vector<Windows> windows_{};
};

double normal_density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi); }

}  // namespace

Windows::Windows(std::vector<double> seen) {
  std::ranges::sort(seen);
  const double least = 1 / (static_cast<double>(seen.size()) + 2);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const double before = i > 0 ? seen[i - 1] : 0, after = i + 1 < seen.size() ? seen[i + 1] : 1;
    const double middle = seen[i], width = std::max({least, middle - before, after - middle});
    windows_.push_back({middle, width, normal_cdf((1 - middle) / width) - normal_cdf(-middle / width)});
  }
}

double Windows::density(double x) const {
  double sum = 1;  // of the one that is the same everywhere
  for (const Window& w : windows_) sum += normal_density((x - w.middle) / w.width) / (w.width * w.mass);
  return sum / static_cast<double>(windows_.size() + 1);
}

double Windows::drawn(Key key, std::uint64_t element) const {
  const std::size_t which = draw_below(key, windows_.size() + 1, element);
  if (which == windows_.size()) return draw_unit(key, element + 1);
  return draw(truncated_normal(windows_[which].middle, windows_[which].width, 0, 1), key, element + 1);
}

Point random_point(const PointShape& shape, Key key) {
  Point point;
  std::uint64_t element = 0;
  for (std::size_t p = 0; p < shape.picks; ++p) {
    Pick& pick = point.emplace_back();
    pick.choice = draw_below(key, shape.choices, element++);
    for (std::size_t v = 0; v < shape.values; ++v) pick.values.push_back(draw_unit(key, element++));
  }
  return point;
}

Point TreeParzen::next(Key key) const {
  if (told_.size() < kFirst) return random_point(shape_, key);
  std::vector<std::size_t> order(told_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return told_[i].loss; });
  const auto good_count = static_cast<std::size_t>(std::ceil(kGood * static_cast<double>(order.size())));
  Density good(shape_), rest(shape_);
  for (std::size_t i = 0; i < order.size(); ++i) (i < good_count ? good : rest).add(told_[order[i]].point);
  good.finish();
  rest.finish();
  std::uint64_t element = 0;
  Point best;
  double most = -INFINITY;
  for (std::size_t t = 0; t < kTried; ++t) {
    Point point = good.drawn(key, element);
    const double ratio = good.log_density(point) - rest.log_density(point);
    if (ratio <= most) continue;
    most = ratio;
    best = std::move(point);
  }
  return best;
}

}  // namespace leaven::learn

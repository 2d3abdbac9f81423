#include "ops/image/scattered.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace leaven::ops {
namespace {

/// What a spot of 1 leaves about itself: a rectangle of weights, of each row the part that is not 0.
class Stamp {
 public:
  Stamp(std::span<const Tap> first, std::span<const Tap> second) {
    for (const Tap& a : first)
      for (const Tap& b : second) reach_x_ = std::max(reach_x_, std::abs(a.dx + b.dx)), reach_y_ = std::max(reach_y_, std::abs(a.dy + b.dy));
    const auto side = static_cast<std::size_t>(2 * reach_x_ + 1);
    weights_.resize(side * static_cast<std::size_t>(2 * reach_y_ + 1));
    for (const Tap& a : first)
      for (const Tap& b : second)  // a pixel takes from where its taps point, so a spot gives the other way
        weights_[static_cast<std::size_t>(reach_y_ - a.dy - b.dy) * side + static_cast<std::size_t>(reach_x_ - a.dx - b.dx)] += a.weight * b.weight;
    for (int y = -reach_y_; y <= reach_y_; ++y) {
      const float *begin = row(y), *end = begin + side;
      while (begin < end && *begin == 0) ++begin;
      while (begin < end && end[-1] == 0) --end;
      spans_.push_back({static_cast<int>(begin - row(y)) - reach_x_, static_cast<int>(end - row(y)) - reach_x_});
    }
  }

  int reach_x() const { return reach_x_; }
  int reach_y() const { return reach_y_; }

  void put(int x, int y, float value, Plane& plane) const {
    for (int dy = std::max(-reach_y_, -y); dy <= std::min(reach_y_, plane.height() - 1 - y); ++dy) {
      const Span& span = spans_[static_cast<std::size_t>(dy + reach_y_)];
      const int from = std::max(span.from, -x), to = std::min(span.to, plane.width() - x);
      const float* weights = row(dy) + reach_x_;
      float* out = plane.row(y + dy) + x;
      for (int dx = from; dx < to; ++dx) out[dx] += value * weights[dx];
    }
  }

 private:
  struct Span {
    int from{}, to{};
  };
  const float* row(int y) const { return weights_.data() + static_cast<std::size_t>(y + reach_y_) * static_cast<std::size_t>(2 * reach_x_ + 1); }

  int reach_x_{}, reach_y_{};
  std::vector<float> weights_{};
  std::vector<Span> spans_{};
};

/// Where `at` shows up within `reach` of [0, size) when mirrors without repeated edge stand at both ends.
std::vector<int> images_of(int at, int size, int reach) {
  const int period = size == 1 ? 1 : 2 * (size - 1);
  std::vector<int> all;
  for (const int base : {at, -at}) {
    if (base == -at && (2 * at) % period == 0 && !all.empty()) break;  // its own mirror image
    int first = base % period;
    while (first - period >= -reach) first -= period;
    while (first < -reach) first += period;
    for (int i = first; i < size + reach; i += period) all.push_back(i);
  }
  return all;
}

}  // namespace

Plane scattered(int width, int height, std::span<const Spot> spots, std::span<const Tap> first, std::span<const Tap> second) {
  const Stamp stamp(first, second);
  Plane plane(width, height, 0);
  for (const Spot& spot : spots) {
    const auto far_from_ends = [](int at, int size, int reach) { return at > reach && at < size - 1 - reach; };
    if (far_from_ends(spot.x, width, stamp.reach_x()) && far_from_ends(spot.y, height, stamp.reach_y())) {
      stamp.put(spot.x, spot.y, spot.value, plane);
      continue;
    }
    for (const int y : images_of(spot.y, height, stamp.reach_y()))
      for (const int x : images_of(spot.x, width, stamp.reach_x())) stamp.put(x, y, spot.value, plane);
  }
  return plane;
}

}  // namespace leaven::ops

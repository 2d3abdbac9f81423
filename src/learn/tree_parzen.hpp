// The tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"): looks next where
// good points lie densely and others do not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/key.hpp"

namespace leaven::learn {

/// One of several things, and how it is set: numbers in [0, 1] that mean nothing beside another choice.
struct Pick {
  std::size_t choice{};
  std::vector<double> values{};
  friend bool operator==(const Pick&, const Pick&) = default;
};
using Point = std::vector<Pick>;

/// The shape of every point.
struct PointShape {
  std::size_t picks{}, choices{}, values{};
};
/// Every choice and value as likely as any other.
Point random_point(const PointShape& shape, Key key);

class TreeParzen {
 public:
  explicit TreeParzen(const PointShape& shape) : shape_(shape) {}
  void tell(Point point, double loss) { told_.push_back({std::move(point), loss}); }
  /// By chance until kFirst points are told. Then, of kTried points drawn from the density of the best, the one where that
  /// density is highest in proportion to that of the rest. Depends on what was told, and on the key, alone.
  Point next(Key key) const;

  static constexpr std::size_t kFirst = 20, kTried = 24;
  static constexpr double kGood = 0.2;  ///< share of what was told

 private:
  struct Told {
    Point point{};
    double loss{};
  };
  PointShape shape_;
  std::vector<Told> told_{};
};

/// The density of numbers in [0, 1] that were seen: a window around each, as wide as the way to the farther of its
/// neighbours, cut off at 0 and 1, and one window that is the same everywhere.
class Windows {
 public:
  explicit Windows(std::vector<double> seen);
  double density(double x) const;
  /// Two of the key's elements, `element` and the next.
  double drawn(Key key, std::uint64_t element) const;

 private:
  struct Window {
    double middle{}, width{}, mass{};  ///< mass: the part of the normal law that lies in [0, 1]
  };
  std::vector<Window> windows_{};
};

}  // namespace leaven::learn

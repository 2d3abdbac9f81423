// What of things is seen: the part inside every window (the canvases of a chain) and under no cover (holes, pictures laid
// over them). All lie in one frame; results are exact but for rounding, however windows, covers and outlines lie.
#pragma once

#include <span>
#include <vector>

#include "core/annotation.hpp"

namespace leaven::plan {

class Sight {
 public:
  void add_window(const Outline& window);
  void add_cover(const Outline& cover);
  bool has_covers() const { return !covers_.empty(); }

  /// px² of the union of closed outlines, by the nonzero rule, that is seen.
  double area(std::span<const Outline> things) const;
  /// Whether all of the things certainly is; false says nothing.
  bool shows_all(std::span<const Outline> things) const;
  /// px of open lines that is seen.
  double length(std::span<const Outline> lines) const;
  /// Whether the pixel about `p` lies under covers by more than half.
  bool hides(Point p) const;

  /// An edge of an outline, running down.
  struct Edge {
    Point from{}, to{};
    std::size_t whose{};  ///< 0: the things, 1: covers, 2 and more: a window each
    int turn{};           ///< what crossing it from the left adds to the winding number; 0: it is level
  };

 private:
  struct Cover {
    std::vector<Edge> edges{};
    Box bounds{};
  };
  /// All that decides what of a box is seen.
  struct Near {
    std::vector<Edge> edges{};  ///< of covers that meet it and of windows whose edge it may cross, numbered anew
    std::size_t windows{};
    bool outside{};  ///< of a window, whole: nothing is seen
  };
  Near near(const Box& bounds) const;
  void add_covers(const Box& bounds, std::vector<Edge>& edges) const;

  std::vector<std::vector<Edge>> windows_{};
  std::vector<Cover> covers_{};
};

}  // namespace leaven::plan

// What real label files get slightly wrong, put right and counted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/annotation.hpp"

namespace leaven::io {

class Mender {
 public:
  explicit Mender(Size image) : image_(image) {}

  void count(const std::string& what, std::uint64_t n = 1) { counts_[what] += n; }
  /// Coordinates that miss the image by rounding, by 1 % of its side or a pixel, are moved to its edge. What lies
  /// further outside was meant (a box around a thing that is cut off) and stays.
  Point point(Point p);
  /// Corners in order and near the image; nothing for a box without area.
  std::optional<Box> box(Box box);
  /// A closed outline does not repeat its first point; nothing when it has no area (a line: fewer than two points).
  std::optional<Outline> outline(Outline outline, bool open = false);
  /// Adds the instance, unless nothing is left of it.
  void add(Annotations& to, Instance instance);
  std::vector<std::pair<std::string, std::uint64_t>> take() { return {counts_.begin(), counts_.end()}; }

 private:
  double near(double value, int side, const char* what);
  Size image_;
  std::map<std::string, std::uint64_t> counts_{};
};

}  // namespace leaven::io

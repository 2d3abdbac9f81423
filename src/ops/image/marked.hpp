// What is marked on pictures, for ops that go by it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/op.hpp"

namespace leaven::ops {

/// The smallest box around what an instance covers: of its outlines, else its mask, else its box; nothing where it has
/// keypoints alone.
std::optional<Box> extent_of(const Instance& instance);

/// Even-odd, as outlines are filled where they are drawn.
bool inside(const Outline& outline, Point p);

inline constexpr double kAnyMark = -1;

/// One marked thing, as far as it lies in the picture.
struct Marked {
  Box box{};                  ///< of at least some px², inside the picture
  const Instance* instance{}; ///< null: everything that `mask` marks
  const Raster* mask{};       ///< null: an instance
};
/// The instances of the picture; where there are none, each mask of the whole picture is one thing: of the pixels whose
/// first channel holds one of `values`, of which kAnyMark stands for all but 0.
std::vector<Marked> marked_on(const Site& at, const std::vector<double>& values = {kAnyMark});

/// A point in the thing: in its outline or mask, else in its box. `values` as for marked_on().
Point point_in(const Marked& thing, const std::vector<double>& values, Key key, std::uint64_t element);

}  // namespace leaven::ops

// What is marked on an image besides its class, and goes along with the pixels. One frame: a box around the whole image is
// {0, 0, width, height}, the centre of the first pixel lies at (0.5, 0.5).
//
//   const leaven::Marks marks{.things = {{.box = leaven::MarkedBox{10, 20, 60, 80}}}};
//   const leaven::Prepared prepared = recipe.prepare(image, key, marks);
//   prepared.run(image, out);
//   const leaven::MovedMarks moved = prepared.move(marks);
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "leaven/image.hpp"

namespace leaven {

struct MarkedPoint {
  double x{}, y{};
};
struct MarkedBox {
  double left{}, top{}, right{}, bottom{};  ///< px
};
/// Visibility as in COCO: 0 not marked (its place means nothing), 1 marked but hidden, 2 visible.
struct MarkedKeypoint {
  double x{}, y{};
  int visibility{2};
  std::optional<double> angle{};  ///< degrees, counter-clockwise as seen, 0 to the right; turned, mirrored and bent as the picture
  std::optional<double> size{};   ///< px; grows as areas around the point do
};

/// One thing on the image; what is not known of it is empty.
struct MarkedThing {
  std::optional<MarkedBox> box{};
  std::vector<std::vector<MarkedPoint>> polygons{};  ///< closed without repeating the first point
  std::vector<MarkedKeypoint> keypoints{};
};

/// All marks of one image.
struct Marks {
  std::vector<MarkedThing> things{};
  /// Images of labels, of the same size as the image; u8 or u16 of 1 to 4 channels. Values are never mixed. Those of f32 are
  /// heat maps of any range, which are interpolated; outside the image is 0 in both.
  std::vector<ImageView> masks{};
  /// For each keypoint of a thing the one that it becomes in a mirror (left eye, right eye); empty: none do.
  std::vector<std::uint32_t> mirrored{};

  bool empty() const { return things.empty() && masks.empty(); }
};

/// What became of them. Things below the recipe's `labels:` (min_visibility, min_area, min_side) are left out.
struct MovedMarks {
  std::vector<MarkedThing> things{};
  std::vector<std::size_t> kept{};  ///< of each thing left its number in Marks::things
  std::vector<Image> masks{};
};

/// MarkedThing's partners by the names of its keypoints, as far as they differ in left and right alone ("left_eye",
/// "right_eye"); empty where none do.
std::vector<std::uint32_t> mirrored_keypoints(const std::vector<std::string>& names);

}  // namespace leaven

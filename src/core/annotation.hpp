// What is marked on an image besides its class: instances with boxes, outlines, keypoints and masks, and masks of the
// whole image. One frame everywhere (core/geometry.hpp): a box around the whole image is {0, 0, width, height}, the centre
// of the first pixel lies at (0.5, 0.5). Formats convert once when they read and once when they write.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/geometry.hpp"
#include "core/raster.hpp"

namespace leaven {

/// Axis-aligned, px; may reach outside the image.
struct Box {
  double left{}, top{}, right{}, bottom{};

  double width() const { return right - left; }
  double height() const { return bottom - top; }
  /// 0 when it is turned inside out.
  double area() const { return width() > 0 && height() > 0 ? width() * height() : 0; }
  friend bool operator==(const Box&, const Box&) = default;
};
/// The smallest box around points; nothing when there are none.
std::optional<Box> bounds_of(const std::vector<Point>& points);

using Outline = std::vector<Point>;
/// Signed area of a closed outline by the shoelace formula, px²; positive where it runs clockwise on the screen.
double signed_area(const Outline& outline);

struct Keypoint {
  Point at{};
  int visibility{2};              ///< as in COCO: 0 not marked (`at` means nothing), 1 marked but hidden, 2 visible
  std::optional<double> angle{};  ///< degrees, counter-clockwise on the screen from the x axis
  std::optional<double> size{};   ///< px
};

/// A mask of 0 and 1 as runs, column by column from the top left, the first run of zeros (COCO's order).
struct RunLengths {
  int width{}, height{};
  std::vector<std::uint32_t> counts{};

  /// Throws Error(data) when the runs do not add up to width · height.
  Raster to_raster() const;                      ///< u8, 0 and 1
  static RunLengths of(const RasterView& mask);  ///< u8 with one channel; what is not 0 counts as 1
  std::uint64_t area() const;
};

/// One marked thing. What its source did not give is empty; a box may be given or follow from the rest.
struct Instance {
  std::uint32_t category{};          ///< index into the dataset's categories
  std::optional<Box> box{};
  std::vector<Outline> outlines{};   ///< polygons, closed without repeating the first point, at least 3 points each
  bool rotated{};                    ///< outlines holds one rectangle of four corners: a rotated box
  bool open{};                       ///< outlines are lines, not areas, at least 2 points each
  std::optional<RunLengths> mask{};
  std::vector<Keypoint> keypoints{}; ///< one for each of the category's names, where it has names
  bool crowd{};                      ///< COCO iscrowd, VOC difficult
  std::string extra{};               ///< JSON object of the source's other fields, carried along; empty: none
};

/// A mask of the whole image, of any integer type: values are labels and never mixed.
struct MaskField {
  std::string name{};  ///< "mask", or the folder it came from
  Raster pixels{};     ///< same size as the image; u8 or u16, 1 to 4 channels
};

/// All marks of one image.
struct Annotations {
  std::vector<Instance> instances{};
  std::vector<MaskField> masks{};
  /// What was mended while reading, by kind ("box clipped to the image", "polygon of two points dropped"): a count each.
  std::vector<std::pair<std::string, std::uint64_t>> mended{};
  std::string extra{};  ///< JSON object of the image's other fields (COCO license, date_captured, …); empty: none

  bool empty() const { return instances.empty() && masks.empty(); }
  Annotations clone() const;
};

/// A class of instances.
struct Category {
  std::string name{};
  std::vector<std::string> keypoints{};  ///< names, in order
  /// For each keypoint the one that it becomes in a mirror: left_eye and right_eye change places. Empty: none do.
  std::vector<std::uint32_t> mirrored{};
  std::string extra{};  ///< JSON object of the format's other fields (COCO id, supercategory, skeleton); empty: none
};
/// What a box is drawn around once an instance has been turned. Each is as tight as its outline allows, and never looser
/// than that of the corners.
enum class TightBox : std::uint8_t {
  corners,  ///< the four corners of the box: safe, and too large when something round is turned
  ellipse,  ///< the ellipse inside the box
  outline,  ///< the instance's polygon or mask, where it has one; else its corners
};
inline constexpr std::array<std::string_view, 3> kTightBoxNames{"corners", "ellipse", "outline"};

/// What becomes of instances at the edge. Visibility is the share of the ORIGINAL object (what the source showed of it)
/// that every canvas of the chain and every hole left to be seen.
struct AnnotationRules {
  TightBox tight{TightBox::corners};
  double min_visibility{0.1};  ///< in [0, 1]; less is dropped
  double min_area{1};          ///< px² of what is seen
  double min_side{1};          ///< px, of the box that is left
  /// A copy that loses what is required is drawn again.
  enum class Require : std::uint8_t {
    none,  ///< any loss is fine
    any,   ///< at least one instance stays, where there was one
    all,   ///< none is lost
  } require{Require::none};
  /// What stands for borders that fold (reflect, symmetric, wrap) around pictures of a dataset that is marked: they
  /// show things again, and nothing marks those.
  enum class Folding : std::uint8_t {
    as_drawn,  ///< they fold all the same
    edge,      ///< the border is edge
    constant,  ///< the border is constant, in the step's own fill
    refuse,    ///< the sample is refused
  } border{Folding::as_drawn};
};
inline constexpr std::array<std::string_view, 3> kRequireNames{"none", "any", "all"};
inline constexpr std::array<std::string_view, 4> kFoldingNames{"as_drawn", "edge", "constant", "refuse"};

/// Pairs of names that differ only in left and right ("left_eye", "Right eye", "l_ear"/"r_ear", "eye.L"/"eye.R"); a name
/// without a partner stays. Empty when there is no pair.
std::vector<std::uint32_t> mirrored_by_name(const std::vector<std::string>& keypoints);

}  // namespace leaven

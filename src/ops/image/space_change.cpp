// Pictures taken into another space for the steps between, and back: of colours, and of angles and distances.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/exact_math.hpp"
#include "kernels/elementary.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/color_axes.hpp"
#include "ops/image/filters.hpp"

namespace leaven::ops {
namespace {

namespace color_space {
enum class Space : std::uint8_t { hsv, hls, lab, ycbcr };
constexpr std::array<std::string_view, 4> kSpaceNames{"hsv", "hls", "lab", "ycbcr"};
struct Op {
  Space space = Space::hsv;
  bool back = false;
};
constexpr auto fields =
    std::array{field<&Op::space>("space", {.doc = "The colour space that the steps after work in", .choices = kSpaceNames}),
               field<&Op::back>("back", {.doc = "From that space back to RGB"})};

void change(Planes& planes, const Op& op) {
  for (int y = 0; y < planes.height(); ++y) {
    const ColorRow row{planes[0].row(y), planes[1].row(y), planes[2].row(y), planes.width()};
    switch (op.space) {
      case Space::hsv: op.back ? hsv_to_rgb(row) : rgb_to_hsv(row); break;
      case Space::hls: op.back ? hls_to_rgb(row) : rgb_to_hls(row); break;
      case Space::lab: op.back ? lab_to_rgb(row) : rgb_to_lab(row); break;
      case Space::ycbcr: op.back ? ycbcr_to_rgb(row) : rgb_to_ycbcr(row); break;
    }
  }
}

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  if (!has_colour(at)) return {};
  return on_planes([op](Planes& planes) { change(planes, op); });
}
}  // namespace color_space

namespace color_matrix {
struct Op {
  std::vector<double> matrix{1, 0, 0, 0, 1, 0, 0, 0, 1}, offset{0, 0, 0};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::matrix>("matrix", {.doc = "Row by row: what of R, G, B makes the new R, then G, then B", .lo = -16, .hi = 16,
        .unit = "factor", .min_count = 9, .max_count = 9}),
    field<&Op::offset>("offset", {.doc = "What is added to the new R, G, B", .lo = -4, .hi = 4, .unit = "fraction",
        .min_count = 3, .max_count = 3})};
// clang-format on

Nodes lower(const Op& op, const Site& at) {
  const std::vector<double>& m = op.matrix;
  if (!has_colour(at)) {
    double slope = 0, shift = 0;
    for (std::size_t row = 0; row < 3; ++row) {
      slope += kLuma[row] * (m[3 * row] + m[3 * row + 1] + m[3 * row + 2]);
      shift += kLuma[row] * op.offset[row];
    }
    return {affine_curve(slope, shift)};
  }
  ColorMatrix node;
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t k = 0; k < 3; ++k) node.m[4 * row + k] = static_cast<float>(m[3 * row + k]);
    node.m[4 * row + 3] = static_cast<float>(op.offset[row]);
  }
  return {node};
}
}  // namespace color_matrix

namespace polar {
struct Op {
  bool back = false;
};
constexpr auto fields = std::array{field<&Op::back>("back", {.doc = "From angles and distances back to the picture"})};

// Bilinear between pixel centres: columns wrap around where `round`, else the edge is repeated; rows repeat the edge.
struct Sampler {
  int width, height;
  bool round;

  int column(int x) const { return round ? (x % width + width) % width : std::clamp(x, 0, width - 1); }
  float operator()(const Plane& in, double x, double y) const {
    const double fx = std::floor(x - 0.5), fy = std::floor(y - 0.5);
    const auto u = static_cast<float>(x - 0.5 - fx), v = static_cast<float>(y - 0.5 - fy);
    const int left = column(static_cast<int>(fx)), right = column(static_cast<int>(fx) + 1);
    const float* above = in.row(std::clamp(static_cast<int>(fy), 0, height - 1));
    const float* below = in.row(std::clamp(static_cast<int>(fy) + 1, 0, height - 1));
    const float upper = above[left] + u * (above[right] - above[left]);
    return upper + v * (below[left] + u * (below[right] - below[left]) - upper);
  }
};

// Where the middle of the pixel (x, y) comes from.
Point source_of(int x, int y, Size size, bool back) {
  const double middle_x = size.width / 2.0, middle_y = size.height / 2.0;
  const double reach = std::sqrt(middle_x * middle_x + middle_y * middle_y);
  if (!back) {
    const double angle = 2 * kPi * (x + 0.5) / size.width, radius = reach * (y + 0.5) / size.height;
    return {middle_x + radius * exact::cos(angle), middle_y - radius * exact::sin(angle)};
  }
  const double dx = x + 0.5 - middle_x, dy = middle_y - (y + 0.5);
  const double angle = exact::atan2(dy, dx);
  return {(angle < 0 ? angle + 2 * kPi : angle) / (2 * kPi) * size.width,
          std::sqrt(dx * dx + dy * dy) / reach * size.height};
}

void scale_colours(Planes& planes, bool divide) {
  if (!planes.shape().alpha) return;
  const Plane& alpha = planes[planes.colours()];
  for (int c = 0; c < planes.colours(); ++c)
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x) {
        const float a = alpha.at(x, y);
        float& v = planes[c].at(x, y);
        v = !divide ? v * a : a > 0 ? v / a : 0;
      }
}

void bend(Planes& planes, bool back) {
  scale_colours(planes, false);
  const Size size{planes.width(), planes.height()};
  const Sampler sampler{size.width, size.height, back};
  std::vector<Plane> out;
  for (int c = 0; c < planes.shape().channels; ++c) out.emplace_back(size.width, size.height);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const Point from = source_of(x, y, size, back);
      for (std::size_t c = 0; c < out.size(); ++c) out[c].at(x, y) = sampler(planes[static_cast<int>(c)], from.x, from.y);
    }
  for (std::size_t c = 0; c < out.size(); ++c) planes[static_cast<int>(c)] = std::move(out[c]);
  scale_colours(planes, true);
}

Nodes lower(const Op& op, const Site&) {
  return {Opaque{.apply =
                     [back = op.back](const RasterView& image) {
                       Planes planes(image);
                       bend(planes, back);
                       return planes.to_raster();
                     },
                 .keeps_geometry = false}};
}
}  // namespace polar

}  // namespace

void add_space_change(OpTable& t) {
  t.add(op<color_space::Op, color_space::lower>(
      {.name = "color_space",
       .summary = "Take colours into another space, for the steps after, or back",
       .detail = "Channels become, all in [0, 1]: hsv H (of a turn), S, V; hls H, L, S; lab L*/100, (a* + 128)/255, (b* + "
                 "128)/255 of CIE 1976 for sRGB under D65; ycbcr as JPEG has it (ITU-T T.871). Steps after work on these "
                 "channels as on R, G, B; put back: true behind them. On the way values are stored in the picture's own type, "
                 "so bytes come back within a few levels. Grey pictures stay as they are.",
       .family = "color",
       .example = "color_space: {space: lab}",
       .node = NodeKind::opaque,
       .fields = color_space::fields,
       .tints = true}));
  t.add(op<color_matrix::Op, color_matrix::lower>(
      {.name = "color_matrix",
       .summary = "New colours as sums of the old",
       .detail = "RGB' = M·RGB + offset. Grey pictures take the luma of the result.",
       .family = "color",
       .example = "color_matrix: {matrix: [0.8, 0.2, 0, 0, 1, 0, 0, 0.1, 0.9]}",
       .node = NodeKind::color_matrix,
       .fields = color_matrix::fields}));
  t.add(op<polar::Op, polar::lower>(
      {.name = "polar",
       .summary = "Show angles from left to right and distances from top to bottom, for the steps after, or back",
       .detail = "A picture of the same size: column x + ½ of W is the angle 2π(x + ½)/W counter-clockwise from the right, row "
                 "y + ½ of H the distance from the middle, the corners' at the bottom. Sampled bilinearly, edges repeated. Put "
                 "back: true behind the steps between: a shift along x then turns the picture, one along y pulls it "
                 "together. Positions cannot follow.",
       .family = "geometry",
       .example = "polar",
       .labels = LabelRule::loses,
       .node = NodeKind::opaque,
       .fields = polar::fields}));
}

}  // namespace leaven::ops

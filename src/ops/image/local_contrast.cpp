// Contrast and sharpness by what lies around.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "ops/image/channels.hpp"
#include "ops/image/clahe.hpp"
#include "ops/image/filters.hpp"
#include "ops/image/segments.hpp"

namespace leaven::ops {
namespace {

namespace clahe {
struct Op {
  double clip_limit = 4;
  int tiles = 8;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::clip_limit>("clip_limit", {.doc = "Highest bin of a histogram over the mean bin: limits the contrast",
        .lo = 1, .hi = 1000, .unit = "factor", .draw = log_uniform(1.5, 4)}),
    field<&Op::tiles>("tiles", {.doc = "Tiles along each side", .lo = 1, .hi = 64, .unit = "1"})};
// clang-format on
constexpr int kByteBins = 256, kWideBins = 4096;

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  return {Opaque{.apply = [op, bins = at.image.dtype == Dtype::u8 ? kByteBins : kWideBins](const RasterView& image) {
    const Plane gain = clahe_gain(grey_of(image), op.clip_limit, op.tiles, bins);
    return changed_in_segments(image, [&](const kernels::Planes& pixels, int x, int y, int count) {
      const float* by = gain.row(y) + x;
      for (std::size_t c = 0; c < static_cast<std::size_t>(image.shape.colour_channels()); ++c)
        for (int i = 0; i < count; ++i) pixels.channel[c][i] += by[i];
    });
  }}};
}
}  // namespace clahe

namespace unsharp_mask {
struct Op {
  double amount = 1, sigma = 2, threshold = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "How much of the difference from the blurred picture is added", .lo = 0,
        .hi = 20, .unit = "factor", .neutral = 0, .strong = 4, .draw = uniform(0.2, 1.5)}),
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the blur", .lo = 0.1, .hi = 32, .unit = "px",
        .draw = uniform(0.8, 3)}),
    field<&Op::threshold>("threshold", {.doc = "Smaller differences are left alone", .lo = 0, .hi = 1,
        .unit = "fraction"})};
// clang-format on
Nodes lower(const Op& op, const Site&) {
  if (op.amount == 0) return {};
  return on_each_plane([op](Plane& plane) {
    const Plane blurred = gaussian_blurred(plane, op.sigma);
    const auto amount = static_cast<float>(op.amount), threshold = static_cast<float>(op.threshold);
    for (int y = 0; y < plane.height(); ++y) {
      float* v = plane.row(y);
      const float* b = blurred.row(y);
      for (int x = 0; x < plane.width(); ++x) {
        const float apart = v[x] - b[x];
        v[x] += std::fabs(apart) >= threshold ? amount * apart : 0.0f;
      }
    }
  });
}
}  // namespace unsharp_mask

namespace canny {
struct Op {
  double amount = 1, sigma = 1.4, low = 0.1, high = 0.2;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::amount>("amount", {.doc = "0 is the picture, 1 white edges on black", .lo = 0, .hi = 1,
        .unit = "fraction", .neutral = 0, .strong = 1, .draw = uniform(0.2, 1)}),
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the blur before", .lo = 0, .hi = 16, .unit = "px",
        .draw = uniform(0.8, 2)}),
    field<&Op::low>("low", {.doc = "Slope from which an edge goes on", .lo = 0, .hi = 4, .unit = "fraction",
        .draw = uniform(0.05, 0.15)}),
    field<&Op::high>("high", {.doc = "Slope from which an edge begins", .lo = 0, .hi = 4, .unit = "fraction",
        .draw = uniform(0.15, 0.3)})};
// clang-format on

/// Slopes of the light, change per two pixels.
struct Gradient {
  Plane x, y, size;
};
Gradient gradient_of(const Plane& light) {
  const std::array<Tap, 6> across{
      {{-1, -1, -0.25f}, {-1, 0, -0.5f}, {-1, 1, -0.25f}, {1, -1, 0.25f}, {1, 0, 0.5f}, {1, 1, 0.25f}}};
  std::array<Tap, 6> down = across;
  for (Tap& tap : down) std::swap(tap.dx, tap.dy);
  Gradient g{weighted_sum(light, across), weighted_sum(light, down), Plane(light.width(), light.height())};
  for (int y = 0; y < light.height(); ++y)
    for (int x = 0; x < light.width(); ++x) {
      const float gx = g.x.row(y)[x], gy = g.y.row(y)[x];
      g.size.row(y)[x] = std::sqrt(gx * gx + gy * gy);
    }
  return g;
}

// Is the slope at (x, y) the largest along its own direction, taken to the nearest eighth of a turn?
bool is_ridge(const Gradient& g, int x, int y) {
  constexpr float kTan22 = 0.41421356f;
  const float gx = g.x.at(x, y), gy = g.y.at(x, y);
  int dx = 1, dy = 0;
  if (std::fabs(gy) > kTan22 * std::fabs(gx)) {
    dy = gy * gx >= 0 ? 1 : -1;
    if (std::fabs(gx) <= kTan22 * std::fabs(gy)) dx = 0, dy = 1;
  }
  const auto size_at = [&](int i, int j) {
    return i >= 0 && i < g.size.width() && j >= 0 && j < g.size.height() ? g.size.at(i, j) : 0.0f;
  };
  const float here = g.size.at(x, y);
  return here > size_at(x - dx, y - dy) && here >= size_at(x + dx, y + dy);
}

Plane edges_of(const Plane& light, const Op& op) {
  const Gradient g = gradient_of(gaussian_blurred(light, op.sigma));
  const int width = light.width(), height = light.height();
  Plane edges(width, height, 0);
  std::vector<std::pair<int, int>> begun;
  const auto low = static_cast<float>(op.low), high = static_cast<float>(std::max(op.high, op.low));
  const auto take = [&](int x, int y, float from) {
    if (x < 0 || x >= width || y < 0 || y >= height || edges.at(x, y) > 0) return;
    if (g.size.at(x, y) <= from || !is_ridge(g, x, y)) return;
    edges.at(x, y) = 1;
    begun.emplace_back(x, y);
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) take(x, y, high);
  while (!begun.empty()) {
    const auto [x, y] = begun.back();
    begun.pop_back();
    for (int j = -1; j <= 1; ++j)
      for (int i = -1; i <= 1; ++i) take(x + i, y + j, low);
  }
  return edges;
}
Nodes lower(const Op& op, const Site&) {
  if (op.amount == 0) return {};
  return on_planes([op](Planes& planes) {
    const Plane edges = edges_of(grey_of(planes), op);
    const auto amount = static_cast<float>(op.amount);
    for (int c = 0; c < planes.colours(); ++c)
      for (int y = 0; y < planes.height(); ++y)
        for (int x = 0; x < planes.width(); ++x)
          planes[c].row(y)[x] += amount * (edges.row(y)[x] - planes[c].row(y)[x]);
  });
}
}  // namespace canny

}  // namespace

void add_local_contrast(OpTable& t) {
  t.add(op<clahe::Op, clahe::lower>(
      {.name = "clahe",
       .summary = "Even out the contrast of all parts of the picture",
       .detail = "v' = v + (E(Y) − Y) on every colour, Y = 0.299 R + 0.587 G + 0.114 B, E contrast limited adaptive "
                 "histogram equalisation (Zuiderveld 1994) in the steps of OpenCV's; bytes have 256 bins, 16-bit and "
                 "float images 4096. Alpha stays.",
       .family = "tone",
       .example = "clahe: {clip_limit: 2}",
       .node = NodeKind::opaque,
       .fields = clahe::fields,
       .joins_channels = true}));
  t.add(op<unsharp_mask::Op, unsharp_mask::lower>(
      {.name = "unsharp_mask",
       .summary = "Sharpen by the difference from a blurred picture",
       .detail = "v' = v + amount·(v − b) where |v − b| ≥ threshold, b blurred by a Gaussian of deviation sigma; edges "
                 "are mirrored; alpha stays.",
       .family = "blur",
       .example = "unsharp_mask: {amount: 0.8, sigma: 2}",
       .node = NodeKind::opaque,
       .fields = unsharp_mask::fields}));
  t.add(op<canny::Op, canny::lower>(
      {.name = "canny",
       .summary = "Thin edges in white",
       .detail = "(1 − amount)·v + amount·e, e = 1 on the edges of the luma: Gaussian blur, Sobel slopes (over 4), "
                 "maxima along the slope, followed from slopes above high as long as they are above low (Canny 1986). "
                 "Alpha stays.",
       .family = "style",
       .example = "canny: {amount: 0.5}",
       .node = NodeKind::opaque,
       .fields = canny::fields,
       .joins_channels = true}));
}

}  // namespace leaven::ops

// Colours moved along axes that are not red, green and blue: the picture's own, and those of stains.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/exact_math.hpp"
#include "kernels/elementary.hpp"
#include "ops/image/channels.hpp"
#include "ops/image/eigen3.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;

namespace fancy_pca {
struct Op {
  double sigma = 0.1;
  std::vector<double> weights{};
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::sigma>("sigma", {.doc = "Standard deviation of the weights", .lo = 0, .hi = 10, .unit = "factor",
        .neutral = 0, .strong = 2, .draw = uniform(0.05, 0.5)}),
    field<&Op::weights>("weights", {.doc = "Weight of each principal component, strongest first", .lo = -100, .hi = 100,
        .unit = "factor", .min_count = 3, .max_count = 3, .resolved = true})};
// clang-format on
void resolve(Op& op, const Site& at) {
  if (!op.weights.empty()) return;
  for (std::uint64_t i = 0; i < 3; ++i) op.weights.push_back(draw(truncated_normal(0, 1, -4, 4), at.key, i) * op.sigma);
}

// Of the colours of all pixels; sums row by row, so that they are the same however the loop is built.
Matrix covariance(const Planes& planes) {
  std::array<double, 3> sum{};
  Matrix products{};
  const double count = static_cast<double>(planes.width()) * planes.height();
  for (int y = 0; y < planes.height(); ++y)
    for (int x = 0; x < planes.width(); ++x)
      for (std::size_t i = 0; i < 3; ++i) {
        const auto v = static_cast<double>(planes[static_cast<int>(i)].row(y)[x]);
        sum[i] += v;
        for (std::size_t k = i; k < 3; ++k)
          products[i][k] += v * static_cast<double>(planes[static_cast<int>(k)].row(y)[x]);
      }
  Matrix result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = i; k < 3; ++k)
      result[i][k] = result[k][i] = products[i][k] / count - sum[i] / count * (sum[k] / count);
  return result;
}
Nodes lower(const Op& op, const Site& at) {
  if (op.weights == std::vector<double>(3) || !has_colour(at)) return {};
  return on_planes([op](Planes& planes) {
    const Eigen3 axes = eigen3(covariance(planes));
    for (int c = 0; c < 3; ++c) {
      double by = 0;
      for (std::size_t i = 0; i < 3; ++i)
        by += op.weights[i] * std::max(axes.values[i], 0.0) * axes.vectors[i][static_cast<std::size_t>(c)];
      for (int y = 0; y < planes.height(); ++y)
        for (int x = 0; x < planes.width(); ++x) planes[c].row(y)[x] += static_cast<float>(by);
    }
  });
}
}  // namespace fancy_pca

namespace stain_jitter {
struct Op {
  double hematoxylin = 1, eosin = 1, residual = 1, hematoxylin_shift = 0, eosin_shift = 0;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::hematoxylin>("hematoxylin", {.doc = "Factor on the amount of haematoxylin", .lo = 0, .hi = 5,
        .unit = "factor", .neutral = 1, .strong = 1.8, .draw = uniform(0.8, 1.2)}),
    field<&Op::eosin>("eosin", {.doc = "Factor on the amount of eosin", .lo = 0, .hi = 5, .unit = "factor",
        .neutral = 1, .strong = 0.4, .draw = uniform(0.8, 1.2)}),
    field<&Op::residual>("residual", {.doc = "Factor on what is neither", .lo = 0, .hi = 5, .unit = "factor",
        .neutral = 1, .strong = 1.2}),
    field<&Op::hematoxylin_shift>("hematoxylin_shift", {.doc = "Optical density added of haematoxylin", .lo = -2,
        .hi = 2, .unit = "1", .neutral = 0, .strong = 0.1, .draw = uniform(-0.03, 0.03)}),
    field<&Op::eosin_shift>("eosin_shift", {.doc = "Optical density added of eosin", .lo = -2, .hi = 2, .unit = "1",
        .neutral = 0, .strong = 0.1, .draw = uniform(-0.03, 0.03)})};
// clang-format on

/// Optical densities of red, green and blue: haematoxylin, eosin, and the third that Ruifrok and Johnston (2001)
/// measured.
constexpr Matrix kStains{{{0.650, 0.704, 0.286}, {0.072, 0.990, 0.105}, {0.268, 0.570, 0.776}}};
constexpr float kDarkest = 1e-6f;  ///< light of which a density is still taken

Matrix inverse(const Matrix& m) {
  Matrix result{};
  double determinant = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 3; ++k)
      result[k][i] = m[(i + 1) % 3][(k + 1) % 3] * m[(i + 2) % 3][(k + 2) % 3] -
                     m[(i + 1) % 3][(k + 2) % 3] * m[(i + 2) % 3][(k + 1) % 3];
    determinant += m[0][i] * result[i][0];
  }
  for (auto& row : result)
    for (double& entry : row) entry /= determinant;
  return result;
}

/// density' = density·scale + shift, on row vectors.
struct DensityMap {
  std::array<std::array<float, 3>, 3> scale{};
  std::array<float, 3> shift{};
};
DensityMap map_of(const Op& op) {
  Matrix stains = kStains;
  for (auto& row : stains) {
    const double length = std::sqrt(row[0] * row[0] + row[1] * row[1] + row[2] * row[2]);
    for (double& entry : row) entry /= length;
  }
  const Matrix amounts = inverse(stains);
  const std::array<double, 3> factors{op.hematoxylin, op.eosin, op.residual};
  DensityMap map;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      double sum = 0;
      for (std::size_t s = 0; s < 3; ++s) sum += amounts[i][s] * factors[s] * stains[s][k];
      map.scale[i][k] = static_cast<float>(sum);
    }
    map.shift[i] = static_cast<float>(op.hematoxylin_shift * stains[0][i] + op.eosin_shift * stains[1][i]);
  }
  return map;
}

Nodes lower(const Op& op, const Site& at) {
  require_bounded(at);
  const bool same = op.hematoxylin == 1 && op.eosin == 1 && op.residual == 1;
  if (!has_colour(at) || (same && op.hematoxylin_shift == 0 && op.eosin_shift == 0)) return {};
  return on_planes([map = map_of(op)](Planes& planes) {
    constexpr float kLog2Of10 = 3.32192809f;  // densities are logarithms to base 10
    const auto width = static_cast<std::size_t>(planes.width());
    for (int y = 0; y < planes.height(); ++y) {
      std::array<float*, 3> v{planes[0].row(y), planes[1].row(y), planes[2].row(y)};
      for (float* channel : v) {
        for (std::size_t x = 0; x < width; ++x) channel[x] = std::max(channel[x], kDarkest);
        kernels::log2_run(channel, width);
      }
      for (std::size_t x = 0; x < width; ++x) {
        const std::array<float, 3> logs{v[0][x], v[1][x], v[2][x]};
        for (std::size_t k = 0; k < 3; ++k)
          v[k][x] = logs[0] * map.scale[0][k] + logs[1] * map.scale[1][k] + logs[2] * map.scale[2][k] -
                    kLog2Of10 * map.shift[k];
      }
      for (float* channel : v) kernels::exp2_run(channel, width);
    }
  });
}
}  // namespace stain_jitter

namespace normalize_per_image {
enum class By : std::uint8_t { deviation, range };
constexpr std::array<std::string_view, 2> kByNames{"deviation", "range"};
struct Op {
  By by = By::deviation;
  bool per_channel = false;
};
constexpr auto fields = std::array{
    field<&Op::by>("by",
                   {.doc = "What becomes 1: the standard deviation, or the range of the values", .choices = kByNames}),
    field<&Op::per_channel>("per_channel", {.doc = "Measure every channel by itself"})};

// (v − offset)/scale of the channels from `first` on.
void normalize(Planes& planes, int first, int count, By by) {
  constexpr double kFlat = 1e-6;  // as much is added to the scale, for flat pictures
  double sum = 0, low = static_cast<double>(planes[first].at(0, 0)), high = low;
  const auto each = [&](const auto& work) {
    for (int c = first; c < first + count; ++c)
      for (int y = 0; y < planes.height(); ++y)
        for (int x = 0; x < planes.width(); ++x) work(planes[c].row(y)[x]);
  };
  each([&](float v) {
    const auto value = static_cast<double>(v);
    sum += value, low = std::min(low, value), high = std::max(high, value);
  });
  const double values = static_cast<double>(planes.width()) * planes.height() * count, mean = sum / values;
  double squares = 0;
  each([&](float v) { squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean); });
  const double offset = by == By::range ? low : mean;
  const double scale = (by == By::range ? high - low : std::sqrt(squares / values)) + kFlat;
  each([&](float& v) { v = static_cast<float>((static_cast<double>(v) - offset) / scale); });
}
// The table makes floats without bounds of the pixels; what comes then may be any number.
Nodes lower(const Op& op, const Site& at) {
  if (!op.per_channel) require_all_channels(at);
  Table floats = affine_curve(1, 0);
  floats.unbounded = true;
  Nodes nodes = on_planes([op](Planes& planes) {
    const int together = op.per_channel ? 1 : planes.colours();
    for (int c = 0; c < planes.colours(); c += together) normalize(planes, c, together, op.by);
  });
  nodes.insert(nodes.begin(), floats);
  return nodes;
}
}  // namespace normalize_per_image

}  // namespace

void add_color_space(OpTable& t) {
  t.add(op<fancy_pca::Op, fancy_pca::lower, fancy_pca::resolve>(
      {.name = "fancy_pca",
       .summary = "Shift all colours along the picture's own principal components",
       .detail = "v' = v + Σ wᵢ·λᵢ·pᵢ, pᵢ and λᵢ the eigenvectors and eigenvalues of the covariance of this picture's "
                 "colours in [0, 1], wᵢ from the normal law of deviation sigma: AlexNet's augmentation (Krizhevsky et "
                 "al. 2012), which took them from all of train. Grey images stay.",
       .family = "color",
       .example = "fancy_pca: {sigma: 0.2}",
       .node = NodeKind::opaque,
       .fields = fancy_pca::fields}));
  t.add(op<stain_jitter::Op, stain_jitter::lower>(
      {.name = "stain_jitter",
       .summary = "Vary the stains of a histological section (H&E)",
       .detail =
           "Optical densities −log10(v) are taken apart into haematoxylin, eosin and a residual by the vectors of "
           "Ruifrok and Johnston (2001), scaled and shifted (Tellez et al. 2018), and put together again. Grey "
           "images stay.",
       .family = "color",
       .example = "stain_jitter: {hematoxylin: 1.2, eosin: 0.9}",
       .node = NodeKind::opaque,
       .fields = stain_jitter::fields,
       .tints = true}));
  t.add(op<normalize_per_image::Op, normalize_per_image::lower>(
      {.name = "normalize_per_image",
       .summary = "Bring every picture to mean 0 and deviation 1, or to the range from 0 to 1",
       .detail = "deviation: v' = (v − mean)/(std + 1e-6); range: v' = (v − min)/(max − min + 1e-6); over all colour "
                 "channels together or each by itself. The result is float32 and not clamped, so image files cannot "
                 "hold it. Alpha stays.",
       .family = "tensor",
       .example = "normalize_per_image: {by: range}",
       .node = NodeKind::opaque,
       .fields = normalize_per_image::fields}));
}

}  // namespace leaven::ops

#include <algorithm>
#include <cmath>
#include <optional>

#include "plan/raster/displacement.hpp"
#include "plan/raster/reference.hpp"

namespace leaven::plan::reference {

namespace {

constexpr double kPi = 3.14159265358979323846;

double sinc(double t) { return t == 0 ? 1 : std::sin(kPi * t) / (kPi * t); }

double radius_of(Filter filter) {
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return 0.5;
    case Filter::bilinear: return 1;
    case Filter::bicubic: return 2;
    case Filter::lanczos: return 3;
  }
  return 0;
}

double kernel(Filter filter, double t) {
  const double d = std::abs(t);
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return t > -0.5 && t <= 0.5 ? 1 : 0;
    case Filter::bilinear: return d < 1 ? 1 - d : 0;
    case Filter::bicubic:  // Keys, "Cubic convolution interpolation for digital image processing", 1981
      if (d < 1) return 1.5 * d * d * d - 2.5 * d * d + 1;
      if (d < 2) return -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2;
      return 0;
    case Filter::lanczos: return d < 3 ? sinc(t) * sinc(t / 3) : 0;
  }
  return 0;
}

double wrapped(double v, double period) { return v - period * std::floor(v / period); }

/// Where a coordinate outside [0, size) goes on; constant borders never come here.
double folded(double v, double size, BorderKind kind) {
  if (v >= 0 && v < size) return v;
  switch (kind) {
    case BorderKind::constant: return v;
    case BorderKind::edge: return std::clamp(v, 0.5, size - 0.5);
    case BorderKind::reflect: {
      if (size == 1) return 0.5;
      const double t = wrapped(v - 0.5, 2 * (size - 1));
      return 0.5 + (t > size - 1 ? 2 * (size - 1) - t : t);
    }
    case BorderKind::symmetric: {
      const double t = wrapped(v, 2 * size);
      return t > size ? 2 * size - t : t;
    }
    case BorderKind::wrap: return wrapped(v, size);
  }
  return v;
}

Pixel fill_of(const Border& border, Dtype dtype) {
  Pixel fill{};
  for (std::size_t c = 0; c < fill.size(); ++c) fill[c] = to_level(static_cast<double>(border.fill[c]), dtype);
  return fill;
}

/// One step of the walk; nothing where the point lies nowhere.
std::optional<Point> step_back(const WarpStep& step, Point p) {
  if (const auto* map = std::get_if<Matrix3>(&step.to_input)) {
    if (!(map->m[6] * p.x + map->m[7] * p.y + map->m[8] > 0)) return std::nullopt;
    p = map->map(p);
  } else {
    const Point d = displacement_at(*std::get<std::shared_ptr<const DisplacementGrid>>(step.to_input), p);
    p = {p.x + d.x, p.y + d.y};
  }
  const bool inside = p.x >= 0 && p.x < step.input.width && p.y >= 0 && p.y < step.input.height;
  if (inside) return p;
  if (step.border.kind == BorderKind::constant || !std::isfinite(p.x) || !std::isfinite(p.y)) return std::nullopt;
  return Point{folded(p.x, step.input.width, step.border.kind), folded(p.y, step.input.height, step.border.kind)};
}

/// Σ weight · pixel with colour premultiplied, and what comes of it.
struct Mixture {
  const RasterShape& shape;
  double weight{};
  Pixel sum{};

  void add(double w, const Pixel& pixel) {
    const auto channels = static_cast<std::size_t>(shape.channels);
    const double alpha = shape.alpha ? pixel[channels - 1] : 1;
    for (std::size_t c = 0; c < channels; ++c) {
      const bool is_alpha = shape.alpha && c + 1 == channels;
      sum[c] += w * alpha * (is_alpha ? 1 : pixel[c]);
    }
    weight += w;
  }
  /// Divided by `total`, and colour by alpha.
  Pixel result(double total) const {
    Pixel mean = sum;
    for (double& v : mean) v /= total;
    if (!shape.alpha) return mean;
    const auto channels = static_cast<std::size_t>(shape.channels);
    const double alpha = mean[channels - 1];
    for (std::size_t c = 0; c + 1 < channels; ++c) mean[c] = alpha > 0 ? mean[c] / alpha : 0;
    return mean;
  }
};

Pixel nearest(const Input& input, Point p) {
  // A fold may land on the far edge itself, which belongs to the last pixel.
  const int x = std::clamp(static_cast<int>(std::floor(p.x)), 0, input.shape.width - 1);
  const int y = std::clamp(static_cast<int>(std::floor(p.y)), 0, input.shape.height - 1);
  return input.at(x, y);
}

struct Taps {
  int first{}, last{};
};
Taps taps_around(double s, double reach, int size) {
  const double first = std::max(std::floor(s - reach - 0.5), 0.0), last = std::min(std::ceil(s + reach), size - 1.0);
  return {static_cast<int>(first), static_cast<int>(last)};
}

Pixel sample(const WarpStage& stage, const Input& input, Point p) {
  if (stage.filter == Filter::nearest) return nearest(input, p);
  const double radius = radius_of(stage.filter);
  const Taps columns = taps_around(p.x, radius * stage.footprint_x, input.shape.width);
  const Taps rows = taps_around(p.y, radius * stage.footprint_y, input.shape.height);
  Mixture mixture{input.shape};
  for (int j = rows.first; j <= rows.last; ++j)
    for (int i = columns.first; i <= columns.last; ++i) {
      const double w = kernel(stage.filter, (i + 0.5 - p.x) / stage.footprint_x) *
                       kernel(stage.filter, (j + 0.5 - p.y) / stage.footprint_y);
      if (w != 0) mixture.add(w, input.at(i, j));
    }
  return mixture.weight == 0 ? nearest(input, p) : mixture.result(mixture.weight);
}

/// Index of the pixel that stands for i outside [0, n): d c b | a b c d | c b a.
int reflected(int i, int n) {
  if (n == 1) return 0;
  const int period = 2 * (n - 1);
  i = ((i % period) + period) % period;
  return i < n ? i : period - i;
}

}  // namespace

Pixel fetch_warped(const WarpStage& stage, const Input& input, int x, int y) {
  Point p{x + 0.5, y + 0.5};
  for (std::size_t i = stage.steps.size(); i-- > 0;) {
    const auto next = step_back(stage.steps[i], p);
    if (!next) return fill_of(stage.steps[i].border, input.shape.dtype);
    p = *next;
  }
  return sample(stage, input, p);
}

Pixel fetch_filtered(const Stencil& stencil, const Input& input, int x, int y) {
  const int width = input.shape.width, height = input.shape.height;
  Mixture mixture{input.shape};
  const auto add = [&](int dx, int dy, double w) {
    mixture.add(w, input.at(reflected(x + dx, width), reflected(y + dy, height)));
  };
  if (const auto* taps = std::get_if<Separable>(&stencil.what)) {
    const int rx = static_cast<int>(taps->taps_x.size() / 2), ry = static_cast<int>(taps->taps_y.size() / 2);
    for (int dy = -ry; dy <= ry; ++dy)
      for (int dx = -rx; dx <= rx; ++dx)
        add(dx, dy,
            static_cast<double>(taps->taps_x[static_cast<std::size_t>(dx + rx)]) *
                static_cast<double>(taps->taps_y[static_cast<std::size_t>(dy + ry)]));
  } else {
    const auto& kernel3 = std::get<Kernel3>(stencil.what);
    const bool on_edge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
    if (kernel3.keep_edge && on_edge) return input.at(x, y);
    for (int dy = -1; dy <= 1; ++dy)
      for (int dx = -1; dx <= 1; ++dx)
        add(dx, dy, static_cast<double>(kernel3.taps[static_cast<std::size_t>(3 * (dy + 1) + dx + 1)]));
  }
  return mixture.result(1);
}

}  // namespace leaven::plan::reference

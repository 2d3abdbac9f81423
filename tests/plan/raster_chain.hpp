// Chains of raster nodes as ops would lower to them, built by hand, with the image's shape carried along.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/node.hpp"
#include "plan/raster/plan.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

class Chain {
 public:
  explicit Chain(const RasterShape& source) : source_(source), shape_(source) {}
  Chain(int width, int height, int channels = 3, Dtype dtype = Dtype::u8)
      : Chain(RasterShape{width, height, channels, dtype}) {}

  Chain& add(std::string path, Node node) {
    shape_ = shape_after(node, shape_);
    steps_.push_back({std::move(path), {std::move(node)}});
    return *this;
  }

  Chain& warp(std::string path, const Matrix3& to_input, Size canvas, Filter filter = Filter::bilinear,
              Border border = {}, bool antialias = true) {
    return add(std::move(path), Geometry{to_input, canvas, border, filter, antialias});
  }
  Chain& horizontal_flip() {
    return warp("horizontal_flip", {{-1, 0, w(), 0, 1, 0, 0, 0, 1}}, size(), Filter::nearest);
  }
  Chain& vertical_flip() { return warp("vertical_flip", {{1, 0, 0, 0, -1, h(), 0, 0, 1}}, size(), Filter::nearest); }
  Chain& transpose() {
    return warp("transpose", {{0, 1, 0, 1, 0, 0, 0, 0, 1}}, {shape_.height, shape_.width}, Filter::nearest);
  }
  /// A quarter turn counter-clockwise.
  Chain& rotate90() {
    return warp("rotate90", {{0, -1, w(), 1, 0, 0, 0, 0, 1}}, {shape_.height, shape_.width}, Filter::nearest);
  }
  Chain& crop(int x, int y, int width, int height) {
    return warp("crop", Matrix3::translation(x, y), {width, height}, Filter::nearest);
  }
  Chain& pad(int left, int top, int right, int bottom, Border border = {}) {
    return warp("pad", Matrix3::translation(-left, -top), {shape_.width + left + right, shape_.height + top + bottom},
                Filter::nearest, border);
  }
  Chain& resize(int width, int height, Filter filter = Filter::bilinear, bool antialias = true) {
    return warp("resize", Matrix3::scaling(w() / width, h() / height), {width, height}, filter, {}, antialias);
  }
  /// About the canvas centre, the canvas kept; a positive angle is counter-clockwise as seen.
  Chain& rotate(double degrees, Filter filter = Filter::bilinear, Border border = {}) {
    return affine(degrees, 1, filter, border);
  }
  Chain& affine(double degrees, double scale, Filter filter = Filter::bilinear, Border border = {}) {
    const Matrix3 forward = Matrix3::translation(w() / 2, h() / 2) * Matrix3::rotation(degrees) *
                            Matrix3::scaling(scale, scale) * Matrix3::translation(-w() / 2, -h() / 2);
    return warp("affine", *forward.inverse(), size(), filter, border);
  }
  /// The output's corners see these points of the input.
  Chain& perspective(const std::array<Point, 4>& seen, Filter filter = Filter::bilinear, Border border = {}) {
    const std::array<Point, 4> corners{Point{0, 0}, Point{w(), 0}, Point{w(), h()}, Point{0, h()}};
    return warp("perspective", *Matrix3::from_corners(corners, seen), size(), filter, border);
  }
  /// Random vectors of up to `reach` px on a grid of `spacing` px.
  Chain& elastic(double spacing, double reach, std::uint32_t seed, Border border = {}) {
    auto grid = std::make_shared<DisplacementGrid>();
    grid->spacing_x = grid->spacing_y = spacing;
    grid->columns = static_cast<int>(std::floor(w() / spacing)) + 4;
    grid->rows = static_cast<int>(std::floor(h() / spacing)) + 4;
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> vector(static_cast<float>(-reach), static_cast<float>(reach));
    grid->vectors.resize(2u * static_cast<unsigned>(grid->columns * grid->rows));
    for (float& v : grid->vectors) v = vector(random);
    grid->reach = reach;
    return add("elastic", Displacement{std::move(grid), border, Filter::bilinear});
  }
  Chain& curve(Curve curve, bool whole_levels = false) {
    Table table = Table::all(curve);
    table.whole_levels = whole_levels;
    return add("curve", table);
  }
  Chain& linear(double a, double b) { return curve({Curve::Form::affine, a, b, nullptr}); }

  const std::vector<LoweredStep>& steps() const { return steps_; }
  const RasterShape& source() const { return source_; }
  const RasterShape& shape() const { return shape_; }
  Size size() const { return shape_.size(); }
  double w() const { return shape_.width; }
  double h() const { return shape_.height; }

  RasterPlan plan(bool fuse = true) const { return plan_raster(steps_, source_, {fuse}); }
  Raster run(const Raster& image, bool fuse = true) const { return run_reference(plan(fuse), image.view()); }
  std::vector<Point> map(std::vector<Point> points) const { return map_points(steps_, source_, std::move(points)); }

 private:
  RasterShape source_, shape_;
  std::vector<LoweredStep> steps_;
};

/// The value of channel c at (x, y) in [0, 1] (more for unbounded floats).
inline double value_at(const Raster& image, int x, int y, int c = 0) {
  const int i = x * image.shape().channels + c;
  switch (image.shape().dtype) {
    case Dtype::u8: return image.row<std::uint8_t>(y)[i] / 255.0;
    case Dtype::u16: return image.row<std::uint16_t>(y)[i] / 65535.0;
    case Dtype::f32: return static_cast<double>(image.row<float>(y)[i]);
  }
  return 0;
}
inline void set_value(Raster& image, int x, int y, int c, double v) {
  const int i = x * image.shape().channels + c;
  switch (image.shape().dtype) {
    case Dtype::u8: image.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(std::lround(v * 255)); break;
    case Dtype::u16: image.row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(std::lround(v * 65535)); break;
    case Dtype::f32: image.row<float>(y)[i] = static_cast<float>(v); break;
  }
}

/// An image of value(x, y, channel) in [0, 1].
inline Raster image_of(const RasterShape& shape, const std::function<double(int, int, int)>& value) {
  Raster image(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) set_value(image, x, y, c, value(x, y, c));
  return image;
}
inline Raster random_image(const RasterShape& shape, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(0, 1);
  return image_of(shape, [&](int, int, int) { return value(random); });
}
/// Slow waves: what resampling twice hardly changes.
inline Raster smooth_image(const RasterShape& shape) {
  return image_of(shape, [](int x, int y, int c) {
    return 0.5 + 0.2 * std::sin(0.05 * x + c) + 0.2 * std::cos(0.04 * y - 0.02 * x + 2 * c);
  });
}

/// Largest difference of two images of one shape, in units of 1.0.
inline double largest_difference(const Raster& a, const Raster& b, int margin = 0) {
  double most = a.shape() == b.shape() ? 0 : 1e9;
  for (int y = margin; y < a.shape().height - margin && most < 1e9; ++y)
    for (int x = margin; x < a.shape().width - margin; ++x)
      for (int c = 0; c < a.shape().channels; ++c)
        most = std::max(most, std::abs(value_at(a, x, y, c) - value_at(b, x, y, c)));
  return most;
}

/// One channel of one row, in levels of a byte.
inline std::vector<int> bytes_of_row(const Raster& image, int y = 0) {
  const auto* row = image.row<std::uint8_t>(y);
  return std::vector<int>(row, row + static_cast<std::ptrdiff_t>(image.shape().width) * image.shape().channels);
}

}  // namespace leaven::plan

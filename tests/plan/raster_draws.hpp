// Random chains, reproducible from a seed, and images as a decoder delivers them.
#pragma once

#include <cstring>

#include "tests/plan/raster_chain.hpp"

namespace leaven::plan {

class Draws {
 public:
  explicit Draws(std::uint32_t seed) : random_(seed) {}
  int integer(int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random_); }
  double real(double lo, double hi) { return std::uniform_real_distribution<double>(lo, hi)(random_); }
  bool coin() { return integer(0, 1) == 1; }
  /// Its fill is a whole level of every dtype.
  Border border() { return {static_cast<BorderKind>(integer(0, 4)), {0.2f, 0.6f, 0.8f, 1}}; }
  Filter filter() { return static_cast<Filter>(integer(0, 4)); }
  std::uint32_t seed() { return static_cast<std::uint32_t>(random_()); }

 private:
  std::mt19937 random_;
};

/// Flips, turns, crops and pads: centres go to centres.
inline void add_random_move(Chain& chain, Draws& draw) {
  const int w = chain.size().width, h = chain.size().height;
  switch (draw.integer(0, 5)) {
    case 0: chain.horizontal_flip(); return;
    case 1: chain.vertical_flip(); return;
    case 2: chain.transpose(); return;
    case 3: chain.rotate90(); return;
    case 4:
      chain.pad(draw.integer(0, 9), draw.integer(0, 9), draw.integer(0, 9), draw.integer(0, 9), draw.border());
      return;
    default: {
      const int x = draw.integer(0, w - 1), y = draw.integer(0, h - 1);
      chain.crop(x, y, draw.integer(1, w - x), draw.integer(1, h - y));
    }
  }
}

/// Any warp with any filter and border.
inline void add_random_warp(Chain& chain, Draws& draw) {
  const double w = chain.w(), h = chain.h();
  switch (draw.integer(0, 6)) {
    case 0: chain.affine(draw.real(-180, 180), draw.real(0.3, 3), draw.filter(), draw.border()); return;
    case 1: chain.resize(draw.integer(1, 40), draw.integer(1, 40), draw.filter(), draw.coin()); return;
    case 2: chain.elastic(draw.real(4, 20), draw.real(0, 4), draw.seed(), draw.border()); return;
    case 3: {
      const auto near = [&](double size) { return draw.real(-0.2, 0.3) * size; };
      const auto far = [&](double size) { return draw.real(0.7, 1.2) * size; };
      const std::array<Point, 4> seen{Point{near(w), near(h)}, Point{far(w), near(h)}, Point{far(w), far(h)},
                                      Point{near(w), far(h)}};
      chain.perspective(seen, draw.filter(), draw.border());
      return;
    }
    default: add_random_move(chain, draw);
  }
}

/// The region cut out of the image, as a decoder delivers it: its own memory, its place in the whole.
inline Raster decoded(const Raster& whole, const Region& region) {
  RasterShape shape = whole.shape();
  shape.width = region.width;
  shape.height = region.height;
  Raster part(shape);
  const std::size_t skip = shape.pixel_bytes() * static_cast<std::size_t>(region.x);
  for (int y = 0; y < region.height; ++y)
    std::memcpy(part.row<std::byte>(y), whole.row<std::byte>(region.y + y) + skip, shape.row_bytes());
  part.origin_x = region.x;
  part.origin_y = region.y;
  return part;
}

}  // namespace leaven::plan

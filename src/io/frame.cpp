#include "io/frame.hpp"

#include <algorithm>
#include <cstring>

namespace leaven::io {

namespace {

/// A seen pixel (x, y) is the stored one in column swap ? y : x and row swap ? x : y, each counted from the far end
/// when flipped (EXIF 2.3, tag 274).
struct Turn {
  bool swap, flip_column, flip_row;
};

Turn turn_of(int orientation) {
  const auto is = [&](int a, int b, int c, int d) {
    return orientation == a || orientation == b || orientation == c || orientation == d;
  };
  return {.swap = orientation >= 5, .flip_column = is(2, 3, 7, 8), .flip_row = is(3, 4, 6, 7)};
}

/// Byte distance in the stored image when one goes right or down in the seen one.
struct Walk {
  const std::byte* first;
  std::ptrdiff_t right, down;
};

/// In square tiles: a transposition walks down the stored columns, and whole columns would miss the cache.
template <std::size_t kPixelBytes>
void walk_tiles(const Walk& walk, Raster& to) {
  constexpr int kTile = 32;
  const auto [width, height] = to.shape().size();
  for (int top = 0; top < height; top += kTile) {
    for (int left = 0; left < width; left += kTile) {
      const int bottom = std::min(top + kTile, height), right = std::min(left + kTile, width);
      for (int y = top; y < bottom; ++y) {
        const std::byte* from = walk.first + y * walk.down + left * walk.right;
        std::byte* out = to.row<std::byte>(y) + left * static_cast<std::ptrdiff_t>(kPixelBytes);
        for (int x = left; x < right; ++x, from += walk.right, out += kPixelBytes) std::memcpy(out, from, kPixelBytes);
      }
    }
  }
}

void walk_pixels(const Walk& walk, Raster& to) {
  const std::size_t pixel_bytes = to.shape().pixel_bytes();
  for (int y = 0; y < to.shape().height; ++y)
    for (int x = 0; x < to.shape().width; ++x)
      std::memcpy(to.row<std::byte>(y) + static_cast<std::size_t>(x) * pixel_bytes,
                  walk.first + y * walk.down + x * walk.right, pixel_bytes);
}

}  // namespace

Size seen_size(Size stored, int orientation) {
  return turn_of(orientation).swap ? Size{stored.height, stored.width} : stored;
}

Region stored_region(const Region& seen, Size stored, int orientation) {
  const Turn turn = turn_of(orientation);
  Region region = seen;
  if (turn.swap) region = {seen.y, seen.x, seen.height, seen.width};
  if (turn.flip_column) region.x = stored.width - region.x - region.width;
  if (turn.flip_row) region.y = stored.height - region.y - region.height;
  return region;
}

Raster oriented(const Raster& stored, int orientation) {
  const Turn turn = turn_of(orientation);
  RasterShape shape = stored.shape();
  if (turn.swap) std::swap(shape.width, shape.height);
  Raster seen(shape);

  const auto pixel = static_cast<std::ptrdiff_t>(shape.pixel_bytes());
  const std::ptrdiff_t column = turn.flip_column ? -pixel : pixel;
  const std::ptrdiff_t row = turn.flip_row ? -stored.stride() : stored.stride();
  Walk walk{stored.data(), turn.swap ? row : column, turn.swap ? column : row};
  if (turn.flip_column) walk.first += pixel * (stored.shape().width - 1);
  if (turn.flip_row) walk.first += stored.stride() * (stored.shape().height - 1);

  switch (shape.pixel_bytes()) {
    case 1: walk_tiles<1>(walk, seen); break;
    case 2: walk_tiles<2>(walk, seen); break;
    case 3: walk_tiles<3>(walk, seen); break;
    case 4: walk_tiles<4>(walk, seen); break;
    case 6: walk_tiles<6>(walk, seen); break;
    case 8: walk_tiles<8>(walk, seen); break;
    case 12: walk_tiles<12>(walk, seen); break;
    case 16: walk_tiles<16>(walk, seen); break;
    default: walk_pixels(walk, seen);
  }
  return seen;
}

Annotations oriented(Annotations marks, Size size, int orientation) {
  const Turn turn = turn_of(orientation);
  const auto moved = [&](Point p) {
    if (turn.flip_column) p.x = size.width - p.x;
    if (turn.flip_row) p.y = size.height - p.y;
    return turn.swap ? Point{p.y, p.x} : p;
  };
  for (Instance& instance : marks.instances) {
    if (instance.box) {
      const Point a = moved({instance.box->left, instance.box->top}), b = moved({instance.box->right, instance.box->bottom});
      instance.box = Box{std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)};
    }
    for (Outline& outline : instance.outlines) std::ranges::transform(outline, outline.begin(), moved);
    if (instance.mask) instance.mask = RunLengths::of(oriented(instance.mask->to_raster(), orientation).view());
    for (Keypoint& keypoint : instance.keypoints) {
      keypoint.at = moved(keypoint.at);
      if (!keypoint.angle) continue;
      if (turn.flip_column) keypoint.angle = 180 - *keypoint.angle;
      if (turn.flip_row) keypoint.angle = -*keypoint.angle;
      if (turn.swap) keypoint.angle = -90 - *keypoint.angle;
    }
  }
  return marks;
}

Raster cut(const Raster& whole, const Region& region) {
  RasterShape shape = whole.shape();
  shape.width = region.width;
  shape.height = region.height;
  Raster part(shape);
  const std::size_t skip = static_cast<std::size_t>(region.x) * shape.pixel_bytes();
  for (int y = 0; y < region.height; ++y)
    std::memcpy(part.row<std::byte>(y), whole.row<std::byte>(region.y + y) + skip, shape.row_bytes());
  return part;
}

}  // namespace leaven::io

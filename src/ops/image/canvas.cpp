#include "ops/image/canvas.hpp"

#include <algorithm>
#include <cmath>

#include "ops/image/channels.hpp"

namespace leaven::ops {

std::array<float, 4> fill_for(const std::vector<double>& fill, const Site& at, float alpha) {
  std::array<float, 4> result{};
  const RasterShape& shape = at.image;
  const auto colours = static_cast<std::size_t>(shape.colour_channels()), first = static_cast<std::size_t>(at.group.first);
  for (std::size_t c = 0; c < colours; ++c) result[c] = static_cast<float>(fill[std::min(first + c, fill.size() - 1)]);
  if (colours == 1 && fill.size() >= 3)
    result[0] = static_cast<float>(kLuma[0] * fill[0] + kLuma[1] * fill[1] + kLuma[2] * fill[2]);
  if (shape.alpha) result[colours] = fill.size() == 4 ? static_cast<float>(fill[3]) : alpha;
  return result;
}

Matrix3 about_centre(const Matrix3& inverse, Size in, Size out, Point shift) {
  return Matrix3::translation(in.width / 2.0, in.height / 2.0) * inverse *
         Matrix3::translation(-out.width / 2.0 - shift.x, -out.height / 2.0 - shift.y);
}

Geometry cut(Region window, const Border& border) {
  return {.to_input = Matrix3::translation(window.x, window.y),
          .canvas = {window.width, window.height},
          .border = border,
          .filter = Filter::nearest,
          .antialias = false};
}

Geometry stretch(Size in, Size out, Filter filter, bool antialias) {
  return {.to_input =
              Matrix3::scaling(static_cast<double>(in.width) / out.width, static_cast<double>(in.height) / out.height),
          .canvas = out,
          .border = {BorderKind::edge},
          .filter = filter,
          .antialias = antialias};
}

int in_proportion(int side, int of, int by) {
  return static_cast<int>(std::max<std::int64_t>(1, (2LL * side * of + by) / (2LL * by)));
}

int place_within(int slack, double at) { return static_cast<int>(std::floor(slack * at)); }

}  // namespace leaven::ops

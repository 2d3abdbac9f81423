// A picture with another's kind of pixels.
#include <algorithm>
#include <cmath>

#include "plan/raster/mixing.hpp"

namespace leaven::plan {

namespace {

double read(const RasterView& image, int x, int y, int channel) {
  const int i = x * image.shape.channels + channel;
  switch (image.shape.dtype) {
    case Dtype::u8: return image.row<std::uint8_t>(y)[i] / 255.0;
    case Dtype::u16: return image.row<std::uint16_t>(y)[i] / 65535.0;
    case Dtype::f32: return static_cast<double>(image.row<float>(y)[i]);
  }
  return 0;
}

void write(Raster& image, int x, int y, int channel, double value) {
  const RasterShape& shape = image.shape();
  const int i = x * shape.channels + channel;
  const double v = shape.bounded ? std::clamp(value, 0.0, 1.0) : value;
  switch (shape.dtype) {
    case Dtype::u8: image.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(std::nearbyint(v * 255)); break;
    case Dtype::u16: image.row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(std::nearbyint(v * 65535)); break;
    case Dtype::f32: image.row<float>(y)[i] = static_cast<float>(v); break;
  }
}

double colour_of(const RasterView& from, int colours_wanted, int x, int y, int channel) {
  const int colours = from.shape.colour_channels();
  if (colours == 3 && colours_wanted == 1)
    return 0.299 * read(from, x, y, 0) + 0.587 * read(from, x, y, 1) + 0.114 * read(from, x, y, 2);
  return read(from, x, y, std::min(channel, colours - 1));
}

}  // namespace

RasterShape conformed(const RasterShape& of, const RasterShape& kind) {
  RasterShape shape = kind;
  shape.width = of.width;
  shape.height = of.height;
  return shape;
}

Raster conformed(Raster image, const RasterShape& kind) {
  const RasterShape from = image.shape(), to = conformed(from, kind);
  if (from == to) return image;
  Raster made(to);
  const RasterView view = image.view();
  for (int y = 0; y < to.height; ++y)
    for (int x = 0; x < to.width; ++x) {
      for (int c = 0; c < to.colour_channels(); ++c) write(made, x, y, c, colour_of(view, to.colour_channels(), x, y, c));
      if (to.alpha) write(made, x, y, to.channels - 1, from.alpha ? read(view, x, y, from.channels - 1) : 1.0);
    }
  return made;
}

}  // namespace leaven::plan

#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "kernels/noise_definition.hpp"
#include "plan/raster/reference.hpp"

namespace leaven::plan::reference {

namespace {

double quantized(double x, int bits, Dtype dtype) {
  const int top_shift = dtype == Dtype::u8 ? 0 : 8;  // the byte of which bits are kept
  const double scale = dtype == Dtype::u8 ? 255 : 65535;
  const int level = static_cast<int>(std::nearbyint(clamped(x) * scale));
  const int mask = ((0xff << (8 - bits)) & 0xff) << top_shift;
  return (level & mask) / scale;
}

double value_of(const Curve& curve, double x, Dtype dtype) {
  switch (curve.form) {
    case Curve::Form::affine: return curve.a * x + curve.b;
    case Curve::Form::power: return exact::pow(std::max(x, 0.0), curve.a);
    case Curve::Form::solarize: return x >= curve.a ? 1 - x : x;
    case Curve::Form::quantize: return quantized(x, static_cast<int>(curve.a), dtype);
    case Curve::Form::levels: {
      const double last = static_cast<double>(curve.table->size() - 1);
      const double at = std::nearbyint(clamped(x) * last);
      return static_cast<double>((*curve.table)[static_cast<std::size_t>(at)]);
    }
  }
  return x;
}

/// One channel of a colour whose hue is `hue` in sixths of a turn: Smith, "Color gamut transform pairs", 1978.
double channel_at(double hue, double offset, double value, double chroma) {
  const double k = std::fmod(hue + offset, 6.0);
  return value - chroma * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
}

void shift_hue(Pixel& p, double turns) {
  const double value = std::max({p[0], p[1], p[2]}), chroma = value - std::min({p[0], p[1], p[2]});
  if (chroma == 0) return;
  double hue = 0;  // sixths of a turn
  if (value == p[0])
    hue = (p[1] - p[2]) / chroma;
  else if (value == p[1])
    hue = (p[2] - p[0]) / chroma + 2;
  else
    hue = (p[0] - p[1]) / chroma + 4;
  hue += 6 * turns;
  hue -= 6 * std::floor(hue / 6);
  p = {channel_at(hue, 5, value, chroma), channel_at(hue, 3, value, chroma), channel_at(hue, 1, value, chroma), p[3]};
}

struct StepApplier {
  const RasterShape& shape;
  int x, y;
  Pixel& pixel;

  std::size_t colours() const { return static_cast<std::size_t>(shape.colour_channels()); }

  void operator()(const Table& table) const {
    for (std::size_t c = 0; c < colours(); ++c) pixel[c] = value_of(table.curves[c], pixel[c], shape.dtype);
  }
  void operator()(const ColorMatrix& matrix) const {
    const Pixel in = pixel;
    for (std::size_t row = 0; row < 3; ++row) {
      const float* m = matrix.m.data() + 4 * row;
      pixel[row] = static_cast<double>(m[0]) * in[0] + static_cast<double>(m[1]) * in[1] +
                   static_cast<double>(m[2]) * in[2] + static_cast<double>(m[3]);
    }
  }
  void operator()(const ColorFunction& function) const { shift_hue(pixel, function.a); }
  void operator()(const Positional& positional) const { std::visit(*this, positional.what); }

  void operator()(const GaussianNoise& noise) const {
    for (std::size_t c = 0; c < colours(); ++c) {
      const int channel = noise.per_channel ? noise.first_channel + static_cast<int>(c) : 0;
      pixel[c] += noise.mean + noise.sigma * kernels::gaussian_at(noise.key, x, y, channel);
    }
  }
  void operator()(const SaltPepper& noise) const {
    const auto drawn = kernels::salt_pepper_at(noise.key, x, y, noise.amount, noise.salt);
    if (drawn == kernels::SaltOrPepper::neither) return;
    for (std::size_t c = 0; c < colours(); ++c) pixel[c] = drawn == kernels::SaltOrPepper::salt ? 1 : 0;
  }
  void operator()(const Holes& holes) const {
    for (const Region& hole : holes.regions) {
      if (x < hole.x || y < hole.y || x >= hole.x + hole.width || y >= hole.y + hole.height) continue;
      for (std::size_t c = 0; c < pixel.size(); ++c) pixel[c] = static_cast<double>(holes.fill[c]);
    }
  }
};

}  // namespace

void apply(const PointStep& step, const RasterShape& shape, int x, int y, Pixel& pixel) {
  std::visit(StepApplier{shape, x, y, pixel}, step.what);
}

Statistics statistics_of(const Input& input) {
  const RasterShape& shape = input.shape;
  const std::size_t bins = shape.dtype == Dtype::u8 ? 256 : 65536;
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto colours = static_cast<std::size_t>(shape.colour_channels());
  Statistics statistics;
  for (std::size_t c = 0; c < channels; ++c) statistics.histogram[c].assign(bins, 0);
  double sum = 0;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const Pixel pixel = input.at(x, y);
      for (std::size_t c = 0; c < channels; ++c) {
        const double level = std::nearbyint(clamped(pixel[c]) * static_cast<double>(bins - 1));
        ++statistics.histogram[c][static_cast<std::size_t>(level)];
      }
      if (colours == 3) {
        sum += 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
      } else {
        double all = 0;
        for (std::size_t c = 0; c < colours; ++c) all += pixel[c];
        sum += all / static_cast<double>(colours);
      }
    }
  statistics.mean_grey = sum / (static_cast<double>(shape.width) * shape.height);
  return statistics;
}

}  // namespace leaven::plan::reference

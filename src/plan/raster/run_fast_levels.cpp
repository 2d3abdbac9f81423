// Whole levels through curves: evaluated in double once per level, so that 8- and 16-bit results equal the definition.
#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "core/exact_powers.hpp"
#include "kernels/pointwise.hpp"
#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

/// Not a number: 0. Without branches.
double clamped(double v) {
  const double above = v > 0 ? v : 0;
  return above < 1 ? above : 1;
}

/// std::nearbyint() of |v| < 2^51, which compilers turn into vectors: adding 1.5·2^52 pushes the fraction out of the mantissa.
double nearest(double v) {
  constexpr double kMagic = 6755399441055744.0;
  return (v + kMagic) - kMagic;
}

double rounded(double v, Dtype dtype) {
  return dtype == Dtype::f32 ? v : std::nearbyint(v * full_scale(dtype)) / full_scale(dtype);
}

double quantized(double x, int bits, Dtype dtype) {
  const int shift = dtype == Dtype::u8 ? 0 : 8;
  const double scale = dtype == Dtype::u8 ? 255 : 65535;
  const int mask = ((0xff << (8 - bits)) & 0xff) << shift;
  return (static_cast<int>(std::nearbyint(clamped(x) * scale)) & mask) / scale;
}

bool same(const Curve& a, const Curve& b) {
  return a.form == b.form && a.a == b.a && a.b == b.b && a.table == b.table;
}

}  // namespace

double curve_at(const Curve& curve, double x, Dtype dtype) {
  switch (curve.form) {
    case Curve::Form::affine: return curve.a * x + curve.b;
    case Curve::Form::power: return exact::pow(std::max(x, 0.0), curve.a);
    case Curve::Form::solarize: return x >= curve.a ? 1 - x : x;
    case Curve::Form::quantize: return quantized(x, static_cast<int>(curve.a), dtype);
    case Curve::Form::levels: {
      const auto& table = *curve.table;
      const double at = std::nearbyint(clamped(x) * static_cast<double>(table.size() - 1));
      return static_cast<double>(table[static_cast<std::size_t>(at)]);
    }
  }
  return x;
}

double LevelFunction::from(std::size_t first, double x) const {
  for (std::size_t i = first; i < parts.size(); ++i) {
    const Part& part = parts[i];
    if (part.round_first) x = rounded(x, dtype);
    x = curve_at(part.curve, x, dtype);
    if (part.clamp) x = clamped(x);
  }
  return x;
}

void LevelFunction::of_levels(std::size_t first, std::span<double> out) const {
  const double scale = full_scale(dtype);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(first + i) / scale;
  for (const Part& part : parts) {
    if (part.round_first)
      for (double& x : out) x = rounded(x, dtype);
    const double a = part.curve.a, b = part.curve.b;
    switch (part.curve.form) {
      case Curve::Form::affine:
        for (double& x : out) x = a * x + b;
        break;
      case Curve::Form::solarize:
        for (double& x : out) x = x >= a ? 1 - x : x;
        break;
      case Curve::Form::power:
        for (double& x : out) x = std::max(x, 0.0);
        exact::raise_to(a, out);
        break;
      default:
        for (double& x : out) x = curve_at(part.curve, x, dtype);
    }
    if (part.clamp)
      for (double& x : out) x = clamped(x);
  }
}

bool LevelFunction::same_as(const LevelFunction& other) const {
  return std::equal(parts.begin(), parts.end(), other.parts.begin(), other.parts.end(), [](const Part& a, const Part& b) {
    return a.round_first == b.round_first && a.clamp == b.clamp && same(a.curve, b.curve);
  });
}

PointRun::LookUp PointRun::look_up(const std::array<LevelFunction, 4>& functions, bool to_levels) {
  LookUp op{{}, functions, shape_.colour_channels(), to_levels};
  const std::size_t levels = shape_.dtype == Dtype::u8 ? 256 : 65536;
  for (int c = 0; c < op.colours; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    const LevelFunction& function = functions[channel];
    if (function.parts.empty() || levels > samples_) continue;
    for (std::size_t earlier = 0; earlier < channel && !op.table[channel]; ++earlier)
      if (function.same_as(functions[earlier])) op.table[channel] = op.table[earlier];
    if (op.table[channel]) continue;
    float* table = arena_.take<float>(levels);
    std::array<double, 256> values{};
    for (std::size_t first = 0; first < levels; first += values.size()) {
      if (!bytes_) function.of_levels(first, values);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (bytes_) values[i] = (*bytes_)[channel][i] / 255.0;  // computed already
        else if (to_levels) values[i] = rounded(clamped(values[i]), stored_);
        table[first + i] = static_cast<float>(values[i]);
      }
    }
    op.table[channel] = table;
  }
  return op;
}

void PointRun::make_bytes(const std::array<LevelFunction, 4>& functions) {
  bytes_ = std::make_unique<std::array<kernels::ByteTable, 4>>();
  // An alpha passes through: it has no part.
  for (std::size_t c = 0; c < 4; ++c) {
    if (c > 0 && functions[c].same_as(functions[c - 1])) {
      (*bytes_)[c] = (*bytes_)[c - 1];
      continue;
    }
    std::array<double, 256> values{};
    functions[c].of_levels(0, values);
    for (std::size_t level = 0; level < values.size(); ++level)
      (*bytes_)[c][level] = static_cast<std::uint8_t>(nearest(clamped(values[level]) * 255));
  }
}

void PointRun::run(const LookUp& op, int count, const Planes& planes) const {
  const double scale = full_scale(shape_.dtype);
  const int levels = shape_.dtype == Dtype::u8 ? 256 : 65536;
  for (std::size_t c = 0; c < static_cast<std::size_t>(op.colours); ++c) {
    const LevelFunction& function = op.function[c];
    float* values = planes.channel[c];
    if (op.table[c]) {
      kernels::look_up(values, count, op.table[c], levels, false);
    } else if (!function.parts.empty()) {
      for (int i = 0; i < count; ++i) {
        const double level = std::nearbyint(clamped(static_cast<double>(values[i])) * scale);
        const double v = function.at(level / scale);
        values[i] = static_cast<float>(op.to_levels ? rounded(clamped(v), stored_) : v);
      }
    }
  }
}

}  // namespace leaven::plan::fast

#include "ops/image/color_axes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/elementary.hpp"

namespace leaven::ops {
namespace {

template <class Change>
void each(const ColorRow& row, const Change& change) {
  for (int x = 0; x < row.count; ++x) change(row.a[x], row.b[x], row.c[x]);
}

float unit(float v) { return std::min(std::max(v, 0.0f), 1.0f); }

// Hue of a turn: 0 where all three are equal.
float hue_of(float r, float g, float b, float most, float range) {
  if (range <= 0) return 0;
  const float sextant = most == r ? (g - b) / range : most == g ? 2 + (b - r) / range : 4 + (r - g) / range;
  const float turn = sextant / 6;
  return turn < 0 ? turn + 1 : turn;
}

// The pure colour of a hue, each channel in [0, 1].
std::array<float, 3> pure(float hue) {
  const float h = 6 * (hue - std::floor(hue));
  return {unit(std::fabs(h - 3) - 1), unit(2 - std::fabs(h - 2)), unit(2 - std::fabs(h - 4))};
}

// values^exponent for the row, 0 for what is not above 0.
void power(float* values, int count, float exponent) {
  std::vector<float> logs(static_cast<std::size_t>((count + 63) / 64 * 64), 1.0f);
  for (int x = 0; x < count; ++x) logs[static_cast<std::size_t>(x)] = std::max(values[x], 1e-30f);
  kernels::log2_run(logs.data(), static_cast<std::size_t>(count));
  for (float& v : logs) v *= exponent;
  kernels::exp2_run(logs.data(), static_cast<std::size_t>(count));
  for (int x = 0; x < count; ++x) values[x] = values[x] > 0 ? logs[static_cast<std::size_t>(x)] : 0;
}

void linearize(float* values, int count) {
  std::vector<float> curved(static_cast<std::size_t>((count + 63) / 64 * 64));
  for (int x = 0; x < count; ++x) curved[static_cast<std::size_t>(x)] = (values[x] + 0.055f) / 1.055f;
  power(curved.data(), count, 2.4f);
  for (int x = 0; x < count; ++x)
    values[x] = values[x] <= 0.04045f ? values[x] / 12.92f : curved[static_cast<std::size_t>(x)];
}

void delinearize(float* values, int count) {
  std::vector<float> curved(static_cast<std::size_t>((count + 63) / 64 * 64));
  std::copy_n(values, count, curved.begin());
  power(curved.data(), count, 1 / 2.4f);
  for (int x = 0; x < count; ++x)
    values[x] = values[x] <= 0.0031308f ? 12.92f * values[x] : 1.055f * curved[static_cast<std::size_t>(x)] - 0.055f;
}

// CIE's f: the cube root, straight near black; (6/29)³ and 1/3·(29/6)².
constexpr float kStraight = 0.008856452f, kSlope = 7.787037f, kFoot = 4.0f / 29;
void compress(float* values, int count) {
  std::vector<float> roots(static_cast<std::size_t>((count + 63) / 64 * 64));
  std::copy_n(values, count, roots.begin());
  power(roots.data(), count, 1 / 3.0f);
  for (int x = 0; x < count; ++x)
    values[x] = values[x] > kStraight ? roots[static_cast<std::size_t>(x)] : kSlope * values[x] + kFoot;
}
float expanded(float f) { return f > 6.0f / 29 ? f * f * f : (f - kFoot) / kSlope; }

// The white point D65 for the 2° observer.
constexpr float kWhiteX = 0.95047f, kWhiteZ = 1.08883f;

}  // namespace

void rgb_to_hsv(const ColorRow& row) {
  each(row, [](float& r, float& g, float& b) {
    const float most = std::max({r, g, b}), range = most - std::min({r, g, b});
    const float hue = hue_of(r, g, b, most, range);
    r = hue, g = most > 0 ? range / most : 0, b = most;
  });
}

void hsv_to_rgb(const ColorRow& row) {
  each(row, [](float& h, float& s, float& v) {
    const std::array<float, 3> colour = pure(h);
    const float least = v * (1 - s), range = v - least;
    h = least + range * colour[0], s = least + range * colour[1], v = least + range * colour[2];
  });
}

void rgb_to_hls(const ColorRow& row) {
  each(row, [](float& r, float& g, float& b) {
    const float most = std::max({r, g, b}), least = std::min({r, g, b}), range = most - least;
    const float light = (most + least) / 2, hue = hue_of(r, g, b, most, range);
    const float room = 1 - std::fabs(2 * light - 1);
    r = hue, g = light, b = room > 0 ? unit(range / room) : 0;
  });
}

void hls_to_rgb(const ColorRow& row) {
  each(row, [](float& h, float& l, float& s) {
    const std::array<float, 3> colour = pure(h);
    const float range = s * (1 - std::fabs(2 * l - 1)), least = l - range / 2;
    h = least + range * colour[0], l = least + range * colour[1], s = least + range * colour[2];
  });
}

void rgb_to_lab(const ColorRow& row) {
  for (float* channel : {row.a, row.b, row.c}) linearize(channel, row.count);
  each(row, [](float& r, float& g, float& b) {
    const float x = 0.4124564f * r + 0.3575761f * g + 0.1804375f * b, y = 0.2126729f * r + 0.7151522f * g + 0.0721750f * b,
                z = 0.0193339f * r + 0.1191920f * g + 0.9503041f * b;
    r = x / kWhiteX, g = y, b = z / kWhiteZ;
  });
  for (float* channel : {row.a, row.b, row.c}) compress(channel, row.count);
  each(row, [](float& x, float& y, float& z) {
    const float light = 1.16f * y - 0.16f, a = 500 * (x - y), b = 200 * (y - z);
    x = light, y = (a + 128) / 255, z = (b + 128) / 255;
  });
}

void lab_to_rgb(const ColorRow& row) {
  each(row, [](float& l, float& a, float& b) {
    const float fy = (l + 0.16f) / 1.16f, fx = fy + (a * 255 - 128) / 500, fz = fy - (b * 255 - 128) / 200;
    const float x = kWhiteX * expanded(fx), y = expanded(fy), z = kWhiteZ * expanded(fz);
    l = 3.2404542f * x - 1.5371385f * y - 0.4985314f * z;
    a = -0.9692660f * x + 1.8760108f * y + 0.0415560f * z;
    b = 0.0556434f * x - 0.2040259f * y + 1.0572252f * z;
  });
  for (float* channel : {row.a, row.b, row.c}) delinearize(channel, row.count);
}

void rgb_to_ycbcr(const ColorRow& row) {
  each(row, [](float& r, float& g, float& b) {
    const float y = 0.299f * r + 0.587f * g + 0.114f * b, blue = (b - y) / 1.772f + 0.5f, red = (r - y) / 1.402f + 0.5f;
    r = y, g = blue, b = red;
  });
}

void ycbcr_to_rgb(const ColorRow& row) {
  each(row, [](float& y, float& blue, float& red) {
    const float r = y + 1.402f * (red - 0.5f), b = y + 1.772f * (blue - 0.5f);
    const float g = (y - 0.299f * r - 0.114f * b) / 0.587f;
    y = r, blue = g, red = b;
  });
}

}  // namespace leaven::ops

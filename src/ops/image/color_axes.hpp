// Colour spaces, row by row; every channel in [0, 1].
#pragma once

namespace leaven::ops {

/// Three channels of one row, changed in place.
struct ColorRow {
  float *a, *b, *c;
  int count;
};

/// Hue of a turn, 0 where there is none; saturation and value.
void rgb_to_hsv(const ColorRow& row);
void hsv_to_rgb(const ColorRow& row);
/// Hue, lightness, saturation.
void rgb_to_hls(const ColorRow& row);
void hls_to_rgb(const ColorRow& row);
/// CIE 1976 L*a*b* of sRGB (IEC 61966-2-1) under D65: L*/100, (a* + 128)/255, (b* + 128)/255.
void rgb_to_lab(const ColorRow& row);
void lab_to_rgb(const ColorRow& row);
/// Full range, ITU-T T.871.
void rgb_to_ycbcr(const ColorRow& row);
void ycbcr_to_rgb(const ColorRow& row);

}  // namespace leaven::ops

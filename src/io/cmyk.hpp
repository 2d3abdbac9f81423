// Naive ink to light, the way Pillow's convert("RGB") does it: no profile, black taken off after the colour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace leaven::io {

/// round(a × b / full) in integers; `full` is the type's greatest value.
constexpr std::uint8_t scaled_product(std::uint8_t a, std::uint8_t b) {
  const unsigned t = static_cast<unsigned>(a) * b + 128;
  return static_cast<std::uint8_t>(((t >> 8) + t) >> 8);
}
constexpr std::uint16_t scaled_product(std::uint16_t a, std::uint16_t b) {
  const std::uint64_t t = std::uint64_t{a} * b + 32768;
  return static_cast<std::uint16_t>(((t >> 16) + t) >> 16);
}

/// One row. `inverted`: the file stores 255 − ink, as Adobe's programs write JPEGs.
template <class T>
void cmyk_to_rgb(const T* cmyk, T* rgb, std::size_t pixels, bool inverted) {
  constexpr T kFull = std::numeric_limits<T>::max();
  for (std::size_t i = 0; i < pixels; ++i, cmyk += 4, rgb += 3) {
    const T light = inverted ? cmyk[3] : static_cast<T>(kFull - cmyk[3]);
    for (int c = 0; c < 3; ++c) {
      const T ink = inverted ? static_cast<T>(kFull - cmyk[c]) : cmyk[c];
      rgb[c] = static_cast<T>(light - scaled_product(ink, light));
    }
  }
}

}  // namespace leaven::io

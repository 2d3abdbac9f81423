#include "kernels/webp_round_trip.hpp"

#include <webp/decode.h>
#include <webp/encode.h>

#include <memory>
#include <string>

#include "core/error.hpp"

namespace leaven::kernels {

namespace {

struct Free {
  void operator()(std::uint8_t* p) const { WebPFree(p); }
};

}  // namespace

void webp_round_trip(std::vector<std::uint8_t>& rgb, int width, int height, double quality) {
  if (width > WEBP_MAX_DIMENSION || height > WEBP_MAX_DIMENSION)
    throw usage_error("WebP holds at most 16383 px a side, got " + std::to_string(width) + "×" +
                      std::to_string(height));
  std::uint8_t* file = nullptr;
  const std::size_t size = WebPEncodeRGB(rgb.data(), width, height, 3 * width, static_cast<float>(quality), &file);
  const std::unique_ptr<std::uint8_t, Free> owned(file);
  if (size == 0 || !WebPDecodeRGBInto(file, size, rgb.data(), rgb.size(), 3 * width))
    throw environment_error("WebP compression in memory failed");
}

}  // namespace leaven::kernels

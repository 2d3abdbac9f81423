#include <cstddef>
#include <cstdint>
#include <span>

#include "fuzz/decode_image.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  leaven::fuzz::decode_image(std::as_bytes(std::span(data, size)));
  return 0;
}

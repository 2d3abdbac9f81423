// Pixels on their way from memory before they are read: hardware follows a stream only as far as the end of a page of 4 KiB,
// and a picture that another thread decoded lies outside the core's own caches.
#pragma once

#include <cstddef>

namespace leaven::kernels {

/// Bytes ahead of those that are computed: a page, as far as the hardware does not look.
inline constexpr std::size_t kPrefetchAhead = 4096;

/// A hint, which may point anywhere.
inline void prefetch(const void* address) { __builtin_prefetch(address); }

/// All lines of `bytes` bytes.
inline void prefetch(const std::byte* from, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  for (std::size_t i = 0; i < bytes; i += kLine) prefetch(from + i);
}

}  // namespace leaven::kernels

#include "kernels/moves.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/moves.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// As many whole pixels as fit into 16 bytes (5 of 3 bytes) turned round by one shuffle.
template <int kSize, int kPixels>
void reverse_shuffled(const std::byte* last, std::size_t count, std::byte* out) {
  const hn::FixedTag<std::uint8_t, 16> d;
  HWY_ALIGN std::uint8_t order[16];
  constexpr int kUsed = kSize * kPixels;
  for (int i = 0; i < 16; ++i)
    // What the next store overwrites anyway takes any byte.
    order[i] = static_cast<std::uint8_t>(i < kUsed ? (kPixels - 1 - i / kSize) * kSize + i % kSize + (16 - kUsed) : 0);
  const auto shuffle = hn::Load(d, order);
  std::size_t i = 0;
  // The load reaches 16 − kUsed bytes before the pixels used, the store as many behind: both must exist.
  for (; (i + kPixels) * kSize + (16 - kUsed) <= count * kSize; i += kPixels) {
    const std::byte* first = last - (i + kPixels - 1) * kSize - (16 - kUsed);
    const auto v = hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(first));
    hn::StoreU(hn::TableLookupBytes(v, shuffle), d, reinterpret_cast<std::uint8_t*>(out + i * kSize));
  }
  for (; i < count; ++i) std::memcpy(out + i * kSize, last - i * kSize, kSize);
}

template <int kSize>
void reverse_plain(const std::byte* last, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * kSize, last - i * kSize, kSize);
}

void reverse(const std::byte* last, int size, std::size_t count, std::byte* out) {
  switch (size) {
    case 1: return reverse_shuffled<1, 16>(last, count, out);
    case 2: return reverse_shuffled<2, 8>(last, count, out);
    case 3: return reverse_shuffled<3, 5>(last, count, out);
    case 4: return reverse_shuffled<4, 4>(last, count, out);
    case 6: return reverse_shuffled<6, 2>(last, count, out);
    case 8: return reverse_shuffled<8, 2>(last, count, out);
    case 12: return reverse_plain<12>(last, count, out);
    default: return reverse_plain<16>(last, count, out);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(reverse);

namespace {

template <int kSize>
void transpose(const std::byte* const* rows, std::ptrdiff_t column, int step, std::size_t count, int height,
               std::byte* out, std::ptrdiff_t stride) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::byte* from = rows[i] + column * kSize;
    std::byte* to = out + i * kSize;
    for (int r = 0; r < height; ++r) std::memcpy(to + r * stride, from + std::ptrdiff_t{r} * step * kSize, kSize);
  }
}

template <int kSize>
void gather(const std::byte* row, const std::int32_t* index, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * kSize, row + std::ptrdiff_t{index[i]} * kSize, kSize);
}

}  // namespace

void copy_backward(const std::byte* last, int size, std::size_t count, std::byte* out) {
  HWY_DYNAMIC_DISPATCH(reverse)(last, size, count, out);
}

void repeat_pixel(const std::byte* pixel, int size, std::size_t count, std::byte* out) {
  const std::size_t bytes = count * static_cast<std::size_t>(size);
  std::size_t done = std::min(bytes, static_cast<std::size_t>(size));
  std::memcpy(out, pixel, done);
  while (done < bytes) {  // doubles what stands there
    const std::size_t more = std::min(done, bytes - done);
    std::memcpy(out + done, out, more);
    done += more;
  }
}

void copy_indexed(const std::byte* row, const std::int32_t* index, int size, std::size_t count, std::byte* out) {
  with_pixel_size(size, [&]<int kSize>() { gather<kSize>(row, index, count, out); });
}

void copy_transposed(const std::byte* const* rows, std::ptrdiff_t column, int step, int size, std::size_t count, int height,
                     std::byte* out, std::ptrdiff_t stride) {
  with_pixel_size(size, [&]<int kSize>() { transpose<kSize>(rows, column, step, count, height, out, stride); });
}

}  // namespace leaven::kernels
#endif

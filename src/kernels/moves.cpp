#include "kernels/moves.hpp"

#include <algorithm>
#include <array>
#include <cstring>

// Of the targets, only this one moves bytes anywhere within 64 (VBMI).
#define HWY_WANT_AVX3_DL
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/moves.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/prefetch.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// For a shuffle of `kBytes`: the whole pixels that fit in, turned round, at the end; what stands before them the next
/// store overwrites.
template <int kSize, int kBytes>
constexpr std::array<std::uint8_t, kBytes> turned_round() {
  constexpr int kPixels = kBytes / kSize, kUnused = kBytes - kPixels * kSize;
  std::array<std::uint8_t, kBytes> order{};
  for (int i = kUnused; i < kBytes; ++i) {
    const int byte = i - kUnused;
    order[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((kPixels - 1 - byte / kSize) * kSize + byte % kSize);
  }
  return order;
}

/// Reads forwards and writes backwards, as rows are read one after the other: that the memory foresees.
template <int kSize>
void reverse_shuffled(const std::byte* last, std::size_t count, std::byte* out) {
  if (count == 0) return;
  const std::size_t bytes = count * kSize;
  const std::byte* in = last - (count - 1) * kSize;
  std::size_t done = 0;  // bytes read
#if HWY_TARGET == HWY_AVX3_DL
  alignas(64) static constexpr auto kWide = turned_round<kSize, 64>();
  const __m512i wide = _mm512_load_si512(kWide.data());
  // A load reaches over the pixels used, a store before them: what is there must be the row's.
  for (; done + 64 <= bytes; done += 64 / kSize * kSize) {
    prefetch(in + done + kPrefetchAhead);
    _mm512_storeu_si512(out + (bytes - done - 64), _mm512_permutexvar_epi8(wide, _mm512_loadu_si512(in + done)));
  }
#endif
  const hn::FixedTag<std::uint8_t, 16> d;
  alignas(16) static constexpr auto kOrder = turned_round<kSize, 16>();
  const auto order = hn::Load(d, kOrder.data());
  for (; done + 16 <= bytes; done += 16 / kSize * kSize) {
    if (done % 64 < 16) prefetch(in + done + kPrefetchAhead);
    const auto v = hn::LoadU(d, reinterpret_cast<const std::uint8_t*>(in + done));
    hn::StoreU(hn::TableLookupBytes(v, order), d, reinterpret_cast<std::uint8_t*>(out + (bytes - done - 16)));
  }
  for (; done < bytes; done += kSize) std::memcpy(out + (bytes - done - kSize), in + done, kSize);
}

template <int kSize>
void reverse_plain(const std::byte* last, std::size_t count, std::byte* out) {
  for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * kSize, last - i * kSize, kSize);
}

void reverse(const std::byte* last, int size, std::size_t count, std::byte* out) {
  switch (size) {
    case 1: return reverse_shuffled<1>(last, count, out);
    case 2: return reverse_shuffled<2>(last, count, out);
    case 3: return reverse_shuffled<3>(last, count, out);
    case 4: return reverse_shuffled<4>(last, count, out);
    case 6: return reverse_shuffled<6>(last, count, out);
    case 8: return reverse_shuffled<8>(last, count, out);
    case 12: return reverse_plain<12>(last, count, out);
    default: return reverse_plain<16>(last, count, out);
  }
}

void reverse_rows(const std::byte* const* last, int rows, int size, std::size_t count, std::byte* out, std::size_t stride) {
  for (int r = 0; r < rows; ++r, out += stride) reverse(last[r], size, count, out);
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(reverse);
HWY_EXPORT(reverse_rows);

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

void copy_rows_backward(const std::byte* const* last, int rows, int size, std::size_t count, std::byte* out, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(reverse_rows)(last, rows, size, count, out, stride);
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

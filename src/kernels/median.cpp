#include "kernels/median.hpp"

#include <array>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/median.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef LEAVEN_KERNELS_MEDIAN_NETWORKS
#define LEAVEN_KERNELS_MEDIAN_NETWORKS
namespace leaven::kernels {

using Exchange = std::pair<std::size_t, std::size_t>;

/// Exchanges after which entry 4 of 9 is the median (Smith 1996).
inline constexpr std::array<Exchange, 19> kMedianOf9{{{1, 2},
                                                      {4, 5},
                                                      {7, 8},
                                                      {0, 1},
                                                      {3, 4},
                                                      {6, 7},
                                                      {1, 2},
                                                      {4, 5},
                                                      {7, 8},
                                                      {0, 3},
                                                      {5, 8},
                                                      {4, 7},
                                                      {3, 6},
                                                      {1, 4},
                                                      {2, 5},
                                                      {4, 7},
                                                      {4, 2},
                                                      {6, 4},
                                                      {4, 2}}};
/// And entry 12 of 25 (Devillard 1998).
inline constexpr std::array<Exchange, 99> kMedianOf25{
    {{0, 1},   {3, 4},   {2, 4},   {2, 3},   {6, 7},   {5, 7},   {5, 6},   {9, 10},  {8, 10},  {8, 9},   {12, 13},
     {11, 13}, {11, 12}, {15, 16}, {14, 16}, {14, 15}, {18, 19}, {17, 19}, {17, 18}, {21, 22}, {20, 22}, {20, 21},
     {23, 24}, {2, 5},   {3, 6},   {0, 6},   {0, 3},   {4, 7},   {1, 7},   {1, 4},   {11, 14}, {8, 14},  {8, 11},
     {12, 15}, {9, 15},  {9, 12},  {13, 16}, {10, 16}, {10, 13}, {20, 23}, {17, 23}, {17, 20}, {21, 24}, {18, 24},
     {18, 21}, {19, 22}, {8, 17},  {9, 18},  {0, 18},  {0, 9},   {10, 19}, {1, 19},  {1, 10},  {11, 20}, {2, 20},
     {2, 11},  {12, 21}, {3, 21},  {3, 12},  {13, 22}, {4, 22},  {4, 13},  {14, 23}, {5, 23},  {5, 14},  {15, 24},
     {6, 24},  {6, 15},  {7, 16},  {7, 19},  {13, 21}, {15, 23}, {7, 13},  {7, 15},  {1, 9},   {3, 11},  {5, 17},
     {11, 17}, {9, 17},  {4, 10},  {6, 12},  {7, 14},  {4, 6},   {4, 7},   {12, 14}, {10, 14}, {6, 7},   {10, 12},
     {6, 10},  {6, 17},  {12, 17}, {7, 17},  {7, 10},  {12, 18}, {7, 12},  {10, 18}, {12, 20}, {10, 20}, {10, 12}}};

}  // namespace leaven::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <const auto& kExchanges, class V, std::size_t... kIndex>
HWY_INLINE void exchange_all(V* v, std::index_sequence<kIndex...>) {
  const auto exchange = [&](std::size_t a, std::size_t b) HWY_ATTR {
    const V low = hn::Min(v[a], v[b]);
    v[b] = hn::Max(v[a], v[b]);
    v[a] = low;
  };
  (exchange(kExchanges[kIndex].first, kExchanges[kIndex].second), ...);
}

template <int kSide, const auto& kExchanges, class T>
HWY_INLINE void by_network(const T* const* rows, int step, std::size_t count, T* out) {
  const hn::ScalableTag<T> d;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    hn::Vec<decltype(d)> v[kSide * kSide];
    for (int j = 0; j < kSide; ++j)
      for (int k = 0; k < kSide; ++k) v[j * kSide + k] = hn::LoadU(d, rows[j] + i + k * step);
    exchange_all<kExchanges>(v, std::make_index_sequence<kExchanges.size()>());
    hn::StoreU(v[kSide * kSide / 2], d, out + i);
  }
}

/// Bit by bit from the highest: the median is the largest level that at most half of the values lie below.
void by_bits(const std::uint8_t* const* rows, int side, int step, std::size_t count, std::uint8_t* out) {
  const hn::ScalableTag<std::uint8_t> d;
  const auto half = hn::Set(d, static_cast<std::uint8_t>(side * side / 2));
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    auto level = hn::Zero(d);
    for (int bit = 7; bit >= 0; --bit) {
      const auto higher = hn::Or(level, hn::Set(d, static_cast<std::uint8_t>(1 << bit)));
      auto below = hn::Zero(d);
      for (int j = 0; j < side; ++j)
        for (int k = 0; k < side; ++k)
          below = hn::Sub(below, hn::VecFromMask(d, hn::Lt(hn::LoadU(d, rows[j] + i + k * step), higher)));
      level = hn::IfThenElse(hn::Lt(half, below), level, higher);
    }
    hn::StoreU(level, d, out + i);
  }
}

template <class T>
HWY_INLINE void small(const T* const* rows, int side, int step, std::size_t count, T* out) {
  if (side == 3)
    by_network<3, kMedianOf9>(rows, step, count, out);
  else
    by_network<5, kMedianOf25>(rows, step, count, out);
}
void bytes(const std::uint8_t* const* rows, int side, int step, std::size_t count, std::uint8_t* out) {
  if (side > 5) return by_bits(rows, side, step, count, out);
  small(rows, side, step, count, out);
}
void words(const std::uint16_t* const* rows, int side, int step, std::size_t count, std::uint16_t* out) {
  small(rows, side, step, count, out);
}
void floats(const float* const* rows, int side, int step, std::size_t count, float* out) {
  small(rows, side, step, count, out);
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(bytes);
HWY_EXPORT(words);
HWY_EXPORT(floats);

void median_row(const std::uint8_t* const* rows, int side, int step, std::size_t count, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(bytes)(rows, side, step, count, out);
}
void median_row(const std::uint16_t* const* rows, int side, int step, std::size_t count, std::uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(words)(rows, side, step, count, out);
}
void median_row(const float* const* rows, int side, int step, std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(floats)(rows, side, step, count, out);
}

}  // namespace leaven::kernels
#endif

#include "kernels/cell_noise.hpp"

#include <algorithm>
#include <cstddef>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_noise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cell_runs_inl.hpp"
#include "kernels/noise_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

// Four vectors of rows together, a block each.
constexpr std::size_t kVectors = 4, kPairs = kVectors / 2;
constexpr std::size_t kRowsTogether = kVectors * hn::MaxLanes(Lane64());

/// Round keys of as many streams, one a lane.
struct LaneKeys {
  Vec64 low[kVectors], high[kVectors];

  HWY_INLINE Vec64 even(std::size_t, std::size_t v) { return next(low[v], 0x9E3779B9u); }
  HWY_INLINE Vec64 odd(std::size_t, std::size_t v) { return next(high[v], 0xBB67AE85u); }

 private:
  static HWY_INLINE Vec64 next(Vec64& key, std::uint64_t step) {
    const Vec64 now = key;
    key = hn::Add(key, hn::Set(Lane64(), step));
    return now;
  }
};

/// words[w][p]: word w of block `group` of the streams of a pair of vectors.
HWY_INLINE void words_of_rows(const Key* keys, std::uint32_t group, Vec32 (&words)[4][kPairs]) {
  const Lane64 d;
  LaneKeys lanes;
  Vec64 word[kVectors][4];
  for (std::size_t v = 0; v < kVectors; ++v) {
    static_assert(sizeof(Key) == 2 * sizeof(std::uint64_t) && offsetof(Key, low) == 0);
    Vec64 key_low, key_high;
    hn::LoadInterleaved2(d, reinterpret_cast<const std::uint64_t*>(keys + v * hn::MaxLanes(d)), key_low, key_high);
    lanes.low[v] = key_low;
    lanes.high[v] = hn::ShiftRight<32>(key_low);
    word[v][0] = hn::Set(d, std::uint64_t{group});
    word[v][1] = hn::Zero(d);
    word[v][2] = key_high;
    word[v][3] = hn::ShiftRight<32>(key_high);
  }
  philox_rounds(word, lanes);
  for (std::size_t p = 0; p < kPairs; ++p)
    for (std::size_t w = 0; w < 4; ++w) words[w][p] = words_of(word[2 * p], word[2 * p + 1], w);
}

HWY_INLINE VecFloat uniform_of(Vec32 word) {
  const LaneFloat d;
  return hn::Mul(hn::ConvertTo(d, hn::BitCast(hn::RebindToSigned<LaneFloat>(), word)), hn::Set(d, 0x1p-31f));
}

/// By the inverse of the distribution: 23 bits give the size, the highest one the sign.
template <std::size_t kCount>
HWY_INLINE void laplaces_of(const Vec32 (&words)[kCount], VecFloat (&numbers)[kCount]) {
  const LaneFloat d;
  const Lane32 du;
  const hn::RebindToSigned<LaneFloat> di;
  VecFloat exponent[kCount], f[kCount], p[kCount];
  for (std::size_t k = 0; k < kCount; ++k) {
    const auto steps = hn::ConvertTo(d, hn::BitCast(di, hn::And(hn::ShiftRight<8>(words[k]), hn::Set(du, 0x7fffffu))));
    exponent[k] = log2_parts(d, hn::Mul(hn::Add(steps, hn::Set(d, 0.5f)), hn::Set(d, 0x1p-23f)), f[k]);
  }
  polynomials(d, f, kLog2Terms, p);
  for (std::size_t k = 0; k < kCount; ++k) {
    const VecFloat size = hn::Mul(hn::Add(exponent[k], hn::Mul(f[k], p[k])), hn::Set(d, -0.490129072f));
    numbers[k] = hn::BitCast(d, hn::Xor(hn::BitCast(du, size), hn::And(words[k], hn::Set(du, 0x80000000u))));
  }
}

HWY_INLINE void numbers_of(CellLaw law, const Vec32 (&words)[4][kPairs], VecFloat (&numbers)[4][kPairs]) {
  if (law == CellLaw::normal) {
    static_assert(kPairs == 2);
    const Vec32 first[]{words[0][0], words[0][1], words[2][0], words[2][1]}, second[]{words[1][0], words[1][1], words[3][0], words[3][1]};
    VecFloat along[4], across[4];
    normals_of(first, second, along, across);
    for (std::size_t p = 0; p < kPairs; ++p) {
      numbers[0][p] = along[p], numbers[1][p] = across[p];
      numbers[2][p] = along[2 + p], numbers[3][p] = across[2 + p];
    }
    return;
  }
  for (std::size_t w = 0; w < 4; ++w) {
    if (law == CellLaw::laplace) laplaces_of(words[w], numbers[w]);
    else
      for (std::size_t p = 0; p < kPairs; ++p) numbers[w][p] = uniform_of(words[w][p]);
  }
}

/// Noise of the rows from `first` on in one column.
HWY_INLINE void shift_cells(const NoisyColumn& noisy, const NoiseAmount& amount, const double* amounts, const float* noise, std::size_t first, std::size_t rows) {
  const CellTag d;
  const hn::Rebind<float, CellTag> df;
  const CellColumn column{noisy.steps, noisy.numbers, noisy.missing, noisy.changed};
  const auto noise_at = [&](std::size_t i) HWY_ATTR { return hn::PromoteTo(d, hn::Load(df, noise + (i - first))); };
  if (amount.rows.empty() && !amount.of_value) {
    const auto size = hn::Set(d, amount.same * noisy.unit);
    if (amount.same * noisy.unit != 0) change_cells(column, first, first + rows, [&](std::size_t i, auto x) HWY_ATTR { return hn::Add(x, hn::Mul(size, noise_at(i))); }, AllMove());
    return;
  }
  const auto unit = hn::Set(d, noisy.unit);
  const auto size_of = [&](std::size_t i, auto x) HWY_ATTR {
    const auto size = hn::Mul(hn::Load(d, amounts + (i - first)), unit);
    return amount.of_value ? hn::Mul(size, x) : size;
  };
  change_cells(
      column, first, first + rows, [&](std::size_t i, auto x) HWY_ATTR { return hn::Add(x, hn::Mul(size_of(i, x), noise_at(i))); },
      [&](std::size_t i, auto x) HWY_ATTR { return hn::Ne(size_of(i, x), hn::Zero(d)); });
}

// Rows whose noise is drawn before their cells are changed: 30 KiB with the cells of four columns.
constexpr std::size_t kTile = 512;
static_assert(kTile % kRowsTogether == 0);

using Columns = std::array<NoisyColumn, kColumnsOfABlock>;
using TileNoise = std::array<std::array<float, kTile>, kColumnsOfABlock>;

/// Keys and cells that are soon to be read: while numbers are drawn memory has nothing else to do. A quarter of the time hangs on it.
HWY_INLINE void fetch_early(const Key* keys, const Columns& columns, std::size_t row) {
  constexpr std::size_t kAhead = kTile / 2, kLine = 64;
  for (std::size_t i = 0; i < kRowsTogether; i += kLine / sizeof(Key)) __builtin_prefetch(keys + kAhead + i, 0);
  for (const NoisyColumn& column : columns) {
    if (column.unit == 0) continue;
    for (std::size_t i = 0; i < kRowsTogether; i += kLine / sizeof(double)) __builtin_prefetch(column.numbers + row + kAhead + i, 1);
    __builtin_prefetch(column.missing + row + kAhead, 0);
    __builtin_prefetch(column.changed + row + kAhead, 1);
  }
}

/// noise[c] takes that of columns[c] in the rows of `keys`, the first of which is row `begin`.
HWY_INLINE void draw_noise(CellLaw law, std::span<const Key> keys, std::uint32_t group, const Columns& columns, std::size_t begin, TileNoise& noise) {
  const LaneFloat d;
  std::array<Key, kRowsTogether> last;
  for (std::size_t first = 0; first < keys.size(); first += kRowsTogether) {
    fetch_early(keys.data() + first, columns, begin + first);
    const Key* rows = keys.data() + first;
    if (keys.size() - first < kRowsTogether) {
      last = {};
      std::ranges::copy(keys.subspan(first), last.begin());
      rows = last.data();
    }
    Vec32 words[4][kPairs];
    VecFloat numbers[4][kPairs];
    words_of_rows(rows, group, words);
    numbers_of(law, words, numbers);
    for (std::size_t w = 0; w < 4; ++w)
      for (std::size_t p = 0; p < kPairs; ++p) hn::Store(numbers[w][p], d, noise[w].data() + first + p * hn::MaxLanes(d));
  }
}

void run_noise(CellLaw law, const NoiseAmount& amount, std::span<const Key> keys, std::uint32_t group, const Columns& columns) {
  alignas(64) std::array<double, kTile> amounts{};
  alignas(64) TileNoise noise;
  for (std::size_t begin = 0; begin < keys.size(); begin += kTile) {
    const std::size_t here = std::min(kTile, keys.size() - begin);
    draw_noise(law, keys.subspan(begin, here), group, columns, begin, noise);
    if (!amount.rows.empty()) std::ranges::copy(amount.rows.subspan(begin, here), amounts.begin());
    else if (amount.of_value) amounts.fill(amount.same);
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (columns[c].unit != 0) shift_cells(columns[c], amount, amounts.data(), noise[c].data(), begin, here);
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_noise);

void add_cell_noise(CellLaw law, const NoiseAmount& amount, std::span<const Key> keys, std::uint32_t group,
                    const std::array<NoisyColumn, kColumnsOfABlock>& columns) {
  HWY_DYNAMIC_DISPATCH(run_noise)(law, amount, keys, group, columns);
}

}  // namespace leaven::kernels
#endif

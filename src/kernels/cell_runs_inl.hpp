// Changing numbers of a table's cells in place, compiled once per SIMD target.

// Highway's guard for files that are included once per target.
#if defined(LEAVEN_KERNELS_CELL_RUNS_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef LEAVEN_KERNELS_CELL_RUNS_INL_HPP
#undef LEAVEN_KERNELS_CELL_RUNS_INL_HPP
#else
#define LEAVEN_KERNELS_CELL_RUNS_INL_HPP
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <type_traits>

#include <hwy/highway.h>

#include "kernels/cell_runs.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using CellTag = hn::CappedTag<double, 8>;
constexpr std::size_t kCellLanes = hn::MaxLanes(CellTag());

/// What is behind the cells' numbers.
struct CellColumn {
  double steps;
  double* numbers;
  const std::uint8_t* missing;
  std::uint8_t* changed;
};

/// That every cell is to change which is there and finite.
struct AllMove {
  template <class V>
  HWY_INLINE auto operator()(std::size_t, V x) const {
    return hn::Eq(x, x);
  }
};

/// Of a vector of cells, of which not all change, or not all are whole numbers of 1/steps that a double can tell apart.
template <class V, class M>
HWY_NOINLINE void change_some(const CellColumn& column, std::size_t i, std::size_t count, V value, M moves) {
  const CellTag d;
  const auto per_one = hn::Set(d, column.steps), whole = hn::Mul(value, per_one);
  const auto written = hn::IfThenElse(hn::Lt(hn::Abs(whole), hn::Set(d, 0x1p53)), hn::Div(hn::Round(whole), per_one), value);
  alignas(64) std::array<double, kCellLanes> made, moved;
  hn::Store(written, d, made.data());
  hn::Store(hn::IfThenElseZero(moves, hn::Set(d, 1.0)), d, moved.data());
  for (std::size_t k = 0; k < count; ++k)
    if (column.missing[i + k] == 0 && std::isfinite(column.numbers[i + k]) && moved[k] != 0) {
      column.numbers[i + k] = made[k];
      column.changed[i + k] = 1;
    }
}

/// Whether the vectors of cells from i on are all there and to change; then they are changed.
template <std::size_t kVectors, class Each, class Moves>
HWY_INLINE bool change_all(const CellColumn& column, std::size_t i, const Each& each, const Moves& moves) {
  const CellTag d;
  const auto per_one = hn::Set(d, column.steps), most = hn::Set(d, 0x1p53);
  using V = hn::Vec<CellTag>;
  constexpr std::size_t kCells = kVectors * kCellLanes;
  std::array<std::uint64_t, (kCells + 7) / 8> gaps{};
  std::memcpy(gaps.data(), column.missing + i, kCells);
  std::uint64_t any = 0;
  for (const std::uint64_t gap : gaps) any |= gap;
  V whole[kVectors];
  hn::Mask<CellTag> all[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) {
    const std::size_t at = i + v * kCellLanes;
    const V x = hn::LoadU(d, column.numbers + at);
    whole[v] = hn::Mul(each(at, x), per_one);
    all[v] = hn::Lt(hn::Abs(whole[v]), most);  // of a number that is not finite neither is `whole`
    if constexpr (!std::is_same_v<Moves, AllMove>) all[v] = hn::And(all[v], moves(at, x));
  }
  for (std::size_t v = 1; v < kVectors; ++v) all[0] = hn::And(all[0], all[v]);
  if (any != 0 || !hn::AllTrue(d, all[0])) return false;
  for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(hn::Div(hn::Round(whole[v]), per_one), d, column.numbers + i + v * kCellLanes);
  std::memset(column.changed + i, 1, kCells);
  return true;
}

/// Cells from `begin` to `end`: each(i, x) makes numbers of the vector of cells from i on, which may reach behind the end; moves(i, x)
/// tells which of them are to change.
template <class Each, class Moves>
HWY_INLINE void change_cells(const CellColumn& column, std::size_t begin, std::size_t end, const Each& each, const Moves& moves) {
  constexpr std::size_t kVectors = 4, kTogether = kVectors * kCellLanes;
  const CellTag d;
  for (std::size_t first = begin; first < end; first += kTogether) {
    const std::size_t last = std::min(end, first + kTogether);
    if (HWY_LIKELY(last - first == kTogether && change_all<kVectors>(column, first, each, moves))) continue;
    for (std::size_t i = first; i < last; i += kCellLanes) {
      const std::size_t here = std::min(kCellLanes, last - i);
      if (here == kCellLanes && change_all<1>(column, i, each, moves)) continue;
      alignas(64) std::array<double, kCellLanes> cells{};
      std::copy_n(column.numbers + i, here, cells.begin());
      const auto x = hn::Load(d, cells.data());
      change_some(column, i, here, each(i, x), moves(i, x));
    }
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // Highway's guard

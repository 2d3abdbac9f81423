#include "kernels/cell_runs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_runs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

constexpr std::size_t kRun = 64;
using Tag = hn::CappedTag<double, kRun>;

/// Rounded to whole numbers of 1/steps.
template <class V>
HWY_INLINE V as_written(V value, double steps) {
  const Tag d;
  const auto per_one = hn::Set(d, steps), whole = hn::Mul(value, per_one);
  return hn::IfThenElse(hn::Lt(hn::Abs(whole), hn::Set(d, 0x1p53)), hn::Div(hn::Round(whole), per_one), value);
}

/// Numbers of cells from what they hold: each(i, x) makes those of the vector of cells from i on.
template <class Each>
HWY_INLINE void make_run(const double* from, double* to, double steps, const Each& each) {
  const Tag d;
  for (std::size_t i = 0; i < kRun; i += hn::Lanes(d)) hn::StoreU(as_written(each(i, hn::LoadU(d, from + i)), steps), d, to + i);
}

/// Whether all of kRun are there and changed: finite, and moves(i, x) all true.
template <class Moves>
HWY_INLINE bool is_whole(const double* from, const std::uint8_t* missing, const Moves& moves) {
  const Tag d;
  std::array<std::uint64_t, kRun / 8> gaps;
  std::memcpy(gaps.data(), missing, kRun);
  std::uint64_t any = 0;
  for (const std::uint64_t gap : gaps) any |= gap;
  if (any != 0) return false;
  auto nothing = hn::Zero(d);  // x − x is 0 of what is finite, else NaN
  auto all = hn::Eq(nothing, nothing);
  for (std::size_t i = 0; i < kRun; i += hn::Lanes(d)) {
    const auto x = hn::LoadU(d, from + i);
    nothing = hn::Add(nothing, hn::Sub(x, x));
    all = hn::And(all, moves(i, x));
  }
  return hn::AllTrue(d, hn::And(all, hn::Eq(nothing, nothing)));
}

/// Lines of a run of cells that are soon to be changed.
HWY_INLINE void fetch_early(const double* numbers, const std::uint8_t* changed) {
  constexpr std::size_t kLine = 64 / sizeof(double);
  for (std::size_t i = 0; i < kRun; i += kLine) __builtin_prefetch(numbers + i, 1);
  __builtin_prefetch(changed, 1);
}

/// A run of which all is there, finite and changed is one pass; of another the cells are taken one by one. each(i, x) makes
/// numbers, moves(i, x) tells which of them are to change.
template <class Each, class Moves>
HWY_INLINE void in_runs(double* numbers, const std::uint8_t* missing, std::uint8_t* changed, std::size_t count, double steps, const Each& each,
                        const Moves& moves, std::size_t ahead = 0) {
  const Tag d;
  alignas(64) std::array<double, kRun> from, made, moved;
  for (std::size_t first = 0; first < count; first += kRun) {
    const std::size_t here = std::min(kRun, count - first);
    const auto each_here = [&](std::size_t i, auto x) HWY_ATTR { return each(first + i, x); };
    const auto moves_here = [&](std::size_t i, auto x) HWY_ATTR { return moves(first + i, x); };
    if (ahead != 0) fetch_early(numbers + first + ahead, changed + first + ahead);
    if (here == kRun && is_whole(numbers + first, missing + first, moves_here)) {
      make_run(numbers + first, numbers + first, steps, each_here);
      std::memset(changed + first, 1, kRun);
      continue;
    }
    from.fill(0);
    for (std::size_t k = 0; k < here; ++k)
      if (missing[first + k] == 0 && std::isfinite(numbers[first + k])) from[k] = numbers[first + k];
    make_run(from.data(), made.data(), steps, each_here);
    for (std::size_t i = 0; i < kRun; i += hn::Lanes(d))
      hn::Store(hn::IfThenElseZero(moves_here(i, hn::Load(d, from.data() + i)), hn::Set(d, 1.0)), d, moved.data() + i);
    for (std::size_t k = 0; k < here; ++k)
      if (missing[first + k] == 0 && std::isfinite(numbers[first + k]) && moved[k] != 0) {
        numbers[first + k] = made[k];
        changed[first + k] = 1;
      }
  }
}

void run_cells(const CellLine& line, double steps, double* numbers, const std::uint8_t* missing, std::uint8_t* changed, std::size_t count) {
  const Tag d;
  const auto shift = hn::Set(d, line.shift), unit = hn::Set(d, line.unit), factor = hn::Set(d, line.factor), offset = hn::Set(d, line.offset);
  in_runs(
      numbers, missing, changed, count, steps,
      [&](std::size_t, auto x) HWY_ATTR { return hn::Add(hn::Mul(hn::Div(hn::Sub(x, shift), unit), factor), offset); },
      [](std::size_t, auto x) HWY_ATTR { return hn::Eq(x, x); });
}

void run_shifts(const CellShift& shift, double steps, const double* amounts, const float* noise, double* numbers, const std::uint8_t* missing,
                std::uint8_t* changed, std::size_t count) {
  const Tag d;
  const hn::Rebind<float, Tag> df;
  const auto unit = hn::Set(d, shift.unit);
  const auto size_of = [&](std::size_t i, auto x) HWY_ATTR {
    const auto size = hn::Mul(hn::LoadU(d, amounts + i), unit);
    return shift.of_value ? hn::Mul(size, x) : size;
  };
  in_runs(
      numbers, missing, changed, count, steps,
      [&](std::size_t i, auto x) HWY_ATTR { return hn::Add(x, hn::Mul(size_of(i, x), hn::PromoteTo(d, hn::LoadU(df, noise + i)))); },
      [&](std::size_t i, auto x) HWY_ATTR { return hn::Ne(size_of(i, x), hn::Zero(d)); }, count);
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_cells);
HWY_EXPORT(run_shifts);

void map_cells(const CellLine& line, double steps, std::span<double> numbers, std::span<const std::uint8_t> missing, std::span<std::uint8_t> changed) {
  HWY_DYNAMIC_DISPATCH(run_cells)(line, steps, numbers.data(), missing.data(), changed.data(), numbers.size());
}

void shift_cells(const CellShift& shift, double steps, const CellAmounts& amounts, const CellNumbers& noise, std::span<double> numbers,
                 std::span<const std::uint8_t> missing, std::span<std::uint8_t> changed) {
  HWY_DYNAMIC_DISPATCH(run_shifts)(shift, steps, amounts.data(), noise.data(), numbers.data(), missing.data(), changed.data(), numbers.size());
}

}  // namespace leaven::kernels
#endif

#include "kernels/cell_runs.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_runs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

constexpr std::size_t kRun = 64;
using Tag = hn::CappedTag<double, kRun>;

/// kRun numbers; whether all were finite.
HWY_INLINE bool map_run(const CellLine& line, double steps, const double* from, double* to) {
  const Tag d;
  const auto shift = hn::Set(d, line.shift), unit = hn::Set(d, line.unit), factor = hn::Set(d, line.factor), offset = hn::Set(d, line.offset);
  const auto per_one = hn::Set(d, steps), most = hn::Set(d, 0x1p53);
  auto nothing = hn::Zero(d);  // x − x is 0 of what is finite, else NaN
  for (std::size_t i = 0; i < kRun; i += hn::Lanes(d)) {
    const auto x = hn::LoadU(d, from + i);
    nothing = hn::Add(nothing, hn::Sub(x, x));
    const auto value = hn::Add(hn::Mul(hn::Div(hn::Sub(x, shift), unit), factor), offset);
    const auto whole = hn::Mul(value, per_one);
    hn::StoreU(hn::IfThenElse(hn::Lt(hn::Abs(whole), most), hn::Div(hn::Round(whole), per_one), value), d, to + i);
  }
  return hn::AllTrue(d, hn::Eq(nothing, nothing));
}

/// A run of which all is there and finite is one pass; of another the cells are taken one by one.
void run_cells(const CellLine& line, double steps, double* numbers, const std::uint8_t* missing, std::uint8_t* changed, std::size_t count) {
  alignas(64) std::array<double, kRun> from, made;
  for (std::size_t i = 0; i < count; i += kRun) {
    const std::size_t here = std::min(kRun, count - i);
    std::uint8_t any_missing = 0;
    for (std::size_t k = 0; k < here; ++k) any_missing |= missing[i + k];
    if (here == kRun && any_missing == 0 && map_run(line, steps, numbers + i, made.data())) {
      std::copy_n(made.data(), kRun, numbers + i);
      std::fill_n(changed + i, kRun, std::uint8_t{1});
      continue;
    }
    from.fill(0);
    for (std::size_t k = 0; k < here; ++k)
      if (missing[i + k] == 0 && std::isfinite(numbers[i + k])) from[k] = numbers[i + k];
    map_run(line, steps, from.data(), made.data());
    for (std::size_t k = 0; k < here; ++k)
      if (missing[i + k] == 0 && std::isfinite(numbers[i + k])) {
        numbers[i + k] = made[k];
        changed[i + k] = 1;
      }
  }
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_cells);

void map_cells(const CellLine& line, double steps, std::span<double> numbers, std::span<const std::uint8_t> missing, std::span<std::uint8_t> changed) {
  HWY_DYNAMIC_DISPATCH(run_cells)(line, steps, numbers.data(), missing.data(), changed.data(), numbers.size());
}

}  // namespace leaven::kernels
#endif

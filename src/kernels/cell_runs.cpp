#include "kernels/cell_runs.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cell_runs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/cell_runs_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

void run_cells(const CellLine& line, double steps, double* numbers, const std::uint8_t* missing, std::uint8_t* changed, std::size_t count) {
  const CellTag d;
  const auto shift = hn::Set(d, line.shift), unit = hn::Set(d, line.unit), factor = hn::Set(d, line.factor), offset = hn::Set(d, line.offset);
  change_cells(
      {steps, numbers, missing, changed}, 0, count,
      [&](std::size_t, auto x) HWY_ATTR { return hn::Add(hn::Mul(hn::Div(hn::Sub(x, shift), unit), factor), offset); },
      AllMove());
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

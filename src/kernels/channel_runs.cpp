#include "kernels/channel_runs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/channel_runs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/simd_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace leaven::kernels::HWY_NAMESPACE {

constexpr std::size_t kSumLanes = 8;
using Wide = hn::CappedTag<double, kSumLanes>;  // a power of two of lanes, at most those of a sum
using One = hn::CappedTag<double, 1>;
constexpr std::size_t kVectors = kSumLanes / hn::MaxLanes(Wide());

/// Calls run(tag, i) for whole vectors from 0 on, then for one value at a time.
template <class Run>
HWY_INLINE void each_vector(std::size_t count, const Run& run) {
  const Wide wide;
  std::size_t i = 0;
  for (; i + hn::Lanes(wide) <= count; i += hn::Lanes(wide)) run(wide, i);
  for (; i < count; ++i) run(One(), i);
}

/// i, i + 1, … Highway's Iota of what is not known beforehand writes lane after lane and waits for them.
template <class D>
HWY_INLINE auto numbers_from(D d, std::size_t i) {
  return hn::Add(hn::Set(d, static_cast<double>(i)), hn::Iota(d, 0.0));
}

/// Values from `from` on at places 0 … 2·lanes − 1: two loads and a shuffle cost a fraction of a gather.
template <class D, class I>
HWY_INLINE auto window_at(D d, const double* from, I places) {
  const hn::RebindToSigned<D> di;
  const auto most = hn::Set(di, static_cast<std::int64_t>(hn::Lanes(d)) - 1);
  const auto within = hn::IndicesFromVec(d, hn::And(places, most));
  const auto low = hn::TableLookupLanes(hn::LoadU(d, from), within), high = hn::TableLookupLanes(hn::LoadU(d, from + hn::Lanes(d)), within);
  return hn::IfThenElse(hn::RebindMask(d, hn::Gt(places, most)), high, low);
}

/// Values at samples `below` and at those behind them; behind a time that is on a sample any may come.
template <class D, class I, class M, class V>
HWY_INLINE void neighbours_of(D d, const double* values, double last, I below, M on_sample, V& first, V& second) {
  const hn::RebindToSigned<D> di;
  if constexpr (hn::MaxLanes(D()) > 1) {
    const std::int64_t begin = hn::GetLane(below), reach = 2 * static_cast<std::int64_t>(hn::Lanes(d));
    const auto places = hn::Sub(below, hn::Set(di, begin));
    const auto inside = hn::And(hn::Gt(places, hn::Set(di, -1)), hn::Lt(places, hn::Set(di, reach)));
    if (static_cast<double>(begin + reach) <= last && hn::AllTrue(di, inside)) {
      first = window_at(d, values + begin, places);
      second = window_at(d, values + begin + 1, places);
      return;
    }
  }
  const auto step = hn::IfThenZeroElse(hn::RebindMask(di, on_sample), hn::Set(di, 1));
  first = hn::GatherIndex(d, values, below);
  second = hn::GatherIndex(d, values, hn::Add(below, step));
}

/// Values at `times`, which may lie outside.
template <class D, class V>
HWY_INLINE V values_at(D d, const double* values, double last, V times) {
  const hn::RebindToSigned<D> di;
  const V time = hn::Min(hn::Max(times, hn::Zero(d)), hn::Set(d, last));
  const auto below = hn::ConvertTo(di, time);
  const V whole = hn::ConvertTo(d, below), part = hn::Sub(time, whole);
  const auto on_sample = hn::Eq(part, hn::Zero(d));
  V first, second;
  neighbours_of(d, values, last, below, on_sample, first, second);
  const V between = hn::Add(hn::Mul(first, hn::Sub(hn::Set(d, 1.0), part)), hn::Mul(second, part));
  return hn::IfThenElse(on_sample, first, between);
}

void run_line(const double* values, double last, double first, double slope, double* out, std::size_t count) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR {
    const auto step = numbers_from(d, i);
    hn::StoreU(values_at(d, values, last, hn::Add(hn::Set(d, first), hn::Mul(hn::Set(d, slope), step))), d, out + i);
  });
}

void run_times(const double* values, double last, const double* times, double* out, std::size_t count) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR { hn::StoreU(values_at(d, values, last, hn::LoadU(d, times + i)), d, out + i); });
}

/// out[i] = last[−i].
void run_backwards(const double* last, double* out, std::size_t count) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR { hn::StoreU(hn::Reverse(d, hn::LoadU(d, last - i - (hn::Lanes(d) - 1))), d, out + i); });
}

/// Lane k of the sums takes every eighth value from k on; add(state of the lanes, values, whether each is there).
template <std::size_t States, class Add, class AddOne>
HWY_INLINE void in_lanes(std::span<const double> values, std::array<std::array<double, kSumLanes>, States>& states, const Add& add,
                         const AddOne& add_one) {
  const Wide d;
  using V = hn::Vec<Wide>;
  V lanes[States][kVectors];
  for (std::size_t s = 0; s < States; ++s)
    for (std::size_t v = 0; v < kVectors; ++v) lanes[s][v] = hn::LoadU(d, states[s].data() + v * hn::MaxLanes(d));
  const std::size_t whole = values.size() / kSumLanes * kSumLanes;
  for (std::size_t i = 0; i < whole; i += kSumLanes)
    for (std::size_t v = 0; v < kVectors; ++v) {
      const V value = hn::LoadU(d, values.data() + i + v * hn::MaxLanes(d));
      add(lanes, v, value, hn::Eq(value, value));
    }
  for (std::size_t s = 0; s < States; ++s)
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(lanes[s][v], d, states[s].data() + v * hn::MaxLanes(d));
  for (std::size_t i = whole; i < values.size(); ++i)
    if (values[i] == values[i]) add_one(values[i], i - whole);
}

using Lanes = std::array<double, kSumLanes>;

HWY_INLINE double sum_of_lanes(const Lanes& lanes) {
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

RunSums run_sums(std::span<const double> values) {
  std::array<Lanes, 2> states{};
  const Wide d;
  in_lanes(
      values, states,
      [&](auto& lanes, std::size_t v, auto value, auto there) HWY_ATTR {
        lanes[0][v] = hn::Add(lanes[0][v], hn::IfThenElseZero(there, hn::Set(d, 1.0)));
        lanes[1][v] = hn::Add(lanes[1][v], hn::IfThenElseZero(there, value));
      },
      [&](double value, std::size_t k) {
        states[0][k] += 1;
        states[1][k] += value;
      });
  return {sum_of_lanes(states[0]), sum_of_lanes(states[1])};
}

double run_squares(std::span<const double> values, double mean) {
  std::array<Lanes, 1> states{};
  const Wide d;
  in_lanes(
      values, states,
      [&](auto& lanes, std::size_t v, auto value, auto there) HWY_ATTR {
        const auto away = hn::IfThenElseZero(there, hn::Sub(value, hn::Set(d, mean)));
        lanes[0][v] = hn::Add(lanes[0][v], hn::Mul(away, away));
      },
      [&](double value, std::size_t k) { states[0][k] += (value - mean) * (value - mean); });
  return sum_of_lanes(states[0]);
}

RunRange run_range(std::span<const double> values) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  std::array<Lanes, 2> states{};
  states[0].fill(kFar);
  states[1].fill(-kFar);
  in_lanes(
      values, states,
      [&](auto& lanes, std::size_t v, auto value, auto) HWY_ATTR {
        lanes[0][v] = hn::IfThenElse(hn::Lt(value, lanes[0][v]), value, lanes[0][v]);
        lanes[1][v] = hn::IfThenElse(hn::Gt(value, lanes[1][v]), value, lanes[1][v]);
      },
      [&](double value, std::size_t k) {
        states[0][k] = std::min(states[0][k], value);
        states[1][k] = std::max(states[1][k], value);
      });
  return {*std::min_element(states[0].begin(), states[0].end()), *std::max_element(states[1].begin(), states[1].end())};
}

void run_levels(double* values, std::size_t count, double lowest, double width, double highest_level) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR {
    const auto value = hn::LoadU(d, values + i);
    const auto there = hn::Eq(value, value);
    const auto part = hn::Div(hn::Sub(hn::IfThenElse(there, value, hn::Set(d, lowest)), hn::Set(d, lowest)), hn::Set(d, width));
    const auto level = hn::Min(hn::Floor(part), hn::Set(d, highest_level));
    const auto middle = hn::Add(hn::Set(d, lowest), hn::Mul(hn::Add(level, hn::Set(d, 0.5)), hn::Set(d, width)));
    hn::StoreU(hn::IfThenElse(there, middle, value), d, values + i);
  });
}

void run_factor(double* values, std::size_t count, double factor) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR { hn::StoreU(hn::Mul(hn::LoadU(d, values + i), hn::Set(d, factor)), d, values + i); });
}

void run_factors(double* values, std::size_t count, const double* factors) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR { hn::StoreU(hn::Mul(hn::LoadU(d, values + i), hn::LoadU(d, factors + i)), d, values + i); });
}

template <class D, class V>
HWY_INLINE void add_at(D d, double* value, double size, V offset) {
  hn::StoreU(hn::Add(hn::LoadU(d, value), hn::Mul(hn::Set(d, size), offset)), d, value);
}

void run_offsets(double* values, std::size_t count, double size, const double* offsets) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR { add_at(d, values + i, size, hn::LoadU(d, offsets + i)); });
}

void run_float_offsets(double* values, std::size_t count, double size, const float* offsets) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR {
    const hn::Rebind<float, decltype(d)> df;
    add_at(d, values + i, size, hn::PromoteTo(d, hn::LoadU(df, offsets + i)));
  });
}

std::uint64_t run_words_up_to(const std::uint32_t* words, std::size_t count, std::uint32_t highest) {
  const hn::CappedTag<std::uint32_t, 16> d;
  const auto most = hn::Set(d, highest);
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    std::uint64_t some = 0;  // StoreMaskBits writes whole bytes
    hn::StoreMaskBits(d, hn::Not(hn::Gt(hn::LoadU(d, words + i), most)), reinterpret_cast<std::uint8_t*>(&some));
    bits |= some << i;
  }
  for (; i < count; ++i) bits |= std::uint64_t{words[i] <= highest} << i;
  return bits;
}

void run_means(const double* padded, std::span<const double> weights, double total, double* out, std::size_t count) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR {
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < weights.size(); ++k) sum = hn::Add(sum, hn::Mul(hn::Set(d, weights[k]), hn::LoadU(d, padded + i + k)));
    hn::StoreU(hn::Div(sum, hn::Set(d, total)), d, out + i);
  });
}

void run_cubic(const Cubic& cubic, double first, double step, double begin, double* out, std::size_t count) {
  each_vector(count, [&](auto d, std::size_t i) HWY_ATTR {
    const auto at = hn::Add(hn::Set(d, first), numbers_from(d, i));
    const auto b = hn::Sub(hn::Mul(at, hn::Set(d, step)), hn::Set(d, begin)), a = hn::Sub(hn::Set(d, 1.0), b);
    const auto straight = hn::Add(hn::Mul(a, hn::Set(d, cubic.from)), hn::Mul(b, hn::Set(d, cubic.to)));
    const auto bent_from = hn::Mul(hn::Sub(hn::Mul(hn::Mul(a, a), a), a), hn::Set(d, cubic.bend_from));
    const auto bent_to = hn::Mul(hn::Sub(hn::Mul(hn::Mul(b, b), b), b), hn::Set(d, cubic.bend_to));
    hn::StoreU(hn::Add(straight, hn::Add(bent_from, bent_to)), d, out + i);
  });
}

}  // namespace leaven::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace leaven::kernels {

HWY_EXPORT(run_line);
HWY_EXPORT(run_backwards);
HWY_EXPORT(run_times);
HWY_EXPORT(run_sums);
HWY_EXPORT(run_squares);
HWY_EXPORT(run_range);
HWY_EXPORT(run_levels);
HWY_EXPORT(run_factor);
HWY_EXPORT(run_factors);
HWY_EXPORT(run_offsets);
HWY_EXPORT(run_float_offsets);
HWY_EXPORT(run_words_up_to);
HWY_EXPORT(run_means);
HWY_EXPORT(run_cubic);

void sample_line(std::span<const double> values, double first, double slope, std::span<double> out) {
  const double last = static_cast<double>(values.size()) - 1, end = first + slope * (static_cast<double>(out.size()) - 1);
  const bool on_samples = first == std::floor(first) && std::min(first, end) >= 0 && std::max(first, end) <= last;
  const double* const begin = values.data() + (on_samples ? static_cast<std::ptrdiff_t>(first) : 0);
  if (on_samples && slope == 1) std::copy_n(begin, out.size(), out.begin());
  else if (on_samples && slope == -1) HWY_DYNAMIC_DISPATCH(run_backwards)(begin, out.data(), out.size());
  else HWY_DYNAMIC_DISPATCH(run_line)(values.data(), last, first, slope, out.data(), out.size());
}

void sample_times(std::span<const double> values, std::span<const double> times, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(run_times)(values.data(), static_cast<double>(values.size()) - 1, times.data(), out.data(), out.size());
}

RunSums sums_of(std::span<const double> values) { return HWY_DYNAMIC_DISPATCH(run_sums)(values); }
double squares_about(std::span<const double> values, double mean) { return HWY_DYNAMIC_DISPATCH(run_squares)(values, mean); }
RunRange range_of(std::span<const double> values) { return HWY_DYNAMIC_DISPATCH(run_range)(values); }

void round_to_levels(std::span<double> values, double lowest, double width, int levels) {
  HWY_DYNAMIC_DISPATCH(run_levels)(values.data(), values.size(), lowest, width, levels - 1.0);
}

void multiply(std::span<double> values, double factor) { HWY_DYNAMIC_DISPATCH(run_factor)(values.data(), values.size(), factor); }
void multiply(std::span<double> values, std::span<const double> factors) { HWY_DYNAMIC_DISPATCH(run_factors)(values.data(), values.size(), factors.data()); }
void add_scaled(std::span<double> values, double size, std::span<const double> offsets) {
  HWY_DYNAMIC_DISPATCH(run_offsets)(values.data(), values.size(), size, offsets.data());
}
void add_scaled(std::span<double> values, double size, std::span<const float> offsets) {
  HWY_DYNAMIC_DISPATCH(run_float_offsets)(values.data(), values.size(), size, offsets.data());
}
std::uint64_t words_up_to(std::span<const std::uint32_t> words, std::uint32_t highest) {
  return HWY_DYNAMIC_DISPATCH(run_words_up_to)(words.data(), words.size(), highest);
}

void weighted_means(std::span<const double> padded, std::span<const double> weights, double total, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(run_means)(padded.data(), weights, total, out.data(), out.size());
}

void cubic_run(const Cubic& cubic, std::size_t first, double step, double begin, std::span<double> out) {
  HWY_DYNAMIC_DISPATCH(run_cubic)(cubic, static_cast<double>(first), step, begin, out.data(), out.size());
}

}  // namespace leaven::kernels
#endif

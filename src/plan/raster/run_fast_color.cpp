// From a pointwise run to steps of kernels::color_run_bytes().
#include <algorithm>
#include <cmath>

#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

constexpr float kLevels = 255;

double clamped(double v) { return std::clamp(v, 0.0, 1.0); }

/// Knows the range that values have come to, so that nothing is clamped that cannot leave [0, 1]; a clamp between two affine
/// functions becomes one behind them.
class ColorRunBuilder {
 public:
  /// False where such a step cannot be among them.
  bool add(const PointStep& step) {
    if (step.round_first) return false;
    if (const auto* table = std::get_if<Table>(&step.what)) return add(*table);
    if (const auto* matrix = std::get_if<ColorMatrix>(&step.what)) return add(*matrix);
    if (const auto* function = std::get_if<ColorFunction>(&step.what)) return add(*function);
    return false;
  }

  ColorRun finished() {
    settle();
    return std::move(run_);
  }

 private:
  struct Line {
    double gain{}, offset{}, low{}, high{};
  };

  bool add(const Table& table) {
    const auto all = [&](Curve::Form form) { return std::all_of(table.curves.begin(), table.curves.begin() + 3, [=](const Curve& c) { return c.form == form; }); };
    if (table.unbounded) return false;
    if (all(Curve::Form::affine)) return add_lines(table);
    return all(Curve::Form::power) && add_powers(table);
  }

  bool add_lines(const Table& table) {
    if (!waiting_) lines_.fill({1, 0, low_, high_});
    for (std::size_t c = 0; c < 3; ++c) {
      Line& line = lines_[c];
      const double a = table.curves[c].a, b = table.curves[c].b;
      const double ends[] = {clamped(a * line.low + b), clamped(a * line.high + b)};
      line = {a * line.gain, a * line.offset + b, std::min(ends[0], ends[1]), std::max(ends[0], ends[1])};
    }
    waiting_ = true;
    return true;
  }

  bool add_powers(const Table& table) {
    settle();
    kernels::ColorPower power;
    for (std::size_t c = 0; c < 3; ++c) {
      if (c > 0 && table.curves[c].a == table.curves[c - 1].a) {
        power.of[c] = power.of[c - 1];
        continue;
      }
      const auto cubics = kernels::power_cubics(table.curves[c].a);
      if (!cubics) return false;
      run_.powers.push_back(std::make_unique<const kernels::PowerCubics>(*cubics));
      power.of[c] = run_.powers.back().get();
    }
    run_.steps.emplace_back(power);
    low_ = 0, high_ = 1;
    return true;
  }

  bool add(const ColorMatrix& matrix) {
    settle();
    double low = 1, high = 0;
    for (std::size_t row = 0; row < 3; ++row) {
      const auto* m = &matrix.m[4 * row];
      double least = static_cast<double>(m[3]), most = least;
      for (std::size_t i = 0; i < 3; ++i) {
        const double ends[] = {static_cast<double>(m[i]) * low_, static_cast<double>(m[i]) * high_};
        least += std::min(ends[0], ends[1]), most += std::max(ends[0], ends[1]);
      }
      low = std::min(low, least), high = std::max(high, most);
    }
    run_.steps.push_back(in_levels(matrix, leaves(low, high)));
    low_ = clamped(low), high_ = clamped(high);
    return true;
  }

  bool add(const ColorFunction& function) {
    settle();
    if (function.form != ColorFunction::Form::hue_shift) return false;
    run_.steps.emplace_back(kernels::hue_turn(function.a));
    return true;
  }

  static kernels::ColorStep in_levels(const ColorMatrix& matrix, bool clamp) {
    const auto& m = matrix.m;
    const float own = m[0] - m[4];
    const auto close = [](float a, float b) { return std::abs(a - b) < 1e-6f; };
    const bool blends = close(m[4], m[8]) && close(m[1], m[9]) && close(m[2], m[6]) && close(m[5] - m[1], own) && close(m[10] - m[2], own);
    if (blends && m[3] == 0 && m[7] == 0 && m[11] == 0) return kernels::GreyBlend{{m[4], m[1], m[2]}, own, clamp};
    kernels::ColorMix mix{m, clamp};
    for (const std::size_t offset : {3, 7, 11}) mix.m[offset] *= kLevels;
    return mix;
  }

  /// By more than rounding.
  static bool leaves(double low, double high) { return low < -1e-6 || high > 1 + 1e-6; }

  /// The affine functions since the last step of another kind, as one.
  void settle() {
    if (!waiting_) return;
    kernels::ClampedAffine affine;
    double low = 1, high = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const Line& line = lines_[c];
      affine.gain[c] = static_cast<float>(line.gain), affine.offset[c] = kLevels * static_cast<float>(line.offset);
      affine.low[c] = kLevels * static_cast<float>(line.low), affine.high[c] = kLevels * static_cast<float>(line.high);
      const double ends[] = {line.gain * low_ + line.offset, line.gain * high_ + line.offset};
      affine.clamp = affine.clamp || std::min(ends[0], ends[1]) < line.low - 1e-6 || std::max(ends[0], ends[1]) > line.high + 1e-6;
      low = std::min(low, line.low), high = std::max(high, line.high);
    }
    run_.steps.emplace_back(affine);
    low_ = low, high_ = high;
    waiting_ = false;
  }

  ColorRun run_{};
  std::array<Line, 3> lines_{};
  bool waiting_{};
  double low_{0}, high_{1};
};

}  // namespace

std::optional<ColorRun> color_run(std::span<const PointStep> run) {
  // Where all channels go their own ways a table does it, and nothing of this need be made ready.
  const auto joins = [](const PointStep& step) { return std::holds_alternative<ColorMatrix>(step.what) || std::holds_alternative<ColorFunction>(step.what); };
  if (std::none_of(run.begin(), run.end(), joins)) return std::nullopt;
  ColorRunBuilder builder;
  for (const PointStep& step : run)
    if (!builder.add(step)) return std::nullopt;
  return builder.finished();
}

}  // namespace leaven::plan::fast

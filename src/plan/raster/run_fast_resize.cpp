// Resizing: a warp whose axes do not mix, filtered along rows first, then across them.
#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "kernels/resize.hpp"
#include "kernels/sample.hpp"
#include "kernels/stencil.hpp"
#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

constexpr double kPi = 3.14159265358979323846;

double sinc(double t) { return t == 0 ? 1 : exact::sin(kPi * t) / (kPi * t); }

double kernel(Filter filter, double t) {
  const double d = std::abs(t);
  switch (filter) {
    case Filter::nearest: return 0;
    case Filter::area: return t > -0.5 && t <= 0.5 ? 1 : 0;
    case Filter::bilinear: return d < 1 ? 1 - d : 0;
    case Filter::bicubic:  // Keys, "Cubic convolution interpolation for digital image processing", 1981
      if (d < 1) return 1.5 * d * d * d - 2.5 * d * d + 1;
      return d < 2 ? -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2 : 0;
    case Filter::lanczos: return d < 3 ? sinc(t) * sinc(t / 3) : 0;
  }
  return 0;
}

/// Weights that sum to 1 over the source pixels begin … end − 1, for every output that no fill answers.
kernels::AxisTaps taps_of(const AxisWalk& walk, Filter filter, double footprint, int begin, int end) {
  const double reach = kernels::radius_of(filter) * footprint;
  const int most = static_cast<int>(std::ceil(2 * reach)) + 1;
  kernels::AxisTaps axis;
  axis.taps = (most + 3) / 4 * 4;
  axis.first.assign(walk.at.size(), 0);
  axis.weights.assign(walk.at.size() * static_cast<std::size_t>(axis.taps), 0.0f);
  std::vector<double> weights(static_cast<std::size_t>(axis.taps));
  for (std::size_t i = 0; i < walk.at.size(); ++i) {
    if (walk.answer[i] >= 0) continue;
    const double s = walk.at[i];
    const int lowest = static_cast<int>(std::floor(s - reach - 0.5)) + 1;
    const int first = std::max(begin, std::min(lowest, end - axis.taps));
    const int last = std::min(first + axis.taps, end);
    double sum = 0;
    std::fill(weights.begin(), weights.end(), 0.0);
    for (int p = first; p < last; ++p) sum += weights[static_cast<std::size_t>(p - first)] = kernel(filter, (p + 0.5 - s) / footprint);
    if (sum == 0) {  // a box that meets no pixel centre
      const int nearest = std::clamp(static_cast<int>(std::floor(s)), first, last - 1);
      sum = weights[static_cast<std::size_t>(nearest - first)] = 1;
    }
    axis.first[i] = first - begin;
    for (std::size_t t = 0; t < weights.size(); ++t)
      axis.weights[i * weights.size() + t] = static_cast<float>(weights[t] / sum);
  }
  return axis;
}

class Resize : public Stage {
 public:
  Resize(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out, Arena& arena)
      : warp_(warp),
        walk_(std::move(walk)),
        channels_(out.channels),
        width_(out.width),
        alpha_(input.shape.alpha),
        held_width_(input.held.width) {
    const Region& held = input.held;
    columns_ = taps_of(walk_.x, warp.filter, warp.footprint_x, held.x, held.x + held.width);
    rows_ = taps_of(walk_.y, warp.filter, warp.footprint_y, held.y, held.y + held.height);
    source_ = filter_rows(input, columns_.taps, arena);
    const auto answered = [&](std::size_t x) { return walk_.x.answer[x] >= 0; };
    while (from_ < width_ && answered(static_cast<std::size_t>(from_))) ++from_;
    to_ = width_;
    while (to_ > from_ && answered(static_cast<std::size_t>(to_ - 1))) --to_;

    scale_ = alpha_ ? 1.0f : static_cast<float>(1 / full_scale(out.dtype));
    row_floats_ = static_cast<std::size_t>(width_ * channels_) + kSpare;
    filtered_count_ = std::min(rows_.taps + 1, held.height);
    filtered_ = arena.take<float>(row_floats_ * static_cast<std::size_t>(filtered_count_));
    std::fill(filtered_, filtered_ + row_floats_ * static_cast<std::size_t>(filtered_count_), 0.0f);
    holds_.assign(static_cast<std::size_t>(filtered_count_), -1);
    combined_ = arena.take<float>(row_floats_);
    if (alpha_) {
      const auto floats = static_cast<std::size_t>(std::max(held.width, columns_.taps) * channels_) + kSpare;
      straight_ = arena.take<float>(floats);
      std::fill(straight_, straight_ + floats, 0.0f);
    }
  }

  bool moves() const override { return false; }

  void fetch(int x, int y, int count, const Planes& out) override {
    const int row_answer = walk_.y.answer[static_cast<std::size_t>(y)];
    if (row_answer < 0) {
      if (y != combined_row_) combine(y);
      kernels::split_channels(combined_ + std::ptrdiff_t{x} * channels_, channels_, count, out);
      if (alpha_) kernels::unpremultiply(out, channels_, count);
      if (x >= from_ && x + count <= to_) return;
    }
    for (int i = 0; i < count;) {
      const int answer = std::max(row_answer, walk_.x.answer[static_cast<std::size_t>(x + i)]);
      int end = i + 1;
      while (end < count && std::max(row_answer, walk_.x.answer[static_cast<std::size_t>(x + end)]) == answer) ++end;
      if (answer >= 0) fill_planes(warp_.steps[static_cast<std::size_t>(answer)].border, channels_, i, end, out);
      i = end;
    }
  }

 private:
  static constexpr std::size_t kSpare = 64;  ///< floats that kernels may touch behind a row

  /// Row `index` of the source (counted from the first held), filtered along x.
  const float* filtered(int index) {
    const int slot = index % filtered_count_;
    float* row = filtered_ + row_floats_ * static_cast<std::size_t>(slot);
    if (holds_[static_cast<std::size_t>(slot)] == index) return row;
    holds_[static_cast<std::size_t>(slot)] = index;
    const std::byte* stored = source_.rows[index];
    if (alpha_) {
      kernels::load_samples(stored, source_.dtype, static_cast<std::size_t>(held_width_ * channels_), straight_);
      kernels::premultiply_interleaved(straight_, channels_, static_cast<std::size_t>(held_width_));
      stored = reinterpret_cast<const std::byte*>(straight_);
    }
    kernels::filter_row(stored, alpha_ ? Dtype::f32 : source_.dtype, channels_, columns_, from_, to_, row);
    return row;
  }

  void combine(int y) {
    const auto at = static_cast<std::size_t>(y);
    const auto taps = static_cast<std::size_t>(rows_.taps);
    const float* weights = rows_.weights.data() + at * taps;
    used_rows_.clear();
    used_weights_.clear();
    for (std::size_t t = 0; t < taps; ++t) {
      if (weights[t] == 0) continue;
      used_rows_.push_back(filtered(rows_.first[at] + static_cast<int>(t)));
      used_weights_.push_back(weights[t] * scale_);
    }
    kernels::combine_rows(used_rows_.data(), used_weights_.data(), static_cast<int>(used_rows_.size()),
                          static_cast<std::size_t>(width_ * channels_), combined_);
    combined_row_ = y;
  }

  const WarpStage& warp_;
  StraightWalk walk_;
  int channels_, width_;
  bool alpha_;
  int held_width_;
  kernels::AxisTaps columns_, rows_;
  kernels::PixelRows source_;
  int from_{}, to_{};             ///< output columns that no fill answers lie in here
  float scale_{};
  std::size_t row_floats_{};
  float* filtered_{};             ///< source rows filtered along x, row r at r mod filtered_count_
  int filtered_count_{};
  std::vector<int> holds_{};      ///< which row a slot holds
  float* combined_{};
  int combined_row_{-1};
  float* straight_{};             ///< a source row as premultiplied floats
  std::vector<const float*> used_rows_{};
  std::vector<float> used_weights_{};
};

}  // namespace

std::unique_ptr<Stage> make_resize(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out,
                                   Arena& arena) {
  return std::make_unique<Resize>(warp, std::move(walk), input, out, arena);
}

}  // namespace leaven::plan::fast

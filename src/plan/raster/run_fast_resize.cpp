// Resizing: a warp whose axes do not mix, filtered along rows and across them, in the order that costs less.
#include <algorithm>
#include <cmath>

#include "core/exact_math.hpp"
#include "kernels/prefetch.hpp"
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
  const int most = static_cast<int>(std::ceil(2 * reach));  // whole numbers within less than reach to both sides
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

/// Output pixels [from, to) hold all that no fill answers.
struct Span {
  int from{}, to{};

  static Span of(const AxisWalk& walk) {
    Span span{0, static_cast<int>(walk.answer.size())};
    const auto answered = [&](int i) { return walk.answer[static_cast<std::size_t>(i)] >= 0; };
    while (span.from < span.to && answered(span.from)) ++span.from;
    while (span.to > span.from && answered(span.to - 1)) --span.to;
    return span;
  }
};

/// Source pixels [from, to) that the outputs of `span` touch.
Span touched(const kernels::AxisTaps& axis, Span span) {
  Span source{span.from < span.to ? axis.first[static_cast<std::size_t>(span.from)] : 0, 0};
  for (int i = span.from; i < span.to; ++i) {
    const int first = axis.first[static_cast<std::size_t>(i)];
    source = {std::min(source.from, first), std::max(source.to, first + axis.taps)};
  }
  return source;
}

/// Filtering across rows first reads each source row once per tap, but widens no row that then shrinks.
bool rows_first_is_cheaper(const kernels::AxisTaps& columns, Span outputs, Span sources, const kernels::AxisTaps& rows,
                           Span row_outputs, Span row_sources, int channels) {
  // In vector instructions: a block of 4 pixels of a row takes about 9 from bytes and 7 from floats, 16 samples of a
  // row take 4 from bytes and 3 from floats.
  const double blocks = columns.taps / 4.0, out_width = outputs.to - outputs.from;
  const double made = row_outputs.to - row_outputs.from, read = row_sources.to - row_sources.from;
  const double taps = 0.75 * rows.taps;
  const double in_vectors = (sources.to - sources.from) * channels / 16.0, out_vectors = out_width * channels / 16.0;
  return made * (in_vectors * taps * 4 + out_width * blocks * 7) < read * out_width * blocks * 9 + made * out_vectors * taps * 3;
}

class Resize : public Stage {
 public:
  Resize(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out, Arena& arena)
      : warp_(warp),
        walk_(std::move(walk)),
        channels_(out.channels),
        width_(out.width),
        dtype_(input.shape.dtype),
        alpha_(input.shape.alpha),
        held_width_(input.held.width) {
    const Region& held = input.held;
    columns_ = taps_of(walk_.x, warp.filter, warp.footprint_x, held.x, held.x + held.width);
    rows_ = taps_of(walk_.y, warp.filter, warp.footprint_y, held.y, held.y + held.height);
    source_ = filter_rows(input, columns_.taps, arena);
    outputs_ = Span::of(walk_.x);
    sources_ = touched(columns_, outputs_);
    const Span row_outputs = Span::of(walk_.y);
    rows_first_ = !alpha_ && rows_first_is_cheaper(columns_, outputs_, sources_, rows_, row_outputs,
                                                   touched(rows_, row_outputs), channels_);
    scale_ = alpha_ ? 1.0f : static_cast<float>(1 / full_scale(dtype_));
    combined_ = zeros(static_cast<std::size_t>(width_ * channels_), arena);
    const auto source_samples = static_cast<std::size_t>(std::max(held.width, columns_.taps) * channels_);
    if (rows_first_) {
      mixed_ = zeros(source_samples, arena);
    } else {
      filtered_count_ = std::min(rows_.taps + 1, held.height);
      filtered_stride_ = static_cast<std::size_t>(width_ * channels_) + kSpare;
      filtered_ = zeros(filtered_stride_ * static_cast<std::size_t>(filtered_count_), arena);
      holds_.assign(static_cast<std::size_t>(filtered_count_), -1);
      if (alpha_) mixed_ = zeros(source_samples, arena);
    }
  }

  bool moves() const override { return false; }

  int round_rows(int from, int /*to*/, Dtype dtype, std::byte* out, std::size_t /*stride*/) override {
    if (alpha_ || walk_.y.answer[static_cast<std::size_t>(from)] >= 0 || outputs_.from > 0 || outputs_.to < width_) return 0;
    if (from != combined_row_) combine(from);
    kernels::store_pixels({{combined_, combined_, combined_, combined_}}, dtype, 1, width_ * channels_, out);
    return 1;
  }

  void fetch(int x, int y, int count, const Planes& out) override {
    const int row_answer = walk_.y.answer[static_cast<std::size_t>(y)];
    if (row_answer < 0) {
      if (y != combined_row_) combine(y);
      kernels::split_channels(combined_ + std::ptrdiff_t{x} * channels_, channels_, count, out);
      if (alpha_) kernels::unpremultiply(out, channels_, count);
      if (x >= outputs_.from && x + count <= outputs_.to) return;
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

  static float* zeros(std::size_t count, Arena& arena) {
    float* floats = arena.take<float>(count + kSpare);
    std::fill_n(floats, count + kSpare, 0.0f);
    return floats;
  }

  /// Row `index` of the source (counted from the first held), filtered along x.
  const float* filtered(int index) {
    const int slot = index % filtered_count_;
    float* row = filtered_ + filtered_stride_ * static_cast<std::size_t>(slot);
    if (holds_[static_cast<std::size_t>(slot)] == index) return row;
    holds_[static_cast<std::size_t>(slot)] = index;
    const std::byte* stored = source_.rows[index];
    if (alpha_) {
      kernels::load_samples(stored, dtype_, static_cast<std::size_t>(held_width_ * channels_), mixed_);
      kernels::premultiply_interleaved(mixed_, channels_, static_cast<std::size_t>(held_width_));
      stored = reinterpret_cast<const std::byte*>(mixed_);
    }
    kernels::filter_row(stored, alpha_ ? Dtype::f32 : dtype_, channels_, columns_, outputs_.from, outputs_.to, row);
    return row;
  }

  void combine(int y) {
    const auto at = static_cast<std::size_t>(y);
    const auto taps = static_cast<std::size_t>(rows_.taps);
    const float* weights = rows_.weights.data() + at * taps;
    used_.clear();
    used_weights_.clear();
    for (std::size_t t = 0; t < taps; ++t) {
      if (weights[t] == 0) continue;
      used_.push_back(rows_.first[at] + static_cast<int>(t));
      used_weights_.push_back(weights[t] * scale_);
    }
    combined_row_ = y;
    const int count = static_cast<int>(used_.size());
    fetch_ahead(rows_.first[at] + rows_.taps);
    if (rows_first_) {
      const auto from = static_cast<std::size_t>(sources_.from * channels_);
      used_pixels_.clear();
      for (const int row : used_) used_pixels_.push_back(source_.rows[row] + from * bytes_of(dtype_));
      kernels::combine_stored_rows(used_pixels_.data(), dtype_, used_weights_.data(), count,
                                   static_cast<std::size_t>((sources_.to - sources_.from) * channels_), mixed_ + from);
      kernels::filter_row(reinterpret_cast<const std::byte*>(mixed_), Dtype::f32, channels_, columns_, outputs_.from,
                          outputs_.to, combined_);
    } else {
      used_floats_.clear();
      for (const int row : used_) used_floats_.push_back(filtered(row));
      kernels::combine_rows(used_floats_.data(), used_weights_.data(), count, static_cast<std::size_t>(width_ * channels_),
                            combined_);
    }
  }

  /// The rows from `next` on, which follow: what is read of a row is too short a stream to be foreseen.
  void fetch_ahead(int next) {
    const std::size_t pixel = static_cast<std::size_t>(channels_) * bytes_of(dtype_);
    const std::size_t from = static_cast<std::size_t>(sources_.from) * pixel, bytes = static_cast<std::size_t>(sources_.to - sources_.from) * pixel;
    const int rows = std::min(source_.y1 - source_.y0, next + 1 + static_cast<int>(kernels::kPrefetchAhead / std::max(bytes, std::size_t{1})));
    for (ahead_ = std::max(ahead_, next); ahead_ < rows; ++ahead_) kernels::prefetch(source_.rows[ahead_] + from, bytes);
  }

  const WarpStage& warp_;
  StraightWalk walk_;
  int channels_, width_;
  Dtype dtype_;
  bool alpha_;
  int held_width_;
  kernels::AxisTaps columns_, rows_;
  kernels::PixelRows source_;
  Span outputs_{}, sources_{};    ///< columns
  bool rows_first_{};
  float scale_{};
  float* combined_{};             ///< the finished row combined_row_
  int combined_row_{-1};
  int ahead_{};                   ///< the first source row that nobody asked the memory for
  float* mixed_{};                ///< a row mixed across source rows; with alpha, a source row as premultiplied floats
  float* filtered_{};             ///< source rows filtered along x, row r at r mod filtered_count_
  std::size_t filtered_stride_{};
  int filtered_count_{};
  std::vector<int> holds_{};      ///< which row a slot holds
  std::vector<int> used_{};       ///< rows mixed into the one under way, their weights, where they stand
  std::vector<float> used_weights_{};
  std::vector<const std::byte*> used_pixels_{};
  std::vector<const float*> used_floats_{};
};

}  // namespace

std::unique_ptr<Stage> make_resize(const WarpStage& warp, StraightWalk walk, const Input& input, const RasterShape& out,
                                   Arena& arena) {
  return std::make_unique<Resize>(warp, std::move(walk), input, out, arena);
}

}  // namespace leaven::plan::fast

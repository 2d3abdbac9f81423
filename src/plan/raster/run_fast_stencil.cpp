// Stencils: rows of the input as floats, colour premultiplied, mixed across rows and then along them.
#include <algorithm>
#include <cstring>

#include "kernels/fixed_blur.hpp"
#include "kernels/pointwise.hpp"
#include "kernels/resize.hpp"
#include "kernels/stencil.hpp"
#include "plan/raster/run_fast.hpp"

namespace leaven::plan::fast {

namespace {

constexpr std::size_t kSpare = 64;  ///< floats that kernels may touch behind a row

/// The pixel that stands for i outside [0, n): d c b | a b c d | c b a.
int reflected(int i, int n) {
  if (n == 1) return 0;
  const int period = 2 * (n - 1);
  i = ((i % period) + period) % period;
  return i < n ? i : period - i;
}

/// Fills `margin` pixels before and behind a row with its reflection.
template <class T>
void reflect_margin(T* pixels, int width, int margin, int channels) {
  const auto copy = [&](int to) {
    std::copy_n(pixels + std::ptrdiff_t{reflected(to, width)} * channels, channels, pixels + std::ptrdiff_t{to} * channels);
  };
  for (int i = 0; i < margin; ++i) {
    copy(-1 - i);
    copy(width + i);
  }
}

/// Rows of the input as interleaved floats; the last few are kept.
class FloatRows {
 public:
  /// `keep` rows at a time; `margin` reflected pixels stand before and behind each.
  FloatRows(const Input& input, int keep, int margin, Arena& arena)
      : input_(input),
        channels_(input.shape.channels),
        margin_(margin),
        keep_(std::min(keep, input.shape.height)),
        stride_(static_cast<std::size_t>((input.shape.width + 2 * margin) * channels_) + kSpare),
        rows_(arena.take<float>(stride_ * static_cast<std::size_t>(keep_))),
        holds_(static_cast<std::size_t>(keep_), -1) {
    std::fill(rows_, rows_ + stride_ * static_cast<std::size_t>(keep_), 0.0f);
  }

  /// Row y (reflected where it lies outside), from the margin's first pixel on.
  const float* row(int y) {
    y = reflected(y, input_.shape.height);
    const int slot = y % keep_;
    float* row = rows_ + stride_ * static_cast<std::size_t>(slot);
    if (holds_[static_cast<std::size_t>(slot)] == y) return row;
    holds_[static_cast<std::size_t>(slot)] = y;
    float* pixels = row + margin_ * channels_;
    const auto width = static_cast<std::size_t>(input_.shape.width);
    kernels::load_samples(input_.row(y), input_.shape.dtype, width * static_cast<std::size_t>(channels_), pixels);
    if (input_.shape.alpha) kernels::premultiply_interleaved(pixels, channels_, width);
    reflect_margin(pixels, input_.shape.width, margin_, channels_);
    return row;
  }

 private:
  const Input& input_;
  int channels_, margin_, keep_;
  std::size_t stride_;
  float* rows_;
  std::vector<int> holds_;
};

/// Common to both stencils: a finished row of interleaved floats is handed out in segments.
class StencilRows : public Stage {
 public:
  StencilRows(const Input& input, Arena& arena)
      : input_(input),
        channels_(input.shape.channels),
        samples_(static_cast<std::size_t>(input.shape.width * input.shape.channels)),
        done_(arena.take<float>(samples_ + kSpare)) {}

  bool moves() const override { return false; }

  void fetch(int x, int y, int count, const Planes& out) override {
    if (y != done_row_) compute(y);
    done_row_ = y;
    kernels::split_channels(done_ + std::ptrdiff_t{x} * channels_, channels_, count, out);
    if (input_.shape.alpha) kernels::unpremultiply(out, channels_, count);
  }

 protected:
  virtual void compute(int y) = 0;

  Input input_;
  int channels_;
  std::size_t samples_;  ///< of a row
  float* done_;

 private:
  int done_row_{-1};
};

class SeparableRows final : public StencilRows {
 public:
  SeparableRows(const Separable& taps, const Input& input, Arena& arena)
      : StencilRows(input, arena),
        taps_(taps),
        radius_x_(static_cast<int>(taps.taps_x.size() / 2)),
        radius_y_(static_cast<int>(taps.taps_y.size() / 2)),
        rows_(input_, static_cast<int>(taps.taps_y.size()), 0, arena),
        mixed_(arena.take<float>(samples_ + static_cast<std::size_t>(2 * radius_x_ * channels_) + kSpare)) {
    std::fill_n(mixed_, samples_ + static_cast<std::size_t>(2 * radius_x_ * channels_) + kSpare, 0.0f);
  }

 private:
  void compute(int y) override {
    above_.clear();
    for (int dy = -radius_y_; dy <= radius_y_; ++dy) above_.push_back(rows_.row(y + dy));
    float* pixels = mixed_ + radius_x_ * channels_;
    kernels::combine_rows(above_.data(), taps_.taps_y.data(), static_cast<int>(above_.size()), samples_, pixels);
    reflect_margin(pixels, input_.shape.width, radius_x_, channels_);
    const float* row = mixed_;
    kernels::convolve_rows(&row, 1, static_cast<int>(taps_.taps_x.size()), taps_.taps_x.data(), channels_, samples_, done_);
  }

  const Separable& taps_;
  int radius_x_, radius_y_;
  FloatRows rows_;
  float* mixed_;  ///< a row mixed across rows, with margins
  std::vector<const float*> above_{};
};

class Kernel3Rows final : public StencilRows {
 public:
  Kernel3Rows(const Kernel3& kernel, const Input& input, Arena& arena)
      : StencilRows(input, arena), kernel_(kernel), rows_(input_, 3, 1, arena),
        original_(arena.take<kernels::SegmentBuffer>(1)) {}

  void fetch(int x, int y, int count, const Planes& out) override {
    const int width = input_.shape.width, height = input_.shape.height;
    const auto original = [&](int begin, int end) {
      const Planes planes = original_->planes();
      const std::byte* pixels = input_.row(y) + static_cast<std::size_t>(begin) * input_.shape.pixel_bytes();
      kernels::load_pixels(pixels, input_.shape.dtype, channels_, end - begin, planes);
      for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c)
        std::copy_n(planes.channel[c], end - begin, out.channel[c] + (begin - x));
    };
    if (kernel_.keep_edge && (y == 0 || y == height - 1)) return original(x, x + count);
    StencilRows::fetch(x, y, count, out);
    if (!kernel_.keep_edge) return;
    if (x == 0) original(0, 1);
    if (x + count == width) original(width - 1, width);
  }

 private:
  void compute(int y) override {
    const float* rows[3] = {rows_.row(y - 1), rows_.row(y), rows_.row(y + 1)};
    kernels::convolve_rows(rows, 3, 3, kernel_.taps.data(), channels_, samples_, done_);
  }

  const Kernel3& kernel_;
  FloatRows rows_;
  kernels::SegmentBuffer* original_;  ///< stored pixels of the edge
};

/// A blur of bytes to bytes, in fixed point. Where no step follows, its rounded levels are the pass's stored pixels.
class ByteBlur final : public Stage {
 public:
  ByteBlur(kernels::HalfTaps taps_x, kernels::HalfTaps taps_y, bool to_levels, const Input& input, Arena& arena)
      : input_(input),
        taps_x_(std::move(taps_x)),
        taps_y_(std::move(taps_y)),
        to_levels_(to_levels),
        channels_(input.shape.channels),
        samples_(static_cast<std::size_t>(input.shape.width * channels_)),
        margin_(static_cast<std::size_t>(taps_x_.radius() * channels_)),
        keep_(std::min(2 * taps_y_.radius() + 1, input.shape.height)),
        bytes_(arena.take<std::uint8_t>(samples_ + kSpare)),
        wide_(arena.take<std::uint16_t>((samples_ + kSpare) * static_cast<std::size_t>(keep_))),
        mixed_(arena.take<std::uint16_t>(samples_ + 2 * margin_ + kSpare)),
        done_(arena.take<std::uint16_t>(samples_ + kSpare)),
        holds_(static_cast<std::size_t>(keep_), -1) {
    std::fill_n(bytes_, samples_ + kSpare, std::uint8_t{0});
    std::fill_n(mixed_, samples_ + 2 * margin_ + kSpare, std::uint16_t{0});
  }

  bool moves() const override { return to_levels_; }
  const std::byte* stored_row(int y) override {
    move_row(y, reinterpret_cast<std::byte*>(bytes_));
    return reinterpret_cast<const std::byte*>(bytes_);
  }
  void move_row(int y, std::byte* out) override {
    compute(y);
    kernels::round_to_bytes(done_, samples_, reinterpret_cast<std::uint8_t*>(out));
  }
  void fetch(int x, int y, int count, const Planes& out) override {
    if (y != done_row_) compute(y);
    const std::uint16_t* pixels = done_ + std::ptrdiff_t{x} * channels_;
    kernels::load_pixels(reinterpret_cast<const std::byte*>(pixels), Dtype::u16, channels_, count, out);
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c)
      kernels::affine(out.channel[c], count, 65535.0 / (255 * 128), 0, true);
  }

 private:
  const std::uint16_t* row(int y) {
    y = reflected(y, input_.shape.height);
    const int slot = y % keep_;
    std::uint16_t* row = wide_ + (samples_ + kSpare) * static_cast<std::size_t>(slot);
    if (holds_[static_cast<std::size_t>(slot)] == y) return row;
    holds_[static_cast<std::size_t>(slot)] = y;
    std::memcpy(bytes_, input_.row(y), samples_);  // vectors may read behind the row
    kernels::widen_bytes(bytes_, samples_, row);
    return row;
  }

  void compute(int y) {
    done_row_ = y;
    around_.clear();
    for (int dy = -taps_y_.radius(); dy <= taps_y_.radius(); ++dy) around_.push_back(row(y + dy));
    kernels::blur_across(around_.data(), taps_y_, samples_, mixed_ + margin_);
    reflect_margin(mixed_ + margin_, input_.shape.width, taps_x_.radius(), channels_);
    kernels::blur_along(mixed_, taps_x_, channels_, samples_, done_);
  }

  Input input_;
  kernels::HalfTaps taps_x_, taps_y_;
  bool to_levels_;
  int channels_;
  std::size_t samples_, margin_;
  int keep_;
  std::uint8_t* bytes_;
  std::uint16_t* wide_;   ///< rows as fixed-point numbers, row y at y mod keep_
  std::uint16_t* mixed_;  ///< a row mixed across rows, with margins
  std::uint16_t* done_;
  std::vector<int> holds_;
  std::vector<const std::uint16_t*> around_{};
  int done_row_{-1};
};

}  // namespace

std::unique_ptr<Stage> make_stencil(const Stencil& stencil, const Pass& pass, const Input& input, Arena& arena) {
  const auto* separable = std::get_if<Separable>(&stencil.what);
  if (separable && pass.in.dtype == Dtype::u8 && pass.out.dtype == Dtype::u8 && !pass.in.alpha) {
    auto along = kernels::HalfTaps::of(separable->taps_x), across = kernels::HalfTaps::of(separable->taps_y);
    if (along && across)
      return std::make_unique<ByteBlur>(std::move(*along), std::move(*across), pass.run.empty(), input, arena);
  }
  if (const auto* taps = std::get_if<Separable>(&stencil.what))
    return std::make_unique<SeparableRows>(*taps, input, arena);
  return std::make_unique<Kernel3Rows>(std::get<Kernel3>(stencil.what), input, arena);
}

}  // namespace leaven::plan::fast

// The canvas of a Mix, for both executors: they differ in the numbers that they blend in and in who runs the layers.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "plan/raster/mixing.hpp"

namespace leaven::plan {

namespace {

/// A layer's pixels, ready to be laid down.
struct Laid {
  const MixLayer* layer{};
  Raster made{};        ///< empty: the picture as it is
  RasterView pixels{};
  bool opaque() const { return layer->opacity >= 1 && !layer->mask && layer->channels == ~0U; }
};

template <class Run>
std::vector<Laid> lay_out(const MixStage& stage, const RasterView& input, const Run& run) {
  std::vector<Laid> laid;
  const Mix& mix = stage.mix;
  for (std::size_t i = 0; i < mix.layers->size(); ++i) {
    const MixLayer& layer = (*mix.layers)[i];
    const auto partner = static_cast<std::size_t>(layer.picture) - 1;
    const bool given = layer.picture > 0 && partner < mix.partners.size() && mix.partners[partner];
    Laid next{&layer, {}, given ? mix.partners[partner]->view() : input};
    if (!layer.nodes.empty()) {
      next.made = run((*stage.plans)[i], next.pixels);
      next.pixels = next.made.view();
    }
    laid.push_back(std::move(next));
  }
  return laid;
}

/// One row of the canvas. Pixels stay as stored until the first layer that blends.
template <class T, class Real>
class Row {
 public:
  Row(const Mix& mix, const RasterShape& shape)
      : shape_(shape), channels_(static_cast<std::size_t>(shape.channels)), values_(static_cast<std::size_t>(shape.width) * channels_) {
    const double scale = full_scale(shape.dtype);
    for (std::size_t c = 0; c < channels_; ++c) {
      const double v = static_cast<double>(mix.fill[c]) * scale;
      fill_[c] = static_cast<T>(std::is_integral_v<T> ? std::nearbyint(std::clamp(v, 0.0, scale)) : v);
    }
  }

  void begin(T* out) {
    out_ = out;
    blending_ = false;
    for (int x = 0; x < shape_.width; ++x) std::copy_n(fill_.begin(), channels_, out + static_cast<std::size_t>(x) * channels_);
  }

  void lay(const Laid& laid, int y) {
    const MixLayer& layer = *laid.layer;
    const int row = y - layer.y, from = std::max(0, layer.x);
    const int to = std::min<int>(shape_.width, layer.x + laid.pixels.shape.width);
    if (row < 0 || row >= laid.pixels.shape.height || from >= to || layer.opacity <= 0) return;
    const T* pixels = laid.pixels.row<T>(row) + static_cast<std::size_t>(from - layer.x) * channels_;
    const auto count = static_cast<std::size_t>(to - from), at = static_cast<std::size_t>(from) * channels_;
    if (laid.opaque() && !blending_) {
      std::copy_n(pixels, count * channels_, out_ + at);
      return;
    }
    if (!blending_) load();
    const std::uint8_t* mask = layer.mask ? layer.mask->row<std::uint8_t>(row) + (from - layer.x) : nullptr;
    if (layer.channels != ~0U) blend_channels(layer, pixels, mask, count, values_.data() + at);
    else if (shape_.alpha) blend_alpha(pixels, mask, layer.opacity, count, values_.data() + at);
    else blend(pixels, mask, static_cast<Real>(layer.opacity), count, values_.data() + at);
  }

  void end() {
    if (!blending_) return;
    const Real scale = static_cast<Real>(full_scale(shape_.dtype));
    for (std::size_t x = 0; x < static_cast<std::size_t>(shape_.width); ++x) {
      Real* v = values_.data() + x * channels_;
      if (shape_.alpha) {
        const Real alpha = v[channels_ - 1] / scale;
        for (std::size_t c = 0; c + 1 < channels_; ++c) v[c] = alpha > 0 ? v[c] / alpha : Real{0};
      }
      for (std::size_t c = 0; c < channels_; ++c) out_[x * channels_ + c] = stored(v[c], scale);
    }
  }

 private:
  T stored(Real v, Real scale) const {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(std::nearbyint(std::clamp(v, Real{0}, scale)));
    else return static_cast<T>(shape_.bounded ? std::clamp(v, Real{0}, Real{1}) : v);
  }

  void load() {
    blending_ = true;
    if (shape_.alpha) return blend_alpha(out_, nullptr, 1, static_cast<std::size_t>(shape_.width), values_.data());
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = static_cast<Real>(out_[i]);
  }

  void blend(const T* pixels, const std::uint8_t* mask, Real opacity, std::size_t count, Real* values) const {
    if (!mask) {
      for (std::size_t i = 0; i < count * channels_; ++i) values[i] += opacity * (static_cast<Real>(pixels[i]) - values[i]);
      return;
    }
    for (std::size_t x = 0; x < count; ++x) {
      const Real share = opacity * static_cast<Real>(mask[x]) / Real{255};
      for (std::size_t i = x * channels_; i < (x + 1) * channels_; ++i) values[i] += share * (static_cast<Real>(pixels[i]) - values[i]);
    }
  }

  void blend_alpha(const T* pixels, const std::uint8_t* mask, double opacity, std::size_t count, Real* values) const {
    const Real scale = static_cast<Real>(full_scale(shape_.dtype));
    for (std::size_t x = 0; x < count; ++x) {
      const Real share = static_cast<Real>(opacity) * (mask ? static_cast<Real>(mask[x]) / Real{255} : Real{1});
      const T* p = pixels + x * channels_;
      Real* v = values + x * channels_;
      const Real alpha = static_cast<Real>(p[channels_ - 1]);
      for (std::size_t c = 0; c + 1 < channels_; ++c) v[c] = v[c] * (1 - share) + share * (static_cast<Real>(p[c]) * (alpha / scale));
      v[channels_ - 1] = v[channels_ - 1] * (1 - share) + share * alpha;
    }
  }

  /// Channel by channel; what is not laid stays, and so does the alpha by which colours are premultiplied.
  void blend_channels(const MixLayer& layer, const T* pixels, const std::uint8_t* mask, std::size_t count, Real* values) const {
    const Real scale = static_cast<Real>(full_scale(shape_.dtype));
    for (std::size_t x = 0; x < count; ++x) {
      const Real share = static_cast<Real>(layer.opacity) * (mask ? static_cast<Real>(mask[x]) / Real{255} : Real{1});
      Real* v = values + x * channels_;
      const Real alpha = shape_.alpha ? v[channels_ - 1] / scale : Real{1};
      for (std::size_t c = 0; c < channels_; ++c) {
        if ((layer.channels >> c & 1U) == 0) continue;
        const bool premultiplied = shape_.alpha && c + 1 < channels_;
        v[c] = v[c] * (1 - share) + share * (static_cast<Real>(pixels[x * channels_ + c]) * (premultiplied ? alpha : Real{1}));
      }
    }
  }

  RasterShape shape_;
  std::size_t channels_;
  std::vector<Real> values_;  ///< levels; colour premultiplied where there is alpha
  std::array<T, 4> fill_{};
  T* out_{};
  bool blending_{};
};

template <class T, class Real>
void compose(const Mix& mix, const std::vector<Laid>& layers, Raster& canvas) {
  Row<T, Real> row(mix, canvas.shape());
  for (int y = 0; y < canvas.shape().height; ++y) {
    row.begin(canvas.row<T>(y));
    for (const Laid& layer : layers) row.lay(layer, y);
    row.end();
  }
}

template <class Real, class Run>
Raster mixed(const MixStage& stage, const RasterView& input, const RasterShape& out, const Run& run) {
  const std::vector<Laid> layers = lay_out(stage, input, run);
  Raster canvas(out);
  switch (out.dtype) {
    case Dtype::u8: compose<std::uint8_t, Real>(stage.mix, layers, canvas); break;
    case Dtype::u16: compose<std::uint16_t, Real>(stage.mix, layers, canvas); break;
    case Dtype::f32: compose<float, Real>(stage.mix, layers, canvas); break;
  }
  return canvas;
}

}  // namespace

Raster mixed_fast(const MixStage& stage, const RasterView& input, const RasterShape& out) {
  return mixed<float>(stage, input, out, [](const RasterPlan& plan, const RasterView& view) { return run_fast(plan, view); });
}

Raster mixed_reference(const MixStage& stage, const RasterView& input, const RasterShape& out) {
  return mixed<double>(stage, input, out, [](const RasterPlan& plan, const RasterView& view) { return run_reference(plan, view); });
}

}  // namespace leaven::plan

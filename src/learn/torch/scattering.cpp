#include "learn/torch/scattering.hpp"

#include <torch/torch.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace leaven::learn {

namespace {

constexpr std::int64_t kDirections = 8, kScales = 2, kMaps = 1 + kScales * kDirections + kDirections * kDirections;
constexpr double kElongation = 0.5;                    ///< of the envelope, across to along
constexpr double kWidth = 0.8;                         ///< of its Gaussian at the finest scale, px
constexpr double kFrequency = 3 * std::numbers::pi / 4;  ///< at the finest scale

/// Real and imaginary part of one wavelet for each direction: 2 · kDirections kernels of one input.
torch::Tensor wavelets(int scale) {
  const double stretch = std::exp2(scale), sigma = kWidth * stretch, frequency = kFrequency / stretch;
  const int reach = static_cast<int>(std::ceil(3 * sigma / kElongation)), side = 2 * reach + 1;
  torch::Tensor kernels = torch::zeros({2 * kDirections, 1, side, side}, torch::kDouble);
  auto cells = kernels.accessor<double, 4>();
  for (int d = 0; d < kDirections; ++d) {
    const double angle = std::numbers::pi * d / kDirections;
    double envelope_sum = 0, wave_sum = 0;
    const auto envelope = [&](int x, int y) {
      const double along = x * std::cos(angle) + y * std::sin(angle), across = -x * std::sin(angle) + y * std::cos(angle);
      return std::exp(-(along * along + kElongation * kElongation * across * across) / (2 * sigma * sigma));
    };
    const auto phase = [&](int x, int y) { return frequency * (x * std::cos(angle) + y * std::sin(angle)); };
    for (int y = -reach; y <= reach; ++y)
      for (int x = -reach; x <= reach; ++x) envelope_sum += envelope(x, y), wave_sum += envelope(x, y) * std::cos(phase(x, y));
    // Morlet: the wave less what is left of its mean, so that plain areas give nothing.
    const double offset = wave_sum / envelope_sum;
    for (int y = -reach; y <= reach; ++y)
      for (int x = -reach; x <= reach; ++x) {
        cells[2 * d][0][y + reach][x + reach] = envelope(x, y) * (std::cos(phase(x, y)) - offset) / envelope_sum;
        cells[2 * d + 1][0][y + reach][x + reach] = envelope(x, y) * std::sin(phase(x, y)) / envelope_sum;
      }
  }
  return kernels.to(torch::kFloat);
}

class Scattering final : public Features {
 public:
  explicit Scattering(const InputShape& shape) : shape_(shape) {
    for (int scale = 0; scale < kScales; ++scale) wavelets_.push_back(wavelets(scale));
    const auto maps = static_cast<std::size_t>(kMaps * shape.channels);
    grid_ = static_cast<std::int64_t>(std::max(1.0, std::floor(std::sqrt(static_cast<double>(kMostFeatures) / static_cast<double>(maps)))));
    rows_ = std::min<std::int64_t>(grid_, shape.height), columns_ = std::min<std::int64_t>(grid_, shape.width);
  }
  std::size_t size() const override { return static_cast<std::size_t>(kMaps * shape_.channels * rows_ * columns_); }

  void of(std::span<const float> items, std::span<float> out) const override {
    const torch::NoGradGuard no_gradients;
    const auto count = static_cast<std::int64_t>(items.size() / shape_.values());
    for (std::int64_t from = 0; from < count; from += kAtOnce) {
      const std::int64_t some = std::min(kAtOnce, count - from);
      const float* const begin = items.data() + static_cast<std::size_t>(from) * shape_.values();
      const torch::Tensor x = torch::from_blob(const_cast<float*>(begin), {some * shape_.channels, 1, shape_.height, shape_.width});
      std::vector<torch::Tensor> maps{x};
      const torch::Tensor fine = modulus(x, 0);
      maps.push_back(fine);
      maps.push_back(modulus(x, 1));
      const torch::Tensor second = modulus(fine.reshape({some * shape_.channels * kDirections, 1, shape_.height, shape_.width}), 1);
      maps.push_back(second.reshape({some * shape_.channels, kDirections * kDirections, shape_.height, shape_.width}));
      const torch::Tensor all = torch::adaptive_avg_pool2d(torch::cat(maps, 1), {rows_, columns_}).contiguous();
      std::copy_n(all.data_ptr<float>(), all.numel(), out.data() + static_cast<std::size_t>(from) * size());
    }
  }

 private:
  static constexpr std::int64_t kAtOnce = 64;

  /// A map for each direction.
  torch::Tensor modulus(const torch::Tensor& x, int scale) const {
    const torch::Tensor& kernels = wavelets_[static_cast<std::size_t>(scale)];
    const std::int64_t reach = kernels.size(2) / 2;
    // Borders are repeated: reflecting needs pictures larger than the wavelet.
    const torch::Tensor wide = torch::replication_pad2d(x, {reach, reach, reach, reach});
    const torch::Tensor parts = torch::conv2d(wide, kernels);
    const torch::Tensor pairs = parts.reshape({x.size(0), kDirections, 2, x.size(2), x.size(3)});
    return torch::sqrt(pairs.square().sum(2));
  }

  InputShape shape_;
  std::int64_t grid_{}, rows_{}, columns_{};
  std::vector<torch::Tensor> wavelets_{};
};

}  // namespace

std::unique_ptr<Features> scattering(const InputShape& shape) { return std::make_unique<Scattering>(shape); }

}  // namespace leaven::learn

// Features of series from fixed convolutions. Dempster, Schmidt and Webb, "MiniRocket: a very fast (almost) deterministic
// transform for time series classification" (KDD 2021), with fewer features.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/key.hpp"
#include "learn/learner.hpp"

namespace leaven::learn {

/// The 84 kernels of nine taps with three twos and six minus ones, at dilations from 1 to as far as the series reaches; each
/// feature is the share of samples at which one of them exceeds a bias. Biases are quantiles of what training series give.
/// Several channels: each pair of kernel and dilation sees a few of them, drawn by the key.
class RandomKernels {
 public:
  /// `values`: training items one after another, at least one.
  RandomKernels(const InputShape& shape, std::span<const float> values, Key key);
  std::size_t size() const { return biases_.size(); }
  void features(std::span<const float> item, std::span<float> out) const;

 private:
  struct Convolution {
    std::size_t kernel{}, dilation{};
    bool padded{};                         ///< all samples count, else only where all taps lie inside
    std::vector<std::size_t> channels{};
    std::size_t first{}, count{};          ///< biases
  };
  void choose(Key key);
  /// What the kernel gives at the samples that count.
  void run(const Convolution& convolution, std::span<const float> item, std::vector<float>& out) const;

  std::size_t length_, channels_;
  std::vector<Convolution> convolutions_{};
  std::vector<float> biases_{};
};

}  // namespace leaven::learn

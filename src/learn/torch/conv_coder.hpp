// A convolutional encoder and decoder of pictures: two convolutions of stride 2 down, two after doubling the size up.
#pragma once

#include <torch/torch.h>

#include "learn/learner.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

class ConvCoder {
 public:
  /// Adds its layers to `parameters`, which must outlive it. `told`: values of the class that both sides see beside the
  /// picture and the code; `outputs`: of the encoder.
  ConvCoder(Parameters& parameters, const InputShape& shape, std::int64_t told, std::int64_t latent, std::int64_t outputs);
  /// Pictures as rows of planes, or as B × channels × height × width.
  torch::Tensor encode(const torch::Tensor& x, const torch::Tensor& told) const;
  /// Logits, planes in a row.
  torch::Tensor decode(const torch::Tensor& z, const torch::Tensor& told) const;

 private:
  static constexpr std::int64_t kHidden = 128;
  std::int64_t small_height() const { return (shape_.height + 3) / 4; }
  std::int64_t small_width() const { return (shape_.width + 3) / 4; }

  const Parameters& parameters_;
  InputShape shape_;
  std::size_t down_1_{}, down_2_{}, seen_{}, code_{}, back_{}, grown_{}, up_1_{}, up_2_{}, made_{};
};

}  // namespace leaven::learn

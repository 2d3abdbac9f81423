#include "learn/torch/conv_coder.hpp"

namespace leaven::learn {

ConvCoder::ConvCoder(Parameters& parameters, const InputShape& shape, std::int64_t told, std::int64_t latent, std::int64_t outputs) : parameters_(parameters), shape_(shape) {
  down_1_ = parameters.add_layer("encoder.0", {32, shape.channels, 3, 3});
  down_2_ = parameters.add_layer("encoder.1", {64, 32, 3, 3});
  seen_ = parameters.add_layer("encoder.2", {kHidden, 64 * small_height() * small_width() + told});
  code_ = parameters.add_layer("encoder.3", {outputs, kHidden});
  back_ = parameters.add_layer("decoder.0", {kHidden, latent + told});
  grown_ = parameters.add_layer("decoder.1", {64 * small_height() * small_width(), kHidden});
  up_1_ = parameters.add_layer("decoder.2", {32, 64, 3, 3});
  up_2_ = parameters.add_layer("decoder.3", {32, 32, 3, 3});
  made_ = parameters.add_layer("decoder.4", {shape.channels, 32, 3, 3});
  if (told == 0) return;
  parameters.belongs_to_classes(seen_, 1, 64 * small_height() * small_width());
  parameters.belongs_to_classes(back_, 1, latent);
}

torch::Tensor ConvCoder::encode(const torch::Tensor& x, const torch::Tensor& told) const {
  torch::Tensor h = x.view({-1, shape_.channels, shape_.height, shape_.width});
  h = torch::leaky_relu(parameters_.conv(h, down_1_, 2), 0.1);
  h = torch::leaky_relu(parameters_.conv(h, down_2_, 2), 0.1).flatten(1);
  return parameters_.linear(torch::leaky_relu(parameters_.linear(torch::cat({h, told}, 1), seen_), 0.1), code_);
}

torch::Tensor ConvCoder::decode(const torch::Tensor& z, const torch::Tensor& told) const {
  torch::Tensor h = torch::leaky_relu(parameters_.linear(torch::cat({z, told}, 1), back_), 0.1);
  h = torch::leaky_relu(parameters_.linear(h, grown_), 0.1).view({-1, 64, small_height(), small_width()});
  h = torch::upsample_nearest2d(h, {(shape_.height + 1) / 2, (shape_.width + 1) / 2});
  h = torch::leaky_relu(parameters_.conv(h, up_1_), 0.1);
  h = torch::upsample_nearest2d(h, {shape_.height, shape_.width});
  h = torch::leaky_relu(parameters_.conv(h, up_2_), 0.1);
  return parameters_.conv(h, made_).flatten(1);
}

}  // namespace leaven::learn

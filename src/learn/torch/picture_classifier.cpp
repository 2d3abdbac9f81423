#include "learn/torch/picture_classifier.hpp"

#include <algorithm>

#include "learn/torch/learners.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

namespace {

constexpr double kRate = 1e-3, kDecay = 1e-4, kDropout = 0.5;
constexpr std::int64_t kHidden = 64, kAtOnce = 256;

class ConvClassifier final : public PictureClassifier {
 public:
  ConvClassifier(const InputShape& shape, std::uint32_t classes, Key key)
      : shape_(shape), parameters_(key), dropout_(parameters_.key_of("dropout")) {
    torch::set_num_threads(1);
    first_ = parameters_.add_layer("conv0", {16, shape.channels, 3, 3});
    second_ = parameters_.add_layer("conv1", {32, 16, 3, 3});
    hidden_ = parameters_.add_layer("hidden", {kHidden, 32 * quarter(shape.height) * quarter(shape.width)});
    head_ = parameters_.add_layer("head", {classes, kHidden});
    optimizer_ = std::make_unique<torch::optim::Adam>(parameters_.all(), torch::optim::AdamOptions(kRate).weight_decay(kDecay));
  }

  double train(const Batch& batch, double rate) override {
    torch::set_num_threads(1);
    for (auto& group : optimizer_->param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(kRate * rate);
    std::vector<std::int64_t> labels(batch.labels.begin(), batch.labels.end());
    const torch::Tensor y = torch::from_blob(labels.data(), {static_cast<std::int64_t>(labels.size())}, torch::kLong);
    const torch::Tensor h = hidden(as_tensor(batch.values));
    const torch::Tensor kept = uniforms(dropout_, shown_, {h.size(0), kHidden}).ge(kDropout).to(torch::kFloat) / (1 - kDropout);
    shown_ += static_cast<std::uint64_t>(h.numel());
    const torch::Tensor loss = torch::cross_entropy_loss(parameters_.linear(h * kept, head_), y);
    optimizer_->zero_grad();
    loss.backward();
    optimizer_->step();
    return loss.item<double>();
  }

  std::vector<float> predict(std::span<const float> pixels) override {
    return in_parts(pixels, [&](const torch::Tensor& x) { return torch::softmax(parameters_.linear(hidden(x), head_), 1); });
  }
  std::vector<float> features(std::span<const float> pixels) override {
    return in_parts(pixels, [&](const torch::Tensor& x) { return hidden(x); });
  }

 private:
  static std::int64_t quarter(int side) { return ((side + 1) / 2 + 1) / 2; }

  torch::Tensor as_tensor(std::span<const float> pixels) const {
    return torch::from_blob(const_cast<float*>(pixels.data()), {static_cast<std::int64_t>(pixels.size() / shape_.values()), shape_.channels, shape_.height, shape_.width});
  }
  torch::Tensor hidden(torch::Tensor x) const {
    for (const std::size_t layer : {first_, second_}) x = torch::max_pool2d(torch::relu(parameters_.conv(x, layer)), 2, 2, 0, 1, true);
    return torch::relu(parameters_.linear(x.flatten(1), hidden_));
  }
  template <class F>
  std::vector<float> in_parts(std::span<const float> pixels, F&& of) const {
    torch::set_num_threads(1);
    const torch::NoGradGuard no_gradients;
    std::vector<float> made;
    const torch::Tensor all = as_tensor(pixels);
    for (std::int64_t from = 0; from < all.size(0); from += kAtOnce) {
      const torch::Tensor out = of(all.slice(0, from, std::min(all.size(0), from + kAtOnce))).contiguous();
      made.insert(made.end(), out.data_ptr<float>(), out.data_ptr<float>() + out.numel());
    }
    return made;
  }

  InputShape shape_;
  Parameters parameters_;
  Key dropout_;
  std::uint64_t shown_{};
  std::size_t first_{}, second_{}, hidden_{}, head_{};
  std::unique_ptr<torch::optim::Adam> optimizer_{};
};

}  // namespace

ClassifierKind picture_classifier() {
  return {"conv", learner_named("plain_conv_net").machinery,
          [](const InputShape& shape, std::uint32_t classes, Key key) -> std::unique_ptr<PictureClassifier> { return std::make_unique<ConvClassifier>(shape, classes, key); }};
}

}  // namespace leaven::learn

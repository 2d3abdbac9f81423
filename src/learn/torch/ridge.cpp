#include "learn/torch/ridge.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "learn/random_kernels.hpp"
#include "learn/torch/machinery.hpp"

namespace leaven::learn {

namespace {

/// Of the mean squared feature.
constexpr double kPenalty = 1e-3;
constexpr double kSharpness = 3;

class Ridge final : public Learner {
 public:
  Ridge(const InputShape& shape, std::uint32_t classes, Key key, MakeFeatures make) : shape_(shape), classes_(classes), key_(key), make_(std::move(make)) {}

  double train(const Batch& batch, double) override {
    const torch::NoGradGuard no_gradients;
    features_ = make_(shape_, batch.values, key_);
    torch::Tensor x = of(batch.values);
    mean_ = x.mean(0);
    const torch::Tensor deviation = x.std(0, /*unbiased=*/false);
    scale_ = torch::where(deviation > 1e-6, 1 / deviation, torch::zeros_like(deviation));
    x = (x - mean_) * scale_;
    const torch::Tensor y = answers(batch);
    offset_ = y.mean(0);
    solve(x, y - offset_);
    return torch::mse_loss(torch::matmul(x, weight_) + offset_, y).item<double>();
  }

  std::vector<float> predict(std::span<const float> values) override {
    const torch::NoGradGuard no_gradients;
    if (values.empty()) return {};
    torch::Tensor out = torch::matmul((of(values) - mean_) * scale_, weight_) + offset_;
    if (classes_ > 0) out = torch::softmax(kSharpness * out, 1);
    out = out.to(torch::kFloat).contiguous();
    return {out.data_ptr<float>(), out.data_ptr<float>() + out.numel()};
  }

  /// Of the linear part; the features are those of the training items that it was trained on.
  std::vector<float> weights() const override {
    std::vector<float> all;
    for (const torch::Tensor& part : {mean_, scale_, offset_, weight_}) {
      const torch::Tensor flat = part.to(torch::kFloat).contiguous();
      all.insert(all.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    }
    return all;
  }
  void set_weights(std::span<const float> weights) override {
    for (torch::Tensor* const part : {&mean_, &scale_, &offset_, &weight_}) {
      const auto count = static_cast<std::size_t>(part->numel());
      *part = torch::from_blob(const_cast<float*>(weights.data()), part->sizes()).to(torch::kDouble).clone();
      weights = weights.subspan(count);
    }
  }

 private:
  torch::Tensor of(std::span<const float> values) const {
    const std::size_t count = values.size() / shape_.values(), size = features_->size();
    std::vector<float> made(count * size);
    for (std::size_t i = 0; i < count; ++i) features_->of(values.subspan(i * shape_.values(), shape_.values()), std::span(made).subspan(i * size, size));
    return torch::from_blob(made.data(), {static_cast<std::int64_t>(count), static_cast<std::int64_t>(size)}).to(torch::kDouble);
  }

  torch::Tensor answers(const Batch& batch) const {
    const auto count = static_cast<std::int64_t>(batch.size());
    if (classes_ == 0) return torch::from_blob(const_cast<float*>(batch.targets.data()), {count, 1}).to(torch::kDouble);
    torch::Tensor y = torch::full({count, static_cast<std::int64_t>(classes_)}, -1.0, torch::kDouble);
    auto cells = y.accessor<double, 2>();
    for (std::int64_t i = 0; i < count; ++i) cells[i][batch.labels[static_cast<std::size_t>(i)]] = 1;
    return y;
  }

  /// By whichever of both sides is smaller: items or features.
  void solve(const torch::Tensor& x, const torch::Tensor& y) {
    const std::int64_t items = x.size(0), size = x.size(1);
    const double penalty = kPenalty * static_cast<double>(items) * static_cast<double>(size);
    const bool by_items = items < size;
    torch::Tensor gram = by_items ? torch::matmul(x, x.t()) : torch::matmul(x.t(), x);
    gram.diagonal().add_(penalty);
    const torch::Tensor half = torch::linalg_cholesky(gram);
    weight_ = by_items ? torch::matmul(x.t(), torch::cholesky_solve(y, half)) : torch::cholesky_solve(torch::matmul(x.t(), y), half);
  }

  InputShape shape_;
  std::uint32_t classes_;
  Key key_;
  MakeFeatures make_;
  std::unique_ptr<Features> features_{};
  torch::Tensor mean_{}, scale_{}, offset_{}, weight_{};
};

class KernelFeatures final : public Features {
 public:
  KernelFeatures(const InputShape& shape, std::span<const float> values, Key key) : kernels_(shape, values, key) {}
  std::size_t size() const override { return kernels_.size(); }
  void of(std::span<const float> item, std::span<float> out) const override { kernels_.features(item, out); }

 private:
  RandomKernels kernels_;
};

}  // namespace

LearnerKind ridge_on(std::string name, std::string summary, MakeFeatures features) {
  return {std::move(name), std::move(summary), machinery(),
          [features = std::move(features)](const InputShape& shape, std::uint32_t classes, Key key) -> std::unique_ptr<Learner> {
            torch::set_num_threads(1);
            return std::make_unique<Ridge>(shape, classes, key, features);
          },
          1};
}

LearnerKind ridge_on_random_kernels() {
  return ridge_on("kernels", "ridge regression on 2,016 features of fixed convolutions (after MiniRocket)",
                  [](const InputShape& shape, std::span<const float> values, Key key) -> std::unique_ptr<Features> { return std::make_unique<KernelFeatures>(shape, values, key); });
}

}  // namespace leaven::learn

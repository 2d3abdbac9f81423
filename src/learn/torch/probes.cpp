#include "learn/torch/features.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "learn/random_kernels.hpp"
#include "learn/torch/machinery.hpp"

namespace leaven::learn {

namespace {

/// Of the mean squared feature.
constexpr double kPenalty = 1e-3;
constexpr double kSharpness = 3;

torch::Tensor features_of(const Features& features, const InputShape& shape, std::span<const float> values) {
  const std::size_t count = values.size() / shape.values();
  std::vector<float> made(count * features.size());
  features.of(values, made);
  return torch::from_blob(made.data(), {static_cast<std::int64_t>(count), static_cast<std::int64_t>(features.size())}).to(torch::kDouble);
}

torch::Tensor inverse_deviation(const torch::Tensor& x) {
  const torch::Tensor deviation = x.std(0, /*unbiased=*/false);
  return torch::where(deviation > 1e-6, 1 / deviation, torch::zeros_like(deviation));
}

class Ridge final : public Learner {
 public:
  Ridge(const InputShape& shape, std::uint32_t classes, Key key, MakeFeatures make) : shape_(shape), classes_(classes), key_(key), make_(std::move(make)) {}

  double train(const Batch& batch, double) override {
    const torch::NoGradGuard no_gradients;
    features_ = make_(shape_, batch.values, key_);
    torch::Tensor x = of(batch.values);
    mean_ = x.mean(0);
    scale_ = inverse_deviation(x);
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
  torch::Tensor of(std::span<const float> values) const { return features_of(*features_, shape_, values); }

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

class Neighbours final : public Learner {
 public:
  Neighbours(const InputShape& shape, std::uint32_t classes, Key key, MakeFeatures make) : shape_(shape), classes_(classes), key_(key), make_(std::move(make)) {}

  double train(const Batch& batch, double) override {
    const torch::NoGradGuard no_gradients;
    features_ = make_(shape_, batch.values, key_);
    const torch::Tensor x = features_of(*features_, shape_, unique_items(batch));
    mean_ = x.mean(0);
    scale_ = inverse_deviation(x);
    items_ = directions(x);
    return 0;
  }

  std::vector<float> predict(std::span<const float> values) override {
    const torch::NoGradGuard no_gradients;
    if (values.empty()) return {};
    const torch::Tensor near = torch::matmul(directions(features_of(*features_, shape_, values)), items_.t());
    const std::int64_t k = std::min<std::int64_t>(kNeighbours, items_.size(0));
    const torch::Tensor chosen = std::get<1>(near.topk(k, 1)).contiguous();
    const std::size_t width = std::max(1U, classes_);
    std::vector<float> made(static_cast<std::size_t>(near.size(0)) * width);
    for (std::int64_t i = 0; i < near.size(0); ++i)
      for (std::int64_t n = 0; n < k; ++n) {
        const float answer = answers_[static_cast<std::size_t>(chosen.data_ptr<std::int64_t>()[i * k + n])];
        float& cell = made[static_cast<std::size_t>(i) * width + (classes_ > 0 ? static_cast<std::size_t>(answer) : 0)];
        cell += (classes_ > 0 ? 1.0f : answer) / static_cast<float>(k);
      }
    return made;
  }

  /// For its digest alone: what it knows are the items.
  std::vector<float> weights() const override {
    const torch::Tensor flat = items_.to(torch::kFloat).contiguous();
    std::vector<float> all = answers_;
    all.insert(all.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    return all;
  }
  void set_weights(std::span<const float> weights) override {
    const auto count = static_cast<std::size_t>(items_.size(0));
    answers_.assign(weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(count));
    items_ = torch::from_blob(const_cast<float*>(weights.data() + count), items_.sizes()).to(torch::kDouble).clone();
  }

 private:
  /// Values of the items that differ from all before, and their answers. An item that is shown five times is one neighbour.
  std::vector<float> unique_items(const Batch& batch) {
    std::vector<float> values;
    std::unordered_set<std::string_view> seen;
    answers_.clear();
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const std::span<const float> item = batch.values.subspan(i * shape_.values(), shape_.values());
      if (!seen.emplace(reinterpret_cast<const char*>(item.data()), item.size_bytes()).second) continue;
      values.insert(values.end(), item.begin(), item.end());
      answers_.push_back(classes_ > 0 ? static_cast<float>(batch.labels[i]) : batch.targets[i]);
    }
    return values;
  }

  torch::Tensor directions(const torch::Tensor& x) const {
    const torch::Tensor standard = (x - mean_) * scale_;
    return standard / standard.norm(2, 1, true).clamp_min(1e-12);
  }

  InputShape shape_;
  std::uint32_t classes_;
  Key key_;
  MakeFeatures make_;
  std::unique_ptr<Features> features_{};
  torch::Tensor mean_{}, scale_{}, items_{};
  std::vector<float> answers_{};
};

class KernelFeatures final : public Features {
 public:
  KernelFeatures(const InputShape& shape, std::span<const float> values, Key key) : values_(shape.values()), kernels_(shape, values, key) {}
  std::size_t size() const override { return kernels_.size(); }
  void of(std::span<const float> items, std::span<float> out) const override {
    for (std::size_t i = 0; i * values_ < items.size(); ++i) kernels_.features(items.subspan(i * values_, values_), out.subspan(i * size(), size()));
  }

 private:
  std::size_t values_;
  RandomKernels kernels_;
};

}  // namespace

namespace {
template <class L>
LearnerKind probe(std::string name, std::string summary, MakeFeatures features) {
  return {std::move(name), std::move(summary), machinery(),
          [features = std::move(features)](const InputShape& shape, std::uint32_t classes, Key key) -> std::unique_ptr<Learner> {
            torch::set_num_threads(1);
            return std::make_unique<L>(shape, classes, key, features);
          },
          1};
}
}  // namespace

LearnerKind ridge_on(std::string name, std::string summary, MakeFeatures features) { return probe<Ridge>(std::move(name), std::move(summary), std::move(features)); }

LearnerKind neighbours_on(std::string name, std::string summary, MakeFeatures features) {
  return probe<Neighbours>(std::move(name), std::move(summary), std::move(features));
}

LearnerKind ridge_on_random_kernels() {
  return ridge_on("kernels", "ridge regression on 2,016 features of fixed convolutions (after MiniRocket)",
                  [](const InputShape& shape, std::span<const float> values, Key key) -> std::unique_ptr<Features> { return std::make_unique<KernelFeatures>(shape, values, key); });
}

}  // namespace leaven::learn

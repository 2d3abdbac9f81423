#include "learn/torch/networks.hpp"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/value.hpp"
#include "learn/torch/batch_loss.hpp"
#include "learn/torch/machinery.hpp"
#include "learn/torch/relu_max_pool.hpp"

namespace leaven::learn {

namespace {

/// Hyperparameters of all networks: Adam with weight decay in the gradient.
constexpr double kRate = 1e-3, kDecay = 1e-4, kDropout = 0.5;
constexpr std::int64_t kPredictAtOnce = 256;

/// Uniform in ±1/√fan_in, as torch's own layers begin.
torch::Tensor begun(std::vector<std::int64_t> shape, std::int64_t fan_in, Key key) {
  torch::Tensor t = torch::empty(std::move(shape));
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  float* values = t.data_ptr<float>();
  for (std::int64_t i = 0; i < t.numel(); ++i)
    values[i] = static_cast<float>(bound * (2 * draw_unit(key, static_cast<std::uint64_t>(i)) - 1));
  return t;
}

/// A network as its weights, in order, and a function of them. Torch's generator is shared by all threads, so nothing
/// here draws from it: weights and dropout come from the learner's key.
class Network : public InnerLearner {
 public:
  Network(const InputShape& input, std::uint32_t classes, Key key) : input_(input), classes_(std::max(1U, classes)), numbers_(classes == 0), key_(key) {}

  double train_inside(const Batch& batch, const Inside& inside, double rate) override {
    if (!optimizer_) optimizer_ = std::make_unique<torch::optim::Adam>(weights_, torch::optim::AdamOptions(kRate).weight_decay(kDecay));
    for (auto& group : optimizer_->param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(usual_rate() * rate);
    optimizer_->zero_grad();
    const torch::Tensor seen = mixed(features(as_tensor(batch.values), true), inside);
    const torch::Tensor loss = batch_loss(answers(seen, true), batch, inside, numbers_);
    loss.backward();
    optimizer_->step();
    ++steps_;
    return loss.item<double>();
  }

  std::vector<float> predict(std::span<const float> values) override {
    const torch::NoGradGuard no_gradients;
    std::vector<float> made;
    const torch::Tensor all = as_tensor(values);
    for (std::int64_t from = 0; from < all.size(0); from += kPredictAtOnce) {
      const torch::Tensor part = all.slice(0, from, std::min(all.size(0), from + kPredictAtOnce));
      const torch::Tensor out = answers(features(part, false), false);
      const torch::Tensor p = (numbers_ ? out : torch::softmax(out, 1)).contiguous();
      made.insert(made.end(), p.data_ptr<float>(), p.data_ptr<float>() + p.numel());
    }
    return made;
  }

  std::vector<float> weights() const override {
    std::vector<float> all;
    for (const torch::Tensor& w : weights_) {
      const torch::Tensor flat = w.detach().contiguous();
      all.insert(all.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    }
    return all;
  }

  void set_weights(std::span<const float> values) override {
    const torch::NoGradGuard no_gradients;
    for (torch::Tensor& w : weights_) {
      std::copy_n(values.begin(), w.numel(), w.data_ptr<float>());
      values = values.subspan(static_cast<std::size_t>(w.numel()));
    }
  }

 protected:
  /// Items × features; answers() are computed from those alone.
  virtual torch::Tensor features(const torch::Tensor& x, bool training) = 0;
  virtual torch::Tensor answers(const torch::Tensor& features, bool training) = 0;
  virtual double usual_rate() const { return kRate; }

  std::size_t add(torch::Tensor weight) {
    weights_.push_back(weight.set_requires_grad(true));
    return weights_.size() - 1;
  }
  /// A weight and a bias.
  std::size_t add_layer(const std::string& name, std::vector<std::int64_t> shape) {
    const std::int64_t out = shape.front();
    const std::int64_t fan_in = std::accumulate(shape.begin() + 1, shape.end(), std::int64_t{1}, std::multiplies<>());
    const std::size_t first = add(begun(std::move(shape), fan_in, key_of(name + "/weight")));
    add(begun({out}, fan_in, key_of(name + "/bias")));
    return first;
  }
  Key key_of(const std::string& name) const { return KeyMaker({.seed = key_.low, .epoch = key_.high}).key(name, {}); }
  /// Inverted dropout; `layer` tells those of one network apart.
  torch::Tensor dropped(const torch::Tensor& x, int layer = 0) const {
    const Key key = key_of(layer == 0 ? "dropout" : "dropout" + std::to_string(layer));
    torch::Tensor mask = torch::empty_like(x);
    float* values = mask.data_ptr<float>();
    const auto count = static_cast<std::uint64_t>(x.numel());
    // Four draws a block.
    for (std::uint64_t i = 0; i < count; i += 4) {
      const auto block = random_block(key, steps_ * ((count + 3) / 4) + i / 4);
      for (std::uint64_t j = i; j < std::min(count, i + 4); ++j)
        values[j] = block[j - i] < kDropout * 4294967296.0 ? 0.0f : static_cast<float>(1 / (1 - kDropout));
    }
    return x * mask;
  }
  const torch::Tensor& w(std::size_t index) const { return weights_[index]; }

  InputShape input_;
  std::int64_t classes_;  ///< outputs: 1 where a number is learned

 private:
  torch::Tensor as_tensor(std::span<const float> values) const {
    const auto count = static_cast<std::int64_t>(values.size() / input_.values());
    return torch::from_blob(const_cast<float*>(values.data()), {count, input_.channels, input_.height, input_.width});
  }

  bool numbers_;

  Key key_;
  std::uint64_t steps_{};
  std::vector<torch::Tensor> weights_{};
  std::unique_ptr<torch::optim::Adam> optimizer_{};
};

/// Blocks of convolution 3×3, group norm (where it is `normed`), ReLU and pooling by two until the sides are below 16 px,
/// then one hidden layer with dropout.
template <bool normed>
class ConvNet final : public Network {
 public:
  ConvNet(const InputShape& input, std::uint32_t classes, Key key) : Network(input, classes, key) {
    std::int64_t channels = input.channels, width = input.width, height = input.height, wanted = kFirstWidth;
    do {
      Block block;
      block.conv = add_layer("conv" + std::to_string(blocks_.size()), {wanted, channels, 3, 3});
      if (normed) {
        block.scale = add(torch::ones({wanted}));
        block.shift = add(torch::zeros({wanted}));
      }
      block.pools = width > 1 && height > 1;
      if (block.pools) width /= 2, height /= 2;
      blocks_.push_back(block);
      channels = wanted;
      wanted = std::min<std::int64_t>(2 * wanted, kMostWidth);
    } while (blocks_.size() < 2 || std::max(width, height) >= 16);
    hidden_ = add_layer("hidden", {kHidden, channels * width * height});
    head_ = add_layer("head", {classes_, kHidden});
  }

 protected:
  torch::Tensor features(const torch::Tensor& input, bool) override {
    torch::Tensor x = input;
    for (const Block& block : blocks_) {
      x = torch::conv2d(x, w(block.conv), w(block.conv + 1), 1, 1);
      if (normed) x = torch::group_norm(x, kGroups, w(block.scale), w(block.shift));
      x = block.pools ? relu_max_pool(x) : torch::relu(x);
    }
    return torch::relu(torch::linear(x.flatten(1), w(hidden_), w(hidden_ + 1)));
  }
  torch::Tensor answers(const torch::Tensor& x, bool training) override { return torch::linear(training ? dropped(x) : x, w(head_), w(head_ + 1)); }

 private:
  static constexpr std::int64_t kFirstWidth = 16, kMostWidth = 64, kHidden = 64, kGroups = 8;
  struct Block {
    std::size_t conv{}, scale{}, shift{};
    bool pools{};
  };
  std::vector<Block> blocks_{};
  std::size_t hidden_{}, head_{};
};

/// Logistic regression on all values, or of numbers a linear one.
class Linear : public Network {
 public:
  Linear(const InputShape& input, std::uint32_t classes, Key key) : Network(input, classes, key) {
    add_layer("head", {classes_, static_cast<std::int64_t>(input.values())});
  }

 protected:
  torch::Tensor features(const torch::Tensor& x, bool) override { return x.flatten(1); }
  torch::Tensor answers(const torch::Tensor& x, bool) override { return torch::linear(x, w(0), w(1)); }
};

/// Three convolutions along time, then the mean over time (after the fully convolutional network of Wang et al. 2017).
class SeriesNet final : public Network {
 public:
  SeriesNet(const InputShape& input, std::uint32_t classes, Key key) : Network(input, classes, key) {
    std::int64_t channels = input.channels;
    for (std::size_t i = 0; i < kTaps.size(); ++i) {
      layers_.push_back(add_layer("conv" + std::to_string(i), {kWidths[i], channels, 1, kTaps[i]}));
      add(torch::ones({kWidths[i]}));
      add(torch::zeros({kWidths[i]}));
      channels = kWidths[i];
    }
    head_ = add_layer("head", {classes_, channels});
  }

 protected:
  torch::Tensor features(const torch::Tensor& input, bool) override {
    torch::Tensor x = input;
    for (std::size_t i = 0; i < kTaps.size(); ++i) {
      const std::size_t at = layers_[i];
      x = torch::conv2d(x, w(at), w(at + 1), 1, torch::IntArrayRef{0, kTaps[i] / 2});
      x = torch::relu(torch::group_norm(x, kGroups, w(at + 2), w(at + 3)));
    }
    return x.mean({2, 3});
  }
  torch::Tensor answers(const torch::Tensor& x, bool) override { return torch::linear(x, w(head_), w(head_ + 1)); }

 private:
  static constexpr std::array<std::int64_t, 3> kTaps{7, 5, 3}, kWidths{32, 64, 32};
  static constexpr std::int64_t kGroups = 8;
  std::vector<std::size_t> layers_{};
  std::size_t head_{};
};

/// A missing number of a row is taken for the mean, which is 0.
torch::Tensor filled(const torch::Tensor& rows) { return torch::nan_to_num(rows.flatten(1), 0.0); }

class LinearRows final : public Linear {
 public:
  using Linear::Linear;

 protected:
  torch::Tensor features(const torch::Tensor& x, bool) override { return filled(x); }
  double usual_rate() const override { return 10 * kRate; }
};

/// Two hidden layers with dropout after each.
class Perceptron final : public Network {
 public:
  Perceptron(const InputShape& input, std::uint32_t classes, Key key) : Network(input, classes, key) {
    add_layer("first", {kHidden, static_cast<std::int64_t>(input.values())});
    add_layer("second", {kHidden, kHidden});
    add_layer("head", {classes_, kHidden});
  }

 protected:
  torch::Tensor features(const torch::Tensor& input, bool training) override {
    torch::Tensor x = torch::relu(torch::linear(filled(input), w(0), w(1)));
    if (training) x = dropped(x);
    return torch::relu(torch::linear(x, w(2), w(3)));
  }
  torch::Tensor answers(const torch::Tensor& x, bool training) override { return torch::linear(training ? dropped(x, 1) : x, w(4), w(5)); }

 private:
  static constexpr std::int64_t kHidden = 64;
};

template <class N>
LearnerKind kind(const char* name, const char* summary) {
  return {name, summary, machinery(), [](const InputShape& input, std::uint32_t classes, Key key) -> std::unique_ptr<Learner> {
            torch::set_num_threads(1);
            return std::make_unique<N>(input, classes, key);
          }};
}

}  // namespace

LearnerKind network_named(std::string_view name, Domain domain) {
  const bool rows = domain == Domain::columns;
  if (name == "mlp") return kind<Perceptron>("mlp", "network with two hidden layers of 64 with dropout; Adam");
  if (name == "linear" && rows) return kind<LinearRows>("linear", "logistic or linear regression; Adam");
  if (name == "linear") return kind<Linear>("linear", "multinomial logistic regression on all values; Adam");
  if (name == "conv_net" && domain == Domain::series)
    return kind<SeriesNet>("conv_net", "small network: three convolutions along time with group norm, then the mean over time; Adam");
  if (name == "conv_net")
    return kind<ConvNet<true>>("conv_net", "small network: convolutions 3×3 with group norm, one hidden layer of 64 with dropout; Adam");
  return kind<ConvNet<false>>("plain_conv_net", "small network: convolutions 3×3, one hidden layer of 64 with dropout; Adam");
}

}  // namespace leaven::learn

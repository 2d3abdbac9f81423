#include "learn/torch/backbone.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/torch/batch_loss.hpp"
#include "learn/torch/features.hpp"
#include "learn/torch/machinery.hpp"
#include "learn/torch/trained_network.hpp"

namespace leaven::learn {

namespace {

constexpr double kHeadRate = 1e-3, kBackboneShare = 0.1, kDecay = 1e-4;
constexpr std::int64_t kAtOnce = 64;

/// Of what torch says in many lines: a TorchScript's own error stands last, behind where it happened.
std::string reason_of(const std::string& text) {
  constexpr std::string_view kMark = "RuntimeError: ";
  const std::size_t mark = text.rfind(kMark), begin = mark == std::string::npos ? 0 : mark + kMark.size();
  return text.substr(begin, text.find('\n', begin) - begin);
}

/// The network, on items of one shape.
class Backbone {
 public:
  Backbone(const NetworkFile& file, const InputShape& shape) : net_(file.make()), shape_(shape), name_(file.summary) {
    const torch::NoGradGuard no_gradients;
    const std::vector<float> nothing(shape.values());
    try {
      features_ = forward(items(nothing)).size(1);
    } catch (const std::exception& error) {
      // Most networks of pictures ask for red, green and blue.
      if (shape.channels != 1) throw refused(error);
      colours_ = 3;
      try {
        features_ = forward(items(nothing)).size(1);
      } catch (const std::exception&) {
        throw refused(error);
      }
    }
  }
  std::int64_t features() const { return features_; }
  const TrainedNetwork& net() const { return *net_; }

  torch::Tensor items(std::span<const float> values) const {
    const auto count = static_cast<std::int64_t>(values.size() / shape_.values());
    const torch::Tensor x = torch::from_blob(const_cast<float*>(values.data()), {count, shape_.channels, shape_.height, shape_.width});
    return colours_ == 3 ? x.expand({count, 3, shape_.height, shape_.width}) : x;
  }

  torch::Tensor forward(const torch::Tensor& x) const {
    torch::Tensor out = net_->forward(x);
    if (out.dim() > 2) out = out.flatten(2).mean(2);
    TORCH_CHECK(out.dim() == 2 && out.size(0) == x.size(0), "it gives no features for each item");
    return out;
  }

 private:
  Error refused(const std::exception& error) const {
    const std::string given = fmt::format("the backbone {} cannot take items of {} and {}×{} px", name_, channels_text(shape_.channels), shape_.width, shape_.height);
    if (const int other = channels_taken()) return usage_error(fmt::format("{}: it takes {}", given, channels_text(other)));
    return usage_error(fmt::format("{}: {}", given, reason_of(error.what()))).with_hint("--size sets the side of the pictures that it sees");
  }

  static std::string channels_text(int count) { return fmt::format("{} {}", count, count == 1 ? "channel" : "channels"); }

  /// How many it would take in items of this size; 0: none.
  int channels_taken() const {
    constexpr int kMost = 16;
    for (int channels = 1; channels <= kMost; ++channels) {
      if (channels == shape_.channels) continue;
      try {
        forward(torch::zeros({1, channels, shape_.height, shape_.width}));
        return channels;
      } catch (const std::exception&) {
        continue;
      }
    }
    return 0;
  }

  std::unique_ptr<TrainedNetwork> net_;
  InputShape shape_;
  std::string name_;
  std::int64_t features_{};
  int colours_{1};
};

class BackboneFeatures final : public Features {
 public:
  BackboneFeatures(const NetworkFile& file, const InputShape& shape) : values_(shape.values()), backbone_(file, shape) {}
  std::size_t size() const override { return static_cast<std::size_t>(backbone_.features()); }
  void of(std::span<const float> items, std::span<float> out) const override {
    const torch::NoGradGuard no_gradients;
    const std::size_t step = static_cast<std::size_t>(kAtOnce) * values_;
    for (std::size_t from = 0; from < items.size(); from += step) {
      const torch::Tensor x = backbone_.items(items.subspan(from, std::min(step, items.size() - from)));
      const torch::Tensor made = backbone_.forward(x).to(torch::kFloat).contiguous();
      std::copy_n(made.data_ptr<float>(), made.numel(), out.data() + from / values_ * size());
    }
  }

 private:
  std::size_t values_;
  Backbone backbone_;
};

class FineTuned final : public InnerLearner {
 public:
  FineTuned(const NetworkFile& file, const InputShape& shape, std::uint32_t classes, Key key, bool last_block)
      : classes_(std::max(1U, classes)), numbers_(classes == 0), backbone_(file, shape) {
    for (const torch::Tensor& weight : backbone_.net().weights(false)) weight.requires_grad_(false);
    trained_ = backbone_.net().weights(last_block);
    for (torch::Tensor& weight : trained_) weight.requires_grad_(true);
    torch::Tensor head = torch::empty({classes_, backbone_.features()});
    const double bound = 1 / std::sqrt(static_cast<double>(backbone_.features()));
    for (std::int64_t i = 0; i < head.numel(); ++i)
      head.data_ptr<float>()[i] = static_cast<float>(bound * (2 * draw_unit(key, static_cast<std::uint64_t>(i)) - 1));
    head_ = head.set_requires_grad(true);
    bias_ = torch::zeros({classes_}).set_requires_grad(true);
  }

  double train_inside(const Batch& batch, const Inside& inside, double rate) override {
    if (!head_optimizer_) {
      head_optimizer_ = optimizer({head_, bias_});
      optimizer_ = optimizer(trained_);
    }
    set_rate(*head_optimizer_, kHeadRate * rate);
    set_rate(*optimizer_, kBackboneShare * kHeadRate * rate);
    head_optimizer_->zero_grad();
    optimizer_->zero_grad();
    const torch::Tensor seen = mixed(backbone_.forward(backbone_.items(batch.values)), inside);
    const torch::Tensor loss = batch_loss(torch::linear(seen, head_, bias_), batch, inside, numbers_);
    loss.backward();
    head_optimizer_->step();
    optimizer_->step();
    return loss.item<double>();
  }

  std::vector<float> predict(std::span<const float> values) override {
    const torch::NoGradGuard no_gradients;
    const torch::Tensor all = backbone_.items(values);
    std::vector<float> made;
    for (std::int64_t from = 0; from < all.size(0); from += kAtOnce) {
      torch::Tensor out = torch::linear(backbone_.forward(all.slice(0, from, std::min(all.size(0), from + kAtOnce))), head_, bias_);
      if (!numbers_) out = torch::softmax(out, 1);
      out = out.contiguous();
      made.insert(made.end(), out.data_ptr<float>(), out.data_ptr<float>() + out.numel());
    }
    return made;
  }

  std::vector<float> weights() const override {
    std::vector<float> all;
    for (const torch::Tensor& weight : changing()) {
      const torch::Tensor flat = weight.detach().to(torch::kFloat).contiguous();
      all.insert(all.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    }
    return all;
  }
  void set_weights(std::span<const float> values) override {
    const torch::NoGradGuard no_gradients;
    for (torch::Tensor& weight : changing()) {
      weight.copy_(torch::from_blob(const_cast<float*>(values.data()), weight.sizes()));
      values = values.subspan(static_cast<std::size_t>(weight.numel()));
    }
  }

 private:
  using Adam = torch::optim::Adam;
  static std::unique_ptr<Adam> optimizer(std::vector<torch::Tensor> weights) {
    return std::make_unique<Adam>(std::move(weights), torch::optim::AdamOptions(kHeadRate).weight_decay(kDecay));
  }
  static void set_rate(Adam& adam, double rate) {
    for (auto& group : adam.param_groups()) static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate);
  }
  std::vector<torch::Tensor> changing() const {
    std::vector<torch::Tensor> all{head_, bias_};
    all.insert(all.end(), trained_.begin(), trained_.end());
    return all;
  }

  std::int64_t classes_;
  bool numbers_;
  Backbone backbone_;
  std::vector<torch::Tensor> trained_{};
  torch::Tensor head_{}, bias_{};
  std::unique_ptr<Adam> head_optimizer_{}, optimizer_{};
};

}  // namespace

std::vector<std::string_view> backbone_ways() { return {"probe", "last_block", "finetune"}; }

LearnerKind backbone_learner(std::string_view way, const BackboneFiles& files) {
  const NetworkFile file = open_network(files.network, files.weights);
  if (way != "probe" && file.make()->weights(false).empty())
    throw usage_error("the network has no weights that can be trained, as after torch.jit.freeze").with_place(files.network.string()).with_hint("--learner probe looks at it as it is");
  if (way == "probe") {
    LearnerKind kind = ridge_on("probe", "ridge regression on what " + file.summary + " says, which stays as it is",
                                [file](const InputShape& shape, std::span<const float>, Key) -> std::unique_ptr<Features> { return std::make_unique<BackboneFeatures>(file, shape); });
    kind.machinery += ", backbone " + file.digest;
    return kind;
  }
  const bool last_block = way == "last_block";
  return {std::string(way), fmt::format("{} with a new head, {} trained on; Adam", file.summary, last_block ? "its last part" : "all of it"), machinery() + ", backbone " + file.digest,
          [file, last_block](const InputShape& shape, std::uint32_t classes, Key key) -> std::unique_ptr<Learner> {
            torch::set_num_threads(1);
            return std::make_unique<FineTuned>(file, shape, classes, key, last_block);
          }};
}

}  // namespace leaven::learn

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "learn/torch/trained_network.hpp"

namespace leaven::learn {

namespace {

constexpr double kEpsilon = 1e-5;  ///< of batch norm, as in torch

Error unknown(const std::string& what) {
  return usage_error("is no residual network that is known by its tensors: " + what)
      .with_hint("save the network itself as TorchScript; --weights then takes other weights for it");
}

/// A convolution without bias and the batch norm behind it.
struct NormedConv {
  torch::Tensor kernel{}, scale{}, shift{}, mean{}, variance{};
  std::int64_t stride{1}, groups{1};

  torch::Tensor operator()(const torch::Tensor& x) const {
    const torch::Tensor y = torch::conv2d(x, kernel, {}, stride, kernel.size(2) / 2, 1, groups);
    return torch::batch_norm(y, scale, shift, mean, variance, /*training=*/false, 0, kEpsilon, /*cudnn_enabled=*/false);
  }
  void add_weights(std::vector<torch::Tensor>& to) const { to.insert(to.end(), {kernel, scale, shift}); }
};

struct Block {
  std::vector<NormedConv> way{};  ///< two, or three where the middle one is narrow
  std::optional<NormedConv> shortcut{};

  torch::Tensor operator()(const torch::Tensor& x) const {
    torch::Tensor y = x;
    for (std::size_t i = 0; i < way.size(); ++i) {
      y = way[i](y);
      if (i + 1 < way.size()) y = torch::relu(y);
    }
    return torch::relu(y + (shortcut ? (*shortcut)(x) : x));
  }
};

/// Takes tensors by name, so that what is left at the end belongs to something else.
class Taker {
 public:
  explicit Taker(NamedTensors tensors) : tensors_(std::move(tensors)) {}

  bool has(const std::string& name) const { return tensors_.contains(name); }
  torch::Tensor at(const std::string& name, std::int64_t sides) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) throw unknown("there is no tensor " + name);
    if (found->second.dim() != sides) throw unknown(fmt::format("{} has {} sides, not {}", name, found->second.dim(), sides));
    return found->second;
  }
  torch::Tensor take(const std::string& name, std::int64_t sides) {
    torch::Tensor tensor = at(name, sides);
    tensors_.erase(name);
    return tensor;
  }
  /// `channels` come in.
  NormedConv take_conv(const std::string& conv, const std::string& norm, std::int64_t channels, std::int64_t stride) {
    NormedConv made{.kernel = take(conv + ".weight", 4)};
    const std::int64_t out = made.kernel.size(0), shared = made.kernel.size(1);
    if (shared == 0 || out == 0 || channels % shared != 0 || out % (channels / shared) != 0 || made.kernel.size(2) != made.kernel.size(3) || made.kernel.size(2) % 2 == 0)
      throw unknown(conv + ".weight does not fit to what comes before it");
    made.groups = channels / shared;
    made.stride = stride;
    for (const auto& [name, part] : {std::pair{".weight", &made.scale}, {".bias", &made.shift}, {".running_mean", &made.mean}, {".running_var", &made.variance}}) {
      *part = take(norm + name, 1);
      if (part->size(0) != out) throw unknown(norm + name + " does not fit to " + conv);
    }
    return made;
  }
  /// What is left but for a head, which a new one stands in for.
  std::string rest() const {
    for (const auto& [name, tensor] : tensors_) {
      const std::string_view first = std::string_view(name).substr(0, name.find('.'));
      if (first != "fc" && first != "head" && first != "classifier" && first != "linear" && first != "last_linear") return name;
    }
    return "";
  }

 private:
  NamedTensors tensors_;
};

class ResidualNetwork final : public TrainedNetwork {
 public:
  explicit ResidualNetwork(NamedTensors tensors) {
    Taker taker(std::move(tensors));
    // How many channels the pictures have, and 7×7, which halves twice, or 3×3 for small pictures, stands in the first kernel.
    const torch::Tensor first = taker.at("conv1.weight", 4);
    large_ = first.size(2) > 3;
    stem_ = taker.take_conv("conv1", "bn1", first.size(1), large_ ? 2 : 1);
    std::int64_t channels = first.size(0);
    for (int layer = 1; taker.has(fmt::format("layer{}.0.conv1.weight", layer)); ++layer) {
      std::vector<Block> blocks;
      while (taker.has(fmt::format("layer{}.{}.conv1.weight", layer, blocks.size())))
        blocks.push_back(take_block(taker, fmt::format("layer{}.{}.", layer, blocks.size()), layer > 1 && blocks.empty() ? 2 : 1, channels));
      layers_.push_back(std::move(blocks));
    }
    if (layers_.empty()) throw unknown("there is no tensor layer1.0.conv1.weight");
    if (const std::string rest = taker.rest(); !rest.empty()) throw unknown("it has a tensor " + rest);
  }

  torch::Tensor forward(const torch::Tensor& items) override {
    torch::Tensor x = torch::relu(stem_(items));
    if (large_) x = torch::max_pool2d(x, 3, 2, 1);
    for (const std::vector<Block>& layer : layers_)
      for (const Block& block : layer) x = block(x);
    return x;
  }

  std::vector<torch::Tensor> weights(bool last_block) const override {
    std::vector<torch::Tensor> all;
    if (!last_block) stem_.add_weights(all);
    for (std::size_t l = last_block ? layers_.size() - 1 : 0; l < layers_.size(); ++l)
      for (const Block& block : layers_[l]) {
        for (const NormedConv& conv : block.way) conv.add_weights(all);
        if (block.shortcut) block.shortcut->add_weights(all);
      }
    return all;
  }

 private:
  static Block take_block(Taker& taker, const std::string& name, std::int64_t stride, std::int64_t& channels) {
    Block block;
    const bool narrow = taker.has(name + "conv3.weight");
    std::int64_t inside = channels;
    for (int i = 1; i <= (narrow ? 3 : 2); ++i) {
      // Where the middle is narrow, it is what steps.
      const std::int64_t own = i == (narrow ? 2 : 1) ? stride : 1;
      block.way.push_back(taker.take_conv(fmt::format("{}conv{}", name, i), fmt::format("{}bn{}", name, i), inside, own));
      inside = block.way.back().kernel.size(0);
    }
    for (const char* const word : {"downsample", "shortcut"})
      if (taker.has(name + word + ".0.weight")) block.shortcut = taker.take_conv(name + word + ".0", name + word + ".1", channels, stride);
    if (block.shortcut ? block.shortcut->kernel.size(0) != inside : channels != inside || stride != 1) throw unknown(name + "downsample does not fit");
    channels = inside;
    return block;
  }

  NormedConv stem_{};
  std::vector<std::vector<Block>> layers_{};
  bool large_{};
};

}  // namespace

std::unique_ptr<TrainedNetwork> residual_network(NamedTensors tensors) { return std::make_unique<ResidualNetwork>(std::move(tensors)); }

}  // namespace leaven::learn

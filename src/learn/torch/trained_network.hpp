// Trained networks of the user's, as files: TorchScript, or the weights of a residual network.
#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace leaven::learn {

/// Used by one thread at a time. Batch norm and dropout are as in use.
class TrainedNetwork {
 public:
  virtual ~TrainedNetwork() = default;
  /// Of items × channels × height × width: items × features, or maps of features.
  virtual torch::Tensor forward(const torch::Tensor& items) = 0;
  /// That can be trained: all, or those of the last of its parts that has any.
  virtual std::vector<torch::Tensor> weights(bool last_block) const = 0;
};

struct NetworkFile {
  std::string digest{};   ///< of all that was read
  std::string summary{};  ///< for people: "net.pt"
  /// Each call gives one with weights of its own.
  std::function<std::unique_ptr<TrainedNetwork>()> make{};
};

/// `file`: TorchScript (torch.jit.script or trace, saved), or safetensors of a residual network. `weights`: safetensors whose
/// tensors take the places of those of the same names in a TorchScript; may be empty. Throws Error(usage) for what is neither,
/// saying what it is.
NetworkFile open_network(const std::filesystem::path& file, const std::filesystem::path& weights);

/// By name.
using NamedTensors = std::map<std::string, torch::Tensor>;
/// A residual network (He et al. 2016) without its head, its shape read from the tensors; names as in torchvision and timm:
/// conv1, bn1, layer1.0.conv1, layer1.0.downsample.0, fc. Throws Error(usage) where these are no such tensors. The tensors become
/// its weights.
std::unique_ptr<TrainedNetwork> residual_network(NamedTensors tensors);

}  // namespace leaven::learn

#include "learn/torch/trained_network.hpp"

#include <fmt/format.h>
#include <torch/script.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "learn/generate/network_weights.hpp"

namespace leaven::learn {

namespace {

constexpr const char* kHowToScript = "torch.jit.script(net.eval()).save(FILE) makes one";

enum class Kind { torch_script, safetensors, onnx, pickle, cut, unknown };

/// By its first bytes; all of these formats say what they are there.
Kind kind_of(std::string_view bytes) {
  // A zip archive, whose list of what it holds comes last.
  if (bytes.starts_with("PK\x03\x04") && bytes.find("PK\x05\x06") == std::string_view::npos) return Kind::cut;
  if (bytes.starts_with("PK\x03\x04")) return bytes.find("constants.pkl") != std::string_view::npos ? Kind::torch_script : Kind::pickle;
  if (bytes.starts_with("\x80\x02")) return Kind::pickle;
  if (bytes.size() > 8 && bytes[8] == '{') return Kind::safetensors;
  // A protobuf whose first field is a small number (the version) and whose next is one that a model has.
  constexpr std::string_view kNext = "\x12\x1a\x22\x28\x32\x3a\x42";
  if (bytes.size() > 2 && bytes[0] == '\x08' && bytes[1] > 0 && bytes[1] < 32 && kNext.find(bytes[2]) != std::string_view::npos) return Kind::onnx;
  return Kind::unknown;
}

Error refused(Kind kind) {
  if (kind == Kind::onnx)
    return usage_error("is an ONNX model, and there is no library in Debian 12 that runs one")
        .with_hint("save the network as TorchScript where it was made, torch.jit.trace(net.eval(), example).save(FILE); of the ONNX file alone the Python package onnx2torch makes such a network");
  if (kind == Kind::cut) return usage_error("is cut off: its end is missing").with_hint("copy or save it again");
  if (kind == Kind::pickle)
    return usage_error("holds what torch.save wrote, weights without the network")
        .with_hint("torch.jit.script(net.eval()).save(FILE) saves the network; safetensors.torch.save_file(net.state_dict(), FILE) its weights");
  return usage_error("is no TorchScript, and no safetensors").with_hint(kHowToScript);
}

std::string bytes_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  if (!in) throw usage_error("cannot be read: " + std::string(std::strerror(errno))).with_place(file.string());
  if (!(bytes << in.rdbuf())) throw usage_error("cannot be read").with_place(file.string());
  return bytes.str();
}

/// Without what stands before the names of a network that was a part of another.
std::string prefix_of(const Tensors& tensors, std::string_view known) {
  for (const Tensor& tensor : tensors.all())
    if (tensor.name.ends_with(known) && (tensor.name.size() == known.size() || tensor.name[tensor.name.size() - known.size() - 1] == '.'))
      return tensor.name.substr(0, tensor.name.size() - known.size());
  return "";
}

/// Tensors that own their values.
NamedTensors named(const Tensors& tensors, std::string_view prefix) {
  NamedTensors made;
  for (const Tensor& tensor : tensors.all()) {
    if (!std::ranges::all_of(tensor.floats, [](float v) { return std::isfinite(v); })) throw usage_error("tensor " + tensor.name + " has a value that is not finite");
    const std::vector<std::int64_t> shape(tensor.shape.begin(), tensor.shape.end());
    std::string name = tensor.name.starts_with(prefix) ? tensor.name.substr(prefix.size()) : tensor.name;
    made.emplace(std::move(name), torch::from_blob(const_cast<float*>(tensor.floats.data()), shape).clone());
  }
  return made;
}

/// Of the whole network, or of the last of its parts that has any.
std::vector<torch::Tensor> weights_of(const torch::jit::Module& net, bool last_block) {
  std::vector<torch::Tensor> all;
  if (!last_block) {
    for (const torch::Tensor& weight : net.parameters()) all.push_back(weight);
    return all;
  }
  for (const torch::jit::Module& part : net.children())
    if (std::vector<torch::Tensor> of_part = weights_of(part, false); !of_part.empty()) all = std::move(of_part);
  return all.empty() ? weights_of(net, false) : all;
}

class ScriptedNetwork final : public TrainedNetwork {
 public:
  explicit ScriptedNetwork(const std::string& bytes) {
    std::istringstream stream(bytes);
    net_ = torch::jit::load(stream, torch::kCPU);
    net_.eval();
  }
  torch::Tensor forward(const torch::Tensor& items) override { return net_.forward({items}).toTensor(); }
  std::vector<torch::Tensor> weights(bool last_block) const override { return weights_of(net_, last_block); }

  /// Tensors take the places of those of the same names; the names of others.
  std::vector<std::string> take(const NamedTensors& tensors) {
    const torch::NoGradGuard no_gradients;
    std::vector<std::string> over;
    for (const auto& [name, tensor] : tensors) over.push_back(name);
    const auto put = [&](const std::string& name, torch::Tensor own) {
      if (!own.is_floating_point()) return;  // counters of steps
      const auto found = tensors.find(name);
      if (found == tensors.end()) throw usage_error("has no tensor " + name + ", which the network has");
      if (found->second.sizes() != own.sizes()) throw usage_error(fmt::format("tensor {} has another shape than the network's", name));
      own.copy_(found->second);
      std::erase(over, name);
    };
    for (const auto& weight : net_.named_parameters()) put(weight.name, weight.value);
    for (const auto& buffer : net_.named_buffers()) put(buffer.name, buffer.value);
    return over;
  }

 private:
  torch::jit::Module net_{};
};

std::string first_of(const std::vector<std::string>& names) { return names.size() == 1 ? names.front() : fmt::format("{} and {} more tensors", names.front(), names.size() - 1); }

/// Names the file in what is thrown while it is read.
template <class F>
auto reading(const std::filesystem::path& file, F&& read) {
  try {
    return read();
  } catch (Error& error) {
    // What is wrong with a file that the command line names is wrong with the command line.
    if (error.fault() == Fault::data) throw usage_error(error.message()).with_place(file.string());
    throw error.with_place(file.string());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    throw usage_error("is no TorchScript that libtorch " + std::string(TORCH_VERSION) + " reads").with_place(file.string()).with_hint(kHowToScript);
  }
}

NetworkFile open_residual(const std::filesystem::path& file, const std::string& bytes) {
  return reading(file, [&]() -> NetworkFile {
    const auto tensors = std::make_shared<const Tensors>(weights_from_safetensors(bytes));
    const std::string prefix = prefix_of(*tensors, "layer1.0.conv1.weight");
    residual_network(named(*tensors, prefix));
    return {digest_of(bytes.data(), bytes.size()), file.filename().string() + " (a residual network)", [tensors, prefix] { return residual_network(named(*tensors, prefix)); }};
  });
}

NetworkFile open_scripted(const std::filesystem::path& file, std::string script, const std::filesystem::path& weights) {
  const auto bytes = std::make_shared<const std::string>(std::move(script));
  reading(file, [&] { return std::make_unique<ScriptedNetwork>(*bytes); });
  NetworkFile made{digest_of(bytes->data(), bytes->size()), file.filename().string(), [bytes] { return std::make_unique<ScriptedNetwork>(*bytes); }};
  if (weights.empty()) return made;
  const std::string more = bytes_of_file(weights);
  return reading(weights, [&] {
    if (kind_of(more) != Kind::safetensors) throw kind_of(more) == Kind::pickle ? refused(Kind::pickle) : usage_error("is no safetensors file").with_hint("safetensors.torch.save_file(net.state_dict(), FILE) makes one");
    const auto tensors = std::make_shared<const Tensors>(weights_from_safetensors(more));
    const auto filled = [bytes, tensors](std::vector<std::string>* over) {
      auto net = std::make_unique<ScriptedNetwork>(*bytes);
      std::vector<std::string> rest = net->take(named(*tensors, ""));
      if (over) *over = std::move(rest);
      return net;
    };
    std::vector<std::string> over;
    filled(&over);
    made.digest += " with " + digest_of(more.data(), more.size());
    made.summary += " with the weights of " + weights.filename().string() + (over.empty() ? "" : " (without " + first_of(over) + ")");
    made.make = [filled] { return filled(nullptr); };
    return made;
  });
}

}  // namespace

NetworkFile open_network(const std::filesystem::path& file, const std::filesystem::path& weights) {
  std::string bytes = bytes_of_file(file);
  switch (const Kind kind = kind_of(bytes)) {
    case Kind::torch_script: return open_scripted(file, std::move(bytes), weights);
    case Kind::safetensors:
      if (!weights.empty()) throw usage_error("--weights fills a network saved as TorchScript, and --backbone holds weights itself").with_place(file.string());
      return open_residual(file, bytes);
    default: throw refused(kind).with_place(file.string());
  }
}

}  // namespace leaven::learn

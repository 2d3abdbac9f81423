// Networks of the user's: looked at, trained on, refused. They are written here as TorchScript.
#include "learn/torch/backbone.hpp"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <cmath>
#include <limits>
#include <map>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/safetensors.hpp"
#include "learn/torch/learners.hpp"
#include "learn/torch/trained_network.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const Key kKey{3, 4};

/// Convolution, ReLU and pooling to 4 features, in two parts; the second is "last".
torch::jit::Module network(std::int64_t channels) {
  torch::jit::Module first("first"), last("last"), net("net");
  const auto weights = [](std::vector<std::int64_t> shape, std::uint64_t number) {
    torch::Tensor t = torch::empty(std::move(shape));
    for (std::int64_t i = 0; i < t.numel(); ++i) t.data_ptr<float>()[i] = static_cast<float>(0.4 * (draw_unit(kKey, number * 1000 + static_cast<std::uint64_t>(i)) - 0.5));
    return t;
  };
  first.register_parameter("w", weights({6, channels, 3, 3}, 1), false);
  first.define("def forward(self, x):\n  return torch.relu(torch.conv2d(x, self.w, None, [1, 1], [1, 1]))\n");
  last.register_parameter("w", weights({4, 6, 3, 3}, 2), false);
  last.define("def forward(self, x):\n  return torch.conv2d(x, self.w, None, [1, 1], [1, 1])\n");
  net.register_module("first", first);
  net.register_module("last", last);
  net.define("def forward(self, x):\n  return self.last.forward(self.first.forward(x))\n");
  return net;
}

/// Class 0 is bright above, class 1 below.
struct Data {
  std::vector<float> values{};
  std::vector<std::uint32_t> labels{};
};
Data data(const InputShape& shape, std::uint64_t from, std::uint32_t count) {
  Data d;
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::size_t p = 0; p < shape.values(); ++p) {
      const bool above = p % static_cast<std::size_t>(shape.width * shape.height) < static_cast<std::size_t>(shape.width * shape.height) / 2;
      d.values.push_back(static_cast<float>((above == (i % 2 == 0) ? 1.0 : -1.0) + draw(normal(0, 0.5), kKey, (from + i) * shape.values() + p)));
    }
    d.labels.push_back(i % 2);
  }
  return d;
}

class BackboneTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(file_.parent_path());
    network(1).save(file_.string());
  }
  ScratchFolder scratch_{};
  std::filesystem::path file_ = scratch_ / "net/grey.pt";
  static constexpr InputShape kShape{8, 8, 1};
};

TEST_F(BackboneTest, FineTuningChangesWhatItMay) {
  const Data train = data(kShape, 0, 16);
  const auto after = [&](const char* way, std::uint32_t steps) {
    const auto learner = learner_named(way, Domain::raster, {file_, {}}).make(kShape, 2, kKey);
    for (std::uint32_t s = 0; s < steps; ++s) EXPECT_TRUE(std::isfinite(learner->train({train.values, train.labels, {}}, 1)));
    return learner->weights();
  };
  // Head 2 × 4 and its bias, then the last part (4·6·9), or both.
  EXPECT_EQ(after("last_block", 0).size(), 10U + 216);
  EXPECT_EQ(after("finetune", 0).size(), 10U + 216 + 54);
  const std::vector<float> before = after("finetune", 0), later = after("finetune", 3);
  EXPECT_EQ(later, after("finetune", 3));
  double head = 0, rest = 0;
  for (std::size_t i = 0; i < before.size(); ++i) (i < 8 ? head : rest) += std::fabs(before[i] - later[i]) / (i < 8 ? 8.0 : static_cast<double>(before.size() - 8));
  EXPECT_GT(rest, 0);
  EXPECT_GT(head, 4 * rest);  // a tenth of the head's rate
}

TEST_F(BackboneTest, FineTuningLearnsAndWeightsGoOutAndIn) {
  const Data train = data(kShape, 0, 32), test = data(kShape, 100, 60);
  for (const char* way : {"last_block", "finetune"}) {
    const LearnerKind kind = learner_named(way, Domain::raster, {file_, {}});
    const auto learner = kind.make(kShape, 2, kKey);
    const double first = learner->train({train.values, train.labels, {}}, 1);
    double last = first;
    for (int s = 0; s < 150; ++s) last = learner->train({train.values, train.labels, {}}, 1);
    EXPECT_LT(last, first) << way;
    const auto other = kind.make(kShape, 2, Key{9, 9});
    other->set_weights(learner->weights());
    EXPECT_EQ(other->predict(test.values), learner->predict(test.values)) << way;
  }
}

TEST_F(BackboneTest, AProbeLeavesItAsItIs) {
  // Without the mean over the map, so that above and below can be told apart.
  torch::jit::Module flat("flat");
  flat.register_module("net", network(1));
  flat.define("def forward(self, x):\n  return self.net.forward(x).flatten(1)\n");
  flat.save((scratch_ / "net/flat.pt").string());
  const Data train = data(kShape, 0, 40), test = data(kShape, 100, 60);
  const LearnerKind kind = learner_named("auto", Domain::raster, {scratch_ / "net/flat.pt", {}});
  EXPECT_EQ(kind.name, "probe");
  EXPECT_EQ(kind.rounds, 1U);
  EXPECT_NE(kind.machinery, learner_named("auto", Domain::raster, {file_, {}}).machinery);
  const auto learner = kind.make(kShape, 2, kKey);
  learner->train({train.values, train.labels, {}}, 1);
  const std::vector<float> p = learner->predict(test.values);
  int right = 0;
  for (std::size_t i = 0; i < 60; ++i) right += (p[2 * i + 1] > p[2 * i]) == (test.labels[i] == 1);
  EXPECT_GE(right, 57);
}

TEST_F(BackboneTest, GreyPicturesAreRepeatedForNetworksOfColours) {
  network(3).save((scratch_ / "net/colour.pt").string());
  const Data train = data(kShape, 0, 8);
  const auto learner = learner_named("probe", Domain::raster, {scratch_ / "net/colour.pt", {}}).make(kShape, 2, kKey);
  EXPECT_TRUE(std::isfinite(learner->train({train.values, train.labels, {}}, 1)));
}

TEST_F(BackboneTest, WhatDoesNotFitIsRefusedInWords) {
  const auto why = [](const std::function<void()>& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.fault() == Fault::usage ? error.what() : "";
    }
    return "";
  };
  write_text(scratch_ / "net/text.pt", "no network");
  EXPECT_NE(why([&] { learner_named("probe", Domain::raster, {scratch_ / "net/text.pt", {}}); }).find("is no TorchScript"), std::string::npos);
  EXPECT_NE(why([&] { learner_named("probe", Domain::raster, {scratch_ / "net/gone.pt", {}}); }).find("cannot be read"), std::string::npos);
  torch::jit::Module bare("bare");
  bare.define("def forward(self, x):\n  return x.flatten(1)\n");
  bare.save((scratch_ / "net/bare.pt").string());
  EXPECT_NE(why([&] { learner_named("finetune", Domain::raster, {scratch_ / "net/bare.pt", {}}); }).find("no weights that can be trained"), std::string::npos);
  EXPECT_NE(why([&] { learner_named("probe", Domain::raster); }).find("--backbone FILE"), std::string::npos);
  const LearnerKind kind = learner_named("finetune", Domain::raster, {file_, {}});
  const std::string refused = why([&] { kind.make({8, 8, 2}, 2, kKey); });
  EXPECT_NE(refused.find("the backbone grey.pt cannot take items of 2 channels and 8×8 px: it takes 1 channel"), std::string::npos) << refused;
  torch::jit::Module flat("flat");
  flat.register_parameter("w", torch::ones({5, 48}), false);
  flat.define("def forward(self, x):\n  return torch.matmul(x.flatten(1), self.w.t())\n");
  flat.save((scratch_ / "net/flat.pt").string());
  const std::string size = why([&] { learner_named("finetune", Domain::raster, {scratch_ / "net/flat.pt", {}}).make({8, 8, 3}, 2, kKey); });
  EXPECT_NE(size.find("cannot take items of 3 channels and 8×8 px: mat1 and mat2 shapes cannot be multiplied (1x192 and 48x5) (--size sets"), std::string::npos) << size;
}

/// Weights that are neither all alike nor large.
torch::Tensor drawn(std::vector<std::int64_t> shape, std::uint64_t number, double from = -0.3, double to = 0.3) {
  torch::Tensor t = torch::empty(std::move(shape));
  for (std::int64_t i = 0; i < t.numel(); ++i) t.data_ptr<float>()[i] = static_cast<float>(from + (to - from) * draw_unit({7, number}, static_cast<std::uint64_t>(i)));
  return t;
}

struct Convolution {
  std::string conv{}, norm{};
  std::vector<std::int64_t> shape{};
};
/// Two layers of one block each, the second halves; three channels in.
const std::vector<Convolution> kSmallResidual{{"conv1", "bn1", {4, 3, 3, 3}},
                                              {"layer1.0.conv1", "layer1.0.bn1", {4, 4, 3, 3}},
                                              {"layer1.0.conv2", "layer1.0.bn2", {4, 4, 3, 3}},
                                              {"layer2.0.conv1", "layer2.0.bn1", {6, 4, 3, 3}},
                                              {"layer2.0.conv2", "layer2.0.bn2", {6, 6, 3, 3}},
                                              {"layer2.0.downsample.0", "layer2.0.downsample.1", {6, 4, 1, 1}}};

std::map<std::string, torch::Tensor> residual_weights(const std::vector<Convolution>& convolutions) {
  std::map<std::string, torch::Tensor> all;
  std::uint64_t number = 0;
  for (const Convolution& c : convolutions) {
    all[c.conv + ".weight"] = drawn(c.shape, ++number);
    all[c.norm + ".weight"] = drawn({c.shape[0]}, ++number, 0.5, 1.5);
    all[c.norm + ".bias"] = drawn({c.shape[0]}, ++number);
    all[c.norm + ".running_mean"] = drawn({c.shape[0]}, ++number);
    all[c.norm + ".running_var"] = drawn({c.shape[0]}, ++number, 0.5, 2);
  }
  return all;
}

std::string safetensors_of(const std::map<std::string, torch::Tensor>& all, const std::string& prefix = "") {
  Tensors tensors;
  for (const auto& [name, t] : all)
    tensors.add(prefix + name, std::vector<float>(t.data_ptr<float>(), t.data_ptr<float>() + t.numel()), std::vector<std::uint64_t>(t.sizes().begin(), t.sizes().end()));
  return to_safetensors(tensors);
}

/// The same written out with torch's own functions: what kSmallResidual says of 8×8 pictures.
torch::Tensor small_residual(const std::map<std::string, torch::Tensor>& w, const torch::Tensor& x) {
  const auto conv = [&](const torch::Tensor& in, const std::string& c, const std::string& n, std::int64_t stride, std::int64_t pad) {
    const torch::Tensor y = torch::conv2d(in, w.at(c + ".weight"), {}, stride, pad);
    const auto side = [&](const char* part) { return w.at(n + part).view({1, -1, 1, 1}); };
    return (y - side(".running_mean")) / torch::sqrt(side(".running_var") + 1e-5) * side(".weight") + side(".bias");
  };
  const torch::Tensor stem = torch::relu(conv(x, "conv1", "bn1", 1, 1));
  const torch::Tensor one = torch::relu(stem + conv(torch::relu(conv(stem, "layer1.0.conv1", "layer1.0.bn1", 1, 1)), "layer1.0.conv2", "layer1.0.bn2", 1, 1));
  const torch::Tensor down = conv(one, "layer2.0.downsample.0", "layer2.0.downsample.1", 2, 0);
  return torch::relu(down + conv(torch::relu(conv(one, "layer2.0.conv1", "layer2.0.bn1", 2, 1)), "layer2.0.conv2", "layer2.0.bn2", 1, 1));
}

TEST_F(BackboneTest, AResidualNetworkIsKnownByItsTensors) {
  auto weights = residual_weights(kSmallResidual);
  weights["fc.weight"] = drawn({10, 6}, 99);
  weights["fc.bias"] = drawn({10}, 98);
  write_text(scratch_ / "net/resnet.safetensors", safetensors_of(weights));
  write_text(scratch_ / "net/inside.safetensors", safetensors_of(weights, "model.backbone."));
  const torch::Tensor x = drawn({5, 3, 8, 8}, 50, -1, 1), expected = small_residual(weights, x);
  for (const char* const name : {"net/resnet.safetensors", "net/inside.safetensors"}) {
    const auto net = open_network(scratch_ / name, {}).make();
    const torch::Tensor out = net->forward(x);
    EXPECT_EQ(out.sizes(), (torch::IntArrayRef{5, 6, 4, 4}));
    EXPECT_LT((out - expected).abs().max().item<float>(), 1e-5) << name;
    // Kernel, scale and shift of six convolutions, or of the last layer's three.
    EXPECT_EQ(net->weights(false).size(), 18U);
    EXPECT_EQ(net->weights(true).size(), 9U);
  }
  // Grey pictures are repeated; the head is new, and training changes what it may.
  const Data train = data(kShape, 0, 16);
  const LearnerKind kind = learner_named("last_block", Domain::raster, {scratch_ / "net/resnet.safetensors", {}});
  const auto learner = kind.make(kShape, 2, kKey);
  const std::vector<float> before = learner->weights();
  const double first = learner->train({train.values, train.labels, {}}, 1);
  double last = first;
  for (int s = 0; s < 60; ++s) last = learner->train({train.values, train.labels, {}}, 1);
  EXPECT_LT(last, first);
  EXPECT_EQ(learner->weights().size(), before.size());
  EXPECT_NE(learner->weights(), before);
}

TEST_F(BackboneTest, LargeResidualNetworksStepInTheMiddleAndInGroups) {
  // 7×7 first; a bottleneck whose middle has two groups, as in ResNeXt.
  const std::vector<Convolution> wide{{"conv1", "bn1", {4, 3, 7, 7}},
                                      {"layer1.0.conv1", "layer1.0.bn1", {4, 4, 1, 1}},
                                      {"layer1.0.conv2", "layer1.0.bn2", {4, 2, 3, 3}},
                                      {"layer1.0.conv3", "layer1.0.bn3", {8, 4, 1, 1}},
                                      {"layer1.0.downsample.0", "layer1.0.downsample.1", {8, 4, 1, 1}},
                                      {"layer2.0.conv1", "layer2.0.bn1", {4, 8, 1, 1}},
                                      {"layer2.0.conv2", "layer2.0.bn2", {4, 2, 3, 3}},
                                      {"layer2.0.conv3", "layer2.0.bn3", {8, 4, 1, 1}},
                                      {"layer2.0.downsample.0", "layer2.0.downsample.1", {8, 8, 1, 1}}};
  write_text(scratch_ / "net/wide.safetensors", safetensors_of(residual_weights(wide)));
  const auto net = open_network(scratch_ / "net/wide.safetensors", {}).make();
  EXPECT_EQ(net->forward(torch::zeros({2, 3, 32, 32})).sizes(), (torch::IntArrayRef{2, 8, 4, 4}));
}

TEST_F(BackboneTest, WeightsTakeThePlacesOfThoseOfANetwork) {
  std::map<std::string, torch::Tensor> weights{{"first.w", drawn({6, 1, 3, 3}, 1)}, {"last.w", drawn({4, 6, 3, 3}, 2)}, {"fc.weight", drawn({2, 4}, 3)}};
  write_text(scratch_ / "net/w.safetensors", safetensors_of(weights));
  const NetworkFile plain = open_network(file_, {}), filled = open_network(file_, scratch_ / "net/w.safetensors");
  const torch::Tensor x = drawn({3, 1, 8, 8}, 4);
  const torch::Tensor expected = torch::conv2d(torch::relu(torch::conv2d(x, weights.at("first.w"), {}, 1, 1)), weights.at("last.w"), {}, 1, 1);
  EXPECT_LT((filled.make()->forward(x) - expected).abs().max().item<float>(), 1e-6);
  EXPECT_GT((plain.make()->forward(x) - expected).abs().max().item<float>(), 1e-3);
  EXPECT_NE(plain.digest, filled.digest);
  EXPECT_NE(filled.summary.find("without fc.weight"), std::string::npos) << filled.summary;
  // Each has weights of its own.
  const auto one = filled.make(), other = filled.make();
  const torch::NoGradGuard no_gradients;
  one->weights(false).front().zero_();
  EXPECT_GT(other->weights(false).front().abs().sum().item<float>(), 0);
}

TEST_F(BackboneTest, FilesOfOtherKindsAreRefusedWithTheWayOut) {
  const auto why = [&](const std::string& name, const std::filesystem::path& weights = {}) -> std::string {
    try {
      learner_named("probe", Domain::raster, {scratch_ / name, weights});
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      return error.what();
    }
    return "";
  };
  // An ONNX model begins with its version and its producer.
  write_text(scratch_ / "net/model.onnx", std::string("\x08\x07\x12\x07pytorch\x1a\x04" "1.13", 17));
  EXPECT_NE(why("net/model.onnx").find("is an ONNX model"), std::string::npos);
  EXPECT_NE(why("net/model.onnx").find("torch.jit.trace"), std::string::npos);
  EXPECT_NE(why("net/model.onnx").find("onnx2torch"), std::string::npos);
  const std::string archive = std::string("PK\x03\x04", 4) + "archive/data.pkl";
  write_text(scratch_ / "net/cut.pt", archive);
  EXPECT_NE(why("net/cut.pt").find("is cut off"), std::string::npos) << why("net/cut.pt");
  write_text(scratch_ / "net/state.pth", archive + std::string("PK\x05\x06", 4));
  EXPECT_NE(why("net/state.pth").find("weights without the network"), std::string::npos);
  auto weights = residual_weights(kSmallResidual);
  weights["layer1.0.se.fc1.weight"] = drawn({4, 4}, 1);
  write_text(scratch_ / "net/other.safetensors", safetensors_of(weights));
  EXPECT_NE(why("net/other.safetensors").find("it has a tensor layer1.0.se.fc1.weight"), std::string::npos) << why("net/other.safetensors");
  weights = residual_weights(kSmallResidual);
  weights["layer2.0.conv2.weight"] = drawn({6, 5, 3, 3}, 1);
  write_text(scratch_ / "net/bent.safetensors", safetensors_of(weights));
  EXPECT_NE(why("net/bent.safetensors").find("layer2.0.conv2.weight does not fit"), std::string::npos) << why("net/bent.safetensors");
  weights = residual_weights(kSmallResidual);
  weights["bn1.bias"][0] = std::numeric_limits<float>::quiet_NaN();
  write_text(scratch_ / "net/nan.safetensors", safetensors_of(weights));
  EXPECT_NE(why("net/nan.safetensors").find("not finite"), std::string::npos);
  const std::string whole = safetensors_of(residual_weights(kSmallResidual));
  write_text(scratch_ / "net/cut.safetensors", whole.substr(0, whole.size() - 4));
  EXPECT_NE(why("net/cut.safetensors").find("outside the file"), std::string::npos) << why("net/cut.safetensors");
  write_text(scratch_ / "net/few.safetensors", safetensors_of({{"first.w", drawn({6, 1, 3, 3}, 1)}}));
  EXPECT_NE(why("net/grey.pt", scratch_ / "net/few.safetensors").find("has no tensor last.w"), std::string::npos);
  write_text(scratch_ / "net/shape.safetensors", safetensors_of({{"first.w", drawn({6, 1, 3, 3}, 1)}, {"last.w", drawn({4, 5, 3, 3}, 1)}}));
  EXPECT_NE(why("net/grey.pt", scratch_ / "net/shape.safetensors").find("another shape"), std::string::npos);
  EXPECT_NE(why("net/cut.safetensors", file_).find("--backbone holds weights itself"), std::string::npos);
}

}  // namespace
}  // namespace leaven::learn

// Networks of the user's: looked at, trained on, refused. They are written here as TorchScript.
#include "learn/torch/backbone.hpp"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/torch/learners.hpp"
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
    const auto learner = learner_named(way, Domain::raster, file_).make(kShape, 2, kKey);
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
    const LearnerKind kind = learner_named(way, Domain::raster, file_);
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
  const LearnerKind kind = learner_named("auto", Domain::raster, scratch_ / "net/flat.pt");
  EXPECT_EQ(kind.name, "probe");
  EXPECT_EQ(kind.rounds, 1U);
  EXPECT_NE(kind.machinery, learner_named("auto", Domain::raster, file_).machinery);
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
  const auto learner = learner_named("probe", Domain::raster, scratch_ / "net/colour.pt").make(kShape, 2, kKey);
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
  EXPECT_NE(why([&] { learner_named("probe", Domain::raster, scratch_ / "net/text.pt"); }).find("is no TorchScript"), std::string::npos);
  EXPECT_NE(why([&] { learner_named("probe", Domain::raster, scratch_ / "net/gone.pt"); }).find("cannot be read"), std::string::npos);
  torch::jit::Module bare("bare");
  bare.define("def forward(self, x):\n  return x.flatten(1)\n");
  bare.save((scratch_ / "net/bare.pt").string());
  EXPECT_NE(why([&] { learner_named("finetune", Domain::raster, scratch_ / "net/bare.pt"); }).find("no weights that can be trained"), std::string::npos);
  EXPECT_NE(why([&] { learner_named("probe", Domain::raster); }).find("--backbone FILE"), std::string::npos);
  const LearnerKind kind = learner_named("finetune", Domain::raster, file_);
  const std::string refused = why([&] { kind.make({8, 8, 2}, 2, kKey); });
  EXPECT_NE(refused.find("cannot take items of 2×8×8"), std::string::npos) << refused;
}

}  // namespace
}  // namespace leaven::learn

// The gate for pictures both ways, with a classifier of a few lines.
#include "learn/generate/image_gate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/value.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

/// Softmax regression, whose features are the pixels themselves.
class Softmax final : public PictureClassifier {
 public:
  Softmax(const InputShape& shape, std::uint32_t classes, Key key) : learner_(softmax_learner({.rate = 0.02}).make(shape, classes, key)) {}
  double train(const Batch& batch, double rate) override { return learner_->train(batch, rate); }
  std::vector<float> predict(std::span<const float> pixels) override { return learner_->predict(pixels); }
  std::vector<float> features(std::span<const float> pixels) override { return {pixels.begin(), pixels.end()}; }

 private:
  std::unique_ptr<Learner> learner_;
};

ClassifierKind softmax() {
  return {"softmax", "", [](const InputShape& shape, std::uint32_t classes, Key key) -> std::unique_ptr<PictureClassifier> { return std::make_unique<Softmax>(shape, classes, key); }};
}

constexpr InputShape kShape{5, 5, 1};

/// Much noise about a pattern that differs a little between two classes: a few pictures show it badly.
std::vector<float> pattern(std::uint32_t label, std::uint64_t seed, std::uint64_t number) {
  std::vector<float> picture;
  for (std::uint64_t i = 0; i < kShape.values(); ++i) {
    const double middle = 0.5 + ((i % 2 == 0) == (label == 0) ? 0.06 : -0.06);
    picture.push_back(static_cast<float>(std::clamp(middle + 0.17 * draw(normal(0, 1), Key{seed, label}, number * kShape.values() + i), 0.0, 1.0)));
  }
  return picture;
}

ImageData world(std::uint64_t seed, std::size_t count) {
  ImageData data{.shape = kShape, .classes = {"a", "b"}};
  for (std::uint64_t i = 0; i < count; ++i) data.add(pattern(i % 2, seed, i), i % 2, std::to_string(i));
  return data;
}

std::vector<float> truth(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) {
  std::vector<float> made;
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<float> one = pattern(label, 1000 + seed, first + i);
    made.insert(made.end(), one.begin(), one.end());
  }
  return made;
}

ImageGate judged(const ImageData& train, const PictureSource& draw) { return judge_images(train, world(2, 600), draw, softmax(), {.steps = 120, .threads = 2}, kGoOn); }

bool refused_for(const ImageGate& gate, const std::string& word) {
  return std::ranges::any_of(gate.reasons, [&](const std::string& reason) { return reason.find(word) != std::string::npos; });
}

TEST(ImageGate, AdmitsAGeneratorThatHelps) {
  const ImageGate gate = judged(world(1, 16), truth);
  EXPECT_TRUE(gate.accepted()) << gate_text(gate);
  EXPECT_EQ(gate.mixes[gate.best].verdict.word, Word::helps) << gate_text(gate);
  EXPECT_GT(gate.made_score, gate.real_score);
  EXPECT_NEAR(gate.nearer_train, 0.5, 0.15);
}

TEST(ImageGate, RefusesCopies) {
  const ImageData train = world(1, 60);
  const ImageGate gate = judged(train, [&](std::uint32_t label, std::uint64_t, std::uint64_t first, std::size_t count) {
    std::vector<float> made;
    for (std::size_t i = 0; i < count; ++i) {
      const auto picture = train.of(2 * ((first + i) % 30) + label);
      made.insert(made.end(), picture.begin(), picture.end());
    }
    return made;
  });
  EXPECT_TRUE(refused_for(gate, "copies")) << gate_text(gate);
  EXPECT_TRUE(refused_for(gate, "near those that it saw")) << gate_text(gate);
  const MeasuredSamples& nearest = gate.measured.back();
  EXPECT_EQ(std::ranges::max(nearest.made), 0);
  EXPECT_GT(std::ranges::min(nearest.real), 1);
  EXPECT_EQ(nearest.distance(), 1);
}

TEST(ImageGate, RefusesWhatIsAllAlike) {
  // One grey each time: which side its one nearest picture lies on says nothing of closeness.
  const ImageGate gate = judged(world(1, 200), [](std::uint32_t, std::uint64_t seed, std::uint64_t first, std::size_t count) {
    std::vector<float> made;
    for (std::size_t i = 0; i < count * kShape.values(); ++i) made.push_back(0.5F + 1e-4F * static_cast<float>(draw_unit(Key{seed, 1}, first * kShape.values() + i)));
    return made;
  });
  EXPECT_TRUE(refused_for(gate, "are all alike")) << gate_text(gate);
  EXPECT_FALSE(refused_for(gate, "near those that it saw"));
  EXPECT_LT(gate.near_ones, 4);
  EXPECT_GT(judged(world(1, 200), truth).near_ones, 40);
}

TEST(ImageGate, RefusesWrongClasses) {
  const ImageGate gate = judged(world(1, 200), [](std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) { return truth(1 - label, seed, first, count); });
  EXPECT_TRUE(refused_for(gate, "classes of new pictures")) << gate_text(gate);
  EXPECT_EQ(gate.mixes.back().verdict.word, Word::harmful) << gate_text(gate);
}

TEST(ImageGate, NeedsPicturesThatWereHeldOut) {
  EXPECT_THROW(judge_images(world(1, 40), world(2, 6), truth, softmax(), {.steps = 5}, kGoOn), std::exception);
}

TEST(ImageGate, TheVerdictLiesBesideTheGenerator) {
  const ScratchFolder scratch;
  write_bars(scratch / "bars", 40);
  const std::vector<ImageKind> kinds{pca_kind()};
  fit_images({.data = scratch / "bars", .out = scratch / "gen", .held_out = 0.5}, kinds, {}, kGoOn);
  std::vector<std::uint32_t> told;
  const Checked checked = check_images({.generator = scratch / "gen", .data = scratch / "bars", .threads = 2, .steps = 30, .watch = [&](std::uint32_t done, std::uint32_t all) { told.push_back(all == 26 ? done : 0); }}, kinds, softmax(), kGoOn);
  EXPECT_EQ(told.size(), 26U);
  EXPECT_EQ(told.back(), 26U);
  const auto json = nlohmann::json::parse(read_text(scratch / "gen/leaven.gate.json"));
  EXPECT_EQ(json["verdict"], checked.accepted ? "accepted" : "refused");
  EXPECT_EQ(json["scores"]["copies"], 0);
  ASSERT_EQ(json["distributions"].size(), 4U);
  EXPECT_EQ(json["distributions"][0]["name"], "brightness, levels");
  const std::string page = read_text(scratch / "gen/leaven.gate.html");
  for (const char* part : {"pca of bars", "data:image/png;base64", "All figures", "Distributions", "sharpness", "distance to the nearest that it saw"}) EXPECT_NE(page.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace leaven::learn

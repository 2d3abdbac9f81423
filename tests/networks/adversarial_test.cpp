// What adversarial training stands on: changes that gradients pass, their strength, and norms of layers.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/variety.hpp"
#include "learn/torch/diff_augment.hpp"
#include "learn/torch/gan_networks.hpp"
#include "learn/torch/gan_rules.hpp"
#include "learn/torch/parameters.hpp"
#include "learn/torch/step_loop.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

TEST(DiffAugment, StrengthZeroChangesNothingAndTheKeyDecides) {
  const torch::Tensor x = normals(Key{1, 2}, 0, {6, 3, 9, 7});
  EXPECT_TRUE(torch::equal(diff_augmented(x, 0, Key{3, 4}, 0), x));
  const torch::Tensor y = diff_augmented(x, 1, Key{3, 4}, 0);
  EXPECT_EQ(y.sizes(), x.sizes());
  EXPECT_TRUE(torch::equal(diff_augmented(x, 1, Key{3, 4}, 0), y));
  EXPECT_FALSE(torch::equal(diff_augmented(x, 1, Key{3, 5}, 0), y));
  EXPECT_TRUE(torch::equal(diff_augmented(x.slice(0, 2, 6), 1, Key{3, 4}, 2), y.slice(0, 2, 6)));
}

TEST(DiffAugment, GradientsAreThoseOfFiniteDifferences) {
  const torch::Tensor x = normals(Key{1, 2}, 0, {3, 3, 8, 8}).to(torch::kDouble).set_requires_grad(true), weight = normals(Key{1, 3}, 0, {3, 3, 8, 8}).to(torch::kDouble);
  const auto value = [&](const torch::Tensor& at) { return (diff_augmented(at, 0.8, Key{5, 6}, 0) * weight).sum(); };
  value(x).backward();
  for (const std::int64_t i : {0, 77, 130, 300, 575}) {
    torch::Tensor up = x.detach().clone(), down = x.detach().clone();
    up.view(-1)[i] += 1e-4, down.view(-1)[i] -= 1e-4;
    EXPECT_NEAR(x.grad().view(-1)[i].item<double>(), (value(up) - value(down)).item<double>() / 2e-4, 1e-5) << i;
  }
}

TEST(DiffAugment, MovesByNoMoreThanAnEighthAndHidesAtMostAQuarter) {
  const torch::Tensor x = torch::ones({64, 1, 16, 16});
  const torch::Tensor y = diff_augmented(x, 1, Key{7, 8}, 0);
  for (std::int64_t i = 0; i < 64; ++i) {
    const std::int64_t empty = y[i].eq(0).sum().item<std::int64_t>();
    EXPECT_LE(empty, 64 + 2 * 2 * 16) << i;  // a square of 8 × 8, and two rows and two columns
  }
}

TEST(AdaptiveStrength, FollowsWhetherTheJudgeIsSure) {
  AdaptiveStrength strength;
  for (int i = 0; i < 4; ++i) strength.see(torch::ones({64}));
  EXPECT_DOUBLE_EQ(strength.value(), 4 * 64 / AdaptiveStrength::kPicturesToOne);
  for (int i = 0; i < 4; ++i) strength.see(-torch::ones({64}));
  EXPECT_EQ(strength.value(), 0);  // never below
  for (int i = 0; i < 20'000; ++i) strength.see(torch::ones({64}));
  EXPECT_EQ(strength.value(), AdaptiveStrength::kMost);
}

TEST(Judge, SpectralNormsBoundHowFastScoresChange) {
  Judge plain({16, 16, 1}, 2, false, Key{1, 1}), bounded({16, 16, 1}, 2, true, Key{1, 1});
  for (int i = 0; i < 50; ++i) bounded.follow_norms();
  const torch::Tensor x = normals(Key{2, 2}, 0, {4, 1, 16, 16}), labels = torch::zeros({4}, torch::kLong);
  EXPECT_FALSE(torch::allclose(plain.judge(x, labels), bounded.judge(x, labels)));
  const torch::Tensor far = x + 0.01 * normals(Key{2, 3}, 0, {4, 1, 16, 16});
  // Each convolution of a kernel with unit norm stretches by at most √9 (nine taps share a pixel), the sum over 2 × 2 by 2, both parts of the score by 2.
  const double bound = 27 * 2 * 2 * (far - x).norm().item<double>();
  EXPECT_LT((bounded.judge(far, labels) - bounded.judge(x, labels)).norm().item<double>(), bound);
}

/// 8×8 px with a bright square of 3×3 anywhere.
ImageData squares() {
  ImageData data{.shape = {8, 8, 1}, .classes = {"square"}};
  for (std::uint32_t i = 0; i < 200; ++i) {
    std::vector<float> picture(64, 0.05f);
    const std::uint64_t left = draw_below(Key{4, 4}, 6, 2 * i), top = draw_below(Key{4, 4}, 6, 2 * i + 1);
    for (std::uint64_t y = top; y < top + 3; ++y)
      for (std::uint64_t x = left; x < left + 3; ++x) picture[8 * y + x] = static_cast<float>(0.7 + 0.3 * draw_unit(Key{5, 5}, 9 * i + 3 * (y - top) + x - left));
    data.add(picture, 0, std::to_string(i));
  }
  return data;
}

std::vector<std::string> collapse_of(const GanRules& rules, std::uint32_t steps) {
  const ImageData data = squares();
  std::vector<std::string> notes;
  const FitWatch watch = [](const FitProgress&) {};
  const auto model = adversarial_kind(rules).fit({data, nullptr, 0, steps, watch, kGoOn, notes});
  return collapsed_classes(data, [&](std::uint32_t label, std::size_t count) { return model->draw(label, 0, 0, count); });
}

TEST(Adversarial, APainterThatServesAJudgeWhoLearnsNothingCollapsesAndThatIsSeen) {
  EXPECT_TRUE(collapse_of(kHinge, 200).empty());
  for (GanRules rules : {kHinge, kLogistic, kWasserstein}) {
    rules.judge_rate = 0, rules.judge_steps = 1;
    EXPECT_EQ(collapse_of(rules, 300).size(), 1U) << rules.name;
  }
}

TEST(Adversarial, DivergenceEndsTheTraining) {
  GanRules rules = kLogistic;
  rules.judge_rate = 1e30;
  try {
    collapse_of(rules, 50);
    FAIL() << "it went on";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("training broke down"), std::string::npos) << error.message();
  }
}

TEST(StepLoop, LooksAsOftenAsAskedAndTheRateFalls) {
  StepLoop loop(10, 5, kGoOn, nullptr);
  std::vector<double> seen;
  double rate = 2;
  while (loop.goes_on()) {
    EXPECT_LT(loop.rate(), rate);
    rate = loop.rate();
    if (loop.ends_with(loop.step())) seen.push_back(loop.mean_loss());
  }
  EXPECT_EQ(seen, (std::vector<double>{0.5, 2.5, 4.5, 6.5, 8.5}));
}

TEST(BestLook, EndsAfterThreeLooksThatAreNoBetterAndGoesBack) {
  Parameters parameters(Key{1, 1});
  parameters.add("w", torch::zeros({1}));
  BestLook best(parameters);
  std::vector<std::string> notes;
  const auto look = [&](double score, std::uint32_t step) {
    parameters.set_values({torch::full({1}, score)});
    return best.goes_on(score, step);
  };
  EXPECT_TRUE(look(3, 1) && look(1, 2) && look(2, 3) && look(1.5, 4));
  EXPECT_FALSE(look(1, 5));
  best.put_back(5, 10, notes);
  EXPECT_EQ(parameters.w(0).item<float>(), 1);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("best at step 2"), std::string::npos);
}

}  // namespace
}  // namespace leaven::learn

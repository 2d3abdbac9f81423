// What goes on inside of networks: features that are mixed, views that are to agree.
#include <gtest/gtest.h>

#include <cmath>

#include "core/value.hpp"
#include "learn/inner_learner.hpp"
#include "learn/torch/learners.hpp"

namespace leaven::learn {
namespace {

const Key kKey{5, 9};
constexpr InputShape kShape{8, 8, 1};
constexpr std::size_t kItems = 6, kValues = 64;

std::vector<float> drawn(std::size_t count, std::uint64_t from) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(draw(normal(0, 1), kKey, from + i)));
  return values;
}

class Inner : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Learner> made() const { return learner_named(GetParam()).make(kShape, 3, kKey); }
  static double train(Learner& learner, const std::vector<float>& values, const Inside& inside) {
    static const std::vector<std::uint32_t> labels{0, 1, 2, 0, 1, 2};
    return dynamic_cast<InnerLearner&>(learner).train_inside({values, labels, {}}, inside, 1);
  }
};

TEST_P(Inner, NothingMixedIsTrainedAsItIs) {
  const std::vector<float> values = drawn(kItems * kValues, 0), shares(kItems, 0.0f);
  const std::vector<std::uint32_t> partners{3, 4, 5, 0, 1, 2};
  const auto plain = made(), mixed = made();
  EXPECT_EQ(train(*plain, values, {}), train(*mixed, values, {partners, shares, 1}));
  EXPECT_EQ(plain->weights(), mixed->weights());
}

TEST_P(Inner, APartnerWholeIsThePartner) {
  const std::vector<float> values = drawn(kItems * kValues, 0), shares(kItems, 1.0f);
  const std::vector<std::uint32_t> partners{3, 4, 5, 0, 1, 2};
  std::vector<float> exchanged;
  for (const std::uint32_t p : partners) exchanged.insert(exchanged.end(), values.begin() + p * static_cast<std::ptrdiff_t>(kValues), values.begin() + (p + 1) * static_cast<std::ptrdiff_t>(kValues));
  const auto plain = made(), mixed = made();
  EXPECT_NEAR(train(*plain, exchanged, {}), train(*mixed, values, {partners, shares, 1}), 1e-5);
}

TEST_P(Inner, AgreeingViewsCostNothingAndOthersDo) {
  const std::vector<float> once = drawn(kItems * kValues, 0), other = drawn(kItems * kValues, 5000);
  std::vector<float> equal, different;
  for (int view = 0; view < 3; ++view) {
    equal.insert(equal.end(), once.begin(), once.end());
    different.insert(different.end(), view == 0 ? once.begin() : other.begin(), view == 0 ? once.end() : other.end());
  }
  const auto plain = made(), agreeing = made(), apart = made();
  const double alone = train(*plain, once, {}), same = train(*agreeing, equal, {{}, {}, 3}), more = train(*apart, different, {{}, {}, 3});
  // Dropout is drawn for each view by itself.
  if (GetParam() == std::string("linear")) {
    EXPECT_NEAR(same, alone, 1e-5);
    EXPECT_GT(more, alone + 1e-4);
  }
  EXPECT_TRUE(std::isfinite(more));
}

// Two classes, three views with probabilities 0.9, 0.6 and 0.3 of the first: the entropy of the mean, 0.6, less the mean entropy.
TEST(Agreement, IsTheJensenShannonDivergence) {
  const auto entropy = [](double p) { return -p * std::log(p) - (1 - p) * std::log(1 - p); };
  const double expected = -std::log(0.9) + 12 * (entropy(0.6) - (entropy(0.9) + entropy(0.6) + entropy(0.3)) / 3);
  const auto learner = learner_named("linear").make({1, 1, 1}, 2, kKey);
  // Weight 1 and 0, bias 0: the value is the log odds of the first class.
  learner->set_weights(std::vector<float>{1, 0, 0, 0});
  std::vector<float> values;
  for (const double p : {0.9, 0.6, 0.3}) values.push_back(static_cast<float>(std::log(p / (1 - p))));
  const std::vector<std::uint32_t> labels{0};
  EXPECT_NEAR(dynamic_cast<InnerLearner&>(*learner).train_inside({values, labels, {}}, {{}, {}, 3}, 1), expected, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Networks, Inner, testing::Values("conv_net", "plain_conv_net", "linear"));

}  // namespace
}  // namespace leaven::learn

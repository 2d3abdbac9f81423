// The networks that libtorch trains.
#include "learn/torch/learners.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <optional>
#include <thread>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/torch/features.hpp"
#include "learn/torch/machinery.hpp"
#include "learn/torch/scattering.hpp"

namespace leaven::learn {
namespace {

constexpr InputShape kShape{12, 10, 1};
const Key kKey{11, 22};

/// Class 0 is bright above, class 1 below.
std::vector<float> drawn(std::uint32_t label, std::uint64_t number) {
  std::vector<float> pixels(kShape.values());
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<float>(((i < 60) == (label == 0) ? 0.5 : -0.5) + draw(normal(0, 1), kKey, number * pixels.size() + i));
  return pixels;
}

struct Data {
  std::vector<float> pixels{};
  std::vector<std::uint32_t> labels{};
  Batch batch() const { return {pixels, labels}; }
};

Data data_of(std::uint64_t from, std::uint32_t count) {
  Data d;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::vector<float> one = drawn(i % 2, from + i);
    d.pixels.insert(d.pixels.end(), one.begin(), one.end());
    d.labels.push_back(i % 2);
  }
  return d;
}

std::unique_ptr<Learner> trained(const char* name, std::uint64_t steps, double* last = nullptr) {
  auto learner = learner_named(name).make(kShape, 2, kKey);
  for (std::uint64_t s = 0; s < steps; ++s) {
    const double loss = learner->train(data_of(1000 + 16 * s, 16).batch(), 1);
    if (last) *last = loss;
  }
  return learner;
}

class EveryNetwork : public testing::TestWithParam<const char*> {};

TEST_P(EveryNetwork, LearnsWhatIsEasy) {
  const auto learner = trained(GetParam(), 60);
  const Data test = data_of(0, 100);
  const std::vector<float> p = learner->predict(test.pixels);
  ASSERT_EQ(p.size(), 200U);
  int right = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_NEAR(p[2 * i] + p[2 * i + 1], 1, 1e-5);
    right += (p[2 * i + 1] > 0.5f) == (test.labels[i] == 1);
  }
  EXPECT_GE(right, 95);
}

TEST_P(EveryNetwork, BeginsWithALossOfChance) {
  double loss = 0;
  trained(GetParam(), 1, &loss);
  EXPECT_NEAR(loss, std::log(2.0), 0.35);
}

TEST_P(EveryNetwork, EqualStepsGiveEqualBitsOnAnyThread) {
  const std::vector<float> here = trained(GetParam(), 10)->weights();
  std::vector<float> a, b;
  std::thread first([&] { a = trained(GetParam(), 10)->weights(); });
  std::thread second([&] { b = trained(GetParam(), 10)->weights(); });
  first.join();
  second.join();
  EXPECT_EQ(a, here);
  EXPECT_EQ(b, here);
}

TEST_P(EveryNetwork, WeightsGoOutAndIn) {
  const auto learner = trained(GetParam(), 5);
  const auto other = learner_named(GetParam()).make(kShape, 2, Key{1, 2});
  const Data test = data_of(0, 8);
  EXPECT_NE(other->predict(test.pixels), learner->predict(test.pixels));
  other->set_weights(learner->weights());
  EXPECT_EQ(other->predict(test.pixels), learner->predict(test.pixels));
}

TEST_P(EveryNetwork, AnotherKeyBeginsElsewhere) {
  const LearnerKind kind = learner_named(GetParam());
  EXPECT_NE(kind.make(kShape, 2, Key{1, 2})->weights(), kind.make(kShape, 2, Key{1, 3})->weights());
  EXPECT_EQ(kind.make(kShape, 2, Key{1, 2})->weights(), kind.make(kShape, 2, Key{1, 2})->weights());
}

TEST_P(EveryNetwork, ALossThatIsNoNumberIsTold) {
  const auto learner = learner_named(GetParam()).make(kShape, 2, kKey);
  Data bad = data_of(0, 4);
  bad.pixels[7] = std::numeric_limits<float>::quiet_NaN();
  learner->train(bad.batch(), 1);
  EXPECT_FALSE(std::isfinite(learner->train(data_of(0, 4).batch(), 1)));
}

TEST_P(EveryNetwork, TakesOddSizes) {
  for (const InputShape shape : {InputShape{1, 1, 1}, InputShape{7, 3, 3}, InputShape{33, 64, 3}}) {
    const auto learner = learner_named(GetParam()).make(shape, 3, kKey);
    const std::vector<float> pixels(2 * shape.values(), 0.5f);
    const std::vector<std::uint32_t> labels{0, 2};
    EXPECT_TRUE(std::isfinite(learner->train({pixels, labels}, 1))) << shape.width;
    EXPECT_EQ(learner->predict(pixels).size(), 6U);
  }
}

/// Learners of rows: three numbers, of which the second is sometimes missing; the first decides.
class EveryRowLearner : public testing::TestWithParam<const char*> {
 protected:
  static constexpr InputShape kRow{3, 1, 1};
  struct Table {
    std::vector<float> values{}, targets{};
    std::vector<std::uint32_t> labels{};
  };
  static Table table(std::uint64_t from, std::uint64_t count, std::uint32_t classes) {
    Table t;
    for (std::uint64_t i = from; i < from + count; ++i) {
      const auto x = static_cast<float>(draw(normal(0, 1), kKey, 3 * i)), z = static_cast<float>(draw(normal(0, 1), kKey, 3 * i + 1));
      t.values.insert(t.values.end(), {x, i % 5 == 0 ? std::numeric_limits<float>::quiet_NaN() : z, static_cast<float>(i % 2)});
      t.labels.push_back(x < -0.4f ? 0 : classes == 2 || x < 0.4f ? 1 : 2);
      t.targets.push_back(x);
    }
    return t;
  }
  static std::unique_ptr<Learner> trained(const Table& t, std::uint32_t classes) {
    const LearnerKind kind = learner_named(GetParam(), Domain::columns);
    auto learner = kind.make(kRow, classes, kKey);
    const Batch batch = classes > 0 ? Batch{t.values, t.labels, {}} : Batch{t.values, {}, t.targets};
    for (std::uint32_t s = 0; s < (kind.rounds > 0 ? 30U : 200U); ++s) EXPECT_TRUE(std::isfinite(learner->train(batch, 1)));
    return learner;
  }
};

TEST_P(EveryRowLearner, LearnsClasses) {
  for (const std::uint32_t classes : {2U, 3U}) {
    const Table train = table(0, 300, classes), test = table(1000, 200, classes);
    const std::vector<float> p = trained(train, classes)->predict(test.values);
    ASSERT_EQ(p.size(), 200 * classes);
    int right = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const auto* const of = &p[i * classes];
      EXPECT_NEAR(std::accumulate(of, of + classes, 0.0), 1, 1e-5);
      right += static_cast<std::uint32_t>(std::max_element(of, of + classes) - of) == test.labels[i];
    }
    EXPECT_GE(right, 150) << classes;
  }
}

TEST_P(EveryRowLearner, LearnsNumbers) {
  const Table train = table(0, 300, 2), test = table(1000, 200, 2);
  const std::vector<float> p = trained(train, 0)->predict(test.values);
  ASSERT_EQ(p.size(), 200U);
  double missed = 0, spread = 0;
  for (std::size_t i = 0; i < 200; ++i) missed += std::pow(p[i] - test.targets[i], 2), spread += test.targets[i] * test.targets[i];
  EXPECT_LT(missed, 0.3 * spread);
}

TEST_P(EveryRowLearner, IsTheSameOnAnyThreadAndAfterWeightsWentOutAndIn) {
  const Table train = table(0, 100, 3), test = table(1000, 20, 3);
  const auto here = trained(train, 3);
  std::vector<float> there;
  std::thread([&] { there = trained(train, 3)->weights(); }).join();
  EXPECT_EQ(there, here->weights());
  const auto other = learner_named(GetParam(), Domain::columns).make(kRow, 3, Key{1, 2});
  other->set_weights(here->weights());
  EXPECT_EQ(other->predict(test.values), here->predict(test.values));
}

/// A bump early (0) or late (1) under noise.
class EverySeriesLearner : public testing::TestWithParam<const char*> {
 protected:
  static constexpr InputShape kSeries{40, 1, 1};
  static Data bumps(std::uint64_t from, std::uint32_t count) {
    Data d;
    for (std::uint32_t i = 0; i < count; ++i) {
      for (int t = 0; t < kSeries.width; ++t) {
        const double place = i % 2 ? 28 : 12, bump = 3 * std::exp(-std::pow((t - place) / 3, 2)) * (i % 2 ? -1 : 1);
        d.pixels.push_back(static_cast<float>(bump + draw(normal(0, 0.4), kKey, (from + i) * 100 + static_cast<std::uint64_t>(t))));
      }
      d.labels.push_back(i % 2);
    }
    return d;
  }
  static std::unique_ptr<Learner> trained_on(const Data& data) {
    const LearnerKind kind = learner_named(GetParam(), Domain::series);
    auto learner = kind.make(kSeries, 2, kKey);
    for (std::uint32_t s = 0; s < (kind.rounds > 0 ? 1U : 200U); ++s) EXPECT_TRUE(std::isfinite(learner->train(data.batch(), 1)));
    return learner;
  }
};

TEST_P(EverySeriesLearner, LearnsWhatIsEasyEquallyOnAnyThread) {
  const Data train = bumps(0, 40), test = bumps(500, 60);
  const auto learner = trained_on(train);
  const std::vector<float> p = learner->predict(test.pixels);
  int right = 0;
  for (std::size_t i = 0; i < 60; ++i) right += (p[2 * i + 1] > p[2 * i]) == (test.labels[i] == 1);
  EXPECT_GE(right, 57);
  std::vector<float> there;
  std::thread([&] { there = trained_on(train)->weights(); }).join();
  EXPECT_EQ(there, learner->weights());
}

INSTANTIATE_TEST_SUITE_P(Series, EverySeriesLearner, testing::Values("kernels", "dtw", "conv_net", "linear"));

TEST(Ridge, ShowingItemsFiveTimesChangesNothing) {
  constexpr InputShape kShort{20, 1, 1};
  std::vector<float> once, five;
  std::vector<std::uint32_t> labels, labels5;
  for (std::uint64_t i = 0; i < 12; ++i) {
    for (std::uint64_t t = 0; t < 20; ++t) once.push_back(static_cast<float>(draw(normal(0, 1), kKey, i * 20 + t)));
    labels.push_back(i % 3);
  }
  for (int n = 0; n < 5; ++n) five.insert(five.end(), once.begin(), once.end()), labels5.insert(labels5.end(), labels.begin(), labels.end());
  // Raw values as features, so that both have the same.
  class Raw final : public Features {
   public:
    std::size_t size() const override { return 20; }
    void of(std::span<const float> item, std::span<float> out) const override { std::copy(item.begin(), item.end(), out.begin()); }
  };
  const LearnerKind kind = ridge_on("raw", "", [](const InputShape&, std::span<const float>, Key) { return std::make_unique<Raw>(); });
  const auto a = kind.make(kShort, 3, kKey), b = kind.make(kShort, 3, kKey);
  a->train({once, labels, {}}, 1);
  b->train({five, labels5, {}}, 1);  // more items than features: solved the other way
  const std::vector<float> p = a->predict(once), q = b->predict(once);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], q[i], 1e-5) << i;
}

class EveryPictureProbe : public testing::TestWithParam<const char*> {
 protected:
  /// With less noise for its contrast: probes see a few items once.
  static Data clear_data(std::uint64_t from, std::uint32_t count) {
    Data d = data_of(from, count);
    for (std::size_t i = 0; i < d.pixels.size(); ++i) d.pixels[i] += ((i % 120 < 60) == (d.labels[i / 120] == 0)) ? 1.5f : -1.5f;
    return d;
  }
};

TEST_P(EveryPictureProbe, LearnsWhatIsEasyInOneRoundEquallyOnAnyThread) {
  const Data train = clear_data(1000, 60), test = clear_data(0, 100);
  const LearnerKind kind = learner_named(GetParam());
  EXPECT_EQ(kind.rounds, 1U);
  const auto trained_once = [&] {
    auto learner = kind.make(kShape, 2, kKey);
    learner->train(train.batch(), 1);
    return learner;
  };
  const auto learner = trained_once();
  const std::vector<float> p = learner->predict(test.pixels);
  int right = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_NEAR(p[2 * i] + p[2 * i + 1], 1, 1e-5);
    right += (p[2 * i + 1] > p[2 * i]) == (test.labels[i] == 1);
  }
  // Most of the features that neighbours are found by see only the noise.
  EXPECT_GE(right, kind.name == "knn" ? 65 : 90);
  std::vector<float> there;
  std::thread([&] { there = trained_once()->weights(); }).join();
  EXPECT_EQ(there, learner->weights());
}

TEST_P(EveryPictureProbe, SeesNoMoreInItemsThatAreShownFiveTimes) {
  const Data once = data_of(1000, 20), test = data_of(0, 20);
  Data five;
  for (int n = 0; n < 5; ++n) {
    five.pixels.insert(five.pixels.end(), once.pixels.begin(), once.pixels.end());
    five.labels.insert(five.labels.end(), once.labels.begin(), once.labels.end());
  }
  const LearnerKind kind = learner_named(GetParam());
  const auto a = kind.make(kShape, 2, kKey), b = kind.make(kShape, 2, kKey);
  a->train(once.batch(), 1);
  b->train(five.batch(), 1);
  const std::vector<float> p = a->predict(test.pixels), q = b->predict(test.pixels);
  for (std::size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(p[i], q[i], 1e-4) << i;
}

TEST_P(EveryPictureProbe, TakesOddSizesAndColours) {
  for (const InputShape shape : {InputShape{1, 1, 1}, InputShape{7, 3, 3}, InputShape{33, 64, 3}}) {
    const auto learner = learner_named(GetParam()).make(shape, 3, kKey);
    std::vector<float> pixels(6 * shape.values());
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<float>(i % 7);
    const std::vector<std::uint32_t> labels{0, 2, 1, 0, 2, 1};
    learner->train({pixels, labels, {}}, 1);
    const std::vector<float> p = learner->predict(pixels);
    ASSERT_EQ(p.size(), 18U);
    EXPECT_TRUE(std::ranges::all_of(p, [](float v) { return std::isfinite(v); })) << shape.width;
  }
}

INSTANTIATE_TEST_SUITE_P(Probes, EveryPictureProbe, testing::Values("scattering", "knn"));

TEST(Scattering, PlainAreasGiveNothingButTheirMean) {
  constexpr InputShape kPlain{20, 20, 1};
  const auto features = scattering(kPlain);
  ASSERT_EQ(features->size(), 81U * 49);
  const std::vector<float> plain(400, 3.0f);
  std::vector<float> out(features->size());
  features->of(plain, out);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], i < 49 ? 3 : 0, 1e-4) << i;
}

TEST(Scattering, AStripeAnswersInItsOwnDirection) {
  constexpr InputShape kPlain{32, 32, 1};
  std::vector<float> upright, lying;
  for (int y = 0; y < 32; ++y)
    for (int x = 0; x < 32; ++x) upright.push_back(static_cast<float>(std::cos(2.3 * x))), lying.push_back(static_cast<float>(std::cos(2.3 * y)));
  const auto features = scattering(kPlain);
  std::vector<float> a(features->size()), b(features->size());
  features->of(upright, a);
  features->of(lying, b);
  const auto map = [](const std::vector<float>& out, std::size_t number) { return std::accumulate(out.begin() + static_cast<std::ptrdiff_t>(49 * number), out.begin() + static_cast<std::ptrdiff_t>(49 * (number + 1)), 0.0); };
  // Of the finer scale: direction 0 sees change along x, direction 4 along y.
  EXPECT_GT(map(a, 1), 5 * map(a, 5));
  EXPECT_GT(map(b, 5), 5 * map(b, 1));
  EXPECT_NEAR(map(a, 1), map(b, 5), 0.02 * map(a, 1));
}

INSTANTIATE_TEST_SUITE_P(Rows, EveryRowLearner, testing::Values("trees", "linear", "mlp"));

INSTANTIATE_TEST_SUITE_P(Networks, EveryNetwork, testing::Values("conv_net", "plain_conv_net", "linear"));

TEST(Networks, TheMachineryIsTold) {
  const std::string machinery = learner_named("auto").machinery;
  for (const char* part : {"libtorch ", "oneDNN ", "1 thread a training"}) EXPECT_NE(machinery.find(part), std::string::npos) << machinery;
}

TEST(Networks, AnUnknownNameIsRefusedWithTheNearest) {
  try {
    learner_named("conv_nte");
    FAIL() << "made it";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean conv_net?"), std::string::npos) << error.what();
  }
  try {
    learner_named("conv_net", Domain::columns);
    FAIL() << "made it";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("there is no learner conv_net for tables"), std::string::npos) << error.what();
  }
}

TEST(Machinery, ALimitThatLeavesNoRoomIsSaidBeforeATrainingBegins) {
  require_room_to_train(2);
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (rlim_t{200} << 20);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &tight), 0);
  const auto fault = [](int threads) {
    try {
      require_room_to_train(threads);
    } catch (const Error& error) {
      return std::optional(error.fault());
    }
    return std::optional<Fault>();
  };
  const auto one = fault(1), eight = fault(8);
  setrlimit(RLIMIT_AS, &before);
  EXPECT_FALSE(one);
  EXPECT_EQ(eight, Fault::environment);
}

}  // namespace
}  // namespace leaven::learn

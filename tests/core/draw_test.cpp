// Philox against its published vectors, keys against their definition, laws against their distribution functions.
#include <gtest/gtest.h>
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "core/error.hpp"
#include "core/key.hpp"
#include "core/value.hpp"

namespace leaven {
namespace {

using Block4 = std::array<std::uint32_t, 4>;

// Random123's known answers for philox4x32 with 10 rounds (Salmon et al., SC 2011).
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Block4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}), (Block4{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block4{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

std::string number(std::uint64_t v) {
  std::string s;
  for (int i = 0; i < 8; ++i) s += static_cast<char>(v >> (8 * i));
  return s;
}

// The definition of key version 1, written out: a change of any byte of it would make other datasets from old seeds.
TEST(Key, VersionOneIsTheHashOfItsLengthPrefixedParts) {
  const std::string right = std::string("leaven key 1") + number(7) + number(2) + number(9) + "cat/1.jpg" + number(3) +
                            number(0) + number(13) + "one_of/rotate" + number(1) + number(7) + "degrees";
  const XXH128_hash_t want = XXH3_128bits(right.data(), right.size());
  const Key got = KeyMaker({.seed = 7, .epoch = 2, .sample = "cat/1.jpg", .copy = 3, .attempt = 1}).key("one_of/rotate", "degrees");
  EXPECT_EQ(got, (Key{want.low64, want.high64}));
}

TEST(Key, EveryPartMatters) {
  const DrawContext base{.seed = 1, .epoch = 0, .sample = "a", .copy = 1, .partner_slot = 0, .attempt = 0};
  std::set<std::string> keys;
  const auto add = [&](DrawContext c, std::string_view path, std::string_view field) { keys.insert(to_hex(KeyMaker(c).key(path, field))); };
  add(base, "p", "f");
  auto c = base;
  c.seed = 2, add(c, "p", "f");
  c = base, c.epoch = 1, add(c, "p", "f");
  c = base, c.sample = "b", add(c, "p", "f");
  c = base, c.copy = 2, add(c, "p", "f");
  c = base, c.partner_slot = 1, add(c, "p", "f");
  c = base, c.attempt = 1, add(c, "p", "f");
  add(base, "pf", ""), add(base, "", "pf"), add(base, "p", "g"), add(base, "q", "f");
  EXPECT_EQ(keys.size(), 11U);
}

TEST(Key, HexRoundTripAndErrors) {
  const Key key{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(to_hex(key), "fedcba98765432100123456789abcdef");
  EXPECT_EQ(key_from_hex(to_hex(key)), key);
  EXPECT_THROW(key_from_hex("12"), Error);
  EXPECT_THROW(key_from_hex("zzzzzzzzzzzzzzzz0123456789abcdef"), Error);
}

Key stream(std::uint64_t n) { return KeyMaker({.seed = n, .sample = "s"}).key("op", "f"); }

// Kolmogorov-Smirnov at level 1e-6, so that a right law fails about never and a wrong one always.
void expect_law(const Law& law, const std::function<double(double)>& cdf) {
  constexpr int kCount = 40'000;
  std::vector<double> x;
  for (std::uint64_t i = 0; i < kCount; ++i) x.push_back(draw(law, stream(i)));
  std::sort(x.begin(), x.end());
  double distance = 0;
  for (int i = 0; i < kCount; ++i) {
    const double f = cdf(x[static_cast<std::size_t>(i)]);
    distance = std::max({distance, f - i / double{kCount}, (i + 1) / double{kCount} - f});
  }
  EXPECT_LT(distance, std::sqrt(-0.5 * std::log(0.5e-6) / kCount)) << name_of(law.kind);
}

double phi(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

TEST(Laws, Uniform) { expect_law(uniform(-3, 5), [](double x) { return (x + 3) / 8; }); }
TEST(Laws, LogUniform) {
  expect_law(log_uniform(0.1, 10), [](double x) { return std::log(x / 0.1) / std::log(100.0); });
}
TEST(Laws, Normal) {
  expect_law(normal(2, 3), [](double x) { return phi((x - 2) / 3); });
}
TEST(Laws, TruncatedNormal) {
  const double low = phi(-1.0), mass = phi(0.5) - low;
  expect_law(truncated_normal(1, 2, -1, 2), [=](double x) { return (phi((x - 1) / 2) - low) / mass; });
}
TEST(Laws, BetaOfOneHalfIsTheArcsineLaw) {
  expect_law(beta(0.5, 0.5), [](double x) { return 2 / std::acos(-1.0) * std::asin(std::sqrt(x)); });
}
TEST(Laws, BetaOfWholeShapes) {
  expect_law(beta(2, 1), [](double x) { return x * x; });
  expect_law(beta(1, 3, -1, 1), [](double x) { return 1 - std::pow(1 - (x + 1) / 2, 3); });
}
TEST(Laws, BetaOfTinyShapesStaysInRange) {
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const double x = draw(beta(0.01, 0.01), stream(i));
    ASSERT_TRUE(x >= 0 && x <= 1) << x;
  }
}
TEST(Laws, IntegerHasBothEndsAndEqualShares) {
  std::array<int, 5> count{};
  for (std::uint64_t i = 0; i < 50'000; ++i) count[static_cast<std::size_t>(draw(integer(-2, 2), stream(i)) + 2)]++;
  for (const int n : count) EXPECT_NEAR(n, 10'000, 500);  // 5.6 standard deviations
}
TEST(Laws, WeightedChoiceFollowsItsWeights) {
  std::array<int, 3> count{};
  for (std::uint64_t i = 0; i < 40'000; ++i) count[draw_weighted({1, 0, 3}, stream(i))]++;
  EXPECT_NEAR(count[0], 10'000, 500);
  EXPECT_EQ(count[1], 0);
}
TEST(Laws, ElementsOfOneKeyDiffer) {
  std::set<double> values;
  for (std::uint64_t i = 0; i < 100; ++i) values.insert(draw(normal(0, 1), stream(1), i));
  EXPECT_EQ(values.size(), 100U);
}
TEST(Laws, BelowReachesEveryNumberAndNoOther) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) seen.insert(draw_below(stream(i), 7));
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_LT(*seen.rbegin(), 7U);
  EXPECT_EQ(draw_below(stream(1), 1), 0U);
}

// Frozen: these numbers are part of the promise "same seed, same bytes" across versions.
TEST(Laws, FrozenValues) {
  const Key key{0x0123456789abcdef, 0xfedcba9876543210};
  const std::vector<double> got{draw(uniform(0, 1), key), draw(normal(0, 1), key), draw(beta(0.4, 0.4), key),
                                draw(log_uniform(0.5, 2), key), draw(integer(0, 1000), key)};
  const std::vector<double> want{0.9633079359036382, 1.7904342512895333, 0.19684792995454062,
                                 1.9008120298574516, 964};
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(to_text(got[i]), to_text(want[i])) << i;
}

}  // namespace
}  // namespace leaven

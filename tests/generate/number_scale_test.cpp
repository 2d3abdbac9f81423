// Scales of numbers, and patterns of tokens.
#include "learn/generate/number_scale.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/token_patterns.hpp"

namespace leaven::learn {
namespace {

const Key kKey{11, 12};

std::vector<double> drawn(const std::function<double(double z)>& of) {
  std::vector<double> numbers;
  for (std::uint64_t i = 0; i < 500; ++i) numbers.push_back(of(draw(normal(0, 1), kKey, i)));
  return numbers;
}

TEST(NumberScale, IsTheOneThatMakesNumbersNormal) {
  EXPECT_EQ(scale_of(drawn([](double z) { return 100 + 10 * z; }), 0).law, NumberScale::Law::straight);
  EXPECT_EQ(scale_of(drawn([](double z) { return std::exp(3 + 0.8 * z); }), 0.01).law, NumberScale::Law::logarithm);
  EXPECT_EQ(scale_of(drawn([](double z) { return 5 + 2 * std::sinh(1.5 * z); }), 0).law, NumberScale::Law::inverse_sinh);
  // Skewed, but not above 0.
  EXPECT_NE(scale_of(drawn([](double z) { return std::exp(3 + 0.8 * z) - 200; }), 0.01).law, NumberScale::Law::logarithm);
}

TEST(NumberScale, PlacesAreStandardisedAndComeBack) {
  for (const auto& numbers : {drawn([](double z) { return 100 + 10 * z; }), drawn([](double z) { return std::exp(3 + 0.8 * z); }), drawn([](double z) { return 2 * std::sinh(1.5 * z); })}) {
    const NumberScale scale = scale_of(numbers, 0);
    double sum = 0, squares = 0;
    for (const double v : numbers) {
      const double place = scale.place(v);
      sum += place, squares += place * place;
      EXPECT_NEAR(scale.number(place), v, 1e-9 * std::fabs(v) + 1e-9);
    }
    EXPECT_NEAR(sum / 500, 0, 1e-9);
    EXPECT_NEAR(squares / 500, 1, 1e-9);
    EXPECT_EQ(scale.number(1e3), scale.hi);
    EXPECT_EQ(scale.number(-1e3), scale.lo);
  }
}

TEST(NumberScale, OneNumberHasOneToo) {
  const NumberScale scale = scale_of({7, 7}, 1);
  EXPECT_TRUE(scale.is_sound());
  EXPECT_EQ(scale.lo, 6.5);
  EXPECT_EQ(scale.hi, 7.5);
  EXPECT_NEAR(scale.number(scale.place(7)), 7, 1e-12);
  NumberScale broken = scale;
  broken.deviation = 0;
  EXPECT_FALSE(broken.is_sound());
  broken = scale, broken.law = NumberScale::Law::logarithm, broken.lo = -1;
  EXPECT_FALSE(broken.is_sound());
}

/// Of class 0: (0, 1) sixty times, (1, 0) thirty-six times, (1, 2) four times; of class 1: (2, 2) ten times.
TokenPatterns patterns() {
  std::vector<std::int32_t> tokens;
  std::vector<std::uint32_t> labels;
  const auto add = [&](int times, std::int32_t a, std::int32_t b, std::uint32_t label) {
    for (int i = 0; i < times; ++i) tokens.insert(tokens.end(), {a, b}), labels.push_back(label);
  };
  add(60, 0, 1, 0), add(36, 1, 0, 0), add(4, 1, 2, 0), add(10, 2, 2, 1);
  return TokenPatterns::fit(tokens, labels, 2, std::vector<std::int64_t>{3, 3});
}

TEST(TokenPatterns, AreDrawnAsOftenAsTheyWere) {
  std::map<std::pair<std::int32_t, std::int32_t>, double> seen;
  const TokenPatterns of = patterns();
  std::array<std::int32_t, 2> row{};
  for (std::uint64_t r = 0; r < 20'000; ++r) {
    of.draw(0, kKey, r, row);
    seen[{row[0], row[1]}] += 1.0 / 20'000;
    if (r % 1000 == 0) {
      of.draw(1, kKey, r, row);
      EXPECT_EQ(row, (std::array<std::int32_t, 2>{2, 2}));
    }
  }
  // The four rows of a rare pattern are drawn column by column: 0.04 · 0.6 · 0.6 more of the first, 0.04 · 0.4 · 0.04 of their own.
  EXPECT_NEAR((seen[{0, 1}]), 0.6 + 0.04 * 0.6 * 0.6, 0.01);
  EXPECT_NEAR((seen[{1, 0}]), 0.36 + 0.04 * 0.4 * 0.36, 0.01);
  EXPECT_NEAR((seen[{0, 0}]), 0.04 * 0.6 * 0.36, 0.004);
  EXPECT_LT((seen[{1, 2}]), 0.004);
}

TEST(TokenPatterns, ComeBackFromAFileAndDamageIsRefused) {
  Tensors saved;
  patterns().save(saved);
  const std::vector<std::int64_t> columns{3, 3};
  const TokenPatterns again = TokenPatterns::load(saved, {true, true}, columns);
  std::array<std::int32_t, 2> a{}, b{};
  for (std::uint64_t r = 0; r < 300; ++r) {
    patterns().draw(0, kKey, r, a), again.draw(0, kKey, r, b);
    EXPECT_EQ(a, b);
  }
  const auto refused = [&](const std::string& name, auto&& damage) {
    Tensors damaged;
    for (Tensor one : saved.all()) {
      if (one.name == name) damage(one);
      if (one.integers.empty())
        damaged.add(one.name, one.doubles);
      else
        damaged.add(one.name, one.integers);
    }
    EXPECT_THROW(TokenPatterns::load(damaged, {true, true}, columns), Error) << name;
  };
  refused("patterns.0.tokens", [](Tensor& t) { t.integers[0] = 3; });
  refused("patterns.0.below", [](Tensor& t) { t.doubles[0] = -1; });
  refused("patterns.0.below", [](Tensor& t) { t.doubles.back() = 1e9; });
  refused("patterns.1.counts", [](Tensor& t) { t.doubles[0] = 5; });
  refused("patterns.1.counts", [](Tensor& t) { t.doubles.assign(6, 0); });
  EXPECT_THROW(TokenPatterns::load(saved, {true, true, true}, columns), Error);
  EXPECT_THROW(TokenPatterns::load(saved, {true, true}, std::vector<std::int64_t>{3, 2}), Error);
}

}  // namespace
}  // namespace leaven::learn

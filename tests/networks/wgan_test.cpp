// The adversarial generator of numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <numeric>

#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/table_report.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {
namespace {

using Role = TableColumn::Role;
const std::atomic<bool> kGoOn{false};
const FitWatch kWatch = [](const FitProgress&) {};
const Key kKey{21, 22};

TableKind wgan() { return wgan_kind(); }

TableData prices(std::vector<double> numbers) {
  TableData data;
  data.rows = numbers.size();
  data.columns.push_back({.name = "price", .kind = ColumnKind::decimal, .role = Role::number, .places = 2, .numbers = std::move(numbers)});
  return data;
}

double cents(double v) { return std::nearbyint(100 * v) / 100; }
double skewed(std::uint64_t i) { return cents(std::exp(3 + 0.9 * draw(normal(0, 1), kKey, i))); }

TableData skewed_prices(std::size_t rows) {
  std::vector<double> numbers;
  for (std::uint64_t i = 0; i < rows; ++i) numbers.push_back(skewed(i));
  return prices(std::move(numbers));
}

/// Of class "cheap" prices about 5, a quarter missing; of class "dear" about 80, three in ten 99.99.
TableData shop(std::size_t rows) {
  TableData data = prices(std::vector<double>(rows));
  data.columns.push_back({.name = "kind", .kind = ColumnKind::category, .role = Role::word, .target = true, .dictionary = {"cheap", "dear"}, .words = std::vector<std::int32_t>(rows)});
  for (std::size_t r = 0; r < rows; ++r) {
    const bool dear = r % 2 == 1;
    const double u = draw_unit(kKey, 2 * r), z = draw(normal(0, 1), kKey, 2 * r + 1);
    data.columns[0].numbers[r] = dear ? (u < 0.3 ? 99.99 : cents(std::exp(std::log(80) + 0.2 * z))) : u < 0.25 ? NAN : cents(std::exp(std::log(5) + 0.4 * z));
    data.columns[1].words[r] = dear ? 1 : 0;
  }
  return data;
}

class Wgan : public testing::Test {
 protected:
  std::unique_ptr<RowModel> fitted(const TableData& data, std::uint32_t steps, std::uint64_t seed = 0) { return wgan().fit({data, seed, steps, kWatch, kGoOn, notes_}); }
  bool noted(const std::string& words) const {
    return std::ranges::any_of(notes_, [&](const std::string& note) { return note.find(words) != std::string::npos; });
  }
  std::vector<std::string> notes_{};
};

TEST_F(Wgan, LearnsASkewedLaw) {
  const TableData data = skewed_prices(1500);
  const TableData made = fitted(data, 700)->draw(kNoClass, 1, 0, 4000);
  std::vector<double> fresh;
  for (std::uint64_t i = 0; i < 4000; ++i) fresh.push_back(skewed(1'000'000 + i));
  EXPECT_LT(flow::ks_distance(made.columns[0].numbers, fresh), 0.08);
  const auto [lo, hi] = std::ranges::minmax(data.columns[0].numbers);
  for (const double v : made.columns[0].numbers) {
    EXPECT_TRUE(v >= lo && v <= hi) << v;
    EXPECT_NEAR(100 * v, std::nearbyint(100 * v), 1e-6);
  }
  EXPECT_FALSE(noted("mode collapse"));
}

TEST_F(Wgan, KeepsClassesMissingCellsAndFrequentNumbers) {
  const auto model = fitted(shop(1000), 500);
  EXPECT_EQ(model->class_counts(), (std::vector<std::uint64_t>{500, 500}));
  for (std::uint32_t label = 0; label < 2; ++label) {
    const TableData made = model->draw(label, 0, 0, 3000);
    double logs = 0, others = 0, missing = 0, frequent = 0;
    for (std::size_t r = 0; r < 3000; ++r) {
      EXPECT_EQ(made.columns[1].words[r], static_cast<std::int32_t>(label));
      const double v = made.columns[0].numbers[r];
      if (std::isnan(v))
        missing += 1.0 / 3000;
      else if (std::fabs(v - 99.99) < 1e-9)
        frequent += 1.0 / 3000;
      else
        logs += std::log(v), others += 1;
    }
    EXPECT_NEAR(logs / others, std::log(label == 0 ? 5 : 80), 0.15) << label;
    EXPECT_NEAR(missing, label == 0 ? 0.25 : 0, 0.05) << label;
    EXPECT_NEAR(frequent, label == 0 ? 0 : 0.3, 0.06) << label;
  }
}

TEST_F(Wgan, ColumnsHangTogetherAndAreMissingTogether) {
  TableData data = prices(std::vector<double>(900));
  data.columns.push_back({.name = "tax", .kind = ColumnKind::decimal, .role = Role::number, .places = 2, .numbers = std::vector<double>(900)});
  for (std::size_t r = 0; r < 900; ++r) {
    const double z = draw(normal(0, 1), kKey, 2 * r), e = draw(normal(0, 1), kKey, 2 * r + 1);
    data.columns[0].numbers[r] = r % 5 == 0 ? NAN : cents(100 + 10 * z);
    data.columns[1].numbers[r] = r % 5 == 0 ? NAN : cents(20 + 2 * (0.9 * z + 0.436 * e));
  }
  const TableData made = fitted(data, 800)->draw(kNoClass, 0, 0, 2000);
  std::vector<double> x, y;
  for (std::size_t r = 0; r < 2000; ++r) {
    const double a = made.columns[0].numbers[r], b = made.columns[1].numbers[r];
    EXPECT_EQ(std::isnan(a), std::isnan(b));
    if (!std::isnan(a)) x.push_back(a), y.push_back(b);
  }
  EXPECT_NEAR(static_cast<double>(x.size()) / 2000, 0.8, 0.04);
  EXPECT_NEAR(flow::correlation(x, y), 0.9, 0.12);
}

TEST_F(Wgan, WhereEveryNumberIsFrequentNothingIsLearnt) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < 400; ++i) numbers.push_back(i % 4 == 0 ? 1 : i % 4 == 1 ? 12 : 2);
  const auto model = fitted(prices(std::move(numbers)), 5);
  EXPECT_TRUE(noted("every number is a frequent one"));
  SavedGenerator saved;
  model->save(saved);
  const auto again = wgan().load({.card = saved.card, .tensors = from_safetensors(to_safetensors(saved.tensors))});
  const TableData made = again->draw(kNoClass, 0, 0, 4000);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(made.columns[0].numbers, 2)) / 4000, 0.5, 0.03);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(made.columns[0].numbers, 12)) / 4000, 0.25, 0.03);
  EXPECT_EQ(std::ranges::count_if(made.columns[0].numbers, [](double v) { return v != 1 && v != 2 && v != 12; }), 0);
}

TEST_F(Wgan, EqualSeedsGiveEqualNumbersHoweverManyAreAskedForAndByWhom) {
  const TableData data = skewed_prices(80);
  const auto a = fitted(data, 3), b = fitted(data, 3), c = fitted(data, 3, 1);
  const auto numbers = [](const TableData& rows) { return rows.columns[0].numbers; };
  const std::vector<double> all = numbers(a->draw(kNoClass, 4, 0, 1200));
  EXPECT_EQ(numbers(b->draw(kNoClass, 4, 0, 1200)), all);
  EXPECT_EQ(numbers(a->draw(kNoClass, 4, 500, 30)), std::vector<double>(all.begin() + 500, all.begin() + 530));
  auto first = std::async(std::launch::async, [&] { return numbers(a->draw(kNoClass, 4, 0, 700)); }), second = std::async(std::launch::async, [&] { return numbers(a->draw(kNoClass, 4, 700, 500)); });
  std::vector<double> both = first.get();
  const std::vector<double> rest = second.get();
  both.insert(both.end(), rest.begin(), rest.end());
  EXPECT_EQ(both, all);
  EXPECT_NE(numbers(a->draw(kNoClass, 5, 0, 1200)), all);
  EXPECT_NE(numbers(c->draw(kNoClass, 4, 0, 1200)), all);
}

TEST_F(Wgan, SavedAndLoadedItDrawsTheSameAndDamageIsRefused) {
  const auto model = fitted(shop(80), 3);
  SavedGenerator saved;
  model->save(saved);
  const SavedGenerator read{.card = saved.card, .tensors = from_safetensors(to_safetensors(saved.tensors))};
  const auto again = wgan().load(read);
  EXPECT_EQ(again->kind(), "wgan");
  const std::vector<double> a = model->draw(1, 1, 0, 50).columns[0].numbers;
  EXPECT_EQ(again->draw(1, 1, 0, 50).columns[0].numbers, a);
  EXPECT_THROW(wgan().load({.card = saved.card}), Error);
  SavedGenerator classes = read;
  classes.card["class_rows"] = {80};
  EXPECT_THROW(wgan().load(classes), Error);
  const auto refused = [&](const std::string& name, std::vector<double> numbers) {
    SavedGenerator damaged{.card = saved.card};
    bool found = false;
    for (const Tensor& one : read.tensors.all()) {
      const bool here = one.name == name;
      found = found || here;
      if (here)
        damaged.tensors.add(one.name, numbers);
      else if (!one.floats.empty())
        damaged.tensors.add(one.name, one.floats, one.shape);
      else if (!one.integers.empty())
        damaged.tensors.add(one.name, one.integers, one.shape);
      else
        damaged.tensors.add(one.name, one.doubles, one.shape);
    }
    EXPECT_TRUE(found) << name;
    EXPECT_THROW(wgan().load(damaged), Error) << name;
  };
  refused("code.0.scale", {1, 0, 1, 0});
  refused("code.0.scale", {3, 0, 1, 0, 1, 1, 2});
  refused("code.0.scale", {1, 0, 1, 0, 1, -1, 2});  // a logarithm of what is below 0
  refused("code.0.scale", {0, 0, 1, 0, 0, 1, 2});   // no deviation
  refused("patterns.0.counts", {1});
  refused("patterns.1.below", {1e9});
}

TEST_F(Wgan, RefusesWhatItIsNotFor) {
  TableData words = shop(60);
  words.columns[1].target = false;
  try {
    fitted(words, 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::usage);
    EXPECT_NE(std::string(error.what()).find("column kind holds words"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("ctgan"), std::string::npos) << error.what();
  }
  TableData none = shop(60);
  none.columns.erase(none.columns.begin());
  EXPECT_THROW(fitted(none, 3), Error);
  EXPECT_THROW(fitted(skewed_prices(4), 3), Error);
  const std::atomic<bool> stop{true};
  const TableData data = skewed_prices(60);
  EXPECT_THROW(wgan().fit({data, 0, 3, kWatch, stop, notes_}), Error);
}

TEST_F(Wgan, SaysWhenItHasNotLearntHowNumbersAreSpread) {
  fitted(skewed_prices(200), 1);
  EXPECT_TRUE(noted("new cells of price are")) << notes_.size();
}

}  // namespace
}  // namespace leaven::learn

// Generators of tables that libtorch trains.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {
namespace {

using Role = TableColumn::Role;
const std::atomic<bool> kGoOn{false};

/// Class "high" has numbers about 10 and mostly the word "b", class "low" about −10 and mostly "a"; a number in four is missing
/// in class low; three rows are of class "rare".
TableData two_hills(std::size_t rows) {
  TableData data;
  data.columns.push_back({.name = "height", .kind = ColumnKind::decimal, .role = Role::number, .places = 2});
  data.columns.push_back({.name = "word", .kind = ColumnKind::category, .role = Role::word, .dictionary = {"a", "b"}});
  data.columns.push_back({.name = "hill", .kind = ColumnKind::category, .role = Role::word, .target = true, .dictionary = {"high", "low", "rare"}});
  data.resize(rows);
  const Key key{5, 6};
  for (std::size_t r = 0; r < rows; ++r) {
    const bool high = r % 2 == 0;
    const double missing = draw_unit(key, 3 * r), z = draw(normal(0, 1), key, 3 * r + 1);
    data.columns[0].numbers[r] = !high && missing < 0.25 ? NAN : std::nearbyint(100 * ((high ? 10 : -10) + z)) / 100;
    data.columns[1].words[r] = (draw_unit(key, 3 * r + 2) < 0.9) == high ? 1 : 0;
    data.columns[2].words[r] = r < 3 ? 2 : high ? 0 : 1;
  }
  return data;
}

class EveryTableNetwork : public testing::TestWithParam<const char*> {
 protected:
  TableKind kind() const {
    for (const TableKind& one : kinds_)
      if (one.name == GetParam()) return one;
    throw bug("no such kind");
  }
  std::unique_ptr<RowModel> fitted(const TableData& data, std::uint32_t steps, std::uint64_t seed = 0) {
    const FitWatch watch = [](const FitProgress&) {};
    return kind().fit({data, seed, steps, watch, kGoOn, notes_});
  }
  std::vector<TableKind> kinds_{table_kinds()};
  std::vector<std::string> notes_{};
};

TEST_P(EveryTableNetwork, LearnsWhatTellsClassesApart) {
  const TableData data = two_hills(400);
  const auto model = fitted(data, GetParam() == std::string("tvae") ? 300 : 250);
  EXPECT_EQ(model->class_counts(), (std::vector<std::uint64_t>{198, 199, 3}));
  for (std::uint32_t label = 0; label < 2; ++label) {
    const TableData made = model->draw(label, 0, 0, 600);
    double sum = 0, there = 0, b = 0;
    for (std::size_t r = 0; r < 600; ++r) {
      EXPECT_EQ(made.columns[2].words[r], static_cast<std::int32_t>(label));
      const double v = made.columns[0].numbers[r];
      if (!std::isnan(v)) {
        sum += v, there += 1;
        EXPECT_NEAR(v * 100, std::nearbyint(v * 100), 1e-6);
      }
      b += made.columns[1].words[r];
    }
    EXPECT_NEAR(sum / there, label == 0 ? 10 : -10, 2) << label;
    EXPECT_NEAR(b / 600, label == 0 ? 0.9 : 0.1, 0.2) << label;
    EXPECT_NEAR(there / 600, label == 0 ? 1 : 0.75, 0.15) << label;
  }
}

TEST_P(EveryTableNetwork, SaysWhenItHasNotLearntWhatRowsAreLike) {
  fitted(two_hills(400), 1);
  const auto told = [&] { return std::ranges::any_of(notes_, [](const std::string& note) { return note.find("distributed otherwise") != std::string::npos || note.find("mode collapse") != std::string::npos; }); };
  EXPECT_TRUE(told());
  notes_.clear();
  fitted(two_hills(400), GetParam() == std::string("tvae") ? 300 : 250);
  EXPECT_FALSE(told()) << notes_.back();
}

TEST_P(EveryTableNetwork, AClassTooSmallIsInterpolatedAndSaidSo) {
  const TableData data = two_hills(60);
  const auto model = fitted(data, 3);
  const TableData made = model->draw(2, 1, 0, 40);
  double lo = 1e9, hi = -1e9;
  for (std::size_t r = 0; r < 3; ++r)
    if (const double v = data.columns[0].numbers[r]; !std::isnan(v)) lo = std::min(lo, v), hi = std::max(hi, v);
  for (std::size_t r = 0; r < 40; ++r) {
    EXPECT_EQ(made.columns[2].words[r], 2);
    const double v = made.columns[0].numbers[r];
    EXPECT_TRUE(std::isnan(v) || (v >= lo - 0.01 && v <= hi + 0.01)) << v;
  }
  EXPECT_TRUE(std::ranges::any_of(notes_, [](const std::string& note) { return note.find("class rare has 3 rows, too few to fit") != std::string::npos; }));
  // Rows of all classes together hold that class as well.
  const TableData any = model->draw(kNoClass, 1, 0, 600);
  EXPECT_GT(std::ranges::count(any.columns[2].words, 2), 5);
}

TEST_P(EveryTableNetwork, EqualSeedsGiveEqualRowsHoweverManyAreAskedFor) {
  const TableData data = two_hills(60);
  const auto a = fitted(data, 3), b = fitted(data, 3), c = fitted(data, 3, 1);
  const TableData all = a->draw(kNoClass, 4, 0, 700);
  const auto words = [](const TableData& rows) { return rows.columns[1].words; };
  EXPECT_EQ(words(b->draw(kNoClass, 4, 0, 700)), words(all));
  const std::vector<std::int32_t> some(all.columns[1].words.begin() + 500, all.columns[1].words.begin() + 530);
  EXPECT_EQ(words(a->draw(kNoClass, 4, 500, 30)), some);
  EXPECT_NE(words(a->draw(kNoClass, 5, 0, 700)), words(all));
  EXPECT_NE(words(c->draw(kNoClass, 4, 0, 700)), words(all));
}

TEST_P(EveryTableNetwork, SavedAndLoadedItDrawsTheSame) {
  const TableData data = two_hills(60);
  const auto model = fitted(data, 3);
  SavedGenerator saved;
  model->save(saved);
  const SavedGenerator read{.card = saved.card, .tensors = from_safetensors(to_safetensors(saved.tensors))};
  const auto again = kind().load(read);
  EXPECT_EQ(again->kind(), GetParam());
  EXPECT_EQ(again->draw(kNoClass, 1, 0, 50).columns[1].words, model->draw(kNoClass, 1, 0, 50).columns[1].words);
  EXPECT_EQ(again->draw(2, 1, 0, 50).columns[1].words, model->draw(2, 1, 0, 50).columns[1].words);
  SavedGenerator damaged = read;
  damaged.card["class_rows"] = {1, 2};
  EXPECT_THROW(kind().load(damaged), Error);
  SavedGenerator empty{.card = saved.card};
  EXPECT_THROW(kind().load(empty), Error);
  SavedGenerator other = read;
  other.card["columns"][1]["words"] = {"a"};  // the tokens speak of b
  EXPECT_THROW(kind().load(other), Error);
}

TEST_P(EveryTableNetwork, TakesConstantAndEmptyColumnsAndManyCategories) {
  TableData data = two_hills(80);
  data.columns.push_back({.name = "always", .kind = ColumnKind::integer, .role = Role::number});
  data.columns.push_back({.name = "never", .kind = ColumnKind::decimal, .role = Role::number});
  data.columns.push_back({.name = "name", .kind = ColumnKind::category, .role = Role::word});
  data.resize(80);
  for (std::size_t r = 0; r < 80; ++r) {
    data.columns[3].numbers[r] = 7, data.columns[4].numbers[r] = NAN;
    data.columns[5].words[r] = static_cast<std::int32_t>(r);
    data.columns[5].dictionary.push_back("n" + std::to_string(100 + r));
  }
  const TableData made = fitted(data, 3)->draw(0, 0, 0, 300);
  std::set<std::int32_t> names(made.columns[5].words.begin(), made.columns[5].words.end());
  EXPECT_GT(names.size(), 64U);  // beyond the tokens
  for (std::size_t r = 0; r < 300; ++r) {
    EXPECT_EQ(made.columns[3].numbers[r], 7);
    EXPECT_TRUE(std::isnan(made.columns[4].numbers[r]));
    EXPECT_TRUE(made.columns[5].words[r] >= 0 && made.columns[5].words[r] < 80);
  }
  EXPECT_TRUE(std::ranges::any_of(notes_, [](const std::string& note) { return note.find("column name has 77 categories") != std::string::npos; }));
}

TEST_P(EveryTableNetwork, StopsWhenAskedAndRefusesWhatItCannotLearn) {
  const std::atomic<bool> stop{true};
  const FitWatch watch = [](const FitProgress&) {};
  const TableData data = two_hills(60), few = two_hills(4);
  EXPECT_THROW(kind().fit({data, 0, 3, watch, stop, notes_}), Error);
  EXPECT_THROW(kind().fit({few, 0, 3, watch, kGoOn, notes_}), Error);
}

INSTANTIATE_TEST_SUITE_P(TableNetworks, EveryTableNetwork, testing::Values("tvae", "ctgan"));

}  // namespace
}  // namespace leaven::learn

// The gate's statistics against closed forms, and its decision both ways on planted generators.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/exact_math.hpp"
#include "core/value.hpp"
#include "learn/generate/boosted_trees.hpp"
#include "learn/generate/table_gate.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/generate/twins.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

TableColumn numbers(std::string name, std::vector<double> values) { return {.name = std::move(name), .kind = ColumnKind::decimal, .role = TableColumn::Role::number, .places = 3, .numbers = std::move(values)}; }
TableColumn words(std::string name, std::vector<std::string> dictionary, std::vector<std::int32_t> values) {
  return {.name = std::move(name), .kind = ColumnKind::category, .role = TableColumn::Role::word, .dictionary = std::move(dictionary), .words = std::move(values)};
}

double gauss(Key key, std::uint64_t i) { return draw(normal(0, 1), key, i); }

/// Two classes in the plane, one row in twelve of class 1, with middles 1.5 apart in both directions.
TableData world(std::size_t rows, std::uint64_t seed, double rare = 1.0 / 12) {
  const Key key{seed, 99};
  TableData data;
  data.columns = {numbers("x", {}), numbers("y", {}), words("kind", {"no", "yes"}, {})};
  data.columns[2].target = true;
  data.resize(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const bool yes = draw_unit(key, 3 * r) < rare;
    data.columns[0].numbers[r] = (yes ? 1.5 : 0) + gauss(key, 3 * r + 1);
    data.columns[1].numbers[r] = (yes ? 1.5 : 0) + gauss(key, 3 * r + 2);
    data.columns[2].words[r] = yes ? 1 : 0;
  }
  return data;
}

TableData of_class(TableData data, std::uint32_t label) {
  if (label == kNoClass) return data;
  std::vector<std::uint32_t> rows;
  for (std::uint32_t r = 0; r < data.rows; ++r)
    if (data.columns[2].words[r] == static_cast<std::int32_t>(label)) rows.push_back(r);
  return data.picked(rows);
}

/// The world itself as a generator: what it makes is as good as more real rows.
TableData truth(std::uint32_t label, std::uint64_t seed, std::uint64_t, std::size_t count) {
  TableData made = of_class(world(label == kNoClass ? count : 40 * count + 40, 1'000'000 + seed), label);
  made.resize(count);
  return made;
}

TableGate judged(const TableData& train, const TableData& held_out, const RowSource& draw) { return judge_table(train, held_out, draw, {}, 2, kGoOn); }

bool refused_for(const TableGate& gate, const std::string& word) {
  return std::ranges::any_of(gate.reasons, [&](const std::string& reason) { return reason.find(word) != std::string::npos; });
}

TEST(Likeness, ColumnDistancesWorkedByHand) {
  // Functions are furthest apart between 2 and 3: 3/4 against 1/4.
  EXPECT_DOUBLE_EQ(column_distance(numbers("a", {1, 1, 2, 4}), numbers("a", {2, 3, 3, 4})), 0.5);
  EXPECT_DOUBLE_EQ(column_distance(numbers("a", {NAN, 1}), numbers("a", {NAN, NAN})), 1);
  EXPECT_DOUBLE_EQ(column_distance(words("w", {"a", "b"}, {0, 0, 1, -1}), words("w", {"a", "b"}, {1, 1, 1, -1})), 0.5);
}

TEST(Likeness, AssociationsWorkedByHand) {
  TableData data;
  data.rows = 4;
  data.columns = {numbers("x", {1, 2, 3, 4}), numbers("z", {4, 3, 2, 1}), words("v", {"a", "b"}, {0, 0, 1, 1}), words("w", {"c", "d"}, {0, 1, 0, 1}), numbers("same", {5, 5, 5, 5})};
  EXPECT_NEAR(association(data, 0, 1), -1, 1e-12);
  EXPECT_NEAR(association(data, 2, 3), 0, 1e-12);
  EXPECT_NEAR(association(data, 2, 2), 1, 1e-12);
  // Between words: means 1.5 and 3.5 about 2.5, so 4 of a total of 5.
  EXPECT_NEAR(association(data, 0, 2), std::sqrt(0.8), 1e-12);
  EXPECT_NEAR(association(data, 2, 0), std::sqrt(0.8), 1e-12);
  EXPECT_EQ(association(data, 0, 4), 0);
}

TEST(Likeness, EqualLawsCannotBeToldApartAndFarOnesCan) {
  const TableData real = world(2000, 1);
  EXPECT_NEAR(detection(real, world(2000, 2)), 0.5, 0.05);
  TableData far = world(2000, 3);
  for (double& v : far.columns[0].numbers) v += 8;
  EXPECT_GT(detection(real, far), 0.99);
}

TEST(Closeness, OfRowsOnALine) {
  TableData train, held_out, made;
  train.columns = {numbers("x", {0, 10, 20, 30})};
  train.rows = 4;
  held_out.columns = {numbers("x", {5, 15, 25, 35})};
  held_out.rows = 4;
  // Nearer to train: 1 and 21; to held-out: 14; as near to both: 12.5.
  made.columns = {numbers("x", {1, 14, 21, 12.5})};
  made.rows = 4;
  EXPECT_DOUBLE_EQ(closeness(train, held_out, made).nearer_train, 2.5 / 4);
  EXPECT_EQ(closeness(train, held_out, made).copies_seen, 0U);
  // Deviation of 0, 10, 20, 30: √125. All held-out rows are 5 from the nearest.
  EXPECT_NEAR(closeness(train, held_out, made).held_out_5th, 5 / std::sqrt(125.0), 1e-12);
  EXPECT_NEAR(closeness(train, held_out, made).nearest_5th, 1 / std::sqrt(125.0), 1e-12);
  EXPECT_EQ(closeness(train, held_out, train).copies_seen, 4U);
  EXPECT_EQ(nearest_rows(train, made), (std::vector<std::uint32_t>{0, 1, 2, 1}));
}

TEST(Closeness, OfWordsAndMissingCells) {
  TableData train;
  train.columns = {words("w", {"a", "b"}, {0, 1, 0}), numbers("x", {NAN, 1, 1})};
  train.rows = 3;
  TableData made = train;
  EXPECT_EQ(closeness(train, made, made).copies_seen, 3U);
  made.columns[0].words = {-1, 0, 1};
  made.columns[1].numbers = {NAN, NAN, NAN};
  EXPECT_EQ(closeness(train, train, made).copies_seen, 1U);
}

TEST(Twins, ChanceOfThemWorkedByHand) {
  TableData data;
  data.rows = 4;
  // Of 6 pairs one is equal in x, two in w.
  data.columns = {numbers("x", {1, 1, NAN, 3}), words("w", {"a", "b"}, {0, 1, 0, 1}), {.name = "id", .role = TableColumn::Role::left_out}};
  EXPECT_NEAR(chance_of_twins(data), 1.0 / 6 * 2 / 6, 1e-12);
  data.columns[0].numbers = {NAN, NAN, NAN, 3};
  EXPECT_NEAR(chance_of_twins(data), 3.0 / 6 * 2 / 6, 1e-12);
  EXPECT_EQ(chance_of_twins(data.shape()), 0);
}

TEST(Twins, ChanceOfCopiesIsToldByNumbersThatAreNearlyEqual) {
  // All apart, evenly by two units: of 4,950 pairs those within ten units are 5 a number but for the last ones, 5·95 + 4 + 3 + 2 + 1.
  std::vector<double> even;
  for (int i = 0; i < 100; ++i) even.push_back(i * 0.002);
  TableData data;
  data.columns = {numbers("x", even)};
  data.rows = 100;
  EXPECT_EQ(chance_of_twins(data), 0);
  EXPECT_NEAR(chance_of_copies(data), 485.0 / 21 / 4950, 1e-12);
  data.columns[0].numbers.assign(100, 3.5);
  EXPECT_DOUBLE_EQ(chance_of_copies(data), 1);
  data.columns[0].numbers.assign(100, NAN);
  EXPECT_DOUBLE_EQ(chance_of_copies(data), 1);
}

TEST(Twins, RowsThatChanceMakesEqualAreSplitOneByOne) {
  const auto shared = [](const ReadTable& read) {
    const TableSplit split = split_rows(read, 0.5, 1);
    EXPECT_EQ(split.train.size() + split.held_out.size(), read.data.rows);
    EXPECT_NEAR(static_cast<double>(split.held_out.size()), static_cast<double>(read.data.rows) / 2, static_cast<double>(read.data.rows) / 8);
    std::set<double> train;
    for (const std::uint32_t r : split.train) train.insert(read.data.columns[0].numbers[r]);
    return std::ranges::count_if(split.held_out, [&](std::uint32_t r) { return train.contains(read.data.columns[0].numbers[r]); });
  };
  const auto table = [](std::size_t rows, const auto& value) {
    ReadTable read{.data = {.columns = {numbers("x", {})}, .rows = rows}};
    for (std::size_t r = 0; r < rows; ++r) {
      read.data.columns[0].numbers.push_back(value(r));
      read.digests.push_back({static_cast<std::uint64_t>(value(r)), static_cast<std::uint64_t>(1000 * value(r)) * 0x9E3779B97F4A7C15});
    }
    return read;
  };
  // 400 whole prices below 300: equal ones on both sides. 400 rows, each there twice: never.
  EXPECT_GT(shared(table(400, [](std::size_t r) { return std::floor(300 * draw_unit(Key{1, 1}, r)); })), 50);
  ReadTable twice = table(400, [](std::size_t r) { return static_cast<double>(r / 2); });
  twice.data.columns.push_back(numbers("y", {}));
  for (std::size_t r = 0; r < 400; ++r) twice.data.columns[1].numbers.push_back(draw_unit(Key{2, 2}, r / 2));
  EXPECT_EQ(shared(twice), 0);
}

TEST(BoostedTrees, LearnWhatATreeCan) {
  TableData data;
  data.rows = 800;
  data.columns = {numbers("x", {}), words("w", {"a", "b", "c"}, {}), numbers("noise", {})};
  std::vector<std::uint32_t> three, two;
  for (std::size_t r = 0; r < data.rows; ++r) {
    const double x = draw_unit(Key{1, 1}, r);
    const auto w = static_cast<std::int32_t>(r % 4) - 1;  // one in four is missing
    data.columns[0].numbers.push_back(r % 9 == 0 ? NAN : x);
    data.columns[1].words.push_back(w);
    data.columns[2].numbers.push_back(gauss(Key{1, 2}, r));
    two.push_back((r % 9 == 0 || x > 0.6) != (w == 1) ? 1 : 0);  // exclusive or: no single split tells
    three.push_back(w == 2 ? 2 : x > 0.3 ? 1 : 0);
  }
  for (std::size_t r = 0; r < data.rows; r += 9) three[r] = data.columns[1].words[r] == 2 ? 2 : 0;
  EXPECT_GT(measure(BoostedTrees(data, two, 2).predict(data, two)).accuracy, 98);
  EXPECT_GT(measure(BoostedTrees(data, three, 3).predict(data, three)).accuracy, 98);
}

TEST(BoostedTrees, WithoutColumnsGiveTheShares) {
  TableData data;
  data.rows = 4;
  data.columns = {words("kind", {"no", "yes"}, {0, 0, 0, 1})};
  data.columns[0].target = true;
  const std::vector<std::uint32_t> classes{0, 0, 0, 1};
  EXPECT_NEAR(BoostedTrees(data, classes, 2).predict(data, classes).of(0)[1], 0.3, 0.01);  // (1 + ½) / (4 + 1)
}

/// The squares of a board of 4 × 4, whose colour is the class: few rows show it badly.
TableData board(std::size_t rows, std::uint64_t seed) {
  TableData data = world(rows, seed);
  for (std::size_t r = 0; r < rows; ++r) {
    const double x = draw_unit(Key{seed, 3}, 2 * r), y = draw_unit(Key{seed, 3}, 2 * r + 1);
    data.columns[0].numbers[r] = x, data.columns[1].numbers[r] = y;
    data.columns[2].words[r] = (static_cast<int>(4 * x) + static_cast<int>(4 * y)) % 2;
  }
  return data;
}

TEST(Gate, AdmitsAGeneratorThatHelps) {
  const TableGate gate = judged(board(250, 1), board(2000, 2), [](std::uint32_t, std::uint64_t seed, std::uint64_t, std::size_t count) { return board(count, 1'000 + seed); });
  EXPECT_TRUE(gate.accepted()) << gate_text(gate);
  EXPECT_EQ(gate.mixes[gate.best].verdict.word, Word::helps) << gate_text(gate);
  EXPECT_NE(gate_text(gate).find("accepted"), std::string::npos);
}

TEST(Gate, AdmitsACopulaOfWhatACopulaCanBe) {
  const TableData train = world(1500, 1);
  std::vector<std::string> notes;
  const TableModel model = TableModel::fit(train, TableMethod::copula, notes);
  const TableGate gate = judged(train, world(3000, 2), [&](std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) { return model.draw(label, seed, first, count); });
  EXPECT_FALSE(refused_for(gate, "column")) << gate_text(gate);
  EXPECT_FALSE(refused_for(gate, "near")) << gate_text(gate);
  EXPECT_EQ(gate.closeness.copies_seen, 0U);
  EXPECT_LT(gate.detection, 0.6);
}

TEST(Gate, RefusesCopies) {
  const TableData train = world(600, 1);
  const TableGate gate = judged(train, world(600, 2), [&](std::uint32_t label, std::uint64_t seed, std::uint64_t, std::size_t count) {
    const TableData own = of_class(train, label);
    std::vector<std::uint32_t> rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back(static_cast<std::uint32_t>(draw_below(Key{seed, 5}, own.rows, i)));
    return own.picked(rows);
  });
  EXPECT_FALSE(gate.accepted());
  EXPECT_TRUE(refused_for(gate, "copies")) << gate_text(gate);
  EXPECT_TRUE(refused_for(gate, "near those that it saw")) << gate_text(gate);
}

/// One column of prices.
TableData prices(std::size_t rows, std::uint64_t seed) {
  TableData data;
  data.columns = {numbers("price", {})};
  data.resize(rows);
  for (std::size_t r = 0; r < rows; ++r) data.columns[0].numbers[r] = std::nearbyint(1000 * std::exp(3 + gauss(Key{seed, 7}, r))) / 1000;
  return data;
}

TEST(Gate, AdmitsACopulaOfAFewHundredPrices) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const TableData train = prices(240, seed);
    std::vector<std::string> notes;
    const TableModel model = TableModel::fit(train, TableMethod::copula, notes);
    const TableGate gate = judged(train, prices(60, 100 + seed), [&](std::uint32_t label, std::uint64_t stream, std::uint64_t first, std::size_t count) { return model.draw(label, stream, first, count); });
    EXPECT_TRUE(gate.accepted()) << gate_text(gate);
  }
}

TEST(Gate, RefusesAFewHundredPricesMovedByAHair) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const TableData train = prices(240, seed);
    const TableGate gate = judged(train, prices(60, 100 + seed), [&](std::uint32_t, std::uint64_t stream, std::uint64_t, std::size_t count) {
      std::vector<std::uint32_t> rows;
      for (std::size_t i = 0; i < count; ++i) rows.push_back(static_cast<std::uint32_t>(draw_below(Key{stream, 5}, train.rows, i)));
      TableData made = train.picked(rows);
      for (double& v : made.columns[0].numbers) v += 2e-4;
      return made;
    });
    EXPECT_EQ(gate.closeness.copies_seen, 0U);
    EXPECT_FALSE(gate.closeness.nearer_by_chance) << seed;
    EXPECT_TRUE(refused_for(gate, "near")) << gate_text(gate);
  }
}

TEST(Gate, RefusesRowsOfAnotherLaw) {
  const TableGate gate = judged(world(600, 1), world(600, 2), [](std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) {
    TableData made = truth(label, seed, first, count);
    for (double& v : made.columns[1].numbers) v = 3 * v + 4;
    return made;
  });
  EXPECT_TRUE(refused_for(gate, "column y is distributed otherwise")) << gate_text(gate);
}

TEST(Gate, RefusesWrongClasses) {
  const TableGate gate = judged(world(600, 1, 0.5), world(2000, 2, 0.5), [](std::uint32_t, std::uint64_t seed, std::uint64_t, std::size_t count) {
    TableData made = world(count, 77 + seed, 0.5);
    for (std::int32_t& w : made.columns[2].words) w = 1 - w;
    return made;
  });
  EXPECT_TRUE(refused_for(gate, "classes of new rows")) << gate_text(gate);
  EXPECT_TRUE(refused_for(gate, "harmful")) << gate_text(gate);
}

TEST(Gate, WithoutATargetItJudgesLikenessAlone) {
  TableData train = world(400, 1), held_out = world(400, 2);
  for (TableData* data : {&train, &held_out}) data->columns[2].target = false;
  const TableGate gate = judged(train, held_out, truth);
  EXPECT_TRUE(gate.accepted()) << gate_text(gate);
  EXPECT_FALSE(gate.has_target);
  EXPECT_EQ(gate.notes.size(), 1U);
}

TEST(Gate, ATargetOfOneClassIsNoReasonToSayThereIsNone) {
  TableData train = world(400, 1, 0), held_out = world(400, 2, 0);
  for (TableData* data : {&train, &held_out}) data->columns[2].dictionary = {"no"};
  const TableGate gate = judged(train, held_out, [](std::uint32_t, std::uint64_t seed, std::uint64_t, std::size_t count) { return world(count, 1'000'000 + seed, 0); });
  ASSERT_EQ(gate.notes.size(), 1U);
  EXPECT_EQ(gate.notes.front(), "the target has one class alone, so whether training gains by new rows is not known");
}

TEST(Gate, ItsPageShowsDatesAsTheTableDoes) {
  TableData train = world(300, 1);
  train.columns[0].kind = ColumnKind::date_time, train.columns[0].like = "31.12.2023", train.columns[0].order = DateOrder::day_first, train.columns[0].grain = 86400, train.columns[0].places = 0;
  for (double& v : train.columns[0].numbers) v = 19700 + std::floor(10 * v);
  const TableGate gate = judged(train, train, [&](std::uint32_t, std::uint64_t, std::uint64_t, std::size_t) { return train; });
  const std::string page = gate_page(gate, train, train, {}, "days");
  EXPECT_NE(page.find("12.2023"), std::string::npos);
  EXPECT_EQ(page.find("197"), std::string::npos) << page.substr(page.find("197"), 80);
}

TEST(Gate, ATargetThatIsANumberIsCutAtItsMedian) {
  TableData train = world(400, 1), held_out = world(400, 2);
  for (TableData* data : {&train, &held_out}) data->columns[2].target = false, data->columns[0].target = true;
  EXPECT_TRUE(judged(train, held_out, truth).has_target);
}

TEST(Gate, NeedsRowsThatWereHeldOut) { EXPECT_THROW(judged(world(400, 1), world(10, 2), truth), std::exception); }

TEST(Gate, ItsPageShowsVerdictColumnsAndNeighbours) {
  const TableData train = world(300, 1);
  const TableGate gate = judged(train, world(300, 2), truth);
  const std::string page = gate_page(gate, train, truth(kNoClass, 0, 0, 50), {{{100, 2}, {200, 1.5}}, {}}, "a < b");
  for (const char* part : {"a &lt; b", "All figures", "Columns, shares in percent", "nearest", "kind", "While the generator was trained"}) EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("Validation score"), std::string::npos);
}

TEST(TrainingRecord, MarksTheStepThatWasKept) {
  flow::HtmlWriter page;
  write_training(page, training_of({{"loss", {{100, 2}, {200, 1.5}}}, {"validation", {{100, 3}, {150, 1}, {200, 2}}}}));
  write_training(page, training_of({{"notes", {"a class is small"}}}));
  const std::string html = page.take();
  EXPECT_NE(html.find("Note: a class is small."), std::string::npos) << html;
  EXPECT_NE(html.find("Marked: step 150,"), std::string::npos) << html;
  // Three quarters along an axis from 0 to 200, and where the least of 1 … 3 lies with 6 % of room: 0.12 of 2.24.
  EXPECT_NE(html.find("left:75.00%;height:5.36%"), std::string::npos) << html;
}

}  // namespace
}  // namespace leaven::learn

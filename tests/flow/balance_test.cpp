// New rows for small classes: where they lie, of whom they are made, and that no other split had a part in them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/value.hpp"
#include "flow/replay.hpp"
#include "recipe/balance.hpp"
#include "tests/flow/made_table.hpp"

namespace leaven::flow {
namespace {

constexpr Key kKey{7, 9};

/// `rare` rows of class a around (10, 1000), the others around (0, 0); with `words` two columns of categories.
std::string two_classes(int rows, int rare, bool words, bool numbers = true, double stretch = 1) {
  std::string text = std::string(numbers ? "x,y" : "") + (words ? (numbers ? ",color,shape" : "color,shape") : "") + ",class\n";
  for (int i = 0; i < rows; ++i) {
    const auto at = static_cast<std::uint64_t>(i) * 4;
    const bool a = i * rare / rows != (i + 1) * rare / rows;
    const double x = (a ? 10 : 0) + 2 * draw(normal(0, 3), kKey, at), y = (a ? 1000 : 0) + 300 * draw(normal(0, 1), kKey, at + 1);
    char numbers_text[80];
    std::snprintf(numbers_text, sizeof numbers_text, "%.3f,%d", x * stretch, static_cast<int>(y));
    const char* const colors[] = {"red", "green", "deep blue"};
    if (numbers) text += numbers_text;
    if (words) text += std::string(numbers ? "," : "") + colors[(draw_below(kKey, 2, at + 2) + (a ? 1 : 0)) % 3] + (draw_unit(kKey, at + 3) < 0.5 ? ",round" : ",flat");
    text += a ? ",a\n" : ",b\n";
  }
  return text;
}

struct Parents {
  std::vector<std::size_t> rows{}, voters{};
  double lambda{};
  std::string method{};
};

std::size_t number_behind(const std::string& id) { return std::stoul(id.substr(id.rfind('#') + 1)); }

Parents parents_of(const std::string& line) {
  const auto json = nlohmann::json::parse(line).at("synthesis");
  Parents p;
  for (const auto& id : json.at("parents")) p.rows.push_back(number_behind(id));
  if (json.contains("voters"))
    for (const auto& id : json.at("voters")) p.voters.push_back(number_behind(id));
  if (json.contains("lambda")) p.lambda = json.at("lambda")[0];
  p.method = json.at("method");
  return p;
}

class Balance : public testing::Test {
 protected:
  JobSummary make(const std::string& csv, const std::string& recipe, int threads = 2, const std::string& out = "out") {
    write_text(folder / "in.csv", csv);
    const JobSummary summary = make_table(folder / "in.csv", folder / out, recipe, threads);
    source = cells_of(csv);
    made = cells_of(read_text(folder / out / "in.csv"));
    lineage = lines_of(folder / out / kLineageFile);
    return summary;
  }
  std::map<std::string, int> classes() const {
    std::map<std::string, int> counts;
    for (std::size_t i = 1; i < made.size(); ++i) ++counts[made[i].back()];
    return counts;
  }
  TestFolder folder;
  Cells source, made;
  std::vector<std::string> lineage;
};

using Counts = std::map<std::string, int>;

TEST_F(Balance, Case1SmoteWithCategories) {
  make(two_classes(900, 90, true), "balance: smote_nc\n");
  EXPECT_EQ(classes(), (Counts{{"a", 810}, {"b", 810}}));
  ASSERT_EQ(lineage.size(), 1620U);
  for (std::size_t i = 900; i < lineage.size(); ++i) {
    const Parents p = parents_of(lineage[i]);
    const auto& row = made[i + 1];
    ASSERT_EQ(p.rows.size(), 2U);
    const auto &a = source[p.rows[0] + 1], &b = source[p.rows[1] + 1];
    ASSERT_EQ(a.back(), "a");
    ASSERT_EQ(b.back(), "a");
    for (const std::size_t c : {0U, 1U}) {  // on the segment, rounded as the column is
      const double from = std::stod(a[c]), to = std::stod(b[c]), unit = c == 0 ? 1e-3 : 1;
      EXPECT_NEAR(std::stod(row[c]), from + p.lambda * (to - from), unit / 2 + 1e-9);
    }
    for (const std::size_t c : {2U, 3U}) {
      std::map<std::string, int> votes;
      for (const std::size_t voter : p.voters) ++votes[source[voter + 1][c]];
      int most = 0;
      for (const auto& [word, count] : votes) most = std::max(most, count);
      EXPECT_EQ(votes[row[c]], most) << "a category of the majority, spelt as it was";
      const auto first = std::ranges::find_if(p.voters, [&](std::size_t v) { return votes[source[v + 1][c]] == most; });
      EXPECT_EQ(row[c], source[*first + 1][c]) << "of several the nearest row's";
    }
  }
}

TEST_F(Balance, Case1VotersAreTheNearestByTheMedianOfTheDeviations) {
  make(two_classes(400, 60, true), "balance: {method: smote_nc, k: 3}\n");
  std::vector<std::size_t> rare;
  for (std::size_t i = 1; i < source.size(); ++i)
    if (source[i].back() == "a") rare.push_back(i - 1);
  // Columns in deviations over all rows; a different category weighs the squared median deviation of the class.
  const auto deviation = [&](std::size_t c, auto&& rows) {
    double mean = 0, squares = 0;
    for (const std::size_t r : rows) mean += std::stod(source[r + 1][c]) / static_cast<double>(rows.size());
    for (const std::size_t r : rows) squares += std::pow(std::stod(source[r + 1][c]) - mean, 2);
    return std::sqrt(squares / static_cast<double>(rows.size()));
  };
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i + 1 < source.size(); ++i) all.push_back(i);
  const double sx = deviation(0, all), sy = deviation(1, all);
  const double median = (deviation(0, rare) / sx + deviation(1, rare) / sy) / 2;
  for (std::size_t i = 400; i < lineage.size(); ++i) {
    const Parents p = parents_of(lineage[i]);
    const auto& base = source[p.rows[0] + 1];
    std::vector<std::pair<double, std::size_t>> near;
    for (const std::size_t r : rare) {
      if (r == p.rows[0]) continue;
      const auto& other = source[r + 1];
      double d = std::pow((std::stod(base[0]) - std::stod(other[0])) / sx, 2) + std::pow((std::stod(base[1]) - std::stod(other[1])) / sy, 2);
      for (const std::size_t c : {2U, 3U}) d += base[c] != other[c] ? median * median : 0;
      near.emplace_back(d, r);
    }
    std::ranges::sort(near);
    ASSERT_EQ(p.voters, (std::vector<std::size_t>{near[0].second, near[1].second, near[2].second})) << i;
    ASSERT_NE(std::ranges::find(p.voters, p.rows[1]), p.voters.end());
  }
}

TEST_F(Balance, Case2ScaleMakesNoDifference) {
  const auto all_parents = [&] {
    std::vector<std::vector<std::size_t>> all;
    for (std::size_t i = 600; i < lineage.size(); ++i) all.push_back(parents_of(lineage[i]).rows);
    return all;
  };
  make(two_classes(600, 60, false), "balance: smote\n", 2, "plain");
  const auto plain = all_parents();
  make(two_classes(600, 60, false, true, 1000), "balance: smote\n", 2, "stretched");
  EXPECT_EQ(all_parents(), plain);
  make(two_classes(600, 60, false), "balance: {method: smote, scale: false}\n", 2, "own");
  const auto own = all_parents();
  make(two_classes(600, 60, false, true, 1000), "balance: {method: smote, scale: false}\n", 2, "own_stretched");
  EXPECT_NE(all_parents(), own) << "in its own units it does";
}

TEST_F(Balance, Case3FewRowsDuplicatesAndOneClass) {
  const JobSummary few = make("x,y,class\n1,1,a\n2,2,a\n3,3,a\n0,0,b\n9,9,b\n8,8,b\n7,7,b\n6,6,b\n5,5,b\n", "balance: smote\n");
  EXPECT_EQ(classes(), (Counts{{"a", 6}, {"b", 6}}));
  ASSERT_EQ(few.notes.size(), 1U);
  EXPECT_EQ(few.notes[0], "class a has 3 rows: k is 2 there");
  make("x,y,class\n1,1,a\n1,1,a\n0,0,b\n9,9,b\n8,8,b\n", "balance: smote\n", 2, "copies");
  EXPECT_EQ(made.back(), (std::vector<std::string>{"1", "1", "a"})) << "twins give their copy";
  write_text(folder / "in.csv", "x,y,class\n1,1,a\n0,0,b\n9,9,b\n");
  EXPECT_NE(table_refusal(folder / "in.csv", folder / "one", "balance: smote\n").find("class a has but one row"), std::string::npos);
  make("x,y,class\n1,1,a\n0,0,b\n9,9,b\n", "balance: auto\n", 2, "copied");
  EXPECT_EQ(classes(), (Counts{{"a", 2}, {"b", 2}}));
  write_text(folder / "in.csv", "x,y,class\n3,1,a\n5,2,a\n");
  EXPECT_NE(table_refusal(folder / "in.csv", folder / "single", "balance: smote\n").find("balance needs two classes, and column class has a in every row"),
            std::string::npos);
  make("x,y,class\n3,1,a\n5,2,a\n", "balance: smote\naugment: {per_class: 5}\n", 2, "single");
  EXPECT_EQ(classes(), (Counts{{"a", 5}})) << "more rows of one class are no balance";
}

TEST_F(Balance, Case4NoParentIsInAnotherSplit) {
  const std::string csv = two_classes(1200, 150, true);
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "out", "split: {val: 0.15, test: 0.25}\nbalance: auto\n");
  std::map<std::string, std::set<std::size_t>> rows_of;
  std::size_t synthetic = 0;
  const auto lines = lines_of(folder / "out" / kLineageFile);
  for (const std::string& line : lines) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains("synthesis")) rows_of[json.at("split")].insert(number_behind(json.at("source")));
  }
  EXPECT_EQ(rows_of["test"].size(), 300U);
  EXPECT_EQ(rows_of["val"].size(), 180U);
  for (const std::string& line : lines) {
    const auto json = nlohmann::json::parse(line);
    if (!json.contains("synthesis")) continue;
    ++synthetic;
    EXPECT_EQ(json.at("split"), "train");
    const Parents p = parents_of(line);
    for (const auto* list : {&p.rows, &p.voters})
      for (const std::size_t row : *list) ASSERT_TRUE(rows_of["train"].contains(row));
  }
  EXPECT_GT(synthetic, 400U);
  // What measures the model is what it was, byte for byte.
  const auto source_lines = lines_of(folder / "in.csv"), test = lines_of(folder / "out" / "test" / "in.csv");
  ASSERT_EQ(test.size(), 301U);
  std::size_t i = 1;
  for (const std::size_t row : rows_of["test"]) EXPECT_EQ(test[i++], source_lines[row + 1]);
}

/// Share of `test` whose nearest row of `train` is of the same class, the mean over both classes.
double balanced_accuracy(const Cells& train, const Cells& test) {
  std::map<std::string, std::pair<double, double>> right_all;
  for (std::size_t t = 1; t < test.size(); ++t) {
    double least = 1e300;
    std::string label;
    for (std::size_t r = 1; r < train.size(); ++r) {
      double d = 0;
      for (std::size_t c = 0; c + 1 < test[t].size(); ++c) d += std::pow(std::stod(test[t][c]) - std::stod(train[r][c]), 2);
      if (d < least) least = d, label = train[r].back();
    }
    auto& [right, all] = right_all[test[t].back()];
    right += label == test[t].back(), all += 1;
  }
  double sum = 0;
  for (const auto& [label, counts] : right_all) sum += counts.first / counts.second / static_cast<double>(right_all.size());
  return sum;
}

// imbalanced-learn's "Common pitfalls": resampling before splitting makes a model look good on noise. Labels here say
// nothing, so an honest measure is one half.
TEST_F(Balance, Case4ResamplingBeforeSplittingLeaksAndOursDoesNot) {
  std::string csv = "x,y,z,class\n";
  for (std::uint64_t i = 0; i < 1000; ++i) {
    for (std::uint64_t c = 0; c < 3; ++c) csv += std::to_string(draw(normal(0, 1), kKey, 3 * i + c)) + ",";
    csv += i % 10 == 0 ? "a\n" : "b\n";
  }
  write_text(folder / "in.csv", csv);
  make_table(folder / "in.csv", folder / "ours", "split: {test: 0.3}\nbalance: random_over\n");
  const double ours = balanced_accuracy(cells_of(read_text(folder / "ours/train/in.csv")), cells_of(read_text(folder / "ours/test/in.csv")));
  make_table(folder / "in.csv", folder / "first", "balance: random_over\n");  // all rows, then
  make_table(folder / "first/in.csv", folder / "then", "augment: {times: 0}\nsplit: {test: 0.3}\n");
  const double leaking = balanced_accuracy(cells_of(read_text(folder / "then/train/in.csv")), cells_of(read_text(folder / "then/test/in.csv")));
  EXPECT_LT(ours, 0.6);
  EXPECT_GT(leaking, 0.9);
}

TEST_F(Balance, Case28ThreadsChangeNothing) {
  for (const recipe::BalanceMethodDoc& doc : recipe::balance_methods()) {
    if (doc.method == recipe::BalanceMethod::smote_regression) continue;
    const bool words = doc.method == recipe::BalanceMethod::smote_nc || doc.method == recipe::BalanceMethod::smote_n || doc.method == recipe::BalanceMethod::automatic;
    const std::string csv = two_classes(1300, 300, words, doc.method != recipe::BalanceMethod::smote_n);
    const std::string recipe = "balance: " + std::string(doc.name) + "\n", name(doc.name);
    make(csv, recipe, 1, name + "1");
    const Counts counts = classes();
    for (const int threads : {2, 8}) {
      make(csv, recipe, threads, name + std::to_string(threads));
      for (const char* file : {"in.csv", kLineageFile, kSetAsideFile})
        EXPECT_EQ(read_text(folder / (name + "1") / file), read_text(folder / (name + std::to_string(threads)) / file)) << name;
    }
    if (doc.method == recipe::BalanceMethod::mixup || doc.method == recipe::BalanceMethod::cutmix) continue;  // shares stand last
    const bool removes = doc.method == recipe::BalanceMethod::tomek || doc.method == recipe::BalanceMethod::enn;
    if (removes) EXPECT_LT(counts.at("b"), 1000) << name;
    else EXPECT_EQ(counts.at("a"), counts.at("b")) << name;
    EXPECT_EQ(counts.at("a"), doc.method == recipe::BalanceMethod::random_under || removes ? 300 : 1000) << name;
  }
}

TEST_F(Balance, EveryNewRowCanBeMadeAgain) {
  for (const char* method : {"smote", "smote_nc", "polynom_fit", "g_smote", "prowsyn", "borderline_2", "adasyn", "random_over", "kmeans_smote", "svm_smote"}) {
    const std::string out = std::string("again_") + method;
    make(two_classes(500, 120, std::string(method) == "smote_nc"), std::string("seed: 3\nbalance: ") + method + "\nsteps: [{table_jitter: {sigma: 0.05}}]\n", 2, out);
    for (const std::size_t row : {500U, 601U, 759U}) {
      const FoundLineage found = find_lineage(folder / out / ("in.csv#" + std::to_string(row)), ops::op_table());
      EXPECT_TRUE(replay(found.record, found.recipe.source, found.out).same_digest) << method << " " << row;
    }
  }
}

TEST_F(Balance, AmountsAreExact) {
  const std::string csv = two_classes(500, 50, true);
  make(csv, "augment: {per_class: 300}\nbalance: auto\n", 2, "each");
  EXPECT_EQ(classes(), (Counts{{"a", 300}, {"b", 450}})) << "what is larger stays";
  make(csv, "augment: {times: 2}\nbalance: auto\n", 2, "times");
  EXPECT_EQ(classes(), (Counts{{"a", 150}, {"b", 1350}}));
  make(csv, "augment: {per_class: 40}\nbalance: random_under\n", 2, "under");
  EXPECT_EQ(classes(), (Counts{{"a", 40}, {"b", 40}}));
  EXPECT_EQ(lines_of(folder / "under" / kSetAsideFile).size(), 420U);
  make(csv, "augment: {per_class: 300}\nsteps: [table_jitter]\n", 2, "copies");
  EXPECT_EQ(classes(), (Counts{{"a", 300}, {"b", 450}}));
  make(csv, "augment: {per_class: 300}\nbalance: auto\n", 2, "again");
  const auto three = made;
  make(csv, "augment: {per_class: 320}\nbalance: auto\n", 2, "more");
  for (std::size_t i = 0; i < three.size(); ++i) ASSERT_EQ(made[i], three[i]) << "more rows change none of those before";
}

TEST_F(Balance, MoreOriginalsThanAskedForAreSaid) {
  write_text(folder / "in.csv", "x,class\n1,a\n2,a\n3,a\n4,b\n5,b\n");
  const auto notes = [&](const char* out, const char* how) { return make_table(folder / "in.csv", folder / out, how).notes; };
  EXPECT_EQ(notes("total", "augment: {total: 4}\n"), (std::vector<std::string>{"train has 5 originals, more than the 4 rows asked for, and all of them stay"}));
  EXPECT_EQ(notes("each", "augment: {per_class: 2}\n"), (std::vector<std::string>{"1 class with more rows than asked, left as it is"}));
  EXPECT_TRUE(notes("under", "balance: random_under\naugment: {per_class: 2}\n").empty());
}

TEST_F(Balance, RegressionTargetsAreInterpolatedToo) {
  std::string csv = "x,price\n";
  for (int i = 0; i < 200; ++i) csv += std::to_string(i) + "," + std::to_string(i * 3) + ".50\n";
  make(csv, "schema: {target: price}\naugment: {times: 1}\nbalance: auto\n");
  ASSERT_EQ(made.size(), 401U);
  for (std::size_t i = 200; i < 400; ++i) {
    const Parents p = parents_of(lineage[i]);
    EXPECT_EQ(p.method, "smote_regression");
    const double a = std::stod(source[p.rows[0] + 1][1]), b = std::stod(source[p.rows[1] + 1][1]);
    EXPECT_EQ(a < 300, b < 300) << "both of one half";
    EXPECT_NEAR(std::stod(made[i + 1][1]), a + p.lambda * (b - a), 0.0051);
  }
}

// Tomek links and edited nearest neighbours by hand: on a line, b at 0, 1, 2, 10, 11 and 20; a at 2.4, 10.3 and 30, 31.
TEST_F(Balance, TomekAndEditedNeighboursByHand) {
  const std::string csv = "x,class\n0,b\n1,b\n2,b\n10,b\n11,b\n20,b\n2.4,a\n10.3,a\n30,a\n31,a\n";
  const auto left_out = [&](const char* method) {
    make(csv, std::string("balance: {method: ") + method + ", scale: false}\n", 1, method);
    std::set<std::string> ids;
    for (const std::string& line : lines_of(folder / method / kSetAsideFile)) ids.insert(nlohmann::json::parse(line).at("id"));
    return ids;
  };
  // Each other's nearest and of different classes: 2 with 2.4, 10 with 10.3. The smaller class a stays.
  EXPECT_EQ(left_out("tomek"), (std::set<std::string>{"in.csv#2", "in.csv#3"}));
  // The three nearest of 0 are 1, 2, 2.4: one is a. Of 20 they are 11, 10.3, 10. So with every b here.
  EXPECT_EQ(left_out("enn").size(), 6U);
}

TEST_F(Balance, MissingCellsStayMissingAndDoNotStopTheSearch) {
  std::string csv = two_classes(300, 40, true);
  Cells cells = cells_of(csv);
  csv.clear();
  for (std::size_t i = 0; i < cells.size(); ++i)
    for (std::size_t c = 0; c < cells[i].size(); ++c) csv += (i > 0 && c < 3 && (i + c) % 9 == 0 ? "" : cells[i][c]) + (c + 1 < cells[i].size() ? "," : "\n");
  make(csv, "balance: auto\n");
  EXPECT_EQ(classes(), (Counts{{"a", 260}, {"b", 260}}));
  for (std::size_t i = 300; i < lineage.size(); ++i)
    for (const std::size_t c : {0U, 1U}) EXPECT_EQ(made[i + 1][c].empty(), source[parents_of(lineage[i]).rows[0] + 1][c].empty()) << "as the first parent's";
}

TEST_F(Balance, WhatCannotBeDoneSaysWhy) {
  write_text(folder / "in.csv", two_classes(300, 40, true));
  const auto refusal = [&](const std::string& recipe) { return table_refusal(folder / "in.csv", folder / "refused", recipe); };
  EXPECT_NE(refusal("balance: smote\n").find("smote works on numbers, and this table has categories too"), std::string::npos);
  EXPECT_NE(refusal("balance: smoat\n").find("did you mean smote?"), std::string::npos);
  EXPECT_NE(refusal("source: {label_column: klass}\nbalance: auto\n").find("has no column klass (did you mean class?)"), std::string::npos);
  write_text(folder / "in.csv", "x,y,class\n1,1,a\n1.5,1,a\n1,1.5,a\n100,0,b\n101,0,b\n102,0,b\n103,0,b\n");
  EXPECT_NE(refusal("balance: {method: borderline_1, m: 2}\n").find("no row of class a stands at its border"), std::string::npos);
  EXPECT_NE(refusal("balance: {method: adasyn, k: 2}\n").find("has a row of another class near"), std::string::npos);
}

}  // namespace
}  // namespace leaven::flow

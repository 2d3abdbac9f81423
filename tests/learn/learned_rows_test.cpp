// Rows of a table as they are learned: what they weigh, what counts as a class, and which were trained on already.
#include <gtest/gtest.h>

#include <map>
#include <numeric>

#include "core/error.hpp"
#include "learn/table_material.hpp"
#include "learn/table_supply.hpp"
#include "tests/learn/opened_table.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

using LearnedRows = OpenedTable;

TEST_F(LearnedRows, AnEpochWeighsAsMuchForEveryArm) {
  std::string skewed = "x,c,y\n";
  for (int i = 0; i < 40; ++i) skewed += std::to_string(i) + ".0," + (i % 2 ? "b" : "a") + "," + (i < 30 ? "many" : "few") + "\n";
  const auto material = opened(skewed);
  Fold fold;
  for (std::uint32_t r = 20; r < 35; ++r) fold.train.push_back(r);
  const auto arms = arms_for("smote_nc", {"none"}, Domain::columns);
  for (const Arm& arm : arms) {
    TableSupply supply(*material, arm, &*arms[0].recipe, fold, 1);
    std::vector<float> values(supply.shape().values());
    std::map<float, double> of_x;  // the place of a row in x
    double sum = 0;
    for (std::uint64_t p = 0; p < supply.epoch_size(); ++p) {
      const float weight = supply.put(p, values).weight;
      sum += weight, of_x[values[0]] += weight;
    }
    EXPECT_NEAR(sum, 15, 1e-5) << arm.name;
    if (arm.recipe) continue;
    EXPECT_EQ(of_x.size(), 15U);
    for (const auto& [x, weight] : of_x) EXPECT_NEAR(weight, 1, 1e-6) << arm.name;
  }
}

TEST_F(LearnedRows, ClassesAreWordsWithoutTheirPadding) {
  const auto material = opened("x,y\n1.5, <=50K\n2.5, >50K\n3.5,<=50K \n4.5,>50K\n");
  EXPECT_EQ(material->index().labels, (std::vector<std::string>{"<=50K", ">50K"}));
  const Fold fold{{0, 1, 2, 3}, {}};
  TableSupply supply(*material, {kNone, 1, {}}, nullptr, fold, 0);
  EXPECT_EQ(supply.hold({0, 1, 2, 3}).labels, (std::vector<std::uint32_t>{0, 1, 0, 1}));
}

TEST_F(LearnedRows, ATargetThatIsNoClassIsRefusedByItsName) {
  std::string words = "x,y\n", numbers = "x,y\n";
  for (int i = 0; i < 300; ++i) {
    words += std::to_string(i % 7) + ".5,note " + std::to_string(i * 7919 % 1000) + "\n";
    numbers += std::to_string(i % 7) + ".5," + std::to_string(i * 7919 % 1000) + ".25\n";
  }
  const auto why = [&](const std::string& text, const std::string& metric) -> std::string {
    MaterialOptions options;
    options.metric = metric;
    options.target = "y";
    try {
      opened(text, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(why(words, "").find("y holds 300 different values in 300 rows: it names rows"), std::string::npos) << why(words, "");
  EXPECT_NE(why(numbers, "accuracy").find("--metric accuracy is of classes, and y holds "), std::string::npos) << why(numbers, "accuracy");
  EXPECT_EQ(why(numbers, "r2"), "");
}

/// 200 rows of three numbers; those from 150 on are 0 … 49 again, `changed` of a deviation away.
std::string copied_table(double changed) {
  std::string text = "a,b,c,y\n";
  const Key key{7, 8};
  for (std::uint64_t i = 0; i < 200; ++i) {
    for (std::uint64_t c = 0; c < 3; ++c)
      text += std::to_string(4 * draw_unit(key, 3 * (i % 150) + c) + (i < 150 ? 0 : changed * (draw_unit(Key{1, 2}, 3 * i + c) - 0.5))) + ",";
    text += (i % 2 ? "p\n" : "q\n");
  }
  return text;
}

TEST_F(LearnedRows, ThatAreAlmostTrainingRowsAreCounted) {
  Partition partition;
  partition.folds.resize(1);
  for (std::uint32_t r = 0; r < 150; ++r) partition.folds[0].train.push_back(r);
  for (std::uint32_t r = 150; r < 200; ++r) partition.test.push_back(r);
  LookAlikes found = opened(copied_table(0.005))->look_alikes(partition);
  EXPECT_EQ(found.count, 50U);
  EXPECT_EQ(found.note.find("50 test rows are almost a training row (such as t.csv#150 and t.csv#0): what was copied"), 0U) << found.note;
  EXPECT_EQ(found.first[2].train, "t.csv#2");
  EXPECT_GT(found.first[2].distance, 0);
  EXPECT_TRUE(found.equal.empty());
  found = opened(copied_table(0))->look_alikes(partition);
  EXPECT_EQ(found.count, 50U);
  EXPECT_EQ(found.note, "50 test rows are a training row again");
  // A fifth of a deviation is what neighbours lie apart.
  EXPECT_EQ(opened(copied_table(1))->look_alikes(partition).count, 0U);
}

}  // namespace
}  // namespace leaven::learn

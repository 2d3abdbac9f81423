// From a file of series to a generator to new series, by the generator that needs no training.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

#include "core/error.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/series_data.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

/// Class 1 rises, class 2 falls; `series` of each, 12 samples long, no two alike.
std::string slopes(int series) {
  std::string text;
  for (int i = 0; i < series; ++i)
    for (int label = 1; label <= 2; ++label) {
      text += std::to_string(label);
      for (int t = 0; t < 12; ++t) text += "\t" + std::to_string((label == 1 ? t : 11 - t) + 0.01 * i);
      text += "\n";
    }
  return text;
}

class SeriesGenerator : public testing::Test {
 protected:
  SeriesGenerator() { write_text(scratch_ / "slopes.tsv", slopes(20)); }
  Fitted fit() { return fit_images({.data = scratch_ / "slopes.tsv", .out = scratch_ / "gen"}, kinds_, {}, kGoOn); }
  ImageData sampled(std::uint64_t seed = 0) {
    sample_images({.generator = scratch_ / "gen", .out = scratch_ / "out", .per_class = 15, .seed = seed, .overwrite = true}, kinds_, kGoOn);
    return read_series(scratch_ / "out/slopes.ts", "", 1).data;
  }
  std::vector<ImageKind> kinds_{block_bootstrap_kind()};
  ScratchFolder scratch_{};
};

TEST_F(SeriesGenerator, MakesSeriesOfTheClassAskedForThatCanBeReadAgain) {
  ASSERT_TRUE(is_series(scratch_ / "slopes.tsv", ""));
  const Fitted fitted = fit();
  EXPECT_EQ(fitted.train, 32U);
  EXPECT_EQ(fitted.held_out, 8U);
  EXPECT_TRUE(makes_series(scratch_ / "gen"));
  EXPECT_FALSE(makes_tables(scratch_ / "gen"));
  const ImageData made = sampled();
  ASSERT_EQ(made.size(), 30U);
  EXPECT_EQ(made.classes, (std::vector<std::string>{"1", "2"}));
  for (std::size_t i = 0; i < made.size(); ++i)
    for (std::size_t t = 0; t < 12; ++t) {
      // Each value is one that some series of the class has at that time.
      const double v = made.of(i)[t], slope = made.labels[i] == 0 ? static_cast<double>(t) : 11 - static_cast<double>(t), step = (v - slope) / 0.01;
      EXPECT_NEAR(step, std::nearbyint(step), 1e-2) << i << " " << t;
      EXPECT_TRUE(step > -0.5 && step < 19.5) << step;
    }
}

TEST_F(SeriesGenerator, EqualSeedsGiveEqualFilesWithALineOfLineageEach) {
  fit();
  sampled(3);
  const std::string one = read_text(scratch_ / "out/slopes.ts");
  sampled(3);
  EXPECT_EQ(read_text(scratch_ / "out/slopes.ts"), one);
  const std::string lineage = read_text(scratch_ / "out/leaven.lineage.jsonl");
  EXPECT_EQ(std::ranges::count(lineage, '\n'), 30);
  EXPECT_NE(lineage.find("\"synthetic\":true"), std::string::npos);
  sampled(4);
  EXPECT_NE(read_text(scratch_ / "out/slopes.ts"), one);
}

TEST_F(SeriesGenerator, SeriesOfSeveralChannelsKeepThemTogether) {
  std::string text = "@problemName two\n@timeStamps false\n@missing false\n@univariate false\n@dimensions 2\n@equalLength true\n@seriesLength 6\n@classLabel true a b\n@data\n";
  for (int i = 0; i < 12; ++i) text += "0,1,2,3,4," + std::to_string(i) + ":10,10,10,10,10," + std::to_string(100 + i) + (i % 2 == 0 ? ":a\n" : ":b\n");
  write_text(scratch_ / "two.ts", text);
  fit_images({.data = scratch_ / "two.ts", .out = scratch_ / "gen2"}, kinds_, {}, kGoOn);
  const Sampled sampled = sample_images({.generator = scratch_ / "gen2", .out = scratch_ / "out2", .per_class = 9}, kinds_, kGoOn);
  EXPECT_EQ(sampled.rows, 18U);
  const ImageData made = read_series(sampled.file, "", 1).data;
  EXPECT_EQ(made.shape.height, 2);
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_NEAR(made.of(i)[11] - made.of(i)[5], 100, 1e-2);  // both from the same series
    EXPECT_NEAR(made.of(i)[2], 2, 1e-3);
  }
}

TEST_F(SeriesGenerator, NewSeriesGetEvenStampsOfTheUsualStep) {
  // Ten series of six samples, one and a half apart; they follow one another, or begin together.
  const auto written = [&](const std::string& name, double apart) {
    std::string text = "@problemName t\n@timeStamps true\n@missing false\n@univariate true\n@classLabel true a b\n@data\n";
    for (int i = 0; i < 10; ++i) {
      for (int t = 0; t < 6; ++t) text += (t > 0 ? ",(" : "(") + std::to_string(apart * i + 1.5 * t) + "," + std::to_string(t + 0.1 * i) + ")";
      text += i % 2 == 0 ? ":a\n" : ":b\n";
    }
    write_text(scratch_ / (name + ".ts"), text);
    fit_images({.data = scratch_ / (name + ".ts"), .out = scratch_ / name}, kinds_, {}, kGoOn);
    return read_text(sample_images({.generator = scratch_ / name, .out = scratch_ / (name + "_out"), .per_class = 1}, kinds_, kGoOn).file);
  };
  const auto stamps = [](const std::string& text) {
    std::vector<double> found;
    std::string line = text.substr(text.find("@data\n") + 6);
    line = line.substr(0, line.find('\n'));
    for (std::size_t at = line.find('('); at != std::string::npos; at = line.find('(', at + 1)) found.push_back(std::stod(line.substr(at + 1)));
    return found;
  };
  EXPECT_EQ(stamps(written("together", 0)), (std::vector<double>{0, 1.5, 3, 4.5, 6, 7.5}));
  EXPECT_EQ(stamps(written("on", 9)), (std::vector<double>{90, 91.5, 93, 94.5, 96, 97.5}));  // the last stamp was 88.5
  EXPECT_EQ(read_series(scratch_ / "on_out/on.ts", "", 1).stamps->step, 1.5);
  SavedGenerator saved = load_generator(scratch_ / "on");
  saved.card["stamps"]["step"] = 0;
  EXPECT_THROW(image_card(saved), Error);
}

TEST_F(SeriesGenerator, DamagedAndForeignGeneratorsAreRefused) {
  fit();
  SavedGenerator saved = load_generator(scratch_ / "gen");
  saved.card["series"]["lo"] = {5.0};
  saved.card["series"]["hi"] = {1.0};
  EXPECT_THROW(image_card(saved), Error);
  SavedGenerator longer = load_generator(scratch_ / "gen");
  EXPECT_THROW(kinds_.front().load(longer, {13, 1, 1}, 2), Error);
  write_text(scratch_ / "slopes.tsv", slopes(21));
  EXPECT_THROW(split_as_fitted(load_generator(scratch_ / "gen"), scratch_ / "slopes.tsv", 1), Error);
  write_text(scratch_ / "r.yaml", "leaven: 1\nsteps: [{series_jitter: {sigma: 0.1}}]");
  EXPECT_THROW(fit_images({.data = scratch_ / "slopes.tsv", .out = scratch_ / "g", .recipe = scratch_ / "r.yaml"}, kinds_, {}, kGoOn), Error);
}

TEST_F(SeriesGenerator, OneSeriesOfAClassIsToldAndSoIsAKindOfPictures) {
  write_text(scratch_ / "one.tsv", slopes(10) + "3\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n");
  const Fitted fitted = fit_images({.data = scratch_ / "one.tsv", .out = scratch_ / "g"}, kinds_, {}, kGoOn);
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note == "class 3 has 1 series: all its new series are that one"; }));
  try {
    fit_images({.data = scratch_ / "one.tsv", .out = scratch_ / "g", .kind = "pca"}, kinds_, {}, kGoOn);
    FAIL() << "it was fitted";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("no generator of series called pca"), std::string::npos) << error.message();
  }
}

TEST_F(SeriesGenerator, ValuesThatNoFloatHoldsAreRefusedAndChannelsOfNoneTold) {
  write_text(scratch_ / "far.tsv", slopes(10) + "1\t1e300\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n");
  try {
    fit_images({.data = scratch_ / "far.tsv", .out = scratch_ / "g"}, kinds_, {}, kGoOn);
    FAIL() << "it was fitted";
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("holds values beyond 1e+37"), std::string::npos) << error.message();
  }
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "g/generator.json"));
  std::string text = "@problemName two\n@timeStamps false\n@missing true\n@univariate false\n@dimensions 2\n@equalLength true\n@classLabel true a b\n@data\n";
  for (int i = 0; i < 40; ++i) text += std::to_string(i) + ",2,3,4:" + (i < 3 ? "?,?,?,?" : "4,3,2,1") + (i % 2 ? ":a\n" : ":b\n");
  write_text(scratch_ / "two.ts", text);
  const Fitted fitted = fit_images({.data = scratch_ / "two.ts", .out = scratch_ / "g"}, kinds_, {}, kGoOn);
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note == "3 series have a channel without any value, which is learnt and made as 0"; }));
}

TEST(SeriesCurves, AreDrawnWithTheGreatestValueOnTop) {
  ImageData one{.shape = {3, 1, 1}, .classes = {"c"}};
  one.add(std::vector<float>{0, 0, 1}, 0, "");
  const ImageData curve = plotted(one);
  ASSERT_EQ(curve.shape.height, 32);
  EXPECT_EQ(curve.of(0)[31 * 3], 1);
  EXPECT_EQ(curve.of(0)[2], 1);       // the last sample, at the top
  EXPECT_EQ(curve.of(0)[0], 0);
}

}  // namespace
}  // namespace leaven::learn

// Files of time series: what is read of them, and that the same is written.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "core/error.hpp"
#include "io/dataset.hpp"
#include "io/series_file.hpp"
#include "io/stamp_text.hpp"
#include "tests/io/container_bytes.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

namespace fs = std::filesystem;
using Values = std::vector<double>;
constexpr double kGap = std::numeric_limits<double>::quiet_NaN();

class SeriesFiles : public testing::Test {
 protected:
  SeriesFiles() : folder_(fs::temp_directory_path() / ("leaven_series_" + std::to_string(::getpid()))) { fs::create_directories(folder_); }
  ~SeriesFiles() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return folder_ / name;
  }
  static std::string text_of(const DatasetReader& reader, std::size_t i) {
    const Bytes raw = reader.read(reader.index().entries.at(i)).file;
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }
  static Series series(const DatasetReader& reader, std::size_t i) { return parse_series(*reader.index().series, text_of(reader, i)); }
  static std::string label(const DatasetReader& reader, std::size_t i) { return reader.index().labels[reader.index().entries.at(i).label]; }
  static void expect_values(const Values& found, const Values& wanted) {
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i)
      EXPECT_TRUE((std::isnan(found[i]) && std::isnan(wanted[i])) || found[i] == wanted[i]) << i << ": " << found[i];
  }
  std::string refused(const fs::path& path, const OpenOptions& options = {}) const {
    try {
      const auto reader = open_dataset(path, options);
      for (std::size_t i = 0; i < reader->index().entries.size(); ++i) series(*reader, i);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  }

  fs::path folder_;
};

TEST_F(SeriesFiles, UcrTrainAndTestAreOneDataset) {
  write("Two_TRAIN.tsv", "1\t1\t2\t3\t4\t5\t6\t7\t8.5\n-1\t0\tNaN\t0\t0\t1\t2\tNaN\tNaN\n");
  write("Two_TEST.tsv", "1\t8\t7\t6\t5\t4\t3\t2\t1\n");
  write("README.md", "words");
  const auto reader = open_dataset(folder_);
  const DatasetIndex& index = reader->index();
  EXPECT_EQ(index.format, "ucr");
  EXPECT_EQ(index.series->stem, "Two");
  ASSERT_EQ(index.entries.size(), 3U);
  EXPECT_EQ(index.entries[0].id, "Two_TEST.tsv#000000");
  EXPECT_EQ(index.entries[0].split, Split::test);
  EXPECT_EQ(index.entries[2].split, Split::train);
  EXPECT_EQ(label(*reader, 2), "-1");
  expect_values(series(*reader, 2).values, {0, kGap, 0, 0, 1, 2});  // what fills up at the end is no value
  EXPECT_EQ(series_text(*index.series, text_of(*reader, 2), series(*reader, 2), 1), text_of(*reader, 2));
}

TEST_F(SeriesFiles, OldUcrFilesHaveBlanksAndExponents) {
  const fs::path file = write("Old_TRAIN.txt", "  1.0000000e+00  -1.5e-01  2e0 3 4 5 6 7 8\n  2.0000000e+00  1 2 3 4 5 6 7 8\n");
  const auto reader = open_dataset(file);
  EXPECT_EQ(label(*reader, 1), "2");
  expect_values(series(*reader, 0).values, {-0.15, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(series_text(*reader->index().series, text_of(*reader, 0), series(*reader, 0), 1), "1.0000000e+00 -0.15 2 3 4 5 6 7 8");
}

TEST_F(SeriesFiles, ALastLineNeedsNoEnd) {
  const auto reader = open_dataset(write("Short_TRAIN.tsv", "1\t1\t2\t3\t4\t5\t6\t7\t8"));
  EXPECT_EQ(series(*reader, 0).length, 8U);
  EXPECT_FALSE(reader->index().series->crlf);
  EXPECT_TRUE(open_dataset(write("Dos_TRAIN.tsv", "1\t1\t2\t3\t4\t5\t6\t7\t8\r\n"))->index().series->crlf);
}

TEST_F(SeriesFiles, TsWithChannelsLengthsAndGaps) {
  const fs::path file = write("x.ts",
                              "# words\n@problemName x\n@timestamps false\n@univariate false\n@equalLength false\n@classLabel true up down\n@data\n"
                              "1,2,?:4,5,6:up\n1:2:down\n");
  const auto reader = open_dataset(file);
  EXPECT_EQ(reader->index().format, "ts");
  EXPECT_EQ(reader->index().series->names.size(), 2U);
  const Series first = series(*reader, 0);
  EXPECT_EQ(first.length, 3U);
  expect_values(first.values, {1, 2, kGap, 4, 5, 6});
  EXPECT_EQ(label(*reader, 1), "down");
  EXPECT_EQ(series_text(*reader->index().series, text_of(*reader, 0), first, 1), "1,2,?:4,5,6:up");
}

TEST_F(SeriesFiles, TsSeriesOfNoClassOrNoValueAreRefused) {
  const std::string head = "@problemName x\n@univariate true\n@classLabel true a b\n@data\n1,2:a\n";
  const auto reader = open_dataset(write("x.ts", head + "1,2:c\n:b\n?,?:b\n3,4:?\n"));
  const auto why = [&](std::size_t entry) -> std::string {
    try {
      series(*reader, entry);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(why(0), "");
  EXPECT_NE(why(1).find("class c is none of those that @classLabel names"), std::string::npos);
  EXPECT_NE(why(2).find("holds no value"), std::string::npos);
  EXPECT_NE(why(3).find("holds no value"), std::string::npos);
  EXPECT_EQ(why(4), "") << "a test set may keep its classes to itself";
}

TEST_F(SeriesFiles, TsWithStamps) {
  const std::string head = "@problemName x\n@timestamps true\n@univariate true\n@classLabel true a b\n@data\n";
  const auto reader = open_dataset(write("x.ts", head + "(0,1.5),(0.25,2),(7,3):a\n"));
  EXPECT_EQ(series(*reader, 0).stamps, (Values{0, 0.25, 7}));
  EXPECT_EQ(series_text(*reader->index().series, text_of(*reader, 0), series(*reader, 0), 1), "(0,1.5),(0.25,2),(7,3):a");
  EXPECT_NE(refused(write("y.ts", head + "(0,1),(2,2),(1,3):a\n")).find("time stamps must ascend, and number 3 does not"), std::string::npos);
  EXPECT_NE(refused(write("z.ts", head + "(0,1),(0,2):a\n")).find("must ascend"), std::string::npos);
}

TEST_F(SeriesFiles, RegressionTargetsAreNumbers) {
  const auto reader = open_dataset(write("x.ts", "@problemName x\n@univariate true\n@targetlabel true\n@data\n1,2,3:0.5\n"));
  EXPECT_EQ(reader->index().label_kind, LabelKind::number);
  EXPECT_EQ(label(*reader, 0), "0.5");
}

TEST_F(SeriesFiles, WideTable) {
  const auto reader = open_dataset(write("w.csv", "id,v1,v2,v3,class\na,1.50,2.25,3,cat\nb,1,,2,dog\n"), {.format = "series_wide"});
  expect_values(series(*reader, 1).values, {1, kGap, 2});
  EXPECT_EQ(label(*reader, 0), "cat");
  Series longer = series(*reader, 0);
  EXPECT_EQ(series_text(*reader->index().series, text_of(*reader, 0), longer, 2), "a_aug2,1.50,2.25,3.00,cat");
  longer.length = 4;
  longer.values.push_back(1);
  EXPECT_THROW(series_text(*reader->index().series, text_of(*reader, 0), longer, 2), Error);
}

/// A header and rows of so many numbers that count up, behind `first` of each.
std::string wide(const std::string& header, const std::vector<std::string>& first, int count) {
  std::string text = header;
  for (std::size_t r = 0; r < first.size(); ++r) {
    text += "\n" + first[r];
    for (int i = 0; i < count; ++i) text += (text.ends_with('\n') ? "" : ",") + std::to_string(i + static_cast<int>(r)) + ".5";
  }
  return text + "\n";
}

TEST_F(SeriesFiles, WideTablesAreKnownByColumnsOfMoments) {
  const auto format = [&](const std::string& header, const std::string& first) {
    return series_format_of(write("w.csv", wide(header, {first, first}, 8)));
  };
  EXPECT_EQ(format("class,t0,t1,t2,t3,t4,t5,t6,t7", "a"), "series_wide");
  EXPECT_EQ(format("id,t_1,t_2,t_3,t_4,t_5,t_6,t_7,t_8", "a"), "series_wide");
  EXPECT_EQ(format("Time 98,Time 99,Time 100,Time 101,Time 102,Time 103,Time 104,Time 105,label", "1"), "series_wide");
  EXPECT_EQ(format("class,t0,t1,t2,t3,t4,t5,t6,t8", "a"), "") << "a moment is missing";
  EXPECT_EQ(format("age,t0,t1,t2,t3,t4,t5,t6,t7", "3"), "") << "what is no series stands beside it";
  EXPECT_EQ(format("class,v0,v1,v2,v3,v4,v5,v6,v7", "a"), "") << "columns of any table";
  EXPECT_EQ(format("class,0,1,2,3,4,5,6,7", "a"), "") << "as well pixels";
  EXPECT_EQ(format("class,t0,t1,t2,t3,t4,t5,t6", "a"), "") << "too few";
  const auto reader = open_dataset(write("w.csv", wide("class,t0,t1,t2,t3,t4,t5,t6,t7", {"a", "b"}, 8)));
  EXPECT_EQ(reader->index().format, "series_wide");
  expect_values(series(*reader, 1).values, {1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5});
}

TEST_F(SeriesFiles, LongTablesAreKnownByTheirSeriesAndTimes) {
  const auto format = [&](const std::string& text) { return series_format_of(write("l.csv", text)); };
  EXPECT_EQ(format("unique_id,ds,y\na,2024-01-01,1\na,2024-01-02,2\na,2024-01-03,3\na,2024-01-04,5\nb,2024-01-01,4\n"), "series_long");
  EXPECT_EQ(format("time,v,series\n1,1,a\n2,2,a\n3,3,a\n4,4,a\n"), "series_long");
  EXPECT_EQ(format("id,time,v\na,1,1\na,2,2\na,3,3\na,4,4\n"), "") << "an id may be anybody's";
  EXPECT_EQ(format("series,time,v\na,1,1\na,3,2\na,2,3\na,4,4\n"), "") << "times do not ascend";
  EXPECT_EQ(format("series,time,v\na,1,1\nb,2,2\na,3,3\na,4,4\na,5,5\na,6,4\n"), "") << "series are mixed";
  EXPECT_EQ(format("series,time,v\na,1,1\nb,2,2\nc,3,3\nd,4,4\n"), "") << "one row each";
  EXPECT_EQ(format("series,time,v\na,noon,1\na,dusk,2\na,dawn,3\na,late,4\n"), "");
  const auto forecasts = open_dataset(write("l.csv", "unique_id,ds,y\na,1,1.5\na,2,2\na,3,3\na,4,5\nb,1,4\n"));
  EXPECT_EQ(forecasts->index().series->names, std::vector<std::string>{"y"}) << "what changes and stands alone is the series";
  expect_values(series(*forecasts, 0).values, {1.5, 2, 3, 5});
  EXPECT_EQ(forecasts->index().label_kind, LabelKind::none);
  EXPECT_EQ(forecasts->index().labels, std::vector<std::string>{""}) << "values are no classes";
  EXPECT_EQ(open_dataset(write("l.csv", "unique_id,ds,v\na,1,1\na,2,2\na,3,3\na,4,5\nb,1,4\n"))->index().entries.size(), 2U);
}

TEST_F(SeriesFiles, ArraysMuchLongerThanWideAreSeries) {
  const auto format = [&](const std::string& shape, std::size_t items, const char* type = "<f8") {
    const fs::path file = write("x.npy", npy_of(type, shape, raw<double>(std::vector<double>(items, 0.25))));
    return series_format_of(file);
  };
  EXPECT_EQ(format("(2, 24, 3)", 144), "series_npz");
  EXPECT_EQ(format("(2, 1, 9)", 18), "series_npz");
  EXPECT_EQ(format("(2, 23, 3)", 138), "") << "a picture may be that long";
  EXPECT_EQ(format("(2, 28, 28)", 1568), "");
  EXPECT_EQ(format("(2, 64)", 128), "") << "a table";
  EXPECT_EQ(format("(2, 24, 3)", 144, "<i8"), "") << "levels of pixels";
  const auto reader = open_dataset(write("x.npy", npy_of("<f8", "(2, 24, 3)", raw<double>(std::vector<double>(144, 0.25)))));
  EXPECT_EQ(reader->index().description, "2 series of 3 channels, 24 values each, NumPy arrays");
}

TEST(SeriesHints, NameTheOption) {
  std::vector<std::string> numbered{"class"};
  for (int i = 0; i < 16; ++i) numbered.push_back("v_" + std::to_string(i));
  EXPECT_NE(series_hint("x.csv", numbered).find("--input-format series_wide"), std::string::npos);
  EXPECT_NE(series_hint("x.npz", numbered).find("--input-format series_npz"), std::string::npos);
  EXPECT_NE(series_hint("x.csv", {"id", "age", "time"}).find("--input-format series_long"), std::string::npos);
  numbered.pop_back();
  EXPECT_EQ(series_hint("x.csv", numbered), "");
  EXPECT_EQ(series_hint("x.csv", {"id", "age", "income"}), "");
  std::vector<std::string> pixels, unnamed;
  for (int i = 0; i < 64; ++i) pixels.push_back("pixel" + std::to_string(i)), unnamed.push_back("column_" + std::to_string(i + 1));
  EXPECT_EQ(series_hint("x.csv", pixels), "");
  EXPECT_NE(series_hint("x.csv", unnamed).find("--input-format ucr"), std::string::npos);
}

TEST_F(SeriesFiles, StampsThatGoBackSayWhyTheyMay) {
  const auto text = [&](const std::string& third) {
    return refused(write("l.csv", "id,time,v\na,2024-10-27 02:00:00,1\na,2024-10-27 02:30:00,2\na," + third + ",3\n"), {.format = "series_long"});
  };
  EXPECT_NE(text("2024-10-27 02:00:00").find("row 3 of the series does not: 2024-10-27 02:00:00 (where clocks are put back, times need their zone"),
            std::string::npos);
  EXPECT_NE(text("2024-10-26 02:00:00").find("row 3 of the series does not: 2024-10-26 02:00:00"), std::string::npos);
  EXPECT_EQ(text("2024-10-26 02:00:00").find("clocks"), std::string::npos) << "a day is no hour";
  EXPECT_NE(text("2024-10-27 02:30:00").find("must ascend"), std::string::npos) << "the same time twice";
  EXPECT_EQ(refused(write("l.csv", "id,time,v\na,2024-10-27T02:30:00+02:00,1\na,2024-10-27T02:00:00+01:00,2\n"), {.format = "series_long"}), "accepted");
}

TEST_F(SeriesFiles, WhatIsWrongWithASeriesHasALineOfItsFile) {
  const auto place = [](const DatasetReader& reader, std::size_t i) -> std::string {
    const Entry& entry = reader.index().entries.at(i);
    std::size_t line = 0;
    try {
      parse_series(*reader.index().series, text_of(reader, i), line);
    } catch (const Error&) {
      return place_in_file(*reader.index().series, entry.container, entry.offset, line);
    }
    return "fine";
  };
  const auto rows = open_dataset(write("l.csv", "id,time,v\na,1,1\na,2,2\n\na,2,3\nb,1,1\nb,2,2\nc,1,1\nc,x,2\n"), {.format = "series_long"});
  EXPECT_EQ(place(*rows, 0), "l.csv:5") << "empty lines count";
  EXPECT_EQ(place(*rows, 1), "fine");
  EXPECT_EQ(place(*rows, 2), "l.csv:9");
  write("W_TRAIN.tsv", "1\t1\t2\t3\t4\t5\t6\t7\t8\n\n2\t1\tx\t3\t4\t5\t6\t7\t8\n");
  write("W_TEST.tsv", "1\tx\t2\t3\t4\t5\t6\t7\t8\n");
  fs::remove(folder_ / "l.csv");
  const auto ucr = open_dataset(folder_, {.format = "ucr"});
  EXPECT_EQ(place(*ucr, 0), "W_TEST.tsv:1");
  EXPECT_EQ(place(*ucr, 2), "W_TRAIN.tsv:3");
}

TEST_F(SeriesFiles, LongTableWithTimeMarksAndEvents) {
  const std::string text =
      "id,time,heart,steps,doing,beat,label\n"
      "a,0,1.5,3,rest,,sick\na,2,1.75,4,rest,x,sick\na,3,,5,walk,,sick\n"
      "b,0,2,1,walk,,well\nb,1,2.5,2,walk,x,well\n";
  const auto reader = open_dataset(write("l.csv", text), {.format = "series_long"});
  const SeriesLayout& layout = *reader->index().series;
  EXPECT_EQ(layout.names, (std::vector<std::string>{"heart", "steps"}));
  EXPECT_EQ(layout.places, (std::vector<int>{2, 0}));
  ASSERT_EQ(reader->index().entries.size(), 2U);
  EXPECT_EQ(label(*reader, 1), "well");
  const Series first = series(*reader, 0);
  EXPECT_EQ(first.stamps, (Values{0, 2, 3}));
  expect_values(first.values, {1.5, 1.75, kGap, 3, 4, 5});
  EXPECT_EQ(first.marks, (std::vector<SeriesMarks>{{false, {"rest", "rest", "walk"}}, {true, {"", "x", ""}}}));
  EXPECT_EQ(series_text(layout, text_of(*reader, 0), first, 1),
            "a_aug1,0,1.50,3,rest,,sick\na_aug1,2,1.75,4,rest,x,sick\na_aug1,3,,5,walk,,sick");
}

TEST(SeriesStamps, DaysAndTimes) {
  EXPECT_EQ(stamp_of("1970-01-02"), 86400);
  EXPECT_EQ(stamp_of("2024-03-31 14:30"), 1711895400);
  EXPECT_EQ(stamp_of("2024-03-31T14:30:05.25Z"), 1711895405.25);
  EXPECT_EQ(stamp_of("2024-03-31T14:30:00+05:30"), 1711875600);
  EXPECT_EQ(stamp_of("12.5"), 12.5);
  EXPECT_FALSE(stamp_of("2023-02-29"));
  EXPECT_FALSE(stamp_of("soon"));
  for (const char* text : {"1970-01-02", "2024-03-31 14:30", "2024-02-29T23:59:59.250Z", "1969-12-31 23:59:59", "2024-03-31T14:30:00+05:30"})
    EXPECT_EQ(stamp_text(*stamp_of(text), text), text);
  EXPECT_EQ(stamp_text(*stamp_of("2024-03-31 14:30") + 30.5, "2024-03-31 14:30"), "2024-03-31 14:30:30.5");
}

TEST_F(SeriesFiles, DaysAsTimesComeBackAsDays) {
  const std::string text = "id,date,v\na,2024-02-28,1\na,2024-02-29,2\na,2024-03-04,4\n";
  const auto reader = open_dataset(write("d.csv", text), {.format = "series_long"});
  Series first = series(*reader, 0);
  EXPECT_EQ(first.stamps[2] - first.stamps[0], 5 * 86400);
  EXPECT_EQ(series_text(*reader->index().series, text_of(*reader, 0), first, 1), "a_aug1,2024-02-28,1\na_aug1,2024-02-29,2\na_aug1,2024-03-04,4");
  first.stamps[1] += 43200;
  EXPECT_NE(series_text(*reader->index().series, text_of(*reader, 0), first, 1).find("2024-02-29 12:00,2"), std::string::npos);
  // The hour that comes twice when summer time ends, told without a zone: time seems to stand still.
  EXPECT_NE(refused(write("e.csv", "id,time,v\na,2024-10-27 02:30,1\na,2024-10-27 02:30,2\n"), {.format = "series_long"}).find("must ascend"), std::string::npos);
}

TEST_F(SeriesFiles, InfinityIsSetAsideWithItsPlace) {
  EXPECT_NE(refused(write("inf.csv", "id,time,v\na,1,1\na,2,inf\n"), {.format = "series_long"}).find("v in row 2 of the series is infinite"), std::string::npos);
  EXPECT_EQ(refused(write("nan.csv", "id,time,v\na,1,1\na,2,nan\n"), {.format = "series_long"}), "accepted");
}

TEST_F(SeriesFiles, NewTimesAreToldAlikeAndInTheZoneOfThen) {
  // Clocks go forward behind the second sample.
  const std::string text = "id,time,v\na,2024-03-31T01:00:00+01:00,1\na,2024-03-31T01:30:00+01:00,2\na,2024-03-31T03:00:00+02:00,3\na,2024-03-31T03:30:00+02:00,4\n";
  const auto reader = open_dataset(write("dst.csv", text), {.format = "series_long"});
  const Series source = series(*reader, 0);
  Series finer{8, 1, {1, 2, 3, 4, 5, 6, 7, 8}, {}, {}};
  for (int i = 0; i < 8; ++i) finer.stamps.push_back(source.stamps[0] + i * 5400.0 / 7);
  EXPECT_EQ(series_text(*reader->index().series, text_of(*reader, 0), finer, 1),
            "a_aug1,2024-03-31T01:00:00+01:00,1\na_aug1,2024-03-31T01:12:51+01:00,2\na_aug1,2024-03-31T01:25:43+01:00,3\na_aug1,2024-03-31T01:38:34+01:00,4\n"
            "a_aug1,2024-03-31T01:51:26+01:00,5\na_aug1,2024-03-31T03:04:17+02:00,6\na_aug1,2024-03-31T03:17:09+02:00,7\na_aug1,2024-03-31T03:30:00+02:00,8");
  // Ten a second: so many digits as they need, all of them alike.
  for (int i = 0; i < 8; ++i) finer.stamps[static_cast<std::size_t>(i)] = source.stamps[0] + 0.125 * i;
  const std::string fine = series_text(*reader->index().series, text_of(*reader, 0), finer, 1);
  EXPECT_NE(fine.find("01:00:00.125+01:00,2\n"), std::string::npos) << fine;
  EXPECT_NE(fine.find("01:00:00.250+01:00,3\n"), std::string::npos) << fine;
}

TEST_F(SeriesFiles, ASlipAmongNumbersBreaksItsSeriesAlone) {
  std::string csv = "id,heart,state\n";
  for (int i = 0; i < 40; ++i) csv += std::string(i < 20 ? "a," : "b,") + (i == 25 ? "x7" : std::to_string(i)) + ",rest\n";
  const auto reader = open_dataset(write("slip.csv", csv), {.format = "series_long"});
  EXPECT_EQ(reader->index().series->names, (std::vector<std::string>{"heart"}));
  EXPECT_EQ(series(*reader, 0).length, 20U);
  try {
    series(*reader, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("heart in row 6 of the series is no number: x7"), std::string::npos) << error.what();
  }
}

TEST_F(SeriesFiles, LongTablesThatCannotBeUsedSayWhere) {
  const OpenOptions rows{.format = "series_long"};
  EXPECT_NE(refused(write("a.csv", "id,v\na,1\nb,2\na,3\n"), rows).find(":4: rows of series a must stand together"), std::string::npos);
  EXPECT_NE(refused(write("b.csv", "id,v\na,1,2\n"), rows).find("b.csv:2: has 3 cells, and the header 2"), std::string::npos);
  EXPECT_NE(refused(write("c.csv", "v,w\n1,2\n"), rows).find("needs a column that says which series"), std::string::npos);
  EXPECT_EQ(refused(write("e.csv", "v,patient_id,time\n1,a,1\n3,a,2\n"), rows), "accepted") << "the column that ends in _id";
  EXPECT_NE(refused(write("d.csv", "id,time,v\na,2,2\na,1,2\n"), rows).find("row 2 of the series does not"), std::string::npos);
}

TEST_F(SeriesFiles, SeveralDatasetsInAFolderAreRefused) {
  write("A_TRAIN.tsv", "1\t1\t2\t3\t4\t5\t6\t7\t8\n");
  write("B_TRAIN.tsv", "1\t1\t2\t3\t4\t5\t6\t7\t8\n");
  EXPECT_NE(refused(folder_).find("several datasets of series: A and B"), std::string::npos);
}

TEST_F(SeriesFiles, DamagedFilesAreDataErrors) {
  const std::string good = "@problemName x\n@univariate true\n@classLabel true a\n@data\n1,2,3:a\n";
  for (std::size_t size = 0; size <= good.size(); ++size) {
    const fs::path file = write("cut.ts", good.substr(0, size));
    EXPECT_NO_FATAL_FAILURE(refused(file, {.format = "ts"}));
  }
  EXPECT_NE(refused(write("n.ts", "@problemName x\n@classLabel true a\n@data\n1,\x01,3:a\n")).find("is no number"), std::string::npos);
}

TEST(SeriesArrays, InfinityIsADataErrorAndNanIsMissing) {
  SeriesLayout layout;
  layout.format = SeriesFormat::arrays;
  layout.length = 2;
  layout.names = {"1"};
  const auto parsed = [&](double second) {
    const Values values{1.5, second};
    return parse_series(layout, {reinterpret_cast<const char*>(values.data()), sizeof(double) * 2}).values;
  };
  EXPECT_EQ(parsed(-3), (Values{1.5, -3}));
  EXPECT_TRUE(std::isnan(parsed(kGap)[1]));
  for (const double end : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    try {
      parsed(end);
      ADD_FAILURE() << "infinity was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      EXPECT_NE(error.message().find("infinity"), std::string::npos);
    }
  }
}

TEST(SeriesNumbers, AreShortAndTheSameEverywhere) {
  const auto text = [](double value, int places) {
    std::string to;
    append_value(to, value, places, "?");
    return to;
  };
  EXPECT_EQ(text(0.1, -1), "0.1");
  EXPECT_EQ(text(1.0 / 3, -1), "0.333333333");
  EXPECT_EQ(text(-1e-12, 2), "0.00");
  EXPECT_EQ(text(2.5, 0), "2");
  EXPECT_EQ(text(1700000000.25, kExact), "1700000000.25");
  EXPECT_EQ(text(std::nan(""), 3), "?");
}

}  // namespace
}  // namespace leaven::io

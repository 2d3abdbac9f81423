// Tables in NumPy arrays, made byte by byte and by libarchive.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "core/error.hpp"
#include "io/table_file.hpp"
#include "tests/io/container_bytes.hpp"

namespace leaven::io {
namespace {

namespace fs = std::filesystem;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

class TableNpy : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, const std::string& bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  static std::string read(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
  }
  static std::string u32(const std::vector<std::u32string>& words, std::size_t longest) {
    std::string bytes;
    for (std::u32string word : words) word.resize(longest), bytes.append(reinterpret_cast<const char*>(word.data()), longest * 4);
    return bytes;
  }
  /// x of 3 × 2 with a gap, y of classes, a column of words, names.
  fs::path three_rows() {
    return write("t.npz", archive_of({{"x.npy", npy_of("<f4", "(3, 2)", raw(std::vector<float>{0.1F, 2, 3.5F, static_cast<float>(kNaN), 5, 6}))},
                                      {"y.npy", npy_of("<i8", "(3,)", raw(std::vector<std::int64_t>{1, 0, 1}))},
                                      {"city.npy", npy_of("<U4", "(3,)", u32({U"Rome", U"Ulm", U"Köln"}, 4))},
                                      {"columns.npy", npy_of("<U3", "(2,)", u32({U"age", U"pay"}, 3))}},
                                     "zip", "compression=store"));
  }
  fs::path folder_ = fs::path(testing::TempDir()) / ("npy_table_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(TableNpy, ColumnsComeFromAllArrays) {
  const fs::path file = three_rows();
  EXPECT_TRUE(looks_like_table(file));
  const auto table = open_table(file);
  ASSERT_EQ(table->rows(), 3U);
  const auto& columns = table->shape().columns;
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_EQ(columns[0].name, "age");
  EXPECT_EQ(columns[0].kind, ColumnKind::decimal);
  EXPECT_EQ(columns[1].name, "pay");
  EXPECT_EQ(columns[2].name, "y");
  EXPECT_TRUE(columns[2].target);
  EXPECT_EQ(columns[3].name, "city");
  const Block rows = table->read(1, 9);
  ASSERT_EQ(rows.rows, 2U);
  EXPECT_EQ(rows.columns[0].number[0], 3.5);
  EXPECT_EQ(rows.columns[1].null[0], 1) << "NaN is a missing cell";
  EXPECT_EQ(rows.columns[2].text[0], "0");
  EXPECT_EQ(rows.columns[3].text[1], "Köln");
}

TEST_F(TableNpy, UntouchedArraysComeBackByteForByte) {
  const fs::path file = three_rows(), out = folder_ / "out.npz";
  const auto table = open_table(file);
  const auto writer = table->create(out);
  writer->write(table->read(0, 2));
  writer->write(table->read(2, 1));
  writer->finish();
  const Members was = members_of(read(file)), now = members_of(read(out));
  ASSERT_EQ(now.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(now[i].first, was[i].first);
    const auto data = [](const std::string& npy) { return npy.substr(npy.find('\n') + 1); };
    EXPECT_EQ(data(now[i].second), data(was[i].second)) << was[i].first;
    EXPECT_NE(now[i].second.find(i == 0 ? "(3, 2)" : "'shape': ("), std::string::npos);
  }
}

TEST_F(TableNpy, IntegersWithGapsBecomeFloatsAndNewColumnsFollow) {
  const fs::path file = three_rows(), out = folder_ / "out.npz";
  const auto table = open_table(file);
  Block rows = table->read(0, 3);
  rows.columns[2].null[1] = rows.columns[2].changed[1] = 1;
  Column flag = rows.columns[2];
  flag.name = "far", flag.kind = ColumnKind::boolean, flag.target = false, flag.null.assign(3, 0), flag.text = {"0", "1", "0"};
  rows.columns.push_back(flag);
  const auto writer = table->create(out);
  writer->write(rows);
  writer->finish();
  const auto again = open_table(out);
  EXPECT_EQ(again->shape().columns.back().name, "far");
  const Block read = again->read(0, 3);
  EXPECT_EQ(read.columns[2].null, (std::vector<std::uint8_t>{0, 1, 0}));
}

TEST_F(TableNpy, OneMatrixColumnByColumn) {
  // Fortran order: 2 rows, columns 1 4, 2 5, 3 6.
  const fs::path file = write("m.npy", npy_of("<f8", "(2, 3)", raw(std::vector<double>{1, 4, 2, 5, 3, 6}), true));
  const auto table = open_table(file);
  const Block rows = table->read(0, 2);
  EXPECT_EQ(rows.columns[1].name, "column_2");
  EXPECT_EQ(rows.columns[1].number, (std::vector<double>{2, 5}));
  const auto writer = table->create(folder_ / "out.npy");
  writer->write(rows);
  writer->finish();
  EXPECT_EQ(open_table(folder_ / "out.npy")->read(1, 1).columns[2].number[0], 6);
}

TEST_F(TableNpy, ImagesAndSeriesAreNone) {
  EXPECT_FALSE(looks_like_table(write("i.npz", archive_of({{"x.npy", npy_of("|u1", "(2, 2, 2)", counting(8))}, {"y.npy", npy_of("|u1", "(2,)", counting(2))}}, "zip"))));
  EXPECT_FALSE(looks_like_table(write("v.npy", npy_of("<f8", "(3,)", raw(std::vector<double>{1, 2, 3})))));
  EXPECT_FALSE(looks_like_table(write("d.npz", archive_of({{"x.npy", npy_of("<f8", "(2, 1)", counting(16))}, {"y.npy", npy_of("|u1", "(3,)", counting(3))}}, "zip"))));
  try {
    open_table(write("t.parquet", "PAR1"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("pandas.read_parquet(\"t.parquet\")"), std::string::npos);
  }
}

}  // namespace
}  // namespace leaven::io

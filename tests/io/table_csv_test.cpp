// Tables as CSV files: what a column is, what a cell says, and writing back what nobody touched byte for byte.
#include <gtest/gtest.h>

#include <cmath>

#include "io/cell_number.hpp"
#include "io/table_file.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

using Type = Column::Type;

class TableCsv : public testing::Test {
 protected:
  std::unique_ptr<TableReader> open(const std::string& csv, const TableRules& rules = {}) {
    folder.write("t.csv", csv);
    return open_csv(folder / "t.csv", rules);
  }
  std::string bad(const std::string& csv, const TableRules& rules = {}) {
    std::string text;
    const auto table = open(csv, rules);
    for (const BadRow& row : table->bad_rows()) text += std::to_string(row.line) + ": " + row.reason + "\n";
    return text;
  }
  /// Reads all in blocks of `rows` and writes it again.
  std::string copy(const std::string& csv, std::size_t rows = 100) {
    const auto table = open(csv);
    const auto writer = table->create(folder / "copy.csv");
    for (std::uint64_t first = 0; first < table->rows(); first += rows) writer->write(table->read(first, rows));
    writer->finish();
    return folder.read("copy.csv");
  }
  std::string error(const std::string& csv, Fault fault = Fault::usage) {
    try {
      const auto table = open(csv);
      table->read(0, 1'000'000);
    } catch (const Error& e) {
      EXPECT_EQ(e.fault(), fault) << e.what();
      return e.message().substr(e.message().find("t.csv"));
    }
    return "no error";
  }
  TempFolder folder;
};

TEST_F(TableCsv, ColumnsAreWhatAllTheirRowsAre) {
  const auto table = open("id,price,name,zip,mixed,gone\n1,2.50,a,01234,1,\n-2,3,b,99999,x,NA\n+3,.125,,10000,2,?\n");
  const Block block = table->read(0, 10);
  ASSERT_EQ(block.rows, 3U);
  const std::vector<Type> expected{Type::integer, Type::decimal, Type::text, Type::text, Type::text, Type::text};
  for (std::size_t c = 0; c < expected.size(); ++c) {
    EXPECT_EQ(block.columns[c].type, expected[c]) << block.columns[c].name;
    EXPECT_EQ(table->shape().columns[c].type, expected[c]);
  }
  EXPECT_EQ(block.columns[0].number, (std::vector<double>{1, -2, 3}));
  EXPECT_EQ(block.columns[1].number, (std::vector<double>{2.5, 3, 0.125}));
  EXPECT_EQ(block.columns[1].places, 3);
  EXPECT_EQ(block.columns[2].null, (std::vector<std::uint8_t>{0, 0, 1}));
  EXPECT_EQ(block.columns[5].null, (std::vector<std::uint8_t>{1, 0, 1}));  // a text column: NA is a text
}

TEST_F(TableCsv, MissingAmongNumbers) {
  const auto table = open("a,b\n1,x\n,x\n ? ,x\nNA,x\nn/a,x\nNaN,x\nNULL,x\n7,x\n");
  const Column column = table->read(0, 10).columns[0];
  EXPECT_EQ(column.type, Type::integer);
  EXPECT_EQ(column.null, (std::vector<std::uint8_t>{0, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(column.number[7], 7);
}

TEST_F(TableCsv, WhatNobodyTouchedComesBackByteForByte) {
  const std::string plain =
      "a,b,c\n 1, x ,2.50\n007,\"q,\"\"u\"\"\",?\n,\"two\nlines\",1e5\n12345678901234567890,in\"side,-0.0\n";
  EXPECT_EQ(copy(plain), plain);
  EXPECT_EQ(copy(plain, 1), plain);
  const std::string windows = "\xEF\xBB\xBF\"a\";b\r\n\"1\";\"\"\r\n2;x,y\r\n";
  EXPECT_EQ(copy(windows), windows);
  const std::string tabs = "a\tb\n1\tx,y;z\n";
  EXPECT_EQ(copy(tabs), tabs);
  EXPECT_EQ(copy("a,b\n1,2"), "a,b\n1,2\n");        // a last line end is added
  EXPECT_EQ(copy("a,b\n\n1,2\n\n"), "a,b\n1,2\n");  // empty lines are no rows
  EXPECT_EQ(copy("a\n1\n\n2\n"), "a\n1\n\n2\n");    // of one column they are missing cells
  EXPECT_EQ(copy("a,b\n"), "a,b\n");
}

TEST_F(TableCsv, ChangedCellsAreWrittenWithTheColumnsPlaces) {
  const auto table = open("n,d,t\n\"1\",2.50,x\n2,3.5,y\n3,4,z\n");
  Block block = table->read(0, 3);
  block.columns[0].number = {2.5, 3.5, -0.2};  // to the nearest, ties to even
  block.columns[0].changed = {1, 1, 1};
  block.columns[1].number = {1.0 / 3, -0.001, 1e20};
  block.columns[1].changed = {1, 1, 1};
  block.columns[2].changed = {0, 1, 1};
  block.columns[2].text = {"x", "with, comma", "\"quoted\" start"};
  block.columns[2].null = {0, 0, 1};
  const auto writer = table->create(folder / "out.csv");
  writer->write(block);
  EXPECT_FALSE(std::filesystem::exists(folder / "out.csv"));
  writer->finish();
  EXPECT_EQ(folder.read("out.csv"), "n,d,t\n\"2\",0.33,x\n4,0.00,\"with, comma\"\n0,100000000000000000000.00,\n");
}

TEST_F(TableCsv, LargeIdentifiersKeepTheirText) {
  const auto table = open("id,x\n9007199254740993,1\n123456789012345678901234567890,2\n");
  const Column ids = table->read(0, 2).columns[0];
  EXPECT_EQ(ids.kind, ColumnKind::id);
  EXPECT_EQ(cell_text(ids, 0), "9007199254740993");  // 2^53 + 1 is no double
  EXPECT_EQ(cell_text(ids, 1), "123456789012345678901234567890");
}

TEST_F(TableCsv, AnyRowCanBeReadWithoutTheOthers) {
  std::string csv = "i,text\n";
  constexpr int kRows = 10'000;  // more than two marks
  for (int i = 0; i < kRows; ++i) csv += std::to_string(i) + (i % 7 == 0 ? ",\"line\nbreak\"\n" : ",x\n");
  const auto table = open(csv);
  EXPECT_EQ(table->rows(), 10'000U);
  for (const std::uint64_t first : {0U, 1U, 4095U, 4096U, 4097U, 8191U, 9999U}) {
    const Block block = table->read(first, 3);
    EXPECT_EQ(block.first, first);
    EXPECT_EQ(block.rows, std::min<std::uint64_t>(3, kRows - first));
    for (std::size_t r = 0; r < block.rows; ++r) EXPECT_EQ(block.columns[0].number[r], static_cast<double>(first + r));
  }
  EXPECT_EQ(table->read(kRows, 5).rows, 0U);
}

TEST_F(TableCsv, ALineThatIsNoRowIsRefusedWithItsPlace) {
  const std::string head = "a,b\n1,2\n";
  EXPECT_NE(error(head + std::string(5U << 20, ',') + "\n", Fault::data).find("t.csv:3: the row has more than 4194304 cells"), std::string::npos);
}

TEST_F(TableCsv, LongRowsAcrossBuffers) {
  const std::string large(3 << 20, 'x');
  const auto table = open("a,b\n1,\"" + large + "\"\n2,y\n");
  EXPECT_EQ(table->rows(), 2U);
  EXPECT_EQ(table->read(0, 1).columns[1].text[0], large);
  EXPECT_EQ(table->read(1, 1).columns[1].text[0], "y");
}

TEST_F(TableCsv, ErrorsNameFileAndLine) {
  EXPECT_EQ(error(""), "t.csv: is empty");
  EXPECT_EQ(error("\n\n"), "t.csv: is empty");
  EXPECT_EQ(error("a,b\n1,\"x\n", Fault::data), "t.csv:2: a quote is opened in this row and never closed");
  EXPECT_EQ(error("country,2019,2020\nFR,1,2\n"), "no error");  // years are names
  EXPECT_EQ(error("a,b,a\n1,2,3\n"), "t.csv: columns 1 and 3 are both called a");
  EXPECT_EQ(error(std::string("a,b\n\0,1\n", 8), Fault::data), "t.csv:2: a zero byte: this is no text");
  EXPECT_EQ(error("\xFF\xFE"
                  "a",
                  Fault::data),
            "t.csv: is UTF-16");
  EXPECT_EQ(error("a,b\r1,2\r", Fault::data), "t.csv: its lines end in carriage returns alone");
  EXPECT_THROW(open_csv(folder / "nowhere.csv"), Error);
}

TEST_F(TableCsv, BadRowsAreSetAsideWithTheirLine) {
  const std::string csv = "a,b\n1,\"x\ny\"\n1,2,3\n5,z\n6\n";
  const auto table = open(csv);
  EXPECT_EQ(table->rows(), 2U);
  EXPECT_EQ(table->read(1, 5).columns[0].text, (std::vector<std::string>{"5"}));
  EXPECT_EQ(bad(csv), "4: the row has 3 cells, the header 2\n6: the row has 1 cells, the header 2\n");
  std::string zero = "a,b\n";
  for (int i = 0; i < 20'000; ++i) zero += "1,x\n";  // behind what the dialect is found from
  zero += std::string("2,\0\n3,y\n", 8);
  EXPECT_EQ(bad(zero), "20002: the row holds a zero byte\n");
  EXPECT_EQ(open(zero)->rows(), 20'001U);
}

TEST_F(TableCsv, KindsAreFoundAndCanBeTold) {
  std::string csv = "user_id,sex,when,flag,bit,note,price,big\n";
  for (int i = 0; i < 40; ++i)
    csv += std::to_string(100 + i) + (i % 2 ? ",male" : ",female") + ",2024-03-" + (i % 2 ? "31T02:30:00+01:00" : "01") +
           (i % 3 ? ",yes" : ",No") + "," + std::to_string(i % 2) + ",a note of its own " + std::to_string(i) + "," +
           std::to_string(i) + ".50," + std::to_string(9007199254740993 + i) + "\n";
  using Kind = ColumnKind;
  const auto kinds = [&](const TableRules& rules) {
    std::vector<Kind> found;
    const auto table = open(csv, rules);
    for (const ColumnProfile& p : table->profiles()) found.push_back(p.kind);
    return found;
  };
  EXPECT_EQ(kinds({}), (std::vector<Kind>{Kind::id, Kind::category, Kind::date_time, Kind::boolean, Kind::boolean, Kind::text,
                                          Kind::decimal, Kind::id}));
  TableRules rules;
  rules.kinds = {{"bit", Kind::integer}, {"price", Kind::category}};
  rules.target = "sex";
  const auto told = open(csv, rules);
  EXPECT_EQ(told->profiles()[4].kind, Kind::integer);
  EXPECT_EQ(told->profiles()[6].kind, Kind::category);
  EXPECT_TRUE(told->profiles()[1].target);
  EXPECT_EQ(told->read(0, 1).columns[6].type, Type::text) << "a category's numbers are never computed with";
  rules.target = "sx";
  try {
    open(csv, rules);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("did you mean sex?"), std::string::npos);
  }
}

TEST_F(TableCsv, NumbersThatAreToldSetOtherRowsAside) {
  TableRules rules;
  rules.kinds = {{"n", ColumnKind::integer}};
  EXPECT_EQ(bad("n,x\n1,a\n?,b\nabc,c\n2.5,d\n", rules),
            "4: n must be a whole number, got abc\n5: n must be a whole number, got 2.5\n");
  std::string csv = "n,x\n";
  for (int i = 0; i < 100; ++i) csv += (i == 41 ? "n.a.,x\n" : std::to_string(i) + ",x\n");
  const auto table = open(csv);
  const ColumnProfile& doubtful = table->profiles()[0];
  EXPECT_EQ(doubtful.stray_texts, 1U);
  EXPECT_EQ(doubtful.stray, "n.a.");
  EXPECT_EQ(doubtful.stray_line, 43U);
  rules.missing = {"n.a."};
  EXPECT_EQ(open(csv, rules)->profiles()[0].kind, ColumnKind::integer);
  EXPECT_EQ(open(csv, rules)->profiles()[0].missing, 1U);
  EXPECT_EQ(open(csv, rules)->read(41, 1).columns[0].null[0], 1);
}

TEST_F(TableCsv, BarsSeparateWhereNothingElseDoes) {
  const std::string csv = "a|b|c\n1|x;y|2.5\n3|\"z|w\"|4.5\n";
  const auto table = open(csv);
  ASSERT_EQ(table->shape().columns.size(), 3U);
  EXPECT_EQ(cell_text(table->read(0, 2).columns[1], 1), "z|w");
  EXPECT_EQ(copy(csv), csv);
  EXPECT_NE(table->description().find("CSV with bars"), std::string::npos);
  EXPECT_EQ(open("path,label\na.png,cat|dog\nb.png,cat\n")->shape().columns.size(), 2U) << "a bar joins labels there";
  EXPECT_EQ(open("label\ncat|dog\ncat\n")->shape().columns.size(), 1U);
}

TEST_F(TableCsv, DecimalCommasComeBackAsTheyWere) {
  const std::string csv = "price;n\n1,50;1\n-2,25;2\n3;3\n";
  const auto table = open(csv);
  Block block = table->read(0, 3);
  EXPECT_EQ(block.columns[0].kind, ColumnKind::decimal);
  EXPECT_EQ(block.columns[0].number, (std::vector<double>{1.5, -2.25, 3}));
  EXPECT_EQ(copy(csv), csv);
  block.columns[0].number[0] = 7.125;
  block.columns[0].changed[0] = 1;
  EXPECT_EQ(cell_text(block.columns[0], 0), "7,12");
  TableRules rules;
  EXPECT_NE(open("a;b\n1,234;x\n2,345;y\n")->profiles()[0].type(), Type::decimal) << "may be thousands";
  rules.decimal_comma = true;
  EXPECT_EQ(open("a;b\n1,234;x\n2,345;y\n", rules)->read(1, 1).columns[0].number[0], 2.345);
}

TEST_F(TableCsv, CommasThatMayBeTwoThingsAreDoubtfulAndNoDates) {
  std::string thousands = "a;b\n", mixed = "a;b\n", decimals = "a;b\n";
  for (int i = 0; i < 30; ++i) {
    thousands += "1," + std::to_string(100 + i) + ";x\n";
    mixed += std::to_string(i) + (i % 2 ? "," : ".") + "5;x\n";
    decimals += std::to_string(i % 7) + ",5;x\n";
  }
  for (const std::string& csv : {thousands, mixed}) {
    const auto table = open(csv);
    EXPECT_EQ(table->profiles()[0].kind, ColumnKind::text);
    EXPECT_TRUE(table->profiles()[0].doubtful_comma);
  }
  const auto table = open(decimals);
  EXPECT_EQ(table->profiles()[0].kind, ColumnKind::decimal);
  EXPECT_FALSE(table->profiles()[0].doubtful_comma);
  EXPECT_EQ(table->profiles()[0].distinct, 7U);
}

TEST_F(TableCsv, WordsAreSeenWithoutTheirQuotes) {
  const auto table = open("w,n\n\"say \"\"a\"\"\",1\n\"say \"\"a\"\"\",2\nb,3\n");
  EXPECT_EQ(table->profiles()[0].words[0].first, "say \"a\"");
}

TEST_F(TableCsv, Latin1IsFoundAndWrittenBack) {
  const std::string csv = "name,n\nM\xFCller,1\n\x80 5,2\n";
  const auto table = open(csv);
  EXPECT_EQ(table->read(0, 2).columns[0].text, (std::vector<std::string>{"M\u00FCller", "\u20AC 5"}));
  EXPECT_EQ(copy(csv), csv);
  const std::string mixed = "name,n\nM\xC3\xBCller,1\nM\xFCller,2\nx,3\n";
  EXPECT_EQ(bad(mixed), "3: the row is no valid UTF-8\n");
  EXPECT_EQ(open(mixed)->rows(), 2U);
}

TEST_F(TableCsv, WithoutAHeaderColumnsAreNumbered) {
  const auto table = open("1.5,2,x\n2.5,3,y\n");
  EXPECT_EQ(table->rows(), 2U);
  EXPECT_EQ(table->shape().columns[2].name, "column_3");
  EXPECT_EQ(copy("1.5,2,x\n2.5,3,y\n"), "1.5,2,x\n2.5,3,y\n");
  TableRules rules;
  rules.header = false;
  EXPECT_EQ(open("a,b\nc,d\n", rules)->rows(), 2U);
  rules.header = true;
  EXPECT_EQ(open("1,2\n3,4\n", rules)->rows(), 1U);
}

TEST_F(TableCsv, AnAbandonedWriterLeavesNothing) {
  const auto table = open("a,b\n1,2\n");
  table->create(folder / "out.csv")->write(table->read(0, 1));
  EXPECT_EQ(folder.files(), std::vector<std::string>{"t.csv"});
}

TEST(CellNumber, KindsAndPlaces) {
  const auto expect = [](std::string_view text, CellKind kind, double value = 0, int places = 0) {
    const CellNumber cell = cell_number(text);
    EXPECT_EQ(cell.kind, kind) << text;
    EXPECT_EQ(cell.value, value) << text;
    EXPECT_EQ(cell.places, places) << text;
  };
  expect("0", CellKind::integer);
  expect("-0", CellKind::integer);
  expect("42 ", CellKind::integer, 42);
  expect("1234567890123456789", CellKind::integer, 1234567890123456789.0);
  expect("0.50", CellKind::decimal, 0.5, 2);
  expect("5.", CellKind::decimal, 5, 0);
  expect("-.5", CellKind::decimal, -0.5, 1);
  expect("1.5e-3", CellKind::decimal, 0.0015, 4);
  expect("1.25e+1", CellKind::decimal, 12.5, 1);
  expect("2E3", CellKind::decimal, 2000, 0);
  expect("1e-300", CellKind::decimal, 1e-300, 17);
  expect("-inf", CellKind::decimal, -INFINITY);
  for (const char* missing : {"", " ", "?", "NA", "na", "N/A", "NaN", "null"}) expect(missing, CellKind::missing);
  for (const char* text : {"007", "-01", "1,5", "1 2", "0x10", "1e", "e5", "-", "+", ".", "--1", "1.2.3", "nan1",
                           "1e999", "٣", "infinite"})
    expect(text, CellKind::text);
}

}  // namespace
}  // namespace leaven::io

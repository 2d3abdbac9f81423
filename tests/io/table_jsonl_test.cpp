// Tables as JSON Lines: kinds, digits, what is missing, and lines that nobody touched.
#include <gtest/gtest.h>

#include "io/table_file.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

class TableJsonl : public testing::Test {
 protected:
  std::unique_ptr<TableReader> open(const std::string& text, const TableRules& rules = {}) {
    folder.write("t.jsonl", text);
    return open_table(folder / "t.jsonl", rules);
  }
  std::string copy(const std::string& text) {
    const auto table = open(text);
    const auto writer = table->create(folder / "copy.jsonl");
    for (std::uint64_t first = 0; first < table->rows(); first += 3) writer->write(table->read(first, 3));
    writer->finish();
    return folder.read("copy.jsonl");
  }
  TempFolder folder;
};

TEST_F(TableJsonl, UntouchedLinesComeBackWithTheirDigits) {
  const std::string text =
      "{\"id\":9007199254740993,\"price\":2.50,\"zip\":\"01234\",\"ok\":true,\"tags\":[1,{\"a\":null}]}\n"
      "{\"id\":123456789012345678901,\"price\":null,\"zip\":\"99999\",\"ok\":false,\"tags\":[]}\n"
      "{\"id\":3,\"zip\":\"\\u00e9\\n\",\"ok\":true,\"tags\":\"none\"}\n";
  std::string plain = text;
  plain.replace(plain.find("\\u00e9"), 6, "\u00e9");
  EXPECT_EQ(copy(text), plain);
}

TEST_F(TableJsonl, KindsAndMissing) {
  const auto table = open("{\"n\":1,\"d\":1.25,\"digits\":\"12\",\"b\":true,\"gone\":null}\n\n{\"n\":2,\"digits\":\"7\",\"b\":false}\n");
  const Block block = table->read(0, 5);
  ASSERT_EQ(block.rows, 2U);
  EXPECT_EQ(block.columns[0].kind, ColumnKind::integer);
  EXPECT_EQ(block.columns[1].kind, ColumnKind::decimal);
  EXPECT_EQ(block.columns[1].null, (std::vector<std::uint8_t>{0, 1})) << "a key that the line has not";
  EXPECT_EQ(block.columns[2].type, Column::Type::text) << "a string is no number";
  EXPECT_EQ(block.columns[3].kind, ColumnKind::boolean);
  EXPECT_EQ(block.columns[4].null, (std::vector<std::uint8_t>{1, 1}));
  EXPECT_EQ(table->profiles()[1].missing, 1U);
}

TEST_F(TableJsonl, ChangedCellsAreWrittenAsJson) {
  const auto table = open("{\"d\":1.25,\"w\":\"a\"}\n{\"d\":2.5,\"w\":\"b\"}\n");
  Block block = table->read(0, 2);
  block.columns[0].number = {1.0 / 3, 7};
  block.columns[0].changed = {1, 1};
  block.columns[0].null = {0, 1};
  block.columns[1].text[1] = "say \"b\"";
  block.columns[1].changed[1] = 1;
  const auto writer = table->create(folder / "out.jsonl");
  writer->write(block);
  writer->finish();
  EXPECT_EQ(folder.read("out.jsonl"), "{\"d\":0.33,\"w\":\"a\"}\n{\"d\":null,\"w\":\"say \\\"b\\\"\"}\n");
}

TEST_F(TableJsonl, BadLinesAreSetAside) {
  TableRules rules;
  rules.kinds = {{"n", ColumnKind::decimal}};
  const auto table = open("{\"n\":1}\n[1]\n{\"n\":\n{\"n\":\"x\"}\n{\"n\":2}\n", rules);
  EXPECT_EQ(table->rows(), 2U);
  ASSERT_EQ(table->bad_rows().size(), 3U);
  EXPECT_EQ(table->bad_rows()[0].line, 2U);
  EXPECT_EQ(table->bad_rows()[0].reason, "the line is no JSON object");
  EXPECT_NE(table->bad_rows()[1].reason.find("the line is no JSON: "), std::string::npos);
  EXPECT_EQ(table->bad_rows()[2].reason, "n must be a number, got x");
  EXPECT_EQ(table->read(1, 1).columns[0].number[0], 2);
  EXPECT_THROW(open("\n\n"), Error);
}

TEST_F(TableJsonl, LinesThatAreNoRowSayWhatIsWrong) {
  const auto table = open("{\"n\":1}\n{\"n\": NaN}\n{\"n\":1,\"n\":2}\n{\"n\":-Infinity}\n");
  EXPECT_EQ(table->rows(), 1U);
  ASSERT_EQ(table->bad_rows().size(), 3U);
  EXPECT_EQ(table->bad_rows()[0].reason, "the line is no JSON: column 7 says NaN or Infinity, which JSON does not know (a missing value is null)");
  EXPECT_EQ(table->bad_rows()[1].reason, "key n stands twice in the line");
  EXPECT_NE(table->bad_rows()[2].reason.find("NaN or Infinity"), std::string::npos);
  try {
    open("[1]\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("t.jsonl:1: the line is no JSON object"), std::string::npos) << error.what();
  }
  folder.write("t.json", "[{\"a\": 1}]");
  EXPECT_THROW(open_table(folder / "t.json", {}), Error);
}

TEST_F(TableJsonl, CellsAreRepairedAndOthersAreSetAside) {
  TableRules rules;
  rules.kinds = {{"price", ColumnKind::decimal}, {"n", ColumnKind::integer}};
  const std::string text =
      "{\"price\":3.5,\"n\":1}\n{\"price\":\"$1,200.25\",\"n\":\"007\"}\n{\"price\":\"cheap\"}\n{\"price\":\"12 EUR\",\"n\":null}\n{\"price\":\"4.25\"}\n{\"price\":\"?\"}\n";
  EXPECT_EQ(open(text, rules)->rows(), 3U) << "without repair";
  rules.repair = true;
  const auto table = open(text, rules);
  ASSERT_EQ(table->rows(), 5U);
  ASSERT_EQ(table->bad_rows().size(), 1U);
  EXPECT_EQ(table->bad_rows()[0].line, 3U);
  EXPECT_EQ(table->bad_rows()[0].reason, "price must be a number, got cheap");
  const Block block = table->read(0, 10);
  EXPECT_EQ(block.columns[0].number, (std::vector<double>{3.5, 1200.25, 12, 4.25, 0}));
  EXPECT_EQ(block.columns[0].null[4], 1);
  EXPECT_EQ(block.columns[1].number[1], 7);
  EXPECT_EQ(table->profiles()[0].repaired.cells, 2U);
  EXPECT_EQ(table->profiles()[0].repaired.line, 2U);
  EXPECT_EQ(table->profiles()[0].repaired.first, "$1,200.25");
  EXPECT_EQ(table->profiles()[0].places, 2);
  const auto writer = table->create(folder / "out.jsonl");
  writer->write(block);
  writer->finish();
  EXPECT_EQ(folder.read("out.jsonl"),
            "{\"price\":3.5,\"n\":1}\n{\"price\":1200.25,\"n\":7}\n{\"price\":12.00,\"n\":null}\n{\"price\":\"4.25\"}\n{\"price\":\"?\"}\n")
      << "numbers where they were repaired, and all else as it stood";
}

TEST_F(TableJsonl, AnyRowCanBeRead) {
  std::string text;
  for (int i = 0; i < 9000; ++i) text += "{\"i\":" + std::to_string(i) + "}\n";
  const auto table = open(text);
  for (const std::uint64_t first : {0U, 4095U, 4096U, 8999U}) EXPECT_EQ(table->read(first, 1).columns[0].number[0], static_cast<double>(first));
}

}  // namespace
}  // namespace leaven::io

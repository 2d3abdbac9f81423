// Cells that people wrote, as numbers; and a table of them.
#include "io/repaired_number.hpp"

#include <gtest/gtest.h>

#include "io/table_file.hpp"
#include "tests/io/dataset_fixture.hpp"

namespace leaven::io {
namespace {

std::string number(std::string_view text, Comma comma = Comma::groups, char mark = '.') { return repaired_number(text, comma, mark); }

TEST(RepairedNumber, CurrenciesUnitsAndSigns) {
  EXPECT_EQ(number("$1,200.50"), "1200.50");
  EXPECT_EQ(number(" 12 kg "), "12");
  EXPECT_EQ(number("EUR 5"), "5");
  EXPECT_EQ(number("\xE2\x82\xAC\xC2\xA0" "1 200"), "1200");
  EXPECT_EQ(number("12 %"), "12");
  EXPECT_EQ(number("(35.5)"), "-35.5");
  EXPECT_EQ(number("\xE2\x88\x92" "5"), "-5");
  EXPECT_EQ(number("-$5"), "-5");
  EXPECT_EQ(number("300-"), "-300");
  EXPECT_EQ(number("1200.-"), "1200") << "no cents";
  EXPECT_EQ(number("007"), "7");
  EXPECT_EQ(number("000"), "0");
  EXPECT_EQ(number(".5 l"), "0.5");
}

TEST(RepairedNumber, GroupsAndDecimals) {
  EXPECT_EQ(number("1,234,567"), "1234567");
  EXPECT_EQ(number("1.234.567"), "1234567");
  EXPECT_EQ(number("1.234,5"), "1234.5") << "the last is the decimal mark";
  EXPECT_EQ(number("1'234.5"), "1234.5");
  EXPECT_EQ(number("1,5"), "") << "no group, and a comma is no decimal mark here";
  EXPECT_EQ(number("1,5 kg", Comma::may_be_decimal), "1.5");
  EXPECT_EQ(number("1,500 kg", Comma::may_be_decimal), "1500");
  EXPECT_EQ(number("1,500 kg", Comma::decimal, ','), "1,500");
  EXPECT_EQ(number("1.500 kg", Comma::decimal, ','), "1500");
  EXPECT_EQ(number("1.5 kg"), "1.5");
}

TEST(RepairedNumber, WhatIsNoNumberStaysNone) {
  for (const char* text : {"", "kg", "12/5", "2024-01-31", "12:30", "49 30 1234", "1,23,456", "1.2.3", "5 to 7", "-(5)", "--5", "12345 and many words behind", "1e5 kg"})
    EXPECT_EQ(number(text), "") << text;
}

TEST(RepairedTable, CellsBecomeNumbersAndOthersAreSetAside) {
  const TempFolder in;
  in.write("t.csv", "name,price\na,3.5\nb,\"$1,200.25\"\nc,cheap\nd,12 EUR\ne,\nf,007\n");
  TableRules rules;
  rules.kinds["price"] = ColumnKind::decimal;
  const auto raw = open_table(in / "t.csv", rules);
  EXPECT_EQ(raw->rows(), 2U) << "without repair";
  rules.repair = true;
  const auto table = open_table(in / "t.csv", rules);
  ASSERT_EQ(table->rows(), 5U);
  ASSERT_EQ(table->bad_rows().size(), 1U);
  EXPECT_EQ(table->bad_rows()[0].line, 4U);
  const Column price = table->read(0, 10).columns[1];
  EXPECT_EQ(price.number, (std::vector<double>{3.5, 1200.25, 12, 0, 7}));
  std::vector<std::string> texts;
  for (std::size_t r = 0; r < 5; ++r) texts.push_back(cell_text(price, r));
  EXPECT_EQ(texts, (std::vector<std::string>{"3.5", "1200.25", "12.00", "", "7.00"}));
  EXPECT_EQ(price.null[3], 1);
  EXPECT_EQ(price.quoted[1], 0) << "a number needs no quotes";
  EXPECT_EQ(table->profiles()[1].repaired.cells, 3U);
  EXPECT_EQ(table->profiles()[1].repaired.line, 3U);
  EXPECT_EQ(table->profiles()[1].lowest, 3.5);
}

}  // namespace
}  // namespace leaven::io

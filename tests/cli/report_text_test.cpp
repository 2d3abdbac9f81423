#include "flow/report_text.hpp"

#include <gtest/gtest.h>

namespace leaven::flow {
namespace {

TEST(CountText, GroupsThousands) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1,000");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(18446744073709551615ULL), "18,446,744,073,709,551,615");
  EXPECT_EQ(count_text(1, "copy", "copies"), "1 copy");
  EXPECT_EQ(count_text(1200, "copy", "copies"), "1,200 copies");
}

TEST(BytesText, KeepsTwoOrThreeDigits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.0 kB");
  EXPECT_EQ(bytes_text(999'600), "1.0 MB");
  EXPECT_EQ(bytes_text(123'400'000), "123 MB");
  EXPECT_EQ(bytes_text(2.5e15), "2500 TB");
}

TEST(DurationText, UsesTheUnitsOfPeople) {
  EXPECT_EQ(duration_text(0.04), "0.0 s");
  EXPECT_EQ(duration_text(9.9), "9.9 s");
  EXPECT_EQ(duration_text(9.97), "10 s");
  EXPECT_EQ(duration_text(59.6), "1 min 00 s");
  EXPECT_EQ(duration_text(250), "4 min 10 s");
  EXPECT_EQ(duration_text(7380), "2 h 03 min");
}

TEST(RateText, IsWholeWhenItIsLarge) {
  EXPECT_EQ(rate_text(9, 2), "4.5");
  EXPECT_EQ(rate_text(345'040, 10), "34,504");
  EXPECT_EQ(rate_text(5, 0), "0.0");
}

TEST(NumberText, KeepsWhatARangeNeeds) {
  EXPECT_EQ(number_text(0.0027, 0.117), "0.003");
  EXPECT_EQ(number_text(-11.7432, 23.5), "-11.7");
  EXPECT_EQ(number_text(5, 0), "5");
  EXPECT_EQ(unit_suffix("degrees"), "°");
  EXPECT_EQ(unit_suffix("px"), " px");
  EXPECT_EQ(unit_suffix("factor"), "");
}

TEST(NumberText, KeepsThreeDigitsThatMatter) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(0.0213456), "0.0213");
  EXPECT_EQ(number_text(-4.5), "-4.5");
  EXPECT_EQ(number_text(1.0499), "1.05");
  EXPECT_EQ(number_text(12.34), "12.3");
  EXPECT_EQ(number_text(1279.6), "1280");
  EXPECT_EQ(number_text(3e-7), "3.00e-07");
}

TEST(ShellQuoted, SurvivesAShell) {
  EXPECT_EQ(shell_quoted("photos/cat-1.jpg"), "photos/cat-1.jpg");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("my photos"), "'my photos'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("$(rm)"), "'$(rm)'");
}

TEST(SetAsideText, NamesKindsForPeople) {
  EXPECT_EQ(set_aside_text("duplicate", 2), "byte-identical duplicates");
  EXPECT_EQ(set_aside_text("duplicate", 1), "byte-identical duplicate");
  EXPECT_EQ(set_aside_text("something_new", 2), "something_new");
}

}  // namespace
}  // namespace leaven::flow

#include "core/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace leaven {
namespace {

// Lengths and limits from the table in section 4 of RFC 3629.
TEST(Utf8, LengthsAtTheLimitsOfEachForm) {
  EXPECT_EQ(utf8_length(std::string_view("\0", 1)), 1U);
  EXPECT_EQ(utf8_length("\x7F"), 1U);
  EXPECT_EQ(utf8_length("\xC2\x80"), 2U);
  EXPECT_EQ(utf8_length("\xDF\xBF"), 2U);
  EXPECT_EQ(utf8_length("\xE0\xA0\x80"), 3U);
  EXPECT_EQ(utf8_length("\xED\x9F\xBF"), 3U);
  EXPECT_EQ(utf8_length("\xEF\xBF\xBF"), 3U);
  EXPECT_EQ(utf8_length("\xF0\x90\x80\x80"), 4U);
  EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 4U);
}

TEST(Utf8, WhatIsNoCharacter) {
  for (const char* bytes :
       {"", "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "\xE2\x82("})
    EXPECT_EQ(utf8_length(bytes), 0U) << testing::PrintToString(std::string(bytes));
}

TEST(Utf8, WholeTexts) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("na\xC3\xAFve \xF0\x9F\x90\x88"));
  EXPECT_FALSE(is_utf8("na\xEFve"));
  EXPECT_FALSE(is_utf8("cut \xC3"));
}

}  // namespace
}  // namespace leaven

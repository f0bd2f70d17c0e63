// SPDX-License-Identifier: Apache-2.0
#include "sim/base/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/text.h"

namespace chipcast {
namespace {

using testing::HasSubstr;

const std::vector<std::string> kWords{"rows", "columns", "clock", "MHz", "s", "ms"};

TEST(ClosestMatch, FindsTypingMistakes) {
  EXPECT_EQ(closest_match("row", kWords), "rows");
  EXPECT_EQ(closest_match("colums", kWords), "columns");
  EXPECT_EQ(closest_match("CLOCK", kWords), "clock");
  EXPECT_EQ(closest_match("mhz", kWords), "MHz");
  EXPECT_EQ(closest_match("S", kWords), "s");
}

TEST(ClosestMatch, DoesNotGuessWildly) {
  EXPECT_EQ(closest_match("banana", kWords), "");
  EXPECT_EQ(closest_match("m", {"s"}), "") << "one letter for another is no typing mistake";
  EXPECT_EQ(closest_match("m", kWords), "ms");
  EXPECT_EQ(closest_match("", kWords), "");
  EXPECT_EQ(closest_match("x", {}), "");
  EXPECT_EQ(closest_match(std::string(100'000, 'r'), kWords), "") << "a long word is not compared at all";
}

TEST(Suggestion, NamesTheMatchOrTheChoices) {
  EXPECT_EQ(suggestion("row", kWords), " (did you mean \"rows\"?)");
  EXPECT_EQ(suggestion("banana", {"a", "b"}), " (known: a, b)");
  EXPECT_EQ(suggestion("banana", {}), "");
}

TEST(InQuotes, StaysOnOneShortLine) {
  EXPECT_EQ(in_quotes("abc"), "\"abc\"");
  EXPECT_EQ(in_quotes(""), "\"\"");
  EXPECT_EQ(in_quotes(std::string("a\nb\r\tc\x7f") + std::string(1, '\0')), "\"a?b??c??\"");
  EXPECT_EQ(in_quotes(std::string(80, 'x')), std::string("\"") + std::string(80, 'x') + "\"");
  EXPECT_EQ(in_quotes(std::string(81, 'x')), std::string("\"") + std::string(80, 'x') + "...\"");
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable("aé", 3), "aé");
  EXPECT_EQ(printable("aé", 2), "a...");
  EXPECT_EQ(printable("\U0001F600", 3), "...");
  EXPECT_EQ(printable("", 0), "");
}

TEST(Printable, ReplacesWhatWouldBreakALineOrADecoder) {
  EXPECT_EQ(printable("naïve 日本 \U0001F600"), "naïve 日本 \U0001F600");
  EXPECT_EQ(printable("a\xFF z\x80"), "a? z?");
  EXPECT_EQ(printable("\xC0\xAF"), "??") << "overlong";
  EXPECT_EQ(printable("\xED\xA0\x80"), "???") << "surrogate";
  EXPECT_EQ(printable("\xF4\x90\x80\x80"), "????") << "beyond Unicode";
  EXPECT_EQ(printable("\xE2\x82"), "??") << "cut off";
  EXPECT_EQ(printable("a\u0085b\u2028c\u2029d\u202Ee\u2066"), "a?b?c?d?e?");
}

TEST(InputError, IsOneLineWithItsPlace) {
  const InputError error("npu.\nrows", "0 is\n outside\xFF");
  EXPECT_STREQ(error.what(), "npu.?rows: 0 is? outside?");
  EXPECT_EQ(error.place(), "npu.?rows");
  EXPECT_EQ(error.message(), "0 is? outside?");
  EXPECT_STREQ(InputError("", "text").what(), "text");
}

TEST(Assert, NamesConditionAndPlace) {
  EXPECT_NO_THROW(CHIPCAST_ASSERT(1 + 1 == 2));
  try {
    CHIPCAST_ASSERT(1 + 1 == 3);
    FAIL();
  } catch (const InvariantError& e) {
    EXPECT_THAT(e.what(), HasSubstr("1 + 1 == 3"));
    EXPECT_THAT(e.what(), HasSubstr("check_test.cpp:"));
  }
}

}  // namespace
}  // namespace chipcast

#include "checker/report/layout.h"

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

TEST(Layout, GroupsDigits) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Layout, CountsWithNouns) {
  EXPECT_EQ(counted(1, "step"), "1 step");
  EXPECT_EQ(counted(0, "step"), "0 steps");
  EXPECT_EQ(counted(12345, "distinct state"), "12,345 distinct states");
}

TEST(Layout, MeasuresCodePointsNotBytes) {
  EXPECT_EQ(columns("a → b"), 5u);
  EXPECT_EQ(padded("→", 3), "→  ");
  EXPECT_EQ(padded("long", 2), "long");
}

TEST(Layout, WrapsAtBlanksAndKeepsLongWords) {
  EXPECT_EQ(wrapped("one two three", 2, 9), "  one two\n  three\n");
  EXPECT_EQ(wrapped("incomprehensible x", 0, 5), "incomprehensible\nx\n");
  EXPECT_EQ(wrapped("a\nb", 1, 20), " a\n b\n");
  EXPECT_EQ(wrapped("", 2, 20), "");
}

TEST(Layout, SaysTimesAndSizesForPeople) {
  using namespace std::chrono_literals;
  EXPECT_EQ(duration_text(31ms), "0.03 s");
  EXPECT_EQ(duration_text(12400ms), "12.4 s");
  EXPECT_EQ(duration_text(200s), "3 min 20 s");
  EXPECT_EQ(memory_text(1024), "1 KiB");
  EXPECT_EQ(memory_text(3u << 20), "3.0 MiB");
  EXPECT_EQ(memory_text(std::uint64_t{5} << 30), "5.0 GiB");
}

TEST(Layout, ColoursOnlyWhenAsked) {
  EXPECT_EQ(inked("x", Ink::Bad, false), "x");
  EXPECT_EQ(inked("x", Ink::Bad, true), "\x1b[1;31mx\x1b[0m");
  EXPECT_EQ(inked("x", Ink::Plain, true), "x");
  EXPECT_EQ(inked("", Ink::Bad, true), "");
}

}  // namespace
}  // namespace quiesce::checker

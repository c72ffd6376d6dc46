#include "cli/amounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::Optional;

TEST(Amounts, TimesCountSecondsUnlessTheySayOtherwise) {
  EXPECT_THAT(parse_duration("10"), Optional(10s));
  EXPECT_THAT(parse_duration("10s"), Optional(10s));
  EXPECT_THAT(parse_duration("0s"), Optional(0s));
  EXPECT_THAT(parse_duration("1.5m"), Optional(90s));
  EXPECT_THAT(parse_duration("500ms"), Optional(500ms));
  EXPECT_THAT(parse_duration("2 h"), Optional(2h));
}

TEST(Amounts, WhatIsNoTimeIsRefused) {
  for (const char* text : {"", "s", "soon", "-1s", "10x", "1s2", "inf", "nan", "1e300h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Amounts, MemoryKnowsBothKindsOfPrefixes) {
  EXPECT_THAT(parse_memory("2GiB"), Optional(std::uint64_t{2} << 30));
  EXPECT_THAT(parse_memory("2g"), Optional(std::uint64_t{2} << 30));
  EXPECT_THAT(parse_memory("500MB"), Optional(std::uint64_t{500'000'000}));
  EXPECT_THAT(parse_memory("64k"), Optional(std::uint64_t{65536}));
  EXPECT_THAT(parse_memory("100"), Optional(std::uint64_t{100}));
  EXPECT_THAT(parse_memory("1.5 KiB"), Optional(std::uint64_t{1536}));
}

TEST(Amounts, WhatIsNoMemoryIsRefused) {
  for (const char* text : {"", "lots", "-1", "1x", "1mm", "1KiBs", "1e300"})
    EXPECT_EQ(parse_memory(text), std::nullopt) << text;
}

TEST(Amounts, CountsAreWholeNumbers) {
  EXPECT_THAT(parse_count("5000"), Optional(std::uint64_t{5000}));
  EXPECT_THAT(parse_count("10M"), Optional(std::uint64_t{10'000'000}));
  EXPECT_THAT(parse_count("1e6"), Optional(std::uint64_t{1'000'000}));
  EXPECT_THAT(parse_count("1.5k"), Optional(std::uint64_t{1500}));
  for (const char* text : {"", "1.5", "many", "-3", "0x10"}) EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

}  // namespace
}  // namespace quiesce::cli

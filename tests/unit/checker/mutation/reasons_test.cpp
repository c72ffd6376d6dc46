// The file of reasons: what it may say, what is wrong with it, and which mutants an entry is for.
#include "checker/mutation/reasons.h"

#include <string>

#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

TEST(Reasons, AreReadEntryByEntry) {
  const auto reasons = parse_reasons(R"(# About a module.
m.n F.f
  was      a  && b
  now      b
  because  first line
           second line

m.n g equivalent
  was a
  now !a
  because it is never asked
)");
  ASSERT_TRUE(reasons) << reasons.error();
  ASSERT_EQ(reasons->size(), 2u);
  EXPECT_EQ((*reasons)[0].because, "first line second line");
  EXPECT_FALSE((*reasons)[0].equivalent);
  EXPECT_TRUE((*reasons)[1].equivalent);
  EXPECT_EQ((*reasons)[1].line, 8u);
  Mutant mutant;
  mutant.module = "m.n";
  mutant.place = "F.f";
  mutant.was = "a && b";
  mutant.now = "b";
  EXPECT_TRUE((*reasons)[0].fits(mutant));
  mutant.now = "a";
  EXPECT_FALSE((*reasons)[0].fits(mutant));
}

TEST(Reasons, ThatAreMalformedAreRefusedWithTheirLine) {
  EXPECT_EQ(parse_reasons("m.n f\n  was a\n  now b\n").error(), "line 1: the entry of 'f' says no 'because'");
  EXPECT_EQ(parse_reasons("  was a\n").error(), "line 1: expected 'was', 'now' or 'because'");
  EXPECT_EQ(parse_reasons("m.n f perhaps\n").error(), "line 1: expected 'MODULE PLACE' or 'MODULE PLACE equivalent'");
}

TEST(Reasons, EndWhereALineStandsAtTheMargin) {
  EXPECT_FALSE(parse_reasons("m f\n  was a\n  now !a\n  because\nbecause of something\n"));
  EXPECT_TRUE(parse_reasons("m f\n  was a\n  now !a\n  because\n    something\n"));
}

}  // namespace
}  // namespace quiesce::checker

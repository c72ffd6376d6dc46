// Changes of texts, and their differences as others apply them.
#include "checker/mend/edit.h"

#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/mend/library_calls.h"
#include "checker/mend/patch.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Edit, MakesReplacementsInTheOrderOfTheText) {
  EXPECT_EQ(edited("abcdef", {{4, 5, "X"}, {1, 2, ""}, {6, 6, "!"}}), "acdXf!");
  EXPECT_EQ(edited("ab", {{1, 1, "first "}, {1, 2, "second"}}), "afirst second");
  EXPECT_EQ(edited("ab", {}), "ab");
}

TEST(Edit, KeepsCanonicalLayoutWhereItWas) {
  const std::string canonical = "module m\n\nsystem S() {\n  thread t { pass }\n}\n";
  const auto at = [](const std::string& text) { return static_cast<std::uint32_t>(text.find("pass")); };
  EXPECT_EQ(Editor(canonical).apply({{at(canonical), at(canonical), "pass; "}}),
            "module m\n\nsystem S() {\n  thread t {\n    pass\n    pass\n  }\n}\n");
  const std::string other = "module m\nsystem S() {   thread t { pass } }\n";
  EXPECT_EQ(Editor(other).apply({{at(other), at(other), "pass; "}}),
            "module m\nsystem S() {   thread t { pass; pass } }\n");
}

TEST(Patch, HasLinesAroundEachChange) {
  const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n";
  const std::string after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\nnew\n14\n15\n";
  EXPECT_EQ(unified_diff("d/f.qsm", before, after), R"(--- a/d/f.qsm
+++ b/d/f.qsm
@@ -2,7 +2,7 @@
 2
 3
 4
-5
+five
 6
 7
 8
@@ -11,5 +11,6 @@
 11
 12
 13
+new
 14
 15
)");
}

TEST(Patch, JoinsChangesThatAreNear) {
  const std::string before = "1\n2\n3\n4\n5\n";
  EXPECT_EQ(unified_diff("f", before, "2\n3\n4\nfive\n"),
            "--- a/f\n+++ b/f\n@@ -1,5 +1,4 @@\n-1\n 2\n 3\n 4\n-5\n+five\n");
  EXPECT_EQ(unified_diff("f", before, before), "");
  EXPECT_EQ(unified_diff("/d/f", "", "a\n"), "--- a/d/f\n+++ b/d/f\n@@ -0,0 +1,1 @@\n+a\n");
  EXPECT_EQ(unified_diff("f", "", "a\n"), "--- a/f\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n");
}

TEST(Patch, CountsLines) {
  const auto changes = line_changes("a\nb\nc\n", "b\nc\na\n");
  ASSERT_THAT(changes, SizeIs(2));
  EXPECT_EQ(changes[0].first, 0u);
  EXPECT_EQ(changes[0].removed, 1u);
  EXPECT_EQ(changes[1].first, 3u);
  EXPECT_THAT(changes[1].added, ElementsAre("a"));
  EXPECT_EQ(changed_lines(changes), 2u);
}

TEST(LibraryCalls, FirstSentences) {
  EXPECT_EQ(first_sentence("Takes the lock. Raises."), "Takes the lock");
  EXPECT_EQ(first_sentence("Version 2.5 of it,\nin short.\n\nMore."), "Version 2.5 of it, in short");
  EXPECT_EQ(first_sentence(""), "");
}

TEST(LibraryCalls, ThatTakeBackWhatTheOneBeforeDid) {
  EXPECT_TRUE(takes_back("hw.enable()", "hw.disable()"));
  EXPECT_TRUE(takes_back("wdm.IoConnectInterruptEx(intr)", "wdm.IoDisconnectInterruptEx(intr, version)"));
  EXPECT_TRUE(takes_back("wdm.KeSetTimer(timer, dpc)", "wdm.KeCancelTimer(timer)"));
  EXPECT_FALSE(takes_back("wdm.KeSetTimer(timer)", "wdm.KeCancelTimer(other)"));
  EXPECT_FALSE(takes_back("hw.disable()", "hw.enable()"));
  EXPECT_FALSE(takes_back("first.enable()", "second.disable()"));
  EXPECT_FALSE(takes_back("", "hw.disable()"));
}

}  // namespace
}  // namespace quiesce::checker

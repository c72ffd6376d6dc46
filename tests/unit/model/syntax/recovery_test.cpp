// After a mistake the parser goes on: each mistake of a text has its finding, and none has two.
#include <gtest/gtest.h>

#include "tests/unit/model/syntax/support.h"

namespace quiesce::model::syntax {
namespace {

TEST(Recovery, ThreeMistakesInStatements) {
  const Parsed parsed("fn f() {\n  x = \n  y++\n  z = 1\n  if a = b { pass }\n  u = 2\n}\nfn g() { pass }\n");
  EXPECT_EQ(parsed.codes(), "E0105 E0106") << parsed.findings();  // 'x = y' goes on in the next line
  const Parsed three("fn f() {\n  x = )\n  y++\n  z = 1\n  if a = b { pass }\n  u = 2\n}\nfn g() { pass }\n");
  EXPECT_EQ(three.codes(), "E0100 E0105 E0106") << three.findings();
  EXPECT_EQ(three.printed(), "(fn f () {(= z 1) (= u 2)})\n(fn g () {(pass)})\n");
}

TEST(Recovery, ThreeMistakesInMembers) {
  const Parsed parsed(
      "machine M {\n  a: \n  }\nmachine N {\n  int b\n  c: bool\n  acton d { pass }\n  e: set<bool\n  f: bool\n}\n");
  EXPECT_EQ(parsed.codes(), "E0100 E0108 E0101 E0100") << parsed.findings();
  EXPECT_EQ(parsed.printed(), "(machine M ())\n(machine N () \n  (variable c bool)\n  (variable f bool))\n");
}

TEST(Recovery, ThreeMistakesInDeclarations) {
  const Parsed parsed("sytem S { cpus 2 }\nconst a\nconst b = 1\nenum E { x = 1 }\nenum F { y }\n");
  EXPECT_EQ(parsed.codes(), "E0101 E0100 E0100") << parsed.findings();
  EXPECT_EQ(parsed.printed(), "(const b 1)\n(enum F y)\n");
}

TEST(Recovery, BodyBehindABadHeaderIsRead) {
  EXPECT_EQ(Parsed("machine M(int x) {\n  a: bool\n  b = 3\n}\n").codes(), "E0108 E0100");
  EXPECT_EQ(Parsed("fn f() {\n  if a = b {\n    i++\n  }\n  while (c {\n    j--\n  }\n}\n").codes(),
            "E0106 E0105 E0100 E0105");
  EXPECT_EQ(Parsed("machine M {\n  handler h at 5 wen x {\n    i++\n  }\n}\n").codes(), "E0100 E0105");
}

TEST(Recovery, MissingBraceIsOneFinding) {
  const Parsed block("machine M {\n  fn f() {\n    if a {\n      pass\n  }\n  fn g() { pass }\n}\nmachine N { }\n");
  EXPECT_EQ(block.codes(), "E0102") << block.findings();
  const Parsed machine("machine M {\n  a: bool\n\nmachine N {\n  b: bool\n}\n");
  EXPECT_EQ(machine.codes(), "E0102") << machine.findings();
  EXPECT_EQ(Parsed("machine M {\n  fn f() {\n    if a {\n").codes(), "E0102");
}

TEST(Recovery, SurplusBraceIsOneFinding) {
  EXPECT_EQ(
      Parsed("machine M {\n  fn f() {\n    pass\n  }\n  }\n  a: bool\n  action b { pass }\n}\nmachine N { }\n").codes(),
      "E0114");
}

TEST(Recovery, BadSetDoesNotEndTheBlock) {
  const Parsed parsed("fn f() {\n  x = {A, +}\n  y = 1\n}\n");
  EXPECT_EQ(parsed.codes(), "E0100");
  EXPECT_EQ(parsed.printed(), "(fn f () {(= y 1)})\n");
}

TEST(Recovery, BadTokensAreReportedOnce) {
  EXPECT_EQ(Parsed("fn f() {\n  x = @\n  y = ~a\n  z = 0x1G\n}\n").codes(), "E0001 E0001 E0005");
}

TEST(Recovery, AMonitorInsideAMachineIsSkippedWhole) {
  const Parsed parsed(
      "machine M {\n  ltl p: always (a =>\n    eventually b)\n  c: bool\n  q: !a leads_to b\n  monitor W {\n    on f { "
      "x }\n  }\n"
      "  terminates t\n  d: bool\n}\n");
  EXPECT_EQ(parsed.codes(), "E0114") << parsed.findings();
  EXPECT_EQ(parsed.printed(),
            "(machine M () \n  (ltl p: (always (=> a (eventually b))))\n  (variable c bool)\n"
            "  (ltl q: (leads_to (! a) b))\n  (terminates t)\n  (variable d bool))\n");
}

TEST(Recovery, DeepNestingIsRefused) {
  for (const char* piece : {"(", "!", "a + (", "{", "f(", "a ? ", "a[", "forall x: T: "}) {
    std::string text = "const c = ";
    for (int i = 0; i < 20000; ++i) text += piece;
    EXPECT_EQ(Parsed(text).codes(), "E0110") << piece;
  }
  for (const char* piece : {"atomic {", "if a { } else ", "a: if b {", "either { } or {"}) {
    std::string text = "fn f() {";
    for (int i = 0; i < 20000; ++i) text += piece;
    EXPECT_EQ(Parsed(text).codes(), "E0110") << piece;
  }
  std::string text = "machine M { ";
  for (int i = 0; i < 20000; ++i) text += "if a { ";
  EXPECT_EQ(Parsed(text).codes(), "E0110");
  text = "machine M { a: ";
  for (int i = 0; i < 20000; ++i) text += "set<";
  EXPECT_EQ(Parsed(text).codes(), "E0110");
  text = "const c = a";
  for (int i = 0; i < 20000; ++i) text += " + a";
  EXPECT_EQ(Parsed(text).codes(), "E0110");
}

TEST(Recovery, NestingOfPeopleIsAccepted) {
  std::string text = "const c = ";
  for (int i = 0; i < 100; ++i) text += "(a + ";
  text += "a" + std::string(100, ')');
  EXPECT_EQ(Parsed(text).codes(), "");
}

TEST(Recovery, GivesUpAfterAHundredErrors) {
  std::string text = "fn f() {\n";
  for (int i = 0; i < 1000; ++i) text += "  i++\n";
  const Parsed parsed(text + "}\n");
  EXPECT_EQ(parsed.diagnostics.error_count(), 101u);
  EXPECT_EQ(parsed.diagnostics.sorted().back().code, "E0120");
}

}  // namespace
}  // namespace quiesce::model::syntax

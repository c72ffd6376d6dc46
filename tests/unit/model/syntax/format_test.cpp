#include "model/syntax/format.h"

#include <gtest/gtest.h>

#include "tests/unit/model/syntax/support.h"

namespace quiesce::model::syntax {
namespace {

/// The canonical text of `text`, after checking that it is canonical and means the same.
std::string formatted(const std::string& text) {
  const Parsed before(text);
  EXPECT_TRUE(before.ok()) << before.findings();
  const std::string result = before.formatted();
  const Parsed after(result);
  EXPECT_TRUE(after.ok()) << result << after.findings();
  EXPECT_EQ(after.printed(), before.printed()) << result;
  EXPECT_EQ(after.tree->comments.size(), before.tree->comments.size()) << result;
  EXPECT_EQ(after.formatted(), result);
  return result;
}

TEST(Format, OperationsOnBits) {
  const std::string text = "module m\nconst c = a >> 2 & 0x1F | b << 1 ^ d\n";
  EXPECT_EQ(formatted("module m\nconst c=a>>2&0x1F|b<<1^d"), text);
}

TEST(Format, OneItemALine) {
  EXPECT_EQ(formatted("module  a use b machine M(x:bool=true){a:int 0 .. 3=1;b : set< bool >={}\nfn f(){x=1 y=-2}}"),
            "module a\nuse b\nmachine M(x: bool = true) {\n  a: int 0..3 = 1\n  b: set<bool> = {}\n  fn f() { x = 1  y "
            "= -2 }\n}\n");
}

TEST(Format, BlocksOfOneLineStayThere) {
  EXPECT_EQ(
      formatted(
          "fn f() {\n if a { return } else { pass }\n at D { with l { x = 1 } }\n loop {\n pass }\n atomic {\n }\n}"),
      "fn f() {\n  if a { return } else { pass }\n  at D { with l { x = 1 } }\n  loop {\n    pass\n  }\n  atomic "
      "{}\n}\n");
  EXPECT_EQ(formatted("fn f() {\n  if a { return; x = 1 }\n}"), "fn f() {\n  if a {\n    return\n    x = 1\n  }\n}\n");
}

TEST(Format, BranchesOfEitherHaveLinesOfTheirOwn) {
  EXPECT_EQ(formatted("fn f() {\n either { pass } or { a = 1\n b = 2 }\n}"),
            "fn f() {\n  either { pass }\n  or {\n    a = 1\n    b = 2\n  }\n}\n");
  EXPECT_EQ(formatted("fn f() {\n either { pass } or { a = 1 }\n}"), "fn f() {\n  either { pass } or { a = 1 }\n}\n");
}

TEST(Format, BlankLinesAreKeptOnce) {
  EXPECT_EQ(formatted("\n\nconst a = 1\n\n\n\nconst b = 2\nmachine M {\n\n  a: bool\n\n\n  b: bool\n\n}\n\n\n"),
            "const a = 1\n\nconst b = 2\nmachine M {\n  a: bool\n\n  b: bool\n}\n");
}

TEST(Format, CommentsStayWhereTheyAre) {
  EXPECT_EQ(formatted("// top\n\nmachine M { // header\n// first\n  a: bool // a\n  bcd: bool // b\n  // last\n}// "
                      "end\n/* x */ const c = /* y */ 1"),
            "// top\n\nmachine M {  // header\n  // first\n  a: bool    // a\n  bcd: bool  // b\n  // last\n}  // "
            "end\n/* x */\nconst c = /* y */ 1\n");
  EXPECT_EQ(formatted("const c = a && // why\n b"), "const c = a &&  // why\n    b\n");
}

TEST(Format, LongLinesAreBrokenOutsideFirst) {
  EXPECT_EQ(formatted("fn function_with_a_long_name(first_parameter: bool, second_parameter: int 0..3, "
                      "third_parameter: bool) -> bool { pass }"),
            "fn function_with_a_long_name(first_parameter: bool, second_parameter: int 0..3,\n"
            "      third_parameter: bool) -> bool {\n  pass\n}\n");
  EXPECT_EQ(formatted("const c = aaaaaaaaaaaaaaaaaaaaaaaaaaa && (bbbbbbbbbbbbbbbbbbbbbbbbbb || "
                      "ccccccccccccccccccccccccc) && ddddddddddddd"),
            "const c =\n    aaaaaaaaaaaaaaaaaaaaaaaaaaa && (bbbbbbbbbbbbbbbbbbbbbbbbbb || ccccccccccccccccccccccccc) "
            "&&\n    ddddddddddddd\n");
}

TEST(Format, RulesAreAligned) {
  EXPECT_EQ(formatted("rule a.b { title \"t\" severity error because \"b\" cite \"c\",\"d\" }"),
            "rule a.b {\n  title    \"t\"\n  severity error\n  because  \"b\"\n  cite     \"c\", \"d\"\n}\n");
}

TEST(Format, ExpectKeepsItsLine) {
  EXPECT_EQ(formatted("check S expect holds\ncheck S\nexpect violated a.b , ..."),
            "check S expect holds\ncheck S\n  expect violated a.b, ...\n");
}

TEST(Format, SpacesTellOperatorsFromBrackets) {
  EXPECT_EQ(formatted("machine M {a:array<set<bool>,4>? fn f(g:fn()->bool)->T?=a<b&&-c>-d&&!(e in{A,B})||x in 0..3}"),
            "machine M {\n  a: array<set<bool>, 4>?\n  fn f(g: fn() -> bool) -> T? = a < b && -c > -d && !(e in {A, "
            "B}) || x in 0..3\n}\n");
}

TEST(Format, ATextWithErrorsIsLeftAlone) {
  const std::string text = "machine   M {";
  EXPECT_EQ(Parsed(text).formatted(), text);
}

TEST(Format, EmptyTexts) {
  EXPECT_EQ(formatted(""), "");
  EXPECT_EQ(formatted("\n\n"), "");
  EXPECT_EQ(formatted("// only a comment"), "// only a comment\n");
}

// Every design of the repository that parses keeps its tree, and formatting twice is formatting once.
TEST(Format, AllDesigns) {
  for (const std::filesystem::path& path : all_designs()) {
    const Parsed parsed(read_text(path));
    if (!parsed.ok()) continue;  // tests/language/rejected/
    SCOPED_TRACE(path.string());
    formatted(read_text(path));
  }
}

}  // namespace
}  // namespace quiesce::model::syntax

// No text takes work exponential in its length: each kind of generated design is either checked, or refused with a code
// and a sentence, at once. A test that fails by taking minutes fails by its time limit.
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;

std::string number(int n) { return std::to_string(n); }

/// `part(0)`, `part(1)`, ... with `between` them.
std::string repeat(int count, const std::string& between, const std::function<std::string(int)>& part) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : between) + part(i);
  return text;
}

/// Loads and checks every cell; the diagnostics, empty when there are none.
std::string outcome(const std::string& text) {
  const auto design = load_design("work.qsm", text, {});
  CheckOptions options;
  options.search.limits.time = std::chrono::seconds(5);
  options.search.threads = 1;
  for (const LoadedCheck& check : design->checks) {
    for (const CheckCell& cell : check.cells) checker::check(cell.system, options);
  }
  return model::render(design->diagnostics, design->sources) + design->problem;
}

std::string in_system(const std::string& members) { return "module work\nsystem S {\n" + members + "\n}\n"; }

/// Thirty functions, each of which calls the one before twice.
std::string chain(int length, const std::string& head, const std::string& first, const std::string& others) {
  return repeat(length, "\n", [&](int i) {
    const std::string f = "f" + number(i - 1);
    std::string body = i == 0 ? first : others;
    for (std::size_t at = 0; (at = body.find('@', at)) != std::string::npos;) body.replace(at, 1, f);
    std::string named = head;
    named.replace(named.find('@'), 1, "f" + number(i));
    return "  " + named + body;
  });
}

// ---------------------------------------------------------------------------------------------- checked

TEST(Work, AThousandConjunctsInAGuard) {
  const auto all = repeat(900, " && ", [](int i) { return "x" + number(i); });
  const auto variables =
      repeat(900, "\n", [](int i) { return "  x" + number(i) + ": bool = " + (i == 0 ? "false" : "true"); });
  EXPECT_EQ(outcome(in_system(variables + "\n  action set when !x0 { x0 = true }\n  action go when " + all +
                              " { x1 = false }\n  never bad: " + all)),
            "");
  // A context that waits for them, and is stuck.
  EXPECT_EQ(outcome(in_system(variables + "\n  thread t { x0 = false  spin until " + all + "  pass }")), "");
}

TEST(Work, NestedConditionals) {
  const auto chosen = repeat(190, " ", [](int i) { return "x == " + number(i) + " ? " + number(i % 7) + " :"; });
  EXPECT_EQ(outcome(in_system("  x: int 0..200\n  y: int 0..10\n  action go when x < 100 { x += 1  y = " + chosen +
                              " 0 }\n  never bad: (" + chosen + " 0) == 3 && x == 10")),
            "");
}

TEST(Work, TenThousandStatements) {
  const auto statements = repeat(10000, "\n", [](int i) { return "    x = " + number(i % 5); });
  EXPECT_EQ(outcome(in_system("  x: int 0..10\n  thread t {\n" + statements + "\n  }")), "");
  EXPECT_EQ(outcome(in_system("  x: int 0..10\n  action t {\n" + statements + "\n  }")), "");
}

TEST(Work, AsManyInstancesAsThereMayBe) {
  const std::string machine = "machine M() {\n  a: bool\n  action go when !a { a = true }\n}\n";
  EXPECT_EQ(outcome("module work\n" + machine +
                    "system S {\n  m[i: int 0..1999]: M()\n  never all: forall x: ref M: x.a\n}\n"),
            "");
}

// ---------------------------------------------------------------------------------------------- refused

TEST(Work, FunctionsThatCallTheNextTwice) {
  // Where the argument differs, all calls differ.
  EXPECT_THAT(
      outcome(in_system("  x: int 0..1\n" +
                        chain(30, "fn @(a: int 0..1) -> int 0..1 = ", "a", "@(a) == 1 && @(1 - a) == 0 ? 1 : 0") +
                        "\n  action go { x = f29(x) }")),
      HasSubstr("E064"));
  EXPECT_THAT(outcome(in_system("  x: bool\n" + chain(30, "fn @() -> bool = ", "x", "@() && @()") +
                                "\n  action go { x = f29() }")),
              HasSubstr("E0640"));
  EXPECT_THAT(
      outcome(in_system("  x: bool\n" + chain(30, "fn @() ", "{ x = !x }", "{ @()  @() }") + "\n  thread t { f29() }")),
      HasSubstr("E06"));
  EXPECT_THAT(outcome(in_system("  x: bool\n" + chain(30, "atomic fn @() ", "{ x = !x }", "{ @()  @() }") +
                                "\n  action t { f29() }")),
              HasSubstr("E0640"));
}

TEST(Work, AResultThatIsMentionedTwiceAgainAndAgain) {
  std::string doubled = "x";
  for (int i = 0; i < 40; ++i) doubled = "g(" + doubled + ")";
  const std::string g = "  x: int 0..9\n  fn g(a: int 0..999) -> int 0..999 = (a + a) % 1000\n";
  EXPECT_THAT(outcome(in_system(g + "  action t { x = " + doubled + " % 10 }")), HasSubstr("E0641"));
  EXPECT_THAT(outcome(in_system(g + "  never n: " + doubled + " == 3")), HasSubstr("E0641"));
  EXPECT_THAT(outcome(in_system(g + "  action t when " + doubled + " == 3 { x = 0 }")), HasSubstr("E0641"));
}

TEST(Work, StructsOfTwoOfTheOneBefore) {
  const std::string structs =
      "module work\nstruct T0 {\n  a: bool\n}\n" + repeat(29, "\n", [](int i) {
        return "struct T" + number(i + 1) + " {\n  a: T" + number(i) + "\n  b: T" + number(i) + "\n}";
      });
  for (const std::string member : {"x: T29", "x: T29?", "x: queue<T29, 9>", "x: array<T29, 9>",
                                   "fn g(p: T29, q: T29) -> bool = p == q\n  y: T29\n  never n: g(y, y)"}) {
    EXPECT_THAT(outcome(structs + "\nsystem S {\n  " + member + "\n  b: bool\n  action t { b = !b }\n}\n"),
                HasSubstr("E0620"))
        << member;
  }
}

TEST(Work, EndlessRanges) {
  for (const std::string n : {"100000", "1000000000"}) {
    EXPECT_THAT(outcome(in_system("  b: bool\n  thread t { for i in 0.." + n + " { b = !b } }")), HasSubstr("E06"));
    EXPECT_THAT(outcome(in_system("  b: int 0..9\n  never n: exists i: int 0.." + n + ": i * b == 7")),
                HasSubstr("E064"));
    EXPECT_THAT(outcome(in_system("  b: int 0..9\n  never n: (count i: int 0.." + n + " where i > b) == 2")),
                HasSubstr("E064"));
  }
  EXPECT_THAT(outcome(in_system("  b: bool\n  action t { for i in 0..1000000000 { b = !b } }")), HasSubstr("E0640"));
  EXPECT_THAT(outcome(in_system("  b: bool\n  action t { b = !b }\n  never n: " +
                                repeat(9, " ", [](int i) { return "exists i" + number(i) + ": int 0..9:"; }) +
                                " i0 + i1 + i2 == 40")),
              HasSubstr("E064"));
}

TEST(Work, FunctionsNestedDeeply) {
  const auto calls = [](int depth) {
    return outcome(in_system("  x: bool\n" + chain(depth, "fn @() -> bool = ", "x", "!@()") + "\n  action t { x = f" +
                             number(depth - 1) + "() }"));
  };
  EXPECT_EQ(calls(99), "");
  EXPECT_THAT(calls(150), HasSubstr("calls are nested more than 100 deep"));
}

// ------------------------------------------------------------------------- the bounds of docs/limits.md, on both sides

/// The diagnostics of a text that is loaded, but not searched.
std::string refusal(const std::string& text) {
  const auto design = load_design("bound.qsm", "module bound\n" + text, {});
  return model::render(design->diagnostics, design->sources) + design->problem;
}

struct Bound {
  std::string what;
  std::function<std::string(int)> text;
  int most = 0;
  std::string code;  // of what is one more
};

TEST(Bounds, AreWhereTheDocumentSays) {
  const std::string moves = "  b: bool\n  action t { b = !b }\n";
  const std::vector<Bound> bounds = {
      {"CPUs", [&](int n) { return "system S {\n  cpus " + number(n) + "\n" + moves + "}"; }, 4, "E0311"},
      {"levels", [&](int n) { return "system S {\n" + moves + "  handler h at " + number(n) + " when b { pass }\n}"; },
       31, "E0616"},
      {"activations of a handler",
       [&](int n) {
         return "system S {\n" + moves + "  handler h at 5 when b concurrent " + number(n) + " { pass }\n}";
       },
       16, "E0624"},
      {"activations of a system",
       [](int n) {
         return "machine M() {\n  a: bool\n  thread t { a = true }\n}\nsystem S {\n  m[i: int 1.." + number(n) +
                "]: M()\n}";
       },
       255, "E0624"},
      {"elements of a queue", [&](int n) { return "system S {\n" + moves + "  q: queue<bool, " + number(n) + ">\n}"; },
       255, "E0614"},
      {"elements of an array", [&](int n) { return "system S {\n" + moves + "  a: array<bool, " + number(n) + ">\n}"; },
       4096, "E0614"},
      {"instances",
       [&](int n) { return "machine M() {\n}\nsystem S {\n" + moves + "  m[i: int 1.." + number(n) + "]: M()\n}"; },
       4096, "E0619"},
      {"instances inside instances",
       [&](int n) {
         return "machine M1() {\n}\n" +
                repeat(n - 1, "",
                       [](int i) { return "machine M" + number(i + 2) + "() {\n  a: M" + number(i + 1) + "()\n}\n"; }) +
                "system S {\n" + moves + "  m: M" + number(n) + "()\n}";
       },
       64, "E0619"},
      {"numbers in a state",
       [](int n) {
         return "system S {\n  a: array<array<int 0..0, 4096>, 15>\n  c: array<int 0..0, 4000>\n  d: array<int 0..0, " +
                number(n - 15 * 4096 - 4000) + ">\n  action t { c[0] = 0 }\n}";
       },
       65536, "E0620"},
      {"cells of a check",
       [&](int n) {
         return "system S(a: int 1..10000 = 1) {\n  action t { pass }\n}\ncheck S with a in 1.." + number(n);
       },
       4096, "E0653"},
      {"operators in an expression",
       [](int n) {
         return "system S {\n  x: int 0..9\n  action t { x = (x" + repeat(n - 1, "", [](int) { return " + 1"; }) +
                ") % 10 }\n}";
       },
       1000, "E0110"},
  };
  for (const Bound& bound : bounds) {
    EXPECT_EQ(refusal(bound.text(bound.most)), "") << bound.what;
    EXPECT_THAT(refusal(bound.text(bound.most + 1)), HasSubstr("error[" + bound.code + "]")) << bound.what;
  }
}

TEST(Bounds, OfIntegers) {
  const auto ranged = [](const std::string& range) {
    return refusal("system S {\n  x: int " + range + "\n  action t { pass }\n}");
  };
  EXPECT_EQ(ranged("-2147483647..2147483646"), "");
  EXPECT_THAT(ranged("0..2147483647"), HasSubstr("E0613"));
  EXPECT_THAT(ranged("-2147483647 - 1..0"), HasSubstr("E0613"));
}

}  // namespace
}  // namespace quiesce::checker

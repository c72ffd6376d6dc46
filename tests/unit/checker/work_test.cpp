// No text takes work exponential in its length: each kind of generated design is either checked, or refused with a code
// and a sentence, at once. A test that fails by taking minutes fails by its time limit.
#include <chrono>
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
using ::testing::Not;

std::string number(int n) { return std::to_string(n); }

/// `part(0)`, `part(1)`, ... with `between` them.
std::string repeat(int count, const std::string& between, const std::function<std::string(int)>& part) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : between) + part(i);
  return text;
}

/// Loads and checks every case; the diagnostics, empty when there are none.
std::string outcome(const std::string& text) {
  const auto design = load_design("work.qsm", text, {});
  CheckOptions options;
  options.search.limits.time = std::chrono::seconds(5);
  options.search.threads = 1;
  for (const LoadedCheck& check : design->checks) {
    for (const CheckCase& case_ : check.cases) checker::check(case_.system, options);
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

// ------------------------------------------------------------------------------- every recursion, far beyond its bound

std::string times(int count, const std::string& part) {
  return repeat(count, "", [&](int) { return part; });
}

struct Deep {
  std::string what;
  std::string members;  // of the system, or with `module` first the whole text
  std::string code;     // empty: it is checked
};

/// Whatever goes down a text, a type, an expression or a block by recursion is given one that is too deep, too wide, or
/// both: a result or a diagnostic at once, and no end of the stack.
TEST(Work, NothingIsTooDeepOrTooWide) {
  const std::string x = "  x: int 0..9\n  b: bool\n";
  const std::string move = "  action move { b = !b }\n";
  const auto conjuncts = [](int n) { return repeat(n, " && ", [](int i) { return "x != " + number(i % 9 + 10); }); };
  const auto ternaries = [](int n) {
    return repeat(n, " ", [](int i) { return "x == " + number(i) + " ? " + number(i % 7) + " :"; }) + " 0";
  };
  const auto inner_ternaries = [&](int n) { return times(n, "b ? (") + "1" + times(n, ") : 0"); };
  const auto nested = [](int n, const std::string& open, const std::string& inside, const std::string& close) {
    return times(n, open) + inside + times(n, close);
  };
  const auto structs = [](int n, const std::string& first, const std::string& member) {
    return "module work\nstruct T0 {\n" + first + "}\n" +
           repeat(n - 1, "\n",
                  [](int i) {
                    return "struct T" + number(i + 1) + " {\n  a: T" + number(i) + "\n  b: T" + number(i) + "\n}";
                  }) +
           "\nsystem S {\n  x: " + member + "\n  b: bool\n  action move { b = !b }\n}\n";
  };
  const std::vector<Deep> all = {
      {"400 conjuncts of comparisons",
       x + "  action go when " + conjuncts(400) + " { b = !b }\n  never n: !(" + conjuncts(400) + ")", ""},
      {"1,200 conjuncts", x + "  action go when " + conjuncts(1200) + " { b = !b }", "E0110"},
      {"100,000 conjuncts", x + "  action go when " + conjuncts(100000) + " { b = !b }", "E0110"},
      {"1,000 conditionals in a chain", x + "  action go { x = " + ternaries(1000) + " }", "E0110"},
      {"90 conditionals in each other", x + "  action go { x = " + inner_ternaries(90) + " }", ""},
      {"1,000 conditionals in each other", x + "  action go { x = " + inner_ternaries(1000) + " }", "E0110"},
      {"180 parentheses", x + "  action go { b = " + nested(180, "(", "!b", ")") + " }", ""},
      {"1,000 parentheses", x + "  action go { b = " + nested(1000, "(", "!b", ")") + " }", "E0110"},
      {"100,000 parentheses", x + "  action go { b = " + nested(100000, "(", "!b", ")") + " }", "E0110"},
      {"100,000 parentheses that are not closed", x + "  action go { b = " + times(100000, "("), "E0110"},
      {"1,000 negations", x + "  action go { b = " + times(1000, "!") + "b }", "E0110"},
      {"100,000 negations", x + "  action go { b = " + times(100000, "!") + "b }", "E0110"},
      {"1,000 signs", x + "  action go { x = " + times(1000, "- ") + "x }", "E0110"},
      {"1,000 quantifiers", x + "  never n: " + times(1000, "exists i: int 0..1: ") + "b", "E0110"},
      {"1,000 calls", x + "  fn f(p: bool) -> bool = !p\n  action go { b = " + nested(1000, "f(", "b", ")") + " }",
       "E0110"},
      {"1,000 members of members", x + "  action go { b = x" + times(1000, ".y") + " }", "E"},
      {"1,000 indices", x + "  a: array<int 0..9, 10>\n  action go { x = " + nested(1000, "a[", "x", "]") + " }",
       "E0110"},
      {"60 blocks", x + "  thread t {\n" + nested(60, "if b {\n", "x = 1\n", "}\n") + "}", ""},
      {"60 blocks in one step", x + "  action t {\n" + nested(60, "if b {\n", "x = 1\n", "}\n") + "}", ""},
      {"1,000 blocks", x + "  thread t {\n" + nested(1000, "if b {\n", "x = 1\n", "}\n") + "}", "E0110"},
      {"100,000 blocks", x + "  thread t {\n" + nested(100000, "if b {\n", "x = 1\n", "}\n") + "}", "E0110"},
      {"100,000 blocks that are not closed", x + "  thread t {\n" + times(100000, "loop {\n"), "E0110"},
      {"60 choices", x + "  thread t {\n" + nested(60, "either {\n", "x = 1\n", "} or { pass }\n") + "}", ""},
      {"1,000 branches in a chain",
       x + "  thread t {\n" + repeat(1000, " else ", [](int i) { return "if x == " + number(i % 10) + " { x = 1 }"; }) +
           "\n}",
       "E0110"},
      {"1,000 optional types", "  y: bool" + times(1000, "?") + " = null\n" + x + move, "E"},
      {"1,000 arrays of arrays", "  y: " + nested(1000, "array<", "bool", ", 1>") + "\n" + x + move, "E0110"},
      {"90 members in `if`", nested(90, "  if true {\n", "  y: bool\n", "  }\n") + x + move, ""},
      {"1,000 members in `if`", nested(1000, "  if true {\n", "  y: bool\n", "  }\n") + x + move, "E0110"},
      {"structs of two of the one before, of any value", structs(30, "  a: bool\n", "T29 = any"), "E0620"},
      {"structs of two of the one before, with references", structs(30, "  a: ref S\n", "T29"), "E"},
      {"structs of two of the one before, of nothing", structs(30, "", "T29"), "E"},
      {"20,000 variables that are constant",
       x + move + repeat(20000, "\n", [](int i) { return "  v" + number(i) + ": int 3..3 = 3"; }), ""},
      {"5,000 actions",
       x + repeat(5000, "\n",
                  [](int i) {
                    return "  action a" + number(i) + " when x == " + number(i % 10) +
                           " { x = " + number((i + 1) % 10) + " }";
                  }),
       ""},
      {"5,000 properties",
       x + move + repeat(5000, "\n", [](int i) { return "  never n" + number(i) + ": x == " + number(i % 9 + 1); }),
       ""},
      {"5,000 functions", x + move + repeat(5000, "\n", [](int i) { return "  fn f" + number(i) + "() -> bool = b"; }),
       ""},
      {"3,000 labels",
       x + "  thread t {\n" + repeat(3000, "\n", [](int i) { return "    l" + number(i) + ": x = " + number(i % 9); }) +
           "\n  }\n  never n: at t.l17 && b",
       ""},
  };
  for (const Deep& one : all) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string text = one.members.starts_with("module") ? one.members : in_system(one.members);
    const std::string said = outcome(text);
    if (one.code.empty()) {
      EXPECT_THAT(said, Not(HasSubstr("error"))) << one.what << "\n" << said.substr(0, 2000);
    } else {
      EXPECT_TRUE(said.find("error[" + one.code) != std::string::npos) << one.what << "\n" << said.substr(0, 2000);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    EXPECT_LT(seconds, 6) << one.what;  // about one, where nothing else runs
  }
}

TEST(Work, StatesOfAsManyBitsAsThereMayBe) {
  const auto bits = [](int n) {
    const auto design = load_design("work.qsm",
                                    in_system("  a: array<bool, 4000>\n  c: array<bool, " + number(n - 4000) +
                                              ">\n  action t { choose i: int 0..3999  a[i] = !a[i] }\n"
                                              "  action u { choose i: int 0.." +
                                              number(n - 4001) + "  c[i] = !c[i] }\n  never n: a[1] && c[1]"),
                                    {});
    return model::render(design->diagnostics, design->sources);
  };
  EXPECT_EQ(bits(4090), "");
  EXPECT_EQ(bits(4096), "");
  EXPECT_THAT(bits(4097), HasSubstr("E0620"));
  EXPECT_THAT(bits(8000), HasSubstr("E0620"));
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
      {"cases of a check",
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

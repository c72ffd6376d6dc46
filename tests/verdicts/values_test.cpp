// How values come into being: every way crossed with every type, and calculations beyond 64 bits. A variable holds what
// it was given, `any` means every value of the type and no other number, and nothing is ever a reference to nothing.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/verdicts/agreement.h"

namespace quiesce::checker {
namespace {

/// Verdicts by rule of the only check of `text`, the same for both engines, plain and reduced.
std::map<std::string, std::string> judged(const std::string& text) {
  const Twice design = load_twice("values.qsm", text);
  if (design.plain_cases.size() != 1) {
    ADD_FAILURE() << "one case is wanted\n" << text;
    return {};
  }
  const CheckCase& plain = *design.plain_cases[0];
  const CheckCase& reduced = *design.reduced_cases[0];
  expect_valid(plain, reduced);
  const auto found = verdicts(plain, search(plain, Engine::Reference), false);
  EXPECT_EQ(found, verdicts(plain, search(plain, Engine::Explicit), false)) << "plain\n" << text;
  EXPECT_EQ(found, verdicts(reduced, search(reduced, Engine::Explicit), false)) << "reduced\n" << text;
  return found;
}

std::vector<std::string> violated(const std::string& text) {
  std::vector<std::string> result;
  for (const auto& [rule, verdict] : judged(text)) {
    if (verdict.find("violated") == 0) result.push_back(rule);
  }
  return result;
}

using Rules = std::vector<std::string>;

/// The codes of the errors of `text`.
std::string refused(const std::string& text) {
  const std::unique_ptr<LoadedDesign> design = load_design("values.qsm", text, {});
  std::string codes;
  for (const model::Diagnostic& diagnostic : design->diagnostics.sorted()) codes += diagnostic.code + " ";
  return codes;
}

struct Type {
  const char* text;
  int values;         // number of values: what `any` begins with
  const char* value;  // one that is not the rest value
  const char* rests;  // where it begins without a value; null: that is refused
  bool choosable = false;
  bool may_index = false;
};
const Type kTypes[] = {
    {"bool", 2, "true", "false", true, true},
    {"int 0..3", 4, "2", "0", true, true},
    {"int -3..-1", 3, "-1", "-3", true, true},
    {"int 5..7", 3, "7", "5", true, true},
    {"int 0..3 wrap", 4, "2", "0", true},
    {"int 5..7 wrap", 3, "6", "5", true},
    {"array<int 0..2 wrap, 2>", 9, "[1, 2]", "[0, 0]"},
    {"Colour", 3, "blue", "red", true, true},
    {"Level", 32, "DISPATCH", "PASSIVE", true, true},
    {"Cpu", 2, "cpus[1]", nullptr, true, false},
    {"ref Lamp", 2, "lamps[1]", nullptr, true, true},
    {"ref Shining", 3, "sun", nullptr, true, false},
    {"bool?", 3, "false", "null"},
    {"int 0..3?", 5, "0", "null"},
    {"Colour?", 4, "red", "null"},
    {"Level?", 33, "PASSIVE", "null"},
    {"Cpu?", 3, "cpus[1]", "null"},
    {"ref Lamp?", 3, "lamps[0]", "null"},
    {"ref Shining?", 4, "lamps[1]", "null"},
    {"Pair", 6, "Pair(x: true, y: 2)", "Pair()"},
    {"Pair?", 7, "Pair()", "null"},
    {"Nest", 14, "Nest(p: Pair(), b: true)", "Nest()"},
    {"array<bool, 2>", 4, "[true, false]", "[false, false]"},
    {"array<int 0..2, Colour>", 27, "[for c: c == red ? 2 : 1]", "[0, 0, 0]"},
    {"array<Pair?, 2>", 49, "[null, Pair(x: true)]", "[null, null]"},
    {"array<ref Lamp?, 2>", 9, "[lamps[1], null]", "[null, null]"},
    {"array<ref Lamp, 2>", 4, "[lamps[1], lamps[0]]", nullptr},
    {"array<array<bool, 2>, 2>", 16, "[[true, false], [for i: i == 1]]", "[[false, false], [false, false]]"},
};

std::string design(const std::string& members) {
  return "module values\n"
         "enum Colour { red, green, blue }\n"
         "struct Pair { x: bool, y: int 1..3 }\n"
         "struct Nest { p: Pair?, b: bool }\n"
         "interface Shining { fn shine() { pass } }\n"
         "machine Lamp() implements Shining { on_: bool }\n"
         "machine Sun() implements Shining { }\n"
         "system S {\n"
         "  cpus 2\n"
         "  sun: Sun()\n"
         "  lamps[2]: Lamp()\n"
         "  cpus: array<Cpu, 2> = [Cpu(0), Cpu(1)]\n" +
         members + "}\ncheck S\n";
}

TEST(Values, AnyIsEveryValueAndNoOther) {
  for (const Type& type : kTypes) {
    SCOPED_TRACE(type.text);
    const std::string text = design(std::string("  x: ") + type.text + " = any\n  y: bool\n  invariant y => x == x\n");
    const Twice loaded = load_twice("values.qsm", text);
    ASSERT_EQ(loaded.plain_cases.size(), 1u);
    EXPECT_EQ(search(*loaded.plain_cases[0], Engine::Reference).statistics.distinct_states,
              static_cast<std::uint64_t>(type.values));
    EXPECT_EQ(search(*loaded.plain_cases[0], Engine::Explicit).statistics.distinct_states,
              static_cast<std::uint64_t>(type.values));
    // The value, and null where the type has it, are among them.
    std::string shown = "  x: " + std::string(type.text) + " = any\n  reachable v: x == " + type.value + "\n";
    if (type.rests != nullptr) shown += "  reachable r: x == " + std::string(type.rests) + "\n";
    EXPECT_EQ(violated(design(shown)), Rules{});
    // `any where` picks one.
    const std::string where = "  x: " + std::string(type.text) + " = any where x == " + type.value +
                              "\n  invariant x == " + type.value + "\n";
    EXPECT_EQ(violated(design(where)), Rules{});
  }
}

TEST(Values, EveryWayInWhichAValueArrives) {
  for (const Type& type : kTypes) {
    const std::string t = type.text;
    const std::string v = type.value;
    const std::string written = v == "cpus[1]" ? "Cpu(1)" : v;  // in a declaration
    const std::string first = type.rests != nullptr ? "" : " = " + written;
    const std::map<std::string, std::string> ways = {
        {"initial", "x: " + t + " = " + written + "\n  invariant x == " + v},
        {"assigned", "x: " + t + first + "\n  thread t { x = " + v + "  assert x == " + v + " }"},
        {"local", "thread t { var x: " + t + " = " + v + "  assert x == " + v + " }"},
        {"argument of a function that takes steps",
         "fn f(a: " + t + ") { assert a == " + v + "  pass }\n  thread t { f(" + v + ") }"},
        {"argument of an atomic function",
         "atomic fn f(a: " + t + ") { assert a == " + v + " }\n  thread t { f(" + v + ") }"},
        {"argument of an expression",
         "fn f(a: " + t + ") -> bool = a == " + v + "\n  thread t { assert f(" + v + ") }"},
        {"default", "fn f(a: " + t + " = " + v + ") -> bool = a == " + v + "\n  thread t { assert f() }"},
        {"result of a function that takes steps", "x: " + t + first + "\n  fn f() -> " + t + " { return " + v +
                                                      " }\n  thread t { x = f()  assert x == " + v + " }"},
        {"result of an atomic function", "x: " + t + first + "\n  atomic fn f() -> " + t + " { return " + v +
                                             " }\n  thread t { x = f()  assert x == " + v + " }"},
        {"result of an expression", "fn f() -> " + t + " = " + v + "\n  thread t { assert f() == " + v + " }"},
        {"element of an array", "x: array<" + t + ", 2> = [" + written + ", " + written + "]\n  k: int 0..1 = any\n" +
                                    "  thread t { x[k] = " + v + "  assert x[1 - k] == " + v + " && x[k] == " + v +
                                    " }"},
        {"conditional", "x: " + t + " = " + written + "\n  b: bool = any\n  thread t { x = b ? " + v +
                            " : x  assert x == " + v + " }"},
        {"initially", "x: " + t + first + "\n  initially { x = " + v + " }\n  invariant x == " + v},
        {"action", "x: " + t + " = " + written + "\n  n: bool\n  action a when !n { n = true  var y: " + t +
                       " = x  x = y }\n  invariant x == " + v},
    };
    for (const auto& [way, members] : ways) {
      SCOPED_TRACE(t + ", " + way);
      const bool names_instances = v.find("lamps") != std::string::npos || v == "sun" || v == "cpus[1]";
      if (way == "default" && names_instances) continue;  // a function's default knows no instance
      EXPECT_EQ(violated(design("  " + members + "\n")), Rules{});
    }
    if (t.find("array") == 0 || t.find("Pair?") == 0) continue;
    SCOPED_TRACE(t + ", queue");
    EXPECT_EQ(
        violated(design("  q: queue<" + t + ", 2>\n  thread t {\n    q.push(" + v + ")\n    assert q.first == " + v +
                        " && q.last == " + v + " && q[0] == " + v + " && " + v +
                        " in q\n    for x in q { assert x == " + v + " }\n    q.pop()\n    assert q.empty\n  }\n")),
        Rules{});
  }
}

TEST(Values, WhatRestsBeginsAtRest) {
  for (const Type& type : kTypes) {
    SCOPED_TRACE(type.text);
    const std::string variable = std::string("  x: ") + type.text + "\n";
    const std::string field = std::string("  w: Wrap\n");
    const std::string structs = std::string("struct Wrap { f: ") + type.text + ", g: bool }\n";
    const auto wrapped = [&](const std::string& members) {
      std::string text = design(members);
      text.insert(text.find("interface"), structs);
      return text;
    };
    if (type.rests == nullptr) {
      EXPECT_EQ(refused(design(variable)), "E0318 ");
      EXPECT_EQ(refused(wrapped(field)), "E0318 ");
      EXPECT_EQ(refused(design(std::string("  x: array<") + type.text + ", 2>\n")), "E0318 ");
      EXPECT_EQ(refused(wrapped("  q: queue<Wrap, 2>\n  thread t { q.push(Wrap(g: true)) }\n")), "E0318 ");
      EXPECT_EQ(refused(wrapped("  q: queue<Wrap, 2>\n  w: Wrap?\n  s: set<bool>\n")), "") << "nothing is there yet";
      continue;
    }
    EXPECT_EQ(violated(design(variable + "  invariant x == " + type.rests + "\n")), Rules{});
    EXPECT_EQ(violated(wrapped(field + "  invariant w.f == " + type.rests + "\n")), Rules{});
    EXPECT_EQ(
        violated(wrapped("  v: Wrap = Wrap(g: true)\n  invariant v.g && v.f == " + std::string(type.rests) + "\n")),
        Rules{});
  }
}

TEST(Values, InitMakesThemAnew) {
  for (const Type& type : kTypes) {
    SCOPED_TRACE(type.text);
    const std::string v = type.value;
    if (v.find("lamps") != std::string::npos || v.find("cpus") != std::string::npos || v == "sun") continue;
    std::string text = design("  o: Box()\n  thread t { init o  assert o.x == " + v +
                              "  free o  init o  assert o.x == " + v + "  free o }\n");
    text.insert(text.find("system"),
                std::string("object machine Box() { x: ") + type.text + " = any where x == " + v + " }\n");
    EXPECT_EQ(violated(text), Rules{});
  }
}

TEST(Values, EmptyQueuesAndNullsAreNoReferences) {
  const std::string wrap = "struct Job { lamp: ref Lamp, n: int 0..3 }\n";
  const auto with_jobs = [&](const std::string& members) {
    std::string text = design(members);
    text.insert(text.find("system"), wrap);
    return text;
  };
  const std::string jobs = "  q: queue<Job, 2>\n  j: Job?\n";
  EXPECT_EQ(violated(with_jobs(jobs + "  thread t { q.first.lamp.on_ = true }\n")), Rules{"core.queue"});
  EXPECT_EQ(violated(with_jobs(jobs + "  thread t { q[0].lamp.on_ = true }\n")), Rules{"core.index"});
  EXPECT_EQ(violated(with_jobs(jobs + "  thread t { j.lamp.on_ = true }\n")), Rules{"core.null"});
  EXPECT_EQ(violated(with_jobs(jobs + "  thread t { for x in q { x.lamp.on_ = true } }\n")), Rules{});
  EXPECT_EQ(violated(with_jobs(jobs + "  thread t { q.push(Job(lamps[1]))  q.pop()  q.push(Job(lamps[0], 1))\n"
                                      "    assert q.first.lamp == lamps[0] && q.length == 1 }\n")),
            Rules{});
}

// Null is a number beside those of the type: conversions between types of other bounds must not make or lose one.
TEST(Values, BoundsDoNotMoveNullNorElements) {
  EXPECT_EQ(violated(design("  a: int 0..3? = null\n  b: int -5..5? = any where b != null && b < 0\n"
                            "  thread t { a = b }\n")),
            Rules{"core.range"});
  EXPECT_EQ(violated(design("  a: int 0..3? = null\n  b: int -5..5? = -1\n  thread t { assert a != b && b != a }\n")),
            Rules{});
  EXPECT_EQ(violated(design("  a: int 0..3? = null\n  b: int -5..5? = null\n  thread t { assert a == b  a = b\n"
                            "    assert a == null  b = 3  a = b  assert a == 3 }\n")),
            Rules{});
  EXPECT_EQ(
      violated(design("  a: int 0..3? = 2\n  n: int 0..9 = 7\n  thread t { assert a != n  n = 2  assert a == n }\n")),
      Rules{});
  EXPECT_EQ(violated(design("  a: set<int 0..3> = {1, 2}\n  b: set<int 1..4>\n  thread t { b = a\n"
                            "    assert 1 in b && 2 in b && !(3 in b) && a == b  b.add(4)  assert a != b }\n")),
            Rules{});
  EXPECT_EQ(violated(design("  a: set<int 0..3>\n  b: set<int 1..4> = {4}\n  thread t { a = b }\n")),
            Rules{"core.range"});
  EXPECT_EQ(violated(design("  n: int 0..9 = 9\n  a: set<int 0..3>\n  thread t { a = {1, n} }\n")),
            Rules{"core.range"});
}

TEST(Values, NothingWrapsAround) {
  const auto calculates = [](const std::string& e) {
    return violated(
        design("  a: int 0..4194304 = 4194304\n  m: int -2147483647..0 = -2147483647\n"
               "  one: int -1..1 = -1\n  z: int 0..9 = 1\n  b: bool\n  thread t { " +
               e + " }\n"));
  };
  const std::string cube = "a * a * a";  // 2^66
  for (const char* use :
       {"z = E % 7", "b = E > 0", "b = E == 0", "z = E / E", "if E > 0 { pass }", "assert E != 1", "z = -(E) % 7",
        "z = (E + 1) % 7", "z = (1 - E) % 7", "await E >= 0", "var v: int 0..9 = E % 10", "b = E in 0..9"}) {
    std::string text = use;
    for (std::size_t at; (at = text.find('E')) != std::string::npos;) text.replace(at, 1, "(" + cube + ")");
    SCOPED_TRACE(text);
    EXPECT_EQ(calculates(text), Rules{"core.range"});
  }
  // The operations at the edge of 64 bits: 2^62 from a * a * 2^18.
  const std::string big = "(a * a * 262144)";
  EXPECT_EQ(calculates("b = " + big + " + (" + big + " - 1) > 0"), Rules{});
  EXPECT_EQ(calculates("b = " + big + " + " + big + " > 0"), Rules{"core.range"});
  EXPECT_EQ(calculates("b = 0 - " + big + " - " + big + " < 0"), Rules{}) << "-2^63 is there";
  EXPECT_EQ(calculates("b = 0 - " + big + " - " + big + " - 1 < 0"), Rules{"core.range"});
  EXPECT_EQ(calculates("b = -(0 - " + big + " - " + big + ") < 0"), Rules{"core.range"}) << "2^63 is not";
  EXPECT_EQ(calculates("b = (0 - " + big + " - " + big + ") / one < 0"), Rules{"core.range"});
  EXPECT_EQ(calculates("b = (0 - " + big + " - " + big + ") % one == 0"), Rules{});
  EXPECT_EQ(calculates("b = (0 - " + big + " - " + big + ") * one < 0"), Rules{"core.range"});
  EXPECT_EQ(calculates("b = " + big + " * 2 > 0"), Rules{"core.range"});
  EXPECT_EQ(calculates("b = " + big + " * -2 < 0"), Rules{});
  // Only what is evaluated counts.
  EXPECT_EQ(calculates("b = z == 0 && " + cube + " > 0"), Rules{});
  EXPECT_EQ(calculates("z = z == 1 ? 2 : " + cube + " % 3"), Rules{});
  // In the text of constants it is an error.
  EXPECT_EQ(refused("module values\nconst A = 2147483647\nconst B = A * A * A\nsystem S { x: int 0..B % 7 }\n"),
            "E0611 ");
  EXPECT_EQ(refused(design("  x: bool = 2147483647 * 2147483647 * 8 > 0\n")), "E0611 ");
}

// Every number of a wide range, stored in every kind of place of every small range, against arithmetic in C++.
TEST(Values, WrapAroundWhereTheyAreStored) {
  for (int lo = -3; lo <= 3; ++lo) {
    for (int hi = lo; hi <= 3; ++hi) {
      const std::string type = "int " + std::to_string(lo) + ".." + std::to_string(hi) + " wrap";
      std::string expected;
      for (int n = -9; n <= 9; ++n) {
        const int size = hi - lo + 1;
        expected += (n > -9 ? ", " : "") + std::to_string(lo + ((n - lo) % size + size) % size);
      }
      const std::string members = "  n: int -9..9 = any\n  x: " + type + "\n  a: array<" + type + ", 2>\n  q: queue<" +
                                  type + ", 1>\n  s: Struct_\n  done: bool\n  fn result(m: int -9..9) -> " + type +
                                  " = m\n  fn given(m: " + type + ") -> int -9..9 = m\n";
      const std::string body =
          "  atomic fn all() {\n    x = n\n    a = [n, 0]\n    a[1] = n\n    q.push(n)\n    s = Struct_(y: n)\n"
          "    var local: " +
          type +
          " = n\n    assert local == WANTED[n + 9] && result(n) == local && given(n) == local\n"
          "    done = true\n  }\n  thread t { all() }\n"
          "  invariant i: done => x == WANTED[n + 9] && a == [x, x] && q.first == x && s.y == x\n";
      const std::string text = "module values\nstruct Struct_ { y: " + type +
                               " }\nconst WANTED: array<int -3..3, 19> = [" + expected + "]\nsystem S {\n" + members +
                               body + "}\ncheck S\n";
      EXPECT_EQ(violated(text), Rules{}) << text;
    }
  }
}

TEST(Values, WrapAroundNowhereElse) {
  EXPECT_EQ(
      violated(design(
          "  n: int 0..3 wrap = 3\n  thread t { assert n + 1 == 4 && 4 != n && -n == -3 && (n + 1) * 2 == 8 }\n")),
      Rules{});
  EXPECT_EQ(violated(design("  n: int 0..3 wrap = 3\n  m: int 0..3\n  thread t { m = n + 1 }\n")), Rules{"core.range"});
  EXPECT_EQ(violated(design("  n: int 0..3 wrap\n  thread t { n = n > 0 ? 2147483647 * 2147483647 * 8 : n - 9 }\n")),
            Rules{});
  const std::string array = "  a: array<int 0..3 wrap, 2>";
  EXPECT_EQ(
      violated(design(array + "\n  thread t { assert a != [4, 0]  a = [4, 0]  assert a == [0, 0] && a != [4, 4] }\n")),
      Rules{});
  EXPECT_EQ(refused(design(array + " = [4, 0]\n")), "E0610 ");
  EXPECT_EQ(refused("module values\nconst A: array<int 0..3 wrap, 2> = [4, 0]\nsystem S { x: int 0..A[0] }\n"),
            "E0611 ");
  EXPECT_EQ(refused(design("  n: int 0..3 wrap = 4\n")), "E0610 ");
  EXPECT_EQ(refused(design("  a: array<bool, int 0..3 wrap>\n")), "E0307 ");
  EXPECT_EQ(refused(design("  s: set<int 0..3 wrap>\n")), "E0307 ");
  EXPECT_EQ(refused(design("  n: int 0..3 wrap?\n")), "E0307 ");
  EXPECT_EQ(violated(design("  wrap: int 0..1\n  thread t { wrap = 1 }\n  invariant i: wrap in 0..1\n")), Rules{});
}

// What fails while it is evaluated is told as that, and not also as a broken check or property.
TEST(Values, WhatFailsIsNotJudged) {
  const char* const kFails[] = {"q.first == 0", "q.first != 0", "o.x",        "!o.x",   "a[k] == 0",
                                "a[k] == 1",    "1 / z == 0",   "1 % z == 0", "p == 3", "p != 3"};
  const std::string members =
      "  q: queue<int 0..3, 2>\n  o: Pair?\n  k: int 0..9 = 9\n  a: array<int 0..3, 2>\n  z: int 0..1\n  n: int 0..3?\n"
      "  m: int 0..3\n";
  for (const char* fails : kFails) {
    std::string condition = fails;
    if (condition[0] == 'p') condition = condition == "p == 3" ? "lamp.on_" : "!lamp.on_";
    const std::string own = members + "  lamp: ref Lamp?\n";
    const std::string core = condition.find('q') != std::string::npos      ? "core.queue"
                             : condition.find("o.x") != std::string::npos  ? "core.null"
                             : condition.find("lamp") != std::string::npos ? "core.null"
                             : condition.find('k') != std::string::npos    ? "core.index"
                                                                           : "core.range";
    for (const std::string& judge :
         {"invariant i: " + condition, "never i: " + condition, "invariant i: !m.empty => " + condition,
          "thread t { assert " + condition + "  pass }", "thread t { await " + condition + " }",
          "thread t { if " + condition + " { assert false } else { assert false } }",
          "action t when " + condition + " { assert false }",
          "handler t at 5 when " + condition + " { accept { m = 1 }  assert false }",
          "thread t { choose x: int 0..1 where " + condition + "  assert false }"}) {
      std::string text = judge;
      const std::size_t empty = text.find("!m.empty");
      if (empty != std::string::npos) text.replace(empty, 8, "m == 0");
      SCOPED_TRACE(text);
      EXPECT_EQ(violated(design(own + "  " + text + "\n")), Rules{core});
    }
    const auto found = judged(design(own + "  reachable i: " + condition + "\n"));
    for (const auto& [rule, verdict] : found) {
      if (rule.find(".i") != std::string::npos) {
        EXPECT_NE(verdict, "holds") << "no state shows it";
      }
    }
  }
}

// Each part is judged as soon as what it reads is chosen: else these would be 256 to the power of 8 values.
TEST(Values, PartsOfAConditionAreJudgedEarly) {
  std::string where;
  for (int i = 0; i < 8; ++i) where += (i > 0 ? " && a[" : "a[") + std::to_string(i) + "] == " + std::to_string(3 * i);
  const std::string variable = "  a: array<int 0..255, 8> = any where " + where + "\n";
  EXPECT_EQ(violated(design(variable + "  invariant a[7] == 21\n")), Rules{});
  std::string made = design("  o: Row()\n  thread t { init o  assert o.a[7] == 21  free o }\n");
  made.insert(made.find("system"), "object machine Row() {\n" + variable + "}\n");
  EXPECT_EQ(violated(made), Rules{});
}

TEST(Values, ArraysHaveAsManyValuesAsElements) {
  EXPECT_EQ(refused(design("  x: array<int 0..3, 3> = [1, 2]\n")), "E0638 ");
  EXPECT_EQ(refused(design("  x: array<int 0..3, 2> = [1, 4]\n")), "E0610 ");
  EXPECT_EQ(refused(design("  x: array<int 0..3, 2> = [for i: i + 3]\n")), "E0610 ");
  EXPECT_EQ(refused("module values\nconst A = [1, 2]\nsystem S { x: bool }\n"), "E0308 ");
  EXPECT_EQ(refused(design("  x: int 0..3 = [1]\n")), "E0301 ");
  EXPECT_EQ(violated("module values\nconst PRIMES: array<int 0..9, 4> = [2, 3, 5, 7]\n"
                     "machine M(t: array<int 0..9, 2>) { x: int 0..9 = t[1] }\n"
                     "system S {\n  m: M([4, PRIMES[2]])\n  k: int 0..3 = any\n  x: array<int 0..99, 4>\n"
                     "  thread t { x = [for i: i * i + k]  assert x[3] == 9 + k && PRIMES[k] > k && m.x == 5\n"
                     "    assert x == [k, 1 + k, 4 + k, 9 + k] }\n}\ncheck S\n"),
            Rules{});
}

}  // namespace
}  // namespace quiesce::checker

// Initial states found with Z3 (checker/smt/initial_solver.h) are those found by trying, in the same order. Here Z3 is
// asked about everything; by itself the checker asks only where very many values would be tried.
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/smt/initial_solver.h"
#include "model/interpret/interpreter.h"
#include "tests/differential/designs.h"
#include "tests/differential/random.h"

namespace quiesce {
namespace {

using checker::InitialSolver;
using model::State;

constexpr std::size_t kMostStates = 300;

/// Counts how often it is asked.
class Counted : public InitialSolver {
 public:
  using InitialSolver::InitialSolver;
  bool may_begin(const std::vector<model::InitialRange>& ranges, std::uint64_t tries) override {
    ++questions;
    return InitialSolver::may_begin(ranges, tries);
  }
  std::size_t questions = 0;
};

/// The first initial states, in the order in which they are visited.
std::vector<State> visited(const model::TransitionSystem& system, model::InitialGuide* guide) {
  std::vector<State> result;
  model::Interpreter(system).for_each_initial_state(
      [&](const State& state) {
        result.push_back(state);
        return result.size() < kMostStates;
      },
      nullptr, guide);
  return result;
}

/// How many states there were; what Z3 was asked is added to `questions`.
std::size_t compare(const model::TransitionSystem& system, std::size_t* questions = nullptr) {
  Counted guide(system, 0);
  const std::vector<State> tried = visited(system, nullptr);
  EXPECT_EQ(visited(system, &guide), tried);
  if (questions != nullptr) *questions += guide.questions;
  return tried.size();
}

model::TransitionSystem system_of(const std::string& members, const std::string& head = "") {
  std::string problem;
  const auto cells =
      cases_of_text("m.qsm", "module m\n" + head + "system S {\n  cpus 2\n" + members + "}\ncheck S\n", &problem);
  EXPECT_EQ(cells.size(), 1u) << problem << members;
  return cells.empty() ? model::TransitionSystem{} : cells.front().system;
}

struct Construct {
  const char* name;
  std::string members;
  std::string head;
  std::size_t states;
};

const std::vector<Construct>& constructs() {
  static const std::vector<Construct> all = {
      {"Truth", "  p: bool = any\n  q: bool = any where p || !q\n", "", 3},
      {"Negative", "  x: int -5..-1 = any\n  y: int -9..9 = any where x * y == 12\n", "", 3},
      {"Division", "  x: int -7..7 = any where x / 2 == -2 && x % 3 != 0\n", "", 2},
      {"Table", "  k: int 0..3 = any where PRIMES[k] > 3\n", "const PRIMES: array<int 0..9, 4> = [2, 3, 5, 7]\n", 2},
      {"Index", "  k: int 0..2 = any\n  v: array<int 0..3, 3> = any where v[k] == 3 && v[(k + 1) % 3] == 0\n", "", 12},
      {"IndexGuarded", "  k: int 0..9 = any\n  v: array<bool, 3> = any where k < 3 && v[k % 3]\n", "", 12},
      {"Optional", "  o: int 1..3? = any where o == null || o > 1\n", "", 3},
      {"Struct", "  p: Pair = any where p.a + p.b == 3 && p.up\n",
       "struct Pair { a: int 0..3, b: int 0..3, up: bool }\n", 4},
      {"Enum", "  c: Colour = any\n  d: Colour = any where c < d\n", "enum Colour { red, green, blue }\n", 3},
      {"Cpu", "  h: Cpu = any\n  g: Cpu? = any where g != h\n", "", 4},
      {"Reference", "  m[i: int 0..2]: M(i)\n  r: ref M = any where r.own != 1\n",
       "machine M(i: int 0..2) { own: int 0..2 = i }\n", 2},
      {"Follows", "  x: int 0..9 = any where x * x > 30\n  y: int 0..90\n  initially { y = x * 2 + 1 }\n", "", 4},
      {"Overwritten", "  x: int 0..9 = any where x % 4 == 1\n  initially { x = 0 }\n", "", 3},
      {"Chosen",
       "  x: int 0..9 = any where x > 7\n  y: int 0..20\n  initially { choose i: int 0..5 where i * 2 == x  y = i }\n",
       "", 1},
      {"Nothing", "  x: int 0..100 = any\n  y: int 0..100 = any where x * x + y * y == 7\n", "", 0},
      {"BehindTheLast", "  x: int 0..5 = any where x > 3\n  y: int 0..9 = any\n", "", 20},
      {"NoCondition", "  x: int 0..5 = any\n", "", 6},
      {"Large", "  x: int 0..2000000000 = any where x > 5 && x < 2000000000 && x % 500000000 == 3\n", "", 3},
  };
  return all;
}

class InitialConstructs : public testing::TestWithParam<Construct> {};

TEST_P(InitialConstructs, AreFoundAsByTrying) {
  const model::TransitionSystem system = system_of(GetParam().members, GetParam().head);
  InitialSolver guide(system, 0);
  const std::vector<State> found = visited(system, &guide);
  EXPECT_EQ(found.size(), GetParam().states);
  if (std::string(GetParam().name) != "Large") {
    EXPECT_EQ(found, visited(system, nullptr));
  }
}

INSTANTIATE_TEST_SUITE_P(All, InitialConstructs, testing::ValuesIn(constructs()),
                         [](const auto& one) { return std::string(one.param.name); });

/// A condition over the variables below.
std::string random_number(Random& random, int depth) {
  static const std::vector<std::string> leaves = {"a", "b", "c", "v[0]", "v[2]", "0", "1", "3", "-2"};
  if (depth == 0 || random.chance(30)) return random.any_of(leaves);
  const auto part = [&] { return random_number(random, depth - 1); };
  switch (random.below(6)) {
    case 0:
      return "(" + part() + " + " + part() + ")";
    case 1:
      return "(" + part() + " - " + part() + ")";
    case 2:
      return "(" + part() + " * " + part() + ")";
    case 3:
      return "(" + part() + " / 2)";
    case 4:
      return "(" + part() + " % 3)";
    default:
      return "v[b % 3]";
  }
}

std::string random_condition(Random& random, int depth) {
  static const std::vector<std::string> relations = {" == ", " != ", " < ", " <= ", " > ", " >= "};
  if (depth == 0 || random.chance(30)) {
    if (random.chance(15)) return "p";
    const std::string left = random_number(random, 2);
    return "(" + left + random.any_of(relations) + random_number(random, 2) + ")";
  }
  const std::string left = random_condition(random, depth - 1);
  if (random.chance(20)) return "!" + left;
  return "(" + left + (random.chance(50) ? " && " : " || ") + random_condition(random, depth - 1) + ")";
}

TEST(InitialValues, OfRandomConditionsAreFoundAsByTrying) {
  Random random(20261130);
  std::size_t questions = 0;
  std::size_t some = 0;
  for (int i = 0; i < 60; ++i) {
    // A condition may not be constant, nor mention what is declared after it.
    const std::string members = fmt::format(
        "  a: int -3..4 = any\n  b: int 0..5 = any\n  p: bool = any\n  v: array<int 0..2, 3> = any\n"
        "  c: int -2..9 = any where {} && c != a && {}\n",
        random_condition(random, 2), random_condition(random, 1));
    SCOPED_TRACE(members);
    some += compare(system_of(members), &questions) > 0 ? 1 : 0;
  }
  EXPECT_GT(some, 30u);
  EXPECT_GT(questions, 1000u);
}

TEST(InitialValues, OfPinnedDesignsAreFoundAsByTrying) {
  std::size_t systems = 0;
  for (const std::string& file : design_files("tests/verdicts/designs")) {
    std::string problem;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      if (cell.system.initial_conditions.empty()) continue;
      SCOPED_TRACE(cell.title);
      compare(cell.system);
      ++systems;
    }
  }
  EXPECT_GE(systems, 3u);
}

TEST(InitialValues, TakeTimeByTheirNumber) {
  // A million millions of combinations, of which trying would look at a thousand millions.
  const model::TransitionSystem system = system_of(
      "  a: int 0..9999 = any\n  b: int 0..9999 = any where a <= b\n"
      "  c: int 0..9999 = any where b <= c && a + b + c == 29994 && a != 9998\n");
  Counted guide(system);
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<State> found = visited(system, &guide);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  ASSERT_EQ(found.size(), 2u);  // 9996, 9999, 9999 and 9997, 9998, 9999
  EXPECT_THAT(found.front(), testing::IsSupersetOf({9996, 9999}));
  EXPECT_LT(guide.questions, 1000u);
}

TEST(InitialValues, AreTriedWhereZ3DoesNotAnswer) {
  // Powers modulo a prime: most questions have no answer in their time, so that after a few no more are asked.
  const model::TransitionSystem system = system_of(
      "  a: int 2..2000 = any\n  b: int 2..2000 = any where\n"
      "      a * b % 65537 * a % 65537 * b % 65537 * a % 65537 * (a + b) % 65537 == 12345\n");
  InitialSolver guide(system, 1000);
  EXPECT_EQ(visited(system, &guide), visited(system, nullptr));
}

TEST(InitialValues, AreNotAskedForWhereFewAreTried) {
  const model::TransitionSystem system = system_of("  a: int 0..200 = any\n  b: int 0..200 = any where a == b\n");
  Counted guide(system);
  EXPECT_EQ(visited(system, &guide).size(), 201u);
  EXPECT_EQ(guide.questions, 0u);
}

}  // namespace
}  // namespace quiesce

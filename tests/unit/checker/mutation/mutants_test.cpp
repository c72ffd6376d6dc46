// What is changed in a module, change by change, and that every change is a text that differs where it says.
#include "checker/mutation/mutant.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/base/diagnostic.h"
#include "model/base/source.h"
#include "model/syntax/parser.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<Mutant> mutants(const std::string& text) {
  model::SourceMap sources;
  model::Diagnostics diagnostics;
  const model::FileId id = sources.add("m.qsm", text);
  const auto file = model::syntax::parse(id, sources, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << model::render(diagnostics, sources);
  return mutants_of(*file, sources);
}

/// "drop: a && b -> b" of each.
std::vector<std::string> changes(const std::string& text) {
  std::vector<std::string> list;
  for (const Mutant& mutant : mutants(text))
    list.push_back(std::string(kind_name(mutant.kind)) + ": " + mutant.was + " -> " + mutant.now);
  return list;
}

std::vector<std::string> of_condition(const std::string& condition) {
  return changes("module m\nfn f(a: bool, b: bool, c: bool, n: int 0..3) -> bool = " + condition + "\n");
}

TEST(Conditions, LosesAndNegatesOperands) {
  EXPECT_THAT(of_condition("a && b"), UnorderedElementsAre("negate: a && b -> !(a && b)", "drop: a && b -> b",
                                                           "drop: a && b -> a", "negate: a -> !a", "negate: b -> !b"));
}

TEST(Conditions, TakesAChainForOneOperatorAndKeepsParentheses) {
  EXPECT_THAT(
      of_condition("a || b || (c && a)"),
      ::testing::IsSupersetOf({"drop: a || b || (c && a) -> b || (c && a)", "drop: a || b || (c && a) -> a || (c && a)",
                               "drop: a || b || (c && a) -> a || b", "drop: c && a -> a"}));
}

TEST(Conditions, KnowsParenthesesAtTheBegin) {
  EXPECT_THAT(of_condition("(a || b) && c"),
              ::testing::IsSupersetOf({"drop: (a || b) && c -> c", "drop: (a || b) && c -> (a || b)",
                                       "negate: (a || b) && c -> !((a || b) && c)"}));
}

TEST(Conditions, TurnsComparisonsIntoTheirNeighbours) {
  EXPECT_THAT(of_condition("n == 1"), ElementsAre("compare: n == 1 -> n != 1"));
  EXPECT_THAT(of_condition("n != 1"), ElementsAre("compare: n != 1 -> n == 1"));
  EXPECT_THAT(of_condition("n < 1"), UnorderedElementsAre("compare: n < 1 -> n <= 1", "negate: n < 1 -> !(n < 1)"));
  EXPECT_THAT(of_condition("n >= 1"), UnorderedElementsAre("compare: n >= 1 -> n > 1", "negate: n >= 1 -> !(n >= 1)"));
}

TEST(Conditions, TakesOffANegationOnce) {
  EXPECT_THAT(of_condition("!a"), ElementsAre("negate: !a -> a"));
  EXPECT_THAT(of_condition("!(n == 1)"), ElementsAre("negate: !(n == 1) -> (n == 1)"));
}

TEST(Conditions, TakesOffTheGuardOfAnImplication) {
  EXPECT_THAT(of_condition("a => b"), ::testing::IsSupersetOf({"exempt: a => b -> (b)", "exempt: a => b -> !(a)"}));
}

TEST(Conditions, WeakensQuantifiersAndWidensTheirDomains) {
  EXPECT_THAT(of_condition("forall i: int 0..3 where a: i < n"),
              UnorderedElementsAre("quantifier: forall i: int 0..3 where a: i < n -> exists i: int 0..3 where a: i < n",
                                   "negate: forall i: int 0..3 where a: i < n -> !(forall i: int 0..3 where a: i < n)",
                                   "drop: forall i: int 0..3 where a: i < n -> forall i: int 0..3 : i < n",
                                   "negate: a -> !a", "compare: i < n -> i <= n"));
  EXPECT_THAT(of_condition("(count i: int 0..3 where a) == 2"),
              UnorderedElementsAre("compare: (count i: int 0..3 where a) == 2 -> (count i: int 0..3 where a) != 2",
                                   "drop: count i: int 0..3 where a -> count i: int 0..3", "negate: a -> !a"));
}

TEST(Conditions, LosesElementsOfASet) {
  EXPECT_THAT(of_condition("n in {1, 2}"),
              UnorderedElementsAre("negate: n in {1, 2} -> !(n in {1, 2})", "drop: n in {1, 2} -> n in {2}",
                                   "drop: n in {1, 2} -> n in {1}"));
}

TEST(Conditions, AskWhatBelongsWhere) {
  EXPECT_THAT(of_condition("a within b"), ElementsAre("negate: a within b -> !(a within b)"));
  EXPECT_THAT(of_condition("!(a beside b)"), ElementsAre("negate: !(a beside b) -> (a beside b)"));
}

TEST(Conditions, AreFoundInsideOtherExpressions) {
  EXPECT_THAT(changes("module m\nfn f(a: bool, n: int 0..3) -> int 0..3 = a && n == 1 ? 0 : n\n"),
              ::testing::IsSupersetOf({"drop: a && n == 1 -> a", "compare: n == 1 -> n != 1"}));
}

TEST(Modules, HaveTheirChecksGuardsAndPropertiesRemoved) {
  const std::vector<Mutant> found = mutants(R"(module m
rule m.r { title "t" }
machine M() {
  x: bool = false
  busy when x
  never m.r: x
  action a when x { x = false }
  handler h at 3 when x {
    require m.r: x
    if x { violate m.r }
  }
}
)");
  std::vector<std::string> removed;
  for (const Mutant& mutant : found) {
    if (mutant.kind == MutationKind::Remove)
      removed.push_back(mutant.place + " " + mutant.rule + ": " + mutant.was + " -> " + mutant.now);
  }
  EXPECT_THAT(removed, ElementsAre("M.busy : x -> false", "M.r m.r: x -> false", "M.a : x -> true", "M.h : x -> true",
                                   "M.h m.r: x -> true", "M.h m.r: violate m.r -> pass"));
}

TEST(Modules, HaveLinesAndNames) {
  const std::vector<Mutant> found = mutants("module m.n\n\nfn f(a: bool) -> bool = a\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].module, "m.n");
  EXPECT_EQ(found[0].place, "f");
  EXPECT_EQ(found[0].line, 3u);
}

TEST(Modules, OfSystemsAndChecksAreLeftAlone) {
  EXPECT_THAT(changes("module m\nsystem S { never false }\ncheck S\n"), IsEmpty());
}

TEST(Text, OfAMutantIsChangedInOnePlace) {
  const std::string text = "module m\nfn f(a: bool, b: bool) -> bool = (a || // one\n  b) && a\n";
  for (const Mutant& mutant : mutants(text)) {
    model::SourceMap sources;
    model::Diagnostics diagnostics;
    const auto file = model::syntax::parse(sources.add("m.qsm", mutated(text, mutant)), sources, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << mutant.now << "\n" << model::render(diagnostics, sources);
  }
  EXPECT_EQ(on_one_line("a ||  // one\n   b "), "a || b");
  EXPECT_EQ(on_one_line("\n  a\n"), "a");
}

}  // namespace
}  // namespace quiesce::checker

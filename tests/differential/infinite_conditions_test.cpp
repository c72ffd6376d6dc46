// What the search for infinite runs gives up of the reductions of states (docs/reductions.md, Infinite runs), and one
// small design for each that says why: with the reduction it would get another verdict than the naive checker gives,
// without it the same. So a reduction that is let in by mistake is noticed, and one that is left out needlessly, too.
#include <functional>
#include <ostream>

#include <gtest/gtest.h>

#include "checker/automata/translate.h"
#include "checker/liveness/fair_loop.h"
#include "checker/liveness/infinite_runs.h"
#include "checker/liveness/temporal_formula.h"
#include "checker/space/state_space.h"
#include "model/passes/merge_for_infinite_runs.h"
#include "model/passes/merge_steps.h"
#include "model/passes/observe_events.h"
#include "model/passes/reduce.h"
#include "model/passes/slice.h"
#include "tests/differential/designs.h"
#include "tests/differential/naive_infinite_runs.h"

namespace quiesce {
namespace {

using checker::SearchOptions;
using checker::Verdict;
using model::ReductionStatistics;
using model::TransitionSystem;

/// Whether no run is found that breaks the first formula of the system.
using Mutant = std::function<bool(const TransitionSystem&)>;

bool holds_on(const TransitionSystem& system) {
  const Verdict verdict = checker::search_infinite_runs(system, {}).answers.at(0).verdict;
  EXPECT_NE(verdict, Verdict::Unknown);
  return verdict != Verdict::Violated;
}

bool holds_merged(const TransitionSystem& system) {
  ReductionStatistics counts;
  return holds_on(merge_steps(observe_events(system).system, counts).system);
}

bool holds_merged_before_events(const TransitionSystem& system) {
  ReductionStatistics counts;
  return holds_on(observe_events(merge_steps(system, counts).system).system);
}

bool holds_sliced(const TransitionSystem& system) {
  ReductionStatistics counts;
  return holds_on(slice(system, counts).system);
}

/// The search on a space with reductions of its own.
bool holds_in(const TransitionSystem& system, const SearchOptions& options) {
  checker::FormulaTable table;
  const checker::FormulaWithAtoms wanted = formula_of(system.temporal.at(0), table);
  const checker::Automaton negated =
      translate(table, table.negation(wanted.formula), static_cast<std::uint32_t>(wanted.atoms.size())).automaton;
  std::vector<model::ExprId> atoms = wanted.atoms;
  const auto space = checker::make_state_space(system, options);
  const checker::Units units(system);
  checker::StateGraph graph(*space, units, atoms);
  graph.explore(options, {[] { return checker::LimitKind::None; }});
  const checker::SearchControl control(checker::Limits{}, nullptr);
  const std::vector<std::uint64_t> letters = graph.letters_of(wanted.atoms);
  const checker::Product product(graph, letters, negated, control, UINT64_MAX);
  return !find_fair_lasso(product, graph, units, negated, {letters, letters}, control);
}

bool holds_with_partial_order(const TransitionSystem& system) {
  SearchOptions options;
  options.symmetry = false;
  options.partial_order = true;
  options.successors = checker::Successors::Bytecode;
  return holds_in(system, options);
}

bool holds_with_symmetry(const TransitionSystem& system) {
  SearchOptions options;
  options.successors = checker::Successors::Bytecode;
  return holds_in(system, options);
}

struct Condition {
  const char* name;
  Mutant with_reduction;
  const char* text;  // the members of the system; its first formula is judged
};

void PrintTo(const Condition& one, std::ostream* out) { *out << one.name; }

const Condition kConditions[] = {
    // Merging hides that a step was taken.
    {"NextCountsSteps", holds_merged, R"(
  done: bool = false
  thread t { pass  pass  done = true }
  ltl f: next next !done)"},
    {"PreviouslyCountsSteps", holds_merged, R"(
  x: bool = false  y: bool = false
  thread t { x = true  pass  pass  y = true }
  ltl f: always (y => previously previously x))"},
    {"EventsBelongToOneStep", holds_merged_before_events, R"(
  fn f() { pass  pass }
  thread t { f()  pass }
  ltl f: always !(called(f) && returned(f)))"},

    // The cone of a slice has what states are judged by.
    {"FormulasReadWhatNoOtherRuleReads", holds_sliced, R"(
  x: bool = false
  thread t { x = true }
  ltl f: always !x)"},

    // What is left out by partial order is able all the same.
    {"StepsLeftOutAreOwed", holds_with_partial_order, R"(
  cpus 2
  x: bool = false  y: bool = false
  thread a { loop { x = !x  pass } }
  action b when !y fair { y = true }
  ltl f: eventually y)"},

    // Which of two interchangeable instances stepped.
    {"InterchangeableInstancesAreOwedSteps", holds_with_symmetry, R"(
  cpus 2
  workers[2]: Worker()
  ltl f: always eventually !(exists w: Worker: w.n == 1))"},
};

const char* const kMachines = R"(module conditions
machine Worker() {
  n: int 0..2 = 0
  thread t {
    loop {
      either { atomic { if (count w: Worker where w.n == 1) == 0 { n = 1 } }  n = 0 }
      or { n = 2  n = 0 }
    }
  }
}
)";

class InfiniteConditions : public ::testing::TestWithParam<Condition> {};

TEST_P(InfiniteConditions, IsNeeded) {
  const std::string text = std::string(kMachines) + "system S {" + GetParam().text + "\n}\ncheck S\n";
  std::string problem;
  const std::vector<DesignCase> cases = cases_of_text("condition.qsm", text, &problem);
  ASSERT_EQ(cases.size(), 1U) << problem;
  const TransitionSystem& system = cases.front().system;
  const auto naive = naive_verdict(observe_events(system).system, 0, 2000);
  ASSERT_TRUE(naive.has_value());
  ASSERT_FALSE(naive->cut_off);
  const TransitionSystem searched = reduce_for_infinite_runs(system).system;
  EXPECT_EQ(holds_on(searched), !naive->violated);
  if (const auto merged = merge_for_infinite_runs(searched)) {
    EXPECT_EQ(holds_on(*merged), !naive->violated);
  }
  EXPECT_EQ(GetParam().with_reduction(system), naive->violated) << "the reduction does no harm here";
}

/// Two activations stand at one place, and a handler that comes on one CPU and on the other lets each of them step in
/// turn only: neither is owed a step, though one of them always could (docs/reductions.md).
TEST(Activations, ThatAreAbleInTurnAreOwedNothing) {
  const std::string text = R"(module turns
system S {
  cpus 2
  n: int 0..2 = 0
  x: bool = false
  handler h at DISPATCH when n < 2 concurrent 2 { accept { n += 1 }  x = true }
  handler storm at 5 { pass }
  f: n == 2 && !x leads_to x
}
check S
)";
  std::string problem;
  const std::vector<DesignCase> cases = cases_of_text("turns.qsm", text, &problem);
  ASSERT_EQ(cases.size(), 1U) << problem;
  const auto naive = naive_verdict(cases.front().system, 0, 2000);
  ASSERT_TRUE(naive.has_value());
  EXPECT_TRUE(naive->violated);
  EXPECT_FALSE(holds_on(reduce_for_infinite_runs(cases.front().system).system));
}

INSTANTIATE_TEST_SUITE_P(Each, InfiniteConditions, ::testing::ValuesIn(kConditions),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace quiesce

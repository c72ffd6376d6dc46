// What a search executes, statement by statement. A pass puts marks into the programs of a system, checks that always
// hold and belong to a rule of their own each; the rules that a search reports as exercised are then the marks that
// some run passed. So any engine finds coverage out, without a line of its own for it, and the search for verdicts
// does not pay for it: coverage is one more search, asked for with --coverage.
//
// The marked system has the states and steps of the original, since a check changes nothing. A mark counts when the
// step that passes it has an outcome: a statement whose step is blocked was not executed.
#pragma once

#include <vector>

#include "checker/result/coverage.h"
#include "checker/result/exploration.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A system with marks.
struct MarkedSystem {
  model::TransitionSystem system;
  std::vector<CoverageMark> marks;     // ascending
  std::vector<model::RuleId> rule_of;  // in step with `marks`
};

/// `system` with marks on every statement, branch, choice (one mark a value; with more than 64 values ranges of them),
/// start and action. Requires: `system` is not reduced (the result may be, but for slicing); what
/// was sliced away would be taken for something that does not exist.
MarkedSystem with_marks(const model::TransitionSystem& system);

/// What the search asked for by `options` did to find coverage: in its order, exact, and without reductions that leave
/// steps out. Instances stay interchangeable unless some choice is between instances.
SearchOptions coverage_search(const model::TransitionSystem& system, const SearchOptions& options);

/// The facts from the exploration of `marked`.
CoverageFacts coverage_facts(const MarkedSystem& marked, const Exploration& exploration);

}  // namespace quiesce::checker

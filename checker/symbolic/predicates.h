// Systems with numbers without bounds, for engines over bits: predicate abstraction. A number without bounds is
// replaced by what is known of it: a truth value for each of some predicates, which are comparisons.
//
// Each command becomes one command for each way in which it may change the truth values, as Z3 says: the truth values
// before and after it that go together, under its guard. So the abstract system has a step wherever the concrete one
// has, and what is true of all its states is true of all concrete ones. Where a predicate that would tell more is
// missing, it has too many steps: a run of it may be none (spurious).
// S. Graf, H. Saidi, "Construction of abstract state graphs with PVS", CAV 1997; refinement as in E. Clarke et al.,
// "Counterexample-guided abstraction refinement", CAV 2000, by weakest preconditions along the spurious run.
//
// Nothing here is trusted: invariants are checked again over the integers (checker/evidence), and what is broken is
// looked for among the runs of the system with fixed values.
#pragma once

#include <vector>

#include "checker/result/search_control.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// The comparisons of a system that read numbers without bounds, as formulas of its table, which may grow.
std::vector<model::ExprId> predicates_of(model::GuardedSystem& concrete);

/// The abstraction by these predicates: the cells of the concrete system, of which those without bounds are 0, then one
/// for each predicate. Step::choices of its commands is the number of the concrete command. An error when the system
/// has too many ways to change them, or something that has no predicate, and when `control` says stop. Asks for
/// patience.
/// Cost: a question to Z3 for each way in which a command may change truth values.
model::Expected<model::GuardedSystem> abstracted(const model::GuardedSystem& concrete,
                                                 const std::vector<model::ExprId>& predicates,
                                                 const SearchControl& control);

}  // namespace quiesce::checker

// What has to be shown of an inductive invariant, as one set of clauses that no SAT solver may satisfy: for solvers
// that read DIMACS, and for the DRAT proofs that they write.
//
// The clauses say of some state: it satisfies the invariant and what formulas assume (guarded_system.h), and either it
// breaks one of the rules (itself, or by a step that it takes), or a step from it leads to a state of which the
// invariant or the assumptions are false. That initial states satisfy the invariant is not part of it: no search is
// needed for that.
#pragma once

#include <string>
#include <vector>

#include "checker/result/invariant.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// The whole file; equal calls give equal text. The encoding is that of check_invariant(): no analysis is trusted. An
/// error when the system has no bits of ours. Asks for patience (model/base/patience.h).
model::Expected<std::string> invariant_dimacs(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                                              const std::vector<model::RuleId>& rules);

}  // namespace quiesce::checker

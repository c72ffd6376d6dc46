// Pair invariants: for each context, which pairs of its place with a number of any other cell can occur, and which
// places with its level, CPU and affinity together. They hold most of what a proof about a protocol needs, and are
// found without one: as the least sets of pairs that contain those of the initial states and are closed under steps
// from all states of which all pairs are in the sets (an abstraction by projections, Cousot, Cousot 1979).
//
// Most members are seen in states that steps lead to, those first that showed something new (all_steps.h); a solver
// finds the others one state at a time, and at last that there are none. Every state that is found is a state of the
// abstraction, so what steps from there lead to are members too.
//
// Numbers: a card of 118 bits has some 300 sets; the solver is asked some hundred to some thousand times.
#pragma once

#include <optional>
#include <vector>

#include "checker/result/invariant.h"
#include "checker/symbolic/encode.h"
#include "checker/symbolic/engine_control.h"
#include "checker/symbolic/relation_clauses.h"

namespace quiesce::checker {

/// `relation`: of the encoding. The sets as clauses, each as short as it can be; with Encoding::given, an inductive
/// invariant. None when the control stopped it.
std::optional<std::vector<InvariantClause>> pair_invariants(const model::GuardedSystem& guarded,
                                                            const Encoding& encoding, const RelationClauses& relation,
                                                            EngineControl& control);

}  // namespace quiesce::checker

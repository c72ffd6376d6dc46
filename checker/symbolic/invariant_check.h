// An inductive invariant, checked again by a fresh solver over a fresh encoding: without value sets, and with a class
// for each command, so that neither analysis is trusted. It shares the translation of formulas to bits with the engines
// (checker/evidence has another one).
#pragma once

#include <optional>
#include <vector>

#include "checker/result/invariant.h"
#include "checker/symbolic/engine_control.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

enum class InvariantPart {
  Whole,       // every clause is to be part of it
  Sufficient,  // only clauses that are needed to exclude that rules are broken, or to keep others that are. What proofs
               // start from (pair invariants) is mostly not
};

/// A part of the invariant that holds in all initial states, that every step keeps together with the assumptions (1) to
/// (3) of guarded_system.h, and in which no state breaks one of `rules`, nor a step from it. None when the control
/// stopped it.
/// An error says what is wrong, in a sentence. Cost: a query for each clause of the part.
model::Expected<std::optional<InductiveInvariant>> check_invariant(const model::GuardedSystem& guarded,
                                                                   const InductiveInvariant& invariant,
                                                                   const std::vector<model::RuleId>& rules,
                                                                   InvariantPart part, EngineControl& control);

}  // namespace quiesce::checker

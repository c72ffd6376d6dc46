// An inductive invariant, checked again by a fresh solver over a fresh encoding: without value sets, and with a class for
// each command, so that neither analysis is trusted. It shares the translation of formulas to bits with the engines
// (checker/evidence has another one).
#pragma once

#include <optional>
#include <vector>

#include "checker/result/invariant.h"
#include "checker/symbolic/engine_control.h"
#include "model/base/expected.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// True when the invariant holds in all initial states, every step keeps it and the assumptions (1) to (3) of
/// guarded_system.h, and no state that satisfies it breaks one of `rules`, nor a step from it. False when the control
/// stopped it. An error says what is wrong, in a sentence. Cost: a query for each clause.
model::Expected<bool> check_invariant(const model::GuardedSystem& guarded, const InductiveInvariant& invariant,
                                      const std::vector<model::RuleId>& rules, EngineControl& control);

/// A part of the invariant for which all of this is so: clauses that are not needed to exclude that the rules are broken,
/// nor to keep others that are, are left out. What proofs start from (pair invariants) is mostly such. None when the
/// control stopped it. Cost: a query for each clause of the part.
model::Expected<std::optional<InductiveInvariant>> sufficient_part(const model::GuardedSystem& guarded,
                                                                   const InductiveInvariant& invariant,
                                                                   const std::vector<model::RuleId>& rules,
                                                                   EngineControl& control);

}  // namespace quiesce::checker

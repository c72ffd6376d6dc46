// The front door of the engines that prove: verdicts for one case by an inductive invariant (IC3), by runs of bounded
// length, or by whichever of explicit search and IC3 is done first. docs/engines.md says when to use which.
//
// No `holds` without an invariant that was checked again; no `violated` without a run that the interpreter repeated.
// What an engine cannot say is `unknown` with a reason (checker/result/reason.h, Unprovable).
#pragma once

#include <cstdint>
#include <optional>

#include "checker/check.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

enum class ProofEngine {
  Explicit,  // as check()
  Bounded,   // runs of 0, 1, 2, ... steps, until a limit
  Ic3,
  Auto,  // explicit search and IC3 side by side: the first that decides everything, else what both know
};

struct ProveOptions {
  CheckOptions check;  // limits; how the explicit engine searches
  ProofEngine engine = ProofEngine::Auto;
  std::optional<std::uint32_t> bound;  // Bounded: steps of a run at most
  bool certify = false;                // Auto: waits for the invariant also where the search has found that rules hold
};

/// The answer for one case. Requires: its numbers have bounds (else prove_unbounded.h). SearchResult::proof is there
/// when a symbolic engine has decided some rule, or tried.
SearchResult prove(const model::TransitionSystem& system, const ProveOptions& options);

}  // namespace quiesce::checker

// A symbolic engine from a transition system to facts for the judge: guarded commands, circuit, engine, replay of runs,
// recheck of the invariant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checker/result/exploration.h"
#include "checker/symbolic/engine_control.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

struct SymbolicOptions {
  Proof::Engine engine = Proof::Engine::Ic3;
  std::optional<std::uint32_t> bound;  // Bounded
  bool is_abstract = false;            // the system is one of predicates.h: runs are as abstract_finding_of() says
  bool pairs = true;                   // Ic3 starts from pair invariants; false for tests and measurements
};

/// Decides as many rules as it can. All rules are asked about together; one that is broken is left out, and the others
/// are asked about again. ProofFacts::seen holds the findings, with runs as the engine found them, not replayed, and
/// that life.leaked and core.stuck are exercised; nothing else.
/// Asks for patience (model/base/patience.h) while it prepares. Requires: `guarded` has commands that break core rules.
ProofFacts prove_symbolically(const model::GuardedSystem& guarded, const SymbolicOptions& options,
                              EngineControl& control);

}  // namespace quiesce::checker

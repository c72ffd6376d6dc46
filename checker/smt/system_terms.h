// A whole guarded system as terms of one solver, over one state: for questions that are put one after the other.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "checker/smt/solver.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

struct CommandTerms {
  Term guard;
  std::vector<Term> checks;                          // that each holds
  std::vector<std::pair<model::CellId, Term>> next;  // what may change, floats included; ascending by cell
};

/// Formulas are in the order of the guarded system.
struct SystemTerms {
  std::vector<std::optional<Term>> cells;  // none: constant
  Term assumed;                            // assumptions (1) to (3) of model/guarded/guarded_system.h
  std::vector<CommandTerms> commands;
  std::vector<Term> invariants;
  std::vector<Term> reachable;
  Term all_ended;
};

enum class Floating {
  Exact,    // CommandTerms::next says which contexts float after the command
  Omitted,  // it does not: the CPU cells of other contexts are as before. A small part of the size
};

/// The terms of `guarded` in `solver`; nothing is asserted. O(size of the guarded commands).
SystemTerms terms_of(const model::GuardedSystem& guarded, Solver& solver, Floating floating = Floating::Exact);

}  // namespace quiesce::checker

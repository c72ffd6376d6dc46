// An inductive invariant, as engines hand it on and as evidence rechecks it: plain data over the cells of a
// GuardedSystem (model/guarded/guarded_system.h).
//
// The invariant is the conjunction of the clauses, of assumptions (1) to (3) of guarded_system.h and of the constants
// GuardedSystem::constant. It proves the rules for which (a) every initial state satisfies it, (b) every step from a
// state that satisfies it leads to one that does, and (c) in no state that satisfies it a rule is broken: neither a
// property nor a check of an enabled command. The renamings of step 5 may be left out.
#pragma once

#include <cstdint>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// A claim about one bit of a state.
struct CellBit {
  model::CellId cell;
  std::uint8_t bit = 0;  // of (the cell's number - Cell::lo), 0 = lowest
  bool value = false;    // what the bit is claimed to be

  bool operator==(const CellBit&) const = default;
};

/// At least one of the claims is true. Without claims it is false.
struct InvariantClause {
  std::vector<CellBit> literals;
};

struct InductiveInvariant {
  std::vector<InvariantClause> clauses;  // without clauses: true
};

}  // namespace quiesce::checker

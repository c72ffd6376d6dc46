// What checker/reduce/symmetry.h claims, checked by brute force on the reference interpreter, for systems that it can
// explore.
#pragma once

#include <cstdint>
#include <string>

#include "checker/result/instance_symmetry.h"
#include "model/interpret/state.h"
#include "model/system/transition_system.h"

namespace quiesce {

struct SymmetryCheck {
  bool compared = false;      // false: larger than the bound
  std::string difference;     // empty: none
  std::size_t classes = 0;    // found
  std::uint64_t states = 0;   // without symmetry
  std::uint64_t orbits = 0;   // by brute force
  std::uint64_t reduced = 0;  // states of a search with symmetry
};

/// A state with two members exchanged.
model::State exchanged(const checker::InstanceSymmetry& symmetry, const checker::MemberExchange& exchange,
                       model::State state);

/// Visits all states of `system`, up to `max_states`, and demands for every exchange of every class: the exchanged
/// state is reachable too, breaks the same rules, and leads where the state leads, exchanged, by as many steps,
/// breaking the same rules on the way. Then counts orbits, and the states that a search with symmetry visits: the same
/// number (`exact`), or at least as many and no more than without.
SymmetryCheck check_symmetry(const model::TransitionSystem& system, std::uint64_t max_states, bool exact = true);

}  // namespace quiesce

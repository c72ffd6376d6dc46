// Circuits (checker/symbolic/encode.h) against the reference interpreter: in every state that is tried, both have the
// same next states and break the same rules; and simulating a circuit reaches what the interpreter reaches.
#pragma once

#include <cstdint>
#include <string>

#include "checker/symbolic/encode.h"
#include "model/guarded/guarded_system.h"
#include "tests/differential/random_system.h"

namespace quiesce {

struct SymbolicTotals {
  int systems = 0;
  int refused = 0;  // too large for guarded commands, or not encodable
  int failures = 0;
  std::uint64_t reachable = 0;    // states compared
  std::uint64_t unreachable = 0;  // states compared that were made at random
  std::uint64_t next_states = 0;  // of all these
  std::uint64_t broken = 0;       // (state, rule) in which the state or a step from it breaks the rule
  std::uint64_t stuck = 0;        // of these: core.stuck
  std::uint64_t whole = 0;        // systems of which all reachable states were compared
};

struct SymbolicEffort {
  std::uint64_t reachable = 200;  // states at most, breadth first
  int unreachable = 50;           // states tried
  std::uint64_t seed = 1;
};

/// What differs first, as text; empty: nothing.
std::string symbolic_difference(const model::GuardedSystem& guarded, const checker::Encoding& encoding,
                                const SymbolicEffort& effort, SymbolicTotals& totals);

/// These compare many systems, each plain and reduced, encoded with and without value sets and classes, and fail the
/// test with the first few differences.
SymbolicTotals compare_circuits_of_systems(std::uint64_t first_seed, int count, int size, const SymbolicEffort& effort,
                                           ConditionKind kind = ConditionKind::Usual);
SymbolicTotals compare_circuits_of_designs(std::uint64_t first_seed, int count, int size, const SymbolicEffort& effort);
SymbolicTotals compare_circuits_of_files(const std::string& folder, const SymbolicEffort& effort);

}  // namespace quiesce

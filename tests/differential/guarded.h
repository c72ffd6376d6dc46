// Guarded commands (model/guarded) against the reference interpreter: in every state that is tried, both must have the
// same steps.
#pragma once

#include <cstdint>
#include <string>

#include "model/guarded/guarded_system.h"
#include "tests/differential/random_design.h"

namespace quiesce {

struct GuardedTotals {
  int systems = 0;
  int refused = 0;  // systems that are too large for guarded commands
  int failures = 0;
  std::uint64_t reachable = 0;    // states compared
  std::uint64_t unreachable = 0;  // states compared that were made at random (some may be reachable all the same)
  std::uint64_t steps = 0;        // of all these
  std::uint64_t broken = 0;       // steps that break a rule
  std::uint64_t undefined = 0;    // states left out: the interpreter refuses a step (a value outside its cell's domain)
};

struct GuardedEffort {
  std::uint64_t reachable = 100;  // states at most, breadth first
  int unreachable = 100;          // states tried
  std::uint64_t seed = 1;
};

/// What differs first between the commands of `guarded` and the interpreter of its system, as text; empty: nothing.
/// Compared are the form of formulas with what the header promises, initial states, and in each state: which actor may
/// step, on which CPU, with which choices, which rules asked for that breaks, and the next state; the formulas of
/// properties; that renamings lead to one least state, that steps preserve the assumptions. Unreachable states are
/// random numbers within the domains of their cells that satisfy the assumptions (1) to (3) of
/// model/guarded/guarded_system.h.
std::string guarded_difference(const model::GuardedSystem& guarded, const GuardedEffort& effort, GuardedTotals& totals);

/// These compare many systems, each plain and reduced, and fail the test with the first few differences.
GuardedTotals compare_guarded_systems(std::uint64_t first_seed, int count, int size, const GuardedEffort& effort);
GuardedTotals compare_guarded_designs(std::uint64_t first_seed, int count, int size, const GuardedEffort& effort,
                                      DesignMaker make = random_design);
GuardedTotals compare_guarded_files(const std::string& folder, const GuardedEffort& effort);

}  // namespace quiesce

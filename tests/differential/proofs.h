// Proofs (checker/prove.h) against the reference explorer: what IC3 says of a rule is what the explorer says, alone and
// beside explicit search, and bounded runs find what the explorer finds within their bound. Only `unknown` may differ.
#pragma once

#include <cstdint>
#include <string>

#include "tests/differential/random_design.h"

namespace quiesce {

struct ProofTotals {
  int systems = 0;
  int skipped = 0;  // too large for the reference explorer, or beyond the time of a proof
  int failures = 0;
  std::uint64_t held = 0;  // rules
  std::uint64_t violated = 0;
  std::uint64_t idle = 0;     // proved, but not seen to be exercised
  std::uint64_t cut_off = 0;  // a core rule is broken
  std::uint64_t unsaid = 0;   // without a formula
  std::uint64_t leaks = 0;    // of those that hold or are violated: life.leaked
  std::uint64_t stuck = 0;    // of those that are violated: core.stuck
};

/// How large a system may be for the reference explorer.
struct ProofEffort {
  std::uint64_t states = 3000;
  int seconds = 20;  // of one proof
};

/// These compare many systems, reduced, and fail the test with the first few differences.
ProofTotals compare_proofs_of_systems(std::uint64_t first_seed, int count, int size, const ProofEffort& effort);
ProofTotals compare_proofs_of_designs(std::uint64_t first_seed, int count, int size, const ProofEffort& effort,
                                      DesignMaker make = random_design);
ProofTotals compare_proofs_of_files(const std::string& folder, int cells, const ProofEffort& effort);

}  // namespace quiesce

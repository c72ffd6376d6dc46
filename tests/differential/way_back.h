// Runs of a system that a pass made, led back to the original by the map that the pass returned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/passes/back_map.h"
#include "model/system/transition_system.h"

namespace quiesce {

struct WayBackTotals {
  std::size_t runs = 0;
  std::size_t steps = 0;           // of the reduced systems
  std::size_t original_steps = 0;  // that they stand for
  std::size_t broken = 0;          // runs that end in what breaks a rule
  std::size_t late = 0;            // states in which a context of the original has to go on
  std::size_t richer = 0;          // states of which the original has a number that the reduced one lacks
};

/// Reduces `system` by each pass alone and by all of them, walks at random through each result, and leads every run
/// back: what comes out must be a run of `system`, by its interpreter step by step, through states that correspond and
/// break the same rules. What is wrong; empty: nothing. `spoil`, unless null, changes the maps first.
std::string way_back_fault(const model::TransitionSystem& system, std::uint64_t seed, std::size_t walks,
                           std::size_t length, WayBackTotals& totals, void (*spoil)(model::BackMap&) = nullptr);

}  // namespace quiesce

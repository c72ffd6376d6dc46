// One representative for all states that differ only by names that mean nothing (docs/semantics.md, 6): the numbers of
// CPUs and the numbers of the activations of one handler.
#pragma once

#include <cstdint>
#include <vector>

#include "model/interpret/state.h"

namespace quiesce::model {

/// A renaming of CPUs: CPU c becomes renaming[c]. Fixed CPUs keep their number.
using CpuRenaming = std::vector<std::uint32_t>;

/// All renamings that keep the fixed CPUs of `system`, the identity first.
std::vector<CpuRenaming> cpu_renamings(const TransitionSystem& system);

/// `state` with CPUs renamed: every Cpu cell, and every block of an array or set indexed by Cpu moves to its new place.
State rename_cpus(const TransitionSystem& system, const State& state, const CpuRenaming& renaming);

/// `state` with the activations of each handler sorted: by their location, level, CPU, affinity and local cells, then
/// by the locks they hold. Two activations that are equal in all of these are indistinguishable, so the result is the
/// same for every numbering of the activations.
State sort_activations(const TransitionSystem& system, const State& state);

/// The least sort_activations(rename_cpus(state)) over all renamings.
State canonical_state(const TransitionSystem& system, const State& state);

}  // namespace quiesce::model

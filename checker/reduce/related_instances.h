// Which siblings belong together: a driver with its device and what starts it. Internal to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "model/system/transition_system.h"

namespace quiesce::checker {

/// For each of `instances`, siblings of one machine, it and those of `siblings` that belong to it and to no other of
/// them: what one side does writes what the other has, or what starts there or happens by itself waits for it. In order
/// of their machines, and of elaboration. It only proposes. Cost: one look at all programs.
std::vector<std::vector<std::uint32_t>> related_groups(const model::TransitionSystem& system,
                                                       const std::vector<std::uint32_t>& instances,
                                                       const std::vector<std::uint32_t>& siblings);

}  // namespace quiesce::checker

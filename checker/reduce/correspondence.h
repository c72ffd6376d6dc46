// The proof that a renaming of instances maps a transition system onto itself (symmetry.h says what corresponds).
// Internal to this folder.
#pragma once

#include "checker/reduce/instance_renaming.h"

namespace quiesce::checker {

/// Whether `renaming` is an automorphism of `system`; fills in its properties. If that is not proven, `refusal` says
/// what was in the way.
bool is_automorphism(const model::TransitionSystem& system, const NamingTable& table, InstanceRenaming& renaming,
                     Refusal& refusal);

}  // namespace quiesce::checker

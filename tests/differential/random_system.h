// Random transition systems for differential tests: a few threads, handlers and actions over a few variables, built
// directly, so that engines can be compared on combinations that no design in the language has. They are valid
// (model/system/validate.h) and respect what elaboration guarantees: a context changes its level in a bracketed way,
// nothing compares CPUs with numbers or tells activations of one handler apart.
#pragma once

#include <cstdint>
#include <optional>

#include "model/system/transition_system.h"
#include "tests/differential/random.h"

namespace quiesce {

/// The system of the seed that the user names: QUIESCE_SEED=<seed> [QUIESCE_SIZE=<size>], printed; nothing when none is
/// named.
std::optional<model::TransitionSystem> system_of_named_seed();

/// What conditions read. AboutContexts: also where any activation stands, its level, CPU and affinity, the own CPU, and
/// elements chosen by a value; such systems tell activations of one handler apart, so that they are for comparisons
/// state by state, not for searches that merge what renamings make of each other.
enum class ConditionKind { Usual, AboutContexts };

/// The system of a seed. `size` 1 gives some ten to some thousand states.
model::TransitionSystem random_system(std::uint64_t seed, int size = 1, ConditionKind kind = ConditionKind::Usual);

}  // namespace quiesce

// What cannot continue, and why, in words; and how contexts are called.
#pragma once

#include <cstdint>
#include <string>

#include "model/interpret/interpreter.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// "nic.isr", or "nic.dpc.run #2" where there are several activations.
std::string name_of(const model::Context& context, std::uint32_t activation);

/// Of the activation that holds a lock; "no activation" when there is none.
std::string name_of_slot(const model::TransitionSystem& system, std::int64_t slot);

/// Where an activation stands; null when it does not run.
const model::Location* location_of(const model::TransitionSystem& system, const model::State& state,
                                   const model::Context& context, std::uint32_t activation);

/// Why an activation does not step in `state`, in the order: what it waits for, what sits on top of it, what has the
/// CPUs.
std::string why_blocked(const model::Interpreter& interpreter, const model::State& state, const model::Context& context,
                        std::uint32_t activation);

/// Why a handler whose condition holds does not start: what is on the CPUs at its level or above.
std::string why_not_started(const model::TransitionSystem& system, const model::State& state,
                            const model::Context& handler);

}  // namespace quiesce::checker

// Which guarded commands exclude each other, so that one input value can stand for several.
#pragma once

#include <cstddef>
#include <vector>

#include "checker/symbolic/circuit.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// By command: its class, numbered from 0. Two commands of one class are never enabled in one state in which `assumed`
/// is true: they are of one context at different places, or a solver has shown it. `guards`: by command.
std::vector<std::size_t> command_classes(const model::GuardedSystem& guarded, const Circuit& circuit,
                                         const std::vector<Signal>& guards, Signal assumed);

}  // namespace quiesce::checker

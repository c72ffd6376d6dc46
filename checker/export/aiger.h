// The bits of a transition system (checker/symbolic/encode.h) as an and-inverter graph in the format AIGER 1.9 (Biere,
// Heljanko, Wieringa, 2011), which the engines of the hardware model checking competition read.
#pragma once

#include <string>

#include "checker/export/export.h"
#include "checker/symbolic/encode.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// The binary format. Latches begin with 0, as ABC wants it: one stands for a bit of the state or its negation, and
/// where there are several initial states, inputs choose one in the first step. Each bad output is one rule: the state
/// breaks it, or the step that the inputs choose. Where the inputs choose no step, nothing changes.
std::string aiger_text(const model::GuardedSystem& guarded, const Encoding& encoding, const ExportOptions& options);

}  // namespace quiesce::checker

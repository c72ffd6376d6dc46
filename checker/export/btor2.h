// The bits of a transition system (checker/symbolic/encode.h) in the format BTOR2 (Niemetz, Preiner, Wolf, Biere,
// 2018), which word-level engines of the hardware model checking competition read.
#pragma once

#include <string>

#include "checker/export/export.h"
#include "checker/symbolic/encode.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// Text; all sorts are bit vectors of one bit. The circuit is that of closed_circuit.h: states begin with 0, each 'bad'
/// is one rule.
std::string btor2_text(const model::GuardedSystem& guarded, const Encoding& encoding, const ExportOptions& options);

}  // namespace quiesce::checker

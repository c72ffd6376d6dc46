// Readable text of a guarded system, for `quiesce show --guarded` and for debugging (docs/export.md, The encoding), and
// the names of its parts, which all written forms share.
#pragma once

#include <string>

#include "model/base/source.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::model {

/// Its actor and its place: "reader.run, mailbox.qsm:16:7"; `sources` names the place, null leaves it out.
std::string name_of(const GuardedSystem& guarded, const GuardedCommand& command, const SourceMap* sources);

/// Rule and message.
std::string name_of(const GuardedSystem& guarded, const Violation& broken);
std::string name_of(const GuardedSystem& guarded, const GuardedProperty& property);

/// All of it, complete and deterministic: constants, initial states, conditions, commands, what follows each command,
/// properties. Formulas are written as in model/system/print.h.
std::string print_guarded(const GuardedSystem& guarded, const SourceMap* sources);

}  // namespace quiesce::model

// Names of the parts of a guarded system, which all written forms share.
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

}  // namespace quiesce::model

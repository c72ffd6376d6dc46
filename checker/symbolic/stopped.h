// How the control ends an engine of this folder in the middle of its questions.
#pragma once

namespace quiesce::checker {

/// Thrown where the control says that a limit is reached; every engine catches its own.
struct Stopped {};

}  // namespace quiesce::checker

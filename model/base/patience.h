// How long work on a text may take. From a text to a system it is many stages; none of them should have to know what is
// waiting, and why that may come to an end. So the caller that starts such work says what to ask, and the work asks
// between its pieces, without being handed anything.
#pragma once

#include <functional>
#include <optional>

#include "model/base/source.h"

namespace quiesce::model {

/// Work that was left where it stood.
struct CutShort {
  Span where;  // what it had come to in the text; invalid where it is not about one place
};

/// Does `work` on this thread. Whenever that comes to ask_patience(), `may_go_on` is asked; when it says no, the work
/// is left by an exception that ends here. What it was making is then half made: throw it away. Nothing when all was
/// done.
std::optional<CutShort> work_patiently(const std::function<bool()>& may_go_on, const std::function<void()>& work);

/// Called by long work between pieces of at most some milliseconds; does nothing where no caller waits. `where`: the
/// piece that comes next. Cost: some nanoseconds.
void ask_patience(Span where = {});

}  // namespace quiesce::model

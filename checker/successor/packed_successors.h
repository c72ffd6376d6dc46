// What packed states lead to, as expansions hand it over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/interpret/state.h"

namespace quiesce::checker {

/// What a batch of states leads to. A buffer to be reused.
struct PackedSuccessors {
  struct FailedCheck {
    std::uint32_t source = 0;  // position of the state in the batch
    std::int32_t check = 0;    // position in Code::checks
  };
  struct Origin {
    std::uint32_t source = 0;  // position of the state in the batch
    model::Actor actor;        // what acted: an activation of a context, the start of a handler, an action
    std::int32_t cpu = -1;     // CPU on which it did; -1: it floats, and it does not matter which
  };
  std::vector<std::uint64_t> states;  // packed and canonical, Packing::words() each; may repeat
  std::vector<FailedCheck> failed;    // checks broken by steps of the batch; may repeat
  std::uint64_t steps = 0;            // distinct steps (docs/semantics.md 7.2) of the batch
  std::uint64_t reduced = 0;          // states of the batch of which the steps of some contexts were enough

  bool wants_origins = false;   // to be set by the caller; expansion is slower then
  bool in_any_order = false;    // likewise: the successors of a state need not come in the order of its steps
  std::vector<Origin> origins;  // in step with `states`, when wanted
  std::vector<Origin> ends;     // of steps that break a core rule, when wanted

  void clear() {
    states.clear();
    failed.clear();
    origins.clear();
    ends.clear();
    steps = 0;
    reduced = 0;
  }
};

/// Takes successors away while one state is being expanded: a choice may have a million values.
class SuccessorDrain {
 public:
  virtual ~SuccessorDrain() = default;

  /// Takes what `out` holds, which may hold some of it again the next time: leave it unchanged. False: the expansion
  /// ends here, incomplete.
  virtual bool drain(PackedSuccessors& out) = 0;
};

}  // namespace quiesce::checker

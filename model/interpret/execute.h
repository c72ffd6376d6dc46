// Running a program on a state (docs/semantics.md, 4): every way through its choices.
// Knows nothing of levels and CPUs: the scheduler decides which context runs and where it stands afterwards.
#pragma once

#include <optional>
#include <vector>

#include "model/interpret/state.h"

namespace quiesce::model {

/// One way through a program that was not stopped by an Assume.
struct Outcome {
  State next;  // after the assignments; for contexts with the new location
  std::vector<std::int64_t> choices;
  std::vector<bool> counted;
  std::vector<Violation> violations;
  std::vector<RuleId> exercised;  // ascending, each once
  bool ends_run = false;          // a core rule is broken: the last violation
  bool ended = false;             // EndOp: the thread or activation has ended
};

/// Whose program runs; none for actions.
struct Runner {
  ContextId context;
  std::uint32_t activation = 0;
};

/// The outcomes of `program` on `state`, in lexicographic order of choices. `cpu` is the current CPU as a cell value
/// (c + 1), 0 when the program does not use it.
std::vector<Outcome> execute(const TransitionSystem& system, const Program& program, const State& state,
                             std::optional<Runner> runner, std::int64_t cpu);

}  // namespace quiesce::model

// The way back of a run: from a run of a reduced system to the run of the original that it stands for
// (model/passes/back_map.h), so that reports, replays and certificates speak of the system of the text. The original's
// states have numbers that the reduced ones lack; they are found by executing the original.
#pragma once

#include <cstddef>
#include <vector>

#include "checker/result/result.h"
#include "checker/result/search_control.h"
#include "model/base/expected.h"
#include "model/interpret/interpreter.h"
#include "model/passes/back_map.h"

namespace quiesce::checker {

/// Two systems and the way from one to the other. All must outlive it.
struct ReducedSystem {
  const model::TransitionSystem& reduced;
  const model::TransitionSystem& original;
  const model::BackMap& map;

  /// Whether the two states correspond.
  bool correspond(const model::State& reduced_state, const model::State& original_state) const;
};

/// A run of the original.
struct OriginalRun {
  Run run;
  std::vector<std::size_t> part_of;  // per step: the step of the reduced run of which it is a part; mostly ascending
  std::vector<std::size_t> reached;  // per state of the reduced run: position of the state of `run` that it stands for
  std::vector<bool> is_late;  // per state of the reduced run: a context has to continue (back_map.h), so that the
                              // states differ in its place and own cells
};

/// The run of the original that the run of `finding` stands for: its states correspond to those of that run where a
/// step of it begins or ends, but for contexts that have to continue, and its last step or state breaks what `finding`
/// says. Requires: the run is concrete and was replayed. Nothing when there is none, which is a mistake in a pass; the
/// sentence then says where it ends.
///
/// Of numbers that the reduced system lacks, the least are taken: initial ones, and choices. Cost: the steps of one
/// actor for every state of the result. With a `control` it throws SearchStopped at a limit.
model::Expected<OriginalRun> original_run(const ReducedSystem& systems, const Finding& finding,
                                          const SearchControl* control = nullptr);

/// Likewise for a run that breaks nothing.
model::Expected<OriginalRun> original_run(const ReducedSystem& systems, const Run& run,
                                          const SearchControl* control = nullptr);

}  // namespace quiesce::checker

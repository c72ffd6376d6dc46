// Steps extended past a Goto, for the passes of the reduction that merge (merge_steps.h, movers.h): a Goto is replaced
// by what is done at its target. Internal to this folder.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/passes/program_draft.h"
#include "model/passes/reduction_statistics.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// The conditions under which the location's program breaks no check, as the state is before it: true for one that
/// cannot. Nothing where a check may fail that is judged on what the program itself has changed, in a way that is not
/// understood.
std::optional<std::vector<ExprId>> conditions_of_checks(TransitionSystem& system, const Program& program);

/// Whether the check has a condition that is not constantly true.
bool can_fail(const TransitionSystem& system, const CheckOp& check);

/// Puts programs of locations in place of the Gotos that lead there.
class StepInliner {
 public:
  /// Whether the step from `from` (none: the start of a handler) to `to` continues there. Must form no cycle, and
  /// lead only to programs of which `conditions_of_checks` is known and which do not wait.
  using GoesOn = std::function<bool(std::optional<LocationId> from, LocationId to)>;

  /// A condition on the state before it continues; none: always.
  using OnlyIf = std::function<ExprId(std::optional<LocationId> from, LocationId to)>;

  /// `system` must outlive it; it begins with the programs that the system has now.
  StepInliner(TransitionSystem& system, ReductionStatistics& statistics, GoesOn goes_on, OnlyIf only_if = {});

  /// The program of `location` (of the start of `context`) with everything put in, as far as the limits on length and
  /// choices allow.
  Program expanded(LocationId location);
  Program expanded_start(const Context& context);

 private:
  void expand(ProgramDraft& draft, std::optional<LocationId> from);
  const ProgramDraft& body_of(LocationId location);
  ProgramDraft guarded(LocationId location);
  ProgramDraft guarded_before(LocationId location, const std::vector<ExprId>& conditions) const;
  ProgramDraft guarded_in_place(LocationId location) const;
  void shift_temps(std::vector<Op>& ops, std::uint32_t by);

  TransitionSystem& system_;
  ReductionStatistics& statistics_;
  const GoesOn goes_on_;
  const OnlyIf only_if_;
  std::vector<Program> originals_;
  std::unordered_map<LocationId, ProgramDraft> bodies_;
};

}  // namespace quiesce::model

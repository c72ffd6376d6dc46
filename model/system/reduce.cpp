#include "model/system/reduce.h"

#include <algorithm>
#include <vector>

#include "model/system/drop_unreachable.h"
#include "model/system/forget_dead.h"
#include "model/system/merge_steps.h"
#include "model/system/slice.h"

namespace quiesce::model {

TransitionSystem reduce(const TransitionSystem& system, const ReduceOptions& options, ReductionStatistics* statistics) {
  ReductionStatistics counts;
  counts.locations_before = system.locations.size();
  counts.actions = system.actions.size();
  counts.variables = static_cast<std::size_t>(std::count_if(system.variables.begin(), system.variables.end(),
                                                            [](const Variable& variable) { return !variable.hidden; }));
  TransitionSystem result = system;
  if (options.slice) slice(result, counts);
  // Merging may leave a branch nothing to decide, slicing may make more steps silent. Each round drops a cell or an
  // action, or is the last.
  bool again = true;
  while (again) {
    const std::vector<bool> dead_checks =
        find_dead_checks(result);  // before merging leaves others without a way to them
    merge_steps(result, counts);
    drop_unreachable(result, dead_checks);
    again = options.slice && slice(result, counts);
  }
  forget_dead(result, counts);
  counts.locations_after = result.locations.size();
  if (statistics != nullptr) *statistics = counts;
  return result;
}

}  // namespace quiesce::model

#include "model/system/reduce.h"

#include <vector>

#include "model/system/drop_unreachable.h"
#include "model/system/forget_dead.h"
#include "model/system/merge_steps.h"

namespace quiesce::model {

TransitionSystem reduce(const TransitionSystem& system, ReductionStatistics* statistics) {
  ReductionStatistics counts;
  counts.locations_before = system.locations.size();
  TransitionSystem result = system;
  const std::vector<bool> dead_checks = find_dead_checks(result);  // before merging leaves others without a way to them
  merge_steps(result, counts);
  drop_unreachable(result, dead_checks);
  forget_dead(result, counts);
  counts.locations_after = result.locations.size();
  if (statistics != nullptr) {
    *statistics = counts;
  }
  return result;
}

}  // namespace quiesce::model

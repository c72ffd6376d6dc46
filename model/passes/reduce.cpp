#include "model/passes/reduce.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "model/passes/drop_unreachable.h"
#include "model/passes/forget_dead.h"
#include "model/passes/merge_steps.h"
#include "model/passes/movers.h"
#include "model/passes/observe_events.h"
#include "model/passes/slice.h"
#include "model/system/joint_steps.h"

namespace quiesce::model {

namespace {

/// A system on its way through the passes, with the way back from where it is.
class Reduction {
 public:
  explicit Reduction(TransitionSystem system) : result_{std::move(system), {}, {}} {
    result_.map = identity_map(result_.system);
    ReductionStatistics& counts = statistics();
    counts.locations_before = result_.system.locations.size();
    counts.actions = result_.system.actions.size();
    counts.variables =
        static_cast<std::size_t>(std::count_if(result_.system.variables.begin(), result_.system.variables.end(),
                                               [](const Variable& variable) { return !variable.hidden; }));
  }

  ReductionStatistics& statistics() { return result_.statistics; }

  /// Whether a cell or an action went.
  bool slice() {
    const std::size_t actions = result_.system.actions.size();
    Passed passed = model::slice(std::move(result_.system), statistics());
    const bool dropped = !passed.map.sliced.empty() || passed.map.actions.size() < actions;
    take(std::move(passed));
    return dropped;
  }

  void merge() { merge_with(merge_steps); }
  void merge_movers() { merge_with(model::merge_movers); }

  Reduced forget() && {
    take(forget_dead(std::move(result_.system), statistics()));
    statistics().locations_after = result_.system.locations.size();
    return std::move(result_);
  }

  Reduced as_it_is() && {
    statistics().locations_after = result_.system.locations.size();
    return std::move(result_);
  }

 private:
  void merge_with(Passed (*pass)(TransitionSystem, ReductionStatistics&)) {
    const std::vector<bool> dead_checks =
        find_dead_checks(result_.system);  // before merging leaves others without a way to them
    take(pass(std::move(result_.system), statistics()));
    take(drop_unreachable(std::move(result_.system), dead_checks));
  }

  void take(Passed passed) {
    result_.system = std::move(passed.system);
    result_.map = composed(result_.map, passed.map);
  }

  Reduced result_;
};

}  // namespace

Reduced reduce(TransitionSystem system, const ReduceOptions& options) {
  for (TemporalProperty& property : system.temporal) {  // steps are merged: infinite runs are searched elsewhere
    property.formula.clear();
    property.trigger = {};
  }
  system.observers.clear();
  const bool is_joint = has_joint_steps(system);
  Reduction reduction(std::move(system));
  // All passes rely on a step moving its own context only.
  if (is_joint) return std::move(reduction).as_it_is();
  if (options.slice) reduction.slice();
  // Merging may leave a branch nothing to decide, slicing may make more steps silent. Each round drops a cell or an
  // action, or is the last.
  do {
    reduction.merge();
  } while (options.slice && reduction.slice());
  if (options.movers) reduction.merge_movers();
  return std::move(reduction).forget();
}

Passed reduce_for_infinite_runs(const TransitionSystem& system) {
  ReductionStatistics counts;
  Passed observed = observe_events(system);
  if (has_joint_steps(system)) return observed;
  Passed forgetful = forget_dead(std::move(observed.system), counts);
  forgetful.map = composed(observed.map, forgetful.map);
  return forgetful;
}

}  // namespace quiesce::model

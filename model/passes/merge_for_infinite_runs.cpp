#include "model/passes/merge_for_infinite_runs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/passes/drop_unreachable.h"
#include "model/passes/forget_dead.h"
#include "model/passes/merge_steps.h"
#include "model/system/joint_steps.h"

namespace quiesce::model {
namespace {

bool is_checked(const TransitionSystem& system, RuleId rule) {
  return std::find(system.checked.begin(), system.checked.end(), rule) != system.checked.end();
}

bool counts_steps(const TemporalProperty& property) {
  return std::any_of(property.formula.begin(), property.formula.end(), [](const TemporalNode& node) {
    return node.op == TemporalOperator::Next || node.op == TemporalOperator::Previously;
  });
}

}  // namespace

std::optional<TransitionSystem> merge_for_infinite_runs(const TransitionSystem& system) {
  const bool some_counts = std::any_of(
      system.temporal.begin(), system.temporal.end(),
      [&](const TemporalProperty& property) { return is_checked(system, property.rule) && counts_steps(property); });
  if (some_counts || !system.observers.empty() || has_joint_steps(system)) return std::nullopt;
  ReductionStatistics counts;
  const std::vector<bool> dead = find_dead_checks(system);  // before merging leaves others without a way to them
  TransitionSystem merged = merge_steps(system, counts).system;
  merged = drop_unreachable(std::move(merged), dead).system;
  return forget_dead(std::move(merged), counts).system;
}

}  // namespace quiesce::model

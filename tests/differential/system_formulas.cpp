#include "tests/differential/system_formulas.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/differential/random_events.h"
#include "tests/differential/random_system.h"

namespace quiesce {

using model::ExprId;
using model::TemporalNode;
using model::TemporalOperator;
using model::TemporalProperty;
using model::TransitionSystem;

namespace {

/// Conditions that no renaming can change.
std::vector<ExprId> conditions_of(TransitionSystem& system) {
  std::vector<ExprId> conditions;
  for (const model::Property& property : system.properties) {
    if (property.condition.valid()) conditions.push_back(property.condition);
  }
  const auto compare = [&](model::CellId cell, std::int64_t value) {
    conditions.push_back(system.expressions.binary(model::BinaryOp::Equal, system.expressions.load(cell),
                                                   system.expressions.constant(value)));
  };
  for (const model::Context& context : system.contexts) {
    if (context.kind != model::ContextKind::Thread) {
      if (context.activations > 1) continue;
    }
    compare(context.location_cell[0], 0);
    compare(context.location_cell[0], static_cast<std::int64_t>(context.locations.size() / 2) + 1);
  }
  std::set<std::uint32_t> renamed;
  for (const model::CpuBlocks& blocks : system.cpu_blocks) {
    for (const model::CellId first : blocks.first) {
      for (std::uint32_t i = 0; i < blocks.length; ++i) renamed.insert(first.value + i);
    }
  }
  for (const model::Variable& variable : system.variables) {
    if (variable.owner || model::cell_count(*variable.type) != 1 || renamed.count(variable.first.value) != 0) continue;
    const model::Cell& cell = system.at(variable.first);
    if (cell.kind == model::CellKind::Plain) compare(variable.first, cell.hi);
  }
  return conditions;
}

/// Adds a random formula over `conditions` and returns its position. `counts_steps`: perhaps with next and previously.
std::uint32_t grow(Random& random, const std::vector<ExprId>& conditions, int size, bool counts_steps,
                   std::vector<TemporalNode>& formula) {
  TemporalNode node;
  if (size <= 1) {
    node.atom = random.any_of(conditions);
  } else {
    static const std::vector<TemporalOperator> kOperators = {
        TemporalOperator::Not,          TemporalOperator::And,        TemporalOperator::Or,
        TemporalOperator::Implies,      TemporalOperator::Next,       TemporalOperator::Eventually,
        TemporalOperator::Always,       TemporalOperator::Eventually, TemporalOperator::Always,
        TemporalOperator::Until,        TemporalOperator::WeakUntil,  TemporalOperator::Release,
        TemporalOperator::LeadsTo,      TemporalOperator::Previously, TemporalOperator::Once,
        TemporalOperator::Historically, TemporalOperator::Since,      TemporalOperator::LeadsTo};
    node.op = random.any_of(kOperators);
    const bool counts = node.op == TemporalOperator::Next || node.op == TemporalOperator::Previously;
    if (counts && !counts_steps) node.op = TemporalOperator::Until;
    const int left = static_cast<int>(random.between(1, size - 1));
    node.left = grow(random, conditions, left, counts_steps, formula);
    node.right = grow(random, conditions, size - 1, counts_steps, formula);
  }
  formula.push_back(node);
  return static_cast<std::uint32_t>(formula.size() - 1);
}

}  // namespace

TransitionSystem system_with_formulas(std::uint64_t seed, bool counts_steps) {
  TransitionSystem system = random_system(seed);
  Random random(seed + 17);
  const auto some_fairness = [&] {
    return random.chance(60) ? model::Fairness::Default : static_cast<model::Fairness>(random.between(0, 4));
  };
  for (model::Context& context : system.contexts) context.fairness = some_fairness();
  for (model::Action& action : system.actions) action.fairness = some_fairness();
  std::vector<ExprId> conditions = conditions_of(system);
  if (counts_steps && random.chance(40)) {
    const std::vector<ExprId> events = add_events(system, random);
    conditions.insert(conditions.end(), events.begin(), events.end());
  }
  for (int i = 0; i < 4; ++i) {
    TemporalProperty property;
    property.rule = model::RuleId(system.rules.size());
    property.always_possible = random.chance(15);
    const int size = property.always_possible ? 1 : static_cast<int>(random.between(2, 5));
    grow(random, conditions, size, counts_steps, property.formula);
    model::Rule rule;
    rule.name = "live." + std::to_string(i);
    system.checked.push_back(property.rule);
    system.rules.push_back(std::move(rule));
    system.temporal.push_back(std::move(property));
  }
  return system;
}

}  // namespace quiesce

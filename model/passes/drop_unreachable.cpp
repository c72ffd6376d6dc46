#include "model/passes/drop_unreachable.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <variant>

#include "model/base/internal_check.h"
#include "model/base/patience.h"
#include "model/system/control_flow.h"
#include "model/system/location_numbers.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// Adds `location` and what can follow it to `known`, which is closed under successors.
void add_with_successors(const TransitionSystem& system, LocationId location, std::vector<LocationId>& known) {
  if (std::find(known.begin(), known.end(), location) != known.end()) {
    return;
  }
  std::size_t next = known.size();
  known.push_back(location);
  while (next < known.size()) {
    for_each_goto(system.at(known[next++]).program, [&](LocationId to) {
      if (std::find(known.begin(), known.end(), to) == known.end()) {
        known.push_back(to);
      }
    });
  }
}

}  // namespace

std::vector<bool> find_dead_checks(const TransitionSystem& system) {
  std::vector<bool> dead(system.locations.size());
  for (std::size_t i = 0; i < system.locations.size(); ++i) {
    const std::vector<Op>& ops = system.locations[i].program.ops;
    dead[i] = std::any_of(ops.begin(), ops.end(), [](const Op& op) { return std::holds_alternative<CheckOp>(op); });
  }
  for (std::size_t k = 0; k < system.contexts.size(); ++k) {
    for (const LocationId location : ControlFlow(system, ContextId(k)).reachable()) {
      dead[location.value] = false;
    }
  }
  return dead;
}

Passed drop_unreachable(TransitionSystem system, const std::vector<bool>& dead_checks) {
  BackMap map = identity_map(system);
  map.locations.clear();
  const LocationCells cells(system);
  const MentionedNumbers mentioned = mentioned_numbers(system, cells);
  constexpr std::uint32_t kDropped = std::numeric_limits<std::uint32_t>::max();

  std::vector<std::uint32_t> new_index(system.locations.size(), kDropped);
  std::vector<std::vector<std::uint32_t>> new_number(system.contexts.size());  // [context][old number], 0 = dropped
  std::vector<bool> kept(system.locations.size(), false);
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    ask_patience();
    Context& context = system.contexts[k];
    std::vector<LocationId> reachable = context.locations;
    if (!mentioned.opaque[k]) {
      reachable = ControlFlow(system, ContextId(std::size_t{k})).reachable();
      add_with_successors(system, context.entry, reachable);  // a start may never complete, but a context has an entry
      for (const LocationId location : context.locations) {
        if (dead_checks[location.value]) {
          add_with_successors(system, location, reachable);
        }
      }
      std::sort(reachable.begin(), reachable.end(),
                [&](LocationId x, LocationId y) { return system.at(x).number < system.at(y).number; });
    }
    new_number[k].assign(context.locations.size() + 1, 0);
    for (const LocationId location : reachable) {
      kept[location.value] = true;
    }
    context.locations = std::move(reachable);
    for (std::size_t i = 0; i < context.locations.size(); ++i) {
      Location& location = system.locations[context.locations[i].value];
      new_number[k][location.number] = static_cast<std::uint32_t>(i + 1);
      location.number = static_cast<std::uint32_t>(i + 1);
    }
  }

  // Indices, keeping the order of the table.
  std::vector<Location> locations;
  for (std::size_t i = 0; i < system.locations.size(); ++i) {
    if (kept[i]) {
      new_index[i] = static_cast<std::uint32_t>(locations.size());
      locations.push_back(std::move(system.locations[i]));
      map.locations.emplace_back(i);
    }
  }
  map.dead.resize(locations.size());
  system.locations = std::move(locations);
  const auto moved = [&](LocationId old) {
    QUIESCE_CHECK(new_index[old.value] != kDropped) << "location " << old.value << " was dropped, but is needed";
    return LocationId(std::size_t{new_index[old.value]});
  };
  for (Context& context : system.contexts) {
    context.entry = moved(context.entry);
    for (LocationId& location : context.locations) {
      location = moved(location);
    }
  }
  for_each_program(system, [&](Program& program) {
    for (Op& op : program.ops) {
      if (auto* jump = std::get_if<GotoOp>(&op)) {
        jump->location = moved(jump->location);
      }
    }
  });

  // Numbers in expressions. A test for a dropped location is false forever.
  const auto number_now = [&](std::uint32_t context, std::int64_t old) -> std::optional<std::int64_t> {
    if (old <= 0 || old >= static_cast<std::int64_t>(new_number[context].size())) {
      return old;  // 0: not running; beyond: never true before nor after
    }
    const std::uint32_t now = new_number[context][static_cast<std::size_t>(old)];
    return now == 0 ? std::nullopt : std::optional<std::int64_t>(now);
  };
  ExprTable& table = system.expressions;
  ExprRewriter rewriter(table, [&](ExprId id, const Expr& expr) -> std::optional<ExprId> {
    const auto test = location_test(table, cells, expr);
    if (!test) {
      return std::nullopt;
    }
    const std::optional<std::int64_t> now = number_now(test->context, test->number);
    if (!now) {
      return table.constant(test->op == BinaryOp::NotEqual);
    }
    if (*now == test->number) {
      return id;
    }
    const ExprId cell = std::get<BinaryExpr>(expr).left;
    return table.binary(test->op, cell, table.constant(*now));
  });
  const auto rewrite = [&](ExprId& id) {
    if (id.valid()) {
      id = rewriter(id);
    }
  };
  for_each_program(system, [&](Program& program) { rewriter.rewrite(program); });
  for (Context& context : system.contexts) {
    rewrite(context.condition);
    if (auto* one = std::get_if<OnOne>(&context.cpus)) {
      rewrite(one->cpu);
    } else if (auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (ExprId& allowed : set->allowed) {
        rewrite(allowed);
      }
    }
  }
  for (Location& location : system.locations) {
    rewrite(location.guard);
    if (location.lock) {
      location.lock = rewriter(*location.lock);
    }
  }
  for (Action& action : system.actions) {
    rewrite(action.guard);
  }
  for (Property& property : system.properties) {
    rewrite(property.condition);
    rewrite(property.trigger);
  }
  for (TemporalProperty& property : system.temporal) {
    rewrite(property.trigger);
    for (TemporalNode& node : property.formula) {
      rewrite(node.atom);
      rewrite(node.quiet);
    }
  }
  for (ExprId& condition : system.initial_conditions) {
    rewrite(condition);
  }

  // Numbers in cells: domains, rest values and initial values of location cells.
  for (InitialAssign& assign : system.initial) {
    rewrite(assign.value);
    std::int64_t number = 0;
    if (cells.owner[assign.cell.value] != 0 && table.is_constant(assign.value, &number)) {
      const auto now = number_now(cells.owner[assign.cell.value] - 1, number);
      QUIESCE_CHECK(now.has_value()) << "a context begins at a location that was dropped";
      assign.value = table.constant(*now);
    }
  }
  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    for (const CellId id : system.contexts[k].location_cell) {
      Cell& cell = system.cells[id.value];
      const auto rest = number_now(k, cell.rest);
      QUIESCE_CHECK(rest.has_value()) << "a context begins at a location that was dropped";
      cell.rest = *rest;
      cell.hi = static_cast<std::int64_t>(system.contexts[k].locations.size());
    }
  }
  return {std::move(system), std::move(map)};
}

}  // namespace quiesce::model

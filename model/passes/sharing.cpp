#include "model/passes/sharing.h"

#include <variant>

#include "model/base/patience.h"
#include "model/system/cell_set.h"
#include "model/system/control_flow.h"
#include "model/system/traverse.h"

namespace quiesce::model {

Sharing::Sharing(const TransitionSystem& system)
    : mentioned_by(system.cells.size(), kNone), written_by(system.cells.size(), kNone) {
  const auto mark = [](std::vector<std::uint32_t>& by, CellId cell, std::uint32_t who) {
    std::uint32_t& known = by[cell.value];
    known = known == kNone || known == who ? who : kShared;
  };
  const auto add_program = [&](const Program& program, std::uint32_t who) {
    const ProgramUse use = use_of(system, program);
    use.reads.for_each([&](CellId cell) { mark(mentioned_by, cell, who); });
    use.writes.for_each([&](CellId cell) {
      mark(mentioned_by, cell, who);
      mark(written_by, cell, who);
    });
  };
  const auto add_expr = [&](ExprId expr, std::uint32_t who) {
    CellSet reads(system.cells.size());
    add_reads(system, expr, reads);
    reads.for_each([&](CellId cell) { mark(mentioned_by, cell, who); });
  };
  const auto share = [&](CellId cell) {
    mentioned_by[cell.value] = kShared;
    written_by[cell.value] = kShared;
  };

  for (std::uint32_t k = 0; k < system.contexts.size(); ++k) {
    const Context& context = system.contexts[k];
    add_program(context.start, k);
    // Conditions are looked at by the scheduler whenever anything steps.
    if (context.condition.valid()) {
      add_expr(context.condition, kShared);
    }
    if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
      add_expr(one->cpu, kShared);
    } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (const ExprId allowed : set->allowed) {
        add_expr(allowed, kShared);
      }
    }
  }
  for (const Location& location : system.locations) {
    ask_patience();
    add_program(location.program, location.context.value);
    if (location.guard.valid()) {
      add_expr(location.guard, location.context.value);
    }
    if (location.lock) {
      for (const CellId cell : location.lock->cells) {
        share(cell);
      }
      if (location.lock->index.valid()) {
        add_expr(location.lock->index, location.context.value);
      }
    }
  }
  for (const Action& action : system.actions) {
    ask_patience();
    add_program(action.program, kShared);
    add_expr(action.guard, kShared);
  }
  for (const Property& property : system.properties) {
    for (const ExprId expr : {property.condition, property.trigger}) {
      if (expr.valid()) {
        add_expr(expr, kShared);
      }
    }
  }
  for (const TemporalProperty& property : system.temporal) {
    for (const TemporalNode& node : property.formula) {
      for (const ExprId expr : {node.atom, node.quiet}) {
        if (expr.valid()) add_expr(expr, kShared);
      }
    }
    if (property.trigger.valid()) {
      add_expr(property.trigger, kShared);
    }
  }
  for (const Lock& lock : system.locks) {
    share(lock.holder);
    if (lock.saved) {
      share(*lock.saved);
    }
  }
  for (const Instance& instance : system.instances) {
    if (instance.life) {
      share(*instance.life);
    }
  }
  for (const Context& context : system.contexts) {
    for (const std::vector<CellId>* cells :
         {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
      for (const CellId cell : *cells) {
        share(cell);
      }
    }
    // What is not a local of its own is shared between the activations of one handler.
    if (context.activations > 1) {
      CellSet locals(system.cells.size());
      for (const std::vector<CellId>& cells : context.local_cells) {
        for (const CellId cell : cells) {
          locals.insert(cell);
        }
      }
      const auto k = static_cast<std::uint32_t>(&context - system.contexts.data());
      for (std::size_t i = 0; i < system.cells.size(); ++i) {
        if (mentioned_by[i] == k && !locals.contains(CellId(i))) {
          share(CellId(i));
        }
      }
    }
  }
}

}  // namespace quiesce::model

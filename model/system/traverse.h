// Walking over and rebuilding expressions and programs: which expressions an operation mentions, which cells
// a program reads and writes, and copies of programs with some expressions replaced. All passes and engines
// use these instead of switching over every kind of node themselves.
//
// Expressions form a graph with shared parts, so walks remember what they have seen: their cost is the number
// of distinct sub-expressions, not of paths.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "model/base/overloaded.h"
#include "model/system/cell_set.h"
#include "model/system/transition_system.h"

namespace quiesce::model {

/// Calls `visit(ExprId)` for every expression that `expr` directly consists of (a place's index included).
template <typename Visit>
void for_each_operand(const Expr& expr, Visit visit) {
  std::visit(Overloaded{
                 [](const ConstantExpr&) {},
                 [&](const LoadExpr& e) {
                   if (e.place.index.valid()) {
                     visit(e.place.index);
                   }
                 },
                 [](const TempExpr&) {},
                 [&](const UnaryExpr& e) { visit(e.operand); },
                 [&](const BinaryExpr& e) {
                   visit(e.left);
                   visit(e.right);
                 },
                 [&](const ConditionalExpr& e) {
                   visit(e.condition);
                   visit(e.then_value);
                   visit(e.else_value);
                 },
                 [&](const LookupExpr& e) { visit(e.index); },
                 [](const SelfActivationExpr&) {},
                 [](const CurrentCpuExpr&) {},
                 [](const IdleExpr&) {},
             },
             expr);
}

/// Calls `visit(ExprId, const Expr&)` once for `root` and for each expression in it. Does nothing for none.
template <typename Visit>
void for_each_expr(const ExprTable& table, ExprId root, Visit visit) {
  if (!root.valid()) {
    return;
  }
  std::unordered_set<ExprId> seen = {root};
  std::vector<ExprId> open = {root};
  while (!open.empty()) {
    const ExprId id = open.back();
    open.pop_back();
    visit(id, table[id]);
    for_each_operand(table[id], [&](ExprId operand) {
      if (seen.insert(operand).second) {
        open.push_back(operand);
      }
    });
  }
}

/// Replaces every expression that `op` directly mentions (indices of places included) by `change(ExprId)`.
template <typename Change>
void change_exprs(Op& op, Change change) {
  const auto change_place = [&](Place& place) {
    if (place.index.valid()) {
      place.index = change(place.index);
    }
  };
  std::visit(Overloaded{
                 [&](AssignOp& o) {
                   change_place(o.place);
                   o.value = change(o.value);
                 },
                 [&](LetOp& o) { o.value = change(o.value); },
                 [](ChooseOp&) {},
                 [&](BranchOp& o) { o.condition = change(o.condition); },
                 [](JumpOp&) {},
                 [&](CheckOp& o) { o.condition = change(o.condition); },
                 [&](AssumeOp& o) { o.condition = change(o.condition); },
                 [](StatementOp&) {},
                 [&](EnterOp& o) {
                   for (EnterOp::Argument& argument : o.arguments) {
                     for (ExprId& cell : argument.cells) {
                       cell = change(cell);
                     }
                   }
                 },
                 [&](LeaveOp& o) {
                   for (ExprId& cell : o.result) {
                     cell = change(cell);
                   }
                 },
                 [](GotoOp&) {},
                 [](EndOp&) {},
             },
             op);
}

/// Calls `visit(ExprId)` for every expression that `op` directly mentions (indices of places included).
template <typename Visit>
void for_each_expr_of(const Op& op, Visit visit) {
  std::visit(Overloaded{
                 [&](const AssignOp& o) {
                   if (o.place.index.valid()) {
                     visit(o.place.index);
                   }
                   visit(o.value);
                 },
                 [&](const LetOp& o) { visit(o.value); },
                 [](const ChooseOp&) {},
                 [&](const BranchOp& o) { visit(o.condition); },
                 [](const JumpOp&) {},
                 [&](const CheckOp& o) { visit(o.condition); },
                 [&](const AssumeOp& o) { visit(o.condition); },
                 [](const StatementOp&) {},
                 [&](const EnterOp& o) {
                   for (const EnterOp::Argument& argument : o.arguments) {
                     for (const ExprId cell : argument.cells) {
                       visit(cell);
                     }
                   }
                 },
                 [&](const LeaveOp& o) {
                   for (const ExprId cell : o.result) {
                     visit(cell);
                   }
                 },
                 [](const GotoOp&) {},
                 [](const EndOp&) {},
             },
             op);
}

/// Calls `visit(ExprId)` for every expression of a system that is not in a program: conditions, guards, `on`, locks
/// waited for, properties, initial values. Parts of the expression table that nothing mentions are not visited.
template <typename Visit>
void for_each_expr_outside_programs(const TransitionSystem& system, Visit visit) {
  const auto visit_if = [&](ExprId id) {
    if (id.valid()) {
      visit(id);
    }
  };
  for (const Context& context : system.contexts) {
    visit_if(context.condition);
    std::visit(Overloaded{
                   [](const OnAny&) {},
                   [&](const OnOne& on) { visit_if(on.cpu); },
                   [&](const OnSet& on) {
                     for (const ExprId allowed : on.allowed) {
                       visit_if(allowed);
                     }
                   },
               },
               context.cpus);
  }
  for (const Location& location : system.locations) {
    visit_if(location.guard);
    if (location.lock) {
      visit_if(location.lock->index);
    }
  }
  for (const Action& action : system.actions) {
    visit_if(action.guard);
  }
  for (const Property& property : system.properties) {
    visit_if(property.condition);
    visit_if(property.trigger);
  }
  for (const TemporalProperty& property : system.temporal) {
    visit_if(property.trigger);
    for (const TemporalNode& node : property.formula) {
      visit_if(node.atom);
      visit_if(node.quiet);
    }
  }
  for (const InitialAssign& assign : system.initial) {
    visit_if(assign.value);
  }
  for (const ExprId condition : system.initial_conditions) {
    visit_if(condition);
  }
}

/// Calls `visit(program)` for the program of every location, the start of every handler and every action.
template <typename System, typename Visit>
void for_each_program(System& system, Visit visit) {
  for (auto& context : system.contexts) {
    if (context.kind == ContextKind::Handler) {
      visit(context.start);
    }
  }
  for (auto& location : system.locations) {
    visit(location.program);
  }
  for (auto& action : system.actions) {
    visit(action.program);
  }
}

/// Calls `visit(LocationId)` for every Goto of the program, in order, repeated targets included.
template <typename Visit>
void for_each_goto(const Program& program, Visit visit) {
  for (const Op& op : program.ops) {
    if (const auto* jump = std::get_if<GotoOp>(&op)) {
      visit(jump->location);
    }
  }
}

/// Adds the cells that `expr` may read: of loads all candidates, of `idle(h)` the location cells of h.
void add_reads(const TransitionSystem& system, ExprId expr, CellSet& reads);

/// What one run of a program may touch.
struct ProgramUse {
  CellSet reads;                // by any expression, those for stories only included
  CellSet writes;               // by assignments; not the location, level and CPU cells that the scheduler writes
  std::vector<ContextId> idle;  // contexts that an `idle` mentions, ascending
  bool current_cpu = false;     // an expression mentions the current CPU
  bool self = false;            // an expression mentions the running activation
};
ProgramUse use_of(const TransitionSystem& system, const Program& program);

/// Rebuilds expressions within one table with some nodes replaced.
///
/// `substitute(id, expr)` gives the replacement of a node, or none to keep the node and go on inside it. Results are
/// remembered, so `substitute` must depend on its arguments only. Depth of recursion = depth of the expression.
class ExprRewriter {
 public:
  using Substitute = std::function<std::optional<ExprId>(ExprId, const Expr&)>;

  /// `table` must outlive the rewriter.
  ExprRewriter(ExprTable& table, Substitute substitute) : table_(table), substitute_(std::move(substitute)) {}

  ExprId operator()(ExprId id);
  Place operator()(Place place);
  void rewrite(Program& program);

 private:
  ExprTable& table_;
  Substitute substitute_;
  std::unordered_map<ExprId, ExprId> done_;
};

}  // namespace quiesce::model

#include "model/passes/unseen_ends.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <utility>
#include <variant>

#include "model/base/patience.h"
#include "model/passes/held_up.h"
#include "model/passes/partly_known.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

bool mentions_idle(const TransitionSystem& system, ExprId root, ContextId context) {
  bool found = false;
  for_each_expr(system.expressions, root, [&](ExprId, const Expr& expr) {
    const auto* idle = std::get_if<IdleExpr>(&expr);
    found = found || (idle != nullptr && idle->context == context);
  });
  return found;
}

bool mentions_idle(const TransitionSystem& system, const Op& op, ContextId context) {
  bool found = false;
  for_each_expr_of(op, [&](ExprId root) { found = found || mentions_idle(system, root, context); });
  return found;
}

/// Whether `expr` can only become true when the handler becomes idle.
bool grows_with_idle(const TransitionSystem& system, ExprId expr, ContextId context) {
  if (!mentions_idle(system, expr, context)) return true;
  if (std::holds_alternative<IdleExpr>(system.at(expr))) return true;
  const auto* binary = std::get_if<BinaryExpr>(&system.at(expr));
  return binary != nullptr && (binary->op == BinaryOp::And || binary->op == BinaryOp::Or) &&
         grows_with_idle(system, binary->left, context) && grows_with_idle(system, binary->right, context);
}

}  // namespace

UnseenEnds::UnseenEnds(const TransitionSystem& system, const ValueRanges& ranges)
    : system_(system),
      ranges_(ranges),
      cells_(system),
      mentioned_(mentioned_numbers(system, cells_)),
      cpu_of_(system.cells.size(), 0),
      cpu_looked_at_(system.contexts.size(), false) {
  find_looks_at_cpus();
  for (std::size_t k = 0; k < system.contexts.size(); ++k) {
    floating_cpu_looked_at_ =
        floating_cpu_looked_at_ || (cpu_looked_at_[k] && system.contexts[k].start_level < system.pin_level);
  }
}

// ---------------------------------------------------------------------------------------------- CPUs

void UnseenEnds::find_looks_at_cpus() {
  for (std::uint32_t k = 0; k < system_.contexts.size(); ++k) {
    for (const CellId cell : system_.contexts[k].cpu_cell) cpu_of_[cell.value] = k + 1;
  }
  for_each_expr_outside_programs(system_, [&](ExprId root) { add_looks_at_cpus(root, nullptr); });
  const auto add_program = [&](const Program& program, const Context* own) {
    for (const Op& op : program.ops) for_each_expr_of(op, [&](ExprId root) { add_looks_at_cpus(root, own); });
  };
  for (const Context& context : system_.contexts) add_program(context.start, &context);
  for (std::size_t l = 0; l < system_.locations.size(); ++l) {
    const Location& location = system_.locations[l];
    if (ranges_.reached(LocationId(l))) add_program(location.program, &system_.at(location.context));
  }
  for (const Action& action : system_.actions) add_program(action.program, nullptr);
}

/// `own`: the context that evaluates it in a step of its own. Below the pin level it floats then: its CPU is null,
/// whatever others did.
void UnseenEnds::add_looks_at_cpus(ExprId root, const Context* own) {
  std::vector<ExprId> open = {root};
  std::unordered_set<ExprId> seen = {root};
  const auto push = [&](ExprId id) {
    if (seen.insert(id).second) open.push_back(id);
  };
  while (!open.empty()) {
    const Expr& expr = system_.at(open.back());
    open.pop_back();
    if (const auto* load = std::get_if<LoadExpr>(&expr);
        load != nullptr && !(own != nullptr && is_own_cpu(load->place, *own))) {
      for (const CellId cell : load->place.cells) {
        if (cpu_of_[cell.value] != 0) cpu_looked_at_[cpu_of_[cell.value] - 1] = true;
      }
    }
    for_each_operand(expr, push);
  }
}

bool UnseenEnds::is_own_cpu(const Place& place, const Context& own) const {
  return place.cells == own.cpu_cell &&
         (own.activations == 1 || std::holds_alternative<SelfActivationExpr>(system_.at(place.index)));
}

// ---------------------------------------------------------------------------------------------- ends

UnseenEnd UnseenEnds::end_of(TransitionSystem& system, ContextId handler) const {
  const Context& context = system_.at(handler);
  if (context.kind != ContextKind::Handler || mentioned_.opaque[handler.value] ||
      !mentioned_.numbers[handler.value].empty() || floating_cpu_looked_at_ || cpu_looked_at_[handler.value]) {
    return {};
  }
  const std::optional<Places> places = where_it_is_seen(handler);
  if (!places) return {};
  UnseenEnd end{true, {}};
  for (const auto& [thread, numbers] : *places) {
    ask_patience();
    const auto from = places_that_come_to(system_, ranges_, ContextId(std::size_t{thread}), numbers, handler);
    if (!from) return {};
    const ExprId stands = system.expressions.load(system.contexts[thread].location_cell.front());
    for (const std::int64_t number : *from) {
      const ExprId elsewhere =
          system.expressions.binary(BinaryOp::NotEqual, stands, system.expressions.constant(number));
      end.only_if = end.only_if.valid() ? system.expressions.binary(BinaryOp::And, end.only_if, elsewhere) : elsewhere;
    }
  }
  return end;
}

/// The places of threads at which something but a wait reads whether the handler runs; nothing where it may be read
/// wherever threads stand.
std::optional<UnseenEnds::Places> UnseenEnds::where_it_is_seen(ContextId handler) const {
  Places places;
  bool fine = true;
  const auto forbid = [&](ExprId root) { fine = fine && !(root.valid() && mentions_idle(system_, root, handler)); };
  const auto forbid_in = [&](const Program& program) {
    for (const Op& op : program.ops) fine = fine && !mentions_idle(system_, op, handler);
  };
  for (const Action& action : system_.actions) {
    forbid(action.guard);
    forbid_in(action.program);
  }
  for (const Context& one : system_.contexts) {
    forbid(one.condition);
    if (const auto* on = std::get_if<OnOne>(&one.cpus)) forbid(on->cpu);
    if (const auto* set = std::get_if<OnSet>(&one.cpus)) {
      std::for_each(set->allowed.begin(), set->allowed.end(), forbid);
    }
    forbid_in(one.start);
  }
  for (const TemporalProperty& property : system_.temporal) {
    forbid(property.trigger);
    for (const TemporalNode& node : property.formula) forbid(node.atom);
  }
  for (std::size_t l = 0; l < system_.locations.size() && fine; ++l) {
    const Location& location = system_.locations[l];
    if (!ranges_.reached(LocationId(l)) || is_let_go(location, handler)) continue;
    const Context& context = system_.at(location.context);
    fine = context.kind == ContextKind::Thread && context.activations == 1;
    places[location.context.value].insert(location.number);
  }
  for (const Property& property : system_.properties) {
    fine = fine && add_places_of_property(property.condition, handler, places) &&
           add_places_of_property(property.trigger, handler, places);
  }
  return fine ? std::optional<Places>(std::move(places)) : std::nullopt;
}

/// Whether the end of the handler can only make true what a context waits for that stands there.
bool UnseenEnds::is_let_go(const Location& location, ContextId handler) const {
  if (location.guard.valid() && !grows_with_idle(system_, location.guard, handler)) return false;
  if (location.lock && location.lock->index.valid() && mentions_idle(system_, location.lock->index, handler))
    return false;
  return std::all_of(location.program.ops.begin(), location.program.ops.end(), [&](const Op& op) {
    const auto* assume = std::get_if<AssumeOp>(&op);
    return assume != nullptr ? grows_with_idle(system_, assume->condition, handler)
                             : !mentions_idle(system_, op, handler);
  });
}

/// Adds the places of threads that a property asks for, when it is constant while threads stand elsewhere. False: it is
/// not.
bool UnseenEnds::add_places_of_property(ExprId root, ContextId handler, Places& places) const {
  if (!root.valid() || !mentions_idle(system_, root, handler)) return true;
  Places asked;
  const auto value = partly_known(system_, root, [&](const Expr& expr) -> std::optional<std::int64_t> {
    const auto test = location_test(system_.expressions, cells_, expr);
    if (!test || test->number == 0) return std::nullopt;
    const Context& context = system_.contexts[test->context];
    if (context.kind != ContextKind::Thread || context.activations != 1) return std::nullopt;
    asked[test->context].insert(test->number);
    return test->op == BinaryOp::NotEqual ? 1 : 0;
  });
  for (auto& [thread, numbers] : asked) places[thread].merge(numbers);
  return value.has_value();
}

}  // namespace quiesce::model

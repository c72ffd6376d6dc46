#include "model/passes/observe_events.h"

#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "model/system/jumps.h"
#include "model/system/observer.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

class Observation {
 public:
  explicit Observation(TransitionSystem& system) : system_(system), table_(system.expressions) {}

  void run() {
    for (std::size_t i = 0; i < system_.contexts.size(); ++i) {
      Context& context = system_.contexts[i];
      if (context.kind == ContextKind::Handler) watch(context.start, ContextId(i));
    }
    for (Location& location : system_.locations) watch(location.program, {});
    for (Action& action : system_.actions) watch(action.program, {});
    for (TemporalProperty& property : system_.temporal) {
      for (TemporalNode& node : property.formula) node.quiet = quiet(node.atom);
    }
  }

 private:
  /// Resets all cells before the first operation that does anything, and sets them behind what they observe.
  void watch(Program& program, ContextId started) {
    std::vector<Op> ops;
    std::vector<std::uint32_t> position;  // of each operation among the new ones
    bool begun = false;
    for (Op& op : program.ops) {
      if (!begun && !only_judges(op)) {
        begin(ops, started);
        begun = true;
      }
      position.push_back(static_cast<std::uint32_t>(ops.size()));
      const Op copy = op;
      ops.push_back(std::move(op));
      note(ops, copy);
    }
    for (Op& op : ops) {
      if (std::uint32_t* target = target_of(op)) *target = position[*target];
    }
    program.ops = std::move(ops);
  }

  static bool only_judges(const Op& op) {
    return std::holds_alternative<AssumeOp>(op) || std::holds_alternative<CheckOp>(op) ||
           std::holds_alternative<StatementOp>(op);
  }

  void begin(std::vector<Op>& ops, ContextId started) {
    for (const Observer& observer : system_.observers) {
      set(ops, observer, table_.constant(happens_at_start(observer, started) ? 1 : 0));
    }
  }

  void note(std::vector<Op>& ops, const Op& op) {
    for (const Observer& observer : system_.observers) {
      const std::optional<ExprId> happens = happens_at(table_, observer, op);
      if (!happens) continue;
      const ExprId before = table_.load(observer.cell);  // it may happen several times within one step
      set(ops, observer, table_.disjunction(before, *happens));
    }
  }

  static void set(std::vector<Op>& ops, const Observer& observer, ExprId value) {
    ops.push_back(AssignOp{Place{{observer.cell}, ExprId()}, value, true});
  }

  /// `atom` where no event happens; none where it asks for none.
  ExprId quiet(ExprId atom) {
    if (!atom.valid()) return {};
    bool asks = false;
    for_each_expr(table_, atom, [&](ExprId, const Expr& expr) {
      const auto* load = std::get_if<LoadExpr>(&expr);
      asks = asks || (load != nullptr && is_observer(load->place));
    });
    return asks ? without_events(atom) : ExprId();
  }

  bool is_observer(const Place& place) const {
    for (const Observer& observer : system_.observers) {
      if (place.cells.front() == observer.cell) return true;
    }
    return false;
  }

  ExprId without_events(ExprId id) {
    if (const auto known = quiet_.find(id); known != quiet_.end()) return known->second;
    Expr expr = table_[id];
    ExprId result;
    if (auto* load = std::get_if<LoadExpr>(&expr)) {
      if (is_observer(load->place)) {
        result = table_.constant(0);
      } else {
        if (load->place.index.valid()) load->place.index = without_events(load->place.index);
        result = table_.load(load->place);
      }
    } else if (const auto* unary = std::get_if<UnaryExpr>(&expr)) {
      result = table_.add(UnaryExpr{unary->op, without_events(unary->operand)});
    } else if (const auto* binary = std::get_if<BinaryExpr>(&expr)) {
      const ExprId left = without_events(binary->left);
      result = table_.binary(binary->op, left, without_events(binary->right));
    } else if (const auto* conditional = std::get_if<ConditionalExpr>(&expr)) {
      const ExprId condition = without_events(conditional->condition);
      const ExprId then_value = without_events(conditional->then_value);
      result = table_.conditional(condition, then_value, without_events(conditional->else_value));
    } else if (const auto* lookup = std::get_if<LookupExpr>(&expr)) {
      result = table_.add(LookupExpr{lookup->table, without_events(lookup->index)});
    } else {
      result = id;  // constants, and what asks for no cell of ours
    }
    quiet_[id] = result;
    return result;
  }

  TransitionSystem& system_;
  ExprTable& table_;
  std::unordered_map<ExprId, ExprId> quiet_;
};

}  // namespace

Passed observe_events(TransitionSystem system) {
  BackMap map = identity_map(system);
  if (!system.observers.empty()) Observation(system).run();
  for (const Observer& observer : system.observers) map.sliced.insert(observer.cell);
  return {std::move(system), std::move(map)};
}

}  // namespace quiesce::model

#include "model/elaborate/monitors.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "model/base/overloaded.h"
#include "model/system/jumps.h"
#include "model/system/observer.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// What happened, as the truth of each observer's cell; of those that are missing nothing happened.
using Occurrence = std::unordered_map<std::uint32_t, ExprId>;

class Weaver {
 public:
  Weaver(TransitionSystem& system, const std::vector<Reaction>& reactions)
      : system_(system), table_(system.expressions), reactions_(reactions) {}

  void weave() {
    for (std::size_t i = 0; i < system_.contexts.size(); ++i) {
      Context& context = system_.contexts[i];
      if (context.kind == ContextKind::Handler) weave(context.start, start_of(ContextId(i)));
    }
    for (Location& location : system_.locations) weave(location.program, {});
    for (Action& action : system_.actions) weave(action.program, {});
  }

 private:
  Occurrence start_of(ContextId context) {
    Occurrence occurrence;
    for (const Observer& observer : system_.observers) {
      if (happens_at_start(observer, context)) occurrence[observer.cell.value] = table_.constant(1);
    }
    return occurrence;
  }

  Occurrence occurrence_of(const Op& op) {
    Occurrence occurrence;
    for (const Observer& observer : system_.observers) {
      if (const auto happens = happens_at(table_, observer, op)) occurrence[observer.cell.value] = *happens;
    }
    return occurrence;
  }

  /// Whether a step may still be blocked, forbidden or judged behind `op`, which has changed nothing.
  static bool only_prepares(const Op& op) {
    return std::visit(Overloaded{
                          [](const AssumeOp&) { return true; },
                          [](const CheckOp&) { return true; },
                          [](const StatementOp&) { return true; },
                          [](const EnterOp&) { return true; },
                          [](const LeaveOp&) { return true; },
                          [](const AssignOp&) { return false; },
                          [](const LetOp&) { return false; },
                          [](const ChooseOp&) { return false; },
                          [](const BranchOp&) { return false; },
                          [](const JumpOp&) { return false; },
                          [](const GotoOp&) { return false; },
                          [](const EndOp&) { return false; },
                      },
                      op);
  }

  /// `start`: what happens when the program begins.
  void weave(Program& program, Occurrence start) {
    std::vector<bool> is_landed(program.ops.size(), false);
    for (Op& op : program.ops) {
      if (const std::uint32_t* target = target_of(op)) is_landed[*target] = true;
    }
    first_temp_ = temps_ = program.temps;
    std::vector<Occurrence> waiting;
    if (!start.empty()) waiting.push_back(std::move(start));
    std::vector<Op> ops;
    std::vector<std::uint32_t> position;  // of each operation among the new ones
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      if (!only_prepares(program.ops[i]) || is_landed[i]) {
        for (const Occurrence& occurrence : waiting) react(ops, occurrence);
        waiting.clear();
      }
      position.push_back(static_cast<std::uint32_t>(ops.size()));
      Occurrence occurrence = occurrence_of(program.ops[i]);
      if (!occurrence.empty()) waiting.push_back(std::move(occurrence));
      ops.push_back(program.ops[i]);
    }
    for (const std::uint32_t moved : position) {
      if (std::uint32_t* target = target_of(ops[moved])) *target = position[*target];
    }
    program.ops = std::move(ops);
    program.temps = temps_;
  }

  /// What all monitors do; those of one instance stand together.
  void react(std::vector<Op>& ops, const Occurrence& occurrence) {
    const auto end = reactions_.end();
    for (auto begin = reactions_.begin(); begin != end;) {
      const auto next = std::find_if(begin, end, [&](const Reaction& one) { return one.monitor != begin->monitor; });
      react(ops, occurrence, begin, next);
      begin = next;
    }
  }

  using Iterator = std::vector<Reaction>::const_iterator;

  /// What one monitor does: the first reaction to this whose condition is true.
  void react(std::vector<Op>& ops, const Occurrence& occurrence, Iterator begin, Iterator end) {
    ExprRewriter rewriter(table_, [&](ExprId, const Expr& expr) { return instead_of(expr, occurrence); });
    std::vector<std::size_t> done;
    for (; begin != end; ++begin) {
      const ExprId event = rewriter(begin->event);
      std::int64_t known = 0;
      if (table_.is_constant(event, &known) && known == 0) continue;
      for (CheckOp check : begin->checks) {
        check.condition = table_.disjunction(table_.negation(event), rewriter(check.condition));
        ops.push_back(std::move(check));
      }
      const std::size_t branch = ops.size();
      ops.push_back(BranchOp{table_.conjunction(event, rewriter(begin->condition)), 0});
      append(ops, begin->program, rewriter);
      done.push_back(ops.size());
      ops.push_back(JumpOp{0});
      *target_of(ops[branch]) = static_cast<std::uint32_t>(ops.size());
    }
    for (const std::size_t jump : done) *target_of(ops[jump]) = static_cast<std::uint32_t>(ops.size());
  }

  std::optional<ExprId> instead_of(const Expr& expr, const Occurrence& occurrence) {
    if (const auto* temp = std::get_if<TempExpr>(&expr)) {
      return table_.add(TempExpr{TempId(temp->temp.value + first_temp_)});
    }
    const auto* load = std::get_if<LoadExpr>(&expr);
    if (load == nullptr || !is_observer(load->place.cells.front())) return std::nullopt;
    const auto found = occurrence.find(load->place.cells.front().value);
    return found != occurrence.end() ? found->second : table_.constant(0);
  }

  bool is_observer(CellId cell) const {
    return std::any_of(system_.observers.begin(), system_.observers.end(),
                       [&](const Observer& observer) { return observer.cell == cell; });
  }

  void append(std::vector<Op>& ops, Program program, ExprRewriter& rewriter) {
    rewriter.rewrite(program);
    const auto offset = static_cast<std::uint32_t>(ops.size());
    for (Op& op : program.ops) {
      if (std::uint32_t* target = target_of(op)) *target += offset;
      if (auto* let = std::get_if<LetOp>(&op)) let->temp = TempId(let->temp.value + first_temp_);
      ops.push_back(std::move(op));
    }
    temps_ = std::max(temps_, first_temp_ + program.temps);
  }

  TransitionSystem& system_;
  ExprTable& table_;
  const std::vector<Reaction>& reactions_;
  std::uint32_t first_temp_ = 0;  // of reactions in the program at hand: they follow its own
  std::uint32_t temps_ = 0;       // of the program at hand, so far
};

bool is_asked_by_formula(const TransitionSystem& system, CellId cell) {
  bool asked = false;
  for (const TemporalProperty& property : system.temporal) {
    for (const TemporalNode& node : property.formula) {
      if (!node.atom.valid()) continue;
      for_each_expr(system.expressions, node.atom, [&](ExprId, const Expr& expr) {
        const auto* load = std::get_if<LoadExpr>(&expr);
        asked = asked || (load != nullptr && load->place.cells.front() == cell);
      });
    }
  }
  return asked;
}

}  // namespace

void weave_monitors(TransitionSystem& system, const std::vector<Reaction>& reactions) {
  if (reactions.empty()) return;
  Weaver(system, reactions).weave();
  std::erase_if(system.observers, [&](const Observer& observer) {
    if (is_asked_by_formula(system, observer.cell)) return false;
    system.cells[observer.cell.value].hi = 0;  // nothing writes it any more
    return true;
  });
}

}  // namespace quiesce::model

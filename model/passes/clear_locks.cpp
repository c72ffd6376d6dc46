#include "model/passes/clear_locks.h"

#include <algorithm>
#include <cstddef>
#include <unordered_set>
#include <variant>

#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/system/cell_set.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

/// What a program, or an expression, reads and writes.
CellSet touched_by(const TransitionSystem& system, const Program& program) {
  ProgramUse use = use_of(system, program);
  use.reads.unite(use.writes);
  return use.reads;
}

}  // namespace

std::optional<std::size_t> ClearLocks::holder(CellId cell) const {
  const std::int32_t lock = lock_of_[cell.value];
  return lock >= 0 ? std::optional<std::size_t>(static_cast<std::size_t>(lock)) : std::nullopt;
}

std::optional<std::size_t> ClearLocks::holder(const Place& place) const {
  return place.cells.size() == 1 ? holder(place.cells.front()) : std::nullopt;
}

/// Whether `expr` is what the holder cell holds while the running activation of `context` holds the lock.
bool ClearLocks::is_own_slot(ExprId expr, const Context& context) const {
  const std::int64_t first = std::int64_t{context.first_slot} + 1;
  std::int64_t value = 0;
  if (context.activations == 1) return system_.expressions.is_constant(expr, &value) && value == first;
  const auto* sum = std::get_if<BinaryExpr>(&system_.at(expr));
  return sum != nullptr && sum->op == BinaryOp::Add &&
         std::holds_alternative<SelfActivationExpr>(system_.at(sum->left)) &&
         system_.expressions.is_constant(sum->right, &value) && value == first;
}

bool ClearLocks::is_zero(ExprId expr) const {
  std::int64_t value = 1;
  return system_.expressions.is_constant(expr, &value) && value == 0;
}

/// Whether each comparison in `root` of the lock's holder is with the own slot, or with 0 where one waits for it.
bool ClearLocks::reads_rightly(ExprId root, std::size_t lock, const Context& context, bool is_wait) const {
  bool right = true;
  std::vector<ExprId> open = {root};
  std::unordered_set<ExprId> seen = {root};
  while (!open.empty() && right) {
    const Expr& expr = system_.at(open.back());
    open.pop_back();
    if (const auto* binary = std::get_if<BinaryExpr>(&expr);
        binary != nullptr && (binary->op == BinaryOp::Equal || binary->op == BinaryOp::NotEqual)) {
      const auto* load = std::get_if<LoadExpr>(&system_.at(binary->left));
      if (load != nullptr && holder(load->place) == lock) {
        right = is_own_slot(binary->right, context) || (is_wait && is_zero(binary->right));
        continue;
      }
    }
    if (const auto* load = std::get_if<LoadExpr>(&expr)) {
      right = std::none_of(load->place.cells.begin(), load->place.cells.end(),
                           [&](CellId cell) { return holder(cell) == lock; });
    }
    for_each_operand(expr, [&](ExprId operand) {
      if (seen.insert(operand).second) open.push_back(operand);
    });
  }
  return right;
}

/// Whether the program takes the lock only where it has waited until it is free, and gives it back only where it holds
/// it.
bool ClearLocks::is_right_use(const Context& context, const Program& program, const std::optional<Place>& waited,
                              std::size_t lock) const {
  const CellId cell = system_.locks[lock].holder;
  const bool is_wait = waited && holder(*waited) == lock;
  const std::optional<CellId> saved = system_.locks[lock].saved;
  // Per operation: on every way to it the lock is free, or one's own, since it was found so.
  struct Found {
    bool free = false;
    bool own = false;
    bool owned = false;  // own at some operation of this step
  };
  std::vector<std::optional<Found>> found(program.ops.size() + 1);
  found.front() = Found{};
  const auto go = [&](std::size_t to, const Found& here) {
    const auto both = [](const Found& l, const Found& r) {
      return Found{l.free && r.free, l.own && r.own, l.owned && r.owned};
    };
    found[to] = found[to] ? both(*found[to], here) : here;
  };
  const auto tested = [&](ExprId condition) -> std::optional<ExprId> {
    const auto* binary = std::get_if<BinaryExpr>(&system_.at(condition));
    if (binary == nullptr || binary->op != BinaryOp::Equal) return std::nullopt;
    const auto* load = std::get_if<LoadExpr>(&system_.at(binary->left));
    return load != nullptr && holder(load->place) == lock ? std::optional<ExprId>(binary->right) : std::nullopt;
  };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    bool right = true;
    for_each_expr_of(program.ops[i],
                     [&](ExprId root) { right = right && reads_rightly(root, lock, context, is_wait); });
    if (!right) return false;
    if (!found[i]) continue;
    Found here = *found[i];
    if (!here.owned && saved && mentions(program.ops[i], *saved)) return false;
    if (const auto* assign = std::get_if<AssignOp>(&program.ops[i])) {
      if (std::find(assign->place.cells.begin(), assign->place.cells.end(), cell) != assign->place.cells.end()) {
        if (holder(assign->place) != lock) return false;
        const bool takes = is_own_slot(assign->value, context) && here.free && is_wait;
        const bool gives = is_zero(assign->value) && here.own;
        if (!takes && !gives) return false;
        here = {gives, takes, true};
      }
    } else if (const auto* check = std::get_if<CheckOp>(&program.ops[i])) {
      const std::optional<ExprId> slot = tested(check->condition);
      here.own = here.own || (system_.at(check->rule).core && slot && is_own_slot(*slot, context));
      here.owned = here.owned || here.own;
    } else if (const auto* assume = std::get_if<AssumeOp>(&program.ops[i])) {
      const std::optional<ExprId> number = tested(assume->condition);
      here.free = here.free || (number && is_zero(*number));
    } else if (const auto* branch = std::get_if<BranchOp>(&program.ops[i])) {
      go(branch->otherwise, here);
    } else if (const auto* jump = std::get_if<JumpOp>(&program.ops[i])) {
      go(jump->target, here);
      continue;
    } else if (std::holds_alternative<GotoOp>(program.ops[i]) || std::holds_alternative<EndOp>(program.ops[i])) {
      continue;
    }
    go(i + 1, here);
  }
  return true;
}

/// Whether the operation reads or writes `cell`.
bool ClearLocks::mentions(const Op& op, CellId cell) const {
  bool found = false;
  for_each_expr_of(op, [&](ExprId root) {
    CellSet reads(system_.cells.size());
    add_reads(system_, root, reads);
    found = found || reads.contains(cell);
  });
  const auto* assign = std::get_if<AssignOp>(&op);
  if (assign == nullptr) return found;
  const std::vector<CellId>& cells = assign->place.cells;
  return found || std::find(cells.begin(), cells.end(), cell) != cells.end();
}

ClearLocks::ClearLocks(const TransitionSystem& system)
    : system_(system), count_(std::min<std::size_t>(system.locks.size(), 64)), lock_of_(system.cells.size(), -1) {
  if (count_ == 0) return;
  for (std::size_t lock = 0; lock < count_; ++lock) {
    lock_of_[system.locks[lock].holder.value] = static_cast<std::int32_t>(lock);
  }
  CellSet elsewhere = touched_elsewhere();
  std::vector<CellSet> by_step;  // per location
  for (const Location& location : system.locations) {
    ask_patience();
    by_step.push_back(touched_by(system, location.program));
    if (location.guard.valid()) add_reads(system, location.guard, by_step.back());
    if (location.lock && location.lock->index.valid()) add_reads(system, location.lock->index, elsewhere);
  }
  for (std::size_t lock = 0; lock < count_; ++lock) {
    ask_patience();
    if (is_clear(lock, elsewhere, by_step)) clear_ |= set_of_lock(lock);
  }
}

/// What is read and written by all but the steps of contexts.
CellSet ClearLocks::touched_elsewhere() const {
  CellSet cells(system_.cells.size());
  const auto add = [&](ExprId expr) {
    if (expr.valid()) add_reads(system_, expr, cells);
  };
  for (const Context& context : system_.contexts) {
    cells.unite(touched_by(system_, context.start));
    add(context.condition);
    if (const auto* one = std::get_if<OnOne>(&context.cpus)) add(one->cpu);
    if (const auto* set = std::get_if<OnSet>(&context.cpus))
      std::for_each(set->allowed.begin(), set->allowed.end(), add);
  }
  for (const Action& action : system_.actions) {
    cells.unite(touched_by(system_, action.program));
    add(action.guard);
  }
  for (const Property& property : system_.properties) {
    add(property.condition);
    add(property.trigger);
  }
  for (const TemporalProperty& property : system_.temporal) {
    add(property.trigger);
    for (const TemporalNode& node : property.formula) add(node.atom);
  }
  for (const InitialAssign& assign : system_.initial) {
    cells.insert(assign.cell);
    add(assign.value);
  }
  std::for_each(system_.initial_conditions.begin(), system_.initial_conditions.end(), add);
  return cells;
}

bool ClearLocks::is_clear(std::size_t lock, const CellSet& elsewhere, const std::vector<CellSet>& by_step) const {
  const CellId cell = system_.locks[lock].holder;
  const std::optional<CellId> saved = system_.locks[lock].saved;
  if (elsewhere.contains(cell) || (saved && elsewhere.contains(*saved))) return false;
  for (std::size_t l = 0; l < by_step.size(); ++l) {
    if (!by_step[l].contains(cell) && !(saved && by_step[l].contains(*saved))) continue;
    const Location& location = system_.locations[l];
    const Context& context = system_.at(location.context);
    const bool is_wait = location.lock && holder(*location.lock) == lock;
    if (!is_right_use(context, location.program, location.lock, lock)) return false;
    if (!location.guard.valid()) continue;
    CellSet reads(system_.cells.size());
    add_reads(system_, location.guard, reads);
    if (saved && reads.contains(*saved)) return false;
    if (!reads_rightly(location.guard, lock, context, is_wait)) return false;
  }
  return true;
}

}  // namespace quiesce::model

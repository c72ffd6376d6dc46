#include "model/passes/value_ranges.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <variant>

#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/passes/sharing.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

constexpr int kMostRounds = 4;                          // then what still grows may be anything of its cell
constexpr int kDepth = 8;                               // of expressions that are looked into
constexpr std::int64_t kLarge = std::int64_t{1} << 40;  // beyond it nothing is calculated

Interval domain_of(const Cell& cell) { return {cell.lo, cell.hi}; }

/// This number alone. The ends of an interval at the limits of 64 bits stand for infinity (numbers without bounds), so
/// that numbers that far out are not told from others.
Interval only(std::int64_t value) { return value < -kLarge || value > kLarge ? Interval{} : Interval{value, value}; }

/// The numbers that a context knows at some operation.
struct Known {
  Interval level;
  std::vector<Interval> locals;  // in the order of Numbers::local_of_
  std::vector<Interval> temps;

  void join(const Known& other) {
    level.widen_to(other.level);
    for (std::size_t i = 0; i < locals.size(); ++i) locals[i].widen_to(other.locals[i]);
    for (std::size_t i = 0; i < temps.size(); ++i) temps[i].widen_to(other.temps[i]);
  }
};

/// What cells may hold, whatever wrote them.
struct Everywhere {
  std::vector<Interval> cells;
  std::vector<Interval> initial;
  std::vector<std::uint32_t> written_by;  // context index, kNone or kShared
  std::vector<int> grown;
  bool changed = false;

  explicit Everywhere(const TransitionSystem& system) : grown(system.cells.size(), 0) {
    for (const Cell& cell : system.cells) cells.push_back({cell.rest, cell.rest});
    for (const InitialAssign& assign : system.initial) {
      std::int64_t value = 0;
      if (!assign.value.valid()) {
        cells[assign.cell.value].widen_to({assign.lo, assign.hi});
      } else if (system.expressions.is_constant(assign.value, &value)) {
        cells[assign.cell.value].widen_to(only(value));
      } else {
        cells[assign.cell.value] = domain_of(system.at(assign.cell));
      }
    }
    for (const Context& context : system.contexts) {  // the scheduler writes these
      for (const auto* own : {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
        for (const CellId cell : *own) cells[cell.value] = domain_of(system.at(cell));
      }
    }
    initial = cells;
    written_by = Sharing(system).written_by;
  }

  void add(const TransitionSystem& system, const Place& place, const Interval& value) {
    for (const CellId cell : place.cells) {
      Interval& known = cells[cell.value];
      const Interval before = known;
      known.widen_to(value);
      if (known == before) continue;
      if (++grown[cell.value] > kMostRounds) {
        known = domain_of(system.at(cell));
        known.widen_to(before);
      }
      changed = changed || !(known == before);
    }
  }
};

/// Evaluates and executes for one context; for an action without one.
class Numbers {
 public:
  Numbers(const TransitionSystem& system, const ClearLocks& locks, const Context* context, Everywhere& everywhere)
      : system_(system), context_(context), everywhere_(everywhere) {
    if (context == nullptr) return;
    for (std::size_t lock = 0; lock < locks.size(); ++lock) {  // read and written by the holder only
      const Lock& one = system.locks[lock];
      if (!locks.contains(lock) || !one.saved) continue;
      saved_of_.emplace(one.holder, local_of_.size());
      local_of_.emplace(*one.saved, local_of_.size());
    }
    if (context->activations != 1) return;
    if (!context->affinity_cell.empty()) {
      affinity_ = local_of_.size();
      local_of_.emplace(context->affinity_cell.front(), *affinity_);
    }
    if (context->local_cells.empty()) return;
    const auto me = static_cast<std::uint32_t>(context - system.contexts.data());
    for (const CellId cell : context->local_cells.front()) {
      const std::uint32_t writer = everywhere.written_by[cell.value];
      if (writer == me || writer == Sharing::kNone) local_of_.emplace(cell, local_of_.size());
    }
  }

  /// Where the context begins: `level`, and its locals as they are before any of its steps.
  Known beginning(Interval level) const {
    Known known{level, std::vector<Interval>(local_of_.size()), {}};
    for (const auto& [cell, local] : local_of_) {
      const Cell& one = system_.at(cell);
      known.locals[local] = everywhere_.initial[cell.value];
      known.locals[local].widen_to({one.rest, one.rest});
      if (local == affinity_) known.locals[local] = {one.rest, one.rest};  // only its own steps and its end change it
    }
    return known;
  }

  /// Executes `program` from `before`; calls `leave(location, known)` for each way that comes to a place.
  template <typename Leave>
  StepRanges run(const Program& program, Known before, Leave leave) {
    StepRanges result{std::vector<bool>(program.ops.size(), false), std::vector<Interval>(program.ops.size()),
                      std::vector<std::optional<Interval>>(program.ops.size()),
                      context_ != nullptr && context_->activations == 1 &&
                          (!affinity_ || before.locals[*affinity_] == Interval{0, 0})};
    before.temps.assign(program.temps, Interval{});
    std::vector<std::optional<Known>> at(program.ops.size() + 1);
    at.front() = std::move(before);
    const auto go = [&](std::size_t to, const std::optional<Known>& known) {
      if (!known) return;
      if (at[to]) {
        at[to]->join(*known);
      } else {
        at[to] = known;
      }
    };
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      if (!at[i]) continue;
      result.executed[i] = true;
      result.level[i] = at[i]->level;
      Known known = *at[i];
      std::visit(Overloaded{
                     [&](const AssignOp& op) {
                       const Interval value = of(op.value, known, kDepth);
                       if (is_level(op.place)) result.assigned[i] = value;
                       assign(op.place, value, known);
                       go(i + 1, known);
                     },
                     [&](const LetOp& op) {
                       known.temps[op.temp.value] = of(op.value, known, kDepth);
                       go(i + 1, known);
                     },
                     [&](const ChooseOp& op) {
                       known.temps[op.temp.value] = {op.lo, op.hi};
                       go(i + 1, known);
                     },
                     [&](const BranchOp& op) {
                       go(i + 1, given(op.condition, true, known));
                       go(op.otherwise, given(op.condition, false, known));
                     },
                     [&](const JumpOp& op) { go(op.target, known); },
                     [&](const CheckOp& op) {
                       go(i + 1, system_.at(op.rule).core ? given(op.condition, true, known) : known);
                     },
                     [&](const AssumeOp& op) { go(i + 1, given(op.condition, true, known)); },
                     [&](const GotoOp& op) { leave(op.location, known); },
                     [](const EndOp&) {},
                     // For stories, without effect.
                     [&](const StatementOp&) { go(i + 1, known); },
                     [&](const EnterOp&) { go(i + 1, known); },
                     [&](const LeaveOp&) { go(i + 1, known); },
                 },
                 program.ops[i]);
    }
    return result;
  }

 private:
  bool is_level(const Place& place) const {
    return context_ != nullptr && place.cells == context_->level_cell && (context_->activations == 1 || is_self(place));
  }
  bool is_self(const Place& place) const {
    return place.index.valid() && std::holds_alternative<SelfActivationExpr>(system_.at(place.index));
  }

  /// The interval of a place, when it is followed place by place.
  Interval* followed(const Place& place, Known& known) const {
    if (is_level(place)) return &known.level;
    if (place.cells.size() != 1) return nullptr;
    const auto local = local_of_.find(place.cells.front());
    return local == local_of_.end() ? nullptr : &known.locals[local->second];
  }

  void assign(const Place& place, const Interval& value, Known& known) {
    everywhere_.add(system_, place, value);
    if (place.cells.size() == 1 && !(value == Interval{0, 0})) forget_saved(place.cells.front(), known);
    if (Interval* one = followed(place, known)) {
      *one = value;
      return;
    }
    for (const CellId cell : place.cells) {
      if (const auto local = local_of_.find(cell); local != local_of_.end())
        known.locals[local->second].widen_to(value);
    }
  }

  /// A lock is taken: what it saved may be what any of its holders wrote.
  void forget_saved(CellId holder, Known& known) const {
    const auto saved = saved_of_.find(holder);
    if (saved == saved_of_.end()) return;
    for (const auto& [cell, local] : local_of_) {
      if (local == saved->second) known.locals[local] = everywhere_.cells[cell.value];
    }
  }

  Interval load(const Place& place, const Known& known) const {
    if (is_level(place)) return known.level;
    std::optional<Interval> result;
    for (const CellId cell : place.cells) {
      const auto local = local_of_.find(cell);
      const Interval& one = local == local_of_.end() ? everywhere_.cells[cell.value] : known.locals[local->second];
      if (result) {
        result->widen_to(one);
      } else {
        result = one;
      }
    }
    return *result;
  }

  Interval of(ExprId id, const Known& known, int depth) const {
    if (depth == 0) return {};
    return std::visit(Overloaded{
                          [](const ConstantExpr& e) { return only(e.value); },
                          [&](const LoadExpr& e) { return load(e.place, known); },
                          [&](const TempExpr& e) { return known.temps[e.temp.value]; },
                          [&](const BinaryExpr& e) { return of(e, known, depth); },
                          [&](const UnaryExpr& e) {
                            if (e.op != UnaryOp::Not) return Interval{};
                            const Interval operand = of(e.operand, known, depth - 1);
                            return Interval{operand == Interval{0, 0}, operand.contains(0)};
                          },
                          [&](const ConditionalExpr& e) {
                            const Interval condition = of(e.condition, known, depth - 1);
                            if (!condition.contains(0)) return of(e.then_value, known, depth - 1);
                            Interval value = of(e.else_value, known, depth - 1);
                            if (!(condition == Interval{0, 0})) value.widen_to(of(e.then_value, known, depth - 1));
                            return value;
                          },
                          [](const LookupExpr& e) {
                            const auto [least, greatest] = std::minmax_element(e.table.begin(), e.table.end());
                            return Interval{*least, *greatest};
                          },
                          [](const IdleExpr&) {
                            return Interval{0, 1};
                          },
                          [](const SelfActivationExpr&) { return Interval{}; },
                          [](const CurrentCpuExpr&) { return Interval{}; },
                      },
                      system_.at(id));
  }

  Interval of(const BinaryExpr& e, const Known& known, int depth) const {
    const Interval l = of(e.left, known, depth - 1);
    const Interval r = of(e.right, known, depth - 1);
    const auto truth = [](bool certainly, bool never) { return Interval{certainly, !never}; };
    const bool apart = l.hi < r.lo || r.hi < l.lo;
    const bool same = l == r && l.lo == l.hi;
    switch (e.op) {
      case BinaryOp::And:
        return truth(!l.contains(0) && !r.contains(0), l == Interval{0, 0} || r == Interval{0, 0});
      case BinaryOp::Or:
        return truth(!l.contains(0) || !r.contains(0), l == Interval{0, 0} && r == Interval{0, 0});
      case BinaryOp::Equal:
        return truth(same, apart);
      case BinaryOp::NotEqual:
        return truth(apart, same);
      case BinaryOp::Less:
        return truth(l.hi < r.lo, l.lo >= r.hi);
      case BinaryOp::LessEqual:
        return truth(l.hi <= r.lo, l.lo > r.hi);
      case BinaryOp::Greater:
        return truth(l.lo > r.hi, l.hi <= r.lo);
      case BinaryOp::GreaterEqual:
        return truth(l.lo >= r.hi, l.hi < r.lo);
      case BinaryOp::Add:
      case BinaryOp::Subtract: {
        if (std::min(l.lo, r.lo) < -kLarge || std::max(l.hi, r.hi) > kLarge) return {};
        return e.op == BinaryOp::Add ? Interval{l.lo + r.lo, l.hi + r.hi} : Interval{l.lo - r.hi, l.hi - r.lo};
      }
      default:
        return {};
    }
  }

  /// What is known where `condition` has the truth value `truth`; nothing where it never has.
  std::optional<Known> given(ExprId condition, bool truth, Known known) const {
    const Interval value = of(condition, known, kDepth);
    if (truth ? value == Interval{0, 0} : !value.contains(0)) return std::nullopt;
    const auto* binary = std::get_if<BinaryExpr>(&system_.at(condition));
    if (binary == nullptr) return known;
    if (binary->op == (truth ? BinaryOp::And : BinaryOp::Or)) {
      const std::optional<Known> left = given(binary->left, truth, std::move(known));
      return left ? given(binary->right, truth, *left) : std::nullopt;
    }
    const Interval right = of(binary->right, known, kDepth);
    if (Interval* left = compared(binary->left, known)) narrow(binary->op, truth, *left, right);
    return known;
  }

  Interval* compared(ExprId id, Known& known) const {
    if (const auto* load = std::get_if<LoadExpr>(&system_.at(id))) return followed(load->place, known);
    if (const auto* temp = std::get_if<TempExpr>(&system_.at(id))) return &known.temps[temp->temp.value];
    return nullptr;
  }

  static void narrow(BinaryOp op, bool truth, Interval& left, const Interval& right) {
    const Interval before = left;
    const auto at_most = [&](std::int64_t most) { left.hi = std::min(left.hi, most); };
    const auto at_least = [&](std::int64_t least) { left.lo = std::max(left.lo, least); };
    if (right.lo < -kLarge || right.hi > kLarge) return;
    const bool less = op == (truth ? BinaryOp::Less : BinaryOp::GreaterEqual);
    const bool greater = op == (truth ? BinaryOp::Greater : BinaryOp::LessEqual);
    if (less) at_most(right.hi - 1);
    if (greater) at_least(right.lo + 1);
    if (op == (truth ? BinaryOp::LessEqual : BinaryOp::Greater)) at_most(right.hi);
    if (op == (truth ? BinaryOp::GreaterEqual : BinaryOp::Less)) at_least(right.lo);
    if (op == (truth ? BinaryOp::Equal : BinaryOp::NotEqual)) {
      at_most(right.hi);
      at_least(right.lo);
    }
    if (left.lo > left.hi) left = before;  // the values of the whole said nothing of it
  }

  const TransitionSystem& system_;
  const Context* context_;
  Everywhere& everywhere_;
  std::unordered_map<CellId, std::size_t> local_of_;
  std::optional<std::size_t> affinity_;               // of the context: its local
  std::unordered_map<CellId, std::size_t> saved_of_;  // holder of a clear lock: the local that it restores
};

/// One context until nothing changes.
class Analysis {
 public:
  Analysis(const TransitionSystem& system, const ClearLocks& locks, const Context& context, Everywhere& everywhere,
           std::vector<StepRanges>& steps, StepRanges& start)
      : system_(system),
        context_(context),
        numbers_(system, locks, &context, everywhere),
        steps_(steps),
        start_(start) {}

  void run() {
    const Interval level{context_.start_level, context_.start_level};
    if (context_.kind == ContextKind::Handler) {
      start_ = numbers_.run(context_.start, numbers_.beginning(level),
                            [&](LocationId to, const Known& known) { arrive(to, known); });
    } else if (context_.entry.valid()) {
      arrive(context_.entry, numbers_.beginning(level));
    }
    while (!open_.empty()) {
      ask_patience(context_.span);
      const LocationId next = open_.back();
      open_.pop_back();
      const Known known = at_.at(next);
      steps_[next.value] =
          numbers_.run(system_.at(next).program, known, [&](LocationId to, const Known& after) { arrive(to, after); });
    }
  }

 private:
  void arrive(LocationId to, Known known) {
    known.temps.clear();
    const auto [found, is_new] = at_.emplace(to, known);
    Known& there = found->second;
    const Known before = there;
    if (!is_new) {
      there.join(known);
      if (there.level == before.level && there.locals == before.locals) return;
    }
    if (++times_[to] > kMostRounds) widen(before, there);
    open_.push_back(to);
  }

  /// What still grows may be anything, so that counting ends.
  static void widen(const Known& before, Known& there) {
    if (!(there.level == before.level)) there.level = Interval{};
    for (std::size_t i = 0; i < there.locals.size(); ++i) {
      if (!(there.locals[i] == before.locals[i])) there.locals[i] = Interval{};
    }
  }

  const TransitionSystem& system_;
  const Context& context_;
  Numbers numbers_;
  std::vector<StepRanges>& steps_;
  StepRanges& start_;
  std::unordered_map<LocationId, Known> at_;
  std::unordered_map<LocationId, int> times_;
  std::vector<LocationId> open_;
};

}  // namespace

ValueRanges::ValueRanges(const TransitionSystem& system, const ClearLocks& locks) {
  Everywhere everywhere(system);
  do {
    everywhere.changed = false;
    steps_.assign(system.locations.size(), {});
    starts_.assign(system.contexts.size(), {});
    for (std::size_t k = 0; k < system.contexts.size(); ++k) {
      Analysis(system, locks, system.contexts[k], everywhere, steps_, starts_[k]).run();
    }
    for (const Action& action : system.actions) {
      Numbers(system, locks, nullptr, everywhere).run(action.program, Known{}, [](LocationId, const Known&) {});
    }
  } while (everywhere.changed);
}

}  // namespace quiesce::model

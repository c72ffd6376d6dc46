// Locks, levels and `on c { }` outside one-step code (see context_code.h; docs/semantics.md, 4).
#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/elaborate/context_code.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

ExprId ContextCode::is_pinned_level() {
  return exprs().binary(BinaryOp::GreaterEqual, level(), design_.constant(design_.pin_level()));
}

// Whether the step that acquires can be taken, be it by breaking a rule: what can still do that does not wait.
ExprId ContextCode::may_acquire(const LockRef& ref, bool in_one_step) {
  const ExprId holder = exprs().load(ref.place.cell(0));
  const ExprId is_free = exprs().equal(holder, design_.constant(0));
  ExprId result = exprs().disjunction(is_free, exprs().equal(holder, executor_.slot));
  if (ref.has_level) {
    const BinaryOp op =
        in_one_step ? BinaryOp::Greater : BinaryOp::NotEqual;  // below it, a step that raises comes first
    result = exprs().disjunction(result, exprs().binary(op, level(), ref.level));
  }
  if (ref.is_mutex) result = exprs().disjunction(result, is_pinned_level());
  return result;
}

Next ContextCode::lower_acquire(const types::Expr& lock, const void* key, Span span, Next next) {
  Expressions lowering = expressions();
  const LockRef ref = lock_of(lowering, lock);
  const std::vector<Fault> faults = lowering.take_faults();
  const ExprId holder = exprs().load(ref.place.cell(0));
  const ExprId is_free = exprs().equal(holder, design_.constant(0));
  const auto begin = [&](ProgramWriter& writer) {
    writer.emit(StatementOp{span});
    writer.check(faults);
    writer.emit(CheckOp{exprs().binary(BinaryOp::NotEqual, holder, executor_.slot), design_.rule(rule_name::kLock),
                        span, "the lock is already held by this very context: it would wait for itself forever"});
  };
  const auto take = [&](ProgramWriter& writer) { writer.emit(AssignOp{ref.place.cell(0), executor_.slot}); };

  if (!ref.has_level) {
    const LocationId id = new_location(span);
    ProgramWriter writer;
    begin(writer);
    if (ref.is_mutex) {
      writer.emit(CheckOp{exprs().binary(BinaryOp::Less, level(), design_.constant(design_.pin_level())),
                          design_.rule(rule_name::kWaitAtPinnedLevel), span,
                          "a mutex may have to wait, which is impossible at this level"});
    }
    writer.emit(AssumeOp{is_free});
    take(writer);
    writer.go(next);
    wait_ = ref.is_mutex ? WaitKind::Mutex : WaitKind::Lock;
    guard_ = may_acquire(ref);
    wait_lock_ = ref.place.cell(0);
    set_program(id, writer);
    return Next{id, {}};
  }

  const PlaceRef old = hidden(key, 7, design_.level_type(), "level before the lock", span);
  // The second step: it has the level and takes the lock.
  const LocationId taking = new_location(span);
  {
    ProgramWriter writer;
    writer.emit(StatementOp{span});
    writer.emit(AssumeOp{is_free});
    take(writer);
    writer.emit(AssignOp{ref.place.cell(1), exprs().load(old.cell(0))});
    writer.emit(AssignOp{old.cell(0), design_.constant(0)});
    writer.go(next);
    wait_ = WaitKind::Lock;
    guard_ = is_free;
    wait_lock_ = ref.place.cell(0);
    set_program(taking, writer);
  }
  // The first step raises the level; at the lock's level already, it takes the lock at once.
  const LocationId id = new_location(span);
  ProgramWriter writer;
  begin(writer);
  writer.emit(CheckOp{exprs().binary(BinaryOp::LessEqual, level(), ref.level), design_.rule(rule_name::kLock), span,
                      "the lock is acquired above its level"});
  const ExprId raises = exprs().binary(BinaryOp::Less, level(), ref.level);
  const std::size_t there = writer.branch(raises);
  writer.emit(AssignOp{old.cell(0), level()});
  writer.emit(AssignOp{executor_.level, ref.level});
  writer.emit(GotoOp{taking});
  writer.land(there);
  writer.emit(AssumeOp{is_free});
  take(writer);
  writer.emit(AssignOp{ref.place.cell(1), ref.level});
  writer.go(next);
  wait_ = WaitKind::Lock;
  guard_ = may_acquire(ref);
  wait_lock_ = ref.place.cell(0);
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_release(const types::Expr& lock, Span span, Next next) {
  const LocationId id = new_location(span);
  ProgramWriter writer;
  writer.emit(StatementOp{span});
  emit_release(writer, lock, span);
  writer.go(next);
  mergeable_ = false;
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_level(const types::Stmt& stmt, const types::Expr& target, bool raise, Next next) {
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  Expressions lowering = expressions();
  const ExprId wanted = lowering.scalar(target);
  const Domain possible = design_.interval(wanted);
  if (possible.lo < 0 || possible.hi > kMaxLevel) {
    lowering.fault_unless(exprs().conjunction(exprs().binary(BinaryOp::GreaterEqual, wanted, design_.constant(0)),
                                              exprs().binary(BinaryOp::LessEqual, wanted, design_.constant(kMaxLevel))),
                          rule_name::kRange, target.span, fmt::format("a level is 0..{}", kMaxLevel));
  }
  writer.check(lowering.take_faults());
  if (raise) {
    writer.emit(CheckOp{exprs().binary(BinaryOp::GreaterEqual, wanted, level()), design_.rule(rule_name::kLevel),
                        stmt.span, "'raise' would lower the level"});
  } else {
    writer.emit(CheckOp{exprs().binary(BinaryOp::LessEqual, wanted, level()), design_.rule(rule_name::kLevel),
                        stmt.span, "'lower' would raise the level"});
    writer.check_locks(wanted, design_.rule(rule_name::kLock), stmt.span,
                       "the level would go below that of a spin lock still held");
    if (is_handler_) {
      writer.emit(CheckOp{exprs().binary(BinaryOp::GreaterEqual, wanted, design_.constant(start_level_)),
                          design_.rule(rule_name::kLevel), stmt.span,
                          "a handler never goes below the level at which it started"});
    }
  }
  writer.emit(AssignOp{executor_.level, wanted});
  writer.go(next);
  mergeable_ = false;
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_at_level(const types::Stmt& stmt, const types::AtLevelStmt& node, Next next) {
  Expressions lowering = expressions();
  const ExprId wanted = lowering.scalar(*node.level);
  const PlaceRef old = hidden(&stmt, 7, design_.level_type(), "level before the block", stmt.span);
  const LocationId leaving = new_location(stmt.span);
  {
    ProgramWriter writer;
    writer.emit(StatementOp{stmt.span});
    const ExprId before = exprs().load(old.cell(0));
    writer.emit(CheckOp{exprs().binary(BinaryOp::LessEqual, before, level()), design_.rule(rule_name::kLevel),
                        stmt.span, "the end of the block would raise the level"});
    writer.check_locks(before, design_.rule(rule_name::kLock), stmt.span,
                       "the level would go below that of a spin lock still held");
    if (is_handler_) {
      writer.emit(CheckOp{exprs().binary(BinaryOp::GreaterEqual, before, design_.constant(start_level_)),
                          design_.rule(rule_name::kLevel), stmt.span,
                          "a handler never goes below the level at which it started"});
    }
    writer.emit(AssignOp{executor_.level, before});
    writer.emit(AssignOp{old.cell(0), design_.constant(0)});
    writer.go(next);
    mergeable_ = false;
    set_program(leaving, writer);
  }
  const Next body = lower_block(node.body, Next{leaving, {}});
  const LocationId entering = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  writer.check(lowering.take_faults());
  writer.emit(CheckOp{exprs().binary(BinaryOp::GreaterEqual, wanted, level()), design_.rule(rule_name::kLevel),
                      stmt.span, "the block would lower the level"});
  writer.emit(AssignOp{old.cell(0), level()});
  writer.emit(AssignOp{executor_.level, wanted});
  writer.go(body);
  mergeable_ = false;
  set_program(entering, writer);
  return Next{entering, {}};
}

Next ContextCode::lower_on_cpu(const types::Stmt& stmt, const types::OnCpuStmt& node, Next next) {
  Context& context = design_.system().contexts[context_->value];
  if (context.affinity_cell.empty()) {
    for (std::uint32_t a = 0; a < activations_; ++a) {
      Cell cell;
      cell.name = activations_ > 1 ? fmt::format("{}#{}/affinity", name_, a) : name_ + "/affinity";
      cell.hi = design_.system().cpus;
      cell.kind = CellKind::Cpu;
      context.affinity_cell.push_back(design_.new_cell(std::move(cell)));
    }
  }
  affinity_ = Place{context.affinity_cell, activations_ > 1 ? exprs().add(SelfActivationExpr{}) : ExprId{}};
  auto optional_cpu = std::make_shared<ValueType>();
  optional_cpu->kind = Kind::Cpu;
  optional_cpu->cpus = design_.system().cpus;
  const PlaceRef old = hidden(&stmt, 8, optional_cpu, "affinity before the block", stmt.span);

  const LocationId leaving = new_location(stmt.span);
  {
    ProgramWriter writer;
    writer.emit(StatementOp{stmt.span});
    writer.emit(AssignOp{affinity_, exprs().load(old.cell(0))});
    writer.emit(AssignOp{old.cell(0), design_.constant(0)});
    writer.go(next);
    mergeable_ = false;
    set_program(leaving, writer);
  }
  const Next body = lower_block(node.body, Next{leaving, {}});
  const LocationId entering = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  Expressions lowering = expressions();
  const ExprId cpu = lowering.scalar(*node.cpu);
  writer.check(lowering.take_faults());
  writer.emit(CheckOp{
      exprs().disjunction(exprs().binary(BinaryOp::Less, level(), design_.constant(design_.pin_level())),
                          exprs().equal(exprs().load(executor_.cpu), cpu)),
      design_.rule(rule_name::kLevel), stmt.span, "a context at or above the pin level cannot move to another CPU"});
  writer.emit(AssignOp{old.cell(0), exprs().load(affinity_)});
  writer.emit(AssignOp{affinity_, cpu});
  writer.go(body);
  mergeable_ = false;
  set_program(entering, writer);
  return Next{entering, {}};
}

}  // namespace quiesce::model

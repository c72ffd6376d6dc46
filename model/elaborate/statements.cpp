// Statements outside one-step code, lowered backwards into locations (see context_code.h).
#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/elaborate/context_code.h"
#include "model/system/traverse.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

Next ContextCode::lower_block(const std::vector<types::StmtPtr>& body, Next next) {
  scopes_.emplace_back();
  std::vector<PlaceRef> locals;
  declare_locals(body, locals);
  std::vector<Op> leaving;
  for (const PlaceRef& place : locals) reset(leaving, place);
  scopes_.back() = std::move(locals);
  next = after(std::move(leaving), next);
  for (std::size_t i = body.size(); i-- > 0;) {
    if (design_.failed()) break;
    ask_patience(body[i]->span);
    design_.spend(body[i]->span);
    next = lower_labelled(*body[i], std::move(next));
  }
  scopes_.pop_back();
  return next;
}

Next ContextCode::lower_labelled(const types::Stmt& stmt, Next next) {
  const std::size_t before = design_.system().locations.size();
  Next first = lower_or_fail(stmt, next);
  if (stmt.labels.empty() || design_.failed()) return first;
  // A statement that takes no step of its own still needs a place where its label can be stood at.
  if (first.location.value < before || !first.suffix.empty()) first = transparent(first, {});
  Location& location = design_.system().locations[first.location.value];
  for (const types::LabelDecl* label : stmt.labels) {
    location.labels.push_back(design_.path(current_->frame.self, label->name));
  }
  return first;
}

// A statement that wants something of an instance that cannot exist breaks core.null when it is reached.
Next ContextCode::lower_or_fail(const types::Stmt& stmt, const Next& next) {
  const Position before = position();
  try {
    return lower_statement(stmt, next);
  } catch (const Expressions::NamesNothing& nothing) {
    restore(before);
    const LocationId id = new_location(stmt.span);
    ProgramWriter writer;
    writer.emit(StatementOp{stmt.span});
    writer.emit(names_nothing(nothing.span));
    writer.go(next);
    set_program(id, writer);
    return Next{id, {}};
  }
}

Next ContextCode::lower_statement(const types::Stmt& stmt, Next next) {
  return std::visit(
      Overloaded{[&](const types::AssignStmt& node) {
                   if (const types::CallExpr* call = step_call(*node.value)) {
                     const bool one_step = is_one_step(*call, stmt.span);
                     if (one_step) return lower_single(stmt, next);
                     return lower_call_use(
                         stmt, *node.value,
                         [&](ProgramWriter& writer, Expressions& lowering, const Value& value) {
                           store(writer, lowering, lowering.place(*node.target), value, stmt.span);
                         },
                         next);
                   }
                   return lower_single(stmt, next);
                 },
                 [&](const types::LocalStmt& node) {
                   const types::VariableDecl* variable = node.variable.get();
                   if (variable->init != nullptr) {
                     if (const types::CallExpr* call = step_call(*variable->init)) {
                       const bool one_step = is_one_step(*call, stmt.span);
                       if (!one_step) {
                         return lower_call_use(
                             stmt, *variable->init,
                             [&](ProgramWriter& writer, Expressions& lowering, const Value& value) {
                               store(writer, lowering, local(variable), value, stmt.span);
                             },
                             next);
                       }
                     }
                   }
                   return lower_single(stmt, next);
                 },
                 [&](const types::CallStmt& node) {
                   const auto& call = std::get<types::CallExpr>(node.call->node);
                   const bool one_step = is_one_step(call, stmt.span);
                   if (one_step) return lower_single(stmt, next);
                   return lower_call(&stmt, call, stmt.span, nullptr, next);
                 },
                 [&](const types::CollectionStmt&) { return lower_single(stmt, next); },
                 [&](const types::IfStmt& node) { return lower_if(stmt, node, next); },
                 [&](const types::WhileStmt& node) { return lower_while(stmt, node, next); },
                 [&](const types::ForStmt& node) { return lower_for(stmt, node, next); },
                 [&](const types::EitherStmt& node) { return lower_either(stmt, node, next); },
                 [&](const types::ChooseStmt&) { return lower_single(stmt, next); },
                 [&](const types::AwaitStmt& node) { return lower_wait(stmt, *node.condition, WaitKind::Await, next); },
                 [&](const types::SpinStmt& node) { return lower_wait(stmt, *node.condition, WaitKind::Spin, next); },
                 [&](const types::AtomicStmt& node) { return lower_atomic(stmt, node, next); },
                 [&](const types::AcquireStmt& node) { return lower_acquire(*node.lock, &stmt, stmt.span, next); },
                 [&](const types::ReleaseStmt& node) { return lower_release(*node.lock, stmt.span, next); },
                 [&](const types::WithLockStmt& node) {
                   const Next release = lower_release(*node.lock, stmt.span, next);
                   const Next body = lower_block(node.body, release);
                   return lower_acquire(*node.lock, &stmt, stmt.span, body);
                 },
                 [&](const types::GiveStmt&) { return lower_hand_over(stmt, next); },
                 [&](const types::TakeStmt&) { return lower_hand_over(stmt, next); },
                 [&](const types::RaiseStmt& node) { return lower_level(stmt, *node.level, true, next); },
                 [&](const types::LowerStmt& node) { return lower_level(stmt, *node.level, false, next); },
                 [&](const types::AtLevelStmt& node) { return lower_at_level(stmt, node, next); },
                 [&](const types::OnCpuStmt& node) { return lower_on_cpu(stmt, node, next); },
                 [&](const types::AssertStmt& node) {
                   return lower_check(node.condition.get(), design_.rule(rule_name::kAssert), stmt.span, next);
                 },
                 [&](const types::RequireStmt& node) {
                   return lower_check(node.condition.get(), design_.rule(node.rule), stmt.span, next);
                 },
                 [&](const types::ViolateStmt& node) {
                   return lower_check(nullptr, design_.rule(node.rule), stmt.span, next);
                 },
                 [&](const types::ReturnStmt& node) { return lower_return(stmt, node, next); },
                 [&](const types::BreakStmt&) {
                   const Loop& loop = loops_.back();
                   return after(resets_above(loop.scopes), loop.leave);
                 },
                 [&](const types::ContinueStmt&) {
                   const Loop& loop = loops_.back();
                   return after(resets_above(loop.scopes), loop.again);
                 },
                 [&](const types::PassStmt&) { return lower_single(stmt, next); },
                 [&](const types::InitStmt&) { return lower_single(stmt, next); },
                 [&](const types::FreeStmt&) { return lower_single(stmt, next); }},
      stmt.node);
}

// A statement that is one step, whatever it does.
Next ContextCode::lower_single(const types::Stmt& stmt, Next next) {
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  const std::size_t locals_before = step_locals_.size();
  if (const auto* choose = std::get_if<types::ChooseStmt>(&stmt.node); choose != nullptr && choose->where != nullptr) {
    // It blocks while no value is allowed.
    Expressions lowering = expressions();
    const PlaceRef& place = local(choose->variable.get());
    ExprId possible = design_.constant(0);
    const bool countable = is_scalar(*place.type) && place.type->kind != Kind::Optional;  // else refused below
    for (std::int64_t i = 0; countable && i < value_count(*place.type); ++i) {
      current_->frame.values[choose->variable.get()] = Value{place.type, {design_.constant(value_at(*place.type, i))}};
      possible = exprs().disjunction(possible, lowering.scalar(*choose->where));
    }
    current_->frame.values.erase(choose->variable.get());
    possible = lowering.unless_it_fails(possible, true);  // it can take the step that breaks the rule
    std::int64_t known = 0;
    if (!exprs().is_constant(possible, &known) || known == 0) {
      refuse_current_cpu(possible, choose->where->span);
      guard_ = possible;
      wait_ = WaitKind::Await;
    }
  }
  if (std::holds_alternative<types::InitStmt>(stmt.node) || std::holds_alternative<types::FreeStmt>(stmt.node))
    mergeable_ = false;
  emit_statement(writer, stmt);
  // Locals of functions executed within the step end with it.
  for (std::size_t i = locals_before; i < step_locals_.size(); ++i) {
    std::vector<Op> ops;
    reset(ops, step_locals_[i]);
    writer.emit(ops);
  }
  step_locals_.resize(locals_before);
  writer.go(next);
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_atomic(const types::Stmt& stmt, const types::AtomicStmt& node, Next next) {
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  step_locals_.clear();
  if (!node.body.empty()) {  // only the first statement may block
    const types::Stmt& first = *node.body.front();
    const types::Expr* lock = nullptr;
    if (const auto* waits = std::get_if<types::AwaitStmt>(&first.node)) {
      Expressions lowering = expressions();
      guard_ = lowering.scalar(*waits->condition);
      refuse_current_cpu(guard_, waits->condition->span);
      guard_ = may_go_on(guard_, lowering.take_faults(), WaitKind::Await);
      wait_ = WaitKind::Await;
    } else if (const auto* spins = std::get_if<types::SpinStmt>(&first.node)) {
      Expressions lowering = expressions();
      guard_ = lowering.scalar(*spins->condition);
      refuse_current_cpu(guard_, spins->condition->span);
      guard_ = may_go_on(guard_, lowering.take_faults(), WaitKind::Spin);
      wait_ = WaitKind::Spin;
    } else if (const auto* acquires = std::get_if<types::AcquireStmt>(&first.node)) {
      lock = acquires->lock.get();
    } else if (const auto* with = std::get_if<types::WithLockStmt>(&first.node)) {
      lock = with->lock.get();
    }
    if (lock != nullptr) {
      Expressions lowering = expressions();
      const LockRef ref = lock_of(lowering, *lock);
      guard_ = may_acquire(ref, true);
      wait_ = ref.is_mutex ? WaitKind::Mutex : WaitKind::Lock;
      wait_lock_ = ref.place.cell(0);
    }
  }
  const WaitKind wait = wait_;
  if (wait == WaitKind::Await || wait == WaitKind::Spin) waits_at_ = id;
  const ExprId guard = guard_;
  const std::optional<Place> lock = wait_lock_;
  wait_ = WaitKind::None;
  guard_ = ExprId{};
  wait_lock_.reset();
  mergeable_ = true;
  emit_block(writer, node.body);
  emit_resets(writer);
  writer.go(next);
  wait_ = wait;
  guard_ = guard;
  waits_for_hand_over(node);
  wait_lock_ = lock;
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_if(const types::Stmt& stmt, const types::IfStmt& node, Next next) {
  if (const types::CallExpr* call = step_call(*node.condition)) {
    const Next yes = lower_block(node.then_body, next);
    const Next no = lower_block(node.else_body, next);
    const bool one_step = is_one_step(*call, stmt.span);
    if (one_step) {
      const LocationId id = new_location(stmt.span);
      ProgramWriter writer;
      writer.emit(StatementOp{stmt.span});
      step_locals_.clear();
      Expressions lowering = expressions();
      const Value value = emit_value(writer, lowering, *node.condition, nullptr);
      const TempId temp = writer.new_temp();  // the resets below would erase what the test reads
      writer.emit(LetOp{temp, value.cells.at(0)});
      emit_resets(writer);
      const std::size_t otherwise = writer.branch(exprs().add(TempExpr{temp}));
      writer.go(yes);
      writer.land(otherwise);
      writer.go(no);
      set_program(id, writer);
      return Next{id, {}};
    }
    return lower_call(
        &stmt, *call, stmt.span,
        [&](const PlaceRef& result) {
          const LocationId id = new_location(stmt.span);
          ProgramWriter writer;
          writer.emit(StatementOp{stmt.span});
          std::vector<Op> leaving;
          reset(leaving, result);
          const std::size_t otherwise = writer.branch(exprs().load(result.cell(0)));
          writer.go(after(leaving, yes));
          writer.land(otherwise);
          writer.go(after(leaving, no));
          set_program(id, writer);
          return Next{id, {}};
        },
        next);
  }
  Expressions lowering = expressions();
  const ExprId condition = lowering.scalar(*node.condition);
  std::vector<Fault> faults = lowering.take_faults();
  std::int64_t known = 0;
  if (exprs().is_constant(condition, &known)) {  // decided by constants and parameters: no step
    ++folded_;
    return judged_before(lower_block(known != 0 ? node.then_body : node.else_body, next), std::move(faults));
  }
  const Next yes = lower_block(node.then_body, next);
  const Next no = lower_block(node.else_body, next);
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  writer.check(std::move(faults));
  const std::size_t otherwise = writer.branch(condition);
  writer.go(yes);
  writer.land(otherwise);
  writer.go(no);
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_either(const types::Stmt& stmt, const types::EitherStmt& node, Next next) {
  std::vector<Next> branches;
  for (const std::vector<types::StmtPtr>& branch : node.branches) branches.push_back(lower_block(branch, next));
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  const TempId temp = writer.new_temp();
  writer.emit(ChooseOp{temp, 0, static_cast<std::int64_t>(branches.size()) - 1, true, "either", nullptr});
  for (std::size_t i = 0; i + 1 < branches.size(); ++i) {
    const std::size_t past =
        writer.branch(exprs().equal(exprs().add(TempExpr{temp}), design_.constant(static_cast<std::int64_t>(i))));
    writer.go(branches[i]);
    writer.land(past);
  }
  writer.go(branches.back());
  set_program(id, writer);
  return Next{id, {}};
}

// Whether the step that waits can be taken, be it by breaking a rule: what can still do that does not wait.
ExprId ContextCode::may_go_on(ExprId condition, const std::vector<Fault>& faults, WaitKind kind) {
  ExprId result = condition;
  for (const Fault& fault : faults) {
    if (!fault.own_free) result = exprs().disjunction(result, exprs().negation(fault.condition));
  }
  return kind == WaitKind::Await ? exprs().disjunction(result, is_pinned_level()) : result;
}

Next ContextCode::lower_wait(const types::Stmt& stmt, const types::Expr& condition, WaitKind kind, Next next) {
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  if (kind == WaitKind::Await) {
    writer.emit(CheckOp{exprs().binary(BinaryOp::Less, level(), design_.constant(design_.pin_level())),
                        design_.rule(rule_name::kWaitAtPinnedLevel), stmt.span,
                        "a thread switch is impossible at this level; 'spin until' is the spelling for a busy wait"});
  }
  Expressions lowering = expressions();
  const ExprId guard = lowering.scalar(condition);
  refuse_current_cpu(guard, condition.span);
  std::vector<Fault> faults = lowering.take_faults();
  const ExprId goes_on = may_go_on(guard, faults, kind);
  emit_wait(writer, guard, std::move(faults), id);
  writer.go(next);
  wait_ = kind;
  guard_ = goes_on;
  set_program(id, writer);
  return Next{id, {}};
}

// A condition that is evaluated outside the life of what it looks at breaks that rule also while it is false: then the
// step only records it and the context waits on, at `here`.
void ContextCode::emit_wait(ProgramWriter& writer, ExprId guard, std::vector<Fault> faults,
                            std::optional<LocationId> here) {
  ExprId alive = design_.constant(1);
  for (const Fault& fault : faults) {
    if (!fault.own_free && !design_.system().at(fault.rule).core) alive = exprs().conjunction(alive, fault.condition);
  }
  writer.check(std::move(faults));
  if (!here || exprs().is_constant(alive)) {
    writer.emit(AssumeOp{guard});
    return;
  }
  const std::size_t blocked = writer.branch(guard);
  const std::size_t go_on = writer.jump();
  writer.land(blocked);
  writer.emit(AssumeOp{exprs().negation(alive)});
  writer.go(Next{*here, {}});
  writer.land(go_on);
}

// What fails in the evaluation of something that takes no step is judged in the step of the next statement.
Next ContextCode::judged_before(Next next, std::vector<Fault> faults) {
  if (faults.empty()) return next;
  ProgramWriter writer;
  writer.check(std::move(faults));
  return transparent(std::move(next), writer.take().ops);
}

void ContextCode::refuse_current_cpu(ExprId condition, Span span) {
  bool found = false;
  for_each_expr(exprs(), condition,
                [&](ExprId, const Expr& expr) { found = found || std::holds_alternative<CurrentCpuExpr>(expr); });
  if (found) {
    design_.diagnostics().error("E0637", span,
                                "a condition to wait for cannot ask for 'cpu()': a context that waits is on no CPU");
  }
}

Next ContextCode::lower_check(const types::Expr* condition, RuleId rule, Span span, Next next) {
  std::vector<Op> prefix;
  ProgramWriter writer;
  if (condition != nullptr) {
    Expressions lowering = expressions();
    const ExprId holds = lowering.scalar(*condition);
    writer.check(lowering.take_faults());
    writer.emit(CheckOp{holds, rule, span, ""});
  } else {
    writer.emit(CheckOp{design_.constant(0), rule, span, ""});
  }
  return transparent(next, writer.take().ops);
}

}  // namespace quiesce::model

// Statements outside one-step code, lowered backwards into locations (see context_code.h).
#include <fmt/format.h>

#include "model/base/check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/context_code.h"
#include "model/system/traverse.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {

/// `ops` before what `next` does on its way.
Next after(std::vector<Op> ops, const Next& next) {
  ops.insert(ops.end(), next.suffix.begin(), next.suffix.end());
  return Next{next.location, std::move(ops)};
}

}  // namespace

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
    next = lower_labelled(*body[i], std::move(next));
  }
  scopes_.pop_back();
  return next;
}

Next ContextCode::lower_labelled(const types::Stmt& stmt, Next next) {
  const std::size_t before = design_.system().locations.size();
  Next first = lower_statement(stmt, std::move(next));
  if (stmt.labels.empty() || design_.failed()) return first;
  // A statement that takes no step of its own still needs a place where its label can be stood at.
  if (first.location.value < before || !first.suffix.empty()) first = transparent(first, {});
  Location& location = design_.system().locations[first.location.value];
  for (const types::LabelDecl* label : stmt.labels) {
    location.labels.push_back(design_.path(current_->frame.self, label->name));
  }
  return first;
}

Next ContextCode::lower_statement(const types::Stmt& stmt, Next next) {
  return std::visit(
      Overloaded{[&](const types::AssignStmt& node) {
                   if (const types::CallExpr* call = step_call(*node.value)) {
                     bool one_step = true;
                     Expressions probe = expressions();
                     for (const Target& target : targets(probe, *call, stmt.span)) {
                       one_step = one_step && target.function->kind != types::FunctionDecl::Kind::Steps;
                     }
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
                       bool one_step = true;
                       Expressions probe = expressions();
                       for (const Target& target : targets(probe, *call, stmt.span)) {
                         one_step = one_step && target.function->kind != types::FunctionDecl::Kind::Steps;
                       }
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
                   bool one_step = true;
                   Expressions probe = expressions();
                   for (const Target& target : targets(probe, call, stmt.span)) {
                     one_step = one_step && target.function->kind != types::FunctionDecl::Kind::Steps;
                   }
                   if (one_step) return lower_single(stmt, next);
                   return lower_call(&stmt, call, *node.call, stmt.span, nullptr, next);
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
      wait_ = WaitKind::Await;
    } else if (const auto* spins = std::get_if<types::SpinStmt>(&first.node)) {
      Expressions lowering = expressions();
      guard_ = lowering.scalar(*spins->condition);
      refuse_current_cpu(guard_, spins->condition->span);
      wait_ = WaitKind::Spin;
    } else if (const auto* acquires = std::get_if<types::AcquireStmt>(&first.node)) {
      lock = acquires->lock.get();
    } else if (const auto* with = std::get_if<types::WithLockStmt>(&first.node)) {
      lock = with->lock.get();
    }
    if (lock != nullptr) {
      Expressions lowering = expressions();
      const LockRef ref = lock_of(lowering, *lock);
      guard_ = exprs().equal(exprs().load(ref.place.cell(0)), design_.constant(0));
      wait_ = ref.is_mutex ? WaitKind::Mutex : WaitKind::Lock;
      wait_lock_ = ref.place.cell(0);
    }
  }
  const WaitKind wait = wait_;
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
  wait_lock_ = lock;
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_if(const types::Stmt& stmt, const types::IfStmt& node, Next next) {
  if (const types::CallExpr* call = step_call(*node.condition)) {
    const Next yes = lower_block(node.then_body, next);
    const Next no = lower_block(node.else_body, next);
    bool one_step = true;
    Expressions probe = expressions();
    for (const Target& target : targets(probe, *call, stmt.span)) {
      one_step = one_step && target.function->kind != types::FunctionDecl::Kind::Steps;
    }
    if (one_step) {
      const LocationId id = new_location(stmt.span);
      ProgramWriter writer;
      writer.emit(StatementOp{stmt.span});
      step_locals_.clear();
      Expressions lowering = expressions();
      const Value value = emit_value(writer, lowering, &stmt, *node.condition, nullptr);
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
        &stmt, *call, *node.condition, stmt.span,
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
  std::int64_t known = 0;
  if (exprs().is_constant(condition, &known)) {  // decided by constants and parameters: no step
    return lower_block(known != 0 ? node.then_body : node.else_body, next);
  }
  std::vector<Fault> faults = lowering.take_faults();
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

Next ContextCode::lower_while(const types::Stmt& stmt, const types::WhileStmt& node, Next next) {
  std::int64_t known = 1;
  ExprId condition = design_.constant(1);
  std::vector<Fault> faults;
  if (node.condition != nullptr) {
    Expressions lowering = expressions();
    condition = lowering.scalar(*node.condition);
    faults = lowering.take_faults();
    if (exprs().is_constant(condition, &known) && known == 0) return next;
  }
  const LocationId head = new_location(stmt.span);
  loops_.push_back(Loop{next, Next{head, {}}, scopes_.size(), nullptr, nullptr});
  const Next body = lower_block(node.body, Next{head, {}});
  loops_.pop_back();
  ProgramWriter writer;
  if (exprs().is_constant(condition)) {  // an endless loop has no test: its head is its first statement
    notes_.transparent[head.value] = true;
    writer.go(body);
    set_program(head, writer);
    return Next{head, {}};
  }
  writer.emit(StatementOp{stmt.span});
  writer.check(std::move(faults));
  const std::size_t otherwise = writer.branch(condition);
  writer.go(body);
  writer.land(otherwise);
  writer.go(next);
  set_program(head, writer);
  return Next{head, {}};
}

Next ContextCode::lower_for(const types::Stmt& stmt, const types::ForStmt& node, Next next) {
  const bool over_cpus = node.variable->type->kind == types::Type::Kind::Cpu;
  if (over_cpus) return lower_for_cpu(stmt, node, next);
  if (node.collection != nullptr || node.lo != nullptr) return lower_for_dynamic(stmt, node, next);
  const ValueTypePtr type = design_.lower_type(node.variable->type, current_->frame.self, stmt.span);
  if (type == nullptr) return next;
  const Next leave = next;
  for (std::int64_t i = value_count(*type); i-- > 0;) {
    current_->frame.values[node.variable.get()] = Value{type, {design_.constant(value_at(*type, i))}};
    loops_.push_back(Loop{leave, next, scopes_.size(), nullptr, nullptr});
    next = lower_block(node.body, next);
    loops_.pop_back();
  }
  current_->frame.values.erase(node.variable.get());
  return next;
}

// Every CPU (of the type, or of a set) once, in an order that is not fixed: each iteration picks any one not yet
// visited.
Next ContextCode::lower_for_cpu(const types::Stmt& stmt, const types::ForStmt& node, Next next) {
  const ValueTypePtr cpu = design_.lower_type(node.variable->type, current_->frame.self, stmt.span);
  auto visited_type = std::make_shared<ValueType>();
  visited_type->kind = Kind::Set;
  visited_type->element = cpu;
  const PlaceRef visited = hidden(&stmt, 0, visited_type, "visited", stmt.span);
  const PlaceRef place = local(node.variable.get());
  std::vector<Op> leaving;
  reset(leaving, visited);
  reset(leaving, place);
  const Next leave = after(leaving, next);

  const LocationId head = new_location(stmt.span);
  scopes_.push_back({visited, place});
  loops_.push_back(Loop{leave, Next{head, {}}, scopes_.size(), nullptr, nullptr});
  const Next body = lower_block(node.body, Next{head, {}});
  loops_.pop_back();
  scopes_.pop_back();

  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  Expressions lowering = expressions();
  Value wanted;
  if (node.collection != nullptr) wanted = lowering.lower(*node.collection);
  writer.check(lowering.take_faults());
  ExprId done = design_.constant(1);
  std::vector<ExprId> open;
  for (std::uint32_t c = 0; c < design_.system().cpus; ++c) {
    ExprId is_open = exprs().negation(exprs().load(visited.cell(c)));
    if (node.collection != nullptr) is_open = exprs().conjunction(is_open, wanted.cells[c]);
    open.push_back(is_open);
    done = exprs().conjunction(done, exprs().negation(is_open));
  }
  const std::size_t go_on = writer.branch(done);
  writer.go(leave);
  writer.land(go_on);
  const TempId temp = writer.new_temp();
  writer.emit(ChooseOp{temp, 1, design_.system().cpus, false, node.variable->name, cpu});
  const ExprId chosen = exprs().add(TempExpr{temp});
  ExprId allowed = design_.constant(0);
  for (std::uint32_t c = 0; c < design_.system().cpus; ++c) {
    allowed =
        exprs().disjunction(allowed, exprs().conjunction(exprs().equal(chosen, design_.constant(c + 1)), open[c]));
  }
  writer.emit(AssumeOp{allowed});
  PlaceRef mark{bool_type(), {}, exprs().binary(BinaryOp::Subtract, chosen, design_.constant(1))};
  if (activations_ > 1) {
    mark.index = exprs().binary(
        BinaryOp::Add, exprs().binary(BinaryOp::Multiply, visited.index, design_.constant(design_.system().cpus)),
        mark.index);
  }
  for (const CellId base : visited.bases) {
    for (std::uint32_t c = 0; c < design_.system().cpus; ++c) mark.bases.push_back(CellId(base.value + c));
  }
  writer.emit(AssignOp{mark.cell(0), design_.constant(1)});
  writer.emit(AssignOp{place.cell(0), chosen});
  writer.go(body);
  set_program(head, writer);
  return Next{head, {}};
}

// Over a queue, a set, or a range computed at run time: one test per iteration, which also fetches the element.
Next ContextCode::lower_for_dynamic(const types::Stmt& stmt, const types::ForStmt& node, Next next) {
  const PlaceRef place = local(node.variable.get());
  ValueTypePtr collection;
  std::int64_t most = 0;
  if (node.collection != nullptr) {
    Expressions lowering = expressions();
    collection = lowering.lower(*node.collection).type;
    most = collection->kind == Kind::Queue ? static_cast<std::int64_t>(collection->capacity)
                                           : value_count(*collection->element);
  }
  auto counter_type = std::make_shared<ValueType>();
  counter_type->kind = Kind::Int;
  counter_type->lo = collection != nullptr ? 0 : std::min<std::int64_t>(0, domain_of(*place.type).lo);
  counter_type->hi = collection != nullptr ? most : domain_of(*place.type).hi + 1;
  const PlaceRef counter = hidden(&stmt, 0, counter_type, "next", stmt.span);
  std::optional<PlaceRef> limit;
  if (collection == nullptr) limit = hidden(&stmt, 1, counter_type, "limit", stmt.span);

  std::vector<PlaceRef> scope = {counter, place};
  if (limit) scope.push_back(*limit);
  std::vector<Op> leaving;
  for (const PlaceRef& own : scope) reset(leaving, own);
  const Next leave = after(leaving, next);

  const LocationId head = new_location(stmt.span);
  scopes_.push_back(scope);
  loops_.push_back(Loop{leave, Next{head, {}}, scopes_.size(), nullptr, nullptr});
  const Next body = lower_block(node.body, Next{head, {}});
  loops_.pop_back();
  scopes_.pop_back();

  const auto write_test = [&](ProgramWriter& writer) {
    Expressions lowering = expressions();
    const ExprId at = exprs().load(counter.cell(0));
    if (collection == nullptr) {
      const std::size_t past = writer.branch(exprs().binary(BinaryOp::LessEqual, at, exprs().load(limit->cell(0))));
      writer.emit(AssignOp{place.cell(0), at});
      writer.emit(AssignOp{counter.cell(0), exprs().binary(BinaryOp::Add, at, design_.constant(1))});
      writer.go(body);
      writer.land(past);
      writer.go(leave);
      return;
    }
    const Value value = lowering.lower(*node.collection);
    writer.check(lowering.take_faults());
    if (collection->kind == Kind::Queue) {
      const std::size_t past = writer.branch(exprs().binary(BinaryOp::Less, at, value.cells[0]));
      const std::uint32_t width = cell_count(*collection->element);
      Value element{collection->element, {}};
      for (std::uint32_t j = 0; j < width; ++j) {
        ExprId cell = value.cells[1 + (collection->capacity - 1) * width + j];
        for (std::uint32_t i = collection->capacity - 1; i-- > 0;) {
          cell = exprs().conditional(exprs().equal(at, design_.constant(i)), value.cells[1 + i * width + j], cell);
        }
        element.cells.push_back(cell);
      }
      store(writer, lowering, place, element, stmt.span);
      writer.emit(AssignOp{counter.cell(0), exprs().binary(BinaryOp::Add, at, design_.constant(1))});
      writer.go(body);
      writer.land(past);
      writer.go(leave);
      return;
    }
    for (std::int64_t i = 0; i < most; ++i) {  // a set: the next element in the order of its values
      const ExprId here = exprs().conjunction(exprs().binary(BinaryOp::LessEqual, at, design_.constant(i)),
                                              value.cells[static_cast<std::size_t>(i)]);
      const std::size_t past = writer.branch(here);
      writer.emit(AssignOp{place.cell(0), design_.constant(value_at(*collection->element, i))});
      writer.emit(AssignOp{counter.cell(0), design_.constant(i + 1)});
      writer.go(body);
      writer.land(past);
    }
    writer.go(leave);
  };
  ProgramWriter test;
  test.emit(StatementOp{stmt.span});
  write_test(test);
  set_program(head, test);
  if (collection != nullptr) return Next{head, {}};

  // The bounds are evaluated once, in the step of the first test.
  const LocationId first = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  Expressions lowering = expressions();
  const Value lo{unbounded_int_type(), {lowering.scalar(*node.lo)}};
  const Value hi{unbounded_int_type(), {lowering.scalar(*node.hi)}};
  writer.check(lowering.take_faults());
  store(writer, lowering, counter, lo, node.lo->span);
  store(writer, lowering, *limit, hi, node.hi->span);
  write_test(writer);
  set_program(first, writer);
  return Next{first, {}};
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
  writer.check(lowering.take_faults());
  writer.emit(AssumeOp{guard});
  writer.go(next);
  wait_ = kind;
  guard_ = guard;
  set_program(id, writer);
  return Next{id, {}};
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

// --------------------------------------------------------------------------------------- locks and levels

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
                        span, "the lock is already held by this very context: it would wait for itself for ever"});
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
    guard_ = is_free;
    wait_lock_ = ref.place.cell(0);
    set_program(id, writer);
    return Next{id, {}};
  }

  const PlaceRef old = hidden(key, 7, level_type(), "level before the lock", span);
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
  guard_ = exprs().disjunction(raises, is_free);
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
  const Domain possible = interval_of(design_.system(), wanted);
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
  const PlaceRef old = hidden(&stmt, 7, level_type(), "level before the block", stmt.span);
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

// ------------------------------------------------------------------------------------- calls and returns

Next ContextCode::lower_return(const types::Stmt& stmt, const types::ReturnStmt& node, Next) {
  const Next leave = after(resets_above(current_->scope_base), current_->exit);
  if (node.value == nullptr) return leave;
  QUIESCE_CHECK(current_->result.has_value()) << "a value is returned from code without a result";
  const PlaceRef result = *current_->result;
  if (const types::CallExpr* call = step_call(*node.value)) {
    bool one_step = true;
    Expressions probe = expressions();
    for (const Target& target : targets(probe, *call, stmt.span)) {
      one_step = one_step && target.function->kind != types::FunctionDecl::Kind::Steps;
    }
    if (!one_step) {
      return lower_call_use(
          stmt, *node.value,
          [&](ProgramWriter& writer, Expressions& lowering, const Value& value) {
            store(writer, lowering, result, value, stmt.span);
          },
          leave);
    }
  }
  const LocationId id = new_location(stmt.span);
  ProgramWriter writer;
  writer.emit(StatementOp{stmt.span});
  step_locals_.clear();
  Expressions lowering = expressions();
  const Value value = emit_value(writer, lowering, &stmt, *node.value, result.type);
  store(writer, lowering, result, value, stmt.span);
  emit_resets(writer);
  writer.go(leave);
  set_program(id, writer);
  return Next{id, {}};
}

Next ContextCode::lower_call_use(const types::Stmt& stmt, const types::Expr& value,
                                 const std::function<void(ProgramWriter&, Expressions&, const Value&)>& use,
                                 Next next) {
  const types::CallExpr* call = step_call(value);
  return lower_call(
      &stmt, *call, value, stmt.span,
      [&](const PlaceRef& result) {
        const LocationId id = new_location(stmt.span);
        ProgramWriter writer;
        writer.emit(StatementOp{stmt.span});
        Expressions lowering = expressions();
        Value loaded = lowering.load(result);
        if (std::holds_alternative<types::UnwrapExpr>(value.node) && loaded.type->kind == Kind::Optional) {
          const ValueTypePtr element = loaded.type->element;
          const bool present = cell_count(*loaded.type) > cell_count(*element);
          lowering.fault_unless(
              present ? loaded.cells[0]
                      : exprs().binary(BinaryOp::NotEqual, loaded.cells[0], design_.constant(null_value(*element))),
              rule_name::kNull, value.span, "the value is null here");
          loaded = Value{element, {loaded.cells.begin() + (present ? 1 : 0), loaded.cells.end()}};
        }
        use(writer, lowering, loaded);
        std::vector<Op> leaving;
        reset(leaving, result);
        writer.go(after(leaving, next));
        set_program(id, writer);
        return Next{id, {}};
      },
      next);
}

Next ContextCode::lower_call(const void* key, const types::CallExpr& call, const types::Expr&, Span span,
                             const std::function<Next(const PlaceRef&)>& use, Next next) {
  Expressions lowering = expressions();
  const std::vector<Target> found = targets(lowering, call, span);
  std::vector<Value> arguments;
  for (const types::ExprPtr& argument : call.arguments) {
    const bool wants_type = std::holds_alternative<types::NullExpr>(argument->node) ||
                            std::holds_alternative<types::WrapExpr>(argument->node) ||
                            std::holds_alternative<types::SetExpr>(argument->node);
    ValueTypePtr expected;
    if (wants_type) {
      const auto& parameters = found[0].function->parameters;
      const std::size_t position = arguments.size();
      if (position < parameters.size()) {
        expected = design_.lower_type(parameters[position]->type,
                                      found[0].object != nullptr ? found[0].object : design_.root(), span);
      }
    }
    arguments.push_back(lowering.lower(*argument, expected));
  }
  const bool dynamic = call.parameter != nullptr || call.function->interface != nullptr || call.object != nullptr;

  // Where the result goes, and the statement that uses it.
  std::optional<PlaceRef> result;
  Next rest = next;
  const types::FunctionDecl* first = found[0].function;
  if (first->result->kind != types::Type::Kind::Void) {
    InstanceNode* self = found[0].object != nullptr ? found[0].object : design_.root();
    const ValueTypePtr type = design_.lower_type(first->result, self, first->span);
    if (type == nullptr) return next;
    result = hidden(key, 3, type, "result", span);
    if (use != nullptr) {
      rest = use(*result);
    } else {
      std::vector<Op> leaving;
      reset(leaving, *result);
      rest = after(leaving, next);
    }
  }

  const LocationId id = new_location(span);
  ProgramWriter writer;
  writer.emit(StatementOp{span});
  writer.check(lowering.take_faults());
  Activation* caller = current_;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Target& target = found[i];
    const bool last = i + 1 == found.size();
    std::size_t past = 0;
    if (!last) past = writer.branch(target.condition);
    Activation callee;
    if (enter(callee, target, dynamic, writer, span)) {
      if (target.function->kind == types::FunctionDecl::Kind::Expression) {  // bound to a function parameter
        Expressions inner = expressions();
        bind_arguments(writer, inner, callee, *target.function, arguments, span);
        writer.emit(enter_op(callee, *target.function, span));
        current_ = &callee;
        Expressions body = expressions();
        const Value value = body.lower(*target.function->expression, result->type);
        store(writer, body, *result, value, span);
        current_ = caller;
        writer.emit(leave_op(*callee.function, result));
        std::vector<Op> leaving;
        for (const std::unique_ptr<types::VariableDecl>& parameter : target.function->parameters) {
          const auto place = callee.frame.places.find(parameter.get());
          if (place != callee.frame.places.end()) reset(leaving, place->second);
        }
        writer.go(after(leaving, rest));
      } else {
        bind_arguments(writer, lowering, callee, *target.function, arguments, span);
        writer.emit(enter_op(callee, *target.function, span));
        std::vector<Op> leaving = {leave_op(*callee.function, result)};
        for (const std::unique_ptr<types::VariableDecl>& parameter : target.function->parameters) {
          const auto place = callee.frame.places.find(parameter.get());
          if (place != callee.frame.places.end()) reset(leaving, place->second);
        }
        callee.result = result;
        callee.exit = after(leaving, rest);
        current_ = &callee;
        inside_.push_back(*callee.function);
        Next body;
        if (target.function->kind == types::FunctionDecl::Kind::Atomic) {
          const LocationId step = new_location(target.function->span);
          ProgramWriter inner;
          inner.emit(StatementOp{target.function->span});
          step_locals_.clear();
          std::vector<std::size_t> returns;
          callee.return_jumps = &returns;
          emit_block(inner, target.function->body);
          for (const std::size_t position : returns) inner.land(position);
          emit_resets(inner);
          inner.go(callee.exit);
          set_program(step, inner);
          body = Next{step, {}};
        } else {
          body = lower_block(target.function->body, callee.exit);
        }
        inside_.pop_back();
        current_ = caller;
        writer.go(body);
      }
    } else {
      writer.go(rest);
    }
    if (!last) writer.land(past);
    if (design_.failed()) return next;
  }
  set_program(id, writer);
  return Next{id, {}};
}

}  // namespace quiesce::model

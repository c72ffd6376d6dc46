// Code that happens within one step - single statements, `atomic`, atomic functions, actions, `accept` - emitted
// forwards into one program (see context_code.h). Locals of such code exist only within the step: they are collected in
// step_locals_ and rest again at its end.
#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/elaborate/context_code.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {

constexpr std::int64_t kMaxUnrolled = 1024;

}  // namespace

void ContextCode::emit_resets(ProgramWriter& writer) {
  for (const PlaceRef& place : step_locals_) {
    std::vector<Op> ops;
    reset(ops, place);
    writer.emit(ops);
  }
  step_locals_.clear();
}

void ContextCode::emit_block(ProgramWriter& writer, const std::vector<types::StmtPtr>& body) {
  std::vector<PlaceRef> locals;
  declare_locals(body, locals);
  step_locals_.insert(step_locals_.end(), locals.begin(), locals.end());
  for (const types::StmtPtr& stmt : body) {
    if (design_.failed()) return;
    ask_patience(stmt->span);
    design_.spend(stmt->span);
    const std::size_t before = writer.size();
    writer.emit(StatementOp{stmt->span});
    emit_or_fail(writer, *stmt);
    design_.spend(stmt->span, writer.size() - before);
  }
}

Value ContextCode::emit_value(ProgramWriter& writer, Expressions& lowering, const types::Expr& expr,
                              const ValueTypePtr& type) {
  if (const types::CallExpr* call = step_call(expr)) {
    const std::optional<Value> result = emit_call(writer, *call, expr);
    QUIESCE_CHECK(result.has_value()) << "a call without a result is used as a value";
    return std::holds_alternative<types::UnwrapExpr>(expr.node) ? lowering.unwrap(*result, expr.span) : *result;
  }
  return lowering.lower(expr, type);
}

std::optional<Value> ContextCode::emit_call(ProgramWriter& writer, const types::CallExpr& call,
                                            const types::Expr& expr) {
  Expressions lowering = expressions();
  const std::vector<Target> found = targets(lowering, call, expr.span);
  const std::vector<Value> arguments = lower_arguments(lowering, call, found[0], expr.span);
  writer.check(lowering.take_faults());
  const bool dynamic = call.parameter != nullptr || call.function->interface != nullptr || call.object != nullptr;

  std::optional<PlaceRef> result;
  const types::FunctionDecl* first = found[0].function;
  if (first->result->kind != types::Type::Kind::Void) {
    InstanceNode* self = found[0].object != nullptr ? found[0].object : design_.root();
    const ValueTypePtr type = design_.lower_type(first->result, self, first->span);
    if (type == nullptr) throw Design::Abandoned{};
    result = hidden(&call, 5, type, "result", expr.span);
    step_locals_.push_back(*result);
  }
  Activation* caller = current_;
  std::vector<std::size_t> joins;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Target& target = found[i];
    const bool last = i + 1 == found.size();
    std::size_t past = 0;
    if (!last) past = writer.branch(target.condition);
    Activation callee;
    if (enter(callee, target, dynamic, writer, expr.span)) {
      Expressions inner = expressions();
      bind_arguments(writer, inner, callee, *target.function, arguments, expr.span);
      writer.check(inner.take_faults());
      for (const std::unique_ptr<types::VariableDecl>& parameter : target.function->parameters) {
        const auto place = callee.frame.places.find(parameter.get());
        if (place != callee.frame.places.end()) step_locals_.push_back(place->second);
      }
      writer.emit(enter_op(callee, *target.function, expr.span));
      callee.result = result;
      current_ = &callee;
      std::vector<std::size_t> returns;
      callee.return_jumps = &returns;
      if (target.function->kind == types::FunctionDecl::Kind::Expression) {
        Expressions body = expressions();
        const Value value = body.lower(*target.function->expression, result->type);
        store(writer, body, *result, value, expr.span);
      } else {
        emit_block(writer, target.function->body);
      }
      for (const std::size_t position : returns) writer.land(position);
      current_ = caller;
      writer.emit(leave_op(*callee.function, result));
    }
    if (!last) {
      joins.push_back(writer.jump());
      writer.land(past);
    }
    if (design_.failed()) break;
  }
  for (const std::size_t position : joins) writer.land(position);
  if (!result) return std::nullopt;
  Expressions reading = expressions();
  return reading.load(*result);
}

void ContextCode::emit_or_fail(ProgramWriter& writer, const types::Stmt& stmt) {
  const Position before = position();
  try {
    emit_statement(writer, stmt);
  } catch (const Expressions::NamesNothing& nothing) {
    restore(before);
    writer.emit(names_nothing(nothing.span));
  }
}

void ContextCode::emit_statement(ProgramWriter& writer, const types::Stmt& stmt) {
  const auto emit_check = [&](const types::Expr* condition, RuleId rule) {
    Expressions lowering = expressions();
    const ExprId holds = condition != nullptr ? lowering.scalar(*condition) : design_.constant(0);
    writer.check(lowering.take_faults());
    writer.emit(CheckOp{holds, rule, stmt.span, ""});
  };
  const auto needs_context = [&](const char* what) {
    if (context_) return true;
    design_.diagnostics().error("E0632", stmt.span, fmt::format("an action is a step of hardware: it cannot {}", what));
    return false;
  };
  const auto in_one_step = [&](const char* what) {
    design_.diagnostics().error("E0633", stmt.span,
                                fmt::format("{} takes steps and cannot stand inside one step", what));
  };
  std::visit(
      Overloaded{
          [&](const types::AssignStmt& node) {
            Expressions lowering = expressions();
            const Value early =
                step_call(*node.value) != nullptr ? emit_value(writer, lowering, *node.value, nullptr) : Value{};
            const PlaceRef target = lowering.place(*node.target);
            const Value value = early.type != nullptr ? early : lowering.lower(*node.value, target.type);
            store(writer, lowering, target, value, stmt.span);
          },
          [&](const types::LocalStmt& node) {
            const PlaceRef target = local(node.variable.get());
            Expressions lowering = expressions();
            if (node.variable->init == nullptr) {
              std::vector<Op> ops;
              reset(ops, target);
              writer.emit(ops);
              return;
            }
            const Value value = emit_value(writer, lowering, *node.variable->init, target.type);
            store(writer, lowering, target, value, stmt.span);
          },
          [&](const types::CallStmt& node) {
            emit_call(writer, std::get<types::CallExpr>(node.call->node), *node.call);
          },
          [&](const types::CollectionStmt& node) { emit_collection(writer, node, stmt.span); },
          [&](const types::IfStmt& node) {
            Expressions lowering = expressions();
            const ExprId condition = emit_value(writer, lowering, *node.condition, nullptr).cells.at(0);
            writer.check(lowering.take_faults());
            std::int64_t known = 0;
            if (exprs().is_constant(condition, &known)) {
              emit_block(writer, known != 0 ? node.then_body : node.else_body);
              return;
            }
            const std::size_t otherwise = writer.branch(condition);
            emit_block(writer, node.then_body);
            const std::size_t join = writer.jump();
            writer.land(otherwise);
            emit_block(writer, node.else_body);
            writer.land(join);
          },
          [&](const types::WhileStmt&) { in_one_step("'while' or 'loop'"); },
          [&](const types::ForStmt& node) { emit_for(writer, node, stmt.span); },
          [&](const types::EitherStmt& node) {
            const TempId temp = writer.new_temp();
            const auto count = static_cast<std::int64_t>(node.branches.size());
            writer.emit(ChooseOp{temp, 0, count - 1, true, "either", nullptr});
            std::vector<std::size_t> joins;
            for (std::int64_t i = 0; i < count; ++i) {
              std::size_t past = 0;
              if (i + 1 < count) past = writer.branch(exprs().equal(exprs().add(TempExpr{temp}), design_.constant(i)));
              emit_block(writer, node.branches[static_cast<std::size_t>(i)]);
              if (i + 1 < count) {
                joins.push_back(writer.jump());
                writer.land(past);
              }
            }
            for (const std::size_t position : joins) writer.land(position);
          },
          [&](const types::ChooseStmt& node) { emit_choose(writer, node, stmt.span); },
          [&](const types::AwaitStmt& node) {
            if (!needs_context("wait")) return;
            Expressions lowering = expressions();
            const ExprId guard = lowering.scalar(*node.condition);
            writer.emit(
                CheckOp{exprs().binary(BinaryOp::Less, level(), design_.constant(design_.pin_level())),
                        design_.rule(rule_name::kWaitAtPinnedLevel), stmt.span,
                        "a thread switch is impossible at this level; 'spin until' is the spelling for a busy wait"});
            emit_wait(writer, guard, lowering.take_faults(), std::exchange(waits_at_, std::nullopt));
          },
          [&](const types::SpinStmt& node) {
            if (!needs_context("wait")) return;
            Expressions lowering = expressions();
            const ExprId guard = lowering.scalar(*node.condition);
            emit_wait(writer, guard, lowering.take_faults(), std::exchange(waits_at_, std::nullopt));
          },
          [&](const types::AtomicStmt& node) { emit_block(writer, node.body); },
          [&](const types::AcquireStmt& node) {
            if (needs_context("take a lock")) emit_acquire(writer, *node.lock, stmt.span);
          },
          [&](const types::ReleaseStmt& node) {
            if (needs_context("release a lock")) emit_release(writer, *node.lock, stmt.span);
          },
          [&](const types::WithLockStmt& node) {
            if (!needs_context("take a lock")) return;
            emit_acquire(writer, *node.lock, stmt.span);
            emit_block(writer, node.body);
            emit_release(writer, *node.lock, stmt.span);
          },
          [&](const types::GiveStmt&) { emit_hand_over(writer, stmt); },
          [&](const types::TakeStmt&) { emit_hand_over(writer, stmt); },
          [&](const types::RaiseStmt&) { in_one_step("'raise'"); },
          [&](const types::LowerStmt&) { in_one_step("'lower'"); },
          [&](const types::AtLevelStmt&) { in_one_step("'at LEVEL { }'"); },
          [&](const types::OnCpuStmt&) { in_one_step("'on c { }'"); },
          [&](const types::AssertStmt& node) { emit_check(node.condition.get(), design_.rule(rule_name::kAssert)); },
          [&](const types::RequireStmt& node) { emit_check(node.condition.get(), design_.rule(node.rule)); },
          [&](const types::ViolateStmt& node) { emit_check(nullptr, design_.rule(node.rule)); },
          [&](const types::ReturnStmt& node) {
            if (node.value != nullptr) {
              Expressions lowering = expressions();
              const PlaceRef result = *current_->result;
              const Value value = emit_value(writer, lowering, *node.value, result.type);
              store(writer, lowering, result, value, stmt.span);
            }
            QUIESCE_CHECK(current_->return_jumps != nullptr) << "return outside a function, within one step";
            current_->return_jumps->push_back(writer.jump());
          },
          [&](const types::BreakStmt&) { loops_.back().break_jumps->push_back(writer.jump()); },
          [&](const types::ContinueStmt&) { loops_.back().continue_jumps->push_back(writer.jump()); },
          [&](const types::PassStmt&) {},
          [&](const types::InitStmt& node) { emit_life(writer, *node.object, true, stmt.span); },
          [&](const types::FreeStmt& node) { emit_life(writer, *node.object, false, stmt.span); }},
      stmt.node);
}

void ContextCode::emit_for(ProgramWriter& writer, const types::ForStmt& node, Span span) {
  const types::VariableDecl* variable = node.variable.get();
  std::vector<std::size_t> breaks;
  const auto iterate = [&](const Value& value) {
    design_.spend(span);
    current_->frame.values[variable] = value;
    std::vector<std::size_t> continues;
    loops_.push_back(Loop{{}, {}, 0, &breaks, &continues});
    emit_block(writer, node.body);
    loops_.pop_back();
    for (const std::size_t position : continues) writer.land(position);
  };
  const auto scalar_of = [&](const ValueTypePtr& type, ExprId id) { return Value{type, {id}}; };

  if (variable->type->kind == types::Type::Kind::Cpu) {
    const ValueTypePtr cpu = design_.lower_type(variable->type, current_->frame.self, span);
    Value wanted;
    Expressions lowering = expressions();
    if (node.collection != nullptr) wanted = lowering.lower(*node.collection);
    writer.check(lowering.take_faults());
    std::vector<ExprId> visited;
    for (std::uint32_t i = 0; i < design_.system().cpus; ++i) {  // a permutation, chosen freely
      const TempId temp = writer.new_temp();
      writer.emit(ChooseOp{temp, 1, design_.system().cpus, false, variable->name, cpu});
      const ExprId chosen = exprs().add(TempExpr{temp});
      ExprId fresh = design_.constant(1);
      for (const ExprId earlier : visited)
        fresh = exprs().conjunction(fresh, exprs().binary(BinaryOp::NotEqual, chosen, earlier));
      writer.emit(AssumeOp{fresh});
      visited.push_back(chosen);
      if (node.collection == nullptr) {
        iterate(scalar_of(cpu, chosen));
        continue;
      }
      ExprId in = design_.constant(0);
      for (std::uint32_t c = 0; c < design_.system().cpus; ++c) {
        in = exprs().disjunction(in,
                                 exprs().conjunction(exprs().equal(chosen, design_.constant(c + 1)), wanted.cells[c]));
      }
      const std::size_t past = writer.branch(in);
      iterate(scalar_of(cpu, chosen));
      writer.land(past);
    }
  } else if (node.collection != nullptr) {
    Expressions lowering = expressions();
    const Value value = lowering.lower(*node.collection);
    writer.check(lowering.take_faults());
    const ValueType& type = *value.type;
    // The elements are those at the begin of the loop.
    std::vector<ExprId> cells;
    for (const ExprId cell : value.cells) {
      const TempId temp = writer.new_temp();
      writer.emit(LetOp{temp, cell});
      cells.push_back(exprs().add(TempExpr{temp}));
    }
    const bool queue = type.kind == Kind::Queue;
    const std::uint32_t width = queue ? cell_count(*type.element) : 1;
    const std::int64_t count = queue ? static_cast<std::int64_t>(type.capacity) : value_count(*type.element);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::size_t past =
          writer.branch(queue ? exprs().binary(BinaryOp::Less, design_.constant(i), cells[0]) : cells[at]);
      if (queue) {
        const auto begin = cells.begin() + 1 + static_cast<std::ptrdiff_t>(at * width);
        iterate(Value{type.element, {begin, begin + width}});
      } else {
        iterate(scalar_of(type.element, design_.constant(value_at(*type.element, i))));
      }
      writer.land(past);
    }
  } else if (node.lo != nullptr) {
    Expressions lowering = expressions();
    const ExprId lo = lowering.scalar(*node.lo);
    const ExprId hi = lowering.scalar(*node.hi);
    const Domain lows = design_.interval(lo);
    const Domain highs = design_.interval(hi);
    writer.check(lowering.take_faults());
    const Domain most = arithmetic(BinaryOp::Subtract, highs, lows).domain;
    if (most.hi > kMaxUnrolled) {
      design_.diagnostics().error(
          "E0634", span,
          fmt::format("this loop may take {} iterations within one step: give its bounds a range", most.hi));
      return;
    }
    const TempId first = writer.new_temp();
    const TempId last = writer.new_temp();
    writer.emit(LetOp{first, lo});
    writer.emit(LetOp{last, hi});
    for (std::int64_t i = lows.lo; i <= highs.hi; ++i) {
      const std::size_t past = writer.branch(
          exprs().conjunction(exprs().binary(BinaryOp::LessEqual, exprs().add(TempExpr{first}), design_.constant(i)),
                              exprs().binary(BinaryOp::LessEqual, design_.constant(i), exprs().add(TempExpr{last}))));
      iterate(scalar_of(unbounded_int_type(), design_.constant(i)));
      writer.land(past);
    }
  } else {
    const ValueTypePtr type = design_.lower_type(variable->type, current_->frame.self, span);
    if (type == nullptr) return;
    for (std::int64_t i = 0; i < value_count(*type); ++i)
      iterate(scalar_of(type, design_.constant(value_at(*type, i))));
  }
  current_->frame.values.erase(variable);
  for (const std::size_t position : breaks) writer.land(position);
}

void ContextCode::emit_choose(ProgramWriter& writer, const types::ChooseStmt& node, Span span) {
  const PlaceRef target = local(node.variable.get());
  const ValueType& type = *target.type;
  const TempId temp = writer.new_temp();
  const ExprId chosen = exprs().add(TempExpr{temp});
  const bool countable = is_scalar(type) && type.kind != Kind::Optional && type.kind != Kind::Mutex;
  if (!countable || value_count(type) < 1) {
    design_.diagnostics().error("E0635", span,
                                "'choose' picks among the values of bool, int, enum, Level, Cpu or ref types");
    return;
  }
  const std::int64_t count = value_count(type);
  Value value{target.type, {chosen}};
  if (type.kind == Kind::Ref) {
    std::vector<std::int64_t> ids;
    for (std::int64_t i = 0; i < count; ++i) ids.push_back(value_at(type, i));
    writer.emit(ChooseOp{temp, 0, count - 1, true, node.variable->name, target.type});
    value.cells = {exprs().add(LookupExpr{std::move(ids), chosen})};
  } else {
    writer.emit(ChooseOp{temp, value_at(type, 0), value_at(type, count - 1), type.kind != Kind::Cpu,
                         node.variable->name, target.type});
  }
  if (node.where != nullptr) {
    current_->frame.values[node.variable.get()] = value;
    Expressions lowering = expressions();
    const ExprId where = lowering.scalar(*node.where);
    writer.check(lowering.take_faults());
    writer.emit(AssumeOp{where});
    current_->frame.values.erase(node.variable.get());
  }
  assign(writer, target, value);
}

void ContextCode::emit_collection(ProgramWriter& writer, const types::CollectionStmt& node, Span span) {
  using Change = types::CollectionChange;
  Expressions lowering = expressions();
  PlaceRef place = lowering.place(*node.collection);
  const ValueType& type = *place.type;
  const std::int64_t count =
      type.kind == Kind::Set ? value_count(*type.element) : static_cast<std::int64_t>(type.capacity);

  const auto within = [&](std::uint32_t header, std::uint32_t width, ExprId position) {
    // A position that is known is that element and no other, also to core.stuck, which asks what may write it.
    std::int64_t known = 0;
    const bool fixed = exprs().is_constant(position, &known);
    if (fixed) known = std::clamp<std::int64_t>(known, 0, count - 1);
    PlaceRef element{type.element, {}, fixed ? place.index : position};
    for (const CellId base : place.bases) {
      for (std::int64_t i = 0; i < count; ++i) {
        if (!fixed || i == known)
          element.bases.push_back(CellId(base.value + header + static_cast<std::uint32_t>(i) * width));
      }
    }
    if (!fixed && place.index.valid()) {
      element.index = exprs().binary(
          BinaryOp::Add, exprs().binary(BinaryOp::Multiply, place.index, design_.constant(count)), position);
    }
    return element;
  };

  if (type.kind == Kind::Set) {
    if (node.change == Change::Clear) {
      writer.check(lowering.take_faults());
      std::vector<Op> ops;
      reset(ops, place);
      writer.emit(ops);
      return;
    }
    const Value element = lowering.lower_as(*node.argument, type.element);
    const ExprId position =
        lowering.position(element.cells[0], *type.element, node.argument->span, rule_name::kRange,
                          fmt::format("the element must be in {}..{}", type.element->lo, type.element->hi));
    writer.check(lowering.take_faults());
    if (count == 0) {  // a set of references that no instance can be an element of
      writer.emit(names_nothing(span));
      return;
    }
    PlaceRef cell = within(0, 1, position);
    cell.type = bool_type();
    writer.emit(AssignOp{cell.cell(0), design_.constant(node.change == Change::Add ? 1 : 0)});
    return;
  }

  const std::uint32_t width = cell_count(*type.element);
  const ExprId length = exprs().load(place.cell(0));
  const std::vector<std::int64_t> rest = rest_values(*type.element);
  const auto cell_of = [&](std::int64_t slot, std::uint32_t j) {
    return place.cell(1 + static_cast<std::uint32_t>(slot) * width + j);
  };
  switch (node.change) {
    case Change::Push: {
      const Value element = lowering.lower_as(*node.argument, type.element);
      lowering.fault_unless(exprs().binary(BinaryOp::Less, length, design_.constant(count)), rule_name::kQueue, span,
                            fmt::format("the queue is full: it holds at most {}", count));
      store(writer, lowering, within(1, width, length), element, span);
      writer.emit(AssignOp{place.cell(0), exprs().binary(BinaryOp::Add, length, design_.constant(1))});
      return;
    }
    case Change::Pop: {
      lowering.fault_unless(exprs().binary(BinaryOp::Greater, length, design_.constant(0)), rule_name::kQueue, span,
                            "the queue is empty");
      writer.check(lowering.take_faults());
      for (std::int64_t i = 0; i + 1 < count; ++i) {
        for (std::uint32_t j = 0; j < width; ++j) writer.emit(AssignOp{cell_of(i, j), exprs().load(cell_of(i + 1, j))});
      }
      for (std::uint32_t j = 0; j < width; ++j) writer.emit(AssignOp{cell_of(count - 1, j), design_.constant(rest[j])});
      writer.emit(AssignOp{place.cell(0), exprs().binary(BinaryOp::Subtract, length, design_.constant(1))});
      return;
    }
    case Change::Remove: {
      const Value wanted = lowering.lower_as(*node.argument, type.element);
      writer.check(lowering.take_faults());
      ExprId found = design_.constant(count);
      for (std::int64_t i = count; i-- > 0;) {
        Value slot{type.element, {}};
        for (std::uint32_t j = 0; j < width; ++j) slot.cells.push_back(exprs().load(cell_of(i, j)));
        const ExprId here = exprs().conjunction(exprs().binary(BinaryOp::Greater, length, design_.constant(i)),
                                                lowering.equal(slot, wanted));
        found = exprs().conditional(here, design_.constant(i), found);
      }
      const TempId temp = writer.new_temp();
      writer.emit(LetOp{temp, found});
      const ExprId at = exprs().add(TempExpr{temp});
      const std::size_t absent = writer.branch(exprs().binary(BinaryOp::Less, at, design_.constant(count)));
      for (std::int64_t i = 0; i < count; ++i) {
        for (std::uint32_t j = 0; j < width; ++j) {
          const ExprId following = i + 1 < count ? exprs().load(cell_of(i + 1, j)) : design_.constant(rest[j]);
          writer.emit(
              AssignOp{cell_of(i, j), exprs().conditional(exprs().binary(BinaryOp::LessEqual, at, design_.constant(i)),
                                                          following, exprs().load(cell_of(i, j)))});
        }
      }
      writer.emit(AssignOp{place.cell(0), exprs().binary(BinaryOp::Subtract, length, design_.constant(1))});
      writer.land(absent);
      return;
    }
    case Change::Clear: {
      writer.check(lowering.take_faults());
      std::vector<Op> ops;
      reset(ops, place);
      writer.emit(ops);
      return;
    }
    case Change::Add:
      break;
  }
  QUIESCE_CHECK(false) << "'add' belongs to sets";
}

// ------------------------------------------------------------------------------------------------ locks

void ContextCode::emit_acquire(ProgramWriter& writer, const types::Expr& lock, Span span) {
  Expressions lowering = expressions();
  const LockRef ref = lock_of(lowering, lock);
  writer.check(lowering.take_faults());
  const ExprId holder = exprs().load(ref.place.cell(0));
  writer.emit(CheckOp{exprs().binary(BinaryOp::NotEqual, holder, executor_.slot), design_.rule(rule_name::kLock), span,
                      "the lock is already held by this very context: it would wait for itself forever"});
  if (ref.is_mutex) {
    writer.emit(CheckOp{exprs().binary(BinaryOp::Less, level(), design_.constant(design_.pin_level())),
                        design_.rule(rule_name::kWaitAtPinnedLevel), span,
                        "a mutex may have to wait, which is impossible at this level"});
  }
  if (ref.has_level) {
    writer.emit(CheckOp{exprs().binary(BinaryOp::LessEqual, level(), ref.level), design_.rule(rule_name::kLock), span,
                        "the lock is acquired above its level"});
  }
  writer.emit(AssumeOp{exprs().equal(holder, design_.constant(0))});
  writer.emit(AssignOp{ref.place.cell(0), executor_.slot});
  if (ref.has_level) {
    writer.emit(AssignOp{ref.place.cell(1), level()});
    writer.emit(AssignOp{executor_.level, ref.level});
  }
  mergeable_ = false;
}

void ContextCode::emit_release(ProgramWriter& writer, const types::Expr& lock, Span span) {
  Expressions lowering = expressions();
  const LockRef ref = lock_of(lowering, lock);
  writer.check(lowering.take_faults());
  writer.emit(CheckOp{exprs().equal(exprs().load(ref.place.cell(0)), executor_.slot), design_.rule(rule_name::kLock),
                      span, "the lock is released by a context that does not hold it"});
  writer.emit(AssignOp{ref.place.cell(0), design_.constant(0)});
  if (ref.has_level) {
    const TempId temp = writer.new_temp();
    writer.emit(LetOp{temp, exprs().load(ref.place.cell(1))});
    const ExprId saved = exprs().add(TempExpr{temp});
    writer.emit(AssignOp{ref.place.cell(1), design_.constant(0)});
    writer.check_locks(saved, design_.rule(rule_name::kLock), span,
                       "releasing restores a level below that of a spin lock still held");
    if (is_handler_) {
      writer.emit(CheckOp{exprs().binary(BinaryOp::GreaterEqual, saved, design_.constant(start_level_)),
                          design_.rule(rule_name::kLevel), span,
                          "a handler never goes below the level at which it started"});
    }
    writer.emit(AssignOp{executor_.level, saved});
  }
  mergeable_ = false;
}

}  // namespace quiesce::model

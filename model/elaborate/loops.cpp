// Loops outside one-step code, lowered backwards into locations (see context_code.h).
#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/elaborate/context_code.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {

/// Whether `object`, of which a variable is read, is the same whatever the context does.
bool is_fixed(const types::Expr* object) {
  if (object == nullptr || std::holds_alternative<types::SelfExpr>(object->node)) return true;
  const auto* instance = std::get_if<types::InstanceExpr>(&object->node);
  return instance != nullptr && instance->index == nullptr && is_fixed(instance->object.get());
}

/// Whether `expr` reads nothing that its context changes or is: variables of instances, and where other contexts stand.
/// `shared`: whether it reads any of these.
bool reads_only_shared(const types::Expr& expr, bool& shared) {
  if (std::holds_alternative<types::LiteralExpr>(expr.node) || std::holds_alternative<types::NullExpr>(expr.node)) {
    return true;
  }
  if (const auto* variable = std::get_if<types::VariableExpr>(&expr.node)) {
    const bool is_member = variable->variable->kind == types::VariableDecl::Kind::Member;
    shared |= is_member;
    return is_fixed(variable->object.get()) &&
           (is_member || variable->variable->kind == types::VariableDecl::Kind::Const);
  }
  if (const auto* context = std::get_if<types::ContextExpr>(&expr.node)) {
    shared = true;
    return context->query != types::ContextQuery::Inside && is_fixed(context->object.get());
  }
  if (const auto* unary = std::get_if<types::UnaryExpr>(&expr.node)) {
    return reads_only_shared(*unary->operand, shared);
  }
  const auto* binary = std::get_if<types::BinaryExpr>(&expr.node);
  return binary != nullptr && reads_only_shared(*binary->left, shared) && reads_only_shared(*binary->right, shared);
}

/// docs/semantics.md, 4.2: a loop that does nothing until others change what it asks for.
bool is_busy_wait(const types::WhileStmt& node) {
  if (node.condition == nullptr || node.body.empty()) return false;
  const bool does_nothing = std::all_of(node.body.begin(), node.body.end(), [](const types::StmtPtr& inner) {
    return std::holds_alternative<types::PassStmt>(inner->node) && inner->labels.empty();
  });
  bool shared = false;
  return does_nothing && reads_only_shared(*node.condition, shared) && shared;
}

}  // namespace

Next ContextCode::lower_while(const types::Stmt& stmt, const types::WhileStmt& node, Next next) {
  std::int64_t known = 1;
  ExprId condition = design_.constant(1);
  std::vector<Fault> faults;
  if (node.condition != nullptr) {
    Expressions lowering = expressions();
    condition = lowering.scalar(*node.condition);
    faults = lowering.take_faults();
    if (exprs().is_constant(condition, &known) && known == 0) {
      ++folded_;
      return judged_before(next, std::move(faults));
    }
  }
  if (!exprs().is_constant(condition) && is_busy_wait(node)) {
    const LocationId id = new_location(stmt.span);
    ProgramWriter writer;
    writer.emit(StatementOp{stmt.span});
    const ExprId over = exprs().negation(condition);
    const ExprId goes_on = may_go_on(over, faults, WaitKind::Spin);
    emit_wait(writer, over, std::move(faults), id);
    writer.go(next);
    wait_ = WaitKind::Spin;
    guard_ = goes_on;
    set_program(id, writer);
    return Next{id, {}};
  }
  const std::size_t folded = folded_;
  const LocationId head = new_location(stmt.span);
  loops_.push_back(Loop{next, Next{head, {}}, scopes_.size(), nullptr, nullptr});
  const Next body = lower_block(node.body, Next{head, {}});
  loops_.pop_back();
  ProgramWriter writer;
  if (exprs().is_constant(condition)) {
    // An endless loop has no test: its head is its first statement. Where constants took the only steps away, it goes
    // round with one of its own.
    notes_.transparent[head.value] = true;
    if (folded_ != folded) notes_.may_lack_steps.push_back(head);
    writer.check(std::move(faults));
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
  // A queue of CPUs has an order of its own.
  const bool over_cpus = node.variable->type->kind == types::Type::Kind::Cpu &&
                         (node.collection == nullptr || node.collection->type->kind != types::Type::Kind::Queue);
  if (over_cpus) return lower_for_cpu(stmt, node, next);
  if (node.collection != nullptr || node.lo != nullptr) return lower_for_dynamic(stmt, node, next);
  const ValueTypePtr type = design_.lower_type(node.variable->type, current_->frame.self, stmt.span);
  if (type == nullptr) return next;
  const Next leave = next;
  if (value_count(*type) == 0) ++folded_;
  for (std::int64_t i = value_count(*type); i-- > 0;) {
    design_.spend(stmt.span);
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

}  // namespace quiesce::model

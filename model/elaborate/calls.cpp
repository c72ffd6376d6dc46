// Calls that take steps, and returns (see context_code.h): the body of the callee is inlined where the call stands.
#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/elaborate/context_code.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

Next ContextCode::lower_return(const types::Stmt& stmt, const types::ReturnStmt& node, Next) {
  const Next leave = after(resets_above(current_->scope_base), current_->exit);
  if (node.value == nullptr) return leave;
  QUIESCE_CHECK(current_->result.has_value()) << "a value is returned from code without a result";
  const PlaceRef result = *current_->result;
  if (const types::CallExpr* call = step_call(*node.value)) {
    const bool one_step = is_one_step(*call, stmt.span);
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
  const Value value = emit_value(writer, lowering, *node.value, result.type);
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
      &stmt, *call, stmt.span,
      [&](const PlaceRef& result) {
        const LocationId id = new_location(stmt.span);
        ProgramWriter writer;
        writer.emit(StatementOp{stmt.span});
        Expressions lowering = expressions();
        Value loaded = lowering.load(result);
        if (std::holds_alternative<types::UnwrapExpr>(value.node)) {
          loaded = lowering.unwrap(loaded, value.span);
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

Next ContextCode::lower_call(const void* key, const types::CallExpr& call, Span span,
                             const std::function<Next(const PlaceRef&)>& use, Next next) {
  Expressions lowering = expressions();
  const std::vector<Target> found = targets(lowering, call, span);
  const std::vector<Value> arguments = lower_arguments(lowering, call, found[0], span);
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

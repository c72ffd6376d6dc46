// Statements.
#include <algorithm>

#include <fmt/format.h>

#include "model/base/patience.h"
#include "model/types/builtin.h"
#include "model/types/checker.h"
#include "model/types/flow.h"

namespace quiesce::model::types {
namespace {

/// Enters a frame for its life.
class InFrame {
 public:
  InFrame(Environment& environment, Frame frame) : environment_(environment) { environment_.frames.push_back(frame); }
  ~InFrame() { environment_.frames.pop_back(); }
  InFrame(const InFrame&) = delete;
  InFrame& operator=(const InFrame&) = delete;

 private:
  Environment& environment_;
};

Span head_span(Span whole, Span body) {
  if (!body.valid() || body.begin <= whole.begin) return whole;
  return Span{whole.file, whole.begin, body.begin};
}

/// Statements that take no step: what follows them is still first.
bool takes_no_step(const Stmt& stmt) {
  return std::holds_alternative<AssertStmt>(stmt.node) || std::holds_alternative<RequireStmt>(stmt.node) ||
         std::holds_alternative<ViolateStmt>(stmt.node);
}

}  // namespace

/// The statements of a block in a scope of their own. `is_step`: the block is one step, so its first statement may
/// block.
void Checker::check_block(const syntax::Block& block, std::vector<StmtPtr>& out, bool is_step) {
  Locals scope(env());
  const bool outer_first = env().first_in_step;
  const bool outer_behind = std::exchange(env().behind_await, false);
  bool first = is_step;
  bool behind_await = false;
  bool warned = false;
  for (const syntax::StatementPtr& statement : block.statements) {
    env().first_in_step = first;
    env().behind_await = behind_await;
    if (!warned && !out.empty() && ends(*out.back())) {
      warned = true;
      Diagnostic& warning = diagnostics_.warning("W0401", statement->span, "this statement is never reached");
      warning.labels.push_back({out.back()->span, "no run continues after this"});
    }
    StmtPtr checked = check_statement(*statement);
    if (!checked) {
      first = behind_await = false;
      continue;
    }
    behind_await = first && std::holds_alternative<AwaitStmt>(checked->node);
    first = first && takes_no_step(*checked);
    out.push_back(std::move(checked));
  }
  env().first_in_step = outer_first;
  env().behind_await = outer_behind;
}

/// A whole body, as one step when the environment says so.
void Checker::check_body(const syntax::Block& block, std::vector<StmtPtr>& out) {
  check_block(block, out, env().atomic_body);
}

StmtPtr Checker::check_statement(const syntax::Statement& statement) {
  ask_patience(statement.span);
  if (env().in_accept && !allowed_in_accept(statement)) return nullptr;
  if (env().in_monitor && !allowed_in_monitor(statement)) return nullptr;
  StmtPtr checked = std::visit([&](const auto& node) { return statement_node(node, statement); }, statement.kind);
  for (const syntax::Name& name : statement.labels) {
    if (env().machine == nullptr) {
      error("E0412", name.span,
            fmt::format("a label belongs to a machine, so '{}' cannot stand outside of one", name.text));
      continue;
    }
    if (env().in_atomic()) {
      Diagnostic& diagnostic =
          error("E0412", name.span,
                fmt::format("no context ever stands at label '{}', since it is inside a step", name.text));
      diagnostic.notes.push_back("put it before the step");
      continue;
    }
    const auto found = env().machine->labels.find(name.text);
    if (checked && found != env().machine->labels.end()) checked->labels.push_back(found->second.label);
  }
  return checked;
}

// ------------------------------------------------------------------------------------ values and changes

StmtPtr Checker::statement_node(const syntax::LocalStatement& node, const syntax::Statement& whole) {
  TypePtr type;
  if (node.type) {
    type = resolve_value_type(*node.type, fmt::format("'{}'", node.name.text), Integers::All);
    if (!type) {
      // Its uses are not to be reported as unknown.
      auto broken = new_variable(node.name, VariableDecl::Kind::Local, nullptr);
      declare_local(broken.get());
      return make_stmt(LocalStmt{std::move(broken)}, whole.span);
    }
  }
  auto variable = new_variable(node.name, VariableDecl::Kind::Local, type);
  ExprPtr value = check(*node.value, type, true);
  if (value && !type) {
    const std::string of_value = source_text(node.value->span);
    if (value->type->kind == Type::Kind::Void) {
      error("E0312", value->span, fmt::format("'{}' gives no result for '{}'", of_value, node.name.text));
      value = nullptr;
    } else if (value->type->kind == Type::Kind::Null) {
      Diagnostic& diagnostic = error("E0308", node.name.span,
                                     fmt::format("what '{}' may hold besides null cannot be inferred", node.name.text));
      diagnostic.notes.push_back(fmt::format("write its type, as in 'var {}: ref Device? = null'", node.name.text));
      value = nullptr;
    } else if (value->type->kind == Type::Kind::Int && !value->type->lo && !value->type->all_integers) {
      Diagnostic& diagnostic =
          error("E0308", node.name.span,
                fmt::format("how large '{}' may become cannot be inferred from '{}'", node.name.text, of_value));
      diagnostic.notes.push_back(
          fmt::format("write its range, as in 'var {}: int 0..10 = {}'", node.name.text, of_value));
      value = nullptr;
    } else if (is_no_value(*value->type)) {
      error("E0310", value->span,
            fmt::format("'{}' is a {}, which cannot be copied", of_value, kind_of_no_value(*value->type)));
      value = nullptr;
    } else {
      type = value->type;
    }
  } else if (value) {
    value = convert(std::move(value), type, fmt::format("'{}'", node.name.text), node.name.span);
  }
  variable->type = type;
  declare_local(variable.get());
  variable->init = std::move(value);
  return make_stmt(LocalStmt{std::move(variable)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::AssignmentStatement& node, const syntax::Statement& whole) {
  if (const auto* name = std::get_if<syntax::NameExpression>(&node.target->kind);
      name != nullptr && !meaning_of_name(name->name, nullptr)) {
    explain_undeclared(node, name->name);
    return nullptr;
  }
  ExprPtr target = check_target(*node.target);
  const TypePtr wanted = target ? target->type : nullptr;
  const std::string name = source_text(node.target->span);
  if (node.op == syntax::AssignmentOperator::Set) {
    ExprPtr value = check(*node.value, wanted, true);
    if (!target || !value) return nullptr;
    Span declared;
    if (const auto* variable = as<VariableExpr>(target)) declared = variable->variable->span;
    if (!writes_.empty() && writes_.back().span == node.target->span) writes_.back().value = literal_value(*value);
    value = convert(std::move(value), wanted, fmt::format("'{}'", name), declared);
    if (!value) return nullptr;
    return make_stmt(AssignStmt{std::move(target), std::move(value)}, whole.span);
  }
  ExprPtr value = check(*node.value, int_type());
  if (!target || !value) return nullptr;
  const bool add = node.op == syntax::AssignmentOperator::Add;
  const std::string role = fmt::format("an operand of '{}'", add ? "+=" : "-=");
  ExprPtr old = convert(clone(target), int_type(), role);
  value = convert(std::move(value), int_type(), role);
  if (!old || !value) return nullptr;
  ExprPtr sum =
      make_expr(BinaryExpr{add ? BinaryOperator::Add : BinaryOperator::Subtract, std::move(old), std::move(value)},
                int_type(), whole.span);
  sum = convert(std::move(sum), wanted, fmt::format("'{}'", name));
  if (!sum) return nullptr;
  return make_stmt(AssignStmt{std::move(target), std::move(sum)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::CallStatement& node, const syntax::Statement& whole) {
  const auto& call = std::get<syntax::Call>(node.call->kind);
  if (std::holds_alternative<syntax::FieldAccess>(call.callee->kind)) {
    // 'q.push(x)' and the like; found out first, since they are no calls.
    const std::size_t before = diagnostics_.error_count();
    Meaning callee = meaning(*call.callee, nullptr);
    if (callee.failed || diagnostics_.error_count() != before) return nullptr;
    if (callee.change) return change_collection(std::move(callee), call, whole.span);
  }
  ExprPtr value = check_call(call, *node.call, true);
  if (!value) return nullptr;
  const auto* made = as<CallExpr>(value);
  if (made == nullptr) {
    error("E0411", whole.span, fmt::format("'{}' is a value; alone it does nothing", source_text(whole.span)));
    return nullptr;
  }
  if (made->function != nullptr && made->function->kind == FunctionDecl::Kind::Expression) {
    Diagnostic& warning = diagnostics_.warning(
        "W0402", whole.span,
        fmt::format("'{}' only computes a value, which is not used", source_text(call.callee->span)));
    warning.labels.push_back({made->function->span, "declared here"});
  }
  return make_stmt(CallStmt{std::move(value)}, whole.span);
}

StmtPtr Checker::change_collection(Meaning callee, const syntax::Call& call, Span span) {
  const CollectionChange change = *callee.change;
  const bool wants_argument =
      change == CollectionChange::Push || change == CollectionChange::Remove || change == CollectionChange::Add;
  const std::string name = source_text(call.callee->span);
  const std::size_t wanted = wants_argument ? 1 : 0;
  if (call.arguments.size() != wanted || (wanted == 1 && call.arguments[0].name)) {
    const char* given = call.arguments.empty() ? "none is given"
                        : wanted == 0          ? "one is given"
                                               : "it is given otherwise";
    error("E0304", span,
          fmt::format("'{}' takes {} argument, but {}", name, wants_argument ? "one plain" : "no", given));
    return nullptr;
  }
  const TypePtr element = callee.object->type->element;
  if (!mark_assigned(*callee.object, call.callee->span)) return nullptr;
  ExprPtr argument;
  if (wants_argument) {
    argument = check_as(*call.arguments[0].value, element, fmt::format("the argument of '{}'", name));
    if (!argument) return nullptr;
  }
  return make_stmt(CollectionStmt{change, std::move(callee.object), std::move(argument)}, span);
}

// ------------------------------------------------------------------------------------------------ control

StmtPtr Checker::statement_node(const syntax::IfStatement& node, const syntax::Statement& whole) {
  IfStmt result;
  result.condition = check_condition(*node.condition, "the condition of 'if'", true);
  check_block(node.then, result.then_body);
  if (node.otherwise) check_block(*node.otherwise, result.else_body);
  if (!result.condition) return nullptr;
  return make_stmt(std::move(result), head_span(whole.span, node.then.span));
}

StmtPtr Checker::statement_node(const syntax::WhileStatement& node, const syntax::Statement& whole) {
  const Span head = head_span(whole.span, node.body.span);
  may_loop_here("while", head);
  WhileStmt result;
  env().in_while_condition = true;
  result.condition = check_condition(*node.condition, "the condition of 'while'");
  env().in_while_condition = false;
  InFrame loop(env(), Frame::Loop);
  check_block(node.body, result.body);
  if (!result.condition) return nullptr;
  return make_stmt(std::move(result), head);
}

StmtPtr Checker::statement_node(const syntax::LoopStatement& node, const syntax::Statement& whole) {
  const Span head = head_span(whole.span, node.body.span);
  may_loop_here("loop", head);
  WhileStmt result;
  InFrame loop(env(), Frame::Loop);
  check_block(node.body, result.body);
  return make_stmt(std::move(result), head);
}

StmtPtr Checker::statement_node(const syntax::ForStatement& node, const syntax::Statement& whole) {
  const Span head = head_span(whole.span, node.body.span);
  if (const auto* range = std::get_if<syntax::Range>(&node.domain.kind)) return loop_over_range(node, *range, head);
  if (const auto* type = std::get_if<syntax::TypePtr>(&node.domain.kind)) {
    return loop_over_values(node, resolve_type(**type), head);
  }
  ExprPtr collection;
  if (const auto* name = std::get_if<syntax::QualifiedName>(&node.domain.kind)) {
    Meaning found = meaning(*name, nullptr);
    if (!found.failed && !found.value) {
      if (TypePtr type = domain_type(found, *name)) return loop_over_values(node, std::move(type), head);
      error("E0206", node.domain.span,
            fmt::format("'for' wants a type, a range, a queue or a set, but '{}' is neither", name->text()));
    }
    collection = std::move(found.value);
  } else {
    collection = check(*std::get<syntax::ExpressionPtr>(node.domain.kind));
  }
  return loop_over_collection(node, std::move(collection), head);
}

StmtPtr Checker::finish_loop(std::unique_ptr<VariableDecl> variable, ExprPtr collection, ExprPtr lo, ExprPtr hi,
                             const syntax::ForStatement& node, Span head) {
  ForStmt result;
  Locals scope(env());
  declare_local(variable.get());
  result.variable = std::move(variable);
  result.collection = std::move(collection);
  result.lo = std::move(lo);
  result.hi = std::move(hi);
  InFrame loop(env(), Frame::Loop);
  check_block(node.body, result.body);
  return make_stmt(std::move(result), head);
}

StmtPtr Checker::loop_over_values(const syntax::ForStatement& node, TypePtr type, Span head) {
  if (!is_enumerable(type, node.domain.span, "what 'for' runs over")) type = nullptr;
  return finish_loop(new_variable(node.variable, VariableDecl::Kind::Bound, std::move(type)), nullptr, nullptr, nullptr,
                     node, head);
}

namespace {

/// The range of a bound that is only known at run time, as far as its type tells.
std::shared_ptr<const Expr> bound_of(const Expr& expr, bool lower) {
  if (first_variable_part(expr) == nullptr) return clone(expr);
  return lower ? expr.type->lo : expr.type->hi;
}

}  // namespace

StmtPtr Checker::loop_over_range(const syntax::ForStatement& node, const syntax::Range& range, Span head) {
  ExprPtr lo = check_as(*range.low, int_type(), "a bound of 'for'");
  ExprPtr hi = check_as(*range.high, int_type(), "a bound of 'for'");
  if (!lo || !hi) {
    return finish_loop(new_variable(node.variable, VariableDecl::Kind::Local, nullptr), nullptr, nullptr, nullptr, node,
                       head);
  }
  check_range_order(*lo, *hi, node.domain.span);
  if (first_variable_part(*lo) == nullptr && first_variable_part(*hi) == nullptr) {
    return finish_loop(new_variable(node.variable, VariableDecl::Kind::Bound, int_type(std::move(lo), std::move(hi))),
                       nullptr, nullptr, nullptr, node, head);
  }
  auto type = std::make_shared<Type>();
  type->kind = Type::Kind::Int;
  type->lo = bound_of(*lo, true);
  type->hi = bound_of(*hi, false);
  if (!type->lo || !type->hi) {
    const Expr& unclear = !type->lo ? *lo : *hi;
    Diagnostic& diagnostic = error("E0308", unclear.span,
                                   fmt::format("how large '{}' may become cannot be inferred from '{}'",
                                               node.variable.text, source_text(unclear.span)));
    diagnostic.notes.push_back("store the bound in a variable with a range first");
  }
  return finish_loop(new_variable(node.variable, VariableDecl::Kind::Local, type), nullptr, std::move(lo),
                     std::move(hi), node, head);
}

StmtPtr Checker::loop_over_collection(const syntax::ForStatement& node, ExprPtr collection, Span head) {
  TypePtr element;
  collection = unwrapped(std::move(collection));
  if (collection) {
    const Type::Kind kind = collection->type->kind;
    if (kind == Type::Kind::Queue || kind == Type::Kind::Set) {
      element = collection->type->element;
    } else {
      Diagnostic& diagnostic = error("E0302", node.domain.span,
                                     fmt::format("'for' wants a type, a range, a queue or a set, but '{}' is '{}'",
                                                 source_text(node.domain.span), text(collection->type)));
      if (kind == Type::Kind::Int) diagnostic.notes.push_back("a range is written 'lo..hi'");
      if (const auto* instance = as<InstanceExpr>(collection)) {
        diagnostic.notes.push_back(fmt::format("all instances of a machine are written 'for x in {}'",
                                               short_name(instance->instance->machine->name)));
      }
      collection = nullptr;
    }
  }
  return finish_loop(new_variable(node.variable, VariableDecl::Kind::Local, element), std::move(collection), nullptr,
                     nullptr, node, head);
}

StmtPtr Checker::statement_node(const syntax::EitherStatement& node, const syntax::Statement& whole) {
  EitherStmt result;
  for (const syntax::Block& branch : node.branches) {
    result.branches.emplace_back();
    check_block(branch, result.branches.back());
  }
  return make_stmt(std::move(result), head_span(whole.span, node.branches.front().span));
}

StmtPtr Checker::statement_node(const syntax::ChooseStatement& node, const syntax::Statement& whole) {
  TypePtr type = resolve_type(*node.type);
  if (type && !is_made_of_scalars(*type)) {
    error("E0307", node.type->span, fmt::format("'choose' cannot choose among the values of '{}'", text(type)));
    type = nullptr;
  }
  auto variable = new_variable(node.variable, VariableDecl::Kind::Local, type);
  declare_local(variable.get());
  ExprPtr where;
  if (node.where) where = check_condition(*node.where, "'where'");
  return make_stmt(ChooseStmt{std::move(variable), std::move(where)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::AtomicStatement& node, const syntax::Statement& whole) {
  AtomicStmt result;
  const bool nested = env().in_atomic();
  InFrame frame(env(), Frame::Atomic);
  // Inside a step the first statement of an inner block is only first when the block itself is.
  check_block(node.body, result.body, nested ? env().first_in_step : true);
  return make_stmt(std::move(result), head_span(whole.span, node.body.span));
}

// ------------------------------------------------------------------------------- waiting, locks and levels

StmtPtr Checker::statement_node(const syntax::AwaitStatement& node, const syntax::Statement& whole) {
  const bool allowed = may_block_here("await", whole.span);
  ExprPtr condition = check_condition(*node.condition, "the condition of 'await'");
  if (!condition || !allowed) return nullptr;
  return make_stmt(AwaitStmt{std::move(condition)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::SpinUntilStatement& node, const syntax::Statement& whole) {
  const bool allowed = may_block_here("spin until", whole.span);
  ExprPtr condition = check_condition(*node.condition, "the condition of 'spin until'");
  if (!condition || !allowed) return nullptr;
  return make_stmt(SpinStmt{std::move(condition)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::AcquireStatement& node, const syntax::Statement& whole) {
  const bool later = env().in_atomic() && !env().first_in_step;
  const bool allowed = only_in_context("acquire", whole.span) && (later || may_block_here("acquire", whole.span));
  ExprPtr lock = check_lock(*node.lock);
  if (!lock || !allowed) return nullptr;
  StmtPtr acquire = make_stmt(AcquireStmt{std::move(lock)}, whole.span);
  if (!later) return acquire;
  // It cannot wait here, so another must not hold the lock: 'require core.lock: !l.held || l.mine' goes before it.
  const auto ask = [&](CollectionQuery query) {
    return make_expr(CollectionExpr{query, check_lock(*node.lock), nullptr}, simple_type(Type::Kind::Bool), whole.span);
  };
  ExprPtr is_free =
      make_expr(UnaryExpr{UnaryOperator::Not, ask(CollectionQuery::Full)}, simple_type(Type::Kind::Bool), whole.span);
  ExprPtr fine = make_expr(BinaryExpr{BinaryOperator::Or, std::move(is_free), ask(CollectionQuery::First)},
                           simple_type(Type::Kind::Bool), whole.span);
  AtomicStmt both;
  both.body.push_back(make_stmt(RequireStmt{rule_named(rule_name::kLock), std::move(fine)}, whole.span));
  both.body.push_back(std::move(acquire));
  return make_stmt(std::move(both), whole.span);
}

StmtPtr Checker::statement_node(const syntax::ReleaseStatement& node, const syntax::Statement& whole) {
  const bool allowed = only_in_context("release", whole.span);
  ExprPtr lock = check_lock(*node.lock);
  if (!lock || !allowed) return nullptr;
  return make_stmt(ReleaseStmt{std::move(lock)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::WithStatement& node, const syntax::Statement& whole) {
  const Span head = head_span(whole.span, node.body.span);
  if (only_in_context("with", head)) may_block_here("with", head);
  WithLockStmt result;
  result.lock = check_lock(*node.lock);
  InFrame frame(env(), Frame::With);
  check_block(node.body, result.body);
  if (!result.lock) return nullptr;
  return make_stmt(std::move(result), head);
}

StmtPtr Checker::statement_node(const syntax::GiveStatement& node, const syntax::Statement& whole) {
  const bool allowed = may_hand_over_here("give", whole.span);
  ExprPtr handover = check_handover(*node.handover);
  if (!handover) return nullptr;
  const TypePtr element = handover->type->element;
  const std::string name = source_text(node.handover->span);
  if (!element && node.value) {
    error("E0310", node.value->span, fmt::format("'{}' hands nothing over: it is 'handover' without a type", name))
        .notes.push_back("what is handed over is said where it is declared, as in 'name: handover<int 0..3>'");
    return nullptr;
  }
  ExprPtr value;
  if (element) {
    if (!node.value) {
      error("E0310", whole.span, fmt::format("'{}' hands over '{}', but no value is given", name, text(element)))
          .notes.push_back(fmt::format("write 'give {}, value'", name));
      return nullptr;
    }
    value = check_as(*node.value, element, fmt::format("what is given to '{}'", name));
    if (!value) return nullptr;
  }
  if (!allowed) return nullptr;
  return make_stmt(GiveStmt{std::move(handover), std::move(value)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::TakeStatement& node, const syntax::Statement& whole) {
  const bool allowed = may_hand_over_here("take", whole.span);
  ExprPtr target;
  if (node.target) {
    target = check_target(*node.target);
    if (!target) return nullptr;
  }
  ExprPtr handover = check_handover(*node.handover);
  if (!handover || !allowed) return nullptr;
  if (target && !takes_into(*handover, *target)) return nullptr;
  return make_stmt(TakeStmt{std::move(handover), std::move(target)}, whole.span);
}

/// Whether a value that is handed over can be stored in `target`.
bool Checker::takes_into(const Expr& handover, const Expr& target) {
  const std::string name = source_text(handover.span);
  if (!handover.type->element) {
    error("E0310", target.span, fmt::format("'{}' hands nothing over, so that there is nothing to store", name))
        .notes.push_back(fmt::format("write 'take {}' alone", name));
    return false;
  }
  if (same_type(*handover.type->element, *target.type)) return true;
  error("E0301", target.span,
        fmt::format("'{}' hands over '{}', which cannot be stored in '{}': it is '{}'", name,
                    text(handover.type->element), source_text(target.span), text(target.type)));
  return false;
}

StmtPtr Checker::statement_node(const syntax::RaiseStatement& node, const syntax::Statement& whole) {
  const bool allowed = only_in_context("raise", whole.span);
  ExprPtr level = check_as(*node.level, simple_type(Type::Kind::Level), "what 'raise' raises to");
  if (!level || !allowed) return nullptr;
  return make_stmt(RaiseStmt{std::move(level)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::LowerStatement& node, const syntax::Statement& whole) {
  const bool allowed = only_in_context("lower", whole.span);
  ExprPtr level = check_as(*node.level, simple_type(Type::Kind::Level), "what 'lower' lowers to");
  if (!level || !allowed) return nullptr;
  return make_stmt(LowerStmt{std::move(level)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::AtLevelStatement& node, const syntax::Statement& whole) {
  const Span head = head_span(whole.span, node.body.span);
  only_in_context("at", head);
  AtLevelStmt result;
  result.level = check_as(*node.level, simple_type(Type::Kind::Level), "the level after 'at'");
  InFrame frame(env(), Frame::At);
  check_block(node.body, result.body);
  if (!result.level) return nullptr;
  return make_stmt(std::move(result), head);
}

StmtPtr Checker::statement_node(const syntax::OnCpuStatement& node, const syntax::Statement& whole) {
  const Span head = head_span(whole.span, node.body.span);
  only_in_context("on", head);
  OnCpuStmt result;
  const bool constants = std::exchange(env().cpu_constants, true);
  result.cpu = check_as(*node.cpu, simple_type(Type::Kind::Cpu), "the CPU after 'on'");
  env().cpu_constants = constants;
  InFrame frame(env(), Frame::On);
  check_block(node.body, result.body);
  if (!result.cpu) return nullptr;
  return make_stmt(std::move(result), head);
}

// ------------------------------------------------------------------------------------- rules and the rest

StmtPtr Checker::statement_node(const syntax::AssertStatement& node, const syntax::Statement& whole) {
  ExprPtr condition = check_condition(*node.condition, "what 'assert' asserts");
  if (!condition) return nullptr;
  return make_stmt(AssertStmt{std::move(condition)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::RequireStatement& node, const syntax::Statement& whole) {
  const RuleDecl* rule = find_rule(node.rule);
  ExprPtr condition = check_condition(*node.condition, "what 'require' requires");
  if (rule == nullptr || !condition) return nullptr;
  return make_stmt(RequireStmt{rule, std::move(condition)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::ViolateStatement& node, const syntax::Statement& whole) {
  const RuleDecl* rule = find_rule(node.rule);
  if (rule == nullptr) return nullptr;
  return make_stmt(ViolateStmt{rule}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::ReturnStatement& node, const syntax::Statement& whole) {
  bool failed = false;
  for (const Frame frame : env().frames) {
    const char* reason = frame == Frame::With     ? "'with' would leave the lock held"
                         : frame == Frame::At     ? "'at' would leave the level raised"
                         : frame == Frame::On     ? "'on' would leave the context bound to the CPU"
                         : frame == Frame::Atomic ? "'atomic' would leave its step in the middle"
                                                  : nullptr;
    if (reason == nullptr) continue;
    Diagnostic& diagnostic = error("E0405", whole.span, fmt::format("'return' inside {}", reason));
    diagnostic.notes.push_back("store the result in a variable, and return it behind the block");
    failed = true;
    break;
  }
  const FunctionDecl* function = env().function;
  const bool wants_value = function != nullptr && function->result && function->result->kind != Type::Kind::Void;
  const std::string name = source_text(function != nullptr ? function->span : Span{});
  if (!wants_value) {
    if (node.value) {
      check(*node.value, nullptr, true);
      if (function != nullptr && !function->result) return nullptr;
      Diagnostic& diagnostic =
          error("E0301", node.value->span,
                function != nullptr ? fmt::format("'{}' has no result type, so it cannot return a value", name)
                                    : std::string("only functions return values"));
      if (function != nullptr) {
        diagnostic.labels.push_back({function->span, "declared here"});
        diagnostic.notes.push_back("a result type is written behind the parameters: '-> bool'");
      }
      return nullptr;
    }
    return failed ? nullptr : make_stmt(ReturnStmt{nullptr}, whole.span);
  }
  if (!node.value) {
    Diagnostic& diagnostic =
        error("E0301", whole.span, fmt::format("'{}' must return a value of type '{}'", name, text(function->result)));
    diagnostic.labels.push_back({function->span, "declared here"});
    return nullptr;
  }
  ExprPtr value =
      check_as(*node.value, function->result, fmt::format("the result of '{}'", name), function->span, true);
  if (!value || failed) return nullptr;
  return make_stmt(ReturnStmt{std::move(value)}, whole.span);
}

namespace {

/// Why 'break' or 'continue' cannot reach a loop from inside these frames; null when it can.
const char* no_way_to_loop(const std::vector<Frame>& frames) {
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    switch (*frame) {
      case Frame::Loop:
        return nullptr;
      case Frame::With:
        return "would leave 'with' and its lock held";
      case Frame::At:
        return "would leave 'at' with the level raised";
      case Frame::On:
        return "would leave 'on' with the context bound to the CPU";
      case Frame::Atomic:
        return "would leave 'atomic' in the middle of its step";
    }
  }
  return "stands in no loop";
}

}  // namespace

StmtPtr Checker::statement_node(const syntax::BreakStatement&, const syntax::Statement& whole) {
  if (const char* reason = no_way_to_loop(env().frames)) {
    error("E0404", whole.span, fmt::format("'break' {}", reason));
    return nullptr;
  }
  return make_stmt(BreakStmt{}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::ContinueStatement&, const syntax::Statement& whole) {
  if (const char* reason = no_way_to_loop(env().frames)) {
    error("E0404", whole.span, fmt::format("'continue' {}", reason));
    return nullptr;
  }
  return make_stmt(ContinueStmt{}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::PassStatement&, const syntax::Statement& whole) {
  return make_stmt(PassStmt{}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::InitStatement& node, const syntax::Statement& whole) {
  ExprPtr object = check_object(*node.instance, "init");
  if (!object) return nullptr;
  return make_stmt(InitStmt{std::move(object)}, whole.span);
}

StmtPtr Checker::statement_node(const syntax::FreeStatement& node, const syntax::Statement& whole) {
  ExprPtr object = check_object(*node.instance, "free");
  if (!object) return nullptr;
  return make_stmt(FreeStmt{std::move(object)}, whole.span);
}

}  // namespace quiesce::model::types

// Invariant (1) of model/types/typed_tree.h, checked: nothing is null that elaboration relies on.
#pragma once

#include <string>

#include "model/types/typed_tree.h"

namespace quiesce::model::types {

/// Walks everything once; remembers the first gap and where it was.
class TreeWalk {
 public:
  std::string gap;

  void program(const Program& program) {
    for (const auto& decl : program.structs) {
      for (const auto& field : decl->fields) variable(*field);
    }
    for (const auto& decl : program.values) {
      variable(*decl);
      expr(decl->init, "the value of " + decl->name);
    }
    for (const auto& decl : program.interfaces) {
      for (const auto& each : decl->functions) function(*each);
    }
    for (const auto& decl : program.functions) function(*decl);
    for (const auto& decl : program.machines) machine(*decl);
    for (const auto& decl : program.checks) {
      need(decl->system, "the system of a check");
      for (const auto& binding : decl->with) {
        need(binding.parameter, "the parameter of a binding");
        if (binding.values.empty()) {
          expr(binding.lo, "a bound of 'with'");
          expr(binding.hi, "a bound of 'with'");
        }
      }
    }
  }

 private:
  void note(const std::string& what) {
    if (gap.empty()) gap = what + " (in " + where_ + ")";
  }
  template <typename Pointer>
  void need(const Pointer& pointer, const std::string& what) {
    if (!pointer) note(what);
  }

  void type(const TypePtr& type, const std::string& what) {
    if (!type) return note("type of " + what);
    switch (type->kind) {
      case Type::Kind::Int:
        if (!type->lo != !type->hi) note("one bound of " + what);
        break;
      case Type::Kind::Enum:
        need(type->enumeration, what);
        break;
      case Type::Kind::Struct:
        need(type->structure, what);
        break;
      case Type::Kind::Array:
        this->type(type->element, what);
        this->type(type->index, what);
        break;
      case Type::Kind::Set:
      case Type::Kind::Optional:
        this->type(type->element, what);
        break;
      case Type::Kind::Queue:
        this->type(type->element, what);
        need(type->capacity, what);
        break;
      case Type::Kind::Ref:
        if (!type->machine == !type->interface) note("target of " + what);
        break;
      case Type::Kind::Function:
        this->type(type->result, what);
        break;
      case Type::Kind::Null:
        note("null left without a type at " + what);
        break;
      case Type::Kind::Void:
      case Type::Kind::Bool:
      case Type::Kind::Level:
      case Type::Kind::Cpu:
      case Type::Kind::Spinlock:
      case Type::Kind::Mutex:
      case Type::Kind::Handover:
      case Type::Kind::Label:
        break;
    }
  }

  void variable(const VariableDecl& decl) {
    type(decl.type, decl.name);
    optional(decl.init);
    optional(decl.where);
  }

  void function(const FunctionDecl& decl) {
    where_ = decl.name;
    for (const auto& parameter : decl.parameters) variable(*parameter);
    type(decl.result, "the result of " + decl.name);
    if (decl.kind == FunctionDecl::Kind::Expression) expr(decl.expression, "the expression of " + decl.name);
    body(decl.body);
  }

  void machine(const MachineDecl& decl) {
    where_ = decl.name;
    for (const auto& parameter : decl.parameters) variable(*parameter);
    for (const auto& implementation : decl.implements) {
      for (const FunctionDecl* each : implementation.functions) need(each, "an implementation in " + decl.name);
    }
    members(decl.members);
    for (const ExprPtr& busy : decl.busy) expr(busy, "busy");
    optional(decl.cpus);
    optional(decl.pin);
  }

  void members(const std::vector<Member>& all) {
    for (const Member& member : all) std::visit([this](const auto& decl) { this->member(*decl); }, member);
  }
  void member(const VariableDecl& decl) { variable(decl); }
  void member(const FunctionDecl& decl) { function(decl); }
  void member(const InstanceDecl& decl) {
    need(decl.machine, "the machine of " + decl.name);
    for (const auto& argument : decl.arguments) {
      need(argument.parameter, "a parameter");
      expr(argument.value, "an argument of " + decl.name);
    }
  }
  void member(const ContextDecl& decl) {
    where_ = decl.name;
    if (decl.is_handler) expr(decl.level, "the level of " + decl.name);
    optional(decl.on);
    optional(decl.when);
    optional(decl.concurrent);
    body(decl.accept);
    body(decl.body);
  }
  void member(const ActionDecl& decl) {
    where_ = decl.name;
    optional(decl.when);
    body(decl.body);
  }
  void member(const PropertyDecl& decl) {
    need(decl.rule, "the rule of a property");
    switch (decl.kind) {
      case PropertyDecl::Kind::DeadlockFree:
        return;
      case PropertyDecl::Kind::Temporal:
        return formula(decl.formula);
      case PropertyDecl::Kind::Invariant:
      case PropertyDecl::Kind::Never:
      case PropertyDecl::Kind::Reachable:
      case PropertyDecl::Kind::AlwaysPossible:
        return expr(decl.condition, "a property");
    }
  }
  void formula(const std::unique_ptr<TemporalFormula>& formula) {
    if (!formula) return note("a formula");
    if (formula->op == TemporalOperator::Atom) return expr(formula->atom, "a condition of a formula");
    if (formula->left) this->formula(formula->left);
    if (formula->variable) variable(*formula->variable);
    optional(formula->where);
    this->formula(formula->right);
  }
  void member(const MemberGroup& decl) {
    expr(decl.condition, "the condition of members");
    members(decl.then_members);
    members(decl.else_members);
  }

  void body(const std::vector<StmtPtr>& all) {
    for (const StmtPtr& stmt : all) {
      if (!stmt) return note("a statement");
      std::visit([this](const auto& node) { this->stmt(node); }, stmt->node);
    }
  }
  void stmt(const AssignStmt& node) { expr(node.target, "a target"), expr(node.value, "an assigned value"); }
  void stmt(const LocalStmt& node) { variable(*node.variable), expr(node.variable->init, node.variable->name); }
  void stmt(const CallStmt& node) { expr(node.call, "a call"); }
  void stmt(const CollectionStmt& node) { expr(node.collection, "a collection"), optional(node.argument); }
  void stmt(const IfStmt& node) { expr(node.condition, "if"), body(node.then_body), body(node.else_body); }
  void stmt(const WhileStmt& node) { optional(node.condition), body(node.body); }
  void stmt(const ForStmt& node) {
    variable(*node.variable);
    optional(node.collection);
    optional(node.lo);
    optional(node.hi);
    body(node.body);
  }
  void stmt(const EitherStmt& node) {
    for (const auto& branch : node.branches) body(branch);
  }
  void stmt(const ChooseStmt& node) { variable(*node.variable), optional(node.where); }
  void stmt(const AwaitStmt& node) { expr(node.condition, "await"); }
  void stmt(const SpinStmt& node) { expr(node.condition, "spin until"); }
  void stmt(const AtomicStmt& node) { body(node.body); }
  void stmt(const AcquireStmt& node) { expr(node.lock, "acquire"); }
  void stmt(const ReleaseStmt& node) { expr(node.lock, "release"); }
  void stmt(const WithLockStmt& node) { expr(node.lock, "with"), body(node.body); }
  void stmt(const GiveStmt& node) { expr(node.handover, "give"), optional(node.value); }
  void stmt(const TakeStmt& node) { expr(node.handover, "take"), optional(node.target); }
  void stmt(const RaiseStmt& node) { expr(node.level, "raise"); }
  void stmt(const LowerStmt& node) { expr(node.level, "lower"); }
  void stmt(const AtLevelStmt& node) { expr(node.level, "at"), body(node.body); }
  void stmt(const OnCpuStmt& node) { expr(node.cpu, "on"), body(node.body); }
  void stmt(const AssertStmt& node) { expr(node.condition, "assert"); }
  void stmt(const RequireStmt& node) { need(node.rule, "a rule"), expr(node.condition, "require"); }
  void stmt(const ViolateStmt& node) { need(node.rule, "a rule"); }
  void stmt(const ReturnStmt& node) { optional(node.value); }
  void stmt(const BreakStmt&) {}
  void stmt(const ContinueStmt&) {}
  void stmt(const PassStmt&) {}
  void stmt(const InitStmt& node) { expr(node.object, "init"); }
  void stmt(const FreeStmt& node) { expr(node.object, "free"); }

  void optional(const ExprPtr& value) {
    if (value) expr(value, "?");
  }
  void expr(const ExprPtr& value, const std::string& what) {
    if (!value) return note(what);
    type(value->type, what);
    std::visit([this](const auto& node) { this->node(node); }, value->node);
  }
  void node(const LiteralExpr&) {}
  void node(const NullExpr&) {}
  void node(const SelfExpr&) {}
  void node(const LevelExpr&) {}
  void node(const PinLevelExpr&) {}
  void node(const CpuExpr&) {}
  void node(const VariableExpr& node) { need(node.variable, "a variable"), optional(node.object); }
  void node(const InstanceExpr& node) {
    need(node.instance, "an instance");
    optional(node.object);
    if (node.instance->index) expr(node.index, "the index of an instance");
  }
  void node(const FieldExpr& node) { expr(node.value, "a struct"); }
  void node(const IndexExpr& node) { expr(node.value, "an array"), expr(node.index, "an index"); }
  void node(const UnaryExpr& node) { expr(node.operand, "an operand"); }
  void node(const BinaryExpr& node) { expr(node.left, "an operand"), expr(node.right, "an operand"); }
  void node(const ConditionalExpr& node) {
    expr(node.condition, "?:");
    expr(node.then_value, "?:");
    expr(node.else_value, "?:");
  }
  void node(const CollectionExpr& node) {
    expr(node.collection, "a collection");
    if (node.query == CollectionQuery::Contains) expr(node.argument, "in");
  }
  void node(const InRangeExpr& node) { expr(node.value, "in"), expr(node.lo, "in"), expr(node.hi, "in"); }
  void node(const WithinExpr& node) { expr(node.inner, "within"), expr(node.outer, "within"); }
  void node(const SetExpr& node) {
    for (const ExprPtr& element : node.elements) expr(element, "an element");
  }
  void node(const ArrayExpr& node) {
    for (const ExprPtr& element : node.elements) expr(element, "an element of an array");
    if (!node.variable != !node.body) note("half of '[for i: e]'");
    optional(node.body);
  }
  void node(const StructExpr& node) {
    for (const ExprPtr& field : node.fields) optional(field);
  }
  void node(const WrapExpr& node) { expr(node.value, "wrap"); }
  void node(const UnwrapExpr& node) { expr(node.value, "unwrap"); }
  void node(const FunctionRefExpr& node) {
    if (!node.function == !node.parameter) note("a function value");
    optional(node.object);
  }
  void node(const CallExpr& node) {
    if (!node.function == !node.parameter) note("a callee");
    optional(node.object);
    for (const ExprPtr& argument : node.arguments) expr(argument, "an argument");
    if (node.function && node.arguments.size() != node.function->parameters.size()) note("arguments of a call");
  }
  void node(const QuantifierExpr& node) {
    variable(*node.variable);
    optional(node.where);
    if (node.kind != Quantifier::Count) expr(node.body, "a quantifier");
  }
  void node(const ContextExpr& node) { need(node.context, "a context"), optional(node.object); }
  void node(const AtLabelExpr& node) { need(node.label, "a label"), optional(node.object); }
  void node(const EnabledExpr& node) { need(node.action, "an action"), optional(node.object); }
  void node(const EventExpr& node) {
    if (!node.context && !node.function == !node.parameter) note("what an event is of");
    optional(node.object);
    optional(node.result);
  }
  void node(const CpuConstantExpr& node) { expr(node.number, "Cpu"); }

  std::string where_ = "the program";
};

/// Where `program` lacks something, in words; empty when it is complete.
inline std::string first_gap(const Program& program) {
  TreeWalk walk;
  walk.program(program);
  return walk.gap;
}

}  // namespace quiesce::model::types

// Properties: of states, and of infinite runs, whose formulas are trees of operators over conditions.
#include <fmt/format.h>

#include "model/types/builtin.h"
#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

const char* word_of(syntax::PropertyKind kind) {
  switch (kind) {
    case syntax::PropertyKind::Invariant:
      return "invariant";
    case syntax::PropertyKind::Never:
      return "never";
    case syntax::PropertyKind::Reachable:
      return "reachable";
    case syntax::PropertyKind::DeadlockFree:
      return "deadlock_free";
    case syntax::PropertyKind::Ltl:
      return "ltl";
    case syntax::PropertyKind::Terminates:
      return "terminates";
    case syntax::PropertyKind::Progress:
      return "progress";
    case syntax::PropertyKind::AlwaysPossible:
      return "always_possible";
  }
  return "";
}

PropertyDecl::Kind kind_of(syntax::PropertyKind kind) {
  switch (kind) {
    case syntax::PropertyKind::Invariant:
      return PropertyDecl::Kind::Invariant;
    case syntax::PropertyKind::Never:
      return PropertyDecl::Kind::Never;
    case syntax::PropertyKind::Reachable:
      return PropertyDecl::Kind::Reachable;
    case syntax::PropertyKind::DeadlockFree:
      return PropertyDecl::Kind::DeadlockFree;
    case syntax::PropertyKind::Ltl:
    case syntax::PropertyKind::Terminates:
    case syntax::PropertyKind::Progress:
      return PropertyDecl::Kind::Temporal;
    case syntax::PropertyKind::AlwaysPossible:
      return PropertyDecl::Kind::AlwaysPossible;
  }
  return PropertyDecl::Kind::Invariant;
}

/// Whether an operator of time stands in `expression` where a formula may have one.
bool mentions_time(const syntax::Expression& expression) {
  if (std::holds_alternative<syntax::Temporal>(expression.kind)) return true;
  if (const auto* unary = std::get_if<syntax::Unary>(&expression.kind)) return mentions_time(*unary->operand);
  if (const auto* each = std::get_if<syntax::Quantifier>(&expression.kind)) {
    return each->kind != syntax::QuantifierKind::Count && each->body && mentions_time(*each->body);
  }
  const auto* binary = std::get_if<syntax::Binary>(&expression.kind);
  return binary != nullptr && (mentions_time(*binary->left) || mentions_time(*binary->right));
}

using FormulaPtr = std::unique_ptr<TemporalFormula>;

FormulaPtr made(TemporalOperator op, FormulaPtr left, FormulaPtr right) {
  auto formula = std::make_unique<TemporalFormula>();
  formula->op = op;
  formula->left = std::move(left);
  formula->right = std::move(right);
  return formula;
}

FormulaPtr atom(ExprPtr condition) {
  if (!condition) return nullptr;
  auto formula = std::make_unique<TemporalFormula>();
  formula->atom = std::move(condition);
  return formula;
}

FormulaPtr again_and_again(FormulaPtr what) {
  return made(TemporalOperator::Always, nullptr, made(TemporalOperator::Eventually, nullptr, std::move(what)));
}

}  // namespace

const RuleDecl* Checker::property_rule(MachineInfo& info, const syntax::Property& node) {
  if (node.kind == syntax::PropertyKind::DeadlockFree) return rule_named(rule_name::kDeadlockFree);
  const char* word = word_of(node.kind);
  const std::string title = source_text(node.condition->span);
  if (!node.rule) {
    const std::string name = fmt::format("{}.{}_{}", info.decl->name, word, ++info.unnamed[word]);
    return add_rule(name, fmt::format("{} {}", word, title), node.condition->span);
  }
  if (RuleDecl* rule = rule_named(node.rule->text())) return rule;
  if (RuleDecl* rule = rule_named(info.module->family + "." + node.rule->text())) return rule;
  if (node.rule->parts.size() > 1) return find_rule(*node.rule);
  const std::string name = info.decl->name + "." + node.rule->text();
  if (RuleDecl* existing = rule_named(name)) return existing;
  return add_rule(name, fmt::format("{} {}", word, title), node.rule->span);
}

void Checker::shape_member(MachineInfo& info, const syntax::Member& member, const syntax::Property& node,
                           std::vector<Member>& out, const Expr*) {
  auto property = std::make_unique<PropertyDecl>();
  property->kind = kind_of(node.kind);
  property->rule = property_rule(info, node);
  property->span = node.condition ? node.condition->span : member.span;
  PropertyDecl* decl = property.get();
  out.push_back(std::move(property));
  if (!node.condition) return;
  bodies_.push_back([this, &info, decl, &node] {
    Environment environment;
    environment.module = info.module;
    environment.machine = &info;
    environment.no_context = "a property";
    Within within(*this, environment);
    if (decl->kind == PropertyDecl::Kind::Temporal) {
      decl->formula = check_formula(node);
    } else {
      decl->condition = check_condition(*node.condition, "a property");
    }
  });
}

FormulaPtr Checker::check_formula(const syntax::Property& node) {
  switch (node.kind) {
    case syntax::PropertyKind::Terminates: {
      FormulaPtr runs = atom(check_runs(*node.condition));
      if (!runs) return nullptr;
      return made(TemporalOperator::Eventually, nullptr, made(TemporalOperator::Not, nullptr, std::move(runs)));
    }
    case syntax::PropertyKind::Progress: {  // it is passed again and again: stood at, and left
      FormulaPtr there = atom(check_at_label(*node.condition, *node.condition));
      FormulaPtr same = atom(check_at_label(*node.condition, *node.condition));
      if (!there || !same) return nullptr;
      FormulaPtr gone = made(TemporalOperator::Not, nullptr, std::move(same));
      return made(TemporalOperator::And, again_and_again(std::move(there)), again_and_again(std::move(gone)));
    }
    case syntax::PropertyKind::Ltl:
    case syntax::PropertyKind::Invariant:
    case syntax::PropertyKind::Never:
    case syntax::PropertyKind::Reachable:
    case syntax::PropertyKind::DeadlockFree:
    case syntax::PropertyKind::AlwaysPossible:
      break;
  }
  return check_formula(*node.condition);
}

FormulaPtr Checker::check_formula(const syntax::Expression& node) {
  if (!mentions_time(node)) return atom(check_condition(node, "a formula"));
  const auto both = [&](TemporalOperator op, const syntax::ExpressionPtr& a, const syntax::ExpressionPtr& b) {
    FormulaPtr left = a ? check_formula(*a) : nullptr;
    FormulaPtr right = check_formula(*b);
    if ((a && !left) || !right) return FormulaPtr();
    return made(op, std::move(left), std::move(right));
  };
  if (const auto* temporal = std::get_if<syntax::Temporal>(&node.kind)) {
    return both(temporal->op, temporal->left, temporal->right);
  }
  if (const auto* each = std::get_if<syntax::Quantifier>(&node.kind)) return check_formula_of_each(*each);
  if (const auto* unary = std::get_if<syntax::Unary>(&node.kind); unary && unary->op == syntax::UnaryOperator::Not) {
    return both(TemporalOperator::Not, nullptr, unary->operand);
  }
  if (const auto* binary = std::get_if<syntax::Binary>(&node.kind)) {
    if (binary->op == syntax::BinaryOperator::And) return both(TemporalOperator::And, binary->left, binary->right);
    if (binary->op == syntax::BinaryOperator::Or) return both(TemporalOperator::Or, binary->left, binary->right);
    if (binary->op == syntax::BinaryOperator::Implies) {
      return both(TemporalOperator::Implies, binary->left, binary->right);
    }
  }
  check_condition(node, "a formula");  // reports the operator of time in it
  return nullptr;
}

/// 'forall d: Device where p: f' and 'exists' around a formula.
FormulaPtr Checker::check_formula_of_each(const syntax::Quantifier& node) {
  const bool all = node.kind == syntax::QuantifierKind::Forall;
  const TypePtr type = quantified_type(node, all ? "forall" : "exists");
  if (!type) return nullptr;
  if (type->kind == Type::Kind::Cpu) {
    error("E0206", node.domain.span, "a formula cannot be asked of each CPU: a run does not distinguish them")
        .notes.push_back("conditions on one state may range over CPUs");
    return nullptr;
  }
  Locals scope(env());
  auto formula = std::make_unique<TemporalFormula>();
  formula->op = all ? TemporalOperator::And : TemporalOperator::Or;
  formula->variable = new_variable(node.variable, VariableDecl::Kind::Bound, type);
  declare_local(formula->variable.get());
  if (node.where) {
    formula->where = check_condition(*node.where, "'where'");
    if (!formula->where) return nullptr;
  }
  formula->right = check_formula(*node.body);
  return formula->right ? std::move(formula) : nullptr;
}

ExprPtr Checker::check_node(const syntax::Temporal& node, const syntax::Expression&, const TypePtr&) {
  Diagnostic& diagnostic =
      error("E0411", node.op_span,
            fmt::format("'{}' speaks of runs, and what stands here is asked of one state", temporal_word(node.op)));
  diagnostic.notes.push_back(
      "in a formula it may stand below '!', '&&', '||', '=>', quantifiers and other words of time");
  return nullptr;
}

/// 'running(t)' of the thread that `target` names.
ExprPtr Checker::check_runs(const syntax::Expression& target) {
  Meaning found = meaning(target, nullptr);
  if (found.failed) return nullptr;
  if (found.context == nullptr || found.context->is_handler) {
    error("E0207", target.span,
          fmt::format("'terminates' is asked of a thread, and '{}' is none", source_text(target.span)));
    return nullptr;
  }
  ContextExpr runs;
  runs.context = found.context;
  runs.object = std::move(found.object);
  return make_expr(std::move(runs), simple_type(Type::Kind::Bool), target.span);
}

}  // namespace quiesce::model::types

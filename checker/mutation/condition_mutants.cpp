#include "checker/mutation/condition_mutants.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"

namespace quiesce::checker {

using namespace model::syntax;
using model::cover;
using model::Span;

namespace {

/// The operands of a chain of one operator, from left to right: `a && b && c` has three.
void flatten(const Expression& expression, BinaryOperator op, std::vector<const Expression*>& operands) {
  const auto* binary = std::get_if<Binary>(&expression.kind);
  if (binary == nullptr || binary->op != op) {
    operands.push_back(&expression);
    return;
  }
  for (const Expression* side : {binary->left.get(), binary->right.get()}) {
    if (side->parenthesised) {
      operands.push_back(side);
    } else {
      flatten(*side, op, operands);
    }
  }
}

/// Whether the value is Boolean by its form alone, wherever it stands.
bool is_boolean(const Expression& expression) {
  return std::visit(
      Overloaded{[](const Binary& binary) {
                   switch (binary.op) {
                     case BinaryOperator::BitOr:
                     case BinaryOperator::BitXor:
                     case BinaryOperator::BitAnd:
                     case BinaryOperator::ShiftLeft:
                     case BinaryOperator::ShiftRight:
                     case BinaryOperator::Add:
                     case BinaryOperator::Subtract:
                     case BinaryOperator::Multiply:
                     case BinaryOperator::Divide:
                     case BinaryOperator::Remainder:
                       return false;
                     case BinaryOperator::Implies:
                     case BinaryOperator::Or:
                     case BinaryOperator::And:
                     case BinaryOperator::Equal:
                     case BinaryOperator::NotEqual:
                     case BinaryOperator::Less:
                     case BinaryOperator::LessEqual:
                     case BinaryOperator::Greater:
                     case BinaryOperator::GreaterEqual:
                     case BinaryOperator::In:
                     case BinaryOperator::Within:
                     case BinaryOperator::Beside:
                       return true;
                   }
                   return false;
                 },
                 [](const Unary& unary) { return unary.op == UnaryOperator::Not; }, [](const InRange&) { return true; },
                 [](const Quantifier& quantifier) { return quantifier.kind != QuantifierKind::Count; },
                 // Numbers, instances and collections; or what the syntax alone does not say.
                 [](const IntegerLiteral&) { return false; }, [](const BoolLiteral&) { return false; },
                 [](const NullLiteral&) { return false; }, [](const SelfExpression&) { return false; },
                 [](const NameExpression&) { return false; }, [](const SetLiteral&) { return false; },
                 [](const ArrayLiteral&) { return false; }, [](const Conditional&) { return false; },
                 [](const FieldAccess&) { return false; }, [](const IndexAccess&) { return false; },
                 [](const Call&) { return false; }, [](const ContextQuery&) { return false; },
                 [](const Temporal&) { return false; }, [](const CpuConstant&) { return false; }},
      expression.kind);
}

/// The operator that is easily written for this comparison.
const char* neighbour(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::Equal:
      return "!=";
    case BinaryOperator::NotEqual:
      return "==";
    case BinaryOperator::Less:
      return "<=";
    case BinaryOperator::LessEqual:
      return "<";
    case BinaryOperator::Greater:
      return ">=";
    case BinaryOperator::GreaterEqual:
      return ">";
    case BinaryOperator::Implies:
    case BinaryOperator::Or:
    case BinaryOperator::And:
    case BinaryOperator::In:
    case BinaryOperator::Within:
    case BinaryOperator::Beside:
    case BinaryOperator::BitOr:
    case BinaryOperator::BitXor:
    case BinaryOperator::BitAnd:
    case BinaryOperator::ShiftLeft:
    case BinaryOperator::ShiftRight:
    case BinaryOperator::Add:
    case BinaryOperator::Subtract:
    case BinaryOperator::Multiply:
    case BinaryOperator::Divide:
    case BinaryOperator::Remainder:
      break;
  }
  QUIESCE_CHECK(false) << "no comparison";
  return "";
}

/// Whether the operator asks where something belongs.
bool is_membership(BinaryOperator op) {
  return op == BinaryOperator::In || op == BinaryOperator::Within || op == BinaryOperator::Beside;
}

/// Whether a change that is made anyway is the negation: of these operators.
bool is_negated_by_changing(const Expression& expression) {
  if (std::holds_alternative<InRange>(expression.kind)) return true;
  const auto* binary = std::get_if<Binary>(&expression.kind);
  return binary != nullptr &&
         (binary->op == BinaryOperator::Equal || binary->op == BinaryOperator::NotEqual || is_membership(binary->op));
}

}  // namespace

// ---------------------------------------------------------------------------------------- where things are

std::size_t ConditionMutants::token_at(std::uint32_t offset) const {
  const auto found = std::partition_point(tokens_.begin(), tokens_.end(),
                                          [&](const Token& token) { return token.span.begin < offset; });
  return static_cast<std::size_t>(found - tokens_.begin());
}

Span ConditionMutants::bare(const Expression& expression) const {
  Span span = expression.span;
  const auto add = [&](const ExpressionPtr& part) {
    if (part != nullptr) span = cover(span, whole(*part));
  };
  std::visit(
      Overloaded{[&](const Unary& unary) { add(unary.operand); },
                 [&](const Binary& binary) {
                   add(binary.left);
                   add(binary.right);
                 },
                 [&](const InRange& in) {
                   add(in.value);
                   add(in.range.high);
                 },
                 [&](const Conditional& conditional) {
                   add(conditional.condition);
                   add(conditional.otherwise);
                 },
                 [&](const FieldAccess& access) { add(access.object); },
                 [&](const IndexAccess& access) { add(access.object); }, [&](const Call& call) { add(call.callee); },
                 [&](const Quantifier& quantifier) {
                   add(quantifier.where);
                   add(quantifier.body);
                 },
                 [&](const Temporal& temporal) {
                   add(temporal.left);
                   add(temporal.right);
                 },
                 // No part of them reaches beyond their span.
                 [](const IntegerLiteral&) {}, [](const BoolLiteral&) {}, [](const NullLiteral&) {},
                 [](const SelfExpression&) {}, [](const NameExpression&) {}, [](const SetLiteral&) {},
                 [](const ArrayLiteral&) {}, [](const ContextQuery&) {}, [](const CpuConstant&) {}},
      expression.kind);
  return span;
}

Span ConditionMutants::whole(const Expression& expression) const {
  Span span = bare(expression);
  if (!expression.parenthesised) return span;
  const std::size_t first = token_at(span.begin);
  const std::size_t behind = token_at(span.end);
  if (first > 0 && behind < tokens_.size()) {
    span.begin = tokens_[first - 1].span.begin;
    span.end = tokens_[behind].span.end;
  }
  return span;
}

// --------------------------------------------------------------------------------------------- changes

void ConditionMutants::change(MutationKind kind, Span span, std::string replacement, const Expression& around) {
  changes_.push_back({kind, span, std::move(replacement), bare(around)});
}

void ConditionMutants::replace(MutationKind kind, const Expression& expression, std::string replacement) {
  changes_.push_back({kind, whole(expression), std::move(replacement), whole(expression)});
}

void ConditionMutants::negate(const Expression& expression, bool needs_parentheses) {
  const Span span = bare(expression);
  change(MutationKind::Negate, span, needs_parentheses ? "!(" + text(span) + ")" : "!" + text(span), expression);
}

void ConditionMutants::decide(const Expression& expression, bool outermost) {
  std::visit(Overloaded{
                 [&](const Binary& binary) {
                   switch (binary.op) {
                     case BinaryOperator::Implies:
                     case BinaryOperator::Or:
                     case BinaryOperator::And:
                       return decide_operands(expression, binary, outermost);
                     case BinaryOperator::Equal:
                     case BinaryOperator::NotEqual:
                     case BinaryOperator::Less:
                     case BinaryOperator::LessEqual:
                     case BinaryOperator::Greater:
                     case BinaryOperator::GreaterEqual:
                       return decide_comparison(expression, binary, outermost);
                     case BinaryOperator::In:
                     case BinaryOperator::Within:
                     case BinaryOperator::Beside:
                       return decide_membership(expression, binary);
                     case BinaryOperator::BitOr:
                     case BinaryOperator::BitXor:
                     case BinaryOperator::BitAnd:
                     case BinaryOperator::ShiftLeft:
                     case BinaryOperator::ShiftRight:
                     case BinaryOperator::Add:
                     case BinaryOperator::Subtract:
                     case BinaryOperator::Multiply:
                     case BinaryOperator::Divide:
                     case BinaryOperator::Remainder:
                       return inside_children(expression);
                   }
                 },
                 [&](const InRange&) {
                   negate(expression, true);
                   inside_children(expression);
                 },
                 [&](const Unary& unary) {
                   if (unary.op == UnaryOperator::Minus) return inside_children(expression);
                   change(MutationKind::Negate, bare(expression), text(whole(*unary.operand)), expression);
                   // That is also what negating the operand would give.
                   if (is_boolean(*unary.operand) && !is_negated_by_changing(*unary.operand)) {
                     decide(*unary.operand, false);
                   } else {
                     inside_children(*unary.operand);
                   }
                 },
                 [&](const Quantifier& quantifier) { decide_quantifier(expression, quantifier, outermost); },
                 [&](const Conditional& conditional) {
                   decide(*conditional.condition, true);
                   decide(*conditional.then, false);
                   decide(*conditional.otherwise, false);
                 },
                 [](const BoolLiteral&) {},
                 [](const IntegerLiteral&) {},
                 [](const NullLiteral&) {},
                 [](const SelfExpression&) {},
                 [](const SetLiteral&) {},
                 [](const ArrayLiteral&) {},
                 [](const CpuConstant&) {},
                 [&](const auto&) {  // a name, a field, an element, a call, a question about a context
                   negate(expression, false);
                   inside_children(expression);
                 },
             },
             expression.kind);
}

void ConditionMutants::decide_operands(const Expression& expression, const Binary& binary, bool outermost) {
  if (outermost) negate(expression, true);
  if (binary.op == BinaryOperator::Implies) {
    change(MutationKind::Exempt, bare(expression), "(" + text(whole(*binary.right)) + ")", expression);
    change(MutationKind::Exempt, bare(expression), "!(" + text(whole(*binary.left)) + ")", expression);
    decide(*binary.left, false);
    decide(*binary.right, false);
    return;
  }
  std::vector<const Expression*> operands;
  flatten(expression, binary.op, operands);
  const char* between = binary.op == BinaryOperator::And ? " && " : " || ";
  for (std::size_t dropped = 0; dropped < operands.size(); ++dropped) {
    std::string kept;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (i == dropped) continue;
      if (!kept.empty()) kept += between;
      kept += text(whole(*operands[i]));
    }
    change(MutationKind::Drop, bare(expression), std::move(kept), expression);
  }
  for (const Expression* operand : operands) decide(*operand, false);
}

void ConditionMutants::decide_comparison(const Expression& expression, const Binary& binary, bool outermost) {
  change(MutationKind::Compare, binary.op_span, neighbour(binary.op), expression);
  if (outermost && !is_negated_by_changing(expression)) negate(expression, true);
  inside_children(expression);
}

void ConditionMutants::decide_membership(const Expression& expression, const Binary& binary) {
  negate(expression, true);
  const auto* set = std::get_if<SetLiteral>(&binary.right->kind);
  if (set != nullptr && set->elements.size() > 1) {
    for (const ExpressionPtr& dropped : set->elements) {
      std::string kept;
      for (const ExpressionPtr& element : set->elements) {
        if (element == dropped) continue;
        kept += (kept.empty() ? "{" : ", ") + text(whole(*element));
      }
      change(MutationKind::Drop, whole(*binary.right), kept + "}", expression);
    }
  }
  inside_children(expression);
}

void ConditionMutants::decide_quantifier(const Expression& expression, const Quantifier& quantifier, bool outermost) {
  if (quantifier.kind == QuantifierKind::Count) return inside_children(expression);
  const Token& word = tokens_[token_at(expression.span.begin)];
  change(MutationKind::Quantifier, word.span, quantifier.kind == QuantifierKind::Forall ? "exists" : "forall",
         expression);
  if (outermost) negate(expression, true);
  drop_where(expression, quantifier);
  if (quantifier.where != nullptr) decide(*quantifier.where, false);
  if (quantifier.body != nullptr) decide(*quantifier.body, false);
}

void ConditionMutants::drop_where(const Expression& expression, const Quantifier& quantifier) {
  if (quantifier.where == nullptr) return;
  const Span condition = whole(*quantifier.where);
  const std::size_t first = token_at(condition.begin);
  if (first == 0) return;
  change(MutationKind::Drop, cover(tokens_[first - 1].span, condition), "", expression);
}

// ------------------------------------------------------------------------------------ any other expression

void ConditionMutants::inside(const Expression& expression) {
  if (is_boolean(expression)) {
    decide(expression, true);
  } else {
    inside_children(expression);
  }
}

void ConditionMutants::inside_children(const Expression& expression) {
  const auto look = [&](const ExpressionPtr& part) {
    if (part != nullptr) inside(*part);
  };
  std::visit(Overloaded{[](const IntegerLiteral&) {}, [](const BoolLiteral&) {}, [](const NullLiteral&) {},
                        [](const SelfExpression&) {}, [](const NameExpression&) {},
                        [&](const SetLiteral& set) { std::for_each(set.elements.begin(), set.elements.end(), look); },
                        [&](const ArrayLiteral& array) {
                          std::for_each(array.elements.begin(), array.elements.end(), look);
                          look(array.element);
                        },
                        [&](const Unary& unary) { look(unary.operand); },
                        [&](const Binary& binary) {
                          look(binary.left);
                          look(binary.right);
                        },
                        [&](const InRange& in) {
                          look(in.value);
                          look(in.range.low);
                          look(in.range.high);
                        },
                        [&](const Conditional& conditional) {
                          decide(*conditional.condition, true);
                          look(conditional.then);
                          look(conditional.otherwise);
                        },
                        [&](const FieldAccess& access) { look(access.object); },
                        [&](const IndexAccess& access) {
                          look(access.object);
                          look(access.index);
                        },
                        [&](const Call& call) {
                          look(call.callee);
                          for (const Argument& argument : call.arguments) look(argument.value);
                        },
                        [&](const Quantifier& quantifier) {  // one that counts
                          drop_where(expression, quantifier);
                          if (quantifier.where != nullptr) decide(*quantifier.where, false);
                          if (quantifier.body != nullptr) decide(*quantifier.body, false);
                        },
                        [&](const ContextQuery& query) { look(query.target); },
                        [&](const Temporal& temporal) {
                          if (temporal.left != nullptr) decide(*temporal.left, false);
                          decide(*temporal.right, false);
                        },
                        [&](const CpuConstant& cpu) { look(cpu.number); }},
             expression.kind);
}

}  // namespace quiesce::checker

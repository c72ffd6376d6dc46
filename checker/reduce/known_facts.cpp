#include "checker/reduce/known_facts.h"

#include <algorithm>
#include <variant>

#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

bool is_known(const Facts& facts, const Literal& wanted) {
  return std::any_of(facts.known.begin(), facts.known.end(), [&](const Literal& literal) {
    return literal.same_claim(wanted) && literal.holds == wanted.holds;
  });
}

Literal equation(ExprId a, ExprId b, bool holds) {
  return a < b ? Literal{true, a, b, holds} : Literal{true, b, a, holds};
}

void Knowledge::add_core_property(const Property& property) {
  if (property.kind != PropertyKind::Invariant && property.kind != PropertyKind::Never) return;
  Clause clause;
  clause.reads = CellSet(s_.cells.size());
  flatten(property.condition, property.kind == PropertyKind::Invariant, clause.literals);
  add_reads(s_, property.condition, clause.reads);
  for (const Literal& literal : clause.literals) {
    subjects_.insert(literal.a);
    if (literal.is_equation) subjects_.insert(literal.b);
  }
  clauses_.push_back(std::move(clause));
}

/// The disjuncts of "`expr` is true" (or false).
void Knowledge::flatten(ExprId expr, bool holds, std::vector<Literal>& literals) const {
  if (const auto* unary = std::get_if<UnaryExpr>(&s_.at(expr)); unary != nullptr && unary->op == UnaryOp::Not) {
    return flatten(unary->operand, !holds, literals);
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr))) {
    if (binary->op == (holds ? BinaryOp::Or : BinaryOp::And)) {
      flatten(binary->left, holds, literals);
      flatten(binary->right, holds, literals);
      return;
    }
  }
  literals.push_back(literal_of(expr, holds));
}

Literal Knowledge::literal_of(ExprId expr, bool holds) const {
  if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr))) {
    if (binary->op == BinaryOp::Equal) return equation(binary->left, binary->right, holds);
    if (binary->op == BinaryOp::NotEqual) return equation(binary->left, binary->right, !holds);
  }
  return {false, expr, ExprId(), holds};
}

void Knowledge::assume(Facts& facts, ExprId expr, bool holds) const {
  if (const auto* unary = std::get_if<UnaryExpr>(&s_.at(expr)); unary != nullptr && unary->op == UnaryOp::Not) {
    return assume(facts, unary->operand, !holds);
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr))) {
    if (binary->op == (holds ? BinaryOp::And : BinaryOp::Or)) {
      assume(facts, binary->left, holds);
      assume(facts, binary->right, holds);
      return;
    }
  }
  if (const auto* choice = std::get_if<ConditionalExpr>(&s_.at(expr))) assume_way(facts, *choice, holds);
  const Literal literal = literal_of(expr, holds);
  if (is_known(facts, literal)) return;
  facts.known.push_back(literal);
  facts.propagated = false;
  conclude(facts);
}

/// Where one side of a disjunction that is known to hold is false, the other one is true; likewise of conjunctions.
void Knowledge::conclude(Facts& facts) const {
  for (std::size_t i = 0; i < facts.known.size(); ++i) {
    const Literal literal = facts.known[i];
    if (literal.is_equation) continue;
    const auto* binary = std::get_if<BinaryExpr>(&s_.at(literal.a));
    if (binary == nullptr || binary->op != (literal.holds ? BinaryOp::Or : BinaryOp::And)) continue;
    const auto is_out = [&](ExprId side) { return value_of(facts, side) == !literal.holds; };
    if (is_out(binary->left)) {
      assume(facts, binary->right, literal.holds);
    } else if (is_out(binary->right)) {
      assume(facts, binary->left, literal.holds);
    }
  }
}

/// Where one way of a choice is a constant that the choice is known not to be, the other way was taken.
void Knowledge::assume_way(Facts& facts, const ConditionalExpr& choice, bool holds) const {
  const auto is_out = [&](ExprId way) {
    std::int64_t value = 0;
    return s_.expressions.is_constant(way, &value) && (value != 0) != holds;
  };
  if (is_out(choice.else_value)) {
    assume(facts, choice.condition, true);
    assume(facts, choice.then_value, holds);
  } else if (is_out(choice.then_value)) {
    assume(facts, choice.condition, false);
    assume(facts, choice.else_value, holds);
  }
}

bool Knowledge::is_excluded(const Facts& facts, ExprId expr, std::int64_t number) const {
  if (facts.excluded.count({expr, number}) > 0) return true;
  for (const Literal& literal : facts.known) {
    if (!literal.is_equation) {
      if (literal.a == expr && (literal.holds ? number == 0 : number != 0)) return true;
      continue;
    }
    std::int64_t constant = 0;
    const ExprId other = literal.a == expr ? literal.b : literal.b == expr ? literal.a : ExprId();
    if (!other.valid() || !s_.expressions.is_constant(other, &constant)) continue;
    if (literal.holds ? constant != number : constant == number) return true;
  }
  return false;
}

std::optional<bool> Knowledge::value_of(const Facts& facts, ExprId expr) const {
  std::int64_t number = 0;
  if (s_.expressions.is_constant(expr, &number)) return number != 0;
  if (const auto* unary = std::get_if<UnaryExpr>(&s_.at(expr)); unary != nullptr && unary->op == UnaryOp::Not) {
    const std::optional<bool> operand = value_of(facts, unary->operand);
    return operand ? std::optional(!*operand) : std::nullopt;
  }
  if (const auto* choice = std::get_if<ConditionalExpr>(&s_.at(expr))) {
    if (const std::optional<bool> condition = value_of(facts, choice->condition)) {
      return value_of(facts, *condition ? choice->then_value : choice->else_value);
    }
  }
  const Literal literal = literal_of(expr, true);
  if (is_known(facts, literal)) return true;
  if (is_refuted(facts, literal)) return false;
  if (literal.is_equation && !literal.holds) {  // a != 3 where a is known not to be 3, or to be 4
    Literal equal = literal;
    equal.holds = true;
    if (is_refuted(facts, equal)) return true;
  }
  return std::nullopt;
}

bool Knowledge::is_refuted(const Facts& facts, const Literal& literal) const {
  if (is_known(facts, {literal.is_equation, literal.a, literal.b, !literal.holds})) return true;
  if (!literal.is_equation || !literal.holds) return false;
  // a == 3 is refuted by a == 4.
  std::int64_t constant = 0;
  if (s_.expressions.is_constant(literal.b, &constant)) return is_excluded(facts, literal.a, constant);
  if (s_.expressions.is_constant(literal.a, &constant)) return is_excluded(facts, literal.b, constant);
  return false;
}

/// A clause of which all but one literal are refuted says the last one.
void Knowledge::propagate(Facts& facts) {
  facts.propagated = true;
  if (!facts.clauses) return;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Clause& clause : clauses_) {
      if (clause.reads.intersects(facts.written)) continue;
      const Literal* open = nullptr;
      bool several = false;
      for (const Literal& literal : clause.literals) {
        ++work_;
        if (is_refuted(facts, literal)) continue;
        several = several || open != nullptr;
        open = &literal;
        if (several) break;
      }
      if (several || open == nullptr || is_known(facts, *open)) continue;
      facts.known.push_back(*open);
      changed = true;
    }
  }
}

void Knowledge::forget_cells(Facts& facts, const Place& place) const {
  CellSet written(s_.cells.size());
  written.insert(place);
  facts.written.unite(written);
  for (const CellId cell : place.cells) facts.holds.erase(cell);
  std::erase_if(facts.excluded, [&](const auto& one) {
    CellSet reads(s_.cells.size());
    add_reads(s_, one.first, reads);
    return reads.intersects(written);
  });
  std::erase_if(facts.known, [&](const Literal& literal) {
    CellSet reads(s_.cells.size());
    add_reads(s_, literal.a, reads);
    if (literal.is_equation) add_reads(s_, literal.b, reads);
    return reads.intersects(written);
  });
}

void Knowledge::forget_temp(Facts& facts, TempId temp) const {
  std::erase_if(facts.excluded, [&](const auto& one) { return mentions(one.first, temp); });
  std::erase_if(facts.known, [&](const Literal& literal) {
    return mentions(literal.a, temp) || (literal.is_equation && mentions(literal.b, temp));
  });
}

bool Knowledge::mentions(ExprId expr, TempId temp) const {
  bool found = false;
  for_each_expr(s_.expressions, expr, [&](ExprId, const Expr& part) {
    const auto* one = std::get_if<TempExpr>(&part);
    found = found || (one != nullptr && one->temp == temp);
  });
  return found;
}

}  // namespace quiesce::checker

#include "model/system/expression.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/scramble.h"

namespace quiesce::model {

namespace {

/// Signed arithmetic that wraps around instead of being undefined.
std::int64_t wrap(std::uint64_t value) { return static_cast<std::int64_t>(value); }

constexpr std::uint32_t kMostConditionals = 1000;  // looked through to see whether a value is 0 or 1

bool is_logic(BinaryOp op) { return op == BinaryOp::And || op == BinaryOp::Or; }

}  // namespace

bool is_comparison(BinaryOp op) {
  switch (op) {
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual:
      return true;
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Add:
    case BinaryOp::Subtract:
    case BinaryOp::Multiply:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      return false;
  }
  return false;
}

std::int64_t apply(UnaryOp op, std::int64_t operand) {
  switch (op) {
    case UnaryOp::Not:
      return operand == 0 ? 1 : 0;
    case UnaryOp::Negate:
      return wrap(-static_cast<std::uint64_t>(operand));
  }
  return 0;
}

std::int64_t apply(BinaryOp op, std::int64_t left, std::int64_t right) {
  const auto l = static_cast<std::uint64_t>(left);
  const auto r = static_cast<std::uint64_t>(right);
  switch (op) {
    case BinaryOp::And:
      return left != 0 && right != 0;
    case BinaryOp::Or:
      return left != 0 || right != 0;
    case BinaryOp::Equal:
      return left == right;
    case BinaryOp::NotEqual:
      return left != right;
    case BinaryOp::Less:
      return left < right;
    case BinaryOp::LessEqual:
      return left <= right;
    case BinaryOp::Greater:
      return left > right;
    case BinaryOp::GreaterEqual:
      return left >= right;
    case BinaryOp::Add:
      return wrap(l + r);
    case BinaryOp::Subtract:
      return wrap(l - r);
    case BinaryOp::Multiply:
      return wrap(l * r);
    case BinaryOp::Divide:
      // The least number divided by -1 is the one quotient that does not fit.
      return right == 0 ? 0 : right == -1 ? wrap(-l) : left / right;
    case BinaryOp::Modulo:
      return right == 0 || right == -1 ? 0 : left % right;
  }
  return 0;
}

// ------------------------------------------------------------------------------------- interning

std::size_t ExprTable::hash(const Expr& expr) {
  std::uint64_t h = expr.index() + 1;
  const auto mix = [&h](std::uint64_t value) { h = scramble(h ^ value); };
  std::visit(Overloaded{
                 [&](const ConstantExpr& e) { mix(static_cast<std::uint64_t>(e.value)); },
                 [&](const LoadExpr& e) {
                   for (const CellId cell : e.place.cells) {
                     mix(cell.value);
                   }
                   mix(e.place.index.value);
                 },
                 [&](const TempExpr& e) { mix(e.temp.value); },
                 [&](const UnaryExpr& e) {
                   mix(static_cast<std::uint64_t>(e.op));
                   mix(e.operand.value);
                 },
                 [&](const BinaryExpr& e) {
                   mix(static_cast<std::uint64_t>(e.op));
                   mix(e.left.value);
                   mix(e.right.value);
                 },
                 [&](const ConditionalExpr& e) {
                   mix(e.condition.value);
                   mix(e.then_value.value);
                   mix(e.else_value.value);
                 },
                 [&](const LookupExpr& e) {
                   for (const std::int64_t entry : e.table) {
                     mix(static_cast<std::uint64_t>(entry));
                   }
                   mix(e.index.value);
                 },
                 [&](const SelfActivationExpr&) { mix(0); },
                 [&](const CurrentCpuExpr&) { mix(0); },
                 [&](const IdleExpr& e) { mix(e.context.value); },
             },
             expr);
  return static_cast<std::size_t>(h);
}

void ExprTable::grow() {
  const std::size_t size = buckets_.empty() ? 64 : buckets_.size() * 2;
  buckets_.assign(size, {});
  for (std::uint32_t id = 0; id < expressions_.size(); ++id) {
    buckets_[hash(expressions_[id]) & (size - 1)].push_back(id);
  }
}

ExprId ExprTable::intern(Expr expr) {
  if (expressions_.size() >= buckets_.size()) {
    grow();
  }
  std::vector<std::uint32_t>& bucket = buckets_[hash(expr) & (buckets_.size() - 1)];
  for (const std::uint32_t id : bucket) {
    if (expressions_[id] == expr) {
      return ExprId(std::size_t{id});
    }
  }
  const auto id = static_cast<std::uint32_t>(expressions_.size());
  bucket.push_back(id);
  expressions_.push_back(std::move(expr));
  return ExprId(std::size_t{id});
}

// --------------------------------------------------------------------------------------- folding

bool ExprTable::is_constant(ExprId id, std::int64_t* value) const {
  if (!id.valid()) {
    return false;
  }
  const auto* constant = std::get_if<ConstantExpr>(&expressions_[id.value]);
  if (constant == nullptr) {
    return false;
  }
  if (value != nullptr) {
    *value = constant->value;
  }
  return true;
}

bool ExprTable::is_boolean(ExprId id) const {
  // Conditionals share parts, and chains of them have exponentially many paths. A "no" is always right.
  std::uint32_t left = kMostConditionals;
  const auto is_boolean_too = [&](const auto& self, ExprId part) -> bool {
    if (const auto* conditional = std::get_if<ConditionalExpr>(&expressions_[part.value])) {
      return left-- > 0 && self(self, conditional->then_value) && self(self, conditional->else_value);
    }
    return is_boolean(part);
  };
  return std::visit(Overloaded{
                        [](const ConstantExpr& e) { return e.value == 0 || e.value == 1; },
                        [](const LoadExpr&) { return false; },
                        [](const TempExpr&) { return false; },
                        [](const UnaryExpr& e) { return e.op == UnaryOp::Not; },
                        [](const BinaryExpr& e) { return is_comparison(e.op) || is_logic(e.op); },
                        [&](const ConditionalExpr&) { return is_boolean_too(is_boolean_too, id); },
                        [](const LookupExpr& e) {
                          return std::all_of(e.table.begin(), e.table.end(),
                                             [](std::int64_t entry) { return entry == 0 || entry == 1; });
                        },
                        [](const SelfActivationExpr&) { return false; },
                        [](const CurrentCpuExpr&) { return false; },
                        [](const IdleExpr&) { return true; },
                    },
                    expressions_[id.value]);
}

Place ExprTable::simplified(Place place) const {
  QUIESCE_CHECK(!place.cells.empty()) << "a place without a candidate";
  std::int64_t index = 0;
  if (place.cells.size() == 1 || !place.index.valid()) {
    place.cells.resize(1);
    place.index = ExprId();
  } else if (is_constant(place.index, &index)) {
    const bool in_bounds = 0 <= index && index < static_cast<std::int64_t>(place.cells.size());
    place.cells = {place.cells[in_bounds ? static_cast<std::size_t>(index) : 0]};
    place.index = ExprId();
  } else if (std::all_of(place.cells.begin(), place.cells.end(),
                         [&](CellId cell) { return cell == place.cells.front(); })) {
    place.cells.resize(1);
    place.index = ExprId();
  }
  return place;
}

ExprId ExprTable::truth(ExprId id) {
  if (is_boolean(id)) {
    return id;
  }
  std::int64_t value = 0;
  if (is_constant(id, &value)) {
    return constant(value != 0);
  }
  return intern(BinaryExpr{BinaryOp::NotEqual, id, constant(0)});
}

bool ExprTable::are_opposite(ExprId left, ExprId right) const {
  const auto negates = [this](ExprId a, ExprId b) {
    const auto* unary = std::get_if<UnaryExpr>(&expressions_[a.value]);
    return unary != nullptr && unary->op == UnaryOp::Not && unary->operand == b;
  };
  if (negates(left, right) || negates(right, left)) {
    return true;
  }
  const auto* l = std::get_if<BinaryExpr>(&expressions_[left.value]);
  const auto* r = std::get_if<BinaryExpr>(&expressions_[right.value]);
  if (l == nullptr || r == nullptr || l->left != r->left || l->right != r->right) {
    return false;
  }
  const auto pair = [&](BinaryOp a, BinaryOp b) { return (l->op == a && r->op == b) || (l->op == b && r->op == a); };
  return pair(BinaryOp::Equal, BinaryOp::NotEqual) || pair(BinaryOp::Less, BinaryOp::GreaterEqual) ||
         pair(BinaryOp::LessEqual, BinaryOp::Greater);
}

ExprId ExprTable::fold(const UnaryExpr& expr) {
  std::int64_t value = 0;
  if (is_constant(expr.operand, &value)) {
    return constant(apply(expr.op, value));
  }
  if (const auto* inner = std::get_if<UnaryExpr>(&expressions_[expr.operand.value]);
      inner != nullptr && inner->op == expr.op) {
    const ExprId operand = inner->operand;  // truth() may move the table
    return expr.op == UnaryOp::Not ? truth(operand) : operand;
  }
  if (expr.op == UnaryOp::Not) {
    if (const auto* inner = std::get_if<BinaryExpr>(&expressions_[expr.operand.value])) {
      const BinaryExpr copy = *inner;
      switch (copy.op) {
        case BinaryOp::Equal:
          return binary(BinaryOp::NotEqual, copy.left, copy.right);
        case BinaryOp::NotEqual:
          return binary(BinaryOp::Equal, copy.left, copy.right);
        case BinaryOp::Less:
          return binary(BinaryOp::GreaterEqual, copy.left, copy.right);
        case BinaryOp::LessEqual:
          return binary(BinaryOp::Greater, copy.left, copy.right);
        case BinaryOp::Greater:
          return binary(BinaryOp::LessEqual, copy.left, copy.right);
        case BinaryOp::GreaterEqual:
          return binary(BinaryOp::Less, copy.left, copy.right);
        case BinaryOp::And:
        case BinaryOp::Or:
        case BinaryOp::Add:
        case BinaryOp::Subtract:
        case BinaryOp::Multiply:
        case BinaryOp::Divide:
        case BinaryOp::Modulo:
          break;
      }
    }
  }
  return intern(expr);
}

ExprId ExprTable::fold(const BinaryExpr& expr) {
  const ExprId left = expr.left;
  const ExprId right = expr.right;
  std::int64_t l = 0;
  std::int64_t r = 0;
  const bool left_constant = is_constant(left, &l);
  const bool right_constant = is_constant(right, &r);
  if (left_constant && right_constant) {
    return constant(apply(expr.op, l, r));
  }
  const bool same = left == right;
  switch (expr.op) {
    case BinaryOp::And:
      if (left_constant || right_constant) {
        return (left_constant ? l : r) == 0 ? constant(0) : truth(left_constant ? right : left);
      }
      if (same) {
        return truth(left);
      }
      if (are_opposite(left, right)) {
        return constant(0);
      }
      break;
    case BinaryOp::Or:
      if (left_constant || right_constant) {
        return (left_constant ? l : r) != 0 ? constant(1) : truth(left_constant ? right : left);
      }
      if (same) {
        return truth(left);
      }
      if (are_opposite(left, right)) {
        return constant(1);
      }
      break;
    case BinaryOp::Equal:
    case BinaryOp::NotEqual: {
      const bool equal = expr.op == BinaryOp::Equal;
      if (same) {
        return constant(equal);
      }
      if (left_constant) {
        return binary(expr.op, right, left);  // constants stand on the right
      }
      if (right_constant && is_boolean(left)) {
        if (r != 0 && r != 1) {
          return constant(!equal);
        }
        return (r == 1) == equal ? left : negation(left);
      }
      break;
    }
    case BinaryOp::Less:
    case BinaryOp::Greater:
      if (same) {
        return constant(0);
      }
      break;
    case BinaryOp::LessEqual:
    case BinaryOp::GreaterEqual:
      if (same) {
        return constant(1);
      }
      break;
    case BinaryOp::Add:
      if (left_constant && l == 0) {
        return right;
      }
      if (right_constant && r == 0) {
        return left;
      }
      break;
    case BinaryOp::Subtract:
      if (same) {
        return constant(0);
      }
      if (right_constant && r == 0) {
        return left;
      }
      break;
    case BinaryOp::Multiply:
      if ((left_constant && l == 0) || (right_constant && r == 0)) {
        return constant(0);
      }
      if (left_constant && l == 1) {
        return right;
      }
      if (right_constant && r == 1) {
        return left;
      }
      break;
    case BinaryOp::Divide:
      if (right_constant && r == 1) {
        return left;
      }
      if ((right_constant && r == 0) || (left_constant && l == 0)) {
        return constant(0);
      }
      break;
    case BinaryOp::Modulo:
      if ((right_constant && (r == 0 || r == 1 || r == -1)) || (left_constant && l == 0)) {
        return constant(0);
      }
      break;
  }
  return intern(expr);
}

ExprId ExprTable::fold(const ConditionalExpr& expr) {
  std::int64_t value = 0;
  if (is_constant(expr.condition, &value)) {
    return value != 0 ? expr.then_value : expr.else_value;
  }
  if (expr.then_value == expr.else_value) {
    return expr.then_value;
  }
  std::int64_t then_constant = 0;
  std::int64_t else_constant = 0;
  if (is_constant(expr.then_value, &then_constant) && is_constant(expr.else_value, &else_constant)) {
    if (then_constant == 1 && else_constant == 0) {
      return truth(expr.condition);
    }
    if (then_constant == 0 && else_constant == 1) {
      return negation(expr.condition);
    }
  }
  if (const auto* inner = std::get_if<UnaryExpr>(&expressions_[expr.condition.value]);
      inner != nullptr && inner->op == UnaryOp::Not) {
    return conditional(inner->operand, expr.else_value, expr.then_value);
  }
  return intern(expr);
}

ExprId ExprTable::fold(LookupExpr expr) {
  QUIESCE_CHECK(!expr.table.empty()) << "a lookup in an empty table";
  std::int64_t index = 0;
  if (is_constant(expr.index, &index)) {
    const bool in_bounds = 0 <= index && index < static_cast<std::int64_t>(expr.table.size());
    return constant(expr.table[in_bounds ? static_cast<std::size_t>(index) : 0]);
  }
  if (std::all_of(expr.table.begin(), expr.table.end(),
                  [&](std::int64_t entry) { return entry == expr.table.front(); })) {
    return constant(expr.table.front());
  }
  return intern(std::move(expr));
}

ExprId ExprTable::add(Expr expr) {
  return std::visit(Overloaded{
                        [this](ConstantExpr& e) { return intern(e); },
                        [this](LoadExpr& e) { return intern(LoadExpr{simplified(std::move(e.place))}); },
                        [this](TempExpr& e) { return intern(e); },
                        [this](UnaryExpr& e) { return fold(e); },
                        [this](BinaryExpr& e) { return fold(e); },
                        [this](ConditionalExpr& e) { return fold(e); },
                        [this](LookupExpr& e) { return fold(std::move(e)); },
                        [this](SelfActivationExpr& e) { return intern(e); },
                        [this](CurrentCpuExpr& e) { return intern(e); },
                        [this](IdleExpr& e) { return intern(e); },
                    },
                    expr);
}

ExprId ExprTable::constant(std::int64_t value) { return intern(ConstantExpr{value}); }

ExprId ExprTable::load(CellId cell) { return intern(LoadExpr{Place{{cell}, ExprId()}}); }

ExprId ExprTable::load(Place place) { return intern(LoadExpr{simplified(std::move(place))}); }

ExprId ExprTable::negation(ExprId operand) { return fold(UnaryExpr{UnaryOp::Not, operand}); }

ExprId ExprTable::binary(BinaryOp op, ExprId left, ExprId right) { return fold(BinaryExpr{op, left, right}); }

ExprId ExprTable::conditional(ExprId condition, ExprId then_value, ExprId else_value) {
  return fold(ConditionalExpr{condition, then_value, else_value});
}

}  // namespace quiesce::model

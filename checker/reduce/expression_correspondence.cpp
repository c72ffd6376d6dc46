#include "checker/reduce/expression_correspondence.h"

#include <algorithm>
#include <variant>

#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::uint64_t kMaxWork = 4000000;  // comparisons of expressions per renaming

}  // namespace

Expressions::Expressions(const TransitionSystem& system, const NamingTable& table, const InstanceRenaming& renaming,
                         Knowledge& knowledge)
    : s_(system), table_(table), r_(renaming), knowledge_(knowledge), moved_(system.cells.size()) {
  for (std::size_t i = 0; i < s_.cells.size(); ++i) {
    if (r_.cells[i] != i || is_renamed(i)) moved_.insert(CellId(i));
  }
}

bool Expressions::is_renamed(std::size_t cell) const {
  return table_.naming[cell] == Naming::Place ? !r_.places[table_.context[cell]].empty()
                                              : table_.naming[cell] != Naming::Nothing;
}

bool Expressions::is_untouched(ExprId expr) {
  const auto known = untouched_.find(expr);
  if (known != untouched_.end()) return known->second;
  bool untouched = true;
  for_each_expr(s_.expressions, expr, [&](ExprId, const Expr& part) {
    std::visit(Overloaded{
                   [&](const LoadExpr& e) {
                     for (const CellId cell : e.place.cells) untouched = untouched && !moved_.contains(cell);
                   },
                   [&](const TempExpr&) { untouched = false; },
                   [&](const IdleExpr& e) { untouched = untouched && r_.contexts[e.context.value] == e.context.value; },
                   [](const ConstantExpr&) {},
                   [](const UnaryExpr&) {},
                   [](const BinaryExpr&) {},
                   [](const ConditionalExpr&) {},
                   [](const LookupExpr&) {},
                   [](const SelfActivationExpr&) {},
                   [](const CurrentCpuExpr&) {},
               },
               part);
  });
  untouched_.emplace(expr, untouched);
  return untouched;
}

bool Expressions::is_never_null(const Place& place) const {
  return std::all_of(place.cells.begin(), place.cells.end(),
                     [&](CellId cell) { return table_.never_null[cell.value]; });
}

bool Expressions::same(ExprId a, ExprId b, const Facts& facts) {
  const std::optional<NumberMap> image = infer(a, b, facts);
  return image && image->is_identity;
}

bool Expressions::truth(ExprId a, ExprId b, const Facts& facts) {
  const std::optional<NumberMap> image = infer(a, b, facts);
  if (!image) return false;
  if (image->is_identity) return true;
  return std::all_of(image->pairs.begin(), image->pairs.end(),
                     [](const auto& pair) { return (pair.first != 0) == (pair.second != 0); });
}

std::optional<NumberMap> Expressions::infer(ExprId a, ExprId b, const Facts& facts) {
  if (++work_ + knowledge_.work() > kMaxWork) return std::nullopt;
  if (a == b && is_untouched(a)) {
    std::int64_t value = 0;
    return s_.expressions.is_constant(a, &value) ? NumberMap::of({{value, value}}) : NumberMap::any();
  }
  // What one of several instances decides may be asked in another order: `r == m1 ? e1 : r == m2 ? e2 : e3`.
  const auto* choice = std::get_if<ConditionalExpr>(&s_.at(a));
  const auto* other_choice = std::get_if<ConditionalExpr>(&s_.at(b));
  const bool together =
      choice != nullptr && other_choice != nullptr && truth(choice->condition, other_choice->condition, facts);
  if (other_choice != nullptr && !together) {
    if (const std::optional<bool> chosen = decide(other_choice->condition, facts)) {
      return infer(a, *chosen ? other_choice->then_value : other_choice->else_value, facts);
    }
  }
  if (choice != nullptr) {
    const auto way = [&](bool holds) -> std::optional<NumberMap> {
      if (knowledge_.value_of(facts, choice->condition) == !holds) return NumberMap::of({});  // no state comes here
      Facts more = facts;
      knowledge_.assume(more, choice->condition, holds);
      return infer(holds ? choice->then_value : choice->else_value,
                   !together ? b
                   : holds   ? other_choice->then_value
                             : other_choice->else_value,
                   more);
    };
    const std::optional<NumberMap> then_image = way(true);
    if (!then_image) return std::nullopt;
    const std::optional<NumberMap> else_image = way(false);
    return else_image ? united(*then_image, *else_image) : std::nullopt;
  }
  if (other_choice != nullptr) {  // whichever it is
    const auto way = [&](bool holds) -> std::optional<NumberMap> {
      Facts more = facts;
      if (!narrow(more, other_choice->condition, holds)) return NumberMap::of({});
      return infer(a, holds ? other_choice->then_value : other_choice->else_value, more);
    };
    const std::optional<NumberMap> then_image = way(true);
    if (!then_image) return std::nullopt;
    const std::optional<NumberMap> else_image = way(false);
    return else_image ? united(*then_image, *else_image) : std::nullopt;
  }
  if (s_.at(a).index() != s_.at(b).index()) return std::nullopt;
  return std::visit(Overloaded{
                        [&](const ConstantExpr& e) {
                          return NumberMap::of({{e.value, std::get<ConstantExpr>(s_.at(b)).value}});
                        },
                        [&](const LoadExpr& e) {
                          const Place& other = std::get<LoadExpr>(s_.at(b)).place;
                          std::optional<NumberMap> image = place_image(e.place, other, facts);
                          if (image && e.place.cells.size() == 1) {
                            const auto held = facts.holds.find(e.place.cells.front());
                            if (held != facts.holds.end()) image = held->second;
                          }
                          if (image && image->is_finite && is_never_null(e.place)) {
                            std::erase_if(image->pairs, [](const auto& pair) { return pair.first == 0; });
                          }
                          return restricted(a, std::move(image), facts);
                        },
                        [&](const TempExpr& e) -> std::optional<NumberMap> {
                          if (e.temp != std::get<TempExpr>(s_.at(b)).temp || temps_ == nullptr) return std::nullopt;
                          return restricted(a, (*temps_)[e.temp.value], facts);
                        },
                        [&](const UnaryExpr& e) -> std::optional<NumberMap> {
                          const auto& other = std::get<UnaryExpr>(s_.at(b));
                          if (e.op != other.op) return std::nullopt;
                          if (e.op == UnaryOp::Not) {
                            return truth(e.operand, other.operand, facts) ? std::optional(NumberMap::any())
                                                                          : std::nullopt;
                          }
                          return same(e.operand, other.operand, facts) ? std::optional(NumberMap::any()) : std::nullopt;
                        },
                        [&](const BinaryExpr& e) {
                          return restricted(a, binary(a, e, b, std::get<BinaryExpr>(s_.at(b)), facts), facts);
                        },
                        [](const ConditionalExpr&) -> std::optional<NumberMap> { return std::nullopt; },
                        [&](const LookupExpr& e) -> std::optional<NumberMap> {
                          const auto& other = std::get<LookupExpr>(s_.at(b));
                          const std::optional<NumberMap> index = infer(e.index, other.index, facts);
                          if (!index) return std::nullopt;
                          const auto entry = [](const std::vector<std::int64_t>& table, std::int64_t position) {
                            const bool inside = position >= 0 && position < static_cast<std::int64_t>(table.size());
                            return table[inside ? static_cast<std::size_t>(position) : 0];
                          };
                          std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
                          if (index->is_finite) {
                            for (const auto& [number, image] : index->pairs) {
                              pairs.emplace_back(entry(e.table, number), entry(other.table, image));
                            }
                          } else {
                            if (e.table.size() != other.table.size()) return std::nullopt;
                            for (std::size_t i = 0; i < e.table.size(); ++i)
                              pairs.emplace_back(e.table[i], other.table[i]);
                          }
                          return restricted(a, NumberMap::of(std::move(pairs)), facts);
                        },
                        [&](const SelfActivationExpr&) -> std::optional<NumberMap> {
                          if (context_ == nullptr) return NumberMap::any();
                          std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
                          for (std::int64_t i = 0; i < std::int64_t{context_->activations}; ++i)
                            pairs.emplace_back(i, i);
                          return NumberMap::of(std::move(pairs));
                        },
                        [&](const CurrentCpuExpr&) -> std::optional<NumberMap> { return NumberMap::any(); },
                        [&](const IdleExpr& e) -> std::optional<NumberMap> {
                          if (r_.contexts[e.context.value] != std::get<IdleExpr>(s_.at(b)).context.value)
                            return std::nullopt;
                          return NumberMap::any();
                        },
                    },
                    s_.at(a));
}

/// Adds what it says of the state that the condition `b` of the counterpart holds or does not: of something that is
/// compared with a constant, which numbers it does not have then. False when it has none: no state comes here.
bool Expressions::narrow(Facts& facts, ExprId b, bool holds) {
  const auto* binary = std::get_if<BinaryExpr>(&s_.at(b));
  std::int64_t number = 0;
  if (binary == nullptr || (binary->op != BinaryOp::Equal && binary->op != BinaryOp::NotEqual) ||
      !s_.expressions.is_constant(binary->right, &number)) {
    return true;
  }
  const std::optional<NumberMap> image = infer(binary->left, binary->left, facts);
  if (!image || !image->is_finite) return true;
  const bool is_equal = holds == (binary->op == BinaryOp::Equal);
  bool is_possible = false;
  for (const auto& [before, after] : image->pairs) {
    if ((after == number) == is_equal) {
      is_possible = true;
    } else {
      facts.excluded.insert({binary->left, before});
    }
  }
  return is_possible;
}

/// `image` without the numbers that `expr` cannot have, given what is known.
std::optional<NumberMap> Expressions::restricted(ExprId expr, std::optional<NumberMap> image, const Facts& facts) {
  if (!image || !image->is_finite) return image;
  const Facts* known = &facts;
  Facts more;
  if (!facts.propagated && facts.clauses && knowledge_.is_subject(expr)) {
    more = facts;
    knowledge_.propagate(more);
    known = &more;
  }
  std::erase_if(image->pairs, [&](const auto& pair) { return knowledge_.is_excluded(*known, expr, pair.first); });
  return NumberMap::of(std::move(image->pairs));
}

std::optional<NumberMap> Expressions::binary(ExprId a, const BinaryExpr& e, ExprId b, const BinaryExpr& other,
                                             const Facts& facts) {
  if (e.op != other.op) return std::nullopt;
  switch (e.op) {
    case BinaryOp::And:
    case BinaryOp::Or: {
      std::vector<ExprId> of_a;
      std::vector<ExprId> of_b;
      operands(a, e.op, of_a);
      operands(b, e.op, of_b);
      Facts here = facts;
      return junction(of_a, of_b, e.op == BinaryOp::And, here) ? std::optional(NumberMap::any()) : std::nullopt;
    }
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
      if (is_comparison(e.left, other.left, e.right, other.right, facts) ||
          is_comparison(e.left, other.right, e.right, other.left, facts)) {
        return NumberMap::any();
      }
      return std::nullopt;
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual:
      if (same(e.left, other.left, facts) && same(e.right, other.right, facts)) return NumberMap::any();
      return std::nullopt;
    case BinaryOp::Add:
    case BinaryOp::Multiply:
      if (const auto image = arithmetic(e.op, e.left, other.left, e.right, other.right, facts)) return image;
      return arithmetic(e.op, e.left, other.right, e.right, other.left, facts);
    case BinaryOp::Subtract:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      return arithmetic(e.op, e.left, other.left, e.right, other.right, facts);
  }
  return std::nullopt;
}

void Expressions::operands(ExprId expr, BinaryOp op, std::vector<ExprId>& result) const {
  const auto* binary = std::get_if<BinaryExpr>(&s_.at(expr));
  if (binary == nullptr || binary->op != op) {
    result.push_back(expr);
    return;
  }
  operands(binary->left, op, result);
  operands(binary->right, op, result);
}

bool Expressions::junction(const std::vector<ExprId>& a, const std::vector<ExprId>& b, bool conjunction, Facts& facts) {
  if (a.size() != b.size()) return false;
  std::vector<bool> proven(a.size(), false);
  std::vector<bool> used(b.size(), false);
  std::size_t left = a.size();
  for (bool progress = true; progress && left > 0;) {
    progress = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (proven[i]) continue;
      for (std::size_t n = 0; n < b.size(); ++n) {
        const std::size_t j = n == 0 ? i : n <= i ? n - 1 : n;  // its own place first
        if (used[j] || !truth(a[i], b[j], facts)) continue;
        proven[i] = used[j] = true;
        knowledge_.assume(facts, a[i], conjunction);
        --left;
        progress = true;
        break;
      }
    }
  }
  return left == 0;
}

/// Whether a == b exactly when their counterparts are equal.
bool Expressions::is_comparison(ExprId a, ExprId a2, ExprId b, ExprId b2, const Facts& facts) {
  const std::optional<NumberMap> left = infer(a, a2, facts);
  if (!left) return false;
  const std::optional<NumberMap> right = infer(b, b2, facts);
  if (!right) return false;
  if (left->is_identity && right->is_identity) return true;
  const std::optional<NumberMap> both = united(*left, *right);
  return both && both->is_finite && is_injective(*both);
}

std::optional<NumberMap> Expressions::arithmetic(BinaryOp op, ExprId a, ExprId a2, ExprId b, ExprId b2,
                                                 const Facts& facts) {
  const std::optional<NumberMap> left = infer(a, a2, facts);
  if (!left) return std::nullopt;
  const std::optional<NumberMap> right = infer(b, b2, facts);
  if (!right) return std::nullopt;
  if (left->is_identity && right->is_identity) return NumberMap::any();
  if (!left->is_finite || !right->is_finite || left->pairs.size() * right->pairs.size() > kMaxPairs)
    return std::nullopt;
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  for (const auto& x : left->pairs) {
    for (const auto& y : right->pairs) {
      pairs.emplace_back(apply(op, x.first, y.first), apply(op, x.second, y.second));
    }
  }
  return NumberMap::of(std::move(pairs));
}

std::optional<std::vector<std::pair<CellId, CellId>>> Expressions::candidates(const Place& a, const Place& b,
                                                                              const Facts& facts) {
  std::vector<std::pair<CellId, CellId>> result;
  const auto add = [&](CellId from, CellId to) {
    result.emplace_back(from, to);
    return r_.cells[from.value] == to.value;
  };
  if (a.index.valid() != b.index.valid()) return std::nullopt;
  if (!a.index.valid()) {
    if (!add(a.cells.front(), b.cells.front())) return std::nullopt;
    return result;
  }
  const std::optional<NumberMap> index = infer(a.index, b.index, facts);
  if (!index) return std::nullopt;
  const auto cell = [](const Place& place, std::int64_t position) {
    const bool inside = position >= 0 && position < static_cast<std::int64_t>(place.cells.size());
    return place.cells[inside ? static_cast<std::size_t>(position) : 0];
  };
  if (index->is_finite) {
    for (const auto& [number, image] : index->pairs) {
      if (!add(cell(a, number), cell(b, image))) return std::nullopt;
    }
    return result;
  }
  if (a.cells.size() != b.cells.size()) return std::nullopt;
  for (std::size_t i = 0; i < a.cells.size(); ++i) {
    if (!add(a.cells[i], b.cells[i])) return std::nullopt;
  }
  return result;
}

std::optional<NumberMap> Expressions::place_image(const Place& a, const Place& b, const Facts& facts) {
  const auto cells = candidates(a, b, facts);
  if (!cells) return std::nullopt;
  std::optional<NumberMap> image = NumberMap::of({});
  for (const auto& candidate : *cells) {
    image = united(*image, cell_image(candidate.first));
    if (!image) return std::nullopt;
  }
  return image;
}

NumberMap Expressions::cell_image(CellId cell) const {
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  if (!is_renamed(cell.value)) {
    const Cell& description = s_.at(cell);
    if (description.hi - description.lo > 64) return NumberMap::any();
    for (std::int64_t number = description.lo; number <= description.hi; ++number) pairs.emplace_back(number, number);
  } else {
    for (const std::int64_t number : table_.possible[cell.value]) {
      pairs.emplace_back(number, r_.named(table_, cell.value, number));
    }
  }
  return *NumberMap::of(std::move(pairs));
}

std::optional<bool> Expressions::decide(ExprId b, const Facts& facts) {
  if (const auto* unary = std::get_if<UnaryExpr>(&s_.at(b)); unary != nullptr && unary->op == UnaryOp::Not) {
    const std::optional<bool> operand = decide(unary->operand, facts);
    return operand ? std::optional(!*operand) : std::nullopt;
  }
  ExprId what = b;
  std::int64_t number = 0;
  if (s_.expressions.is_constant(b, &number)) return number != 0;
  if (const auto* choice = std::get_if<ConditionalExpr>(&s_.at(b))) {
    const std::optional<bool> condition = decide(choice->condition, facts);
    if (condition) return decide(*condition ? choice->then_value : choice->else_value, facts);
  }
  bool when_equal = false;  // a bare number is true when it is not 0
  if (const auto* binary = std::get_if<BinaryExpr>(&s_.at(b))) {
    if (binary->op == BinaryOp::And || binary->op == BinaryOp::Or) {
      const bool decisive = binary->op == BinaryOp::Or;
      const std::optional<bool> left = decide(binary->left, facts);
      if (left && *left == decisive) return decisive;
      const std::optional<bool> right = decide(binary->right, facts);
      if (right && *right == decisive) return decisive;
      return left && right ? std::optional(!decisive) : std::nullopt;
    }
    if (binary->op != BinaryOp::Equal && binary->op != BinaryOp::NotEqual) return std::nullopt;
    when_equal = binary->op == BinaryOp::Equal;
    if (s_.expressions.is_constant(binary->right, &number)) {
      what = binary->left;
    } else if (s_.expressions.is_constant(binary->left, &number)) {
      what = binary->right;
    } else {
      return std::nullopt;
    }
  }
  // Something that is known of the state may be the counterpart of what is asked for.
  for (const Literal& literal : facts.known) {
    for (const ExprId a : {literal.a, literal.b}) {
      std::int64_t constant = 0;
      if (!a.valid() || s_.expressions.is_constant(a, &constant)) continue;
      const std::optional<NumberMap> image = infer(a, what, facts);
      if (image && !image->is_finite && !literal.is_equation && what == b) return literal.holds;  // the same number
      if (!image || !image->is_finite || image->pairs.empty()) continue;
      const auto is_number = [&](const auto& pair) { return pair.second == number; };
      if (std::all_of(image->pairs.begin(), image->pairs.end(), is_number)) return when_equal;
      if (std::none_of(image->pairs.begin(), image->pairs.end(), is_number)) return !when_equal;
    }
  }
  return std::nullopt;
}

}  // namespace quiesce::checker

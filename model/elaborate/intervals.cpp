// Interval arithmetic over expressions of the transition system (see design.h). Numbers have 64 bits: a bound beyond
// them saturates, and `may_leave` says that the exact result of the operation may lie there. Elaboration puts a check
// of core.range before such an operation, so that behind it the saturated interval is right.
#include "model/elaborate/intervals.h"

#include <algorithm>
#include <limits>

#include "model/elaborate/expressions.h"

namespace quiesce::model {

namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// A number that may lie beyond 64 bits, as the nearest one within.
struct Bound {
  std::int64_t value = 0;
  bool beyond = false;
};

Bound add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return {sum, false};
  return {a < 0 ? kLeast : kMost, true};
}

Bound subtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return {difference, false};
  return {a < 0 ? kLeast : kMost, true};
}

Bound multiply(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return {product, false};
  return {(a < 0) != (b < 0) ? kLeast : kMost, true};
}

std::int64_t magnitude(Domain domain) {
  const auto absolute = [](std::int64_t n) { return n == kLeast ? kMost : n < 0 ? -n : n; };
  return std::max(absolute(domain.lo), absolute(domain.hi));
}

Domain hull(Domain a, Domain b) { return Domain{std::min(a.lo, b.lo), std::max(a.hi, b.hi)}; }

}  // namespace

Arithmetic arithmetic(BinaryOp op, Domain a, Domain b) {
  const auto of = [](Bound lo, Bound hi) { return Arithmetic{Domain{lo.value, hi.value}, lo.beyond || hi.beyond}; };
  switch (op) {
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual:
      break;
    case BinaryOp::Add:
      return of(add(a.lo, b.lo), add(a.hi, b.hi));
    case BinaryOp::Subtract:
      return of(subtract(a.lo, b.hi), subtract(a.hi, b.lo));
    case BinaryOp::Multiply: {
      const Bound products[] = {multiply(a.lo, b.lo), multiply(a.lo, b.hi), multiply(a.hi, b.lo), multiply(a.hi, b.hi)};
      const auto less = [](const Bound& x, const Bound& y) { return x.value < y.value; };
      const auto [least, most] = std::minmax_element(std::begin(products), std::end(products), less);
      const bool beyond = std::any_of(std::begin(products), std::end(products), [](Bound p) { return p.beyond; });
      return {Domain{least->value, most->value}, beyond};
    }
    case BinaryOp::Divide: {
      const std::int64_t most = magnitude(a);
      return {Domain{a.lo >= 0 && b.lo >= 0 ? 0 : -most, most}, a.lo == kLeast && b.lo <= -1 && b.hi >= -1};
    }
    case BinaryOp::Modulo: {
      // Less than the divisor, which may lie beyond 64 bits or be their least number; of a division by zero 0 remains.
      const std::int64_t divisor = magnitude(b);
      const std::int64_t most = divisor == kMost ? kMost : std::max<std::int64_t>(0, divisor - 1);
      return {Domain{a.lo >= 0 ? 0 : -most, a.hi <= 0 ? 0 : most}, false};
    }
  }
  return {Domain{0, 1}, false};
}

Arithmetic arithmetic(UnaryOp op, Domain operand) {
  if (op == UnaryOp::Not) return {Domain{0, 1}, false};
  return arithmetic(BinaryOp::Subtract, Domain{0, 0}, operand);
}

Domain Intervals::of(ExprId expr) {
  // Sub-expressions have smaller numbers, and the table only grows: what is known stays right, and walking over the
  // unknown ones in order needs no recursion.
  const TransitionSystem& system = *system_;
  std::vector<ExprId> open = {expr};
  known_.resize(system.expressions.size());
  while (!open.empty()) {
    const ExprId id = open.back();
    if (known_[id.value]) {
      open.pop_back();
      continue;
    }
    const std::size_t before = open.size();
    const auto domain = [&](ExprId part) {
      if (known_[part.value]) return *known_[part.value];
      open.push_back(part);
      return Domain{0, 0};
    };
    const Domain found = compute(system.at(id), domain);
    if (open.size() != before) continue;  // parts first
    known_[id.value] = found;
    open.pop_back();
  }
  return *known_[expr.value];
}

template <typename Part>
Domain Intervals::compute(const Expr& node, const Part& part) const {
  if (const auto* constant = std::get_if<ConstantExpr>(&node)) return Domain{constant->value, constant->value};
  if (const auto* load = std::get_if<LoadExpr>(&node)) {
    if (load->place.cells[0].value >= kFirstPlaceholder) return Domain{0, 1};
    Domain result{system_->at(load->place.cells[0]).lo, system_->at(load->place.cells[0]).hi};
    for (const CellId cell : load->place.cells) {
      result = hull(result, Domain{system_->at(cell).lo, system_->at(cell).hi});
    }
    return result;
  }
  if (const auto* unary = std::get_if<UnaryExpr>(&node)) return arithmetic(unary->op, part(unary->operand)).domain;
  if (const auto* binary = std::get_if<BinaryExpr>(&node)) {
    const Domain left = part(binary->left);
    return arithmetic(binary->op, left, part(binary->right)).domain;
  }
  if (const auto* conditional = std::get_if<ConditionalExpr>(&node)) {
    const Domain then_value = part(conditional->then_value);
    return hull(then_value, part(conditional->else_value));
  }
  if (const auto* lookup = std::get_if<LookupExpr>(&node)) {
    if (lookup->table.empty()) return Domain{0, 0};
    const auto [lo, hi] = std::minmax_element(lookup->table.begin(), lookup->table.end());
    return Domain{*lo, *hi};
  }
  if (std::holds_alternative<IdleExpr>(node)) return Domain{0, 1};
  if (std::holds_alternative<CurrentCpuExpr>(node)) return Domain{1, system_->cpus};
  if (std::holds_alternative<SelfActivationExpr>(node)) return Domain{0, 15};
  return Domain{kLeast, kMost};  // scratch registers
}

}  // namespace quiesce::model

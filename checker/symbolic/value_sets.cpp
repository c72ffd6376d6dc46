#include "checker/symbolic/value_sets.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <set>
#include <utility>

#include "checker/symbolic/prime_clauses.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::ExprId;

constexpr std::size_t kMostValues = 64;  // numbers of a set that is listed

/// A set of numbers; none: any.
using Values = std::optional<std::set<std::int64_t>>;

Values joined(const Values& a, const Values& b) {
  if (!a || !b) return std::nullopt;
  Values result = a;
  result->insert(b->begin(), b->end());
  if (result->size() > kMostValues) return std::nullopt;
  return result;
}

template <typename Operation>
Values images(const Values& a, const Values& b, Operation operation) {
  if (!a || !b || a->size() * b->size() > kMostValues * kMostValues) return std::nullopt;
  std::set<std::int64_t> result;
  for (const std::int64_t x : *a) {
    for (const std::int64_t y : *b) result.insert(operation(x, y));
  }
  if (result.size() > kMostValues) return std::nullopt;
  return result;
}

bool is_truth(model::BinaryOp op) {
  using model::BinaryOp;
  return op != BinaryOp::Add && op != BinaryOp::Subtract && op != BinaryOp::Multiply && op != BinaryOp::Divide &&
         op != BinaryOp::Modulo;
}

class Analysis {
 public:
  explicit Analysis(const model::GuardedSystem& guarded) : guarded_(guarded), cells_(guarded.system.cells.size()) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      cells_[i].emplace();
      for (const model::State& state : guarded.initial) cells_[i] = joined(cells_[i], Values({state[i]}));
    }
  }

  const std::vector<Values>& closed() {
    bool changed = true;
    while (changed) {
      memo_.clear();
      memo_.resize(guarded_.system.expressions.size());
      changed = false;
      for (const model::GuardedCommand& command : guarded_.commands) {
        for (const model::Update& update : command.updates) changed |= take(update);
      }
      for (const model::Update& update : guarded_.floats) changed |= take(update);
    }
    return cells_;
  }

 private:
  bool take(const model::Update& update) {
    Values& cell = cells_[update.cell.value];
    if (!cell) return false;
    Values values = of(update.value);
    if (values) {
      const model::Cell& domain = guarded_.system.at(update.cell);
      std::erase_if(*values, [&](std::int64_t value) { return value < domain.lo || value > domain.hi; });
    }
    Values both = joined(cell, values);
    const bool changed = both != cell;
    cell = std::move(both);
    return changed;
  }

  const Values& of(ExprId id) {
    if (!memo_[id.value]) memo_[id.value] = std::make_unique<Values>(compute(guarded_.system.at(id)));
    return *memo_[id.value];
  }

  Values compute(const model::Expr& expr) {
    const Values truth = std::set<std::int64_t>{0, 1};
    if (const auto* constant = std::get_if<model::ConstantExpr>(&expr)) return std::set{constant->value};
    if (const auto* load = std::get_if<model::LoadExpr>(&expr)) {
      const std::size_t cell = load->place.cells.front().value;
      return cell < cells_.size() ? cells_[cell] : truth;
    }
    if (const auto* unary = std::get_if<model::UnaryExpr>(&expr)) {
      if (unary->op == model::UnaryOp::Not) return truth;
      return images(of(unary->operand), std::set<std::int64_t>{0},
                    [&](std::int64_t value, std::int64_t) { return model::apply(unary->op, value); });
    }
    if (const auto* binary = std::get_if<model::BinaryExpr>(&expr)) {
      if (is_truth(binary->op)) return truth;
      return images(of(binary->left), of(binary->right),
                    [&](std::int64_t x, std::int64_t y) { return model::apply(binary->op, x, y); });
    }
    if (const auto* conditional = std::get_if<model::ConditionalExpr>(&expr))
      return joined(of(conditional->then_value), of(conditional->else_value));
    return std::nullopt;
  }

  const model::GuardedSystem& guarded_;
  std::vector<Values> cells_;
  std::vector<std::unique_ptr<Values>> memo_;
};

}  // namespace

ValueSets value_sets(const model::GuardedSystem& guarded) {
  Analysis analysis(guarded);
  ValueSets result;
  for (const Values& values : analysis.closed()) {
    if (values) {
      result.emplace_back(std::in_place, values->begin(), values->end());
    } else {
      result.emplace_back();
    }
  }
  return result;
}

std::vector<InvariantClause> clauses_of(const model::GuardedSystem& guarded, const ValueSets& sets) {
  std::vector<InvariantClause> result;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    const model::Cell& cell = guarded.system.cells[i];
    const auto width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(cell.hi - cell.lo)));
    if (guarded.constant[i] || !sets[i]) continue;
    // The bits that nothing has, then among the other words those of no value.
    std::vector<std::uint64_t> allowed;
    std::uint64_t some = 0;
    std::uint64_t every = ~std::uint64_t{0};
    for (const std::int64_t value : *sets[i]) {
      allowed.push_back(static_cast<std::uint64_t>(value - cell.lo));
      some |= allowed.back();
      every &= allowed.back();
    }
    std::vector<WordClause> clauses;
    const std::uint64_t all = (std::uint64_t{1} << width) - 1;
    for (unsigned bit = 0; bit < width; ++bit) {
      const std::uint64_t one = std::uint64_t{1} << bit;
      if ((some & one) == 0) clauses.push_back({one, one});
      if ((every & one) != 0) clauses.push_back({one, 0});
    }
    if (std::popcount(some & ~every & all) <= 12) {
      std::vector<std::uint64_t> excluded;
      const std::uint64_t free = some & ~every & all;
      for (std::uint64_t part = free;; part = (part - 1) & free) {
        const std::uint64_t word = part | (every & all);
        if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) excluded.push_back(word);
        if (part == 0) break;
      }
      for (const WordClause& clause : prime_clauses(allowed, excluded, width)) clauses.push_back(clause);
    }
    for (const WordClause& clause : clauses) {
      InvariantClause literals;
      for (unsigned bit = 0; bit < width; ++bit) {
        if (((clause.mask >> bit) & 1) == 0) continue;
        literals.literals.push_back({CellId(i), static_cast<std::uint8_t>(bit), ((clause.bits >> bit) & 1) == 0});
      }
      result.push_back(std::move(literals));
    }
  }
  return result;
}

}  // namespace quiesce::checker

// Expressions of the transition system: pure, total, 64-bit integer arithmetic over the cells of a state.
//
// Everything that can go wrong in the language (index out of bounds, null, division by zero, value out of
// range) was turned by elaborate/ into an explicit Check before the operation that uses the expression, so
// evaluation never fails: a place whose index is out of bounds reads its first cell, x / 0 is 0.
// Booleans are 0 and 1; every non-zero number counts as true.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "model/base/index.h"

namespace quiesce::model {

using CellId = Index<struct CellTag>;
using ExprId = Index<struct ExprTag>;
using ContextId = Index<struct ContextTag>;
using TempId = Index<struct TempTag>;  // a scratch register of one program run

/// A readable and writable cell, possibly chosen by an index at run time: `cells[index]`.
/// With one cell the index is none. All cells of one place have the same meaning (an array's element, the
/// same variable of several instances), not necessarily the same domain.
struct Place {
  std::vector<CellId> cells;  // candidates, at least one
  ExprId index;               // 0-based position in `cells`; none when there is one candidate

  auto operator<=>(const Place&) const = default;
};

enum class UnaryOp { Not, Negate };
enum class BinaryOp {
  And,
  Or,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo
};

/// Whether it compares two numbers, so that its value is 0 or 1.
bool is_comparison(BinaryOp op);

/// The value of an operation: wraps around at 64 bits, x / 0 and x % 0 are 0, comparisons and logic give 0 or 1.
/// The one definition for folding, interpreter and engines.
std::int64_t apply(UnaryOp op, std::int64_t operand);
std::int64_t apply(BinaryOp op, std::int64_t left, std::int64_t right);

/// A number.
struct ConstantExpr {
  std::int64_t value = 0;
  auto operator<=>(const ConstantExpr&) const = default;
};
/// The content of a cell.
struct LoadExpr {
  Place place;
  auto operator<=>(const LoadExpr&) const = default;
};
/// A scratch register of the running program (set by Let or Choose).
struct TempExpr {
  TempId temp;
  auto operator<=>(const TempExpr&) const = default;
};
struct UnaryExpr {
  UnaryOp op = UnaryOp::Not;
  ExprId operand;
  auto operator<=>(const UnaryExpr&) const = default;
};
/// And and Or evaluate the right operand only when needed (which cannot be observed).
struct BinaryExpr {
  BinaryOp op = BinaryOp::And;
  ExprId left;
  ExprId right;
  auto operator<=>(const BinaryExpr&) const = default;
};
struct ConditionalExpr {
  ExprId condition;
  ExprId then_value;
  ExprId else_value;
  auto operator<=>(const ConditionalExpr&) const = default;
};
/// `table[index]`, the first entry when the index is out of bounds: constants that differ by instance.
struct LookupExpr {
  std::vector<std::int64_t> table;
  ExprId index;
  auto operator<=>(const LookupExpr&) const = default;
};
/// The number of the running context's activation within its context (0 for threads and single handlers).
struct SelfActivationExpr {
  auto operator<=>(const SelfActivationExpr&) const = default;
};
/// The CPU on which the step is taken, as a cell value (c + 1). Only in programs with `uses_cpu`.
struct CurrentCpuExpr {
  auto operator<=>(const CurrentCpuExpr&) const = default;
};
/// 1 when no activation of the context has started and not ended (a thread: when it has ended).
/// Equal to "every location cell of the context is 0"; kept apart because the definition of `core.stuck`
/// treats it specially (docs/semantics.md).
struct IdleExpr {
  ContextId context;
  auto operator<=>(const IdleExpr&) const = default;
};

using Expr = std::variant<ConstantExpr, LoadExpr, TempExpr, UnaryExpr, BinaryExpr, ConditionalExpr, LookupExpr,
                          SelfActivationExpr, CurrentCpuExpr, IdleExpr>;

/// Owns expressions; equal ones are stored once, constants are folded, so ids can be compared for (a
/// sufficient) equality. Sub-expressions always have smaller ids than what contains them.
class ExprTable {
 public:
  /// The id of `expr` after local simplification (constant folding, neutral elements, double negation).
  /// Simplification never changes the value that an expression has in any state and program; in particular
  /// `x && true` becomes `x` only where x is certainly 0 or 1, else `x != 0`.
  /// Requires: the sub-expressions are in this table. Amortised O(size of the node).
  ExprId add(Expr expr);

  ExprId constant(std::int64_t value);
  ExprId load(CellId cell);
  ExprId load(Place place);
  ExprId negation(ExprId operand);  // logical not
  ExprId binary(BinaryOp op, ExprId left, ExprId right);
  ExprId conditional(ExprId condition, ExprId then_value, ExprId else_value);
  ExprId conjunction(ExprId left, ExprId right) { return binary(BinaryOp::And, left, right); }
  ExprId disjunction(ExprId left, ExprId right) { return binary(BinaryOp::Or, left, right); }
  ExprId equal(ExprId left, ExprId right) { return binary(BinaryOp::Equal, left, right); }
  ExprId not_equal(ExprId left, ExprId right) { return binary(BinaryOp::NotEqual, left, right); }
  ExprId temp(TempId temp) { return add(TempExpr{temp}); }

  /// `place` without its index where it has one candidate, the index is constant or all candidates are equal.
  Place simplified(Place place) const;

  /// Whether the value is 0 or 1 for certain (a load is not: the table knows no domains).
  bool is_boolean(ExprId id) const;

  const Expr& operator[](ExprId id) const { return expressions_[id.value]; }
  std::size_t size() const { return expressions_.size(); }

  /// The value when `id` is a constant.
  bool is_constant(ExprId id, std::int64_t* value = nullptr) const;

 private:
  std::vector<Expr> expressions_;
  std::vector<std::vector<std::uint32_t>> buckets_;  // hash -> ids; a power of two of them

  static std::size_t hash(const Expr& expr);
  void grow();
  ExprId intern(Expr expr);
  ExprId truth(ExprId id);  // 1 when `id` is not 0, else 0
  bool are_opposite(ExprId left, ExprId right) const;
  ExprId fold(const UnaryExpr& expr);
  ExprId fold(const BinaryExpr& expr);
  ExprId fold(const ConditionalExpr& expr);
  ExprId fold(LookupExpr expr);
};

}  // namespace quiesce::model

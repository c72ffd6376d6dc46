#include "model/system/location_numbers.h"

#include <map>
#include <unordered_set>
#include <utility>
#include <variant>

#include "model/system/traverse.h"

namespace quiesce::model {

std::optional<LocationTest> location_test(const ExprTable& table, const LocationCells& cells, const Expr& expr) {
  const auto* binary = std::get_if<BinaryExpr>(&expr);
  if (binary == nullptr || (binary->op != BinaryOp::Equal && binary->op != BinaryOp::NotEqual)) {
    return std::nullopt;
  }
  LocationTest test;
  test.op = binary->op;
  const auto* load = std::get_if<LoadExpr>(&table[binary->left]);
  if (load == nullptr || !table.is_constant(binary->right, &test.number)) {
    return std::nullopt;
  }
  const std::optional<std::uint32_t> context = cells.context_of(load->place);
  if (!context) {
    return std::nullopt;
  }
  test.context = *context;
  return test;
}

namespace {

/// Splits the places of each context by the questions of a system, one after the other.
class Questions {
 public:
  Questions(const TransitionSystem& system, std::vector<std::vector<std::uint32_t>>& looks)
      : system_(system), cells_(system), looks_(looks), next_(system.contexts.size(), 2) {}

  /// The questions of `root`; those of an expression met before are known.
  void scan(ExprId root) {
    push(root);
    while (!open_.empty()) {
      const ExprId id = open_.back();
      open_.pop_back();
      const Expr& expr = system_.at(id);
      const auto* binary = std::get_if<BinaryExpr>(&expr);
      if (location_test(system_.expressions, cells_, expr) ||
          (binary != nullptr && (binary->op == BinaryOp::Or || binary->op == BinaryOp::And))) {
        join(id);
        continue;
      }
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        for (const CellId cell : load->place.cells) {
          if (cells_.owner[cell.value] != 0) tell_all_apart(cells_.owner[cell.value] - 1);
        }
      }
      for_each_operand(expr, [&](ExprId operand) { push(operand); });
    }
  }

 private:
  void push(ExprId id) {
    if (seen_.insert(id).second) open_.push_back(id);
  }

  /// A chain of `||` (of `&&`) asks one question for each cell that it compares with `==` (with `!=`) only; whatever
  /// else is joined there asks for itself. A test that stands alone is a chain of one.
  void join(ExprId root) {
    const auto* top = std::get_if<BinaryExpr>(&system_.at(root));
    const BinaryOp joined = top->op == BinaryOp::And || top->op == BinaryOp::NotEqual ? BinaryOp::And : BinaryOp::Or;
    const BinaryOp wanted = joined == BinaryOp::And ? BinaryOp::NotEqual : BinaryOp::Equal;
    std::map<ExprId, std::pair<std::uint32_t, std::set<std::int64_t>>> asked;  // by the load of the cell
    std::vector<ExprId> parts = {root};
    std::unordered_set<ExprId> met;
    while (!parts.empty()) {
      const ExprId id = parts.back();
      parts.pop_back();
      if (!met.insert(id).second) continue;
      const Expr& expr = system_.at(id);
      const auto* binary = std::get_if<BinaryExpr>(&expr);
      if (binary != nullptr && binary->op == joined) {
        parts.push_back(binary->left);
        parts.push_back(binary->right);
        continue;
      }
      const auto test = location_test(system_.expressions, cells_, expr);
      if (!test || test->op != wanted) {
        push(id);
        continue;
      }
      auto& [context, numbers] = asked[binary->left];
      context = test->context;
      numbers.insert(test->number);
      const ExprId index = std::get<LoadExpr>(system_.at(binary->left)).place.index;
      if (index.valid()) push(index);
    }
    for (const auto& [load, question] : asked) split(question.first, question.second);
  }

  void split(std::uint32_t context, const std::set<std::int64_t>& numbers) {
    std::map<std::uint32_t, std::uint32_t> inside;  // old look -> look of those that are asked for
    std::vector<std::uint32_t>& looks = looks_[context];
    for (const std::int64_t number : numbers) {
      if (number < 0 || number >= static_cast<std::int64_t>(looks.size())) continue;
      std::uint32_t& look = looks[static_cast<std::size_t>(number)];
      const auto [found, is_new] = inside.emplace(look, next_[context]);
      if (is_new) ++next_[context];
      look = found->second;
    }
  }

  void tell_all_apart(std::uint32_t context) {
    for (std::uint32_t& look : looks_[context]) look = next_[context]++;
  }

  const TransitionSystem& system_;
  const LocationCells cells_;
  std::vector<std::vector<std::uint32_t>>& looks_;
  std::vector<std::uint32_t> next_;  // per context: a look that no place has
  std::unordered_set<ExprId> seen_;
  std::vector<ExprId> open_;
};

}  // namespace

SeenPlaces::SeenPlaces(const TransitionSystem& system) : system_(system) {
  for (const Context& context : system.contexts) {
    looks_.emplace_back(context.locations.size() + 1, 1);
    looks_.back().front() = 0;
  }
  Questions questions(system, looks_);
  for_each_expr_outside_programs(system, [&](ExprId root) { questions.scan(root); });
  for_each_program(system, [&](const Program& program) {
    for (const Op& op : program.ops) for_each_expr_of(op, [&](ExprId root) { questions.scan(root); });
  });
}

MentionedNumbers mentioned_numbers(const TransitionSystem& system, const LocationCells& cells) {
  MentionedNumbers result{std::vector<std::set<std::int64_t>>(system.contexts.size()),
                          std::vector<bool>(system.contexts.size(), false)};
  // A load that is the left side of a test is fine there and would be opaque elsewhere, so tests are not entered.
  std::unordered_set<ExprId> seen;
  std::vector<ExprId> open;
  const auto push = [&](ExprId id) {
    if (seen.insert(id).second) {
      open.push_back(id);
    }
  };
  const auto scan = [&](ExprId root) {
    push(root);
    while (!open.empty()) {
      const Expr& expr = system.at(open.back());
      open.pop_back();
      if (const auto test = location_test(system.expressions, cells, expr)) {
        result.numbers[test->context].insert(test->number);
        const ExprId index = std::get<LoadExpr>(system.at(std::get<BinaryExpr>(expr).left)).place.index;
        if (index.valid()) {
          push(index);
        }
        continue;
      }
      if (const auto* load = std::get_if<LoadExpr>(&expr)) {
        for (const CellId cell : load->place.cells) {
          if (cells.owner[cell.value] != 0) {
            result.opaque[cells.owner[cell.value] - 1] = true;
          }
        }
      }
      for_each_operand(expr, push);
    }
  };
  for_each_expr_outside_programs(system, scan);
  for_each_program(system, [&](const Program& program) {
    for (const Op& op : program.ops) {
      for_each_expr_of(op, scan);
    }
  });
  return result;
}

}  // namespace quiesce::model

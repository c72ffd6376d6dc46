#include "model/system/location_numbers.h"

#include <unordered_set>
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

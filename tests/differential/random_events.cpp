#include "tests/differential/random_events.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "model/system/traverse.h"

namespace quiesce {
namespace {

using namespace model;

ValueTypePtr number_type() {
  auto type = std::make_shared<ValueType>();
  type->kind = ValueType::Kind::Int;
  type->hi = 1;
  return type;
}

/// Puts `op` behind operation `at`; jumps that led behind it still do, past the new one.
void insert_after(Program& program, std::size_t at, Op op) {
  program.ops.insert(program.ops.begin() + static_cast<std::ptrdiff_t>(at) + 1, std::move(op));
  const auto moved = [&](std::uint32_t& target) { target += target > at ? 1 : 0; };
  for (Op& one : program.ops) {
    if (auto* branch = std::get_if<BranchOp>(&one)) moved(branch->otherwise);
    if (auto* jump = std::get_if<JumpOp>(&one)) moved(jump->target);
  }
}

bool ends_a_way(const Op& op) {
  return std::holds_alternative<GotoOp>(op) || std::holds_alternative<EndOp>(op) || std::holds_alternative<JumpOp>(op);
}

}  // namespace

std::vector<ExprId> add_events(TransitionSystem& system, Random& random) {
  const auto first = system.functions.size();
  for (int i = 0; i < 2; ++i) {
    Function function;
    function.name = "f" + std::to_string(i);
    system.functions.push_back(std::move(function));
  }
  const auto some_function = [&] { return FunctionId(first + random.below(2)); };
  for_each_program(system, [&](Program& program) {
    for (int i = 0; i < 2; ++i) {
      const std::size_t at = random.below(program.ops.size());
      if (!random.chance(40) || ends_a_way(program.ops[at])) continue;
      if (random.chance(50)) {
        insert_after(program, at, EnterOp{some_function(), {}, {}});
      } else {
        const ExprId result = system.expressions.constant(random.between(0, 1));
        insert_after(program, at, LeaveOp{some_function(), number_type(), {result}});
      }
    }
  });
  std::vector<ExprId> conditions;
  const auto observe = [&](Observer observer) {
    observer.cell = CellId(system.cells.size());
    Cell cell;
    cell.name = "event" + std::to_string(system.observers.size());
    system.cells.push_back(std::move(cell));
    conditions.push_back(system.expressions.load(observer.cell));
    system.observers.push_back(std::move(observer));
  };
  observe({{}, Observer::Event::Called, some_function(), {}, nullptr, 0});
  observe({{}, Observer::Event::Returned, some_function(), {}, nullptr, 0});
  observe({{}, Observer::Event::Returned, some_function(), {}, number_type(), random.between(0, 1)});
  for (std::size_t i = 0; i < system.contexts.size(); ++i) {
    if (system.contexts[i].kind == ContextKind::Handler)
      observe({{}, Observer::Event::Accepted, {}, ContextId(i), nullptr, 0});
  }
  return conditions;
}

}  // namespace quiesce

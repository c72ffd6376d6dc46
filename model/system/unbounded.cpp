#include "model/system/unbounded.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "model/system/jumps.h"
#include "model/system/magnitude.h"
#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

constexpr std::int64_t kClip = 1 << 30;

bool reads_unbounded(const TransitionSystem& system, const Place& place) {
  return std::any_of(place.cells.begin(), place.cells.end(),
                     [&](CellId cell) { return cell.value < system.cells.size() && is_unbounded(system.at(cell)); });
}

ExprId within(ExprTable& table, ExprId value, std::int64_t most) {
  return table.conjunction(table.binary(BinaryOp::GreaterEqual, value, table.constant(-most)),
                           table.binary(BinaryOp::LessEqual, value, table.constant(most)));
}

/// Puts a condition before each assignment to an unbounded cell, and moves jumps accordingly.
void fence(TransitionSystem& system, Program& program, std::int64_t most) {
  std::vector<std::uint32_t> position;  // by operation before: where it is now
  std::vector<Op> ops;
  for (Op& op : program.ops) {
    position.push_back(static_cast<std::uint32_t>(ops.size()));
    if (const auto* assign = std::get_if<AssignOp>(&op); assign != nullptr && reads_unbounded(system, assign->place))
      ops.emplace_back(AssumeOp{within(system.expressions, assign->value, most)});
    ops.push_back(std::move(op));
  }
  position.push_back(static_cast<std::uint32_t>(ops.size()));
  for (Op& op : ops) {
    if (std::uint32_t* target = target_of(op)) *target = position[*target];
  }
  program.ops = std::move(ops);
}

/// Lets each assignment to an unbounded cell keep what it holds where the value is too far out.
void clip(TransitionSystem& system, Program& program) {
  ExprTable& table = system.expressions;
  for (Op& op : program.ops) {
    auto* assign = std::get_if<AssignOp>(&op);
    if (assign == nullptr || !reads_unbounded(system, assign->place)) continue;
    const ExprId fits = within(table, assign->value, kClip);
    assign->value = table.conditional(fits, assign->value, table.load(assign->place));
  }
}

/// `system` where these numbers begin like that, and have bounds.
void begin_with(TransitionSystem& system, const std::map<CellId, std::int32_t>& values, std::int64_t most) {
  std::set<CellId> chosen;  // by 'any', not by a value
  for (const InitialAssign& assign : system.initial) {
    if (!assign.value.valid()) chosen.insert(assign.cell);
  }
  std::erase_if(system.initial, [&](const InitialAssign& assign) { return values.contains(assign.cell); });
  std::vector<InitialAssign> first;
  for (const auto& [cell, value] : values) {
    const ExprId known = chosen.contains(cell) ? ExprId{} : system.expressions.constant(value);
    first.push_back({cell, known, value, value});
    system.cells[cell.value].lo = -most;
    system.cells[cell.value].hi = most;
  }
  system.initial.insert(system.initial.begin(), first.begin(), first.end());
}

/// Whether all that reads a number without bounds fits into 64 bits where such numbers are at most so far from zero.
bool all_fit(const TransitionSystem& system, const std::vector<char>& is_open, Magnitude most) {
  const auto of_cell = [&](CellId id) {
    if (id.value >= system.cells.size()) return kBeyond;
    return is_unbounded(system.at(id)) ? most : magnitude(system.at(id));
  };
  const std::vector<Magnitude> known = magnitudes(system, of_cell);
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (is_open[i] != 0 && known[i] >= kBeyond) return false;
  }
  return true;
}

}  // namespace

std::vector<CellId> unbounded_cells(const TransitionSystem& system) {
  std::vector<CellId> result;
  for (std::size_t i = 0; i < system.cells.size(); ++i) {
    if (is_unbounded(system.cells[i])) result.emplace_back(i);
  }
  return result;
}

std::map<CellId, std::int32_t> first_values(const TransitionSystem& system) {
  std::map<CellId, std::int32_t> result;
  for (const CellId cell : unbounded_cells(system)) result[cell] = 0;
  for (const InitialAssign& assign : system.initial) {
    std::int64_t value = 0;
    const auto found = result.find(assign.cell);
    if (found == result.end() || !assign.value.valid() || !system.expressions.is_constant(assign.value, &value))
      continue;
    if (value >= -kClip && value <= kClip) found->second = static_cast<std::int32_t>(value);
  }
  return result;
}

std::vector<char> reads_unbounded(const TransitionSystem& system) {
  std::vector<char> result(system.expressions.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Expr& expr = system.expressions[ExprId(i)];
    if (const auto* load = std::get_if<LoadExpr>(&expr)) result[i] = reads_unbounded(system, load->place) ? 1 : 0;
    for_each_operand(expr, [&](ExprId part) { result[i] = result[i] != 0 || result[part.value] != 0 ? 1 : 0; });
  }
  return result;
}

std::int64_t furthest(const TransitionSystem& system) {
  const std::vector<char> is_open = reads_unbounded(system);
  for (int bits = 30; bits >= 2; bits -= bits > 8 ? 4 : 1) {
    const std::int64_t most = std::int64_t{1} << bits;
    if (all_fit(system, is_open, static_cast<Magnitude>(most))) return most;
  }
  return 0;
}

std::optional<TransitionSystem> with_values(const TransitionSystem& system,
                                            const std::map<CellId, std::int32_t>& values) {
  const std::int64_t most = furthest(system);
  const auto fits = [&](const auto& one) { return one.second >= -most && one.second <= most; };
  if (most == 0 || !std::all_of(values.begin(), values.end(), fits)) return std::nullopt;
  TransitionSystem result = system;
  for_each_program(result, [&](Program& program) { fence(result, program, most); });
  begin_with(result, values, most);
  return result;
}

TransitionSystem with_clipped_values(const TransitionSystem& system, const std::map<CellId, std::int32_t>& values) {
  TransitionSystem result = system;
  for_each_program(result, [&](Program& program) { clip(result, program); });
  begin_with(result, values, kClip);
  return result;
}

}  // namespace quiesce::model

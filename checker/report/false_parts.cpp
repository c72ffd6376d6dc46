#include "checker/report/false_parts.h"

#include <algorithm>
#include <unordered_set>
#include <variant>

#include <fmt/format.h>

#include "checker/report/blocked.h"
#include "checker/report/layout.h"
#include "checker/report/story_values.h"
#include "model/system/print.h"
#include "model/system/print_expression.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// A part of a conjunction: an expression, or its negation.
struct Part {
  ExprId id;
  bool is_negated = false;
};

bool is_true(const Part& part, const Environment& environment) {
  return (evaluate(part.id, environment) != 0) != part.is_negated;
}

/// Whether it asks for nothing but levels: what elaboration adds to the condition of a wait.
bool asks_for_level(const TransitionSystem& system, ExprId id) {
  bool loads = false;
  bool others = false;
  for_each_expr(system.expressions, id, [&](ExprId, const Expr& expr) {
    const auto* load = std::get_if<LoadExpr>(&expr);
    if (load == nullptr) return;
    loads = true;
    const CellId cell = load->place.cells.front();
    others |= std::none_of(system.contexts.begin(), system.contexts.end(),
                           [&](const Context& context) { return context.level_cell.front() == cell; });
  });
  return loads && !others;
}

/// Adds what must all be true: `part` taken apart.
void take_apart(const TransitionSystem& system, Part part, std::vector<Part>& parts) {
  const Expr& expr = system.at(part.id);
  if (const auto* unary = std::get_if<UnaryExpr>(&expr); unary != nullptr && unary->op == UnaryOp::Not) {
    return take_apart(system, {unary->operand, !part.is_negated}, parts);
  }
  const auto* binary = std::get_if<BinaryExpr>(&expr);
  if (binary != nullptr && !part.is_negated && binary->op == BinaryOp::Or && asks_for_level(system, binary->right)) {
    return take_apart(system, {binary->left}, parts);
  }
  if (binary != nullptr && binary->op == (part.is_negated ? BinaryOp::Or : BinaryOp::And)) {
    take_apart(system, {binary->left, part.is_negated}, parts);
    return take_apart(system, {binary->right, part.is_negated}, parts);
  }
  parts.push_back(part);
}

/// Whether its cells say something one by one: not those of a queue or a set.
bool is_told_by_cells(const ValueType& type) {
  return is_scalar(type) || type.kind == ValueType::Kind::Array || type.kind == ValueType::Kind::Struct;
}

const char* life_of(std::int32_t value) { return value >= 0 && value <= 2 ? life_text(value) : "?"; }

class PartText {
 public:
  explicit PartText(const Environment& environment) : environment_(environment), system_(environment.system) {}

  std::string of(const Part& part) {
    reads_.clear();
    seen_.clear();
    blame(part);
    const ExprPrinter printer(system_);
    const std::string text = part.is_negated ? "!" + printer.print(part.id, kUnary) : printer.print(part.id, kOr);
    return reads_.empty() ? text : fmt::format("{} ({})", text, joined(reads_));
  }

 private:
  /// What the false sides of a false part read, from left to right.
  void blame(const Part& part) {
    const Expr& expr = system_.at(part.id);
    const auto* unary = std::get_if<UnaryExpr>(&expr);
    if (unary != nullptr && unary->op == UnaryOp::Not) return blame({unary->operand, !part.is_negated});
    const auto* binary = std::get_if<BinaryExpr>(&expr);
    const bool joins = binary != nullptr && (binary->op == BinaryOp::And || binary->op == BinaryOp::Or);
    if (!joins) return read_all(part.id);
    for (const ExprId side : {binary->left, binary->right}) {
      if (!is_true({side, part.is_negated}, environment_)) blame({side, part.is_negated});
    }
  }

  void read_all(ExprId id) {
    if (!seen_.insert(id).second) return;
    read(system_.at(id));
    for_each_operand(system_.at(id), [&](ExprId operand) { read_all(operand); });
  }

  void add(std::string value) {
    if (std::find(reads_.begin(), reads_.end(), value) == reads_.end()) reads_.push_back(std::move(value));
  }

  void read(const Expr& expr) {
    if (const auto* idle = std::get_if<IdleExpr>(&expr)) {
      const bool rests = is_idle(system_, idle->context, environment_.state);
      return add(fmt::format("{} {}", system_.at(idle->context).name, rests ? "does not run" : "runs"));
    }
    if (const auto* load = std::get_if<LoadExpr>(&expr)) read(resolve(load->place, environment_));
  }

  void read(CellId id) {
    const Cell& cell = system_.at(id);
    const std::int32_t value = environment_.state[id.value];
    if (cell.variable) return read(id, system_.at(*cell.variable));
    for (const Instance& instance : system_.instances) {
      if (instance.life == id) return add(fmt::format("{} is {}", instance.path, life_of(value)));
    }
    for (const Context& context : system_.contexts) {
      if (is_one_of(id, context.location_cell)) {
        return add(fmt::format("{} {}", context.name, value == 0 ? "does not run" : "runs"));
      }
    }
  }

  void read(CellId id, const Variable& variable) {
    if (variable.hidden) return;
    const ValueTypePtr type = type_of_cell(system_, id);
    if (type == nullptr || !is_told_by_cells(*variable.type)) {
      return add(fmt::format("{} is {}", variable.name, value_text(system_, variable, environment_.state)));
    }
    add(fmt::format("{} is {}", system_.at(id).name, format_value(*type, &environment_.state[id.value])));
  }

  static bool is_one_of(CellId id, const std::vector<CellId>& cells) {
    return std::find(cells.begin(), cells.end(), id) != cells.end();
  }

  const Environment& environment_;
  const TransitionSystem& system_;
  std::vector<std::string> reads_;
  std::unordered_set<ExprId> seen_;
};

}  // namespace

std::vector<std::string> false_parts(ExprId condition, const Environment& environment) {
  std::vector<Part> parts;
  take_apart(environment.system, {condition}, parts);
  std::vector<std::string> texts;
  for (const Part& part : parts) {
    if (!is_true(part, environment)) texts.push_back(PartText(environment).of(part));
  }
  return texts;
}

}  // namespace quiesce::checker

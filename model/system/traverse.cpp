#include "model/system/traverse.h"

#include <algorithm>

namespace quiesce::model {

namespace {

/// Adds what one expression reads to `use`.
void add_use(const TransitionSystem& system, ExprId root, ProgramUse& use) {
  for_each_expr(system.expressions, root, [&](ExprId, const Expr& expr) {
    if (const auto* load = std::get_if<LoadExpr>(&expr)) {
      use.reads.insert(load->place);
    } else if (const auto* idle = std::get_if<IdleExpr>(&expr)) {
      for (const CellId cell : system.at(idle->context).location_cell) {
        use.reads.insert(cell);
      }
      use.idle.push_back(idle->context);
    } else if (std::holds_alternative<CurrentCpuExpr>(expr)) {
      use.current_cpu = true;
    } else if (std::holds_alternative<SelfActivationExpr>(expr)) {
      use.self = true;
    }
  });
}

}  // namespace

void add_reads(const TransitionSystem& system, ExprId expr, CellSet& reads) {
  ProgramUse use{CellSet(system.cells.size()), CellSet(), {}, false, false};
  add_use(system, expr, use);
  reads.unite(use.reads);
}

ProgramUse use_of(const TransitionSystem& system, const Program& program) {
  ProgramUse use{CellSet(system.cells.size()), CellSet(system.cells.size()), {}, false, false};
  std::unordered_set<ExprId> seen;
  for (const Op& op : program.ops) {
    for_each_expr_of(op, [&](ExprId id) {
      if (seen.insert(id).second) {
        add_use(system, id, use);
      }
    });
    if (const auto* assign = std::get_if<AssignOp>(&op)) {
      use.writes.insert(assign->place);
    }
  }
  std::sort(use.idle.begin(), use.idle.end());
  use.idle.erase(std::unique(use.idle.begin(), use.idle.end()), use.idle.end());
  return use;
}

ExprId ExprRewriter::operator()(ExprId id) {
  if (!id.valid()) {
    return id;
  }
  if (const auto found = done_.find(id); found != done_.end()) {
    return found->second;
  }
  const Expr expr = table_[id];  // a copy: the table grows below
  ExprId result;
  if (const std::optional<ExprId> replacement = substitute_(id, expr)) {
    result = *replacement;
  } else {
    result =
        std::visit(Overloaded{
                       [&](const ConstantExpr&) { return id; },
                       [&](const LoadExpr& e) { return e.place.index.valid() ? table_.load((*this)(e.place)) : id; },
                       [&](const TempExpr&) { return id; },
                       [&](const UnaryExpr& e) {
                         return table_.add(UnaryExpr{e.op, (*this)(e.operand)});
                       },
                       [&](const BinaryExpr& e) {
                         const ExprId left = (*this)(e.left);
                         return table_.binary(e.op, left, (*this)(e.right));
                       },
                       [&](const ConditionalExpr& e) {
                         const ExprId condition = (*this)(e.condition);
                         const ExprId then_value = (*this)(e.then_value);
                         return table_.conditional(condition, then_value, (*this)(e.else_value));
                       },
                       [&](const LookupExpr& e) {
                         return table_.add(LookupExpr{e.table, (*this)(e.index)});
                       },
                       [&](const SelfActivationExpr&) { return id; },
                       [&](const CurrentCpuExpr&) { return id; },
                       [&](const IdleExpr&) { return id; },
                   },
                   expr);
  }
  done_.emplace(id, result);
  return result;
}

Place ExprRewriter::operator()(Place place) {
  place.index = (*this)(place.index);
  return place.index.valid() ? table_.simplified(std::move(place)) : place;
}

void ExprRewriter::rewrite(Program& program) {
  for (Op& op : program.ops) {
    if (auto* assign = std::get_if<AssignOp>(&op)) {
      assign->place = (*this)(std::move(assign->place));
      assign->value = (*this)(assign->value);
    } else {
      change_exprs(op, [this](ExprId id) { return (*this)(id); });
    }
  }
}

}  // namespace quiesce::model

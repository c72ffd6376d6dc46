// Where assignable expressions live (see expressions.h).
#include <fmt/format.h>

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

bool Expressions::is_place(const types::Expr& expr) const {
  return std::visit(
      Overloaded{[&](const types::VariableExpr& node) {
                   if (node.variable->kind == types::VariableDecl::Kind::Member) return true;
                   return node.object == nullptr && !frame_->values.contains(node.variable) &&
                          (node.variable->kind == types::VariableDecl::Kind::Local ||
                           (node.variable->kind == types::VariableDecl::Kind::Parameter &&
                            frame_->places.contains(node.variable)));
                 },
                 [&](const types::FieldExpr& node) { return is_place(*node.value); },
                 [&](const types::IndexExpr& node) { return is_place(*node.value); },
                 // Values; what an optional holds is one, too, when it is read.
                 [](const types::LiteralExpr&) { return false; }, [](const types::NullExpr&) { return false; },
                 [](const types::SelfExpr&) { return false; }, [](const types::InstanceExpr&) { return false; },
                 [](const types::UnaryExpr&) { return false; }, [](const types::BinaryExpr&) { return false; },
                 [](const types::ConditionalExpr&) { return false; },
                 [](const types::CollectionExpr&) { return false; }, [](const types::InRangeExpr&) { return false; },
                 [](const types::WithinExpr&) { return false; }, [](const types::SetExpr&) { return false; },
                 [](const types::ArrayExpr&) { return false; }, [](const types::StructExpr&) { return false; },
                 [](const types::WrapExpr&) { return false; }, [](const types::UnwrapExpr&) { return false; },
                 [](const types::FunctionRefExpr&) { return false; }, [](const types::CallExpr&) { return false; },
                 [](const types::QuantifierExpr&) { return false; }, [](const types::LevelExpr&) { return false; },
                 [](const types::PinLevelExpr&) { return false; }, [](const types::CpuExpr&) { return false; },
                 [](const types::ContextExpr&) { return false; }, [](const types::AtLabelExpr&) { return false; },
                 [](const types::EnabledExpr&) { return false; }, [](const types::EventExpr&) { return false; },
                 [](const types::CpuConstantExpr&) { return false; }},
      expr.node);
}

PlaceRef Expressions::place(const types::Expr& expr) {
  ExprTable& table = design_.exprs();
  return std::visit(
      Overloaded{[&](const types::VariableExpr& node) -> PlaceRef {
                   if (node.variable->kind != types::VariableDecl::Kind::Member) {
                     const auto found = frame_->places.find(node.variable);
                     if (found != frame_->places.end()) return found->second;
                     if (executor_ == nullptr) {
                       design_.diagnostics().error("E0604", expr.span,
                                                   fmt::format("'{}' is needed before it has a value: what is declared "
                                                               "here and '{}' depend on each other",
                                                               node.variable->name, node.variable->name));
                       throw Design::Abandoned{};
                     }
                     return executor_->local(node.variable);
                   }
                   const std::vector<Candidate> nodes = resolve(node.object.get());
                   require_alive(nodes, expr.span, true);
                   PlaceRef result;
                   for (const Candidate& candidate : nodes) {
                     const auto found = candidate.node->variables.find(node.variable);
                     if (found == candidate.node->variables.end()) {
                       design_.diagnostics().error(
                           "E0604", expr.span,
                           fmt::format("'{}' has no value here: it does not exist in this system, or is "
                                       "needed before the system runs",
                                       node.variable->name));
                       throw Design::Abandoned{};
                     }
                     const PlaceRef& own = found->second;
                     if (result.type == nullptr) result.type = own.type;
                     result.bases.push_back(own.bases[0]);
                   }
                   if (nodes.size() > 1) {
                     const ExprId reference = scalar(*node.object);
                     std::vector<std::int64_t> positions(design_.nodes().size() + 1, 0);
                     for (std::size_t i = 0; i < nodes.size(); ++i) {
                       positions[nodes[i].node->id.value + 1] = static_cast<std::int64_t>(i);
                     }
                     result.index = table.add(LookupExpr{std::move(positions), reference});
                   }
                   return result;
                 },
                 [&](const types::FieldExpr& node) -> PlaceRef {
                   PlaceRef base = place(*node.value);
                   std::uint32_t offset = 0;
                   for (std::uint32_t i = 0; i < node.field; ++i) offset += cell_count(*base.type->fields[i].type);
                   for (CellId& cell : base.bases) cell = CellId(cell.value + offset);
                   base.type = ValueTypePtr(base.type->fields[node.field].type);
                   return base;
                 },
                 [&](const types::IndexExpr& node) -> PlaceRef {
                   PlaceRef base = place(*node.value);
                   const ExprId index = scalar(*node.index);
                   const ValueType& type = *base.type;
                   const std::uint32_t width = cell_count(*type.element);
                   std::int64_t count = 0;
                   std::uint32_t header = 0;
                   ExprId at;
                   if (type.kind == Kind::Queue) {
                     count = type.capacity;
                     header = 1;
                     const ExprId length = table.load(base.cell(0));
                     fault_unless(table.conjunction(table.binary(BinaryOp::GreaterEqual, index, design_.constant(0)),
                                                    table.binary(BinaryOp::Less, index, length)),
                                  rule_name::kIndex, expr.span, "the index is past the end of the queue");
                     at = index;
                   } else {
                     count = value_count(*type.index);
                     at = position(index, *type.index, node.index->span, rule_name::kIndex,
                                   fmt::format("the index must be in {}..{}", type.index->lo, type.index->hi));
                   }
                   PlaceRef result;
                   result.type = type.element;
                   std::int64_t known = 0;
                   const bool fixed = table.is_constant(at, &known);
                   if (fixed) known = std::clamp<std::int64_t>(known, 0, count - 1);
                   for (const CellId cell : base.bases) {
                     for (std::int64_t i = 0; i < count; ++i) {
                       if (fixed && i != known) continue;
                       result.bases.push_back(CellId(cell.value + header + static_cast<std::uint32_t>(i) * width));
                     }
                   }
                   if (fixed) {
                     result.index = base.index;
                   } else if (!base.index.valid()) {
                     result.index = at;
                   } else {
                     result.index = table.binary(
                         BinaryOp::Add, table.binary(BinaryOp::Multiply, base.index, design_.constant(count)), at);
                   }
                   return result;
                 },
                 [&](const types::UnwrapExpr& node) -> PlaceRef {
                   PlaceRef base = place(*node.value);
                   const bool present = !is_scalar(*base.type);
                   const ValueTypePtr element = base.type->element;
                   const ExprId head = table.load(base.cell(0));
                   fault_unless(
                       present ? head : table.binary(BinaryOp::NotEqual, head, design_.constant(null_value(*element))),
                       rule_name::kNull, expr.span, "the value is null here");
                   if (present) {
                     for (CellId& cell : base.bases) cell = CellId(cell.value + 1);
                   }
                   base.type = element;
                   return base;
                 },
                 [&](const auto&) -> PlaceRef {
                   QUIESCE_CHECK(false) << "not an assignable expression";
                   return {};
                 }},
      expr.node);
}

}  // namespace quiesce::model

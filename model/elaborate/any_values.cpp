#include "model/elaborate/any_values.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/system/traverse.h"

namespace quiesce::model {

using Kind = ValueType::Kind;

namespace {

class AnyCells {
 public:
  AnyCells(Design& design, Span span) : design_(design), table_(design.exprs()), span_(span) {}

  /// Appends the cells of `type`, the first of which is `cell`. Where `present` is false they rest.
  void add(const ValueType& type, CellId cell, ExprId present) {
    switch (type.kind) {
      case Kind::Bool:
      case Kind::Int:
      case Kind::Enum:
      case Kind::Level:
      case Kind::Cpu:
      case Kind::Ref:
        add_scalar(type, false, cell, present);
        return;
      case Kind::Optional:
        if (is_scalar(type)) {
          add_scalar(*type.element, true, cell, present);
        } else {
          push(AnyCell{0, 1, {}, false}, 0, cell, present);
          add(*type.element, CellId(cell.value + 1), table_.conjunction(present, table_.load(cell)));
        }
        return;
      case Kind::Struct: {
        std::uint32_t at = cell.value;
        for (const ValueType::Field& field : type.fields) {
          add(*field.type, CellId(at), present);
          at += cell_count(*field.type);
        }
        return;
      }
      case Kind::Array: {
        const std::uint32_t width = cell_count(*type.element);
        for (std::int64_t i = 0; i < value_count(*type.index); ++i) {
          add(*type.element, CellId(cell.value + static_cast<std::uint32_t>(i) * width), present);
        }
        return;
      }
      case Kind::Set:
      case Kind::Queue:
      case Kind::Spinlock:
      case Kind::Mutex:
        break;
    }
    QUIESCE_CHECK(false) << "the type checker lets only values made of scalars begin as any";
  }

  std::vector<AnyCell> cells;

 private:
  void add_scalar(const ValueType& type, bool optional, CellId cell, ExprId present) {
    if (type.kind == Kind::Int && type.lo == std::numeric_limits<std::int64_t>::min()) {  // any number
      cells.push_back(AnyCell{type.lo, type.hi, {}, false});
      return;
    }
    const std::int64_t count = value_count(type);
    if (count == 0 && !optional) {
      design_.diagnostics().error("E0615", span_,
                                  fmt::format("there is no instance of '{}' in this system", type.name));
    }
    std::vector<std::int64_t> values;  // of types whose numbers have gaps
    AnyCell found;
    found.is_cpu = type.kind == Kind::Cpu;
    if (type.kind == Kind::Ref) {
      if (optional) values.push_back(null_value(type));
      for (std::int64_t i = 0; i < count; ++i) values.push_back(value_at(type, i));
      if (values.empty()) values.push_back(0);
      std::sort(values.begin(), values.end());
      found.lo = values.front();
      found.hi = values.back();
    } else {
      found.lo = optional ? null_value(type) : value_at(type, 0);
      found.hi = value_at(type, count - 1);
    }
    if (!values.empty() && static_cast<std::int64_t>(values.size()) != found.hi - found.lo + 1) {
      found.possible = table_.constant(0);
      for (const std::int64_t value : values) {
        const ExprId is = table_.equal(table_.load(cell), table_.constant(value));
        found.possible = table_.disjunction(found.possible, is);
      }
    }
    push(found, optional ? null_value(type) : rest_values(type)[0], cell, present);
  }

  void push(AnyCell found, std::int64_t rest, CellId cell, ExprId present) {
    std::int64_t known = 0;
    if (!table_.is_constant(present, &known) || known == 0) {
      const ExprId rests = table_.equal(table_.load(cell), table_.constant(rest));
      const ExprId possible =
          found.possible.valid()
              ? found.possible
              : table_.conjunction(table_.binary(BinaryOp::GreaterEqual, table_.load(cell), table_.constant(found.lo)),
                                   table_.binary(BinaryOp::LessEqual, table_.load(cell), table_.constant(found.hi)));
      found.possible = table_.conditional(present, possible, rests);
      found.lo = std::min(found.lo, rest);
      found.hi = std::max(found.hi, rest);
    }
    cells.push_back(found);
  }

  Design& design_;
  ExprTable& table_;
  Span span_;
};

}  // namespace

std::vector<AnyCell> any_cells(Design& design, const ValueType& type, CellId first, Span span) {
  AnyCells result(design, span);
  result.add(type, first, design.constant(1));
  return std::move(result.cells);
}

std::vector<ExprId> conjuncts_of(const ExprTable& table, ExprId condition) {
  std::vector<ExprId> result;
  std::vector<ExprId> open = {condition};
  while (!open.empty()) {
    const ExprId id = open.back();
    open.pop_back();
    const auto* binary = std::get_if<BinaryExpr>(&table[id]);
    if (binary != nullptr && binary->op == BinaryOp::And) {
      open.push_back(binary->right);
      open.push_back(binary->left);
    } else {
      result.push_back(id);
    }
  }
  return result;
}

std::uint32_t cells_read(const ExprTable& table, ExprId condition, CellId first, std::uint32_t count) {
  std::uint32_t result = 0;
  for_each_expr(table, condition, [&](ExprId, const Expr& expr) {
    const auto* load = std::get_if<LoadExpr>(&expr);
    if (load == nullptr) return;
    for (const CellId cell : load->place.cells) {
      if (cell.value >= first.value && cell.value < first.value + count) {
        result = std::max(result, cell.value - first.value + 1);
      }
    }
  });
  return result;
}

}  // namespace quiesce::model

#include "model/elaborate/expressions.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/elaborate/bits.h"
#include "model/types/builtin.h"

namespace quiesce::model {

namespace rule_name = types::rule_name;
using Kind = ValueType::Kind;

namespace {

BinaryOp plain_operator(types::BinaryOperator op) {
  switch (op) {
    case types::BinaryOperator::And:
      return BinaryOp::And;
    case types::BinaryOperator::Or:
      return BinaryOp::Or;
    case types::BinaryOperator::Implies:
      break;  // lowered before
    case types::BinaryOperator::Equal:
      return BinaryOp::Equal;
    case types::BinaryOperator::NotEqual:
      return BinaryOp::NotEqual;
    case types::BinaryOperator::Less:
      return BinaryOp::Less;
    case types::BinaryOperator::LessEqual:
      return BinaryOp::LessEqual;
    case types::BinaryOperator::Greater:
      return BinaryOp::Greater;
    case types::BinaryOperator::GreaterEqual:
      return BinaryOp::GreaterEqual;
    case types::BinaryOperator::BitOr:
    case types::BinaryOperator::BitXor:
    case types::BinaryOperator::BitAnd:
    case types::BinaryOperator::ShiftLeft:
    case types::BinaryOperator::ShiftRight:
      break;
    case types::BinaryOperator::Add:
      return BinaryOp::Add;
    case types::BinaryOperator::Subtract:
      return BinaryOp::Subtract;
    case types::BinaryOperator::Multiply:
      return BinaryOp::Multiply;
    case types::BinaryOperator::Divide:
      return BinaryOp::Divide;
    case types::BinaryOperator::Modulo:
      return BinaryOp::Modulo;
  }
  QUIESCE_CHECK(false) << "implications and operations on bits have no plain operator";
  return BinaryOp::And;
}

constexpr const char* kBeyond64Bits = "the result needs more than 64 bits";

}  // namespace

void Expressions::fault_unless(ExprId condition, const char* rule, Span span, std::string message) {
  ExprTable& table = design_.exprs();
  const ExprId guarded = table.disjunction(table.negation(path_), condition);
  std::int64_t value = 0;
  if (table.is_constant(guarded, &value) && value != 0) return;
  faults_.push_back(Fault{guarded, design_.rule(rule), span, std::move(message)});
}

ExprId Expressions::unless_it_fails(ExprId condition, bool otherwise) {
  ExprTable& table = design_.exprs();
  ExprId sound = design_.constant(1);
  for (const Fault& fault : faults_) {
    if (design_.system().at(fault.rule).core) sound = table.conjunction(sound, fault.condition);
  }
  return otherwise ? table.disjunction(table.negation(sound), condition) : table.conjunction(sound, condition);
}

ExprId Expressions::placeholder(Placeholder placeholder) {
  placeholders_.push_back(placeholder);
  return design_.exprs().load(CellId(kFirstPlaceholder + placeholders_.size() - 1));
}

ExprId Expressions::scalar(const types::Expr& expr, const ValueTypePtr& expected) {
  const Value value = lower(expr, expected);
  QUIESCE_CHECK(value.cells.size() == 1) << "a scalar was expected";
  return value.cells[0];
}

Value Expressions::load(const PlaceRef& place) {
  Value value{place.type, {}};
  const std::uint32_t count = cell_count(*place.type);
  value.cells.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) value.cells.push_back(design_.exprs().load(place.cell(i)));
  return value;
}

Value Expressions::select(ExprId condition, const Value& then_value, const Value& else_value) {
  Value result{then_value.type, {}};
  const Value other = convert(else_value, then_value.type, Span{});
  for (std::size_t i = 0; i < then_value.cells.size(); ++i) {
    result.cells.push_back(design_.exprs().conditional(condition, then_value.cells[i], other.cells[i]));
  }
  return result;
}

ExprId Expressions::position(ExprId value, const ValueType& type, Span span, const char* rule,
                             const std::string& message) {
  ExprTable& table = design_.exprs();
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Enum:
    case Kind::Level:
      return value;
    case Kind::Int: {
      const Domain known = design_.interval(value);
      if (known.lo < type.lo || known.hi > type.hi) {
        fault_unless(table.conjunction(table.binary(BinaryOp::GreaterEqual, value, design_.constant(type.lo)),
                                       table.binary(BinaryOp::LessEqual, value, design_.constant(type.hi))),
                     rule, span, message);
      }
      return table.binary(BinaryOp::Subtract, value, design_.constant(type.lo));
    }
    case Kind::Cpu:
      return table.binary(BinaryOp::Subtract, value, design_.constant(1));
    case Kind::Ref: {
      std::vector<std::int64_t> positions(design_.nodes().size() + 1, 0);
      for (std::size_t i = 0; i < type.targets.size(); ++i) {
        positions[type.targets[i] + 1] = static_cast<std::int64_t>(i);
      }
      return table.add(LookupExpr{std::move(positions), value});
    }
    case Kind::Optional:
    case Kind::Struct:
    case Kind::Array:
    case Kind::Set:
    case Kind::Queue:
    case Kind::Spinlock:
    case Kind::Mutex:
      break;
  }
  QUIESCE_CHECK(false) << "only scalars have positions";
  return value;
}

// -------------------------------------------------------------------------------------------- values

Value Expressions::lower(const types::Expr& expr, const ValueTypePtr& expected) {
  Frame* const frame = frame_;
  const ExprId path = path_;
  const int call_depth = call_depth_;
  ask_patience(expr.span);
  design_.spend(expr.span);
  try {
    Value value = lower_node(expr, expected);
    design_.spend(expr.span, value.cells.size());
    design_.bound_size(value, expr.span);
    return value;
  } catch (const NamesNothing& nothing) {
    frame_ = frame;
    path_ = path;
    call_depth_ = call_depth;
    fault_unless(design_.constant(0), rule_name::kNull, nothing.span, kNamesNothing);
    Value rest{design_.lower_type(expr.type, frame_->self, expr.span), {}};
    for (const std::int64_t cell : rest_values(*rest.type)) {
      rest.cells.push_back(design_.constant(cell));
    }
    return rest;
  }
}

Value Expressions::lower_node(const types::Expr& expr, const ValueTypePtr& expected) {
  ExprTable& table = design_.exprs();
  return std::visit(
      Overloaded{
          [&](const types::LiteralExpr& node) {
            if (expr.type->kind == types::Type::Kind::Int) {
              return scalar_value(unbounded_int_type(), design_.constant(node.value));
            }
            return scalar_value(design_.lower_type(expr.type, frame_->self, expr.span), design_.constant(node.value));
          },
          [&](const types::NullExpr&) {
            const ValueTypePtr type = expected != nullptr && expected->kind == Kind::Optional
                                          ? expected
                                          : design_.lower_type(expr.type, frame_->self, expr.span);
            Value result{type, {}};
            for (const std::int64_t rest : rest_values(*type)) result.cells.push_back(design_.constant(rest));
            return result;
          },
          [&](const types::SelfExpr&) {
            return scalar_value(design_.lower_type(expr.type, frame_->self, expr.span),
                                design_.constant(frame_->self->id.value + 1));
          },
          [&](const types::VariableExpr& node) { return lower_variable(node, expr); },
          [&](const types::InstanceExpr& node) { return lower_instance(node, expr); },
          [&](const types::FieldExpr& node) {
            if (is_place(expr)) return load(place(expr));
            const Value base = lower(*node.value);
            std::uint32_t offset = 0;
            for (std::uint32_t i = 0; i < node.field; ++i) offset += cell_count(*base.type->fields[i].type);
            const ValueTypePtr type = base.type->fields[node.field].type;
            return Value{type, {base.cells.begin() + offset, base.cells.begin() + offset + cell_count(*type)}};
          },
          [&](const types::IndexExpr& node) { return lower_index(node, expr); },
          [&](const types::UnaryExpr& node) {
            const ExprId operand = scalar(*node.operand);
            if (node.op == types::UnaryOperator::Not) return scalar_value(bool_type(), table.negation(operand));
            const ExprId negated = table.add(UnaryExpr{UnaryOp::Negate, operand});
            if (arithmetic(UnaryOp::Negate, design_.interval(operand)).may_leave && !design_.reads_unbounded(operand)) {
              const ExprId least = design_.constant(std::numeric_limits<std::int64_t>::min());
              fault_unless(table.not_equal(operand, least), rule_name::kRange, expr.span, kBeyond64Bits);
            }
            return scalar_value(unbounded_int_type(), negated);
          },
          [&](const types::BinaryExpr& node) { return lower_binary(node, expr); },
          [&](const types::ConditionalExpr& node) {
            const ExprId condition = scalar(*node.condition);
            ValueTypePtr type = expected;
            if (type == nullptr && expr.type->kind != types::Type::Kind::Int) {
              type = design_.lower_type(expr.type, frame_->self, expr.span);
            }
            Value yes = under(condition, [&] { return lower(*node.then_value, type); });
            Value no = under(table.negation(condition), [&] { return lower(*node.else_value, type); });
            if (type != nullptr) {
              yes = convert(yes, type, expr.span);
              no = convert(no, type, expr.span);
            }
            return select(condition, yes, no);
          },
          [&](const types::CollectionExpr& node) { return lower_collection(node, expr); },
          [&](const types::InRangeExpr& node) {
            const ExprId value = scalar(*node.value);
            return scalar_value(bool_type(),
                                table.conjunction(table.binary(BinaryOp::LessEqual, scalar(*node.lo), value),
                                                  table.binary(BinaryOp::LessEqual, value, scalar(*node.hi))));
          },
          [&](const types::WithinExpr& node) { return scalar_value(bool_type(), lower_within(node)); },
          [&](const types::SetExpr& node) {
            const ValueTypePtr type = expected != nullptr && expected->kind == Kind::Set
                                          ? expected
                                          : design_.lower_type(expr.type, frame_->self, expr.span);
            Value result{type, {}};
            if (type == nullptr) return result;
            const std::int64_t count = value_count(*type->element);
            std::vector<Value> elements;
            for (const types::ExprPtr& element : node.elements) {
              elements.push_back(lower_as(*element, type->element));
              position(elements.back().cells[0], *type->element, element->span, rule_name::kRange,
                       fmt::format("the element must be in {}..{}", type->element->lo, type->element->hi));
            }
            for (std::int64_t i = 0; i < count; ++i) {
              ExprId in = design_.constant(0);
              for (const Value& element : elements) {
                in =
                    table.disjunction(in, table.equal(element.cells[0], design_.constant(value_at(*type->element, i))));
              }
              result.cells.push_back(in);
            }
            return result;
          },
          [&](const types::ArrayExpr& node) { return lower_array(node, expr, expected); },
          [&](const types::StructExpr& node) {
            const ValueTypePtr type = design_.lower_type(expr.type, frame_->self, expr.span);
            Value result{type, {}};
            if (type == nullptr) return result;
            for (std::size_t i = 0; i < node.fields.size(); ++i) {
              const ValueTypePtr& field = type->fields[i].type;
              const types::VariableDecl& decl = *expr.type->structure->fields[i];
              const types::Expr* value = node.fields[i] != nullptr ? node.fields[i].get() : decl.init.get();
              if (value != nullptr) {
                const Value lowered = lower_as(*value, field);
                result.cells.insert(result.cells.end(), lowered.cells.begin(), lowered.cells.end());
              } else {
                for (const std::int64_t rest : rest_values(*field)) result.cells.push_back(design_.constant(rest));
              }
            }
            return result;
          },
          [&](const types::WrapExpr& node) {
            ValueTypePtr type = expected != nullptr && expected->kind == Kind::Optional ? expected : nullptr;
            if (type == nullptr) {
              const types::Type& element = *expr.type->element;
              const bool unbounded = element.kind == types::Type::Kind::Int && element.lo == nullptr;
              if (!unbounded) {
                type = design_.lower_type(expr.type, frame_->self, expr.span);
              } else {
                const Value inner = lower(*node.value);
                auto made = std::make_shared<ValueType>();
                made->kind = Kind::Optional;
                auto bounded = std::make_shared<ValueType>(*unbounded_int_type());
                const Domain domain = design_.interval(inner.cells[0]);
                bounded->lo = std::max(domain.lo, std::numeric_limits<std::int64_t>::min() + 1);  // null is below it
                bounded->hi = domain.hi;
                made->element = bounded;
                return Value{made, inner.cells};
              }
            }
            if (type == nullptr) return Value{};
            return convert(lower(*node.value, type->element), type, expr.span);
          },
          [&](const types::UnwrapExpr& node) { return unwrap(lower(*node.value), expr.span); },
          [&](const types::FunctionRefExpr&) {
            QUIESCE_CHECK(false) << "a function is not a value of a cell";
            return Value{};
          },
          [&](const types::CallExpr& node) { return lower_call(node, expr); },
          [&](const types::QuantifierExpr& node) { return lower_quantifier(node, expr); },
          [&](const types::LevelExpr&) {
            if (executor_ == nullptr) {
              design_.diagnostics().error("E0602", expr.span,
                                          "'level()' has a meaning only in the code of a thread or handler");
              return scalar_value(design_.level_type(), design_.constant(0));
            }
            return scalar_value(design_.level_type(), table.load(executor_->level));
          },
          [&](const types::PinLevelExpr&) {
            if (!design_.is_pin_level_known()) {
              auto& problem = design_.diagnostics().error("E0602", expr.span, "'pin_level()' is not known here");
              problem.notes.push_back(
                  "the system gives its pin level itself, and that may depend on its parameters and constants: write "
                  "the "
                  "level");
            }
            return scalar_value(design_.level_type(), design_.constant(design_.pin_level()));
          },
          [&](const types::CpuExpr&) {
            if (executor_ == nullptr) {
              design_.diagnostics().error("E0602", expr.span,
                                          "'cpu()' has a meaning only in the code of a thread or handler");
            }
            return scalar_value(design_.lower_type(expr.type, frame_->self, expr.span), table.add(CurrentCpuExpr{}));
          },
          [&](const types::ContextExpr& node) { return lower_context(node, expr); },
          [&](const types::AtLabelExpr& node) {
            return combine(resolve(node.object.get()), [&](InstanceNode* instance) {
              return scalar_value(bool_type(), placeholder({Placeholder::Kind::AtLabel, node.label, instance, {}}));
            });
          },
          [&](const types::EnabledExpr& node) {
            return combine(resolve(node.object.get()), [&](InstanceNode* instance) {
              if (node.action->when == nullptr) return scalar_value(bool_type(), design_.constant(1));
              Frame frame{instance, {}, {}};
              Frame* saved = frame_;
              const bool judged = std::exchange(lives_judged_, false);  // nothing is executed
              frame_ = &frame;
              const ExprId guard = scalar(*node.action->when);
              frame_ = saved;
              lives_judged_ = judged;
              return scalar_value(bool_type(), guard);
            });
          },
          [&](const types::EventExpr& node) { return lower_event(node, expr); },
          [&](const types::CpuConstantExpr& node) {
            const ValueTypePtr type = design_.lower_type(expr.type, frame_->self, expr.span);
            const auto number = design_.constant_of(*node.number, frame_->self, "the number of a CPU");
            if (number.has_value() && (*number < 0 || *number >= design_.system().cpus)) {
              design_.diagnostics().error("E0603", expr.span,
                                          fmt::format("there is no CPU {}: the system has {} (numbered from 0)",
                                                      *number, design_.system().cpus));
            } else if (number.has_value()) {
              design_.system().fixed_cpus |= 1U << *number;
            }
            return scalar_value(type, design_.constant(number.value_or(0) + 1));
          }},
      expr.node);
}

Value Expressions::lower_variable(const types::VariableExpr& node, const types::Expr& expr) {
  using VariableKind = types::VariableDecl::Kind;
  const types::VariableDecl* variable = node.variable;
  switch (variable->kind) {
    case VariableKind::Member:
      return load(place(expr));
    case VariableKind::Const:
    case VariableKind::Param:
      if (node.object != nullptr) break;  // a constant of the machine that the reference names
      if (const auto own = frame_->self->values.find(variable); own != frame_->self->values.end()) return own->second;
      return *design_.module_value(variable);
    case VariableKind::Local:
    case VariableKind::Bound:
    case VariableKind::Field:
    case VariableKind::Parameter:
      break;
  }
  if (node.object == nullptr) {
    if (const auto bound = frame_->values.find(variable); bound != frame_->values.end()) return bound->second;
    if (const auto own = frame_->self->values.find(variable); own != frame_->self->values.end()) return own->second;
    return load(place(expr));
  }
  // A parameter or constant of the machine that the reference names: a constant of each candidate.
  const std::vector<Candidate> nodes = resolve(node.object.get());
  for (const Candidate& candidate : nodes) {
    design_.fill(candidate.node);
    if (!candidate.node->values.contains(variable)) {
      design_.diagnostics().error(
          "E0604", expr.span,
          fmt::format("'{}' is needed before it has a value: it depends on what is declared here", variable->name));
      throw Design::Abandoned{};
    }
  }
  ExprTable& table = design_.exprs();
  Value result = nodes[0].node->values.at(variable);
  if (nodes.size() == 1) return result;
  const ExprId reference = scalar(*node.object);
  for (std::size_t cell = 0; cell < result.cells.size(); ++cell) {
    std::vector<std::int64_t> constants(design_.nodes().size() + 1, 0);
    for (const Candidate& candidate : nodes) {
      std::int64_t number = 0;
      const Value& own = candidate.node->values.at(variable);
      QUIESCE_CHECK(table.is_constant(own.cells[cell], &number)) << "machine parameters are constants";
      constants[candidate.node->id.value + 1] = number;
    }
    result.cells[cell] = table.add(LookupExpr{std::move(constants), reference});
  }
  return result;
}

Value Expressions::lower_binary(const types::BinaryExpr& node, const types::Expr& expr) {
  using Operator = types::BinaryOperator;
  ExprTable& table = design_.exprs();
  switch (node.op) {
    case Operator::And:
    case Operator::Or:
    case Operator::Implies: {
      const ExprId left = scalar(*node.left);
      const ExprId go_on = node.op == Operator::Or ? table.negation(left) : left;
      const ExprId right = under(go_on, [&] { return scalar(*node.right); });
      if (node.op == Operator::And) return scalar_value(bool_type(), table.conjunction(left, right));
      return scalar_value(bool_type(), table.disjunction(node.op == Operator::Or ? left : table.negation(left), right));
    }
    case Operator::Equal:
    case Operator::NotEqual: {
      const ExprId same = lower_equality(*node.left, *node.right);
      return scalar_value(bool_type(), node.op == Operator::Equal ? same : table.negation(same));
    }
    case Operator::Divide:
    case Operator::Modulo: {
      const ExprId left = scalar(*node.left);
      const ExprId right = scalar(*node.right);
      fault_unless(table.binary(BinaryOp::NotEqual, right, design_.constant(0)), rule_name::kRange, expr.span,
                   "division by zero");
      return scalar_value(unbounded_int_type(), calculated(plain_operator(node.op), left, right, expr.span));
    }
    case Operator::BitOr:
    case Operator::BitXor:
    case Operator::BitAnd:
      return scalar_value(unbounded_int_type(), lower_bits(node));
    case Operator::ShiftLeft:
    case Operator::ShiftRight:
      return scalar_value(unbounded_int_type(), lower_shift(node, expr.span));
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::Add:
    case Operator::Subtract:
    case Operator::Multiply:
      break;
  }
  const ExprId left = scalar(*node.left);
  const ExprId right = scalar(*node.right);
  if (expr.type->kind == types::Type::Kind::Bool) {
    return scalar_value(bool_type(), table.binary(plain_operator(node.op), left, right));
  }
  return scalar_value(unbounded_int_type(), calculated(plain_operator(node.op), left, right, expr.span));
}

/// A number whose bits are asked, with the range that it has where it has bits.
std::pair<ExprId, Domain> Expressions::with_bits(const types::Expr& expr, std::int64_t most, const char* what) {
  ExprTable& table = design_.exprs();
  const ExprId value = scalar(expr);
  const Domain of = design_.interval(value);
  if (of.lo < 0 || of.hi > most) {
    const ExprId fits = table.conjunction(table.binary(BinaryOp::GreaterEqual, value, design_.constant(0)),
                                          table.binary(BinaryOp::LessEqual, value, design_.constant(most)));
    fault_unless(fits, rule_name::kRange, expr.span, fmt::format("{} must lie in 0..{}", what, most));
  }
  return {value, Domain{0, std::max<std::int64_t>(0, std::min(of.hi, most))}};
}

/// x | y is x + y - (x & y), and x ^ y is x + y - 2 * (x & y); the remainder says how far it can go.
ExprId Expressions::lower_bits(const types::BinaryExpr& node) {
  ExprTable& table = design_.exprs();
  const auto [left, of_left] = with_bits(*node.left, kMostBits, "a number whose bits are asked");
  const auto [right, of_right] = with_bits(*node.right, kMostBits, "a number whose bits are asked");
  const ExprId both = bits_of_both(table, left, of_left, right, of_right);
  if (node.op == types::BinaryOperator::BitAnd) return both;
  const ExprId twice = design_.constant(node.op == types::BinaryOperator::BitOr ? 1 : 2);
  const ExprId sum = table.binary(BinaryOp::Add, left, right);
  const ExprId result = table.binary(BinaryOp::Subtract, sum, table.binary(BinaryOp::Multiply, both, twice));
  const auto bits = std::bit_width(static_cast<std::uint64_t>(std::max(of_left.hi, of_right.hi)));
  return table.binary(BinaryOp::Modulo, result, design_.constant(std::int64_t{1} << bits));
}

ExprId Expressions::lower_shift(const types::BinaryExpr& node, Span span) {
  const auto [left, of_left] = with_bits(*node.left, kMostBits, "a number whose bits are asked");
  const auto [count, of_count] = with_bits(*node.right, kMostShift, "by how many bits");
  const ExprId power = power_of_two(design_.exprs(), count, of_count);
  const bool is_left = node.op == types::BinaryOperator::ShiftLeft;
  return calculated(is_left ? BinaryOp::Multiply : BinaryOp::Divide, left, power, span);
}

// Every engine calculates in 64 bits and wraps around, so the checks can be told from the result of the operation:
// a sum that wrapped lies on the wrong side of its operands, and a product that did divides to something else.
ExprId Expressions::calculated(BinaryOp op, ExprId left, ExprId right, Span span) {
  ExprTable& table = design_.exprs();
  const ExprId result = table.binary(op, left, right);
  if (!arithmetic(op, design_.interval(left), design_.interval(right)).may_leave) return result;
  if (design_.reads_unbounded(result)) return result;  // exact, however large
  const ExprId zero = design_.constant(0);
  const ExprId positive = table.binary(BinaryOp::GreaterEqual, right, zero);
  const ExprId least = design_.constant(std::numeric_limits<std::int64_t>::min());
  const ExprId negates_least = table.conjunction(table.equal(left, least), table.equal(right, design_.constant(-1)));
  ExprId fits = design_.constant(1);
  if (op == BinaryOp::Add) {
    fits = table.equal(positive, table.binary(BinaryOp::GreaterEqual, result, left));
  } else if (op == BinaryOp::Subtract) {
    fits = table.equal(positive, table.binary(BinaryOp::LessEqual, result, left));
  } else if (op == BinaryOp::Multiply) {
    const ExprId back = table.equal(table.binary(BinaryOp::Divide, result, right), left);
    fits = table.disjunction(table.equal(right, zero), table.conjunction(back, table.negation(negates_least)));
  } else if (op == BinaryOp::Divide) {
    fits = table.negation(negates_least);
  }
  fault_unless(fits, rule_name::kRange, span, kBeyond64Bits);
  return result;
}

Value Expressions::call_pure(const types::FunctionDecl* function, InstanceNode* object,
                             const std::vector<Value>& arguments, Span span) {
  if (++call_depth_ > 100) {
    design_.diagnostics()
        .error("E0605", function->span, fmt::format("calls are nested more than 100 deep at '{}'", function->name))
        .notes.push_back("does it call itself, through others?");
    --call_depth_;
    Value nothing{design_.lower_type(function->result, object, function->span), {}};
    for (const std::int64_t rest : rest_values(*nothing.type)) nothing.cells.push_back(design_.constant(rest));
    return nothing;
  }
  Frame frame{object != nullptr ? object : frame_->self, {}, {}};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const ValueTypePtr type = design_.lower_type(function->parameters[i]->type, frame.self, function->span);
    const Value value = wrapped(convert(arguments[i], type, function->span));
    require_range(value, function->parameters[i]->name, span);
    frame.values[function->parameters[i].get()] = value;
  }
  Frame* saved = frame_;
  frame_ = &frame;
  const ValueTypePtr type = function->result->kind == types::Type::Kind::Int && function->result->lo == nullptr
                                ? nullptr
                                : design_.lower_type(function->result, frame.self, function->span);
  Value result = lower(*function->expression, type);
  if (type != nullptr) {
    result = wrapped(convert(result, type, function->span));
    require_range(result, function->name, span);
  }
  frame_ = saved;
  --call_depth_;
  return result;
}

Value Expressions::lower_call(const types::CallExpr& node, const types::Expr& expr) {
  std::vector<Value> arguments;
  for (const types::ExprPtr& argument : node.arguments) arguments.push_back(lower(*argument));
  if (node.parameter == nullptr && node.function->machine == nullptr && node.function->interface == nullptr) {
    return call_pure(node.function, nullptr, arguments, expr.span);
  }
  const std::vector<Candidate> nodes = resolve(node.object.get());
  require_alive(nodes, expr.span);
  return combine(nodes, [&](InstanceNode* instance) {
    if (node.parameter != nullptr) {
      const FunctionValue bound = bound_function(node.parameter, instance);
      return call_pure(bound.function, bound.object, arguments, expr.span);
    }
    return call_pure(design_.implementation(node.function, instance), instance, arguments, expr.span);
  });
}

Value Expressions::lower_quantifier(const types::QuantifierExpr& node, const types::Expr& expr) {
  ExprTable& table = design_.exprs();
  const ValueTypePtr type = design_.lower_type(node.variable->type, frame_->self, expr.span);
  if (type == nullptr) return scalar_value(bool_type(), design_.constant(0));
  design_.depends_on_instances(*node.variable->type, expr.span);
  const bool counting = node.kind == types::Quantifier::Count;
  ExprId result = design_.constant(node.kind == types::Quantifier::ForAll ? 1 : 0);
  const std::int64_t values = value_count(*type);
  for (std::int64_t i = 0; i < values; ++i) {
    ask_patience(expr.span);
    design_.spend(expr.span);
    frame_->values[node.variable.get()] = scalar_value(type, design_.constant(value_at(*type, i)));
    const ExprId chosen = node.where != nullptr ? scalar(*node.where) : design_.constant(1);
    std::int64_t known = 0;
    if (table.is_constant(chosen, &known) && known == 0) continue;
    const ExprId body = node.body != nullptr ? under(chosen, [&] { return scalar(*node.body); }) : design_.constant(1);
    switch (node.kind) {
      case types::Quantifier::ForAll:
        result = table.conjunction(result, table.disjunction(table.negation(chosen), body));
        break;
      case types::Quantifier::Exists:
        result = table.disjunction(result, table.conjunction(chosen, body));
        break;
      case types::Quantifier::Count:
        result =
            table.binary(BinaryOp::Add, result,
                         table.conditional(table.conjunction(chosen, body), design_.constant(1), design_.constant(0)));
        break;
    }
  }
  frame_->values.erase(node.variable.get());
  return scalar_value(counting ? unbounded_int_type() : bool_type(), result);
}

}  // namespace quiesce::model

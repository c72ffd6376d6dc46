#include "model/elaborate/design.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/base/word.h"
#include "model/elaborate/expressions.h"
#include "model/system/traverse.h"
#include "model/system/unbounded.h"
#include "model/types/builtin.h"

namespace quiesce::model {

using Kind = ValueType::Kind;

namespace {

constexpr std::int64_t kMaxArray = 4096;
constexpr std::uint32_t kMostOperations = 100'000;  // of one expression, each counted as often as it is evaluated
constexpr std::uint32_t kMostDepth = 10'000;        // of one expression: recursion over it must not end the stack
constexpr std::int64_t kUnbounded = std::int64_t{1} << 40;

constexpr std::uint64_t kMostParts = 4 * kMaxStateCells;  // of a value: numbers, and structs of them

/// How many parts a value has; some number above `most` where they are more than that.
std::uint64_t parts_of(const ValueType& type, std::uint64_t most) {
  std::uint64_t parts = 1;
  for (const ValueType::Field& field : type.fields) {
    if (parts > most) break;
    parts += parts_of(*field.type, most - parts);
  }
  return type.element != nullptr && parts <= most ? parts + parts_of(*type.element, most - parts) : parts;
}

ValueTypePtr simple_type(Kind kind, std::int64_t lo, std::int64_t hi) {
  auto type = std::make_shared<ValueType>();
  type->kind = kind;
  type->lo = lo;
  type->hi = hi;
  return type;
}

}  // namespace

ValueTypePtr bool_type() {
  static const ValueTypePtr type = simple_type(Kind::Bool, 0, 1);
  return type;
}
ValueTypePtr unbounded_int_type() {
  static const ValueTypePtr type = simple_type(Kind::Int, -kUnbounded, kUnbounded);
  return type;
}

ValueTypePtr all_integers_type() {
  static const ValueTypePtr type =
      simple_type(Kind::Int, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  return type;
}

Design::Design(const types::Program& program, const types::MachineDecl& system, const std::vector<Binding>& bindings,
               Diagnostics& diagnostics)
    : program_(program), system_decl_(system), diagnostics_(diagnostics), errors_before_(diagnostics.error_count()) {
  for (const Binding& binding : bindings) overrides_[binding.parameter] = binding.value;
  system_.level_names = program.levels;
  system_.pin_level = program.levels.pin;
  is_pin_level_known_ = system.pin == nullptr;
  auto level = std::make_shared<ValueType>();
  level->kind = Kind::Level;
  level->hi = kMaxLevel;
  level->names = program.levels.names;
  level_type_ = std::move(level);
  for (const std::unique_ptr<types::RuleDecl>& decl : program.rules) {
    Rule rule;
    rule.name = decl->name;
    rule.title = decl->title;
    rule.because = decl->because;
    rule.citations = decl->citations;
    rule.is_warning = decl->is_warning;
    rule.core = decl->core;
    rule.span = decl->span;
    const RuleId id(system_.rules.size());
    system_.rules.push_back(std::move(rule));
    rules_[decl.get()] = id;
    rules_by_name_[decl->name] = id;
  }
  system_.stuck_rule = rules_by_name_.at(types::rule_name::kStuck);
  system_.name = own_name(system.name);
}

Design::~Design() = default;

std::string Design::path(const InstanceNode* node, const std::string& name) const {
  const std::string& prefix = system_.instances[node->id.value].path;
  return prefix.empty() ? name : prefix + "." + name;
}

// ------------------------------------------------------------------------------------------ constants

/// The value of a constant, or of a param that keeps its default; what fails in it is an error in the text.
Value Design::value_of_constant(const types::VariableDecl& variable, InstanceNode* self) {
  const bool unbounded = variable.type->kind == types::Type::Kind::Int && variable.type->lo == nullptr;
  const ValueTypePtr type = unbounded ? unbounded_int_type() : lower_type(variable.type, self, variable.span);
  if (type == nullptr || variable.init == nullptr) {
    return Value{type != nullptr ? type : unbounded_int_type(), {constant(0)}};
  }
  InstanceNode nowhere;  // constants of modules mention no instance
  nowhere.id = InstanceId(0);
  Frame frame{self != nullptr ? self : &nowhere, {}, {}};
  std::vector<Placeholder> none;
  Expressions expressions(*this, none, frame, nullptr);
  Value value = expressions.lower_as(*variable.init, type);
  std::int64_t number = 0;
  if (!is_scalar(*type)) {
    expressions.require_range(value, variable.name, variable.init->span);
  } else if (!unbounded && exprs().is_constant(value.cells[0], &number)) {
    const Domain domain = domain_of(*type);
    if (number < domain.lo || number > domain.hi) {
      diagnostics_.error(
          "E0610", variable.init->span,
          fmt::format("the value of '{}' is {}, but its range is {}..{}", variable.name, number, domain.lo, domain.hi));
    }
  }
  for (const Fault& fault : expressions.take_faults()) diagnostics_.error("E0611", fault.span, fault.message);
  return value;
}

const Value* Design::module_value(const types::VariableDecl* variable) {
  if (const auto found = module_values_.find(variable); found != module_values_.end()) return &found->second;
  const auto override_value = overrides_.find(variable);
  if (is_left_open(*variable)) {
    report_open(*variable, variable->span, "the system cannot be built without its value");
    return &(module_values_[variable] = Value{unbounded_int_type(), {constant(1)}});  // says nothing further wrong
  }
  if (override_value == overrides_.end()) {
    Value value = value_of_constant(*variable, nullptr);
    return &(module_values_[variable] = std::move(value));
  }
  const bool unbounded = variable->type->kind == types::Type::Kind::Int && variable->type->lo == nullptr;
  const ValueTypePtr type = unbounded ? unbounded_int_type() : lower_type(variable->type, nullptr, variable->span);
  Value value{type != nullptr ? type : unbounded_int_type(), {constant(override_value->second)}};
  if (type != nullptr && is_scalar(*type)) {
    const Domain domain = domain_of(*type);
    if (override_value->second < domain.lo || override_value->second > domain.hi) {
      diagnostics_.error("E0610", variable->span,
                         fmt::format("'{}' is given the value {}, but its range is {}..{}", variable->name,
                                     override_value->second, domain.lo, domain.hi));
    }
  }
  return &(module_values_[variable] = std::move(value));
}

bool Design::reads_unbounded(ExprId expr) {
  while (reads_unbounded_.size() <= expr.value) {  // parts stand before what contains them
    bool reads = false;
    const Expr& node = exprs()[ExprId(reads_unbounded_.size())];
    if (const auto* load = std::get_if<LoadExpr>(&node)) {
      reads = std::any_of(load->place.cells.begin(), load->place.cells.end(), [&](CellId cell) {
        return cell.value < system_.cells.size() && is_unbounded(system_.at(cell));
      });
    }
    for_each_operand(node, [&](ExprId part) { reads = reads || reads_unbounded_[part.value] != 0; });
    reads_unbounded_.push_back(reads ? 1 : 0);
  }
  return reads_unbounded_[expr.value] != 0;
}

static bool is_arithmetic(BinaryOp op) {
  return op == BinaryOp::Add || op == BinaryOp::Subtract || op == BinaryOp::Multiply || op == BinaryOp::Divide ||
         op == BinaryOp::Modulo;
}

Domain Design::interval(ExprId expr) {
  if (!reads_unbounded(expr)) return intervals_.of(expr);
  const Expr node = exprs()[expr];
  if (const auto* conditional = std::get_if<ConditionalExpr>(&node)) {
    const Domain a = interval(conditional->then_value);
    const Domain b = interval(conditional->else_value);
    return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
  }
  const auto* unary = std::get_if<UnaryExpr>(&node);
  const auto* binary = std::get_if<BinaryExpr>(&node);
  const bool is_calculated =
      (unary != nullptr && unary->op == UnaryOp::Negate) || (binary != nullptr && is_arithmetic(binary->op));
  if (is_calculated) return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  return intervals_.of(expr);
}

std::optional<std::int64_t> Design::constant_of(const types::Expr& expr, InstanceNode* self, const char* what) {
  InstanceNode nowhere;
  nowhere.id = InstanceId(0);
  Frame frame{self != nullptr ? self : &nowhere, {}, {}};
  std::vector<Placeholder> none;
  Expressions expressions(*this, none, frame, nullptr);
  const Value value = expressions.lower(expr);
  std::int64_t number = 0;
  if (value.cells.size() == 1 && exprs().is_constant(value.cells[0], &number)) {
    for (const Fault& fault : expressions.take_faults()) {
      diagnostics_.error("E0611", fault.span, fault.message);
    }
    return number;
  }
  const types::VariableDecl* open = value.cells.size() == 1 ? open_param_in(value.cells[0]) : nullptr;
  if (open != nullptr) {
    report_open(*open, expr.span, fmt::format("{} must be known before the system runs", what));
    return std::nullopt;
  }
  diagnostics_.error("E0612", expr.span,
                     fmt::format("{} must be known before the system runs, but this depends on its state", what));
  return std::nullopt;
}

const types::VariableDecl* Design::open_param_in(ExprId expr) {
  const types::VariableDecl* found = nullptr;
  for_each_expr(exprs(), expr, [&](ExprId, const Expr& part) {
    const auto* load = std::get_if<LoadExpr>(&part);
    for (const auto& [param, place] : open_params_) {
      if (load != nullptr && load->place.cells.front() == place.bases[0]) found = param;
    }
  });
  return found;
}

void Design::report_open(const types::VariableDecl& param, Span span, const std::string& why) {
  diagnostics_.error("E0642", span, fmt::format("'{}' is left open, but {}", param.name, why))
      .notes.push_back("give it a value: 'with' of the check, or -D NAME=VALUE");
}

// --------------------------------------------------------------------------------------------- bounds

void Design::report_work(Span span) {
  diagnostics_
      .error("E0640", span, fmt::format("this text unfolds to more than {} operations: they stop here", kMostWork))
      .notes.push_back(
          "loops over ranges, quantifiers, calls and arrays of instances multiply each other: make a range smaller, or "
          "store a result in a variable instead of computing it again");
  throw Abandoned{};
}

const Design::Effort& Design::effort(ExprId id) {
  while (efforts_.size() <= id.value) {  // parts stand before what contains them
    Effort whole;
    for_each_operand(exprs()[ExprId(efforts_.size())], [&](ExprId part) {
      const Effort& inside = efforts_[part.value];
      whole.operations += std::min(inside.operations, std::numeric_limits<std::uint32_t>::max() - whole.operations);
      whole.depth = std::max(whole.depth, inside.depth + 1);
    });
    efforts_.push_back(whole);
  }
  return efforts_[id.value];
}

void Design::bound_size(const Value& value, Span span) {
  for (const ExprId cell : value.cells) {
    const Effort needed = effort(cell);
    if (needed.operations <= kMostOperations && needed.depth <= kMostDepth) continue;
    diagnostics_
        .error("E0641", span,
               needed.depth > kMostDepth
                   ? fmt::format("this expression unfolds to a chain of more than {} operations", kMostDepth)
                   : fmt::format("this expression unfolds to more than {} operations", kMostOperations))
        .notes.push_back(
            "quantifiers and functions that mention a parameter several times multiply them: make a range smaller, or "
            "store a result in a variable instead of computing it again");
    throw Abandoned{};
  }
}

// ---------------------------------------------------------------------------------------------- types

ValueTypePtr Design::lower_type(const types::TypePtr& type, InstanceNode* self, Span span) {
  return lower_type_uncached(*type, self, span);
}

/// Reports when a type of so many cells fits into no state.
bool Design::is_small_enough(std::uint64_t cells, Span span) {
  if (cells <= kMaxStateCells) return true;
  diagnostics_.error(
      "E0620", span,
      fmt::format("a value of this type takes more than {} numbers, the most that a state has", kMaxStateCells));
  return false;
}

ValueTypePtr Design::lower_struct(const types::StructDecl& decl, InstanceNode* self) {
  const auto key = std::make_pair(&decl, self);
  if (const auto found = structs_.find(key); found != structs_.end()) return found->second;
  auto result = std::make_shared<ValueType>();
  result->kind = Kind::Struct;
  result->name = decl.name;
  std::uint64_t cells = 0;
  for (const std::unique_ptr<types::VariableDecl>& field : decl.fields) {
    const ValueTypePtr lowered = lower_type(field->type, self, field->span);
    if (lowered == nullptr) return nullptr;
    cells += cell_count(*lowered);
    if (!is_small_enough(cells, field->span)) return nullptr;
    result->fields.push_back(ValueType::Field{field->name, lowered});
  }
  // Structs of nothing have no cells to count, but a walk over a value visits them.
  if (parts_of(*result, kMostParts) > kMostParts) {
    diagnostics_.error("E0620", decl.span, fmt::format("a value of this type has more than {} parts", kMostParts));
    return nullptr;
  }
  return structs_[key] = std::move(result);
}

ValueTypePtr Design::lower_type_uncached(const types::Type& type, InstanceNode* self, Span span) {
  ask_patience(span);
  spend(span);
  using TypeKind = types::Type::Kind;
  auto result = std::make_shared<ValueType>();
  switch (type.kind) {
    case TypeKind::Bool:
      return bool_type();
    case TypeKind::Level:
      return level_type();
    case TypeKind::Int: {
      if (type.lo == nullptr) return type.all_integers ? all_integers_type() : unbounded_int_type();
      const auto lo = constant_of(*type.lo, self, "the lower bound of a range");
      const auto hi = constant_of(*type.hi, self, "the upper bound of a range");
      if (!lo || !hi) return nullptr;
      if (*lo > *hi) {
        diagnostics_.error("E0613", span, fmt::format("the range {}..{} is empty", *lo, *hi));
        return nullptr;
      }
      if (*lo < -2147483647 || *hi > 2147483646) {
        diagnostics_.error("E0613", span, fmt::format("the range {}..{} is wider than 32 bits", *lo, *hi));
        return nullptr;
      }
      if (!type.wraps) return simple_type(Kind::Int, *lo, *hi);
      result->kind = Kind::Int;
      result->lo = *lo;
      result->hi = *hi;
      result->wraps = true;
      return result;
    }
    case TypeKind::Enum:
      result->kind = Kind::Enum;
      result->name = type.enumeration->name;
      result->names = type.enumeration->values;
      result->lo = 0;
      result->hi = static_cast<std::int64_t>(result->names.size()) - 1;
      return result;
    case TypeKind::Struct:
      return lower_struct(*type.structure, self);
    case TypeKind::Cpu:
      result->kind = Kind::Cpu;
      result->cpus = system_.cpus;
      return result;
    case TypeKind::Ref: {
      result->kind = Kind::Ref;
      result->name = type.machine != nullptr ? type.machine->name : type.interface->name;
      for (const InstanceNode* node : candidates(type.machine, type.interface)) {
        result->targets.push_back(node->id.value);
        result->names.push_back(system_.instances[node->id.value].path);
      }
      return result;
    }
    case TypeKind::Optional:
      result->kind = Kind::Optional;
      result->element = lower_type(type.element, self, span);
      if (result->element == nullptr || !is_small_enough(cell_count(*result->element) + std::uint64_t{1}, span)) {
        return nullptr;
      }
      return result;
    case TypeKind::Array:
    case TypeKind::Set:
    case TypeKind::Queue: {
      result->element = lower_type(type.element, self, span);
      if (result->element == nullptr) return nullptr;
      if (type.kind == TypeKind::Queue) {
        result->kind = Kind::Queue;
        const auto capacity = constant_of(*type.capacity, self, "the capacity of a queue");
        if (!capacity) return nullptr;
        if (*capacity < 1 || *capacity > 255) {
          diagnostics_.error("E0614", span,
                             fmt::format("a queue holds 1 to 255 elements, but this says {}", *capacity));
          return nullptr;
        }
        result->capacity = static_cast<std::uint32_t>(*capacity);
        return is_small_enough(cell_count(*result), span) ? result : nullptr;
      }
      result->kind = type.kind == TypeKind::Set ? Kind::Set : Kind::Array;
      if (result->kind == Kind::Array) {
        result->index = lower_type(type.index, self, span);
        if (result->index == nullptr) return nullptr;
      }
      const ValueType& counted = result->kind == Kind::Array ? *result->index : *result->element;
      depends_on_instances(result->kind == Kind::Array ? *type.index : *type.element, span);
      const std::int64_t count = value_count(counted);
      if (count < 1 && counted.kind == Kind::Ref && result->kind == Kind::Array) {
        diagnostics_.error("E0615", span, fmt::format("there is no instance of '{}' in this system", counted.name));
        return nullptr;
      }
      if (count > kMaxArray) {
        diagnostics_.error("E0614", span, fmt::format("{} elements are too many: at most {}", count, kMaxArray));
        return nullptr;
      }
      return is_small_enough(cell_count(*result), span) ? result : nullptr;
    }
    case TypeKind::Spinlock: {
      result->kind = Kind::Spinlock;
      result->lo = -1;
      if (type.level != nullptr) {
        const auto level = constant_of(*type.level, self, "the level of a lock");
        if (!level) return nullptr;
        if (*level < 0 || *level > kMaxLevel) {
          diagnostics_.error("E0616", span, fmt::format("levels are 0..{}, but this is {}", kMaxLevel, *level));
          return nullptr;
        }
        result->lo = *level;
      }
      return result;
    }
    case TypeKind::Mutex:
      result->kind = Kind::Mutex;
      return result;
    case TypeKind::Handover:  // holds nothing: a number without a choice, which says which hand-over is meant
      result->kind = Kind::Int;
      result->hi = 0;
      if (type.element != nullptr) {
        result->element = lower_type(type.element, self, span);
        if (result->element == nullptr) return nullptr;
      }
      return result;
    case TypeKind::Void:
    case TypeKind::Null:
    case TypeKind::Function:
    case TypeKind::Label:
      break;
  }
  QUIESCE_CHECK(false) << "a type without values reached elaboration";
  return nullptr;
}

const std::vector<InstanceNode*>& Design::candidates(const types::MachineDecl* machine,
                                                     const types::InterfaceDecl* interface) {
  const void* key = machine != nullptr ? static_cast<const void*>(machine) : static_cast<const void*>(interface);
  const auto found = candidates_.find(key);
  if (found != candidates_.end()) return found->second;
  std::vector<InstanceNode*> result;
  for (const std::unique_ptr<InstanceNode>& node : nodes_) {
    bool matches = node->machine == machine;
    if (interface != nullptr) {
      for (const types::MachineDecl::Implementation& implementation : node->machine->implements) {
        matches = matches || implementation.interface == interface;
      }
    }
    if (matches) result.push_back(node.get());
  }
  return candidates_[key] = std::move(result);
}

const types::FunctionDecl* Design::implementation(const types::FunctionDecl* function,
                                                  const InstanceNode* object) const {
  if (function->interface == nullptr) return function;
  for (const types::MachineDecl::Implementation& implementation : object->machine->implements) {
    if (implementation.interface != function->interface) continue;
    for (std::size_t i = 0; i < implementation.interface->functions.size(); ++i) {
      if (implementation.interface->functions[i].get() == function) return implementation.functions[i];
    }
  }
  return function;
}

FunctionId Design::function(const types::FunctionDecl* decl, InstanceNode* object) {
  const auto key = std::make_pair(decl, object);
  const auto found = functions_.find(key);
  if (found != functions_.end()) return found->second;
  Function function;
  function.name = object != nullptr ? path(object, decl->name) : decl->name;
  function.returns = decl->returns;
  function.span = decl->span;
  const FunctionId id(system_.functions.size());
  system_.functions.push_back(std::move(function));
  function_instances_.push_back(object);
  functions_[key] = id;
  return id;
}

CellId Design::observed(Observer observer) {
  const auto same = [&](const Observer& other) {
    return other.event == observer.event && other.function == observer.function && other.context == observer.context &&
           !other.result_type == !observer.result_type && other.result == observer.result;
  };
  const auto known = std::find_if(system_.observers.begin(), system_.observers.end(), same);
  if (known != system_.observers.end()) return known->cell;
  const bool is_start = observer.event == Observer::Event::Accepted;
  const char* word = is_start ? "accepted" : observer.event == Observer::Event::Called ? "called" : "returned";
  Cell cell;
  cell.name =
      fmt::format("{}({})", word, is_start ? system_.at(observer.context).name : system_.at(observer.function).name);
  if (observer.result_type) cell.name += fmt::format(" == {}", observer.result);
  observer.cell = new_cell(std::move(cell));
  system_.observers.push_back(observer);
  return observer.cell;
}

}  // namespace quiesce::model

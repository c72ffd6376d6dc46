#include "model/elaborate/design.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/base/check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

using Kind = ValueType::Kind;

namespace {

constexpr std::uint32_t kMaxNesting = 64;  // instances inside instances
constexpr std::size_t kMaxInstances = 4096;
constexpr std::size_t kMaxCells = 65536;  // far beyond what can be searched; keeps a typo from eating memory
constexpr std::int64_t kMaxArray = 4096;
constexpr std::int64_t kUnbounded = std::int64_t{1} << 40;

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
ValueTypePtr level_type() {
  static const ValueTypePtr type = simple_type(Kind::Level, 0, kMaxLevel);
  return type;
}

Design::Design(const types::Program& program, const types::MachineDecl& system, const std::vector<Binding>& bindings,
               Diagnostics& diagnostics)
    : program_(program), system_decl_(system), diagnostics_(diagnostics), errors_before_(diagnostics.error_count()) {
  for (const Binding& binding : bindings) overrides_[binding.parameter] = binding.value;
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
  const std::size_t dot = system.name.rfind('.');
  system_.name = dot == std::string::npos ? system.name : system.name.substr(dot + 1);
}

Design::~Design() = default;

std::string Design::path(const InstanceNode* node, const std::string& name) const {
  const std::string& prefix = system_.instances[node->id.value].path;
  return prefix.empty() ? name : prefix + "." + name;
}

// ------------------------------------------------------------------------------------------ constants

const Value* Design::module_value(const types::VariableDecl* variable) {
  if (const auto found = module_values_.find(variable); found != module_values_.end()) return &found->second;
  Frame frame{nullptr, {}, {}};
  std::vector<Placeholder> none;
  Value value;
  const ValueTypePtr type = variable->type->kind == types::Type::Kind::Int && variable->type->lo == nullptr
                                ? unbounded_int_type()
                                : lower_type(variable->type, nullptr, variable->span);
  const auto override_value = overrides_.find(variable);
  if (type == nullptr || (override_value == overrides_.end() && variable->init == nullptr)) {
    value = Value{type != nullptr ? type : unbounded_int_type(), {constant(0)}};
  } else if (override_value != overrides_.end()) {
    value = Value{type, {constant(override_value->second)}};
    if (is_scalar(*type)) {
      const Domain domain = domain_of(*type);
      if (override_value->second < domain.lo || override_value->second > domain.hi) {
        diagnostics_.error("E0610", variable->span,
                           fmt::format("'{}' is given the value {}, but its range is {}..{}", variable->name,
                                       override_value->second, domain.lo, domain.hi));
      }
    }
  } else {
    InstanceNode nowhere;  // constants mention no instance
    nowhere.id = InstanceId(0);
    frame.self = &nowhere;
    Expressions expressions(*this, none, frame, nullptr);
    value = expressions.lower_as(*variable->init, type);
    std::int64_t number = 0;
    if (is_scalar(*type) && exprs().is_constant(value.cells[0], &number)) {
      const Domain domain = domain_of(*type);
      if (number < domain.lo || number > domain.hi) {
        diagnostics_.error("E0610", variable->init->span,
                           fmt::format("the value of '{}' is {}, but its range is {}..{}", variable->name, number,
                                       domain.lo, domain.hi));
      }
    }
  }
  return &(module_values_[variable] = std::move(value));
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
  diagnostics_.error("E0612", expr.span,
                     fmt::format("{} must be known before the system runs, but this depends on its state", what));
  return std::nullopt;
}

// ---------------------------------------------------------------------------------------------- types

ValueTypePtr Design::lower_type(const types::TypePtr& type, InstanceNode* self, Span span) {
  return lower_type_uncached(*type, self, span);
}

ValueTypePtr Design::lower_type_uncached(const types::Type& type, InstanceNode* self, Span span) {
  using TypeKind = types::Type::Kind;
  auto result = std::make_shared<ValueType>();
  switch (type.kind) {
    case TypeKind::Bool:
      return bool_type();
    case TypeKind::Level:
      return level_type();
    case TypeKind::Int: {
      if (type.lo == nullptr) return unbounded_int_type();
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
      return simple_type(Kind::Int, *lo, *hi);
    }
    case TypeKind::Enum:
      result->kind = Kind::Enum;
      result->name = type.enumeration->name;
      result->names = type.enumeration->values;
      result->lo = 0;
      result->hi = static_cast<std::int64_t>(result->names.size()) - 1;
      return result;
    case TypeKind::Struct:
      result->kind = Kind::Struct;
      result->name = type.structure->name;
      for (const std::unique_ptr<types::VariableDecl>& field : type.structure->fields) {
        const ValueTypePtr lowered = lower_type(field->type, self, field->span);
        if (lowered == nullptr) return nullptr;
        result->fields.push_back(ValueType::Field{field->name, lowered});
      }
      return result;
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
      return result->element != nullptr ? result : nullptr;
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
        return result;
      }
      result->kind = type.kind == TypeKind::Set ? Kind::Set : Kind::Array;
      if (result->kind == Kind::Array) {
        result->index = lower_type(type.index, self, span);
        if (result->index == nullptr) return nullptr;
      }
      const ValueType& counted = result->kind == Kind::Array ? *result->index : *result->element;
      const std::int64_t count = value_count(counted);
      if (count < 1 && counted.kind == Kind::Ref) {
        diagnostics_.error("E0615", span, fmt::format("there is no instance of '{}' in this system", counted.name));
        return nullptr;
      }
      if (count > kMaxArray) {
        diagnostics_.error("E0614", span, fmt::format("{} elements are too many: at most {}", count, kMaxArray));
        return nullptr;
      }
      return result;
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

// ------------------------------------------------------------------------------------------ instances

bool Design::build_instances() {
  // The number of CPUs comes first: it is part of the type Cpu. It depends on parameters of the system only.
  InstanceNode* root = add_instance(system_decl_, nullptr, "", system_decl_.span);
  for (const std::unique_ptr<types::VariableDecl>& parameter : system_decl_.parameters) {
    bind_parameter(root, parameter.get(), nullptr, nullptr, parameter->span);
  }
  if (failed()) return false;
  if (system_decl_.cpus != nullptr) {
    const auto cpus = constant_of(*system_decl_.cpus, root, "the number of CPUs");
    if (!cpus) return false;
    if (*cpus < 1 || *cpus > 4) {
      diagnostics_.error("E0617", system_decl_.cpus->span,
                         fmt::format("a system has 1 to 4 CPUs, but this is {}", *cpus));
      return false;
    }
    system_.cpus = static_cast<std::uint32_t>(*cpus);
  }
  if (system_decl_.pin != nullptr) {
    const auto pin = constant_of(*system_decl_.pin, root, "the pin level");
    if (!pin) return false;
    if (*pin < 1 || *pin > kMaxLevel) {
      diagnostics_.error("E0616", system_decl_.pin->span,
                         fmt::format("the pin level is 1..{}, but this is {}", kMaxLevel, *pin));
      return false;
    }
    system_.pin_level = *pin;
  }
  add_members(root, system_decl_.members);
  candidates_.clear();  // asked for while the tree was growing
  if (failed()) return false;
  // References bound as parameters get their complete type now that all instances exist.
  for (const std::unique_ptr<InstanceNode>& node : nodes_) {
    for (auto& [variable, value] : node->values) {
      value.type = variable->type->kind == types::Type::Kind::Int && variable->type->lo == nullptr
                       ? unbounded_int_type()
                       : lower_type(variable->type, node.get(), variable->span);
    }
  }
  return !failed();
}

InstanceNode* Design::add_instance(const types::MachineDecl& machine, InstanceNode* parent, std::string path,
                                   Span span) {
  auto node = std::make_unique<InstanceNode>();
  node->id = InstanceId(nodes_.size());
  node->machine = &machine;
  node->parent = parent;
  Instance instance;
  instance.path = std::move(path);
  instance.machine = machine.name;
  if (parent != nullptr) instance.parent = parent->id;
  instance.span = span;
  system_.instances.push_back(std::move(instance));
  nodes_.push_back(std::move(node));
  return nodes_.back().get();
}

void Design::bind_parameters(InstanceNode* node, const std::vector<types::InstanceDecl::Argument>& arguments,
                             InstanceNode* outer, Span span) {
  for (const std::unique_ptr<types::VariableDecl>& parameter : node->machine->parameters) {
    const types::Expr* value = nullptr;
    for (const types::InstanceDecl::Argument& argument : arguments) {
      if (argument.parameter == parameter.get()) value = argument.value.get();
    }
    bind_parameter(node, parameter.get(), value, outer, span);
  }
}

void Design::bind_parameter(InstanceNode* node, const types::VariableDecl* parameter, const types::Expr* value,
                            InstanceNode* outer, Span span) {
  std::vector<Placeholder> none;
  const auto override_value = node->parent == nullptr ? overrides_.find(parameter) : overrides_.end();
  const bool given = override_value != overrides_.end();
  InstanceNode* scope = value != nullptr ? outer : node;  // a default sees the machine's own parameters
  if (value == nullptr && !given) value = parameter->init.get();
  if (value == nullptr && !given) {
    auto& found = diagnostics_.error("E0618", span, fmt::format("parameter '{}' needs a value", parameter->name));
    if (parameter->span != span) {
      found.labels.push_back(Label{parameter->span, "declared here, without a default"});
    }
    found.notes.push_back(node->parent == nullptr ? "give it a default, or a value in 'check ... with'"
                                                  : "give it in the parentheses, or a default where it is declared");
    return;
  }
  if (parameter->type->kind == types::Type::Kind::Function) {
    Frame frame{scope, {}, {}};
    Expressions expressions(*this, none, frame, nullptr);
    node->functions[parameter] = expressions.function_value(std::get<types::FunctionRefExpr>(value->node));
    return;
  }
  const bool unbounded = parameter->type->kind == types::Type::Kind::Int && parameter->type->lo == nullptr;
  const ValueTypePtr type = unbounded ? unbounded_int_type() : lower_type(parameter->type, node, parameter->span);
  if (type == nullptr) return;
  Value bound{type, {}};
  if (given) {
    bound.cells = {constant(override_value->second)};
  } else {
    Frame frame{scope, {}, {}};
    Expressions expressions(*this, none, frame, nullptr);
    bound = expressions.lower_as(*value, type);
    for (const Fault& fault : expressions.take_faults()) {
      std::int64_t known = 1;
      if (exprs().is_constant(fault.condition, &known)) diagnostics_.error("E0611", fault.span, fault.message);
    }
  }
  for (const ExprId cell : bound.cells) {
    std::int64_t number = 0;
    if (!exprs().is_constant(cell, &number)) {
      diagnostics_.error(
          "E0612", value != nullptr ? value->span : span,
          fmt::format("the value of parameter '{}' must be known before the system runs", parameter->name));
      return;
    }
    if (is_scalar(*type) && type->kind != Kind::Ref &&
        !(type->kind == Kind::Optional && type->element->kind == Kind::Ref) && !unbounded) {
      const Domain domain = domain_of(*type);
      if (number < domain.lo || number > domain.hi) {
        diagnostics_.error("E0610", value != nullptr ? value->span : span,
                           fmt::format("parameter '{}' is given {}, but its range is {}..{}", parameter->name, number,
                                       domain.lo, domain.hi));
        return;
      }
    }
  }
  node->values[parameter] = std::move(bound);
}

void Design::add_members(InstanceNode* node, const std::vector<types::Member>& members) {
  // Every nested instance exists before the first is filled, so that parameters may refer to later ones.
  std::vector<const types::InstanceDecl*> instances;
  list_members(node, members, instances);
  for (const types::InstanceDecl* decl : instances) {
    if (failed()) {
      return;
    }
    fill_child(node, *decl);
  }
}

void Design::list_members(InstanceNode* node, const std::vector<types::Member>& members,
                          std::vector<const types::InstanceDecl*>& instances) {
  for (const types::Member& member : members) {
    if (failed()) {
      return;
    }
    std::visit(
        Overloaded{
            [&](const std::unique_ptr<types::VariableDecl>& variable) {
              if (variable->kind == types::VariableDecl::Kind::Const) {
                Frame frame{node, {}, {}};
                std::vector<Placeholder> none;
                Expressions expressions(*this, none, frame, nullptr);
                node->values[variable.get()] = expressions.lower(*variable->init);
              } else {
                node->variable_order.push_back(variable.get());
              }
            },
            [&](const std::unique_ptr<types::InstanceDecl>& instance) {
              create_child(node, *instance);
              instances.push_back(instance.get());
            },
            [](const std::unique_ptr<types::FunctionDecl>&) {},
            [&](const std::unique_ptr<types::ContextDecl>& context) { node->context_order.push_back(context.get()); },
            [&](const std::unique_ptr<types::ActionDecl>& action) { node->action_order.push_back(action.get()); },
            [&](const std::unique_ptr<types::PropertyDecl>& property) {
              node->property_order.push_back(property.get());
            },
            [&](const std::unique_ptr<types::MemberGroup>& group) {
              const auto condition = constant_of(*group->condition, node, "the condition of a member");
              if (condition) {
                list_members(node, *condition != 0 ? group->then_members : group->else_members, instances);
              }
            },
        },
        member);
  }
}

void Design::create_child(InstanceNode* node, const types::InstanceDecl& decl) {
  if (depth_ > kMaxNesting || nodes_.size() > kMaxInstances) {
    diagnostics_.error("E0619", decl.span,
                       fmt::format("instances are nested without end: '{}' contains itself", decl.machine->name));
    return;
  }
  std::vector<InstanceNode*>& children = node->children[&decl];
  if (decl.index == nullptr) {
    children = {add_instance(*decl.machine, node, path(node, decl.name), decl.span)};
  } else if (const ValueTypePtr index = lower_type(decl.index, node, decl.span)) {
    for (std::int64_t i = 0; i < value_count(*index); ++i) {
      if (nodes_.size() > kMaxInstances) {
        diagnostics_.error("E0619", decl.span, fmt::format("a system has at most {} instances", kMaxInstances));
        return;
      }
      const std::int32_t cell = static_cast<std::int32_t>(value_at(*index, i));
      children.push_back(add_instance(
          *decl.machine, node, fmt::format("{}[{}]", path(node, decl.name), format_value(*index, &cell)), decl.span));
    }
  }
  node->child_order.insert(node->child_order.end(), children.begin(), children.end());
}

void Design::fill_child(InstanceNode* node, const types::InstanceDecl& decl) {
  ++depth_;
  const std::vector<InstanceNode*> children = node->children.at(&decl);
  const ValueTypePtr index = decl.index_variable != nullptr ? lower_type(decl.index, node, decl.span) : nullptr;
  for (std::size_t i = 0; i < children.size() && !failed(); ++i) {
    if (index != nullptr) {
      node->values[decl.index_variable.get()] =
          Value{index, {constant(value_at(*index, static_cast<std::int64_t>(i)))}};
    }
    bind_parameters(children[i], decl.arguments, node, decl.span);
    if (!failed()) {
      add_members(children[i], decl.machine->members);
    }
  }
  if (index != nullptr) {
    node->values.erase(decl.index_variable.get());
  }
  --depth_;
}

// --------------------------------------------------------------------------------------------- storage

CellId Design::new_cell(Cell cell) {
  const CellId id(system_.cells.size());
  system_.cells.push_back(std::move(cell));
  return id;
}

void Design::fill_cells(const ValueType& type, const std::string& name, VariableId variable) {
  const auto add = [&](Domain domain, std::int64_t rest, CellKind kind, const std::string& cell_name) {
    Cell cell;
    cell.name = cell_name;
    cell.lo = std::min(domain.lo, rest);
    cell.hi = std::max(domain.hi, rest);
    cell.rest = rest;
    cell.kind = kind;
    cell.variable = variable;
    new_cell(std::move(cell));
  };
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
      add(domain_of(type), rest_values(type)[0], type.kind == Kind::Cpu ? CellKind::Cpu : CellKind::Plain, name);
      return;
    case Kind::Optional:
      if (cell_count(type) == 1 && is_scalar(type)) {
        add(domain_of(type), rest_values(type)[0], type.element->kind == Kind::Cpu ? CellKind::Cpu : CellKind::Plain,
            name);
        return;
      }
      add(Domain{0, 1}, 0, CellKind::Plain, name + ".present");
      fill_cells(*type.element, name, variable);
      return;
    case Kind::Struct:
      for (const ValueType::Field& field : type.fields) fill_cells(*field.type, name + "." + field.name, variable);
      return;
    case Kind::Array: {
      const std::int64_t count = value_count(*type.index);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t index = static_cast<std::int32_t>(value_at(*type.index, i));
        fill_cells(*type.element, fmt::format("{}[{}]", name, format_value(*type.index, &index)), variable);
      }
      return;
    }
    case Kind::Set: {
      const std::int64_t count = value_count(*type.element);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int32_t element = static_cast<std::int32_t>(value_at(*type.element, i));
        add(Domain{0, 1}, 0, CellKind::Plain, fmt::format("{}{{{}}}", name, format_value(*type.element, &element)));
      }
      return;
    }
    case Kind::Queue:
      add(Domain{0, type.capacity}, 0, CellKind::Plain, name + ".length");
      for (std::uint32_t i = 0; i < type.capacity; ++i)
        fill_cells(*type.element, fmt::format("{}[{}]", name, i), variable);
      return;
    case Kind::Spinlock:
      add(Domain{0, 0}, 0, CellKind::Slot, name + ".holder");  // widened when the slots are known
      add(Domain{0, kMaxLevel}, 0, CellKind::Plain, name + ".saved");
      return;
    case Kind::Mutex:
      add(Domain{0, 0}, 0, CellKind::Slot, name + ".holder");
      return;
  }
}

void Design::register_cpu_blocks(const ValueType& type, CellId first) {
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Spinlock:
    case Kind::Mutex:
      return;
    case Kind::Optional:
      if (!is_scalar(type)) register_cpu_blocks(*type.element, CellId(first.value + 1));
      return;
    case Kind::Struct: {
      std::uint32_t at = first.value;
      for (const ValueType::Field& field : type.fields) {
        register_cpu_blocks(*field.type, CellId(at));
        at += cell_count(*field.type);
      }
      return;
    }
    case Kind::Set:
    case Kind::Array: {
      const bool is_set = type.kind == Kind::Set;
      const ValueType& index = is_set ? *type.element : *type.index;
      const std::uint32_t width = is_set ? 1 : cell_count(*type.element);
      const std::int64_t count = value_count(index);
      if (index.kind == Kind::Cpu) {
        CpuBlocks blocks;
        blocks.length = width;
        for (std::int64_t i = 0; i < count; ++i)
          blocks.first.push_back(CellId(first.value + static_cast<std::uint32_t>(i) * width));
        system_.cpu_blocks.push_back(std::move(blocks));
      }
      if (is_set) return;
      for (std::int64_t i = 0; i < count; ++i) {
        register_cpu_blocks(*type.element, CellId(first.value + static_cast<std::uint32_t>(i) * width));
      }
      return;
    }
    case Kind::Queue: {
      const std::uint32_t width = cell_count(*type.element);
      for (std::uint32_t i = 0; i < type.capacity; ++i)
        register_cpu_blocks(*type.element, CellId(first.value + 1 + i * width));
      return;
    }
  }
}

void Design::register_locks(const ValueType& type, CellId first, const std::string& name, Span span,
                            InstanceNode* node) {
  switch (type.kind) {
    case Kind::Bool:
    case Kind::Int:
    case Kind::Enum:
    case Kind::Level:
    case Kind::Cpu:
    case Kind::Ref:
    case Kind::Optional:
    case Kind::Set:
    case Kind::Queue:
      return;
    case Kind::Struct: {
      std::uint32_t at = first.value;
      for (const ValueType::Field& field : type.fields) {
        register_locks(*field.type, CellId(at), name + "." + field.name, span, node);
        at += cell_count(*field.type);
      }
      return;
    }
    case Kind::Array: {
      const std::uint32_t width = cell_count(*type.element);
      for (std::int64_t i = 0; i < value_count(*type.index); ++i) {
        const std::int32_t index = static_cast<std::int32_t>(value_at(*type.index, i));
        register_locks(*type.element, CellId(first.value + static_cast<std::uint32_t>(i) * width),
                       fmt::format("{}[{}]", name, format_value(*type.index, &index)), span, node);
      }
      return;
    }
    case Kind::Spinlock:
    case Kind::Mutex: {
      Lock lock;
      lock.name = name;
      lock.is_mutex = type.kind == Kind::Mutex;
      lock.level = lock.is_mutex ? -1 : type.lo;
      lock.holder = first;
      if (!lock.is_mutex && lock.level >= 0) lock.saved = CellId(first.value + 1);
      lock.span = span;
      const LockId id(system_.locks.size());
      locks_[first.value] = id;
      node->locks.push_back(id);
      system_.locks.push_back(std::move(lock));
      return;
    }
  }
}

const Lock& Design::lock_at(CellId cell) const { return system_.at(locks_.at(cell.value)); }

VariableId Design::new_variable(std::string name, ValueTypePtr type, std::optional<ContextId> owner, bool hidden,
                                Span span) {
  Variable variable;
  variable.name = std::move(name);
  variable.type = type;
  variable.first = CellId(system_.cells.size());
  variable.owner = owner;
  variable.hidden = hidden;
  variable.span = span;
  const VariableId id(system_.variables.size());
  if (system_.cells.size() + cell_count(*type) > kMaxCells) {
    diagnostics_.error("E0620", span,
                       fmt::format("'{}' makes the state larger than {} numbers", variable.name, kMaxCells));
  } else {
    fill_cells(*type, variable.name, id);
    register_cpu_blocks(*type, variable.first);
  }
  system_.variables.push_back(std::move(variable));
  return id;
}

bool Design::allocate() {
  for (const std::unique_ptr<InstanceNode>& node : nodes_) {
    if (node->machine->is_object) {
      Cell cell;
      cell.name = path(node.get(), "life");
      cell.hi = 2;
      system_.instances[node->id.value].life = new_cell(std::move(cell));
    }
    allocate_variables(node.get());
    if (failed()) return false;
  }
  for (const std::unique_ptr<InstanceNode>& node : nodes_) {
    allocate_contexts(node.get());
    if (failed()) return false;
  }
  for (const Lock& lock : system_.locks) system_.cells[lock.holder.value].hi = system_.slots;
  return !failed();
}

void Design::allocate_variables(InstanceNode* node) {
  for (const types::VariableDecl* decl : node->variable_order) {
    const ValueTypePtr type = lower_type(decl->type, node, decl->span);
    if (type == nullptr) return;
    const std::string name = path(node, decl->name);
    const VariableId id = new_variable(name, type, std::nullopt, false, decl->span);
    if (failed()) return;
    const CellId first = system_.at(id).first;
    node->variables[decl] = PlaceRef{type, {first}, ExprId{}};
    register_locks(*type, first, name, decl->span, node);
  }
}

void Design::allocate_contexts(InstanceNode* node) {
  for (const types::ContextDecl* decl : node->context_order) {
    Context context;
    context.name = path(node, decl->name);
    context.kind = decl->is_handler ? ContextKind::Handler : ContextKind::Thread;
    context.instance = node->id;
    context.span = decl->span;
    context.urgent = decl->urgent;
    context.first_slot = system_.slots;
    if (decl->level != nullptr) {
      const auto level = constant_of(*decl->level, node, "the level of a thread or handler");
      if (!level) return;
      if (*level < 0 || *level > kMaxLevel) {
        diagnostics_.error("E0616", decl->level->span,
                           fmt::format("levels are 0..{}, but this is {}", kMaxLevel, *level));
        return;
      }
      context.start_level = *level;
    }
    if (decl->is_handler && decl->urgent && (decl->on == nullptr || context.start_level < pin_level())) {
      diagnostics_.error(
          "E0622", decl->span,
          decl->on == nullptr
              ? fmt::format("urgent handler '{}' needs 'on': the CPU on which nothing lower goes on", decl->name)
              : fmt::format("urgent handler '{}' must start at or above the pin level {}", decl->name, pin_level()));
      return;
    }
    if (decl->is_handler && decl->on != nullptr && context.start_level < pin_level()) {
      diagnostics_.error(
          "E0623", decl->on->span,
          fmt::format("handler '{}' starts below the pin level {}, where it is bound to no CPU: it cannot have 'on'",
                      decl->name, pin_level()));
      return;
    }
    if (decl->concurrent != nullptr) {
      const auto count = constant_of(*decl->concurrent, node, "the number of activations");
      if (!count) return;
      if (*count < 1 || *count > 16) {
        diagnostics_.error("E0624", decl->concurrent->span,
                           fmt::format("a handler has 1 to 16 activations, but this is {}", *count));
        return;
      }
      context.activations = static_cast<std::uint32_t>(*count);
    }
    system_.slots += context.activations;
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const std::string name = context.activations == 1 ? context.name : fmt::format("{}#{}", context.name, a);
      const auto add = [&](const char* what, std::int64_t hi, CellKind kind) {
        Cell cell;
        cell.name = name + "/" + what;
        cell.hi = hi;
        cell.kind = kind;
        return new_cell(std::move(cell));
      };
      context.location_cell.push_back(add("location", 0, CellKind::Location));
      context.level_cell.push_back(add("level", kMaxLevel, CellKind::Plain));
      context.cpu_cell.push_back(add("cpu", system_.cpus, CellKind::Cpu));
    }
    context.local_cells.resize(context.activations);
    node->contexts[decl] = ContextId(system_.contexts.size());
    system_.contexts.push_back(std::move(context));
  }
  for (const types::ActionDecl* decl : node->action_order) {
    Action action;
    action.name = path(node, decl->name);
    action.instance = node->id;
    action.span = decl->span;
    node->actions[decl] = ActionId(system_.actions.size());
    system_.actions.push_back(std::move(action));
  }
}

// ------------------------------------------------------------------------------------------- intervals

namespace {

Domain hull(Domain a, Domain b) { return Domain{std::min(a.lo, b.lo), std::max(a.hi, b.hi)}; }

Domain interval_of_binary(const TransitionSystem& system, const BinaryExpr& binary) {
  switch (binary.op) {
    case BinaryOp::And:
    case BinaryOp::Or:
    case BinaryOp::Equal:
    case BinaryOp::NotEqual:
    case BinaryOp::Less:
    case BinaryOp::LessEqual:
    case BinaryOp::Greater:
    case BinaryOp::GreaterEqual:
      return Domain{0, 1};
    case BinaryOp::Add:
    case BinaryOp::Subtract:
    case BinaryOp::Multiply:
    case BinaryOp::Divide:
    case BinaryOp::Modulo:
      break;
  }
  const Domain a = interval_of(system, binary.left);
  const Domain b = interval_of(system, binary.right);
  const auto clamp = [](std::int64_t x) { return std::clamp<std::int64_t>(x, -kUnbounded, kUnbounded); };
  if (binary.op == BinaryOp::Add) return Domain{clamp(a.lo + b.lo), clamp(a.hi + b.hi)};
  if (binary.op == BinaryOp::Subtract) return Domain{clamp(a.lo - b.hi), clamp(a.hi - b.lo)};
  if (binary.op == BinaryOp::Multiply) {
    const std::int64_t limit = std::int64_t{1} << 31;
    if (a.lo < -limit || a.hi > limit || b.lo < -limit || b.hi > limit) return Domain{-kUnbounded, kUnbounded};
    const std::int64_t products[] = {a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi};
    return Domain{clamp(*std::min_element(products, products + 4)), clamp(*std::max_element(products, products + 4))};
  }
  if (binary.op == BinaryOp::Divide) {
    const std::int64_t most = std::max(std::abs(a.lo), std::abs(a.hi));
    return Domain{a.lo >= 0 && b.lo >= 0 ? 0 : -most, most};
  }
  const std::int64_t most = std::max(std::abs(b.lo), std::abs(b.hi));
  return Domain{a.lo >= 0 ? 0 : -most, most};
}

}  // namespace

Domain interval_of(const TransitionSystem& system, ExprId expr) {
  const Expr& node = system.at(expr);
  if (const auto* constant = std::get_if<ConstantExpr>(&node)) return Domain{constant->value, constant->value};
  if (const auto* load = std::get_if<LoadExpr>(&node)) {
    if (load->place.cells[0].value >= kFirstPlaceholder) return Domain{0, 1};
    Domain result{system.at(load->place.cells[0]).lo, system.at(load->place.cells[0]).hi};
    for (const CellId cell : load->place.cells) result = hull(result, Domain{system.at(cell).lo, system.at(cell).hi});
    return result;
  }
  if (const auto* unary = std::get_if<UnaryExpr>(&node)) {
    if (unary->op == UnaryOp::Not) return Domain{0, 1};
    const Domain operand = interval_of(system, unary->operand);
    return Domain{-operand.hi, -operand.lo};
  }
  if (const auto* binary = std::get_if<BinaryExpr>(&node)) return interval_of_binary(system, *binary);
  if (const auto* conditional = std::get_if<ConditionalExpr>(&node)) {
    return hull(interval_of(system, conditional->then_value), interval_of(system, conditional->else_value));
  }
  if (const auto* lookup = std::get_if<LookupExpr>(&node)) {
    const auto [lo, hi] = std::minmax_element(lookup->table.begin(), lookup->table.end());
    return Domain{*lo, *hi};
  }
  if (std::holds_alternative<IdleExpr>(node)) return Domain{0, 1};
  if (std::holds_alternative<CurrentCpuExpr>(node)) return Domain{1, system.cpus};
  if (std::holds_alternative<SelfActivationExpr>(node)) return Domain{0, 15};
  return Domain{-kUnbounded, kUnbounded};  // scratch registers
}

}  // namespace quiesce::model

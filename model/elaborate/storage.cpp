// Cells for variables, locks, threads and handlers (see design.h).
#include "model/elaborate/design.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

using Kind = ValueType::Kind;

namespace {

/// The weakest of what the text says: what is called unfair is owed nothing.
template <typename Decl>
Fairness fairness_of(const Decl& decl) {
  if (decl.sporadic) return Fairness::Sporadic;
  if (decl.unfair) return Fairness::Unfair;
  if (decl.strong) return Fairness::Strong;
  return decl.fair ? Fairness::Fair : Fairness::Default;
}

/// Hand-overs hold nothing that could be shown.
bool stands_for_hand_over(const types::Type& type) {
  if (type.kind == types::Type::Kind::Array) return stands_for_hand_over(*type.element);
  return type.kind == types::Type::Kind::Handover;
}

}  // namespace

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
  if (system_.cells.size() + cell_count(*type) > kMaxStateCells) {
    diagnostics_.error("E0620", span,
                       fmt::format("'{}' makes the state larger than {} numbers", variable.name, kMaxStateCells));
  } else {
    fill_cells(*type, variable.name, id);
    register_cpu_blocks(*type, variable.first);
  }
  system_.variables.push_back(std::move(variable));
  return id;
}

std::vector<const types::VariableDecl*> Design::open_params() const {
  std::vector<const types::VariableDecl*> result;
  for (const std::unique_ptr<types::VariableDecl>& param : program_.values) {
    if (is_left_open(*param)) result.push_back(param.get());
  }
  return result;
}

void Design::allocate_open_params() {
  for (const types::VariableDecl* param : open_params()) {
    const ValueTypePtr type = lower_type(param->type, nullptr, param->span);
    if (type == nullptr) return;
    const CellId first = system_.at(new_variable(param->name, type, std::nullopt, false, param->span)).first;
    open_params_[param] = PlaceRef{type, {first}, ExprId{}};
    module_values_[param] = Value{type, {exprs().load(first)}};
  }
}

bool Design::allocate() {
  allocate_open_params();
  if (failed()) return false;
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
    const VariableId id = new_variable(name, type, std::nullopt, stands_for_hand_over(*decl->type), decl->span);
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
    context.fairness = fairness_of(*decl);
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
    if (!decl->is_handler && context.start_level >= pin_level()) {
      // It begins pinned, on a CPU of its own; without one there would be no initial state, and all rules would hold.
      const auto pinned = std::count_if(system_.contexts.begin(), system_.contexts.end(), [&](const Context& other) {
        return other.kind == ContextKind::Thread && other.start_level >= pin_level();
      });
      if (pinned >= static_cast<std::ptrdiff_t>(system_.cpus)) {
        diagnostics_.error("E0621", decl->level->span,
                           fmt::format("a thread that begins at or above the pin level {} needs a CPU of its own, but "
                                       "there {} only {}",
                                       pin_level(), system_.cpus == 1 ? "is" : "are", system_.cpus));
        return;
      }
    }
    if (decl->is_handler && decl->urgent && (decl->on == nullptr || context.start_level < pin_level())) {
      diagnostics_.error(
          "E0622", decl->span,
          decl->on == nullptr
              ? fmt::format("urgent handler '{}' needs 'on': the CPU on which nothing lower continues", decl->name)
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
    if (system_.slots > kMaxSlots) {
      diagnostics_.error(
          "E0624", decl->span,
          fmt::format("all threads and handlers of a system have at most {} activations together", kMaxSlots));
      return;
    }
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
    action.fairness = fairness_of(*decl);
    node->actions[decl] = ActionId(system_.actions.size());
    system_.actions.push_back(std::move(action));
  }
}

}  // namespace quiesce::model

// The tree of instances with their parameters (see design.h).
#include "model/elaborate/design.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/base/overloaded.h"
#include "model/base/patience.h"
#include "model/elaborate/expressions.h"
#include "model/types/builtin.h"

namespace quiesce::model {

using Kind = ValueType::Kind;

namespace {
constexpr std::uint32_t kMaxNesting = 64;  // instances inside instances
constexpr std::size_t kMaxInstances = 4096;
}  // namespace

bool Design::build_instances() {
  // The number of CPUs comes first: it is part of the type Cpu. It depends on parameters of the system only.
  InstanceNode* root = add_instance(system_decl_, nullptr, "", system_decl_.span);
  root->filled = true;
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
    is_pin_level_known_ = true;
  }
  add_members(root, system_decl_.members);
  complete_arrays_over_instances();
  is_growing_ = false;
  judge_dependences();
  structs_.clear();  // of types that were asked for while the tree was growing
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

/// An array with an element for each instance of a machine gets those for instances that were made after it. They come
/// after the others in the order of candidates(), so that no element changes its place.
void Design::complete_arrays_over_instances() {
  bool grown = true;
  while (grown && !failed()) {
    grown = false;
    for (std::size_t i = 0; i < arrays_over_instances_.size() && !failed(); ++i) {
      const auto [node, decl] = arrays_over_instances_[i];
      const std::size_t before = nodes_.size();
      add_elements(node, *decl);
      const std::vector<InstanceNode*> children = node->children.at(decl);
      for (InstanceNode* child : children) fill(child);
      grown = grown || nodes_.size() > before;
    }
  }
}

void Design::depends_on_instances(const types::Type& type, Span span) {
  if (!is_growing_ || type.kind != types::Type::Kind::Ref) return;
  dependences_.push_back({type.machine, type.interface, candidates(type.machine, type.interface).size(), span});
}

void Design::judge_dependences() {
  for (const Dependence& one : dependences_) {
    const std::size_t instances = candidates(one.machine, one.interface).size();
    if (instances == one.instances) continue;
    diagnostics_
        .error("E0646", one.span,
               fmt::format("this depends on how many instances of '{}' there are, while they are still being made: {} "
                           "here, {} in the end",
                           one.machine != nullptr ? one.machine->name : one.interface->name, one.instances, instances))
        .notes.push_back(
            "constants, arguments and conditions of members are evaluated in the order of the text: ask in a "
            "property, a condition or a statement instead");
  }
}

InstanceNode* Design::add_instance(const types::MachineDecl& machine, InstanceNode* parent, std::string path,
                                   Span span) {
  ask_patience(span);
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
  candidates_.clear();
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
    if (!is_scalar(*type)) expressions.require_range(bound, parameter->name, value->span);
    for (const Fault& fault : expressions.take_faults()) {
      std::int64_t known = 1;
      if (exprs().is_constant(fault.condition, &known)) diagnostics_.error("E0611", fault.span, fault.message);
    }
  }
  for (const ExprId cell : bound.cells) {
    std::int64_t number = 0;
    if (!exprs().is_constant(cell, &number)) {
      if (const auto* open = open_param_in(cell)) {
        report_open(*open, value != nullptr ? value->span : span, "machines are built with it");
        return;
      }
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
    const std::vector<InstanceNode*> children = node->children.at(decl);
    for (InstanceNode* child : children) {
      fill(child);
    }
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
                node->values[variable.get()] = value_of_constant(*variable, node);
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
            [&](const std::unique_ptr<types::ActionDecl>& action) {
              (action->initially ? node->initially_order
               : action->event   ? node->reaction_order
                                 : node->action_order)
                  .push_back(action.get());
            },
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
  if (depth_ >= kMaxNesting) {
    diagnostics_.error(
        "E0619", decl.span,
        fmt::format("instances are nested more than {} deep at one of '{}'", kMaxNesting, decl.machine->name));
    return;
  }
  node->children[&decl];
  if (decl.index == nullptr) {
    add_child(node, decl, path(node, decl.name));
    return;
  }
  if (decl.index->kind == types::Type::Kind::Ref) arrays_over_instances_.emplace_back(node, &decl);
  add_elements(node, decl);
}

void Design::add_elements(InstanceNode* node, const types::InstanceDecl& decl) {
  if (!is_growing_) return;
  const ValueTypePtr index = lower_type(decl.index, node, decl.span);
  if (index == nullptr) return;
  for (auto i = static_cast<std::int64_t>(node->children.at(&decl).size()); i < value_count(*index); ++i) {
    const std::int32_t cell = static_cast<std::int32_t>(value_at(*index, i));
    if (!add_child(node, decl, fmt::format("{}[{}]", path(node, decl.name), format_value(*index, &cell)))) return;
  }
}

bool Design::add_child(InstanceNode* node, const types::InstanceDecl& decl, std::string path) {
  if (nodes_.size() > kMaxInstances) {
    diagnostics_.error("E0619", decl.span, fmt::format("a system has at most {} instances", kMaxInstances));
    return false;
  }
  std::vector<InstanceNode*>& children = node->children.at(&decl);
  InstanceNode* child = add_instance(*decl.machine, node, std::move(path), decl.span);
  child->decl = &decl;
  child->position = children.size();
  children.push_back(child);
  node->child_order.push_back(child);
  return true;
}

void Design::fill(InstanceNode* node) {
  if (node->filled || failed()) {
    return;
  }
  node->filled = true;
  InstanceNode* outer = node->parent;
  if (outer == nullptr) {
    return;  // the system is filled by build_instances()
  }
  ++depth_;
  const types::InstanceDecl& decl = *node->decl;
  std::optional<Value> saved;  // of the index variable, when another instance of the array is just being filled
  if (decl.index_variable != nullptr) {
    if (const auto known = outer->values.find(decl.index_variable.get()); known != outer->values.end()) {
      saved = known->second;
    }
    if (const ValueTypePtr index = lower_type(decl.index, outer, decl.span)) {
      outer->values[decl.index_variable.get()] =
          Value{index, {constant(value_at(*index, static_cast<std::int64_t>(node->position)))}};
    }
  }
  bind_parameters(node, decl.arguments, outer, decl.span);
  if (decl.index_variable != nullptr) {
    outer->values.erase(decl.index_variable.get());
    if (saved) {
      outer->values[decl.index_variable.get()] = *saved;
    }
  }
  if (!failed()) {
    add_members(node, node->machine->members);
  }
  --depth_;
}

}  // namespace quiesce::model

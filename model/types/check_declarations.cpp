// What stands directly in a module: constants, params, structs, functions, interfaces.
#include <fmt/format.h>

#include "model/base/word.h"
#include "model/types/checker.h"
#include "model/types/flow.h"

namespace quiesce::model::types {
namespace {

/// The declaration that `node` got in the first pass; null when another of its name came first.
template <typename Decl>
Decl* declared_as(const std::map<std::string, Declared>& declared, const syntax::Name& name) {
  const auto found = declared.find(name.text);
  if (found == declared.end() || found->second.span != name.span) return nullptr;
  Decl* const* decl = std::get_if<Decl*>(&found->second.symbol);
  return decl == nullptr ? nullptr : *decl;
}

}  // namespace

/// Parameters and constants of all machines come first, since types and constants elsewhere may use them.
void Checker::shape_machines() {
  const auto for_each_machine = [&](const auto& visit) {
    for (const auto& module : modules_) {
      const auto& declared = families_[module->family].declared;
      for (const syntax::Declaration& declaration : module->file->declarations) {
        if (const auto* machine = std::get_if<syntax::Machine>(&declaration.kind)) {
          if (auto* decl = declared_as<MachineDecl>(declared, machine->name)) {
            visit(*info_of(decl), machine->parameters, machine->members);
          }
        } else if (const auto* system = std::get_if<syntax::System>(&declaration.kind)) {
          if (auto* decl = declared_as<MachineDecl>(declared, system->name)) {
            visit(*info_of(decl), system->parameters, system->members);
          }
        }
      }
    }
  };
  for_each_machine(
      [&](MachineInfo& info, const auto& parameters, const auto& members) { shape_head(info, parameters, members); });
  for_each_machine([&](MachineInfo& info, const auto&, const auto& members) { shape_inside(info, members); });
}

void Checker::shape_structs(const Module& module) {
  for (const syntax::Declaration& declaration : module.file->declarations) {
    if (const auto* structure = std::get_if<syntax::Struct>(&declaration.kind)) shape_struct(module, *structure);
  }
}

void Checker::shape_module(const Module& module) {
  for (const syntax::Declaration& declaration : module.file->declarations) {
    if (const auto* function = std::get_if<syntax::Function>(&declaration.kind)) {
      shape_function(module, *function);
    } else if (const auto* interface = std::get_if<syntax::Interface>(&declaration.kind)) {
      shape_interface(module, *interface);
    }
  }
}

/// Finds out the type and value of a constant or param when it is first needed.
void Checker::ensure_value(const VariableDecl* variable) {
  const auto found = pending_.find(variable);
  if (found == pending_.end()) return;
  PendingValue& pending = found->second;
  auto& decl = const_cast<VariableDecl&>(*variable);  // ours: the checker made it
  if (pending.in_progress) {
    Diagnostic& diagnostic = error("E0209", decl.span, fmt::format("the value of '{}' depends on itself", decl.name));
    diagnostic.labels.push_back({pending.value->span, "through this value"});
    return;
  }
  pending.in_progress = true;
  const char* what = decl.kind == VariableDecl::Kind::Param ? "param" : "constant";
  Environment environment = pending.environment;
  environment.no_context = fmt::format("the value of a {}", what);
  {
    Within within(*this, environment);
    const std::string role = fmt::format("the value of {} '{}'", what, decl.name);
    TypePtr type;
    const bool is_param = decl.kind == VariableDecl::Kind::Param;
    if (pending.type != nullptr) {
      type = resolve_value_type(*pending.type, fmt::format("{} '{}'", what, decl.name),
                                is_param ? Integers::All : Integers::Bounded);
    }
    ExprPtr value;
    if (pending.value == nullptr) return leave_open(decl, type, environment);
    if (pending.type == nullptr) {
      value = check(*pending.value);
      if (value && (value->type->kind == Type::Kind::Null || value->type->kind == Type::Kind::Void)) {
        error("E0308", decl.span,
              fmt::format("the type of constant '{}' cannot be inferred from its value", decl.name));
        value = nullptr;
      }
      if (value) type = value->type;
    } else if (type) {
      value = check_as(*pending.value, type, role, decl.span);
    }
    if (value && !require_constant(value, role)) value = nullptr;
    decl.type = type;
    decl.init = std::move(value);
  }
  pending_.erase(variable);
}

/// A param with the value 'any'. Its condition is checked behind the others, since it mentions the param itself.
void Checker::leave_open(VariableDecl& decl, const TypePtr& type, const Environment& environment) {
  decl.type = type;
  decl.any = true;
  const syntax::Expression* where = pending_.at(&decl).where;
  pending_.erase(&decl);
  if (!type) return;
  if (!is_scalar(*type) || type->kind == Type::Kind::Cpu || type->kind == Type::Kind::Ref) {
    error("E0313", decl.span, fmt::format("param '{}' is '{}', which cannot be left open", decl.name, text(type)));
    return;
  }
  if (where == nullptr) return;
  bodies_.push_back([this, &decl, where, environment] {
    Environment own = environment;
    Within within(*this, own);
    decl.where = check_condition(*where, "'where'");
    if (decl.where && !require_constant(decl.where, "the condition of an open param")) decl.where = nullptr;
  });
}

void Checker::shape_struct(const Module& module, const syntax::Struct& node) {
  auto* decl = declared_as<StructDecl>(families_[module.family].declared, node.name);
  if (decl == nullptr) return;
  Environment environment;
  environment.module = &module;
  Within within(*this, environment);
  std::map<std::string, Span> seen;
  for (const syntax::Field& field : node.fields) {
    const auto [first, added] = seen.emplace(field.name.text, field.name.span);
    if (!added) {
      Diagnostic& diagnostic =
          error("E0202", field.name.span,
                fmt::format("field '{}' is already declared in struct '{}'", field.name.text, node.name.text));
      diagnostic.labels.push_back({first->second, "first declared here"});
      continue;
    }
    TypePtr type = resolve_value_type(*field.type, fmt::format("field '{}'", field.name.text), Integers::All);
    auto variable = new_variable(field.name, VariableDecl::Kind::Field, type);
    variable->doc = field.doc;
    decl->fields.push_back(std::move(variable));
  }
}

namespace {

const StructDecl* struct_inside(const Type* type) {
  while (type != nullptr) {
    if (type->kind == Type::Kind::Struct) return type->structure;
    type = type->kind == Type::Kind::Array || type->kind == Type::Kind::Optional || type->kind == Type::Kind::Queue
               ? type->element.get()
               : nullptr;
  }
  return nullptr;
}

bool reaches(const StructDecl& from, const StructDecl& to, std::set<const StructDecl*>& seen) {
  if (!seen.insert(&from).second) return false;
  for (const auto& field : from.fields) {
    const StructDecl* next = struct_inside(field->type.get());
    if (next != nullptr && (next == &to || reaches(*next, to, seen))) return true;
  }
  return false;
}

}  // namespace

void Checker::check_struct_nesting() {
  for (const auto& structure : program_->structs) {
    for (const auto& field : structure->fields) {
      const StructDecl* inner = struct_inside(field->type.get());
      std::set<const StructDecl*> seen;
      if (inner == nullptr || (inner != structure.get() && !reaches(*inner, *structure, seen))) continue;
      error("E0315", field->span, fmt::format("struct '{}' would contain itself", own_name(structure->name)));
      // Whatever walks the fields of a type would not come to an end.
      field->type = nullptr;
      break;
    }
  }
}

// ----------------------------------------------------------------------------------------------- functions

void Checker::add_signature(FunctionDecl& function, const syntax::Function& node, const Environment& environment) {
  with_signature_.push_back(&function);
  pending_signatures_[&function] = [this, &function, &node, environment] {
    Environment inside = environment;
    Within within(*this, inside);
    fill_signature(function, node);
  };
}

void Checker::ensure_signature(const FunctionDecl* function) {
  const auto found = pending_signatures_.find(function);
  if (found == pending_signatures_.end()) return;
  const std::function<void()> fill = std::move(found->second);
  pending_signatures_.erase(found);
  fill();
}

void Checker::fill_signature(FunctionDecl& function, const syntax::Function& node) {
  function.kind = node.expression  ? FunctionDecl::Kind::Expression
                  : node.is_atomic ? FunctionDecl::Kind::Atomic
                                   : FunctionDecl::Kind::Steps;
  function.returns = node.is_returns;
  function.has_body = node.expression || node.block;
  const bool constant_scope = std::exchange(env().machine_scope_is_constant, true);
  bool failed = false;
  bool had_default = false;
  {
    Locals scope(env());
    for (const syntax::Parameter& parameter : node.parameters) {
      TypePtr type;
      {
        // Types may use what is fixed for each instance; only defaults are copied to the caller.
        env().machine_scope_is_constant = constant_scope;
        type = resolve_value_type(*parameter.type, fmt::format("parameter '{}'", parameter.name.text), Integers::All);
        env().machine_scope_is_constant = true;
      }
      auto variable = new_variable(parameter.name, VariableDecl::Kind::Parameter, type);
      failed = failed || !type;
      if (parameter.value && type) {
        variable->init =
            check_constant(*parameter.value, type, fmt::format("the default of '{}'", parameter.name.text));
        had_default = true;
      } else if (!parameter.value && had_default) {
        error("E0304", parameter.span,
              fmt::format("parameter '{}' needs a default, since one before it has one", parameter.name.text));
      }
      declare_local(variable.get());
      function.parameters.push_back(std::move(variable));
    }
  }
  env().machine_scope_is_constant = constant_scope;
  if (node.result) {
    function.result = resolve_value_type(*node.result, "a result", Integers::All);
  } else {
    function.result = simple_type(Type::Kind::Void);
    if (node.expression) {
      Diagnostic& diagnostic =
          error("E0312", node.name.span, fmt::format("'{}' computes a value, but has no result type", node.name.text));
      diagnostic.notes.push_back("a result type is written behind the parameters: '-> bool'");
      function.result = nullptr;
    }
  }
  if (failed) function.result = nullptr;  // calls are not checked
}

void Checker::check_function_body(FunctionDecl& function, const syntax::Function& node) {
  env().function = &function;
  env().atomic_body = function.kind == FunctionDecl::Kind::Atomic;
  BodyFacts& facts = facts_[&function];
  facts.name = node.name.text;
  current_facts_ = &facts;
  Locals scope(env());
  for (const auto& parameter : function.parameters) env().locals.push_back(parameter.get());
  if (node.expression) {
    if (function.result) {
      function.expression =
          check_as(*node.expression, function.result, fmt::format("the result of '{}'", node.name.text), function.span);
    } else {
      check(*node.expression);
    }
  } else if (node.block) {
    const std::size_t before = diagnostics_.error_count();
    check_body(*node.block, function.body);
    const bool needs_value = function.result && function.result->kind != Type::Kind::Void;
    if (needs_value && diagnostics_.error_count() == before && !ends(function.body)) {
      const Span end{node.block->span.file, node.block->span.end - 1, node.block->span.end};
      Diagnostic& diagnostic = error("E0408", end,
                                     fmt::format("'{}' can end here without returning a value of type '{}'",
                                                 node.name.text, text(function.result)));
      diagnostic.labels.push_back({function.span, "declared here"});
    }
  }
  current_facts_ = &loose_facts_;
}

void Checker::shape_function(const Module& module, const syntax::Function& node) {
  auto* decl = declared_as<FunctionDecl>(families_[module.family].declared, node.name);
  if (decl == nullptr) return;
  Environment environment;
  environment.module = &module;
  add_signature(*decl, node, environment);
  bodies_.push_back([this, decl, &node, environment] {
    Environment inside = environment;
    Within within(*this, inside);
    check_function_body(*decl, node);
  });
}

void Checker::shape_interface(const Module& module, const syntax::Interface& node) {
  auto* decl = declared_as<InterfaceDecl>(families_[module.family].declared, node.name);
  if (decl == nullptr) return;
  Environment environment;
  environment.module = &module;
  environment.interface = decl;
  for (const syntax::InterfaceFunction& member : node.functions) {
    const syntax::Function& function_node = member.function;
    bool duplicate = false;
    for (const auto& other : decl->functions) {
      if (other->name != function_node.name.text) continue;
      Diagnostic& diagnostic =
          error("E0202", function_node.name.span,
                fmt::format("function '{}' is already declared in interface '{}'", other->name, node.name.text));
      diagnostic.labels.push_back({other->span, "first declared here"});
      duplicate = true;
    }
    if (duplicate) continue;
    auto function = std::make_unique<FunctionDecl>();
    function->name = function_node.name.text;
    function->interface = decl;
    function->doc = member.doc;
    function->span = function_node.name.span;
    FunctionDecl* shaped = function.get();
    decl->functions.push_back(std::move(function));
    add_signature(*shaped, function_node, environment);
    if (!function_node.block && !function_node.expression) continue;
    bodies_.push_back([this, shaped, &function_node, environment] {
      Environment inside = environment;
      Within in_interface(*this, inside);
      check_function_body(*shaped, function_node);
    });
  }
}

}  // namespace quiesce::model::types

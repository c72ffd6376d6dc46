#include "checker/mend/names.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "model/base/overloaded.h"
#include "model/base/word.h"
#include "model/types/type_rules.h"

namespace quiesce::checker {

using namespace model::types;

namespace {

/// Calls `use` with every member, those of conditional groups included.
template <typename Use>
void each_member(const std::vector<Member>& members, const Use& use) {
  for (const Member& member : members) {
    if (const auto* group = std::get_if<std::unique_ptr<MemberGroup>>(&member)) {
      each_member((*group)->then_members, use);
      each_member((*group)->else_members, use);
    } else {
      use(member);
    }
  }
}

/// The variables that statements declare.
class Locals {
 public:
  explicit Locals(std::vector<TypedName>& names) : names_(names) {}

  void add(const VariableDecl& variable) {
    if (variable.type != nullptr) names_.push_back({variable.name, variable.type, true, variable.span.end});
  }
  void block(const std::vector<StmtPtr>& body) {
    for (const StmtPtr& statement : body) std::visit(*this, statement->node);
  }

  void operator()(const LocalStmt& local) { add(*local.variable); }
  void operator()(const ChooseStmt& choose) { add(*choose.variable); }
  void operator()(const ForStmt& loop) {
    add(*loop.variable);
    block(loop.body);
  }
  void operator()(const IfStmt& branch) {
    block(branch.then_body);
    block(branch.else_body);
  }
  void operator()(const EitherStmt& either) {
    for (const auto& branch : either.branches) block(branch);
  }
  void operator()(const WhileStmt& loop) { block(loop.body); }
  void operator()(const AtomicStmt& atomic) { block(atomic.body); }
  void operator()(const WithLockStmt& with) { block(with.body); }
  void operator()(const AtLevelStmt& at) { block(at.body); }
  void operator()(const OnCpuStmt& on) { block(on.body); }
  template <typename Other>
  void operator()(const Other&) {}

 private:
  std::vector<TypedName>& names_;
};

void locals_of(const FunctionDecl& function, std::vector<TypedName>& names) {
  Locals locals(names);
  for (const auto& parameter : function.parameters) locals.add(*parameter);
  locals.block(function.body);
}

void members_of(const MachineDecl& machine, const std::string& prefix, std::vector<TypedName>& names) {
  for (const auto& parameter : machine.parameters) {
    if (parameter->type != nullptr && parameter->type->kind != Type::Kind::Function)
      names.push_back({prefix + parameter->name, parameter->type});
  }
  each_member(machine.members, [&](const Member& member) {
    if (const auto* variable = std::get_if<std::unique_ptr<VariableDecl>>(&member)) {
      if ((*variable)->type != nullptr) names.push_back({prefix + (*variable)->name, (*variable)->type});
    }
    if (const auto* instance = std::get_if<std::unique_ptr<InstanceDecl>>(&member)) {
      if ((*instance)->index == nullptr) names.push_back({prefix + (*instance)->name, ref_type((*instance)->machine)});
    }
  });
}

const MachineDecl* machine_named(const LoadedDesign& design, model::FileId own, const std::string& name) {
  for (const auto& machine : design.program->machines) {
    if (machine->span.file == own && own_name(machine->name) == name) return machine.get();
  }
  return nullptr;
}

}  // namespace

std::vector<TypedName> names_in(const LoadedDesign& design, model::FileId own, const Routine& routine) {
  std::vector<TypedName> names;
  const MachineDecl* machine = machine_named(design, own, routine.machine);
  if (machine == nullptr) {
    for (const auto& function : design.program->functions) {
      if (function->span.file == own && own_name(function->name) == routine.name) locals_of(*function, names);
    }
    return names;
  }
  each_member(machine->members, [&](const Member& member) {
    const auto* function = std::get_if<std::unique_ptr<FunctionDecl>>(&member);
    if (function != nullptr && routine.is_function && (*function)->name == routine.name) locals_of(**function, names);
    const auto* context = std::get_if<std::unique_ptr<ContextDecl>>(&member);
    if (context != nullptr && !routine.is_function && (*context)->name == routine.name)
      Locals(names).block((*context)->body);
  });
  members_of(*machine, "", names);
  const std::vector<TypedName> first = names;
  for (const TypedName& name : first) {
    const bool is_own = name.type->kind == Type::Kind::Ref && name.type->machine != nullptr && !name.is_local &&
                        name.type->machine->span.file == own;
    if (is_own) members_of(*name.type->machine, name.text + ".", names);
  }
  return names;
}

bool has_member(const MachineDecl& machine, std::string_view name) {
  const auto is_it = [&](const auto& declaration) { return declaration->name == name; };
  bool has = std::any_of(machine.parameters.begin(), machine.parameters.end(), is_it);
  each_member(machine.members, [&](const Member& member) {
    const auto is_named = [&]<typename Declaration>(const std::unique_ptr<Declaration>& one) {
      if constexpr (requires { one->name; }) return one->name == name;
      return false;
    };
    has = has || std::visit(is_named, member);
  });
  return has;
}

bool fits(const Type& wanted, const Type& given) {
  if (wanted.kind == Type::Kind::Optional) return fits(*wanted.element, given);
  if (given.kind == Type::Kind::Optional) return fits(wanted, *given.element);
  if (wanted.kind != Type::Kind::Ref || given.kind != Type::Kind::Ref) return same_type(wanted, given);
  if (wanted.machine != nullptr) return wanted.machine == given.machine;
  return given.machine != nullptr ? implements(*given.machine, *wanted.interface) : wanted.interface == given.interface;
}

}  // namespace quiesce::checker

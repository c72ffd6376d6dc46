// What is probably not meant although nothing is wrong with it: functions that nothing calls, callbacks that are nearly
// named as their interface says. Looked at after all bodies, in the root module alone: what a library offers need not
// be used.
//
// What is reached is told from the calls of the bodies, generously: both sides of an 'if' among members, every machine
// that a call through an interface could mean, every function that is passed to anything. So a warning is never wrong
// about a call.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

/// 'powerDown', 'PowerDown', 'POWER_DOWN' and 'power_down' alike.
std::string plain(const std::string& name) {
  std::string result;
  for (const char c : name) {
    if (c != '_') result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

template <typename Visit>
void for_each_member(const std::vector<Member>& members, const Visit& visit) {
  for (const Member& member : members) {
    if (const auto* group = std::get_if<std::unique_ptr<MemberGroup>>(&member)) {
      for_each_member((*group)->then_members, visit);
      for_each_member((*group)->else_members, visit);
    } else {
      visit(member);
    }
  }
}

/// Functions, each once, with those still to be looked at.
struct Reached {
  std::set<const FunctionDecl*> functions;
  std::vector<const FunctionDecl*> open;

  void add(const FunctionDecl* function) {
    if (function != nullptr && functions.insert(function).second) open.push_back(function);
  }
  void add(const BodyFacts& facts) {
    for (const CallSite& call : facts.calls) add(call.callee);
  }
};

}  // namespace

/// The machines of which the systems of the root module have instances, systems included.
std::set<const MachineDecl*> Checker::instantiated_machines() const {
  std::set<const MachineDecl*> result;
  std::vector<const MachineDecl*> open;
  for (const auto& machine : program_->machines) {
    if (machine->is_system && info_of(machine.get())->module->is_root) open.push_back(machine.get());
  }
  while (!open.empty()) {
    const MachineDecl* machine = open.back();
    open.pop_back();
    if (!result.insert(machine).second) continue;
    for_each_member(machine->members, [&](const Member& member) {
      const auto* instance = std::get_if<std::unique_ptr<InstanceDecl>>(&member);
      if (instance != nullptr && (*instance)->machine != nullptr) open.push_back((*instance)->machine);
    });
  }
  return result;
}

/// What the contexts, actions, properties and guards of these machines call, directly or not.
std::set<const FunctionDecl*> Checker::reached_functions(const std::set<const MachineDecl*>& machines) const {
  Reached reached;
  reached.add(loose_facts_);
  for (const FunctionDecl* function : function_values_) reached.add(function);
  for (const MachineDecl* machine : machines) {
    for_each_member(machine->members, [&](const Member& member) {
      const void* body = nullptr;
      if (const auto* context = std::get_if<std::unique_ptr<ContextDecl>>(&member)) body = context->get();
      if (const auto* action = std::get_if<std::unique_ptr<ActionDecl>>(&member)) body = action->get();
      if (const auto facts = other_facts_.find(body); body != nullptr && facts != other_facts_.end()) {
        reached.add(facts->second);
      }
    });
  }
  while (!reached.open.empty()) {
    const FunctionDecl* function = reached.open.back();
    reached.open.pop_back();
    if (const auto facts = facts_.find(function); facts != facts_.end()) reached.add(facts->second);
    if (function->interface == nullptr) continue;
    const auto& declared = function->interface->functions;
    const auto position =
        std::find_if(declared.begin(), declared.end(), [&](const auto& one) { return one.get() == function; });
    for (const MachineDecl* machine : function->interface->implementers) {
      for (const MachineDecl::Implementation& implementation : machine->implements) {
        if (implementation.interface != function->interface || position == declared.end()) continue;
        reached.add(implementation.functions[static_cast<std::size_t>(position - declared.begin())]);
      }
    }
  }
  return std::move(reached.functions);
}

/// The function of an interface of `machine` that `function` is nearly named like and that the machine leaves to its
/// default.
const FunctionDecl* Checker::nearly_implemented(const MachineDecl& machine, const FunctionDecl& function) const {
  for (const MachineDecl::Implementation& implementation : machine.implements) {
    std::vector<std::string> left_out, left_out_plain;
    std::vector<const FunctionDecl*> declared;
    for (std::size_t i = 0; i < implementation.functions.size(); ++i) {
      const FunctionDecl* wanted = implementation.interface->functions[i].get();
      if (implementation.functions[i] != wanted) continue;
      if (plain(wanted->name) == plain(function.name)) return wanted;
      left_out.push_back(wanted->name);
      left_out_plain.push_back(plain(wanted->name));
      declared.push_back(wanted);
    }
    for (const auto& [name, names] :
         {std::pair(function.name, left_out), std::pair(plain(function.name), left_out_plain)}) {
      const auto near = nearest_name(name, names);
      if (near) return declared[static_cast<std::size_t>(std::find(names.begin(), names.end(), *near) - names.begin())];
    }
  }
  return nullptr;
}

void Checker::warn_of_unused() {
  std::set<const MachineDecl*> machines = instantiated_machines();
  const bool has_system = !machines.empty();
  if (!has_system) {  // part of a design: whatever is there may be used
    for (const auto& machine : program_->machines) machines.insert(machine.get());
  }
  const std::set<const FunctionDecl*> reached = reached_functions(machines);
  for (const auto& machine : program_->machines) {
    if (!info_of(machine.get())->module->is_root) continue;
    Environment environment;  // names are shortened as this module sees them
    environment.module = info_of(machine.get())->module;
    Within within(*this, environment);
    bool has_function = false;
    for_each_member(machine->members, [&](const Member& member) {
      const auto* owned = std::get_if<std::unique_ptr<FunctionDecl>>(&member);
      has_function = has_function || owned != nullptr;
      if (owned == nullptr || reached.contains(owned->get())) return;
      const FunctionDecl& function = **owned;
      if (const FunctionDecl* meant = nearly_implemented(*machine, function)) {
        Diagnostic& warning = diagnostics_.warning(
            "W0403", function.span,
            fmt::format("nothing calls '{}', and '{}' leaves '{}' of interface '{}' to its default", function.name,
                        short_name(machine->name), meant->name, short_name(meant->interface->name)));
        warning.labels.push_back({meant->span, "declared here"});
        warning.notes.push_back(fmt::format("did you mean '{}'?", meant->name));
      } else if (has_system && machines.contains(machine.get())) {
        diagnostics_.warning("W0404", function.span, fmt::format("no system of this file reaches '{}'", function.name));
      }
    });
    if (has_function && !machines.contains(machine.get())) {
      diagnostics_.warning("W0404", machine->span,
                           fmt::format("no system of this file has an instance of '{}'", short_name(machine->name)));
    }
  }
}

}  // namespace quiesce::model::types

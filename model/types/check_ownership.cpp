// Whose a variable is: only text of the family that declares it may assign it, unless it is declared open. Checked
// after all bodies, since the message names the functions of the family that assign it.
#include <algorithm>

#include <fmt/format.h>

#include "model/types/checker.h"

namespace quiesce::model::types {
namespace {

std::string family_of(const std::string& qualified) { return qualified.substr(0, qualified.find('.')); }

bool may_name(const Type& type, const MachineDecl& machine) {
  const Type& inner = type.kind == Type::Kind::Optional ? *type.element : type;
  if (inner.kind != Type::Kind::Ref) return false;
  return inner.machine != nullptr ? inner.machine == &machine : implements(machine, *inner.interface);
}

/// The arguments of a call about which only the object is known: '(intr)', '(intr, ...)', '()', '(...)'.
std::string arguments_of(const FunctionDecl& function, const VariableDecl* about, const std::string& object) {
  std::string text;
  bool more = false;
  for (const auto& parameter : function.parameters) {
    if (parameter.get() == about) {
      text += (more ? "..., " : "") + object;
      more = false;
    } else {
      more = more || parameter->init == nullptr;
    }
  }
  if (more) text += text.empty() ? "..." : ", ...";
  return "(" + text + ")";
}

}  // namespace

void Checker::record_write(const VariableDecl& variable, const VariableExpr& place, Span whole) {
  Write write;
  write.variable = &variable;
  write.span = whole;
  write.family = env().module->family;
  write.machine = env().machine != nullptr ? env().machine->decl : nullptr;
  write.function = env().function;
  if (place.object) write.object = source_text(place.object->span);
  writes_.push_back(std::move(write));
}

void Checker::check_ownership() {
  for (const Write& write : writes_) {
    const VariableDecl& variable = *write.variable;
    if (!keeps_watch_apart(write)) continue;
    if (variable.open || variable.machine == nullptr) continue;
    const std::string owner = family_of(variable.machine->name);
    if (owner == write.family) continue;
    Diagnostic& diagnostic = error("E0420", write.span,
                                   fmt::format("'{}' of '{}' may be assigned only by text of family '{}'",
                                               variable.name, variable.machine->name, owner));
    diagnostic.labels.push_back({variable.span, "declared here"});
    const std::vector<std::string> calls = calls_that_assign(write);
    std::string list;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      list += fmt::format("{}'{}'", i == 0 ? "" : i + 1 == calls.size() ? " or " : ", ", calls[i]);
    }
    diagnostic.notes.push_back(list.empty() ? fmt::format("no function of family '{}' assigns it", owner)
                                            : fmt::format("call {}", list));
  }
}

/// Whether the assignment is neither of a monitor to what is not its own, nor of others to what is a monitor's.
bool Checker::keeps_watch_apart(const Write& write) {
  const MachineDecl* owner = write.variable->machine;
  if (owner == nullptr || owner == write.machine) return true;
  if (write.machine != nullptr && write.machine->is_monitor) {
    error("E0421", write.span, fmt::format("a monitor only watches: '{}' is not its own", source_text(write.span)))
        .labels.push_back({write.variable->span, "declared here"});
    return false;
  }
  if (!owner->is_monitor) return true;
  error("E0421", write.span,
        fmt::format("'{}' is a monitor: nothing but itself assigns to its variables", short_name(owner->name)))
      .labels.push_back({write.variable->span, "declared here"});
  return false;
}

/// What could be called instead: the functions of the family that take a reference to the object, as documents name
/// them; else those of the object itself. Those that assign the same value come first, then those nearest to the
/// assignment.
std::vector<std::string> Checker::calls_that_assign(const Write& wanted) const {
  const MachineDecl& machine = *wanted.variable->machine;
  const std::string family = family_of(machine.name);
  const auto writers = [&](bool same_value) {
    std::vector<const FunctionDecl*> found;
    for (const Write& write : writes_) {
      if (write.variable != wanted.variable || write.family != family || write.function == nullptr) continue;
      if (same_value && (!write.value || write.value != wanted.value)) continue;
      if (std::find(found.begin(), found.end(), write.function) == found.end()) found.push_back(write.function);
    }
    return found;
  };
  std::vector<const FunctionDecl*> reached;
  if (wanted.value) reached = writers(true);
  if (reached.empty()) reached = writers(false);
  const std::size_t direct = reached.size();
  // Those that call them, breadth first, in the order of the text.
  std::vector<const FunctionDecl*> in_order;
  for (const auto& [function, facts] : facts_) in_order.push_back(function);
  std::sort(in_order.begin(), in_order.end(), [](const auto* a, const auto* b) { return a->span < b->span; });
  for (std::size_t i = 0; i < reached.size(); ++i) {
    for (const FunctionDecl* caller : in_order) {
      const std::vector<CallSite>& calls = facts_.at(caller).calls;
      const bool calls_it =
          std::any_of(calls.begin(), calls.end(), [&](const CallSite& call) { return call.callee == reached[i]; });
      if (calls_it && std::find(reached.begin(), reached.end(), caller) == reached.end()) reached.push_back(caller);
    }
  }
  constexpr std::size_t kMost = 3;
  std::vector<std::string> texts;
  for (const FunctionDecl* function : reached) {
    if (function->machine != nullptr || function->interface != nullptr || family_of(function->name) != family) continue;
    const auto about =
        std::find_if(function->parameters.begin(), function->parameters.end(),
                     [&](const auto& parameter) { return parameter->type && may_name(*parameter->type, machine); });
    if (about == function->parameters.end() || texts.size() == kMost) continue;
    texts.push_back(function->name + arguments_of(*function, about->get(), wanted.object));
  }
  if (!texts.empty()) return texts;
  // A function that others of the machine call is a part of theirs: those are what is offered from outside.
  const auto callers_of = [&](const FunctionDecl* function) {
    std::vector<const FunctionDecl*> callers;
    for (const FunctionDecl* caller : in_order) {
      const std::vector<CallSite>& calls = facts_.at(caller).calls;
      const bool calls_it =
          std::any_of(calls.begin(), calls.end(), [&](const CallSite& call) { return call.callee == function; });
      if (calls_it && caller != function && caller->machine == &machine) callers.push_back(caller);
    }
    return callers;
  };
  std::vector<const FunctionDecl*> offered;
  const auto offer = [&](const FunctionDecl* function) {
    const bool is_new = std::find(offered.begin(), offered.end(), function) == offered.end();
    if (is_new && offered.size() < kMost) offered.push_back(function);
  };
  for (std::size_t i = 0; i < direct; ++i) {
    if (reached[i]->machine != &machine) continue;
    const std::vector<const FunctionDecl*> callers = callers_of(reached[i]);
    for (const FunctionDecl* caller : callers) {
      if (callers_of(caller).empty()) offer(caller);
    }
    if (callers.empty()) offer(reached[i]);
  }
  for (std::size_t i = 0; i < direct && offered.empty(); ++i) {
    if (reached[i]->machine == &machine) offer(reached[i]);
  }
  for (const FunctionDecl* function : offered) {
    texts.push_back(wanted.object + "." + function->name + arguments_of(*function, nullptr, ""));
  }
  return texts;
}

}  // namespace quiesce::model::types

// What only shows over many bodies: recursion, steps that would not end, machines inside themselves.
#include <algorithm>

#include <fmt/format.h>

#include "model/base/word.h"
#include "model/types/checker.h"

namespace quiesce::model::types {

// Calls through interfaces and function parameters may come back (their depth is limited when the system is made);
// a function of an interface is a leaf here for that reason.

void Checker::check_recursion() {
  enum class Mark { New, Open, Done };
  std::map<const FunctionDecl*, Mark> marks;
  std::vector<const CallSite*> path;
  const std::function<void(const FunctionDecl*)> visit = [&](const FunctionDecl* function) {
    marks[function] = Mark::Open;
    for (const CallSite& call : facts_.at(function).calls) {
      if (call.callee->interface != nullptr || !facts_.contains(call.callee)) continue;
      if (marks[call.callee] == Mark::Open) {
        const std::string name = facts_.at(call.callee).name;
        Diagnostic& diagnostic = error("E0402", call.span, fmt::format("'{}' calls itself", name));
        // The path from the callee back to here.
        auto start =
            std::find_if(path.begin(), path.end(), [&](const CallSite* site) { return site->callee == call.callee; });
        const std::size_t length = static_cast<std::size_t>(path.end() - start);
        std::string cycle = "'" + name + "'";
        if (start != path.end() && length > 0) ++start;
        for (; start != path.end(); ++start) {
          diagnostic.labels.push_back({(*start)->span, fmt::format("calls '{}'", facts_.at((*start)->callee).name)});
          cycle += fmt::format(" calls '{}'", facts_.at((*start)->callee).name);
        }
        cycle += fmt::format(" calls '{}'", name);
        diagnostic.notes.push_back(cycle);
        diagnostic.notes.push_back(
            "functions are put in place of their calls, so they cannot be recursive; callbacks can");
        continue;
      }
      if (marks[call.callee] == Mark::Done) continue;
      path.push_back(&call);
      visit(call.callee);
      path.pop_back();
    }
    marks[function] = Mark::Done;
  };
  // In the order of the text, so that the same call is reported every time.
  std::vector<const FunctionDecl*> functions;
  for (const auto& [function, facts] : facts_) functions.push_back(function);
  std::sort(functions.begin(), functions.end(),
            [](const FunctionDecl* a, const FunctionDecl* b) { return a->span < b->span; });
  for (const FunctionDecl* function : functions) {
    if (marks[function] != Mark::New) continue;
    const CallSite root{function, {}, false, false, {}};
    path.push_back(&root);
    visit(function);
    path.pop_back();
  }
}

namespace {

/// The first body on the way down from `function` that has what `of` asks for; null when none has.
const BodyFacts* find_below(const std::map<const FunctionDecl*, BodyFacts>& facts, const FunctionDecl* function,
                            Span BodyFacts::*of, std::set<const FunctionDecl*>& seen) {
  const auto found = facts.find(function);
  if (found == facts.end() || !seen.insert(function).second) return nullptr;
  if ((found->second.*of).valid()) return &found->second;
  for (const CallSite& call : found->second.calls) {
    if (const BodyFacts* below = find_below(facts, call.callee, of, seen)) return below;
  }
  return nullptr;
}

}  // namespace

void Checker::check_calls_in_steps() {
  const auto check_body_calls = [&](const BodyFacts& body) {
    for (const CallSite& call : body.calls) {
      std::set<const FunctionDecl*> seen;
      if (!call.no_context.empty()) {
        if (const BodyFacts* needs = find_below(facts_, call.callee, &BodyFacts::context, seen)) {
          Diagnostic& diagnostic =
              error("E0411", call.span,
                    fmt::format("'{}' needs a thread or a handler that executes it, but no context executes {}",
                                facts_.at(call.callee).name, call.no_context));
          diagnostic.labels.push_back({needs->context, "it is needed here"});
          continue;
        }
      }
      if (!call.in_atomic) continue;
      seen.clear();
      if (const BodyFacts* loops = find_below(facts_, call.callee, &BodyFacts::loop, seen)) {
        Diagnostic& diagnostic = error("E0406", call.span,
                                       fmt::format("'{}' cannot be called inside a step, which must end: it has a loop",
                                                   facts_.at(call.callee).name));
        diagnostic.labels.push_back({loops->loop, "the loop"});
        continue;
      }
      seen.clear();
      if (call.first_in_step && call.no_context.empty()) continue;
      if (const BodyFacts* blocks = find_below(facts_, call.callee, &BodyFacts::blocking, seen)) {
        Diagnostic& diagnostic =
            error("E0407", call.span,
                  call.no_context.empty()
                      ? fmt::format("'{}' may wait, so inside a step it can only be the first statement",
                                    facts_.at(call.callee).name)
                      : fmt::format("'{}' may wait, which {} cannot", facts_.at(call.callee).name, call.no_context));
        diagnostic.labels.push_back({blocks->blocking, "it waits here"});
      }
    }
  };
  for (const auto& [function, facts] : facts_) check_body_calls(facts);
  for (const auto& [body, facts] : other_facts_) check_body_calls(facts);
  check_body_calls(loose_facts_);
}

namespace {

void instances_of(const std::vector<Member>& members, std::vector<const InstanceDecl*>& out) {
  for (const Member& member : members) {
    if (const auto* instance = std::get_if<std::unique_ptr<InstanceDecl>>(&member)) out.push_back(instance->get());
    if (const auto* group = std::get_if<std::unique_ptr<MemberGroup>>(&member)) {
      instances_of((*group)->then_members, out);
      instances_of((*group)->else_members, out);
    }
  }
}

bool contains(const MachineDecl& outer, const MachineDecl& inner, std::set<const MachineDecl*>& seen) {
  if (!seen.insert(&outer).second) return false;
  std::vector<const InstanceDecl*> instances;
  instances_of(outer.members, instances);
  return std::any_of(instances.begin(), instances.end(), [&](const InstanceDecl* instance) {
    return instance->machine != nullptr && (instance->machine == &inner || contains(*instance->machine, inner, seen));
  });
}

}  // namespace

void Checker::check_instance_nesting() {
  std::set<const MachineDecl*> reported;  // one of each circle is enough
  for (const auto& machine : program_->machines) {
    std::vector<const InstanceDecl*> instances;
    instances_of(machine->members, instances);
    for (const InstanceDecl* instance : instances) {
      std::set<const MachineDecl*> seen;
      if (instance->machine == nullptr || reported.contains(instance->machine)) continue;
      if (instance->machine != machine.get() && !contains(*instance->machine, *machine, seen)) continue;
      Diagnostic& diagnostic =
          error("E0315", instance->span, fmt::format("machine '{}' would contain itself", own_name(machine->name)));
      diagnostic.labels.push_back({machine->span, "declared here"});
      reported.insert(machine.get());
      diagnostic.notes.push_back("to refer to another instance, use a parameter of type 'ref'");
      break;
    }
  }
}

}  // namespace quiesce::model::types

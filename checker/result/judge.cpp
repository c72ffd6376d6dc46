#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "checker/result/exploration.h"
#include "checker/result/numbers.h"

namespace quiesce::checker {
namespace {

using model::Property;
using model::PropertyId;
using model::PropertyKind;
using model::RuleId;
using model::TransitionSystem;

template <typename T>
bool contains(const std::vector<T>& list, const T& element) {
  return std::find(list.begin(), list.end(), element) != list.end();
}

bool checks(const model::Program& program, RuleId rule) {
  return std::any_of(program.ops.begin(), program.ops.end(), [&](const model::Op& op) {
    const auto* check = std::get_if<model::CheckOp>(&op);
    return check != nullptr && check->rule == rule;
  });
}

/// Whether some program of the system checks `rule`, executed or not.
bool has_check(const TransitionSystem& system, RuleId rule) {
  return std::any_of(system.locations.begin(), system.locations.end(),
                     [&](const auto& location) { return checks(location.program, rule); }) ||
         std::any_of(system.contexts.begin(), system.contexts.end(),
                     [&](const auto& context) { return checks(context.start, rule); }) ||
         std::any_of(system.actions.begin(), system.actions.end(),
                     [&](const auto& action) { return checks(action.program, rule); });
}

/// Rules that the interpreter judges in every state, without a check or property in the system.
bool is_judged_by_interpreter(const TransitionSystem& system, RuleId rule) {
  if (rule == system.stuck_rule) return true;
  return system.at(rule).name == "life.leaked" &&
         std::any_of(system.instances.begin(), system.instances.end(),
                     [](const auto& instance) { return instance.life.has_value(); });
}

/// Why even a search without limits cannot have shown that there is no violation; empty when it can.
std::string lossy_because(const Exploration& exploration) {
  if (exploration.storage == Storage::Exact) return "";
  const char* storage = exploration.storage == Storage::Compact ? "compact" : "bitstate";
  if (exploration.missed_probability >= 0.995) return fmt::format("{} storage has probably missed states", storage);
  return fmt::format("{} storage may have missed states; chance at most {:.2g} %", storage,
                     exploration.missed_probability * 100);
}

/// Why the search is not complete and how far it came; empty when it is complete.
std::string incomplete_because(const Exploration& exploration) {
  const Statistics& statistics = exploration.statistics;
  const bool hunts = !exploration.hunt.empty();
  const auto far = [&] {
    std::string text =
        fmt::format("after {}, depth {}", counted(statistics.distinct_states, "state"), grouped(statistics.depth));
    return hunts ? text : text + fmt::format(", {} not yet explored", counted(statistics.frontier, "state"));
  };
  std::string why;
  switch (exploration.limit) {
    case LimitKind::None:
      if (exploration.stopped_at_first) why = "stopped at the first violation";
      break;
    case LimitKind::Time:
      why = "time limit reached " + far();
      break;
    case LimitKind::Memory:
      why = "memory limit reached " + far();
      break;
    case LimitKind::States:
      why = "limit on states reached " + far();
      break;
    case LimitKind::Depth:
      why = "limit on depth reached " + far();
      break;
    case LimitKind::Interrupted:
      why = "interrupted " + far();
      break;
  }
  const auto add = [&why](const std::string& more) {
    if (!more.empty()) why += (why.empty() ? "" : "; ") + more;
  };
  if (hunts) {
    if (why.empty()) why = "a hunt finds violations, it cannot show that there are none";
  } else {
    add(lossy_because(exploration));
  }
  return why;
}

/// The first core rule, in catalogue order, other than `rule` that ended some run; none when there is no such.
std::optional<RuleId> cut_off_by(const TransitionSystem& system, const std::vector<Finding>& findings, RuleId rule) {
  std::optional<RuleId> first;
  for (const Finding& finding : findings) {
    if (finding.rule == rule || !system.at(finding.rule).core) continue;
    if (!first || finding.rule.value < first->value) first = finding.rule;
  }
  return first;
}

std::vector<PropertyId> properties_of(const TransitionSystem& system, RuleId rule) {
  std::vector<PropertyId> result;
  for (std::size_t p = 0; p < system.properties.size(); ++p) {
    if (system.properties[p].rule == rule) result.push_back(PropertyId(p));
  }
  return result;
}

/// Whether `properties` are of kind Reachable only, at least one, and a witness of each was seen.
bool is_witnessed(const TransitionSystem& system, const Exploration& exploration,
                  const std::vector<PropertyId>& properties) {
  return !properties.empty() && std::all_of(properties.begin(), properties.end(), [&](PropertyId id) {
    return system.at(id).kind == PropertyKind::Reachable && contains(exploration.witnessed, id);
  });
}

/// docs/semantics.md, Verdicts: the cases in their order, the first that applies decides.
RuleResult judge_rule(const TransitionSystem& system, const Exploration& exploration, RuleId rule,
                      std::vector<Finding>& findings) {
  RuleResult result;
  result.rule = rule;
  const auto own =
      std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.rule == rule; });
  if (own != findings.end()) {
    result.verdict = Verdict::Violated;
    result.finding = static_cast<std::size_t>(own - findings.begin());
    return result;
  }

  const std::vector<PropertyId> properties = properties_of(system, rule);
  const bool by_interpreter = is_judged_by_interpreter(system, rule);
  const bool has_checks = has_check(system, rule);
  const bool witnessed = !by_interpreter && !has_checks && is_witnessed(system, exploration, properties);
  if (std::string why = incomplete_because(exploration); !why.empty()) {
    result.verdict = Verdict::Unknown;  // whatever else is known: no other verdict is said of an incomplete search
    result.reason = std::move(why) + (witnessed ? "; a witness was found" : "");
    return result;
  }
  // What a core rule cut off could not have changed these two.
  if (properties.empty() && !by_interpreter && !has_checks) {
    result.verdict = Verdict::NotExercised;
    return result;
  }
  if (witnessed) {
    result.verdict = Verdict::Holds;
    return result;
  }
  if (const auto core = cut_off_by(system, findings, rule)) {
    result.verdict = Verdict::Unknown;
    result.reason = "cut off by " + system.at(*core).name;
    return result;
  }

  for (const PropertyId id : properties) {
    const Property& property = system.at(id);
    if (property.kind != PropertyKind::Reachable || contains(exploration.witnessed, id)) continue;
    Finding missing;  // the absence of a witness has no run
    missing.rule = rule;
    missing.violation = {rule, property.span, property.message, id};
    missing.property = id;
    result.verdict = Verdict::Violated;
    result.finding = findings.size();
    findings.push_back(std::move(missing));
    return result;
  }

  if (exploration.statistics.distinct_states == 0) {  // nothing runs, so nothing can be broken: that proves nothing
    result.verdict = Verdict::Vacuous;
    result.reason = "there is no initial state: nothing fulfils every 'any where'";
    return result;
  }

  // A core rule holds even when its check was never reached: a design that never comes near is what it asks for.
  const bool exercised = contains(exploration.exercised, rule) || by_interpreter || system.at(rule).core;
  if (properties.empty()) {
    result.verdict = exercised ? Verdict::Holds : Verdict::NotExercised;
    return result;
  }
  const bool vacuous = !exercised && std::all_of(properties.begin(), properties.end(), [&](PropertyId id) {
    const Property& property = system.at(id);
    return property.kind == PropertyKind::Invariant && property.trigger.valid() && !contains(exploration.triggered, id);
  });
  result.verdict = vacuous ? Verdict::Vacuous : Verdict::Holds;
  return result;
}

}  // namespace

SearchResult judge(const TransitionSystem& system, Exploration exploration) {
  SearchResult result;
  result.problem = exploration.problem;
  result.warning = exploration.warning;
  if (!result.problem.empty()) return result;
  std::vector<Finding> findings = std::move(exploration.findings);
  for (const RuleId rule : system.checked) {
    result.rules.push_back(judge_rule(system, exploration, rule, findings));
  }
  result.findings = std::move(findings);
  result.statistics = std::move(exploration.statistics);
  result.multipliers = std::move(exploration.multipliers);
  result.sampled_states = exploration.sampled_states;
  result.symmetry = std::move(exploration.symmetry);
  result.limit = exploration.limit;
  result.hunt = exploration.hunt;
  result.searches_done = exploration.searches_done;
  result.exact = exploration.storage == Storage::Exact;
  result.complete = incomplete_because(exploration).empty();
  return result;
}

}  // namespace quiesce::checker

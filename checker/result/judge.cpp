#include <algorithm>
#include <optional>

#include "checker/result/exploration.h"
#include "model/base/contains.h"

namespace quiesce::checker {
namespace {

using model::Property;
using model::PropertyId;
using model::PropertyKind;
using model::RuleId;
using model::TransitionSystem;

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

/// Why the search is not complete and how far it came; nothing when it is complete.
std::optional<Incomplete> incomplete_because(const Exploration& exploration) {
  Incomplete why;
  why.limit = exploration.limit;
  why.stopped_at_first = exploration.limit == LimitKind::None && exploration.stopped_at_first;
  why.after_first = exploration.limit == LimitKind::None && exploration.after_first;
  why.is_hunt = exploration.hunt.has_value();
  why.storage = exploration.storage;
  why.missed_probability = exploration.missed_probability;
  why.states = exploration.statistics.distinct_states;
  why.depth = exploration.statistics.depth;
  why.frontier = exploration.statistics.frontier;
  const bool is_complete = why.limit == LimitKind::None && !why.stopped_at_first && !why.after_first && !why.is_hunt &&
                           why.storage == Storage::Exact;
  return is_complete ? std::nullopt : std::optional(why);
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

bool asks_of_infinite_runs(const TransitionSystem& system, RuleId rule) {
  return std::any_of(system.temporal.begin(), system.temporal.end(),
                     [&](const model::TemporalProperty& property) { return property.rule == rule; });
}

/// Violated where something was found of the rule; else nothing is said yet.
RuleResult by_finding(const std::vector<Finding>& findings, RuleId rule) {
  RuleResult result;
  result.rule = rule;
  const auto own =
      std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.rule == rule; });
  if (own == findings.end()) return result;
  result.verdict = Verdict::Violated;
  result.finding = static_cast<std::size_t>(own - findings.begin());
  return result;
}

/// docs/semantics.md, Verdicts: the cases in their order, the first that applies decides.
RuleResult judge_rule(const TransitionSystem& system, const Exploration& exploration, RuleId rule,
                      std::vector<Finding>& findings) {
  RuleResult result = by_finding(findings, rule);
  if (result.finding) return result;

  const std::vector<PropertyId> properties = properties_of(system, rule);
  const bool by_interpreter = is_judged_by_interpreter(system, rule);
  const bool has_checks = has_check(system, rule);
  const bool witnessed = !by_interpreter && !has_checks && is_witnessed(system, exploration, properties);
  if (std::optional<Incomplete> why = incomplete_because(exploration)) {
    result.verdict = Verdict::Unknown;  // whatever else is known: no other verdict is said of an incomplete search
    why->is_witnessed = witnessed;
    result.reason = *why;
    return result;
  }
  // What it says of infinite runs no search for states can tell.
  if (asks_of_infinite_runs(system, rule)) {
    result.verdict = Verdict::Unknown;
    result.reason = Undecided{};
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
    result.reason = CutOff{*core};
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
    result.reason = NoInitialState{};
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

/// What cannot be said of `rule` by the engine, or what stopped it.
Reason unproved_because(const ProofFacts& facts, RuleId rule) {
  using Why = Unprovable::Why;
  if (contains(facts.unreplayed, rule)) return Unprovable{Why::NoReplay};
  if (contains(facts.unsaid, rule)) return Unprovable{Why::NoFormula};
  if (contains(facts.wanting, rule)) return Unprovable{Why::WantsWitness};
  if (facts.depth) return Unprovable{Why::OnlyShortRuns, facts.depth};
  if (facts.seen.statistics.distinct_states == 0) return Unprovable{Why::Stopped, {}, facts.limit};
  Incomplete why;
  why.limit = facts.limit;
  why.states = facts.seen.statistics.distinct_states;
  why.depth = facts.seen.statistics.depth;
  why.frontier = facts.seen.statistics.frontier;
  return why;
}

/// Whether something is known that the rule judged: else it may hold of nothing.
bool is_exercised(const TransitionSystem& system, const Exploration& seen, RuleId rule,
                  const std::vector<PropertyId>& properties) {
  if (contains(seen.exercised, rule) || system.at(rule).core) return true;
  return std::any_of(properties.begin(), properties.end(), [&](PropertyId id) {
    const Property& property = system.at(id);
    return property.kind != PropertyKind::Invariant || !property.trigger.valid() || contains(seen.triggered, id);
  });
}

RuleResult judge_rule_by_proof(const TransitionSystem& system, const ProofFacts& facts, RuleId rule,
                               const std::vector<Finding>& findings) {
  RuleResult result = by_finding(findings, rule);
  if (result.finding) return result;
  if (asks_of_infinite_runs(system, rule)) {
    result.verdict = Verdict::Unknown;
    result.reason = Undecided{};
    return result;
  }
  const std::vector<PropertyId> properties = properties_of(system, rule);
  const bool has_checks = has_check(system, rule);
  const bool by_interpreter = is_judged_by_interpreter(system, rule);
  const bool is_done = facts.limit == LimitKind::None && !facts.depth;
  if (is_done && properties.empty() && !has_checks && !by_interpreter) {
    result.verdict = Verdict::NotExercised;
    return result;
  }
  if (is_done && !has_checks && !by_interpreter && is_witnessed(system, facts.seen, properties)) {
    result.verdict = Verdict::Holds;
    return result;
  }
  result.verdict = Verdict::Unknown;
  const bool is_said = !contains(facts.unsaid, rule) && !contains(facts.wanting, rule);
  const auto core = cut_off_by(system, findings, rule);
  if (is_said && core) {
    result.reason = CutOff{*core};
    return result;
  }
  bool is_proved = is_said && contains(facts.unbroken, rule);
  for (std::size_t i = 0; i < system.rules.size(); ++i) {  // behind a broken core rule anything could be
    const RuleId other(i);
    const bool can_break = has_check(system, other) || !properties_of(system, other).empty();
    if (system.at(other).core && can_break && !contains(facts.unbroken, other)) is_proved = false;
  }
  if (!is_proved) {
    result.reason = unproved_because(facts, rule);
  } else if (!facts.has_initial_state) {
    result.verdict = Verdict::Vacuous;
    result.reason = NoInitialState{};
  } else if (!is_exercised(system, facts.seen, rule, properties)) {
    result.reason = Unprovable{Unprovable::Why::MaybeIdle};
    if (facts.saw_all) {
      result.verdict = properties.empty() ? Verdict::NotExercised : Verdict::Vacuous;
      result.reason = {};
    }
  } else {
    result.verdict = Verdict::Holds;
  }
  return result;
}

/// All but the verdicts.
void take_over(SearchResult& result, Exploration&& exploration) {
  result.statistics = std::move(exploration.statistics);
  result.multipliers = std::move(exploration.multipliers);
  result.sampled_states = exploration.sampled_states;
  result.symmetry = std::move(exploration.symmetry);
  result.limit = exploration.limit;
  result.hunt = exploration.hunt;
  result.storage = exploration.storage;
  result.missed_probability = exploration.missed_probability;
  result.searches_done = exploration.searches_done;
}

}  // namespace

SearchResult judge_proof(const TransitionSystem& system, ProofFacts facts) {
  SearchResult result;
  result.problem = facts.seen.problem;
  result.warning = facts.seen.warning;
  if (result.problem) return result;
  result.findings = std::move(facts.seen.findings);
  bool complete = true;
  for (const RuleId rule : system.checked) {
    result.rules.push_back(judge_rule_by_proof(system, facts, rule, result.findings));
    complete = complete && result.rules.back().verdict != Verdict::Unknown;
  }
  result.proof = std::move(facts.proof);
  const LimitKind limit = facts.limit;
  take_over(result, std::move(facts.seen));
  result.limit = complete ? LimitKind::None : limit;
  result.complete = complete;
  return result;
}

SearchResult judge(const TransitionSystem& system, Exploration exploration) {
  SearchResult result;
  result.problem = exploration.problem;
  result.warning = exploration.warning;
  if (result.problem) return result;
  std::vector<Finding> findings = std::move(exploration.findings);
  for (const RuleId rule : system.checked) {
    result.rules.push_back(judge_rule(system, exploration, rule, findings));
  }
  result.findings = std::move(findings);
  result.complete = !incomplete_because(exploration);
  take_over(result, std::move(exploration));
  return result;
}

}  // namespace quiesce::checker

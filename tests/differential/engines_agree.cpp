#include "tests/differential/engines_agree.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "checker/evidence/replay.h"
#include "checker/report/sentences.h"
#include "checker/search/breadth_first.h"
#include "checker/search/reference_explorer.h"
#include "model/interpret/interpreter.h"
#include "model/system/validate.h"
#include "tests/differential/variants.h"

namespace quiesce {

using namespace checker;

namespace {

/// What is compared, item by item, as text: a difference is then easy to read.
using Facts = std::map<std::string, std::string>;

std::string length_of(const Run& run) { return std::to_string(run.steps.size()) + " steps"; }

Facts facts(const model::TransitionSystem& system, const Exploration& exploration) {
  Facts facts;
  facts["distinct states"] = std::to_string(exploration.statistics.distinct_states);
  facts["generated steps"] = std::to_string(exploration.statistics.generated_steps);
  facts["depth"] = std::to_string(exploration.statistics.depth);
  facts["frontier"] = std::to_string(exploration.statistics.frontier);
  facts["limit"] = std::to_string(static_cast<int>(exploration.limit));
  for (const Finding& finding : exploration.findings) {
    // Which of several shortest runs is found first may depend on the choice of representatives, and with it whether
    // the last step or the last state breaks the rule; the length may not.
    facts["finding of " + system.at(finding.rule).name] = length_of(finding.run);
  }
  for (std::size_t i = 0; i < exploration.witnessed.size(); ++i)
    facts["witness of property " + std::to_string(exploration.witnessed[i].value)] =
        i < exploration.witnesses.size() ? length_of(exploration.witnesses[i]) : "by exchange";
  for (model::PropertyId property : exploration.triggered)
    facts["trigger of property " + std::to_string(property.value)] = "seen";
  for (model::RuleId rule : exploration.exercised) facts["check of " + system.at(rule).name] = "executed";
  return facts;
}

/// Only the lengths of the shortest runs.
Facts lengths(const model::TransitionSystem& system, const Exploration& exploration) {
  Facts facts;
  for (const Finding& finding : exploration.findings)
    facts["finding of " + system.at(finding.rule).name] = length_of(finding.run);
  return facts;
}

/// Every run, step for step.
Facts runs(const model::TransitionSystem& system, const Exploration& exploration) {
  Facts facts;
  const auto add = [&](const std::string& name, const Run& run) {
    std::ostringstream text;
    for (const model::State& state : run.states) {
      for (const auto cell : state) text << cell << ' ';
      text << '/';
    }
    facts[name] = text.str();
  };
  for (const Finding& finding : exploration.findings)
    add("run of " + system.at(finding.rule).name + (finding.in_state ? " (state)" : " (step)"), finding.run);
  for (std::size_t i = 0; i < exploration.witnesses.size(); ++i)
    add("witness of property " + std::to_string(exploration.witnessed[i].value), exploration.witnesses[i]);
  return facts;
}

std::map<std::string, Verdict> verdicts(const model::TransitionSystem& system, const Exploration& exploration) {
  std::map<std::string, Verdict> verdicts;
  for (const RuleResult& rule : judge(system, exploration).rules)
    verdicts["verdict of " + system.at(rule.rule).name] = rule.verdict;
  return verdicts;
}

/// Whether all that belongs to the rule of "verdict of NAME" are properties that want a witness.
bool only_wants_witnesses(const model::TransitionSystem& system, const std::string& verdict_of) {
  return std::all_of(system.properties.begin(), system.properties.end(), [&](const model::Property& property) {
    return "verdict of " + system.at(property.rule).name != verdict_of ||
           property.kind == model::PropertyKind::Reachable;
  });
}

bool breaks_core_rule(const model::TransitionSystem& system, const Exploration& exploration) {
  return std::any_of(exploration.findings.begin(), exploration.findings.end(),
                     [&](const Finding& finding) { return system.at(finding.rule).core; });
}

/// One of two searches of the same states did not see what the other saw broken, and does not claim to.
bool is_cut_off(Verdict one, Verdict other) {
  return one == Verdict::Unknown ? other == Verdict::Violated : other == Verdict::Unknown;
}

class EngineComparison {
 public:
  EngineComparison(const model::TransitionSystem& system, const Exploration& reference)
      : system_(system), reference_(reference), verdicts_(verdicts(system, reference)) {}

  void compare(const Variant& variant, Agreement& agreement);

  std::string difference() const { return text_.str(); }
  const Exploration& first() const { return *first_; }

 private:
  void replay_all(const std::string& who, const model::TransitionSystem& system, const Exploration& exploration);
  void items(const std::string& who, const Facts& expected, const Facts& found);
  void same_verdicts(const std::string& who, const model::TransitionSystem& system, const Exploration& exploration);
  void no_more_states(const std::string& who, const Exploration& exploration);
  void no_contradiction(const std::string& who, const model::TransitionSystem& system, const Exploration& exploration);

  const model::TransitionSystem& system_;
  const Exploration& reference_;
  const std::map<std::string, Verdict> verdicts_;
  std::optional<Exploration> first_;
  std::ostringstream text_;
};

void EngineComparison::items(const std::string& who, const Facts& expected, const Facts& found) {
  std::set<std::string> keys;
  for (const auto& [key, value] : expected) keys.insert(key);
  for (const auto& [key, value] : found) keys.insert(key);
  for (const std::string& key : keys) {
    const auto e = expected.find(key);
    const auto f = found.find(key);
    const std::string left = e == expected.end() ? "-" : e->second;
    const std::string right = f == found.end() ? "-" : f->second;
    if (left != right) text_ << "  " << key << ": " << left << ", but " << who << ": " << right << "\n";
  }
}

void EngineComparison::same_verdicts(const std::string& who, const model::TransitionSystem& system,
                                     const Exploration& exploration) {
  const std::map<std::string, Verdict> found = verdicts(system, exploration);
  // A stuck state ends its runs, and a reduction may reach it in another step; what another rule would have shown
  // behind it is then unknown, never `holds` (model/passes/reduce.h).
  // Where deadlocks are asked for it reaches it in the same step.
  const bool is_exact =
      std::any_of(system_.properties.begin(), system_.properties.end(), [&](const model::Property& property) {
        return property.kind == model::PropertyKind::DeadlockFree &&
               std::find(system_.checked.begin(), system_.checked.end(), property.rule) != system_.checked.end();
      });
  const bool is_stuck =
      !is_exact && std::any_of(reference_.findings.begin(), reference_.findings.end(), [&](const Finding& finding) {
        return system_.stuck_rule.valid() && finding.rule == system_.stuck_rule;
      });
  for (const auto& [rule, verdict] : verdicts_) {
    const auto f = found.find(rule);
    if (f == found.end()) {
      text_ << "  " << rule << ": none, " << who << "\n";
    } else if (f->second != verdict && !(is_stuck && is_cut_off(verdict, f->second))) {
      text_ << "  " << rule << ": " << verdict_name(verdict) << ", but " << who << ": " << verdict_name(f->second)
            << "\n";
    }
  }
}

void EngineComparison::no_more_states(const std::string& who, const Exploration& exploration) {
  if (exploration.statistics.distinct_states > reference_.statistics.distinct_states)
    text_ << "  " << who << " has more states: " << exploration.statistics.distinct_states << " than "
          << reference_.statistics.distinct_states << "\n";
}

void EngineComparison::no_contradiction(const std::string& who, const model::TransitionSystem& system,
                                        const Exploration& exploration) {
  for (const auto& [rule, verdict] : verdicts(system, exploration)) {
    const Verdict expected = verdicts_.at(rule);
    if (verdict == Verdict::Unknown || (verdict == expected && verdict != Verdict::Holds)) continue;
    // A witness is final, and may be missing in one of two searches that a core rule cuts off elsewhere.
    const bool is_final = only_wants_witnesses(system, rule);
    if (is_final && verdict == Verdict::Holds && (expected == verdict || expected == Verdict::Unknown)) continue;
    if (is_cut_off(expected, verdict)) continue;
    text_ << "  " << rule << ": " << verdict_name(expected) << ", but " << who << ": " << verdict_name(verdict) << "\n";
  }
}

void EngineComparison::replay_all(const std::string& who, const model::TransitionSystem& system,
                                  const Exploration& exploration) {
  const model::Interpreter interpreter(system);
  for (const Finding& finding : exploration.findings) {
    if (const auto run = replay(interpreter, finding); !run) {
      text_ << "  " << who << ": the run to " << system.at(finding.rule).name << " does not replay: " << run.error()
            << "\n";
    }
  }
  for (std::size_t i = 0; i < exploration.witnesses.size(); ++i) {
    const auto run = replay(interpreter, exploration.witnesses[i]);
    if (!run) {
      text_ << "  " << who << ": a witness does not replay: " << run.error() << "\n";
      continue;
    }
    const auto shown = interpreter.witnessed_by(run->states.back());
    if (std::find(shown.begin(), shown.end(), exploration.witnessed[i]) == shown.end())
      text_ << "  " << who << ": a witness does not show its property\n";
  }
}

void EngineComparison::compare(const Variant& variant, Agreement& agreement) {
  SearchOptions options = plain_options();
  if (variant.set) variant.set(options);
  std::optional<model::TransitionSystem> changed;
  if (variant.pass) {
    changed = variant.pass(system_);
    for (const std::string& broken : model::validate(*changed)) text_ << "  " << variant.name << ": " << broken << "\n";
    if (!text_.str().empty()) return;
  }
  const model::TransitionSystem& system = changed ? *changed : system_;
  Exploration exploration = variant.explore ? variant.explore(system, options) : explore_breadth_first(system, options);
  ++agreement.searches;
  if (exploration.problem) text_ << "  " << variant.name << ": " << trouble_text(exploration.problem) << "\n";
  replay_all(variant.name, system, exploration);
  switch (variant.claim) {
    case Claim::SameRuns:
      items(variant.name, runs(system_, *first_), runs(system, exploration));
      [[fallthrough]];
    case Claim::SameCounts:
      items(variant.name, facts(system_, reference_), facts(system, exploration));
      same_verdicts(variant.name, system, exploration);
      break;
    case Claim::SameLengths:
      items(variant.name, lengths(system_, reference_), lengths(system, exploration));
      same_verdicts(variant.name, system, exploration);
      if (!variant.may_have_more_states) no_more_states(variant.name, exploration);
      break;
    case Claim::SameVerdicts:
      same_verdicts(variant.name, system, exploration);
      break;
    case Claim::UpToCoreRules:
      if (!breaks_core_rule(system_, reference_)) {
        same_verdicts(variant.name, system, exploration);
        break;
      }
      if (!breaks_core_rule(system, exploration)) text_ << "  " << variant.name << " breaks no core rule\n";
      no_contradiction(variant.name, system, exploration);
      break;
    case Claim::NeverContradicts:
      no_contradiction(variant.name, system, exploration);
      break;
  }
  if (!first_) first_ = std::move(exploration);
}

/// Compares the variants that `wanted` takes by their position, and always the first.
template <typename Wanted>
Agreement agree(const model::TransitionSystem& system, std::uint64_t max_states, Wanted wanted) {
  Agreement agreement;
  // The fast engine says whether it is small enough for the slow one.
  SearchOptions bounded = plain_options();
  bounded.limits.states = max_states;
  const Exploration fast = explore_breadth_first(system, bounded);
  if (fast.limit != LimitKind::None || fast.statistics.generated_steps > 10 * max_states) return agreement;
  bounded.limits.states = max_states + 1;
  const Exploration reference = explore_reference(system, bounded);
  agreement.compared = true;
  if (reference.limit != LimitKind::None) {
    agreement.difference = "  the reference finds more states than the bound that the fast engine stays below\n";
    return agreement;
  }
  agreement.distinct_states = reference.statistics.distinct_states;
  agreement.generated_steps = reference.statistics.generated_steps;
  agreement.findings = reference.findings.size();
  for (const Finding& finding : reference.findings)
    agreement.is_stuck |= system.stuck_rule.valid() && finding.rule == system.stuck_rule;

  for (const auto& [rule, verdict] : verdicts(system, reference)) ++agreement.verdicts[verdict_name(verdict)];

  EngineComparison comparison(system, reference);
  for (std::size_t i = 0; i < variants().size(); ++i) {
    if (i == 0 || wanted(i)) comparison.compare(variants()[i], agreement);
  }
  agreement.difference = comparison.difference();
  const model::Interpreter interpreter(system);
  for (const Finding& finding : reference.findings) {
    if (const auto run = replay(interpreter, finding); !run) {
      agreement.difference +=
          "  the reference's run to " + system.at(finding.rule).name + " does not replay: " + run.error() + "\n";
    }
  }
  return agreement;
}

}  // namespace

Agreement engines_agree(const model::TransitionSystem& system, std::uint64_t max_states, std::size_t one_of,
                        std::uint64_t turn) {
  return agree(system, max_states, [&](std::size_t i) { return (i + turn) % one_of == 0; });
}

Agreement reductions_agree(const model::TransitionSystem& system, std::uint64_t max_states) {
  return agree(system, max_states, [](std::size_t i) {
    const Claim claim = variants()[i].claim;
    return claim == Claim::SameLengths || claim == Claim::SameVerdicts || claim == Claim::UpToCoreRules;
  });
}

}  // namespace quiesce

#include "tests/differential/engines_agree.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "checker/evidence/replay.h"
#include "checker/search/breadth_first.h"
#include "checker/search/reference_explorer.h"
#include "model/interpret/interpreter.h"

namespace quiesce {

using namespace checker;

namespace {

/// What the engines must agree on, rule by rule, as text: a difference is then easy to read.
std::map<std::string, std::string> facts(const model::TransitionSystem& system, const Exploration& exploration) {
  std::map<std::string, std::string> facts;
  facts["distinct states"] = std::to_string(exploration.statistics.distinct_states);
  facts["generated steps"] = std::to_string(exploration.statistics.generated_steps);
  facts["depth"] = std::to_string(exploration.statistics.depth);
  facts["frontier"] = std::to_string(exploration.statistics.frontier);
  facts["limit"] = std::to_string(static_cast<int>(exploration.limit));
  for (const Finding& finding : exploration.findings) {
    // Which of several shortest runs is found first may depend on the choice of representatives, and with it whether
    // the last step or the last state breaks the rule; the length may not.
    facts["finding of " + system.at(finding.rule).name] = std::to_string(finding.run.steps.size()) + " steps";
  }
  for (std::size_t i = 0; i < exploration.witnessed.size(); ++i) {
    facts["witness of property " + std::to_string(exploration.witnessed[i].value)] =
        std::to_string(exploration.witnesses[i].steps.size()) + " steps";
  }
  for (model::PropertyId property : exploration.triggered)
    facts["trigger of property " + std::to_string(property.value)] = "seen";
  for (model::RuleId rule : exploration.exercised) facts["check of " + system.at(rule).name] = "executed";
  return facts;
}

std::map<std::string, std::string> verdicts(const model::TransitionSystem& system, const SearchResult& result) {
  std::map<std::string, std::string> verdicts;
  for (const RuleResult& rule : result.rules) {
    verdicts["verdict of " + system.at(rule.rule).name] = std::to_string(static_cast<int>(rule.verdict));
  }
  return verdicts;
}

std::string difference(const std::map<std::string, std::string>& reference,
                       const std::map<std::string, std::string>& engine) {
  std::set<std::string> keys;
  for (const auto& [key, value] : reference) keys.insert(key);
  for (const auto& [key, value] : engine) keys.insert(key);
  std::ostringstream text;
  for (const std::string& key : keys) {
    const auto r = reference.find(key);
    const auto e = engine.find(key);
    const std::string expected = r == reference.end() ? "-" : r->second;
    const std::string found = e == engine.end() ? "-" : e->second;
    if (expected != found) text << "  " << key << ": reference " << expected << ", breadth first " << found << "\n";
  }
  return text.str();
}

}  // namespace

Agreement engines_agree(const model::TransitionSystem& system, std::uint64_t max_states) {
  Agreement agreement;
  SearchOptions options;
  options.limits.states = max_states;
  Exploration engine = explore_breadth_first(system, options);
  if (engine.limit != LimitKind::None) return agreement;
  Exploration reference = explore_reference(system, options);
  agreement.compared = true;
  agreement.distinct_states = engine.statistics.distinct_states;
  agreement.generated_steps = engine.statistics.generated_steps;
  agreement.findings = engine.findings.size();
  agreement.difference = difference(facts(system, reference), facts(system, engine));

  const model::Interpreter interpreter(system);
  std::string why;
  for (const Finding& finding : engine.findings) {
    agreement.is_stuck = agreement.is_stuck || (system.stuck_rule.valid() && finding.rule == system.stuck_rule);
    if (!replay(interpreter, finding, &why))
      agreement.difference += "  the run to " + system.at(finding.rule).name + " does not replay: " + why + "\n";
  }
  for (const Run& witness : engine.witnesses) {
    if (!replay(interpreter, witness, &why)) agreement.difference += "  a witness does not replay: " + why + "\n";
  }
  for (const Finding& finding : reference.findings) {
    if (!replay(interpreter, finding, &why))
      agreement.difference +=
          "  the reference's run to " + system.at(finding.rule).name + " does not replay: " + why + "\n";
  }
  agreement.difference += difference(verdicts(system, judge(system, std::move(reference))),
                                     verdicts(system, judge(system, std::move(engine))));
  return agreement;
}

}  // namespace quiesce

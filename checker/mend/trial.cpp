#include "checker/mend/trial.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "checker/mend/dead_code.h"
#include "checker/result/outcome.h"
#include "model/base/contains.h"
#include "model/system/jumps.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

namespace {

/// Whether the facts of a search say that something exercised the rule.
bool is_exercised(const model::TransitionSystem& system, const Exploration& facts, model::RuleId rule) {
  if (contains(facts.exercised, rule)) return true;
  for (std::size_t i = 0; i < system.properties.size(); ++i) {
    const model::Property& property = system.properties[i];
    if (property.rule != rule) continue;
    const bool waits = property.kind == model::PropertyKind::Invariant && property.trigger.valid();
    if (!waits || contains(facts.triggered, model::PropertyId(i))) return true;
  }
  return false;
}

/// Takes away the ways through programs that break one of `rules`: such a step exercises nothing.
void refuse_broken(model::TransitionSystem& system, const std::set<model::RuleId>& rules) {
  model::for_each_program(system, [&](model::Program& program) {
    std::vector<model::Op> ops;
    std::vector<std::uint32_t> position;
    for (model::Op& op : program.ops) {
      position.push_back(static_cast<std::uint32_t>(ops.size()));
      const auto* check = std::get_if<model::CheckOp>(&op);
      if (check != nullptr && rules.contains(check->rule)) ops.emplace_back(model::AssumeOp{check->condition});
      ops.push_back(std::move(op));
    }
    for (model::Op& op : ops) {
      if (std::uint32_t* target = model::target_of(op)) *target = position[*target];
    }
    program.ops = std::move(ops);
  });
}

/// Searches of so many states are over before a command table would be derived.
constexpr std::uint64_t kFewStates = 50'000;

}  // namespace

void prepare_for(std::uint64_t states, CheckOptions& options) {
  if (states < kFewStates) options.search.successors = Successors::Bytecode;
}

std::vector<std::string> exercised_rules(const CheckCase& case_, const SearchResult& result,
                                         const CheckOptions& options) {
  std::vector<std::string> rules;
  std::vector<model::RuleId> open;
  for (const RuleResult& rule : result.rules) {
    if (rule.verdict == Verdict::Holds || rule.verdict == Verdict::Violated)
      rules.push_back(case_.system.at(rule.rule).name);
    if (rule.verdict == Verdict::Unknown) open.push_back(rule.rule);
  }
  if (open.empty()) return rules;
  const Exploration facts = explored(case_.system, options);  // what is cut off may have been exercised before
  for (const model::RuleId rule : open) {
    if (is_exercised(case_.system, facts, rule)) rules.push_back(case_.system.at(rule).name);
  }
  return rules;
}

std::vector<std::string> leave_out_consequences(const CheckCase& case_, const SearchResult& result,
                                                const CheckOptions& options, std::vector<std::string>& rules) {
  model::TransitionSystem ended = case_.system;  // whose runs end before a step that breaks a rule
  std::set<model::RuleId> broken;
  for (const RuleResult& rule : result.rules) {
    if (rule.verdict == Verdict::Violated) broken.insert(rule.rule);
  }
  if (broken.empty()) return {};
  for (const model::RuleId rule : broken) ended.rules[rule.value].core = true;
  refuse_broken(ended, broken);
  const Exploration before = explored(ended, options);
  const Exploration all = explored(case_.system, options);
  if (before.limit != LimitKind::None) return {};
  std::vector<std::string> never_kept;
  for (const RuleResult& rule : result.rules) {
    if (!is_exercised(case_.system, all, rule.rule) || is_exercised(ended, before, rule.rule)) continue;
    const std::string& name = case_.system.at(rule.rule).name;
    if (broken.contains(rule.rule)) {
      never_kept.push_back(name);
    } else {
      std::erase(rules, name);
    }
  }
  return never_kept;
}

LoadOptions MendTrials::load_options() const {
  LoadOptions options = subject_.load;
  options.interrupt = &stop_;
  options.time.reset();
  return options;
}

std::unique_ptr<LoadedDesign> MendTrials::loaded(const std::string& text, const LoadOptions& options) const {
  if (subject_.parsed == nullptr) return load_design(subject_.name, text, options);
  return load_again(subject_.name, text, options, *subject_.parsed);
}

CheckOptions MendTrials::search_options(std::size_t case_number) const {
  CheckOptions options = subject_.search;
  options.search.threads = 1;  // changes are tried side by side
  options.search.interrupt = &stop_;
  options.search.limits = {};
  options.search.limits.memory_bytes = subject_.search.search.limits.memory_bytes;
  options.search.limits.states = std::max(kAlwaysSearched, kGrowth * subject_.states[case_number]);
  prepare_for(subject_.states[case_number], options);
  return options;
}

ChangeResult MendTrials::try_quickly(const std::string& text) const {
  LoadOptions load = load_options();
  load.only_case = subject_.quick_case;
  const auto design = loaded(text, load);
  if (design->cut_short != LimitKind::None) return {Change::Stopped};
  if (!design->ok() || design->checks.size() != 1 || design->checks.front().cases.size() != 1) return {Change::Refused};
  CheckOptions options = search_options(subject_.quick_case);
  options.search.stop_at_first = true;
  options.search.partial_order = false;  // what has to be prepared for a search costs more than a short one
  options.search.symmetry = false;
  options.search.successors = Successors::Bytecode;
  const CheckCase& case_ = design->checks.front().cases.front();
  const SearchResult found = check(case_, options);
  if (stop_) return {Change::Stopped};
  ChangeResult result{found.complete ? Change::Mends : Change::TooLarge};
  for (const RuleResult& rule : found.rules) {
    if (rule.verdict != Verdict::Violated) continue;
    const std::size_t steps = rule.finding ? found.findings[*rule.finding].run.steps.size() : 0;
    result = {Change::Broken, case_.system.at(rule.rule).name, steps, subject_.quick_case};
    break;
  }
  result.cost = found.statistics.distinct_states;
  return result;
}

ChangeResult MendTrials::judge_case(const CheckCase& case_, std::size_t number, bool may_rest) const {
  const SearchResult found = check(case_, search_options(number));
  if (stop_) return {Change::Stopped};
  ChangeResult worst{Change::Mends};
  for (const RuleResult& rule : found.rules) {
    const std::string& name = case_.system.at(rule.rule).name;
    if (rule.verdict == Verdict::Violated) {
      worst = {Change::Broken, name, 0, number};
      break;
    }
    if (rule.verdict == Verdict::Unknown) worst = {Change::TooLarge, name};
    const bool says_nothing = rule.verdict == Verdict::NotExercised || rule.verdict == Verdict::Vacuous;
    if (!says_nothing || worst.change != Change::Mends || !contains(subject_.exercised[number], name)) continue;
    if (may_rest && !subject_.never_kept.empty() && contains(subject_.never_kept[number], name)) {
      worst.resting = name;
    } else {
      worst = {Change::Vacuous, name};
    }
  }
  worst.cost = found.statistics.distinct_states;
  return worst;
}

ChangeResult MendTrials::try_fully(const std::string& text, bool may_rest) const {
  const auto design = loaded(text, load_options());
  if (design->cut_short != LimitKind::None) return {Change::Stopped};
  if (!design->ok() || design->checks.size() != 1 || design->checks.front().cases.size() != subject_.exercised.size())
    return {Change::Refused};
  std::uint64_t states = 0;
  std::string resting;
  for (std::size_t i = 0; i < subject_.exercised.size(); ++i) {
    ChangeResult result = judge_case(design->checks.front().cases[i], i, may_rest);
    states += result.cost;
    result.cost = states;
    if (result.change != Change::Mends) return result;
    if (!result.resting.empty()) resting = result.resting;
  }
  std::uint64_t cost = states;
  // What a rule forbids in every case is not done any more: that it is never executed is the mend.
  ChangeResult last = resting.empty() ? try_execution(text) : ChangeResult{Change::Mends};
  if (last.change == Change::Mends) last = try_others(text, cost);
  last.states = states;
  last.cost = cost;
  last.resting = resting;
  return last;
}

ChangeResult MendTrials::try_execution(const std::string& text) const {
  if (!subject_.dead) return {Change::Mends};
  LoadOptions load = load_options();
  load.coverage = true;
  const auto design = loaded(text, load);
  if (!design->ok()) return {stop_ ? Change::Stopped : Change::Mends};  // too wide where nothing is sliced away
  const auto dead = dead_statements(*design, search_options(subject_.quick_case), &*subject_.dead);
  if (stop_) return {Change::Stopped};
  if (!dead) return {Change::Mends};
  for (const std::string& statement : *dead) {
    if (!subject_.dead->contains(statement)) return {Change::Dead, statement};
  }
  return {Change::Mends};
}

ChangeResult MendTrials::try_others(const std::string& text, std::uint64_t& cost) const {
  for (const std::size_t number : subject_.keep) {
    LoadOptions load = load_options();
    load.check = number;
    load.system.reset();
    const auto design = loaded(text, load);
    if (design->cut_short != LimitKind::None) return {Change::Stopped};
    if (!design->ok()) return {Change::Refused};
    for (const CheckCase& case_ : design->checks.front().cases) {
      CheckOptions options = search_options(0);
      options.search.limits.states.reset();
      options.search.stop_at_first = true;
      const SearchResult found = check(case_, options);
      cost += found.statistics.distinct_states;
      if (stop_) return {Change::Stopped};
      for (const RuleResult& rule : found.rules) {
        const bool fails = rule.verdict == Verdict::Violated || rule.verdict == Verdict::Vacuous;
        if (fails) return {Change::BreaksOther, case_.system.at(rule.rule).name};
      }
      if (!found.complete) return {Change::TooLarge};
    }
  }
  return {Change::Mends};
}

BrokenRules MendTrials::broken_by(const std::string& text) const {
  LoadOptions load = load_options();
  load.only_case = subject_.quick_case;
  const auto design = loaded(text, load);
  if (!design->ok() || design->checks.size() != 1 || design->checks.front().cases.size() != 1) return {};
  const CheckCase& case_ = design->checks.front().cases.front();
  const SearchResult found = check(case_, search_options(subject_.quick_case));
  BrokenRules broken;
  broken.is_complete = found.complete && !stop_;
  broken.cost = found.statistics.distinct_states;
  for (const RuleResult& rule : found.rules) {
    if (rule.verdict == Verdict::Violated) broken.names.push_back(case_.system.at(rule.rule).name);
  }
  std::sort(broken.names.begin(), broken.names.end());
  return broken;
}

}  // namespace quiesce::checker

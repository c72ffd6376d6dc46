#include "checker/rerun.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "checker/smt/initial_solver.h"
#include "model/base/word.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

using namespace model;

namespace {

class Rerunner {
 public:
  Rerunner(const TransitionSystem& system, const SavedRun& saved, const SourceMap& sources)
      : system_(system), saved_(saved), sources_(sources), interpreter_(system) {
    for (const SavedStep& step : saved.steps) last_part_ = std::max(last_part_, step.part_of);
  }

  Rerun take() {
    if (!begin()) return std::move(result_);
    for (std::size_t i = 0; i < saved_.steps.size(); ++i) {
      if (!step(i)) return finish(i);
    }
    finish(saved_.steps.size());
    judge();
    return std::move(result_);
  }

 private:
  void diverge(std::string why) { result_.divergence = std::move(why); }

  /// The initial state that has the open values as saved.
  bool begin() {
    std::vector<std::pair<std::size_t, std::int32_t>> wanted;
    for (const auto& [cell, value] : saved_.initially) {
      const auto known = std::find_if(system_.cells.begin(), system_.cells.end(),
                                      [&, name = cell](const Cell& one) { return one.name == name; });
      if (known == system_.cells.end()) continue;  // a variable that is gone, or was renamed
      wanted.emplace_back(known - system_.cells.begin(), static_cast<std::int32_t>(value));
    }
    State first;
    InitialSolver guide(system_);
    const auto find = [&](const State& state) {
      const bool fits =
          std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) { return state[one.first] == one.second; });
      if (fits) first = state;
      return !fits;
    };
    interpreter_.for_each_initial_state(find, nullptr, &guide);
    if (first.empty()) {
      diverge("no initial state has the values that it begins with");
      return false;
    }
    result_.run.run.states.push_back(std::move(first));
    return true;
  }

  std::optional<Actor> actor_of(const SavedStep& step) const {
    const auto find = [&](const auto& all) -> std::optional<std::uint32_t> {
      for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (all[i].name == step.who) return i;
      }
      return std::nullopt;
    };
    const bool acts = step.kind == Actor::Kind::Act;
    const auto index = acts ? find(system_.actions) : find(system_.contexts);
    if (!index || (!acts && step.activation >= system_.contexts[*index].activations)) return std::nullopt;
    return Actor{step.kind, *index, step.activation};
  }

  std::string described(const SavedStep& step) const {
    return fmt::format("step {}: {} was to execute '{}'{}", step.part_of + 1, step.who, step.text,
                       step.place.empty() ? "" : fmt::format(" ({})", step.place));
  }

  bool step(std::size_t index) {
    const SavedStep& saved = saved_.steps[index];
    const State& state = result_.run.run.states.back();
    const std::optional<Actor> actor = actor_of(saved);
    if (!actor) {
      diverge(described(saved) + ", but there is no such context or action any more");
      return false;
    }
    if (ends_run(system_, interpreter_.violations_of(state))) {
      diverge(described(saved) + ", but a core rule is broken before");
      return false;
    }
    const auto [text, place] = about_to(system_, state, *actor, sources_);
    if (text != saved.text) {
      diverge(fmt::format("{}, but it stands before '{}' ({})", described(saved), text, place));
      return false;
    }
    std::vector<Successor> all = interpreter_.successors(state, *actor);
    const auto fits = [&](const Successor& one) {
      return one.step.actor == *actor && one.step.choices == saved.choices;
    };
    auto taken = std::find_if(all.begin(), all.end(),
                              [&](const Successor& one) { return fits(one) && one.step.cpu == saved.cpu; });
    if (taken == all.end()) taken = std::find_if(all.begin(), all.end(), fits);
    if (taken == all.end()) {
      diverge(described(saved) +
              (all.empty() ? ", but it cannot step there" : ", but what was chosen is no choice there"));
      return false;
    }
    // The last step of the story may continue after it has broken the rule.
    if (saved.part_of == last_part_) {
      last_violations_.insert(last_violations_.end(), taken->violations.begin(), taken->violations.end());
    }
    OriginalRun& run = result_.run;
    run.run.steps.push_back(taken->step);
    run.part_of.push_back(saved.part_of);
    if (!taken->ends_run) {
      run.run.states.push_back(std::move(taken->next));
    } else if (index + 1 < saved_.steps.size()) {
      diverge(described(saved_.steps[index + 1]) + ", but a core rule is broken before");
      return false;
    }
    return true;
  }

  /// What was taken of the first `count` steps, in whole steps of the story and what of the next was begun.
  Rerun finish(std::size_t count) {
    OriginalRun& run = result_.run;
    const std::size_t parts = run.part_of.empty() ? 0 : *std::max_element(run.part_of.begin(), run.part_of.end()) + 1;
    for (std::size_t i = 0; i < saved_.reached.size() && i <= parts; ++i) {
      if (saved_.reached[i] < run.run.states.size()) run.reached.push_back(saved_.reached[i]);
    }
    if (run.reached.size() == parts && run.run.states.size() > run.run.steps.size()) {
      run.reached.push_back(run.run.states.size() - 1);
    }
    const bool is_open = count < saved_.steps.size() && count > 0 && saved_.steps[count].part_of + 1 == parts;
    result_.steps = is_open ? parts - 1 : parts;
    return result_;
  }

  void judge() {
    const auto breaks = [&](const Violation& one) { return system_.at(one.rule).name == saved_.rule; };
    const std::vector<Violation> shown =
        saved_.in_state ? interpreter_.violations_of(result_.run.run.states.back()) : last_violations_;
    const auto found = std::find_if(shown.begin(), shown.end(), breaks);
    result_.end = Rerun::End::Kept;
    result_.about.run.loop = saved_.loop;
    if (saved_.loop) {  // what repeats forever is closed by the state, and the rule speaks of all of it
      const std::size_t at = saved_.reached[*saved_.loop];
      for (std::size_t rule = 0; rule < system_.rules.size(); ++rule) {
        if (system_.rules[rule].name == saved_.rule) result_.about.rule = result_.about.violation.rule = RuleId(rule);
      }
      const bool closes =
          at < result_.run.run.states.size() &&
          interpreter_.canonical(result_.run.run.states[at]) == interpreter_.canonical(result_.run.run.states.back());
      if (closes && result_.about.rule.valid()) result_.end = Rerun::End::Broken;
      return;
    }
    if (found == shown.end()) return;
    result_.end = Rerun::End::Broken;
    result_.about.rule = found->rule;
    result_.about.violation = *found;
    result_.about.in_state = saved_.in_state;
  }

  const TransitionSystem& system_;
  const SavedRun& saved_;
  const SourceMap& sources_;
  const Interpreter interpreter_;
  Rerun result_;
  std::size_t last_part_ = 0;
  std::vector<Violation> last_violations_;  // of its steps
};

}  // namespace

Rerun rerun(const TransitionSystem& system, const SavedRun& saved, const SourceMap& sources) {
  return Rerunner(system, saved, sources).take();
}

Story story_of(const TransitionSystem& system, const Rerun& rerun, const SourceMap& sources,
               const TellOptions& options) {
  return tell_in_parts(system, rerun.about, rerun.run, sources, options);
}

const TransitionSystem& unreduced(const CheckCase& case_) { return case_.original ? *case_.original : case_.system; }

Expected<const CheckCase*> case_of(const LoadedDesign& design, const SavedDesign& saved) {
  if (design.checks.empty()) return unexpected(fmt::format("'{}' has no system '{}'", design.name, saved.system));
  const LoadedCheck& check = design.checks.front();
  const std::string name = own_name(check.system);  // without the module
  if (name != saved.system) {
    return unexpected(fmt::format("the check is of system '{}', the run of '{}'", name, saved.system));
  }
  if (saved.case_number < 1 || saved.case_number > check.cases.size()) {
    return unexpected(fmt::format("there is no case {}: the check has {}", saved.case_number, check.cases.size()));
  }
  return &check.cases[saved.case_number - 1];
}

LoadOptions load_options_of(const SavedDesign& saved) {
  LoadOptions options;
  options.library_directory = saved.library;
  options.defines = saved.defines;
  if (saved.check != 0) {
    options.check = saved.check;
  } else {
    options.system = saved.system;
  }
  return options;
}

}  // namespace quiesce::checker

#include "checker/check.h"

#include <algorithm>
#include <map>

#include "checker/evidence/lasso.h"
#include "checker/evidence/replay.h"
#include "checker/liveness/graph_checkpoint.h"
#include "checker/liveness/infinite_runs.h"
#include "checker/result/search_control.h"
#include "checker/search/breadth_first.h"
#include "checker/search/coverage.h"
#include "checker/search/depth_first.h"
#include "checker/search/few_interruptions.h"
#include "checker/search/first_look.h"
#include "checker/search/random_walk.h"
#include "checker/search/reference_explorer.h"
#include "checker/search/swarm.h"
#include "checker/store/checkpoint_file.h"
#include "model/base/internal_check.h"
#include "model/passes/merge_for_infinite_runs.h"
#include "model/system/joint_steps.h"

namespace quiesce::checker {
namespace {

Exploration explore_whole(const model::TransitionSystem& system, SearchOptions options) {
  options.partial_order = false;
  return explore_breadth_first(system, options);
}

/// The same after a search that took `before`, which counts: in the progress, too.
Exploration explore_whole_after(std::chrono::nanoseconds before, const model::TransitionSystem& system,
                                SearchOptions options) {
  if (const auto progress = options.progress) {
    options.progress = [=](Statistics statistics) {
      statistics.wall += before;
      progress(statistics);
    };
  }
  Exploration exploration = explore_whole(system, options);
  exploration.statistics.wall += before;
  return exploration;
}

/// How long a reduced search goes on after the first violation before the search without reduction takes over, when
/// all of it is bounded by SearchOptions::after_first: what it finds has to be found again anyway.
constexpr std::chrono::milliseconds kTrialAfterFirst{1000};

/// Partial order reduction keeps what is broken, but not the length of runs, nor what a broken core rule cuts off
/// (docs/reductions.md). So what it finds is found again without it: as deep as its runs reach, or to the end when a
/// core rule is among it. Where that comes to a limit, what was found first stands.
Exploration explore_reduced(const model::TransitionSystem& system, const SearchOptions& options) {
  SearchOptions trial = options;
  trial.is_trial = options.after_first.has_value();
  if (trial.is_trial) trial.after_first = std::min(*options.after_first, kTrialAfterFirst);
  Exploration first = explore_breadth_first(system, trial);
  if (first.after_first) return explore_whole_after(first.statistics.wall, system, options);
  if (first.statistics.reduced_states == 0 || first.findings.empty() || first.problem) return first;
  for (Finding& finding : first.findings) finding.is_shortest = finding.run.steps.size() <= 1;
  if (first.limit == LimitKind::Time || first.limit == LimitKind::Interrupted) return first;
  SearchOptions again = options;
  again.checkpoint.clear();
  again.resume.clear();
  std::size_t depth = 0;
  bool ends_runs = false;
  for (const Finding& finding : first.findings) {
    if (finding.no_run != LimitKind::None) return first;  // how deep to search is not known
    depth = std::max(depth, finding.run.steps.size());
    ends_runs = ends_runs || system.at(finding.rule).core;
  }
  if (!ends_runs) again.limits.depth = static_cast<std::uint32_t>(depth);
  Exploration second = explore_whole_after(first.statistics.wall, system, again);
  second.statistics.peak_memory_bytes =
      std::max(second.statistics.peak_memory_bytes, first.statistics.peak_memory_bytes);
  if (second.limit == LimitKind::None && !second.after_first && !second.problem) return second;
  first.statistics.wall = second.statistics.wall;
  first.statistics.peak_memory_bytes = second.statistics.peak_memory_bytes;
  for (Finding& finding : first.findings) {
    const auto shorter = std::find_if(second.findings.begin(), second.findings.end(), [&](const Finding& other) {
      return other.rule == finding.rule && other.no_run == LimitKind::None &&
             other.run.steps.size() <= finding.run.steps.size();
    });
    if (shorter != second.findings.end()) finding = std::move(*shorter);
  }
  return first;
}

Exploration explore_by_breadth(const model::TransitionSystem& system, const SearchOptions& options) {
  // A limit on depth is one on the length of runs, which the reduction changes.
  const bool reduces = options.partial_order && options.storage == Storage::Exact && !options.limits.depth &&
                       !model::has_joint_steps(system);
  return reduces ? explore_reduced(system, options) : explore_whole(system, options);
}

/// A search that ends a while after its first violation need not be the one that finds it.
Exploration explore_after_first_look(const model::TransitionSystem& system, const SearchOptions& options) {
  FirstLook look(system, options);
  SearchOptions with = options;
  with.first_look = [&] {
    const bool is_known = options.first_look && options.first_look();
    return look.take() || is_known;
  };
  if (options.progress) {
    with.progress = [&](const Statistics& statistics) { options.progress(look.add_to_progress(statistics)); };
  }
  Exploration exploration = explore_by_breadth(system, with);
  look.add_to(exploration);
  return exploration;
}

Exploration explore(const model::TransitionSystem& system, const CheckOptions& options) {
  switch (options.engine) {
    case Engine::Explicit:
      switch (options.search.order) {
        case Order::BreadthFirst:
          return options.search.after_first ? explore_after_first_look(system, options.search)
                                            : explore_by_breadth(system, options.search);
        case Order::DepthFirst:
          return explore_depth_first(system, options.search);
        case Order::FewInterruptions:
          return explore_few_interruptions(system, options.search);
        case Order::Random:
          return explore_randomly(system, options.search);
        case Order::Swarm:
          return explore_swarm(system, options.search);
      }
      break;
    case Engine::Reference:
      return explore_reference(system, options.search);
  }
  QUIESCE_CHECK(false) << "unknown engine";
  return {};
}

/// Repeats all runs with the reference interpreter. A run that there is no time to repeat is not told, but what it
/// breaks is.
void replay_all(const model::TransitionSystem& system, const SearchControl& control, Exploration& exploration) {
  const model::Interpreter interpreter(system);
  for (Finding& finding : exploration.findings) {
    try {
      model::Expected<Finding> replayed = replay(interpreter, finding, &control);
      QUIESCE_CHECK(replayed.has_value())
          << "the run that breaks '" << system.at(finding.rule).name << "' does not replay: " << replayed.error();
      finding = std::move(*replayed);
    } catch (const SearchStopped& stopped) {
      finding.run = {};
      finding.no_run = stopped.limit;
    }
  }
  for (std::size_t i = 0; i < exploration.witnesses.size(); ++i) {
    model::Expected<Run> replayed;
    try {
      replayed = replay(interpreter, exploration.witnesses[i], &control);
    } catch (const SearchStopped&) {
      exploration.witnesses.resize(i);
      break;
    }
    QUIESCE_CHECK(replayed.has_value()) << "the witness of '"
                                        << system.at(system.at(exploration.witnessed[i]).rule).name
                                        << "' does not replay: " << replayed.error();
    const std::vector<model::PropertyId> shown = interpreter.witnessed_by(replayed->states.back());
    QUIESCE_CHECK(std::find(shown.begin(), shown.end(), exploration.witnessed[i]) != shown.end())
        << "the witness of '" << system.at(system.at(exploration.witnessed[i]).rule).name << "' does not show it";
    exploration.witnesses[i] = std::move(*replayed);
  }
}

Exploration explored(const model::TransitionSystem& system, const CheckOptions& options, const SearchControl& control) {
  CheckOptions with = options;
  with.search.control = &control;
  Exploration exploration = explore(system, with);
  replay_all(system, control.for_evidence(), exploration);
  return exploration;
}

SearchResult check_states(const model::TransitionSystem& system, const CheckOptions& options,
                          const SearchControl& control) {
  return judge(system, explored(system, options, control));
}

// ---------------------------------------------------------------------------------------- infinite runs

/// Sees that each lasso is what it claims to be. One that is fair only when the activations of a handler are taken for
/// one proves nothing; one that there is no time to repeat is not told.
void confirm_all(const model::TransitionSystem& system, const SearchControl& control, InfiniteRuns& runs) {
  const model::Interpreter interpreter(system);
  for (std::size_t i = 0; i < runs.answers.size(); ++i) {
    TemporalAnswer& answer = runs.answers[i];
    if (!answer.finding) continue;
    const std::string& rule = system.at(system.temporal[i].rule).name;
    try {
      const model::Expected<Lasso> lasso = confirm(interpreter, system.temporal[i], answer.finding->run, &control);
      QUIESCE_CHECK(lasso.has_value()) << "the infinite run that breaks '" << rule << "' is none: " << lasso.error();
      if (*lasso == Lasso::UnfairToOne)
        answer = {Verdict::Unknown, Undecided{Undecided::Kind::NotConfirmed}, std::nullopt};
    } catch (const SearchStopped& stopped) {
      Incomplete why;
      why.limit = stopped.limit;
      answer = {Verdict::Unknown, why, std::nullopt};
    }
  }
}

/// How much a verdict outweighs another one where a rule asks for several things.
int weight_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Violated:
      return 4;
    case Verdict::Unknown:
      return 3;
    case Verdict::Holds:
      return 2;
    case Verdict::Vacuous:
      return 1;
    case Verdict::NotExercised:
      return 0;
  }
  return 0;
}

/// Whether the search for states has said all that it can of a rule: nothing of it is broken, nothing left open.
bool is_left_to_infinite_runs(const RuleResult& rule) {
  const auto* undecided = std::get_if<Undecided>(&rule.reason);
  return rule.verdict == Verdict::Unknown && undecided != nullptr && undecided->kind == Undecided::Kind::NotSearched;
}

bool wants_witness(const model::TransitionSystem& system, model::RuleId rule) {
  return std::any_of(system.properties.begin(), system.properties.end(), [&](const model::Property& property) {
    return property.rule == rule && property.kind == model::PropertyKind::Reachable;
  });
}

/// Puts what infinite runs say beside what states say: a rule that asks for both has the worse verdict.
void add_answers(const model::TransitionSystem& system, InfiniteRuns runs, SearchResult& result) {
  result.infinite = runs.statistics;
  for (RuleResult& rule : result.rules) {
    if (rule.verdict == Verdict::Violated) continue;
    TemporalAnswer* worst = nullptr;
    for (std::size_t i = 0; i < runs.answers.size(); ++i) {
      if (system.temporal[i].rule != rule.rule) continue;
      if (worst == nullptr || weight_of(runs.answers[i].verdict) > weight_of(worst->verdict)) worst = &runs.answers[i];
    }
    if (worst == nullptr) continue;
    if (worst->finding) {
      rule.verdict = Verdict::Violated;
      rule.reason = {};
      rule.finding = result.findings.size();
      result.findings.push_back(std::move(*worst->finding));
    } else if (is_left_to_infinite_runs(rule) && !wants_witness(system, rule.rule)) {
      rule.verdict = worst->verdict;
      rule.reason = worst->reason;
    }
  }
}

/// Hunts and lossy stores can show no more of infinite runs than that they did not look at them.
bool looks_at_infinite_runs(const CheckCase& case_, const CheckOptions& options, const SearchResult& result) {
  return case_.infinite && !result.problem && options.search.order == Order::BreadthFirst &&
         options.search.storage == Storage::Exact && result.limit != LimitKind::Interrupted &&
         !(options.search.stop_at_first && !result.findings.empty()) &&
         !(options.search.after_first && !result.complete);
}

}  // namespace

Exploration explored(const model::TransitionSystem& system, const CheckOptions& options) {
  const SearchControl control(options.search.limits, options.search.interrupt);
  return explored(system, options, control);
}

SearchResult check(const model::TransitionSystem& system, const CheckOptions& options) {
  const SearchControl control(options.search.limits, options.search.interrupt);
  return check_states(system, options, control);
}

namespace {

using Clock = std::chrono::steady_clock;

/// How long infinite runs are looked at before states are searched: in a check that ends a while after its first
/// violation, so that one near the beginning is known soon; and with a limit on time, which the search for states would
/// use up.
std::optional<std::chrono::milliseconds> time_of_first_look(const SearchOptions& search) {
  constexpr std::chrono::milliseconds kLook{1000}, kLongest{10'000};
  if (search.stop_at_first || search.order != Order::BreadthFirst || search.storage != Storage::Exact) return {};
  if (search.limits.time) return std::min(*search.limits.time / 4, kLongest);
  return search.after_first ? std::optional(kLook) : std::nullopt;
}

/// Only what is known of runs that break rules: the rest is yet to be searched.
void keep_violations_only(InfiniteRuns& runs) {
  for (TemporalAnswer& answer : runs.answers) {
    if (!answer.finding) answer = {Verdict::Unknown, Undecided{Undecided::Kind::NotSearched}, std::nullopt};
  }
}

bool is_violated(const InfiniteRuns& runs) {
  return std::any_of(runs.answers.begin(), runs.answers.end(),
                     [](const TemporalAnswer& answer) { return answer.finding.has_value(); });
}

/// A check of states and infinite runs.
class WholeCheck {
 public:
  WholeCheck(const CheckCase& of_case, const CheckOptions& options)
      : case_(of_case), options_(options), control_(options.search.limits, options.search.interrupt) {}

  SearchResult run() {
    take_first_look();
    SearchResult result = check_states(case_.system, options_of_states(), control_);
    if (result.problem) return result;
    const bool is_known = runs_ && runs_->is_settled;
    if (!is_known && looks_at_infinite_runs(case_, options_, result)) search_after(result);
    if (problem_) {
      SearchResult none;
      none.problem = problem_;
      return none;
    }
    if (warning_) result.warning = warning_;
    if (!runs_) return result;
    add_answers(*case_.infinite, std::move(*runs_), result);
    return result;
  }

 private:
  void take_first_look() {
    const auto time = time_of_first_look(options_.search);
    if (!case_.infinite || !time) return;
    Limits limits = options_.search.limits;
    limits.time = time;
    search(SearchControl(limits, options_.search.interrupt));
    if (!runs_->is_settled) keep_violations_only(*runs_);
  }

  InfiniteRuns searched(const model::TransitionSystem& system, const SearchControl& control, InfiniteRunsAsked asked) {
    SearchOptions search = options_.search;
    search.control = &control;
    if (!may_keep_) search.checkpoint.clear();
    if (!may_keep_ || !resumes_graph_) search.resume.clear();
    asked.before = Clock::now() - began_;
    asked.no_state_breaks_core = no_state_breaks_core_;
    InfiniteRuns runs = search_infinite_runs(system, search, asked);
    is_resumed_ = is_resumed_ || runs.is_resumed;
    if (runs.problem) problem_ = runs.problem;
    if (runs.warning) warning_ = runs.warning;
    return runs;
  }

  /// Properties of which `proof` says that they hold.
  static std::vector<bool> decided_by(const InfiniteRuns& proof) {
    std::vector<bool> decided;
    for (const TemporalAnswer& answer : proof.answers) {
      decided.push_back(answer.verdict == Verdict::Holds || answer.verdict == Verdict::Vacuous);
    }
    return decided;
  }

  /// What holds is said after a search of the merged system, which has a tenth of the states. What does not is looked for
  /// where steps are those of the text.
  void prove_and_search(const SearchControl& control) {
    std::optional<model::TransitionSystem> merged;
    if (case_.original) merged = model::merge_for_infinite_runs(*case_.infinite);
    if (!merged) return search(control);
    InfiniteRuns proof = searched(*merged, control, {.only_what_holds = true});
    if (problem_) return;
    const std::vector<bool> decided = decided_by(proof);
    const bool is_all = proof.is_settled && std::equal(decided.begin(), decided.end(), asked_for().begin());
    if (proof.was_stopped) may_keep_ = false;  // what is kept is of this search
    if (!is_all) search(control, decided);
    if (problem_) return;
    if (is_all) runs_.emplace().statistics = proof.statistics;
    runs_->answers.resize(decided.size(), {Verdict::Unknown, Undecided{Undecided::Kind::NotSearched}, std::nullopt});
    for (std::size_t i = 0; i < decided.size(); ++i) {
      if (decided[i]) runs_->answers[i] = std::move(proof.answers[i]);
    }
  }

  /// By property: whether its rule is checked.
  std::vector<bool> asked_for() const {
    const model::TransitionSystem& system = *case_.infinite;
    std::vector<bool> asked;
    for (const model::TemporalProperty& property : system.temporal) {
      const bool is_checked =
          std::find(system.checked.begin(), system.checked.end(), property.rule) != system.checked.end();
      asked.push_back(is_checked && !property.formula.empty());
    }
    return asked;
  }

  void search(const SearchControl& control, std::vector<bool> decided = {}) {
    InfiniteRuns runs = searched(*case_.infinite, control, {.decided = std::move(decided)});
    if (problem_) return;
    confirm_all(*case_.infinite, control.for_evidence(), runs);
    for (std::size_t i = 0; runs_ && i < runs.answers.size(); ++i) {
      const bool was_found = runs_->answers[i].finding && !runs.answers[i].finding;
      if (was_found) runs.answers[i] = std::move(runs_->answers[i]);
    }
    runs_ = std::move(runs);
  }

  /// The search for infinite runs behind one for states. Where a rule is known to be broken, it has as long again as all
  /// took until then.
  void search_after(const SearchResult& states) {
    no_state_breaks_core_ = holds_core(states);
    may_keep_ = states.complete;  // else the file is for the search for states
    go_on_after(states);
    if (resumes_graph_ && states.complete && !is_resumed_ && !problem_)
      problem_ = CheckpointTrouble{CheckpointTrouble::Kind::OfAnotherSearch, options_.search.resume};
  }

  void go_on_after(const SearchResult& states) {
    const auto& after_first = options_.search.after_first;
    const bool is_broken = !states.findings.empty() || (runs_ && is_violated(*runs_));
    if (!after_first || !is_broken) return prove_and_search(control_);
    Limits limits;
    limits.time = std::max(*after_first, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_));
    prove_and_search(SearchControl(limits, options_.search.interrupt));
  }

  /// Whether all states were visited and none of them breaks a core rule, nor a step between them.
  bool holds_core(const SearchResult& states) const {
    return states.complete && std::none_of(states.findings.begin(), states.findings.end(),
                                           [&](const Finding& finding) { return case_.system.at(finding.rule).core; });
  }

  /// The search for states ends a while after the first violation: also one that a first look has found.
  CheckOptions options_of_states() const {
    CheckOptions with = options_;
    if (resumes_graph_) {  // states are searched again, and what is kept stays
      with.search.resume.clear();
      with.search.checkpoint.clear();
    }
    if (!runs_ || !is_violated(*runs_)) return with;
    with.search.first_look = [] { return true; };
    return with;
  }

  const CheckCase& case_;
  const CheckOptions& options_;
  const Clock::time_point began_ = Clock::now();
  const SearchControl control_;
  std::optional<InfiniteRuns> runs_;
  bool no_state_breaks_core_ = false;  // once they were searched

  // Checkpoints: of the search for states while that is not complete, else of the graph of infinite runs.
  const bool resumes_graph_ = !options_.search.resume.empty() && is_graph_checkpoint(options_.search.resume);
  bool may_keep_ = false;
  bool is_resumed_ = false;
  std::optional<Trouble> problem_;
  std::optional<Trouble> warning_;
};

}  // namespace

SearchResult check(const CheckCase& case_, const CheckOptions& options) { return WholeCheck(case_, options).run(); }

CoverageFacts cover(const CheckCase& case_, const CheckOptions& options) {
  // What the text says is marked before anything is merged.
  const MarkedSystem marked = with_marks(case_.original ? *case_.original : case_.system);
  const model::Reduced merged = case_.original ? reduce(marked.system, {.slice = false}) : model::Reduced();
  const model::TransitionSystem& searched = case_.original ? merged.system : marked.system;
  CheckOptions search = options;
  const SearchControl control(options.search.limits, options.search.interrupt);
  search.search = coverage_search(searched, options.search);
  search.search.control = &control;
  return coverage_facts(marked, explore(searched, search));
}

CaseOutcome case_outcome(const CheckCase& case_, SearchResult result, AskedFor asked) {
  CaseOutcome outcome;
  outcome.title = case_.title;
  outcome.span = case_.span;
  outcome.system = &case_.system;
  outcome.original = case_.original ? &*case_.original : nullptr;
  outcome.map = &case_.map;
  outcome.infinite = case_.infinite ? &*case_.infinite : nullptr;
  outcome.infinite_map = &case_.infinite_map;
  outcome.reduction = case_.reduction;
  outcome.has_expectation = !case_.expect.empty();
  outcome.comparison = compare(case_.system, case_.expect, result);
  outcome.result = std::move(result);
  outcome.asked = std::move(asked);
  return outcome;
}

}  // namespace quiesce::checker

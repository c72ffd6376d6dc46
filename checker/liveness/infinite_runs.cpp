#include "checker/liveness/infinite_runs.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include "checker/automata/translate.h"
#include "checker/liveness/fair_loop.h"
#include "checker/liveness/graph_checkpoint.h"
#include "checker/liveness/lasso_run.h"
#include "checker/liveness/product.h"
#include "checker/liveness/state_graph.h"
#include "checker/liveness/suspects.h"
#include "checker/liveness/temporal_formula.h"
#include "checker/result/memory_budget.h"

namespace quiesce::checker {
namespace {

using model::TemporalProperty;
using model::TransitionSystem;

using Clock = std::chrono::steady_clock;

/// A property that is searched, and what is known of it.
struct Question {
  const TemporalProperty* property = nullptr;
  bool is_too_large = false;
  FormulaWithAtoms wanted;            // of formulas
  Automaton negated;                  // of formulas
  std::optional<GraphLasso> lasso;    // what was found so far
  LimitKind limit = LimitKind::None;  // to which the last look came
};

class Search {
 public:
  Search(const TransitionSystem& system, const SearchOptions& options, const InfiniteRunsAsked& asked)
      : system_(system),
        options_(options),
        asked_(asked),
        began_(Clock::now() - asked.before),
        own_(options.limits, options.interrupt),
        control_(options.control != nullptr ? options.control : &own_),
        budget_(options.limits),
        units_(system) {}

  InfiniteRuns run() {
    InfiniteRuns result;
    if (units_.count() > StateGraph::kMostUnits) {
      result.answers.assign(system_.temporal.size(), unknown(Undecided{Undecided::Kind::TooLarge}));
      return result;
    }
    space_ = make_whole_space(system_, options_);
    graph_ = std::make_unique<StateGraph>(*space_, units_, atoms_of_checked(), !asked_.no_state_breaks_core);
    bool is_of_another = false;
    if (!options_.resume.empty()) {
      const GraphRead read = read_graph(options_.resume, *graph_, result.problem);
      if (read == GraphRead::Failed) return result;
      result.is_resumed = read == GraphRead::Read;
      is_of_another = read == GraphRead::OfAnother;
    }
    for (const TemporalProperty& property : system_.temporal) {
      if (is_searched(property)) questions_.push_back(question_of(property));
    }
    GraphWatch watch{[this] { return control_->reason(); }, {}, [this] { return look(); }};
    if (!options_.checkpoint.empty() && !is_of_another) watch.keep = [&] { keep(result); };
    graph_->explore(with_progress(), watch);
    // What is known is all that can be shown where there is no time or memory left.
    const bool may_look = graph_->limit() == LimitKind::None || graph_->limit() == LimitKind::States ||
                          graph_->limit() == LimitKind::Depth;
    if (may_look && !has_enough_) look_at_all(graph_->is_complete());
    result.was_stopped = was_stopped();
    if (watch.keep && result.was_stopped) keep(result);
    result.statistics = graph_->statistics();
    result.is_settled = graph_->is_complete() || are_all_violated();
    auto question = questions_.begin();
    for (const TemporalProperty& property : system_.temporal) {
      const bool asked = is_searched(property);
      result.answers.push_back(asked ? answer(*question) : unknown(Undecided{Undecided::Kind::NotSearched}));
      question += asked ? 1 : 0;
    }
    return result;
  }

 private:
  bool is_searched(const TemporalProperty& property) const {
    const auto at = static_cast<std::size_t>(&property - system_.temporal.data());
    const bool is_decided = at < asked_.decided.size() && asked_.decided[at];
    return !property.formula.empty() && !is_decided &&
           std::find(system_.checked.begin(), system_.checked.end(), property.rule) != system_.checked.end();
  }

  static Question question_of(const TemporalProperty& property) {
    Question question;
    question.property = &property;
    if (property.always_possible) return question;
    FormulaTable table;
    question.wanted = formula_of(property, table);
    question.is_too_large = question.wanted.atoms.size() > 64;
    if (question.is_too_large) return question;
    Translation negated = translate(table, table.negation(question.wanted.formula),
                                    static_cast<std::uint32_t>(question.wanted.atoms.size()));
    question.is_too_large = negated.is_too_large || negated.automaton.sets > Product::kMostSets;
    question.negated = std::move(negated.automaton);
    return question;
  }

  /// All that letters are needed of, each once.
  std::vector<model::ExprId> atoms_of_checked() const {
    std::vector<model::ExprId> atoms;
    for (const TemporalProperty& property : system_.temporal) {
      if (!is_searched(property)) continue;
      for (const model::TemporalNode& node : property.formula) {
        if (node.op != model::TemporalOperator::Atom) continue;
        atoms.push_back(node.atom);
        if (node.quiet.valid()) atoms.push_back(node.quiet);
      }
      if (property.trigger.valid()) atoms.push_back(property.trigger);
    }
    std::sort(atoms.begin(), atoms.end());
    atoms.erase(std::unique(atoms.begin(), atoms.end()), atoms.end());
    return atoms;
  }

  static TemporalAnswer unknown(Reason reason) { return {Verdict::Unknown, std::move(reason), std::nullopt}; }

  TemporalAnswer at_limit(LimitKind limit) const {
    Incomplete why;
    why.limit = limit;
    why.states = graph_->size();
    why.depth = graph_->statistics().depth;
    why.frontier = graph_->statistics().frontier;
    // Where a search ends a while after the first violation there is no other limit on time.
    const bool is_after_first = options_.after_first && limit == LimitKind::Time;
    if (is_after_first || limit == LimitKind::None) {
      why.limit = LimitKind::None;
      why.after_first = !options_.stop_at_first;
      why.stopped_at_first = options_.stop_at_first;
    }
    return unknown(why);
  }

  // -------------------------------------------------------------------------------------- what is looked at

  /// Looks at what is there of the graph; whether the search is to continue.
  bool look() {
    look_at_all(false);
    const bool is_violated = std::any_of(questions_.begin(), questions_.end(),
                                         [](const Question& question) { return question.lasso.has_value(); });
    if (!is_violated) return true;
    has_enough_ = options_.stop_at_first || (asked_.only_what_holds && are_all_violated());
    if (options_.after_first) bound();
    return !has_enough_;
  }

  bool are_all_violated() const {
    return std::all_of(questions_.begin(), questions_.end(),
                       [](const Question& question) { return question.lasso.has_value(); });
  }

  /// The options of the search, with the rules that are known to be broken in what it tells of itself.
  SearchOptions with_progress() {
    SearchOptions with = options_;
    if (options_.progress) {
      with.progress = [this](Statistics statistics) {
        std::set<std::uint32_t> rules;
        for (const Question& question : questions_) {
          if (!question.lasso) continue;
          const std::size_t steps = question.lasso->stem.units.size() + question.lasso->loop.units.size();
          statistics.shortest_run = rules.empty() ? steps : std::min(statistics.shortest_run, steps);
          rules.insert(question.property->rule.value);
        }
        statistics.broken_rules = rules.size();
        statistics.wall = Clock::now() - began_;
        options_.progress(statistics);
      };
    }
    return with;
  }

  /// A violation is known. From its first one on the search has as long again as it took, with all that the check did
  /// before; but where all is known, only as long as one would wait for a shorter run.
  void bound() {
    constexpr std::chrono::milliseconds kForShorterRun{500};
    const auto taken = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_);
    const bool is_all = are_all_violated();
    if (is_bounded_ && !(is_all && !is_bounded_for_all_)) return;
    is_bounded_ = true;
    is_bounded_for_all_ = is_all;
    std::chrono::milliseconds time = std::max(*options_.after_first, taken);
    if (is_all) time = std::min(time, kForShorterRun);
    if (control_->left() != Clock::duration::max()) {
      time = std::min(time, std::chrono::duration_cast<std::chrono::milliseconds>(control_->left()));
    }
    Limits limits;
    limits.time = time;
    ends_.emplace(limits, options_.interrupt);
    control_ = &*ends_;
  }

  /// Looks for a run that breaks each formula: for a better one where one is known already, when the graph `is_whole`.
  /// On as many threads as the search may have: products have nothing in common but the graph.
  void look_at_all(bool is_whole) {
    const std::vector<bool> suspected = suspected_among(is_whole);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i = next++; i < questions_.size(); i = next++) {
        Question& question = questions_[i];
        if (suspected[i]) look_at(question);
      }
    };
    const std::size_t cores = options_.threads != 0 ? options_.threads : std::thread::hardware_concurrency();
    std::vector<std::thread> others;
    const std::size_t wanted = graph_->expanded() < kWorthThreads ? 1 : std::min(cores, questions_.size());
    threads_ = std::max<std::size_t>(wanted, 1);
    while (others.size() + 1 < threads_) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
  }

  void keep(InfiniteRuns& result) const {
    if (!graph_->can_be_kept()) return;
    if (auto trouble = write_graph(options_.checkpoint, *graph_)) result.warning = std::move(*trouble);
  }

  /// Whether a limit ended the exploration or the last look.
  bool was_stopped() const {
    return graph_->limit() != LimitKind::None ||
           std::any_of(questions_.begin(), questions_.end(),
                       [](const Question& question) { return question.limit != LimitKind::None; });
  }

  /// By question: whether a run may break it that is worth looking for.
  std::vector<bool> suspected_among(bool is_whole) {
    std::vector<bool> result(questions_.size(), false);
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      Question& question = questions_[i];
      if (question.is_too_large || question.property->always_possible || (question.lasso && !is_whole)) continue;
      question.limit = LimitKind::None;
      asked.push_back(i);
    }
    LimitKind limit = LimitKind::None;
    try {
      std::vector<Negated> formulas;
      for (const std::size_t i : asked) {
        const Question& question = questions_[i];
        formulas.push_back({&question.negated, graph_->letters_of_kinds(question.wanted.atoms),
                            graph_->letters_of_kinds(question.wanted.quiet)});
      }
      const std::uint64_t spare = budget_.spare_bytes(graph_->statistics().memory_bytes);
      const std::vector<bool> suspected = suspects(*graph_, units_, formulas, *control_, spare);
      for (std::size_t i = 0; i < asked.size(); ++i) result[asked[i]] = suspected[i];
    } catch (const SearchStopped& stopped) {
      limit = stopped.limit;
    } catch (const std::bad_alloc&) {
      limit = LimitKind::Memory;
    }
    for (const std::size_t i : asked) questions_[i].limit = limit;
    return result;
  }

  void look_at(Question& question) const {
    try {
      const std::vector<std::uint64_t> letters = graph_->letters_of(question.wanted.atoms);
      const std::uint64_t spare = budget_.spare_bytes(graph_->statistics().memory_bytes) / threads_;
      const Product product(*graph_, letters, question.negated, *control_, spare);
      question.limit = product.limit();
      if (question.limit != LimitKind::None) return;
      const std::vector<std::uint64_t> quiet =
          question.wanted.quiet == question.wanted.atoms ? letters : graph_->letters_of(question.wanted.quiet);
      std::optional<GraphLasso> lasso =
          find_fair_lasso(product, *graph_, units_, question.negated, {letters, quiet}, *control_);
      if (lasso) question.lasso = std::move(lasso);
    } catch (const SearchStopped& stopped) {
      question.limit = stopped.limit;
    } catch (const std::bad_alloc&) {
      question.limit = LimitKind::Memory;
    }
  }

  // --------------------------------------------------------------------------------------------- answers

  TemporalAnswer answer(const Question& question) const {
    const TemporalProperty& property = *question.property;
    if (question.lasso) {
      TemporalAnswer found = violated(property, run_of(*space_, *graph_, units_, *question.lasso));
      found.finding->is_shortest = graph_->is_complete() && question.limit == LimitKind::None;
      return found;
    }
    if (question.is_too_large) return unknown(Undecided{Undecided::Kind::TooLarge});
    if (!graph_->is_complete()) return at_limit(graph_->limit());
    if (question.limit != LimitKind::None) return at_limit(question.limit);
    try {
      return property.always_possible ? possibility(property) : not_violated(property);
    } catch (const SearchStopped& stopped) {
      return at_limit(stopped.limit);
    } catch (const std::bad_alloc&) {
      return at_limit(LimitKind::Memory);
    }
  }

  TemporalAnswer violated(const TemporalProperty& property, Run run) const {
    TemporalAnswer result;
    result.verdict = Verdict::Violated;
    Finding& finding = result.finding.emplace();
    finding.rule = property.rule;
    finding.violation.rule = property.rule;
    finding.violation.span = property.span;
    finding.violation.message = property.message;
    finding.in_state = true;
    finding.is_of_infinite = true;
    finding.run = std::move(run);
    return result;
  }

  /// What is to be said when no run was found on which the property is false.
  TemporalAnswer not_violated(const TemporalProperty& property) const {
    if (graph_->size() == 0) return {Verdict::Vacuous, NoInitialState{}, std::nullopt};
    if (graph_->broken_core_rule()) return unknown(CutOff{*graph_->broken_core_rule()});
    if (property.trigger.valid()) {
      const std::vector<std::uint64_t> seen = graph_->letters_of_kinds({property.trigger});
      if (std::all_of(seen.begin(), seen.end(), [](std::uint64_t letter) { return letter == 0; })) {
        return {Verdict::Vacuous, {}, std::nullopt};
      }
    }
    return {Verdict::Holds, {}, std::nullopt};
  }

  // ---------------------------------------------------------------------------------- always_possible

  /// Asks for the time at some of the states.
  void look_around(std::uint32_t state) const {
    if ((state & 0xFFF) == 0) control_->check();
  }

  /// The states from which some state that `is_goal` can be reached, by steps backwards.
  template <class IsGoal>
  std::vector<bool> backwards_from(const IsGoal& is_goal) const {
    std::vector<std::uint64_t> first(graph_->size() + 1, 0);
    for (std::uint32_t state = 0; state < graph_->size(); ++state) {
      look_around(state);
      graph_->for_each_edge(state, [&](const GraphEdge& edge) { ++first[edge.target + 1]; });
    }
    for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
    std::vector<std::uint32_t> sources(first.back());
    std::vector<std::uint64_t> next(first.begin(), first.end() - 1);
    for (std::uint32_t state = 0; state < graph_->size(); ++state) {
      look_around(state);
      graph_->for_each_edge(state, [&](const GraphEdge& edge) { sources[next[edge.target]++] = state; });
    }
    std::vector<bool> reaches(graph_->size(), false);
    std::vector<std::uint32_t> open;
    const auto take = [&](std::uint32_t state) {
      if (reaches[state]) return;
      reaches[state] = true;
      open.push_back(state);
    };
    for (std::uint32_t state = 0; state < graph_->size(); ++state) {
      if (is_goal(state)) take(state);
    }
    while (!open.empty()) {
      const std::uint32_t state = open.back();
      look_around(state);
      open.pop_back();
      for (std::uint64_t i = first[state]; i < first[state + 1]; ++i) take(sources[i]);
    }
    return reaches;
  }

  /// What a core rule cuts off may have reached it.
  TemporalAnswer possibility(const TemporalProperty& property) const {
    const std::vector<std::uint64_t> goal = graph_->letters_of({property.formula.back().atom});
    const std::vector<bool> reaches =
        backwards_from([&](std::uint32_t state) { return goal[state] != 0 || graph_->is_cut_off(state); });
    const auto lost = std::find(reaches.begin(), reaches.end(), false);
    if (lost == reaches.end()) return not_violated(property);
    GraphLasso way;
    way.stem = shortest_way_to(static_cast<std::uint32_t>(lost - reaches.begin()));
    Run run = run_of(*space_, *graph_, units_, way);
    run.loop.reset();
    return violated(property, std::move(run));
  }

  Product::Way shortest_way_to(std::uint32_t state) const {
    constexpr std::uint32_t kNotSeen = 0xFFFFFFFF;
    std::vector<GraphEdge> before(state + 1, GraphEdge{kNotSeen, 0});  // states are numbered by layers
    for (std::uint32_t from = 0; from < state; ++from) {
      graph_->for_each_edge(from, [&](const GraphEdge& edge) {
        if (edge.target <= state && before[edge.target].target == kNotSeen) before[edge.target] = {from, edge.unit};
      });
    }
    Product::Way way{{state}, {}};
    while (state >= graph_->initial_states()) {
      way.units.push_back(before[state].unit);
      state = before[state].target;
      way.states.push_back(state);
    }
    std::reverse(way.states.begin(), way.states.end());
    std::reverse(way.units.begin(), way.units.end());
    return way;
  }

  static constexpr std::uint32_t kWorthThreads = 4096;  // states

  const TransitionSystem& system_;
  const SearchOptions& options_;
  const InfiniteRunsAsked& asked_;
  const Clock::time_point began_;      // the check, if nothing was said
  const SearchControl own_;            // where there is none of the whole check
  std::optional<SearchControl> ends_;  // once a violation is known, with SearchOptions::after_first
  const SearchControl* control_;
  const MemoryBudget budget_;
  const Units units_;
  std::unique_ptr<StateSpace> space_;
  std::unique_ptr<StateGraph> graph_;
  std::vector<Question> questions_;
  std::size_t threads_ = 1;
  bool has_enough_ = false;  // all that is wanted is known, though not all states are there
  bool is_bounded_ = false;  // see bound()
  bool is_bounded_for_all_ = false;
};

}  // namespace

InfiniteRuns search_infinite_runs(const TransitionSystem& system, const SearchOptions& options,
                                  const InfiniteRunsAsked& asked) {
  return Search(system, options, asked).run();
}

}  // namespace quiesce::checker

#include "checker/liveness/infinite_runs.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "checker/automata/translate.h"
#include "checker/liveness/fair_loop.h"
#include "checker/liveness/lasso_run.h"
#include "checker/liveness/product.h"
#include "checker/liveness/state_graph.h"
#include "checker/liveness/temporal_formula.h"
#include "checker/result/memory_budget.h"

namespace quiesce::checker {
namespace {

using model::TemporalProperty;
using model::TransitionSystem;

class Search {
 public:
  Search(const TransitionSystem& system, const SearchOptions& options)
      : system_(system),
        options_(options),
        own_(options.limits, options.interrupt),
        control_(options.control != nullptr ? *options.control : own_),
        budget_(options.limits),
        space_(whole_space(system, options)),
        units_(system),
        graph_(*space_, units_, atoms_of_checked(), options, control_) {}

  InfiniteRuns run() {
    InfiniteRuns result;
    result.statistics = graph_.statistics();
    for (const TemporalProperty& property : system_.temporal) {
      result.answers.push_back(is_searched(property) ? answer(property)
                                                     : unknown(Undecided{Undecided::Kind::NotSearched}));
    }
    return result;
  }

 private:
  static std::unique_ptr<StateSpace> whole_space(const TransitionSystem& system, SearchOptions options) {
    options.successors = Successors::Bytecode;  // a graph wants to know what acted: a table would be made for nothing
    return make_whole_space(system, std::move(options));
  }

  bool is_searched(const TemporalProperty& property) const {
    return !property.formula.empty() &&
           std::find(system_.checked.begin(), system_.checked.end(), property.rule) != system_.checked.end();
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
    why.states = graph_.size();
    why.depth = graph_.statistics().depth;
    why.frontier = graph_.statistics().frontier;
    return unknown(why);
  }

  TemporalAnswer answer(const TemporalProperty& property) const {
    if (graph_.limit() != LimitKind::None) return at_limit(graph_.limit());
    if (options_.limits.depth && graph_.statistics().depth > *options_.limits.depth) return at_limit(LimitKind::Depth);
    try {
      return property.always_possible ? possibility(property) : formula(property);
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
    if (graph_.size() == 0) return {Verdict::Vacuous, NoInitialState{}, std::nullopt};
    if (graph_.broken_core_rule()) return unknown(CutOff{*graph_.broken_core_rule()});
    if (property.trigger.valid()) {
      const std::vector<std::uint64_t> seen = graph_.letters_of({property.trigger});
      if (std::all_of(seen.begin(), seen.end(), [](std::uint64_t letter) { return letter == 0; })) {
        return {Verdict::Vacuous, {}, std::nullopt};
      }
    }
    return {Verdict::Holds, {}, std::nullopt};
  }

  TemporalAnswer formula(const TemporalProperty& property) const {
    const TemporalAnswer too_large = unknown(Undecided{Undecided::Kind::TooLarge});
    FormulaTable table;
    const FormulaWithAtoms wanted = formula_of(property, table);
    if (wanted.atoms.size() > 64 || units_.count() > Product::kMostUnits) return too_large;
    const Translation negated =
        translate(table, table.negation(wanted.formula), static_cast<std::uint32_t>(wanted.atoms.size()));
    if (negated.is_too_large || negated.automaton.sets > Product::kMostSets) return too_large;
    const std::vector<std::uint64_t> letters = graph_.letters_of(wanted.atoms);
    const std::uint64_t spare = budget_.spare_bytes(graph_.statistics().memory_bytes);
    const Product product(graph_, letters, negated.automaton, control_, spare);
    if (product.limit() != LimitKind::None) return at_limit(product.limit());
    const std::vector<std::uint64_t> quiet = wanted.quiet == wanted.atoms ? letters : graph_.letters_of(wanted.quiet);
    const std::optional<GraphLasso> lasso =
        find_fair_lasso(product, graph_, units_, negated.automaton, {letters, quiet}, control_);
    return lasso ? violated(property, run_of(*space_, graph_, units_, *lasso)) : not_violated(property);
  }

  // ---------------------------------------------------------------------------------- always_possible

  /// The states from which some state that `is_goal` can be reached, by steps backwards.
  template <class IsGoal>
  std::vector<bool> backwards_from(const IsGoal& is_goal) const {
    std::vector<std::uint64_t> first(graph_.size() + 1, 0);
    for (std::uint32_t state = 0; state < graph_.size(); ++state) {
      for (const GraphEdge& edge : graph_.edges(state)) ++first[edge.target + 1];
    }
    for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
    std::vector<std::uint32_t> sources(first.back());
    std::vector<std::uint64_t> next(first.begin(), first.end() - 1);
    for (std::uint32_t state = 0; state < graph_.size(); ++state) {
      for (const GraphEdge& edge : graph_.edges(state)) sources[next[edge.target]++] = state;
    }
    std::vector<bool> reaches(graph_.size(), false);
    std::vector<std::uint32_t> open;
    const auto take = [&](std::uint32_t state) {
      if (reaches[state]) return;
      reaches[state] = true;
      open.push_back(state);
    };
    for (std::uint32_t state = 0; state < graph_.size(); ++state) {
      if (is_goal(state)) take(state);
    }
    while (!open.empty()) {
      const std::uint32_t state = open.back();
      open.pop_back();
      for (std::uint64_t i = first[state]; i < first[state + 1]; ++i) take(sources[i]);
    }
    return reaches;
  }

  /// What a core rule cuts off may have reached it.
  TemporalAnswer possibility(const TemporalProperty& property) const {
    const std::vector<std::uint64_t> goal = graph_.letters_of({property.formula.back().atom});
    const std::vector<bool> reaches =
        backwards_from([&](std::uint32_t state) { return goal[state] != 0 || graph_.is_cut_off(state); });
    const auto lost = std::find(reaches.begin(), reaches.end(), false);
    if (lost == reaches.end()) return not_violated(property);
    GraphLasso way;
    way.stem = shortest_way_to(static_cast<std::uint32_t>(lost - reaches.begin()));
    Run run = run_of(*space_, graph_, units_, way);
    run.loop.reset();
    return violated(property, std::move(run));
  }

  Product::Way shortest_way_to(std::uint32_t state) const {
    constexpr std::uint32_t kNone = 0xFFFFFFFF;
    std::vector<GraphEdge> before(state + 1, GraphEdge{kNone, 0});  // states are numbered by levels
    for (std::uint32_t from = 0; from < state; ++from) {
      for (const GraphEdge& edge : graph_.edges(from)) {
        if (edge.target <= state && before[edge.target].target == kNone) before[edge.target] = {from, edge.unit};
      }
    }
    Product::Way way{{state}, {}};
    while (state >= graph_.initial_states()) {
      way.units.push_back(before[state].unit);
      state = before[state].target;
      way.states.push_back(state);
    }
    std::reverse(way.states.begin(), way.states.end());
    std::reverse(way.units.begin(), way.units.end());
    return way;
  }

  const TransitionSystem& system_;
  const SearchOptions& options_;
  const SearchControl own_;  // where there is none of the whole check
  const SearchControl& control_;
  const MemoryBudget budget_;
  const std::unique_ptr<StateSpace> space_;
  const Units units_;
  const StateGraph graph_;
};

}  // namespace

InfiniteRuns search_infinite_runs(const TransitionSystem& system, const SearchOptions& options) {
  return Search(system, options).run();
}

}  // namespace quiesce::checker

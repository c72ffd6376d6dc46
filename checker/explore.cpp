#include "checker/explore.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "checker/offers.h"
#include "checker/report/blocked.h"
#include "checker/report/story.h"
#include "checker/smt/initial_solver.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

using namespace model;

namespace {

class Explorer {
 public:
  Explorer(const TransitionSystem& system, const SourceMap& sources, std::size_t most_states)
      : system_(system), sources_(sources), interpreter_(system), most_states_(most_states) {}

  std::optional<ExploredStates> explore();

 private:
  bool add_initial();
  std::size_t node_of(const State& state, std::optional<std::size_t> from);
  void expand(std::size_t number);
  std::size_t deed_of(const Offer& offer);
  std::vector<std::size_t> numbers_of(const std::vector<std::string>& rules);
  std::vector<std::string> places(const State& state) const;
  std::vector<StoryValue> changes(const State& before, const State& after) const;
  std::vector<StoryVariable> variables(const State& state) const;

  const TransitionSystem& system_;
  const SourceMap& sources_;
  const Interpreter interpreter_;
  const std::size_t most_states_;
  std::vector<State> states_;
  std::map<std::tuple<std::string, std::string, std::uint32_t, std::uint32_t>, std::size_t> deeds_;
  ExploredStates result_;
};

/// For each activation where it is and what it does next: "cpu 0, DISPATCH: wdm.KeFlushQueuedDpcs()".
std::vector<std::string> Explorer::places(const State& state) const {
  std::vector<std::string> all;
  for (const Context& context : system_.contexts) {
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const Location* at = location_of(system_, state, context, a);
      if (at == nullptr) {
        all.emplace_back("not running");
        continue;
      }
      const std::int32_t cpu = state[context.cpu_cell[a].value] - 1;
      const std::string where = cpu < 0 ? "no cpu" : fmt::format("cpu {}", cpu);
      const std::string level = system_.level_names.name(state[context.level_cell[a].value]);
      const bool ends = context.span.valid() && at->span == context.span;
      all.push_back(fmt::format("{}, {}: {}", where, level, ends ? "ends" : one_line(sources_, at->span, 60)));
    }
  }
  return all;
}

std::vector<StoryVariable> Explorer::variables(const State& state) const {
  const std::vector<std::string> where = places(state);
  std::vector<StoryVariable> all;
  for (const Context& context : system_.contexts) {
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      all.push_back({name_of(context, a), where[all.size()], StoryVariable::Kind::Other, false});
    }
  }
  std::vector<StoryVariable> shown = shown_variables(system_, state);
  all.insert(all.end(), std::make_move_iterator(shown.begin()), std::make_move_iterator(shown.end()));
  return all;
}

std::vector<StoryValue> Explorer::changes(const State& before, const State& after) const {
  const std::vector<std::string> was = places(before);
  std::vector<std::string> is = places(after);
  std::vector<StoryValue> all;
  for (std::size_t i = 0; i < is.size(); ++i) {
    if (was[i] != is[i]) all.push_back({i, std::move(is[i])});
  }
  for (StoryValue& one : changed_values(system_, before, after)) {
    all.push_back({one.variable + was.size(), std::move(one.value)});
  }
  return all;
}

std::vector<std::size_t> Explorer::numbers_of(const std::vector<std::string>& rules) {
  std::vector<std::size_t> numbers;
  std::vector<std::string>& known = result_.graph.rules;
  for (const std::string& rule : rules) {
    const auto at = std::find(known.begin(), known.end(), rule);
    numbers.push_back(static_cast<std::size_t>(at - known.begin()));
    if (at == known.end()) known.push_back(rule);
  }
  return numbers;
}

std::size_t Explorer::deed_of(const Offer& offer) {
  std::vector<ExploredGraph::Deed>& deeds = result_.graph.deeds;
  const auto [known, is_new] =
      deeds_.try_emplace({offer.who, offer.text, offer.span.begin, offer.span.file.value}, deeds.size());
  if (is_new) deeds.push_back({offer.who, offer.text, offer.span});
  return known->second;
}

/// The node of a state, which is new where it was not seen before. None is made beyond the bound.
std::size_t Explorer::node_of(const State& state, std::optional<std::size_t> from) {
  const auto [known, is_new] = result_.numbers.try_emplace(state, states_.size());
  if (!is_new) return known->second;
  ExploredGraph::Node& node = result_.graph.nodes.emplace_back();
  node.from = from.value_or(known->second);
  node.changes = changes(states_.empty() ? state : states_[from.value_or(0)], state);
  node.broken = numbers_of(rules_told(system_, interpreter_.violations_of(state)));
  states_.push_back(state);
  return known->second;
}

bool Explorer::add_initial() {
  InitialSolver guide(system_);
  interpreter_.for_each_initial_state(
      [&](const State& state) {
        const std::size_t before = states_.size();
        const std::size_t number = node_of(state, std::nullopt);
        if (states_.size() > before) result_.graph.initial.push_back(number);
        return states_.size() <= most_states_;
      },
      nullptr, &guide);
  if (!states_.empty()) result_.graph.variables = variables(states_.front());
  return !states_.empty() && states_.size() <= most_states_;
}

void Explorer::expand(std::size_t number) {
  const State state = states_[number];
  for (const Offer& offer : offers_in(interpreter_, system_, sources_, state)) {
    ExploredGraph::Step step;
    step.deed = deed_of(offer);
    step.breaks = numbers_of(offer.breaks);
    if (!offer.successor.ends_run) step.to = node_of(offer.successor.next, number);
    result_.graph.nodes[number].steps.push_back(std::move(step));
  }
}

std::optional<ExploredStates> Explorer::explore() {
  if (!add_initial()) return std::nullopt;
  for (const Context& context : system_.contexts) result_.graph.contexts += context.activations;
  for (std::size_t at = 0; at < states_.size(); ++at) {
    expand(at);
    if (states_.size() > most_states_) return std::nullopt;
  }
  return std::move(result_);
}

}  // namespace

std::optional<ExploredStates> explore(const TransitionSystem& system, const SourceMap& sources,
                                      std::size_t most_states) {
  return Explorer(system, sources, most_states).explore();
}

std::vector<std::size_t> nodes_of(const ExploredStates& exploration, const std::vector<State>& states) {
  std::vector<std::size_t> nodes;
  for (const State& state : states) {
    const auto known = exploration.numbers.find(state);
    if (known == exploration.numbers.end()) break;
    nodes.push_back(known->second);
  }
  return nodes;
}

}  // namespace quiesce::checker

#include "checker/liveness/state_graph.h"

#include <algorithm>
#include <new>

#include "checker/search/memory_budget.h"
#include "checker/space/state_judge.h"
#include "checker/space/state_space.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

using model::Actor;
using model::Fairness;
using model::TransitionSystem;

namespace {

/// What has started is fair by itself: sporadic is what starts.
Fairness fairness_of_steps(const model::Context& context) {
  const bool is_handler = context.kind == model::ContextKind::Handler;
  return is_handler && context.fairness == Fairness::Sporadic ? Fairness::Default : context.fairness;
}

}  // namespace

Units::Units(const TransitionSystem& of_system)
    : system(of_system), contexts(static_cast<std::uint32_t>(of_system.contexts.size())), first_place(contexts, 0) {
  for (const model::Context& context : system.contexts) fairness.push_back(fairness_of_steps(context));
  for (const model::Context& context : system.contexts) {
    fairness.push_back(context.kind == model::ContextKind::Handler ? context.fairness : Fairness::Unfair);
  }
  for (const model::Action& action : system.actions) {
    fairness.push_back(action.fairness == Fairness::Default ? Fairness::Unfair : action.fairness);
  }
  for (std::uint32_t c = 0; c < contexts; ++c) {
    const model::Context& context = system.contexts[c];
    if (context.activations == 1) continue;
    first_place[c] = static_cast<std::uint32_t>(fairness.size());
    fairness.resize(fairness.size() + context.locations.size() + 1, fairness_of_steps(context));
  }
  is_thread.assign(fairness.size(), false);
  for (std::uint32_t c = 0; c < contexts; ++c) {
    is_thread[c] = system.contexts[c].kind == model::ContextKind::Thread;
  }
}

std::uint32_t Units::of(const Actor& actor, const std::int32_t* cells) const {
  switch (actor.kind) {
    case Actor::Kind::Step:
      if (first_place[actor.index] == 0) return actor.index;
      return at_place(actor.index, cells[system.contexts[actor.index].location_cell[actor.activation].value]);
    case Actor::Kind::Start:
      return contexts + actor.index;
    case Actor::Kind::Act:
      return 2 * contexts + actor.index;
  }
  return 0;
}

class StateGraph::Builder : private SuccessorSink {
 public:
  Builder(StateGraph& graph, const PackedSystem& system, const Units& units, const SearchOptions& options,
          const SearchControl& control)
      : graph_(graph),
        system_(system),
        compiled_(system.compiled()),
        units_(units),
        options_(options),
        control_(control),
        budget_(options.limits),
        generator_(compiled_),
        judge_(compiled_),
        packer_(system),
        packed_(system.packing().words()),
        cells_(system.packing().cells()),
        able_(graph.unit_words_),
        able_slots_(system.system().slots),
        nothing_wanted_(system.system().rules.size(), false) {}

  void build() {
    try {
      add_initial();
      if (graph_.limit_ != LimitKind::None) return;
      for (std::uint32_t state = 0; state < graph_.size(); ++state) {
        if ((state & 0xFF) == 0 && !may_go_on(state)) return;
        if (has_too_many()) break;
        expand(state);
      }
      if (has_too_many()) graph_.limit_ = LimitKind::States;
      fill_statistics(static_cast<std::uint32_t>(graph_.cut_.size()));
    } catch (const std::bad_alloc&) {
      graph_.limit_ = LimitKind::Memory;
    }
  }

 private:
  void add_initial() {
    std::uint32_t seen = 0;
    const auto take = [&](const model::State& state) {
      packer_.pack(state.data(), packed_.data());
      add(packed_.data(), 0);
      return !has_too_many() && (++seen % 1024 != 0 || may_go_on(0));
    };
    // There may be millions, and many more that the conditions of the text refuse.
    model::Interpreter(system_.system()).for_each_initial_state(take, [this] { return may_go_on(0); });
    graph_.initial_ = static_cast<std::uint32_t>(graph_.size());
  }

  std::uint32_t add(const std::uint64_t* state, std::uint32_t depth) {
    const auto [number, is_new] = graph_.states_.insert(state);
    if (is_new) graph_.depth_.push_back(depth);
    return number;
  }

  bool has_too_many() const { return options_.limits.states && graph_.size() > *options_.limits.states; }

  bool may_go_on(std::uint32_t expanded) {
    graph_.limit_ = control_.reason();
    if (budget_.spare_bytes(memory_bytes()) == 0) graph_.limit_ = LimitKind::Memory;
    fill_statistics(expanded);
    if (options_.progress && (expanded & 0xFFFF) == 0) options_.progress(graph_.statistics_);
    return graph_.limit_ == LimitKind::None;
  }

  std::uint64_t memory_bytes() const {
    return graph_.states_.memory_bytes() + graph_.edges_.capacity() * sizeof(GraphEdge) +
           graph_.owed_.capacity() * sizeof(std::uint64_t) + graph_.depth_.capacity() * 16;
  }

  void fill_statistics(std::uint32_t expanded) {
    graph_.statistics_.distinct_states = graph_.size();
    graph_.statistics_.generated_steps = graph_.edges_.size();
    graph_.statistics_.depth = graph_.depth_.empty() ? 0 : graph_.depth_.back();
    graph_.statistics_.frontier = graph_.size() - expanded;
    graph_.statistics_.memory_bytes = budget_.baseline_bytes + memory_bytes();
    graph_.statistics_.peak_memory_bytes = graph_.statistics_.memory_bytes;
  }

  void expand(std::uint32_t state) {
    system_.packing().unpack(graph_.packed(state), cells_.data());
    from_ = state;
    cut_ = Cut::No;
    opposed_ = 0;
    std::fill(able_.begin(), able_.end(), 0);
    std::fill(able_slots_.begin(), able_slots_.end(), false);
    judgement_.clear();
    if (judge_.violations(cells_.data(), 0, nothing_wanted_, judgement_)) {
      cut_ = Cut::State;
      for (const Judgement::Broken& broken : judgement_.broken) note_broken(broken.violation.rule);
    } else {
      generator_.expand(cells_.data(), *this);
    }
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    graph_.edges_.insert(graph_.edges_.end(), edges_.begin(), edges_.end());
    edges_.clear();
    graph_.first_edge_.push_back(graph_.edges_.size());
    graph_.cut_.push_back(cut_);
    add_owed();
  }

  void on_successor(const SuccessorView& view) override {
    const std::uint32_t unit = units_.of(view.actor, cells_.data());
    able_[unit / 64] |= std::uint64_t{1} << (unit % 64);
    if (view.actor.kind == Actor::Kind::Step) {
      able_slots_[system_.system().contexts[view.actor.index].first_slot + view.actor.activation] = true;
    }
    if (view.actor.kind == Actor::Kind::Start && view.cpu >= 0) {
      const bool pins = system_.system().contexts[view.actor.index].start_level >= system_.system().pin_level;
      if (pins) opposed_ |= 1U << view.cpu;
    }
    if (view.ends_run()) {
      cut_ = Cut::Step;
      for (const std::int32_t check : *view.failed) {
        const CompiledCheck& failed = compiled_.code.checks[static_cast<std::size_t>(check)];
        if (failed.core) note_broken(failed.rule);
      }
      return;
    }
    packer_.pack(view.next, packed_.data());
    edges_.push_back({add(packed_.data(), graph_.depth_[from_] + 1), unit});
  }

  void note_broken(model::RuleId rule) {
    if (system_.system().at(rule).core && (!graph_.broken_ || rule.value < graph_.broken_->value))
      graph_.broken_ = rule;
  }

  bool is_able(std::uint32_t unit) const { return (able_[unit / 64] >> (unit % 64) & 1) != 0; }

  /// docs/semantics.md, 13.2.
  void add_owed() {
    const std::size_t first = graph_.owed_.size();
    graph_.owed_.resize(first + 2 * able_.size(), 0);
    const auto owe = [&](std::uint32_t unit, bool strongly) {
      graph_.owed_[first + (strongly ? able_.size() : 0) + unit / 64] |= std::uint64_t{1} << (unit % 64);
    };
    if (cut_ == Cut::State) return;
    drop_places_with_unable();
    for (std::uint32_t unit = 0; unit < units_.count(); ++unit) {
      if (!is_able(unit)) continue;
      switch (units_.fairness[unit]) {
        case Fairness::Unfair:
        case Fairness::Sporadic:
          break;
        case Fairness::Strong:
          owe(unit, true);
          break;
        case Fairness::Default:
        case Fairness::Fair:
          if (!units_.is_thread[unit]) {
            owe(unit, false);
          } else if (is_unopposed(unit)) {
            owe(unit, !waits_for_mutex(unit));
          }
          break;
      }
    }
  }

  /// Takes back what is owed to a place of a handler with several activations where one stands that is not able. Taken
  /// together they are owed a step only when all are able: of two that are able in turn neither is owed any.
  void drop_places_with_unable() {
    for (std::uint32_t c = 0; c < units_.contexts; ++c) {
      if (units_.first_place[c] == 0) continue;
      const model::Context& context = system_.system().contexts[c];
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        const std::int32_t number = cells_[context.location_cell[a].value];
        if (number == 0 || able_slots_[context.first_slot + a]) continue;
        const std::uint32_t unit = units_.at_place(c, number);
        able_[unit / 64] &= ~(std::uint64_t{1} << (unit % 64));
      }
    }
  }

  const CompiledActivation& activation_of(std::uint32_t thread) const {
    return compiled_.activations[system_.system().contexts[thread].first_slot];
  }

  /// Whether there is a CPU on which the thread may step and no handler may start.
  bool is_unopposed(std::uint32_t thread) {
    const CompiledActivation& activation = activation_of(thread);
    const auto cell = [&](std::int32_t c) { return cells_[static_cast<std::size_t>(c)]; };
    const std::int32_t pinned = cell(activation.cpu_cell);
    if (pinned > 0) return (opposed_ >> (pinned - 1) & 1) == 0;
    const std::int32_t affinity = activation.affinity_cell >= 0 ? cell(activation.affinity_cell) : 0;
    const std::uint32_t allowed =
        generator_.view_of(cells_.data()).floating_cpus(compiled_.cpus, cell(activation.level_cell), affinity);
    return (allowed & ~opposed_) != 0;
  }

  bool waits_for_mutex(std::uint32_t thread) const {
    const model::Context& context = system_.system().contexts[thread];
    const std::int32_t number = cells_[context.location_cell[0].value];
    return number > 0 &&
           system_.system().at(context.locations[static_cast<std::size_t>(number) - 1]).wait == model::WaitKind::Mutex;
  }

  StateGraph& graph_;
  const PackedSystem& system_;
  const CompiledSystem& compiled_;
  const Units& units_;
  const SearchOptions& options_;
  const SearchControl& control_;
  const MemoryBudget budget_;
  SuccessorGenerator generator_;
  StateJudge judge_;
  CanonicalPacker packer_;
  std::vector<std::uint64_t> packed_;
  std::vector<std::int32_t> cells_;
  std::vector<std::uint64_t> able_;  // of the state at hand: units that may step
  std::vector<bool> able_slots_;     // activations that may step
  std::vector<bool> nothing_wanted_;
  Judgement judgement_;
  std::vector<GraphEdge> edges_;
  std::uint32_t from_ = 0;
  std::uint32_t opposed_ = 0;  // CPUs on which a handler may start
  Cut cut_ = Cut::No;
};

StateGraph::StateGraph(const PackedSystem& system, const Units& units, const SearchOptions& options,
                       const SearchControl& control)
    : states_(system.packing().words()), first_edge_{0}, unit_words_((units.count() + 63) / 64) {
  Builder(*this, system, units, options, control).build();
}

}  // namespace quiesce::checker

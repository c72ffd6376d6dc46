#include "checker/liveness/state_graph.h"

#include <algorithm>
#include <new>
#include <utility>

#include "checker/result/memory_budget.h"
#include "model/base/internal_check.h"
#include "model/interpret/scheduler.h"

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

class StateGraph::Builder {
 public:
  Builder(StateGraph& graph, StateSpace& space, const Units& units, const SearchOptions& options,
          const SearchControl& control)
      : graph_(graph),
        space_(space),
        system_(space.system()),
        scheduler_(system_),
        units_(units),
        options_(options),
        control_(control),
        budget_(options.limits),
        able_(graph.unit_words_),
        able_slots_(system_.slots) {
    Interest interest = Interest::in_nothing(system_);
    interest.atoms = graph.atoms_;
    space_.look_for(interest);
    successors_.wants_origins = true;
  }

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
    const auto take = [&](const std::uint64_t* state) {
      add(state, 0);
      return !has_too_many() && (++seen % 1024 != 0 || may_go_on(0));
    };
    // There may be millions, and many more that the conditions of the text refuse.
    space_.initial(take, [this] { return may_go_on(0); });
    graph_.initial_ = static_cast<std::uint32_t>(graph_.size());
  }

  std::uint32_t add(const std::uint64_t* state, std::uint32_t depth) {
    StateKey number = 0;
    std::uint8_t is_new = 0;
    graph_.states_.insert(state, 1, &number, &is_new);
    if (is_new != 0) graph_.depth_.push_back(depth);
    return static_cast<std::uint32_t>(number);
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
           (graph_.owed_.capacity() + graph_.letters_.capacity()) * sizeof(std::uint64_t) +
           graph_.depth_.capacity() * 16;
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
    const std::uint64_t* packed = graph_.packed(state);
    cells_ = space_.unpack(packed);
    Cut cut = Cut::No;
    opposed_ = 0;
    std::fill(able_.begin(), able_.end(), 0);
    std::fill(able_slots_.begin(), able_slots_.end(), false);
    seen_.clear();
    space_.judge(packed, 1, seen_);
    graph_.letters_.insert(graph_.letters_.end(), seen_.letters.begin(), seen_.letters.end());
    if (!seen_.ended.empty()) {
      cut = Cut::State;
      for (const Judgement::Broken& broken : seen_.broken) note_broken(broken.violation.rule);
    } else {
      successors_.clear();
      space_.expand(packed, 1, successors_);
      if (!successors_.ends.empty()) cut = Cut::Step;
      for (const auto& failed : successors_.failed) note_broken(space_.broken_by(failed.check).rule);
    }
    graph_.cut_.push_back(cut);
    add_edges(cut == Cut::State ? 0 : successors_.origins.size(), graph_.depth_[state] + 1);
    add_owed(cut);
  }

  void add_edges(std::size_t count, std::uint32_t depth) {
    edges_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t unit = note_able(successors_.origins[i]);
      edges_.push_back({add(successors_.states.data() + i * space_.words(), depth), unit});
    }
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    graph_.edges_.insert(graph_.edges_.end(), edges_.begin(), edges_.end());
    graph_.first_edge_.push_back(graph_.edges_.size());
  }

  /// What acted is able; its unit.
  std::uint32_t note_able(const PackedSuccessors::Origin& origin) {
    const std::uint32_t unit = units_.of(origin.actor, cells_.data());
    able_[unit / 64] |= std::uint64_t{1} << (unit % 64);
    if (origin.actor.kind == Actor::Kind::Step) {
      able_slots_[system_.contexts[origin.actor.index].first_slot + origin.actor.activation] = true;
    }
    if (origin.actor.kind == Actor::Kind::Start && origin.cpu >= 0) {
      const bool pins = system_.contexts[origin.actor.index].start_level >= system_.pin_level;
      if (pins) opposed_ |= 1U << origin.cpu;
    }
    return unit;
  }

  void note_broken(model::RuleId rule) {
    if (system_.at(rule).core && (!graph_.broken_ || rule.value < graph_.broken_->value)) graph_.broken_ = rule;
  }

  bool is_able(std::uint32_t unit) const { return (able_[unit / 64] >> (unit % 64) & 1) != 0; }

  /// docs/semantics.md, 13.2.
  void add_owed(Cut cut) {
    const std::size_t first = graph_.owed_.size();
    graph_.owed_.resize(first + 2 * able_.size(), 0);
    if (cut == Cut::State) return;
    const auto owe = [&](std::uint32_t unit, bool strongly) {
      graph_.owed_[first + (strongly ? able_.size() : 0) + unit / 64] |= std::uint64_t{1} << (unit % 64);
    };
    for (const PackedSuccessors::Origin& origin : successors_.ends) note_able(origin);
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
      const model::Context& context = system_.contexts[c];
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        const std::int32_t number = cells_[context.location_cell[a].value];
        if (number == 0 || able_slots_[context.first_slot + a]) continue;
        const std::uint32_t unit = units_.at_place(c, number);
        able_[unit / 64] &= ~(std::uint64_t{1} << (unit % 64));
      }
    }
  }

  bool is_opposed_on(std::int32_t cpu) const { return (opposed_ >> cpu & 1) != 0; }

  /// Whether there is a CPU on which the thread, which is able, may step and no handler may start.
  bool is_unopposed(std::uint32_t thread) const {
    if (opposed_ == 0) return true;
    const std::optional<model::Running> running = scheduler_.running(model::ContextId(thread), 0, cells_);
    if (running->cpu >= 0) return !is_opposed_on(running->cpu);
    const std::vector<std::int32_t> cpus = scheduler_.floating_cpus(running->level, running->affinity, cells_);
    return std::any_of(cpus.begin(), cpus.end(), [&](std::int32_t cpu) { return !is_opposed_on(cpu); });
  }

  bool waits_for_mutex(std::uint32_t thread) const {
    const model::Context& context = system_.contexts[thread];
    const std::int32_t number = cells_[context.location_cell[0].value];
    return number > 0 &&
           system_.at(context.locations[static_cast<std::size_t>(number) - 1]).wait == model::WaitKind::Mutex;
  }

  StateGraph& graph_;
  StateSpace& space_;
  const TransitionSystem& system_;
  const model::Scheduler scheduler_;
  const Units& units_;
  const SearchOptions& options_;
  const SearchControl& control_;
  const MemoryBudget budget_;
  PackedSuccessors successors_;
  Judgement seen_;
  std::vector<GraphEdge> edges_;

  // Of the state at hand.
  model::State cells_;
  std::vector<std::uint64_t> able_;  // units that may step
  std::vector<bool> able_slots_;     // activations that may step
  std::uint32_t opposed_ = 0;        // CPUs on which a handler may start
};

StateGraph::StateGraph(StateSpace& space, const Units& units, std::vector<model::ExprId> atoms,
                       const SearchOptions& options, const SearchControl& control)
    : states_(space.words()),
      first_edge_{0},
      unit_words_((units.count() + 63) / 64),
      atoms_(std::move(atoms)),
      letter_words_((atoms_.size() + 63) / 64) {
  Builder(*this, space, units, options, control).build();
}

std::vector<std::uint64_t> StateGraph::letters_of(const std::vector<model::ExprId>& atoms) const {
  std::vector<std::uint64_t> letters(size(), 0);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const auto at = static_cast<std::size_t>(std::find(atoms_.begin(), atoms_.end(), atoms[i]) - atoms_.begin());
    QUIESCE_CHECK(at < atoms_.size()) << "an atom that the graph was not made for";
    for (std::size_t state = 0; state < letters.size(); ++state) {
      letters[state] |= (letters_[state * letter_words_ + at / 64] >> (at % 64) & 1) << i;
    }
  }
  return letters;
}

}  // namespace quiesce::checker

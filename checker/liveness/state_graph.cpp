#include "checker/liveness/state_graph.h"

#include <algorithm>
#include <chrono>
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
  Builder(StateGraph& graph, const SearchOptions& options, const GraphWatch& watch)
      : graph_(graph),
        space_(graph.space_),
        system_(space_.system()),
        scheduler_(system_),
        units_(graph.units_),
        options_(options),
        watch_(watch),
        budget_(options.limits),
        facts_(graph.cut_word_ + 1),
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
      if (graph_.limit_ == LimitKind::None) graph_.is_complete_ = expand_all();
      fill_statistics();
    } catch (const std::bad_alloc&) {
      graph_.limit_ = LimitKind::Memory;
    }
  }

 private:
  static constexpr std::uint32_t kFirstLook = 1024;  // expanded states
  static constexpr std::uint32_t kGrowth = 3;        // until the next look: see docs/decisions.md

  void add_initial() {
    std::uint32_t seen = 0;
    const auto take = [&](const std::uint64_t* state) {
      add(state);
      return !has_too_many() && (++seen % 1024 != 0 || may_go_on());
    };
    // There may be millions, and many more that the conditions of the text refuse.
    space_.initial(take, [this] { return may_go_on(); });
    graph_.initial_ = static_cast<std::uint32_t>(graph_.size());
    layer_end_ = graph_.initial_;
  }

  /// False when it was stopped.
  bool expand_all() {
    std::uint32_t next_look = kFirstLook;
    for (std::uint32_t state = 0; state < graph_.size(); ++state) {
      if (state == layer_end_) begin_layer();
      if ((state & 0xFF) == 0 && !may_go_on()) return false;
      if (is_at_limit()) return false;
      if (state == next_look) {
        next_look *= kGrowth;
        if (watch_.is_worth_a_look && !watch_.is_worth_a_look()) return false;
      }
      expand(state);
    }
    return !is_at_limit();
  }

  void begin_layer() {
    ++depth_;
    layer_end_ = static_cast<std::uint32_t>(graph_.size());
  }

  bool is_at_limit() {
    if (has_too_many()) graph_.limit_ = LimitKind::States;
    if (options_.limits.depth && depth_ > *options_.limits.depth) graph_.limit_ = LimitKind::Depth;
    return graph_.limit_ != LimitKind::None;
  }

  std::uint32_t add(const std::uint64_t* state) {
    StateKey number = 0;
    std::uint8_t is_new = 0;
    graph_.states_.insert(state, 1, &number, &is_new);
    return static_cast<std::uint32_t>(number);
  }

  bool has_too_many() const { return options_.limits.states && graph_.size() > *options_.limits.states; }

  bool may_go_on() {
    graph_.limit_ = watch_.reason();
    if (budget_.spare_bytes(memory_bytes()) == 0) graph_.limit_ = LimitKind::Memory;
    fill_statistics();
    tell_progress();
    return graph_.limit_ == LimitKind::None;
  }

  void tell_progress() {
    const auto now = std::chrono::steady_clock::now();
    if (!options_.progress || now < next_progress_) return;
    next_progress_ = now + std::chrono::milliseconds(100);
    options_.progress(graph_.statistics_);
  }

  std::uint64_t memory_bytes() const {
    return graph_.states_.memory_bytes() + graph_.kinds_.memory_bytes() +
           graph_.targets_.capacity() * sizeof(std::uint32_t) + graph_.units_of_.capacity() * sizeof(std::uint16_t) +
           graph_.first_edge_.capacity() * sizeof(std::uint64_t) + graph_.kind_.capacity() * sizeof(std::uint32_t);
  }

  void fill_statistics() {
    graph_.statistics_.distinct_states = graph_.size();
    graph_.statistics_.generated_steps = graph_.targets_.size();
    graph_.statistics_.depth = graph_.size() > layer_end_ ? depth_ + 1 : depth_;
    graph_.statistics_.frontier = graph_.size() - graph_.expanded();
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
    std::fill(facts_.begin(), facts_.end(), 0);
    std::copy_n(seen_.letters.begin(), graph_.letter_words_, facts_.begin() + letters_begin());
    if (!seen_.ended.empty()) {
      cut = Cut::State;
      for (const Judgement::Broken& broken : seen_.broken) note_broken(broken.violation.rule);
    } else {
      successors_.clear();
      space_.expand(packed, 1, successors_);
      if (!successors_.ends.empty()) cut = Cut::Step;
      for (const auto& failed : successors_.failed) note_broken(space_.broken_by(failed.check).rule);
    }
    add_edges(cut == Cut::State ? 0 : successors_.origins.size());
    if (cut != Cut::State) add_owed();
    facts_[graph_.cut_word_] = static_cast<std::uint64_t>(cut);
    StateKey kind = 0;
    std::uint8_t is_new = 0;
    graph_.kinds_.insert(facts_.data(), 1, &kind, &is_new);
    graph_.kind_.push_back(static_cast<std::uint32_t>(kind));
  }

  std::ptrdiff_t letters_begin() const { return static_cast<std::ptrdiff_t>(2 * graph_.unit_words_); }

  void add_edges(std::size_t count) {
    edges_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t unit = note_able(successors_.origins[i]);
      edges_.push_back({add(successors_.states.data() + i * space_.words()), unit});
    }
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
    for (const GraphEdge& edge : edges_) {
      graph_.targets_.push_back(edge.target);
      graph_.units_of_.push_back(static_cast<std::uint16_t>(edge.unit));
    }
    graph_.first_edge_.push_back(graph_.targets_.size());
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
  void add_owed() {
    const auto owe = [&](std::uint32_t unit, bool strongly) {
      facts_[(strongly ? able_.size() : 0) + unit / 64] |= std::uint64_t{1} << (unit % 64);
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
  const GraphWatch& watch_;
  const MemoryBudget budget_;
  std::chrono::steady_clock::time_point next_progress_;
  std::uint32_t depth_ = 0;      // of the state at hand
  std::uint32_t layer_end_ = 0;  // the first state that is deeper
  PackedSuccessors successors_;
  Judgement seen_;
  std::vector<GraphEdge> edges_;

  // Of the state at hand.
  model::State cells_;
  std::vector<std::uint64_t> facts_;  // what it owes, its letters, its cut: see kinds_
  std::vector<std::uint64_t> able_;   // units that may step
  std::vector<bool> able_slots_;      // activations that may step
  std::uint32_t opposed_ = 0;         // CPUs on which a handler may start
};

StateGraph::StateGraph(StateSpace& space, const Units& units, std::vector<model::ExprId> atoms)
    : space_(space),
      units_(units),
      atoms_(std::move(atoms)),
      unit_words_((units.count() + 63) / 64),
      letter_words_((atoms_.size() + 63) / 64),
      cut_word_(2 * unit_words_ + letter_words_),
      states_(space.words()),
      kinds_(cut_word_ + 1),
      first_edge_{0} {
  QUIESCE_CHECK(units.count() <= kMostUnits) << "too many units for edges of a graph";
}

void StateGraph::explore(const SearchOptions& options, const GraphWatch& watch) {
  Builder(*this, options, watch).build();
}

std::vector<std::uint64_t> StateGraph::letters_of(const std::vector<model::ExprId>& atoms) const {
  std::vector<std::uint64_t> of_kind(kinds_.size(), 0);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const auto at = static_cast<std::size_t>(std::find(atoms_.begin(), atoms_.end(), atoms[i]) - atoms_.begin());
    QUIESCE_CHECK(at < atoms_.size()) << "an atom that the graph was not made for";
    for (std::size_t kind = 0; kind < of_kind.size(); ++kind) {
      of_kind[kind] |= (kinds_[kind][2 * unit_words_ + at / 64] >> (at % 64) & 1) << i;
    }
  }
  std::vector<std::uint64_t> letters(expanded());
  for (std::size_t state = 0; state < letters.size(); ++state) letters[state] = of_kind[kind_[state]];
  return letters;
}

}  // namespace quiesce::checker

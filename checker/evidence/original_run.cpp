#include "checker/evidence/original_run.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace quiesce::checker {

using namespace model;

namespace {

/// The location at which an activation stands; none when it does not run.
std::optional<LocationId> place_of(const TransitionSystem& system, std::size_t context, std::size_t activation,
                                   const State& state) {
  const Context& one = system.contexts[context];
  const std::int32_t number = state[one.location_cell[activation].value];
  if (number <= 0) return std::nullopt;
  return one.locations[static_cast<std::size_t>(number) - 1];
}

std::string shown(const TransitionSystem& system, const State& state) {
  std::string text;
  for (std::size_t c = 0; c < state.size(); ++c) {
    if (state[c] != system.cells[c].rest) text += " " + system.cells[c].name + "=" + std::to_string(state[c]);
  }
  return text;
}

/// What a state of the reduced system says about one of the original: each cell a number, or that it may hold anything.
class Image {
 public:
  Image(const ReducedSystem& systems, const State& reduced) : numbers_(reduced), is_free_(systems.map.sliced) {
    for (std::size_t k = 0; k < systems.reduced.contexts.size(); ++k) {
      for (std::size_t a = 0; a < systems.reduced.contexts[k].activations; ++a) add(systems, k, a, reduced);
    }
  }

  bool is_free(CellId cell) const { return is_free_.contains(cell); }
  std::int32_t number(CellId cell) const { return numbers_[cell.value]; }

  bool matches(const State& original) const { return matches(original, CellSet(original.size())); }

  /// Wherever `original` differs is in `but`.
  bool matches(const State& original, const CellSet& but) const {
    for (std::size_t c = 0; c < original.size(); ++c) {
      const CellId cell(c);
      if (original[c] != numbers_[c] && !is_free_.contains(cell) && !but.contains(cell)) return false;
    }
    return true;
  }

 private:
  void add(const ReducedSystem& systems, std::size_t k, std::size_t activation, const State& reduced) {
    const Context& context = systems.reduced.contexts[k];
    const auto place = place_of(systems.reduced, k, activation, reduced);
    if (place) {
      const LocationId original = systems.map.locations[place->value];
      numbers_[context.location_cell[activation].value] =
          static_cast<std::int32_t>(systems.original.at(original).number);
    }
    const CellSet& dead = place ? systems.map.dead[place->value] : systems.map.dead_at_rest[k];
    if (context.activations == 1) {
      is_free_.unite(dead);
      return;
    }
    for (const CellId cell : context.local_cells[activation]) {
      if (dead.contains(cell)) is_free_.insert(cell);
    }
  }

  State numbers_;    // in the original's numbering of locations
  CellSet is_free_;  // sliced or dead
};

/// Follows a run of the reduced system in the original.
class Follower {
 public:
  Follower(const ReducedSystem& systems, const Run& run, const Finding* finding, const SearchControl* control)
      : systems_(systems), interpreter_(systems.original), run_(run), finding_(finding), control_(control) {}

  Expected<OriginalRun> follow() {
    if (run_.states.empty()) return unexpected("the run has no states");
    if (!begin()) return unexpected("it begins in no initial state of the original");
    reach();
    for (std::size_t i = 0; i < run_.steps.size(); ++i) {
      if (!step(i)) return unexpected(cannot_follow(i));
      if (i + 1 == run_.states.size()) break;
      catch_up(i + 1);
      reach();
    }
    return std::move(result_);
  }

 private:
  /// A way through steps of one actor of the original.
  struct Way {
    std::vector<Step> steps;
    std::vector<State> states;  // after each step
    std::size_t chosen = 0;     // choices of the reduced step that were met
  };

  /// An activation that has to continue.
  struct Late {
    Actor actor;
    std::size_t step = 0;    // of the reduced run
    std::size_t chosen = 0;  // choices of it that were met
  };

  void reach() {
    result_.reached.push_back(result_.run.steps.size());
    result_.is_late.push_back(!late_.empty());
  }

  bool begin() {
    const Image image(systems_, run_.states.front());
    State state;
    for (std::size_t c = 0; c < systems_.original.cells.size(); ++c) {
      const CellId cell(c);
      state.push_back(image.is_free(cell) ? static_cast<std::int32_t>(systems_.original.at(cell).rest)
                                          : image.number(cell));
    }
    for (const InitialAssign& assign : systems_.original.initial) {
      if (!image.is_free(assign.cell)) continue;
      std::int64_t value = assign.lo;
      if (assign.value.valid()) {
        value = interpreter_.evaluate(assign.value, state);
      } else if (const std::int32_t kept = image.number(assign.cell); kept >= assign.lo && kept <= assign.hi) {
        value = kept;  // a dead cell whose initial value 'any where' reads
      }
      state[assign.cell.value] = static_cast<std::int32_t>(value);
    }
    const std::vector<ExprId>& conditions = systems_.original.initial_conditions;
    if (!std::all_of(conditions.begin(), conditions.end(),
                     [&](ExprId condition) { return interpreter_.evaluate(condition, state) != 0; })) {
      return false;
    }
    if (!systems_.correspond(run_.states.front(), state)) return false;
    result_.run.states.push_back(std::move(state));
    return true;
  }

  /// Adds what step `i` stands for.
  bool step(std::size_t i) {
    const Actor& actor = run_.steps[i].actor;
    const bool is_act = actor.kind == Actor::Kind::Act;
    if (!is_act &&
        std::any_of(late_.begin(), late_.end(), [&](const Late& late) { return is_same(late.actor, actor); })) {
      return false;
    }
    std::vector<Way> firsts = first_steps(i);
    if (i + 1 >= run_.states.size()) {  // the step ends the run
      if (firsts.empty()) return false;
      take(i, std::move(firsts.front()));
      return true;
    }
    const Image target(systems_, run_.states[i + 1]);
    Late late{{is_act ? Actor::Kind::Act : Actor::Kind::Step, actor.index, actor.activation}, i};
    std::optional<Way> stopped;
    if (const auto way = go_on(std::move(firsts), late, target, is_act ? nullptr : &stopped)) {
      take(i, *way);
      return true;
    }
    if (!stopped) return false;
    late.chosen = stopped->chosen;
    late_.push_back(late);
    take(i, *stopped);
    return true;
  }

  /// The outcomes of the original's step that step `i` begins with.
  std::vector<Way> first_steps(std::size_t i) {
    const bool ends = i + 1 >= run_.states.size();
    Actor actor = run_.steps[i].actor;
    if (actor.kind == Actor::Kind::Act) actor.index = systems_.map.actions[actor.index].value;
    std::vector<Way> ways;
    for (Successor& next : interpreter_.successors(result_.run.states.back(), actor)) {
      if (next.step.cpu != run_.steps[i].cpu || next.ends_run != ends || !breaks_what_it_should(i, next)) continue;
      Way way;
      way.chosen = met_choices(i, next.step, 0);
      if (ends && way.chosen < run_.steps[i].choices.size()) continue;
      way.steps.push_back(std::move(next.step));
      if (!ends) way.states.push_back(std::move(next.next));
      ways.push_back(std::move(way));
    }
    return ways;
  }

  /// The first of `ways`, prolonged by steps of the activation as far as needed, to a state that corresponds to
  /// `target`. The shortest are tried first; of those that differ only in what the reduced system lacks, one is tried.
  /// `stopped`, unless null: one that cannot be prolonged now and may be later.
  std::optional<Way> go_on(std::vector<Way> ways, const Late& late, const Image& target, std::optional<Way>* stopped) {
    const CellSet others = late_cells();
    std::set<std::pair<State, std::size_t>> seen;
    std::deque<Way> open(std::make_move_iterator(ways.begin()), std::make_move_iterator(ways.end()));
    while (!open.empty()) {
      if (control_ != nullptr) control_->check();
      const Way way = std::move(open.front());
      open.pop_front();
      const State& from = way.states.empty() ? result_.run.states.back() : way.states.back();
      if (way.chosen == run_.steps[late.step].choices.size() && target.matches(from, others)) return way;
      if (late.actor.kind == Actor::Kind::Act || !may_go_on(late.actor, from)) continue;
      State shown = from;
      systems_.map.sliced.for_each([&](CellId cell) { shown[cell.value] = 0; });
      if (!seen.emplace(std::move(shown), way.chosen).second) continue;
      const std::vector<Successor> successors = interpreter_.successors(from, late.actor);
      if (successors.empty() && stopped != nullptr && !*stopped) {
        CellSet but = others;
        add_late(late.actor, but);
        if (target.matches(from, but)) *stopped = way;
      }
      for (const Successor& next : successors) {
        if (next.ends_run) continue;
        Way longer = way;
        longer.chosen = met_choices(late.step, next.step, way.chosen);
        longer.steps.push_back(next.step);
        longer.states.push_back(next.next);
        open.push_back(std::move(longer));
      }
    }
    return std::nullopt;
  }

  /// Lets those go on that had to wait and need not wait any more.
  void catch_up(std::size_t state) {
    const Image target(systems_, run_.states[state]);
    for (std::size_t l = 0; l < late_.size();) {
      const Late late = late_[l];
      late_.erase(late_.begin() + static_cast<std::ptrdiff_t>(l));
      Way here;
      here.chosen = late.chosen;
      if (const auto way = go_on({here}, late, target, nullptr)) {
        take(late.step, *way);
      } else {
        late_.insert(late_.begin() + static_cast<std::ptrdiff_t>(l++), late);
      }
    }
  }

  /// In which the original may differ for the sake of those that are late.
  CellSet late_cells() const {
    CellSet cells(systems_.original.cells.size());
    for (const Late& late : late_) add_late(late.actor, cells);
    return cells;
  }

  void add_late(const Actor& actor, CellSet& cells) const {
    cells.unite(systems_.map.own[actor.index]);
    cells.insert(systems_.original.contexts[actor.index].location_cell[actor.activation]);
  }

  static bool is_same(const Actor& late, const Actor& actor) {
    return actor.kind == Actor::Kind::Step && late.index == actor.index && late.activation == actor.activation;
  }

  std::string cannot_follow(std::size_t i) const {
    const Actor& actor = run_.steps[i].actor;
    std::string text = "the original cannot follow step " + std::to_string(i) + ", of '";
    text += actor.kind == Actor::Kind::Act ? systems_.reduced.actions[actor.index].name
                                           : systems_.reduced.contexts[actor.index].name;
    text += "', from" + shown(systems_.original, result_.run.states.back());
    if (i + 1 < run_.states.size()) text += "; it should lead to" + shown(systems_.reduced, run_.states[i + 1]);
    return text;
  }

  bool may_go_on(const Actor& actor, const State& state) const {
    const auto place = place_of(systems_.original, actor.index, actor.activation, state);
    return place && systems_.map.passed[place->value];
  }

  bool breaks_what_it_should(std::size_t i, const Successor& next) const {
    if (finding_ == nullptr || finding_->in_state || i + 1 < run_.steps.size()) return true;
    return std::any_of(next.violations.begin(), next.violations.end(), [&](const Violation& violation) {
      return violation.rule == finding_->violation.rule && violation.span == finding_->violation.span;
    });
  }

  /// The choices of the reduced step are among those of the original's, in their order: how many there are after
  /// `step`.
  std::size_t met_choices(std::size_t i, const Step& step, std::size_t met) const {
    const std::vector<std::int64_t>& wanted = run_.steps[i].choices;
    for (const std::int64_t choice : step.choices) {
      if (met < wanted.size() && wanted[met] == choice) ++met;
    }
    return met;
  }

  void take(std::size_t i, const Way& way) {
    for (const Step& step : way.steps) {
      result_.run.steps.push_back(step);
      result_.part_of.push_back(i);
    }
    for (const State& state : way.states) result_.run.states.push_back(state);
  }

  const ReducedSystem& systems_;
  const Interpreter interpreter_;
  const Run& run_;
  const Finding* finding_;
  const SearchControl* control_;
  std::vector<Late> late_;
  OriginalRun result_;
};

}  // namespace

bool ReducedSystem::correspond(const State& reduced_state, const State& original_state) const {
  return Image(*this, reduced_state).matches(original_state);
}

Expected<OriginalRun> original_run(const ReducedSystem& systems, const Finding& finding, const SearchControl* control) {
  return Follower(systems, finding.run, &finding, control).follow();
}

Expected<OriginalRun> original_run(const ReducedSystem& systems, const Run& run, const SearchControl* control) {
  return Follower(systems, run, nullptr, control).follow();
}

}  // namespace quiesce::checker

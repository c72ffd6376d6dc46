#include "checker/liveness/state_expander.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "model/base/bits.h"

namespace quiesce::checker {

using model::Actor;
using model::Fairness;

void ExpandedStates::clear() {
  facts.clear();
  targets.clear();
  units.clear();
  ends.clear();
  broken.reset();
}

FactLayout StateExpander::layout(const Units& units, std::size_t atoms) {
  return {(units.count() + 63) / 64, (atoms + 63) / 64};
}

StateExpander::StateExpander(StateSpace& space, const Units& units, const std::vector<model::ExprId>& atoms,
                             bool judges_core)
    : space_(space),
      system_(space.system()),
      scheduler_(system_),
      units_(units),
      layout_(layout(units, atoms.size())),
      weak_(layout_.unit_words),
      strong_(layout_.unit_words),
      threads_(layout_.unit_words),
      able_(layout_.unit_words),
      able_slots_(system_.slots) {
  Interest interest = Interest::in_nothing(system_);
  interest.atoms = atoms;
  interest.only_atoms = !judges_core;
  space_.look_for(interest);
  successors_.wants_origins = true;
  successors_.in_any_order = true;
  sort_units();
}

/// Who is owed what where it is able: docs/semantics.md, 13.2.
void StateExpander::sort_units() {
  for (std::uint32_t unit = 0; unit < units_.count(); ++unit) {
    const std::uint64_t bit = std::uint64_t{1} << (unit % 64);
    switch (units_.fairness[unit]) {
      case Fairness::Unfair:
      case Fairness::Sporadic:
        break;
      case Fairness::Strong:
        strong_[unit / 64] |= bit;
        break;
      case Fairness::Default:
      case Fairness::Fair:
        (units_.is_thread[unit] ? threads_ : weak_)[unit / 64] |= bit;
        break;
    }
  }
  for (std::uint32_t c = 0; c < units_.contexts; ++c) {
    const model::Context& context = system_.contexts[c];
    has_places_ = has_places_ || units_.first_place[c] != 0;
    has_mutex_waits_.push_back(
        std::any_of(context.locations.begin(), context.locations.end(),
                    [&](model::LocationId id) { return system_.at(id).wait == model::WaitKind::Mutex; }));
  }
}

/// How far what some states lead to was handed over.
struct StateExpander::Cursor {
  std::size_t origin = 0;
  std::size_t end = 0;
};

void StateExpander::expand(const std::uint64_t* states, std::size_t count, ExpandedStates& out) {
  seen_.clear();
  space_.judge(states, count, seen_);
  for (const Judgement::Broken& broken : seen_.broken) note_broken(broken.violation.rule, out);
  std::size_t next = 0;  // the first state that is not yet expanded
  const auto letters = [&](std::size_t state) { return seen_.letters.data() + state * layout_.letter_words; };
  const auto expand_before = [&](std::size_t end) {
    expand_some(states + next * space_.words(), end - next, letters(next), out);
  };
  for (const std::uint32_t ended : seen_.ended) {
    expand_before(ended);
    add_facts(letters(ended), Cut::State, out);
    out.ends.push_back(out.units.size());
    next = ended + 1;
  }
  expand_before(count);
}

void StateExpander::expand_some(const std::uint64_t* states, std::size_t count, const std::uint64_t* letters,
                                ExpandedStates& out) {
  successors_.clear();
  space_.expand(states, count, successors_);
  for (const auto& failed : successors_.failed) note_broken(space_.broken_by(failed.check).rule, out);
  put_in_order();
  out.targets.insert(out.targets.end(), successors_.states.begin(), successors_.states.end());
  Cursor next;
  for (std::uint32_t source = 0; source < count; ++source) {
    packed_ = states + source * space_.words();
    is_unpacked_ = false;
    add_state(source, next, letters + source * layout_.letter_words, out);
  }
}

/// Successors as bytecode makes them, also where some of them come from a table: states have the same numbers either way.
void StateExpander::put_in_order() {
  const auto is_before = [](const PackedSuccessors::Origin& a, const PackedSuccessors::Origin& b) {
    return std::tie(a.source, a.actor) < std::tie(b.source, b.actor);
  };
  const std::vector<PackedSuccessors::Origin>& origins = successors_.origins;
  if (std::is_sorted(origins.begin(), origins.end(), is_before)) return;
  order_.resize(origins.size());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return is_before(origins[a], origins[b]); });
  PackedSuccessors sorted;
  for (const std::size_t at : order_) {
    const std::uint64_t* state = successors_.states.data() + at * space_.words();
    sorted.states.insert(sorted.states.end(), state, state + space_.words());
    sorted.origins.push_back(origins[at]);
  }
  successors_.states.swap(sorted.states);
  successors_.origins.swap(sorted.origins);
}

/// Adds what the state at hand owes, and whose its steps are, which begin at `next`.
void StateExpander::add_state(std::uint32_t source, Cursor& next, const std::uint64_t* letters, ExpandedStates& out) {
  const auto is_of_source = [&](const std::vector<PackedSuccessors::Origin>& origins, std::size_t at) {
    return at < origins.size() && origins[at].source == source;
  };
  opposed_ = 0;
  std::fill(able_.begin(), able_.end(), 0);
  if (has_places_) std::fill(able_slots_.begin(), able_slots_.end(), false);
  while (is_of_source(successors_.origins, next.origin)) {
    out.units.push_back(note_able(successors_.origins[next.origin++]));
  }
  out.ends.push_back(out.units.size());
  Cut cut = Cut::No;
  while (is_of_source(successors_.ends, next.end)) {
    note_able(successors_.ends[next.end++]);
    cut = Cut::Step;
  }
  add_owed(add_facts(letters, cut, out));
}

/// Facts about one more state, which owes nothing yet.
std::uint64_t* StateExpander::add_facts(const std::uint64_t* letters, Cut cut, ExpandedStates& out) const {
  out.facts.resize(out.facts.size() + layout_.words(), 0);
  std::uint64_t* facts = out.facts.data() + out.facts.size() - layout_.words();
  std::copy_n(letters, layout_.letter_words, facts + layout_.letters());
  facts[layout_.cut()] = static_cast<std::uint64_t>(cut);
  return facts;
}

const model::State& StateExpander::cells() {
  if (!is_unpacked_) space_.unpack_over(packed_, cells_);
  is_unpacked_ = true;
  return cells_;
}

/// What acted is able; its unit.
std::uint32_t StateExpander::note_able(const PackedSuccessors::Origin& origin) {
  const std::uint32_t unit = units_.of(origin.actor, has_places_ ? cells().data() : nullptr);
  able_[unit / 64] |= std::uint64_t{1} << (unit % 64);
  if (has_places_ && origin.actor.kind == Actor::Kind::Step) {
    able_slots_[system_.contexts[origin.actor.index].first_slot + origin.actor.activation] = true;
  }
  if (origin.actor.kind == Actor::Kind::Start && origin.cpu >= 0) {
    const bool pins = system_.contexts[origin.actor.index].start_level >= system_.pin_level;
    if (pins) opposed_ |= 1U << origin.cpu;
  }
  return unit;
}

void StateExpander::note_broken(model::RuleId rule, ExpandedStates& out) const {
  if (system_.at(rule).core && (!out.broken || rule.value < out.broken->value)) out.broken = rule;
}

/// docs/semantics.md, 13.2.
void StateExpander::add_owed(std::uint64_t* facts) {
  if (has_places_) drop_places_with_unable();
  const std::size_t words = layout_.unit_words;
  for (std::size_t w = 0; w < words; ++w) {
    facts[w] = able_[w] & weak_[w];
    facts[words + w] = able_[w] & strong_[w];
  }
  add_owed_to_threads(facts);
}

void StateExpander::add_owed_to_threads(std::uint64_t* facts) {
  const bool opposes_all = opposed_ == (1U << system_.cpus) - 1;
  for (std::size_t w = 0; w < layout_.unit_words && !opposes_all; ++w) {
    model::for_each_bit(able_[w] & threads_[w], [&](std::size_t bit) {
      const auto thread = static_cast<std::uint32_t>(w * 64 + bit);
      if (!is_unopposed(thread)) return;
      facts[(waits_for_mutex(thread) ? 0 : layout_.unit_words) + w] |= std::uint64_t{1} << bit;
    });
  }
}

/// Takes back what is owed to a place of a handler with several activations where one stands that is not able. Taken
/// together they are owed a step only when all are able: of two that are able in turn neither is owed any.
void StateExpander::drop_places_with_unable() {
  for (std::uint32_t c = 0; c < units_.contexts; ++c) {
    if (units_.first_place[c] == 0) continue;
    const model::Context& context = system_.contexts[c];
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      const std::int32_t number = cells()[context.location_cell[a].value];
      if (number == 0 || able_slots_[context.first_slot + a]) continue;
      const std::uint32_t unit = units_.at_place(c, number);
      able_[unit / 64] &= ~(std::uint64_t{1} << (unit % 64));
    }
  }
}

/// Whether there is a CPU on which the thread, which is able, may step and no handler may start.
bool StateExpander::is_unopposed(std::uint32_t thread) {
  if (opposed_ == 0) return true;
  const std::optional<model::Running> running = scheduler_.running(model::ContextId(thread), 0, cells());
  if (running->cpu >= 0) return !is_opposed_on(running->cpu);
  const std::vector<std::int32_t> cpus = scheduler_.floating_cpus(running->level, running->affinity, cells());
  return std::any_of(cpus.begin(), cpus.end(), [&](std::int32_t cpu) { return !is_opposed_on(cpu); });
}

bool StateExpander::waits_for_mutex(std::uint32_t thread) {
  if (!has_mutex_waits_[thread]) return false;
  const model::Context& context = system_.contexts[thread];
  const std::int32_t number = cells()[context.location_cell[0].value];
  return number > 0 &&
         system_.at(context.locations[static_cast<std::size_t>(number) - 1]).wait == model::WaitKind::Mutex;
}

}  // namespace quiesce::checker

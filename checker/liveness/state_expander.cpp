#include "checker/liveness/state_expander.h"

#include <algorithm>

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

StateExpander::StateExpander(StateSpace& space, const Units& units, const std::vector<model::ExprId>& atoms)
    : space_(space),
      system_(space.system()),
      scheduler_(system_),
      units_(units),
      layout_(layout(units, atoms.size())),
      able_(layout_.unit_words),
      able_slots_(system_.slots) {
  Interest interest = Interest::in_nothing(system_);
  interest.atoms = atoms;
  space_.look_for(interest);
  successors_.wants_origins = true;
}

void StateExpander::expand(const std::uint64_t* packed, ExpandedStates& out) {
  cells_ = space_.unpack(packed);
  Cut cut = Cut::No;
  opposed_ = 0;
  std::fill(able_.begin(), able_.end(), 0);
  std::fill(able_slots_.begin(), able_slots_.end(), false);
  seen_.clear();
  space_.judge(packed, 1, seen_);
  if (!seen_.ended.empty()) {
    cut = Cut::State;
    for (const Judgement::Broken& broken : seen_.broken) note_broken(broken.violation.rule, out);
  } else {
    successors_.clear();
    space_.expand(packed, 1, successors_);
    if (!successors_.ends.empty()) cut = Cut::Step;
    for (const auto& failed : successors_.failed) note_broken(space_.broken_by(failed.check).rule, out);
  }
  add_targets(cut == Cut::State ? 0 : successors_.origins.size(), out);
  out.facts.resize(out.facts.size() + layout_.words(), 0);
  std::uint64_t* facts = out.facts.data() + out.facts.size() - layout_.words();
  if (cut != Cut::State) add_owed(facts);
  std::copy_n(seen_.letters.begin(), layout_.letter_words, facts + layout_.letters());
  facts[layout_.cut()] = static_cast<std::uint64_t>(cut);
}

void StateExpander::add_targets(std::size_t count, ExpandedStates& out) {
  for (std::size_t i = 0; i < count; ++i) out.units.push_back(note_able(successors_.origins[i]));
  const auto words = static_cast<std::ptrdiff_t>(count * space_.words());
  out.targets.insert(out.targets.end(), successors_.states.begin(), successors_.states.begin() + words);
  out.ends.push_back(out.units.size());
}

/// What acted is able; its unit.
std::uint32_t StateExpander::note_able(const PackedSuccessors::Origin& origin) {
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

void StateExpander::note_broken(model::RuleId rule, ExpandedStates& out) const {
  if (system_.at(rule).core && (!out.broken || rule.value < out.broken->value)) out.broken = rule;
}

/// docs/semantics.md, 13.2.
void StateExpander::add_owed(std::uint64_t* facts) {
  const auto owe = [&](std::uint32_t unit, bool strongly) {
    facts[(strongly ? able_.size() : 0) + unit / 64] |= std::uint64_t{1} << (unit % 64);
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
void StateExpander::drop_places_with_unable() {
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

/// Whether there is a CPU on which the thread, which is able, may step and no handler may start.
bool StateExpander::is_unopposed(std::uint32_t thread) const {
  if (opposed_ == 0) return true;
  const std::optional<model::Running> running = scheduler_.running(model::ContextId(thread), 0, cells_);
  if (running->cpu >= 0) return !is_opposed_on(running->cpu);
  const std::vector<std::int32_t> cpus = scheduler_.floating_cpus(running->level, running->affinity, cells_);
  return std::any_of(cpus.begin(), cpus.end(), [&](std::int32_t cpu) { return !is_opposed_on(cpu); });
}

bool StateExpander::waits_for_mutex(std::uint32_t thread) const {
  const model::Context& context = system_.contexts[thread];
  const std::int32_t number = cells_[context.location_cell[0].value];
  return number > 0 &&
         system_.at(context.locations[static_cast<std::size_t>(number) - 1]).wait == model::WaitKind::Mutex;
}

}  // namespace quiesce::checker

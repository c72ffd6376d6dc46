#include "checker/reduce/stubborn_sets.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "model/system/control_flow.h"
#include "model/system/location_numbers.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMost = 64;          // slots, handlers, actions: bits of a word
constexpr std::size_t kMostPlaces = 4096;  // 2 MiB of needs; all pairs of places are compared

constexpr std::uint64_t bit(std::size_t position) { return std::uint64_t{1} << position; }

}  // namespace

StubbornSets::StubbornSets(const CompiledSystem& compiled, const TextSteps& steps, const Independence& independence,
                           const std::vector<bool>& moves_places)
    : compiled_(compiled), system_(compiled.system()), steps_(steps) {
  if (compiled.activations.size() > kMost || compiled.handlers.size() > kMost || system_.actions.size() > kMost ||
      steps.places() > kMostPlaces) {
    return;
  }
  facts_.resize(steps.all().size());
  find_calm(moves_places);
  if (std::none_of(facts_.begin(), facts_.end(), [](const Facts& facts) { return facts.leads; })) return;
  find_needs(independence);
  // A step that depends on a step that is never calm is never calm.
  for (bool changed = true; changed;) {
    changed = false;
    for (Facts& facts : facts_) {
      if (!facts.calm) continue;
      bool fine = true;
      for (std::size_t h = 0; h < compiled.handlers.size(); ++h) {
        fine = fine && ((facts.starts & bit(h)) == 0 || facts_[steps.start(compiled.handlers[h].context)].calm);
      }
      for (std::size_t a = 0; a < system_.actions.size(); ++a) {
        fine = fine && ((facts.actions & bit(a)) == 0 || facts_[steps.action(a)].calm);
      }
      if (!fine) {
        facts.calm = facts.leads = false;
        changed = true;
      }
    }
  }
  useful_ = std::any_of(facts_.begin(), facts_.end(), [](const Facts& facts) { return facts.leads; });
}

/// (C1): what conflicts with what, now or later.
void StubbornSets::find_needs(const Independence& independence) {
  const std::vector<TextStep>& all = steps_.all();
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> edges(system_.contexts.size());  // from, to; from 0
  for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
    for (std::size_t from = system_.contexts[k].locations.size(); from-- > 0;) {
      for_each_goto(system_.at(system_.contexts[k].locations[from]).program, [&](LocationId to) {
        edges[k].emplace_back(static_cast<std::uint32_t>(from), system_.at(to).number - 1);
      });
    }
  }
  // By place: some place that can follow in the same run of the context, itself included, is in `dependent`.
  std::vector<bool> later;
  const auto find_later = [&](const std::vector<bool>& dependent) {
    later.assign(dependent.begin(), dependent.begin() + static_cast<std::ptrdiff_t>(steps_.places()));
    for (std::uint32_t slot = 0; slot < compiled_.activations.size(); ++slot) {
      const std::size_t first = steps_.place(slot, 1);
      for (bool changed = true; changed;) {
        changed = false;
        for (const auto& [from, to] : edges[compiled_.activations[slot].context]) {
          if (!later[first + to] || later[first + from]) continue;
          later[first + from] = true;
          changed = true;
        }
      }
    }
  };

  for (std::size_t step = 0; step < all.size(); ++step) {
    Facts& facts = facts_[step];
    if (!facts.calm) continue;
    facts.places.resize(steps_.places());
    const bool is_place = all[step].kind == TextStep::Kind::Place;
    std::vector<bool> dependent(all.size(), false);
    for (std::size_t other = 0; other < all.size(); ++other) {
      if (all[step].kind == TextStep::Kind::Start) {
        // Its condition is false: only what may make it true matters. (A condition that reads nothing stays.)
        CellSet reads(system_.cells.size());
        add_reads(system_, system_.contexts[all[step].context].condition, reads);
        dependent[other] = all[other].writes.intersects(reads);
      } else {
        dependent[other] = !independence.are_independent(step, other);
      }
    }
    find_later(dependent);
    for (std::size_t place = 0; place < steps_.places(); ++place) {
      if (!later[place] || (is_place && all[place].slot == all[step].slot)) continue;
      facts.places.set(place);
    }
    for (std::size_t h = 0; h < compiled_.handlers.size(); ++h) {
      const CompiledHandler& handler = compiled_.handlers[h];
      bool needed = dependent[steps_.start(handler.context)];
      for_each_goto(system_.contexts[handler.context].start, [&](LocationId entry) {
        for (std::uint32_t a = 0; a < handler.activations && !needed; ++a) {
          needed = later[steps_.place(handler.first_slot + a, system_.at(entry).number)];
        }
      });
      if (needed) facts.starts |= bit(h);
    }
    for (std::size_t a = 0; a < system_.actions.size(); ++a) {
      if (dependent[steps_.action(a)]) facts.actions |= bit(a);
    }
  }
}

/// Whether a context that floats always finds a CPU: there are more than contexts that can ever be pinned. (What
/// mentions `cpu()` stays pinned below the pin level only where there are urgent handlers.)
bool StubbornSets::has_always_room() const {
  std::uint32_t pinned = 0;  // slots
  for (const Context& context : system_.contexts) {
    if (context.urgent) return false;
    const auto sets_level = [&](const Op& op) {
      const auto* assign = std::get_if<AssignOp>(&op);
      return assign != nullptr && std::find(context.level_cell.begin(), context.level_cell.end(),
                                            assign->place.cells.front()) != context.level_cell.end();
    };
    const bool pins = context.start_level >= system_.pin_level ||
                      std::any_of(context.locations.begin(), context.locations.end(), [&](LocationId id) {
                        const std::vector<Op>& ops = system_.at(id).program.ops;
                        return std::any_of(ops.begin(), ops.end(), sets_level);
                      });
    if (pins) pinned += context.activations;
  }
  return pinned < system_.cpus;
}

/// (C2), and of (C3) and (C4) what the text decides.
void StubbornSets::find_calm(const std::vector<bool>& moves_places) {
  const bool always_room = has_always_room();
  const CellSet none(system_.cells.size());
  CellSet scheduling = none;
  for (const Context& context : system_.contexts) {
    for (const auto* cells : {&context.location_cell, &context.level_cell, &context.cpu_cell, &context.affinity_cell}) {
      for (const CellId cell : *cells) scheduling.insert(cell);
    }
  }
  CellSet urgent = none;   // what urgent handlers wait for
  CellSet waited = none;   // what starts of handlers and actions wait for
  CellSet visible = none;  // what properties read
  for (const Context& context : system_.contexts) {
    if (context.kind != ContextKind::Handler) continue;
    CellSet reads = none;
    add_reads(system_, context.condition, reads);
    if (context.urgent) urgent.unite(reads);
    if (const auto* one = std::get_if<OnOne>(&context.cpus)) {
      add_reads(system_, one->cpu, reads);
    } else if (const auto* set = std::get_if<OnSet>(&context.cpus)) {
      for (const ExprId allowed : set->allowed) add_reads(system_, allowed, reads);
    }
    waited.unite(reads);
  }
  const auto may_block = [&](const Program& program) {
    return std::any_of(program.ops.begin(), program.ops.end(),
                       [](const Op& op) { return std::holds_alternative<AssumeOp>(op); });
  };
  for (const TextStep& step : steps_.all()) {
    // An Assume may use what the program computed before: all that a program reads that may block counts.
    if (step.kind == TextStep::Kind::Act ||
        (step.kind == TextStep::Kind::Start && may_block(system_.contexts[step.context].start))) {
      waited.unite(step.reads);
    }
  }
  for (const Property& property : system_.properties) {
    if (property.condition.valid()) add_reads(system_, property.condition, visible);
    if (property.trigger.valid()) add_reads(system_, property.trigger, visible);
  }

  const LocationCells location_cells(system_);
  const MentionedNumbers mentioned = mentioned_numbers(system_, location_cells);
  std::vector<std::vector<std::size_t>> components;
  for (std::size_t k = 0; k < system_.contexts.size(); ++k) {
    components.push_back(ControlFlow(system_, ContextId(k)).components());
  }

  for (std::size_t s = 0; s < facts_.size(); ++s) {
    const TextStep& step = steps_[s];
    Facts& facts = facts_[s];
    switch (step.kind) {
      case TextStep::Kind::Start: {
        CellSet reads = none;
        add_reads(system_, system_.contexts[step.context].condition, reads);
        facts.calm = !reads.intersects(scheduling);
        break;
      }
      case TextStep::Kind::Act:
        facts.calm = !step.reads.intersects(scheduling) && !step.writes.intersects(urgent) &&
                     !step.writes.intersects(scheduling);
        break;
      case TextStep::Kind::Place: {
        const Context& context = system_.contexts[step.context];
        const Location& location = system_.at(step.location);
        CellSet others = scheduling;  // a context may look at its own level, which no other context changes
        others.erase(context.level_cell[step.slot - context.first_slot]);
        const auto is_asked = [&](const Location& one) {
          return mentioned.opaque[step.context] || mentioned.numbers[step.context].count(one.number) != 0;
        };
        bool calm = !location.program.uses_cpu && !step.reads.intersects(others) &&
                    !step.writes.intersects(scheduling) && !step.writes.intersects(urgent) && !is_asked(location);
        const bool is_ordered = moves_places.empty() || !moves_places[step.context];
        bool forward = true;
        const std::vector<std::size_t>& component = components[step.context];
        for (const Op& op : location.program.ops) {
          if (std::holds_alternative<EndOp>(op)) calm = false;
          const auto* go = std::get_if<GotoOp>(&op);
          if (go == nullptr) continue;
          const Location& target = system_.at(go->location);
          calm = calm && !is_asked(target);
          forward = forward && (component[target.number] != component[location.number] ||
                                (is_ordered && target.number > location.number));
        }
        facts.calm = calm;
        facts.leads =
            calm && forward && (always_room || !step.writes.intersects(waited)) && !step.writes.intersects(visible);
        break;
      }
    }
  }
}

/// A set being closed.
struct StubbornSets::Growing {
  std::uint64_t slots = 0, starts = 0, actions = 0;              // members
  std::uint64_t new_slots = 0, new_starts = 0, new_actions = 0;  // of these, not yet looked at
  std::array<std::uint32_t, kMost> place;                        // by slot: where it stands
  std::uint64_t running = 0;
};

/// Closes the set under (C1); false when a member is not calm (C2).
bool StubbornSets::grow(Growing& g, const std::int32_t* state, SuccessorGenerator& generator) const {
  const auto add_needs = [&](const Facts& facts) {
    g.new_starts |= facts.starts & ~g.starts;
    g.starts |= facts.starts;
    g.new_actions |= facts.actions & ~g.actions;
    g.actions |= facts.actions;
    for (std::uint64_t rest = g.running & ~g.slots; rest != 0; rest &= rest - 1) {
      const auto slot = static_cast<std::size_t>(std::countr_zero(rest));
      if (facts.places.test(g.place[slot])) {
        g.slots |= bit(slot);
        g.new_slots |= bit(slot);
      }
    }
  };
  for (;;) {
    if (g.new_slots != 0) {
      const auto slot = static_cast<std::size_t>(std::countr_zero(g.new_slots));
      g.new_slots &= g.new_slots - 1;
      const CompiledActivation& activation = compiled_.activations[slot];
      const Facts& facts = facts_[g.place[slot]];
      if (!facts.calm || state[activation.cpu_cell] != 0 ||
          (activation.affinity_cell >= 0 && state[activation.affinity_cell] != 0)) {
        return false;
      }
      add_needs(facts);
    } else if (g.new_starts != 0) {
      const auto h = static_cast<std::size_t>(std::countr_zero(g.new_starts));
      g.new_starts &= g.new_starts - 1;
      const CompiledHandler& handler = compiled_.handlers[h];
      const Facts& facts = facts_[steps_.start(handler.context)];
      if (!facts.calm || generator.is_true(handler.condition, state)) return false;
      add_needs(facts);
    } else if (g.new_actions != 0) {
      const auto action = static_cast<std::size_t>(std::countr_zero(g.new_actions));
      g.new_actions &= g.new_actions - 1;
      const Facts& facts = facts_[steps_.action(action)];
      if (!facts.calm) return false;
      add_needs(facts);
    } else {
      return true;
    }
  }
}

std::optional<StepChoice> StubbornSets::choose(const std::int32_t* state, SuccessorGenerator& generator) const {
  if (!useful_) return std::nullopt;
  Growing start;
  std::uint64_t leaders = 0;
  std::uint32_t taken = 0;  // CPUs on which a context is pinned
  for (std::size_t slot = 0; slot < compiled_.activations.size(); ++slot) {
    const CompiledActivation& activation = compiled_.activations[slot];
    const std::int32_t location = state[activation.location_cell];
    if (location == 0) continue;
    start.running |= bit(slot);
    start.place[slot] = static_cast<std::uint32_t>(steps_.place(static_cast<std::uint32_t>(slot), location));
    if (state[activation.cpu_cell] != 0) {
      taken |= 1u << (state[activation.cpu_cell] - 1);
    } else if (facts_[start.place[slot]].leads) {
      leaders |= bit(slot);
    }
  }
  if (leaders == 0 || std::popcount(taken) == static_cast<int>(compiled_.cpus)) return std::nullopt;
  const int everybody = std::popcount(start.running) + static_cast<int>(system_.actions.size());
  const int all_starts = static_cast<int>(compiled_.handlers.size());
  std::optional<StepChoice> best;
  int least = everybody + all_starts;
  for (; leaders != 0; leaders &= leaders - 1) {
    const auto leader = static_cast<std::uint32_t>(std::countr_zero(leaders));
    Growing growing = start;
    growing.slots = growing.new_slots = bit(leader);
    if (!grow(growing, state, generator)) continue;
    // Handlers in the set cannot start now; others may.
    const int size = std::popcount(growing.slots) + std::popcount(growing.actions) + std::popcount(growing.starts);
    if (size >= least) continue;
    least = size;
    best = StepChoice{growing.slots, growing.actions, leader};
  }
  return best;
}

}  // namespace quiesce::checker

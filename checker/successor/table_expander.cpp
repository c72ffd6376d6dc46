#include "checker/successor/table_expander.h"

#include <algorithm>
#include <bit>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

model::Actor::Kind kind_of(const ProgramKey& key) {
  return key.kind == ProgramKey::Kind::Step    ? model::Actor::Kind::Step
         : key.kind == ProgramKey::Kind::Start ? model::Actor::Kind::Start
                                               : model::Actor::Kind::Act;
}

void ask(const MatchTable::Group& group, const CommandRequest& request, CommandRequests& asked) {
  if (group.blocks == 0) return;
  asked.groups.push_back(group);
  asked.requests.push_back(request);
}

/// Asks for a piece of bytecode to be run, where its guard matches when it has one.
void ask_for_code(const CommandTable& table, std::uint32_t guard, CommandRequest::Behind behind, std::uint32_t code,
                  CommandRequests& asked) {
  if (guard == CommandTable::kNone) return asked.code.add(behind, code);
  CommandRequest request;
  request.behind = behind;
  request.code = code;
  asked.asks_for_code = true;
  ask(table.groups[guard], request, asked);
}

/// Asks for the group of each of `cpus`.
void ask_for_each(const CommandTable& table, std::uint32_t cpus, const CommandTable::Place& place,
                  CommandRequest request, CommandRequests& asked) {
  for (std::uint32_t rest = cpus; rest != 0; rest &= rest - 1) {
    request.cpu = std::countr_zero(rest);
    ask(table.groups[place.first_group + static_cast<std::uint32_t>(request.cpu)], request, asked);
  }
}

}  // namespace

TableExpander::TableExpander(const PackedSystem& system, const CommandTable& table)
    : system_(system),
      table_(table),
      compiled_(system.compiled()),
      words_(system.packing().words()),
      pin_level_(compiled_.pin_level),
      cpus_(compiled_.cpus),
      generator_(compiled_),
      packer_(system),
      is_canonical_(packer_.is_trivial()),
      counter_(words_),
      cells_(system.packing().cells()),
      urgent_cells_(system.packing().cells()),
      agendas_(table, words_),
      ends_(table.most_groups),
      matched_(table.most_commands),
      from_index_(table.index.entries()),
      taken_((table.effects.size() + 7) / 8),
      exercised_(compiled_.code.checks.size()) {
  system.packing().unpack_constants(cells_.data());
  system.packing().unpack_constants(urgent_cells_.data());
}

// -------------------------------------------------------------------------------------- scheduling

/// Reads a packed state for the scheduler.
class TableExpander::Reader {
 public:
  Reader(TableExpander& expander, const std::uint64_t* state, std::uint64_t* changed = nullptr)
      : expander_(expander), table_(expander.table_), state_(state), changed_(changed) {}

  std::uint32_t cpus() const { return expander_.cpus_; }

  template <class Use>
  void each_pinned(const Use& use) const {
    for (std::uint32_t s = 0; s < table_.slots.size(); ++s) {
      const CommandTable::Slot& slot = table_.slots[s];
      const std::int32_t cpu = slot.cpu.number(state_);
      if (cpu == 0 || slot.location.number(state_) == 0) continue;
      use(s, static_cast<std::size_t>(cpu - 1), slot.level.number(state_), slot.is_handler);
    }
  }

  template <class Use>
  void each_urgent(const Use& use) {
    for (const std::uint32_t position : table_.urgent_handlers) {
      const CommandTable::Handler& handler = table_.handlers[position];
      bool is_free = false;
      for (std::uint32_t a = 0; a < handler.activations && !is_free; ++a) {
        is_free = table_.slots[handler.first_slot + a].location.number(state_) == 0;
      }
      if (!is_free) continue;
      if (handler.on_code) {
        const std::uint32_t allowed = allowed_by_code(expander_.compiled_.handlers[position]);
        if (!use(handler.level, [allowed](std::size_t c) { return (allowed >> c & 1u) != 0; })) return;
      } else {
        const auto wants = [&](std::size_t c) {
          return std::any_of(handler.wants[c].begin(), handler.wants[c].end(),
                             [this](const Guard& guard) { return holds(guard); });
        };
        if (!use(handler.level, wants)) return;
      }
    }
  }

  void unpin(std::uint32_t slot) { changed_[table_.slots[slot].cpu_word] &= ~table_.slots[slot].cpu_mask; }

 private:
  bool holds(const Guard& guard) const {
    return std::all_of(guard.begin(), guard.end(), [this](const WordTest& test) {
      return (state_[test.word] & test.mask) == test.value && (state_[test.word] & test.not_mask) != test.not_value;
    });
  }

  std::uint32_t allowed_by_code(const CompiledHandler& handler) {
    std::vector<std::int32_t>& cells = expander_.urgent_cells_;
    if (!is_unpacked_) expander_.system_.packing().unpack_fields(state_, cells.data());
    is_unpacked_ = true;
    if (!expander_.generator_.is_true(handler.condition, cells.data())) return 0;
    return expander_.generator_.allowed_cpus(handler, cells.data());
  }

  TableExpander& expander_;
  const CommandTable& table_;
  const std::uint64_t* state_;
  std::uint64_t* changed_;  // the same state, where it may be changed
  bool is_unpacked_ = false;
};

/// What the scheduler finds for `state` and all states with the same key (AgendaCache).
void TableExpander::schedule(const std::uint64_t* state, Agenda& agenda) {
  Reader reader(*this, state);
  agenda.view = view_of(reader);
  const CpuView& view = agenda.view;
  for (std::uint32_t s = 0; s < table_.slots.size(); ++s) {
    const CommandTable::Slot& slot = table_.slots[s];
    if (slot.location.number(state) == 0) continue;
    const std::int32_t level = slot.level.number(state);
    const std::int32_t cpu = slot.cpu.number(state);
    AgendaStep step;
    step.slot = s;
    if (cpu != 0) {
      step.cpu = cpu - 1;
      agenda.someone_below = agenda.someone_below || level < pin_level_;
      if (view.may_step(static_cast<std::uint32_t>(step.cpu), level)) agenda.steps.push_back(step);
      continue;
    }
    step.cpus = view.floating_cpus(cpus_, level, slot.has_affinity ? slot.affinity.number(state) : 0);
    if (step.cpus != 0) agenda.steps.push_back(step);
  }
  schedule_starts(state, agenda);
}

/// Adds the starts of handlers to what `agenda` asks.
void TableExpander::schedule_starts(const std::uint64_t* state, Agenda& agenda) const {
  const CpuView& view = agenda.view;
  for (std::uint32_t h = 0; h < table_.handlers.size(); ++h) {
    const CommandTable::Handler& handler = table_.handlers[h];
    std::uint32_t a = 0;
    while (a < handler.activations && table_.slots[handler.first_slot + a].location.number(state) != 0) ++a;
    if (a == handler.activations) continue;
    std::uint32_t cpus = 0;
    if (handler.pins) {
      for (std::uint32_t cpu = 0; cpu < cpus_; ++cpu) {
        if (view.may_start(cpu, handler.level)) cpus |= 1u << cpu;
      }
    } else {
      cpus = view.floating_cpus(cpus_, handler.level, 0);
    }
    if (cpus == 0) continue;
    const CommandTable::Place& place = handler.starts[a];
    if (place.first_group == CommandTable::kNone) {
      ask_for_code(table_, place.guard, CommandRequest::Behind::Handler, h, agenda.others);
      continue;
    }
    CommandRequest request;
    request.slot = handler.first_slot + a;
    request.may_repeat = place.may_repeat;
    if (!place.per_cpu) {
      request.cpus = cpus;
      ask(table_.groups[place.first_group], request, agenda.others);
      continue;
    }
    request.settles = true;
    ask_for_each(table_, cpus, place, request, agenda.others);
  }
}

/// Asks for the commands of an activation that may step, where it stands in `state`.
void TableExpander::ask_for_step(const AgendaStep& step, const std::uint64_t* state) {
  const CommandTable::Slot& slot = table_.slots[step.slot];
  const CommandTable::Place& place = slot.places[static_cast<std::size_t>(slot.location.number(state))];
  if (place.first_group == CommandTable::kNone) {
    return ask_for_code(table_, place.guard, CommandRequest::Behind::Slot, step.slot, asked_);
  }
  CommandRequest request;
  request.slot = step.slot;
  request.may_repeat = place.may_repeat;
  if (step.cpu >= 0) {
    request.settles = true;
    request.cpu = step.cpu;
    const auto group = place.first_group + (place.per_cpu ? static_cast<std::uint32_t>(step.cpu) : 0);
    return ask(table_.groups[group], request, asked_);
  }
  if (!place.per_cpu) {
    request.cpus = step.cpus;
    return ask(table_.groups[place.first_group], request, asked_);
  }
  request.settles = true;
  request.may_repeat = place.may_repeat || (step.cpus & (step.cpus - 1)) != 0;
  ask_for_each(table_, step.cpus, place, request, asked_);
}

// --------------------------------------------------------------------------------------- successors

/// Room for `words` more words at the end of what is filled.
std::uint64_t* TableExpander::reserve(std::size_t words) {
  std::vector<std::uint64_t>& states = out_->states;
  if (states.size() < used_ + words) states.resize(std::max(used_ + words, states.size() + states.size() / 2));
  return states.data() + used_;
}

void TableExpander::add_origin(std::vector<PackedSuccessors::Origin>& to, const CommandEffect& effect,
                               std::int32_t cpu) const {
  if (!out_->wants_origins) return;
  const ProgramKey& key = table_.programs[effect.program].key;
  to.push_back({source_, {kind_of(key), key.index, key.activation}, cpu});
}

/// The successor at `target` has its words: what the scheduler does to it, its representative, the count.
void TableExpander::complete(std::size_t target, const CommandEffect& effect, bool may_repeat, bool settles) {
  std::uint64_t* const next = out_->states.data() + target;
  bool keeps_form = (effect.flags & CommandEffect::kKeepsForm) != 0;
  if (agenda_->someone_below || (settles && (effect.flags & CommandEffect::kMayUnpin) != 0)) {
    Reader reader(*this, next, next);
    if (float_unpinned(reader, pin_level_)) keeps_form = false;
  }
  if (!is_canonical_ && !keeps_form) packer_.canonicalize(next);
  if (may_repeat) {
    const DerivedProgram& program = table_.programs[effect.program];
    if (!counter_.is_new(StepCounter::actor_number(kind_of(program.key), program.key.index), out_->states.data(),
                         target, table_.details.data() + effect.first_detail, effect.choices,
                         std::size_t{effect.choices} + effect.failed)) {
      return;
    }
  }
  ++out_->steps;
}

void TableExpander::take(std::uint32_t command, const CommandRequest& request, const std::uint64_t* state) {
  const CommandEffect& effect = table_.effects[command];
  taken_[command / 8] = static_cast<std::uint8_t>(taken_[command / 8] | 1u << command % 8);
  for (std::uint32_t i = 0; i < effect.failed; ++i) {
    out_->failed.push_back(
        {source_, static_cast<std::int32_t>(table_.details[effect.first_detail + effect.choices + i])});
  }
  if ((effect.flags & CommandEffect::kEndsRun) != 0) return add_origin(out_->ends, effect, request.cpu);
  const bool per_cpu = request.cpus != 0 && (effect.flags & CommandEffect::kPinsIfFloating) != 0;
  std::uint64_t* next = reserve(words_ * (per_cpu ? kMaxCpus : 1));
  std::copy(state, state + words_, next);
  for (std::uint32_t i = effect.first_copy; i < effect.first_copy + effect.copies; ++i) {
    const FieldCopy& copy = table_.copies[i];
    next[copy.to_word] =
        (next[copy.to_word] & ~copy.to_mask) | ((copy.from.bits(state) + copy.plus) << copy.to_shift & copy.to_mask);
  }
  for (std::uint32_t i = effect.first_update; i < effect.first_update + effect.updates; ++i) {
    const WordUpdate& update = table_.updates[i];
    next[update.word] = (next[update.word] & update.keep) | update.set;
  }
  const bool may_repeat = request.may_repeat || (effect.flags & CommandEffect::kMayRepeat) != 0;
  if (!per_cpu) {
    const std::size_t target = used_;
    used_ += words_;
    add_origin(out_->origins, effect, request.cpu);
    return complete(target, effect, may_repeat, request.settles);
  }
  // A floating step that pins: one outcome per CPU on which it could be taken.
  const CommandTable::Slot& slot = table_.slots[request.slot];
  const bool several = (request.cpus & (request.cpus - 1)) != 0;
  const std::size_t first = used_;
  for (std::uint32_t rest = request.cpus & (request.cpus - 1); rest != 0; rest &= rest - 1) {
    used_ += words_;
    std::copy(next, next + words_, out_->states.data() + used_);
  }
  std::size_t target = first;
  for (std::uint32_t rest = request.cpus; rest != 0; rest &= rest - 1) {
    const std::int32_t cpu = std::countr_zero(rest);
    std::uint64_t& word = out_->states[target + slot.cpu_word];
    word = (word & ~slot.cpu_mask) | slot.cpu_bits[cpu + 1];
    add_origin(out_->origins, effect, cpu);
    complete(target, effect, may_repeat || several, request.settles);
    target += words_;
  }
  used_ = target;
}

/// Finds the actions that the index has for `state`; whether any of them is a command.
bool TableExpander::look_up(const std::uint64_t* state) {
  looked_up_ = 0;
  if (table_.index.is_empty()) return false;
  const std::uint32_t found = table_.index.match(state, from_index_.data());
  for (std::uint32_t i = 0; i < found; ++i) {
    const CommandEffect& effect = table_.effects[from_index_[i]];
    if ((effect.flags & CommandEffect::kRunsCode) != 0) {
      asked_.code.actions.push_back(effect.program);
    } else {
      from_index_[looked_up_++] = from_index_[i];
    }
  }
  return looked_up_ != 0;
}

/// Finds what is to be compared with `state` and run.
void TableExpander::ask_of(const std::uint64_t* state) {
  if (table_.slots.empty() && agenda_ != nullptr) {  // the same in all states
    asked_.code.clear();
    asked_.code.add(agenda_->others.code);
    return;
  }
  const auto [agenda, is_known] = agendas_.find(state);
  if (!is_known) {
    if (!table_.slots.empty()) schedule(state, agenda);
    ask(table_.actions, {}, agenda.others);
    for (const CommandTable::CodedAction& one : table_.coded_actions) {
      ask_for_code(table_, one.guard, CommandRequest::Behind::Action, one.action, agenda.others);
    }
    agendas_.keep();
  }
  agenda_ = &agenda;
  asked_.clear();
  for (const AgendaStep& step : agenda.steps) ask_for_step(step, state);
  asked_.add(agenda.others);
}

/// Matches the groups of `state` and finds what bytecode has to be run; whether any command matches.
bool TableExpander::collect(const std::uint64_t* state) {
  ask_of(state);
  bool any = look_up(state);
  const std::size_t groups = asked_.groups.size();
  if (groups == 0) return any;
  table_.functions.match(table_.match, state, asked_.groups.data(), groups, matched_.data(), ends_.data());
  if (!asked_.asks_for_code) return any || ends_[groups - 1] != 0;
  std::uint32_t at = 0;
  for (std::size_t g = 0; g < groups; at = ends_[g++]) {
    if (ends_[g] == at) continue;
    const CommandRequest& request = asked_.requests[g];
    if (request.behind == CommandRequest::Behind::Commands) {
      any = true;
    } else {
      asked_.code.add(request.behind, request.code);
    }
  }
  return any;
}

void TableExpander::expand_one(const std::uint64_t* state) {
  counter_.begin_state();
  if (collect(state)) {
    std::uint32_t at = 0;
    for (std::size_t g = 0; g < asked_.groups.size(); ++g) {
      const CommandRequest& request = asked_.requests[g];
      if (request.behind != CommandRequest::Behind::Commands) at = ends_[g];
      for (; at < ends_[g]; ++at) take(matched_[at], request, state);
    }
    for (std::uint32_t i = 0; i < looked_up_; ++i) take(from_index_[i], {}, state);
  }
  if (!asked_.code.is_empty()) run_code(state);
}

bool TableExpander::can_step(const std::uint64_t* state) {
  if (collect(state)) return true;
  if (table_.simple_actions.blocks != 0) {
    std::uint32_t end = 0;
    table_.functions.match(table_.match, state, &table_.simple_actions, 1, matched_.data(), &end);
    if (end != 0) return true;
  }
  if (asked_.code.is_empty()) return false;
  system_.packing().unpack_fields(state, cells_.data());
  return generator_.can_step(cells_.data());
}

void TableExpander::run_code(const std::uint64_t* state) {
  system_.packing().unpack_fields(state, cells_.data());
  outcomes_ = 0;
  state_ = state;
  generator_.load(cells_.data(), agenda_->view, *this);
  for (const std::uint32_t slot : asked_.code.slots) generator_.steps_of(slot);
  for (const std::uint32_t handler : asked_.code.handlers) generator_.starts_of(compiled_.handlers[handler]);
  for (const std::uint32_t action : asked_.code.actions) generator_.act(action);
}

bool TableExpander::is_wanted() {
  if (drain_ == nullptr) return true;
  out_->states.resize(used_);
  if (!drain_->drain(*out_)) return false;
  // Steps that may repeat are few, but they are compared with states that have to stay.
  if (counter_.is_empty()) used_ = 0;
  return true;
}

void TableExpander::on_successor(const SuccessorView& view) {
  if (++outcomes_ % PackedExpander::kDrainOutcomes == 0 && !is_wanted()) return generator_.stop();
  for (std::int32_t check : *view.failed) out_->failed.push_back({source_, check});
  if (out_->wants_origins) (view.ends_run() ? out_->ends : out_->origins).push_back({source_, view.actor, view.cpu});
  if (view.ends_run()) return;
  packer_.pack(state_, view, reserve(words_));
  const std::size_t target = used_;
  used_ += words_;
  if (view.may_repeat && !counter_.is_new(view, out_->states.data(), target)) return;
  ++out_->steps;
}

void TableExpander::expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out,
                           SuccessorDrain* drain) {
  out_ = &out;
  drain_ = drain;
  used_ = out.states.size();
  if (table_.simple_actions.blocks != 0) {
    const std::size_t most = std::size_t{8} * table_.simple_actions.blocks + 8;
    for (std::size_t done = 0; done < count;) {
      std::uint64_t* const at = reserve(std::max(most, std::min(count - done, std::size_t{64}) * most / 4));
      std::size_t added = 0;
      done += table_.functions.expand(table_.match, table_.simple_actions, table_.clear.data(), table_.flip.data(),
                                      states + done, count - done, at, out.states.size() - used_,
                                      taken_.data() + table_.simple_actions.first_block, &added);
      if (!is_canonical_) {
        for (std::size_t i = 0; i < added; ++i) packer_.canonicalize(at + i);
      }
      used_ += added;
      out.steps += added;
    }
  }
  if (!table_.slots.empty() || table_.actions.blocks != 0 || !table_.coded_actions.empty() ||
      !table_.index.is_empty()) {
    for (std::size_t i = 0; i < count; ++i) {
      source_ = static_cast<std::uint32_t>(i);
      expand_one(states + i * words_);
    }
  }
  out.states.resize(used_);
}

const std::vector<bool>& TableExpander::exercised() {
  const std::vector<bool> commands = taken();
  for (std::size_t command = 0; command < commands.size(); ++command) {
    if (!commands[command]) continue;
    const CommandEffect& effect = table_.effects[command];
    for (std::int32_t check : table_.programs[effect.program].commands[effect.way].reached) {
      exercised_[static_cast<std::size_t>(check)] = true;
    }
  }
  for (std::size_t check = 0; check < exercised_.size(); ++check) {
    if (generator_.exercised()[check]) exercised_[check] = true;
  }
  return exercised_;
}

std::vector<bool> TableExpander::taken() const {
  std::vector<bool> commands(table_.effects.size());
  for (std::size_t command = 0; command < commands.size(); ++command)
    commands[command] = (taken_[command / 8] >> command % 8 & 1u) != 0;
  return commands;
}

}  // namespace quiesce::checker

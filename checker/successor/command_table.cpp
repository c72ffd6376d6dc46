#include "checker/successor/command_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "model/base/internal_check.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMaxGuards = 64;        // of one way through a program
constexpr std::size_t kMaxGuardsOfCode = 16;  // before a program is run; more cost what they save

struct Cube {
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
};

/// Cubes over the bits of `free` that hold all of `in` and none of `out`; what is in neither may be anywhere.
void split(const std::vector<std::uint64_t>& in, const std::vector<std::uint64_t>& out, std::uint64_t free, Cube cube,
           std::vector<Cube>& cubes) {
  if (in.empty()) return;
  if (out.empty()) {
    cubes.push_back(cube);
    return;
  }
  // The bit that separates best: most of `out` on the side where least of `in` is.
  std::uint64_t best = 0;
  std::int64_t best_score = -1;
  for (std::uint64_t rest = free; rest != 0; rest &= rest - 1) {
    const std::uint64_t bit = rest & (~rest + 1);
    const auto with = [bit](const std::vector<std::uint64_t>& codes) {
      return std::count_if(codes.begin(), codes.end(), [bit](std::uint64_t code) { return (code & bit) != 0; });
    };
    const auto in1 = with(in), out1 = with(out);
    const auto in0 = static_cast<std::int64_t>(in.size()) - in1, out0 = static_cast<std::int64_t>(out.size()) - out1;
    const std::int64_t score = (in1 == 0 ? 1000 * out1 : 0) + (in0 == 0 ? 1000 * out0 : 0) +
                               (out1 == 0 ? 100 * in1 : 0) + (out0 == 0 ? 100 * in0 : 0) +
                               std::max(in1 * out0, in0 * out1);
    if (score > best_score) {
      best_score = score;
      best = bit;
    }
  }
  QUIESCE_CHECK(best != 0) << "two numbers of a cell have one code";
  for (const std::uint64_t side : {std::uint64_t{0}, best}) {
    const auto on_side = [&](const std::vector<std::uint64_t>& codes) {
      std::vector<std::uint64_t> some;
      for (std::uint64_t code : codes) {
        if ((code & best) == side) some.push_back(code);
      }
      return some;
    };
    split(on_side(in), on_side(out), free & ~best, {cube.mask | best, cube.value | side}, cubes);
  }
}

WordTest& test_of(Guard& guard, std::uint32_t word) {
  for (WordTest& test : guard) {
    if (test.word == word) return test;
  }
  guard.push_back({});
  guard.back().word = word;
  return guard.back();
}

/// Adds to `test` what `other`, of the same word, asks; false where both never hold. What cannot be said is left out.
bool narrow(WordTest& test, const WordTest& other) {
  if (((test.value ^ other.value) & test.mask & other.mask) != 0) return false;
  test.mask |= other.mask;
  test.value |= other.value;
  if (test.not_mask == 0) {
    test.not_mask = other.not_mask;
    test.not_value = other.not_value;
  }
  return true;
}

/// Adds to `cube` what `other` asks; false where both never hold.
bool narrow(std::vector<CellCondition>& cube, const std::vector<CellCondition>& other) {
  for (const CellCondition& condition : other) {
    const auto same = std::find_if(cube.begin(), cube.end(),
                                   [&condition](const CellCondition& one) { return one.cell == condition.cell; });
    if (same == cube.end()) {
      cube.push_back(condition);
      continue;
    }
    same->values.intersect(condition.values);
    if (same->values.is_empty()) return false;
  }
  return true;
}

bool mentions_cpu(const ExprTable& table, ExprId id) {
  bool found = false;
  for_each_expr(table, id,
                [&](ExprId, const Expr& node) { found = found || std::holds_alternative<CurrentCpuExpr>(node); });
  return found;
}

/// An expression that is true, or one that is false.
struct Literal {
  ExprId expr;
  bool truth = true;
  bool operator==(const Literal&) const = default;
};

/// What certainly holds where `id` has the truth `truth`. Of alternatives that is what they have in common: the check
/// of an index in a guard, "where a process stands, the index fits", asks for the place on both sides.
std::vector<Literal> literals_of(ExprTable& table, ExprId id, bool truth) {
  if (const auto* unary = std::get_if<UnaryExpr>(&table[id]); unary != nullptr && unary->op == UnaryOp::Not) {
    return literals_of(table, unary->operand, !truth);
  }
  const auto* found = std::get_if<BinaryExpr>(&table[id]);
  if (found == nullptr) return {{id, truth}};
  const BinaryExpr binary = *found;
  if (binary.op == BinaryOp::NotEqual) return {{table.equal(binary.left, binary.right), !truth}};
  if (binary.op != BinaryOp::And && binary.op != BinaryOp::Or) return {{id, truth}};
  std::vector<Literal> left = literals_of(table, binary.left, truth);
  const std::vector<Literal> right = literals_of(table, binary.right, truth);
  if ((binary.op == BinaryOp::And) == truth) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
  }
  std::erase_if(left, [&](const Literal& one) { return std::find(right.begin(), right.end(), one) == right.end(); });
  if (left.empty()) return {{id, truth}};
  return left;
}

/// The literals of all conditions, each once, without those that ask on which CPU the step is.
std::vector<Literal> all_literals(ExprTable& table, const std::vector<ExprId>& conditions) {
  std::vector<Literal> all;
  for (const ExprId condition : conditions) {
    for (const Literal& literal : literals_of(table, condition, true)) {
      const bool is_known = std::find(all.begin(), all.end(), literal) != all.end();
      if (!is_known && !mentions_cpu(table, literal.expr)) all.push_back(literal);
    }
  }
  return all;
}

/// What must be true before a program does anything at all.
std::vector<ExprId> first_assumptions(const Program& program) {
  std::vector<ExprId> conditions;
  for (const Op& op : program.ops) {
    if (const auto* assume = std::get_if<AssumeOp>(&op)) {
      conditions.push_back(assume->condition);
    } else if (!std::holds_alternative<StatementOp>(op)) {
      break;
    }
  }
  return conditions;
}

}  // namespace

bool guards_of(const Packing& packing, const TransitionSystem& system, const std::vector<CellCondition>& conditions,
               std::vector<Guard>& out) {
  std::vector<Guard> result(1);
  for (const CellCondition& condition : conditions) {
    const auto field = packing.field(condition.cell);
    if (!field) continue;
    std::vector<std::uint64_t> in, not_in;
    condition.among.for_each([&](std::int64_t position) {
      const std::uint64_t code = packing.encode(condition.cell, system.at(condition.cell).lo + position);
      (condition.values.contains(position) ? in : not_in).push_back(code);
    });
    const std::uint64_t mask = packing.mask(condition.cell);
    std::vector<Cube> cubes;
    split(in, not_in, mask, {}, cubes);
    const bool may_exclude = std::all_of(result.begin(), result.end(),
                                         [&](Guard& guard) { return test_of(guard, field->word).not_mask == 0; });
    if (cubes.size() > 1 && not_in.size() == 1 && may_exclude) {
      for (Guard& guard : result) {
        WordTest& test = test_of(guard, field->word);
        test.not_mask = mask;
        test.not_value = not_in.front();
      }
      continue;
    }
    if (result.size() * cubes.size() > kMaxGuards) return false;
    std::vector<Guard> product;
    for (const Cube& cube : cubes) {
      for (const Guard& guard : result) {
        product.push_back(guard);
        WordTest& test = test_of(product.back(), field->word);
        test.mask |= cube.mask;
        test.value |= cube.value;
      }
    }
    result = std::move(product);
  }
  for (Guard& guard : result) {
    guard.erase(std::remove_if(guard.begin(), guard.end(),
                               [](const WordTest& test) { return test.mask == 0 && test.not_mask == 0; }),
                guard.end());
    out.push_back(std::move(guard));
  }
  return true;
}

CommandTable::CommandTable(const CompiledSystem& compiled, const Packing& the_packing, CommandDerivation& derivation,
                           VectorTarget target, std::size_t most_compared)
    : packing(the_packing),
      functions(match_functions(target)),
      programs(derivation.programs()),
      system_(compiled.system()),
      derivation_(&derivation),
      moved_(derivation.moved()) {
  build_slots(compiled);
  build_handlers(compiled);
  build_places(compiled);
  effects.resize(8 * match.blocks.size());  // the guards of bytecode have no effects
  build_actions(most_compared);
  most_groups += static_cast<std::uint32_t>(coded_actions.size());
  most_commands = static_cast<std::uint32_t>(effects.size()) + 8;
  derivation_ = nullptr;
}

/// What the command does, compiled.
CommandEffect CommandTable::add_effect(std::uint32_t position, std::uint32_t way, bool may_repeat) {
  const DerivedProgram& program = programs[position];
  const DerivedCommand& command = program.commands[way];
  CommandEffect effect;
  effect.program = position;
  effect.way = way;
  bool keeps_form = !command.pins_if_floating;
  std::vector<WordUpdate> of_effect;
  const auto update = [&](CellId cell) -> WordUpdate& {
    const std::uint32_t word = packing.word(cell);
    for (WordUpdate& one : of_effect) {
      if (one.word == word) return one;
    }
    of_effect.push_back({word, ~std::uint64_t{0}, 0});
    return of_effect.back();
  };
  for (const DerivedCommand::Write& write : command.writes) {
    if (!packing.field(write.cell)) continue;
    keeps_form = keeps_form && !moved_[write.cell.value];
    WordUpdate& one = update(write.cell);
    one.keep &= ~packing.mask(write.cell);
    one.set |= packing.encode(write.cell, write.number);
  }
  effect.first_copy = static_cast<std::uint32_t>(copies.size());
  for (const DerivedCommand::Copy& copy : command.copies) {
    QUIESCE_CHECK(packing.field(copy.cell) && packing.field(copy.from)) << "a copy of a cell without a field";
    keeps_form = keeps_form && !moved_[copy.cell.value];
    const auto to = packing.field(copy.cell);
    const auto from = packing.field(copy.from);
    FieldCopy compiled;
    compiled.from = cell_reader(packing, copy.from);
    compiled.to_word = to->word;
    compiled.to_shift = to->shift;
    compiled.to_mask = packing.mask(copy.cell);
    if (from->encoding == Packing::Encoding::Number) {
      compiled.plus = static_cast<std::uint64_t>(std::int64_t{from->lo} + copy.plus - to->lo);
    }
    copies.push_back(compiled);
  }
  effect.copies = static_cast<std::uint16_t>(command.copies.size());
  effect.first_update = static_cast<std::uint32_t>(updates.size());
  effect.updates = static_cast<std::uint16_t>(of_effect.size());
  updates.insert(updates.end(), of_effect.begin(), of_effect.end());
  effect.first_detail = static_cast<std::uint32_t>(details.size());
  effect.choices = static_cast<std::uint16_t>(command.choices.size());
  effect.failed = static_cast<std::uint16_t>(command.failed.size());
  details.insert(details.end(), command.choices.begin(), command.choices.end());
  details.insert(details.end(), command.failed.begin(), command.failed.end());
  if (command.ends_run) effect.flags |= CommandEffect::kEndsRun;
  if (command.pins_if_floating) effect.flags |= CommandEffect::kPinsIfFloating;
  if (command.may_unpin) effect.flags |= CommandEffect::kMayUnpin;
  if (may_repeat || program.uncounted_choice) effect.flags |= CommandEffect::kMayRepeat;
  if (keeps_form) effect.flags |= CommandEffect::kKeepsForm;
  return effect;
}

/// The commands of one program; false when their guards do not fit.
bool CommandTable::add_commands(std::uint32_t position, bool may_repeat, Pending& pending) {
  const DerivedProgram& program = programs[position];
  if (!program.reason.empty() || !program.is_reached) return false;
  const std::size_t before = pending.guards.size();
  for (std::uint32_t way = 0; way < program.commands.size(); ++way) {
    const DerivedCommand& command = program.commands[way];
    std::vector<Guard> of_command;
    if (!guards_of(packing, system_, command.conditions, of_command)) {
      pending.guards.resize(before);
      pending.effects.resize(before);
      programs[position].reason = "a way through it whose guard is many masks";
      return false;
    }
    const CommandEffect effect = add_effect(position, way, may_repeat);
    for (Guard& guard : of_command) {
      pending.guards.push_back(std::move(guard));
      pending.effects.push_back(effect);
    }
  }
  return true;
}

MatchTable::Group CommandTable::add_group(const Pending& pending) {
  std::vector<std::uint32_t> numbers;
  const MatchTable::Group group = match.add(pending.guards, numbers);
  effects.resize(8 * match.blocks.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) effects[numbers[i]] = pending.effects[i];
  return group;
}

/// Cubes of which one holds wherever all of `conditions` do: as much of them as fits. Disjoint.
std::vector<std::vector<CellCondition>> CommandTable::guard_cubes(const std::vector<ExprId>& conditions,
                                                                  LocationId location, std::uint32_t activation) {
  std::vector<std::vector<CellCondition>> cubes(1);
  for (const Literal& literal : all_literals(derivation_->expressions(), conditions)) {
    const auto of_conjunct = derivation_->conditions(literal.expr, literal.truth, location, activation);
    if (!of_conjunct || cubes.size() * of_conjunct->size() > kMaxGuardsOfCode) continue;
    std::vector<std::vector<CellCondition>> product;
    for (const std::vector<CellCondition>& one : cubes) {
      for (const std::vector<CellCondition>& other : *of_conjunct) {
        std::vector<CellCondition> both = one;
        if (narrow(both, other)) product.push_back(std::move(both));
      }
    }
    cubes = std::move(product);
  }
  return cubes;
}

/// A group of guards of which one holds wherever all of `conditions` do: as much of them as fits. kNone: nothing does.
std::uint32_t CommandTable::add_guard(const std::vector<ExprId>& conditions, LocationId location,
                                      std::uint32_t activation) {
  std::vector<Guard> guards(1);
  for (const Literal& literal : all_literals(derivation_->expressions(), conditions)) {
    const auto cubes = derivation_->conditions(literal.expr, literal.truth, location, activation);
    if (!cubes) continue;
    std::vector<Guard> of_conjunct;
    bool fits = true;
    for (const std::vector<CellCondition>& cube : *cubes) fits = fits && guards_of(packing, system_, cube, of_conjunct);
    if (!fits || guards.size() * of_conjunct.size() > kMaxGuardsOfCode) continue;
    std::vector<Guard> product;
    for (const Guard& one : guards) {
      for (const Guard& other : of_conjunct) {
        Guard both = one;
        bool is_possible = true;
        for (const WordTest& test : other) is_possible = is_possible && narrow(test_of(both, test.word), test);
        if (is_possible) product.push_back(std::move(both));
      }
    }
    guards = std::move(product);
  }
  const bool says_nothing = std::any_of(guards.begin(), guards.end(), [](const Guard& guard) { return guard.empty(); });
  if (says_nothing) return kNone;
  std::vector<std::uint32_t> numbers;
  groups.push_back(match.add(guards, numbers));
  return static_cast<std::uint32_t>(groups.size() - 1);
}

void CommandTable::build_slots(const CompiledSystem& compiled) {
  const auto id = [](std::int32_t cell) { return CellId(static_cast<std::size_t>(cell)); };
  for (const CompiledActivation& activation : compiled.activations) {
    Slot slot;
    slot.location = cell_reader(packing, id(activation.location_cell));
    slot.level = cell_reader(packing, id(activation.level_cell));
    slot.cpu = cell_reader(packing, id(activation.cpu_cell));
    slot.has_affinity = activation.affinity_cell >= 0;
    if (slot.has_affinity) slot.affinity = cell_reader(packing, id(activation.affinity_cell));
    slot.is_handler = activation.is_handler;
    slot.context = activation.context;
    slot.has_siblings = compiled.system().contexts[activation.context].activations > 1;
    const CellId cpu = id(activation.cpu_cell);
    slot.cpu_word = packing.word(cpu);
    slot.cpu_mask = packing.mask(cpu);
    if (packing.field(cpu)) {
      for (std::uint32_t c = 0; c <= compiled.cpus; ++c) slot.cpu_bits[c] = packing.encode(cpu, c);
    }
    slot.places.resize(activation.locations.size());
    slots.push_back(std::move(slot));
  }
}

void CommandTable::build_handlers(const CompiledSystem& compiled) {
  urgent_handlers = compiled.urgent_handlers;
  for (const CompiledHandler& from : compiled.handlers) {
    Handler handler;
    handler.level = from.level;
    handler.pins = from.pins;
    handler.first_slot = from.first_slot;
    handler.activations = from.activations;
    handler.context = from.context;
    handler.starts.resize(from.activations);
    handlers.push_back(std::move(handler));
  }
  for (std::uint32_t position : urgent_handlers) {
    Handler& handler = handlers[position];
    const Context& context = compiled.system().contexts[handler.context];
    handler.wants.resize(compiled.cpus);
    // Where it wants to start is what its start asks of a state, without the location of the activation.
    for (std::uint32_t cpu = 0; cpu < compiled.cpus && !handler.on_code; ++cpu) {
      const auto cubes = derivation_->conditions(derivation_->wants(context, cpu), true, LocationId(), 0);
      handler.on_code = !cubes;
      if (!cubes) break;
      for (const std::vector<CellCondition>& cube : *cubes) {
        if (!guards_of(packing, system_, cube, handler.wants[cpu])) handler.on_code = true;
      }
    }
  }
}

void CommandTable::build_places(const CompiledSystem& compiled) {
  const TransitionSystem& system = compiled.system();
  most_groups = static_cast<std::uint32_t>(slots.size() * kMaxCpus + handlers.size() * kMaxCpus + 1);
  for (std::uint32_t p = 0; p < programs.size(); ++p) {
    const ProgramKey& key = programs[p].key;
    if (key.kind == ProgramKey::Kind::Act) continue;
    if (key.cpu > 1) continue;  // comes with that of CPU 0
    const Context& context = system.contexts[key.index];
    const bool is_start = key.kind == ProgramKey::Kind::Start;
    Place place;
    place.per_cpu = key.cpu == 1;
    place.may_repeat = programs[p].uncounted_choice || (is_start ? system.cpus > 1 : context.activations > 1);
    const std::uint32_t variants = place.per_cpu ? system.cpus : 1;
    std::vector<Pending> pending(variants);
    bool fits = true;
    for (std::uint32_t v = 0; v < variants; ++v) fits = add_commands(p + v, place.may_repeat, pending[v]) && fits;
    if (fits) {
      place.first_group = static_cast<std::uint32_t>(groups.size());
      for (const Pending& one : pending) groups.push_back(add_group(one));
    } else {
      for (std::uint32_t v = 0; v < variants; ++v) {
        if (programs[p + v].reason.empty()) programs[p].reason.swap(programs[p + v].reason);
      }
      for (std::uint32_t v = 0; v < variants; ++v) {
        if (programs[p + v].reason.empty() && programs[p + v].is_reached) {
          programs[p + v].reason = "it has no commands for another CPU";
        }
      }
      const bool is_reached = std::any_of(programs.begin() + p, programs.begin() + p + variants,
                                          [](const DerivedProgram& program) { return program.is_reached; });
      if (is_reached) {
        place.guard = is_start ? add_guard({context.condition}, LocationId(), 0)
                               : add_guard(first_assumptions(*programs[p].program), context.locations[key.location - 1],
                                           key.activation);
      }
      for (std::uint32_t v = 0; v < variants; ++v) programs[p + v].is_guarded = place.guard != kNone;
    }
    if (is_start) {
      for (Handler& handler : handlers) {
        if (handler.context == key.index) handler.starts[key.activation] = place;
      }
    } else {
      slots[context.first_slot + key.activation].places[key.location] = place;
    }
  }
}

/// Whether the guards of all commands of actions, and of actions in bytecode, are more `than` so many.
bool CommandTable::are_more_actions(std::size_t than) const {
  std::size_t count = 0;
  for (const DerivedProgram& program : programs) {
    if (program.key.kind != ProgramKey::Kind::Act) continue;
    if (!program.reason.empty() || !program.is_reached) count += 8;  // a group of its own
    std::vector<Guard> guards;
    for (const DerivedCommand& command : program.commands) {
      if (!guards_of(packing, system_, command.conditions, guards)) return true;
      if (count + guards.size() > than) return true;
    }
    count += guards.size();
  }
  return count > than;
}

void CommandTable::build_index() {
  std::vector<CommandIndex::Entry> entries;
  for (std::uint32_t p = 0; p < programs.size(); ++p) {
    DerivedProgram& program = programs[p];
    if (program.key.kind != ProgramKey::Kind::Act) continue;
    if (program.reason.empty() && program.is_reached) {
      for (std::uint32_t way = 0; way < program.commands.size(); ++way) {
        entries.push_back({static_cast<std::uint32_t>(effects.size()), program.commands[way].conditions});
        effects.push_back(add_effect(p, way, false));
      }
      continue;
    }
    auto cubes = guard_cubes(first_assumptions(*program.program), LocationId(), 0);
    program.is_guarded = std::none_of(cubes.begin(), cubes.end(), [](const auto& cube) { return cube.empty(); });
    if (!program.is_guarded) {
      coded_actions.push_back({program.key.index, kNone});
      continue;
    }
    const auto number = static_cast<std::uint32_t>(effects.size());
    for (auto& cube : cubes) entries.push_back({number, std::move(cube)});
    effects.emplace_back();
    effects.back().flags = CommandEffect::kRunsCode;
    effects.back().program = program.key.index;
  }
  index = CommandIndex(packing, system_, std::move(entries));
}

void CommandTable::build_actions(std::size_t most_compared) {
  if (are_more_actions(most_compared)) return build_index();
  Pending of_actions, simple;
  for (std::uint32_t p = 0; p < programs.size(); ++p) {
    const ProgramKey& key = programs[p].key;
    if (key.kind != ProgramKey::Kind::Act) continue;
    Pending of_action;
    if (!add_commands(p, false, of_action)) {
      coded_actions.push_back({key.index, add_guard(first_assumptions(*programs[p].program), LocationId(), 0)});
      programs[p].is_guarded = coded_actions.back().guard != kNone;
      continue;
    }
    for (std::size_t i = 0; i < of_action.guards.size(); ++i) {
      const CommandEffect& effect = of_action.effects[i];
      const bool is_simple = packing.words() == 1 && effect.copies == 0 && effect.failed == 0 &&
                             (effect.flags & (CommandEffect::kEndsRun | CommandEffect::kMayRepeat)) == 0 &&
                             slots.empty();
      Pending& into = is_simple ? simple : of_actions;
      into.guards.push_back(of_action.guards[i]);
      into.effects.push_back(effect);
    }
  }
  actions = add_group(of_actions);
  simple_actions = add_group(simple);
  effects.resize(8 * match.blocks.size());
  clear.resize(match.blocks.size());
  flip.resize(match.blocks.size());
  for (std::size_t command = 8 * std::size_t{simple_actions.first_block}; command < effects.size(); ++command) {
    const CommandEffect& effect = effects[command];
    if (effect.updates == 0) continue;
    const WordUpdate& update = updates[effect.first_update];
    clear[command / 8].lane[command % 8] = ~update.keep;
    flip[command / 8].lane[command % 8] = update.set;
  }
}

}  // namespace quiesce::checker

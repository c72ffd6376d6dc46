#include "checker/lint/value_analysis.h"

#include <algorithm>
#include <chrono>

#include "model/interpret/interpreter.h"
#include "model/system/traverse.h"

namespace quiesce::checker {

using namespace model;

namespace {

constexpr std::size_t kMostValues = 16;
constexpr std::size_t kMostSeeds = 2000;  // states
constexpr std::chrono::milliseconds kSeedTime{300};

}  // namespace

ValueAnalysis::ValueAnalysis(const GuardedSystem& guarded, const SearchControl& control)
    : guarded_(guarded),
      solver_(control, Solver::Kind::Incremental),
      terms_(terms_of(guarded, solver_, Floating::Omitted)),
      owner_(guarded.system.cells.size(), kNoSlot),
      location_cell_(guarded.system.slots),
      values_(guarded.system.cells.size(), ValueSet(std::in_place)),
      changed_(guarded.system.cells.size()) {
  solver_.assert_that(terms_.assumed);
  for (const Context& context : guarded.system.contexts) {
    for (std::uint32_t a = 0; a < context.activations; ++a) {
      location_cell_[context.first_slot + a] = context.location_cell[a].value;
      values_[context.cpu_cell[a].value].reset();  // contexts float without a command of theirs
    }
  }
  find_writers();
  for (const GuardedCommand& command : guarded.commands) commands_.push_back(described(command));
  give_up_places();
  seed();
  find();
}

// ------------------------------------------------------------------------------------------------- commands

namespace {

/// The slot of the activation that takes the command; SIZE_MAX: an action.
std::size_t slot_of(const TransitionSystem& system, const GuardedCommand& command) {
  const Actor& actor = command.step.actor;
  if (actor.kind == Actor::Kind::Act) return SIZE_MAX;
  return system.contexts[actor.index].first_slot + actor.activation;
}

}  // namespace

void ValueAnalysis::find_writers() {
  std::vector<std::set<std::size_t>> writers(owner_.size());
  for (const GuardedCommand& command : guarded_.commands) {
    for (const Update& update : command.updates) {
      writers[update.cell.value].insert(slot_of(guarded_.system, command));
    }
  }
  for (std::size_t i = 0; i < owner_.size(); ++i) {
    if (values_[i] && writers[i].size() == 1) owner_[i] = *writers[i].begin();
  }
}

std::vector<std::size_t> ValueAnalysis::cells_in(const std::vector<ExprId>& formulas) const {
  std::set<std::size_t> cells;
  std::set<std::size_t> conditions;
  std::vector<ExprId> open = formulas;
  while (!open.empty()) {
    const ExprId formula = open.back();
    open.pop_back();
    for_each_expr(guarded_.system.expressions, formula, [&](ExprId, const Expr& expr) {
      const auto* load = std::get_if<LoadExpr>(&expr);
      if (load == nullptr) return;
      const std::size_t cell = load->place.cells.front().value;
      if (cell < guarded_.system.cells.size()) {
        cells.insert(cell);
      } else if (conditions.insert(cell).second) {
        open.push_back(guarded_.conditions[cell - guarded_.system.cells.size()].formula);
      }
    });
  }
  return {cells.begin(), cells.end()};
}

/// The guard begins with the place of the context.
std::int64_t ValueAnalysis::location_before(const GuardedCommand& command, std::size_t location_cell) const {
  const ExprTable& table = guarded_.system.expressions;
  std::vector<ExprId> open = {command.guard};
  while (!open.empty()) {
    const auto* binary = std::get_if<BinaryExpr>(&table[open.back()]);
    open.pop_back();
    if (binary == nullptr) continue;
    if (binary->op == BinaryOp::And) {
      open.push_back(binary->right);
      open.push_back(binary->left);
    }
    std::int64_t value = 0;
    const auto* load = std::get_if<LoadExpr>(&table[binary->left]);
    if (binary->op == BinaryOp::Equal && load != nullptr && load->place.cells.front().value == location_cell &&
        table.is_constant(binary->right, &value)) {
      return value;
    }
  }
  return guarded_.constant[location_cell].value_or(-1);
}

ValueAnalysis::Command ValueAnalysis::described(const GuardedCommand& command) const {
  Command result;
  std::vector<ExprId> formulas = {command.guard};
  for (const GuardedCheck& check : command.checks) formulas.push_back(check.holds);
  for (const Update& update : command.updates) formulas.push_back(update.value);
  result.support = cells_in(formulas);
  result.from.slot = slot_of(guarded_.system, command);
  if (result.from.slot == kNoSlot) return result;
  const std::size_t cell = location_cell_[result.from.slot];
  result.from.location = location_before(command, cell);
  result.to = result.from;
  for (const Update& update : command.updates) {
    if (update.cell.value != cell) continue;
    result.to->location = -1;
    guarded_.system.expressions.is_constant(update.value, &result.to->location);
  }
  return result;
}

/// Where a command does not tell the place of its context, nothing is said about places of that context.
void ValueAnalysis::give_up_places() {
  for (const Command& command : commands_) {
    if (command.to && (command.from.location < 0 || command.to->location < 0)) loose_.insert(command.from.slot);
  }
  for (std::size_t& owner : owner_) {
    if (loose_.count(owner) != 0) owner = kNoSlot;
  }
}

// --------------------------------------------------------------------------------------------------- values

bool ValueAnalysis::insert(ValueSet& set, std::int64_t value) {
  if (!set || !set->insert(value).second) return false;
  if (set->size() > kMostValues) set.reset();
  return true;
}

/// A reachable state.
void ValueAnalysis::add(const State& state) {
  for (std::size_t i = 0; i < state.size(); ++i) {
    if (insert(values_[i], state[i])) changed_[i] = now_;
  }
  for (std::size_t slot = 0; slot < location_cell_.size(); ++slot) {
    OwnValues& own = own_[{slot, state[location_cell_[slot]]}];
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (owner_[i] != slot) continue;
      if (insert(own.cells.try_emplace(i, std::in_place).first->second, state[i])) own.changed = now_;
    }
  }
}

/// Values of some states that runs reach, so that Z3 need not find them one by one.
void ValueAnalysis::seed() {
  const Interpreter interpreter(guarded_.system);
  const auto end = SearchControl::Clock::now() + kSeedTime;
  std::set<State> seen(guarded_.initial.begin(), guarded_.initial.end());
  std::vector<State> open = guarded_.initial;
  for (std::size_t i = 0; i < open.size(); ++i) {
    const State state = open[i];
    add(state);
    if (open.size() >= kMostSeeds || SearchControl::Clock::now() > end) continue;
    if (ends_run(guarded_.system, interpreter.violations_of(state))) continue;
    for (Successor& one : interpreter.successors(state)) {
      if (!one.ends_run && seen.insert(one.next).second) open.push_back(std::move(one.next));
    }
  }
}

void ValueAnalysis::find() {
  bool changes = true;
  while (changes) {
    changes = false;
    ++now_;
    for (std::size_t c = 0; c < commands_.size(); ++c) {
      if (guarded_.commands[c].ends_run || !is_reached(commands_[c].from) || !changed_since(commands_[c])) continue;
      if (!explore(c)) return;
      changes = true;
    }
  }
  complete_ = true;
}

bool ValueAnalysis::is_reached(const Place& place) const {
  return place.slot == kNoSlot || loose_.count(place.slot) != 0 || own_.count(place) != 0;
}

bool ValueAnalysis::changed_since(const Command& command) const {
  if (command.asked == 0) return true;
  const auto own = own_.find(command.from);
  if (own != own_.end() && own->second.changed >= command.asked) return true;
  return std::any_of(command.support.begin(), command.support.end(),
                     [&](std::size_t cell) { return changed_[cell] >= command.asked; });
}

/// Adds all that the command can make; false: Z3 does not know.
bool ValueAnalysis::explore(std::size_t number) {
  Command& command = commands_[number];
  command.asked = ++now_;
  while (true) {
    const std::optional<Term> wanted = something_new(number);
    if (!wanted) return true;
    std::vector<Term> question = assumed(command);
    question.push_back(terms_.commands[number].guard);
    question.push_back(*wanted);
    const std::optional<bool> possible = answer(question);
    if (!possible) return false;
    if (!*possible) return true;
    ++now_;
    add_model(number);
  }
}

const ValueSet& ValueAnalysis::before(const Command& command, std::size_t cell) const {
  if (owner_[cell] == command.from.slot && command.from.slot != kNoSlot) {
    const auto own = own_.find(command.from);
    if (own != own_.end()) {
      const auto set = own->second.cells.find(cell);
      if (set != own->second.cells.end()) return set->second;
    }
  }
  return values_[cell];
}

std::optional<Term> ValueAnalysis::within(Term term, const ValueSet& set) {
  if (!set) return std::nullopt;
  std::vector<Term> any;
  for (const std::int64_t value : *set) any.push_back(solver_.is(term, value));
  return solver_.any_of(any);
}

std::vector<Term> ValueAnalysis::assumed(const Command& command) {
  assumptions_.clear();
  std::vector<Term> result;
  for (const std::size_t cell : command.support) {
    if (!terms_.cells[cell]) continue;
    const ValueSet& set = before(command, cell);
    if (const auto term = within(*terms_.cells[cell], set)) {
      result.push_back(*term);
      assumptions_.push_back({*term, {CellId(cell), *set}});
    }
  }
  return result;
}

/// That the command makes a value that its set does not contain; nothing when no value can be new.
std::optional<Term> ValueAnalysis::something_new(std::size_t number) {
  const Command& command = commands_[number];
  std::vector<Term> any;
  const auto outside = [&](Term term, const ValueSet& set) {
    if (const auto inside = within(term, set)) any.push_back(solver_.negation(*inside));
  };
  for (const auto& [cell, term] : terms_.commands[number].next) outside(term, values_[cell.value]);
  if (command.to && command.to->location >= 0) {
    const auto to = own_.find(*command.to);
    if (to == own_.end()) return solver_.all_of({});
    for (const auto& [cell, term] : terms_.commands[number].next) {
      const auto set = to->second.cells.find(cell.value);
      if (set != to->second.cells.end()) outside(term, set->second);
    }
    for (const auto& [own_cell, set] : to->second.cells) {  // what goes along unchanged
      const std::size_t cell = own_cell;
      const ValueSet& from = before(command, cell);
      const bool is_new =
          set && terms_.cells[cell] && (!from || !std::includes(set->begin(), set->end(), from->begin(), from->end()));
      const auto& next = terms_.commands[number].next;
      const bool is_written =
          std::any_of(next.begin(), next.end(), [&](const auto& one) { return one.first.value == cell; });
      if (is_new && !is_written) outside(*terms_.cells[cell], set);
    }
  }
  if (any.empty()) return std::nullopt;
  return solver_.any_of(any);
}

/// The values after the command in the model that was found.
void ValueAnalysis::add_model(std::size_t number) {
  const Command& command = commands_[number];
  const CommandTerms& terms = terms_.commands[number];
  for (const auto& [cell, term] : terms.next) {
    if (insert(values_[cell.value], solver_.value(term))) changed_[cell.value] = now_;
  }
  if (!command.to) return;
  const auto after = [&](std::size_t cell) {
    for (const auto& [updated, term] : terms.next) {
      if (updated.value == cell) return solver_.value(term);
    }
    return terms_.cells[cell] ? solver_.value(*terms_.cells[cell]) : *guarded_.constant[cell];
  };
  const std::size_t slot = command.to->slot;
  const auto [place, is_new] = own_.try_emplace({slot, after(location_cell_[slot])});
  if (is_new) place->second.changed = now_;
  for (std::size_t i = 0; i < owner_.size(); ++i) {
    if (owner_[i] != slot) continue;
    if (insert(place->second.cells.try_emplace(i, std::in_place).first->second, after(i))) {
      place->second.changed = now_;
    }
  }
}

// ------------------------------------------------------------------------------------------------ questions

std::optional<bool> ValueAnalysis::answer(const std::vector<Term>& question) {
  switch (solver_.check(question)) {
    case Answer::Satisfiable:
      return true;
    case Answer::Unsatisfiable:
      return false;
    case Answer::Unknown:
      break;
  }
  return std::nullopt;
}

std::optional<bool> ValueAnalysis::may_happen(std::size_t command, std::optional<Term> also) {
  assumptions_.clear();
  if (!is_reached(commands_[command].from)) return false;
  std::vector<Term> question = assumed(commands_[command]);
  question.push_back(terms_.commands[command].guard);
  if (also) question.push_back(*also);
  return answer(question);
}

std::optional<bool> ValueAnalysis::may_be_true(ExprId formula, Term term) {
  Command anywhere;
  anywhere.support = cells_in({formula});
  std::vector<Term> question = assumed(anywhere);
  question.push_back(term);
  return answer(question);
}

std::vector<ValueFact> ValueAnalysis::reason() const {
  std::vector<ValueFact> result;
  if (assumptions_.empty()) return result;
  const std::vector<Term> core = solver_.core();
  for (const auto& [term, fact] : assumptions_) {
    if (std::find(core.begin(), core.end(), term) != core.end()) result.push_back(fact);
  }
  return result;
}

}  // namespace quiesce::checker

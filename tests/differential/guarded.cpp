#include "tests/differential/guarded.h"

#include <algorithm>
#include <compare>
#include <iostream>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "model/base/internal_check.h"
#include "model/guarded/print.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/interpreter.h"
#include "model/passes/reduce.h"
#include "model/system/deadlock.h"
#include "model/system/traverse.h"
#include "tests/differential/inputs.h"
#include "tests/differential/random.h"

namespace quiesce {

using namespace model;

namespace {

/// One step as both sides can tell it.
struct Outcome {
  Actor actor;
  std::int32_t cpu = -1;
  std::vector<std::int64_t> choices;
  std::vector<std::string> broken;  // rules asked for and their messages, in order
  bool ends_run = false;
  State next;  // empty when it ends the run

  auto operator<=>(const Outcome&) const = default;
};

/// Executes guarded commands as the header of model/guarded/guarded_system.h says.
class GuardedEvaluator {
 public:
  explicit GuardedEvaluator(const GuardedSystem& guarded) : guarded_(guarded) {}

  std::vector<Outcome> steps(const State& state) const {
    const State before = extended(state);
    std::vector<Outcome> result;
    for (const GuardedCommand& command : guarded_.commands) {
      if (value(command.guard, before) == 0) continue;
      Outcome outcome{command.step.actor, command.step.cpu, command.step.choices, {}, command.ends_run.has_value(), {}};
      if (outcome.actor.kind == Actor::Kind::Step && outcome.cpu < 0) {
        const Context& context = guarded_.system.contexts[outcome.actor.index];
        outcome.cpu = state[context.cpu_cell[outcome.actor.activation].value] - 1;
      }
      for (const GuardedCheck& check : command.checks) {
        if (value(check.holds, before) == 0) outcome.broken.push_back(name_of(guarded_, check.broken));
      }
      if (command.ends_run) {
        outcome.broken.push_back(name_of(guarded_, *command.ends_run));
      } else {
        outcome.next = updated(command.updates, before);
        outcome.next = updated(guarded_.floats, extended(outcome.next));
      }
      result.push_back(std::move(outcome));
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  State least(State state) const {
    const auto smaller = [&] {
      return std::find_if(guarded_.renamings.begin(), guarded_.renamings.end(),
                          [&](const GuardedRenaming& one) { return value(one.is_less, state) != 0; });
    };
    for (auto one = smaller(); one != guarded_.renamings.end(); one = smaller()) state = updated(one->updates, state);
    return state;
  }

  bool holds(ExprId formula, const State& state) const { return value(formula, extended(state)) != 0; }
  State renamed(const GuardedRenaming& renaming, const State& state) const { return updated(renaming.updates, state); }

 private:
  /// The state with the truth values of the conditions behind it.
  State extended(State state) const {
    for (const NamedCondition& condition : guarded_.conditions) {
      state.push_back(static_cast<std::int32_t>(value(condition.formula, state)));
    }
    return state;
  }
  std::int64_t value(ExprId formula, const State& state) const { return evaluate(formula, {guarded_.system, state}); }
  State updated(const std::vector<Update>& updates, const State& before) const {
    State next(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(guarded_.system.cells.size()));
    for (const Update& one : updates) {
      next[one.cell.value] = static_cast<std::int32_t>(value(one.value, before));
    }
    return next;
  }

  const GuardedSystem& guarded_;
};

class GuardedComparison {
 public:
  GuardedComparison(const GuardedSystem& guarded, const GuardedEffort& effort, GuardedTotals& totals)
      : guarded_(guarded),
        effort_(effort),
        totals_(totals),
        random_(effort.seed),
        interpreter_(guarded.system),
        evaluator_(guarded) {}

  std::string difference() {
    ++totals_.systems;
    if (std::string fault = fault_of_form(); !fault.empty()) return fault;
    const std::vector<State> initial = interpreter_.initial_states();
    std::set<State> ours;
    for (const State& state : guarded_.initial) ours.insert(interpreter_.canonical(state));
    if (std::vector<State>(ours.begin(), ours.end()) != initial) return "the initial states differ";

    std::vector<State> reached = initial;
    std::set<State> seen(initial.begin(), initial.end());
    for (std::size_t i = 0; i < reached.size() && i < effort_.reachable; ++i) {
      const State state = reached[i];
      if (!is_assumed(state)) return "a reachable state without the assumptions: " + text_of(state);
      const auto expected = steps(state);
      if (!expected) return "the interpreter refuses a reachable state: " + text_of(state);
      if (std::string found = compare(state, *expected); !found.empty()) return found;
      ++totals_.reachable;
      for (const Outcome& outcome : *expected) {
        if (!outcome.ends_run && seen.insert(outcome.next).second) reached.push_back(outcome.next);
      }
    }
    for (int i = 0; i < effort_.unreachable && !reached.empty(); ++i) {
      const State state = any_state(random_.any_of(reached));
      const auto expected = steps(state);
      if (!expected) {
        ++totals_.undefined;
        continue;
      }
      if (std::string found = compare(state, *expected); !found.empty()) return "not reachable, perhaps: " + found;
      ++totals_.unreachable;
    }
    return "";
  }

 private:
  const TransitionSystem& system() const { return guarded_.system; }

  /// What some formula mentions that it should not.
  std::string fault_of_form() const {
    std::string fault;
    const auto look = [&](const std::string& where, ExprId formula, std::size_t conditions) {
      for_each_expr(system().expressions, formula, [&](ExprId, const Expr& expr) {
        const auto* load = std::get_if<LoadExpr>(&expr);
        if (load != nullptr) {
          const std::size_t cell = load->place.cells.front().value;
          const bool is_constant = cell < system().cells.size() && guarded_.constant[cell];
          if (load->place.cells.size() != 1 || is_constant || cell >= system().cells.size() + conditions) fault = where;
        } else if (!std::holds_alternative<ConstantExpr>(expr) && !std::holds_alternative<UnaryExpr>(expr) &&
                   !std::holds_alternative<BinaryExpr>(expr) && !std::holds_alternative<ConditionalExpr>(expr)) {
          fault = where;
        }
      });
    };
    const auto look_at_updates = [&](const std::string& where, const std::vector<Update>& updates) {
      for (std::size_t i = 0; i < updates.size(); ++i) {
        look(where, updates[i].value, guarded_.conditions.size());
        if (i > 0 && updates[i - 1].cell >= updates[i].cell) fault = where + ": updates out of order";
      }
    };
    const std::size_t all = guarded_.conditions.size();
    for (std::size_t i = 0; i < all; ++i) look(guarded_.conditions[i].name, guarded_.conditions[i].formula, i);
    for (const GuardedCommand& command : guarded_.commands) {
      const std::string name = name_of(guarded_, command, nullptr);
      look(name, command.guard, all);
      for (const GuardedCheck& check : command.checks) look(name, check.holds, all);
      look_at_updates(name, command.updates);
      if (command.ends_run && !command.updates.empty()) fault = name + ": updates behind the end of the run";
    }
    look_at_updates("floats", guarded_.floats);
    for (const GuardedRenaming& renaming : guarded_.renamings) {
      look("a renaming", renaming.is_less, all);
      look_at_updates("a renaming", renaming.updates);
    }
    look("all_ended", guarded_.all_ended, all);
    return fault.empty() ? "" : "form: " + fault;
  }
  bool pins(std::int64_t level) const { return level >= system().pin_level; }
  bool is_checked(RuleId rule) const {
    return system().at(rule).core ||
           std::find(system().checked.begin(), system().checked.end(), rule) != system().checked.end();
  }

  /// What the interpreter says; nothing where it refuses to.
  std::optional<std::vector<Outcome>> steps(const State& state) const {
    std::vector<Outcome> result;
    for (const Property& property : system().properties) {
      if (!property.condition.valid() || !system().at(property.rule).core) continue;
      const bool is_true = interpreter_.evaluate(property.condition, state) != 0;
      if (property.kind == PropertyKind::Invariant && !is_true) return result;
      if (property.kind == PropertyKind::Never && is_true) return result;
    }
    try {
      for (Successor& successor : interpreter_.successors(state)) {
        Outcome outcome{successor.step.actor, successor.step.cpu, successor.step.choices, {}, successor.ends_run, {}};
        for (const Violation& violation : successor.violations) {
          if (is_checked(violation.rule)) outcome.broken.push_back(name_of(guarded_, violation));
        }
        if (!successor.ends_run) outcome.next = std::move(successor.next);
        result.push_back(std::move(outcome));
      }
    } catch (const InternalError&) {
      return std::nullopt;
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  std::string compare(const State& state, const std::vector<Outcome>& expected) {
    const std::vector<Outcome> found = evaluator_.steps(state);
    totals_.steps += expected.size();
    std::string result;
    for (const Outcome& outcome : expected) {
      totals_.broken += outcome.broken.empty() ? 0 : 1;
      if (!outcome.ends_run && !is_assumed(outcome.next)) result += "a step does not preserve the assumptions\n";
    }
    const auto list = [&](const char* whose, const std::vector<Outcome>& some, const std::vector<Outcome>& others) {
      std::vector<Outcome> only;
      std::set_difference(some.begin(), some.end(), others.begin(), others.end(), std::back_inserter(only));
      for (const Outcome& outcome : only) result += fmt::format("only {}: {}\n", whose, text_of(outcome));
    };
    list("the interpreter", expected, found);
    list("the commands", found, expected);
    if (found != expected && result.empty()) result = "a step twice\n";

    const auto compare_properties = [&](const std::vector<GuardedProperty>& properties) {
      for (const GuardedProperty& one : properties) {
        const Property& property = system().at(one.property);
        const bool is_true = interpreter_.evaluate(property.condition, state) != 0;
        const bool wanted = property.kind != PropertyKind::Never;
        if (evaluator_.holds(one.formula, state) != (is_true == wanted))
          result += name_of(guarded_, one) + " differs\n";
      }
    };
    compare_properties(guarded_.invariants);
    compare_properties(guarded_.reachable);
    const bool ended = interpreter_.all_ended(state) && can_end(system());
    if (evaluator_.holds(guarded_.all_ended, state) != ended) result += "whether all have ended differs\n";

    const State least = evaluator_.least(state);
    const State canonical = interpreter_.canonical(state);
    if (interpreter_.canonical(least) != canonical) result += "the least state is no renaming\n";
    if (evaluator_.least(canonical) != least) result += "two renamings of one state have different least ones\n";
    if (!guarded_.renamings.empty()) {
      const State other = evaluator_.renamed(random_.any_of(guarded_.renamings), state);
      if (interpreter_.canonical(other) != canonical) result += "a renaming is none\n";
    }
    return result.empty() ? "" : result + "in " + text_of(state);
  }

  // ------------------------------------------------------------------------------------ unreachable states

  /// Assumptions (2) and (3) of the header, and (1) as far as constants go.
  bool is_assumed(const State& state) const {
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (guarded_.constant[i] && *guarded_.constant[i] != state[i]) return false;
    }
    for (const Context& context : system().contexts) {
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        const bool runs = state[context.location_cell[a].value] != 0;
        const bool is_pinned = state[context.cpu_cell[a].value] != 0;
        const std::int64_t level = state[context.level_cell[a].value];
        if (runs ? pins(level) && !is_pinned : is_pinned) return false;
        if (runs && context.kind == ContextKind::Handler && pins(context.start_level) && !pins(level)) return false;
      }
    }
    return true;
  }

  std::int32_t any_value(CellId id) {
    const Cell& cell = system().at(id);
    return static_cast<std::int32_t>(random_.between(cell.lo, cell.hi));
  }

  /// Some cells of `near`, or all, with other numbers; then what the assumptions say is mended as far as constants let.
  State any_state(const State& near) {
    State state = near;
    const int percent = random_.chance(30) ? 100 : static_cast<int>(random_.between(5, 40));
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (random_.chance(percent)) state[i] = any_value(CellId(i));
    }
    for (const Context& context : system().contexts) {
      const bool stays_pinned = context.kind == ContextKind::Handler && pins(context.start_level);
      for (std::uint32_t a = 0; a < context.activations; ++a) {
        std::int32_t& level = state[context.level_cell[a].value];
        std::int32_t& cpu = state[context.cpu_cell[a].value];
        if (random_.chance(percent)) {  // levels that matter to each other
          const std::int64_t number =
              random_.chance(50) ? context.start_level : random_.between(0, system().pin_level + 3);
          const Cell& cell = system().at(context.level_cell[a]);
          level = static_cast<std::int32_t>(std::clamp(number, cell.lo, cell.hi));
        }
        if (state[context.location_cell[a].value] == 0) {
          cpu = 0;
        } else {
          if (stays_pinned && !pins(level)) level = static_cast<std::int32_t>(context.start_level);
          if (pins(level) && cpu == 0) cpu = static_cast<std::int32_t>(random_.between(1, system().cpus));
        }
      }
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (guarded_.constant[i]) state[i] = static_cast<std::int32_t>(*guarded_.constant[i]);
    }
    return is_assumed(state) ? state : near;
  }

  // ------------------------------------------------------------------------------------------------- text

  std::string text_of(const State& state) const {
    std::string result;
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (!guarded_.constant[i]) result += fmt::format(" {}={}", system().cells[i].name, state[i]);
    }
    return result;
  }

  std::string text_of(const Outcome& outcome) const {
    const GuardedCommand command{{outcome.actor, outcome.cpu, {}, {}}, {}, {}, {}, {}, {}};
    return fmt::format("{}, CPU {}, choices [{}], breaks [{}]{}{}", name_of(guarded_, command, nullptr), outcome.cpu,
                       fmt::join(outcome.choices, " "), fmt::join(outcome.broken, "; "),
                       outcome.ends_run ? ", ends the run" : " ->", text_of(outcome.next));
  }

  const GuardedSystem& guarded_;
  const GuardedEffort& effort_;
  GuardedTotals& totals_;
  Random random_;
  Interpreter interpreter_;
  GuardedEvaluator evaluator_;
};

}  // namespace

std::string guarded_difference(const GuardedSystem& guarded, const GuardedEffort& effort, GuardedTotals& totals) {
  return GuardedComparison(guarded, effort, totals).difference();
}

namespace {

constexpr int kMostGuardedFailures = 3;

void compare_both(const std::string& title, const TransitionSystem& plain, GuardedEffort effort,
                  GuardedTotals& totals) {
  for (const bool reduced : {false, true}) {
    const TransitionSystem system = reduced ? reduce(plain).system : plain;
    const auto guarded = guarded_system(system);
    if (!guarded) {
      ++totals.refused;
      continue;
    }
    const std::string difference = guarded_difference(*guarded, effort, totals);
    EXPECT_EQ(difference, "") << title << (reduced ? ", reduced\n" : "\n") << print_guarded(*guarded, nullptr);
    totals.failures += difference.empty() ? 0 : 1;
  }
}

void report(const std::string& what, const GuardedTotals& totals) {
  std::cout << what << ": " << totals.systems << " systems, " << totals.refused << " refused, " << totals.reachable
            << " reachable states, " << totals.unreachable << " random ones, " << totals.undefined << " undefined, "
            << totals.steps << " steps, " << totals.broken << " break a rule\n";
}

}  // namespace

GuardedTotals compare_guarded_systems(std::uint64_t first_seed, int count, int size, const GuardedEffort& effort) {
  GuardedTotals totals;
  for_each_random_system(first_seed, count, size,
                         [&](const std::string& title, const TransitionSystem& system, std::uint64_t seed) {
                           compare_both(title, system, {effort.reachable, effort.unreachable, seed}, totals);
                           return totals.failures < kMostGuardedFailures;
                         });
  report("random systems", totals);
  return totals;
}

GuardedTotals compare_guarded_designs(std::uint64_t first_seed, int count, int size, const GuardedEffort& effort,
                                      DesignMaker make) {
  GuardedTotals totals;
  for_each_random_design(first_seed, count, size, make, [&](const std::string& title, const TransitionSystem& system) {
    compare_both(title, system, effort, totals);
    return totals.failures < kMostGuardedFailures;
  });
  report("random designs", totals);
  return totals;
}

GuardedTotals compare_guarded_files(const std::string& folder, const GuardedEffort& effort) {
  GuardedTotals totals;
  for_each_design(folder, 2, [&](const std::string& title, const TransitionSystem& system) {
    compare_both(title, system, effort, totals);
    return totals.failures < kMostGuardedFailures;
  });
  report(folder, totals);
  return totals;
}

}  // namespace quiesce

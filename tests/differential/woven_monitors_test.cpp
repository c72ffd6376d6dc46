// Monitors woven into programs (model/elaborate/monitors.h) against monitors that listen: on random systems with random
// reactions, each step of the woven system is a step of the system without monitors, and what the monitors then have
// seen and judged is what comes of executing their reactions along the trace of that step.
#include <algorithm>
#include <deque>
#include <set>

#include <gtest/gtest.h>

#include "model/elaborate/monitors.h"
#include "model/interpret/evaluate.h"
#include "model/interpret/interpreter.h"
#include "model/interpret/trace.h"
#include "model/system/observer.h"
#include "model/system/print.h"
#include "model/system/validate.h"
#include "tests/differential/random_events.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

using namespace model;

struct Watched {
  TransitionSystem system;  // not woven: nothing writes the cells of the monitors
  std::vector<Reaction> reactions;
  std::vector<CellId> cells;  // of the monitors
  std::vector<ExprId> events;
};

class Writer {
 public:
  explicit Writer(std::uint64_t seed) : random_(seed + 23) { watched_.system = random_system(seed); }

  Watched write() {
    watched_.events = add_events(watched_.system, random_);
    for (int i = 0; i < 3; ++i) watched_.cells.push_back(new_cell());
    for (int i = 0; i < 2; ++i) rules_.push_back(new_rule(random_.chance(15)));
    for (std::uint32_t monitor = 0; monitor < 2; ++monitor) {
      const auto count = random_.between(1, 3);
      for (std::int64_t i = 0; i < count; ++i) watched_.reactions.push_back(reaction(InstanceId(monitor)));
    }
    return std::move(watched_);
  }

 private:
  ExprTable& table() { return watched_.system.expressions; }

  CellId new_cell() {
    Cell cell;
    cell.name = "seen" + std::to_string(watched_.cells.size());
    cell.hi = 3;
    watched_.system.cells.push_back(std::move(cell));
    return CellId(watched_.system.cells.size() - 1);
  }

  RuleId new_rule(bool core) {
    Rule rule;
    rule.name = "watch." + std::to_string(watched_.system.rules.size());
    rule.core = core;
    watched_.system.checked.push_back(RuleId(watched_.system.rules.size()));
    watched_.system.rules.push_back(std::move(rule));
    return RuleId(watched_.system.rules.size() - 1);
  }

  /// About what a monitor has seen, or about a variable that programs assign.
  ExprId condition() {
    std::vector<ExprId> all;
    const auto compare = [&](CellId cell) {
      all.push_back(table().binary(BinaryOp::Equal, table().load(cell), table().constant(random_.between(0, 2))));
    };
    for (const CellId cell : watched_.cells) compare(cell);
    for (const Variable& variable : watched_.system.variables) {
      if (variable.owner || cell_count(*variable.type) != 1) continue;
      if (watched_.system.at(variable.first).kind == CellKind::Plain) compare(variable.first);
    }
    const ExprId one = random_.any_of(all);
    return random_.chance(30) ? table().negation(one) : one;
  }

  void assign(Program& program) {
    const ExprId value = table().conditional(condition(), table().constant(random_.between(0, 3)),
                                             table().constant(random_.between(0, 3)));
    program.ops.push_back(AssignOp{Place{{random_.any_of(watched_.cells)}, ExprId()}, value});
  }

  void let(Program& program) {
    const TempId temp(program.temps++);
    program.ops.push_back(LetOp{temp, table().load(random_.any_of(watched_.cells))});
    assign(program);
    program.ops.push_back(AssignOp{Place{{random_.any_of(watched_.cells)}, ExprId()}, table().add(TempExpr{temp})});
  }

  Program program() {
    Program program;
    const auto count = random_.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::size_t branch = program.ops.size();
      const bool asks = random_.chance(30);
      if (asks) program.ops.push_back(BranchOp{condition(), 0});
      if (random_.chance(20)) {
        program.ops.push_back(CheckOp{condition(), random_.any_of(rules_), {}, ""});
      } else if (random_.chance(30)) {
        let(program);
      } else {
        assign(program);
      }
      if (asks) std::get<BranchOp>(program.ops[branch]).otherwise = static_cast<std::uint32_t>(program.ops.size());
    }
    return program;
  }

  Reaction reaction(InstanceId monitor) {
    Reaction result;
    result.monitor = monitor;
    result.event = random_.any_of(watched_.events);
    if (random_.chance(25)) result.event = table().disjunction(result.event, random_.any_of(watched_.events));
    result.condition = random_.chance(40) ? table().constant(1) : condition();
    if (random_.chance(15)) result.checks.push_back(CheckOp{condition(), random_.any_of(rules_), {}, ""});
    result.program = program();
    return result;
  }

  Random random_;
  Watched watched_;
  std::vector<RuleId> rules_;
};

/// Executes the reactions to what a step does, by listening to its trace.
class Listening {
 public:
  Listening(const Watched& watched, const State& from, const Step& step)
      : watched_(watched), step_(step), state_(from) {
    if (step.actor.kind == Actor::Kind::Start) {
      react([&](const Observer& one) { return happens_at_start(one, ContextId(step.actor.index)); });
    }
    for (const TraceEvent& event : trace(watched.system, from, step)) hear(event);
  }

  bool has_ended() const { return has_ended_; }
  const std::vector<RuleId>& broken() const { return broken_; }
  std::int32_t value_of(CellId cell) const { return state_[cell.value]; }

 private:
  void hear(const TraceEvent& event) {
    if (std::holds_alternative<AssignOp>(*event.op)) {
      state_[static_cast<std::size_t>(event.values[0][0])] = event.values[0][1];
    } else if (const auto* enter = std::get_if<EnterOp>(event.op)) {
      react(
          [&](const Observer& one) { return one.event == Observer::Event::Called && one.function == enter->function; });
    } else if (const auto* leave = std::get_if<LeaveOp>(event.op)) {
      react([&](const Observer& one) {
        return one.event == Observer::Event::Returned && one.function == leave->function &&
               (one.result_type == nullptr || event.values[0][0] == one.result);
      });
    }
  }

  template <class Happens>
  void react(const Happens& happens) {
    for (const Observer& observer : watched_.system.observers) state_[observer.cell.value] = happens(observer) ? 1 : 0;
    std::set<std::uint32_t> have_reacted;
    for (const Reaction& reaction : watched_.reactions) {
      if (has_ended_ || have_reacted.count(reaction.monitor.value) != 0 || value(reaction.event) == 0) continue;
      for (const CheckOp& check : reaction.checks) judge(check);
      if (has_ended_ || value(reaction.condition) == 0) continue;
      have_reacted.insert(reaction.monitor.value);
      execute(reaction.program);
    }
    for (const Observer& observer : watched_.system.observers) state_[observer.cell.value] = 0;
  }

  void execute(const Program& program) {
    temps_.assign(program.temps, 0);
    for (std::size_t at = 0; at < program.ops.size() && !has_ended_;) {
      const Op& op = program.ops[at++];
      if (const auto* assign = std::get_if<AssignOp>(&op)) {
        state_[assign->place.cells.front().value] = static_cast<std::int32_t>(value(assign->value));
      } else if (const auto* let = std::get_if<LetOp>(&op)) {
        temps_[let->temp.value] = value(let->value);
      } else if (const auto* branch = std::get_if<BranchOp>(&op)) {
        if (value(branch->condition) == 0) at = branch->otherwise;
      } else if (const auto* check = std::get_if<CheckOp>(&op)) {
        judge(*check);
      }
    }
  }

  void judge(const CheckOp& check) {
    if (value(check.condition) != 0) return;
    broken_.push_back(check.rule);
    has_ended_ = watched_.system.at(check.rule).core;
  }

  std::int64_t value(ExprId expr) const {
    return evaluate(expr, {watched_.system, state_, step_.actor.activation, step_.cpu + 1, &temps_});
  }

  const Watched& watched_;
  const Step& step_;
  State state_;
  std::vector<std::int64_t> temps_;
  std::vector<RuleId> broken_;
  bool has_ended_ = false;
};

std::multiset<std::uint32_t> numbers_of(const std::vector<Violation>& violations) {
  std::multiset<std::uint32_t> numbers;
  for (const Violation& violation : violations) numbers.insert(violation.rule.value);
  return numbers;
}

struct MonitorTotals {
  int steps = 0, reactions = 0, ended = 0;
};

void compare_step(const Watched& watched, const Successor& woven, const Successor& plain, const State& from,
                  MonitorTotals& totals) {
  const Listening expected(watched, from, plain.step);
  ASSERT_EQ(woven.ends_run, plain.ends_run || expected.has_ended());
  ++totals.steps;
  totals.ended += woven.ends_run ? 1 : 0;
  if (woven.ends_run) return;
  std::multiset<std::uint32_t> broken = numbers_of(plain.violations);
  for (const RuleId rule : expected.broken()) broken.insert(rule.value);
  ASSERT_EQ(numbers_of(woven.violations), broken);
  State next = plain.next;
  for (const CellId cell : watched.cells) {
    next[cell.value] = expected.value_of(cell);
    totals.reactions += next[cell.value] != from[cell.value] ? 1 : 0;
  }
  ASSERT_EQ(woven.next, next);
}

/// Whether `woven` is `plain` with monitors; one that a reaction ends does not come to all of its choices, and does not
/// ask on which CPU it would have stayed.
bool corresponds(const Step& woven, const Step& plain, bool has_ended) {
  if (woven.actor != plain.actor || woven.choices.size() > plain.choices.size()) return false;
  if (woven.cpu != plain.cpu && !(has_ended && woven.cpu < 0)) return false;
  return (has_ended || woven.choices.size() == plain.choices.size()) &&
         std::equal(woven.choices.begin(), woven.choices.end(), plain.choices.begin());
}

/// Compares each of `plain` with the one of `woven` to which it corresponds. Both are in the order of the interpreter.
void compare_steps(const Watched& watched, const std::vector<Successor>& woven, const std::vector<Successor>& plain,
                   const State& from, MonitorTotals& totals) {
  std::size_t at = 0;
  bool is_used = false;
  for (const Successor& one : plain) {
    if (is_used && !corresponds(woven[at].step, one.step, woven[at].ends_run)) {
      ++at;
      is_used = false;
    }
    ASSERT_LT(at, woven.size());
    ASSERT_TRUE(corresponds(woven[at].step, one.step, woven[at].ends_run));
    is_used = true;
    compare_step(watched, woven[at], one, from, totals);
    if (::testing::Test::HasFatalFailure()) return;
  }
  ASSERT_EQ(at + (is_used ? 1 : 0), woven.size());
}

void compare(std::uint64_t seed, MonitorTotals& totals) {
  const Watched watched = Writer(seed).write();
  TransitionSystem system = watched.system;
  weave_monitors(system, watched.reactions);
  ASSERT_TRUE(validate(system).empty()) << validate(system).front();
  const Interpreter of_plain(watched.system), of_woven(system);
  std::set<State> known;
  std::deque<State> open;
  for (const State& state : of_woven.initial_states()) open.push_back(state);
  while (!open.empty() && known.size() < 60) {
    const State from = open.front();
    open.pop_front();
    if (!known.insert(from).second) continue;
    const std::vector<Successor> woven = of_woven.successors(from), plain = of_plain.successors(from);
    compare_steps(watched, woven, plain, from, totals);
    if (::testing::Test::HasFatalFailure()) {
      ADD_FAILURE() << print_system(system);
      return;
    }
    for (const Successor& one : woven) {
      if (!one.ends_run) open.push_back(one.next);
    }
  }
}

TEST(WovenMonitors, SeeWhatListenersSee) {
  MonitorTotals totals;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    compare(seed, totals);
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  std::cout << totals.steps << " steps, " << totals.reactions << " cells changed, " << totals.ended << " ended\n";
  EXPECT_GT(totals.steps, 20000);
  EXPECT_GT(totals.reactions, 5000);
  EXPECT_GT(totals.ended, 100);
}

}  // namespace
}  // namespace quiesce

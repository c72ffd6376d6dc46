#include "model/interpret/execute.h"

#include <algorithm>

#include "model/base/internal_check.h"
#include "model/interpret/evaluate.h"

namespace quiesce::model {
namespace {

/// The execution of one program. A choice copies the machine as it stands and goes on with each value in turn: slow
/// and obviously complete.
class Execution {
 public:
  Execution(const TransitionSystem& system, const Program& program, std::optional<Runner> runner, std::int64_t cpu)
      : system_(system), program_(program), runner_(runner), cpu_(cpu) {}

  struct Machine {
    std::size_t position = 0;
    std::vector<std::int64_t> temps;
    Outcome outcome;
  };

  void run(Machine machine) {
    while (true) {
      QUIESCE_CHECK(machine.position < program_.ops.size()) << "a program ends without Goto or End";
      const Op& op = program_.ops[machine.position];
      if (const auto* choose = std::get_if<ChooseOp>(&op)) {
        for (std::int64_t value = choose->lo; value <= choose->hi; ++value) {
          Machine fork = machine;
          fork.temps.at(choose->temp.value) = value;
          fork.outcome.choices.push_back(value);
          fork.outcome.counted.push_back(choose->counted);
          ++fork.position;
          run(std::move(fork));
        }
        return;
      }
      const Flow flow = std::visit([&](const auto& o) { return step(o, machine); }, op);
      if (flow == Flow::Blocked) return;
      if (flow == Flow::Finished) {
        auto& exercised = machine.outcome.exercised;
        std::sort(exercised.begin(), exercised.end());
        exercised.erase(std::unique(exercised.begin(), exercised.end()), exercised.end());
        outcomes.push_back(std::move(machine.outcome));
        return;
      }
    }
  }

  std::vector<Outcome> outcomes;

 private:
  enum class Flow { Continue, Blocked, Finished };

  Environment environment(const Machine& machine) const {
    return {system_, machine.outcome.next, runner_ ? runner_->activation : 0, cpu_, &machine.temps};
  }
  std::int64_t value(ExprId expr, const Machine& machine) const { return evaluate(expr, environment(machine)); }

  /// Jumps lead forward, so every program ends.
  Flow jump(std::uint32_t target, Machine& machine) const {
    QUIESCE_CHECK(target > machine.position) << "a jump backwards in a program";
    machine.position = target;
    return Flow::Continue;
  }

  Flow step(const AssignOp& op, Machine& machine) const {
    const CellId cell = resolve(op.place, environment(machine));
    const std::int64_t number = value(op.value, machine);
    const Cell& description = system_.at(cell);
    QUIESCE_CHECK(number >= description.lo && number <= description.hi)
        << "assignment of " << number << " to '" << description.name << "', which holds " << description.lo << ".."
        << description.hi;
    machine.outcome.next[cell.value] = static_cast<std::int32_t>(number);
    ++machine.position;
    return Flow::Continue;
  }
  Flow step(const LetOp& op, Machine& machine) const {
    machine.temps.at(op.temp.value) = value(op.value, machine);
    ++machine.position;
    return Flow::Continue;
  }
  Flow step(const ChooseOp&, Machine&) const {
    QUIESCE_CHECK(false) << "choices are handled by run()";
    return Flow::Blocked;
  }
  Flow step(const BranchOp& op, Machine& machine) const {
    if (value(op.condition, machine) == 0) return jump(op.otherwise, machine);
    ++machine.position;
    return Flow::Continue;
  }
  Flow step(const JumpOp& op, Machine& machine) const { return jump(op.target, machine); }
  Flow step(const CheckOp& op, Machine& machine) const {
    Outcome& outcome = machine.outcome;
    outcome.exercised.push_back(op.rule);
    ++machine.position;
    if (value(op.condition, machine) != 0) return Flow::Continue;
    outcome.violations.push_back({op.rule, op.span, op.message});
    if (!system_.at(op.rule).core) return Flow::Continue;
    outcome.ends_run = true;
    return Flow::Finished;
  }
  Flow step(const AssumeOp& op, Machine& machine) const {
    ++machine.position;
    return value(op.condition, machine) != 0 ? Flow::Continue : Flow::Blocked;
  }
  // The next three tell stories and change nothing.
  Flow step(const StatementOp&, Machine& machine) const { return pass(machine); }
  Flow step(const EnterOp&, Machine& machine) const { return pass(machine); }
  Flow step(const LeaveOp&, Machine& machine) const { return pass(machine); }
  Flow pass(Machine& machine) const {
    ++machine.position;
    return Flow::Continue;
  }
  Flow step(const GotoOp& op, Machine& machine) const {
    QUIESCE_CHECK(runner_.has_value()) << "an action goes to a location";
    const Location& location = system_.at(op.location);
    QUIESCE_CHECK(location.context == runner_->context) << "a program goes to a location of another context";
    set_location(static_cast<std::int32_t>(location.number), machine);
    return Flow::Finished;
  }
  Flow step(const EndOp&, Machine& machine) const {
    if (runner_) set_location(0, machine);
    machine.outcome.ended = true;
    return Flow::Finished;
  }
  void set_location(std::int32_t number, Machine& machine) const {
    machine.outcome.next[system_.at(runner_->context).location_cell[runner_->activation].value] = number;
  }

  const TransitionSystem& system_;
  const Program& program_;
  std::optional<Runner> runner_;
  std::int64_t cpu_;
};

}  // namespace

std::vector<Outcome> execute(const TransitionSystem& system, const Program& program, const State& state,
                             std::optional<Runner> runner, std::int64_t cpu) {
  Execution execution(system, program, runner, cpu);
  Execution::Machine machine;
  machine.temps.assign(program.temps, 0);
  machine.outcome.next = state;
  execution.run(std::move(machine));
  return std::move(execution.outcomes);
}

}  // namespace quiesce::model

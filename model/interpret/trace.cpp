#include "model/interpret/trace.h"

#include <utility>

#include "model/base/internal_check.h"
#include "model/interpret/evaluate.h"

namespace quiesce::model {

namespace {

/// Walks the one way through a program that the choices of a step name, and notes what it meets.
class Listener {
 public:
  Listener(const TransitionSystem& system, const Program& program, const State& state, const Step& step)
      : system_(system), program_(program), step_(step), state_(state), temps_(program.temps, 0) {}

  std::vector<TraceEvent> listen() {
    while (!done_) {
      QUIESCE_CHECK(position_ < program_.ops.size()) << "a program ends without Goto or End";
      op_ = &program_.ops[position_++];
      std::visit([this](const auto& op) { hear(op); }, *op_);
    }
    return std::move(events_);
  }

 private:
  Environment environment() const {
    return {system_, state_, step_.actor.kind == Actor::Kind::Act ? 0 : step_.actor.activation, step_.cpu + 1, &temps_};
  }
  std::int64_t value(ExprId expr) const { return evaluate(expr, environment()); }
  std::vector<std::int32_t> values(const std::vector<ExprId>& cells) const {
    std::vector<std::int32_t> numbers;
    for (const ExprId cell : cells) numbers.push_back(static_cast<std::int32_t>(value(cell)));
    return numbers;
  }
  TraceEvent& note() {
    events_.emplace_back().op = op_;
    return events_.back();
  }

  void hear(const AssignOp& op) {
    const CellId cell = resolve(op.place, environment());
    state_[cell.value] = static_cast<std::int32_t>(value(op.value));
    note().values = {{static_cast<std::int32_t>(cell.value), state_[cell.value]}};
  }
  void hear(const LetOp& op) { temps_[op.temp.value] = value(op.value); }
  void hear(const ChooseOp& op) {
    if (next_choice_ == step_.choices.size()) {  // not a step of this state
      done_ = true;
      return;
    }
    temps_[op.temp.value] = step_.choices[next_choice_++];
    note().values = {{static_cast<std::int32_t>(temps_[op.temp.value])}};
  }
  void hear(const BranchOp& op) {
    if (value(op.condition) == 0) position_ = op.otherwise;
  }
  void hear(const JumpOp& op) { position_ = op.target; }
  void hear(const CheckOp& op) {
    TraceEvent& event = note();
    event.failed = value(op.condition) == 0;
    if (!event.failed) return;
    event.state = state_;
    done_ = system_.at(op.rule).core;
  }
  void hear(const AssumeOp& op) { done_ = value(op.condition) == 0; }
  void hear(const StatementOp&) { note(); }
  void hear(const EnterOp& op) {
    TraceEvent& event = note();
    for (const EnterOp::Argument& argument : op.arguments) event.values.push_back(values(argument.cells));
  }
  void hear(const LeaveOp& op) { note().values = {values(op.result)}; }
  void hear(const GotoOp&) { done_ = true; }
  void hear(const EndOp&) { done_ = true; }

  const TransitionSystem& system_;
  const Program& program_;
  const Step& step_;
  State state_;
  std::vector<std::int64_t> temps_;
  std::size_t position_ = 0;
  std::size_t next_choice_ = 0;
  const Op* op_ = nullptr;
  bool done_ = false;
  std::vector<TraceEvent> events_;
};

}  // namespace

std::vector<TraceEvent> trace(const TransitionSystem& system, const State& state, const Step& step) {
  switch (step.actor.kind) {
    case Actor::Kind::Act:
      return Listener(system, system.actions[step.actor.index].program, state, step).listen();
    case Actor::Kind::Start:
      return Listener(system, system.contexts[step.actor.index].start, state, step).listen();
    case Actor::Kind::Step:
      break;
  }
  const Context& context = system.contexts[step.actor.index];
  const std::int32_t number = state[context.location_cell[step.actor.activation].value];
  if (number <= 0 || static_cast<std::size_t>(number) > context.locations.size()) return {};
  const Location& location = system.at(context.locations[static_cast<std::size_t>(number) - 1]);
  return Listener(system, location.program, state, step).listen();
}

}  // namespace quiesce::model

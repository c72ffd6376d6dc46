#include "checker/symbolic/bit_run.h"

#include <algorithm>
#include <utility>

#include "model/interpret/interpreter.h"

namespace quiesce::checker {

void BitStepper::look(const std::vector<bool>& state, const std::vector<bool>& inputs) {
  for (std::size_t i = 0; i < state.size(); ++i) values_[encoding_.bits[i].now.node()] = state[i] ? 1 : 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) values_[encoding_.input(i).node()] = inputs[i] ? 1 : 0;
  encoding_.circuit.evaluate(values_);
}

std::vector<bool> BitStepper::next() const {
  std::vector<bool> state;
  for (const StateBit& bit : encoding_.bits) state.push_back(is(bit.next));
  return state;
}

std::optional<std::size_t> BitStepper::fired() const {
  for (std::size_t c = 0; c < encoding_.fires.size(); ++c) {
    if (is(encoding_.fires[c])) return c;
  }
  return std::nullopt;
}

BitRun run_from(const Encoding& encoding, std::vector<bool> initial, std::vector<std::vector<bool>> inputs) {
  BitStepper stepper(encoding);
  BitRun run{{std::move(initial)}, std::move(inputs)};
  for (std::size_t i = 0; i + 1 < run.inputs.size(); ++i) {
    stepper.look(run.states.back(), run.inputs[i]);
    run.states.push_back(stepper.next());
  }
  return run;
}

namespace {

/// How the command breaks `rule`, as far as its guard says; no rule when it does not.
model::Violation breach_of(const model::GuardedCommand& command, model::RuleId rule) {
  if (command.ends_run && command.ends_run->rule == rule) return *command.ends_run;
  for (const model::GuardedCheck& check : command.checks) {
    if (check.broken.rule == rule) return check.broken;
  }
  return {};
}

const model::Violation* of_rule(const std::vector<model::Violation>& violations, model::RuleId rule) {
  const auto one = std::find_if(violations.begin(), violations.end(),
                                [&](const model::Violation& violation) { return violation.rule == rule; });
  return one == violations.end() ? nullptr : &*one;
}

Finding in_state(const model::Violation& violation, Run run) {
  Finding finding;
  finding.rule = violation.rule;
  finding.violation = violation;
  finding.in_state = true;
  if (violation.property.valid()) finding.property = violation.property;
  finding.run = std::move(run);
  finding.is_shortest = false;
  return finding;
}

}  // namespace

Finding finding_of(const model::GuardedSystem& guarded, const Encoding& encoding, const BitRun& run,
                   model::RuleId rule) {
  const model::Interpreter interpreter(guarded.system);
  BitStepper stepper(encoding);
  Run done;
  for (std::size_t i = 0; i < run.states.size(); ++i) {
    done.states.push_back(state_of(encoding, run.states[i]));
    const std::vector<model::Violation> violations = interpreter.violations_of(done.states.back());
    const bool is_last = i + 1 == run.states.size();
    for (const model::Violation& violation : violations) {
      if (!is_last && guarded.system.at(violation.rule).core) return in_state(violation, std::move(done));
    }
    if (is_last) {
      if (const model::Violation* own = of_rule(violations, rule)) return in_state(*own, std::move(done));
    }
    stepper.look(run.states[i], run.inputs[i]);
    const std::optional<std::size_t> fired = stepper.fired();
    if (!fired) break;  // no run: replay will say so
    done.steps.push_back(guarded.commands[*fired].step);
    if (!is_last) continue;
    for (const model::Violation& violation : violations) {
      if (guarded.system.at(violation.rule).core) {
        done.steps.pop_back();
        return in_state(violation, std::move(done));
      }
    }
    Finding finding;
    finding.rule = rule;
    finding.violation = breach_of(guarded.commands[*fired], rule);
    finding.is_shortest = false;
    if (!guarded.commands[*fired].ends_run) done.states.push_back(state_of(encoding, stepper.next()));
    finding.run = std::move(done);
    return finding;
  }
  Finding none;
  none.rule = rule;
  none.violation.rule = rule;
  none.in_state = true;
  none.run = std::move(done);
  return none;
}

Finding abstract_finding_of(const model::GuardedSystem& guarded, const Encoding& encoding, const BitRun& run,
                            model::RuleId rule) {
  Finding result;
  result.rule = rule;
  result.violation.rule = rule;
  result.is_shortest = false;
  BitStepper stepper(encoding);
  for (std::size_t i = 0; i < run.states.size(); ++i) {
    result.run.states.push_back(state_of(encoding, run.states[i]));
    stepper.look(run.states[i], run.inputs[i]);
    const std::optional<std::size_t> fired = stepper.fired();
    if (!fired) break;
    result.run.steps.push_back(guarded.commands[*fired].step);
  }
  return result;
}

}  // namespace quiesce::checker

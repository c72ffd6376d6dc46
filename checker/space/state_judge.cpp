#include "checker/space/state_judge.h"

#include <algorithm>
#include <utility>

#include "checker/successor/execute.h"
#include "model/system/deadlock.h"

namespace quiesce::checker {

using model::PropertyKind;
using model::RuleId;

StateJudge::StateJudge(const CompiledSystem& compiled)
    : compiled_(compiled), system_(compiled.system()), generator_(compiled), stuck_(compiled) {
  for (std::size_t r = 0; r < system_.rules.size(); ++r) {
    if (system_.rules[r].name == "life.leaked") leak_ = RuleId(r);
  }
  for (const model::Instance& instance : system_.instances) {
    if (leak_.valid() && instance.life) objects_.push_back(&instance);
  }
}

bool StateJudge::violations(const std::int32_t* state, std::uint32_t position, const std::vector<bool>& wanted,
                            Judgement& out) {
  bool is_core = false;
  const auto add = [&](model::Violation violation) {
    is_core = is_core || system_.at(violation.rule).core;
    out.broken.push_back({position, std::move(violation)});
  };
  can_step_ = -1;
  for (const CompiledProperty& property : compiled_.properties) {
    if (property.kind == PropertyKind::Reachable || (!property.core && !wanted[property.rule.value])) continue;
    bool broken = false;
    switch (property.kind) {
      case PropertyKind::Invariant:
        broken = !generator_.is_true(property.condition, state);
        break;
      case PropertyKind::Never:
        broken = generator_.is_true(property.condition, state);
        break;
      case PropertyKind::DeadlockFree:
        broken = !(all_ended(state) && model::can_end(system_)) && !can_step(state);
        break;
      case PropertyKind::Reachable:
        break;
    }
    if (!broken) continue;
    const model::Property& source = system_.at(property.id);
    add({property.rule, source.span, source.message, property.id});
  }
  if (system_.stuck_rule.valid() && stuck_.is_stuck(state)) {
    add({system_.stuck_rule, {}, "", {}});
  }
  if (!objects_.empty() && (wanted[leak_.value] || system_.at(leak_).core) && all_ended(state)) {
    for (const model::Instance* object : objects_) {
      if (state[object->life->value] != 1 || can_step(state)) continue;
      add({leak_, object->span, "'" + object->path + "' is still live where everything has ended", {}});
    }
  }
  return is_core;
}

void StateJudge::look_for_atoms(const std::vector<model::ExprId>& atoms) {
  atom_code_ = {};
  atoms_.clear();
  CodeBuilder builder(system_, atom_code_);
  for (const model::ExprId atom : atoms) atoms_.push_back(builder.condition(atom));
  registers_.assign(atom_code_.registers, 0);
}

void StateJudge::add_letters(const std::int32_t* state, std::vector<std::uint64_t>& letters) {
  NoEffects none;
  for (std::size_t atom = 0; atom < atoms_.size(); ++atom) {
    if (atom % 64 == 0) letters.push_back(0);
    const bool holds = execute(atom_code_, atoms_[atom], state, registers_.data(), none) != 0;
    letters.back() |= std::uint64_t{holds} << (atom % 64);
  }
}

bool StateJudge::all_ended(const std::int32_t* state) const {
  return std::all_of(compiled_.activations.begin(), compiled_.activations.end(),
                     [&](const CompiledActivation& activation) { return state[activation.location_cell] == 0; });
}

/// Asked at most once per state: it costs the search for a step.
bool StateJudge::can_step(const std::int32_t* state) {
  if (can_step_ < 0) can_step_ = generator_.can_step(state) ? 1 : 0;
  return can_step_ != 0;
}

}  // namespace quiesce::checker

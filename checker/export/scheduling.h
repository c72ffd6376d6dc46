// Who may run where, and who may start, as formulas: sections 3.3, 3.4 and 3.6 of docs/semantics.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "checker/export/formulas.h"
#include "checker/export/program_ways.h"

namespace quiesce::checker {

/// An activation of a context, by its cells.
struct Activation {
  const model::Context* context = nullptr;
  std::uint32_t number = 0;
  model::CellId location() const { return context->location_cell[number]; }
  model::CellId level() const { return context->level_cell[number]; }
  model::CellId cpu() const { return context->cpu_cell[number]; }
  std::optional<model::CellId> affinity() const {
    if (context->affinity_cell.empty()) return std::nullopt;
    return context->affinity_cell[number];
  }
};

/// When one activation may step.
struct MayStep {
  model::ExprId pinned;                 // it is pinned, and nobody is above it
  std::vector<model::ExprId> floating;  // by CPU: it floats and may run there
  model::ExprId any_floating;           // on some CPU
  model::ExprId at_all;                 // pinned or floating
};

class Scheduling : private Formulas {
 public:
  /// Names the conditions.
  Scheduling(const Formulas& formulas, ProgramWays& ways);

  /// All activations of all contexts.
  const std::vector<Activation>& activations() const { return activations_; }

  /// No core rule is broken by the state (9.1).
  model::ExprId goes_on() const { return goes_on_; }

  /// By position in activations().
  const MayStep& may_step(std::size_t activation) const { return may_step_[activation]; }

  /// Whether a handler with a start level at or above the pin level may start on `cpu`.
  model::ExprId may_start(const model::Context& handler, std::uint32_t cpu) const {
    return may_start_.at({&handler, cpu});
  }

  /// By CPU: whether who floats may step there.
  const std::vector<model::ExprId>& calm() const { return calm_; }

  bool is_pinned_level(std::int64_t level) const { return level >= system().pin_level; }

  /// What happens to those who may float again after a step (3.6).
  std::vector<GuardedAssign> floats();

 private:
  model::ExprId has_free(const model::Context& handler);
  model::ExprId is_allowed_on(const model::Context& handler, std::uint32_t cpu);
  void name_goes_on();
  void name_starts();
  void name_calm();
  void name_steps();

  ProgramWays& ways_;
  std::vector<Activation> activations_;
  model::ExprId goes_on_;
  std::map<std::pair<const model::Context*, std::uint32_t>, model::ExprId> may_start_;
  std::vector<const model::Context*> urgent_;
  std::vector<model::ExprId> calm_;  // by CPU
  std::vector<MayStep> may_step_;    // by activation
};

}  // namespace quiesce::checker

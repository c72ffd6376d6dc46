// Which context may run and start on which CPU, as formulas: sections 3.3, 3.4 and 3.6 of docs/semantics.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/guarded/formulas.h"
#include "model/guarded/program_ways.h"

namespace quiesce::model {

/// An activation of a context, by its cells.
struct Activation {
  const Context* context = nullptr;
  std::uint32_t number = 0;
  CellId location() const { return context->location_cell[number]; }
  CellId level() const { return context->level_cell[number]; }
  CellId cpu() const { return context->cpu_cell[number]; }
  std::optional<CellId> affinity() const {
    if (context->affinity_cell.empty()) return std::nullopt;
    return context->affinity_cell[number];
  }
};

/// When one activation may step.
struct MayStep {
  ExprId pinned;                 // it is pinned, and no other context is above it
  std::vector<ExprId> floating;  // by CPU: it floats and may run there
  ExprId any_floating;           // on some CPU
  ExprId at_all;                 // pinned or floating
};

class Scheduling : private Formulas {
 public:
  /// Names the conditions.
  Scheduling(const Formulas& formulas, ProgramWays& ways);

  /// All activations of all contexts.
  const std::vector<Activation>& activations() const { return activations_; }

  /// No core rule is broken by the state (9.1).
  ExprId goes_on() const { return goes_on_; }

  /// By position in activations().
  const MayStep& may_step(std::size_t activation) const { return may_step_[activation]; }

  /// Whether a handler with a start level at or above the pin level may start on `cpu`.
  ExprId may_start(const Context& handler, std::uint32_t cpu) const { return may_start_.at({&handler, cpu}); }

  /// By CPU: whether a floating context may step there.
  const std::vector<ExprId>& calm() const { return calm_; }

  bool is_pinned_level(std::int64_t level) const { return level >= system().pin_level; }

  /// What happens to contexts that may float again after a step (3.6).
  std::vector<Update> floats();

 private:
  ExprId has_free(const Context& handler);
  ExprId is_allowed_on(const Context& handler, std::uint32_t cpu);
  void name_goes_on();
  void name_starts();
  void name_calm();
  void name_steps();

  ProgramWays& ways_;
  std::vector<Activation> activations_;
  ExprId goes_on_;
  std::map<std::pair<const Context*, std::uint32_t>, ExprId> may_start_;
  std::vector<const Context*> urgent_;
  std::vector<ExprId> calm_;       // by CPU
  std::vector<MayStep> may_step_;  // by activation
};

}  // namespace quiesce::model

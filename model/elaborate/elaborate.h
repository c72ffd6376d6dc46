// Elaboration: from the typed tree to a transition system. As in hardware description languages every instance,
// array and queue is bounded, so that templates unfold into finite tables: instances get their parameters, variables
// their cells, functions are inlined into the contexts that call them, and every statement becomes a location.
//
// It promises a system that validate() accepts, or diagnostics (codes E06xx) and nothing. It does not search.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/base/diagnostic.h"
#include "model/system/transition_system.h"
#include "model/types/typed_tree.h"

namespace quiesce::model {

/// A parameter of the system, or a module param, with the value it shall have.
struct Binding {
  const types::VariableDecl* parameter = nullptr;
  std::int64_t value = 0;  // as a cell value: enum position, level, CPU number + 1, 0/1, int
};

struct ElaborateOptions {
  std::vector<types::RulePattern> rules;   // rules asked for; empty: all
  std::vector<types::RulePattern> except;  // and these not
};

/// The transition system of `system` under `bindings`, with states and steps exactly those of docs/semantics.md
/// (reduce() makes it smaller). Nothing when the text is wrong; `diagnostics` says why. Cost: linear in the size of the
/// inlined program.
std::optional<TransitionSystem> elaborate(const types::Program& program, const types::MachineDecl& system,
                                          const std::vector<Binding>& bindings, const ElaborateOptions& options,
                                          Diagnostics& diagnostics);

}  // namespace quiesce::model

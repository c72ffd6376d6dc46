// No verdict on infinite runs without evidence either: a run with a loop is executed again by the reference
// interpreter, the loop is seen to close, its fairness is judged activation by activation, and the formula is evaluated
// on the run straight from its definition. Shares no code with the search or the automata.
#pragma once

#include "checker/result/result.h"
#include "checker/result/search_control.h"
#include "model/base/expected.h"
#include "model/interpret/interpreter.h"
#include "model/system/transition_system.h"

namespace quiesce::checker {

/// What a run with a loop is.
enum class Lasso {
  Confirmed,    // a fair run on which the property is false
  UnfairToOne,  // the same, but it starves one activation of a handler that has several
};

/// Nothing when `run` is none of the system, is unfair otherwise, or the property is true on it; the sentence then says
/// which. For `always_possible` the run has no loop and leads to the state that is claimed to be lost; that none goes
/// on from there to what is wanted is not seen again.
///
/// Cost: the successors of every state of the run. With a `control` it throws SearchStopped at a limit.
model::Expected<Lasso> confirm(const model::Interpreter& interpreter, const model::TemporalProperty& property,
                               const Run& run, const SearchControl* control = nullptr);

/// Whether `property` is true on a run with these states, of which those from `loop` on repeat without end.
bool holds_on(const model::Interpreter& interpreter, const model::TemporalProperty& property,
              const std::vector<model::State>& states, std::size_t loop);

/// What is owed a step in a state (docs/semantics.md, 13.2).
struct Owed {
  std::vector<model::Actor> weakly;    // ... if it is so in all states from some point on
  std::vector<model::Actor> strongly;  // ... again and again, if it is so again and again
};
Owed owed_in(const model::Interpreter& interpreter, const model::State& state);

/// What of a step's actor fairness knows: of starts and actions no activation.
model::Actor fair_unit(const model::Actor& actor);

}  // namespace quiesce::checker

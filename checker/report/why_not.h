// Why a context cannot act in a state, whole: each false part of its condition with the values that it reads, the lock
// that it waits for and which context holds it, under which context it is buried on which CPU, which level masks it.
// The shorter why_blocked() tells the first of these only.
//
// It follows docs/semantics.md, 3.3 (steps), 3.4 (starts) and 3.7 (actions), and asks the reference interpreter whether
// there is a step at all, so that it never says "cannot" of what can.
#pragma once

#include <string>
#include <vector>

#include "model/base/expected.h"
#include "model/base/source.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

/// Of one activation that runs, of the start of a handler, or of an action.
struct WhyNot {
  std::string who;                   // "nic.isr #2 (handler)"
  std::string stands;                // "stands before 'await !busy' (nic.qsm:12), on cpu 0 at DISPATCH"; may be empty
  bool can_act = false;              // then `reasons` says what it can do instead
  std::vector<std::string> reasons;  // at least one
};

/// Of all activations of the context, or of the action, that is called `name` or whose name alone ends with it, in
/// `state`; "nic.run #2" is the second activation. Else a sentence: there is none, or there are several.
model::Expected<std::vector<WhyNot>> why_not(const model::Interpreter& interpreter, const model::State& state,
                                             const std::string& name, const model::SourceMap& sources);

/// One line for each, and one for each reason below it.
std::string why_not_text(const std::vector<WhyNot>& all);

}  // namespace quiesce::checker

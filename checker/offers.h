// What can be done next in a state, in words: for users who step through a design by hand, in the terminal or in a
// page.
#pragma once

#include <string>
#include <vector>

#include "model/base/source.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

/// A step that could be taken.
struct Offer {
  model::Successor successor;
  std::string who;                  // "nic.isr #1 (handler), cpu 0"
  std::string text;                 // the statement that it executes, with what is chosen: "enable = true"
  std::string place;                // "nic.qsm:12"
  model::Span span;                 // of the statement
  std::vector<std::string> breaks;  // rules
};

/// The steps that can be taken in `state`, in the order of the interpreter; those that differ in nothing but the CPU,
/// and lead to the same, once. None where the state breaks a core rule. O(steps x cells).
std::vector<Offer> offers_in(const model::Interpreter& interpreter, const model::TransitionSystem& system,
                             const model::SourceMap& sources, const model::State& state);

/// Names of those of `violations` whose rules are asked for, or end runs; each once.
std::vector<std::string> rules_told(const model::TransitionSystem& system,
                                    const std::vector<model::Violation>& violations);

}  // namespace quiesce::checker

// What never gets a turn in a loop that repeats without end, and why fairness does not give it one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checker/result/result.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {

/// A context that runs, or a handler that could start, and does not step in the loop.
struct Starved {
  model::Actor actor;
  std::size_t able = 0;                 // in how many states of the loop it could step
  std::size_t states = 0;               // that the loop has
  std::vector<std::string> preempting;  // handlers that may start on its CPU where it could step
  std::size_t blocked_at = 0;           // position in Run::states of the first state of the loop where it cannot step
};

/// Contexts first, by their order. Requires: `run` has a loop and was confirmed.
/// Cost: the successors of every state of the loop.
std::vector<Starved> starved_in(const model::Interpreter& interpreter, const Run& run);

}  // namespace quiesce::checker

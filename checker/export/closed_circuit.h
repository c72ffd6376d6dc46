// The bits of a transition system (checker/symbolic/encode.h) as formats for hardware want them: a circuit with inputs,
// latches that all begin with 0, what each becomes, and a bad output for each rule.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "checker/symbolic/circuit.h"
#include "checker/symbolic/encode.h"
#include "model/guarded/guarded_system.h"

namespace quiesce::checker {

/// One latch stands for a bit of the state or its negation, and where there are several initial states, inputs choose
/// one in the first step, which a latch of its own remembers. Where the inputs choose no step, nothing changes.
struct ClosedCircuit {
  struct Named {
    Signal signal;
    std::string name;  // may hold spaces; of inputs and latches unique
  };
  struct Latch {
    Signal now;  // an input of the circuit
    Signal next;
    std::string name;
  };

  Circuit circuit;
  std::vector<Named> inputs;  // signals are inputs of the circuit
  std::vector<Latch> latches;
  std::vector<Named> bad;  // named by its rule: the state breaks it, or the step that the inputs choose

  /// Which nodes the bits that follow and the bad outputs depend on, by number.
  std::vector<bool> needed() const;
};

ClosedCircuit closed_circuit(const model::GuardedSystem& guarded, const Encoding& encoding);

}  // namespace quiesce::checker

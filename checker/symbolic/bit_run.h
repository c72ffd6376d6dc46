// A run of an encoding, as an engine finds it: bits of states, and inputs that choose the steps between them.
#pragma once

#include <optional>
#include <vector>

#include "checker/result/result.h"
#include "checker/symbolic/encode.h"

namespace quiesce::checker {

/// inputs[i] chooses the step from states[i] to states[i + 1]. There are as many inputs as states: the last ones choose
/// a step that breaks the rule, or mean nothing where the last state itself does.
struct BitRun {
  std::vector<std::vector<bool>> states;  // by bit of the encoding
  std::vector<std::vector<bool>> inputs;  // by input of the encoding (Encoding::input)
};

/// What one state with these inputs leads to; for many states of one encoding.
class BitStepper {
 public:
  /// `encoding` must outlive it.
  explicit BitStepper(const Encoding& encoding) : encoding_(encoding), values_(encoding.circuit.size()) {}

  void look(const std::vector<bool>& state, const std::vector<bool>& inputs);
  /// Of the state last looked at:
  bool is(Signal signal) const { return (word_of(values_, signal) & 1) != 0; }
  std::vector<bool> next() const;
  /// The command that fires; none: none does.
  std::optional<std::size_t> fired() const;

 private:
  const Encoding& encoding_;
  std::vector<std::uint64_t> values_;
};

/// The run that begins in `initial` and takes the steps that `inputs` choose.
BitRun run_from(const Encoding& encoding, std::vector<bool> initial, std::vector<std::vector<bool>> inputs);

/// What the run shows, to be replayed: it breaks `rule` in its last state or with the step after it. Where a state
/// before breaks a core rule (core.stuck, which ends no runs of an encoding), the run ends there, and the finding is
/// that.
Finding finding_of(const model::GuardedSystem& guarded, const Encoding& encoding, const BitRun& run,
                   model::RuleId rule);

/// The run of a system that the interpreter does not know (predicates.h): all of its steps, that of the last state too.
Finding abstract_finding_of(const model::GuardedSystem& guarded, const Encoding& encoding, const BitRun& run,
                            model::RuleId rule);

}  // namespace quiesce::checker

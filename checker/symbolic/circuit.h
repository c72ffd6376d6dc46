// An and-inverter graph: inputs, conjunctions of two signals, negation for free. Formulas become bits in it
// (numbers.h), a transition relation is one such graph (encode.h), and solvers get it as clauses (clauses.h).
//
// Nodes are numbered so that a node's operands stand before it. Equal conjunctions are one node (structural hashing),
// and what is constant or repeats an operand is folded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace quiesce::checker {

/// A node of a circuit or its negation: 2 * node + (negated ? 1 : 0), as in AIGER. Node 0 is false.
struct Signal {
  std::uint32_t code = 0;

  std::uint32_t node() const { return code >> 1; }
  bool is_negated() const { return (code & 1) != 0; }
  bool is_constant() const { return code < 2; }
  Signal operator!() const { return {code ^ 1}; }
  auto operator<=>(const Signal&) const = default;
};

constexpr Signal kNever{0};
constexpr Signal kAlways{1};

class Circuit {
 public:
  struct Node {
    Signal left;  // inputs, and node 0: both kNever
    Signal right;
  };

  Circuit() : nodes_(1) {}

  /// A new free bit.
  Signal input();
  Signal conj(Signal a, Signal b);
  Signal disj(Signal a, Signal b) { return !conj(!a, !b); }
  Signal exclusive(Signal a, Signal b);
  Signal equal(Signal a, Signal b) { return !exclusive(a, b); }
  /// `a` where `condition`, else `b`.
  Signal choice(Signal condition, Signal a, Signal b);
  /// As balanced trees: shallow, and alike parts are found alike. Empty: true and false.
  Signal all_of(std::vector<Signal> signals);
  Signal any_of(std::vector<Signal> signals);

  std::size_t size() const { return nodes_.size(); }
  const Node& node(std::size_t number) const { return nodes_[number]; }
  bool is_input(std::size_t number) const { return number != 0 && nodes_[number].left.code == 0; }

  /// 64 evaluations at once: bit i of values[n] is node n in evaluation i. Requires: `values` has size() elements,
  /// those of inputs are set; the others are overwritten. Cost: a few operations per node.
  void evaluate(std::vector<std::uint64_t>& values) const;

 private:
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, std::uint32_t> known_;  // (left, right) -> node
};

/// What `signal` is in the 64 evaluations of Circuit::evaluate().
inline std::uint64_t word_of(const std::vector<std::uint64_t>& values, Signal signal) {
  return signal.is_negated() ? ~values[signal.node()] : values[signal.node()];
}

}  // namespace quiesce::checker

#include "checker/export/closed_circuit.h"

#include <utility>

#include <fmt/format.h>

#include "checker/symbolic/numbers.h"

namespace quiesce::checker {
namespace {

/// Makes the circuit of an encoding once more, with latches for the bits of the state.
class Closing {
 public:
  Closing(const model::GuardedSystem& guarded, const Encoding& encoding)
      : guarded_(guarded), system_(guarded.system), encoding_(encoding), known_(encoding.circuit.size()) {}

  ClosedCircuit run() {
    declare();
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      const StateBit& bit = encoding_.bits[i];
      const Signal now = known_[bit.now.node()].value();
      const Signal next = circuit().choice(translated(encoding_.steps), translated(bit.next), now);
      result_.latches[i].next = is_stored_negated(i) ? !next : next;
    }
    if (first_) result_.latches.back().next = kAlways;
    for (const BadOutput& one : encoding_.bad) {
      result_.bad.push_back({translated(one.signal), system_.at(one.rule).name});
    }
    return std::move(result_);
  }

 private:
  Circuit& circuit() { return result_.circuit; }

  /// A single initial state is folded into the latches: those that are 1 in it are stored negated.
  bool is_stored_negated(std::size_t bit) const { return encoding_.initial.size() == 1 && encoding_.initial[0][bit]; }

  void declare_input(std::size_t i, std::string name) {
    result_.inputs.push_back({circuit().input(), std::move(name)});
    known_[encoding_.input(i).node()] = result_.inputs.back().signal;
  }

  void declare() {
    known_[0] = kNever;
    for (std::size_t i = 0; i < encoding_.choices.size(); ++i) declare_input(i, fmt::format("step[{}]", i));
    for (std::size_t i = 0; i < encoding_.members.size(); ++i) {
      declare_input(encoding_.choices.size() + i, fmt::format("stuck: {}", guarded_.stuck->members[i]));
    }
    const std::size_t many = encoding_.initial.size();
    for (std::size_t i = 0; many > 1 && i < bits_for(static_cast<std::int64_t>(many) - 1); ++i) {
      result_.inputs.push_back({circuit().input(), fmt::format("initial state[{}]", i)});
    }
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      const StateBit& bit = encoding_.bits[i];
      // Names of cells may repeat, and readers refuse that.
      std::string name = fmt::format("{}{}, cell {}, bit {}", is_stored_negated(i) ? "not " : "",
                                     system_.at(bit.cell).name, bit.cell.value, static_cast<int>(bit.bit));
      result_.latches.push_back({circuit().input(), kNever, std::move(name)});
    }
    if (many > 1) {
      result_.latches.push_back({circuit().input(), kNever, "a step was taken"});
      first_ = !result_.latches.back().now;
    }
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      const Signal stored = is_stored_negated(i) ? !result_.latches[i].now : result_.latches[i].now;
      known_[encoding_.bits[i].now.node()] = first_ ? circuit().choice(*first_, initial_bit(i), stored) : stored;
    }
  }

  /// The bit in the initial state that the inputs name; the first one for numbers without a state.
  Signal initial_bit(std::size_t bit) {
    Signal result = encoding_.initial[0][bit] ? kAlways : kNever;
    for (std::size_t s = 1; s < encoding_.initial.size(); ++s) {
      std::vector<Signal> name;
      for (std::size_t i = encoding_.inputs(); i < result_.inputs.size(); ++i) {
        const Signal input = result_.inputs[i].signal;
        name.push_back(((s >> (i - encoding_.inputs())) & 1) != 0 ? input : !input);
      }
      result = circuit().choice(circuit().all_of(name), encoding_.initial[s][bit] ? kAlways : kNever, result);
    }
    return result;
  }

  Signal translated(Signal signal) {
    // Operands stand before what they are part of.
    for (; done_ <= signal.node(); ++done_) {
      if (known_[done_]) continue;
      const Circuit::Node& node = encoding_.circuit.node(done_);
      const auto part = [&](Signal one) { return one.is_negated() ? !*known_[one.node()] : *known_[one.node()]; };
      known_[done_] = node.left.code == 0 ? kNever : circuit().conj(part(node.left), part(node.right));
    }
    const Signal found = *known_[signal.node()];
    return signal.is_negated() ? !found : found;
  }

  const model::GuardedSystem& guarded_;
  const model::TransitionSystem& system_;
  const Encoding& encoding_;
  ClosedCircuit result_;
  std::vector<std::optional<Signal>> known_;  // by node of the encoding
  std::size_t done_ = 0;
  std::optional<Signal> first_;  // no step was taken yet; none: there is one initial state
};

}  // namespace

std::vector<bool> ClosedCircuit::needed() const {
  std::vector<bool> needed(circuit.size(), false);
  for (const Latch& latch : latches) needed[latch.next.node()] = true;
  for (const Named& one : bad) needed[one.signal.node()] = true;
  for (std::size_t i = circuit.size(); i-- > 1;) {
    if (!needed[i] || circuit.is_input(i)) continue;
    needed[circuit.node(i).left.node()] = true;
    needed[circuit.node(i).right.node()] = true;
  }
  return needed;
}

ClosedCircuit closed_circuit(const model::GuardedSystem& guarded, const Encoding& encoding) {
  return Closing(guarded, encoding).run();
}

}  // namespace quiesce::checker

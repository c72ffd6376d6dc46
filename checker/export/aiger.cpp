#include "checker/export/aiger.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "checker/symbolic/circuit.h"
#include "checker/symbolic/numbers.h"

namespace quiesce::checker {
namespace {

/// The circuit once more, closed: what latches and inputs of the file are, and what they become.
class Closed {
 public:
  Closed(const Encoding& encoding) : encoding_(encoding), known_(encoding.circuit.size()) {
    declare();
    for (const StateBit& bit : encoding.bits) {
      const Signal now = known_[bit.now.node()].value();
      const Signal next = circuit_.choice(translated(encoding.steps), translated(bit.next), now);
      nexts_.push_back(is_stored_negated(nexts_.size()) ? !next : next);
    }
    if (first_) nexts_.push_back(kAlways);
    for (const BadOutput& one : encoding.bad) bad_.push_back(translated(one.signal));
  }

  std::string text(const model::GuardedSystem& guarded, const ExportOptions& options) {
    number();
    std::string out =
        fmt::format("aig {} {} {} 0 {} {}\n", last_, inputs_.size(), latches_.size(), ands_.size(), bad_.size());
    for (const Signal next : nexts_) out += fmt::format("{}\n", code(next));
    for (const Signal one : bad_) out += fmt::format("{}\n", code(one));
    for (const std::uint32_t node : ands_) {
      const std::uint32_t own = 2 * numbers_[node];
      const std::uint32_t left = code(circuit_.node(node).left);
      const std::uint32_t right = code(circuit_.node(node).right);
      delta(own - std::max(left, right), out);
      delta(std::max(left, right) - std::min(left, right), out);
    }
    symbols(guarded, out);
    out += fmt::format("c\n{}\n", options.origin.empty() ? "written by quiesce export" : options.origin);
    return out;
  }

 private:
  /// A single initial state is folded into the latches: those that are 1 in it are stored negated.
  bool is_stored_negated(std::size_t bit) const { return encoding_.initial.size() == 1 && encoding_.initial[0][bit]; }

  void declare() {
    known_[0] = kNever;
    for (const Signal choice : encoding_.choices) {
      inputs_.push_back(circuit_.input());
      known_[choice.node()] = inputs_.back();
    }
    const std::size_t many = encoding_.initial.size();
    for (std::size_t i = 0; many > 1 && i < bits_for(static_cast<std::int64_t>(many) - 1); ++i)
      inputs_.push_back(circuit_.input());
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) latches_.push_back(circuit_.input());
    if (many > 1) {
      latches_.push_back(circuit_.input());
      first_ = !latches_.back();
    }
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      const Signal stored = is_stored_negated(i) ? !latches_[i] : latches_[i];
      known_[encoding_.bits[i].now.node()] = first_ ? circuit_.choice(*first_, initial_bit(i), stored) : stored;
    }
  }

  /// The bit in the initial state that the inputs name; the first one for numbers without a state.
  Signal initial_bit(std::size_t bit) {
    Signal result = encoding_.initial[0][bit] ? kAlways : kNever;
    for (std::size_t s = 1; s < encoding_.initial.size(); ++s) {
      std::vector<Signal> name;
      for (std::size_t i = encoding_.choices.size(); i < inputs_.size(); ++i)
        name.push_back(((s >> (i - encoding_.choices.size())) & 1) != 0 ? inputs_[i] : !inputs_[i]);
      result = circuit_.choice(circuit_.all_of(name), encoding_.initial[s][bit] ? kAlways : kNever, result);
    }
    return result;
  }

  Signal translated(Signal signal) {
    // Operands stand before what they are part of.
    for (; done_ <= signal.node(); ++done_) {
      if (known_[done_]) continue;
      const Circuit::Node& node = encoding_.circuit.node(done_);
      const auto part = [&](Signal one) { return one.is_negated() ? !*known_[one.node()] : *known_[one.node()]; };
      known_[done_] = node.left.code == 0 ? kNever : circuit_.conj(part(node.left), part(node.right));
    }
    const Signal found = *known_[signal.node()];
    return signal.is_negated() ? !found : found;
  }

  /// Inputs first, then latches, then the conjunctions that matter.
  void number() {
    numbers_.assign(circuit_.size(), 0);
    for (const Signal one : inputs_) numbers_[one.node()] = ++last_;
    for (const Signal one : latches_) numbers_[one.node()] = ++last_;
    std::vector<bool> matters(circuit_.size(), false);
    for (const Signal one : nexts_) matters[one.node()] = true;
    for (const Signal one : bad_) matters[one.node()] = true;
    for (std::size_t i = circuit_.size(); i-- > 1;) {
      if (!matters[i] || circuit_.is_input(i)) continue;
      matters[circuit_.node(i).left.node()] = true;
      matters[circuit_.node(i).right.node()] = true;
    }
    for (std::uint32_t i = 1; i < circuit_.size(); ++i) {
      if (!matters[i] || circuit_.is_input(i)) continue;
      ands_.push_back(i);
      numbers_[i] = ++last_;
    }
  }

  std::uint32_t code(Signal signal) const { return 2 * numbers_[signal.node()] + (signal.is_negated() ? 1 : 0); }

  static void delta(std::uint32_t value, std::string& out) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
    out += static_cast<char>(value);
  }

  void symbols(const model::GuardedSystem& guarded, std::string& out) const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const bool is_choice = i < encoding_.choices.size();
      out += fmt::format("i{} {}[{}]\n", i, is_choice ? "step" : "initial state",
                         is_choice ? i : i - encoding_.choices.size());
    }
    for (std::size_t i = 0; i < encoding_.bits.size(); ++i) {
      const StateBit& bit = encoding_.bits[i];
      // Names of cells may repeat, and ABC refuses that.
      out += fmt::format("l{} {}{}, cell {}, bit {}\n", i, is_stored_negated(i) ? "not " : "",
                         guarded.system.at(bit.cell).name, bit.cell.value, static_cast<int>(bit.bit));
    }
    if (first_) out += fmt::format("l{} a step was taken\n", encoding_.bits.size());
    for (std::size_t i = 0; i < bad_.size(); ++i)
      out += fmt::format("b{} {}\n", i, guarded.system.at(encoding_.bad[i].rule).name);
  }

  const Encoding& encoding_;
  Circuit circuit_;
  std::vector<std::optional<Signal>> known_;  // by node of the encoding
  std::size_t done_ = 0;
  std::vector<Signal> inputs_, latches_, nexts_, bad_;
  std::optional<Signal> first_;         // no step was taken yet; none: there is one initial state
  std::vector<std::uint32_t> numbers_;  // by node
  std::vector<std::uint32_t> ands_;
  std::uint32_t last_ = 0;
};

}  // namespace

std::string aiger_text(const model::GuardedSystem& guarded, const Encoding& encoding, const ExportOptions& options) {
  return Closed(encoding).text(guarded, options);
}

}  // namespace quiesce::checker

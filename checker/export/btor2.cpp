#include "checker/export/btor2.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "checker/export/closed_circuit.h"

namespace quiesce::checker {
namespace {

class Btor2Writer {
 public:
  explicit Btor2Writer(const ClosedCircuit& closed)
      : closed_(closed), plain_(closed.circuit.size(), 0), negated_(closed.circuit.size(), 0) {}

  std::string text(const ExportOptions& options) {
    out_ = fmt::format("; {}\n", options.origin.empty() ? "written by quiesce export" : options.origin);
    line("sort bitvec 1");
    plain_[0] = line("zero 1");
    negated_[0] = line("one 1");
    for (const ClosedCircuit::Named& one : closed_.inputs) {
      plain_[one.signal.node()] = line(fmt::format("input 1 {}", symbol(one.name)));
    }
    for (const ClosedCircuit::Latch& one : closed_.latches) {
      plain_[one.now.node()] = line(fmt::format("state 1 {}", symbol(one.name)));
      line(fmt::format("init 1 {} {}", plain_[one.now.node()], plain_[0]));
    }
    conjunctions();
    for (const ClosedCircuit::Latch& one : closed_.latches) {
      const std::uint32_t next = value(one.next);
      line(fmt::format("next 1 {} {}", plain_[one.now.node()], next));
    }
    for (const ClosedCircuit::Named& one : closed_.bad) {
      const std::uint32_t bad = value(one.signal);
      line(fmt::format("bad {} {}", bad, symbol(one.name)));
    }
    return std::move(out_);
  }

 private:
  std::uint32_t line(const std::string& what) {
    out_ += fmt::format("{} {}\n", ++last_, what);
    return last_;
  }

  void conjunctions() {
    const std::vector<bool> needed = closed_.needed();
    for (std::size_t i = 1; i < closed_.circuit.size(); ++i) {
      if (!needed[i] || closed_.circuit.is_input(i)) continue;
      const std::uint32_t left = value(closed_.circuit.node(i).left);
      const std::uint32_t right = value(closed_.circuit.node(i).right);
      plain_[i] = line(fmt::format("and 1 {} {}", left, right));
    }
  }

  /// The line of `signal`; a negation gets one when it is first wanted.
  std::uint32_t value(Signal signal) {
    const std::size_t node = signal.node();
    if (!signal.is_negated()) return plain_[node];
    if (negated_[node] == 0) negated_[node] = line(fmt::format("not 1 {}", plain_[node]));
    return negated_[node];
  }

  /// Symbols end with the first blank.
  static std::string symbol(std::string name) {
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
  }

  const ClosedCircuit& closed_;
  std::vector<std::uint32_t> plain_;    // by node: its line
  std::vector<std::uint32_t> negated_;  // by node: that of its negation; 0: none yet
  std::uint32_t last_ = 0;
  std::string out_;
};

}  // namespace

std::string btor2_text(const model::GuardedSystem& guarded, const Encoding& encoding, const ExportOptions& options) {
  const ClosedCircuit closed = closed_circuit(guarded, encoding);
  return Btor2Writer(closed).text(options);
}

}  // namespace quiesce::checker

#include "checker/export/aiger.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "checker/export/closed_circuit.h"

namespace quiesce::checker {
namespace {

class AigerWriter {
 public:
  explicit AigerWriter(const ClosedCircuit& closed) : closed_(closed), numbers_(closed.circuit.size(), 0) {
    // Inputs first, then latches, then the conjunctions that matter.
    for (const ClosedCircuit::Named& one : closed.inputs) numbers_[one.signal.node()] = ++last_;
    for (const ClosedCircuit::Latch& one : closed.latches) numbers_[one.now.node()] = ++last_;
    const std::vector<bool> needed = closed.needed();
    for (std::uint32_t i = 1; i < closed.circuit.size(); ++i) {
      if (!needed[i] || closed.circuit.is_input(i)) continue;
      ands_.push_back(i);
      numbers_[i] = ++last_;
    }
  }

  std::string text(const ExportOptions& options) const {
    std::string out = fmt::format("aig {} {} {} 0 {} {}\n", last_, closed_.inputs.size(), closed_.latches.size(),
                                  ands_.size(), closed_.bad.size());
    for (const ClosedCircuit::Latch& one : closed_.latches) out += fmt::format("{}\n", code(one.next));
    for (const ClosedCircuit::Named& one : closed_.bad) out += fmt::format("{}\n", code(one.signal));
    for (const std::uint32_t node : ands_) {
      const std::uint32_t own = 2 * numbers_[node];
      const std::uint32_t left = code(closed_.circuit.node(node).left);
      const std::uint32_t right = code(closed_.circuit.node(node).right);
      delta(own - std::max(left, right), out);
      delta(std::max(left, right) - std::min(left, right), out);
    }
    symbols('i', closed_.inputs, out);
    symbols('l', closed_.latches, out);
    symbols('b', closed_.bad, out);
    return out + fmt::format("c\n{}\n", options.origin.empty() ? "written by quiesce export" : options.origin);
  }

 private:
  std::uint32_t code(Signal signal) const { return 2 * numbers_[signal.node()] + (signal.is_negated() ? 1 : 0); }

  static void delta(std::uint32_t value, std::string& out) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
    out += static_cast<char>(value);
  }

  template <typename Row>
  static void symbols(char kind, const std::vector<Row>& rows, std::string& out) {
    for (std::size_t i = 0; i < rows.size(); ++i) out += fmt::format("{}{} {}\n", kind, i, rows[i].name);
  }

  const ClosedCircuit& closed_;
  std::vector<std::uint32_t> numbers_;  // by node
  std::vector<std::uint32_t> ands_;
  std::uint32_t last_ = 0;
};

}  // namespace

std::string aiger_text(const model::GuardedSystem& guarded, const Encoding& encoding, const ExportOptions& options) {
  const ClosedCircuit closed = closed_circuit(guarded, encoding);
  return AigerWriter(closed).text(options);
}

}  // namespace quiesce::checker

#include "checker/symbolic/clauses.h"

namespace quiesce::checker {

CircuitCopy::CircuitCopy(const Circuit& circuit, ClauseSink& sink)
    : circuit_(circuit), sink_(sink), literals_(circuit.size(), 0) {}

int CircuitCopy::literal(Signal signal) {
  if (literals_.size() < circuit_.size()) literals_.resize(circuit_.size(), 0);
  std::vector<std::uint32_t> open = {signal.node()};
  while (!open.empty()) {
    const std::uint32_t number = open.back();
    if (literals_[number] != 0) {
      open.pop_back();
      continue;
    }
    const Circuit::Node& node = circuit_.node(number);
    if (node.left.code != 0) {
      bool waits = false;
      for (const Signal part : {node.left, node.right}) {
        if (literals_[part.node()] != 0) continue;
        open.push_back(part.node());
        waits = true;
      }
      if (waits) continue;
    }
    const int own = sink_.new_variable();
    literals_[number] = own;
    open.pop_back();
    if (number == 0) {
      sink_.add({-own});
    } else if (node.left.code != 0) {
      const auto of = [&](Signal part) { return part.is_negated() ? -literals_[part.node()] : literals_[part.node()]; };
      const int left = of(node.left);
      const int right = of(node.right);
      sink_.add({-own, left});
      sink_.add({-own, right});
      sink_.add({own, -left, -right});
    }
  }
  return signal.is_negated() ? -literals_[signal.node()] : literals_[signal.node()];
}

void CircuitCopy::bind(Signal input, int literal) {
  if (literals_.size() < circuit_.size()) literals_.resize(circuit_.size(), 0);
  literals_[input.node()] = input.is_negated() ? -literal : literal;
}

}  // namespace quiesce::checker

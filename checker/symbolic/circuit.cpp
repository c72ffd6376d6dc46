#include "checker/symbolic/circuit.h"

#include <algorithm>
#include <utility>

namespace quiesce::checker {

Signal Circuit::input() {
  nodes_.push_back({});
  return {static_cast<std::uint32_t>(nodes_.size() - 1) * 2};
}

Signal Circuit::conj(Signal a, Signal b) {
  if (a > b) std::swap(a, b);
  if (a == kNever || a == !b) return kNever;
  if (a == kAlways || a == b) return b;
  // One level deeper, for either side: (x & y) & x is x & y, (x & y) & !x is false, !(x & y) & x is !y & x.
  for (const auto& [inner, other] : {std::pair(a, b), std::pair(b, a)}) {
    const Node& node = nodes_[inner.node()];
    if (node.left.code == 0) continue;
    const bool has = node.left == other || node.right == other;
    const bool has_opposite = node.left == !other || node.right == !other;
    if (!inner.is_negated() && has) return inner;
    if (!inner.is_negated() && has_opposite) return kNever;
    if (inner.is_negated() && has_opposite) return other;
    if (inner.is_negated() && has) return conj(other, !(node.left == other ? node.right : node.left));
  }
  const std::uint64_t key = (std::uint64_t{a.code} << 32) | b.code;
  const auto [known, is_new] = known_.try_emplace(key, static_cast<std::uint32_t>(nodes_.size()));
  if (is_new) nodes_.push_back({a, b});
  return {known->second * 2};
}

Signal Circuit::exclusive(Signal a, Signal b) { return conj(!conj(a, b), !conj(!a, !b)); }

Signal Circuit::choice(Signal condition, Signal a, Signal b) {
  if (a == b) return a;
  if (condition.is_constant()) return condition == kAlways ? a : b;
  return !conj(!conj(condition, a), !conj(!condition, b));
}

Signal Circuit::all_of(std::vector<Signal> signals) {
  std::sort(signals.begin(), signals.end());
  signals.erase(std::unique(signals.begin(), signals.end()), signals.end());
  if (signals.empty()) return kAlways;
  while (signals.size() > 1) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < signals.size(); i += 2) {
      signals[kept++] = i + 1 < signals.size() ? conj(signals[i], signals[i + 1]) : signals[i];
    }
    signals.resize(kept);
  }
  return signals.front();
}

Signal Circuit::any_of(std::vector<Signal> signals) {
  for (Signal& signal : signals) signal = !signal;
  return !all_of(std::move(signals));
}

void Circuit::evaluate(std::vector<std::uint64_t>& values) const {
  values[0] = 0;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.left.code != 0) values[i] = word_of(values, node.left) & word_of(values, node.right);
  }
}

}  // namespace quiesce::checker

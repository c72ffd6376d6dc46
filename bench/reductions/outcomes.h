// The outcomes of all steps of a state, kept side by side so that they can be compared.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "checker/successor/successor_generator.h"

namespace quiesce::checker {

using CellValues = std::vector<std::int32_t>;

inline constexpr std::size_t kMostActions = 64;  // bits of a word; further ones are never put off

struct Outcome {
  model::Actor actor;
  std::int32_t cpu = -1;              // as SuccessorView::cpu
  std::vector<std::int64_t> choices;  // in the order of the program
  std::vector<std::int32_t> failed;   // positions in Code::checks
  CellValues next;                    // empty: the run ends

  bool ends_run() const { return next.empty(); }

  /// Equal for outcomes of one step in two states.
  auto step() const { return std::tuple(actor, cpu, choices, failed, ends_run()); }
};

/// Of one system; not thread safe.
class OutcomeCollector : SuccessorSink {
 public:
  explicit OutcomeCollector(const CompiledSystem& compiled)
      : compiled_(compiled), cells_(compiled.system().cells.size()), generator_(compiled) {}

  /// In the order of SuccessorGenerator::expand.
  std::vector<Outcome> of(const CellValues& state) {
    outcomes_.clear();
    generator_.expand(state.data(), *this);
    return std::move(outcomes_);
  }

  /// Whether each property and trigger has the same value in both states.
  bool show_same(const CellValues& one, const CellValues& other) {
    const auto is_same = [&](BlockId block) {
      return generator_.is_true(block, one.data()) == generator_.is_true(block, other.data());
    };
    return std::all_of(compiled_.properties.begin(), compiled_.properties.end(), [&](const CompiledProperty& property) {
      if (property.kind == model::PropertyKind::DeadlockFree) return true;
      return is_same(property.condition) && (!property.has_trigger || is_same(property.trigger));
    });
  }

  SuccessorGenerator& generator() { return generator_; }

 private:
  void on_successor(const SuccessorView& view) override {
    Outcome& outcome = outcomes_.emplace_back(Outcome{view.actor, view.cpu, {}, *view.failed, {}});
    for (const ChoiceMade& choice : *view.choices) outcome.choices.push_back(choice.value);
    if (!view.ends_run()) outcome.next.assign(view.next, view.next + cells_);
  }

  const CompiledSystem& compiled_;
  std::size_t cells_;
  SuccessorGenerator generator_;
  std::vector<Outcome> outcomes_;
};

}  // namespace quiesce::checker

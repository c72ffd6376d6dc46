// Steps between states that a search has found: for runs, which are made of states without the steps between them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "checker/result/search_control.h"
#include "checker/successor/packed_expander.h"
#include "checker/successor/successor_generator.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

struct FoundStep {
  model::Step step;
  model::State after;        // as the step leaves it, not its representative; empty when it ends the run
  std::int32_t failed = -1;  // the check looked for
};

/// Of several steps the first in the order of the generator is found.
class StepFinder : private SuccessorSink {
 public:
  /// With a `control`, which must outlive this, the search for a step throws SearchStopped at a limit.
  explicit StepFinder(const PackedSystem& system, const SearchControl* control = nullptr)
      : system_(system),
        control_(control),
        generator_(system.compiled()),
        packer_(system),
        packed_(system.packing().words()) {}

  /// A step to a state of which `target` is the representative.
  std::optional<FoundStep> to(const model::State& from, const std::vector<std::uint64_t>& target);

  /// A step in which a check that `is_wanted` chooses fails.
  std::optional<FoundStep> failing(const model::State& from, const std::function<bool(std::int32_t check)>& is_wanted);

 private:
  std::optional<FoundStep> find(const model::State& from);
  bool is_wanted() override { return control_ == nullptr || control_->reason() == LimitKind::None; }
  void on_successor(const SuccessorView& view) override;

  const PackedSystem& system_;
  const SearchControl* control_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  std::vector<std::uint64_t> packed_;

  // What is looked for: a step to `target_`, or, when that is null, one that fails a check.
  const std::vector<std::uint64_t>* target_ = nullptr;
  const std::function<bool(std::int32_t)>* is_failure_ = nullptr;
  std::optional<FoundStep> found_;
};

}  // namespace quiesce::checker

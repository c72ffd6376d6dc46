// Steps between states that a search has found: for runs, which are made of states without the steps between them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "checker/result/search_control.h"
#include "checker/space/state_space.h"
#include "checker/successor/packed_expander.h"
#include "checker/successor/successor_generator.h"
#include "model/interpret/state.h"

namespace quiesce::checker {

/// Of several steps the first in the order of the generator is found. One per thread.
class StepFinder : private SuccessorSink {
 public:
  explicit StepFinder(const PackedSystem& system)
      : system_(system), generator_(system.compiled()), packer_(system), packed_(system.packing().words()) {}

  /// As StateSpace::step.
  std::optional<FoundStep> find(const model::State& from, const WantedStep& wanted, const SearchControl* control);

 private:
  bool is_wanted() override { return control_ == nullptr || control_->reason() == LimitKind::None; }
  void on_successor(const SuccessorView& view) override;

  const PackedSystem& system_;
  const SearchControl* control_ = nullptr;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  std::vector<std::uint64_t> packed_;

  const WantedStep* wanted_ = nullptr;
  std::optional<FoundStep> found_;
};

}  // namespace quiesce::checker

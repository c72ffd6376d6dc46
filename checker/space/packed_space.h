// The state space of a compiled system, without anything left out. For the files of this folder.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checker/space/state_judge.h"
#include "checker/space/state_space.h"
#include "checker/space/step_finder.h"
#include "checker/successor/packed_expander.h"
#include "checker/successor/state_filter.h"

namespace quiesce::checker {

class PackedSpace final : public StateSpace {
 public:
  explicit PackedSpace(std::shared_ptr<const PackedSystem> system);

  std::unique_ptr<StateSpace> for_thread() const override { return std::make_unique<PackedSpace>(packed_); }
  const model::TransitionSystem& system() const override { return packed_->system(); }
  const InstanceSymmetry& symmetry() const override { return packed_->symmetry(); }
  std::uint32_t words() const override { return packed_->packing().words(); }
  std::uint32_t bits() const override;
  std::string layout() const override;
  const model::Violation& broken_by(std::int32_t check) const override {
    return checks_[static_cast<std::size_t>(check)];
  }
  void add_exercised(std::vector<bool>& rules) override;

  void initial(const std::function<bool(const std::uint64_t*)>& visit,
               const std::function<bool()>& may_continue) override;
  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out, SuccessorDrain* drain) override {
    expander_.expand(states, count, out, drain);
  }
  void judge(const std::uint64_t* states, std::size_t count, Judgement& out) override;
  void look_for(const Interest& interest) override;
  std::optional<FoundStep> step(const model::State& from, const WantedStep& wanted,
                                const SearchControl* control) override {
    return finder_.find(from, wanted, control);
  }
  model::State unpack(const std::uint64_t* state) const override;
  void unpack_over(const std::uint64_t* state, model::State& cells) const override;
  void pack(const model::State& cells, std::uint64_t* state) override { packer_.pack(cells.data(), state); }

 private:
  void judge_one(const std::uint64_t* state, std::uint32_t position, Judgement& out);
  void look_for_atoms(const std::vector<model::ExprId>& atoms);
  void add_letters(const std::uint64_t* state, std::vector<std::uint64_t>& letters);

  std::shared_ptr<const PackedSystem> packed_;
  PackedExpander expander_;
  CanonicalPacker packer_;
  StateFilter filter_;
  StateJudge judge_;
  StepFinder finder_;
  std::vector<model::Violation> checks_;  // what each breaks
  Interest interest_;
  std::vector<const CompiledProperty*> witnesses_;  // of interest
  std::vector<const CompiledProperty*> triggers_;   // of interest, and not shown since look_for()
  std::vector<std::uint8_t> maybe_;                 // of a batch: what the filter lets through
  std::vector<std::int32_t> cells_;

  // What is known of the letters of states, by what of them the atoms read.
  struct KnownLetters {
    bool is_used = false;
    std::vector<std::uint64_t> read;
    std::vector<std::uint64_t> letters;
  };
  std::vector<std::uint64_t> read_by_atoms_;  // bits of packed states
  std::vector<std::uint64_t> read_;           // of the state at hand
  std::vector<KnownLetters> letters_;
};

}  // namespace quiesce::checker

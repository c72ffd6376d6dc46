#include "checker/successor/packed_expander.h"

#include <algorithm>

namespace quiesce::checker {

/// Receives the outcomes of one state: packs them, and counts the distinct steps among them.
class PackedExpander::Steps : public SuccessorSink {
 public:
  explicit Steps(const PackedSystem& system)
      : system_(system),
        words_(system.packing().words()),
        generator_(system.compiled()),
        packer_(system),
        cells_(system.packing().cells()) {}

  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out) {
    out_ = &out;
    for (source_ = 0; source_ < count; ++source_) {
      system_.packing().unpack(states + source_ * words_, cells_.data());
      last_context_ = {};
      forget_steps();
      generator_.expand(cells_.data(), *this);
    }
  }

  void on_successor(const SuccessorView& view) override {
    for (std::int32_t check : *view.failed) out_->failed.push_back({static_cast<std::uint32_t>(source_), check});
    if (view.ends_run()) return;
    const std::size_t at = out_->states.size();
    out_->states.resize(at + words_);
    packer_.pack(view.next, out_->states.data() + at);
    if (!view.may_repeat || is_new_step(view, at)) ++out_->steps;
  }

  const std::vector<bool>& exercised() const { return generator_.exercised(); }

 private:
  /// A step of one context from the state being expanded.
  struct SeenStep {
    std::size_t target = 0;   // position of the state it leads to in the output
    std::size_t first = 0;    // position in details_
    std::size_t choices = 0;  // so many counted choices there,
    std::size_t count = 0;    // and so many numbers with the failed checks that follow
  };

  /// Whether the step that `view` shows, to the state at `target`, was not counted before. Only outcomes of one
  /// context from one state can be the same step.
  bool is_new_step(const SuccessorView& view, std::size_t target) {
    if (view.actor.kind != last_context_.kind || view.actor.index != last_context_.index) {
      last_context_ = view.actor;
      forget_steps();
    }
    SeenStep step;
    step.target = target;
    step.first = details_.size();
    for (const ChoiceMade& choice : *view.choices) {
      if (choice.counted) details_.push_back(choice.value);
    }
    step.choices = details_.size() - step.first;
    for (std::int32_t check : *view.failed) details_.push_back(check);
    step.count = details_.size() - step.first;
    const std::uint64_t* states = out_->states.data();
    const auto detail = [this](std::size_t position) {
      return details_.begin() + static_cast<std::ptrdiff_t>(position);
    };
    for (const SeenStep& seen : steps_seen_) {
      if (seen.choices == step.choices && seen.count == step.count &&
          std::equal(states + seen.target, states + seen.target + words_, states + target) &&
          std::equal(detail(seen.first), detail(seen.first + seen.count), detail(step.first))) {
        details_.resize(step.first);
        return false;
      }
    }
    steps_seen_.push_back(step);
    return true;
  }

  void forget_steps() {
    steps_seen_.clear();
    details_.clear();
  }

  const PackedSystem& system_;
  const std::size_t words_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  std::vector<std::int32_t> cells_;
  PackedSuccessors* out_ = nullptr;
  std::size_t source_ = 0;
  model::Actor last_context_;
  std::vector<SeenStep> steps_seen_;
  std::vector<std::int64_t> details_;
};

PackedExpander::PackedExpander(const PackedSystem& system) : system_(system), steps_(std::make_unique<Steps>(system)) {}
PackedExpander::~PackedExpander() = default;

void PackedExpander::expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out) {
  steps_->expand(states, count, out);
}

const std::vector<bool>& PackedExpander::exercised() const { return steps_->exercised(); }

}  // namespace quiesce::checker

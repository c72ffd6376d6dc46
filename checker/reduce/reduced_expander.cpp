#include "checker/reduce/reduced_expander.h"

#include <bit>

#include "checker/successor/step_counter.h"

namespace quiesce::checker {

PartialOrder::PartialOrder(const PackedSystem& system)
    : steps_(system.system()), sets_(system.compiled(), steps_, DisjointCells(steps_)) {}

/// Expands one state by the steps of some.
class ReducedExpander::Some : public SuccessorSink {
 public:
  Some(const PackedSystem& system, const StubbornSets& sets)
      : system_(system),
        sets_(sets),
        words_(system.packing().words()),
        generator_(system.compiled()),
        packer_(system),
        cells_(system.packing().cells()),
        counter_(words_) {
    system.packing().unpack_constants(cells_.data());
  }

  /// Adds to `out` what the steps of a set that is enough lead to; false, and nothing, when there is no such set.
  bool expand(const std::uint64_t* state, std::size_t source, PackedSuccessors& out) {
    state_ = state;
    system_.packing().unpack_fields(state, cells_.data());
    const auto choice = sets_.choose(cells_.data(), generator_);
    if (!choice) return false;
    const std::size_t states = out.states.size();
    const std::size_t failed = out.failed.size();
    const std::uint64_t steps = out.steps;
    out_ = &out;
    source_ = source;
    led_ = void_ = false;
    outcomes_ = 0;
    counter_.begin_state();
    leader_ = &system_.compiled().activations[choice->leader];
    generator_.load(cells_.data(), *this);
    for (std::uint64_t rest = choice->slots; rest != 0 && !void_; rest &= rest - 1) {
      generator_.steps_of(static_cast<std::uint32_t>(std::countr_zero(rest)));
    }
    for (std::uint64_t rest = choice->actions; rest != 0 && !void_; rest &= rest - 1) {
      generator_.act(static_cast<std::uint32_t>(std::countr_zero(rest)));
    }
    if (led_ && !void_) return true;
    out.states.resize(states);
    out.failed.resize(failed);
    out.steps = steps;
    return false;
  }

  void on_successor(const SuccessorView& view) override {
    // A step that breaks a core rule ends runs, which others could have gone on. Very many choices are better expanded
    // by who can hand them over in parts.
    if (view.ends_run() || ++outcomes_ > kMostOutcomes) {
      void_ = true;
      return generator_.stop();
    }
    led_ |= view.actor.kind == model::Actor::Kind::Step && view.actor.index == leader_->context &&
            view.actor.activation == leader_->activation;
    for (const std::int32_t check : *view.failed) out_->failed.push_back({static_cast<std::uint32_t>(source_), check});
    const std::size_t at = out_->states.size();
    out_->states.resize(at + words_);
    packer_.pack(state_, view, out_->states.data() + at);
    if (!view.may_repeat || counter_.is_new(view, out_->states.data(), at)) ++out_->steps;
  }

  const std::vector<bool>& exercised() const { return generator_.exercised(); }

 private:
  static constexpr std::uint32_t kMostOutcomes = 4096;

  const PackedSystem& system_;
  const StubbornSets& sets_;
  const std::size_t words_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  std::vector<std::int32_t> cells_;
  StepCounter counter_;

  // The state being expanded.
  const std::uint64_t* state_ = nullptr;
  PackedSuccessors* out_ = nullptr;
  std::size_t source_ = 0;
  const CompiledActivation* leader_ = nullptr;
  std::uint32_t outcomes_ = 0;
  bool led_ = false;   // the leader could step
  bool void_ = false;  // everybody has to be expanded
};

ReducedExpander::ReducedExpander(const PackedSystem& system, const PartialOrder* order)
    : system_(system), order_(order != nullptr && order->sets().is_useful() ? order : nullptr), expander_(system) {
  if (order_ != nullptr) some_ = std::make_unique<Some>(system, order_->sets());
}

ReducedExpander::~ReducedExpander() = default;

void ReducedExpander::expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out,
                             SuccessorDrain* drain) {
  if (order_ == nullptr) return expander_.expand(states, count, out, drain);
  const std::size_t words = system_.packing().words();
  std::size_t next = 0;  // the first state not yet expanded
  for (std::size_t i = 0; i < count; ++i) {
    if (!some_->expand(states + i * words, i, out)) continue;
    ++out.reduced;
    expand_all(states, next, i, out, drain);
    next = i + 1;
  }
  expand_all(states, next, count, out, drain);
}

void ReducedExpander::expand_all(const std::uint64_t* states, std::size_t first, std::size_t end, PackedSuccessors& out,
                                 SuccessorDrain* drain) {
  if (first == end) return;
  const std::size_t failed = out.failed.size();
  expander_.expand(states + first * system_.packing().words(), end - first, out, drain);
  for (std::size_t i = failed; i < out.failed.size(); ++i) out.failed[i].source += static_cast<std::uint32_t>(first);
}

const std::vector<bool>& ReducedExpander::exercised() {
  if (some_ == nullptr) return expander_.exercised();
  exercised_ = expander_.exercised();
  for (std::size_t i = 0; i < exercised_.size(); ++i) exercised_[i] = exercised_[i] || some_->exercised()[i];
  return exercised_;
}

}  // namespace quiesce::checker

#include "checker/space/reduced_space.h"

#include <bit>
#include <utility>

#include "checker/reduce/stubborn_sets.h"
#include "checker/successor/step_counter.h"

namespace quiesce::checker {
namespace {

/// What partial order reduction needs of a system. Immutable, shared by all threads.
class PartialOrder {
 public:
  explicit PartialOrder(const PackedSystem& system)
      : steps_(system.system()),
        sets_(system.compiled(), steps_, DisjointCells(steps_), system.symmetry().moves_places) {}

  const StubbornSets& sets() const { return sets_; }

 private:
  TextSteps steps_;
  StubbornSets sets_;
};

/// Expands one state by the steps of some.
class SomeSteps : public SuccessorSink {
 public:
  SomeSteps(const PackedSystem& system, const StubbornSets& sets)
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
    const std::size_t origins = out.origins.size();
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
    out.origins.resize(origins);
    out.steps = steps;
    return false;
  }

  void on_successor(const SuccessorView& view) override {
    // A step that breaks a core rule ends runs, which others could have gone on. Very many choices are better expanded
    // by what can hand them over in parts.
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
    if (out_->wants_origins) out_->origins.push_back({static_cast<std::uint32_t>(source_), view.actor, view.cpu});
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
  bool void_ = false;  // all have to be expanded
};

class ReducedSpace final : public StateSpace {
 public:
  ReducedSpace(std::shared_ptr<const PackedSystem> system, std::shared_ptr<const PartialOrder> order,
               std::unique_ptr<StateSpace> whole)
      : packed_(std::move(system)),
        order_(std::move(order)),
        whole_(std::move(whole)),
        some_(*packed_, order_->sets()) {}

  std::unique_ptr<StateSpace> for_thread() const override {
    return std::make_unique<ReducedSpace>(packed_, order_, whole_->for_thread());
  }

  void expand(const std::uint64_t* states, std::size_t count, PackedSuccessors& out, SuccessorDrain* drain) override {
    std::size_t next = 0;  // the first state not yet expanded
    for (std::size_t i = 0; i < count; ++i) {
      if (!some_.expand(states + i * words(), i, out)) continue;
      ++out.reduced;
      expand_whole(states, next, i, out, drain);
      next = i + 1;
    }
    expand_whole(states, next, count, out, drain);
  }

  void add_exercised(std::vector<bool>& rules) override {
    whole_->add_exercised(rules);
    const std::vector<bool>& checks = some_.exercised();
    for (std::size_t check = 0; check < checks.size(); ++check) {
      if (checks[check]) rules[broken_by(static_cast<std::int32_t>(check)).rule.value] = true;
    }
  }

  // All else is as it was.
  const model::TransitionSystem& system() const override { return whole_->system(); }
  const InstanceSymmetry& symmetry() const override { return whole_->symmetry(); }
  std::uint32_t words() const override { return whole_->words(); }
  std::uint32_t bits() const override { return whole_->bits(); }
  std::string layout() const override { return whole_->layout(); }
  const model::Violation& broken_by(std::int32_t check) const override { return whole_->broken_by(check); }
  void initial(const std::function<bool(const std::uint64_t*)>& visit,
               const std::function<bool()>& may_continue) override {
    whole_->initial(visit, may_continue);
  }
  void judge(const std::uint64_t* states, std::size_t count, Judgement& out) override {
    whole_->judge(states, count, out);
  }
  void look_for(const Interest& interest) override { whole_->look_for(interest); }
  std::optional<FoundStep> step(const model::State& from, const WantedStep& wanted,
                                const SearchControl* control) override {
    return whole_->step(from, wanted, control);
  }
  model::State unpack(const std::uint64_t* state) const override { return whole_->unpack(state); }
  void pack(const model::State& cells, std::uint64_t* state) override { whole_->pack(cells, state); }
  void unpack_over(const std::uint64_t* state, model::State& cells) const override {
    whole_->unpack_over(state, cells);
  }

 private:
  void expand_whole(const std::uint64_t* states, std::size_t first, std::size_t end, PackedSuccessors& out,
                    SuccessorDrain* drain) {
    if (first == end) return;
    const std::size_t failed = out.failed.size();
    const std::size_t origins = out.origins.size();
    const std::size_t ends = out.ends.size();
    whole_->expand(states + first * words(), end - first, out, drain);
    const auto shift = [&](auto& list, std::size_t from) {
      for (std::size_t i = from; i < list.size(); ++i) list[i].source += static_cast<std::uint32_t>(first);
    };
    shift(out.failed, failed);
    shift(out.origins, origins);
    shift(out.ends, ends);
  }

  std::shared_ptr<const PackedSystem> packed_;
  std::shared_ptr<const PartialOrder> order_;
  std::unique_ptr<StateSpace> whole_;
  SomeSteps some_;
};

}  // namespace

std::unique_ptr<StateSpace> reduced_space(std::shared_ptr<const PackedSystem> system,
                                          std::unique_ptr<StateSpace> whole) {
  auto order = std::make_shared<const PartialOrder>(*system);
  if (!order->sets().is_useful()) return whole;
  return std::make_unique<ReducedSpace>(std::move(system), std::move(order), std::move(whole));
}

}  // namespace quiesce::checker

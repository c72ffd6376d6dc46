#include "checker/liveness/lasso_run.h"

#include <algorithm>
#include <map>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

class RunBuilder : private SuccessorSink {
 public:
  RunBuilder(const PackedSystem& system, const StateGraph& graph, const Units& units)
      : system_(system),
        graph_(graph),
        units_(units),
        generator_(system.compiled()),
        packer_(system),
        packed_(system.packing().words()) {}

  Run build(const GraphLasso& lasso) {
    model::State first(system_.packing().cells());
    system_.packing().unpack(graph_.packed(lasso.stem.states.front()), first.data());
    run_.states.push_back(std::move(first));
    for (std::size_t i = 0; i < lasso.stem.units.size(); ++i) step(lasso.stem.states[i + 1], lasso.stem.units[i]);
    if (lasso.loop.units.empty()) {
      run_.loop = run_.states.size() - 1;
      return std::move(run_);
    }
    std::map<model::State, std::size_t> begun;  // where a round began
    while (begun.try_emplace(run_.states.back(), run_.states.size() - 1).second) {
      for (std::size_t i = 0; i < lasso.loop.units.size(); ++i) {
        const bool last = i + 1 == lasso.loop.units.size();
        step(last ? lasso.loop.states.front() : lasso.loop.states[i + 1], lasso.loop.units[i]);
      }
    }
    run_.loop = begun.at(run_.states.back());
    return std::move(run_);
  }

 private:
  void step(std::uint32_t target, std::uint32_t unit) {
    target_ = graph_.packed(target);
    unit_ = unit;
    is_found_ = false;
    from_ = run_.states.back();
    generator_.expand(from_.data(), *this);
    QUIESCE_CHECK(is_found_) << "a step of the graph of states cannot be found again";
  }

  void on_successor(const SuccessorView& view) override {
    if (is_found_ || view.ends_run() || units_.of(view.actor, from_.data()) != unit_) return;
    packer_.pack(view.next, packed_.data());
    if (!std::equal(packed_.begin(), packed_.end(), target_)) return;
    is_found_ = true;
    model::Step& found = run_.steps.emplace_back();
    found.actor = view.actor;
    found.cpu = view.cpu;
    for (const ChoiceMade& choice : *view.choices) {
      found.choices.push_back(choice.value);
      found.counted.push_back(choice.counted);
    }
    run_.states.emplace_back(view.next, view.next + system_.packing().cells());
    generator_.stop();
  }

  const PackedSystem& system_;
  const StateGraph& graph_;
  const Units& units_;
  SuccessorGenerator generator_;
  CanonicalPacker packer_;
  std::vector<std::uint64_t> packed_;
  const std::uint64_t* target_ = nullptr;
  std::uint32_t unit_ = 0;
  model::State from_;
  bool is_found_ = false;
  Run run_;
};

}  // namespace

Run run_of(const PackedSystem& system, const StateGraph& graph, const Units& units, const GraphLasso& lasso) {
  return RunBuilder(system, graph, units).build(lasso);
}

}  // namespace quiesce::checker

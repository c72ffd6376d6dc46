#include "checker/liveness/lasso_run.h"

#include <map>
#include <optional>
#include <utility>

#include "model/base/internal_check.h"

namespace quiesce::checker {
namespace {

class RunBuilder {
 public:
  RunBuilder(StateSpace& space, const StateGraph& graph, const Units& units)
      : space_(space), graph_(graph), units_(units) {}

  Run build(const GraphLasso& lasso) {
    run_.states.push_back(space_.unpack(graph_.packed(lasso.stem.states.front())));
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
    const model::State& from = run_.states.back();
    const std::uint64_t* packed = graph_.packed(target);
    const PackedState to(packed, packed + space_.words());
    WantedStep wanted;
    wanted.to = &to;
    wanted.acts = [&](const model::Actor& actor) { return units_.of(actor, from.data()) == unit; };
    std::optional<FoundStep> found = space_.step(from, wanted, nullptr);
    QUIESCE_CHECK(found.has_value()) << "a step of the graph of states cannot be found again";
    run_.steps.push_back(std::move(found->step));
    run_.states.push_back(std::move(found->after));
  }

  StateSpace& space_;
  const StateGraph& graph_;
  const Units& units_;
  Run run_;
};

}  // namespace

Run run_of(StateSpace& space, const StateGraph& graph, const Units& units, const GraphLasso& lasso) {
  return RunBuilder(space, graph, units).build(lasso);
}

}  // namespace quiesce::checker

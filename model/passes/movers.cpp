#include "model/passes/movers.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/strong_components.hpp>

#include "model/base/patience.h"
#include "model/passes/inline_steps.h"
#include "model/passes/mover_kinds.h"
#include "model/system/joint_steps.h"
#include "model/system/traverse.h"

namespace quiesce::model {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

/// The places at which steps of `context` go on, by number.
Graph merged_places(const TransitionSystem& system, const Context& context, const MoverKinds& kinds) {
  Graph graph(context.locations.size());
  for (const LocationId from : context.locations) {
    for_each_goto(system.at(from).program, [&](LocationId to) {
      if (kinds.goes_on(from, to)) boost::add_edge(system.at(from).number - 1, system.at(to).number - 1, graph);
    });
  }
  return graph;
}

/// Keeps one place of every cycle of places at which steps go on.
void break_cycles(const TransitionSystem& system, const Context& context, MoverKinds& kinds) {
  for (bool cyclic = true; cyclic;) {
    ask_patience(context.span);
    cyclic = false;
    const Graph graph = merged_places(system, context, kinds);
    std::vector<std::size_t> component(context.locations.size());
    const auto components = static_cast<std::size_t>(boost::strong_components(
        graph, boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, graph))));
    std::vector<bool> kept(components, false);
    for (std::size_t from = 0; from < component.size(); ++from) {
      for (const auto& edge : boost::make_iterator_range(boost::out_edges(from, graph))) {
        const std::size_t to = boost::target(edge, graph);
        if (component[from] != component[to] || kept[component[to]]) continue;
        kept[component[to]] = cyclic = true;
        kinds.keep(context.locations[to]);
      }
    }
  }
}

}  // namespace

Passed merge_movers(TransitionSystem system, ReductionStatistics& statistics) {
  if (has_joint_steps(system)) return unchanged(std::move(system));
  BackMap map = identity_map(system);
  MoverKinds kinds(system);
  if (kinds.off()) return {std::move(system), std::move(map)};
  for (const Context& context : system.contexts) break_cycles(system, context, kinds);
  const auto goes_on = [&](std::optional<LocationId> from, LocationId to) {
    const bool merged = kinds.goes_on(from, to);
    if (merged) map.passed[to.value] = true;
    return merged;
  };
  const auto only_if = [&](std::optional<LocationId> from, LocationId to) { return kinds.goes_on_only_if(from, to); };
  StepInliner inliner(system, statistics, goes_on, only_if);
  std::vector<Program> programs;
  for (std::size_t l = 0; l < system.locations.size(); ++l) {
    ask_patience(system.locations[l].span);
    programs.push_back(inliner.expanded(LocationId(l)));
  }
  std::vector<Program> starts;
  for (const Context& context : system.contexts) {
    starts.push_back(context.kind == ContextKind::Handler ? inliner.expanded_start(context) : Program{});
  }
  for (std::size_t l = 0; l < programs.size(); ++l) system.locations[l].program = std::move(programs[l]);
  for (std::size_t k = 0; k < starts.size(); ++k) {
    Context& context = system.contexts[k];
    if (context.kind != ContextKind::Handler) continue;
    context.start = std::move(starts[k]);
    std::optional<LocationId> first;
    bool enters = false;
    for_each_goto(context.start, [&](LocationId to) {
      enters = enters || to == context.entry;
      if (!first) first = to;
    });
    if (!enters && first) context.entry = *first;
  }
  return {std::move(system), std::move(map)};
}

}  // namespace quiesce::model

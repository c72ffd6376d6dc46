// The control-flow automaton of a context as a Boost.Graph graph: one vertex for each location and two more for
// "not started" and "ended", one edge for each Goto or End that a program can finish with. Passes on control flow
// are Boost.Graph algorithms on it. The only header of the transition system that includes Boost.Graph.
#pragma once

#include <vector>

#include <boost/graph/adjacency_list.hpp>

#include "model/system/transition_system.h"

namespace quiesce::model {

struct FlowVertex {
  LocationId location;  // none for start and end
};
struct FlowEdge {
  std::uint32_t op = 0;  // position of the Goto or End in the program at the source
};
using FlowGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, FlowVertex, FlowEdge>;
using FlowVertexId = boost::graph_traits<FlowGraph>::vertex_descriptor;

/// The automaton of one context. The system must outlive it. Vertices are numbered start, locations by number, end.
class ControlFlow {
 public:
  ControlFlow(const TransitionSystem& system, ContextId context);

  ContextId context() const { return context_; }
  const FlowGraph& graph() const { return graph_; }
  FlowVertexId start() const { return 0; }  // a thread's leads to its entry without a step
  FlowVertexId end() const { return boost::num_vertices(graph_) - 1; }
  FlowVertexId vertex_of(LocationId location) const;

  /// The locations that can be reached from the start, by number. O(edges).
  std::vector<LocationId> reachable() const;

  /// Per vertex, its strongly connected component (component numbers in reverse topological order). O(edges).
  std::vector<std::size_t> components() const;

 private:
  const TransitionSystem& system_;
  ContextId context_;
  FlowGraph graph_;
};

}  // namespace quiesce::model

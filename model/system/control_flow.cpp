#include "model/system/control_flow.h"

#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/strong_components.hpp>

namespace quiesce::model {

ControlFlow::ControlFlow(const TransitionSystem& system, ContextId context)
    : system_(system), context_(context), graph_(system.at(context).locations.size() + 2) {
  const Context& c = system.at(context);
  for (std::size_t i = 0; i < c.locations.size(); ++i) {
    graph_[i + 1].location = c.locations[i];
  }
  const auto add_edges = [&](FlowVertexId from, const Program& program) {
    for (std::uint32_t i = 0; i < program.ops.size(); ++i) {
      if (const auto* jump = std::get_if<GotoOp>(&program.ops[i])) {
        boost::add_edge(from, vertex_of(jump->location), FlowEdge{i}, graph_);
      } else if (std::holds_alternative<EndOp>(program.ops[i])) {
        boost::add_edge(from, end(), FlowEdge{i}, graph_);
      }
    }
  };
  if (c.kind == ContextKind::Handler) {
    add_edges(start(), c.start);
  } else {
    boost::add_edge(start(), vertex_of(c.entry), FlowEdge{0}, graph_);
  }
  for (const LocationId location : c.locations) {
    add_edges(vertex_of(location), system.at(location).program);
  }
}

FlowVertexId ControlFlow::vertex_of(LocationId location) const { return system_.at(location).number; }

std::vector<LocationId> ControlFlow::reachable() const {
  std::vector<boost::default_color_type> color(boost::num_vertices(graph_), boost::white_color);
  boost::depth_first_visit(graph_, start(), boost::default_dfs_visitor(), color.data());
  std::vector<LocationId> result;
  for (const LocationId location : system_.at(context_).locations) {
    if (color[vertex_of(location)] != boost::white_color) {
      result.push_back(location);
    }
  }
  return result;
}

std::vector<std::size_t> ControlFlow::components() const {
  std::vector<std::size_t> component(boost::num_vertices(graph_));
  boost::strong_components(graph_,
                           boost::make_iterator_property_map(component.begin(), get(boost::vertex_index, graph_)));
  return component;
}

}  // namespace quiesce::model

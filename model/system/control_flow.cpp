#include "model/system/control_flow.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/dominator_tree.hpp>
#include <boost/graph/graphviz.hpp>
#include <boost/graph/strong_components.hpp>

#include "model/system/traverse.h"

namespace quiesce::model {

namespace {

/// One line of text, shortened, as a label shows it.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  constexpr std::size_t kLongest = 60;
  if (line.size() > kLongest) {
    line.resize(kLongest - 3);
    line += "...";
  }
  return line;
}

/// The statements told on some way to operation `last` of a program, one per line. `start` programs: "start".
std::string statements_before(const Program& program, std::uint32_t last, const SourceMap& sources) {
  std::string text;
  for (std::uint32_t i = 0; i < last; ++i) {
    if (const auto* statement = std::get_if<StatementOp>(&program.ops[i])) {
      const std::string line = statement->span.valid() ? one_line(sources.text(statement->span)) : std::string();
      if (!line.empty()) {
        text += (text.empty() ? "" : "\\n") + line;
      }
    }
  }
  return text;
}

}  // namespace

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

std::vector<LocationId> ControlFlow::on_cycle() const {
  const std::vector<std::size_t> component = components();
  std::vector<std::size_t> size(component.size());
  for (const std::size_t c : component) {
    ++size[c];
  }
  std::vector<LocationId> result;
  for (const LocationId location : system_.at(context_).locations) {
    const FlowVertexId v = vertex_of(location);
    if (size[component[v]] > 1 || boost::edge(v, v, graph_).second) {
      result.push_back(location);
    }
  }
  return result;
}

std::vector<std::optional<LocationId>> ControlFlow::immediate_dominators() const {
  // Boost takes unreachable predecessors for the start, so their edges must not be there.
  FlowGraph live = graph_;
  std::vector<bool> is_reachable(boost::num_vertices(graph_), false);
  for (const LocationId location : reachable()) {
    is_reachable[vertex_of(location)] = true;
  }
  for (const LocationId location : system_.at(context_).locations) {
    if (!is_reachable[vertex_of(location)]) {
      boost::clear_out_edges(vertex_of(location), live);
    }
  }
  const FlowVertexId none = boost::graph_traits<FlowGraph>::null_vertex();
  std::vector<FlowVertexId> dominator(boost::num_vertices(live), none);
  boost::lengauer_tarjan_dominator_tree(
      live, start(), boost::make_iterator_property_map(dominator.begin(), get(boost::vertex_index, live)));
  std::vector<std::optional<LocationId>> result;
  for (const LocationId location : system_.at(context_).locations) {
    const FlowVertexId above = dominator[vertex_of(location)];
    if (above == none || above == start()) {
      result.emplace_back();
    } else {
      result.emplace_back(graph_[above].location);
    }
  }
  return result;
}

std::string ControlFlow::graphviz(const SourceMap* sources) const {
  const Context& c = system_.at(context_);
  const auto write_vertex = [&](std::ostream& out, FlowVertexId v) {
    std::string label;
    const char* shape = "box";
    if (v == start()) {
      label = c.kind == ContextKind::Thread ? "start" : "not started";
      shape = "circle";
    } else if (v == end()) {
      label = "ended";
      shape = "doublecircle";
    } else {
      const Location& l = system_.at(graph_[v].location);
      label = fmt::format("L{}", l.number);
      for (const std::string& name : l.labels) {
        label += "\\n" + name;
      }
      switch (l.wait) {
        case WaitKind::None:
          break;
        case WaitKind::Await:
          label += "\\nawait";
          break;
        case WaitKind::Spin:
          label += "\\nspin";
          break;
        case WaitKind::Lock:
          label += "\\nspinlock";
          break;
        case WaitKind::Mutex:
          label += "\\nmutex";
          break;
      }
    }
    out << "[shape=" << shape << ", label=" << boost::escape_dot_string(label) << "]";
  };
  const auto write_edge = [&](std::ostream& out, const boost::graph_traits<FlowGraph>::edge_descriptor& e) {
    const FlowVertexId from = boost::source(e, graph_);
    if (sources == nullptr || (from == start() && c.kind == ContextKind::Thread)) {
      return;
    }
    const Program& program = from == start() ? c.start : system_.at(graph_[from].location).program;
    const std::string label = statements_before(program, graph_[e].op, *sources);
    if (!label.empty()) {
      out << "[label=" << boost::escape_dot_string(label) << "]";
    }
  };
  const auto write_graph = [&](std::ostream& out) {
    out << "label=" << boost::escape_dot_string(c.name) << ";\nnode [fontname=\"monospace\"];\n";
  };
  std::ostringstream out;
  boost::write_graphviz(out, graph_, write_vertex, write_edge, write_graph);
  return out.str();
}

}  // namespace quiesce::model

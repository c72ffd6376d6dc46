#include "checker/graph/flow_picture.h"

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "checker/report/layout.h"
#include "checker/report/story.h"
#include "model/system/control_flow.h"

namespace quiesce::checker {

using namespace model;

namespace {

/// "nic.qsm:12", with the last part of the file's name.
std::string place_of(const SourceMap& sources, Span span) {
  const std::string& name = sources.file(span.file).name();
  return fmt::format("{}:{}", name.substr(name.find_last_of("/:") + 1),
                     sources.file(span.file).position(span.begin).line);
}

PictureNode node_of(const TransitionSystem& system, const SourceMap& sources, LocationId id) {
  const Location& location = system.at(id);
  PictureNode node;
  if (!location.inside.empty()) node.lines.push_back(system.at(location.inside.back()).name);
  if (location.span == system.at(location.context).span) {
    node.lines.push_back("ends");  // its last statement is done
  } else if (location.span.valid()) {
    const std::string text = one_line(sources, location.span, 60);
    node.lines.push_back(fmt::format("{}: {}", place_of(sources, location.span), text.substr(0, text.find(" {"))));
  }
  return node;
}

StatePicture picture_of(const TransitionSystem& system, const Context& context, const ControlFlow& flow,
                        const SourceMap& sources) {
  StatePicture picture;
  picture.name = context.name;
  picture.is_projected = true;
  std::map<FlowVertexId, std::size_t> nodes;  // in the order: start, reachable locations, end
  const auto add = [&](FlowVertexId vertex, PictureNode node) {
    nodes[vertex] = picture.nodes.size();
    picture.nodes.push_back(std::move(node));
  };
  PictureNode start;
  start.lines = {"start"};
  start.is_initial = true;
  add(flow.start(), std::move(start));
  for (const LocationId id : flow.reachable()) add(flow.vertex_of(id), node_of(system, sources, id));
  PictureNode end;
  end.lines = {"end"};
  add(flow.end(), std::move(end));
  for (const auto& [vertex, number] : nodes) {
    const auto [begin, last] = boost::out_edges(vertex, flow.graph());
    for (auto edge = begin; edge != last; ++edge) {
      picture.edges.push_back({number, nodes.at(boost::target(*edge, flow.graph())), {}});
    }
  }
  const auto ends = [](const PictureEdge& edge) { return std::pair(edge.from, edge.to); };
  std::sort(picture.edges.begin(), picture.edges.end(),
            [&](const PictureEdge& a, const PictureEdge& b) { return ends(a) < ends(b); });
  const auto same = [&](const PictureEdge& a, const PictureEdge& b) { return ends(a) == ends(b); };
  picture.edges.erase(std::unique(picture.edges.begin(), picture.edges.end(), same), picture.edges.end());
  return picture;
}

}  // namespace

Expected<StatePicture> flow_picture(const TransitionSystem& system, const std::string& context,
                                    const SourceMap& sources, std::size_t most_nodes) {
  std::vector<std::string> names;
  for (std::size_t c = 0; c < system.contexts.size(); ++c) {
    names.push_back(system.contexts[c].name);
    if (names.back() != context) continue;
    StatePicture picture = picture_of(system, system.contexts[c], ControlFlow(system, ContextId(c)), sources);
    if (picture.nodes.size() <= most_nodes) return picture;
    return unexpected(fmt::format("'{}' has {} places, too many for a picture: '--nodes N' allows for more", context,
                                  picture.nodes.size()));
  }
  return unexpected(fmt::format("there is no thread or handler '{}': there are {}", context, joined(names)));
}

}  // namespace quiesce::checker

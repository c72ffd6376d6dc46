#include "checker/report/explored_document.h"

#include <string>
#include <unordered_map>
#include <utility>

namespace quiesce::checker {

using namespace model;

namespace {

/// Values by number, in the order in which they are met.
class Values {
 public:
  std::size_t number(const std::string& value) {
    const auto [known, is_new] = numbers_.try_emplace(value, numbers_.size());
    if (is_new) all_.push_back(value);
    return known->second;
  }
  Json all() const { return all_; }

 private:
  std::unordered_map<std::string, std::size_t> numbers_;
  std::vector<std::string> all_;
};

Json step_document(const ExploredGraph::Step& step) {
  Json json{step.deed, step.to ? static_cast<std::int64_t>(*step.to) : std::int64_t{-1}};
  for (const std::size_t rule : step.breaks) json.push_back(rule);
  return json;
}

Json node_document(const ExploredGraph::Node& node, Values& values) {
  Json changes = Json::array();
  for (const StoryValue& one : node.changes) {
    changes.push_back(one.variable);
    changes.push_back(values.number(one.value));
  }
  Json steps = Json::array();
  for (const ExploredGraph::Step& step : node.steps) steps.push_back(step_document(step));
  Json json = Json::array();
  json.push_back(node.from);
  json.push_back(std::move(changes));
  json.push_back(std::move(steps));
  if (!node.broken.empty()) json.push_back(node.broken);
  return json;
}

}  // namespace

Json explored_document(const ExploredGraph& graph, const SourceMap& sources) {
  Values values;
  Json variables = Json::array();
  for (const StoryVariable& one : graph.variables) variables.push_back({one.name, values.number(one.value)});
  Json deeds = Json::array();
  for (const ExploredGraph::Deed& one : graph.deeds) {
    deeds.push_back({one.who, one.text, place_document(sources, one.span)});
  }
  Json nodes = Json::array();
  for (const ExploredGraph::Node& node : graph.nodes) nodes.push_back(node_document(node, values));
  return {{"variables", std::move(variables)},
          {"contexts", graph.contexts},
          {"deeds", std::move(deeds)},
          {"rules", graph.rules},
          {"nodes", std::move(nodes)},
          {"initial", graph.initial},
          {"values", values.all()}};
}

}  // namespace quiesce::checker

#include "checker/report/run_json.h"

#include <stdexcept>

namespace quiesce::checker {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const model::Step& step) {
  Json json;
  json["actor"] = {static_cast<int>(step.actor.kind), step.actor.index, step.actor.activation};
  json["cpu"] = step.cpu;
  json["choices"] = step.choices;
  json["counted"] = step.counted;
  return json;
}

model::Step step_of(const Json& json) {
  model::Step step;
  const Json& actor = json.at("actor");
  const int kind = actor.at(0).get<int>();
  if (kind < 0 || kind > 2) throw std::out_of_range("actor");
  step.actor.kind = static_cast<model::Actor::Kind>(kind);
  step.actor.index = actor.at(1).get<std::uint32_t>();
  step.actor.activation = actor.at(2).get<std::uint32_t>();
  step.cpu = json.at("cpu").get<std::int32_t>();
  step.choices = json.at("choices").get<std::vector<std::int64_t>>();
  step.counted = json.at("counted").get<std::vector<bool>>();
  return step;
}

}  // namespace

void add_run(const Run& run, Json& json) {
  json["states"] = run.states;
  json["steps"] = Json::array();
  for (const model::Step& step : run.steps) json["steps"].push_back(json_of(step));
  if (run.loop) json["loop"] = *run.loop;
}

Run run_of(const Json& json) {
  Run run;
  run.states = json.at("states").get<std::vector<model::State>>();
  for (const Json& step : json.at("steps")) run.steps.push_back(step_of(step));
  if (json.contains("loop")) run.loop = json.at("loop").get<std::size_t>();
  return run;
}

}  // namespace quiesce::checker

#include "checker/report/saved_run.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/evidence/original_run.h"
#include "checker/report/story.h"
#include "checker/report/told_story.h"

namespace quiesce::checker {

using namespace model;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRunFormat = "quiesce run";
constexpr int kRunVersion = 1;

const char* kind_name(Actor::Kind kind) {
  switch (kind) {
    case Actor::Kind::Step:
      return "step";
    case Actor::Kind::Start:
      return "start";
    case Actor::Kind::Act:
      return "action";
  }
  return "";
}

std::optional<Actor::Kind> kind_of(const std::string& name) {
  for (const Actor::Kind kind : {Actor::Kind::Step, Actor::Kind::Start, Actor::Kind::Act}) {
    if (name == kind_name(kind)) return kind;
  }
  return std::nullopt;
}

Json step_json(const SavedStep& step) {
  return {{"who", step.who},
          {"kind", kind_name(step.kind)},
          {"activation", step.activation},
          {"cpu", step.cpu < 0 ? Json(nullptr) : Json(step.cpu)},
          {"choices", step.choices},
          {"part_of", step.part_of},
          {"text", step.text},
          {"place", step.place}};
}

SavedStep saved_step_of(const Json& json) {
  SavedStep step;
  step.who = json.at("who").get<std::string>();
  const auto kind = kind_of(json.at("kind").get<std::string>());
  if (!kind) throw std::invalid_argument("a step is none of step, start, action");
  step.kind = *kind;
  step.activation = json.at("activation").get<std::uint32_t>();
  step.cpu = json.at("cpu").is_null() ? -1 : json.at("cpu").get<std::int32_t>();
  step.choices = json.at("choices").get<std::vector<std::int64_t>>();
  step.part_of = json.at("part_of").get<std::size_t>();
  step.text = json.at("text").get<std::string>();
  step.place = json.at("place").get<std::string>();
  return step;
}

/// Parts ascend from 0 without a gap where they begin, and every state that is reached exists.
bool is_consistent(const SavedRun& run) {
  std::size_t parts = 0;
  for (const SavedStep& step : run.steps) {
    if (step.part_of > parts) return false;
    if (step.part_of == parts) ++parts;
  }
  if (run.reached.empty() || run.reached.front() != 0 || run.reached.size() > parts + 1) return false;
  for (std::size_t i = 0; i < run.reached.size(); ++i) {
    if (run.reached[i] > run.steps.size() || (i > 0 && run.reached[i] < run.reached[i - 1])) return false;
  }
  return run.reached.size() >= parts && (!run.loop || *run.loop <= parts);
}

}  // namespace

Span about_to_span(const TransitionSystem& system, const State& state, const Actor& actor) {
  if (actor.kind == Actor::Kind::Act) return system.actions[actor.index].span;
  const Context& context = system.contexts[actor.index];
  if (actor.kind == Actor::Kind::Start) return context.span;
  const std::int32_t number = state[context.location_cell[actor.activation].value];
  if (number <= 0 || static_cast<std::size_t>(number) > context.locations.size()) return context.span;
  return system.at(context.locations[static_cast<std::size_t>(number) - 1]).span;
}

std::pair<std::string, std::string> about_to(const TransitionSystem& system, const State& state, const Actor& actor,
                                             const SourceMap& sources) {
  const Span span = about_to_span(system, state, actor);
  return {one_line(sources, span), line_of(sources, span)};
}

Expected<SavedRun> saved_run(const CaseOutcome& case_, const Finding& finding, const SourceMap& sources) {
  const SystemsOfRun systems(case_, finding);
  const TransitionSystem& original = systems->original;
  const Expected<OriginalRun> found = original_run(*systems, finding);
  if (!found) return unexpected(found.error());
  SavedRun saved;
  saved.design.system = original.name;
  saved.rule = systems->reduced.at(finding.rule).name;
  saved.message = finding.violation.message;
  saved.in_state = finding.in_state;
  saved.loop = finding.run.loop;
  saved.reached = found->reached;
  for (const InitialAssign& assign : original.initial) {
    if (assign.value.valid() || assign.lo == assign.hi) continue;
    saved.initially.emplace_back(original.at(assign.cell).name, found->run.states.front()[assign.cell.value]);
  }
  for (std::size_t i = 0; i < found->run.steps.size(); ++i) {
    const Step& step = found->run.steps[i];
    const bool acts = step.actor.kind == Actor::Kind::Act;
    SavedStep& one = saved.steps.emplace_back();
    one.who = acts ? original.actions[step.actor.index].name : original.contexts[step.actor.index].name;
    one.kind = step.actor.kind;
    one.activation = step.actor.activation;
    one.cpu = step.cpu;
    one.choices = step.choices;
    one.part_of = found->part_of[i];
    std::tie(one.text, one.place) = about_to(original, found->run.states[i], step.actor, sources);
  }
  return saved;
}

std::string saved_run_json(const SavedRun& run) {
  Json initially = Json::array();
  for (const auto& [cell, value] : run.initially) initially.push_back({{"cell", cell}, {"value", value}});
  Json steps = Json::array();
  for (const SavedStep& step : run.steps) steps.push_back(step_json(step));
  const Json document{{"format", kRunFormat},
                      {"version", kRunVersion},
                      {"tool", {{"name", "quiesce"}, {"version", run.tool_version}}},
                      {"design",
                       {{"file", run.design.file},
                        {"library", run.design.library},
                        {"system", run.design.system},
                        {"check", run.design.check},
                        {"case", run.design.case_number},
                        {"defines", run.design.defines}}},
                      {"rule", run.rule},
                      {"message", run.message},
                      {"in_state", run.in_state},
                      {"loop", run.loop ? Json(*run.loop) : Json(nullptr)},
                      {"initially", std::move(initially)},
                      {"reached", run.reached},
                      {"steps", std::move(steps)}};
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Expected<SavedRun> read_saved_run(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != kRunFormat) return unexpected(std::string("it is not a run that quiesce has saved"));
    if (json.at("version") != kRunVersion) {
      return unexpected(fmt::format("it is a run of version {}, this program reads version {}",
                                    json.at("version").dump(), kRunVersion));
    }
    SavedRun run;
    run.tool_version = json.at("tool").at("version").get<std::string>();
    const Json& design = json.at("design");
    run.design.file = design.at("file").get<std::string>();
    run.design.library = design.at("library").get<std::string>();
    run.design.system = design.at("system").get<std::string>();
    run.design.check = design.at("check").get<std::size_t>();
    run.design.case_number = design.at("case").get<std::size_t>();
    run.design.defines = design.at("defines").get<std::map<std::string, std::string>>();
    run.rule = json.at("rule").get<std::string>();
    run.message = json.at("message").get<std::string>();
    run.in_state = json.at("in_state").get<bool>();
    if (!json.at("loop").is_null()) run.loop = json.at("loop").get<std::size_t>();
    for (const Json& one : json.at("initially")) {
      run.initially.emplace_back(one.at("cell").get<std::string>(), one.at("value").get<std::int64_t>());
    }
    run.reached = json.at("reached").get<std::vector<std::size_t>>();
    for (const Json& one : json.at("steps")) run.steps.push_back(saved_step_of(one));
    if (!is_consistent(run)) return unexpected(std::string("its steps do not fit together"));
    return run;
  } catch (const std::exception& problem) {  // of the parser, or a member that is missing
    std::string what = problem.what();
    what.erase(0, what.find("] ") == std::string::npos ? 0 : what.find("] ") + 2);  // the parser's own number of it
    return unexpected(fmt::format(
        "it is not a run that quiesce has saved ({}): write one with 'quiesce check --save-run FILE'", what));
  }
}

}  // namespace quiesce::checker

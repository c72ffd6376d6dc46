#include "checker/report/swarm_file.h"

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "checker/report/run_json.h"

namespace quiesce::checker {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPartFormat = "quiesce swarm 1";
constexpr std::uint32_t kMaxSearches = 1000000;

Json json_of(const SwarmFinding& finding) {
  Json json;
  json["rule"] = finding.rule;
  json["in_state"] = finding.in_state;
  if (finding.property) json["property"] = *finding.property;
  add_run(finding.run, json);
  return json;
}

SwarmFinding swarm_finding_of(const Json& json) {
  SwarmFinding finding;
  finding.rule = json.at("rule").get<std::string>();
  finding.in_state = json.at("in_state").get<bool>();
  if (json.contains("property")) finding.property = json.at("property").get<std::uint32_t>();
  finding.run = run_of(json);
  return finding;
}

SwarmPart part_of(const Json& json) {
  SwarmPart part;
  const Json& design = json.at("design");
  part.design.file = design.at("file").get<std::string>();
  part.design.title = design.at("title").get<std::string>();
  part.design.fingerprint = design.at("fingerprint").get<std::string>();
  part.design.system = design.at("system").get<std::string>();
  part.design.check = design.at("check").get<std::uint64_t>();
  part.design.rules = design.at("for").get<std::vector<std::string>>();
  part.design.defines = design.at("defines").get<std::map<std::string, std::string>>();
  part.design.library_directory = design.at("library").get<std::string>();
  part.design.plain = design.at("plain").get<bool>();
  part.design.slice = design.at("slice").get<bool>();
  part.seed = json.at("seed").get<std::uint64_t>();
  part.part = json.at("part").get<std::uint32_t>();
  part.parts = json.at("parts").get<std::uint32_t>();
  part.searches = json.at("searches").get<std::uint32_t>();
  if (json.contains("depth")) part.depth = json.at("depth").get<std::uint32_t>();
  part.done = json.at("done").get<std::vector<std::uint32_t>>();
  part.states = json.at("visited_states").get<std::uint64_t>();
  part.steps = json.at("generated_steps").get<std::uint64_t>();
  part.deepest = json.at("deepest").get<std::uint32_t>();
  part.milliseconds = json.at("milliseconds").get<std::uint64_t>();
  for (const Json& finding : json.at("findings")) part.findings.push_back(swarm_finding_of(finding));
  return part;
}

bool is_consistent(const SwarmPart& part) {
  if (part.searches < 1 || part.searches > kMaxSearches) return false;
  if (part.part < 1 || part.part > part.parts || part.parts > part.searches) return false;
  return std::adjacent_find(part.done.begin(), part.done.end(), std::greater_equal<>()) == part.done.end() &&
         std::all_of(part.done.begin(), part.done.end(), [&](std::uint32_t search) {
           return search < part.searches && search % part.parts == part.part - 1;
         });
}

}  // namespace

std::string swarm_part_json(const SwarmPart& part) {
  Json json;
  json["format"] = kPartFormat;
  json["design"] = {{"file", part.design.file},
                    {"title", part.design.title},
                    {"fingerprint", part.design.fingerprint},
                    {"system", part.design.system},
                    {"check", part.design.check},
                    {"for", part.design.rules},
                    {"defines", part.design.defines},
                    {"library", part.design.library_directory},
                    {"plain", part.design.plain},
                    {"slice", part.design.slice}};
  json["seed"] = part.seed;
  json["part"] = part.part;
  json["parts"] = part.parts;
  json["searches"] = part.searches;
  if (part.depth) json["depth"] = *part.depth;
  json["done"] = part.done;
  json["visited_states"] = part.states;
  json["generated_steps"] = part.steps;
  json["deepest"] = part.deepest;
  json["milliseconds"] = part.milliseconds;
  json["findings"] = Json::array();
  for (const SwarmFinding& finding : part.findings) json["findings"].push_back(json_of(finding));
  // Names come from texts, which may hold any bytes.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

bool begins_as_swarm_part(std::string_view text) { return text.rfind("{\"format\":\"quiesce swarm", 0) == 0; }

model::Expected<SwarmPart> read_swarm_part(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return model::unexpected("it is not what 'quiesce check --search swarm --result FILE' writes");
  }
  try {
    if (json.at("format").get<std::string>() != kPartFormat) {
      return model::unexpected("it was written by another version of quiesce");
    }
    SwarmPart part = part_of(json);
    if (is_consistent(part)) return part;
  } catch (const std::exception&) {  // a value is missing, or of another type
  }
  return model::unexpected("it is damaged");
}

}  // namespace quiesce::checker

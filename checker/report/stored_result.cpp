#include "checker/report/stored_result.h"

#include <algorithm>
#include <stdexcept>
#include <variant>

#include <nlohmann/json.hpp>

#include "checker/report/run_json.h"
#include "model/base/internal_check.h"
#include "model/base/overloaded.h"

namespace quiesce::checker {

namespace {

using Json = nlohmann::ordered_json;

/// What is not of the expected form.
[[noreturn]] void refuse(const char* what) { throw std::out_of_range(what); }

/// A number below `end`.
std::uint32_t index_of(const Json& json, std::size_t end) {
  const auto index = json.get<std::uint64_t>();
  if (index >= end) refuse("index");
  return static_cast<std::uint32_t>(index);
}

/// An enumerator up to `last`.
template <class Enum>
Enum enumerator_of(const Json& json, Enum last) {
  return static_cast<Enum>(index_of(json, static_cast<std::size_t>(last) + 1));
}

Json json_of(model::Span span) {
  if (!span.valid()) return nullptr;
  return {span.file.value, span.begin, span.end};
}

model::Span span_of(const Json& json) {
  if (json.is_null()) return {};
  return {model::FileId(json.at(0).get<std::uint32_t>()), json.at(1).get<std::uint32_t>(),
          json.at(2).get<std::uint32_t>()};
}

// ------------------------------------------------------------------------------------------- reasons

bool is_final(const Reason& reason) {
  return std::visit(Overloaded{
                        [](const std::monostate&) { return true; },
                        [](const Incomplete&) { return false; },
                        [](const CutOff&) { return true; },
                        [](const NoInitialState&) { return true; },
                        [](const Undecided& why) { return why.kind != Undecided::Kind::NotSearched; },
                        [](const Unprovable&) { return false; },
                    },
                    reason);
}

Json json_of(const Reason& reason) {
  return std::visit(
      Overloaded{
          [](const std::monostate&) { return Json(); }, [](const Incomplete&) { return Json(); },  // not final
          [](const CutOff& why) {
            return Json{{"cut_off", why.by.value}};
          },
          [](const NoInitialState&) {
            return Json{{"no_initial_state", true}};
          },
          [](const Undecided& why) {
            return Json{{"undecided", static_cast<int>(why.kind)}};
          },
          [](const Unprovable&) { return Json(); },  // not final
      },
      reason);
}

Reason reason_of(const model::TransitionSystem& system, const Json& json) {
  if (json.is_null()) return {};
  if (json.contains("cut_off")) return CutOff{model::RuleId(index_of(json.at("cut_off"), system.rules.size()))};
  if (json.contains("no_initial_state")) return NoInitialState{};
  return Undecided{enumerator_of(json.at("undecided"), Undecided::Kind::NotConfirmed)};
}

// ------------------------------------------------------------------------------------------- findings

Json json_of(const Finding& finding) {
  Json json{{"rule", finding.rule.value},
            {"broken", finding.violation.rule.value},
            {"span", json_of(finding.violation.span)},
            {"message", finding.violation.message},
            {"in_state", finding.in_state},
            {"is_shortest", finding.is_shortest},
            {"is_of_infinite", finding.is_of_infinite}};
  if (finding.violation.property.valid()) json["broken_property"] = finding.violation.property.value;
  if (finding.property) json["property"] = finding.property->value;
  add_run(finding.run, json);
  return json;
}

Finding finding_of(const model::TransitionSystem& system, const Json& json) {
  Finding finding;
  finding.rule = model::RuleId(index_of(json.at("rule"), system.rules.size()));
  finding.violation.rule = model::RuleId(index_of(json.at("broken"), system.rules.size()));
  finding.violation.span = span_of(json.at("span"));
  finding.violation.message = json.at("message").get<std::string>();
  finding.in_state = json.at("in_state").get<bool>();
  finding.is_shortest = json.at("is_shortest").get<bool>();
  finding.is_of_infinite = json.at("is_of_infinite").get<bool>();
  // Properties of infinite runs have numbers of their own.
  const std::size_t properties = std::max(system.properties.size(), system.temporal.size());
  if (json.contains("broken_property")) {
    finding.violation.property = model::PropertyId(index_of(json.at("broken_property"), properties));
  }
  if (json.contains("property")) finding.property = model::PropertyId(index_of(json.at("property"), properties));
  finding.run = run_of(json);
  return finding;
}

// ------------------------------------------------------------------------------------------- figures

Json json_of(const Statistics& figures) {
  return {{"distinct_states", figures.distinct_states},
          {"generated_steps", figures.generated_steps},
          {"depth", figures.depth},
          {"reduced_states", figures.reduced_states},
          {"frontier", figures.frontier},
          {"wall_nanoseconds", figures.wall.count()},
          {"peak_memory_bytes", figures.peak_memory_bytes},
          {"memory_bytes", figures.memory_bytes},
          {"broken_rules", figures.broken_rules},
          {"shortest_run", figures.shortest_run},
          {"layers", figures.layers}};
}

Statistics statistics_of(const Json& json) {
  Statistics figures;
  figures.distinct_states = json.at("distinct_states").get<std::uint64_t>();
  figures.generated_steps = json.at("generated_steps").get<std::uint64_t>();
  figures.depth = json.at("depth").get<std::uint32_t>();
  figures.reduced_states = json.at("reduced_states").get<std::uint64_t>();
  figures.frontier = json.at("frontier").get<std::uint64_t>();
  figures.wall = std::chrono::nanoseconds(json.at("wall_nanoseconds").get<std::int64_t>());
  figures.peak_memory_bytes = json.at("peak_memory_bytes").get<std::uint64_t>();
  figures.memory_bytes = json.at("memory_bytes").get<std::uint64_t>();
  figures.broken_rules = json.at("broken_rules").get<std::size_t>();
  figures.shortest_run = json.at("shortest_run").get<std::size_t>();
  figures.layers = json.at("layers").get<std::vector<std::uint64_t>>();
  return figures;
}

Json json_of(const SymmetryFacts& facts) {
  Json json{{"classes", facts.classes}, {"obstacles", Json::array()}};
  for (const SymmetryObstacle& one : facts.obstacles) {
    json["obstacles"].push_back({one.first, one.second, static_cast<int>(one.reason.kind), one.reason.first,
                                 one.reason.second, json_of(one.span)});
  }
  return json;
}

SymmetryFacts symmetry_of(const Json& json) {
  SymmetryFacts facts;
  facts.classes = json.at("classes").get<std::vector<std::vector<std::string>>>();
  for (const Json& one : json.at("obstacles")) {
    const auto name = [&](std::size_t i) { return one.at(i).get<std::string>(); };
    const Asymmetry reason{enumerator_of(one.at(2), Asymmetry::Kind::Steps), name(3), name(4)};
    facts.obstacles.push_back({name(0), name(1), reason, span_of(one.at(5))});
  }
  return facts;
}

SearchResult result_of(const model::TransitionSystem& system, const Json& json) {
  SearchResult result;
  result.complete = true;
  for (const Json& one : json.at("findings")) result.findings.push_back(finding_of(system, one));
  const Json& rules = json.at("rules");
  if (rules.size() != system.checked.size()) refuse("rules");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    RuleResult& rule = result.rules.emplace_back();
    rule.rule = model::RuleId(index_of(rules[i].at(0), system.rules.size()));
    if (rule.rule != system.checked[i]) refuse("rule");
    rule.verdict = enumerator_of(rules[i].at(1), Verdict::Unknown);
    rule.reason = reason_of(system, rules[i].at(2));
    if (!rules[i].at(3).is_null()) rule.finding = index_of(rules[i].at(3), result.findings.size());
    if (rule.finding && rule.verdict != Verdict::Violated) refuse("finding");
  }
  result.statistics = statistics_of(json.at("statistics"));
  result.symmetry = symmetry_of(json.at("symmetry"));
  if (json.contains("infinite")) result.infinite = statistics_of(json.at("infinite"));
  return result;
}

}  // namespace

bool is_final(const SearchResult& result) {
  return result.complete && result.limit == LimitKind::None && result.storage == Storage::Exact && !result.hunt &&
         !result.proof && result.multipliers.empty() && result.searches_done.empty() && !result.problem &&
         !result.warning &&
         std::all_of(result.rules.begin(), result.rules.end(),
                     [](const RuleResult& rule) { return is_final(rule.reason); }) &&
         std::all_of(result.findings.begin(), result.findings.end(),
                     [](const Finding& finding) { return finding.no_run == LimitKind::None; });
}

std::string stored_result(const SearchResult& result) {
  QUIESCE_CHECK(is_final(result)) << "a result that is not final is to be stored";
  Json json{{"rules", Json::array()}, {"findings", Json::array()}};
  for (const RuleResult& rule : result.rules) {
    json["rules"].push_back({rule.rule.value, static_cast<int>(rule.verdict), json_of(rule.reason),
                             rule.finding ? Json(*rule.finding) : Json()});
  }
  for (const Finding& finding : result.findings) json["findings"].push_back(json_of(finding));
  json["statistics"] = json_of(result.statistics);
  json["symmetry"] = json_of(result.symmetry);
  if (result.infinite) json["infinite"] = json_of(*result.infinite);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

model::Expected<SearchResult> read_stored_result(const model::TransitionSystem& system, std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  try {
    if (json.is_object()) return result_of(system, json);
  } catch (const std::exception&) {  // a value is missing, of another type, or names nothing
  }
  return model::unexpected("it is damaged");
}

}  // namespace quiesce::checker

#include "checker/report/outcome_json.h"

#include <chrono>
#include <optional>
#include <string_view>

#include "checker/report/outcome_document.h"
#include "checker/report/progress.h"
#include "checker/report/sentences.h"
#include "checker/report/told_story.h"
#include "model/base/overloaded.h"

namespace quiesce::checker {

using namespace model;

namespace {

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(std::string(text)); }

Json list() { return Json::array(); }

// ------------------------------------------------------------------------------------------- words

const char* severity_name(const Rule& rule) { return rule.core ? "core" : rule.is_warning ? "warning" : "error"; }

const char* storage_name(Storage storage) {
  switch (storage) {
    case Storage::Exact:
      return "exact";
    case Storage::Compact:
      return "compact";
    case Storage::Bitstate:
      return "bitstate";
  }
  return "";
}

const char* hunt_name(Hunt::Kind kind) {
  switch (kind) {
    case Hunt::Kind::DepthFirst:
      return "depth first";
    case Hunt::Kind::RandomWalks:
      return "random walks";
    case Hunt::Kind::Swarm:
      return "swarm";
    case Hunt::Kind::FewInterruptions:
      return "few interruptions";
  }
  return "";
}

const char* match_name(Match match) {
  switch (match) {
    case Match::AsExpected:
      return "as expected";
    case Match::Different:
      return "different";
    case Match::Undecided:
      return "undecided";
  }
  return "";
}

const char* line_kind_name(StoryLine::Kind kind) {
  switch (kind) {
    case StoryLine::Kind::Start:
      return "start";
    case StoryLine::Kind::Act:
      return "action";
    case StoryLine::Kind::Statement:
      return "statement";
    case StoryLine::Kind::Call:
      return "call";
    case StoryLine::Kind::Return:
      return "return";
    case StoryLine::Kind::Choice:
      return "choice";
    case StoryLine::Kind::End:
      return "end";
  }
  return "";
}

// ------------------------------------------------------------------------------------------- writer

class OutcomeWriter {
 public:
  OutcomeWriter(const CheckedFiles& checked, const SourceMap* sources, const StoryHook& hook)
      : checked_(checked), sources_(sources), hook_(hook) {}

  Json file(const CheckedFile& file) const;

 private:
  Json place(Span span) const;
  Json diagnostic(const Diagnostic& found) const;
  Json check(const CheckOutcome& outcome) const;
  Json case_(const CaseOutcome& outcome, std::size_t number) const;
  Json verdict(const CaseOutcome& outcome, const RuleResult& result) const;
  Json finding(const CaseOutcome& outcome, const Finding& found) const;
  Json reason(const TransitionSystem& system, const Reason& reason) const;
  Json comparison(const TransitionSystem& system, const Comparison& comparison) const;
  Json statistics(const Statistics& statistics) const;
  Json search(const SearchResult& result) const;
  Json broken(const CheckOutcome& outcome, const BrokenRule& rule) const;

  const CheckedFiles& checked_;
  const SourceMap* sources_;
  const StoryHook& hook_;
};

Json OutcomeWriter::place(Span span) const {
  return sources_ == nullptr ? Json(nullptr) : place_document(*sources_, span);
}

Json OutcomeWriter::diagnostic(const Diagnostic& found) const {
  Json labels = list();
  for (const Label& label : found.labels) {
    labels.push_back({{"place", place(label.span)}, {"message", label.message}});
  }
  return {{"severity", found.severity == Severity::Error ? "error" : "warning"},
          {"code", found.code},
          {"message", found.message},
          {"place", place(found.span)},
          {"labels", std::move(labels)},
          {"notes", found.notes}};
}

Json OutcomeWriter::reason(const TransitionSystem& system, const Reason& reason) const {
  Json json = std::visit(Overloaded{
                             [](const std::monostate&) { return Json(nullptr); },
                             [](const Incomplete& why) {
                               return Json{{"kind", "incomplete"},
                                           {"limit", text_or_null(limit_name(why.limit))},
                                           {"stopped_at_first", why.stopped_at_first},
                                           {"after_first", why.after_first},
                                           {"hunt", why.is_hunt},
                                           {"storage", storage_name(why.storage)},
                                           {"missed_probability", why.missed_probability},
                                           {"states", why.states},
                                           {"depth", why.depth},
                                           {"frontier", why.frontier},
                                           {"witnessed", why.is_witnessed}};
                             },
                             [&](const CutOff& why) {
                               return Json{{"kind", "cut off"}, {"by", system.at(why.by).name}};
                             },
                             [](const NoInitialState&) {
                               return Json{{"kind", "no initial state"}};
                             },
                             [](const Undecided&) {
                               return Json{{"kind", "infinite runs"}};
                             },
                             [](const Unprovable&) {
                               return Json{{"kind", "unprovable"}};
                             },
                         },
                         reason);
  if (!json.is_null()) json["text"] = reason_text(system, reason);
  return json;
}

Json OutcomeWriter::finding(const CaseOutcome& outcome, const Finding& found) const {
  const bool has_run = found.no_run == LimitKind::None && !found.run.states.empty();
  return {{"place", place(found.violation.span)},
          {"message", text_or_null(found.violation.message)},
          {"in_state", found.in_state},
          {"steps", has_run ? Json(found.run.steps.size()) : Json(nullptr)},
          {"shortest", has_run && is_known_shortest(outcome, found)},
          {"run_not_found", text_or_null(limit_name(found.no_run))}};
}

Json OutcomeWriter::verdict(const CaseOutcome& outcome, const RuleResult& result) const {
  const Finding* found = finding_of(outcome, result);
  return {{"rule", outcome.system->at(result.rule).name},
          {"verdict", verdict_name(result.verdict)},
          {"reason", reason(*outcome.system, result.reason)},
          {"finding", found == nullptr ? Json(nullptr) : finding(outcome, *found)}};
}

Json OutcomeWriter::comparison(const TransitionSystem& system, const Comparison& comparison) const {
  Json differences = list();
  for (const Difference& one : comparison.differences) {
    differences.push_back({{"rule", one.rule},
                           {"wanted", verdict_name(one.wanted)},
                           {"found", one.found ? Json(verdict_name(*one.found)) : Json(nullptr)},
                           {"reason", reason(system, one.reason)},
                           {"alike", one.alike}});
  }
  return {{"match", match_name(comparison.match)},
          {"differences", std::move(differences)},
          {"undecided", reason(system, comparison.undecided)},
          {"text", text_or_null(comparison_text(system, comparison))}};
}

Json OutcomeWriter::statistics(const Statistics& statistics) const {
  Json json{{"distinct_states", statistics.distinct_states},
            {"generated_steps", statistics.generated_steps},
            {"depth", statistics.depth},
            {"frontier", statistics.frontier}};
  if (checked_.show_cost) {
    json["seconds"] = std::chrono::duration<double>(statistics.wall).count();
    json["peak_memory_bytes"] = statistics.peak_memory_bytes;
  }
  return json;
}

Json OutcomeWriter::search(const SearchResult& result) const {
  Json hunt = nullptr;
  if (result.hunt) {
    hunt = {{"kind", hunt_name(result.hunt->kind)},
            {"searches", result.hunt->searches},
            {"planned", result.hunt->planned},
            {"seed", result.hunt->seed},
            {"interruptions", nullptr}};
    if (result.hunt->interruptions) hunt["interruptions"] = *result.hunt->interruptions;
  }
  return {{"complete", result.complete},
          {"storage", storage_name(result.storage)},
          {"limit", text_or_null(limit_name(result.limit))},
          {"hunt", std::move(hunt)}};
}

Json OutcomeWriter::case_(const CaseOutcome& outcome, std::size_t number) const {
  const TransitionSystem& system = *outcome.system;
  Json parameters = list();
  for (const ParameterValue& one : system.parameters) {
    parameters.push_back({{"name", one.name}, {"value", one.value}, {"default", one.is_default}});
  }
  Json rules = list();
  for (const RuleResult& rule : outcome.result.rules) rules.push_back(verdict(outcome, rule));
  return {{"number", number},
          {"title", outcome.title},
          {"parameters", std::move(parameters)},
          {"verdict", verdict_name(overall(outcome.result))},
          {"rules", std::move(rules)},
          {"comparison", outcome.has_expectation ? comparison(system, outcome.comparison) : Json(nullptr)},
          {"search", search(outcome.result)},
          {"statistics", statistics(outcome.result.statistics)}};
}

// ------------------------------------------------------------------------------------------- stories

Json changes_of(const std::vector<StoryChange>& changes) {
  Json json = list();
  for (const StoryChange& one : changes) {
    json.push_back({{"variable", one.name}, {"before", one.before}, {"after", one.after}});
  }
  return json;
}

Json line_document(const SourceMap& sources, const StoryLine& line) {
  return {{"kind", line_kind_name(line.kind)},
          {"text", line.text},
          {"place", place_document(sources, line.span)},
          {"depth", line.depth},
          {"changes", changes_of(line.changes)}};
}

Json step_document(const LevelNames& levels, const SourceMap& sources, const StoryStep& step, std::size_t number) {
  const auto cpu = [&](std::int32_t which) { return step.in_context && which >= 0 ? Json(which) : Json(nullptr); };
  const auto level = [&](std::int64_t which) { return step.in_context ? Json(levels.name(which)) : Json(nullptr); };
  Json lines = list();
  for (const StoryLine& one : step.lines) lines.push_back(line_document(sources, one));
  return {{"number", number},
          {"who", step.who},
          {"role", step.role},
          {"starts", step.starts},
          {"cpu_before", cpu(step.cpu_before)},
          {"cpu_after", cpu(step.cpu_after)},
          {"level_before", level(step.level_before)},
          {"level_after", level(step.level_after)},
          {"lines", std::move(lines)}};
}

Json OutcomeWriter::broken(const CheckOutcome& outcome, const BrokenRule& rule) const {
  const CaseOutcome& best = outcome.cases[rule.best];
  Json cases = list();
  for (const std::size_t number : rule.cases) cases.push_back(number + 1);
  const RuleResult* result = result_of(*best.system, best.result, rule.name);
  const Finding* found = result == nullptr ? nullptr : finding_of(best, *result);
  const std::optional<Story> told =
      found == nullptr ? std::nullopt : told_story(best, *found, *sources_, checked_.full);
  Json json{{"rule", rule.name},
            {"cases", std::move(cases)},
            {"shown_case", rule.best + 1},
            {"finding", found == nullptr ? Json(nullptr) : finding(best, *found)},
            {"story", told ? story_document(best.system->level_names, *told, *sources_) : Json(nullptr)}};
  if (told && hook_) hook_({*best.system, *told, *sources_, &best, found}, json);
  return json;
}

Json OutcomeWriter::check(const CheckOutcome& outcome) const {
  const CaseOutcome& first = outcome.cases.front();
  Json rules = list();
  for (const RuleId id : first.system->checked) rules.push_back(rule_document(first.system->at(id)));
  Json cases = list();
  for (const CaseOutcome& one : outcome.cases) cases.push_back(case_(one, cases.size() + 1));
  Json broken_rules = list();
  for (const BrokenRule& one : outcome.broken) broken_rules.push_back(broken(outcome, one));
  return {{"system", first.system->name}, {"place", place(first.span)}, {"verdict", verdict_name(outcome.verdict)},
          {"rules", std::move(rules)},    {"cases", std::move(cases)},  {"broken", std::move(broken_rules)}};
}

Json OutcomeWriter::file(const CheckedFile& file) const {
  Json diagnostics = list();
  for (const Diagnostic& one : file.diagnostics) diagnostics.push_back(diagnostic(one));
  Json checks = list();
  for (const CheckOutcome& one : file.checks) checks.push_back(check(one));
  return {{"name", file.name},
          {"problem", text_or_null(file.problem)},
          {"diagnostics", std::move(diagnostics)},
          {"checks", std::move(checks)}};
}

}  // namespace

Json place_document(const SourceMap& sources, Span span) {
  if (!span.valid()) return nullptr;
  const SourceFile& file = sources.file(span.file);
  const LineColumn begin = file.position(span.begin);
  const LineColumn end = file.position(span.end);
  return {{"file", file.name()},
          {"line", begin.line},
          {"column", begin.column},
          {"end_line", end.line},
          {"end_column", end.column}};
}

Json rule_document(const Rule& rule) {
  return {{"name", rule.name},
          {"severity", severity_name(rule)},
          {"title", text_or_null(rule.title)},
          {"because", text_or_null(rule.because)},
          {"citations", rule.citations}};
}

Json story_document(const LevelNames& levels, const Story& story, const SourceMap& sources) {
  Json initially = list();
  for (const StoryChange& one : story.initially) initially.push_back({{"variable", one.name}, {"value", one.after}});
  Json steps = list();
  for (const StoryStep& one : story.steps) steps.push_back(step_document(levels, sources, one, steps.size() + 1));
  Json blocked = list();
  for (const StoryBlocked& one : story.blocked) {
    blocked.push_back(
        {{"who", one.who}, {"role", one.role}, {"why", one.why}, {"place", place_document(sources, one.span)}});
  }
  return {{"initially", std::move(initially)},
          {"steps", std::move(steps)},
          {"blocked", std::move(blocked)},
          {"standing", story.standing}};
}

Json outcome_document(const CheckedFiles& checked, const StoryHook& hook) {
  Json files = list();
  for (const CheckedFile& file : checked.files) files.push_back(OutcomeWriter(checked, file.sources, hook).file(file));
  return {{"format", "quiesce outcome"},
          {"version", 1},
          {"tool", {{"name", "quiesce"}, {"version", checked.tool_version}}},
          {"command", checked.is_test ? "test" : "check"},
          {"files", std::move(files)}};
}

std::string outcome_json(const CheckedFiles& checked) {
  return outcome_document(checked).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quiesce::checker

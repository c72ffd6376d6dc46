#include "checker/report/sarif.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/report/baseline.h"
#include "checker/report/complaints.h"
#include "checker/report/fingerprint.h"
#include "checker/report/layout.h"
#include "checker/report/told_story.h"

namespace quiesce::checker {

using namespace model;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kLibrary = "library:";

// ------------------------------------------------------------------------------------------- places

/// A path as a URI: what is not plain is percent-encoded; an absolute path gets its scheme.
std::string uri(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

/// The library is no file of the user's: its paths have a base of their own.
Json artifact(std::string_view file) {
  if (file.starts_with(kLibrary)) return {{"uri", uri(file.substr(kLibrary.size()))}, {"uriBaseId", "LIBRARY"}};
  Json location{{"uri", uri(file)}};
  if (!file.starts_with('/')) location["uriBaseId"] = "%SRCROOT%";
  return location;
}

Json physical(const Region& at) {
  return {{"artifactLocation", artifact(at.file)},
          {"region",
           {{"startLine", at.line},
            {"startColumn", at.column},
            {"endLine", at.end_line},
            {"endColumn", std::max(at.end_column, at.line == at.end_line ? at.column : 1)}}}};
}

Json location(const SourceMap& sources, Span span, const std::string& message) {
  Json json{{"physicalLocation", physical(region_of(sources, span))}};
  if (!message.empty()) json["message"] = {{"text", message}};
  return json;
}

// ------------------------------------------------------------------------------------------- rules

Json help_of(const Rule& rule) {
  std::string text = rule.title;
  std::string markdown = rule.title;
  if (!rule.because.empty()) {
    text += "\nBecause: " + rule.because;
    markdown += "\n\n**Because:** " + rule.because;
  }
  for (const std::string& citation : rule.citations) {
    text += "\nSource: " + citation;
    markdown += "\n\n**Source:** " + citation;
  }
  return {{"text", text}, {"markdown", markdown}};
}

Json rule_of(const Complaint& complaint) {
  Json json{{"id", complaint.id}};
  if (complaint.rule == nullptr) {
    const bool is_text = complaint.check == nullptr;
    const std::string about = is_text ? fmt::format("A mistake in the text ({})", complaint.id)
                                      : fmt::format("{}: not as expected, or undecided", complaint.id);
    json["shortDescription"] = {{"text", about}};
    if (is_text) json["help"] = {{"text", "docs/diagnostics.md lists the codes and what they mean."}};
  } else {
    const Rule& rule = *complaint.rule;
    json["shortDescription"] = {{"text", rule.title.empty() ? rule.name : rule.title}};
    if (!rule.because.empty()) json["fullDescription"] = {{"text", rule.because}};
    json["help"] = help_of(rule);
  }
  json["defaultConfiguration"] = {{"level", complaint.is_warning || complaint.is_undecided ? "warning" : "error"}};
  json["properties"] = {{"precision", "very-high"},
                        {"problem.severity", complaint.is_warning ? "warning" : "error"},
                        {"tags", Json::array({complaint.check == nullptr ? "text" : "interrupts"})}};
  return json;
}

// ------------------------------------------------------------------------------------------- document

class SarifWriter {
 public:
  SarifWriter(const CheckedFiles& checked, const SarifLimits& limits)
      : checked_(checked), limits_(limits), complaints_(complaints_about(checked)) {
    std::stable_sort(complaints_.begin(), complaints_.end(),
                     [](const Complaint& a, const Complaint& b) { return gravity(a) > gravity(b); });
  }

  std::string document() {
    Json results = Json::array();
    for (const Complaint& complaint : complaints_) {
      if (!complaint.span.valid() || complaint.is_undecided) {
        notify(complaint.is_undecided ? "warning" : "error",
               fmt::format("{}: {}", complaint.file->name, complaint.message));
        is_successful_ &= complaint.is_undecided;
      } else if (results.size() < limits_.results) {
        results.push_back(result(complaint));
      } else {
        ++left_out_;
      }
    }
    if (left_out_ > 0) notify("warning", fmt::format("{} more results are left out", left_out_));
    return within_size(std::move(results));
  }

 private:
  static int gravity(const Complaint& complaint) { return complaint.is_undecided ? 0 : complaint.is_warning ? 1 : 2; }

  void notify(const char* level, std::string message) {
    notifications_.push_back({{"level", level}, {"message", {{"text", std::move(message)}}}});
  }

  std::size_t rule_index(const Complaint& complaint) {
    const auto [known, is_new] = rule_indices_.try_emplace(complaint.id, rules_.size());
    if (is_new) rules_.push_back(rule_of(complaint));
    return known->second;
  }

  Json result(const Complaint& complaint) {
    const SourceMap& sources = *complaint.file->sources;
    Json json{{"ruleId", complaint.id},
              {"ruleIndex", rule_index(complaint)},
              {"level", complaint.is_warning ? "warning" : "error"},
              {"message", {{"text", complaint.message}}},
              {"locations", Json::array({location(sources, complaint.span, "")})},
              {"partialFingerprints", fingerprints(complaint)}};
    if (checked_.baseline != nullptr && is_finding(complaint)) {
      json["baselineState"] = is_known(*checked_.baseline, complaint) ? "unchanged" : "new";
    }
    Json related = related_places(complaint);
    if (!related.empty()) json["relatedLocations"] = std::move(related);
    if (complaint.story && !complaint.story->steps.empty()) {
      json["codeFlows"] = Json::array({{{"threadFlows", Json::array({flow(complaint)})}}});
    }
    if (Json fixes = fixes_of(complaint); !fixes.empty()) json["fixes"] = std::move(fixes);
    return json;
  }

  static Json replacement(const ProposedFix::Lines& lines) {
    std::string text;
    for (const std::string& line : lines.added) text += line + "\n";
    Json json{{"deletedRegion",
               {{"startLine", lines.first + 1},
                {"startColumn", 1},
                {"endLine", lines.first + lines.removed + 1},
                {"endColumn", 1}}}};
    if (!text.empty()) json["insertedContent"] = {{"text", text}};
    return json;
  }

  /// The mends that were found of the check.
  static Json fixes_of(const Complaint& complaint) {
    Json fixes = Json::array();
    if (complaint.check == nullptr) return fixes;
    const auto check = static_cast<std::size_t>(complaint.check - complaint.file->checks.data());
    if (check >= complaint.file->fixes.size()) return fixes;
    for (const ProposedFix& fix : complaint.file->fixes[check]) {
      Json replacements = Json::array();
      for (const ProposedFix::Lines& lines : fix.changes) replacements.push_back(replacement(lines));
      const Json change{{"artifactLocation", artifact(complaint.file->name)},
                        {"replacements", std::move(replacements)}};
      fixes.push_back({{"description", {{"text", fix.what}}}, {"artifactChanges", Json::array({change})}});
    }
    return fixes;
  }

  /// Where the rule stands that broke, when the result points at the user's text; and what labels of a diagnostic say.
  static Json related_places(const Complaint& complaint) {
    const SourceMap& sources = *complaint.file->sources;
    Json related = Json::array();
    const auto add = [&](Span span, const std::string& message) {
      Json one = location(sources, span, message);
      one["id"] = related.size() + 1;
      related.push_back(std::move(one));
    };
    if (complaint.finding != nullptr) {
      const Span span = complaint.finding->violation.span;
      if (span.valid() && span != complaint.span) add(span, "broken here");
    }
    if (complaint.diagnostic != nullptr) {
      for (const Label& label : complaint.diagnostic->labels) {
        if (label.span.valid()) add(label.span, label.message);
      }
    }
    return related;
  }

  Json fingerprints(const Complaint& complaint) {
    const std::string fingerprint = fingerprint_of(complaint);
    const std::string value = fmt::format("{}:{}", fingerprint, ++seen_[fingerprint]);
    return {{"primaryLocationLineHash", value}, {"quiesce/v1", value}};
  }

  Json flow(const Complaint& complaint) const {
    const Story& story = *complaint.story;
    const SourceMap& sources = *complaint.file->sources;
    const LevelNames& levels = complaint.case_->system->level_names;
    Json all = Json::array();
    for (std::size_t i = 0; i < story.steps.size(); ++i) {
      const std::string title = step_title(levels, story.steps[i], i + 1);
      for (const StoryLine& line : story.steps[i].lines) {
        if (!line.span.valid()) continue;
        all.push_back({{"location", location(sources, line.span, title + ": " + line_text(line))},
                       {"nestingLevel", line.depth},
                       {"executionOrder", i + 1},
                       {"importance", is_own(sources, line.span) ? "important" : "unimportant"}});
      }
    }
    if (!all.empty()) all.back()["importance"] = "essential";
    if (all.size() > limits_.flow_locations) {
      const std::size_t gone = all.size() - limits_.flow_locations;
      all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(gone));
      all.front()["location"]["message"] = {{"text", fmt::format("({} places before this one are left out)", gone)}};
    }
    return {{"locations", std::move(all)}};
  }

  /// The document, with as many flows as fit.
  std::string within_size(Json results) {
    std::string text = dump(results);
    if (text.size() <= limits_.bytes) return text;
    notify("warning", "the runs of some results are left out, since the document would be too large");
    std::size_t size = dump(results).size();
    for (auto result = results.rbegin(); result != results.rend() && size > limits_.bytes; ++result) {
      size -= std::min(size, result->dump(1).size());  // indentation makes the true size a little larger
      result->erase("codeFlows");
      size += result->dump(1).size();
    }
    return dump(results);
  }

  std::string dump(const Json& results) const {
    const Json document{
        {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
        {"version", "2.1.0"},
        {"runs", Json::array({{{"tool",
                                {{"driver",
                                  {{"name", "quiesce"},
                                   {"version", checked_.tool_version},
                                   {"semanticVersion", checked_.tool_version},
                                   {"rules", rules_}}}}},
                               {"invocations", Json::array({{{"executionSuccessful", is_successful_},
                                                             {"toolExecutionNotifications", notifications_}}})},
                               {"originalUriBaseIds",
                                {{"LIBRARY", {{"description", {{"text", "the library that comes with quiesce"}}}}}}},
                               {"columnKind", "unicodeCodePoints"},
                               {"results", results}}})}};
    return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

  const CheckedFiles& checked_;
  const SarifLimits limits_;
  std::vector<Complaint> complaints_;
  Json rules_ = Json::array();
  Json notifications_ = Json::array();
  std::map<std::string, std::size_t> rule_indices_;
  std::map<std::string, std::size_t> seen_;  // by fingerprint
  std::size_t left_out_ = 0;
  bool is_successful_ = true;
};

}  // namespace

std::string sarif(const CheckedFiles& checked, const SarifLimits& limits) {
  return SarifWriter(checked, limits).document();
}

std::string sarif(const CheckedFiles& checked) { return sarif(checked, SarifLimits()); }

}  // namespace quiesce::checker

#include "checker/report/rules_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "checker/report/layout.h"

namespace quiesce::checker {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kRulesVersion = 1;  // of the JSON form

const char* kIntroduction =
    "# Rules\n"
    "\n"
    "Every rule of the library and of the language itself, with its reason, its documents, and the designs that break "
    "and keep it.\n"
    "`quiesce rules NAME` prints the same of one rule, with all designs.\n"
    "\n"
    "A rule is *broken by* a design when some cell of its checks breaks it, and *kept by* one when some cell exercises "
    "it and breaks no rule\n"
    "at all; a design with right and wrong cells may do both. Severity `core`: the run ends there, since nothing is "
    "defined behind it; such\n"
    "rules hold wherever they are not broken.\n"
    "\n"
    "<!-- Generated from specs/catalogue.json; tests/specs/README.md says how. Do not edit. -->\n";

Ink ink_of(const CatalogueRule& rule) { return rule.severity == "warning" ? Ink::Doubtful : Ink::Bad; }

/// A bar would end the cell of a table.
std::string in_cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// "[no_clear](../specs/wdm/designs/no_clear.qsm), ... and 30 more": a page with all of them has no reader.
std::string links(const std::vector<std::string>& designs) {
  constexpr std::size_t kShown = 8;
  if (designs.empty()) return "none";
  std::string text;
  for (const std::string& path : designs) {
    if (&path == designs.data() + kShown) return text + fmt::format(" and {} more", designs.size() - kShown);
    const std::size_t begin = path.rfind('/') + 1;
    const std::string name = path.substr(begin, path.rfind('.') - begin);
    text += fmt::format("{}[{}](../{})", text.empty() ? "" : ", ", name, path);
  }
  return text;
}

void append_designs(std::string& text, const char* heading, const std::vector<std::string>& designs) {
  if (designs.empty()) return;
  text += fmt::format("\n  {}\n", heading);
  for (const std::string& design : designs) text += fmt::format("    {}\n", design);
}

Json to_json(const CatalogueRule& rule) {
  Json json;
  json["name"] = rule.name;
  json["family"] = rule.family;
  json["severity"] = rule.severity;
  json["title"] = rule.title;
  json["because"] = rule.because;
  json["citations"] = rule.citations;
  json["broken_by"] = rule.broken_by;
  json["kept_by"] = rule.kept_by;
  return json;
}

bool read(const Json& object, const char* key, std::string& value) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return false;
  value = found->get<std::string>();
  return true;
}

bool read(const Json& object, const char* key, std::vector<std::string>& values) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) return false;
  for (const Json& element : *found) {
    if (!element.is_string()) return false;
    values.push_back(element.get<std::string>());
  }
  return true;
}

std::optional<CatalogueRule> rule_of(const Json& json) {
  CatalogueRule rule;
  const bool complete = json.is_object() && read(json, "name", rule.name) && read(json, "family", rule.family) &&
                        read(json, "severity", rule.severity) && read(json, "title", rule.title) &&
                        read(json, "because", rule.because) && read(json, "citations", rule.citations) &&
                        read(json, "broken_by", rule.broken_by) && read(json, "kept_by", rule.kept_by);
  if (!complete) return std::nullopt;
  return rule;
}

}  // namespace

std::optional<Catalogue> read_catalogue(std::string_view json) {
  const Json whole = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!whole.is_object()) return std::nullopt;  // text that is not JSON is 'discarded', no object either
  const auto version = whole.find("version");
  const auto rules = whole.find("rules");
  if (version == whole.end() || *version != kRulesVersion || rules == whole.end() || !rules->is_array())
    return std::nullopt;
  Catalogue catalogue;
  for (const Json& element : *rules) {
    std::optional<CatalogueRule> rule = rule_of(element);
    if (!rule) return std::nullopt;
    catalogue.push_back(std::move(*rule));
  }
  return catalogue;
}

std::string catalogue_json(const Catalogue& catalogue) {
  Json rules = Json::array();
  for (const CatalogueRule& rule : catalogue) rules.push_back(to_json(rule));
  Json whole;
  whole["version"] = kRulesVersion;
  whole["rules"] = std::move(rules);
  return whole.dump(2) + "\n";
}

std::string catalogue_table(const Catalogue& catalogue, bool colour) {
  std::size_t name = columns("rule"), family = columns("family"), severity = columns("severity");
  for (const CatalogueRule& rule : catalogue) {
    name = std::max(name, columns(rule.name));
    family = std::max(family, columns(rule.family));
    severity = std::max(severity, columns(rule.severity));
  }
  const std::string heading =
      fmt::format("{}  {}  {}  title", padded("rule", name), padded("family", family), padded("severity", severity));
  std::string text = inked(heading, Ink::Bold, colour) + "\n";
  for (const CatalogueRule& rule : catalogue) {
    text += fmt::format("{}  {}  {}  {}\n", padded(rule.name, name), padded(rule.family, family),
                        inked(padded(rule.severity, severity), ink_of(rule), colour), rule.title);
  }
  return text + fmt::format("\n{}; 'quiesce rules NAME' explains one\n", counted(catalogue.size(), "rule"));
}

std::string rule_text(const CatalogueRule& rule, std::size_t width, bool colour) {
  std::string text =
      fmt::format("{}  ({}, family {})\n", inked(rule.name, Ink::Bold, colour), rule.severity, rule.family);
  text += wrapped(rule.title, 2, width);
  if (!rule.because.empty()) text += wrapped("Because: " + rule.because, 2, width);
  for (const std::string& citation : rule.citations) text += wrapped("Source: " + citation, 2, width);
  append_designs(text, "Broken by", rule.broken_by);
  append_designs(text, "Exercised and kept by", rule.kept_by);
  if (rule.severity == "core") text += "\n  Every other design keeps it.\n";
  return text;
}

std::string rule_markdown(const CatalogueRule& rule) {
  std::string text = fmt::format("### {}\n\n**{}.**", rule.name, rule.title);
  if (!rule.because.empty()) text += " " + rule.because;
  text += "\n\n";
  if (rule.severity != "error") text += fmt::format("- Severity: {}\n", rule.severity);
  for (const std::string& citation : rule.citations) text += fmt::format("- Source: {}\n", citation);
  text += fmt::format("- Broken by: {}\n", links(rule.broken_by));
  if (rule.severity != "core") text += fmt::format("- Kept by: {}\n", links(rule.kept_by));
  return text;
}

std::string catalogue_markdown(const Catalogue& catalogue) {
  std::string text = kIntroduction;
  for (auto begin = catalogue.begin(); begin != catalogue.end();) {
    const auto end =
        std::find_if(begin, catalogue.end(), [&](const CatalogueRule& rule) { return rule.family != begin->family; });
    text += fmt::format("\n## {}\n\n| rule | severity | title |\n|---|---|---|\n", begin->family);
    for (auto rule = begin; rule != end; ++rule) {
      std::string anchor = rule->name;  // as renderers make it of the heading: without dots
      std::erase(anchor, '.');
      text += fmt::format("| [{}](#{}) | {} | {} |\n", rule->name, anchor, rule->severity, in_cell(rule->title));
    }
    for (auto rule = begin; rule != end; ++rule) text += "\n" + rule_markdown(*rule);
    begin = end;
  }
  return text;
}

}  // namespace quiesce::checker

// `quiesce rules [NAME]`: the catalogue of rules that is built into the program.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "checker/report/rules_report.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/search_flags.h"
#include "model/base/diagnostic.h"
#include "model/base/internal_check.h"
#include "model/base/library.h"

namespace quiesce::cli {

namespace {

struct RulesFlags {
  std::string name;             // "" is all rules, "wdm.*" those of a family
  std::string format = "text";  // markdown, json
  bool no_color = false;
};

std::string shown(const checker::Catalogue& rules, bool one, const RulesFlags& flags) {
  const bool colour = colour_wanted(flags.no_color);
  if (flags.format == "json") return checker::catalogue_json(rules);
  if (flags.format == "markdown") {
    return one ? checker::rule_markdown(rules.front()) : checker::catalogue_markdown(rules);
  }
  return one ? checker::rule_text(rules.front(), report_width(), colour) : checker::catalogue_table(rules, colour);
}

ExitCode report_unknown(const checker::Catalogue& catalogue, const std::string& name) {
  std::vector<std::string> names;
  for (const checker::CatalogueRule& rule : catalogue) {
    names.push_back(rule.name);
    const std::string family = rule.family + ".*";
    if (std::find(names.begin(), names.end(), family) == names.end()) names.push_back(family);
  }
  const auto near = model::nearest_name(name, names);
  report_error(fmt::format("the library has no rule '{}'{}", name,
                           near ? fmt::format("; did you mean '{}'?", *near) : "; 'quiesce rules' lists all"));
  return ExitCode::WrongInput;
}

ExitCode run(const RulesFlags& flags) {
  const std::optional<checker::Catalogue> catalogue = checker::read_catalogue(model::embedded_catalogue());
  QUIESCE_CHECK(catalogue.has_value()) << "the built-in catalogue of rules cannot be read";
  if (flags.name.empty() || flags.name == "*") {
    print(shown(*catalogue, false, flags));
    return ExitCode::AllHold;
  }
  checker::Catalogue chosen;
  const bool family = flags.name.ends_with(".*");
  for (const checker::CatalogueRule& rule : *catalogue) {
    if (family ? rule.family + ".*" == flags.name : rule.name == flags.name) chosen.push_back(rule);
  }
  if (chosen.empty()) return report_unknown(*catalogue, flags.name);
  print(shown(chosen, !family, flags));
  return ExitCode::AllHold;
}

}  // namespace

void add_rules(CLI::App& app, Action& action) {
  auto flags = std::make_shared<RulesFlags>();
  CLI::App* command = app.add_subcommand("rules", "list the rules of the library, or explain one");
  command->add_option("NAME", flags->name, "explain this rule; 'wdm.*' lists those of a family")->type_name("");
  command->add_option("--format", flags->format, "text (the default), markdown or json")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->type_name("NAME");
  add_no_color(*command, flags->no_color);
  command->footer(
      "Of one rule: the reason, the documents, the designs of specs/ that break it and those that exercise and keep "
      "it.\n"
      "Example:   quiesce rules wdm.quiet_before_disconnect");
  command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace quiesce::cli

// The catalogue of the library's rules as people and programs read it: what `quiesce rules` prints and what
// docs/rules.md holds. Where the catalogue comes from (a run over all designs, tests/specs/) is not known here; this
// file only reads and writes it, so that the command answers at once.
//
// specs/catalogue.json is catalogue_json() of the whole catalogue, docs/rules.md is catalogue_markdown() of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quiesce::checker {

/// A rule and what the designs of the library say about it.
struct CatalogueRule {
  std::string name;                    // "wdm.quiet_before_disconnect"
  std::string family;                  // "wdm"; of built-in rules "core", "life", "assert" ...
  std::string severity;                // "core" (ends the run), "error" or "warning"
  std::string title;                   // what is asked for, in a sentence
  std::string because;                 // why; may be empty
  std::vector<std::string> citations;  // document and section
  std::vector<std::string> broken_by;  // designs, as paths from the root of the repository: some cell breaks the rule
  std::vector<std::string> kept_by;  // designs: some cell exercises the rule and breaks none; empty for severity core,
                                     // whose rules hold wherever they are not broken. A design with right and wrong
                                     // cells may stand in both lists.
};

using Catalogue = std::vector<CatalogueRule>;

/// Reads what catalogue_json() wrote. Nothing when it is something else.
std::optional<Catalogue> read_catalogue(std::string_view json);

/// {"version": 1, "rules": [...]}, two blanks of indentation, ended by a line break.
std::string catalogue_json(const Catalogue& catalogue);

/// A table with name, family, severity and title of each rule; one line a rule, however long, for searching in it.
std::string catalogue_table(const Catalogue& catalogue, bool colour);

/// Everything about one rule.
std::string rule_text(const CatalogueRule& rule, std::size_t width, bool colour);

/// The page: for each family a table, then a section a rule. Links lead from the folder docs/.
std::string catalogue_markdown(const Catalogue& catalogue);

/// The section of one rule.
std::string rule_markdown(const CatalogueRule& rule);

}  // namespace quiesce::checker

// One pass over all designs of specs/: every case of every check is searched once, and what the tests and the catalogue
// of rules want to know is kept. Takes as long as `quiesce test specs`, on two threads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checker/report/rules_report.h"
#include "checker/result/result.h"

namespace quiesce {

/// A case of a check and what its search said.
struct SurveyedCell {
  std::size_t check = 0;  // number of the check in its file, from 1
  std::string title;      // "SharedLine with trigger = level, processors = 2"
  checker::Statistics statistics;
  bool complete = false;
  std::string difference;                            // from what the text expects; empty: none
  std::map<std::string, checker::Verdict> verdicts;  // of the rules that it checks
};

struct SurveyedDesign {
  std::string path;     // "specs/wdm/designs/no_clear.qsm"
  std::string problem;  // why it cannot be checked; else empty
  std::vector<SurveyedCell> cases;
  std::vector<std::string> result_rules;  // properties of its program named result_..., checked or not
};

/// What the modules of a folder of specs/ declare.
struct SurveyedFamily {
  std::string name;                           // "wdm"
  std::string problem;                        // why its rules cannot be read; else empty
  std::vector<checker::CatalogueRule> rules;  // in the order of the modules, without designs
};

struct Survey {
  std::vector<checker::CatalogueRule> built_in;  // core.*, life.* ..., without designs
  std::vector<SurveyedFamily> families;          // sorted by name
  std::vector<SurveyedDesign> designs;           // sorted by path
};

/// The survey of the repository, made by the first call.
const Survey& survey();

/// All rules, the built-in ones first, with the designs that break and keep them.
checker::Catalogue catalogue_of(const Survey& survey);

/// Distinct states, generated steps and depth of every case, a line each.
std::string counts_of(const Survey& survey);

}  // namespace quiesce

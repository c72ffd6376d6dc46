// The library as a whole: each rule has a document, a design that breaks it and one that exercises and keeps it; each
// documented result code can be reached; every check is as it expects; and what is generated from the designs
// (specs/catalogue.json, docs/rules.md, counts.txt) is what they say now. QUIESCE_UPDATE_GOLDEN=1 writes those anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "checker/report/rules_report.h"
#include "model/base/library.h"
#include "tests/specs/survey.h"

namespace quiesce {
namespace {

namespace fs = std::filesystem;
using checker::Catalogue;
using checker::CatalogueRule;

fs::path in_repository(const std::string& path) { return fs::path(QUIESCE_SOURCE_DIR) / path; }

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

bool updating() {
  const char* update = std::getenv("QUIESCE_UPDATE_GOLDEN");
  return update != nullptr && std::string(update) == "1";
}

const Catalogue& catalogue() {
  static const Catalogue made = catalogue_of(survey());
  return made;
}

/// Compares line by line, so that a failure names the lines and not two files.
void expect_generated(const std::string& path, const std::string& now) {
  const std::string written = read_file(in_repository(path));
  if (written == now) return;
  if (updating()) {
    std::ofstream(in_repository(path), std::ios::binary) << now;
    return;
  }
  std::multiset<std::string> before, after;
  std::istringstream old_lines(written), new_lines(now);
  for (std::string line; std::getline(old_lines, line);) before.insert(line);
  for (std::string line; std::getline(new_lines, line);) after.insert(line);
  std::string difference;
  std::size_t shown = 0;
  const auto show = [&](const std::multiset<std::string>& lines, const std::multiset<std::string>& others, char sign) {
    for (const std::string& line : lines) {
      if (!others.contains(line) && ++shown <= 40) difference += fmt::format("{} {}\n", sign, line);
    }
  };
  show(before, after, '-');
  show(after, before, '+');
  ADD_FAILURE() << path << " is not what the designs say now:\n"
                << difference << "Run this executable with QUIESCE_UPDATE_GOLDEN=1 and look at the difference.";
}

/// exceptions.txt: (rule or "family.*", what it lacks) -> reason.
const std::map<std::pair<std::string, std::string>, std::string>& exceptions() {
  static const auto table = [] {
    std::map<std::pair<std::string, std::string>, std::string> made;
    std::ifstream file(in_repository("tests/specs/exceptions.txt"));
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line.front() == '#') continue;
      std::istringstream words(line);
      std::string rule, what, reason;
      words >> rule >> what >> std::ws;
      std::getline(words, reason);
      made[{rule, what}] = reason;
    }
    return made;
  }();
  return table;
}

/// The exceptions that some rule needed, for finding those that none does.
std::set<std::pair<std::string, std::string>>& used_exceptions() {
  static std::set<std::pair<std::string, std::string>> used;
  return used;
}

bool is_excepted(const std::string& rule, const std::string& what) {
  for (const std::string& name : {rule, rule.substr(0, rule.find('.')) + ".*"}) {
    if (!exceptions().contains({name, what})) continue;
    used_exceptions().insert({name, what});
    return true;
  }
  return false;
}

/// Calls `lacking` for each rule that a family declares; names those for which it is true.
template <typename Lacking>
void expect_of_every_rule(const char* what, const char* sentence, const Lacking& lacking) {
  std::set<std::string> families;
  for (const SurveyedFamily& family : survey().families) families.insert(family.name);
  for (const CatalogueRule& rule : catalogue()) {
    if (!families.contains(rule.family) || !lacking(rule) || is_excepted(rule.name, what)) continue;
    ADD_FAILURE() << rule.name << " " << sentence;
  }
}

TEST(Designs, CanAllBeChecked) {
  ASSERT_FALSE(survey().designs.empty());
  for (const SurveyedFamily& family : survey().families) EXPECT_EQ(family.problem, "") << family.name;
  for (const SurveyedDesign& design : survey().designs) EXPECT_EQ(design.problem, "") << design.path;
}

TEST(Designs, AreAsTheyExpect) {
  for (const SurveyedDesign& design : survey().designs) {
    for (const SurveyedCell& case_ : design.cases) {
      EXPECT_TRUE(case_.complete) << design.path << ": check " << case_.check << ", " << case_.title;
      EXPECT_EQ(case_.difference, "") << design.path << ": check " << case_.check << ", " << case_.title;
    }
  }
}

TEST(Designs, HaveTheCountsThatArePinned) { expect_generated("tests/specs/counts.txt", counts_of(survey())); }

TEST(Rules, AreFound) {
  EXPECT_GT(survey().built_in.size(), 10u);
  EXPECT_GE(survey().families.size(), 2u);
  for (const char* name : {"wdm.quiet_before_disconnect", "core.stuck"}) {
    EXPECT_TRUE(std::any_of(catalogue().begin(), catalogue().end(), [&](const auto& rule) {
      return rule.name == name;
    })) << name;
  }
}

TEST(Rules, SayWhatTheyAskForAndWhy) {
  expect_of_every_rule("title", "has no title", [](const auto& rule) { return rule.title == rule.name; });
  expect_of_every_rule("because", "has no reason", [](const auto& rule) { return rule.because.empty(); });
}

TEST(Rules, CiteADocument) {
  expect_of_every_rule("cited", "cites no document", [](const auto& rule) { return rule.citations.empty(); });
}

TEST(Rules, AreEachBrokenByADesign) {
  expect_of_every_rule("broken", "is broken by no design", [](const auto& rule) { return rule.broken_by.empty(); });
}

TEST(Rules, AreEachKeptByADesignThatExercisesThem) {
  expect_of_every_rule("kept", "is exercised and kept by no case that breaks no rule",
                       [](const auto& rule) { return rule.kept_by.empty(); });
}

TEST(Results, AreEachWitnessedInADesign) {
  std::map<std::string, bool> witnessed;  // by property
  for (const SurveyedDesign& design : survey().designs) {
    for (const std::string& rule : design.result_rules) witnessed[rule];
    for (const SurveyedCell& case_ : design.cases) {
      for (const auto& [rule, verdict] : case_.verdicts) {
        const auto found = witnessed.find(rule);
        if (found != witnessed.end() && verdict == checker::Verdict::Holds) found->second = true;
      }
    }
  }
  for (const auto& [rule, seen] : witnessed) {
    if (!seen && !is_excepted(rule, "witnessed")) ADD_FAILURE() << rule << " is reached in no design";
  }
}

// After the tests that use exceptions.
TEST(Exceptions, AreNeededAndKnownToTheReadmeOfTheFamily) {
  for (const auto& [key, reason] : exceptions()) {
    const auto& [rule, what] = key;
    EXPECT_FALSE(reason.empty()) << rule << " " << what << " has no reason";
    EXPECT_TRUE(used_exceptions().contains(key)) << rule << " " << what << " is not needed any more";
    const std::string family = rule.substr(0, rule.find('.'));
    const std::string readme = read_file(in_repository("specs/" + family + "/README.md"));
    const std::string wanted = rule.ends_with(".*") ? family : rule;
    EXPECT_NE(readme.find(wanted), std::string::npos) << "specs/" << family << "/README.md says nothing of " << rule;
  }
}

TEST(Generated, CatalogueIsWhatTheDesignsSay) {
  expect_generated("specs/catalogue.json", checker::catalogue_json(catalogue()));
}

TEST(Generated, PageOfRulesIsTheCatalogue) {
  expect_generated("docs/rules.md", checker::catalogue_markdown(catalogue()));
}

TEST(Generated, ProgramHoldsTheCatalogueByteForByte) {
  if (updating()) GTEST_SKIP() << "the program is built before the catalogue is written";
  EXPECT_EQ(model::embedded_catalogue(), read_file(in_repository("specs/catalogue.json")));
}

}  // namespace
}  // namespace quiesce

// AnyDrivers in the place of each WellBehavedDriver of the library: it may do all that those do, so no rule that they
// let a design break may hold beside it. That none holds beside them which it breaks is not promised, but true of all
// these designs.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/report/sentences.h"

namespace quiesce {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The design with the other neighbour; empty when it has none, or looks into it.
std::string with_any_drivers(const std::string& text) {
  static const std::regex wanted(R"(WellBehavedDriver\((\w+)(, connected_from_start: true)?\))");
  static const std::regex looked_into(R"(WellBehavedDriver where|neighbour\.(hw|intr))");
  if (!std::regex_search(text, wanted) || std::regex_search(text, looked_into)) return "";
  return std::regex_replace(text, wanted, "AnyDrivers($1)");
}

bool is_refused(const checker::CheckCase& case_, const checker::SearchResult& result) {
  return std::any_of(result.rules.begin(), result.rules.end(), [&](const checker::RuleResult& rule) {
    return case_.system.at(rule.rule).name == "assert.holds" && rule.verdict == checker::Verdict::Violated;
  });
}

TEST(AnyDrivers, BreakWhatWellBehavedDriversLetBreak) {
  checker::LoadOptions options;
  options.library_directory = QUIESCE_SOURCE_DIR "/specs";
  int compared = 0;
  int refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(QUIESCE_SOURCE_DIR "/specs")) {
    if (entry.path().parent_path().filename() != "designs") continue;
    const std::string text = with_any_drivers(text_of(entry.path()));
    if (text.empty()) continue;
    const auto design = checker::load_design(entry.path().generic_string(), text, options);
    ASSERT_TRUE(design->ok()) << design->problem << model::render(design->diagnostics, design->sources);
    for (checker::LoadedCheck& check : design->checks) {
      for (checker::CheckCase& case_ : check.cases) {
        const checker::SearchResult result = checker::check(case_, {});
        if (is_refused(case_, result)) {
          EXPECT_THAT(case_.title, testing::Not(testing::HasSubstr("trigger = level")));
          ++refused;
          continue;
        }
        ++compared;
        if (case_.expect.empty()) case_.expect.emplace_back();
        EXPECT_EQ(checker::comparison_text(case_.system, checker::compare(case_.system, case_.expect, result)), "")
            << entry.path() << ": " << case_.title;
      }
    }
  }
  EXPECT_GT(compared, 300);
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace quiesce

// Hunts on the designs of the library: most of what is broken is found within a small budget, and what they call
// violated is violated.
#include <algorithm>
#include <iostream>
#include <set>

#include <gtest/gtest.h>

#include "tests/verdicts/agreement.h"

namespace quiesce::checker {
namespace {

constexpr std::uint64_t kBudget = 5000;  // visited states a hunt

struct Hunt {
  const char* name;
  Order order;
  int percent;    // found at least
  int cases = 0;  // broken ones
  int found = 0;
};

std::set<std::string> violated(const CheckCase& case_, const SearchResult& result) {
  std::set<std::string> rules;
  for (const RuleResult& rule : result.rules) {
    if (rule.verdict == Verdict::Violated) rules.insert(case_.system.at(rule.rule).name);
  }
  return rules;
}

SearchResult hunt(const CheckCase& case_, Order order) {
  CheckOptions options;
  options.search.order = order;
  options.search.threads = 1;
  options.search.stop_at_first = true;
  options.search.limits.states = kBudget;
  if (order == Order::DepthFirst) options.search.limits.depth = 300;
  return check(case_.system, options);
}

TEST(Hunts, FindMostOfWhatIsBrokenInTheLibrary) {
  std::vector<Hunt> hunts = {{"depth first", Order::DepthFirst, 95},
                             {"random walks", Order::Random, 70},
                             {"swarm", Order::Swarm, 95},
                             {"few interruptions", Order::FewInterruptions, 95}};
  int unfound = 0;
  int designs = 0;
  for (const std::string& path : designs_below("specs")) {
    if (++designs % 3 != 0) continue;  // loading all of them takes longer than the hunts
    LoadOptions load;
    const auto design = load_design(path, read_design(path), load);
    int of_file = 0;
    for (const LoadedCheck& check_of_text : design->checks) {
      for (const CheckCase& case_ : check_of_text.cases) {
        const bool broken = std::any_of(case_.expect.begin(), case_.expect.end(), [](const auto& expectation) {
          return expectation.verdict == Verdict::Violated;
        });
        if (!broken || ++of_file > 3) continue;
        Limits limits;
        limits.states = 8000;
        const SearchResult whole = search(case_, Engine::Explicit, limits);
        const std::set<std::string> wanted = violated(case_, whole);
        // What has no run, or an infinite one, cannot be found, and what is larger is the matter of the nightly tests.
        const bool has_run = std::any_of(whole.findings.begin(), whole.findings.end(), [](const Finding& finding) {
          return !finding.run.states.empty() && !finding.is_of_infinite;
        });
        if (whole.limit != LimitKind::None || !has_run) continue;
        bool found_by_any = false;
        for (Hunt& one : hunts) {
          const SearchResult found = hunt(case_, one.order);
          ++one.cases;
          const std::set<std::string> rules = violated(case_, found);
          one.found += rules.empty() ? 0 : 1;
          found_by_any = found_by_any || !rules.empty();
          for (const std::string& rule : rules) {
            EXPECT_TRUE(wanted.count(rule)) << path << ", " << case_.title << ", " << one.name << ": " << rule;
          }
          for (const RuleResult& rule : found.rules) {
            EXPECT_NE(rule.verdict, Verdict::Holds) << path << ", " << case_.title << ", " << one.name;
            EXPECT_NE(rule.verdict, Verdict::Vacuous) << path << ", " << case_.title << ", " << one.name;
          }
        }
        if (!found_by_any) {
          ++unfound;
          std::cout << "found by none: " << path << ", " << case_.title << "\n";
        }
      }
    }
  }
  for (const Hunt& one : hunts) {
    std::cout << one.name << ": " << one.found << " of " << one.cases << " broken cases\n";
    EXPECT_GE(one.found * 100, one.cases * one.percent) << one.name;
  }
  EXPECT_GT(hunts[0].cases, 30);
  EXPECT_LE(unfound, 1);
}

}  // namespace
}  // namespace quiesce::checker

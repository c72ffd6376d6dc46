// Coverage against the reference explorer, against plain systems, and against itself on the designs of tests/verdicts.
#include "checker/search/coverage.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/search/breadth_first.h"

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> designs() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(fs::path(QUIESCE_SOURCE_DIR) / "tests/verdicts/designs")) {
    if (entry.path().extension() == ".qsm") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::unique_ptr<LoadedDesign> loaded(const std::string& file, bool plain) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  LoadOptions options;
  options.coverage = true;
  options.plain = plain;
  return load_design(file, text.str(), options);
}

std::set<CoverageMark> taken(const CoverageFacts& facts) {
  std::set<CoverageMark> marks;
  for (std::size_t i = 0; i < facts.marks.size(); ++i) {
    if (facts.taken[i]) marks.insert(facts.marks[i]);
  }
  return marks;
}

/// What is executed, whatever steps it is put together to. A plain system has steps that a reduced one does not, so
/// that contexts stand in more places.
std::set<CoverageMark> executed(const CoverageFacts& facts) {
  std::set<CoverageMark> marks = taken(facts);
  std::erase_if(marks, [](const CoverageMark& mark) { return mark.kind == CoverageMark::Kind::Standing; });
  return marks;
}

TEST(Coverage, SeesTheEndsOfLargeChoices) {
  const auto design = load_design("large.qsm", R"(
module large
machine M {
  seen: bool = false
  thread run {
    choose n: int 1..1000 where n != 1000 && (n < 500 || n > 600)
    seen = n > 7
  }
}
system S { cpus 1  m: M() }
check S
)",
                                  {});
  ASSERT_TRUE(design->ok());
  const CoverageFacts facts = cover(design->checks.front().cases.front(), {});
  std::size_t choices = 0;
  std::set<std::string> never;
  for (std::size_t i = 0; i < facts.marks.size(); ++i) {
    if (facts.marks[i].kind != CoverageMark::Kind::Choice) continue;
    ++choices;
    if (!facts.taken[i]) never.insert(facts.marks[i].label);
  }
  EXPECT_LE(choices, 64u);
  EXPECT_EQ(never.count("'n' = 1000"), 1u);
  EXPECT_EQ(never.count("'n' = 1"), 0u);
  EXPECT_GE(never.size(), 5u) << "the ranges within 500..600";
  EXPECT_LE(never.size(), 8u);
}

TEST(Coverage, IsTheSameByEveryEngineAndChangesNothing) {
  std::size_t cases = 0;
  for (const std::string& file : designs()) {
    SCOPED_TRACE(file);
    const auto design = loaded(file, false);
    const auto plain = loaded(file, true);
    ASSERT_TRUE(design->ok() && plain->ok());
    for (std::size_t c = 0; c < design->checks.size(); ++c) {
      for (std::size_t k = 0; k < design->checks[c].cases.size(); ++k) {
        const CheckCase& case_ = design->checks[c].cases[k];
        SCOPED_TRACE(case_.title);
        const model::TransitionSystem system = reduce(*case_.original, {.slice = false}).system;
        CheckOptions options;
        options.search.limits.states = 3000;
        const CoverageFacts facts = cover(case_, options);
        if (facts.limit != LimitKind::None) continue;
        ++cases;
        const Exploration unmarked = explore_breadth_first(system, coverage_search(system, options.search));
        EXPECT_EQ(facts.statistics.distinct_states, unmarked.statistics.distinct_states);
        EXPECT_EQ(facts.statistics.generated_steps, unmarked.statistics.generated_steps);
        options.engine = Engine::Reference;
        EXPECT_EQ(taken(facts), taken(cover(case_, options)));
        options.engine = Engine::Explicit;
        options.search.limits.states = 100'000;
        const CoverageFacts in_full = cover(plain->checks[c].cases[k], options);
        if (in_full.limit != LimitKind::None) continue;
        EXPECT_EQ(executed(facts), executed(in_full));
      }
    }
  }
  EXPECT_GT(cases, 50u);
}

}  // namespace
}  // namespace quiesce::checker

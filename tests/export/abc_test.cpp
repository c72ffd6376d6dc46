// What `quiesce export --to aiger` writes, judged by ABC: each rule as our explicit search judges it.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/export/aiger.h"
#include "checker/result/outcome.h"
#include "checker/symbolic/encode.h"
#include "model/guarded/guarded_system.h"
#include "tests/differential/designs.h"
#include "tests/export/other_checkers.h"

namespace quiesce {
namespace {

constexpr const char* kSample[] = {
    "tests/verdicts/designs/any_where",           // several initial states
    "tests/verdicts/designs/dpc_on_own_cpu",      // urgent handlers, staying pinned
    "tests/verdicts/designs/handler_after_free",  // objects
    "tests/verdicts/designs/queue_rules",         // core rules end runs
    "tests/verdicts/designs/three_activations",   // activations
    "tests/verdicts/designs/visit_every_cpu",     // on c { }
    "tests/verdicts/designs/range",               // what is checked is not done
    "tests/export/designs/queued_by_hardware",    // urgent handlers go before what floats
    "tests/verdicts/designs/lock_orders",         // locks
    "tests/verdicts/designs/stuck_by_holder",     // a set of contexts, chosen by inputs
    "tests/verdicts/designs/spin_for_own_dpc",    // the same with CPUs
};

class Abc : public testing::TestWithParam<const char*> {};

/// Behind a broken core rule our search has not looked, and ABC has: nothing is there in the circuit either.
void compare(const DesignCase& cell) {
  SCOPED_TRACE(cell.title);
  const auto guarded = model::guarded_system(cell.system);
  ASSERT_TRUE(guarded.has_value());
  const auto encoding = checker::encode(*guarded);
  ASSERT_TRUE(encoding.has_value());
  const checker::SearchResult ours = checker::check(cell.system, {});
  for (const checker::BadOutput& bad : encoding->bad) {
    const std::string& rule = cell.system.at(bad.rule).name;
    const checker::RuleResult* verdict = checker::result_of(cell.system, ours, rule);
    if (verdict == nullptr) continue;
    checker::Encoding single = *encoding;
    single.bad = {bad};
    const OtherOpinion opinion = run_abc(checker::aiger_text(*guarded, single, {}));
    ASSERT_EQ(opinion.problem, "") << rule;
    ASSERT_FALSE(opinion.gave_up) << rule;
    const bool by_stuck = std::holds_alternative<checker::CutOff>(verdict->reason);
    if (by_stuck) continue;
    EXPECT_EQ(opinion.violation, verdict->verdict == checker::Verdict::Violated) << rule;
  }
}

TEST_P(Abc, JudgesEachRuleAsWeDo) {
  std::string problem;
  const std::vector<DesignCase> cells = design_cases(std::string(GetParam()) + ".qsm", &problem);
  ASSERT_FALSE(cells.empty()) << problem;
  for (std::size_t i = 0; i < cells.size() && i < 2; ++i) compare(cells[i]);
}

INSTANTIATE_TEST_SUITE_P(Designs, Abc, testing::ValuesIn(kSample),
                         [](const auto& parameter) { return std::filesystem::path(parameter.param).stem().string(); });

}  // namespace
}  // namespace quiesce

// Saved runs (checker/report/saved_run.h, checker/rerun.h) and stepping by hand (checker/simulation.h).
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/files.h"
#include "checker/load.h"
#include "checker/report/saved_run.h"
#include "checker/rerun.h"
#include "checker/simulation.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Begins somewhere, and two count: broken in the second step of either.
constexpr std::string_view kRunsCounter = R"(module count
machine Counter {
  n: int 0..3 = any where n < 2
  thread up {
    n = n + 1
    n = n + 1
  }
}
system Count {
  cpus 1
  counter: Counter()
  never reached: counter.n == 3
}
)";

std::unique_ptr<LoadedDesign> loaded(std::string_view text) { return load_design("count.qsm", std::string(text), {}); }

const CheckCase& case_in(const LoadedDesign& design) { return design.checks.front().cases.front(); }

SavedRun saved_of(const LoadedDesign& design) {
  const CheckCase& case_ = case_in(design);
  const CaseOutcome outcome = case_outcome(case_, check(case_, {}), {});
  return *saved_run(outcome, outcome.result.findings.front(), design.sources);
}

TEST(SavedRun, IsReadAsItWasWritten) {
  const auto design = loaded(kRunsCounter);
  ASSERT_TRUE(design->ok()) << model::render(design->diagnostics, design->sources);
  const SavedRun saved = saved_of(*design);
  const std::string text = saved_run_json(saved);
  const auto again = read_saved_run(text);
  ASSERT_TRUE(again.has_value()) << again.error();
  EXPECT_EQ(saved_run_json(*again), text);
  EXPECT_EQ(saved.initially.size(), 1u);
  EXPECT_EQ(saved.initially.front().second, 1);
}

TEST(SavedRun, IsRefusedWhenItIsSomethingElse) {
  EXPECT_FALSE(read_saved_run("").has_value());
  EXPECT_FALSE(read_saved_run("[]").has_value());
  std::string text = saved_run_json(saved_of(*loaded(kRunsCounter)));
  const std::size_t at = text.find("\"part_of\": 0");
  text.replace(at, 12, "\"part_of\": 5");
  EXPECT_THAT(read_saved_run(text).error(), HasSubstr("do not fit together"));
}

TEST(Rerun, BreaksTheRuleAgain) {
  const auto design = loaded(kRunsCounter);
  const Rerun again = rerun(unreduced(case_in(*design)), saved_of(*design), design->sources);
  EXPECT_EQ(again.end, Rerun::End::Broken) << again.divergence;
  const Story story = story_of(unreduced(case_in(*design)), again, design->sources, {});
  EXPECT_EQ(story.steps.size(), 2u);
}

/// The step that breaks a rule goes on: merged steps, of which the first ones break it.
TEST(Rerun, LooksAtAllOfTheLastStep) {
  const std::string file = std::string(QUIESCE_SOURCE_DIR) + "/specs/wdm/designs/double_disconnect.qsm";
  const auto design = load_design(file, *read_text(file), {});
  ASSERT_TRUE(design->ok());
  const Rerun again = rerun(unreduced(case_in(*design)), saved_of(*design), design->sources);
  EXPECT_EQ(again.end, Rerun::End::Broken) << again.divergence;
}

TEST(Rerun, SaysWhereAChangedDesignGoesAnotherWay) {
  const SavedRun saved = saved_of(*loaded(kRunsCounter));
  std::string text(kRunsCounter);
  text.insert(text.rfind("    n = n + 1"), "    pass\n");
  const auto changed = loaded(text);
  const Rerun other = rerun(unreduced(case_in(*changed)), saved, changed->sources);
  EXPECT_EQ(other.end, Rerun::End::Diverged);
  EXPECT_THAT(other.divergence, HasSubstr("step 2: counter.up was to execute 'n = n + 1'"));
  EXPECT_THAT(other.divergence, HasSubstr("it stands before 'pass'"));
  EXPECT_EQ(story_of(unreduced(case_in(*changed)), other, changed->sources, {}).steps.size(), 1u);
}

TEST(Rerun, SaysWhenNothingIsBrokenAnyMore) {
  const SavedRun saved = saved_of(*loaded(kRunsCounter));
  std::string text(kRunsCounter);
  text.replace(text.find("counter.n == 3"), 14, "counter.n == 0");
  const auto changed = loaded(text);
  EXPECT_EQ(rerun(unreduced(case_in(*changed)), saved, changed->sources).end, Rerun::End::Kept);
}

TEST(Simulation, StepsThereAndBack) {
  const auto design = loaded(kRunsCounter);
  Simulation simulation(unreduced(case_in(*design)), design->sources);
  ASSERT_TRUE(simulation.has_state());
  ASSERT_EQ(simulation.offers().size(), 1u);
  EXPECT_EQ(simulation.offers().front().who, "counter.up (thread)");
  EXPECT_THAT(simulation.values("counter"), ElementsAre("counter.n = 0"));
  simulation.take(0);
  EXPECT_THAT(simulation.values("counter"), ElementsAre("counter.n = 1"));
  simulation.jump(0);
  EXPECT_THAT(simulation.values("counter"), ElementsAre("counter.n = 0"));
}

TEST(Simulation, FindsAShortestWay) {
  const auto design = loaded(kRunsCounter);
  Simulation simulation(unreduced(case_in(*design)), design->sources);
  EXPECT_EQ(simulation.run_to(*simulation.watch("counter.n >= 2"), 1000), 2u);
  EXPECT_EQ(simulation.steps(), 2u);
  EXPECT_EQ(simulation.run_to(*simulation.watch("counter.n = 2"), 1000), 0u);
  EXPECT_EQ(simulation.run_to(*simulation.watch("counter.n = 0"), 1000), std::nullopt);
  EXPECT_THAT(simulation.watch("counter.m = 1").error(), HasSubstr("did you mean 'counter.n'?"));
}

TEST(Simulation, WalksTheSameWayWithTheSameSeed) {
  const auto design = loaded(kRunsCounter);
  std::vector<std::vector<std::string>> histories;
  for (int i = 0; i < 2; ++i) {
    Simulation simulation(unreduced(case_in(*design)), design->sources);
    std::mt19937_64 random(5);
    simulation.walk(50, random);
    histories.push_back(simulation.history());
  }
  EXPECT_EQ(histories[0], histories[1]);
}

}  // namespace
}  // namespace quiesce::checker

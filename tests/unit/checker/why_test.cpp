// Which other turn would have made the difference (checker/why.h).
#include "checker/why.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/continuations.h"
#include "checker/load.h"
#include "checker/report/told_story.h"
#include "model/interpret/interpreter.h"

namespace quiesce::checker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// The call may run late, when what it uses is freed. `body` stands between asking for the call and freeing.
std::string late_call(const std::string& body, const std::string& call = "require late.used: !freed") {
  return "module late\nrule late.used { title \"It is not used when it is freed\" }\nmachine Card {\n"
         "  queued: bool = false\n  freed: bool = false\n"
         "  thread stop {\n    queued = true\n    " +
         body + "\n    freed = true\n  }\n  handler call at 2 when queued {\n    accept { queued = false }\n    " +
         call + "\n  }\n}\nsystem S {\n  cpus 2\n  card: Card()\n}\ncheck S for late.used\n";
}

struct Asked {
  std::unique_ptr<LoadedDesign> design;
  std::optional<Why> why;
  std::string telling;
};

Asked asked(const std::string& text, const WhyOptions& options = {}) {
  Asked result{load_design("late.qsm", text, {}), std::nullopt, ""};
  EXPECT_TRUE(result.design->ok()) << model::render(result.design->diagnostics, result.design->sources);
  const CheckCase& case_ = result.design->checks.front().cases.front();
  const CaseOutcome outcome = case_outcome(case_, check(case_, {}), {});
  EXPECT_THAT(outcome.result.findings, SizeIs(1));
  result.why = why_of(outcome, outcome.result.findings.front(), result.design->sources, options);
  result.telling = telling_turn(outcome, outcome.result.findings.front(), result.design->sources);
  return result;
}

TEST(Why, NamesTheTurnAfterWhichNothingBreaksTheRule) {
  const Asked it = asked(late_call(""));
  ASSERT_TRUE(it.why);
  ASSERT_FALSE(it.why->turns.empty());
  EXPECT_TRUE(it.why->turns.front().is_always);
  EXPECT_THAT(it.why->turns.front().what, HasSubstr("card.call (handler) run to its end before step 2"));
  EXPECT_THAT(why_text(it.why, "late.used", 110), HasSubstr("late.used would have held, whatever came after.\n"));
}

TEST(Why, NamesNoTurnAfterWhichTheRuleCanStillBeBroken) {
  // The call is asked for once more before it is freed: to have run earlier does not help against the second one.
  const Asked it = asked(late_call("await !queued; queued = true"));
  ASSERT_TRUE(it.why);
  for (const OtherTurn& one : it.why->turns) {
    EXPECT_FALSE(one.is_always && one.step == 0) << one.what;
  }
}

TEST(Why, SaysNothingWhereEveryTurnBreaksIt) {
  const Asked it = asked(late_call("", "violate late.used"));
  ASSERT_TRUE(it.why);
  EXPECT_THAT(it.why->turns, IsEmpty());
  EXPECT_THAT(why_text(it.why, "late.used", 110), Not(HasSubstr("would have held")));
}

TEST(Why, NamesWhatEveryViolatingRunExecutes) {
  const Asked it = asked(late_call(""));
  ASSERT_TRUE(it.why);
  ASSERT_TRUE(it.why->unavoidable);
  EXPECT_THAT(*it.why->unavoidable, ElementsAre(0, 1, 2));
}

TEST(Why, TheTellingTurnIsThatOfAHandlerThatWasDue) {
  EXPECT_EQ(asked(late_call("")).telling,
            "Had card.call (handler) run to its end before step 2, the rule would have held, whatever came after.");
}

TEST(Why, WithoutATurnThatHelpsForGoodOneThatTakesTheBrokenStatementInTimeIsTold) {
  // It may be late in the second round, whenever it ran in the first.
  const Asked it = asked(late_call("freed = true; await !queued; freed = false; queued = true"));
  EXPECT_THAT(it.telling, HasSubstr("Had card.call (handler) "));
  EXPECT_THAT(it.telling, HasSubstr("before step 2, the rule would have held in this run, with the rest as it was."));
}

TEST(Why, AThreadThatOnlyKeepsTheMistakeAwayIsNoTellingTurn) {
  const Asked it = asked(late_call("queued = false", "violate late.used"));
  ASSERT_TRUE(it.why);
  ASSERT_FALSE(it.why->turns.empty());
  EXPECT_EQ(it.why->turns.front().what, "card.stop (thread) executed 'queued = false' before step 2");
  EXPECT_TRUE(it.why->turns.front().is_always);
  EXPECT_EQ(it.telling, "");
}

TEST(Why, WhatEndsInsideACallOfAnotherFileIsNamedByTheCall) {
  const std::string text =
      "module late\nuse std\nrule late.used { title \"It is used behind the gate\" }\nmachine Card {\n"
      "  gate: std.Event(true, true)\n  queued: bool = false\n"
      "  thread start {\n    queued = true\n    gate.wait()\n    queued = false\n  }\n"
      "  handler call at 2 when queued {\n    accept { queued = false }\n    require late.used: !gate.signalled\n  "
      "}\n}\n"
      "system S {\n  cpus 2\n  card: Card()\n}\ncheck S for late.used\n";
  EXPECT_EQ(asked(text).telling,
            "Had card.start (thread) returned from 'card.gate.wait' before step 3, the rule would have held, whatever "
            "came after.");
}

TEST(Why, SaysNothingThatItsBoundDoesNotAllowFor) {
  const Asked it = asked(late_call(""), {2});
  ASSERT_TRUE(it.why);
  EXPECT_FALSE(it.why->unavoidable);
  for (const OtherTurn& one : it.why->turns) EXPECT_FALSE(one.is_always) << one.what;
}

/// Free states are those from which the reference interpreter finds no violation.
TEST(Why, FatesAreThoseOfTheReference) {
  const auto design = load_design("late.qsm", late_call("await !queued; queued = true"), {});
  ASSERT_TRUE(design->ok());
  const model::TransitionSystem& system = *design->checks.front().cases.front().original;
  const model::RuleId rule = system.checked.front();
  const model::Interpreter interpreter(system);
  Continuations continuations(system, rule, 100'000);
  const auto breaks = [&](const std::vector<model::Violation>& all) {
    return std::any_of(all.begin(), all.end(),
                       [&](const model::Violation& one) { return one.rule == rule || system.at(one.rule).core; });
  };
  const auto reachable = [&](const model::State& from, bool* is_broken) {
    std::set<model::State> seen;
    std::vector<model::State> open = {from};
    while (!open.empty()) {
      const model::State state = open.back();
      open.pop_back();
      if (!seen.insert(interpreter.canonical(state)).second) continue;
      *is_broken |= breaks(interpreter.violations_of(state));
      if (model::ends_run(system, interpreter.violations_of(state))) continue;
      for (const model::Successor& next : interpreter.successors(state)) {
        *is_broken |= breaks(next.violations);
        if (!next.ends_run) open.push_back(next.next);
      }
    }
    return seen;
  };
  bool ignored = false;
  std::size_t free_states = 0;
  for (const model::State& state : reachable(interpreter.initial_states().front(), &ignored)) {
    bool is_broken = false;
    reachable(state, &is_broken);
    EXPECT_EQ(continuations.fate(state), is_broken ? Continuations::Fate::Open : Continuations::Fate::Free);
    free_states += is_broken ? 0 : 1;
  }
  EXPECT_GT(free_states, 0u);
}

}  // namespace
}  // namespace quiesce::checker

// Mends of small designs and of some of the library: what is found, what is refused, and what is said when there is
// none.
#include "checker/mend/mend.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/load_again.h"
#include "checker/mend/candidates.h"
#include "checker/mend/edit.h"
#include "checker/mend/mend_file.h"
#include "checker/mend/mend_report.h"
#include "checker/mend/mend_table.h"
#include "checker/mend/run_lines.h"
#include "checker/mend/trial.h"
#include "model/system/print.h"

namespace quiesce::checker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* kDoor = R"(module doors

rule doors.shut_first { title "A door is shut before it is locked" }

machine Door() {
  open: bool = false
  locked: bool = false
  atomic fn swing_open() { open = true }
  atomic fn shut() { open = false }
  atomic fn lock() {
    require doors.shut_first: !open
    locked = true
  }
}

system House() {
  door: Door()
  thread child {
    door.swing_open()
    door.lock()
    door.shut()
  }
}

check House for doors.*
)";

std::string with(const std::string& text, const std::string& was, const std::string& now) {
  const std::size_t at = text.find(was);
  EXPECT_NE(at, std::string::npos) << was;
  return std::string(text).replace(at, was.size(), now);
}

/// A design that was checked, with all its checks.
struct Checked {
  std::unique_ptr<LoadedDesign> design;
  std::vector<CheckOutcome> outcomes;
};

Checked checked(const std::string& name, const std::string& text) {
  Checked result;
  result.design = load_design(name, text, {});
  EXPECT_TRUE(result.design->ok()) << model::render(result.design->diagnostics, result.design->sources);
  for (const LoadedCheck& check : result.design->checks) {
    std::vector<CaseOutcome> cases;
    for (const CheckCase& case_ : check.cases) cases.push_back(case_outcome(case_, checker::check(case_, {}), {}));
    result.outcomes.push_back(outcome_of(std::move(cases)));
  }
  return result;
}

std::vector<CheckMends> mends_of(const std::string& name, const std::string& text, MendOptions options = {}) {
  const Checked it = checked(name, text);
  return find_mends_of_file(*it.design, it.outcomes, {}, {}, options);
}

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(QUIESCE_SOURCE_DIR) + "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Verdict verdict_of(const std::string& text) { return checked("mended.qsm", text).outcomes.front().verdict; }

TEST(Mend, MovesACall) {
  const std::vector<CheckMends> found = mends_of("doors.qsm", kDoor);
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_THAT(found[0].result.mends, SizeIs(3));
  const Mend& first = found[0].result.mends[0];
  EXPECT_EQ(first.what, "'door.shut()' before 'door.lock()'");
  EXPECT_EQ(found[0].result.mends[1].what, "'door.lock()' before 'door.swing_open()'");
  EXPECT_EQ(first.patch, R"(--- a/doors.qsm
+++ b/doors.qsm
@@ -17,8 +17,8 @@
   door: Door()
   thread child {
     door.swing_open()
-    door.lock()
     door.shut()
+    door.lock()
   }
 }
 
)");
  for (const Mend& mend : found[0].result.mends) EXPECT_EQ(verdict_of(mend.text), Verdict::Holds) << mend.text;
}

/// Without the call of lock() nothing is broken, and nothing is said: that is no mend.
TEST(Mend, RefusesWhatMakesARuleSilent) {
  const Checked it = checked("doors.qsm", kDoor);
  MendSubject subject;
  subject.name = "doors.qsm";
  subject.load.check = 1;
  subject.exercised = {{"doors.shut_first"}};
  subject.states = {10};
  const std::atomic<bool> stop = false;
  const MendTrials trials(subject, stop);
  const std::string silent = with(kDoor, "    door.lock()\n", "");
  EXPECT_EQ(trials.try_quickly(silent).change, Change::Mends);
  const ChangeResult result = trials.try_fully(silent);
  EXPECT_EQ(result.change, Change::Vacuous);
  EXPECT_EQ(result.rule, "doors.shut_first");
  const std::vector<CheckMends> found = mends_of("doors.qsm", kDoor);
  for (const Mend& mend : found.front().result.mends) EXPECT_NE(mend.text, silent);
  EXPECT_EQ(trials.try_fully(silent, true).change, Change::Vacuous);
}

/// A rule that the design never keeps may have nothing to say once its condition is asked, and the mend says so.
TEST(Mend, MayEndWhatARuleForbidsInEveryCase) {
  const Checked it = checked("doors.qsm", kDoor);
  const SearchResult& result = it.outcomes[0].cases[0].result;
  std::vector<std::string> rules = exercised_rules(it.design->checks[0].cases[0], result, {});
  EXPECT_THAT(leave_out_consequences(it.design->checks[0].cases[0], result, {}, rules),
              ElementsAre("doors.shut_first"));
  MendSubject subject;
  subject.name = "doors.qsm";
  subject.load.check = 1;
  subject.exercised = {{"doors.shut_first"}};
  subject.never_kept = subject.exercised;
  subject.states = {10};
  const std::atomic<bool> stop = false;
  const MendTrials trials(subject, stop);
  const std::string silent = with(kDoor, "    door.lock()\n", "");
  EXPECT_EQ(trials.try_fully(silent).change, Change::Vacuous);
  const ChangeResult last = trials.try_fully(silent, true);
  EXPECT_EQ(last.change, Change::Mends);
  EXPECT_EQ(last.resting, "doors.shut_first");
}

/// A rule that was kept once has to be exercised afterwards, whatever asks its condition.
TEST(Mend, KeepsARuleThatWasKeptOnce) {
  const Checked it =
      checked("doors.qsm", with(kDoor, "    door.swing_open()\n", "    door.lock()\n    door.swing_open()\n"));
  const SearchResult& result = it.outcomes[0].cases[0].result;
  std::vector<std::string> rules = exercised_rules(it.design->checks[0].cases[0], result, {});
  EXPECT_THAT(leave_out_consequences(it.design->checks[0].cases[0], result, {}, rules), IsEmpty());
  EXPECT_THAT(rules, ElementsAre("doors.shut_first"));
}

/// What only the mistake leads to cannot be asked of a design without it.
TEST(Mend, LetsRulesRestThatOnlyTheMistakeExercises) {
  const std::string text =
      with(with(kDoor, "machine Door", "rule doors.rung { title \"An open lock rings\" }\n\nmachine Door"),
           "    locked = true\n", "    if open { require doors.rung: !locked }\n    locked = true\n");
  const Checked it = checked("doors.qsm", text);
  const CheckCase& case_ = it.design->checks[0].cases[0];
  const SearchResult& result = it.outcomes[0].cases[0].result;
  std::vector<std::string> rules = exercised_rules(case_, result, {});
  EXPECT_THAT(rules, UnorderedElementsAre("doors.shut_first", "doors.rung"));
  leave_out_consequences(case_, result, {}, rules);
  EXPECT_THAT(rules, ElementsAre("doors.shut_first"));
}

/// What a run does before it breaks the rule has to stay, also where it does it again behind.
TEST(Mend, KeepsRulesThatAreExercisedBeforeTheMistake) {
  const std::string text =
      with(with(with(kDoor, "machine Door", "rule doors.shut { title \"An open door is shut\" }\n\nmachine Door"),
                "shut() { open = false }", "shut() {\n    require doors.shut: open\n    open = false\n  }"),
           "    door.swing_open()\n", "    door.swing_open()\n    door.shut()\n    door.swing_open()\n");
  const Checked it = checked("doors.qsm", text);
  const SearchResult& result = it.outcomes[0].cases[0].result;
  std::vector<std::string> rules = exercised_rules(it.design->checks[0].cases[0], result, {});
  leave_out_consequences(it.design->checks[0].cases[0], result, {}, rules);
  EXPECT_THAT(rules, UnorderedElementsAre("doors.shut_first", "doors.shut"));
}

TEST(Mend, TriesNoMoreChangesThanItMay) {
  const std::vector<CheckMends> found = mends_of("doors.qsm", kDoor, {.most_changes = 2});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].result.tally.tried, 2u);
  EXPECT_GT(found[0].result.tally.all, 2u);
}

/// States are counted in the order of the changes, so that threads do not matter to what is found.
TEST(Mend, SearchesNoMoreStatesThanItMay) {
  const auto with_states = [](std::uint64_t states, unsigned threads) {
    return mends_of("doors.qsm", kDoor, {.threads = threads, .most_states = states}).front().result;
  };
  const MendResult all = with_states(10'000'000, 1);
  EXPECT_EQ(all.limit, LimitKind::None);
  const MendResult few = with_states(5 * kChangeStates, 1);
  EXPECT_EQ(few.limit, LimitKind::States);
  EXPECT_GT(few.tally.tried, 0u);
  EXPECT_LE(few.tally.tried, 5u);
  EXPECT_EQ(with_states(5 * kChangeStates, 3).tally.tried, few.tally.tried);
}

std::vector<std::string> changes_of(const std::string& text, const ExecutedLines& executed = {}) {
  const auto design = load_design("doors.qsm", text, {});
  EXPECT_TRUE(design->ok()) << model::render(design->diagnostics, design->sources);
  std::vector<std::string> changes;
  for (const Candidate& candidate : candidates_of(*design, {}, executed)) changes.push_back(candidate.what);
  return changes;
}

TEST(Candidates, LetTwoCallsChangePlaces) {
  EXPECT_THAT(changes_of(kDoor), Contains("'door.lock()' and 'door.shut()' change places"));
}

TEST(Candidates, MoveACallIntoAnElse) {
  const std::string text = with(kDoor, "    door.lock()\n", "    if door.open { door.lock() }\n");
  EXPECT_THAT(changes_of(text), Contains("'door.shut()' as the else of 'if door.open'"));
}

TEST(Candidates, LeaveALockOut) {
  const std::string text = with(with(kDoor, "  locked: bool", "  guard: mutex\n  locked: bool"), "    door.lock()\n",
                                "    with door.guard { door.lock() }\n");
  EXPECT_THAT(changes_of(text), Contains("without 'with door.guard'"));
}

TEST(Candidates, LeaveALevelOutOrTakeAnotherOne) {
  const std::vector<std::string> changes =
      changes_of(with(kDoor, "    door.lock()\n", "    at DISPATCH { door.lock() }\n"));
  EXPECT_THAT(changes, Contains("without 'at DISPATCH'"));
  EXPECT_THAT(changes, Contains("level APC instead of DISPATCH in 'at DISPATCH'"));
}

/// Where a raise or its lower is all that an `if` does, the `if` goes with it.
TEST(Candidates, LeaveARaiseOutWithItsLower) {
  const std::string text =
      with(kDoor, "    door.lock()\n", "    if door.open { raise DISPATCH }\n    door.lock()\n    lower PASSIVE\n");
  const auto design = load_design("doors.qsm", text, {});
  std::string mended;
  for (const Candidate& candidate : candidates_of(*design, {}, {})) {
    if (candidate.what == "without 'if door.open' and 'lower PASSIVE'") mended = edited(text, candidate.edit);
  }
  EXPECT_EQ(mended, kDoor);
}

TEST(Candidates, LeaveABranchOutWhereverItStands) {
  const std::string once = with(kDoor, "    door.lock()\n", "    if door.locked { door.shut() }\n    door.lock()\n");
  const std::string twice =
      with(once, "    door.swing_open()\n", "    if door.locked { door.shut() }\n    door.swing_open()\n");
  const auto design = load_design("doors.qsm", twice, {});
  std::string mended;
  for (const Candidate& candidate : candidates_of(*design, {}, {})) {
    if (candidate.what != "without 'if door.locked', here and 1 time more") continue;
    EXPECT_TRUE(candidate.does_less);
    mended = edited(twice, candidate.edit);
  }
  EXPECT_EQ(mended, kDoor);
  const std::string either =
      with(kDoor, "    door.lock()\n", "    if door.locked { door.shut() } else { door.lock() }\n");
  EXPECT_THAT(changes_of(either), Contains("the else of 'if door.locked' in any case"));
}

TEST(Candidates, LeaveOutAnArgumentThatMayHaveADefault) {
  const std::string text = with(with(kDoor, "fn lock()", "fn lock(twice: bool = false)"), "    door.lock()\n",
                                "    door.lock(twice: true)\n");
  EXPECT_THAT(changes_of(text), Contains("without 'twice: true' in 'door.lock(twice: true)'"));
}

TEST(Candidates, ChangeWhatIsReturnedInEachPlace) {
  const std::vector<std::string> changes = changes_of(text_of("specs/parallel/designs/claim_all.qsm"));
  EXPECT_THAT(changes, Contains("'false' instead of 'true' in each return of isr"));
  EXPECT_THAT(changes, Contains("'false' instead of 'true' in each return of isr but the last"));
}

TEST(Candidates, PutAConstantForAName) {
  EXPECT_THAT(changes_of(text_of("specs/portcls/designs/normal_mode_two_sources.qsm")),
              Contains("'Repeat' instead of 'mode' in 'var status = portcls.PcNewInterruptSync(sync, list, 0, mode)'"));
}

TEST(Candidates, AskForSuccess) {
  const std::vector<std::string> changes = changes_of(text_of("specs/wdm/designs/hard_disconnect_in_power_down.qsm"));
  EXPECT_THAT(changes, Contains("'if status == STATUS_SUCCESS' to 'return status' only if 'status == STATUS_SUCCESS'"));
  EXPECT_THAT(changes, Contains("'STATUS_SUCCESS' instead of 'wdm.IoConnectInterruptEx(intr)'"));
}

TEST(Candidates, AskForSuccessWhereNothingWasAsked) {
  const std::vector<std::string> changes = changes_of(text_of("specs/devicetopology/designs/deref_without_check.qsm"));
  EXPECT_THAT(changes, Contains("'devicetopology.GetType(peer, answer)' to 'devicetopology.Release(peer)' only if "
                                "'devicetopology.GetConnectedTo(x, peer)' gives S_OK"));
}

TEST(Candidates, SayWhatIsDoneOtherwise) {
  const std::vector<std::string> changes = changes_of(text_of("specs/devicetopology/designs/same_flow.qsm"));
  EXPECT_THAT(changes, Contains("'x.tell_connected(y)' only if 'devicetopology.ConnectTo(x, y)' gives S_OK, else "
                                "'x.tell_failed()'"));
}

/// No story tells an `if` that parameters decide: where nothing else stands in its block, it may have been executed.
TEST(Candidates, TouchAConditionThatStandsAlone) {
  const std::string text =
      with(kDoor, "  thread child {",
           "  fn tidy() {\n    if door.open && door.locked { door.shut() }\n  }\n  thread child {");
  EXPECT_THAT(changes_of(text, {{24}}), Contains("'door.open' instead of 'door.open && door.locked'"));
}

TEST(Candidates, TryWhatSetsAnAskedVariableSooner) {
  const std::string text = text_of("specs/wdm/designs/hard_disconnect_in_power_down.qsm");
  const auto is_sooner = [&](const std::vector<std::string>& names) {
    ExecutedLines executed;
    executed.asked = names;
    const std::vector<std::string> changes = changes_of(text, executed);
    const auto place_of = [&](const std::string& call) {
      return std::find_if(changes.begin(), changes.end(), [&](const std::string& what) {
        return what.starts_with("'" + call + "' (") && what.ends_with("before 'hw.acknowledge()'");
      });
    };
    return place_of("hw.enable()") < place_of("wdm.IoDisconnectInterruptEx(intr)");
  };
  EXPECT_FALSE(is_sooner({}));
  EXPECT_FALSE(is_sooner({"no_such_name"}));
  EXPECT_TRUE(is_sooner({"enabled"}));
}

/// The changes that ask what the library requires where runs of the first check broke it.
std::vector<std::string> heeding_changes_of(const std::string& path) {
  const Checked it = checked(path, text_of(path));
  const RunLines lines = run_lines(it.outcomes.front(), it.design->sources);
  std::vector<std::string> changes;
  for (const Candidate& candidate : candidates_of(*it.design, lines.nearness, lines.executed)) {
    if (candidate.heeds) changes.push_back(candidate.what);
  }
  return changes;
}

TEST(Candidates, AskWhatTheLibraryRequires) {
  const std::vector<std::string> changes = heeding_changes_of("specs/devicetopology/designs/mismatched_type.qsm");
  const std::string call = "'var status = devicetopology.ConnectTo(x, y)'";
  EXPECT_THAT(changes, Contains(call + " to 'if status == S_OK' only if 'x.target.type == y.target.type'"));
  EXPECT_THAT(changes, Contains(call + " only if 'x.target.type == y.target.type', else 'E_INVALIDARG'"));
}

/// The condition stands in a function of the library's object that the called one calls, and mentions its variables.
TEST(Candidates, AskWhatAFunctionBelowRequires) {
  EXPECT_THAT(heeding_changes_of("specs/devicetopology/designs/deref_without_check.qsm"),
              Contains("'devicetopology.GetType(peer, answer)' only if 'peer.origin != FailedThoughConnected'"));
}

/// What a design requires of itself is for it to say.
TEST(Candidates, AskNothingThatTheFileItselfRequires) {
  const Checked it = checked("doors.qsm", kDoor);
  const RunLines lines = run_lines(it.outcomes.front(), it.design->sources);
  EXPECT_THAT(lines.executed.broken, SizeIs(1));
  for (const Candidate& candidate : candidates_of(*it.design, lines.nearness, lines.executed))
    EXPECT_FALSE(candidate.heeds) << candidate.what;
}

TEST(Candidates, DoLessWhereTheyTakeBackWhatWasJustDone) {
  const std::string name = "specs/wdm/designs/no_silence.qsm";
  const auto design = load_design(name, text_of(name), {});
  std::set<bool> behind_enable;
  std::set<bool> elsewhere;
  for (const Candidate& candidate : candidates_of(*design, {}, {})) {
    if (!candidate.what.starts_with("'hw.disable()' (")) continue;
    const bool is_behind =
        candidate.what.ends_with("after 'hw.enable()'") || candidate.what.ends_with("before 'return status'");
    (is_behind ? behind_enable : elsewhere).insert(candidate.does_less);
  }
  EXPECT_THAT(behind_enable, ElementsAre(true));
  EXPECT_THAT(elsewhere, ElementsAre(false));
}

/// Line 21 is `door.shut()`: what touches neither it nor its place is left out.
TEST(Candidates, TouchWhatTheRunExecuted) {
  const std::vector<std::string> all = changes_of(kDoor);
  const std::vector<std::string> few = changes_of(kDoor, {{21}});
  EXPECT_THAT(all, Contains("without 'door.lock()'"));
  EXPECT_THAT(few, Not(Contains("without 'door.lock()'")));
  EXPECT_THAT(few, Contains("without 'door.shut()'"));
  EXPECT_LT(few.size(), all.size());
}

/// The first case is mended by one change, the second by another one.
TEST(Mend, MendsOneCaseAfterTheOther) {
  const std::string text =
      with(with(with(kDoor, "system House() {", "system House(twice: bool) {"), "    door.lock()\n    door.shut()\n",
                "    if twice {\n      door.lock()\n      door.shut()\n    } else {\n      door.lock()\n      "
                "door.shut()\n    }\n"),
           "check House for doors.*", "check House for doors.* with twice in {false, true}");
  const std::vector<CheckMends> found = mends_of("doors.qsm", text);
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_FALSE(found[0].result.mends.empty());
  EXPECT_EQ(verdict_of(found[0].result.mends.front().text), Verdict::Holds);
}

/// Each case has a mistake of its own, in a thread of its own: no two changes mend all three.
TEST(Mend, MendsThreeCasesOneAfterTheOther) {
  std::string threads;
  for (const int number : {1, 2, 3}) {
    threads += "  thread child" + std::to_string(number) + " {\n    if which == " + std::to_string(number) +
               " {\n      door.swing_open()\n      door.lock()\n      door.shut()\n    }\n  }\n";
  }
  const std::string text = with(with(with(kDoor, "system House() {", "system House(which: int 1..3) {"),
                                     "  thread child {\n    door.swing_open()\n    door.lock()\n    door.shut()\n  }\n",
                                     threads + "  reachable ajar: door.open\n"),
                                "check House for doors.*", "check House with which in 1..3");
  const std::vector<CheckMends> found = mends_of("doors.qsm", text, {.most = 1});
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_FALSE(found[0].result.mends.empty());
  EXPECT_EQ(found[0].result.mends.front().size, 3u) << found[0].result.mends.front().what;
  EXPECT_EQ(verdict_of(found[0].result.mends.front().text), Verdict::Holds);
}

TEST(LoadAgain, GivesWhatLoadingGives) {
  model::types::ParsedTexts parsed;
  const std::string text = text_of("specs/wdm/designs/silence_before_disconnect.qsm");
  const auto fresh = load_design("nic.qsm", text, {});
  for (int i = 0; i < 3; ++i) {
    const auto again = load_again("nic.qsm", text, {}, parsed);
    ASSERT_TRUE(again->ok());
    ASSERT_EQ(again->checks.size(), fresh->checks.size());
    const model::TransitionSystem& one = fresh->checks.front().cases.front().system;
    const model::TransitionSystem& other = again->checks.front().cases.front().system;
    EXPECT_EQ(model::print_system(one, {&fresh->sources}), model::print_system(other, {&again->sources}));
  }
  const auto broken = load_again("nic.qsm", with(text, "hw.enable()", "hw.enabel()"), {}, parsed);
  EXPECT_EQ(model::render(broken->diagnostics, broken->sources), [&] {
    const auto plain = load_design("nic.qsm", with(text, "hw.enable()", "hw.enabel()"), {});
    return model::render(plain->diagnostics, plain->sources);
  }());
}

/// A module that has changed between two loads is parsed anew.
TEST(LoadAgain, SeesAChangedModule) {
  model::types::ParsedTexts parsed;
  const std::string text = text_of("specs/wdm/designs/silence_before_disconnect.qsm");
  ASSERT_TRUE(load_again("nic.qsm", text, {}, parsed)->ok());
  LoadOptions changed;
  changed.texts["library:wdm/dpc.qsm"] = "module wdm.dpc\nmachine {";
  EXPECT_FALSE(load_again("nic.qsm", text, changed, parsed)->ok());
  EXPECT_TRUE(load_again("nic.qsm", text, {}, parsed)->ok());
}

TEST(Mend, SaysWhatBecameOfOtherTexts) {
  MendSubject subject;
  subject.name = "doors.qsm";
  subject.load.check = 1;
  subject.exercised = {{"doors.shut_first"}};
  subject.states = {10};
  const std::atomic<bool> stop = false;
  const MendTrials trials(subject, stop);
  EXPECT_EQ(trials.try_quickly(kDoor).change, Change::Broken);
  EXPECT_EQ(trials.try_quickly(kDoor).rule, "doors.shut_first");
  EXPECT_EQ(trials.try_fully(kDoor).change, Change::Broken);
  EXPECT_EQ(trials.try_quickly(with(kDoor, "door.shut()", "door.slam()")).change, Change::Refused);
  EXPECT_THAT(trials.broken_by(kDoor).names, ElementsAre("doors.shut_first"));
  EXPECT_TRUE(trials.broken_by(kDoor).is_complete);
  const std::atomic<bool> now = true;
  EXPECT_EQ(MendTrials(subject, now).try_quickly(kDoor).change, Change::Stopped);
}

/// What is wrong with the world no change of the design mends.
TEST(Mend, SaysThatThereIsNone) {
  const std::string text = R"(module bolts
machine Bolt() {
  moved: bool = false
  action slip when !moved { moved = true }
  never moved
  fn pull() { pass }
}
system House() {
  bolt: Bolt()
  thread child { bolt.pull() }
}
check House
)";
  const std::vector<CheckMends> found = mends_of("bolts.qsm", text);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].result.mends, IsEmpty());
  EXPECT_EQ(found[0].result.limit, LimitKind::None);
  const std::string report = mend_report(found[0].result, "check 1, House", false);
  EXPECT_THAT(report, HasSubstr("No mend of check 1, House\n"));
  EXPECT_THAT(report, HasSubstr("the run that breaks it executes no statement that can be changed\n"));
}

TEST(Mend, MakesTwoChangesWhereOneIsNotEnough) {
  const std::string text =
      with(with(kDoor, "  door: Door()\n", "  door: Door()\n  back: Door()\n"), "    door.shut()\n",
           "    door.shut()\n    back.swing_open()\n    back.lock()\n    back.shut()\n");
  const std::string both = with(text, "check House for doors.*", "check House");
  const std::vector<CheckMends> found = mends_of("doors.qsm", both, {.most = 1});
  ASSERT_THAT(found, SizeIs(1));
  ASSERT_THAT(found[0].result.mends, SizeIs(1));
  EXPECT_EQ(verdict_of(found[0].result.mends.front().text), Verdict::Holds);
}

/// What the world demands stays as it is, also where the design has a world of its own.
TEST(Mend, LeavesRulesAlone) {
  const std::string text = with(with(kDoor, "    door.shut()\n", ""), "    door.swing_open()\n", "");
  const std::string open = with(text, "  open: bool = false", "  open: bool = true");
  const std::vector<CheckMends> found = mends_of("doors.qsm", open);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].result.mends, IsEmpty());  // not: 'if open { return }' before the rule
}

/// A change that mends one check and breaks another is none.
TEST(Mend, KeepsOtherChecks) {
  const std::string text = R"(module doors

rule doors.shut_first { title "A door is shut before it is locked" }

machine Door() {
  open: bool = false
  atomic fn swing_open() { open = true }
  atomic fn lock() { require doors.shut_first: !open }
}

system House(careful: bool) {
  door: Door()
  thread child {
    if !careful { door.swing_open() }
    door.lock()
  }
}

check House with careful = false
check House with careful = true
)";
  const std::vector<CheckMends> found = mends_of("doors.qsm", text);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_GT(found[0].result.tally.other, 0u);  // 'if careful' instead of 'if !careful'
  for (const Mend& mend : found[0].result.mends) {
    for (const CheckOutcome& outcome : checked("doors.qsm", mend.text).outcomes)
      EXPECT_EQ(outcome.verdict, Verdict::Holds) << mend.text;
  }
}

TEST(Mend, IsInterrupted) {
  const std::atomic<bool> interrupt = true;
  const Checked it = checked("doors.qsm", kDoor);
  MendOptions options;
  options.interrupt = &interrupt;
  const MendRequest request{*it.design, it.design->checks[0], it.outcomes[0], {}, {}};
  const MendResult result = find_mends(request, options);
  EXPECT_THAT(result.mends, IsEmpty());
  EXPECT_EQ(result.limit, LimitKind::Interrupted);
  EXPECT_THAT(mend_report(result, "it", false), HasSubstr("interrupted after 0 of"));
}

TEST(Mend, IsTheSameWhateverTheThreads) {
  std::vector<std::string> texts;
  for (const unsigned threads : {1U, 3U}) {
    MendOptions options;
    options.threads = threads;
    std::string all;
    const std::vector<CheckMends> found = mends_of("doors.qsm", kDoor, options);
    for (const Mend& mend : found.front().result.mends) all += mend.patch;
    texts.push_back(all);
  }
  EXPECT_EQ(texts[0], texts[1]);
}

/// The document's own example: the device is silenced first.
TEST(Mend, SilencesTheDeviceFirst) {
  const std::string name = "specs/wdm/designs/disconnect_while_enabled.qsm";
  const std::vector<CheckMends> found = mends_of(name, text_of(name), {.most = 1});
  ASSERT_THAT(found, SizeIs(4));
  ASSERT_THAT(found[0].result.mends, SizeIs(1));
  const Mend& first = found[0].result.mends.front();
  EXPECT_THAT(first.what, HasSubstr("'hw.disable()' (forbids the device to interrupt) before "
                                    "'wdm.IoDisconnectInterruptEx(intr)'"));
  EXPECT_THAT(first.patch, HasSubstr("   fn stop() {\n"
                                     "-    wdm.IoDisconnectInterruptEx(intr)\n"
                                     "     hw.disable()  // too late: the finding\n"
                                     "+    wdm.IoDisconnectInterruptEx(intr)\n"));
  for (std::size_t i = 1; i < found.size(); ++i) EXPECT_TRUE(found[i].result.is_known) << i;
}

class LibraryMend : public ::testing::TestWithParam<const char*> {};

/// A sample of the table in docs/mend.md, which the nightly tests make whole.
TEST_P(LibraryMend, IsFound) {
  const std::string name = std::string("specs/") + GetParam() + ".qsm";
  const std::vector<CheckMends> found = mends_of(name, text_of(name), {.most = 1, .checks = 1});
  ASSERT_FALSE(found.empty());
  ASSERT_THAT(found[0].result.mends, SizeIs(1)) << mend_report(found[0].result, name, true);
  const std::string& mended = found[0].result.mends.front().text;
  EXPECT_EQ(checked(name, mended).outcomes[found[0].check].verdict, Verdict::Holds) << mended;
}

INSTANTIATE_TEST_SUITE_P(Sample, LibraryMend,
                         ::testing::Values("wdm/designs/no_silence", "portcls/designs/unmap_first",
                                           "wdm/designs/remove_while_started",
                                           "devicetopology/designs/deref_without_check",
                                           "devicetopology/designs/connect_over_existing"));

TEST(MendTable, CountsChecksAndDesigns) {
  MendRow mended{"a.qsm", 1, {"r.x"}, true, false, "'f()' before 'g()'", 2, 5};
  MendRow not_mended{"a.qsm", 2, {"r.y"}, false, false, "none among 7 changes", 0, 7};
  MendRow other{"b.qsm", 1, {"r.x"}, true, false, "'a || b' instead of 'a'", 1, 1234};
  const MendScore score = mend_score({mended, not_mended, other});
  EXPECT_EQ(mend_summary(score),
            "2 of 3 broken checks have a verified mend (66 %); of 2 designs with such a check, 1 have one for every "
            "check, 2 for some");
  const std::string table = mend_markdown({mended, not_mended, other});
  EXPECT_THAT(table, HasSubstr("| a.qsm | 2 | r.y |  | *none among 7 changes* | 7 |\n"));
  EXPECT_THAT(table, HasSubstr("| b.qsm | 1 | r.x | 1 | `a \\|\\| b` instead of `a` | 1,234 |\n"));
}

}  // namespace
}  // namespace quiesce::checker

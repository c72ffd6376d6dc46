// `require`, `assert` and `violate` take no step wherever they stand (docs/semantics.md, 4.4): with and without a check
// a text takes as many steps, and a check is judged in the state in which the next statement takes its step, however
// much stands between them that takes none.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/verdicts/agreement.h"

namespace quiesce::checker {
namespace {

/// A place for a check, written CHECK.
struct Place {
  const char* name;
  const char* members;
};

void PrintTo(const Place& place, std::ostream* out) { *out << place.name; }

std::string with_check(std::string text, const std::string& check) {
  const std::string mark = "CHECK";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    text.replace(at, mark.size(), "\n" + check + "\n");
  }
  return "module c\nrule c.r {}\nenum Colour { red, green }\nsystem S {\n  cpus 2\n  go: bool = false\n  n: int 0..2 = "
         "0\n" +
         text + "\n}\ncheck S for c.r, core.*\n";
}

/// The verdict of c.r and the depth, as docs/semantics.md says; the same verdict by default and by the reference
/// explorer.
std::pair<Verdict, std::uint32_t> meaning(const std::string& text) {
  const Twice design = load_twice("checks.qsm", text);
  EXPECT_EQ(design.plain_cases.size(), 1u) << text;
  if (design.plain_cases.size() != 1) return {Verdict::Unknown, 0};
  const CheckCase& plain = *design.plain_cases.front();
  const SearchResult exact = search(plain, Engine::Explicit);
  EXPECT_EQ(verdicts(plain, exact, true), verdicts(plain, search(plain, Engine::Reference), true));
  const CheckCase& reduced = *design.reduced_cases.front();
  EXPECT_EQ(verdicts(plain, exact, false), verdicts(reduced, search(reduced, Engine::Explicit), false));
  for (const RuleResult& rule : exact.rules) {
    if (plain.system.at(rule.rule).name == "c.r") return {rule.verdict, exact.statistics.depth};
  }
  ADD_FAILURE() << "c.r is not checked";
  return {Verdict::Unknown, 0};
}

/// Where a check at the end of something is followed by a statement that does not wait. All of them end.
const Place kEnds[] = {
    {"Alone", "thread t { CHECK pass }"},
    {"AtTheEndOfAThread", "thread t { pass CHECK }"},
    {"NothingElse", "thread t { CHECK }"},
    {"Twice", "thread t { pass CHECK CHECK pass }"},
    {"AtTheEndOfAHandler", "handler h at 5 when !go { accept { go = true } pass CHECK }"},
    {"AtTheBeginningOfAHandler", "handler h at 5 when !go { accept { go = true } CHECK pass }"},
    {"AtTheEndOfThen", "thread t { if n == 0 { pass CHECK } pass }"},
    {"AtTheEndOfElse", "thread t { if n == 1 { pass } else { pass CHECK } pass }"},
    {"AloneInThen", "thread t { if n == 0 { CHECK } pass }"},
    {"AtTheEndOfABranch", "thread t { either { pass CHECK } or { pass CHECK } pass }"},
    {"InADecidedIf", "thread t { if true { pass CHECK } pass }"},
    {"AtTheEndOfAWhile", "thread t { while n < 2 { n += 1 CHECK } pass }"},
    {"BeforeAWhile", "thread t { CHECK while n < 2 { n += 1 } }"},
    {"AtTheEndOfALoop", "thread t { loop { if n == 2 { break } n += 1 CHECK } pass }"},
    {"BeforeALoop", "thread t { CHECK loop { if n == 2 { break } n += 1 } }"},
    {"BeforeTwoLoops", "thread t { CHECK loop { loop { if n == 2 { return } n += 1 } } }"},
    {"AtTheEndOfTwoLoops", "thread t { loop { loop { if n == 2 { return } n += 1 CHECK break } CHECK } }"},
    {"BeforeALoopAndALabel", "thread t { CHECK l0: loop { if n == 2 { break } n += 1 } }"},
    {"BeforeBreak", "thread t { loop { n += 1 CHECK break } pass }"},
    {"BeforeContinue", "thread t { loop { if n == 2 { break } n += 1 CHECK continue } }"},
    {"BeforeReturn", "thread t { if n == 0 { n = 1 CHECK return } pass }"},
    {"AtTheEndOfForOverARange", "thread t { for i in 0..2 { n = i CHECK } pass }"},
    {"AtTheEndOfForOverAType", "thread t { for x in Colour { pass CHECK } pass }"},
    {"AtTheEndOfForOverARunTimeRange", "thread t { for i in 0..n { pass CHECK } pass }"},
    {"AtTheEndOfForOverAQueue", "q: queue<bool, 2>  thread t { q.push(go) for x in q { pass CHECK } pass }"},
    {"AtTheEndOfForOverASet", "s: set<bool>  thread t { s.add(go) for x in s { pass CHECK } pass }"},
    {"AtTheEndOfForOverCpus", "thread t { for c in Cpu { pass CHECK } pass }"},
    {"AtTheEndOfWith", "l: spinlock(DISPATCH)  thread t { with l { pass CHECK } pass }"},
    {"BeforeWith", "l: spinlock(DISPATCH)  thread t { CHECK with l { pass } pass }"},
    {"AtTheBeginningOfWith", "l: mutex  thread t { with l { CHECK pass } pass }"},
    {"AtTheEndOfAtLevel", "thread t { at DISPATCH { pass CHECK } pass }"},
    {"BeforeRaise", "thread t { CHECK raise DISPATCH CHECK lower PASSIVE CHECK }"},
    {"AtTheEndOfOn", "thread t { for c in Cpu { on c { pass CHECK } } pass }"},
    {"InAtomic", "thread t { atomic { n = 1 CHECK n = 2 CHECK } pass }"},
    {"BeforeAtomic", "thread t { CHECK atomic { n = 1 n = 2 } pass }"},
    {"AtTheEndOfAFunction", "fn f() { pass CHECK }  thread t { f() pass }"},
    {"OnlyInAFunction", "fn f() { CHECK }  thread t { f() pass }"},
    {"AtTheEndOfTwoFunctions", "fn g() { pass CHECK }  fn f() { g() CHECK }  thread t { f() pass }"},
    {"AtTheEndOfAFunctionInALoop", "fn f() { n += 1 CHECK }  thread t { while n < 2 { f() } }"},
    {"BeforeReturnOfAFunction", "fn f() { if n == 0 { n = 1 CHECK return } pass }  thread t { f() pass }"},
    {"BeforeAResult", "fn f() -> int 0..2 { n = 1 CHECK return n }  thread t { n = f() CHECK pass }"},
    {"BeforeACall", "fn f() { pass }  thread t { CHECK f() CHECK pass }"},
    {"AfterAnAtomicFunction", "atomic fn f() { n = 1 CHECK }  thread t { f() CHECK pass }"},
    {"BeforeACallInIf", "fn f() -> bool { return go }  thread t { CHECK if f() { pass CHECK } pass }"},
    {"BetweenLabels", "thread t { l0: pass l1: CHECK l2: pass }  reachable a: at l1  reachable b: at l2"},
    {"AfterALocal", "thread t { var y: int 0..1 = 1 CHECK if y == 1 { var z: int 0..1 = 1 CHECK } pass }"},
    {"InAnAction", "action a when !go { CHECK go = true CHECK }"},
};

class EndsOfThings : public testing::TestWithParam<Place> {};

TEST_P(EndsOfThings, TakeNoStepForACheck) {
  const std::string members = GetParam().members;
  const auto without = meaning(with_check(members, ""));
  EXPECT_EQ(without.first, Verdict::NotExercised);
  for (const std::string check : {"require c.r: n < 3 || go", "if n > 2 { violate c.r }  require c.r: n < 3 || go"}) {
    const bool tests =
        check.starts_with("if");  // a test takes a step: here to see that the comparison would notice one
    if (tests && members.find("atomic") != std::string::npos) continue;
    if (tests && members.starts_with("action")) continue;
    const auto with = meaning(with_check(members, check));
    EXPECT_EQ(with.first, Verdict::Holds);
    if (tests) {
      EXPECT_GT(with.second, without.second) << members;
    } else {
      EXPECT_EQ(with.second, without.second) << members;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Checks, EndsOfThings, testing::ValuesIn(kEnds),
                         [](const testing::TestParamInfo<Place>& one) { return std::string(one.param.name); });

/// Where the next statement waits for what the check demands, which an action brings about.
const Place kWaits[] = {
    {"Await", "thread t { CHECK await go }"},
    {"Spin", "thread t { CHECK spin until go }"},
    {"Choose", "thread t { CHECK choose k: int 0..1 where go && k == 1 }"},
    {"Atomic", "thread t { CHECK atomic { await go  go = false } }"},
    {"AtTheEndOfALoop", "thread t { loop { await go  go = false  CHECK } }"},
    {"AtTheEndOfAWhile", "thread t { while true { await go  go = false  CHECK } }"},
    {"BeforeALoop", "thread t { CHECK loop { await go  go = false } }"},
    {"BeforeTwoLoops", "thread t { CHECK loop { loop { await go  go = false } } }"},
    {"AtTheEndOfTwoLoops", "thread t { loop { loop { await go  go = false  CHECK  break } } }"},
    {"AtTheEndOfBothLoops", "thread t { loop { loop { await go  go = false  CHECK  break }  CHECK } }"},
    {"BeforeALabelledLoop", "thread t { CHECK l0: loop { await go  go = false } }"},
    {"LoopAtALabelledWait", "thread t { loop { l0: await go  go = false  CHECK } }"},
    {"InALabelledLoop", "thread t { l0: loop { await go  go = false  CHECK } }"},
    {"AtTheEndOfThen", "thread t { if n == 0 { n = 1  CHECK }  await go }"},
    {"AtTheEndOfElse", "thread t { if n == 1 { pass } else { n = 1  CHECK }  await go }"},
    {"AtTheEndOfBranches", "thread t { either { n = 1  CHECK } or { CHECK }  await go }"},
    {"AtTheEndOfFor", "thread t { for i in 0..1 { await go  go = false  CHECK }  await go }"},
    {"BeforeBreak", "thread t { loop { n = 1  CHECK  break }  await go }"},
    {"BeforeContinue",
     "thread t { loop { await go  go = false  if n == 0 { n = 1  CHECK  continue }  n = 0  CHECK } }"},
    {"AtTheEndOfAFunction", "fn f() { n = 1  CHECK }  thread t { f()  await go }"},
    {"OnlyInAFunction", "fn f() { CHECK }  thread t { f()  await go }"},
    {"AtTheEndOfAFunctionThatReturns", "returns fn f() { n = 1  CHECK }  thread t { f()  await go }"},
    {"AtTheEndOfAHandler", "handler h at PASSIVE when n == 0 { accept { n = 1 }  CHECK  await go }"},
    {"BetweenLabels", "thread t { l0: CHECK l1: await go }  reachable a: at l0 && at l1"},
    {"WithALocal", "thread t { loop { await go  go = false  var y: bool = go  n = 1  CHECK } }"},
};

class NextStatements : public testing::TestWithParam<Place> {};

TEST_P(NextStatements, JudgeTheCheckWhenTheyAreTaken) {
  const std::string members = std::string(GetParam().members) + "\n  action set when !go { go = true }";
  EXPECT_EQ(meaning(with_check(members, "require c.r: go")).first, Verdict::Holds) << members;
  EXPECT_EQ(meaning(with_check(members, "require c.r: !go")).first, Verdict::Violated) << members;
}

INSTANTIATE_TEST_SUITE_P(Checks, NextStatements, testing::ValuesIn(kWaits),
                         [](const testing::TestParamInfo<Place>& one) { return std::string(one.param.name); });

/// What a check itself breaks ends the run where it stands, whatever comes after: its context does not wait.
TEST(ChecksBeforeWaits, BreakCoreRulesWithoutWaiting) {
  const Twice design =
      load_twice("checks.qsm",
                 "module c\nrule c.r {}\nsystem S { cpus 1  go: bool = false  n: int 0..2? = null\n"
                 "thread t at DISPATCH { require c.r: n == null || go  require c.r: n < 2  spin until go } }\n"
                 "check S expect violated core.null\n");
  ASSERT_EQ(design.plain_cases.size(), 1u);
  const CheckCase& plain = *design.plain_cases.front();
  expect_expectation(plain, search(plain, Engine::Explicit));
  expect_expectation(plain, search(plain, Engine::Reference));
  expect_expectation(*design.reduced_cases.front(), search(*design.reduced_cases.front(), Engine::Explicit));
}

}  // namespace
}  // namespace quiesce::checker

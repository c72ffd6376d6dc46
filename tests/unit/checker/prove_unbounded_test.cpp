#include "checker/prove_unbounded.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "checker/certificate.h"
#include "checker/evidence/other_solver.h"
#include "checker/load_unbounded.h"
#include "checker/report/sentences.h"

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// A file with a design, and what prove() says of its only check.
class Unbounded : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("quiesce_unbounded_" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  const UnboundedResult& prove(const std::string& members, const std::string& params = "",
                               const std::string& rules = "m.*") {
    text_ = "module m\n" + params + "system S {\n" + members + "}\ncheck S for " + rules + "\n";
    design_ = (folder_ / "m.qsm").string();
    std::ofstream(design_) << text_;
    loaded_ = load_unbounded(design_, text_, {});
    EXPECT_TRUE(loaded_->ok());
    for (const auto& one : loaded_->diagnostics.sorted()) ADD_FAILURE() << one.message;
    if (!loaded_->ok()) throw std::runtime_error("the design is refused");
    CheckCase case_ = loaded_->checks.front().cases.front();
    ProveOptions options;
    options.check.search.limits.time = std::chrono::seconds(seconds_);
    result_ = prove_unbounded(case_, options);
    told_ = std::make_unique<CheckCase>(std::move(case_));
    return result_;
  }

  Verdict verdict(const std::string& rule) const {
    const auto& system = loaded_->checks.front().cases.front().system;
    for (const RuleResult& one : result_.result.rules) {
      if (system.at(one.rule).name == rule) return one.verdict;
    }
    ADD_FAILURE() << "there is no rule " << rule;
    return Verdict::Unknown;
  }

  int seconds_ = 60;  // of one proof
  fs::path folder_;
  std::string design_, text_;
  std::unique_ptr<LoadedDesign> loaded_;
  std::unique_ptr<CheckCase> told_;
  UnboundedResult result_;
};

constexpr const char* kUnboundedCounter = R"(
  n: int = 0
  action up when n < limit { n += 1 }
  action reset when n == limit { n = 0 }
  invariant low: n <= limit
  invariant positive: n >= 0
)";

TEST_F(Unbounded, HoldsForAllValuesOfAParam) {
  prove(kUnboundedCounter, "param limit: int = any where limit >= 1\n");
  EXPECT_EQ(verdict("m.S.low"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.positive"), Verdict::Holds);
}

TEST_F(Unbounded, IsBrokenForSomeValues) {
  prove(kUnboundedCounter, "param limit: int = any where limit >= -7\n");  // n may begin above it
  EXPECT_EQ(verdict("m.S.low"), Verdict::Violated) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.positive"), Verdict::Holds);
}

TEST_F(Unbounded, IsBrokenBehindManySteps) {
  prove("  n: int = 0\n  action up { n += 3 }\n  invariant never_ten: n < 10\n");
  EXPECT_EQ(verdict("m.S.never_ten"), Verdict::Violated) << trouble_text(result_.result.warning);
  ASSERT_FALSE(result_.result.findings.empty());
  EXPECT_EQ(result_.result.findings.front().run.steps.size(), 4u);
}

TEST_F(Unbounded, FindsComparisonsThatTheTextLacks) {
  prove(
      "  n: int = 0\n  m: int = 0\n  action both { n += 1  m += 1 }\n  action less when m > 3 { n -= 1  m -= 1 }\n"
      "  invariant alike: n == m\n");
  EXPECT_EQ(verdict("m.S.alike"), Verdict::Holds) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, DoesNotWrapAround) {
  // In 64 bits n would become negative after 63 steps.
  prove("  n: int = 1\n  action twice { n = n * 2 }\n  invariant positive: n > 0\n");
  EXPECT_EQ(verdict("m.S.positive"), Verdict::Holds) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, StoresWhatFits) {
  prove(
      "  n: int = any where n >= 0 && n < 4\n  small: int 0..7 = 0\n  action store { small = n }\n"
      "  invariant low: small < 4\n");
  EXPECT_EQ(verdict("m.S.low"), Verdict::Holds) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, DividesTowardsZero) {
  prove(
      "  n: int = any where n < 0 && n > -4\n  q: int = 0\n  r: int = 0\n  action go { q = n / 4  r = n % 4 }\n"
      "  invariant quotient: q == 0\n  invariant rest: r <= 0\n");
  EXPECT_EQ(verdict("m.S.quotient"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.rest"), Verdict::Holds);
}

TEST_F(Unbounded, LocalsAndWhatFunctionsTakeAndGive) {
  prove(
      "  total: int = 0\n  fn add(some: int) { pass  total += some }\n"
      "  fn next(some: int) -> int { pass  return some + 1 }\n"
      "  thread t {\n    var n: int = first\n    loop {\n      assert n >= 1\n      add(n)\n      n += 1\n    }\n  }\n"
      "  thread u {\n    var n: int = first\n    var other = next(n)\n    assert other > n\n  }\n"
      "  invariant positive: total >= 0\n",
      "param first: int = any where first >= 1\n", "m.*, assert.holds");
  EXPECT_EQ(verdict("m.S.positive"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("assert.holds"), Verdict::Holds);
}

TEST_F(Unbounded, ResultsOfExpressions) {
  prove(
      "  n: int = 1\n  fn larger(a: int, b: int) -> int = a > b ? a : b\n  action go { n = larger(n, some) }\n"
      "  invariant positive: n > 0\n  invariant large: n >= some\n",
      "param some: int = any\n");
  EXPECT_EQ(verdict("m.S.positive"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.large"), Verdict::Violated);
}

TEST_F(Unbounded, ElementsOfArraysByTheirIndex) {
  prove(
      "  left: array<int, 3>\n  at_most: array<int, 3>\n  i: int 0..2 = 0\n"
      "  action next { i = (i + 1) % 3 }\n  action up when left[i] < limit { left[i] += 1 }\n"
      "  action take { at_most[i] = left[i] }\n"
      "  invariant low: forall k: 0..2: left[k] <= limit\n  invariant taken: forall k: 0..2: at_most[k] <= limit\n",
      "param limit: int = any where limit >= 1\n");
  EXPECT_EQ(verdict("m.S.low"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.taken"), Verdict::Holds);
  prove(
      "  left: array<int, 2>\n  i: int 0..1 = 0\n  action next { i = 1 }\n  action up { left[i] += by }\n"
      "  invariant first: left[0] < 5\n  invariant small: left[1] < 3\n",
      "param by: int = any where by >= 0 && by <= 1\n");
  EXPECT_EQ(verdict("m.S.small"), Verdict::Violated) << trouble_text(result_.result.warning);
}

// What the first rounds have proved is not said where a later one comes to no end.
TEST_F(Unbounded, SaysNothingThatWasNotConfirmed) {
  seconds_ = 4;
  prove(
      "  total: int = 0\n  b: bool = false\n  thread t {\n    var n: int = start\n    loop {\n      total += n\n"
      "      n += 1\n      b = total > 3\n    }\n  }\n  invariant positive: total >= 0\n  invariant same: !b || total "
      "> 3\n",
      "param start: int = any where start >= 1\n");
  EXPECT_NE(verdict("m.S.positive"), Verdict::Violated);
  if (result_.result.proof && result_.result.proof->rechecked.empty()) {
    EXPECT_NE(verdict("m.S.positive"), Verdict::Holds);
    EXPECT_NE(verdict("m.S.same"), Verdict::Holds);
  }
  for (const Finding& finding : result_.result.findings) EXPECT_TRUE(finding.run.states.empty());
}

TEST_F(Unbounded, FieldsOfStructs) {
  prove(
      "  now: Range = Range(low: 0, high: width)\n  then: Range\n"
      "  action move { now = Range(low: now.low + 1, high: now.high + 1) }\n  action keep { then = now }\n"
      "  invariant wide: now.high - now.low == width\n  invariant up: now.low >= 0\n"
      "  invariant known: then.low <= then.high\n",
      "param width: int = any where width >= 0\nstruct Range { low: int, high: int }\n");
  EXPECT_EQ(verdict("m.S.wide"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.up"), Verdict::Holds);
  EXPECT_EQ(verdict("m.S.known"), Verdict::Holds);
}

TEST_F(Unbounded, ElementsOfQueues) {
  prove(
      "  q: queue<int, 2>\n  last: int = 0\n  action put when !q.full { q.push(some) }\n"
      "  action get when !q.empty { last = q.first  q.pop() }\n"
      "  invariant same: last == 0 || last == some\n  invariant none: last == 0\n",
      "param some: int = any where some >= 5\n");
  EXPECT_EQ(verdict("m.S.same"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.none"), Verdict::Violated);
}

TEST_F(Unbounded, ParametersOfMachines) {
  prove("  counter: Counter(limit: 2147483647 * 8)\n  invariant low: counter.n <= 2147483647 * 8\n",
        "machine Counter(limit: int) { n: int = 0  action up when n < limit { n += 1 } }\n");
  EXPECT_EQ(verdict("m.S.low"), Verdict::Holds) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, StuckContexts) {
  constexpr const char* kWaits =
      "  m: mutex\n  n: int = start\n  thread t { acquire m  await n > 3  release m }\n"
      "  action up when n < limit { n += 1 }\n";
  prove(kWaits, "param start: int = any\nparam limit: int = any where limit > 3\n", "core.stuck");
  EXPECT_EQ(verdict("core.stuck"), Verdict::Holds) << trouble_text(result_.result.warning);
  prove(kWaits, "param start: int = any\nparam limit: int = any\n", "core.stuck");
  EXPECT_EQ(verdict("core.stuck"), Verdict::Unknown) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, ObjectsThatAreLeft) {
  constexpr const char* kObjects =
      "  n: int = start\n  thread t { init o  while n > 0 { n -= 1 }  if n == 0 { free o } }\n  o: O()\n";
  prove(kObjects, "param start: int = any where start >= 0\nobject machine O { x: bool = false }\n", "life.leaked");
  EXPECT_EQ(verdict("life.leaked"), Verdict::Holds) << trouble_text(result_.result.warning);
  prove(kObjects, "param start: int = any\nobject machine O { x: bool = false }\n", "life.leaked");
  EXPECT_NE(verdict("life.leaked"), Verdict::Holds) << trouble_text(result_.result.warning);
}

constexpr const char* kWatched = R"(machine Port() {
  fn hit() { pass }
  fn miss() { pass }
}
monitor Count(port: ref Port) {
  seen: int = 0
  missed: int = 0
  on called(port.hit) { seen += 1 }
  on called(port.miss) when seen > missed { missed += 1 }
  on called(port.miss) { violate m.too_many }
  invariant order: missed <= seen
}
rule m.too_many { title "Not more misses than hits" }
)";

TEST_F(Unbounded, MonitorsCountWithoutBounds) {
  prove(
      "  port: Port()\n  watch: Count(port)\n  hits: int = 0\n  action go { port.hit()  hits += 1 }\n"
      "  action no when hits > 0 { port.miss() }\n"
      "  invariant same: watch.seen == hits\n  invariant few: watch.missed < 2\n",
      kWatched);
  EXPECT_EQ(verdict("m.S.same"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.Count.order"), Verdict::Holds);
  EXPECT_EQ(verdict("m.S.few"), Verdict::Violated);
  EXPECT_EQ(verdict("m.too_many"), Verdict::Violated);
}

TEST_F(Unbounded, BitsOfNumbersBesideThem) {
  prove(
      "  n: int = 0\n  f: int 0..7 = 0\n  action up when n < limit { n += 1  f = f | mask }\n"
      "  action down when f & mask == mask { f = f ^ mask  n = n - (mask & 1) }\n"
      "  invariant low: n <= limit\n  invariant within: f & (7 - mask) == 0\n  invariant no_four: f & 4 == 0\n",
      "param mask: int 0..7 = any where mask & 1 == 1\nparam limit: int = any where limit >= 1\n");
  EXPECT_EQ(verdict("m.S.low"), Verdict::Holds) << trouble_text(result_.result.warning);
  EXPECT_EQ(verdict("m.S.within"), Verdict::Holds);
  EXPECT_EQ(verdict("m.S.no_four"), Verdict::Violated);  // where the mask has it
}

TEST_F(Unbounded, BitsOfANumberWithoutBoundsAreNotMadeUp) {
  // Beyond 31 bits, which n reaches after 2^30 steps, this breaks core.range: nothing is said, or that.
  prove("  n: int = 0\n  action up when n & 1 == 0 { n += 2 }\n  invariant even: n % 2 == 0\n");
  EXPECT_NE(verdict("m.S.even"), Verdict::Violated) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, GivesACertificate) {
  prove(kUnboundedCounter, "param limit: int = any where limit >= 1\n");
  ASSERT_TRUE(result_.result.proof);
  CertificateSubject subject;
  subject.design = design_;
  const std::string directory = (folder_ / "proof").string();
  const SearchControl control(Limits{}, nullptr);
  const auto written = write_certificate(directory, subject, loaded_->checks.front().cases.front().system,
                                         *result_.result.proof, loaded_->sources, control, result_.predicates);
  ASSERT_TRUE(written) << written.error();
  const auto report = recheck_certificate(directory, {}, control);
  ASSERT_TRUE(report) << report.error();
  EXPECT_EQ(report->result.outcome, RecheckResult::Outcome::Accepted) << report->result.problem;
  EXPECT_EQ(report->asked_other, has_other_solver());
  // Another predicate makes other scripts.
  const std::string file = directory + "/invariant.txt";
  std::string text;
  {
    std::ifstream in(file);
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  const std::size_t at = text.find("predicate (<");
  ASSERT_NE(at, std::string::npos) << text;
  text.replace(at, 12, "predicate (>");
  std::ofstream(file) << text;
  EXPECT_EQ(recheck_certificate(directory, {}, control)->result.outcome, RecheckResult::Outcome::Refused);
}

TEST_F(Unbounded, IsRefusedWhereValuesAreTried) {
  const auto design = load_design("m.qsm",
                                  "module m\nsystem S {\n  n: int = 0\n  action up { n += 1 }\n"
                                  "  invariant low: n < 3\n}\ncheck S\n",
                                  {});
  EXPECT_FALSE(design->ok());
  ASSERT_EQ(design->diagnostics.error_count(), 1u);
  EXPECT_EQ(design->diagnostics.sorted().front().code, "E0643");
  EXPECT_THAT(design->diagnostics.sorted().front().message, HasSubstr("'n' has no bounds"));
}

TEST_F(Unbounded, IsNoMatterWhereRulesDoNotDependOnIt) {
  const auto design = load_design("m.qsm",
                                  "module m\nsystem S {\n  n: int = 0\n  b: bool = false\n"
                                  "  action up { n += 1 }\n  invariant off: !b\n}\ncheck S for m.*\n",
                                  {});
  EXPECT_TRUE(design->ok());
}

TEST_F(Unbounded, ValuesThatAreGivenFulfilTheCondition) {
  const std::string text =
      "module m\nparam limit: int 0..7 = any where limit > other\nparam other: int 0..7 = any\nsystem S {\n"
      "  n: int 0..7 = 0\n  action up when n < limit { n += 1 }\n  invariant low: n <= limit\n"
      "  invariant more: limit > other\n}\ncheck S for m.*\n";
  LoadOptions options;
  options.defines = {{"limit", "3"}, {"other", "3"}};
  const auto design = load_design("m.qsm", text, options);
  ASSERT_FALSE(design->ok());
  EXPECT_EQ(design->diagnostics.sorted().front().code, "E0644");
  // Where the condition reads a param that stays open, it remains one.
  options.defines.erase("other");
  const auto some = load_design("m.qsm", text, options);
  ASSERT_TRUE(some->ok());
  for (const RuleResult& one : check(some->checks.front().cases.front().system, CheckOptions{}).rules)
    EXPECT_EQ(one.verdict, Verdict::Holds);
}

TEST_F(Unbounded, IsCalculatedBeyond64Bits) {
  // In intervals that saturate the sum would seem to fit into -1..0 without a check.
  const std::string big = "(2147483647 * 2147483647 * 2 + 2147483647 * 4 + 1)";
  prove("  n: int = 1\n  small: int -1..0 = 0\n  action store { small = n + " + big + " + " + big + " - " + big +
        " }\n  invariant low: small <= 0\n");
  EXPECT_NE(verdict("m.S.low"), Verdict::Holds);
  // A condition on a number that doubles is not decided by the limits of 64 bits.
  prove("  n: int = 1\n  far: bool = false\n  thread t { while true {\n    n = n * 2\n    if n > " + big +
        " { far = true } } }\n  invariant near: !far\n");
  EXPECT_EQ(verdict("m.S.near"), Verdict::Unknown) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, RunsStayWhereTheInterpreterIsExact) {
  // In 64 bits the fourth power of 30,000 squared is negative.
  prove("  n: int = 30000\n  action square { n = n * n }\n  invariant power: n * n * n * n >= 0\n");
  EXPECT_NE(verdict("m.S.power"), Verdict::Violated) << trouble_text(result_.result.warning);
}

TEST_F(Unbounded, CannotDecideHowASystemIsBuilt) {
  const auto design = load_unbounded("m.qsm",
                                     "module m\nparam size: int = any where size > 0\nsystem S {\n"
                                     "  cells: array<bool, size>\n}\ncheck S\n",
                                     {});
  EXPECT_FALSE(design->ok());
}

}  // namespace
}  // namespace quiesce::checker

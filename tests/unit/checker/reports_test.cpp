// Reports that programs read (checker/report: complaints, annotations, JUnit, SARIF), of small designs that are loaded
// and checked as the command does.
#include <memory>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/check.h"
#include "checker/load.h"
#include "checker/report/annotations.h"
#include "checker/report/complaints.h"
#include "checker/report/junit.h"
#include "checker/report/sarif.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A counter that breaks one rule and keeps another; 'ö' stands before the place that is broken.
constexpr std::string_view kCounter = R"(module count
rule count.low { title "It stays, 100 % of the time, low" severity error because "B: <&>" cite "C", "D" }
rule count.calm { title "Calm" severity warning }
machine Counter(last: int 1..3) {
  n: int 0..3 = 0
  action tick when n < last { n = n + 1 }
}
system Count(last: int 1..3 = 2) {
  cpus 1
  counter: Counter(last)
  /* ö */ invariant count.low: counter.n < 2
  invariant count.calm: counter.n < 2
}
check Count with last in 1..3
  expect violated count.low, count.calm
)";

struct Checked {
  std::unique_ptr<LoadedDesign> design;
  CheckedFiles files;
};

Checked checked(std::string_view text, bool is_test) {
  Checked all;
  all.design = load_design("d/count.qsm", std::string(text), {});
  CheckedFile file;
  file.name = all.design->name;
  file.sources = &all.design->sources;
  file.diagnostics = all.design->diagnostics.sorted();
  for (const LoadedCheck& one : all.design->checks) {
    std::vector<CaseOutcome> cases;
    for (const CheckCase& case_ : one.cases) cases.push_back(case_outcome(case_, check(case_, {}), {}));
    file.checks.push_back(outcome_of(std::move(cases)));
  }
  all.files.files.push_back(std::move(file));
  all.files.tool_version = "1.2.3";
  all.files.is_test = is_test;
  all.files.show_cost = false;
  return all;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(Complaints, AreOneForEachBrokenRule) {
  const Checked one = checked(kCounter, false);
  const std::vector<Complaint> all = complaints_about(one.files);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, "count.low");
  EXPECT_FALSE(all[0].is_warning);
  EXPECT_TRUE(all[1].is_warning);
  EXPECT_THAT(all[0].message, HasSubstr("cases 2, 3 of 3; 2 steps"));
  ASSERT_TRUE(all[0].story.has_value());
}

TEST(Complaints, OfATestAreWhatIsNotAsExpected) {
  const Checked one = checked(kCounter, true);
  const std::vector<Complaint> all = complaints_about(one.files);
  ASSERT_EQ(all.size(), 2u);  // case 1 keeps both rules, which should be violated
  for (const Complaint& complaint : all) {
    EXPECT_FALSE(complaint.story.has_value());
    EXPECT_THAT(complaint.message, HasSubstr("it holds, it should be violated"));
  }
}

TEST(Complaints, CountCodePoints) {
  const Checked one = checked(kCounter, false);
  const Complaint complaint = complaints_about(one.files)[0];
  const Region at = region_of(*one.files.files[0].sources, complaint.span);
  EXPECT_EQ(at.line, 11u);
  const std::string_view line = one.files.files[0].sources->file(complaint.span.file).line(11);
  EXPECT_EQ(at.column, line.find("counter.n"));  // one byte more than code points, columns begin at 1
}

TEST(Annotations, AreEscaped) {
  const Checked one = checked(kCounter, false);
  const std::string text = annotations(one.files);
  EXPECT_THAT(text, HasSubstr("::error file=d/count.qsm,line=11,"));
  EXPECT_THAT(text, HasSubstr("title=count.low::It stays, 100 %25 of the time, low"));
  EXPECT_THAT(text, HasSubstr("::warning file="));
  EXPECT_EQ(count_of(text, "\n"), 2u);
}

TEST(Junit, HasATestCaseForEachRuleOfEachCase) {
  const std::string text = junit_xml(checked(kCounter, false).files);
  EXPECT_EQ(count_of(text, "name=\"count.low\""), 3u);
  EXPECT_EQ(count_of(text, "<failure"), 4u);
  EXPECT_THAT(text, HasSubstr("Because: B: &lt;&amp;&gt;\nSource: C, D\n"));
  EXPECT_THAT(text, HasSubstr("The shortest run that breaks it has 2 steps"));
}

TEST(Junit, OfATestFailsWhereItIsNotAsExpected) {
  const std::string text = junit_xml(checked(kCounter, true).files);
  EXPECT_EQ(count_of(text, "<failure type=\"holds\""), 2u);
  EXPECT_EQ(count_of(text, "<failure"), 2u);
}

TEST(Junit, OfATextWithErrorsIsAnError) {
  const std::string text = junit_xml(checked("module count\nmachine M { n: Nothing }\n", false).files);
  EXPECT_THAT(text, HasSubstr("tests=\"1\" failures=\"0\" errors=\"1\""));
  EXPECT_THAT(text, HasSubstr("error[E"));
}

TEST(Sarif, KeepsItsLimits) {
  const Checked one = checked(kCounter, false);
  const std::string whole = sarif(one.files);
  EXPECT_EQ(count_of(whole, "\"ruleIndex\""), 2u);
  EXPECT_EQ(count_of(whole, "\"codeFlows\""), 2u);
  const std::string single = sarif(one.files, {.results = 1});
  EXPECT_EQ(count_of(single, "\"ruleIndex\""), 1u);
  EXPECT_THAT(single, HasSubstr("1 more results are left out"));
  const std::string ends = sarif(one.files, {.flow_locations = 1});
  EXPECT_LT(count_of(ends, "\"executionOrder\""), count_of(whole, "\"executionOrder\""));
  EXPECT_THAT(ends, HasSubstr("places before this one are left out"));
  const std::string small = sarif(one.files, {.bytes = whole.size() - 1});
  EXPECT_LT(small.size(), whole.size());
  EXPECT_EQ(count_of(small, "\"codeFlows\""), 1u);
  EXPECT_THAT(small, HasSubstr("the runs of some results are left out"));
}

/// What stands behind the first occurrence of `key`, up to the end of its line.
std::string line_of(const std::string& text, std::string_view key) {
  const std::size_t at = text.find(key);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at) - at);
}

TEST(Sarif, FingerprintsStayWhenLinesMove) {
  const std::string before = line_of(sarif(checked(kCounter, false).files), "\"quiesce/v1\"");
  const std::string moved = "\n\n" + std::string(kCounter);
  EXPECT_EQ(line_of(sarif(checked(moved, false).files), "\"quiesce/v1\""), before);
  std::string changed(kCounter);
  changed.replace(changed.find("counter.n < 2"), 13, "counter.n < 1");
  EXPECT_NE(line_of(sarif(checked(changed, false).files), "\"quiesce/v1\""), before);
}

}  // namespace
}  // namespace quiesce::checker

// What `quiesce export --to smtlib2` writes, answered by Z3 (its engine for Horn clauses): an invariant exists exactly
// where our explicit search finds no broken rule.
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <z3.h>

#include "checker/check.h"
#include "checker/export/export.h"
#include "checker/result/outcome.h"
#include "tests/differential/designs.h"

namespace quiesce {
namespace {

using checker::RuleResult;
using checker::Verdict;

/// What Z3 prints when it reads the script: "sat", "unsat", "unknown", or why it cannot read it.
std::string answer_of(const std::string& script, unsigned milliseconds) {
  Z3_config config = Z3_mk_config();
  Z3_context context = Z3_mk_context(config);
  Z3_del_config(config);
  const std::string text = "(set-option :timeout " + std::to_string(milliseconds) + ")\n" + script;
  std::string answer = Z3_eval_smtlib2_string(context, text.c_str());
  Z3_del_context(context);
  if (!answer.empty() && answer.back() == '\n') answer.pop_back();
  return answer;
}

std::string script_of(const model::TransitionSystem& system) {
  checker::ExportOptions options;
  options.language = checker::ExportLanguage::SmtLib2;
  const auto text = checker::export_system(system, options);
  return text ? *text : "";
}

/// The system without the rule that no clause is about, behind whose violations our search does not look.
model::TransitionSystem without_stuck(model::TransitionSystem system) {
  std::erase(system.checked, system.stuck_rule);
  system.stuck_rule = {};
  return system;
}

bool is_broken(const model::TransitionSystem& system, const checker::SearchResult& result) {
  return std::any_of(result.rules.begin(), result.rules.end(), [&](const RuleResult& one) {
    return one.verdict == Verdict::Violated && system.at(one.rule).name != "life.leaked";
  });
}

bool has_witness_to_find(const model::TransitionSystem& system) {
  return std::any_of(system.properties.begin(), system.properties.end(),
                     [](const model::Property& property) { return property.kind == model::PropertyKind::Reachable; });
}

TEST(Horn, IsAnsweredAsWeSearch) {
  std::size_t holds = 0, broken = 0, undecided = 0;
  for (const std::string& file : design_files("tests/verdicts/designs")) {
    std::string problem;
    for (const DesignCase& cell : design_cases(file, &problem)) {
      // A rule that nothing shows is violated for us, and not a matter of clauses.
      if (has_witness_to_find(cell.system)) continue;
      const model::TransitionSystem system = without_stuck(cell.system);
      checker::CheckOptions options;
      options.search.limits.states = 300;
      const checker::SearchResult ours = checker::check(system, options);
      if (ours.limit != checker::LimitKind::None) continue;
      const std::string script = script_of(system);
      if (script.empty() || script.size() > 200'000) continue;
      const std::string answer = answer_of(script, 1500);
      if (answer == "unknown" || answer == "timeout") {
        ++undecided;
        continue;
      }
      const bool is = is_broken(system, ours);
      EXPECT_EQ(answer, is ? "unsat" : "sat") << cell.title;
      (is ? broken : holds) += 1;
    }
  }
  RecordProperty("holds", static_cast<int>(holds));
  RecordProperty("broken", static_cast<int>(broken));
  RecordProperty("undecided", static_cast<int>(undecided));
  EXPECT_GE(holds, 20u);
  EXPECT_GE(broken, 20u);
}

std::string answer_to(const std::string& members, const std::string& rules = "m.*") {
  std::string problem;
  const auto cells =
      cases_of_text("m.qsm", "module m\nsystem S {\n  cpus 1\n" + members + "}\ncheck S for " + rules + "\n", &problem);
  EXPECT_EQ(cells.size(), 1u) << problem;
  return cells.empty() ? problem : answer_of(script_of(cells.front().system), 60'000);
}

TEST(Horn, CountsWithIntegers) {
  const std::string counter = "  x: int 0..1000000 = 0\n  action go when x < 900000 { x += 1 }\n";
  EXPECT_EQ(answer_to(counter + "  invariant few: x < 3\n"), "unsat");
}

TEST(Horn, NumbersCalculateAsOurs) {
  const std::string numbers =
      "  x: int -9..9 = -7\n  y: int -9..9 = 2\n  q: int -9..9 = 0\n  r: int -9..9 = 0\n"
      "  p: bool = false\n  action go { q = x / y  r = x % y  p = !p && x < y }\n";
  EXPECT_EQ(answer_to(numbers + "  invariant quotient: q == 0 || q == -3\n  invariant rest: r == 0 || r == -1\n"),
            "sat");
  EXPECT_EQ(answer_to(numbers + "  invariant other: q != -3\n"), "unsat");
  EXPECT_EQ(answer_to(numbers + "  invariant truth: !p\n"), "unsat");
}

TEST(Horn, TruthsAreNumbersWhereTheyAreCompared) {
  const std::string truths = "  x: int 0..1 = 0\n  y: int 0..1 = 0\n  action go { x = 1 - x  y = x }\n";
  EXPECT_EQ(answer_to(truths + "  invariant none: !(x > 0)\n"), "unsat");
  EXPECT_EQ(answer_to(truths + "  invariant both: x + y < 3 && x * 2 >= y + y\n"), "sat");
}

TEST(Horn, SaysDeadlocks) {
  EXPECT_EQ(answer_to("  x: int 0..3 = 0\n  action go when x < 3 { x += 1 }\n  deadlock_free\n", "assert.*"), "unsat");
  EXPECT_EQ(answer_to("  x: int 0..3 = 0\n  action go { x = (x + 1) % 4 }\n  deadlock_free\n", "assert.*"), "sat");
}

TEST(Horn, NamesWhatItDoesNotSay) {
  std::string problem;
  const auto cells = cases_of_text(
      "m.qsm", "module m\nsystem S {\n  cpus 1\n  b: bool\n  action go { b = !b }\n}\ncheck S\n", &problem);
  ASSERT_EQ(cells.size(), 1u) << problem;
  EXPECT_THAT(script_of(cells.front().system), testing::HasSubstr("; Not said by clauses: core.stuck\n"));
}

}  // namespace
}  // namespace quiesce

// What elaboration makes of small texts: cells, contexts, locations, checks. What the steps mean is pinned by
// tests/verdicts.
#include "model/elaborate/elaborate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "model/elaborate/check_cells.h"
#include "model/system/validate.h"
#include "model/types/check_program.h"
#include "model/types/module_loader.h"

namespace quiesce::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A text with everything that is made of it, up to the typed tree.
struct Text {
  SourceMap sources;
  Diagnostics diagnostics;
  types::LoadedModules modules;
  std::unique_ptr<types::Program> program;

  explicit Text(const std::string& text) {
    const types::MemoryFiles nothing;
    modules = types::load_modules("t.qsm", "module t\n" + text, nothing, nothing, sources, diagnostics);
    program = types::check_program(modules, diagnostics);
  }
  const types::MachineDecl& system() const {
    for (const auto& machine : program->machines) {
      if (machine->is_system) {
        return *machine;
      }
    }
    throw std::runtime_error("no system");
  }
  TransitionSystem elaborated(const ElaborateOptions& options = {}) {
    auto result = elaborate(*program, system(), {}, options, diagnostics);
    EXPECT_TRUE(result.has_value()) << render(diagnostics, sources);
    return result ? *result : TransitionSystem{};
  }
  std::string messages() const { return render(diagnostics, sources); }
};

std::vector<std::string> paths(const TransitionSystem& system) {
  std::vector<std::string> result;
  for (const Instance& instance : system.instances) {
    result.push_back(instance.path);
  }
  return result;
}

TEST(Elaborate, UnfoldsInstancesArraysAndConditions) {
  Text text(R"(
    machine Leaf(n: int 0..9) { x: int 0..n = n }
    machine Pair(swap: bool) { a: Leaf(swap ? 1 : 2)  if swap { b: Leaf(3) } else { c: Leaf(4) } }
    system S { pairs[i: int 0..1]: Pair(i == 1)  lone: Leaf(0) }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  EXPECT_THAT(paths(system),
              ElementsAre("", "pairs[0]", "pairs[1]", "lone", "pairs[0].a", "pairs[0].c", "pairs[1].a", "pairs[1].b"));
  std::vector<std::int64_t> greatest;
  for (const Variable& variable : system.variables) {
    greatest.push_back(system.at(variable.first).hi);
  }
  EXPECT_THAT(greatest, ElementsAre(0, 2, 4, 1, 3));
}

TEST(Elaborate, ParametersMayLookIntoInstancesDeclaredLater) {
  Text text(R"(
    machine Leaf(n: int 0..9) { x: int 0..9 = n }
    machine Many(size: int 1..3) { leaves[i: int 0..size - 1]: Leaf(i) }
    machine User(leaf: ref Leaf) { thread t { leaf.x = 3 } }
    machine Absent { x: bool = false }
    system S {
      early: User(many.leaves[1])
      many: Many(2)
      none: set<ref Absent>
      a: ref Absent? = null
      thread t { if a != null { none.add(a) }  none.clear() }
    }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  EXPECT_THAT(paths(system), ElementsAre("", "early", "many", "many.leaves[0]", "many.leaves[1]"));
}

TEST(Elaborate, LocationsOfAThreadAreItsStatementsAndItsEnd) {
  Text text(R"(
    system S { x: int 0..3 = 0  thread t { x = 1  if x == 1 { x = 2 }  loop { pass  if x == 3 { break } } } }
  )");
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  ASSERT_THAT(system.contexts, SizeIs(1));
  // x = 1, test, x = 2, pass, test, end; 'loop' and 'break' take no step.
  EXPECT_THAT(system.contexts[0].locations, SizeIs(6));
}

TEST(Elaborate, AnIfThatParametersDecideLeavesNothingBehind) {
  Text text(R"(
    param careful: bool = false
    system S { x: bool = false  thread t { if careful { x = true  x = false } } }
  )");
  EXPECT_THAT(text.elaborated().contexts[0].locations, SizeIs(1));  // the end
}

TEST(Elaborate, ChecksOnlyWhatCanFail) {
  Text text(R"(
    system S {
      a: array<int 0..3, 4>
      i: int 0..3 = 0
      j: int 0..7 = 0
      thread t { a[i] = 1  a[j] = 1  i = a[i] }
    }
  )");
  const TransitionSystem system = text.elaborated();
  std::vector<std::string> checked;
  for (const Location& location : system.locations) {
    for (const Op& op : location.program.ops) {
      if (const auto* check = std::get_if<CheckOp>(&op)) {
        checked.push_back(system.at(check->rule).name);
      }
    }
  }
  EXPECT_THAT(checked, ElementsAre("core.index", "core.level", "core.lock"));
}

TEST(Elaborate, WhatNoInstanceCanBeNamedByIsNull) {
  Text text(R"(
    machine M { x: bool = false  fn go() { x = true } }
    system S {
      m: ref M? = null
      never (m != null && m.x)
      thread t { if m != null { m.x = true  m.go()  atomic { if m.x { m.x = false } } } }
    }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  int null_checks = 0;
  for (const Location& location : system.locations) {
    for (const Op& op : location.program.ops) {
      const auto* check = std::get_if<CheckOp>(&op);
      null_checks += check != nullptr && system.at(check->rule).name == "core.null";
    }
  }
  EXPECT_GE(null_checks, 3);
}

// Values that no cell holds are never stored, so no assignment would notice that they leave their range.
TEST(Elaborate, ChecksRangesOfValuesThatNoCellHolds) {
  const auto range_checks = [](const std::string& statement) {
    Text text(R"(
      struct Point { x: int 0..3 }
      system S {
        n: int 0..9 = 9
        y: int 0..9 = 0
        fn low(x: int 0..3) -> int 0..9 = x
        fn out() -> int 0..3 = n
        fn take(p: Point) { y = p.x }
        thread t { )" +
              statement + " } }");
    EXPECT_NE(text.program, nullptr) << text.messages();
    const TransitionSystem system = text.elaborated();
    int found = 0;
    for (const Location& location : system.locations) {
      for (const Op& op : location.program.ops) {
        const auto* check = std::get_if<CheckOp>(&op);
        found += check != nullptr && system.at(check->rule).name == "core.range";
      }
    }
    return found;
  };
  EXPECT_EQ(range_checks("y = low(n)"), 1);
  EXPECT_EQ(range_checks("y = low(3)"), 0);
  EXPECT_EQ(range_checks("y = out()"), 1);
  EXPECT_EQ(range_checks("take(Point(x: 7))"), 1);
  EXPECT_EQ(range_checks("take(Point(x: 3))"), 0);
}

TEST(Elaborate, RulesAskedForAreChosenByPattern) {
  Text text(R"(
    rule t.a { title "a" severity error because "a" cite "a" }
    rule t.b { title "b" severity error because "b" cite "b" }
    system S { thread s { require t.a: true  require t.b: true } }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  ElaborateOptions options;
  options.rules.push_back(types::RulePattern{"t.", true, {}});
  options.except.push_back(types::RulePattern{"t.a", false, {}});
  const TransitionSystem system = text.elaborated(options);
  ASSERT_THAT(system.checked, SizeIs(1));
  EXPECT_EQ(system.at(system.checked[0]).name, "t.b");
}

TEST(CheckCells, AreAllCombinationsTheLastFastest) {
  Text text(R"(
    enum Trigger { level_, edge }
    system S(trigger: Trigger = level_, n: int 0..3 = 0) { thread t { pass } }
    check S with trigger in { level_, edge }, n in 1..2
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const auto cells = expand_cells(*text.program, *text.program->checks[0], {}, text.diagnostics);
  ASSERT_TRUE(cells.has_value());
  std::vector<std::string> titles;
  for (const BoundCell& cell : *cells) {
    titles.push_back(cell.title);
  }
  EXPECT_THAT(titles, ElementsAre("S with trigger = level_, n = 1", "S with trigger = level_, n = 2",
                                  "S with trigger = edge, n = 1", "S with trigger = edge, n = 2"));
}

TEST(Defines, NameParams) {
  Text text("param size: int 0..3 = 0\nparam safe: bool = true\nsystem S { x: int 0..size  thread t { pass } }");
  const auto both = resolve_defines(*text.program, {{"size", "2"}, {"safe", "false"}}, text.diagnostics);
  ASSERT_TRUE(both.has_value()) << text.messages();
  ASSERT_THAT(*both, SizeIs(2));
  EXPECT_EQ((*both)[0].value, 0);
  EXPECT_EQ((*both)[1].value, 2);
}

TEST(Defines, NameParamsWithTheirFamily) {
  Text text("param size: int 0..3 = 0\nsystem S { x: int 0..size  thread t { pass } }");
  const auto found = resolve_defines(*text.program, {{"t.size", "2"}}, text.diagnostics);
  ASSERT_TRUE(found.has_value()) << text.messages();
  EXPECT_EQ((*found)[0].value, 2);
  EXPECT_FALSE(resolve_defines(*text.program, {{"t.sise", "2"}}, text.diagnostics).has_value());
  EXPECT_THAT(text.messages(), HasSubstr("did you mean 't.size'?"));
}

TEST(Defines, SayWhatIsWrong) {
  Text text("param size: int 0..3 = 0\nsystem S { x: int 0..size  thread t { pass } }");
  EXPECT_FALSE(resolve_defines(*text.program, {{"sise", "2"}}, text.diagnostics).has_value());
  EXPECT_FALSE(resolve_defines(*text.program, {{"size", "two"}}, text.diagnostics).has_value());
  EXPECT_THAT(text.messages(), HasSubstr("did you mean 'size'?"));
  EXPECT_THAT(text.messages(), HasSubstr("the value must be a number"));
}

}  // namespace
}  // namespace quiesce::model

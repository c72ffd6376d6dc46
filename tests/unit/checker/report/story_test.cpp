// Stories of a small system built by hand: a thread that calls a function, raises its level and writes, and a handler
// that starts on top of it and breaks a rule.
#include "checker/report/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checker/report/text_report.h"

namespace quiesce::checker {
namespace {

using namespace model;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Operations in order; not an initializer list, in which GCC 12 sees uses after free that are none.
template <typename... Ops>
std::vector<Op> operations(Ops... ops) {
  std::vector<Op> all;
  (all.emplace_back(std::move(ops)), ...);
  return all;
}

AssignOp assignment(CellId cell, ExprId value) {
  AssignOp op;
  op.place.cells.push_back(cell);
  op.value = value;
  return op;
}

TEST(BranchText, IsWhatTheBranchDoes) {
  const std::string either = "either { pass } or {  // { not this }\n  f(n)\n  if n { return A }\n} or { return B }";
  EXPECT_EQ(branch_text(either, 1), "pass");
  EXPECT_EQ(branch_text(either, 2), "f(n) if n { return A }");
  EXPECT_EQ(branch_text(either, 3), "return B");
  EXPECT_EQ(branch_text(either, 4), "");
  EXPECT_EQ(branch_text("", 1), "");
  EXPECT_EQ(branch_text("either { " + std::string(48, 'x') + " }", 1), std::string(48, 'x'));
  EXPECT_EQ(branch_text("either { " + std::string(49, 'x') + " }", 1), std::string(45, 'x') + "...");
}

class StoryTest : public ::testing::Test {
 protected:
  StoryTest() {
    file_ = sources_.add("designs/two.qsm",
                         "fn begin(n: int 0..3)\n"
                         "count = n\n"
                         "raise DISPATCH\n"
                         "handler isr at 5 when count > 0\n"
                         "require two.calm: count == 0\n"
                         "pass\n");
    bool_ = std::make_shared<ValueType>();
    auto count = std::make_shared<ValueType>();
    count->kind = ValueType::Kind::Int;
    count->hi = 3;
    count_ = count;
    build();
  }

  /// The place of `text` in the file.
  Span span(std::string_view text) const {
    const auto at = static_cast<std::uint32_t>(sources_.file(file_).text().find(text));
    return {file_, at, at + static_cast<std::uint32_t>(text.size())};
  }

  CellId cell(std::string name, std::int64_t hi, CellKind kind = CellKind::Plain) {
    system_.cells.push_back({std::move(name), 0, hi, 0, kind, std::nullopt});
    return CellId(system_.cells.size() - 1);
  }

  void build() {
    system_.name = "Two";
    system_.cpus = 1;
    system_.instances.push_back({"", "two.Two", std::nullopt, std::nullopt, {}});
    system_.rules.resize(2);
    system_.rules[0].name = "core.stuck";
    system_.rules[0].title = "Somebody can never go on";
    system_.rules[0].core = true;
    system_.rules[1].name = "two.calm";
    system_.rules[1].title = "Nothing was counted";
    system_.rules[1].because = "Counting disturbs.";
    system_.rules[1].citations = {"A document", "A section"};
    system_.stuck_rule = RuleId(0);
    system_.checked = {RuleId(0), RuleId(1)};
    const CellId counter = cell("count", 3);
    system_.variables.push_back({"count", count_, counter, std::nullopt, false, {}});
    system_.cells[counter.value].variable = VariableId(0);
    system_.functions.push_back({"begin", false, span("fn begin(n: int 0..3)")});
    ExprTable& e = system_.expressions;

    Context thread;
    thread.name = "main";
    thread.instance = InstanceId(0);
    thread.location_cell = {cell("main location", 2, CellKind::Location)};
    thread.level_cell = {cell("main level", 31)};
    thread.cpu_cell = {cell("main cpu", 1, CellKind::Cpu)};
    thread.local_cells.resize(1);
    thread.condition = e.constant(1);
    thread.entry = LocationId(0);
    thread.locations = {LocationId(0), LocationId(1)};
    Location first;
    first.context = ContextId(0);
    first.number = 1;
    first.span = span("count = n");
    first.program.ops = operations(EnterOp{FunctionId(0), span("begin"), {{"n", count_, {e.constant(2)}}}},
                                   StatementOp{span("count = n")}, assignment(counter, e.constant(2)),
                                   LeaveOp{FunctionId(0), nullptr, {}}, GotoOp{LocationId(1)});
    Location second;
    second.context = ContextId(0);
    second.number = 2;
    second.span = span("raise DISPATCH");
    second.program.ops = operations(StatementOp{span("raise DISPATCH")},
                                    assignment(thread.level_cell[0], e.constant(2)), GotoOp{LocationId(0)});

    Context handler;
    handler.name = "isr";
    handler.kind = ContextKind::Handler;
    handler.instance = InstanceId(0);
    handler.span = span("handler isr at 5 when count > 0");
    handler.start_level = 5;
    handler.first_slot = 1;
    handler.location_cell = {cell("isr location", 1, CellKind::Location)};
    handler.level_cell = {cell("isr level", 31)};
    handler.cpu_cell = {cell("isr cpu", 1, CellKind::Cpu)};
    handler.local_cells.resize(1);
    handler.condition = e.binary(BinaryOp::Greater, e.load(counter), e.constant(0));
    handler.start.ops = operations(GotoOp{LocationId(2)});
    handler.entry = LocationId(2);
    handler.locations = {LocationId(2)};
    Location third;
    third.context = ContextId(1);
    third.number = 1;
    third.span = span("pass");
    third.program.ops = operations(
        CheckOp{e.equal(e.load(counter), e.constant(0)), RuleId(1), span("require two.calm: count == 0"), "count is 2"},
        StatementOp{span("pass")}, assignment(counter, e.constant(0)), EndOp{});
    system_.initial = {{thread.location_cell[0], e.constant(1), 0, 0}};
    system_.contexts.push_back(std::move(thread));
    system_.contexts.push_back(std::move(handler));
    for (const Location& location : {first, second, third}) system_.locations.push_back(location);
    system_.slots = 2;
    map_ = identity_map(system_);
  }

  /// The run in which each actor of `order` takes its first step.
  Finding finding(const std::vector<Actor>& order) {
    const Interpreter interpreter(system_);
    Finding found;
    found.run.states = interpreter.initial_states();
    for (const Actor& actor : order) {
      bool taken = false;
      for (Successor& successor : interpreter.successors(found.run.states.back())) {
        if (taken || successor.step.actor != actor) continue;
        taken = true;
        found.run.steps.push_back(successor.step);
        found.run.states.push_back(successor.next);
        if (!successor.violations.empty()) {
          found.violation = successor.violations[0];
          found.rule = found.violation.rule;
        }
      }
      EXPECT_TRUE(taken);
    }
    return found;
  }

  Finding broken() {
    return finding(
        {{Actor::Kind::Step, 0, 0}, {Actor::Kind::Step, 0, 0}, {Actor::Kind::Start, 1, 0}, {Actor::Kind::Step, 1, 0}});
  }

  SourceMap sources_;
  FileId file_;
  ValueTypePtr bool_;
  ValueTypePtr count_;
  TransitionSystem system_;
  BackMap map_;
  ReducedSystem systems_{system_, system_, map_};
};

TEST_F(StoryTest, TellsCallsStatementsAndReturnsInOrder) {
  const Story story = tell(systems_, broken(), sources_);
  ASSERT_EQ(story.steps.size(), 4u);
  const StoryStep& step = story.steps[0];
  EXPECT_EQ(step.who, "main");
  EXPECT_EQ(step.role, "thread");
  EXPECT_EQ(step.cpu_before, -1);
  ASSERT_EQ(step.lines.size(), 3u);
  EXPECT_EQ(step.lines[0].kind, StoryLine::Kind::Call);
  EXPECT_EQ(step.lines[0].text, "begin(2)");
  EXPECT_EQ(step.lines[1].text, "count = n");
  EXPECT_EQ(step.lines[1].depth, 1u);
  EXPECT_EQ(step.lines[2].kind, StoryLine::Kind::Return);
  EXPECT_EQ(step.lines[2].text, "begin");
  ASSERT_EQ(step.lines[1].changes.size(), 1u);
  EXPECT_EQ(step.lines[1].changes[0].name, "count");
  EXPECT_EQ(step.lines[1].changes[0].before, "0");
  EXPECT_EQ(step.lines[1].changes[0].after, "2");
}

TEST_F(StoryTest, TellsLevelsAndCpusAsTheyChange) {
  const Story story = tell(systems_, broken(), sources_);
  EXPECT_EQ(story.steps[1].level_before, 0);
  EXPECT_EQ(story.steps[1].level_after, 2);
  EXPECT_EQ(story.steps[1].cpu_before, -1);
  EXPECT_EQ(story.steps[1].cpu_after, 0);
  EXPECT_TRUE(story.steps[1].lines[0].changes.empty());  // the level is no variable
  EXPECT_TRUE(story.steps[2].starts);
  EXPECT_EQ(story.steps[2].level_before, 5);
  EXPECT_EQ(story.steps[2].cpu_after, 0);
}

TEST_F(StoryTest, EndsAtTheViolation) {
  const Story story = tell(systems_, broken(), sources_);
  // The statement behind the broken requirement, and what it changes, is no part of the story.
  ASSERT_EQ(story.steps[3].lines.size(), 1u);
  EXPECT_EQ(story.steps[3].lines[0].text, "require two.calm: count == 0");
  EXPECT_TRUE(story.steps[3].lines[0].changes.empty());
  EXPECT_EQ(story.violation.message, "count is 2");
}

TEST_F(StoryTest, IsPrintedWithPlacesAndTheMomentOfTheViolation) {
  CaseOutcome outcome;
  outcome.title = "Two";
  outcome.system = &system_;
  outcome.result.findings = {broken()};
  outcome.result.rules = {{RuleId(0), Verdict::Holds, {}, std::nullopt}, {RuleId(1), Verdict::Violated, {}, 0}};
  outcome.result.statistics.distinct_states = 1234;
  TextOptions options;
  options.show_cost = false;
  EXPECT_EQ(check_report(outcome_of({outcome}), sources_, options),
            R"(check Two

VIOLATED  two.calm
  Nothing was counted
  Because: Counting disturbs.
  Source: A document, A section

  The shortest run that breaks it has 4 steps:

  main (thread), floating, PASSIVE
    1            → begin(2)
      two.qsm:2    count = n                                     count: 0 → 2
                 ← begin
    2 two.qsm:3  raise DISPATCH                                  PASSIVE→DISPATCH, takes cpu 0

  isr (handler), cpu 0, level 5
    3 two.qsm:4  starts: handler isr at 5 when count > 0
    4 two.qsm:5  require two.calm: count == 0
    ✗ two.calm: count is 2

  holds     core.stuck  Somebody can never go on
  violated  two.calm    Nothing was counted

  1,234 distinct states, 0 generated steps, depth 0
)");
}

}  // namespace
}  // namespace quiesce::checker

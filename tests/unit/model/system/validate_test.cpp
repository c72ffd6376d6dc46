// One broken invariant at a time: each must be reported, and nothing else.
#include "model/system/validate.h"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A thread that writes x twice and ends, a concurrent handler, an action.
struct Sample : SystemBuilder {
  CellId x = integer("x", 0, 3);
  ContextId writer = thread("writer", 2);
  ContextId isr = handler("isr", 5, is(x, 1), 1, 2);

  Sample() {
    at(writer, 1) = program({choose(0, 1, 2), set(x, temp(0)), go(writer, 2)});
    at(writer, 2) = program({branch(is(x, 1), 3), set(x, 0), jump(4), set(x, 3), end()});
    at(isr, 1) = program({end()});
    action("tick", is(x, 2), {set(x, 0)});
    property(PropertyKind::Never, rule("toy.r"), is(x, 3));
  }
};

/// The findings after `spoil` has changed the sample.
std::vector<std::string> after(const std::function<void(Sample&)>& spoil) {
  Sample sample;
  spoil(sample);
  return validate(sample.system);
}

TEST(ValidateTest, AcceptsAGoodSystem) { EXPECT_THAT(validate(Sample().system), IsEmpty()); }

TEST(ValidateTest, FindsProgramsThatDoNotEnd) {
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 2).ops.pop_back(); }), Contains(HasSubstr("not ahead")).Times(0));
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 1).ops.pop_back(); }),
              ElementsAre("'writer' L1, operation 1: a way runs off the end without Goto or End"));
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 1).ops.clear(); }),
              ElementsAre("'writer' L1: its program is empty"));
}

TEST(ValidateTest, FindsBackwardJumps) {
  EXPECT_THAT(after([](Sample& s) { std::get<JumpOp>(s.at(s.writer, 2).ops[2]).target = 2; }),
              ElementsAre("'writer' L2, operation 2 jumps to 2, which is not ahead"));
  EXPECT_THAT(after([](Sample& s) { std::get<BranchOp>(s.at(s.writer, 2).ops[0]).otherwise = 99; }), SizeIs(1));
}

TEST(ValidateTest, FindsGotosIntoOtherContexts) {
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 1).ops.back() = s.go(s.isr, 1); }),
              ElementsAre("'writer' L1, operation 2 goes to a location of 'isr'"));
  EXPECT_THAT(after([](Sample& s) { s.system.actions[0].program.ops.back() = s.go(s.isr, 1); }),
              ElementsAre("action 'tick', operation 2 is a Goto, but an action has no locations"));
  EXPECT_THAT(after([](Sample& s) { s.system.contexts[1].start = s.program({s.end()}); }),
              ElementsAre("context 'isr', start, operation 0 is an End, but a start leads to the first location"));
}

TEST(ValidateTest, FindsTempsThatAreNotSetOnEveryWay) {
  EXPECT_THAT(after([](Sample& s) {
                s.at(s.writer, 1) = s.program(
                    {s.branch(s.is(s.x, 0), 2), s.let(0, s.number(1)), s.set(s.x, s.temp(0)), s.go(s.writer, 2)});
              }),
              ElementsAre("'writer' L1, operation 2 uses temp 0 before it is set on every way"));
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 1).temps = 0; }), SizeIs(2));
}

TEST(ValidateTest, FindsExpressionsInTheWrongPlace) {
  EXPECT_THAT(after([](Sample& s) { s.system.properties[0].condition = s.temp(0); }),
              ElementsAre("property of 'toy.r' mentions a temp outside a program"));
  EXPECT_THAT(after([](Sample& s) { s.system.contexts[1].condition = s.self(); }), SizeIs(1));
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 1).ops[1] = s.set(s.x, s.exprs().add(CurrentCpuExpr{})); }),
              SizeIs(1));
}

TEST(ValidateTest, FindsWrongNumbersOfLocations) {
  EXPECT_THAT(after([](Sample& s) { s.location(s.writer, 2).number = 3; }), SizeIs(2));
  EXPECT_THAT(after([](Sample& s) { s.system.cells[s.system.contexts[0].location_cell[0].value].hi = 1; }),
              ElementsAre("context 'writer': its location cell reaches to 1, but it has 2 locations"));
}

TEST(ValidateTest, FindsBadDomains) {
  EXPECT_THAT(after([](Sample& s) { s.system.cells[s.x.value].rest = 4; }),
              ElementsAre("cell 'x': its rest value 4 is outside 0..3"));
  EXPECT_THAT(after([](Sample& s) { s.system.cells[s.system.contexts[0].cpu_cell[0].value].hi = 2; }),
              ElementsAre("cell 'writer/cpu': it holds a CPU, but its domain is 0..2 with 1 CPUs"));
}

TEST(ValidateTest, FindsIndicesOutOfBounds) {
  EXPECT_THAT(after([](Sample& s) { s.at(s.writer, 1).ops[1] = s.set(CellId(std::size_t{99}), 0); }), SizeIs(1));
  EXPECT_THAT(after([](Sample& s) { s.system.contexts[0].entry = LocationId(); }),
              ElementsAre("context 'writer' has no entry location"));
  EXPECT_THAT(after([](Sample& s) { s.system.properties[0].rule = RuleId(std::size_t{7}); }), SizeIs(1));
}

TEST(ValidateTest, FindsChoicesFromNothing) {
  EXPECT_THAT(after([](Sample& s) { std::get<ChooseOp>(s.at(s.writer, 1).ops[0]).lo = 3; }),
              ElementsAre("'writer' L1, operation 0 chooses from 3..2, which is empty"));
}

TEST(ValidateTest, FindsHandlersThatCannotBe) {
  EXPECT_THAT(after([](Sample& s) { s.system.contexts[1].urgent = true; }),
              ElementsAre("context 'isr' is urgent, but has no 'on'"));
  EXPECT_THAT(after([](Sample& s) {
                s.system.contexts[1].start_level = 0;
                s.system.contexts[1].cpus = OnOne{s.number(1)};
              }),
              ElementsAre("context 'isr' starts below the pin level, but has an 'on'"));
}

}  // namespace
}  // namespace quiesce::model

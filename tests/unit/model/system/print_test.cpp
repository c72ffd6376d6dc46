// Whole texts are compared: the printed system is a golden format that other tests and people rely on.
#include "model/system/print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::model {
namespace {

using ::testing::HasSubstr;

ValueTypePtr of_cpu(std::uint32_t cpus) {
  ValueType type;
  type.kind = ValueType::Kind::Cpu;
  type.cpus = cpus;
  return std::make_shared<const ValueType>(type);
}

ValueTypePtr array_of(ValueTypePtr element, std::int64_t hi) {
  ValueType type;
  type.kind = ValueType::Kind::Array;
  type.element = std::move(element);
  type.index = SystemBuilder::int_type(0, hi);
  return std::make_shared<const ValueType>(type);
}

TEST(PrintExprTest, WritesExpressionsAsInTheLanguage) {
  SystemBuilder s(2);
  const CellId full = s.boolean("full");
  const CellId x = s.integer("x", 0, 9);
  const CellId home = s.variable("home", of_cpu(2));
  const CellId a = s.variable("a", array_of(SystemBuilder::int_type(0, 3), 1));
  const Place element{{a, CellId(std::size_t{a.value} + 1)}, s.get(x)};
  const ContextId h = s.handler("nic.isr", 5, s.number(1), 1);
  ExprTable& t = s.exprs();
  const auto text = [&](ExprId id) { return print_expr(s.system, id); };

  EXPECT_EQ(text(t.conjunction(t.negation(s.get(full)), s.less(s.get(x), s.number(3)))), "!full && x < 3");
  EXPECT_EQ(text(t.conjunction(s.get(full), s.number(1))), "full");
  EXPECT_EQ(text(s.is(home, 2)), "home == cpu 1");
  EXPECT_EQ(text(s.is(home, 0)), "home == null");
  EXPECT_EQ(text(s.is(full, 1)), "full == true");
  EXPECT_EQ(text(s.get(element)), "a[x]");
  EXPECT_EQ(text(s.get(Place{{x, full}, s.self()})), "(x, full)[self]");
  EXPECT_EQ(text(t.add(LookupExpr{{1, 2}, s.self()})), "[1, 2][self]");
  EXPECT_EQ(text(t.negation(t.add(IdleExpr{h}))), "!idle(nic.isr)");
  EXPECT_EQ(text(t.binary(BinaryOp::Multiply, s.plus(s.get(x), s.number(1)), s.number(2))), "(x + 1) * 2");
  EXPECT_EQ(text(t.binary(BinaryOp::Subtract, s.get(x), t.binary(BinaryOp::Subtract, s.get(x), s.number(1)))),
            "x - (x - 1)");
  EXPECT_EQ(text(t.conditional(s.get(full), s.get(x), t.add(CurrentCpuExpr{}))), "full ? x : cpu()");
  EXPECT_EQ(text(s.plus(t.conditional(s.get(full), s.get(x), s.number(3)), s.number(1))), "(full ? x : 3) + 1");
}

TEST(PrintSystemTest, PrintsEverything) {
  SystemBuilder s(2);
  s.system.parameters.push_back({"processors", "2", true});
  const CellId full = s.boolean("full");
  const CellId served = s.integer("served", 0, 5);
  s.initial(served, 1);
  s.initial_any(full);
  const RuleId range = s.rule("core.range", true);
  const RuleId good = s.rule("toy.good");
  s.system.rules[good.value].title = "All is \"good\"";
  const ContextId reader = s.thread("reader", 2);
  const std::vector<CellId> step = s.local(reader, "step", 0, 1);
  Function f;
  f.name = "toy.stop";
  f.returns = true;
  s.system.functions.push_back(f);
  EnterOp enter;
  enter.function = FunctionId(std::size_t{0});
  enter.arguments = {{"on", SystemBuilder::bool_type(), {s.number(1)}}};
  s.at(reader, 1) = s.program({Op(enter), s.check(s.less(s.get(served), s.number(5)), range),
                               s.set(served, s.plus(s.get(served), s.number(1))), s.branch(s.get(full), 5),
                               s.go(reader, 2), s.choose(0, 0, 1), s.set(step[0], s.temp(0)), s.go(reader, 1)});
  s.at(reader, 2) = s.program({s.set(full, 0), s.end()});
  s.location(reader, 2).labels = {"reader.done"};
  s.location(reader, 2).inside = {FunctionId(std::size_t{0})};
  s.wait(reader, 2, s.get(full));
  const ContextId isr = s.handler("isr", 5, s.get(full), 1, 2);
  s.at(isr, 1) = s.program({s.end()});
  s.action("ring", s.is(full, 0), {s.set(full, 1)});
  s.property(PropertyKind::Invariant, good, s.less(s.get(served), s.number(6)));

  EXPECT_EQ(print_system(s.system), R"(system Toy(processors: 2)
cpus 2, pin level DISPATCH, slots 3

instances
  (system)  toy.Toy

variables (12 cells, 30 bits)
  full                              bool      1 bit    = any 0..1
  served                            int 0..5  3 bits   = 1
  reader#0/step                     int 0..1  1 bit                local of reader
  (locations, levels, CPUs, lives)  9 cells   25 bits

cells
  c0   full             0..1, rest 0
  c1   served           0..5, rest 0
  c2   reader/location  0..2, rest 0   location
  c3   reader/level     0..31, rest 0
  c4   reader/cpu       0..2, rest 0   cpu
  c5   reader#0/step    0..1, rest 0
  c6   isr/location     0..1, rest 0   location
  c7   isr/level        0..31, rest 0
  c8   isr/cpu          0..2, rest 0   cpu
  c9   isr/location     0..1, rest 0   location
  c10  isr/level        0..31, rest 0
  c11  isr/cpu          0..2, rest 0   cpu

thread reader at PASSIVE, slot 0
  activation 0: location c2, level c3, cpu c4, locals c5
  entry L1
  L1 mergeable
    0  enter toy.stop(on: true)
    1  check core.range: served < 5
    2  served := served + 1
    3  if full else 5
    4  goto L2
    5  t0 := choose "either" 0..1
    6  reader#0/step := t0
    7  goto L1
  L2 'reader.done' await when full inside toy.stop (returns)
    0  assume full
    1  full := false
    2  end

handler isr at 5 when full concurrent 2, slots 1..2
  activation 0: location c6, level c7, cpu c8
  activation 1: location c9, level c10, cpu c11
  start
    0  goto L1
  L1 mergeable
    0  end

action ring when !full
    0  assume !full
    1  full := true
    2  end

rules
  core.stuck (core) (stuck sets)
  core.range (core)
  toy.good
    title "All is \"good\""

properties
  invariant toy.good: served < 6

initial
  served = 1
  full = any 0..1
  reader/location = 1
)");
}

TEST(PrintSystemTest, ControlFlowNamesTargetsOnly) {
  SystemBuilder s;
  const ContextId k = s.thread("k", 3);
  const CellId x = s.boolean("x");
  s.at(k, 1) = s.program({s.branch(s.get(x), 2), s.go(k, 3), s.go(k, 2)});
  s.at(k, 2) = s.program({s.go(k, 1)});
  s.at(k, 3) = s.program({s.end()});
  EXPECT_EQ(print_control_flow(s.system), R"(thread k at PASSIVE, slot 0
  L1 mergeable -> L2 L3
  L2 mergeable -> L1
  L3 mergeable -> end
)");
}

TEST(PrintSystemTest, NamesPlacesInTheTextWhenItHasIt) {
  SystemBuilder s;
  SourceMap sources;
  const FileId file = sources.add("design.qsm", "one\ntwo");
  const ContextId k = s.thread("k", 1);
  s.at(k, 1) = s.program({Op(StatementOp{Span{file, 4, 7}}), s.end()});
  EXPECT_THAT(print_contexts(s.system, {&sources}), HasSubstr("0  statement design.qsm:2:1\n"));
  EXPECT_THAT(print_contexts(s.system), HasSubstr("0  statement\n"));
}

TEST(PrintTypeTest, WritesTypesAsTheUserWould) {
  ValueType queue;
  queue.kind = ValueType::Kind::Queue;
  queue.capacity = 3;
  queue.element = of_cpu(2);
  EXPECT_EQ(format_type(queue), "queue<Cpu, 3>");
  EXPECT_EQ(format_type(*array_of(SystemBuilder::bool_type(), 2)), "array<bool, int 0..2>");
}

}  // namespace
}  // namespace quiesce::model

// What elaboration makes of small texts: cells, contexts, locations, checks. What the steps mean is pinned by
// tests/verdicts.
#include "model/elaborate/elaborate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/elaborate/check_cases.h"
#include "model/system/print.h"
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

// An array over a machine has an element for each instance, wherever in the text, or in whatever instance, it is made.
TEST(Elaborate, ArraysOverAMachineAreComplete) {
  Text text(R"(
    machine Lamp() { lit: bool }
    monitor Watch(lamp: ref Lamp) { seen: bool }
    machine Room() { lamp: Lamp() }
    machine Reader(watch: ref Watch) { x: bool }
    machine Each() { on_each[l: Lamp]: Room2(l) }
    machine Room2(l: ref Lamp) { x: bool }
    system S { first: Lamp()  watch[l: Lamp]: Watch(l)  rooms[i: int 0..1]: Room()  each_: Each()
               reader: Reader(watch[first]) }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  EXPECT_THAT(paths(text.elaborated()),
              ElementsAre("", "first", "watch[first]", "rooms[0]", "rooms[1]", "each_", "reader", "rooms[0].lamp",
                          "rooms[1].lamp", "each_.on_each[first]", "each_.on_each[rooms[0].lamp]",
                          "each_.on_each[rooms[1].lamp]", "watch[rooms[0].lamp]", "watch[rooms[1].lamp]"));
}

TEST(Elaborate, WhatDependsOnInstancesThatComeLaterIsRefused) {
  const char* const kMachines =
      "machine Lamp() { lit: bool }\nmachine Room() { lamp: Lamp() }\n"
      "machine Needs(n: int 0..9) { x: bool }\nmachine Given(s: set<ref Lamp>) { x: bool }\n";
  for (const char* member : {"const N = count l: Lamp: true", "needs: Needs(count l: Lamp: true)", "given: Given({a})",
                             "if exists l: Lamp: true { x: bool }", "const A: array<int 0..1, Lamp> = [for l: 1]",
                             "needs: Needs(each[a].n)  each[l: Lamp]: Needs(1)"}) {
    Text early(std::string(kMachines) + "system S { a: Lamp()  " + member + "  room: Room() }");
    ASSERT_NE(early.program, nullptr) << early.messages();
    EXPECT_FALSE(elaborate(*early.program, early.system(), {}, {}, early.diagnostics).has_value()) << member;
    EXPECT_THAT(early.messages(), HasSubstr("E0646")) << member;
    Text complete(std::string(kMachines) + "system S { a: Lamp()  other: Lamp()  " + member + " }");
    ASSERT_NE(complete.program, nullptr) << complete.messages();
    complete.elaborated();
  }
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

TEST(Elaborate, WhatStandsBesideIsConstant) {
  Text text(R"(
    machine Device { used: bool = false }
    machine Isr {}
    machine Driver { device: Device()  isr: Isr() }
    system S {
      one: Driver()
      two: Driver()
      invariant own: forall d: Device where d beside one.isr: !d.used
      thread t { one.device.used = true  two.device.used = true }
    }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  EXPECT_EQ(print_expr(system, system.properties.back().condition), "!one.device.used");
}

TEST(Elaborate, WhoExecutesIsConstantInEachContext) {
  Text text(R"(
    system S {
      n: int 0..3 = 0
      handler h at 5 when n == 1 { accept { n = inside(h) ? 2 : 0 }  touch() }
      atomic fn touch() { if inside(h) { n = 3 } else { n = 1 } }
      action a when n == 0 && !inside(h) { touch() }
      thread t { touch()  if inside(t) { pass } }
      invariant outside: !inside(h) || n == 0
    }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  const std::string printed = print_system(system);
  EXPECT_THAT(printed, testing::HasSubstr("n := 2"));
  EXPECT_THAT(printed, testing::HasSubstr("n := 3"));
  EXPECT_THAT(printed, testing::Not(testing::HasSubstr("n := 0")));
  // The property is a constant too: all that is left of the question is its title.
  EXPECT_THAT(printed, testing::Not(testing::ContainsRegex("inside\\(.*inside\\(")));
}

TEST(Elaborate, ContainmentThatTheTreeTellsIsConstant) {
  Text text(R"(
    machine Part { used: bool = false }
    machine Whole { a: Part()  b: Part() }
    system S {
      one: Whole()
      two: Whole()
      lone: Part()
      n: int 0..2 = 0
      invariant mine: forall p: Part where p within one: !p.used
      thread t { if lone within two { n = 1 }  if two.a within two && two within self { n = 2 } }
    }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const TransitionSystem system = text.elaborated();
  EXPECT_THAT(validate(system), IsEmpty());
  // Nothing of lone or of 'two' is asked, and no test takes a step: assignment, end.
  EXPECT_EQ(print_expr(system, system.properties.back().condition), "!one.a.used && !one.b.used");
  EXPECT_THAT(system.contexts[0].locations, SizeIs(2));
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

TEST(Elaborate, NamesOfLevelsChangeNothingButNames) {
  const std::string body = R"(
machine M(top: Level = PIN) {
  door: spinlock(PIN)
  now: Level = LOW
  handler h at top when now == LOW { accept { now = PIN } }
  thread t { with door { assert level() >= PIN }  lower LOW }
  invariant now < pin_level()
}
system S { cpus 2  m: M() }
)";
  const auto with_names = [&](const std::string& low, const std::string& pin, const std::string& declared) {
    std::string text = body;
    const auto replace = [&](const std::string& from, const std::string& to) {
      for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
      }
    };
    replace("LOW", low);
    replace("PIN", pin);
    Text read(declared + text);
    EXPECT_NE(read.program, nullptr) << read.messages();
    if (read.program == nullptr) return std::string();
    const TransitionSystem system = read.elaborated();
    EXPECT_EQ(system.level_names.name(system.pin_level), pin);
    text = print_system(system);
    replace(low, "LOW");
    replace(pin, "PIN");
    return text;
  };
  const std::string by_default = with_names("PASSIVE", "DISPATCH", "");
  EXPECT_THAT(by_default, HasSubstr("pin level PIN"));
  // Names of the same lengths, since tables are as wide as what stands in them.
  EXPECT_EQ(with_names("TASKING", "SOFT_IRQ", "levels { TASKING, NEVER_USED, pin SOFT_IRQ, HARDIRQ }\n"), by_default);
  EXPECT_EQ(with_names("TASKING", "SOFT_IRQ", "levels { TASKING, pin SOFT_IRQ = 2, HARDIRQ = 31 }\n"), by_default);
}

TEST(Elaborate, ThePinLevelIsThatOfTheSystem) {
  const auto pin_of = [](const std::string& declared, const std::string& given) {
    Text text(declared + "system S { " + given + "  invariant pin_level() == " + "7 }");
    EXPECT_NE(text.program, nullptr) << text.messages();
    const TransitionSystem system = text.elaborated();
    // The condition is decided while elaborating: it is the constant that says whether it holds.
    const Property& property = system.properties.front();
    std::int64_t value = -1;
    EXPECT_TRUE(system.expressions.is_constant(property.condition, &value));
    EXPECT_EQ(value != 0, system.pin_level == 7);
    return system.pin_level;
  };
  EXPECT_EQ(pin_of("", ""), 2);
  EXPECT_EQ(pin_of("", "pin 7"), 7);
  EXPECT_EQ(pin_of("levels { LOW, pin HIGH }\n", ""), 1);
  EXPECT_EQ(pin_of("levels { LOW, pin HIGH = 7 }\n", ""), 7);
  EXPECT_EQ(pin_of("levels { LOW, pin HIGH }\n", "pin 5"), 5);
}

/// The names of the operations of a program, with what assignments write.
std::vector<std::string> operations(const TransitionSystem& system, const Program& program) {
  std::vector<std::string> names;
  for (const Op& op : program.ops) {
    if (std::holds_alternative<AssumeOp>(op)) names.push_back("assume");
    if (std::holds_alternative<EnterOp>(op)) names.push_back("enter");
    if (std::holds_alternative<LeaveOp>(op)) names.push_back("leave");
    if (const auto* assign = std::get_if<AssignOp>(&op)) names.push_back(system.at(assign->place.cells[0]).name);
  }
  return names;
}

TEST(Elaborate, MonitorsActInTheStepOfWhatTheyWatch) {
  Text text(R"(
    machine Port() {
      x: int 0..1 = 0
      atomic fn touch() { x = 1 }
    }
    monitor Watch(port: ref Port) {
      calls: int 0..3 = 0
      returns_: int 0..3 = 0
      on called(port.touch) { calls += 1 }
      on returned(port.touch) { returns_ += 1 }
    }
    system S {
      go: bool = false
      port: Port()
      watch: Watch(port)
      thread t { port.touch()  await go }
    }
    check S
  )");
  const TransitionSystem system = text.elaborated();
  EXPECT_EQ(validate(system), std::vector<std::string>());
  std::vector<std::vector<std::string>> steps;
  for (const Location& location : system.locations) steps.push_back(operations(system, location.program));
  // The call acts before what the function does; the return is that of the next step, behind what blocks it.
  EXPECT_THAT(steps, ElementsAre(ElementsAre("enter", "watch.calls", "port.x", "leave", "watch.returns_"),
                                 ElementsAre("assume"), IsEmpty()));
}

TEST(Elaborate, OnlyFormulasKeepObservers) {
  const char* const machines = R"(
    machine Port() { fn touch() { pass } }
    monitor Watch(port: ref Port) {
      calls: int 0..3 = 0
      on called(port.touch) when calls < 3 { calls += 1 }
    }
    system S {
      port: Port()
      watch: Watch(port)
      thread t { port.touch() }
  )";
  Text without(std::string(machines) + "}\ncheck S");
  EXPECT_THAT(without.elaborated().observers, IsEmpty());
  Text with(std::string(machines) + "ltl called_: eventually called(port.touch)\n}\ncheck S");
  EXPECT_THAT(with.elaborated().observers, SizeIs(1));
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
  const auto cells = expand_cases(*text.program, *text.program->checks[0], {}, text.diagnostics);
  ASSERT_TRUE(cells.has_value());
  std::vector<std::string> titles;
  for (const BoundCase& cell : *cells) {
    titles.push_back(cell.title);
  }
  EXPECT_THAT(titles, ElementsAre("S with trigger = level_, n = 1", "S with trigger = level_, n = 2",
                                  "S with trigger = edge, n = 1", "S with trigger = edge, n = 2"));
}

std::vector<std::string> titles_of(const Text& text, std::size_t check, const std::vector<Binding>& defines) {
  Diagnostics diagnostics;
  std::vector<std::string> titles;
  const auto cells = expand_cases(*text.program, *text.program->checks[check], defines, diagnostics);
  EXPECT_TRUE(cells.has_value());
  if (!cells) return titles;
  for (const BoundCase& cell : *cells) {
    std::string title = cell.title + ":";
    for (const Binding& binding : cell.bindings) title += " " + std::to_string(binding.value);
    titles.push_back(title);
  }
  return titles;
}

TEST(CheckCells, AreFewerWhereAValueIsFixed) {
  Text text(R"(
    system S(a: int 0..9 = 0, b: int 0..9 = 0) { thread t { pass } }
    check S with a in 1..2, b in {3, 4}
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  const auto seven = resolve_defines(*text.program, {&text.system()}, {{"a", "7"}}, text.diagnostics);
  ASSERT_TRUE(seven.has_value()) << text.messages();
  EXPECT_THAT(titles_of(text, 0, *seven), ElementsAre("S with a = 7, b = 3: 7 3", "S with a = 7, b = 4: 7 4"));
}

TEST(CheckCells, TakeWhatIsSaidForAll) {
  Text text(R"(
    param far: int 0..9 = 0
    with far = 1, a = 2, c in {5, 6}
    system S(a: int 0..9, b: int 0..9) { with b = 3  thread t { pass } }
    system T(a: int 0..9, c: int 0..9) { with a = 4  thread t { pass } }
    check S
    check S with b = 8, far = 7
    check T
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  EXPECT_THAT(titles_of(text, 0, {}), ElementsAre("S: 3 1 2"));
  EXPECT_THAT(titles_of(text, 1, {}), ElementsAre("S with b = 8, far = 7: 8 7 2"));
  EXPECT_THAT(titles_of(text, 2, {}), ElementsAre("T with c = 5: 4 1 5", "T with c = 6: 4 1 6"));
  ASSERT_THAT(text.program->bare_checks, SizeIs(2));
}

TEST(Defines, NameParametersOfSystemsAndOfModules) {
  Text text(R"(
    enum Kind { slow, fast }
    param pace: Kind = slow
    system S(size: int 0..3 = 0) { thread t { pass } }
  )");
  const auto of_system = resolve_defines(*text.program, {&text.system()}, {{"size", "2"}}, text.diagnostics);
  ASSERT_TRUE(of_system.has_value()) << text.messages();
  EXPECT_EQ((*of_system)[0].parameter, text.system().parameters[0].get());
  const auto of_module = resolve_defines(*text.program, {&text.system()}, {{"t.pace", "fast"}}, text.diagnostics);
  ASSERT_TRUE(of_module.has_value()) << text.messages();
  EXPECT_EQ((*of_module)[0].value, 1);
}

/// Which spellings of a value each type takes.
TEST(Defines, TakeOneSpellingOfValuesEverywhere) {
  Text text(R"(
    enum Kind { slow, fast }
    param kind: Kind = slow
    param safe: bool = true
    param level_: Level = PASSIVE
    param count_: int -9..9 = 0
    system S(k: Kind = slow, s: bool = true, l: Level = PASSIVE, c: int -9..9 = 0) { thread t { pass } }
  )");
  ASSERT_NE(text.program, nullptr) << text.messages();
  struct Spelling {
    const char* of_module;
    const char* of_system;
    const char* text;
    std::optional<std::int64_t> value;
  };
  const std::vector<Spelling> spellings = {
      {"kind", "k", "fast", 1},
      {"kind", "k", "Kind.fast", 1},
      {"kind", "k", "t.Kind.fast", 1},
      {"kind", "k", "x.fast", {}},
      {"kind", "k", "ind.fast", {}},
      {"kind", "k", "ast", {}},
      {"kind", "k", "1", {}},
      {"kind", "k", "", {}},
      {"safe", "s", "false", 0},
      {"safe", "s", "0", {}},
      {"level_", "l", "DISPATCH", 2},
      {"level_", "l", "31", 31},
      {"level_", "l", "32", {}},
      {"level_", "l", "-1", {}},
      {"count_", "c", "-9", -9},
      {"count_", "c", "9999999999", 9999999999},
      {"count_", "c", "99999999999999999999", {}},
      {"count_", "c", "3x", {}},
  };
  for (const Spelling& spelling : spellings) {
    for (const char* name : {spelling.of_module, spelling.of_system}) {
      Diagnostics diagnostics;
      const auto found = resolve_defines(*text.program, {&text.system()}, {{name, spelling.text}}, diagnostics);
      EXPECT_EQ(found.has_value(), spelling.value.has_value()) << name << "=" << spelling.text;
      if (found && spelling.value) {
        EXPECT_EQ((*found)[0].value, *spelling.value) << name << "=" << spelling.text;
      }
    }
  }
}

TEST(Defines, NameParams) {
  Text text("param size: int 0..3 = 0\nparam safe: bool = true\nsystem S { x: int 0..size  thread t { pass } }");
  const auto both = resolve_defines(*text.program, {}, {{"size", "2"}, {"safe", "false"}}, text.diagnostics);
  ASSERT_TRUE(both.has_value()) << text.messages();
  ASSERT_THAT(*both, SizeIs(2));
  EXPECT_EQ((*both)[0].value, 0);
  EXPECT_EQ((*both)[1].value, 2);
}

TEST(Defines, NameParamsWithTheirFamily) {
  Text text("param size: int 0..3 = 0\nsystem S { x: int 0..size  thread t { pass } }");
  const auto found = resolve_defines(*text.program, {}, {{"t.size", "2"}}, text.diagnostics);
  ASSERT_TRUE(found.has_value()) << text.messages();
  EXPECT_EQ((*found)[0].value, 2);
  EXPECT_FALSE(resolve_defines(*text.program, {}, {{"t.sise", "2"}}, text.diagnostics).has_value());
  EXPECT_THAT(text.messages(), HasSubstr("did you mean 't.size'?"));
}

TEST(Defines, SayWhatIsWrong) {
  Text text("param size: int 0..3 = 0\nsystem S { x: int 0..size  thread t { pass } }");
  EXPECT_FALSE(resolve_defines(*text.program, {}, {{"sise", "2"}}, text.diagnostics).has_value());
  EXPECT_FALSE(resolve_defines(*text.program, {}, {{"size", "two"}}, text.diagnostics).has_value());
  EXPECT_THAT(text.messages(), HasSubstr("did you mean 'size'?"));
  EXPECT_THAT(text.messages(), HasSubstr("the value must be a number"));
}

}  // namespace
}  // namespace quiesce::model

// What the typed tree says about correct programs: conversions, overload by expected type, rules made for
// properties, interfaces with defaults. What is wrong is tested in rejected_test.cpp.
#include "model/types/check_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "model/types/type_rules.h"

namespace quiesce::model::types {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::NotNull;

class CheckProgramTest : public ::testing::Test {
 protected:
  /// The program of a root file; a failure of the test when it has errors.
  const Program& check(const std::string& text) {
    const LoadedModules modules =
        load_modules("root.qsm", text, MemoryFiles(library_), MemoryFiles(beside_), sources_, diagnostics_);
    program_ = check_program(modules, diagnostics_);
    EXPECT_THAT(program_, NotNull()) << render(diagnostics_, sources_);
    return *program_;
  }

  const MachineDecl& machine(const std::string& name) const {
    for (const auto& candidate : program_->machines) {
      if (candidate->name == name) return *candidate;
    }
    throw std::logic_error("no machine " + name);
  }

  template <typename Decl>
  const Decl& member(const MachineDecl& of, const std::string& name) const {
    for (const Member& candidate : of.members) {
      if (const auto* decl = std::get_if<std::unique_ptr<Decl>>(&candidate)) {
        if ((*decl)->name == name) return **decl;
      }
    }
    throw std::logic_error("no member " + name);
  }

  std::map<std::string, std::string> library_;
  std::map<std::string, std::string> beside_;
  SourceMap sources_;
  Diagnostics diagnostics_;
  std::unique_ptr<Program> program_;
};

TEST_F(CheckProgramTest, WrapsAndUnwrapsWhereOptionalAndPlainMeet) {
  check(R"(
machine A() {
  home: Cpu? = null
  seen: int 0..3? = 2
  n: int 0..3 = 0
  thread t {
    home = cpu()
    n = seen
    await home == cpu()
  }
})");
  const MachineDecl& a = machine("root.A");
  EXPECT_THAT(as<WrapExpr>(member<VariableDecl>(a, "seen").init), NotNull());
  EXPECT_THAT(as<NullExpr>(member<VariableDecl>(a, "home").init), NotNull());
  const auto& body = member<ContextDecl>(a, "t").body;
  EXPECT_THAT(as<WrapExpr>(std::get<AssignStmt>(body[0]->node).value), NotNull());
  EXPECT_THAT(as<UnwrapExpr>(std::get<AssignStmt>(body[1]->node).value), NotNull());
  const auto* equal = as<BinaryExpr>(std::get<AwaitStmt>(body[2]->node).condition);
  ASSERT_THAT(equal, NotNull());
  EXPECT_THAT(as<VariableExpr>(equal->left), NotNull()) << "a comparison never breaks core.null";
  EXPECT_THAT(as<WrapExpr>(equal->right), NotNull());
}

TEST_F(CheckProgramTest, MembersOfOptionalReferencesAreUnwrapped) {
  check(R"(
machine B() { open: bool }
machine A() {
  b: B()
  r: ref B? = b
  thread t { await r.open }
})");
  const auto& body = member<ContextDecl>(machine("root.A"), "t").body;
  const auto* access = as<VariableExpr>(std::get<AwaitStmt>(body[0]->node).condition);
  ASSERT_THAT(access, NotNull());
  EXPECT_THAT(as<UnwrapExpr>(access->object), NotNull());
}

TEST_F(CheckProgramTest, TheExpectedTypeDecidesBetweenEnumConstants) {
  check(R"(
enum Power { up, off }
enum Light { off, dim }
machine A() {
  p: Power = off
  l: Light = off
  invariant off != p && l != off
})");
  const MachineDecl& a = machine("root.A");
  EXPECT_EQ(as<LiteralExpr>(member<VariableDecl>(a, "p").init)->value, 1);
  EXPECT_EQ(as<LiteralExpr>(member<VariableDecl>(a, "l").init)->value, 0);
}

TEST_F(CheckProgramTest, ContainmentIsAskedOfReferences) {
  check(R"(
machine Part {}
machine Whole(of: ref Part) {
  const MINE = of within self
  maybe: ref Part? = null
  within: bool = MINE
  thread t {
    within = maybe within self
    within = false
  }
})");
  const MachineDecl& whole = machine("root.Whole");
  EXPECT_THAT(as<WithinExpr>(member<VariableDecl>(whole, "MINE").init), NotNull());
  const auto& body = member<ContextDecl>(whole, "t").body;
  const auto* asked = as<WithinExpr>(std::get<AssignStmt>(body[0]->node).value);
  ASSERT_THAT(asked, NotNull());
  EXPECT_THAT(as<UnwrapExpr>(asked->inner), NotNull()) << "null breaks core.null";
  EXPECT_THAT(as<SelfExpr>(asked->outer), NotNull());
}

TEST_F(CheckProgramTest, ConstantNumbersAreLevels) {
  check(R"(
const DIRQL = 5
machine A(l: Level) {
  handler h at DIRQL when level_high { pass }
  level_high: bool
  k: spinlock(DIRQL)
}
machine B() { a: A(7) })");
  EXPECT_EQ(member<ContextDecl>(machine("root.A"), "h").level->type->kind, Type::Kind::Level);
  const InstanceDecl& instance = member<InstanceDecl>(machine("root.B"), "a");
  EXPECT_EQ(instance.arguments.at(0).value->type->kind, Type::Kind::Level);
}

TEST_F(CheckProgramTest, EveryPropertyHasARule) {
  const Program& program = check(R"(
rule root.stated { title "Stated" }
machine A() {
  x: bool
  invariant !x
  invariant x || !x
  never bad: x
  reachable root.stated: x
  deadlock_free
})");
  std::vector<std::string> names;
  for (const Member& each : machine("root.A").members) {
    if (const auto* property = std::get_if<std::unique_ptr<PropertyDecl>>(&each))
      names.push_back((*property)->rule->name);
  }
  EXPECT_THAT(names, ElementsAre("root.A.invariant_1", "root.A.invariant_2", "root.A.bad", "root.stated",
                                 "assert.deadlock_free"));
  EXPECT_EQ(program.rules.front()->name, "core.range");
  EXPECT_TRUE(program.rules.front()->core);
}

TEST_F(CheckProgramTest, InterfacesFallBackOnTheirDefaults) {
  const Program& program = check(R"(
interface Driver {
  fn start() -> bool
  fn name() -> int 0..9 = 0
}
machine A() implements Driver {
  fn start() -> bool { return true }
}
machine M(d: ref Driver) {
  ok: bool
  thread t { if d.start() { ok = d.name() == 0 } }
}
machine Top() {
  a: A()
  m: M(a)
})");
  const MachineDecl& a = machine("root.A");
  ASSERT_EQ(a.implements.size(), 1u);
  EXPECT_EQ(a.implements[0].functions[0], &member<FunctionDecl>(a, "start"));
  EXPECT_EQ(a.implements[0].functions[1], program.interfaces[0]->functions[1].get());
  EXPECT_THAT(program.interfaces[0]->implementers, ElementsAre(&a));
  EXPECT_EQ(member<InstanceDecl>(machine("root.Top"), "m").arguments[0].value->type->machine, &a);
}

TEST_F(CheckProgramTest, FunctionsAreArgumentsOfMachines) {
  check(R"(
machine Line(isr: fn() -> bool) {
  thread t {
    if isr() { pass }
  }
}
machine Nic() {
  line: Line(isr)
  other: Line(helper.isr)
  helper: Helper()
  fn isr() -> bool { return true }
}
machine Helper() { fn isr() -> bool = false })");
  const MachineDecl& nic = machine("root.Nic");
  const auto* own = as<FunctionRefExpr>(member<InstanceDecl>(nic, "line").arguments[0].value);
  ASSERT_THAT(own, NotNull());
  EXPECT_EQ(own->function, &member<FunctionDecl>(nic, "isr"));
  EXPECT_EQ(own->object, nullptr);
  const auto* others = as<FunctionRefExpr>(member<InstanceDecl>(nic, "other").arguments[0].value);
  ASSERT_THAT(others, NotNull());
  EXPECT_THAT(as<InstanceExpr>(others->object), NotNull());
}

TEST_F(CheckProgramTest, LoopsAreUnrolledOnlyOverFixedValues) {
  check(R"(
const N = 3
machine A(k: int 1..4) {
  n: int 0..5
  q: queue<int 0..3, 4>
  thread t {
    for i in 0..N - 1 { pass }
    for i in 1..k { pass }
    for i in 0..n { pass }
    for x in q { pass }
    for c in Cpu { pass }
    for a in A { pass }
  }
})");
  const auto& body = member<ContextDecl>(machine("root.A"), "t").body;
  const auto loop = [&](std::size_t i) -> const ForStmt& { return std::get<ForStmt>(body[i]->node); };
  EXPECT_EQ(loop(0).variable->kind, VariableDecl::Kind::Bound);
  EXPECT_EQ(loop(1).variable->kind, VariableDecl::Kind::Bound);
  EXPECT_EQ(loop(2).variable->kind, VariableDecl::Kind::Local);
  EXPECT_THAT(loop(2).hi, NotNull());
  EXPECT_THAT(loop(3).collection, NotNull());
  EXPECT_EQ(loop(4).variable->type->kind, Type::Kind::Cpu);
  EXPECT_EQ(loop(5).variable->type->machine, &machine("root.A"));
}

TEST_F(CheckProgramTest, DefaultsAndNamesFillTheArguments) {
  const Program& program = check(R"(
fn f(a: int 0..9, b: int 0..9 = 4, c: bool = true) -> int 0..9 = c ? a : b
machine A() { invariant f(1, c: false) == 4 })");
  const auto& property = std::get<std::unique_ptr<PropertyDecl>>(machine("root.A").members[0]);
  const auto* call = as<CallExpr>(as<BinaryExpr>(property->condition)->left);
  ASSERT_THAT(call, NotNull());
  EXPECT_EQ(call->function, program.functions[0].get());
  ASSERT_EQ(call->arguments.size(), 3u);
  EXPECT_EQ(as<LiteralExpr>(call->arguments[1])->value, 4);
  EXPECT_EQ(as<LiteralExpr>(call->arguments[2])->value, 0);
}

TEST_F(CheckProgramTest, ConstantsMayBeUsedBeforeTheirDeclaration) {
  check(R"(
machine A() {
  n: int 0..LAST
  m: int 0..twice(2)
  const LAST = SIZE - 1
}
const SIZE = twice(4)
fn twice(x: int 0..9) -> int 0..18 = x * 2)");
  EXPECT_THAT(diagnostics_.sorted(), IsEmpty());
}

TEST_F(CheckProgramTest, LabelsAreAskedThroughThreadsAndInstances) {
  check(R"(
machine A() {
  thread t { waiting: pass }
  never at waiting && at t.waiting
}
machine B() {
  a: A()
  never at a.waiting || at a.t.waiting
})");
  EXPECT_EQ(program_->labels.size(), 1u);
}

TEST_F(CheckProgramTest, ChecksKnowTheirRulesAndBindings) {
  library_ = {{"bus/bus.qsm", "module bus\nparam slow: bool = false\nrule bus.quiet { title \"t\" }\n"}};
  const Program& program = check(R"(module m
use bus
machine A() { invariant good: true }
system S(n: int 1..2 = 1) { cpus n a: A() }
check S for bus.*, good except core.range with n in 1..2, bus.slow = true
  expect violated bus.quiet, ...
)");
  ASSERT_EQ(program.checks.size(), 1u);
  const CheckDecl& check = *program.checks[0];
  EXPECT_EQ(check.rules[0].name, "bus.");
  EXPECT_TRUE(check.rules[0].prefix);
  EXPECT_EQ(check.rules[1].name, "m.A.good");
  EXPECT_EQ(check.with[0].parameter->name, "n");
  EXPECT_THAT(check.with[0].lo, NotNull());
  EXPECT_EQ(check.with[1].parameter->kind, VariableDecl::Kind::Param);
  EXPECT_TRUE(check.expect[0].at_least);
  EXPECT_EQ(check.expect[0].rules[0]->name, "bus.quiet");
}

TEST_F(CheckProgramTest, ChecksOfUsedModulesAreNotTaken) {
  library_ = {{"bus/bus.qsm", "module bus\nsystem S() { cpus 1 }\ncheck S\n"}};
  EXPECT_THAT(check("module m\nuse bus\n").checks, IsEmpty());
}

TEST_F(CheckProgramTest, WarnsOfWhatIsNeverReached) {
  check("fn f() -> bool {\n  return true\n  pass\n}\n");
  ASSERT_EQ(diagnostics_.sorted().size(), 1u);
  EXPECT_EQ(diagnostics_.sorted()[0].severity, Severity::Warning);
  EXPECT_EQ(diagnostics_.sorted()[0].code, "W0401");
}

TEST_F(CheckProgramTest, BlockingIsFineAtTheFrontOfAStep) {
  check(R"(
machine A() {
  x: bool
  fn wait_() { await x }
  atomic fn take() {
    await x
    x = false
  }
  thread t {
    atomic { await x  x = false }
    atomic { wait_()  x = false }
    take()
  }
})");
}

TEST_F(CheckProgramTest, SyntaxErrorsEndTheWork) {
  const LoadedModules modules =
      load_modules("root.qsm", "machine {", MemoryFiles(), MemoryFiles(), sources_, diagnostics_);
  const std::size_t errors = diagnostics_.error_count();
  EXPECT_EQ(check_program(modules, diagnostics_), nullptr);
  EXPECT_EQ(diagnostics_.error_count(), errors);
}

TEST_F(CheckProgramTest, TheEmbeddedLibraryIsRight) {
  const EmbeddedLibrary library;
  for (const std::string& folder : library.list("")) {
    if (!folder.ends_with('/')) continue;
    const std::string family = folder.substr(0, folder.size() - 1);
    const std::vector<std::string> files = library.list(folder.substr(0, folder.size() - 1));
    const bool is_family =
        std::any_of(files.begin(), files.end(), [](const auto& file) { return file.ends_with(".qsm"); });
    if (!is_family) continue;  // specs/systems holds designs only
    SourceMap sources;
    Diagnostics diagnostics;
    const LoadedModules modules =
        load_modules("root.qsm", "module root\nuse " + family + "\n", library, MemoryFiles(), sources, diagnostics);
    EXPECT_THAT(check_program(modules, diagnostics), NotNull()) << render(diagnostics, sources);
  }
}

}  // namespace
}  // namespace quiesce::model::types

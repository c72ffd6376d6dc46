// What messages advise is itself right: every example of the table of well-known foreign names, put where the table
// says that it may stand, is accepted; and a text in which the advice of a message was taken has no mistake any more.
#include <gtest/gtest.h>

#include <string>

#include "model/syntax/foreign_names.h"
#include "model/types/check_program.h"

namespace quiesce::model::types {
namespace {

using syntax::ForeignName;

/// A design that declares what the examples speak of, with room for one member and one statement.
std::string design(const std::string& member, const std::string& statement) {
  return R"(module advice
use std
use wdm

machine Unit(line: ref wdm.Line) {
  hw: wdm.InterruptingDevice(line)
  intr: wdm.InterruptObject(line, isr)
  dpc: wdm.Dpc(routine)
  item: wdm.WorkItem(routine)
  gate: wdm.SpinLock()
  done: std.Event()
  other: std.Event()
  buffer: wdm.Context()
  lock: mutex
  count: int 0..3 = 0
  ready: bool = false
  status: wdm.Status = STATUS_SUCCESS
  )" + member +
         R"(
  fn isr() -> bool { return true }
  fn routine() { pass }
  fn work() { )" +
         statement + R"( }
}

system S {
  line: wdm.Line(level, 5)
  unit: Unit(line)
}
)";
}

std::string with_pass(std::string_view example) {
  std::string text(example);
  if (const std::size_t dots = text.find("..."); dots != std::string::npos) text.replace(dots, 3, "pass");
  return text;
}

std::string design_for(const ForeignName& entry) {
  const std::string example = with_pass(entry.example);
  switch (entry.as) {
    case ForeignName::As::Statement:
      return design("", example);
    case ForeignName::As::Value:
      return design("", "assert (" + example + ") == (" + example + ")");
    case ForeignName::As::Type:
      return design("fn takes(it: " + example + ") { pass }", "pass");
    case ForeignName::As::Member:
      return design(example, "pass");
    case ForeignName::As::Nothing:
      break;
  }
  return design("", "pass");
}

std::string problems_of(const std::string& text) {
  SourceMap sources;
  Diagnostics diagnostics;
  const LoadedModules modules =
      load_modules("advice.qsm", text, EmbeddedLibrary(), MemoryFiles(), sources, diagnostics);
  if (!diagnostics.has_errors()) check_program(modules, diagnostics);
  return diagnostics.has_errors() ? render(diagnostics, sources) : "";
}

TEST(ForeignNames, TheirAdviceIsAccepted) {
  for (const ForeignName& entry : syntax::foreign_names()) {
    EXPECT_EQ(problems_of(design_for(entry)), "") << entry.name << ": " << entry.example;
  }
}

TEST(ForeignNames, SayWhatToWriteOrWhyNothing) {
  for (const ForeignName& entry : syntax::foreign_names()) {
    EXPECT_EQ(entry.example.empty(), entry.as == ForeignName::As::Nothing) << entry.name;
    EXPECT_NE(syntax::foreign_advice(entry), "") << entry.name;
  }
}

/// A mistake, what the message about it says to write, and the text after that was done.
struct Mistake {
  const char* wrong;
  const char* advice;
  const char* right;
};

void expect_advice(const Mistake& mistake, const std::string& wrong, const std::string& right) {
  const std::string problems = problems_of(wrong);
  EXPECT_NE(problems.find(std::string("'") + mistake.advice + "'"), std::string::npos) << mistake.wrong << "\n"
                                                                                       << problems;
  EXPECT_EQ(problems_of(right), "") << mistake.right;
}

TEST(Advice, OfStatementsIsRight) {
  const Mistake mistakes[] = {
      {"result = wdm.IoConnectInterruptEx(intr)", "var result = wdm.IoConnectInterruptEx(intr)",
       "var result = wdm.IoConnectInterruptEx(intr)"},
      {"tries = 0", "var tries: int 0..10 = 0", "var tries: int 0..10 = 0"},
      {"tries += 1", "var tries: int 0..10 = 0", "var tries: int 0..10 = 0 tries += 1"},
      {"int tries = 0", "var tries: int lo..hi = ...", "var tries: int 0..3 = 0"},
      {"NTSTATUS result = STATUS_SUCCESS", "var result: wdm.Status = ...", "var result: wdm.Status = STATUS_SUCCESS"},
      {"if count { pass }", "count != 0", "if count != 0 { pass }"},
      {"if !count { pass }", "count == 0", "if count == 0 { pass }"},
      {"if status { pass }", "status == STATUS_SUCCESS", "if status == STATUS_SUCCESS { pass }"},
      {"if status == 0 { pass }", "status == STATUS_SUCCESS", "if status == STATUS_SUCCESS { pass }"},
      {"if ready == 0 { pass }", "!ready", "if !ready { pass }"},
      {"if !dpc.queued_on { pass }", "dpc.queued_on == null", "if dpc.queued_on == null { pass }"},
      {"while 1 { pass }", "loop { ... }", "loop { pass }"},
      {"at DISPATCH_LEVEL { pass }", "DISPATCH", "at DISPATCH { pass }"},
      {"wdm.KeInsertQueueDpc(&dpc)", "dpc", "wdm.KeInsertQueueDpc(dpc)"},
      {"hw.enable", "hw.enable()", "hw.enable()"},
      {"count = count()", "count", "count = count"},
      {"with gate { pass }", "wdm.KeAcquireSpinLock(gate)", "var old = wdm.KeAcquireSpinLock(gate)"},
      {"KeInsertQueueDpc(dpc)", "wdm.KeInsertQueueDpc", "wdm.KeInsertQueueDpc(dpc)"},
      {"Count = 1", "count", "count = 1"},
  };
  for (const Mistake& mistake : mistakes) expect_advice(mistake, design("", mistake.wrong), design("", mistake.right));
}

TEST(Advice, OfMembersIsRight) {
  const Mistake mistakes[] = {
      {"late: wdm.Dpc(routine())", "routine", "late: wdm.Dpc(routine)"},
      {"watchdog: wdm.Timer(routine)", "late: wdm.Dpc(routine)", "late: wdm.Dpc(routine) watchdog: wdm.Timer(late)"},
      {"watchdog: wdm.Timer()", "dpc", "watchdog: wdm.Timer(dpc)"},
      {"other_line: wdm.Line(5, level)", "wdm.Line(level, 5)", "other_line: wdm.Line(level, 5)"},
      {"n: int(0..3)", "int 0..3", "n: int 0..3"},
      {"fn f(): bool { return true }", "-> bool", "fn f() -> bool { return true }"},
      {"handler h when ready { pass }", "handler h at 5 when condition { ... }", "handler h at 5 when ready { pass }"},
      {"bool set_", "set_: bool", "set_: bool"},
  };
  for (const Mistake& mistake : mistakes) {
    expect_advice(mistake, design(mistake.wrong, "pass"), design(mistake.right, "pass"));
  }
}

TEST(ForeignNames, TheLongestPatternCounts) {
  EXPECT_EQ(syntax::foreign_name("KeInitializeDpc")->name, "KeInitialize*");
  EXPECT_EQ(syntax::foreign_name("KeSetEvent")->name, "KeSetEvent");
  EXPECT_EQ(syntax::foreign_name("KeSetPriorityThread")->name, "Ke*");
  EXPECT_EQ(syntax::foreign_name("KeSetPriorityThread", true), nullptr);
  EXPECT_EQ(syntax::foreign_name("Keyboard"), nullptr);
  EXPECT_EQ(syntax::foreign_name("spin_lock_irqsave")->name, "spin_lock*");
  EXPECT_EQ(syntax::foreign_name("spin_lockout"), nullptr);
}

}  // namespace
}  // namespace quiesce::model::types

// What messages advise is itself right: every example of the table of well-known foreign names, put where the table
// says that it may stand, is accepted.
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

// Whose a variable is: every way to change one × every place where text stands × what declares it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/types/check_program.h"

namespace quiesce::model::types {
namespace {

using ::testing::HasSubstr;

constexpr const char* kBus = R"(module bus
enum Power { down, up }
struct Pair { a: int 0..3, b: int 0..3 }
machine Port() {
  power: Power = down
  count: int 0..9 = 0
  pair: Pair
  table: array<int 0..3, 2>
  line: queue<int 0..3, 2>
  seen: set<int 0..3>
  maybe: Pair? = null
  open shared: int 0..9 = 0
  open waiting: queue<int 0..3, 2>
  lock: mutex
  thread clock { loop { table[0] = 1 } }
  atomic fn switch_on() { power = up }
  atomic fn switch_off(wait: bool = false) { power = down }
  atomic fn start(speed: int 0..3) { power = up  count = speed }
  muted: bool = false
  atomic fn silence() { muted = true }
  atomic fn carry_out() { if count > 0 { silence() } }
  atomic fn mute() { if count > 1 { carry_out() } else { muted = true } }
}
object machine Buffer() { used: bool = false }
fn Reset(port: ref Port, hard: bool) { if hard { port.switch_off() } }
fn ResetAll(port: ref Port) { Reset(port, true) }
atomic fn Count(port: ref Port) -> int 0..9 { return port.count }
)";

/// The errors about whose a variable is, in the text of a root module with bus beside it.
class Ownership : public ::testing::Test {
 protected:
  std::size_t foreign(const std::string& text, bool* other_errors) {
    sources_ = SourceMap();
    diagnostics_ = Diagnostics();
    const std::map<std::string, std::string> library{{"bus/bus.qsm", kBus}};
    const LoadedModules modules =
        load_modules("root.qsm", text, MemoryFiles(library), MemoryFiles(), sources_, diagnostics_);
    check_program(modules, diagnostics_);
    std::size_t count = 0;
    *other_errors = false;
    for (const Diagnostic& finding : diagnostics_.sorted()) {
      if (finding.code == "E0420") ++count;
      *other_errors |= finding.code != "E0420" && finding.severity == Severity::Error;
    }
    return count;
  }

  std::string note_of(const std::string& statement) {
    bool other = false;
    foreign("module root\nuse bus\nmachine User(port: ref bus.Port) { thread t { " + statement + " } }\n", &other);
    for (const Diagnostic& finding : diagnostics_.sorted()) {
      if (finding.code == "E0420" && !finding.notes.empty()) return finding.notes.front();
    }
    return "";
  }

  SourceMap sources_;
  Diagnostics diagnostics_;
};

struct Change {
  const char* statement;
  bool assigns;  // a variable of bus that is not open
};

const Change kChanges[] = {
    {"port.power = up", true},
    {"port.count = 1", true},
    {"port.count += 1", true},
    {"port.count -= 1", true},
    {"port.pair = bus.Pair(1, 2)", true},
    {"port.pair.a = 1", true},
    {"port.maybe.a = 1", true},
    {"port.table[1] = 1", true},
    {"port.line.push(1)", true},
    {"port.line.pop()", true},
    {"port.line.remove(1)", true},
    {"port.line.clear()", true},
    {"port.seen = {}", true},
    {"port.seen.add(1)", true},
    {"port.seen.remove(1)", true},
    {"port.seen.clear()", true},
    {"port.shared = 1", false},
    {"port.shared += 1", false},
    {"port.waiting.push(1)", false},
    {"mine = port.count", false},
    {"pair.a = port.pair.b", false},
    {"pair = port.pair", false},
    {"buffer.used = true", true},
};

TEST_F(Ownership, CoversEveryWayToChangeAVariableWhereverItStands) {
  const struct {
    const char* name;
    std::string before, behind;
  } kPlaces[] = {
      {"a thread", "thread t {", "}"},
      {"a handler", "handler h at 5 when mine == 0 {", "}"},
      {"accept", "handler h at 5 when mine == 0 { accept {", "} }"},
      {"an action", "action a {", "}"},
      {"a function", "fn f() {", "}"},
      {"an atomic function", "atomic fn f() {", "}"},
      {"a branch", "thread t { loop { if mine == 0 { atomic { either {", "} or { pass } } } } }"},
  };
  for (const Change& change : kChanges) {
    for (const auto& place : kPlaces) {
      for (const char* family : {"root", "bus.more"}) {
        const std::string text = std::string("module ") + family +
                                 "\nuse bus\nmachine User(port: ref bus.Port, buffer: ref bus.Buffer) {\n" +
                                 "mine: int 0..9 = 0\npair: bus.Pair\n" + place.before + change.statement +
                                 place.behind + "\n}\n";
        bool other = false;
        const std::size_t found = foreign(text, &other);
        EXPECT_EQ(found, change.assigns && family[0] == 'r' ? 1u : 0u) << text << render(diagnostics_, sources_);
        EXPECT_FALSE(other) << text << render(diagnostics_, sources_);
      }
    }
  }
}

TEST_F(Ownership, ReadingCallingAndLockingAreFree) {
  bool other = false;
  EXPECT_EQ(foreign(R"(module root
use bus
machine Own { x: int 0..9 = 0 }
fn set(own: ref Own, port: ref bus.Port) { own.x = port.count }
system S {
  port: bus.Port()
  buffer: bus.Buffer()
  own: Own()
  seen: int 0..9 = 0
  begins: bus.Power = any
  thread t {
    init buffer
    port.switch_on()
    bus.Reset(port, false)
    seen = bus.Count(port)
    acquire port.lock
    release port.lock
    with port.lock { pass }
    set(own, port)
    own.x += 1
    for n in port.line { seen = n }
    choose n: int 0..3 where n in port.seen
    var copy = port.pair
    copy.a = 2
    free buffer
  }
}
)",
                    &other),
            0u)
      << render(diagnostics_, sources_);
  EXPECT_FALSE(other) << render(diagnostics_, sources_);
}

TEST_F(Ownership, TheMessageNamesWhatToCall) {
  // The functions that assign the same value, by their documented form first: those that take the object.
  EXPECT_EQ(note_of("port.power = down"), "call 'bus.Reset(port, ...)' or 'bus.ResetAll(port)'");
  EXPECT_EQ(note_of("port.power = up"), "call 'port.switch_on()' or 'port.start(...)'");
  EXPECT_EQ(note_of("port.count = 7"), "call 'port.start(...)'");
  EXPECT_EQ(note_of("port.muted = true"), "call 'port.mute()'") << "the others are parts of it";
  EXPECT_EQ(note_of("port.seen.clear()"), "no function of family 'bus' assigns it");
  EXPECT_EQ(note_of("port.table[0] = 2"), "no function of family 'bus' assigns it") << "a thread does";
}

TEST_F(Ownership, AFamilyMayNotAssignWhatAnotherOneDeclares) {
  const std::map<std::string, std::string> library{
      {"bus/bus.qsm", kBus}, {"card/card.qsm", "module card\nuse bus\nfn f(p: ref bus.Port) { p.count = 1 }\n"}};
  const LoadedModules modules =
      load_modules("root.qsm", "module root\nuse card\n", MemoryFiles(library), MemoryFiles(), sources_, diagnostics_);
  EXPECT_EQ(check_program(modules, diagnostics_), nullptr);
  EXPECT_THAT(render(diagnostics_, sources_), HasSubstr("may be assigned only by text of family 'bus'"));
}

}  // namespace
}  // namespace quiesce::model::types

// Warnings: misspelt callbacks and what no system reaches; what texts and options allow and deny.
#include "model/types/warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/types/check_program.h"

namespace quiesce::model::types {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kBusWithWarnings = R"(module bus
interface Client {
  fn start()
  fn power_down() { pass }
  fn power_up() { pass }
}
machine Manager(client: ref Client) {
  thread t { client.start()  client.power_down()  client.power_up() }
  fn unused() { pass }
}
machine Caller(work: fn()) { thread t { work() } }
)";

class Warnings : public ::testing::Test {
 protected:
  /// "W0404 7: no system ..." of a root module that uses bus: code, line and message of each finding.
  std::vector<std::string> findings(const std::string& text, const WarningOptions& options = {}) {
    sources_ = SourceMap();
    Diagnostics diagnostics;
    const std::map<std::string, std::string> library{{"bus/bus.qsm", kBusWithWarnings}};
    const LoadedModules modules =
        load_modules("root.qsm", text, MemoryFiles(library), MemoryFiles(), sources_, diagnostics);
    check_program(modules, diagnostics);
    const Diagnostics settled_ones = settled(diagnostics, modules, options);
    std::vector<std::string> result;
    notes_.clear();
    for (const Diagnostic& finding : settled_ones.sorted()) {
      const auto line = sources_.file(finding.span.file).position(finding.span.begin).line;
      const char* kind = finding.severity == Severity::Error ? "error " : "";
      result.push_back(kind + finding.code + " " + std::to_string(line) + ": " + finding.message);
      for (const std::string& note : finding.notes) notes_ += note + "\n";
    }
    return result;
  }

  static std::string client(const std::string& members, const std::string& system = "manager: bus.Manager(card)") {
    return "module root\nuse bus\nmachine Card() implements bus.Client {\nfn start() { pass }\n" + members +
           "\n}\nsystem S {\ncard: Card()\n" + system + "\n}\ncheck S\n";
  }

  SourceMap sources_;
  std::string notes_;
};

TEST_F(Warnings, ACallbackThatIsNearlyNamedSo) {
  for (const char* name :
       {"powerDown", "PowerDown", "POWER_DOWN", "powerdown", "power_dwon", "pwer_down", "power_down2"}) {
    EXPECT_THAT(findings(client(std::string("fn ") + name + "() { pass }")),
                ElementsAre("W0403 5: nothing calls '" + std::string(name) +
                            "', and 'Card' leaves 'power_down' of interface 'bus.Client' to its default"))
        << name;
    EXPECT_THAT(notes_, HasSubstr("did you mean 'power_down'?"));
  }
}

TEST_F(Warnings, ACallbackThatIsWellNamedOrCalledIsFine) {
  EXPECT_THAT(findings(client("fn power_down() { pass }")), IsEmpty());
  EXPECT_THAT(findings(client("fn power_up() { powerDown() }\nfn powerDown() { pass }")), IsEmpty());
  EXPECT_THAT(findings(client("fn power_down() { pass }\nfn powerDown() { pass }")),
              ElementsAre("W0404 6: no system of this file reaches 'powerDown'"));
}

TEST_F(Warnings, AnEmptySystemStillHasMisspeltCallbacks) {
  EXPECT_THAT(
      findings("module root\nuse bus\nmachine Card implements bus.Client {\nfn start() { pass }\nfn powerUp() { pass "
               "}\nfn other() { pass }\n}\n"),
      ElementsAre("W0403 5: nothing calls 'powerUp', and 'Card' leaves 'power_up' of interface 'bus.Client' to "
                  "its default"));
}

TEST_F(Warnings, AFunctionIsReachedInManyWays) {
  const char* kWays[] = {
      "thread t { helper() }\nfn helper() { pass }",
      "handler h at 5 when helper() { pass }\nfn helper() -> bool = true",
      "x: bool = false\naction a when helper() { x = true }\nfn helper() -> bool = true",
      "x: bool = false\naction a = helper()\natomic fn helper() { x = true }",
      "invariant helper()\nfn helper() -> bool = true",
      "fn power_up() { one() }\nfn one() { two() }\nfn two() { pass }",
      "caller: bus.Caller(helper)\nfn helper() { pass }",
      "const C = true\nif C { caller: bus.Caller(helper) }\nfn helper() { pass }",
      "busy when helper()\nfn helper() -> bool = true",
  };
  for (const char* way : kWays) EXPECT_THAT(findings(client(way)), IsEmpty()) << way;
}

TEST_F(Warnings, WhatNoSystemReaches) {
  EXPECT_THAT(
      findings(client("fn one() { two() }\nfn two() { pass }")),
      ElementsAre("W0404 5: no system of this file reaches 'one'", "W0404 6: no system of this file reaches 'two'"));
  EXPECT_THAT(findings(client("", "")), ElementsAre("W0404 4: no system of this file reaches 'start'"));
  EXPECT_THAT(findings(client("", "spare: bool = false") + "machine Spare { fn f() { pass } }\n"),
              ElementsAre("W0404 4: no system of this file reaches 'start'",
                          "W0404 12: no system of this file has an instance of 'Spare'"));
  EXPECT_THAT(findings("module root\nmachine A { fn f() { pass } }\n"), IsEmpty()) << "part of a design";
}

TEST_F(Warnings, ATextAllowsThemWithAReason) {
  EXPECT_THAT(findings(client("fn one() { pass }  // quiesce: allow W0404 because the guide needs it")), IsEmpty());
  EXPECT_THAT(findings(client("// quiesce: allow W0404 because of the next chapter\nfn one() { pass }")), IsEmpty());
  EXPECT_THAT(findings(client("// quiesce: allow W0401, W0404 because why not\n/// What it does.\nfn one() { pass }")),
              IsEmpty());
  EXPECT_THAT(findings(client("// quiesce: allow W0403 because why not\nfn one() { pass }")),
              ElementsAre("W0405 5: this allows nothing: there is no such warning here",
                          "W0404 6: no system of this file reaches 'one'"));
  EXPECT_THAT(findings(client("// quiesce: allow W0404 because why not\n\nfn one() { pass }")),
              ElementsAre("W0405 5: this allows nothing: there is no such warning here",
                          "W0404 7: no system of this file reaches 'one'"));
}

TEST_F(Warnings, AnAllowanceThatIsWrongIsOne) {
  const auto found = [&](const std::string& comment) {
    return findings("module root\n// quiesce: " + comment + "\nmachine A { }\n");
  };
  EXPECT_THAT(found("allow W0404"), ElementsAre("W0406 2: a warning is allowed for a reason, which is missing"));
  EXPECT_THAT(found("allow W0404 because"),
              ElementsAre("W0406 2: a warning is allowed for a reason, which is missing"));
  EXPECT_THAT(found("allow because of me"), ElementsAre("W0406 2: the code of what is allowed is missing"));
  EXPECT_THAT(found("allow E0201 because of me"), ElementsAre("W0406 2: 'E0201' is not the code of a warning"));
  EXPECT_THAT(found("deny W0404 because of me"), ElementsAre("W0406 2: this says nothing that is understood"));
  EXPECT_THAT(found("allow W0404 because nothing is there"),
              ElementsAre("W0405 2: this allows nothing: there is no such warning here"));
}

TEST_F(Warnings, OptionsAllowAndDeny) {
  const std::string text = client("fn one() { pass }");
  const std::string message = "W0404 5: no system of this file reaches 'one'";
  EXPECT_THAT(findings(text, {{"W0404"}, {}}), IsEmpty());
  EXPECT_THAT(findings(text, {{"all"}, {}}), IsEmpty());
  EXPECT_THAT(findings(text, {{"W0401"}, {}}), ElementsAre(message));
  EXPECT_THAT(findings(text, {{}, {"W0404"}}), ElementsAre("error " + message));
  EXPECT_THAT(notes_, HasSubstr("--deny W0404"));
  EXPECT_THAT(findings(text, {{}, {"all"}}), ElementsAre("error " + message));
  EXPECT_THAT(findings(text, {{"all"}, {"W0404"}}), ElementsAre("error " + message));
  EXPECT_THAT(findings(text, {{"all"}, {"all"}}), ElementsAre("error " + message));
  EXPECT_THAT(findings(text, {{"W0404"}, {"all"}}), IsEmpty()) << "a code counts before all";
  // What the text allows is not denied.
  EXPECT_THAT(findings(client("fn one() { pass }  // quiesce: allow W0404 because I say so"), {{}, {"all"}}),
              IsEmpty());
}

TEST_F(Warnings, ErrorsComeFirst) {
  EXPECT_THAT(findings(client("fn one() { nothing() }  // quiesce: allow W0401 because I say so")),
              ElementsAre("error E0201 5: unknown name 'nothing'"));
}

}  // namespace
}  // namespace quiesce::model::types

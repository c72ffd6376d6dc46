// Ctrl-C, SIGTERM and --time end every phase of a command soon, with a word and the documented exit code: each case
// is a design that keeps the command long in one phase.
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kSoon = 3;  // about a second, on a machine that does other things as well

/// While the text is read or names and types are checked, as fast as the machine is.
constexpr const char* kWhileLoading = " while ";

std::string repeat(int count, const std::string& between, const std::function<std::string(int)>& part) {
  std::string text;
  for (int i = 0; i < count; ++i) text += (i == 0 ? "" : between) + part(i);
  return text;
}

std::string number(int n) { return std::to_string(n); }

/// A thread of so many statements, which merge into a few steps.
std::string long_thread(int statements) {
  return "module long\nsystem S {\n  x: int 0..10\n  thread t {\n" +
         repeat(statements, "\n", [](int i) { return "    x = " + number(i % 5); }) + "\n  }\n}\ncheck S\n";
}

struct Phase {
  std::string name;
  std::function<std::string()> text;  // of phase.qsm; made when it is wanted, so that this process stays small
  std::string command;                // after "quiesce"
  int after_ms;                       // when the signal is sent, and the limit on time
  std::string said;                   // in what is printed
};

const std::vector<Phase>& phases() {
  static const std::vector<Phase> all = {
      {"Loading", [] { return long_thread(900000); }, "check -q phase.qsm", 1000, kWhileLoading},
      {"LoadingToShow", [] { return long_thread(900000); }, "show phase.qsm", 1000, kWhileLoading},
      {"LoadingToExport", [] { return long_thread(900000); }, "export --to murphi phase.qsm", 1000, kWhileLoading},
      {"LoadingToTest", [] { return long_thread(900000); }, "test phase.qsm", 1000, kWhileLoading},
      {"Unfolding",
       [] {
         return "module many\nsystem S(a: int 1..4000 = 1) {\n  x: int 0..9\n  thread t {\n" +
                repeat(400, "\n", [](int i) { return "    x = (x + a) % " + number(i % 9 + 1); }) +
                "\n  }\n}\ncheck S with a in 1..4000\n";
       },
       "check -q phase.qsm", 1500, "nothing was searched"},
      {"Preparing",  // which of 4,000 instances are interchangeable
       [] {
         return std::string(
             "module inst\nmachine M() {\n  a: bool\n  action go when !a { a = true }\n}\nsystem S {\n  m[i: int "
             "0..3999]: "
             "M()\n"
             "  never all: forall x: ref M: x.a\n}\n");
       },
       "check -q phase.qsm", 1500, "search not complete"},
      {"InitialStates",
       [] {
         return std::string(
             "module first\nsystem S {\n  x: int 0..2000000000 = any where x * x % 1000003 == 1000002\n  action t { x "
             "= 0 }\n}\n");
       },
       "check -q phase.qsm", 500, "search not complete"},
      {"InitialStatesToExport",
       [] {
         return std::string(
             "module first\nsystem S {\n  x: int 0..2000000000 = any where x * x % 1000003 == 1000002\n  action t { x "
             "= 0 }\n}\n");
       },
       "export --to promela phase.qsm", 1200, "nothing was exported"},
      {"Choices",
       [] {
         return std::string(
             "module choice\nsystem S {\n  x: int 0..10\n"
             "  action t when x < 10 { choose i: int 0..2000000000 where i % 1000 == 1001  x += 1 }\n}\n");
       },
       "check -q phase.qsm", 500, "search not complete"},
      {"Searching", nullptr, "check -q large.qsm", 500, "search not complete"},
      {"Hunting", nullptr, "check -q --search random --searches 1000000 large.qsm", 500, "search not complete"},
      {"Covering", nullptr, "check -q --coverage --states 100000000 large.qsm", 500, ""},
  };
  return all;
}

class Phases : public ::testing::TestWithParam<Phase> {
 protected:
  Phases() {
    if (GetParam().text == nullptr) return;
    std::ofstream(workplace_.folder() / "phase.qsm", std::ios::binary) << GetParam().text();
  }

  void expect_ended(const Outcome& outcome, const std::string& reason) const {
    EXPECT_EQ(outcome.code, 3) << outcome.err << outcome.out;
    const std::string said = outcome.out + outcome.err;
    EXPECT_THAT(said, HasSubstr(reason));
    EXPECT_THAT(said, HasSubstr(GetParam().said));
    EXPECT_THAT(outcome.out, Not(AnyOf(HasSubstr("  holds"), HasSubstr("not exercised"))));
  }

  const Workplace workplace_;
};

TEST_P(Phases, EndAtASignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Outcome outcome = workplace_.run("exec quiesce " + GetParam().command, GetParam().after_ms, signal);
    expect_ended(outcome, "interrupted");
    EXPECT_LT(outcome.seconds, kSoon);
  }
}

TEST_P(Phases, EndAtALimitOnTime) {
  const std::string time = " --time " + number(GetParam().after_ms) + "ms";
  const Outcome outcome = workplace_.run("exec quiesce " + GetParam().command + time);
  expect_ended(outcome, "time limit reached");
  // Loading and coverage are as long as the search, each.
  EXPECT_LT(outcome.seconds, 3 * GetParam().after_ms / 1000.0 + kSoon);
}

INSTANTIATE_TEST_SUITE_P(All, Phases, ::testing::ValuesIn(phases()),
                         [](const auto& named) { return named.param.name; });

/// Where a violation is found, the way to it is looked for, executed again and told: a signal ends that too, and the
/// violation stands. `at` is a part of the time that all takes.
TEST(Evidence, EndsAtASignal) {
  const Workplace workplace;
  const int steps = 5000;
  const std::string n = number(steps);
  std::ofstream(workplace.folder() / "far.qsm")
      << "module far\nsystem S {\n  n: int 0.." + n + "\n  b: array<bool, 7>\n  action count when n < " + n +
             " { n += 1 }\n  action toggle { choose i: int 0..6  b[i] = !b[i] }\n  never arrived: n == " + n +
             " && b[0]\n}\ncheck S\n";
  const Outcome whole = workplace.run("exec quiesce check far.qsm");
  ASSERT_EQ(whole.code, 1) << whole.err;
  for (const double part : {0.3, 0.6, 0.8, 0.9, 0.97}) {
    for (const int signal : {SIGINT, SIGTERM}) {
      const Outcome outcome =
          workplace.run("exec quiesce check far.qsm", static_cast<int>(whole.seconds * part * 1000), signal);
      EXPECT_LT(outcome.seconds, kSoon) << part;
      ASSERT_THAT(outcome.code, AnyOf(1, 3)) << outcome.err;
      EXPECT_THAT(outcome.out, HasSubstr(outcome.code == 1 ? "VIOLATED  far.S.arrived" : "interrupted"));
    }
  }
}

}  // namespace
}  // namespace quiesce::cli

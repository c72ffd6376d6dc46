// Limits hold in every phase of a run, and at a limit what was found is said: the command as a child, with the clock,
// its open files and its peak of memory watched from outside.
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <fstream>
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

void write(const Workplace& workplace, const std::string& name, const std::string& text) {
  std::ofstream(workplace.folder() / name, std::ios::binary) << text;
}

/// A counter that must go to its end, beside switches that multiply the states: levels are too many and too large to
/// be kept by the first search, and the way to the violation is as long as the counter.
std::string far_away(int steps, int switches) {
  const std::string n = std::to_string(steps);
  const std::string s = std::to_string(switches);
  return "module far\nsystem S {\n  n: int 0.." + n + "\n  b: array<bool, " + s + ">\n  action count when n < " + n +
         " { n += 1 }\n  action toggle { choose i: int 0.." + std::to_string(switches - 1) +
         "  b[i] = !b[i] }\n  never arrived: n == " + n + " && b[0]\n}\ncheck S\n";
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST(Limits, AViolationStandsWithoutTimeForItsRun) {
  const Workplace workplace;
  write(workplace, "far.qsm", far_away(20000, 7));
  // First how long the search for states alone takes here: the limit is to come while the run is looked for.
  const auto begin = std::chrono::steady_clock::now();
  const Outcome whole = workplace.run("quiesce check -q far.qsm");
  const double took = seconds_since(begin);
  ASSERT_EQ(whole.code, 1) << whole.err;
  for (const double part : {0.3, 0.6, 0.9}) {
    const auto again = std::chrono::steady_clock::now();
    const int milliseconds = std::max(100, static_cast<int>(took * part * 1000));
    const Outcome outcome = workplace.run("quiesce check far.qsm --time " + std::to_string(milliseconds) + "ms");
    EXPECT_LT(seconds_since(again), milliseconds / 1000.0 + 10);
    ASSERT_THAT(outcome.code, AnyOf(1, 3)) << outcome.err;
    if (outcome.code == 3) continue;  // it came before the violation was found
    EXPECT_THAT(outcome.out, HasSubstr("VIOLATED  far.S.arrived"));
    EXPECT_THAT(outcome.out, AnyOf(HasSubstr("No time was left to find the run; search again with more time"),
                                   HasSubstr("shortest run")));
  }
}

TEST(Limits, ManyLevelsNeedFewFiles) {
  const Workplace workplace;
  write(workplace, "far.qsm", far_away(3000, 9));
  const Outcome outcome = workplace.run("ulimit -n 24 && exec quiesce check -q --memory 40MiB far.qsm");
  EXPECT_EQ(outcome.code, 1) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("violated  far.S.arrived"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("unknown")));
}

TEST(Limits, EndPhasesThatFindNothing) {
  const Workplace workplace;
  // An initial value, and a choice, of which nearly every value is refused.
  write(workplace, "first.qsm",
        "module first\nsystem S {\n  a: int 0..50000\n  x: int 0..2000000000 = any where x * x == 7\n"
        "  action t { a = 0 }\n}\n");
  write(workplace, "choice.qsm",
        "module choice\nsystem S {\n  x: int 0..10\n"
        "  action t when x < 10 { choose i: int 0..2000000000 where i % 1000 == 1001  x += 1 }\n}\n");
  for (const std::string name : {"first", "choice"}) {
    const auto begin = std::chrono::steady_clock::now();
    const Outcome late = workplace.run("exec quiesce check -q --time 300ms " + name + ".qsm");
    EXPECT_EQ(late.code, 3) << late.err << late.out;
    EXPECT_THAT(late.out, HasSubstr("time limit reached"));
    const Outcome interrupted = workplace.run("exec quiesce check -q " + name + ".qsm", 500, SIGTERM);
    EXPECT_EQ(interrupted.code, 3) << interrupted.err << interrupted.out;
    EXPECT_LT(seconds_since(begin), 20);
  }
}

TEST(Limits, AnInterruptionEndsTheSearchForARun) {
  const Workplace workplace;
  write(workplace, "far.qsm", far_away(20000, 8));
  const auto begin = std::chrono::steady_clock::now();
  const Outcome whole = workplace.run("quiesce check -q far.qsm");
  const double took = seconds_since(begin);
  ASSERT_EQ(whole.code, 1) << whole.err;
  for (const double part : {0.2, 0.5, 0.7, 0.9}) {
    const int milliseconds = std::max(200, static_cast<int>(took * part * 1000));
    const auto again = std::chrono::steady_clock::now();
    const Outcome outcome = workplace.run("exec quiesce check far.qsm", milliseconds);
    EXPECT_LT(seconds_since(again), milliseconds / 1000.0 + 10);
    EXPECT_THAT(outcome.code, AnyOf(1, 3)) << outcome.err;
  }
}

/// Stopped at a limit on states and resumed, the report is that of a search that nobody stopped.
TEST(Limits, AResumedReportIsThatOfAnUninterruptedSearch) {
  const Workplace workplace;
  const std::string root = QUIESCE_SOURCE_DIR;
  struct Case {
    std::string design, options;
    int states;  // where it is stopped
  };
  std::vector<Case> cases = {
      {"specs/parallel/designs/free_not_owned.qsm", "--check 1", 10193},
      {"specs/parallel/designs/free_not_owned.qsm", "--check 1", 200},
      {"specs/parallel/designs/free_not_owned.qsm", "--check 1 --no-partial-order", 3000},
      {"specs/parallel/designs/free_not_owned.qsm", "--check 1 --no-symmetry --no-slice", 5000},
      {"specs/parallel/designs/free_not_owned.qsm", "--check 1 --stop-at-first", 7000},
  };
  for (const std::string name : {"race", "locked"}) {
    for (const int states : {1, 3, 10, 40})
      cases.push_back({"tests/cli/designs/" + name + ".qsm", "--check 1", states});
  }
  for (const Case& one : cases) {
    const std::string check = "quiesce check --timing off " + one.options + " " + root + "/" + one.design;
    const Outcome whole = workplace.run(check);
    const Outcome part = workplace.run(check + " --states " + std::to_string(one.states) + " --checkpoint stopped");
    if (!std::filesystem::exists(workplace.folder() / "stopped")) continue;  // it was complete before
    const Outcome resumed = workplace.run(check + " --resume stopped");
    EXPECT_EQ(resumed.out, whole.out) << one.design << " " << one.options << " " << one.states << part.err;
    EXPECT_EQ(resumed.code, whole.code);
    std::filesystem::remove(workplace.folder() / "stopped");
  }
}

}  // namespace
}  // namespace quiesce::cli

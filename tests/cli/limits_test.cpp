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

/// The same, with a rule that is broken in the first step.
std::string broken_early(int steps, int switches) {
  std::string text = far_away(steps, switches);
  return text.insert(text.find("  never arrived"), "  never begun: n == 1\n");
}

TEST(AfterFirst, ASearchEndsAndSaysHowToGoOn) {
  const Workplace workplace;
  write(workplace, "far.qsm", broken_early(4000, 7));
  const Outcome ended = workplace.run("quiesce check far.qsm --after-first 0s");
  EXPECT_EQ(ended.code, 1) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("VIOLATED  far.S.begun"));
  EXPECT_THAT(ended.out, HasSubstr("The shortest run that breaks it has 1 step"));
  EXPECT_THAT(ended.out, Not(HasSubstr("VIOLATED  far.S.arrived")));
  EXPECT_THAT(ended.out, HasSubstr("not searched further after the first violation; search on with --all"));
  EXPECT_THAT(ended.out, HasSubstr("This alone: quiesce check far.qsm --for far.S.begun"));
  const Outcome all = workplace.run("quiesce check far.qsm -q --all --after-first 0s --progress json");
  EXPECT_THAT(all.out, HasSubstr("violated  far.S.arrived"));
  EXPECT_THAT(all.err, HasSubstr("{\"event\":\"violation\",\"check\":\"S\","));
  EXPECT_THAT(all.err, HasSubstr("\"broken_rules\":1,\"shortest_run\":1}"));
  const Outcome test =
      workplace.run("quiesce test far.qsm --json outcome.json; grep -c '\"verdict\": \"unknown\"' outcome.json");
  EXPECT_THAT(test.out, HasSubstr("\n0\n")) << test.out;
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
        "module first\nsystem S {\n  a: int 0..50000\n  x: int 0..2000000000 = any where x * x % 1000003 == 1000002\n"
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

/// The process as a whole, as the machine feels it: what the search counts, and what it does not.
TEST(Limits, MemoryIsThatOfTheProcess) {
  const Workplace workplace;
  const std::string protocols = std::string(QUIESCE_SOURCE_DIR) + "/bench/protocols/";
  write(workplace, "far.qsm", far_away(3000, 12));
  for (const std::string& design : {"-D n=5 " + protocols + "teardown.qsm", "-D n=6 " + protocols + "shared_line.qsm",
                                    std::string("far.qsm"), "--storage compact -D n=5 " + protocols + "teardown.qsm"}) {
    for (const int mebibytes : {24, 32, 64}) {
      for (const int threads : {1, 2, 8}) {
        if (mebibytes == 64 && threads != 8) continue;  // the slowest
        const Outcome outcome = workplace.run("exec quiesce check -q --memory " + std::to_string(mebibytes) +
                                              "MiB --threads " + std::to_string(threads) + " " + design);
        const std::string what =
            design + ", " + std::to_string(mebibytes) + " MiB, " + std::to_string(threads) + " threads";
        EXPECT_EQ(outcome.code, 3) << what << outcome.err << outcome.out;
        EXPECT_THAT(outcome.out, HasSubstr("memory limit reached after")) << what;
        EXPECT_THAT(outcome.out, Not(AnyOf(HasSubstr("  holds"), HasSubstr("not exercised")))) << what;
        const double used = static_cast<double>(outcome.peak_bytes) / (1 << 20);
        EXPECT_LT(used, 1.05 * mebibytes) << what;
      }
    }
  }
}

/// So many files are open at most, whatever is on disk and however many threads there are.
TEST(Limits, FewFilesAreOpen) {
  const Workplace workplace;
  const std::string teardown = std::string(QUIESCE_SOURCE_DIR) + "/bench/protocols/teardown.qsm -D n=5";
  const std::string large = "--memory 32MiB --threads 8 " + teardown;
  for (const std::string& options :
       {large, "--checkpoint kept --checkpoint-interval 50ms " + large, "--coverage --states 50k " + teardown,
        "--search swarm --searches 100 --time 3s " + teardown, "--storage bitstate --time 2s " + teardown}) {
    const Outcome outcome = workplace.run("ulimit -n 24 && exec quiesce check -q " + options);
    EXPECT_EQ(outcome.code, 3) << options << outcome.err << outcome.out;
    EXPECT_EQ(outcome.err, "") << options;
  }
}

}  // namespace
}  // namespace quiesce::cli

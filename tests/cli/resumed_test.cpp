// A search that was stopped anywhere and resumed reports, word for word, what one reports that nothing stopped
// (docs/checkpoints.md): but for time and memory, which are left out here.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

const std::string kRoot = QUIESCE_SOURCE_DIR;

/// The number before "distinct states" in a report.
std::uint64_t states_of(const std::string& report) {
  std::smatch found;
  if (!std::regex_search(report, found, std::regex("([0-9,]+) distinct state"))) return 0;
  std::string digits = found[1];
  digits.erase(std::remove(digits.begin(), digits.end(), ','), digits.end());
  return std::stoull(digits);
}

struct Resuming {
  std::string design;   // below the root
  std::string options;  // of the search
  int cuts;             // evenly over its states, and at both ends
};

std::string check_of(const Resuming& param, const std::string& more = "") {
  return "exec quiesce check --timing off --full " + more + param.options + " " + kRoot + "/" + param.design;
}

class Resumed : public ::testing::TestWithParam<Resuming> {};

TEST_P(Resumed, ReportIsThatOfAnUninterruptedSearch) {
  const Resuming& param = GetParam();
  const Workplace workplace;
  const std::string check = check_of(param);
  const Outcome whole = workplace.run(check);
  const std::uint64_t states = states_of(whole.out);
  ASSERT_GT(states, 1u) << whole.out << whole.err;
  std::vector<std::uint64_t> cuts = {1, 2, states - 1};
  for (int i = 1; i < param.cuts; ++i) cuts.push_back(std::max<std::uint64_t>(1, states * i / param.cuts));
  int resumed_searches = 0;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    workplace.run(check + " --states " + std::to_string(cuts[i]) + " --checkpoint stopped");
    if (!std::filesystem::exists(workplace.folder() / "stopped")) continue;  // complete, reduced it was smaller
    ++resumed_searches;
    const std::string threads = i % 2 == 0 ? " --threads 1" : " --threads 3";
    if (i % 3 == 0) {  // stopped again on the way
      workplace.run(check + threads + " --resume stopped --checkpoint stopped --states " +
                    std::to_string(cuts[i] + (states - cuts[i]) / 2));
    }
    const Outcome resumed = workplace.run(check + threads + " --resume stopped");
    EXPECT_EQ(resumed.out, whole.out) << "stopped after " << cuts[i] << " states";
    EXPECT_EQ(resumed.err, whole.err);
    EXPECT_EQ(resumed.code, whole.code);
    std::filesystem::remove(workplace.folder() / "stopped");
  }
  EXPECT_GT(resumed_searches, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Designs, Resumed,
    ::testing::Values(Resuming{"tests/cli/designs/race.qsm", "--check 1", 12},
                      Resuming{"tests/cli/designs/race.qsm", "--check 1 --plain", 12},
                      Resuming{"tests/cli/designs/race.qsm", "--check 1 --stop-at-first", 12},
                      Resuming{"tests/cli/designs/locked.qsm", "--check 1", 12},
                      Resuming{"tests/cli/designs/stuck.qsm", "--check 1", 12},
                      Resuming{"tests/cli/designs/interrupt.qsm", "--check 1", 12},
                      Resuming{"tests/cli/designs/unreachable.qsm", "--check 1", 7},
                      Resuming{"tests/verdicts/designs/teardown.qsm", "--check 1 --no-partial-order", 12},
                      Resuming{"bench/protocols/requests.qsm", "-D n=5", 16},
                      Resuming{"bench/protocols/teardown.qsm", "-D n=2 --no-symmetry", 10},
                      Resuming{"specs/parallel/designs/free_not_owned.qsm", "--check 1", 10},
                      Resuming{"specs/parallel/designs/free_not_owned.qsm", "--check 1 --no-symmetry --no-slice", 5},
                      Resuming{"specs/parallel/designs/free_not_owned.qsm", "--check 1 --stop-at-first", 6}),
    [](const auto& numbered) { return std::to_string(numbered.index); });

/// Not at a number of states, but at any moment.
TEST(ResumedAfterASignal, ReportIsThatOfAnUninterruptedSearch) {
  const Workplace workplace;
  for (const std::string& design :
       {"-D n=7 " + kRoot + "/bench/protocols/requests.qsm",
        "-D n=3 --no-symmetry " + kRoot + "/bench/protocols/shared_line.qsm",
        "--check 1 --no-symmetry " + kRoot + "/specs/parallel/designs/free_not_owned.qsm"}) {
    const std::string check = "exec quiesce check --timing off " + design;
    const Outcome whole = workplace.run(check);
    for (const double part : {0.3, 0.5, 0.6, 0.7, 0.8, 0.9}) {
      const int after = static_cast<int>(whole.seconds * part * 1000);
      workplace.run(check + " --checkpoint stopped", after, part < 0.6 ? SIGINT : SIGTERM);
      if (!std::filesystem::exists(workplace.folder() / "stopped")) continue;
      const Outcome resumed = workplace.run(check + " --resume stopped");
      EXPECT_EQ(resumed.out, whole.out) << design << ", " << part;
      EXPECT_EQ(resumed.code, whole.code);
      std::filesystem::remove(workplace.folder() / "stopped");
    }
  }
}

/// What a search of infinite runs keeps is its graph; the states are searched again.
class ResumedInfiniteRuns : public ::testing::TestWithParam<Resuming> {};

TEST_P(ResumedInfiniteRuns, ReportIsThatOfAnUninterruptedSearch) {
  const Resuming& param = GetParam();
  const Workplace workplace;
  const std::string check = check_of(param, "--all ");
  const Outcome whole = workplace.run(check);
  const std::uint64_t states = states_of(whole.out);
  const std::uint64_t infinite = states_of(whole.out.substr(whole.out.find("infinite runs:")));
  ASSERT_GT(infinite, states) << whole.out << whole.err;
  int resumed_searches = 0;
  for (int i = 0; i < param.cuts; ++i) {
    const std::uint64_t cut = states + 1 + (infinite - states - 2) * static_cast<std::uint64_t>(i) / param.cuts;
    const Outcome stopped = workplace.run(check + " --states " + std::to_string(cut) + " --checkpoint stopped");
    ASSERT_TRUE(std::filesystem::exists(workplace.folder() / "stopped")) << stopped.out;
    // Where a run that breaks the rule is known already, nothing is left open.
    const bool is_open = stopped.out.find("limit on states reached") != std::string::npos;
    EXPECT_EQ(stopped.out.find("continue from here with --resume stopped") != std::string::npos, is_open)
        << stopped.out;
    ++resumed_searches;
    const std::string threads = i % 2 == 0 ? " --threads 1" : " --threads 3";
    if (i % 3 == 0) {  // stopped again on the way
      workplace.run(check + threads + " --resume stopped --checkpoint stopped --states " +
                    std::to_string(cut + (infinite - cut) / 2));
    }
    const Outcome resumed = workplace.run(check + threads + " --resume stopped");
    EXPECT_EQ(resumed.out, whole.out) << "stopped after " << cut << " states";
    EXPECT_EQ(resumed.err, whole.err);
    EXPECT_EQ(resumed.code, whole.code);
    std::filesystem::remove(workplace.folder() / "stopped");
  }
  EXPECT_GT(resumed_searches, 1);
}

INSTANTIATE_TEST_SUITE_P(Designs, ResumedInfiniteRuns,
                         ::testing::Values(Resuming{"specs/wdm/designs/served_in_the_end.qsm", "--check 1 --case 2", 8},
                                           Resuming{"specs/wdm/designs/served_in_the_end.qsm", "--check 2 --case 1", 8},
                                           Resuming{"specs/wdm/designs/served_in_the_end.qsm", "--check 3", 6},
                                           Resuming{"specs/parallel/designs/starved_client.qsm", "--check 1", 6}),
                         [](const auto& numbered) { return std::to_string(numbered.index); });

TEST(ResumedInfinite, IsRefusedForAnotherDesign) {
  const Workplace workplace;
  const std::string check =
      "exec quiesce check --all --timing off " + kRoot + "/specs/wdm/designs/served_in_the_end.qsm";
  const Outcome whole = workplace.run(check + " --check 2 --case 1");
  const std::string states = std::to_string(states_of(whole.out) + 10);
  workplace.run(check + " --check 2 --case 1 --states " + states + " --checkpoint stopped");
  ASSERT_TRUE(std::filesystem::exists(workplace.folder() / "stopped"));
  const Outcome other = workplace.run(check + " --check 2 --case 2 --resume stopped");
  EXPECT_NE((other.out + other.err).find("'stopped' belongs to another search"), std::string::npos) << other.out;
}

/// What states owe is kept with them: the same steps with other fairness are another search.
TEST(ResumedInfinite, IsRefusedForOtherFairness) {
  const Workplace workplace;
  const auto write = [&](const std::string& setter) {
    std::ofstream(workplace.folder() / "design.qsm") << R"(module design
system Set() {
  x: bool = false
  a: int 0..6 = 0
  b: int 0..6 = 0
  )" + setter + R"(
  thread p { await x  while a < 6 { a = a + 1 } }
  thread q { await x  while b < 6 { b = b + 1 } }
  ltl moves: eventually x
}
check Set
)";
  };
  const std::string check = "exec quiesce check --all --timing off design.qsm";
  const std::vector<std::pair<std::string, std::string>> setters = {
      {"thread t fair   { x = true }", "thread t unfair { x = true }"},
      {"action t when !x fair     { x = true }", "action t when !x sporadic { x = true }"}};
  for (const auto& [fair, unfair] : setters) {
    write(fair);
    const std::uint64_t states = states_of(workplace.run(check).out);
    workplace.run(check + " --checkpoint stopped --states " + std::to_string(states + 10));
    ASSERT_TRUE(std::filesystem::exists(workplace.folder() / "stopped")) << fair;
    write(unfair);
    const Outcome other = workplace.run(check + " --resume stopped");
    EXPECT_NE((other.out + other.err).find("'stopped' belongs to another search"), std::string::npos) << other.out;
    EXPECT_NE(workplace.run(check).out.find("VIOLATED  design.Set.moves"), std::string::npos);
    std::filesystem::remove(workplace.folder() / "stopped");
  }
}

TEST(ResumedInfinite, DamageIsNoticed) {
  const Workplace workplace;
  const std::string check =
      "exec quiesce check --all --timing off --check 1 --case 2 " + kRoot + "/specs/wdm/designs/served_in_the_end.qsm";
  const std::string states = std::to_string(states_of(workplace.run(check).out) + 10);
  workplace.run(check + " --states " + states + " --checkpoint stopped");
  const std::filesystem::path file = workplace.folder() / "stopped";
  ASSERT_TRUE(std::filesystem::exists(file));
  const std::uintmax_t size = std::filesystem::file_size(file);
  for (const std::uintmax_t place : {std::uintmax_t{80}, size / 2, size - 1}) {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(place));
    const char was = static_cast<char>(bytes.get());
    const auto write = [&](char byte) {
      bytes.seekp(static_cast<std::streamoff>(place));
      bytes.put(byte).flush();
    };
    write(static_cast<char>(was ^ 1));
    const Outcome resumed = workplace.run(check + " --resume stopped");
    EXPECT_NE((resumed.out + resumed.err).find("'stopped' is damaged"), std::string::npos) << place << resumed.out;
    write(was);
  }
  std::filesystem::resize_file(file, size / 3);
  const Outcome resumed = workplace.run(check + " --resume stopped");
  EXPECT_NE((resumed.out + resumed.err).find("'stopped' is damaged"), std::string::npos) << resumed.out;
}

/// Not at a number of states, but at any moment.
TEST(ResumedInfinite, AfterASignal) {
  const Workplace workplace;
  const std::string check = "exec quiesce check --all --timing off --check 1 " + kRoot + "/bench/liveness/served.qsm";
  const Outcome whole = workplace.run(check);
  for (const double part : {0.4, 0.6, 0.8, 0.95}) {
    workplace.run(check + " --checkpoint stopped", static_cast<int>(whole.seconds * part * 1000), SIGINT);
    if (!std::filesystem::exists(workplace.folder() / "stopped")) continue;
    const Outcome resumed = workplace.run(check + " --resume stopped");
    EXPECT_EQ(resumed.out, whole.out) << part;
    EXPECT_EQ(resumed.code, whole.code);
    std::filesystem::remove(workplace.folder() / "stopped");
  }
}

}  // namespace
}  // namespace quiesce::cli

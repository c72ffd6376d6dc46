// Reports that come from the cache (--cache) are those of a search, byte for byte; what is damaged or was made by other
// options is not used.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

namespace fs = std::filesystem;

/// The reports of one command, all formats.
std::string reports_of(const Workplace& workplace, const std::string& command) {
  const Outcome outcome = workplace.run(command + " --json o.json --junit o.xml --sarif o.sarif");
  std::string all = outcome.out.substr(0, outcome.out.find("\ncache: ")) + "\nexit " + std::to_string(outcome.code);
  for (const char* file : {"o.json", "o.xml", "o.sarif"}) all += "\n" + read_file(workplace.folder() / file);
  return all;
}

class Cache : public ::testing::TestWithParam<std::string> {};

TEST_P(Cache, ReportsAreTheSame) {
  const Workplace workplace;
  const std::string command = "quiesce check " + GetParam() + " --timing off";
  const std::string searched = reports_of(workplace, command);
  EXPECT_EQ(reports_of(workplace, command + " --cache kept"), searched);
  EXPECT_EQ(reports_of(workplace, command + " --cache kept"), searched);
}

const std::string kSpecs = QUIESCE_SOURCE_DIR "/specs/";

INSTANTIATE_TEST_SUITE_P(Designs, Cache,
                         ::testing::Values("race.qsm", "stuck.qsm", "locked.qsm --full --timeline", "interrupt.qsm",
                                           "unreachable.qsm", "explodes.qsm --states 200", "mistakes.qsm",
                                           "race.qsm --stop-at-first", "race.qsm --plain",
                                           "race.qsm --search random --seed 1", kSpecs + "wdm/designs/storms.qsm --all",
                                           kSpecs + "wdm/designs/one_cause.qsm --all",
                                           kSpecs + "wdm/designs/shared_lock_different_irql.qsm",
                                           kSpecs + "devicetopology/designs/small_mistakes.qsm --all"));

/// The entries of a cache, by name.
std::vector<fs::path> entries(const Workplace& workplace, const std::string& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(workplace.folder() / folder)) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

TEST(DamagedCache, IsNotUsed) {
  const Workplace workplace;
  const std::string command = "quiesce check race.qsm --timing off --check 1 --cache kept";
  const Outcome searched = workplace.run(command);
  ASSERT_EQ(entries(workplace, "kept").size(), 1u);
  const fs::path entry = entries(workplace, "kept").front();
  const std::string good = read_file(entry);
  std::vector<std::string> damaged = {"", "\n", good.substr(0, good.size() - 1), good + "\n", good.substr(1)};
  for (std::size_t at = 0; at < good.size(); at += 97) {
    damaged.push_back(good);
    damaged.back()[at] ^= 1;
  }
  for (const std::string& text : damaged) {
    std::ofstream(entry, std::ios::binary) << text;
    const Outcome outcome = workplace.run(command);
    EXPECT_EQ(outcome.out, searched.out);
    EXPECT_NE(outcome.err.find("is damaged"), std::string::npos) << outcome.err;
    EXPECT_GT(read_file(entry).size(), 1000u) << "it is written anew";
  }
  EXPECT_EQ(last_line(workplace.run(command).out), "cache: 1 of 1 case known");
}

TEST(CacheKey, IsOfWhatDecides) {
  const Workplace workplace;
  workplace.run("quiesce check race.qsm --cache kept");
  // What is only shown decides nothing.
  for (const char* more : {"-q", "--full", "--timeline", "--json o.json", "--progress off", "--timing off"}) {
    EXPECT_EQ(last_line(workplace.run(std::string("quiesce check race.qsm --cache kept ") + more).out),
              "cache: 3 of 3 cases known")
        << more;
  }
  for (const char* more : {"--plain", "--no-slice", "--threads 1", "-D processors=1", "--for 'race.*'", "--time 1h",
                           "--library .", "--all"}) {
    EXPECT_EQ(last_line(workplace.run(std::string("quiesce check race.qsm --cache kept ") + more).out).substr(0, 10),
              "cache: 0 o")
        << more;
  }
  // The place of the file stands in reports.
  EXPECT_EQ(last_line(workplace.run("cp race.qsm other.qsm; quiesce check other.qsm --cache kept").out),
            "cache: 0 of 3 cases known");
  // An entry under the key of another is none of its.
  const std::vector<fs::path> all = entries(workplace, "kept");
  workplace.run("rm -r kept; quiesce check locked.qsm --check 1 --cache kept");
  const fs::path entry = entries(workplace, "kept").front();
  workplace.run("rm -r kept; quiesce check race.qsm --check 1 --cache kept");
  fs::rename(entries(workplace, "kept").front(), entry);
  const Outcome outcome = workplace.run("quiesce check locked.qsm --check 1 --cache kept");
  EXPECT_NE(outcome.err.find("is damaged"), std::string::npos);
  EXPECT_EQ(outcome.code, 0);
}

}  // namespace
}  // namespace quiesce::cli

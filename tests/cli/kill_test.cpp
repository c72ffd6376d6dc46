// A swarm that is killed at any moment goes on from its --result file, and does in the end what it would have done.
#include <csignal>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What follows `key` in the file of a swarm, to the end of its list.
std::string list_after(const std::string& file, const std::string& key) {
  const std::size_t begin = file.find("\"" + key + "\":[");
  return begin == std::string::npos ? "" : file.substr(begin, file.find(']', begin) - begin);
}

TEST(Kill, LeavesASwarmThatGoesOn) {
  const Workplace workplace;
  const std::string swarm = "exec quiesce check --quiet --check 1 --search swarm --seed 3 --checkpoint-interval 1ms ";
  const std::string begin = swarm + "--searches 300 --result part.json race.qsm";
  const std::string go_on = swarm + "--resume part.json race.qsm";
  ASSERT_EQ(workplace.run(swarm + "--searches 300 --result whole.json race.qsm").code, 1);
  const std::string whole = read_file(workplace.folder() / "whole.json");

  std::mt19937 random(7);
  int kills = 0, kills_with_work = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string before = read_file(workplace.folder() / "part.json");
    const int delay = std::uniform_int_distribution<int>(5, 80)(random);
    const Outcome outcome = workplace.run(before.empty() ? begin : go_on, delay, SIGKILL);
    const std::string after = read_file(workplace.folder() / "part.json");
    // What was done stays done.
    EXPECT_GE(list_after(after, "done").size(), list_after(before, "done").size());
    if (outcome.code != 128 + SIGKILL) {
      EXPECT_EQ(outcome.code, 1) << outcome.err;
      break;
    }
    ++kills;
    kills_with_work += list_after(after, "done").size() > list_after(before, "done").size() ? 1 : 0;
  }
  EXPECT_GT(kills, 0);
  EXPECT_GT(kills_with_work, 0);
  const Outcome last = workplace.run(go_on);
  EXPECT_EQ(last.code, 1) << last.err;
  EXPECT_THAT(last.out, HasSubstr("by 300 searches of a swarm with seed 3"));
  const std::string part = read_file(workplace.folder() / "part.json");
  EXPECT_EQ(list_after(part, "done"), list_after(whole, "done"));
  EXPECT_THAT(list_after(part, "findings"), StartsWith("\"findings\":[{\"rule\":\"race.no_update_lost\""));
  const Outcome merged = workplace.run("quiesce merge --quiet part.json");
  EXPECT_EQ(merged.code, 1) << merged.err;
  EXPECT_THAT(merged.out, HasSubstr("violated  race.no_update_lost"));
}

}  // namespace
}  // namespace quiesce::cli

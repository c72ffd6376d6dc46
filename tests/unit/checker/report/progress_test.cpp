#include "checker/report/progress.h"

#include <gtest/gtest.h>

#include "checker/report/layout.h"

namespace quiesce::checker {
namespace {

Statistics busy() {
  Statistics statistics;
  statistics.distinct_states = 12'345'678;
  statistics.generated_steps = 45'678'901;
  statistics.depth = 57;
  statistics.frontier = 1'234'567;
  statistics.wall = std::chrono::milliseconds(12'345);
  statistics.memory_bytes = std::uint64_t{3} << 30;
  statistics.fill = 0.634;
  statistics.layers = {1, 4, 16, 64, 256, 1024, 512, 256, 128, 64, 20};
  return statistics;
}

TEST(Progress, SaysItInOneLine) {
  EXPECT_EQ(progress_line(busy(), {"Machine with processors = 2", 2'100'000}, 200),
            "Machine with processors = 2: 12.3M states, 45.7M steps, 2.1M states/s, depth 57, frontier 1.2M, 3.0 GiB, "
            "table 63 %, 12.3 s; estimate: 11 to 150 left");
}

TEST(Progress, LeavesOutWhatDoesNotFit) {
  for (std::size_t width = 1; width < 200; ++width) {
    EXPECT_LE(columns(progress_line(busy(), {"Machine with processors = 2, trigger = edge, shared = true", 2'100'000},
                                    width)),
              width);
  }
  EXPECT_EQ(progress_line(busy(), {"M", 2'100'000}, 80),
            "M: 12.3M states, 2.1M states/s, depth 57, 3.0 GiB; estimate: 11 to 150 left");
  EXPECT_EQ(progress_line(busy(), {"M", 2'100'000}, 12), "12.3M states");
}

TEST(Progress, SaysItAsJson) {
  EXPECT_EQ(progress_json(busy(), {"Say \"x\"", 2'100'000.7}),
            R"({"event":"progress","check":"Say \"x\"","seconds":12.345,"distinct_states":12345678,)"
            R"("generated_steps":45678901,"states_per_second":2100000,"depth":57,"frontier":1234567,)"
            R"("memory_bytes":3221225472,"table_fill":0.634,"estimated_remaining":{"low":11,"high":150}})");
  Statistics early = busy();
  early.layers = {1, 2, 4};
  EXPECT_NE(progress_json(early, {"M", 0}).find(R"("estimated_remaining":null})"), std::string::npos);
}

TEST(Progress, EndsWithTheVerdict) {
  SearchResult result;
  result.statistics = busy();
  result.limit = LimitKind::Memory;
  RuleResult rule;
  rule.verdict = Verdict::Unknown;
  result.rules.push_back(rule);
  const std::string json = done_json(result, {"M", 1});
  EXPECT_NE(json.find(R"("event":"done")"), std::string::npos);
  EXPECT_NE(json.find(R"("verdict":"unknown","limit":"memory"})"), std::string::npos) << json;
  result.limit = LimitKind::None;
  EXPECT_NE(done_json(result, {"M", 1}).find(R"("limit":null})"), std::string::npos);
}

TEST(Progress, ShortensNumbers) {
  EXPECT_EQ(short_count(0), "0");
  EXPECT_EQ(short_count(999), "999");
  EXPECT_EQ(short_count(1000), "1.0k");
  EXPECT_EQ(short_count(99'900), "99.9k");
  EXPECT_EQ(short_count(99'990), "100k");
  EXPECT_EQ(short_count(999'499), "999k");
  EXPECT_EQ(short_count(999'999), "1.0M");
  EXPECT_EQ(short_count(5'000'000'000'000), "5.0T");
}

}  // namespace
}  // namespace quiesce::checker

#include "checker/for_which.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "checker/load_unbounded.h"
#include "checker/report/sentences.h"

namespace quiesce::checker {
namespace {

ForWhich asked(const std::string& head, const std::string& members, const std::string& param = "limit") {
  const std::string text = "module m\n" + head + "\nsystem S {\n" + members + "}\ncheck S for m.*\n";
  const auto design = load_unbounded("m.qsm", text, {});
  for (const auto& one : design->diagnostics.sorted()) ADD_FAILURE() << one.message;
  if (!design->ok()) return {};
  ProveOptions options;
  options.check.search.limits.time = std::chrono::seconds(120);
  return for_which(design->checks.front().cases.front(), param, options);
}

std::string condition(const ForWhich& found) { return condition_text("limit", found.holds); }

constexpr const char* kCounter = "  n: int = 0\n  action up when n < limit { n += 1 }\n  invariant low: n <= limit\n";

TEST(ForWhich, FindsWhereABoundIsNeeded) {
  const ForWhich found = asked("param limit: int = any", kCounter);
  EXPECT_EQ(condition(found), "limit >= 0");
  EXPECT_FALSE(found.is_exact);  // of infinitely many negative numbers some are shown to be broken
  ASSERT_FALSE(found.broken.empty());
  for (const std::int64_t value : found.broken) EXPECT_LT(value, 0);
}

TEST(ForWhich, IsExactWhereAllOthersAreBroken) {
  const ForWhich found = asked("param limit: int = any where limit >= -2", kCounter);
  EXPECT_EQ(condition(found), "limit >= 0");
  EXPECT_TRUE(found.is_exact);
  EXPECT_EQ(found.broken, (std::vector<std::int64_t>{-2, -1}));
}

TEST(ForWhich, FindsAHole) {
  const ForWhich found = asked("param limit: int = any where limit >= 0 && limit < 9",
                               "  n: int = 0\n  action go { n = limit }\n  invariant other: n != 4\n");
  EXPECT_EQ(condition(found), "limit <= 3 || limit >= 5");
  EXPECT_TRUE(found.is_exact);
}

TEST(ForWhich, HoldsForAll) {
  const ForWhich found = asked("param limit: int = any where limit >= 3", kCounter);
  EXPECT_EQ(condition(found), "");
  EXPECT_TRUE(found.broken.empty());
}

TEST(ForWhich, HoldsForNone) {
  const ForWhich found = asked("param limit: int = any where limit >= 1 && limit <= 3",
                               "  n: int = 0\n  action go { n = limit }\n  invariant never: n == 0\n");
  EXPECT_EQ(condition(found), "false");
  EXPECT_TRUE(found.is_exact);
}

TEST(ForWhich, AsksOfParamsWithBoundsToo) {
  const ForWhich found = asked("param limit: int 0..7 = any",
                               "  n: int 0..7 = 0\n  action up when n < limit { n += 1 }\n  invariant low: n < 5\n");
  EXPECT_EQ(condition(found), "limit <= 4");
  EXPECT_TRUE(found.is_exact);
}

TEST(ForWhich, SaysWhatIsNotOpen) {
  EXPECT_NE(trouble_text(asked("param limit: int = any", kCounter, "n").problem), "");
  EXPECT_NE(
      trouble_text(asked("param limit: int 0..3 = 2", "  n: int 0..3 = 0\n  invariant low: n <= limit\n").problem), "");
}

}  // namespace
}  // namespace quiesce::checker

// Ctrl-C ends a search cleanly: a report that says how far it came, exit code 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Interrupt, EndsASearchWithAReport) {
  const Workplace workplace;
  const Outcome outcome = workplace.run("exec quiesce check large.qsm", 1500);
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("interrupted"));
  EXPECT_THAT(outcome.out, HasSubstr("distinct states"));
  EXPECT_THAT(outcome.out, HasSubstr("not yet explored"));
  // No progress line where there is no terminal.
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b[")));
}

TEST(Interrupt, EndsATestOfManyFiles) {
  const Workplace workplace;
  const Outcome outcome = workplace.run("exec quiesce test large.qsm locked.qsm", 1500);
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("interrupted"));
}

}  // namespace
}  // namespace quiesce::cli

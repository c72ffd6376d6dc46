#include "checker/report/variable_named.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using ::testing::HasSubstr;

TEST(VariableNamed, TakesTheEndOfAName) {
  model::SystemBuilder builder;
  builder.boolean("nic.hw.enabled");
  builder.boolean("nic.state");
  builder.boolean("other.state");
  EXPECT_EQ(*variable_named(builder.system, "nic.hw.enabled"), 0u);
  EXPECT_EQ(*variable_named(builder.system, "hw.enabled"), 0u);
  EXPECT_EQ(*variable_named(builder.system, "other.state"), 2u);
  EXPECT_THAT(variable_named(builder.system, "state").error(), HasSubstr("any of nic.state, other.state"));
  EXPECT_THAT(variable_named(builder.system, "abled").error(), HasSubstr("no variable 'abled'"));
  EXPECT_EQ(variable_named(builder.system, "nic.hw.enabld").error(),
            "there is no variable 'nic.hw.enabld'; did you mean 'nic.hw.enabled'?");
}

}  // namespace
}  // namespace quiesce::checker

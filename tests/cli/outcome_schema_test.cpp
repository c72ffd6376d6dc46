// What --json writes against its published schema, docs/schema/outcome.schema.json, by a validator that is not ours.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

/// Validates outcome.json of the folder; prints nothing when it is as the schema says.
std::string validation() {
  const std::string schema = std::string(QUIESCE_SOURCE_DIR) + "/docs/schema/outcome.schema.json";
  return "python3 -B -c 'import json, sys, jsonschema; "
         "jsonschema.validate(json.load(open(\"outcome.json\")), json.load(open(sys.argv[1])))' '" +
         schema + "'";
}

class OutcomeSchema : public ::testing::TestWithParam<std::string> {};

TEST_P(OutcomeSchema, IsKept) {
  const Workplace workplace;
  workplace.run("quiesce " + GetParam() + " --json outcome.json");
  const Outcome outcome = workplace.run(validation());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(Commands, OutcomeSchema,
                         ::testing::Values("check race.qsm", "check stuck.qsm", "check locked.qsm",
                                           "check mistakes.qsm", "check missing.qsm", "check race.qsm --states 5",
                                           "check race.qsm --search random --seed 1", "check race.qsm --stop-at-first",
                                           "test race.qsm mistakes.qsm empty.qsm",
                                           "test wrong_expectation.qsm --timing off"));

TEST(SchemaOfOutcomes, RefusesAnotherVersion) {
  const Workplace workplace;
  workplace.run(
      "quiesce check locked.qsm --json outcome.json; sed -i 's/\"version\": 1,/\"version\": 2,/' outcome.json");
  EXPECT_NE(workplace.run(validation()).code, 0);
}

}  // namespace
}  // namespace quiesce::cli

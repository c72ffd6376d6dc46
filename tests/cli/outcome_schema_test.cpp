// What --json writes against its published schema, docs/schema/outcome.schema.json, and --sarif against what we use of
// the standard, by a validator that is not ours; what --junit writes, by a parser that is not ours.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

/// Validates outcome.json of the folder by a schema of docs/schema; prints nothing when it is as the schema says.
std::string validation(const std::string& file = "outcome.schema.json") {
  const std::string schema = std::string(QUIESCE_SOURCE_DIR) + "/docs/schema/" + file;
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

TEST(SavedRuns, AreAsTheirSchemaSays) {
  const Workplace workplace;
  workplace.run("quiesce check interrupt.qsm -q --save-run outcome.json");
  const Outcome outcome = workplace.run(validation("run.schema.json"));
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST(OtherFormats, AreValid) {
  const Workplace workplace;
  const char* const commands[] = {"check race.qsm",
                                  "check stuck.qsm",
                                  "check interrupt.qsm",
                                  "check mistakes.qsm",
                                  "check doors.qsm --mend",
                                  "check missing.qsm",
                                  "check race.qsm --states 5",
                                  "test race.qsm mistakes.qsm empty.qsm",
                                  "test wrong_expectation.qsm"};
  int number = 0;
  for (const std::string command : commands) {
    const std::string name = std::to_string(++number);
    workplace.run("quiesce " + command + " --sarif " + name + ".sarif --junit " + name + ".xml");
  }
  const std::string folder = std::string(QUIESCE_SOURCE_DIR) + "/tests/cli/schema/";
  const Outcome outcome = workplace.run("python3 -B '" + folder + "validate_reports.py' '" + folder +
                                        "sarif.schema.json' [1-9].sarif [1-9].xml");
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(workplace.run("grep -c '\"fixes\"' 5.sarif").out, "1\n");
}

TEST(ReportFiles, AreWrittenAllOrNone) {
  const Workplace workplace;
  const Outcome outcome = workplace.run("quiesce check race.qsm -q --junit no/such/place.xml --sarif new.sarif");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(workplace.run("test ! -e new.sarif && test ! -e no && echo none").out, "none\n");
}

TEST(SchemaOfOutcomes, RefusesAnotherVersion) {
  const Workplace workplace;
  workplace.run(
      "quiesce check locked.qsm --json outcome.json; sed -i 's/\"version\": 1,/\"version\": 2,/' outcome.json");
  EXPECT_NE(workplace.run(validation()).code, 0);
}

}  // namespace
}  // namespace quiesce::cli

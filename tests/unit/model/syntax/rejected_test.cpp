// Every wrong text of tests/language/rejected/syntax/ with its exact messages: NAME.qsm beside NAME.expected.
// Only the parser runs; what is wrong with names and types is in rejected/types/. QUIESCE_UPDATE_GOLDEN=1
// writes the .expected files again; read the difference as a user would.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/model/syntax/support.h"

namespace quiesce::model::syntax {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(QUIESCE_SOURCE_DIR) / "tests" / "language" / "rejected" / "syntax";
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".qsm") found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class RejectedTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RejectedTest, SaysExactlyWhatIsWrong) {
  const std::filesystem::path expected = folder() / (GetParam() + ".expected");
  SourceMap sources;
  Diagnostics diagnostics;
  parse(sources.add(GetParam() + ".qsm", read_text(folder() / (GetParam() + ".qsm"))), sources, diagnostics);
  EXPECT_TRUE(diagnostics.has_errors()) << "accepted";
  const std::string actual = render(diagnostics, sources);
  if (std::getenv("QUIESCE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, read_text(expected)) << "QUIESCE_UPDATE_GOLDEN=1 writes " << expected;
}

INSTANTIATE_TEST_SUITE_P(Syntax, RejectedTest, ::testing::ValuesIn(names()),
                         [](const ::testing::TestParamInfo<std::string>& test) { return test.param; });

TEST(RejectedTest, ThereAreEnough) { EXPECT_GE(names().size(), 80u); }

}  // namespace
}  // namespace quiesce::model::syntax

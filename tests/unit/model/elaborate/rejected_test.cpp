// Designs that read well and whose types fit, but that cannot be elaborated: every system of every file of
// tests/language/rejected/elaborate/ with its exact messages, NAME.qsm beside NAME.expected. QUIESCE_UPDATE_GOLDEN=1
// writes the .expected files again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/elaborate/elaborate.h"
#include "model/types/check_program.h"
#include "model/types/module_loader.h"

namespace quiesce::model {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(QUIESCE_SOURCE_DIR) / "tests" / "language" / "rejected" / "elaborate";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".qsm") {
      found.push_back(entry.path().stem().string());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

class ElaborationRejectedTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ElaborationRejectedTest, SaysExactlyWhatIsWrong) {
  SourceMap sources;
  Diagnostics diagnostics;
  const types::MemoryFiles nothing;
  const types::LoadedModules modules = types::load_modules(GetParam() + ".qsm", read(folder() / (GetParam() + ".qsm")),
                                                           nothing, nothing, sources, diagnostics);
  const auto program = types::check_program(modules, diagnostics);
  ASSERT_NE(program, nullptr) << "the type checker rejects it already:\n" << render(diagnostics, sources);
  for (const auto& machine : program->machines) {
    if (machine->is_system) {
      EXPECT_FALSE(elaborate(*program, *machine, {}, {}, diagnostics).has_value()) << "accepted";
    }
  }
  const std::string actual = render(diagnostics, sources);
  const std::filesystem::path expected = folder() / (GetParam() + ".expected");
  if (std::getenv("QUIESCE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, read(expected));
}

INSTANTIATE_TEST_SUITE_P(Elaborate, ElaborationRejectedTest, ::testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace quiesce::model

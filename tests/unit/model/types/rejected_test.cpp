// Every wrong input of tests/language/rejected/types/ with its exact messages: NAME.qsm beside NAME.expected. The
// modules that they use are those of library/ there, so that changes of the real library move no line numbers.
// QUIESCE_UPDATE_GOLDEN=1 writes the .expected files again; read the difference as a user would.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "model/types/check_program.h"

namespace quiesce::model::types {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(QUIESCE_SOURCE_DIR) / "tests" / "language" / "rejected" / "types";
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
    if (entry.path().extension() == ".qsm") found.push_back(entry.path().stem().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

MemoryFiles library() {
  std::map<std::string, std::string> files;
  const std::filesystem::path root = folder() / "library";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) {
      files[std::filesystem::relative(entry.path(), root).generic_string()] = read(entry.path());
    }
  }
  return MemoryFiles(files, "library:");
}

class RejectedTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RejectedTest, SaysExactlyWhatIsWrong) {
  const std::filesystem::path input = folder() / (GetParam() + ".qsm");
  const std::filesystem::path expected = folder() / (GetParam() + ".expected");
  SourceMap sources;
  Diagnostics diagnostics;
  const LoadedModules modules =
      load_modules(GetParam() + ".qsm", read(input), library(), MemoryFiles(), sources, diagnostics);
  EXPECT_EQ(check_program(modules, diagnostics), nullptr) << "accepted";
  const std::string actual = render(diagnostics, sources);
  if (std::getenv("QUIESCE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(expected, std::ios::binary) << actual;
    return;
  }
  EXPECT_EQ(actual, read(expected));
}

INSTANTIATE_TEST_SUITE_P(Types, RejectedTest, ::testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace quiesce::model::types

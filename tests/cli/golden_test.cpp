// Golden tests of whole command lines. Each file of golden/ is a session: lines that begin with "$ " are commands,
// run by the shell in one folder that holds a copy of designs/; below each stands what it printed:
//
//     $ quiesce check missing.qsm
//     [stderr]
//     error: cannot read 'missing.qsm': no such file or directory
//     [exit 2]
//
// Standard output comes first, then standard error behind [stderr] if there is any, then the exit code unless it is 0.
// Lines before the first command are remarks. QUIESCE_UPDATE_GOLDEN=1 writes the files anew; look at the difference
// and ask: is the new behaviour better?
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cli/shell.h"

namespace quiesce::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> sessions() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(QUIESCE_SOURCE_DIR) / "tests/cli/golden")) {
    if (entry.path().extension() == ".session") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public ::testing::TestWithParam<std::string> {};

/// `text`, ended by a line break; a missing one is made visible.
std::string lines_of(const std::string& text) {
  if (text.empty() || text.back() == '\n') return text;
  return text + "\n[no line break at the end]\n";
}

/// The session as it goes now.
std::string replay(const std::string& written) {
  const Workplace workplace;
  std::istringstream in(written);
  std::string now;
  bool before_first = true;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("$ ")) {
      if (before_first) now += line + "\n";
      continue;
    }
    if (!before_first) now += "\n";
    before_first = false;
    const Outcome outcome = workplace.run(line.substr(2));
    now += line + "\n" + lines_of(outcome.out);
    if (!outcome.err.empty()) now += "[stderr]\n" + lines_of(outcome.err);
    if (outcome.code != 0) now += "[exit " + std::to_string(outcome.code) + "]\n";
  }
  return now;
}

TEST_P(Golden, SessionIsAsWritten) {
  const fs::path file = fs::path(QUIESCE_SOURCE_DIR) / "tests/cli/golden" / (GetParam() + ".session");
  const std::string written = read_file(file);
  const std::string now = replay(written);
  const char* update = std::getenv("QUIESCE_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    if (now != written) std::ofstream(file, std::ios::binary) << now;
    return;
  }
  EXPECT_EQ(now, written) << "run with QUIESCE_UPDATE_GOLDEN=1 if the new behaviour is better";
}

INSTANTIATE_TEST_SUITE_P(Sessions, Golden, ::testing::ValuesIn(sessions()),
                         [](const auto& name) { return name.param; });

}  // namespace
}  // namespace quiesce::cli

// Planted faults: each line of tests/lint/faults that ends with a code in a comment is warned of with this code, and no
// other line is.
#include "checker/lint_design.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quiesce::checker {
namespace {

namespace fs = std::filesystem;
using model::Diagnostic;
using model::Diagnostics;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

const SearchControl& unlimited() {
  static const SearchControl control(Limits{}, nullptr);
  return control;
}

struct Linted {
  std::unique_ptr<LoadedDesign> design;
  Diagnostics found;

  std::set<std::string> lines() const {
    std::set<std::string> result;
    for (const Diagnostic& one : found.sorted()) {
      const auto at = design->sources.file(one.span.file).position(one.span.begin);
      result.insert(fmt::format("line {}: {}", at.line, one.code));
    }
    return result;
  }
};

Linted linted(const std::string& name, const std::string& text, const model::types::WarningOptions& warnings = {}) {
  Linted result;
  result.design = load_design(name, text, lint_options({}));
  EXPECT_TRUE(result.design->ok()) << model::render(result.design->diagnostics, result.design->sources);
  if (result.design->ok()) result.found = lint(*result.design, warnings, unlimited(), nullptr);
  return result;
}

/// What the comments of a text announce.
std::set<std::string> announced(const std::string& text) {
  static const std::regex code("// ((W06[0-9]{2},? ?)+)$");
  std::set<std::string> result;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::smatch match;
    if (!std::regex_search(line, match, code)) continue;
    std::istringstream words(match[1]);
    for (std::string word; words >> word;) result.insert(fmt::format("line {}: {}", number, word.substr(0, 5)));
  }
  return result;
}

std::vector<std::string> fault_files() {
  std::vector<std::string> result;
  for (const auto& entry : fs::directory_iterator(fs::path(QUIESCE_SOURCE_DIR) / "tests/lint/faults")) {
    result.push_back(entry.path().stem().string());
  }
  std::sort(result.begin(), result.end());
  return result;
}

class Faults : public testing::TestWithParam<std::string> {};

TEST_P(Faults, AreFoundAndNothingElse) {
  const fs::path path = fs::path(QUIESCE_SOURCE_DIR) / "tests/lint/faults" / (GetParam() + ".qsm");
  const std::string text = read(path);
  const Linted result = linted(GetParam() + ".qsm", text);
  EXPECT_EQ(result.lines(), announced(text)) << model::render(result.found, result.design->sources);
}

INSTANTIATE_TEST_SUITE_P(Files, Faults, testing::ValuesIn(fault_files()), [](const auto& one) { return one.param; });

TEST(Lint, HasThirtyPlantedFaults) {
  std::size_t count = 0;
  for (const std::string& name : fault_files()) {
    count += announced(read(fs::path(QUIESCE_SOURCE_DIR) / "tests/lint/faults" / (name + ".qsm"))).size();
  }
  EXPECT_GE(count, 30u);
}

/// In one case of the matrix the condition is true, in the other it is not.
constexpr const char* kMatrix = R"(module matrix
system S(most: int 0..3 = 1) {
  n: int 0..3 = most
  thread t { if n == 2 { n = 0 } }
}
check S with most in {1, 2}
)";

TEST(Lint, SaysNothingOfWhatSomeCaseOfACheckDoes) { EXPECT_THAT(linted("matrix.qsm", kMatrix).lines(), IsEmpty()); }

constexpr const char* kOwnValue = R"(module own_value
system S {
  b: bool = false
  other: bool = any
  n: int 0..15 = 0
  thread t {
    n = n | 4
    n = n & 12
    n = n ^ 1
    n = n << 1
    n = n % 3
    b = b && other
    b = b || other
    b = b ? other : true
    n = n | 4 == 4 ? 1 : 0
  }
  reachable seen: b || n > 0
}
check S
)";

TEST(Lint, SaysNothingOfValuesThatBeginWithTheirVariable) {
  EXPECT_THAT(linted("own_value.qsm", kOwnValue).lines(), IsEmpty());
}

constexpr const char* kLibrary = R"(module nic
use wdm
machine Nic(line: ref wdm.Line) implements wdm.Driver {
  hw: wdm.InterruptingDevice(line)
  intr: wdm.InterruptObject(line, isr)
  fn start() -> Status {
    var s = wdm.IoConnectInterruptEx(intr)
    if s != STATUS_SUCCESS { return s }
    hw.enable()
    return STATUS_SUCCESS
  }
  fn stop() { hw.disable()  wdm.IoDisconnectInterruptEx(intr) }
  fn isr() -> bool {
    if !hw.requesting { return false }
    hw.acknowledge()
    return true
  }
}
)";

TEST(Lint, TellsTheValuesThatShowIt) {
  const Linted result = linted("a.qsm", R"(module a
system S {
  mode: int 0..5 = 0
  thread t { mode = 2  await mode == 5 }
}
check S
)");
  const std::vector<Diagnostic> found = result.found.sorted();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "W0603");
  EXPECT_THAT(found[0].notes, ElementsAre("'mode' is only ever 2"));
}

TEST(Lint, ObeysAllowances) {
  const Linted result = linted("a.qsm", R"(module a
system S {
  n: int 0..3 = 0
  thread t {
    // quiesce: allow W0601 because the range will grow
    if n > 3 { n = 2 }
    n = 1  // quiesce: allow W0602 because nothing
  }
}
check S
)");
  EXPECT_THAT(result.lines(), ElementsAre("line 7: W0405"));
}

TEST(Lint, ObeysDenials) {
  model::types::WarningOptions warnings;
  warnings.deny = {"W0601"};
  const Linted result = linted("a.qsm", R"(module a
system S { n: int 0..3 = 0  thread t { if n > 3 { n = 2 }  n = 1 } }
check S
)",
                               warnings);
  EXPECT_TRUE(result.found.has_errors());
}

TEST(Lint, IsAboutTheDesignAndNotTheLibrary) {
  const std::string text = std::string(kLibrary) + R"(
system Machine { line: wdm.Line(level, 5)  nic: Nic(line)  manager: wdm.PnpManager(nic) }
check Machine for wdm.*
)";
  EXPECT_THAT(linted("nic.qsm", text).lines(), IsEmpty());
}

}  // namespace
}  // namespace quiesce::checker

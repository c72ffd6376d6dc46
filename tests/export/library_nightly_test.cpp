// Every design of the library, and of the pinned verdicts, that the other checkers can hold: plain and reduced, for
// Rumur and for SPIN.
#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "model/system/reduce.h"
#include "tests/differential/designs.h"
#include "tests/export/other_checkers.h"

namespace quiesce {
namespace {

constexpr std::uint64_t kMostStates = 60'000;

std::vector<std::string> files() {
  std::vector<std::string> result;
  for (const char* folder : {"specs", "tests/verdicts/designs", "bench/protocols"}) {
    for (std::string& file : design_files(folder)) {
      if (file.find("specs/") != 0 || file.find("/designs/") != std::string::npos) result.push_back(std::move(file));
    }
  }
  return result;
}

class ExportLibrary : public testing::TestWithParam<std::string> {};

// Merged steps have many ways, of which the other checkers make very large programs: one cell of each file is enough.
TEST_P(ExportLibrary, IsCountedAlike) {
  std::string problem;
  const std::vector<DesignCell> cells = design_cells(GetParam(), &problem);
  std::size_t compared = 0, possible = 0;
  const auto compare = [&](const model::TransitionSystem& system, checker::ExportLanguage language, bool violations) {
    ++possible;
    compared += expect_same_opinion(system, language, kMostStates, violations) ? 1 : 0;
  };
  if (!cells.empty()) {
    SCOPED_TRACE(cells.front().title);
    compare(cells.front().system, checker::ExportLanguage::Murphi, true);
    compare(cells.front().system, checker::ExportLanguage::Promela, false);
  }
  if (cells.size() > 1) {
    SCOPED_TRACE(cells[1].title + ", merged");
    compare(model::reduce(cells[1].system), checker::ExportLanguage::Murphi, false);
  }
  std::cout << GetParam() << ": " << compared << " comparisons of " << possible << "\n";
}

INSTANTIATE_TEST_SUITE_P(Designs, ExportLibrary, testing::ValuesIn(files()), [](const auto& parameter) {
  std::string name;
  for (const char c : parameter.param) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

}  // namespace
}  // namespace quiesce

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
constexpr std::size_t kMostCells = 2;  // of one file

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

TEST_P(ExportLibrary, IsCountedAlike) {
  std::string problem;
  const std::vector<DesignCell> cells = design_cells(GetParam(), &problem);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < cells.size() && i < kMostCells; ++i) {
    SCOPED_TRACE(cells[i].title);
    const model::TransitionSystem reduced = model::reduce(cells[i].system);
    // Between them, both languages see both forms of every design.
    const bool turn = i % 2 == 0;
    const auto one = turn ? checker::ExportLanguage::Murphi : checker::ExportLanguage::Promela;
    const auto other = turn ? checker::ExportLanguage::Promela : checker::ExportLanguage::Murphi;
    compared += expect_same_opinion(cells[i].system, one, kMostStates, false) ? 1 : 0;
    compared += expect_same_opinion(reduced, other, kMostStates, true) ? 1 : 0;
  }
  std::cout << GetParam() << ": " << compared << " comparisons of " << 2 * std::min(cells.size(), kMostCells) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Designs, ExportLibrary, testing::ValuesIn(files()), [](const auto& parameter) {
  std::string name;
  for (const char c : parameter.param) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

}  // namespace
}  // namespace quiesce

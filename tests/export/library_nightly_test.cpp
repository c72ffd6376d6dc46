// Every design of the library, and of the pinned verdicts, that the other checkers can hold: plain and reduced, for
// Rumur and for SPIN.
#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "model/passes/reduce.h"
#include "tests/differential/designs.h"
#include "tests/export/other_checkers.h"

namespace quiesce {
namespace {

constexpr std::uint64_t kMostStates = 60'000;
constexpr std::size_t kMostCells = 4;  // tried of one design

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

/// Compares the first cells of a design that the other checker can hold, plain and merged. (Cases of one design differ
/// in parameters only, and each takes up to minutes.)
void compare(const std::string& file, checker::ExportLanguage language) {
  std::string problem;
  const std::vector<DesignCase> cells = design_cases(file, &problem);
  const bool is_murphi = language == checker::ExportLanguage::Murphi;
  const auto compare_first = [&](bool merged) {
    for (std::size_t i = 0; i < cells.size() && i < kMostCells; ++i) {
      SCOPED_TRACE(cells[i].title + (merged ? ", merged" : ""));
      const model::TransitionSystem& plain = cells[i].system;
      if (expect_same_opinion(merged ? model::reduce(plain).system : plain, language, kMostStates,
                              is_murphi && !merged)) {
        return true;
      }
    }
    return false;
  };
  std::cout << file << (is_murphi ? ": Rumur" : ": SPIN") << ": plain " << (compare_first(false) ? "yes" : "no")
            << ", merged " << (compare_first(true) ? "yes" : "no") << "\n";
}

TEST_P(ExportLibrary, HasAsManyStatesForRumur) { compare(GetParam(), checker::ExportLanguage::Murphi); }
TEST_P(ExportLibrary, HasAsManyStatesForSpin) { compare(GetParam(), checker::ExportLanguage::Promela); }

INSTANTIATE_TEST_SUITE_P(Designs, ExportLibrary, testing::ValuesIn(files()), [](const auto& parameter) {
  std::string name;
  for (const char c : parameter.param) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
});

}  // namespace
}  // namespace quiesce

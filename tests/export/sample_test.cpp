// A few small systems, between them with everything that the scheduler knows.
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/differential/designs.h"
#include "tests/export/other_checkers.h"

namespace quiesce {
namespace {

constexpr std::size_t kMostCells = 2;  // of one design: each takes seconds to compile

constexpr const char* kSample[] = {
    "tests/verdicts/designs/any_where",           // several initial states
    "tests/verdicts/designs/cpu_array",           // renaming of CPUs moves blocks of cells
    "tests/verdicts/designs/dpc_on_own_cpu",      // urgent handlers, staying pinned
    "tests/verdicts/designs/handler_after_free",  // objects
    "tests/verdicts/designs/queue_rules",         // core rules end runs
    "tests/verdicts/designs/three_activations",   // renaming of activations
    "tests/verdicts/designs/visit_every_cpu",     // on c { }
    "tests/verdicts/designs/range",               // what is checked is not done
    "tests/export/designs/queued_by_hardware",    // urgent handlers go before what floats
    "tests/verdicts/designs/lock_orders",         // locks
    "tests/verdicts/designs/hand_over_to_many",   // steps of two contexts
};

class Export : public testing::TestWithParam<const char*> {};

void compare(const std::string& file, checker::ExportLanguage language) {
  std::string problem;
  const std::vector<DesignCase> cells = design_cases(file + ".qsm", &problem);
  ASSERT_FALSE(cells.empty()) << problem;
  for (std::size_t i = 0; i < cells.size() && i < kMostCells; ++i) {
    SCOPED_TRACE(cells[i].title);
    EXPECT_TRUE(expect_same_opinion(cells[i].system, language, 100'000, true)) << "too large";
  }
}

TEST_P(Export, HasAsManyStatesForRumur) { compare(GetParam(), checker::ExportLanguage::Murphi); }
TEST_P(Export, HasAsManyStatesForSpin) { compare(GetParam(), checker::ExportLanguage::Promela); }

INSTANTIATE_TEST_SUITE_P(Designs, Export, testing::ValuesIn(kSample),
                         [](const auto& parameter) { return std::filesystem::path(parameter.param).stem().string(); });

}  // namespace
}  // namespace quiesce

// A few small systems, between them with everything that the scheduler knows.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/differential/designs.h"
#include "tests/export/other_checkers.h"

namespace quiesce {
namespace {

constexpr std::size_t kMostCells = 2;  // of one design: each takes seconds to compile

constexpr const char* kSample[] = {
    "any_where",           // several initial states
    "cpu_array",           // renaming of CPUs moves blocks of cells
    "dpc_on_own_cpu",      // urgent handlers, staying pinned
    "handler_after_free",  // objects
    "queue_rules",         // core rules end runs
    "three_activations",   // renaming of activations
    "visit_every_cpu",     // on c { }
    "lock_orders",         // locks
};

class Export : public testing::TestWithParam<const char*> {};

void compare(const std::string& file, checker::ExportLanguage language) {
  std::string problem;
  const std::vector<DesignCell> cells = design_cells("tests/verdicts/designs/" + file + ".qsm", &problem);
  ASSERT_FALSE(cells.empty()) << problem;
  for (std::size_t i = 0; i < cells.size() && i < kMostCells; ++i) {
    SCOPED_TRACE(cells[i].title);
    EXPECT_TRUE(expect_same_opinion(cells[i].system, language, 100'000, true)) << "too large";
  }
}

TEST_P(Export, HasAsManyStatesForRumur) { compare(GetParam(), checker::ExportLanguage::Murphi); }
TEST_P(Export, HasAsManyStatesForSpin) { compare(GetParam(), checker::ExportLanguage::Promela); }

INSTANTIATE_TEST_SUITE_P(Designs, Export, testing::ValuesIn(kSample),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace quiesce

// All cells of every design of the repository, larger ones too; label 'nightly'.
#include <gtest/gtest.h>

#include "tests/differential/compare_designs.h"

namespace quiesce {
namespace {

TEST(NightlyDesigns, Agree) {
  for (const char* folder : {"tests/verdicts", "specs"}) compare_designs(folder, 60000, 1000, 2);
}

}  // namespace
}  // namespace quiesce

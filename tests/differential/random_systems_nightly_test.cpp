// Many more, and larger, random systems than random_systems_test.cpp; label 'nightly'. QUIESCE_FIRST_SEED moves on.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/differential/engines_agree.h"
#include "tests/differential/random_system.h"

namespace quiesce {
namespace {

TEST(NightlyRandomSystems, Agree) {
  const char* from = std::getenv("QUIESCE_FIRST_SEED");
  const std::uint64_t first = from == nullptr ? 5000000 : std::strtoull(from, nullptr, 10);
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + 20000 && failures < 5; ++seed) {
    const int size = 1 + static_cast<int>(seed % 3);
    const Agreement agreement = engines_agree(random_system(seed, size), 3000, 3, seed);
    EXPECT_EQ(agreement.difference, "") << "seed " << seed << ", size " << size << ":\n" << agreement.difference;
    failures += agreement.difference.empty() ? 0 : 1;
  }
}

}  // namespace
}  // namespace quiesce

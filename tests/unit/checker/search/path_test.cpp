// Paths of hunts: without loops, shorter, and made runs.
#include "checker/search/path.h"

#include <gtest/gtest.h>

#include "checker/search/hunter.h"

namespace quiesce::checker {
namespace {

Path path_of(const std::vector<std::uint64_t>& numbers) {
  Path path;
  for (const std::uint64_t number : numbers) path.push_back({number});
  return path;
}

TEST(WithoutLoops, KeepsWhatHasNone) {
  EXPECT_EQ(without_loops(path_of({1, 2, 3})), path_of({1, 2, 3}));
  EXPECT_EQ(without_loops({}), Path());
}

TEST(WithoutLoops, GoesOnWhereAStateIsLeftForTheLastTime) {
  EXPECT_EQ(without_loops(path_of({1, 2, 1, 3})), path_of({1, 3}));
  EXPECT_EQ(without_loops(path_of({1, 2, 3, 2, 4, 3, 5})), path_of({1, 2, 4, 3, 5}));
  EXPECT_EQ(without_loops(path_of({1, 1, 1})), path_of({1}));
}

TEST(HuntRandom, IsTheSameOnEveryMachine) {
  HuntRandom random(0);
  EXPECT_EQ(random.next(), 0xE220A8397B1DCDAFULL);
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below(7), 7u);
}

}  // namespace
}  // namespace quiesce::checker

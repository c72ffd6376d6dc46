#include "model/system/cell_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/system/cell_classes.h"

namespace quiesce::model {
namespace {

using ::testing::ElementsAre;

CellSet set_of(std::initializer_list<std::size_t> cells) {
  CellSet result(100);
  for (const std::size_t cell : cells) result.insert(CellId(cell));
  return result;
}

std::vector<std::uint32_t> members(const CellSet& set) {
  std::vector<std::uint32_t> result;
  set.for_each([&](CellId cell) { result.push_back(cell.value); });
  return result;
}

TEST(CellSet, UnitesAndSubtracts) {
  CellSet set = set_of({0, 63});
  EXPECT_TRUE(set.unite(set_of({63, 64, 99})));
  EXPECT_FALSE(set.unite(set_of({0, 99}))) << "nothing new";
  EXPECT_THAT(members(set), ElementsAre(0, 63, 64, 99));
  set.subtract(set_of({1, 63, 99}));
  EXPECT_THAT(members(set), ElementsAre(0, 64));
  set.erase(CellId(std::size_t{0}));
  EXPECT_TRUE(set.contains(CellId(std::size_t{64})));
  EXPECT_FALSE(set.empty());
  set.clear();
  EXPECT_TRUE(set.empty());
}

TEST(CellSet, Compares) {
  EXPECT_TRUE(set_of({3, 70}).intersects(set_of({70})));
  EXPECT_FALSE(set_of({3, 70}).intersects(set_of({4, 71})));
  EXPECT_TRUE(set_of({70}).subset_of(set_of({3, 70})));
  EXPECT_FALSE(set_of({3, 70}).subset_of(set_of({70})));
  EXPECT_EQ(set_of({3}), set_of({3}));
}

TEST(CellClasses, AreNamedByTheirLeastCell) {
  CellClasses classes(7);
  const auto unite = [&](std::size_t a, std::size_t b) { classes.unite(CellId(a), CellId(b)); };
  unite(5, 3);
  unite(6, 5);
  unite(2, 1);
  EXPECT_THAT(classes.names(), ElementsAre(0, 1, 1, 3, 4, 3, 3));
  unite(6, 2);  // goes on after names()
  unite(3, 5);
  EXPECT_THAT(classes.names(), ElementsAre(0, 1, 1, 1, 4, 1, 1));
}

}  // namespace
}  // namespace quiesce::model

#include "checker/store/packing.h"

#include <gtest/gtest.h>

#include "model/base/check.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::SystemBuilder;

TEST(Packing, GivesEveryCellTheBitsOfItsDomain) {
  SystemBuilder b;
  b.boolean("one bit");
  b.integer("none", 7, 7);
  b.integer("three bits", -3, 4);
  b.integer("four bits", 0, 8);
  const Packing packing(b.system);
  EXPECT_EQ(packing.bits(), 8u);
  EXPECT_EQ(packing.words(), 1u);
}

TEST(Packing, RestoresEveryValue) {
  SystemBuilder b;
  b.integer("a", -3, 4);
  b.integer("constant", 7, 7);
  b.boolean("b");
  b.integer("wide", -2147483648LL, 2147483647LL);
  b.integer("c", 0, 8);
  const Packing packing(b.system);
  std::vector<std::uint64_t> words(packing.words());
  for (std::int32_t a = -3; a <= 4; ++a) {
    for (std::int32_t wide : {-2147483647 - 1, -1, 0, 2147483647}) {
      for (std::int32_t c = 0; c <= 8; ++c) {
        const std::vector<std::int32_t> cells = {a, 7, a & 1, wide, c};
        packing.pack(cells.data(), words.data());
        std::vector<std::int32_t> back(cells.size(), -99);
        packing.unpack(words.data(), back.data());
        EXPECT_EQ(back, cells);
      }
    }
  }
}

TEST(Packing, FillsGapsAndLetsNoCellStraddleWords) {
  SystemBuilder b;
  for (int i = 0; i < 3; ++i) b.integer("wide", 0, (1LL << 31) - 1);  // 31 bits: two to a word
  b.integer("gap", 0, 3);                                             // 2 bits: into the first word
  EXPECT_EQ(Packing(b.system).words(), 2u);
}

TEST(Packing, OfASystemWithoutInformationHasOneWord) {
  SystemBuilder b;
  EXPECT_EQ(Packing(b.system).words(), 1u);
}

TEST(Packing, RefusesNumbersOutsideTheDomain) {
  SystemBuilder b;
  b.integer("three bits", -3, 3);
  b.integer("constant", 7, 7);
  const Packing packing(b.system);
  std::uint64_t word = 0;
  for (const std::vector<std::int32_t>& cells : {std::vector<std::int32_t>{4, 7}, {-4, 7}, {0, 8}}) {
    EXPECT_THROW(packing.pack(cells.data(), &word), InternalError);
  }
}

}  // namespace
}  // namespace quiesce::checker

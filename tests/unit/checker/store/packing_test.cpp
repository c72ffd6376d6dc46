#include "checker/store/packing.h"

#include <gtest/gtest.h>

#include "model/base/internal_check.h"
#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using model::CellId;
using model::CellKind;

/// A cell that nothing writes rests forever and takes no bits: here all begin with any number.
struct SystemBuilder : model::SystemBuilder {
  using model::SystemBuilder::SystemBuilder;
  CellId boolean(const std::string& name) { return any(model::SystemBuilder::boolean(name)); }
  CellId integer(const std::string& name, std::int64_t lo, std::int64_t hi) {
    return any(model::SystemBuilder::integer(name, lo, hi));
  }
  CellId any(CellId cell) {
    initial_any(cell);
    return cell;
  }
  CellId cpu(const std::string& name) {
    const CellId cell = integer(name, 0, system.cpus);
    system.cells[cell.value].kind = CellKind::Cpu;
    return cell;
  }
};

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

TEST(Packing, MakesCellsThatNameCpusOneHot) {
  SystemBuilder b(3);
  const CellId number = b.integer("number", 0, 3);
  const CellId cpu = b.cpu("cpu");
  const Packing packing(b.system);
  EXPECT_EQ(packing.bits(), 2u + 3u);
  EXPECT_EQ(packing.field(cpu)->encoding, Packing::Encoding::OneHot);
  EXPECT_EQ(packing.encode(cpu, 0), 0u);
  for (std::int32_t c = 0; c < 3; ++c) {
    EXPECT_EQ(packing.encode(cpu, c + 1), std::uint64_t{1} << (packing.field(cpu)->shift + c));
  }
  for (std::int32_t n = 0; n <= 3; ++n) {
    for (std::int32_t c = 0; c <= 3; ++c) {
      const std::vector<std::int32_t> cells = {n, c};
      std::uint64_t word = 0;
      packing.pack(cells.data(), &word);
      EXPECT_EQ(word, packing.encode(number, n) | packing.encode(cpu, c));
      EXPECT_EQ(word & packing.mask(number), packing.encode(number, n));
      std::vector<std::int32_t> back(2, -99);
      packing.unpack(&word, back.data());
      EXPECT_EQ(back, cells);
    }
  }
}

TEST(Packing, PutsLocationsFirstAndLocalsLast) {
  SystemBuilder b;
  const CellId shared = b.integer("shared", 0, 100);
  const model::ContextId t = b.thread("t", 2);
  const CellId local = b.any(b.local(t, "x", 0, 5).front());
  b.at(t, 1) = b.program({b.go(t, 2)});
  b.at(t, 2) = b.program({b.end()});
  const Packing packing(b.system);
  const CellId location = b.system.at(t).location_cell.front();
  EXPECT_EQ(packing.word(location), 0u);
  EXPECT_EQ(packing.field(location)->shift, 0);
  EXPECT_LT(packing.field(location)->shift, packing.field(shared)->shift);
  EXPECT_LT(packing.field(shared)->shift, packing.field(local)->shift);
}

TEST(Packing, GivesNoBitsToWhatRestsBetweenSteps) {
  SystemBuilder b;
  const CellId scratch = b.model::SystemBuilder::integer("scratch", 0, 100);
  const model::ContextId t = b.thread("t", 1);
  b.at(t, 1) = b.program({b.set(scratch, 7), b.set(scratch, 0), b.end()});
  const Packing packing(b.system);
  EXPECT_FALSE(packing.field(scratch).has_value());
  EXPECT_EQ(packing.constant(scratch), 0);
  EXPECT_EQ(packing.encode(scratch, 0), 0u);
  EXPECT_EQ(packing.mask(scratch), 0u);
  std::vector<std::int32_t> cells(b.system.cells.size(), 0);
  std::vector<std::uint64_t> words(packing.words());
  packing.pack(cells.data(), words.data());
  cells[scratch.value] = 7;  // what the proof excludes is never lost in silence
  EXPECT_THROW(packing.pack(cells.data(), words.data()), InternalError);
}

TEST(Packing, SaysWhenStatesAreTooWide) {
  SystemBuilder b;
  for (int i = 0; i < 128; ++i) b.integer("wide", -2147483648LL, 2147483647LL);
  EXPECT_FALSE(Packing(b.system).is_too_wide());
  b.boolean("one bit more");
  EXPECT_TRUE(Packing(b.system).is_too_wide());
}

}  // namespace
}  // namespace quiesce::checker

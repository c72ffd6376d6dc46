#include "model/interpret/canonical.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/model/interpret/toy_system.h"

namespace quiesce::model {
namespace {

/// Everything that renaming touches: Cpu cells, an array of arrays indexed by Cpu, a handler with four activations that
/// have locals, two locks.
struct Renamed : Toy {
  Renamed() : Toy(4) {
    home = cpu_cell("home");
    for (int i = 0; i < 4; ++i) {  // array<struct { n: int, array<Cpu?, Cpu> }, Cpu>
      const CellId n = cell("n", 0, 3);
      CpuBlocks inner;
      for (int j = 0; j < 4; ++j) inner.first.push_back(cpu_cell("inner"));
      outer.first.push_back(n);
      inners.push_back(inner);
    }
    outer.length = 5;
    s.cpu_blocks.push_back(outer);
    s.cpu_blocks.insert(s.cpu_blocks.end(), inners.begin(), inners.end());
    first_lock = lock("l1");
    second_lock = lock("l2");
    h = handler("h", kDevice, number(1), OnAny{}, false, 4);
    for (std::uint32_t a = 0; a < 4; ++a) {
      s.contexts[h.value].local_cells[a] = {cell("local", 0, 2), cpu_cell("where")};
    }
    body(h, {{}, {}});
  }

  State random_state() const {
    State state;
    for (const Cell& cell : s.cells) {
      const std::int64_t hi = cell.kind == CellKind::Slot       ? 4
                              : cell.kind == CellKind::Location ? 2
                                                                : std::min<std::int64_t>(cell.hi, 3);
      state.push_back(static_cast<std::int32_t>(*rc::gen::inRange<std::int64_t>(0, hi + 1)));
    }
    return state;
  }

  /// `state` with the activations of `h` numbered anew: activation a becomes image[a].
  State rename_activations(const State& state, const std::vector<std::uint32_t>& image) const {
    State result = state;
    const Context& k = s.at(h);
    for (std::uint32_t a = 0; a < 4; ++a) {
      const std::uint32_t b = image[a];
      result[k.location_cell[b].value] = state[k.location_cell[a].value];
      result[k.level_cell[b].value] = state[k.level_cell[a].value];
      result[k.cpu_cell[b].value] = state[k.cpu_cell[a].value];
      for (std::size_t i = 0; i < 2; ++i) {
        result[k.local_cells[b][i].value] = state[k.local_cells[a][i].value];
      }
    }
    for (const CellId lock : {first_lock, second_lock}) {
      const std::int32_t holder = state[lock.value];
      if (holder != 0) {
        const auto a = static_cast<std::uint32_t>(holder - 1) - k.first_slot;
        result[lock.value] = static_cast<std::int32_t>(image[a] + k.first_slot + 1);
      }
    }
    return result;
  }

  CellId home, first_lock, second_lock;
  CpuBlocks outer;
  std::vector<CpuBlocks> inners;
  ContextId h;
};

std::vector<std::uint32_t> random_permutation() {
  std::vector<std::uint32_t> image(4);
  std::iota(image.begin(), image.end(), 0u);
  for (std::size_t i = 3; i > 0; --i) std::swap(image[i], image[*rc::gen::inRange<std::size_t>(0, i + 1)]);
  return image;
}

RC_GTEST_PROP(Canonical, IsTheSameForEveryRenaming, ()) {
  const Renamed toy;
  const State state = toy.random_state();
  const State renamed = toy.rename_activations(rename_cpus(toy.s, state, random_permutation()), random_permutation());
  RC_ASSERT(canonical_state(toy.s, state) == canonical_state(toy.s, renamed));
}

RC_GTEST_PROP(Canonical, IsARenamingOfTheState, ()) {
  const Renamed toy;
  const State state = toy.random_state();
  const State canonical = canonical_state(toy.s, state);
  bool found = false;
  for (const CpuRenaming& cpus : cpu_renamings(toy.s)) {
    std::vector<std::uint32_t> image = {0, 1, 2, 3};
    do {
      found = found || toy.rename_activations(rename_cpus(toy.s, state, cpus), image) == canonical;
    } while (std::next_permutation(image.begin(), image.end()));
  }
  RC_ASSERT(found);
}

RC_GTEST_PROP(Canonical, IsItsOwnRepresentative, ()) {
  const Renamed toy;
  const State canonical = canonical_state(toy.s, toy.random_state());
  RC_ASSERT(canonical_state(toy.s, canonical) == canonical);
}

TEST(Canonical, RenamingMovesBlocksAndWhatIsInThem) {
  const Renamed toy;
  State state(toy.s.cells.size(), 0);
  state[toy.home.value] = 1;                // CPU 0
  state[toy.outer.first[0].value] = 3;      // n of CPU 0
  state[toy.inners[0].first[1].value] = 2;  // in the block of CPU 0, at CPU 1: CPU 1
  const State renamed = rename_cpus(toy.s, state, {2, 3, 0, 1});
  State expected(toy.s.cells.size(), 0);
  expected[toy.home.value] = 3;
  expected[toy.outer.first[2].value] = 3;
  expected[toy.inners[2].first[3].value] = 4;
  EXPECT_EQ(renamed, expected);
}

TEST(Canonical, FixedCpusKeepTheirNumber) {
  Toy toy(3);
  const CellId home = toy.cpu_cell("home");
  toy.s.fixed_cpus = 0b010;
  EXPECT_EQ(cpu_renamings(toy.s).size(), 2u);
  const auto canonical = [&](std::int32_t cpu) {
    State state = toy.initial();
    state[home.value] = cpu + 1;
    return canonical_state(toy.s, state);
  };
  EXPECT_EQ(canonical(0), canonical(2));
  EXPECT_NE(canonical(0), canonical(1));
}

TEST(Canonical, ActivationsThatHoldLocksAreNotMixedUp) {
  const Renamed toy;
  State state(toy.s.cells.size(), 0);
  const Context& h = toy.s.at(toy.h);
  for (const std::uint32_t a : {0u, 1u}) {
    state[h.location_cell[a].value] = 1;
    state[h.cpu_cell[a].value] = static_cast<std::int32_t>(a + 1);
  }
  State one_holds_both = state;
  one_holds_both[toy.first_lock.value] = one_holds_both[toy.second_lock.value] =
      static_cast<std::int32_t>(h.first_slot + 1);
  State each_holds_one = state;
  each_holds_one[toy.first_lock.value] = static_cast<std::int32_t>(h.first_slot + 1);
  each_holds_one[toy.second_lock.value] = static_cast<std::int32_t>(h.first_slot + 2);
  EXPECT_NE(canonical_state(toy.s, one_holds_both), canonical_state(toy.s, each_holds_one));
}

}  // namespace
}  // namespace quiesce::model

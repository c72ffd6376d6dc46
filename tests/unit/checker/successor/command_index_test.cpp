#include "checker/successor/command_index.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/system_builder.h"

namespace quiesce::checker {
namespace {

using namespace model;

struct RandomEntries {
  SystemBuilder builder;
  std::vector<CellId> cells;
  std::vector<CommandIndex::Entry> entries;
};

/// `count` conjunctions over `cells` variables; a condition asks for one number, some, or all but a few.
RandomEntries random_entries(std::mt19937_64& random, std::size_t cells, std::size_t count) {
  RandomEntries made;
  for (std::size_t i = 0; i < cells; ++i) {
    const std::int64_t size = std::vector<std::int64_t>{1, 2, 3, 9, 30, 256}[random() % 6];
    made.cells.push_back(made.builder.integer("c" + std::to_string(i), -3, size - 4));
    made.builder.initial_any(made.cells.back());
  }
  for (std::size_t i = 0; i < count; ++i) {
    CommandIndex::Entry entry;
    entry.number = static_cast<std::uint32_t>(3 * i + 1);
    for (const CellId cell : made.cells) {
      if (random() % 3 != 0) continue;
      const Cell& domain = made.builder.system.at(cell);
      const std::int64_t size = domain.hi - domain.lo + 1;
      CellCondition condition{cell, {}, ValueSet::all(size)};
      const std::uint64_t share = 1 + random() % 8;
      for (std::int64_t n = 0; n < size; ++n) {
        if (share < 4 ? n == static_cast<std::int64_t>(random() % 3) : random() % 8 < share) condition.values.insert(n);
      }
      if (condition.values.is_empty()) condition.values.insert(size - 1);
      entry.conditions.push_back(condition);
    }
    made.entries.push_back(std::move(entry));
  }
  return made;
}

bool matches(const RandomEntries& made, const CommandIndex::Entry& entry, const std::vector<std::int32_t>& state) {
  return std::all_of(entry.conditions.begin(), entry.conditions.end(), [&](const CellCondition& condition) {
    return condition.values.contains(state[condition.cell.value] - made.builder.system.at(condition.cell).lo);
  });
}

/// Entries of which few can match, very many, none, and more than any split tells apart.
TEST(CommandIndex, FindsWhatMatches) {
  std::mt19937_64 random(7);
  for (const std::size_t count : {0u, 1u, 3u, 64u, 65u, 200u, 1500u}) {
    for (const std::size_t cells : {1u, 3u, 12u, 40u}) {
      const RandomEntries made = random_entries(random, cells, count);
      const Packing packing(made.builder.system);
      const CommandIndex index(packing, made.builder.system, made.entries);
      EXPECT_EQ(index.is_empty(), count == 0);
      EXPECT_EQ(index.entries(), count);
      if (count == 0) continue;
      std::vector<std::uint32_t> matched(count);
      std::vector<std::uint64_t> words(packing.words());
      std::vector<std::int32_t> state(made.builder.system.cells.size());
      for (int i = 0; i < 200; ++i) {
        for (std::size_t cell = 0; cell < state.size(); ++cell) {
          const Cell& domain = made.builder.system.cells[cell];
          const auto size = static_cast<std::uint64_t>(domain.hi - domain.lo + 1);
          state[cell] = static_cast<std::int32_t>(domain.lo + static_cast<std::int64_t>(random() % size));
        }
        packing.pack(state.data(), words.data());
        const std::uint32_t found = index.match(words.data(), matched.data());
        std::vector<std::uint32_t> got(matched.begin(), matched.begin() + found), wanted;
        std::sort(got.begin(), got.end());
        for (const CommandIndex::Entry& entry : made.entries) {
          if (matches(made, entry, state)) wanted.push_back(entry.number);
        }
        ASSERT_EQ(got, wanted) << count << " entries over " << cells << " cells";
      }
    }
  }
}

/// A rest as long as there are commands: every command asks for a cell of its own.
TEST(CommandIndex, CommandsThatShareNoCell) {
  SystemBuilder builder;
  std::vector<CommandIndex::Entry> entries;
  for (std::uint32_t i = 0; i < 600; ++i) {
    const CellId cell = builder.integer("c" + std::to_string(i), 0, 3);
    builder.initial_any(cell);
    for (std::int64_t n = 0; n < 2; ++n) {
      entries.push_back({2 * i + static_cast<std::uint32_t>(n), {{cell, ValueSet::single(n), ValueSet::all(4)}}});
    }
  }
  const Packing packing(builder.system);
  const CommandIndex index(packing, builder.system, entries);
  std::vector<std::int32_t> state(builder.system.cells.size(), 1);
  std::vector<std::uint64_t> words(packing.words());
  packing.pack(state.data(), words.data());
  std::vector<std::uint32_t> matched(entries.size());
  ASSERT_EQ(index.match(words.data(), matched.data()), 600u);
}

}  // namespace
}  // namespace quiesce::checker

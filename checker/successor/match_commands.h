// Comparing a packed state with many guards at once: (word & mask) == value, and where wanted
// (word & not_mask) != not_value, eight commands per step of a 512-bit unit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/result/exploration.h"

namespace quiesce::checker {

/// One number for each of eight commands.
struct alignas(64) Lanes {
  std::array<std::uint64_t, 8> lane{};
};

/// What a guard says about one word of the state.
struct WordTest {
  std::uint32_t word = 0;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  std::uint64_t not_mask = 0;  // with not_value != 0 and not_mask = 0: nothing is excluded
  std::uint64_t not_value = 1;
};

/// A conjunction, at most one test per word.
using Guard = std::vector<WordTest>;

/// Guards in blocks of eight, which are groups of consecutive blocks. A command's number is 8 * block + lane.
struct MatchTable {
  struct Group {
    std::uint32_t first_block = 0;
    std::uint32_t blocks = 0;
  };
  struct Block {
    std::uint32_t first_test = 0;
    std::uint32_t tests = 0;
    std::uint32_t used = 0;  // bit i: lane i is a command
  };
  /// Of one word for the eight commands: masks and values at lanes[first], not-masks and not-values after them.
  struct Test {
    std::uint32_t word = 0;
    std::uint32_t first = 0;
    bool excludes = false;
  };
  std::vector<Block> blocks;
  std::vector<Test> tests;
  std::vector<Lanes> lanes;

  /// Adds a group of guards; `numbers` receives the command number of each.
  Group add(const std::vector<Guard>& guards, std::vector<std::uint32_t>& numbers);
};

/// Guards one after the other, to be compared with many states.
struct GuardList {
  static constexpr std::uint32_t kMaxWords = 64;  // of a state

  std::vector<WordTest> tests;
  std::vector<std::uint32_t> ends;   // by guard: where its tests end
  std::vector<std::uint32_t> words;  // that the tests mention

  void add(const Guard& guard);
};

/// The vector code of one instruction set.
struct MatchFunctions {
  /// The commands of `count` groups that match `state`, in order, to `matched`, which has room for all of them and 8
  /// more; ends[i]: where those of group i end.
  void (*match)(const MatchTable& table, const std::uint64_t* state, const MatchTable::Group* groups, std::size_t count,
                std::uint32_t* matched, std::uint32_t* ends) = nullptr;

  /// For states of one word and commands that only change it: appends (state & ~clear[command]) ^ flip[command] for
  /// each matching command of `group` to `out`, and marks the command in taken[block]. Handles as many of the states as
  /// certainly fit (each may add all commands, and up to 8 numbers are written past the end); returns how many, and how
  /// many successors in `added`.
  std::size_t (*expand)(const MatchTable& table, MatchTable::Group group, const Lanes* clear, const Lanes* flip,
                        const std::uint64_t* states, std::size_t count, std::uint64_t* out, std::size_t room,
                        std::uint8_t* taken, std::size_t* added) = nullptr;

  /// some[i] |= 1 for each of `count` states, of `words` words, for which a guard of `list` holds. Eight states are
  /// compared with one guard at once.
  void (*any)(const GuardList& list, const std::uint64_t* states, std::size_t words, std::size_t count,
              std::uint8_t* some) = nullptr;

  const char* name = "";
};

/// The code for `target`, or the best below it that this machine runs.
const MatchFunctions& match_functions(VectorTarget target);

}  // namespace quiesce::checker

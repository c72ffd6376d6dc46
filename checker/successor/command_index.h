// Which of many commands a state matches, without comparing it with all of them.
//
// A tree of splits over single fields of the packed state: a split reads one field and continues with the commands that
// ask for the number found there, and with those that do not ask (its rest). At the leaves stand up to 64 commands, as
// a set of bits: for every field that some of them ask about there is a table from what the field holds to the commands
// that it leaves, and the sets found for the state are intersected. So a condition may be any set of numbers, and a
// choice by an index that is read at run time is a look-up.
//
// The cost is that of the fields read, not of the commands: systems with hundreds of actions, of which few can match,
// are searched so; where there are few commands, comparing all of them in blocks (match_commands.h) is faster.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "checker/store/packing.h"
#include "checker/successor/derive_commands.h"

namespace quiesce::checker {

/// Immutable once built, shared by all threads.
class CommandIndex {
 public:
  /// A command by its number, and when it matches.
  struct Entry {
    std::uint32_t number = 0;
    std::vector<CellCondition> conditions;  // a conjunction
  };

  CommandIndex() = default;
  CommandIndex(const Packing& packing, const model::TransitionSystem& system, std::vector<Entry> entries);

  bool is_empty() const { return nodes_.empty(); }
  std::size_t nodes() const { return nodes_.size(); }
  std::size_t entries() const { return entries_; }

  /// Writes the numbers of the entries that match `state` to `matched`, each once, in no particular order; how many.
  /// Requires: room for all entries; not empty.
  std::uint32_t match(const std::uint64_t* state, std::uint32_t* matched) const;

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kMaxSplits = 250;  // on one way down

  /// Where a field is.
  struct FieldAt {
    std::uint32_t word = 0;
    std::uint32_t shift = 0;
    std::uint64_t mask = 0;   // after the shift
    std::uint32_t first = 0;  // split: of children_, by what the field holds; leaf: of sets_
    std::uint64_t read(const std::uint64_t* state) const { return state[word] >> shift & mask; }
  };
  /// A leaf has tests and commands; a split has a field. Both go on with `next`.
  struct Node {
    bool is_leaf = false;
    std::uint32_t next = kNone;
    FieldAt field;
    std::uint32_t first_test = 0;
    std::uint32_t tests = 0;
    std::uint32_t first_number = 0;
    std::uint64_t all = 0;  // a bit for each command
  };

  friend class CommandIndexBuilder;

  std::size_t entries_ = 0;
  std::vector<Node> nodes_;  // the root comes last
  std::vector<std::uint32_t> children_;
  std::vector<FieldAt> tests_;
  std::vector<std::uint64_t> sets_;
  std::vector<std::uint32_t> numbers_;
};

inline std::uint32_t CommandIndex::match(const std::uint64_t* state, std::uint32_t* matched) const {
  std::uint32_t found = 0;
  std::uint32_t pending[kMaxSplits + 1];
  std::uint32_t waiting = 0;
  std::uint32_t at = static_cast<std::uint32_t>(nodes_.size() - 1);
  for (;;) {
    const Node& node = nodes_[at];
    if (node.is_leaf) {
      std::uint64_t set = node.all;
      const FieldAt* test = tests_.data() + node.first_test;
      for (const FieldAt* const end = test + node.tests; test != end && set != 0; ++test) {
        set &= sets_[test->first + test->read(state)];
      }
      for (; set != 0; set &= set - 1) {
        matched[found++] = numbers_[node.first_number + static_cast<std::uint32_t>(std::countr_zero(set))];
      }
    } else {
      const std::uint32_t child = children_[node.field.first + node.field.read(state)];
      if (child != kNone) pending[waiting++] = child;
    }
    at = node.next;
    if (at != kNone) continue;
    if (waiting == 0) return found;
    at = pending[--waiting];
  }
}

}  // namespace quiesce::checker

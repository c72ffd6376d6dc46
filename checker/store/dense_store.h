// The visited set of searches that need arrays over states: keys are dense numbers from 0, in the order of insertion.
#pragma once

#include <vector>

#include "checker/store/mapped_array.h"
#include "checker/store/visited_set.h"

namespace quiesce::checker {

/// Exact; for one thread. Grows by itself. Cost: the words of a state and some 8 bytes of table each.
class DenseStore final : public VisitedSet {
 public:
  /// `words`: 64-bit words of a packed state, at least 1.
  explicit DenseStore(std::size_t words);

  /// The state with a number below size().
  const std::uint64_t* operator[](std::size_t number) const { return states_.data() + number * words_; }

  bool is_exact() const override { return true; }

  /// Does all, or throws std::bad_alloc; at most 2^32 - 1 states.
  std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) override;
  void read(StateKey key, std::uint64_t* state) const override;
  bool contains(const std::uint64_t* state) const override;
  bool should_grow() const override { return false; }
  std::uint64_t grown_memory_bytes() const override { return memory_bytes(); }
  bool grow(unsigned) override { return true; }
  std::uint64_t size() const override { return size_; }
  std::uint64_t memory_bytes() const override {
    return states_.bytes() + tags_.size() + numbers_.size() * sizeof(std::uint32_t);
  }
  double fill() const override {
    return tags_.empty() ? 0 : static_cast<double>(size()) / static_cast<double>(tags_.size());
  }
  double missed_probability() const override { return 0; }

  /// Writes all states.
  bool save(CheckedWriter& out) const { return save_array(out, states_); }

  /// Reads `count` states that save() wrote into an empty store, with their numbers. False when that fails. Throws
  /// std::bad_alloc.
  bool load(CheckedReader& in, std::uint64_t count);

  /// Gives up the table by which states are found: from now on numbers are only read. O(1).
  void close();

 private:
  std::size_t place_of(const std::uint64_t* state, std::uint64_t hash) const;
  bool is_at(std::uint32_t number, const std::uint64_t* state) const;
  StateKey insert_one(const std::uint64_t* state, std::uint64_t hash);
  std::uint32_t insert_in_table(const std::uint64_t* state, std::uint64_t hash);
  void prefetch(const std::uint64_t* hashes, std::size_t count) const;
  void enlarge_table() { make_table(tags_.size() + tags_.size() / 2); }
  void make_table(std::size_t places);

  std::size_t next_place(std::size_t place) const { return place + 1 == tags_.size() ? 0 : place + 1; }

  // A place is empty (tag 0) or holds the number of a state and, as tag, some bits of its hash. Open addressing, at
  // most three quarters full.
  std::size_t words_;
  std::size_t size_ = 0;
  MappedArray<std::uint64_t> states_;
  std::vector<std::uint8_t> tags_;
  std::vector<std::uint32_t> numbers_;
  std::vector<std::uint32_t> recent_;  // numbers of states that came last, by the high bits of their hashes
};

}  // namespace quiesce::checker

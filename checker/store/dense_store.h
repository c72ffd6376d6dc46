// The visited set of searches that need arrays over states: keys are dense numbers from 0, in the order of insertion.
#pragma once

#include <vector>

#include "checker/store/visited_set.h"

namespace quiesce::checker {

/// Exact; for one thread. Grows by itself. Cost: the words of a state and some 8 bytes of table each.
class DenseStore final : public VisitedSet {
 public:
  /// `words`: 64-bit words of a packed state, at least 1.
  explicit DenseStore(std::size_t words) : words_(words), table_(1024, kEmpty) {}

  /// The state with a number below size().
  const std::uint64_t* operator[](std::size_t number) const { return states_.data() + number * words_; }

  bool is_exact() const override { return true; }

  /// Does all, or throws std::bad_alloc; at most 2^32 - 1 states.
  std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) override;
  void read(StateKey key, std::uint64_t* state) const override;
  bool contains(const std::uint64_t* state) const override { return table_[place_of(state)] != kEmpty; }
  bool should_grow() const override { return false; }
  std::uint64_t grown_memory_bytes() const override { return memory_bytes(); }
  bool grow(unsigned) override { return true; }
  std::uint64_t size() const override { return states_.size() / words_; }
  std::uint64_t memory_bytes() const override {
    return states_.capacity() * sizeof(std::uint64_t) + table_.size() * sizeof(std::uint32_t);
  }
  double fill() const override { return static_cast<double>(size()) / static_cast<double>(table_.size()); }
  double missed_probability() const override { return 0; }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
  std::size_t place_of(const std::uint64_t* state) const;
  void enlarge_table();

  std::size_t words_;
  std::vector<std::uint64_t> states_;
  std::vector<std::uint32_t> table_;  // open addressing, a power of two, at most half full
};

}  // namespace quiesce::checker

// Bitstate hashing: of each state only a few bits in a fixed array are kept (G. Holzmann, "An analysis of bitstate
// hashing", Formal Methods in System Design 13, 1998).
//
// Where we differ: all bits of a state stand in one word (as in F. Putze, P. Sanders, J. Singler, "Cache-, hash- and
// space-efficient Bloom filters", 2007), so that a state costs one cache line instead of one per bit, and one atomic
// operation, which only one of several threads can win. The price is a somewhat greater chance of missing a state,
// because words fill unevenly; the figures below count it in.
#pragma once

#include <atomic>

#include "checker/store/lossy_store.h"
#include "checker/store/mapping.h"

namespace quiesce::checker {

class BitstateStore final : public LossyStore {
 public:
  static constexpr std::uint32_t kDefaultBitsPerState = 3;
  static constexpr std::uint32_t kMaxBitsPerState = 8;

  /// An array of `bytes` bytes (rounded up to pages) for states of `words` words; `bits_per_state` in
  /// 1..kMaxBitsPerState. Throws std::bad_alloc when the system gives no memory.
  BitstateStore(std::uint32_t words, std::uint64_t bytes, std::uint32_t bits_per_state = kDefaultBitsPerState);

  std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) override;
  bool should_grow() const override { return false; }
  std::uint64_t grown_memory_bytes() const override { return memory_bytes(); }
  bool grow(unsigned = 1) override { return false; }
  std::uint64_t size() const override { return size_.load(std::memory_order_relaxed); }
  std::uint64_t memory_bytes() const override { return sizeof(*this) + memory_.bytes(); }

  /// The share of the array's bits that are set if no two states share one: size() * bits per state / bits.
  double fill() const override;

  /// 1 - (1 - p(1)) (1 - p(2)) ... (1 - p(n)), where p(i) is the chance for a given state after i states.
  double missed_probability() const override;

  /// n states in w words: the number j in one word is distributed as Poisson(n / w); after them one of its 64 bits is
  /// set with 1 - (1 - 1/64)^(k j), all k of a state with the k-th power of that (Holzmann's formula for one word, and
  /// Putze's sum over the words). An upper bound: a state that is taken for known sets no bits.
  double given_state_missed_probability() const override;

 private:
  double missed_after(double states) const;

  std::uint32_t words_;
  std::uint32_t bits_per_state_;
  Mapping memory_;
  alignas(64) std::atomic<std::uint64_t> size_{0};
};

}  // namespace quiesce::checker

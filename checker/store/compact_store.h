// Hash compaction: of each state only a hash is kept (U. Stern, D. Dill, "Improved probabilistic verification by hash
// compaction", CHARME 1995), in the same compact table as the exact set's.
#pragma once

#include <algorithm>

#include "checker/store/lossy_store.h"
#include "checker/store/quotient_table.h"

namespace quiesce::checker {

class CompactStore final : public LossyStore {
 public:
  /// 48 bits cost 4 bytes an entry in tables of 128 MiB and more, and leave a given state of 10^8 a chance of
  /// 4 x 10^-7 of being missed.
  static constexpr std::uint32_t kDefaultBits = 48;

  /// Hashes of `bits` bits (32..64) of states of `words` words.
  explicit CompactStore(std::uint32_t words, std::uint32_t bits = kDefaultBits);

  std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) override;
  bool should_grow() const override { return table_.should_grow(); }
  std::uint64_t grown_memory_bytes() const override { return sizeof(*this) + table_.grown_bytes(); }
  bool grow(unsigned threads = 1) override { return table_.grow(threads); }
  std::uint64_t size() const override { return table_.size(); }
  std::uint64_t memory_bytes() const override { return sizeof(*this) + table_.bytes(); }
  double fill() const override { return table_.fill(); }

  /// n states, 2^b hashes: at most n (n - 1) / 2 pairs, each equal with a chance of 2^-b.
  double missed_probability() const override;

  /// n / 2^b.
  double given_state_missed_probability() const override;

 private:
  std::uint32_t words_;
  std::uint32_t bits_;
  QuotientTable table_;
};

}  // namespace quiesce::checker

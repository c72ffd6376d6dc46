// Visited sets that forget: a state may be taken for one that was seen already, and then it and what only it leads to
// are missed. For hunting violations in spaces that no exact set can hold; never for `holds`.
//
// How a search uses one: it owns a std::unique_ptr<LossyStore> beside (instead of) its StateStore. insert() has the
// same shape as StateStore::insert() without keys, because nothing can be read back: frontiers hold whole states.
// Growth follows the same protocol: should_grow() between batches, grow() by one thread alone. A bitstate store never
// asks for it. In the report go missed_probability() and given_state_missed_probability().
//
//   std::unique_ptr<LossyStore> visited = std::make_unique<CompactStore>(words);       // --storage compact
//   std::unique_ptr<LossyStore> visited = std::make_unique<BitstateStore>(words, bytes);  // --storage bitstate
#pragma once

#include <cstddef>
#include <cstdint>

namespace quiesce::checker {

class LossyStore {
 public:
  virtual ~LossyStore() = default;

  /// Adds `count` states, one after the other. Returns how many were done: fewer than count means that grow() is due.
  /// is_new[i] is 1 for at most one of all insertions of equal states, and for none when the state was taken for
  /// another one. Any number of threads at once.
  virtual std::size_t insert(const std::uint64_t* states, std::size_t count, std::uint8_t* is_new) = 0;

  virtual bool should_grow() const = 0;
  virtual std::uint64_t grown_memory_bytes() const = 0;

  /// Requires: nobody else uses the store. False, and unchanged, when the system gives no memory.
  virtual bool grow(unsigned threads = 1) = 0;

  /// States that were found to be new. Exact while no insert() runs.
  virtual std::uint64_t size() const = 0;
  virtual std::uint64_t memory_bytes() const = 0;
  virtual double fill() const = 0;

  /// The chance that at least one state has been missed so far: an upper bound under the assumption that hashes are
  /// uniform and independent, and that the states found are all that there are (what follows from a miss is not known).
  virtual double missed_probability() const = 0;

  /// The chance that one given state that has not been inserted yet would be taken for known now: at the end of a
  /// search, an upper bound for each state on its own.
  virtual double given_state_missed_probability() const = 0;
};

}  // namespace quiesce::checker

// The visited set: every packed state found so far, each once. Shared by all threads of a search, without locks.
//
// States of one word stand in one exact table of 4 or 8 bytes an entry (quotient_table.h). Wider states are first made
// into a few numbers, one for each word or group of words (folding.h), and these into a key of as few bits as possible
// (key_layout.h), which stands in the same kind of table. A successor equals its source in most words, and words take
// few values, so a state costs little more than its key, whatever its width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace quiesce::checker {

/// Names a stored state while its store lives: read() gives the state back. A state of one word is its own key.
/// Which key a wider state gets depends on the order of insertion, so keys are never compared across searches.
using StateKey = std::uint64_t;

/// Protocol. Any number of threads may use insert(), read(), contains() and the figures at once. When should_grow(), or
/// when insert() did not do all, one thread calls grow() while nobody else uses the store; then the rest of the
/// interrupted batches is inserted. Keys stay valid over growth and over save() and load().
class StateStore {
 public:
  struct Options {
    std::uint32_t words = 1;  // 64-bit words per packed state, 1..64
    std::uint32_t bits = 64;  // words == 1: only the low `bits` bits of a state may be set (1..64)
  };

  /// Throws std::bad_alloc when there is no memory for the first few pages.
  explicit StateStore(const Options& options);
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  /// Adds `count` states (`words` words each, one after the other). Returns how many were done: fewer than count means
  /// that the store is full (see above). keys[i] names state i; is_new[i] is 1 for exactly one of all insertions of
  /// equal states, else 0. Cost per state: one random cache line, fetched ahead, plus for wide states one per part in
  /// which it differs from the state before it in the batch; so successors of one state belong in one batch.
  std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new);

  /// Until the next call only one thread inserts (true), which is faster, or any number (false, as at first).
  void set_alone(bool is_alone);

  /// Whether it is time to grow. Cheap; asked between batches, so that insert() does not run full.
  bool should_grow() const;

  /// What memory_bytes() is at the height of the next grow(); after it, it is at most that.
  std::uint64_t grown_memory_bytes() const;

  /// Makes room where it is short. False when the system gives no memory, or there are more parts than numbers for them
  /// (2^31); then all that was stored is still there. `threads`: how many may share the work.
  bool grow(unsigned threads = 1);

  /// The state that a key names.
  void read(StateKey key, std::uint64_t* state) const;

  bool contains(const std::uint64_t* state) const;

  /// Exact while no insert() runs.
  std::uint64_t size() const;

  /// Everything held, touched by now or not.
  std::uint64_t memory_bytes() const;
  std::uint64_t peak_memory_bytes() const;

  /// The filled share of the fullest table.
  double fill() const;

  /// For checkpoints, while nobody else uses the store. load() returns null when the file is damaged, from another
  /// format, or there is no memory for it.
  bool save(std::FILE* file) const;
  static std::unique_ptr<StateStore> load(std::FILE* file);

 private:
  class Folded;
  struct Tables;
  std::size_t insert_keys(const StateKey* keys, std::size_t count, std::uint8_t* is_new);

  std::unique_ptr<Tables> tables_;
};

}  // namespace quiesce::checker

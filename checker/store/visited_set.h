// The states that a search has seen: what every storage of them offers. Exact sets (state_store.h) keep states whole;
// lossy ones (compact_store.h, bitstate_store.h) may take a state for one that was seen already, and then it and what
// only it leads to are missed: for hunting violations in spaces that no exact set can hold, never for `holds`.
//
// Protocol. Any number of threads may use insert(), read(), contains() and the figures at once. When should_grow(), or
// when insert() did not do all, one thread calls grow() while nothing else uses the set; then the rest of the
// interrupted batches is inserted. Keys stay valid over growth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "checker/result/reason.h"

namespace quiesce::checker {

/// Names a stored state while its set lives: read() gives the state back. A state of one word is its own key.
/// Which key a wider state gets depends on the order of insertion, so keys are never compared across searches.
using StateKey = std::uint64_t;

class VisitedSet {
 public:
  /// A set that cannot grow is full at this fill(): beyond it, probing takes all the time.
  static constexpr double kFullest = 0.96;

  virtual ~VisitedSet() = default;

  /// Whether states are kept whole, so that keys give them back; else a caller that needs a state again keeps it.
  virtual bool is_exact() const = 0;

  /// Adds `count` packed states, one after the other. Returns how many were done: fewer than count means that the set
  /// is full (see above). is_new[i] is 1 for at most one of all insertions of equal states, and for exactly one in an
  /// exact set. keys[i] names state i in an exact set; others write no keys, and `keys` may be null for them. Cost per
  /// state: one random cache line, fetched ahead.
  virtual std::size_t insert(const std::uint64_t* states, std::size_t count, StateKey* keys, std::uint8_t* is_new) = 0;

  /// Until the next call only one thread inserts (true), which may be faster, or any number (false, as at first).
  virtual void set_alone(bool) {}

  /// The state that a key names. Requires: is_exact().
  virtual void read(StateKey key, std::uint64_t* state) const = 0;

  /// Requires: is_exact().
  virtual bool contains(const std::uint64_t* state) const = 0;

  /// Whether it is time to grow. Cheap; asked between batches, so that insert() does not run full.
  virtual bool should_grow() const = 0;

  /// What memory_bytes() is at the height of the next grow(); after it, it is at most that.
  virtual std::uint64_t grown_memory_bytes() const = 0;

  /// Makes room where it is short. False when the system gives no memory or the set cannot grow; then all that was
  /// stored is still there. `threads`: how many may share the work.
  virtual bool grow(unsigned threads = 1) = 0;

  /// States that were found to be new. Exact while no insert() runs.
  virtual std::uint64_t size() const = 0;

  /// Everything held, touched by now or not.
  virtual std::uint64_t memory_bytes() const = 0;

  /// The filled share of the fullest table, 0..1.
  virtual double fill() const = 0;

  /// The chance that at least one state has been missed so far: 0 in an exact set, else an upper bound under the
  /// assumption that hashes are uniform and independent, and that the states found are all that there are (what follows
  /// from a miss is not known).
  virtual double missed_probability() const = 0;
};

/// An empty set of packed states of `words` words, of which only the low `bits` bits, counted over all words, may be set.
/// `bitstate_bytes`: the size of the array of Storage::Bitstate. Throws std::bad_alloc when there is no memory for the
/// first few pages.
std::unique_ptr<VisitedSet> make_visited_set(Storage storage, std::uint32_t words, std::uint32_t bits,
                                             std::uint64_t bitstate_bytes);

}  // namespace quiesce::checker

// An exact set of numbers of up to 64 bits that stores less than the numbers: the place where an entry stands carries
// the rest. The heart of the visited set.
//
// A number goes through an invertible mix. The mixed number, seen as a fraction of its range, times the number of home
// buckets gives the home bucket; what is left over (the quotient's remainder, as in J. Cleary, "Compact hash tables
// using bidirectional linear probing", 1984) is stored, with the distance from the home bucket at which it stands.
// Home, remainder and distance give the number back, so nothing is lost: two numbers are never taken for one. Where we
// differ from Cleary: buckets of one cache line are probed forward only and the distance is a field of the entry, so
// that an insertion is one compare-and-swap and nothing ever moves while insertions run.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <vector>

#include "checker/store/checked_file.h"
#include "checker/store/mapping.h"
#include "checker/store/quotient.h"

namespace quiesce::checker {

namespace quotient {

/// Mixed numbers that found no place, until growth makes some. With a good mix there are none in a table that is not
/// all but full. Any number of threads at once.
class Overflow {
 public:
  static constexpr std::size_t kMost = 4096;

  /// Whether so many wait that growth comes first. Asked before some are added, so that there may be a few more.
  bool is_full() const { return size_.load(std::memory_order_relaxed) >= kMost / 2; }

  bool is_empty() const { return size_.load(std::memory_order_relaxed) == 0; }

  /// False when it is there already.
  bool add(std::uint64_t mixed);

  bool contains(std::uint64_t mixed) const;
  std::vector<std::uint64_t> all() const;
  std::vector<std::uint64_t> take();
  void put_back(std::vector<std::uint64_t> mixed);

 private:
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> numbers_;  // in their order
  std::atomic<std::size_t> size_{0};
};

}  // namespace quotient

class QuotientTable {
 public:
  static constexpr unsigned kBucketBytes = quotient::kBucketBytes;
  using Shape = quotient::Shape;

  /// A set of numbers below 2^bits. Throws std::bad_alloc when there is no memory for the first 80 KiB. In small steps
  /// it has at most twice the memory that it needs, above 8 MiB at most one and a half times, instead of four and two
  /// times, and its numbers are moved once or twice more, for some nanoseconds each.
  explicit QuotientTable(std::uint32_t bits, bool in_small_steps = false);

  /// Adds numbers; is_new[i] becomes 1 for exactly one of all insertions of a number. Any number of threads at once.
  /// Returns how many were done: the first so many, fewer than count when too many have found no place, and then
  /// should_grow() is true.
  std::size_t insert(const std::uint64_t* numbers, std::size_t count, std::uint8_t* is_new);

  /// Until the next call only one thread inserts (true), which saves a locked instruction for each new number, or any
  /// number of threads (false, as at first).
  void set_alone(bool is_alone) { is_alone_ = is_alone; }

  bool contains(std::uint64_t number) const;

  /// Whether the table is so full that insertions become slow or have run out of place.
  bool should_grow() const { return !overflow_.is_empty() || size_.load(std::memory_order_relaxed) > threshold_; }

  /// bytes() after grow(). Growth needs no more on its way, up to some 100 KiB.
  std::uint64_t grown_bytes() const;

  /// Makes more room, by halving the entries where that is possible and by more buckets otherwise. Requires: no thread
  /// else uses the table. False, and unchanged, when the system gives no memory. Cost: all entries are written once,
  /// from one end to the other.
  bool grow(unsigned threads = 1);

  /// Room for so many numbers before growth is due. Requires: an empty table that no other thread uses. False, and
  /// unchanged, when the system gives no memory.
  bool reserve(std::uint64_t numbers);

  /// bytes() of a table after reserve(numbers), and the greatest number of bits for which its entries have 4 bytes.
  static std::uint64_t bytes_for(std::uint32_t bits, std::uint64_t numbers, bool in_small_steps);
  static std::uint32_t small_entry_bits(std::uint64_t numbers, bool in_small_steps);

  /// Visits every number of one of `parts` parts of the table, in no order. Requires: no thread inserts.
  void for_each(std::uint32_t part, std::uint32_t parts, const std::function<void(std::uint64_t)>& visit) const;

  std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }
  std::uint64_t bytes() const { return memory_.bytes(); }
  double fill() const { return static_cast<double>(size()) / static_cast<double>(shape_.capacity()); }
  const Shape& shape() const { return shape_; }

  bool save(CheckedWriter& file) const;

  /// Replaces this table by one that was saved with the same bits. False, and in no usable state, when that fails.
  bool load(CheckedReader& file);

  /// For measurements and tests: the share of capacity at which should_grow() says so.
  void set_fill_limit(double share);

 private:
  bool is_final() const;
  void adopt(const Shape& shape);

  Shape shape_;
  Mapping memory_;
  std::uint64_t threshold_ = 0;
  bool is_alone_ = false;
  alignas(64) std::atomic<std::uint64_t> size_{0};
  quotient::Overflow overflow_;
};

}  // namespace quiesce::checker

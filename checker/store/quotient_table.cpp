// Invariants of the table. They hold whenever no thread is inside grow() or load().
// (1) An entry is 0 (empty) or never changes again. Entries are written by compare-and-swap from 0 only.
// (2) An entry stands at the first place that was empty, counted from its home bucket on and from left to right in each
//     bucket, when it was written: all places before it are filled, and stay filled by (1).
// (3) No number stands twice. The thread that writes it has seen every place before its own filled by another number. Had it
//     been written twice, the later of the two places comes with having seen the earlier one filled by something else,
//     which (1) excludes. It is enough for this that each place alone behaves as one atomic variable; no order between
//     places is needed, so all accesses are relaxed.
//     Vector loads read a bucket at once. x86 reads each aligned entry of 4 or 8 bytes in one piece; the C++ memory
//     model has no words for it, so the thread sanitizer and other processors get a loop over atomic references. What
//     was loaded is compared twice, and must not be loaded twice: an entry that is empty when compared with the number
//     and filled with it when compared with nothing would be passed over (GCC 12 did that; the tests notice).
// (4) A look-up may stop at the first empty place: by (2) the number cannot stand behind it.
// (5) Home, remainder and distance determine the number: see number_at() and home_of(), each other's inverse.
// (6) A number that finds no place within the greatest distance goes into the overflow, under a lock. All places that
//     it may have are filled and stay so; a search for it comes to the overflow too, until growth makes places.
// (7) Buckets behind the last home take up what is displaced beyond it: there are more of them than the greatest
//     distance, so that a search never wraps round. So places are in the order of mixed numbers, up to displacement,
//     and a larger table is filled from the old one in the same memory: grow().
// tests/visited_set/visited_set.qsm is this algorithm as a design of ours, right as it is, and broken when the
// compare-and-swap, the single load, or the safe point of growth is left out.

#include "checker/store/quotient_table.h"

// Highway compiles this file once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "checker/store/quotient_table.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h stands before highway.h.
#include <hwy/highway.h>

#ifndef QUIESCE_CHECKER_STORE_QUOTIENT_TABLE_ONCE
#define QUIESCE_CHECKER_STORE_QUOTIENT_TABLE_ONCE

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "checker/store/quotient.h"
#include "model/base/internal_check.h"

#if defined(__SANITIZE_THREAD__)
#define QUIESCE_ATOMIC_BUCKETS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define QUIESCE_ATOMIC_BUCKETS 1
#endif
#endif
#ifndef QUIESCE_ATOMIC_BUCKETS
#define QUIESCE_ATOMIC_BUCKETS 0
#endif

namespace quiesce::checker::quotient {

// Linear probing has a long tail: at 0.8 of 4-byte entries distances reach 30, at 0.9 some 60 and more (measured on
// 10^7 random numbers; structured ones do not differ). Five bits are enough to begin with.
constexpr std::uint32_t kMaxDistanceBits = 8;
constexpr std::uint32_t kMinDistanceBits = 5;
constexpr std::uint64_t kSpareBuckets = std::uint64_t{1} << kMaxDistanceBits;

// Growth reads old buckets from the last to the first and writes new ones at or behind them. Only near the beginning
// can a displaced entry's new home be in front of what is still to be read, so that many buckets are set aside:
// a home at least 4/3 as far, minus a distance of at most 254, is behind bucket 1016 and all later ones.
constexpr std::uint64_t kSetAside = 1024;

/// Calls `take(mixed)` for each entry of a bucket that has been copied out of the table.
template <typename Entry, typename Take>
void for_each_entry(const Shape& shape, std::uint64_t bucket, const Entry* entries, Take take) {
  constexpr std::uint32_t kEntries = QuotientTable::kBucketBytes / sizeof(Entry);
  const Entry distance_mask = static_cast<Entry>((Entry{1} << shape.distance_bits) - 1);
  for (std::uint32_t i = 0; i < kEntries && entries[i] != 0; ++i) {
    const std::uint64_t distance = (entries[i] & distance_mask) - 1;
    take(number_at(shape, bucket - distance, entries[i] >> shape.distance_bits));
  }
}

/// The entries of some buckets, to be moved within the memory of a table from its old shape to a new one.
struct Move {
  std::byte* buckets = nullptr;
  Shape from;
  Shape to;
  const std::byte* copy = nullptr;  // of all old buckets from 0 on, when they were set aside; else they are taken out
  std::uint64_t begin = 0;          // old buckets: first...
  std::uint64_t end = 0;            // ...and one past the last
  bool ascending = false;
  std::uint64_t first_home = 0;  // entries of other new homes are not placed but given back
  std::uint64_t end_home = 0;
};

}  // namespace quiesce::checker::quotient

#endif  // QUIESCE_CHECKER_STORE_QUOTIENT_TABLE_ONCE

HWY_BEFORE_NAMESPACE();
namespace quiesce::checker::quotient::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::ptrdiff_t kFull = -1;   // no place is empty
constexpr std::ptrdiff_t kFound = -2;  // a place holds the entry

/// What one look at a bucket shows: kFound, else the first empty place, else kFull. `kFind`: whether there is an entry
/// to be found.
template <bool kFind, typename Entry>
HWY_INLINE std::ptrdiff_t look(Entry* bucket, Entry entry) {
  constexpr std::size_t kEntries = QuotientTable::kBucketBytes / sizeof(Entry);
#if QUIESCE_ATOMIC_BUCKETS || !HWY_ARCH_X86 || HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  for (std::size_t i = 0; i < kEntries; ++i) {
    const Entry here = std::atomic_ref<Entry>(bucket[i]).load(std::memory_order_relaxed);
    if (kFind && here == entry) return kFound;
    if (here == 0) return static_cast<std::ptrdiff_t>(i);
  }
  return kFull;
#else
  const hn::CappedTag<Entry, kEntries> d;
  const auto wanted = hn::Set(d, entry);
  const auto empty = hn::Zero(d);
  for (std::size_t i = 0; i < kEntries; i += hn::Lanes(d)) {
    auto here = hn::Load(d, bucket + i);
    // To the compiler this is a new value, which it has in a register only (invariant (3)), and memory has changed:
    // another look at the bucket loads it again.
    asm volatile("" : "+v"(here.raw) : : "memory");
    // Most numbers are known, and where the entry stands does not matter: nothing waits for its position.
    if (kFind && !hn::AllFalse(d, hn::Eq(here, wanted))) return kFound;
    const std::ptrdiff_t at = hn::FindFirstTrue(d, hn::Eq(here, empty));
    if (at >= 0) return static_cast<std::ptrdiff_t>(i) + at;
  }
  return kFull;
#endif
}

enum class Put { New, Known, Full };

/// Puts an entry into one bucket; Full when that has no place. Keeps invariants (1) to (4) for a caller that asks one bucket
/// after the other. `kAlone`: no other thread inserts.
template <typename Entry, bool kAlone>
HWY_INLINE Put put_into(Entry* bucket, Entry entry) {
  for (;;) {
    const std::ptrdiff_t at = look<true>(bucket, entry);
    if (at == kFound) return Put::Known;
    if (at == kFull) return Put::Full;
    if constexpr (kAlone) {
      bucket[at] = entry;
      return Put::New;
    }
    Entry here = 0;
    if (std::atomic_ref<Entry>(bucket[at]).compare_exchange_strong(here, entry, std::memory_order_relaxed)) {
      return Put::New;
    }
    if (here == entry) return Put::Known;
    // Another thread filled the place with another number: what was seen of the bucket is out of date.
  }
}

/// A number whose home bucket holds others.
template <typename Entry>
struct Pending {
  Entry* bucket;  // where to look next
  Entry entry;
  std::uint32_t position;  // in the group
};

template <typename Entry, bool kAlone>
std::size_t insert_as(std::byte* buckets, const Shape& of_table, Overflow& overflow, const std::uint64_t* numbers,
                      std::size_t count, std::uint8_t* is_new) {
  const Shape shape = of_table;  // of our own, so that it can stay in registers
  // So many cache lines are on their way at once: more than the processor can have in flight, few enough that none is
  // evicted again before its turn. While one group is looked up, the next is fetched; what its home bucket is too full
  // for waits for the end of the group, so that the next bucket is fetched too (measured: together a seventh of the
  // time of large searches).
  constexpr std::size_t kGroup = 64;
  constexpr std::size_t kEntries = QuotientTable::kBucketBytes / sizeof(Entry);
  std::array<Place, kGroup> places;
  std::array<Pending<Entry>, kGroup + 1> pending;  // one more: written before it is known whether it counts
  const auto fetch = [&](std::size_t i) HWY_ATTR __attribute__((always_inline)) {
    Place& place = places[i % kGroup];
    place = home_of(mixed(numbers[i], shape.bits), shape.homes, shape.remainder_bits);
    __builtin_prefetch(buckets + place.home * QuotientTable::kBucketBytes);
  };
  for (std::size_t i = 0; i < std::min(kGroup, count); ++i) fetch(i);
  for (std::size_t begin = 0; begin < count; begin += kGroup) {
    if (overflow.is_full()) return begin;
    const std::size_t size = std::min(kGroup, count - begin);
    std::size_t waiting = 0;
    const auto put = [&](Entry * bucket, Entry entry, std::uint32_t position) HWY_ATTR __attribute__((always_inline)) {
      const Put done = put_into<Entry, kAlone>(bucket, entry);
      is_new[begin + position] = done == Put::New ? 1 : 0;
      pending[waiting] = {bucket + kEntries, static_cast<Entry>(entry + 1), position};
      if (done != Put::Full) return;
      __builtin_prefetch(bucket + kEntries);
      ++waiting;
    };
    for (std::uint32_t i = 0; i < size; ++i) {
      const Place place = places[i];
      if (begin + kGroup + i < count) fetch(begin + kGroup + i);
      put(reinterpret_cast<Entry*>(buckets + place.home * QuotientTable::kBucketBytes),
          static_cast<Entry>((place.remainder << shape.distance_bits) | 1), i);
    }
    for (std::uint64_t distance = 1; waiting > 0 && distance <= shape.max_distance(); ++distance) {
      const std::size_t all = waiting;
      waiting = 0;
      for (std::size_t i = 0; i < all; ++i) put(pending[i].bucket, pending[i].entry, pending[i].position);
    }
    for (std::size_t i = 0; i < waiting; ++i) {
      const std::size_t position = begin + pending[i].position;
      is_new[position] = overflow.add(mixed(numbers[position], shape.bits)) ? 1 : 0;
    }
  }
  return count;
}

std::size_t insert(std::byte* buckets, const Shape& shape, bool is_alone, Overflow& overflow,
                   const std::uint64_t* numbers, std::size_t count, std::uint8_t* is_new) {
  if (shape.entry_bytes == 4) {
    return is_alone ? insert_as<std::uint32_t, true>(buckets, shape, overflow, numbers, count, is_new)
                    : insert_as<std::uint32_t, false>(buckets, shape, overflow, numbers, count, is_new);
  }
  return is_alone ? insert_as<std::uint64_t, true>(buckets, shape, overflow, numbers, count, is_new)
                  : insert_as<std::uint64_t, false>(buckets, shape, overflow, numbers, count, is_new);
}

/// How many entries stand in the buckets that were filled last. While entries are moved in the order of their homes,
/// this saves looking at the bucket (a vector load right after a narrow store to the same line waits for the store:
/// measured, that was three quarters of the cost of growth).
template <typename Entry>
class RecentFill {
 public:
  /// The first empty place of a bucket, counted as filled from now on; -1 when there is none.
  HWY_INLINE std::ptrdiff_t take_place(Entry* bucket, std::uint64_t number) {
    constexpr std::ptrdiff_t kEntries = QuotientTable::kBucketBytes / sizeof(Entry);
    Known& known = known_[number % known_.size()];
    if (known.bucket != number) {
      const std::ptrdiff_t at = look<false>(bucket, Entry{0});
      known = {number, at == kFull ? kEntries : at};
    }
    return known.filled == kEntries ? -1 : known.filled++;
  }

 private:
  struct Known {
    std::uint64_t bucket = ~std::uint64_t{0};
    std::ptrdiff_t filled = 0;
  };
  std::array<Known, 256> known_;
};

/// Puts an entry that is known to be missing, while no other thread writes near its home. False: no place.
template <typename Entry>
HWY_INLINE bool place_missing(std::byte* buckets, const Shape& shape, const Place& place, RecentFill<Entry>& fill) {
  auto* bucket = reinterpret_cast<Entry*>(buckets + place.home * QuotientTable::kBucketBytes);
  for (std::uint64_t distance = 0; distance <= shape.max_distance(); ++distance) {
    const std::ptrdiff_t at = fill.take_place(bucket, place.home + distance);
    if (at >= 0) {
      bucket[at] = static_cast<Entry>((place.remainder << shape.distance_bits) | (distance + 1));
      return true;
    }
    bucket += QuotientTable::kBucketBytes / sizeof(Entry);
  }
  return false;
}

template <typename From, typename To>
void move_as(const Move& move, std::vector<std::uint64_t>& left_out) {
  constexpr std::size_t kBytes = QuotientTable::kBucketBytes;
  constexpr std::size_t kEntries = kBytes / sizeof(From);
  // Of our own and used directly, so that they can stay in registers.
  const Shape from = move.from;
  const Shape to = move.to;
  const From distance_mask = static_cast<From>((From{1} << from.distance_bits) - 1);
  RecentFill<To> fill;
  alignas(64) From entries[kEntries];
  for (std::uint64_t i = move.begin; i < move.end; ++i) {
    const std::uint64_t bucket = move.ascending ? i : move.end - 1 - (i - move.begin);
    if (move.copy != nullptr) {
      std::memcpy(entries, move.copy + bucket * kBytes, kBytes);
    } else {
      std::memcpy(entries, move.buckets + bucket * kBytes, kBytes);
      std::memset(move.buckets + bucket * kBytes, 0, kBytes);
    }
    for (std::size_t at = 0; at < kEntries && entries[at] != 0; ++at) {
      const std::uint64_t home = bucket - ((entries[at] & distance_mask) - 1);
      const std::uint64_t mixed = number_at(from, home, entries[at] >> from.distance_bits);
      const Place place = home_of(mixed, to.homes, to.remainder_bits);
      if (place.home < move.first_home || place.home >= move.end_home ||
          !place_missing(move.buckets, to, place, fill)) {
        left_out.push_back(mixed);
      }
    }
  }
}

/// Adds to `left_out` what is not placed.
void move_entries(const Move& move, std::vector<std::uint64_t>& left_out) {
  if (move.from.entry_bytes == 4) {
    move_as<std::uint32_t, std::uint32_t>(move, left_out);
  } else if (move.to.entry_bytes == 4) {
    move_as<std::uint64_t, std::uint32_t>(move, left_out);
  } else {
    move_as<std::uint64_t, std::uint64_t>(move, left_out);
  }
}

/// Places mixed numbers that are known to be missing; keeps in the list those that find no place.
void place_all(std::byte* buckets, const Shape& shape, std::vector<std::uint64_t>& list) {
  RecentFill<std::uint32_t> small;
  RecentFill<std::uint64_t> large;
  std::vector<std::uint64_t> left_out;
  for (const std::uint64_t mixed : list) {
    const Place place = home_of(mixed, shape.homes, shape.remainder_bits);
    const bool placed = shape.entry_bytes == 4 ? place_missing(buckets, shape, place, small)
                                               : place_missing(buckets, shape, place, large);
    if (!placed) left_out.push_back(mixed);
  }
  list.swap(left_out);
}

}  // namespace quiesce::checker::quotient::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace quiesce::checker {

namespace quotient {

HWY_EXPORT(insert);
HWY_EXPORT(move_entries);
HWY_EXPORT(place_all);

namespace {

constexpr std::uint32_t kFirstPower = 10;                       // 64 KiB
constexpr std::uint64_t kTinyBytes = std::uint64_t{8} << 20;    // below, growth quadruples
constexpr std::uint64_t kSmallBytes = std::uint64_t{64} << 20;  // below, it doubles
constexpr unsigned kSmallerSteps = 3;                           // in small steps: of a 2^kSmallerSteps-th of these
constexpr std::uint64_t kBucketsPerThread = 1 << 13;            // fewer are not worth a thread

Shape with_entries(Shape shape, std::uint32_t entry_bytes) {
  shape.entry_bytes = entry_bytes;
  shape.distance_bits = std::min(kMaxDistanceBits, entry_bytes * 8 - shape.remainder_bits);
  return shape;
}

bool fits_small(const Shape& shape) { return shape.remainder_bits + kMinDistanceBits <= 32; }

Shape first_shape(std::uint32_t bits, bool in_small_steps) {
  Shape shape = shape_of(bits, 1, std::min(bits, kFirstPower));
  shape.in_small_steps = in_small_steps;
  return with_entries(shape, fits_small(shape) ? 4 : 8);
}

/// What grow() makes of a shape. Requires: not final.
Shape next_shape(const Shape& shape) {
  if (shape.entry_bytes == 8 && fits_small(shape)) return with_entries(shape, 4);
  const unsigned smaller = shape.in_small_steps ? kSmallerSteps : 0;
  Shape next;
  if (shape.factor == 3) {
    next = shape_of(shape.bits, 1, shape.power + 2);
  } else if (shape.bytes() < kSmallBytes >> smaller) {
    const std::uint32_t steps = shape.bytes() < kTinyBytes >> smaller ? 2 : 1;
    next = shape_of(shape.bits, 1, std::min(shape.bits, shape.power + steps));
  } else {
    next = shape_of(shape.bits, 3, shape.power - 1);  // half as much again, not twice: the table stays fuller
  }
  next.in_small_steps = shape.in_small_steps;
  return with_entries(next, shape.entry_bytes);
}

/// Splits a move over threads. Each has a range of old buckets, and new homes of its own: those so near to the next
/// thread's that an entry could be displaced over the border are left out, as are those before its first.
/// `margin`: that many homes before the border.
void move_in_parallel(const Move& whole, std::uint64_t margin, unsigned threads, std::vector<std::uint64_t>& left_out) {
  const auto first_home_of = [&](std::uint64_t bucket) {
    return static_cast<std::uint64_t>(Wide{bucket} * whole.to.homes / whole.from.homes);
  };
  std::vector<std::vector<std::uint64_t>> of_thread(threads);
  std::vector<std::thread> pool;
  for (unsigned t = 0; t < threads; ++t) {
    Move move = whole;
    move.begin = whole.begin + (whole.end - whole.begin) * t / threads;
    move.end = whole.begin + (whole.end - whole.begin) * (t + 1) / threads;
    move.first_home = std::max(whole.first_home, first_home_of(move.begin));
    if (t + 1 < threads) {
      const std::uint64_t border = first_home_of(move.end);
      move.end_home = border > margin ? border - margin : 0;
    }
    const auto work = [move, &list = of_thread[t]] { HWY_DYNAMIC_DISPATCH(move_entries)(move, list); };
    if (t + 1 < threads) {
      pool.emplace_back(work);
    } else {
      work();
    }
  }
  for (std::thread& thread : pool) thread.join();
  for (const auto& list : of_thread) left_out.insert(left_out.end(), list.begin(), list.end());
}

/// Moves all entries from the old shape to the new one in the same memory. Adds to `homeless` what finds no place.
void rehome(std::byte* buckets, const Shape& from, const Shape& to, unsigned threads,
            std::vector<std::uint64_t>& homeless) {
  constexpr std::size_t kBytes = QuotientTable::kBucketBytes;
  const std::uint64_t old_buckets = from.homes + kSpareBuckets;
  const auto threads_for = [&](std::uint64_t count) {
    return static_cast<unsigned>(std::clamp<std::uint64_t>(count / kBucketsPerThread, 1, std::max(1u, threads)));
  };
  Move move;
  move.buckets = buckets;
  move.from = from;
  move.to = to;
  move.end_home = to.homes;
  std::vector<std::uint64_t> left_out;
  if (from.homes == to.homes) {
    // Smaller entries in the same buckets: in ascending order every entry lands where it was or before. For by
    // induction nothing from an earlier bucket lands behind that bucket, so its own has room for what it held.
    move.end = old_buckets;
    move.ascending = true;
    move_in_parallel(move, 0, threads_for(old_buckets), left_out);
  } else {
    const std::uint64_t aside = std::min(kSetAside, old_buckets);
    std::vector<std::uint64_t> front(aside * kBytes / sizeof(std::uint64_t));
    std::memcpy(front.data(), buckets, aside * kBytes);
    std::memset(buckets, 0, aside * kBytes);
    // From the end on, in ranges that are written behind what they are read from, so that threads can share a range.
    move.end = old_buckets;
    while (move.end > aside) {
      const auto behind = static_cast<std::uint64_t>((Wide{move.end} * from.homes + to.homes - 1) / to.homes);
      move.begin = std::max(aside, behind);
      const unsigned sharing = move.begin < move.end ? threads_for(move.end - move.begin) : 1;
      if (sharing == 1) {
        // The rest by one thread, which needs no distance between reading and writing.
        move.begin = aside;
        move.first_home = 0;
        HWY_DYNAMIC_DISPATCH(move_entries)(move, left_out);
      } else {
        move.first_home = move.end;
        move_in_parallel(move, to.max_distance() + 1, sharing, left_out);
      }
      move.end = move.begin;
    }
    move.begin = 0;
    move.end = aside;
    move.first_home = 0;
    move.copy = reinterpret_cast<const std::byte*>(front.data());
    HWY_DYNAMIC_DISPATCH(move_entries)(move, left_out);
  }
  HWY_DYNAMIC_DISPATCH(place_all)(buckets, to, left_out);
  homeless.insert(homeless.end(), left_out.begin(), left_out.end());
}

/// Measured (bench/micro; 5.7e7 states on 2 threads take as long with 0.84 and with 0.87, a fifth longer with 0.90):
/// beyond these shares unsuccessful searches touch a second cache line too often.
double fill_limit(const Shape& shape) { return shape.entry_bytes == 4 ? 0.87 : 0.80; }

/// The first shape with room for so many numbers.
Shape shape_for(std::uint32_t bits, std::uint64_t numbers, bool in_small_steps) {
  Shape shape = first_shape(bits, in_small_steps);
  while (shape.remainder_bits > 0 &&
         fill_limit(shape) * static_cast<double>(shape.capacity()) <= static_cast<double>(numbers)) {
    shape = next_shape(shape);
  }
  return shape;
}

}  // namespace
}  // namespace quotient

bool quotient::Overflow::add(std::uint64_t mixed) {
  const std::lock_guard lock(mutex_);
  const auto at = std::lower_bound(numbers_.begin(), numbers_.end(), mixed);
  if (at != numbers_.end() && *at == mixed) return false;
  numbers_.insert(at, mixed);
  size_.store(numbers_.size(), std::memory_order_relaxed);
  return true;
}

bool quotient::Overflow::contains(std::uint64_t mixed) const {
  if (is_empty()) return false;
  const std::lock_guard lock(mutex_);
  return std::binary_search(numbers_.begin(), numbers_.end(), mixed);
}

std::vector<std::uint64_t> quotient::Overflow::all() const {
  const std::lock_guard lock(mutex_);
  return numbers_;
}

std::vector<std::uint64_t> quotient::Overflow::take() {
  const std::lock_guard lock(mutex_);
  size_.store(0, std::memory_order_relaxed);
  return std::exchange(numbers_, {});
}

void quotient::Overflow::put_back(std::vector<std::uint64_t> mixed) {
  const std::lock_guard lock(mutex_);
  numbers_ = std::move(mixed);
  std::sort(numbers_.begin(), numbers_.end());
  size_.store(numbers_.size(), std::memory_order_relaxed);
}

std::uint64_t quotient::Shape::bytes() const { return (homes + kSpareBuckets) * kBucketBytes; }

QuotientTable::QuotientTable(std::uint32_t bits, bool in_small_steps) {
  QUIESCE_CHECK(bits >= 1 && bits <= 64) << bits;
  const Shape shape = quotient::first_shape(bits, in_small_steps);
  if (!memory_.grow(shape.bytes())) throw std::bad_alloc();
  adopt(shape);
}

void QuotientTable::adopt(const Shape& shape) {
  shape_ = shape;
  set_fill_limit(quotient::fill_limit(shape));
}

void QuotientTable::set_fill_limit(double share) {
  threshold_ = static_cast<std::uint64_t>(share * static_cast<double>(shape_.capacity()));
}

/// Every number has a home of its own: nothing can ever run full.
bool QuotientTable::is_final() const { return shape_.remainder_bits == 0; }

std::size_t QuotientTable::insert(const std::uint64_t* numbers, std::size_t count, std::uint8_t* is_new) {
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(quotient::insert)(memory_.data(), shape_, is_alone_, overflow_, numbers, count, is_new);
  std::uint64_t added = 0;
  for (std::size_t i = 0; i < done; ++i) added += is_new[i];
  if (added != 0) size_.fetch_add(added, std::memory_order_relaxed);
  return done;
}

bool QuotientTable::contains(std::uint64_t number) const {
  const quotient::Place place =
      quotient::home_of(quotient::mixed(number, shape_.bits), shape_.homes, shape_.remainder_bits);
  const auto find = [&]<typename Entry>(Entry* bucket) {
    for (std::uint64_t distance = 0; distance <= shape_.max_distance(); ++distance) {
      const auto wanted = static_cast<Entry>((place.remainder << shape_.distance_bits) | (distance + 1));
      for (std::size_t i = 0; i < kBucketBytes / sizeof(Entry); ++i, ++bucket) {
        const Entry here = std::atomic_ref<Entry>(*bucket).load(std::memory_order_relaxed);
        if (here == wanted) return true;
        if (here == 0) return false;
      }
    }
    return false;
  };
  std::byte* home = memory_.data() + place.home * kBucketBytes;
  const bool is_there = shape_.entry_bytes == 4 ? find(reinterpret_cast<std::uint32_t*>(home))
                                                : find(reinterpret_cast<std::uint64_t*>(home));
  return is_there || overflow_.contains(quotient::mixed(number, shape_.bits));
}

std::uint64_t QuotientTable::grown_bytes() const {
  return is_final() ? bytes() : std::max(bytes(), Mapping::rounded(quotient::next_shape(shape_).bytes()));
}

bool QuotientTable::grow(unsigned threads) {
  std::vector<std::uint64_t> homeless = overflow_.take();
  do {
    if (is_final()) break;
    const Shape next = quotient::next_shape(shape_);
    if (next.bytes() > memory_.bytes() && !memory_.grow(next.bytes())) {
      overflow_.put_back(std::move(homeless));
      return false;
    }
    std::vector<std::uint64_t> pending;
    pending.swap(homeless);
    quotient::rehome(memory_.data(), shape_, next, threads, homeless);
    adopt(next);
    HWY_DYNAMIC_DISPATCH(quotient::place_all)(memory_.data(), shape_, pending);
    homeless.insert(homeless.end(), pending.begin(), pending.end());
  } while (!homeless.empty());
  QUIESCE_CHECK(homeless.empty()) << "entries without a home in a table of homes for all";
  return true;
}

bool QuotientTable::reserve(std::uint64_t numbers) {
  QUIESCE_CHECK(size() == 0) << size();
  const Shape shape = quotient::shape_for(shape_.bits, numbers, shape_.in_small_steps);
  if (shape.bytes() > memory_.bytes() && !memory_.grow(shape.bytes())) return false;
  adopt(shape);
  return true;
}

std::uint64_t QuotientTable::bytes_for(std::uint32_t bits, std::uint64_t numbers, bool in_small_steps) {
  return Mapping::rounded(quotient::shape_for(bits, numbers, in_small_steps).bytes());
}

std::uint32_t QuotientTable::small_entry_bits(std::uint64_t numbers, bool in_small_steps) {
  std::uint32_t bits = 32;
  while (bits < 64 && quotient::shape_for(bits + 1, numbers, in_small_steps).entry_bytes == 4) ++bits;
  return bits;
}

void QuotientTable::for_each(std::uint32_t part, std::uint32_t parts,
                             const std::function<void(std::uint64_t)>& visit) const {
  const std::uint64_t buckets = shape_.homes + quotient::kSpareBuckets;
  const auto take = [&](std::uint64_t mixed) { visit(quotient::unmixed(mixed, shape_.bits)); };
  for (std::uint64_t bucket = buckets * part / parts; bucket < buckets * (part + 1) / parts; ++bucket) {
    const std::byte* entries = memory_.data() + bucket * kBucketBytes;
    if (shape_.entry_bytes == 4) {
      quotient::for_each_entry(shape_, bucket, reinterpret_cast<const std::uint32_t*>(entries), take);
    } else {
      quotient::for_each_entry(shape_, bucket, reinterpret_cast<const std::uint64_t*>(entries), take);
    }
  }
  if (part == 0) {
    for (const std::uint64_t mixed : overflow_.all()) take(mixed);
  }
}

namespace {

struct SavedTable {
  std::uint64_t size = 0;
  std::uint32_t bits = 0;
  std::uint32_t factor = 0;
  std::uint32_t power = 0;
  std::uint32_t entry_bytes = 0;
  std::uint64_t overflow = 0;
};

}  // namespace

bool QuotientTable::save(CheckedWriter& file) const {
  const std::vector<std::uint64_t> overflow = overflow_.all();
  const SavedTable header{size(), shape_.bits, shape_.factor, shape_.power, shape_.entry_bytes, overflow.size()};
  return file.write(header) && file.write(memory_.data(), shape_.bytes()) &&
         file.write(overflow.data(), overflow.size() * sizeof(std::uint64_t));
}

bool QuotientTable::load(CheckedReader& file) {
  SavedTable header;
  if (!file.read(header) || header.bits != shape_.bits) return false;
  // Only a shape that growth could have made: from the first on.
  Shape shape = quotient::first_shape(header.bits, shape_.in_small_steps);
  while (shape.factor != header.factor || shape.power != header.power || shape.entry_bytes != header.entry_bytes) {
    if (shape.remainder_bits == 0 || shape.power > 40) return false;
    shape = quotient::next_shape(shape);
  }
  if (shape.bytes() > memory_.bytes() && !memory_.grow(shape.bytes())) return false;
  if (!file.read(memory_.data(), shape.bytes()) || header.overflow > quotient::Overflow::kMost) return false;
  std::vector<std::uint64_t> overflow(header.overflow);
  if (!file.read(overflow.data(), overflow.size() * sizeof(std::uint64_t))) return false;
  std::uint64_t filled = overflow.size();
  const auto count = [&]<typename Entry>(const Entry* entries) {
    for (std::uint64_t i = 0; i < shape.bytes() / sizeof(Entry); ++i) filled += entries[i] != 0;
  };
  if (shape.entry_bytes == 4) {
    count(reinterpret_cast<const std::uint32_t*>(memory_.data()));
  } else {
    count(reinterpret_cast<const std::uint64_t*>(memory_.data()));
  }
  if (filled != header.size) return false;
  adopt(shape);
  size_.store(filled, std::memory_order_relaxed);
  overflow_.put_back(std::move(overflow));
  return true;
}

}  // namespace quiesce::checker

#endif  // HWY_ONCE

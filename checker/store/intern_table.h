// Numbers keys of one or two words: equal keys get equal numbers of 32 bits, and a number gives its key back. The parts
// of wide states are folded with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "checker/store/checked_file.h"
#include "checker/store/mapping.h"

namespace quiesce::checker {

class InternTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  /// Throws std::bad_alloc when there is no memory for the first few pages.
  explicit InternTable(std::uint32_t key_words);

  template <std::size_t kWords>
  static std::uint64_t hash_of(const std::uint64_t* key) {
    std::uint64_t x = key[0] * 0x9E3779B97F4A7C15ULL;
    if constexpr (kWords == 2) {
      const std::uint64_t y = key[1] * 0xD6E8FEB86659FD93ULL;
      x ^= (y << 32 | y >> 32) + 0x2545F4914F6CDD1DULL;
    }
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93ULL;
    return (x ^ (x >> 29)) * 0x94D049BB133111EBULL;
  }
  std::uint64_t hash_of(const std::uint64_t* key) const { return key_words_ == 1 ? hash_of<1>(key) : hash_of<2>(key); }

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(slots() + (hash >> shift_)); }

  /// The number of a key, a new one if it has none yet; kNone when the table is full, and then should_grow() is true.
  /// Any number of threads at once. Requires: hash == hash_of(key), kWords == key_words.
  template <std::size_t kWords>
  std::uint32_t intern(const std::uint64_t* key, std::uint64_t hash);

  /// The number of a key, or kNone.
  std::uint32_t find(const std::uint64_t* key) const;

  /// The key that a number names.
  const std::uint64_t* operator[](std::uint32_t number) const { return keys() + std::size_t{number} * key_words_; }

  bool should_grow() const {
    return is_full_.load(std::memory_order_relaxed) || next_.load(std::memory_order_relaxed) > slots_count() / 8 * 5;
  }

  /// bytes() at the height of grow() and after it.
  std::uint64_t grown_bytes() const;

  /// Doubles the table. Requires: no other thread uses it. False, and nothing lost, when there is no memory or there
  /// are no more numbers.
  bool grow();

  /// Numbers given out; some of them may name nothing.
  std::uint64_t numbers() const { return next_.load(std::memory_order_relaxed); }

  std::uint64_t bytes() const { return slots_memory_.bytes() + keys_memory_.bytes(); }
  double fill() const { return static_cast<double>(next_.load(std::memory_order_relaxed)) / max_numbers(); }

  bool save(CheckedWriter& file) const;

  /// False, and in no usable state, when that fails.
  bool load(CheckedReader& file);

 private:
  std::uint64_t* slots() const { return reinterpret_cast<std::uint64_t*>(slots_memory_.data()); }
  std::uint64_t* keys() const { return reinterpret_cast<std::uint64_t*>(keys_memory_.data()); }
  std::uint64_t slots_count() const { return std::uint64_t{1} << (64 - shift_); }
  std::uint64_t max_numbers() const { return slots_count() / 4 * 3; }
  template <std::size_t kWords>
  bool is_key(std::uint32_t number, const std::uint64_t* key) const {
    const std::uint64_t* here = keys() + std::size_t{number} * kWords;
    return here[0] == key[0] && (kWords == 1 || here[kWords - 1] == key[kWords - 1]);
  }
  template <std::size_t kWords>
  std::uint32_t find_as(const std::uint64_t* key) const;
  bool reserve(std::uint32_t shift);
  void put_all();

  std::uint32_t key_words_;
  std::uint32_t shift_ = 64;
  Mapping slots_memory_;
  Mapping keys_memory_;
  alignas(64) std::atomic<std::uint64_t> next_{0};  // the next number to give out
  std::atomic<bool> is_full_{false};
  std::mutex unused_mutex_;
  std::vector<std::uint32_t> unused_;  // numbers given out but beaten: invariant (3)
};

}  // namespace quiesce::checker

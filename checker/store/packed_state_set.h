// The visited set: all packed states found so far, each with a number in order of discovery. Exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace quiesce::checker {

// Invariants:
// (1) State n stands in chunk n / kChunkStates and never moves, so pointers to states stay valid.
// (2) A slot holds 0, or the number of a state + 1 in its low half and the high half of the state's hash in its high
//     half; it is reached from position (hash & mask) by steps of one through filled slots.
// (3) At most 7 of 8 slots are filled, so every search ends.
// Breadth-first search stores states in the order of their depth, so a level is a range of numbers; parents are not
// stored (a run is found again by searching backwards between levels). 8 bytes per slot beside the state itself.
class PackedStateSet {
 public:
  /// The set of states of `words` 64-bit words.
  explicit PackedStateSet(std::uint32_t words);

  struct Inserted {
    std::uint32_t number = 0;
    bool is_new = false;
  };

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint64_t kMaxStates = 0xFFFFFFFE;

  /// Adds a state unless it is there. Requires: size() < kMaxStates. Throws std::bad_alloc and then is unchanged.
  Inserted insert(const std::uint64_t* state);

  /// The number of a state, or kNone.
  std::uint32_t find(const std::uint64_t* state) const;

  /// State `number`.
  const std::uint64_t* operator[](std::uint32_t number) const {
    return chunks_[number / kChunkStates].get() + std::size_t{number % kChunkStates} * words_;
  }

  std::uint32_t size() const { return size_; }

  /// How full the table is, 0..1.
  double fill() const { return slots_.empty() ? 0 : static_cast<double>(size_) / static_cast<double>(slots_.size()); }

  /// Bytes held now.
  std::uint64_t memory_bytes() const;

  /// The most bytes held at any time: while the table grows, the old one is there too.
  std::uint64_t peak_memory_bytes() const { return std::max(peak_bytes_, memory_bytes()); }

  /// Bytes held at the height of the next insertion: more than memory_bytes() when it has to grow.
  std::uint64_t next_memory_bytes() const;

 private:
  static constexpr std::uint32_t kChunkStates = 1u << 14;

  std::uint64_t hash_of(const std::uint64_t* state) const;
  bool equal(std::uint32_t number, const std::uint64_t* state) const;
  bool is_due_to_grow() const { return (std::uint64_t{size_} + 1) * 8 > std::uint64_t{slots_.size()} * 7; }
  void grow();

  std::uint32_t words_;
  std::uint32_t size_ = 0;
  std::vector<std::unique_ptr<std::uint64_t[]>> chunks_;
  std::vector<std::uint64_t> slots_;
  std::uint64_t peak_bytes_ = 0;
};

}  // namespace quiesce::checker

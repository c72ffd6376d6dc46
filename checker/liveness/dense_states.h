// Packed states with dense numbers from 0, in the order in which they were added: what graphs over states are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace quiesce::checker {

/// Exact. Cost: the words of a state and some 8 bytes of table each.
class DenseStates {
 public:
  explicit DenseStates(std::size_t words) : words_(words), table_(1024, kEmpty) {}

  std::size_t size() const { return states_.size() / words_; }
  const std::uint64_t* operator[](std::size_t number) const { return states_.data() + number * words_; }

  /// The number of `state`, and whether it is new.
  std::pair<std::uint32_t, bool> insert(const std::uint64_t* state);

  std::uint64_t memory_bytes() const {
    return states_.capacity() * sizeof(std::uint64_t) + table_.size() * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
  std::size_t place_of(const std::uint64_t* state) const;
  void grow();

  std::size_t words_;
  std::vector<std::uint64_t> states_;
  std::vector<std::uint32_t> table_;  // open addressing, a power of two, at most half full
};

}  // namespace quiesce::checker

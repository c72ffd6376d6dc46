// The states that a thread generated last. Successors of neighbouring states are often the same (two steps in either
// order lead to one state): those need not go to the visited set again, which costs a random cache line each.
// Measured on the protocols of bench/: 30 to 45 % of all successors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quiesce::checker {

/// A small cache, as large as the first or second level of the processor's. Forgets the older of two states that share
/// a place; never takes one state for another. One per thread.
class RecentStates {
 public:
  /// Of states of so many 64-bit words. Requires: words >= 1.
  explicit RecentStates(std::size_t words);

  /// Copies the states of a list (`words` words each) that are not remembered to `unknown`, which has room for all, in
  /// their order, and remembers them. Returns how many these are.
  std::size_t copy_unknown(const std::uint64_t* states, std::size_t count, std::uint64_t* unknown);

  /// Forgets all: when states that were remembered did not get into the visited set.
  void clear();

 private:
  template <std::size_t kWords>
  std::size_t copy(const std::uint64_t* states, std::size_t count, std::uint64_t* unknown);

  std::size_t words_;
  unsigned shift_;  // from a hash of 64 bits to a place
  std::vector<std::uint64_t> places_;
};

}  // namespace quiesce::checker

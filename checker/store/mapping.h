// Zeroed memory straight from the system that grows without being copied: what the large tables of the visited set
// stand in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quiesce::checker {

/// A block of memory, zero at first. Moves when it grows, but by its page tables, not by its bytes: growing costs no
/// second copy. Blocks of 2 MiB and more are aligned to huge pages and ask for them (random access through small pages
/// is slower by a factor of about 2.7).
class Mapping {
 public:
  Mapping() = default;
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  /// Grows to at least `bytes`, keeps what is there; what is added is zero. False, and unchanged, when the system gives
  /// no memory. Requires: bytes >= bytes().
  bool grow(std::uint64_t bytes);

  std::byte* data() const { return data_; }

  /// Bytes held, touched or not: what was asked for, rounded up to whole pages.
  std::uint64_t bytes() const { return bytes_; }

  /// bytes() after grow(bytes).
  static std::uint64_t rounded(std::uint64_t bytes);

 private:
  std::byte* data_ = nullptr;
  std::uint64_t bytes_ = 0;
};

}  // namespace quiesce::checker
